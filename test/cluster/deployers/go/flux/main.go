// Installs, upgrades and uninstalls a release as Flux's helm-controller does: with Helm's library, server-side apply, a
// wait for all objects and Jobs, and a post-renderer that adds Flux's labels to objects and hooks.
//
//	flux install|upgrade|uninstall -context NAME -namespace NAME [-chart DIRECTORY -values FILE] [-hooks combined]
//
// It exits with 1 and the error of Helm if the action fails.
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"time"

	"helm.sh/helm/v4/pkg/action"
	"helm.sh/helm/v4/pkg/chart"
	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/loader"
	"helm.sh/helm/v4/pkg/cli"
	"helm.sh/helm/v4/pkg/kube"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

const release = "rag"

var (
	kubeContext = flag.String("context", "", "context of the kubeconfig")
	namespace   = flag.String("namespace", "", "namespace of the release")
	chartPath   = flag.String("chart", "", "directory of the chart, with its dependencies")
	values      = flag.String("values", "", "file of values")
	// Newer versions of helm-controller leave hooks alone.
	hooks   = flag.String("hooks", string(action.PostRenderStrategyCombined), "combined, separate or nohooks")
	timeout = flag.Duration("timeout", 2*time.Minute, "of the action")
)

func main() {
	if len(os.Args) < 2 {
		fail(fmt.Errorf("usage: flux install|upgrade|uninstall FLAGS"))
	}
	if err := flag.CommandLine.Parse(os.Args[2:]); err != nil {
		fail(err)
	}
	if err := run(os.Args[1]); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func run(verb string) error {
	settings := cli.New()
	settings.KubeContext = *kubeContext
	settings.SetNamespace(*namespace)
	config := action.NewConfiguration()
	if err := config.Init(settings.RESTClientGetter(), *namespace, "secret"); err != nil {
		return err
	}
	switch verb {
	case "install":
		return install(config)
	case "upgrade":
		return upgrade(config)
	case "uninstall":
		return uninstall(config)
	}
	return fmt.Errorf("unknown action %s", verb)
}

func chartAndValues() (chart.Charter, common.Values, error) {
	loaded, err := loader.Load(*chartPath)
	if err != nil {
		return nil, nil, err
	}
	given, err := common.ReadValuesFile(*values)
	return loaded, given, err
}

func install(config *action.Configuration) error {
	install := action.NewInstall(config)
	install.ReleaseName = release
	install.Namespace = *namespace
	install.Timeout = *timeout
	install.WaitStrategy = kube.StatusWatcherStrategy
	install.WaitForJobs = true
	install.PostRenderer = originLabels{}
	install.PostRenderStrategy = action.PostRenderStrategy(*hooks)
	loaded, given, err := chartAndValues()
	if err != nil {
		return err
	}
	_, err = install.RunWithContext(context.Background(), loaded, given)
	return err
}

func upgrade(config *action.Configuration) error {
	upgrade := action.NewUpgrade(config)
	upgrade.Namespace = *namespace
	upgrade.Timeout = *timeout
	upgrade.WaitStrategy = kube.StatusWatcherStrategy
	upgrade.WaitForJobs = true
	upgrade.PostRenderer = originLabels{}
	upgrade.PostRenderStrategy = action.PostRenderStrategy(*hooks)
	loaded, given, err := chartAndValues()
	if err != nil {
		return err
	}
	_, err = upgrade.RunWithContext(context.Background(), release, loaded, given)
	return err
}

func uninstall(config *action.Configuration) error {
	uninstall := action.NewUninstall(config)
	uninstall.Timeout = *timeout
	uninstall.WaitStrategy = kube.StatusWatcherStrategy
	uninstall.DeletionPropagation = "background"
	_, err := uninstall.Run(release)
	return err
}

// originLabels is helm-controller's last post-renderer: every object says which HelmRelease it comes from.
type originLabels struct{}

func (originLabels) Run(manifests *bytes.Buffer) (*bytes.Buffer, error) {
	files := filesys.MakeFsInMemory()
	kustomization := fmt.Sprintf("resources: [all.yaml]\nlabels:\n  - pairs:\n      helm.toolkit.fluxcd.io/name: %s\n"+
		"      helm.toolkit.fluxcd.io/namespace: %s\n", release, *namespace)
	for name, text := range map[string][]byte{"kustomization.yaml": []byte(kustomization), "all.yaml": manifests.Bytes()} {
		if err := files.WriteFile(name, text); err != nil {
			return nil, err
		}
	}
	built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(files, ".")
	if err != nil {
		return nil, err
	}
	text, err := built.AsYaml()
	return bytes.NewBuffer(text), err
}
