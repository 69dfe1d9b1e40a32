// Validates Kubernetes manifests as the API server of one Kubernetes version does when it creates the objects:
// strict decoding, defaulting, validation and warnings, then the restricted Pod Security Standard.
//
//	validate FILE...
//
// It prints a JSON array with one result for each object. It exits with 1 only if it cannot read a file.
package main

import (
	"encoding/json"
	"fmt"
	"os"
)

// Result is what the API server answers to the creation of one object.
type Result struct {
	File   string `json:"file"`
	Object string `json:"object"`
	// Custom resources are validated by their own definitions, which are not part of Kubernetes.
	Custom   bool     `json:"custom"`
	Problems []string `json:"problems"`
}

func main() {
	results := []Result{}
	for _, file := range os.Args[1:] {
		documents, err := documentsOf(file)
		if err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", file, err)
			os.Exit(1)
		}
		for _, document := range documents {
			result := validate(document)
			result.File = file
			results = append(results, result)
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(results); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func validate(document document) Result {
	result := Result{Object: document.name(), Custom: document.isCustom(), Problems: []string{}}
	if result.Custom {
		return result
	}
	object, problems := decode(document)
	result.Problems = append(result.Problems, problems...)
	if object != nil {
		result.Problems = append(result.Problems, create(object)...)
		result.Problems = append(result.Problems, podSecurity(object)...)
	}
	return result
}
