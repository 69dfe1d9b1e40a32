// Synchronizes manifests to a namespace once, by Argo CD's engine and in the way of its application controller: each
// step compares the cluster with the manifests again, until the engine reports that the operation has ended.
//
//	gitops -context NAME -namespace NAME < MANIFESTS
//
// It prints the result of each object. It exits with 0 if the synchronization has succeeded, and with 1 if it has failed.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/argoproj/gitops-engine/pkg/cache"
	"github.com/argoproj/gitops-engine/pkg/sync"
	"github.com/argoproj/gitops-engine/pkg/sync/common"
	"github.com/argoproj/gitops-engine/pkg/utils/kube"
	"github.com/argoproj/gitops-engine/pkg/utils/tracing"
	"github.com/go-logr/logr"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// Argo CD marks the objects of an application, hooks too, by this annotation.
const tracking = "argocd.argoproj.io/tracking-id"

const application = "rag"

var (
	kubeContext = flag.String("context", "", "context of the kubeconfig")
	namespace   = flag.String("namespace", "", "namespace of the application")
	timeout     = flag.Duration("timeout", 2*time.Minute, "of the synchronization")
)

func main() {
	flag.Parse()
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	text, err := io.ReadAll(os.Stdin)
	if err != nil {
		return err
	}
	targets, err := kube.SplitYAML(text)
	if err != nil {
		return err
	}
	for _, target := range targets {
		annotations := target.GetAnnotations()
		if annotations == nil {
			annotations = map[string]string{}
		}
		annotations[tracking] = application
		target.SetAnnotations(annotations)
	}
	config, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(clientcmd.NewDefaultClientConfigLoadingRules(),
		&clientcmd.ConfigOverrides{CurrentContext: *kubeContext}).ClientConfig()
	if err != nil {
		return err
	}
	// The engine asks for each kind of objects.
	config.QPS, config.Burst = 100, 200
	live := cache.NewClusterCache(config, cache.SetNamespaces([]string{*namespace}),
		cache.SetPopulateResourceInfoHandler(func(object *unstructured.Unstructured, _ bool) (any, bool) {
			tracked := object.GetAnnotations()[tracking] == application
			return tracked, tracked
		}))
	if err := live.EnsureSynced(); err != nil {
		return err
	}
	return synchronize(config, live, targets)
}

func synchronize(config *rest.Config, live cache.ClusterCache, targets []*unstructured.Unstructured) error {
	kubectl := &kube.KubectlCmd{Log: logr.Discard(), Tracer: tracing.NopTracer{}}
	phase, message := common.OperationRunning, ""
	results := []common.ResourceSyncResult{}
	began := metav1.Now()
	for !phase.Completed() {
		if time.Since(began.Time) > *timeout {
			report(results)
			return fmt.Errorf("the synchronization has not ended: %s", message)
		}
		objects, err := live.GetManagedLiveObjs(targets, func(resource *cache.Resource) bool {
			return resource.Info.(bool)
		})
		if err != nil {
			return err
		}
		operation, end, err := sync.NewSyncContext("1", sync.Reconcile(targets, objects, *namespace, live), config, config,
			kubectl, *namespace, live.GetOpenAPISchema(), sync.WithPrune(true),
			sync.WithInitialState(phase, message, results, began), sync.WithLogr(logr.Discard()))
		if err != nil {
			return err
		}
		operation.Sync()
		phase, message, results = operation.GetState()
		end()
		time.Sleep(time.Second / 2)
	}
	report(results)
	if !phase.Successful() {
		return fmt.Errorf("%s: %s", phase, message)
	}
	return nil
}

func report(results []common.ResourceSyncResult) {
	for _, result := range results {
		fmt.Println(result.SyncPhase, result.ResourceKey.Kind, result.ResourceKey.Name, result.Status, result.HookPhase, result.Message)
	}
}
