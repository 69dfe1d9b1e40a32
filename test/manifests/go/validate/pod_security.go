package main

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	"k8s.io/kubernetes/pkg/apis/apps"
	"k8s.io/kubernetes/pkg/apis/batch"
	"k8s.io/kubernetes/pkg/apis/core"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

// podSecurity returns what a namespace that enforces the level restricted refuses.
func podSecurity(object runtime.Object) []string {
	template := podTemplateOf(object)
	if template == nil {
		return nil
	}
	pod := corev1.PodTemplateSpec{}
	if err := legacyscheme.Scheme.Convert(template, &pod, nil); err != nil {
		return []string{err.Error()}
	}
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks())
	if err != nil {
		return []string{err.Error()}
	}
	restricted := api.LevelVersion{Level: api.LevelRestricted, Version: api.LatestVersion()}
	texts := []string{}
	for _, check := range evaluator.EvaluatePod(restricted, &pod.ObjectMeta, &pod.Spec) {
		if !check.Allowed {
			texts = append(texts, "pod security restricted: "+check.ForbiddenReason+": "+check.ForbiddenDetail)
		}
	}
	return texts
}

// podTemplateOf returns the pods that an object makes, or nil if it makes none.
func podTemplateOf(object runtime.Object) *core.PodTemplateSpec {
	switch made := object.(type) {
	case *core.Pod:
		return &core.PodTemplateSpec{ObjectMeta: made.ObjectMeta, Spec: made.Spec}
	case *batch.Job:
		return &made.Spec.Template
	case *batch.CronJob:
		return &made.Spec.JobTemplate.Spec.Template
	case *apps.Deployment:
		return &made.Spec.Template
	}
	return nil
}
