package main

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	genericapirequest "k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/apiserver/pkg/warning"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	"k8s.io/kubernetes/pkg/registry/apps/deployment"
	"k8s.io/kubernetes/pkg/registry/batch/cronjob"
	"k8s.io/kubernetes/pkg/registry/batch/job"
	"k8s.io/kubernetes/pkg/registry/core/configmap"
	"k8s.io/kubernetes/pkg/registry/core/pod"
	"k8s.io/kubernetes/pkg/registry/core/secret"
	"k8s.io/kubernetes/pkg/registry/core/serviceaccount"
	"k8s.io/kubernetes/pkg/registry/networking/networkpolicy"
)

const namespace = "default"

// strategies are what the API server itself runs for each kind before it stores an object.
var strategies = map[schema.GroupKind]rest.RESTCreateStrategy{
	{Group: "apps", Kind: "Deployment"}:                 deployment.Strategy,
	{Group: "batch", Kind: "CronJob"}:                   cronjob.Strategy,
	{Group: "batch", Kind: "Job"}:                       job.Strategy,
	{Group: "networking.k8s.io", Kind: "NetworkPolicy"}: networkpolicy.Strategy,
	{Kind: "ConfigMap"}:                                 configmap.Strategy,
	{Kind: "Pod"}:                                       pod.Strategy,
	{Kind: "Secret"}:                                    secret.Strategy,
	{Kind: "ServiceAccount"}:                            serviceaccount.Strategy,
}

// create returns what the API server says to the creation of an object: its errors, or else its warnings.
func create(object runtime.Object) []string {
	kinds, _, err := legacyscheme.Scheme.ObjectKinds(object)
	if err != nil {
		return []string{err.Error()}
	}
	strategy, ok := strategies[kinds[0].GroupKind()]
	if !ok {
		return []string{fmt.Sprintf("no validation for %s: add its strategy to create.go", kinds[0].GroupKind())}
	}
	metadata, err := meta.Accessor(object)
	if err != nil {
		return []string{err.Error()}
	}
	if metadata.GetNamespace() == "" {
		metadata.SetNamespace(namespace)
	}
	rest.FillObjectMetaSystemFields(metadata)
	warnings := &recorder{}
	ctx := warning.WithWarningRecorder(genericapirequest.WithNamespace(context.Background(), metadata.GetNamespace()), warnings)
	if err := rest.BeforeCreate(strategy, ctx, object); err != nil {
		return causesOf(err)
	}
	return warnings.texts
}

// causesOf returns one text for each field that is wrong.
func causesOf(err error) []string {
	status, ok := err.(errors.APIStatus)
	if !ok || status.Status().Details == nil || len(status.Status().Details.Causes) == 0 {
		return []string{err.Error()}
	}
	texts := []string{}
	for _, cause := range status.Status().Details.Causes {
		texts = append(texts, cause.Field+": "+cause.Message)
	}
	return texts
}

type recorder struct{ texts []string }

func (r *recorder) AddWarning(_, text string) {
	r.texts = append(r.texts, "warning: "+text)
}
