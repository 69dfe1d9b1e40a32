// Builds each file with the engine of `kubectl kustomize`, adding a label to all objects as Flux does to those of a
// Helm release. It refuses, for example, two objects of one kind and name.
//
//	kustomize FILE...
//
// It prints a JSON array with one result for each file, and exits with 1 only if it cannot read a file. Without a file
// it is a post-renderer of Helm: it builds its input and prints the objects.
package main

import (
	"encoding/json"
	"fmt"
	"io"
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
	var err error
	if files := os.Args[1:]; len(files) > 0 {
		err = report(files)
	} else {
		err = filter()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func report(files []string) error {
	results := []Result{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		result := Result{File: file}
		if _, err := build(text); err != nil {
			result.Problem = err.Error()
		}
		results = append(results, result)
	}
	return json.NewEncoder(os.Stdout).Encode(results)
}

func filter() error {
	text, err := io.ReadAll(os.Stdin)
	if err != nil {
		return err
	}
	built, err := build(text)
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(built)
	return err
}

func build(text []byte) ([]byte, error) {
	files := filesys.MakeFsInMemory()
	for name, content := range map[string][]byte{"kustomization.yaml": []byte(kustomization), "rendered.yaml": text} {
		if err := files.WriteFile(name, content); err != nil {
			return nil, err
		}
	}
	built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(files, ".")
	if err != nil {
		return nil, err
	}
	return built.AsYaml()
}
