package main

import (
	"bufio"
	"errors"
	"io"
	"os"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	_ "k8s.io/kubernetes/pkg/apis/apps/install"
	_ "k8s.io/kubernetes/pkg/apis/batch/install"
	_ "k8s.io/kubernetes/pkg/apis/core/install"
	_ "k8s.io/kubernetes/pkg/apis/networking/install"
)

// document is one object of a file, with the fields that name it.
type document struct {
	text              []byte
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
}

func (d document) name() string {
	return d.Kind + "/" + d.ObjectMeta.Name
}

// isCustom reports whether the object belongs to a custom resource definition: the built-in groups have no dot or end
// with .k8s.io.
func (d document) isCustom() bool {
	group := d.GroupVersionKind().Group
	return strings.Contains(group, ".") && !strings.HasSuffix(group, ".k8s.io")
}

// documentsOf reads the objects of a file and skips documents that hold only comments.
func documentsOf(file string) ([]document, error) {
	opened, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer opened.Close()
	reader := yaml.NewYAMLReader(bufio.NewReader(opened))
	documents := []document{}
	for {
		text, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return documents, nil
		}
		if err != nil {
			return nil, err
		}
		document := document{text: text}
		// Mistakes in the metadata are found by the strict decoder, which names the field.
		if err := yaml.Unmarshal(text, &document); err != nil || document.TypeMeta != (metav1.TypeMeta{}) {
			documents = append(documents, document)
		}
	}
}

var codecs = serializer.NewCodecFactory(legacyscheme.Scheme, serializer.EnableStrict)

// decode reads an object as the API server does with fieldValidation=Strict, and applies the defaults. The object is nil
// if it cannot be read at all.
func decode(document document) (runtime.Object, []string) {
	object, _, err := codecs.UniversalDecoder().Decode(document.text, nil, nil)
	if strict, ok := runtime.AsStrictDecodingError(err); ok {
		problems := []string{}
		for _, each := range strict.Errors() {
			problems = append(problems, each.Error())
		}
		return object, problems
	}
	if err != nil {
		return nil, []string{err.Error()}
	}
	return object, nil
}
