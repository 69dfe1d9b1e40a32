// Reads Kubernetes manifests as the API server does for server-side apply, with which Helm 4, Flux and Argo CD create
// objects. It refuses, for example, a list with two entries of one key, such as a variable or a mount path.
//
//	apply FILE...
//
// It prints a JSON array with one result for each object. It exits with 1 only if it cannot read a file.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/applyconfigurations"
	"k8s.io/client-go/kubernetes/scheme"
)

// Result is what is wrong with one object.
type Result struct {
	File   string `json:"file"`
	Object string `json:"object"`
	// Custom resources have no rules here: they come with their own definitions.
	Custom   bool     `json:"custom"`
	Problems []string `json:"problems"`
}

var converter = applyconfigurations.NewTypeConverter(scheme.Scheme)

func main() {
	results := []Result{}
	for _, file := range os.Args[1:] {
		objects, err := objectsOf(file)
		if err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", file, err)
			os.Exit(1)
		}
		for _, object := range objects {
			result := read(object)
			result.File = file
			results = append(results, result)
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(results); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func objectsOf(file string) ([]*unstructured.Unstructured, error) {
	opened, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer opened.Close()
	decoder := yaml.NewYAMLOrJSONDecoder(opened, 4096)
	objects := []*unstructured.Unstructured{}
	for {
		object := &unstructured.Unstructured{}
		if err := decoder.Decode(&object.Object); errors.Is(err, io.EOF) {
			return objects, nil
		} else if err != nil {
			return nil, err
		}
		// A document may hold nothing but comments.
		if len(object.Object) > 0 {
			objects = append(objects, object)
		}
	}
}

func read(object *unstructured.Unstructured) Result {
	result := Result{Object: object.GetKind() + "/" + object.GetName(), Problems: []string{}}
	if !scheme.Scheme.Recognizes(object.GroupVersionKind()) {
		result.Custom = true
		return result
	}
	if _, err := converter.ObjectToTyped(object); err != nil {
		result.Problems = append(result.Problems, err.Error())
	}
	return result
}
