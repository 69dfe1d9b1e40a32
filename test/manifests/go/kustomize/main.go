// Builds each file with the engine of `kubectl kustomize`, adding a label to all objects as Flux does to those of a
// Helm release. It refuses, for example, two objects of one kind and name.
//
//	kustomize FILE...
//
// It prints a JSON array with one result for each file. It exits with 1 only if it cannot read a file.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

const kustomization = `resources: [rendered.yaml]
labels:
  - pairs: {helm.toolkit.fluxcd.io/name: release}
`

// Result is why kustomize refuses a file; the problem is empty if it builds.
type Result struct {
	File    string `json:"file"`
	Problem string `json:"problem"`
}

func main() {
	results := []Result{}
	for _, file := range os.Args[1:] {
		text, err := os.ReadFile(file)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		results = append(results, build(file, text))
	}
	if err := json.NewEncoder(os.Stdout).Encode(results); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func build(file string, text []byte) Result {
	files := filesys.MakeFsInMemory()
	for name, content := range map[string][]byte{"kustomization.yaml": []byte(kustomization), "rendered.yaml": text} {
		if err := files.WriteFile(name, content); err != nil {
			return Result{File: file, Problem: err.Error()}
		}
	}
	if _, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(files, "."); err != nil {
		return Result{File: file, Problem: err.Error()}
	}
	return Result{File: file}
}
