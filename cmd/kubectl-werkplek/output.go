// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"werkplek.dev/werkplek/api/v1alpha1"
)

// The forms in which commands write. Each says which of them it has, in --output.
const (
	asTable = "table"
	asJSON  = "json"
	asYAML  = "yaml"
	asName  = "name"
)

// output is the form that was asked for.
type output struct {
	form  string
	forms []string
}

// outputFlag adds --output with the forms that a command has, the first by default.
func outputFlag(command *cobra.Command, forms ...string) *output {
	o := &output{form: forms[0], forms: forms}
	command.Flags().VarP(o, "output", "o", listed(forms, "or"))
	complete(command, "output", func(*cobra.Command, string) []string { return forms })
	return o
}

// String implements pflag.Value.
func (o *output) String() string { return o.form }

// Type implements pflag.Value; it is what the usage shows as the flag's argument.
func (o *output) Type() string { return "form" }

// Set implements pflag.Value, so that a form that is not there is refused before anything is done.
func (o *output) Set(form string) error {
	if !slices.Contains(o.forms, form) {
		return fmt.Errorf("there are %s", listed(o.forms, "and"))
	}
	o.form = form
	return nil
}

// forPrograms reports whether programs read what is written.
func (o *output) forPrograms() bool { return o != nil && (o.form == asJSON || o.form == asYAML) }

// write writes a value as JSON or YAML, or for people; nothing said is for people.
func (o *output) write(out io.Writer, value any, people func(io.Writer) error) error {
	if !o.forPrograms() {
		return people(out)
	}
	switch o.form {
	case asJSON:
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		encoder.SetEscapeHTML(false)
		return encoder.Encode(value)
	default:
		data, err := yaml.Marshal(value)
		if err != nil {
			return err
		}
		_, err = out.Write(data)
		return err
	}
}

// writeObjects writes objects of the API as kubectl does, or for people.
func writeObjects[T any, P interface {
	*T
	client.Object
}](o *output, out io.Writer, objects []P, people func(io.Writer) error) error {
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		return err
	}
	list := &metav1.List{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "List"}, Items: []runtime.RawExtension{}}
	for _, object := range objects {
		kinds, _, err := scheme.ObjectKinds(object)
		if err != nil {
			return err
		}
		if o.form == asName {
			if _, err := fmt.Fprintln(out, nameOf(kinds[0], object)); err != nil {
				return err
			}
			continue
		}
		full := object.DeepCopyObject().(client.Object)
		full.GetObjectKind().SetGroupVersionKind(kinds[0])
		full.SetManagedFields(nil) // as kubectl leaves them out
		list.Items = append(list.Items, runtime.RawExtension{Object: full})
	}
	if o.form == asName {
		return nil
	}
	return o.write(out, list, people)
}

// nameOf names an object so that kubectl takes it: userrequest.werkplek.dev/eva.
func nameOf(kind schema.GroupVersionKind, object client.Object) string {
	return strings.ToLower(kind.Kind) + "." + kind.Group + "/" + object.GetName()
}

// columns writes rows for people, under a heading.
func columns(out io.Writer, heading string, rows func(row func(cells ...any))) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, strings.ReplaceAll(heading, "|", "\t"))
	rows(func(cells ...any) {
		for i, cell := range cells {
			if i > 0 {
				_, _ = fmt.Fprint(w, "\t")
			}
			_, _ = fmt.Fprint(w, cell)
		}
		_, _ = fmt.Fprintln(w)
	})
	return w.Flush()
}

// listed writes words with commas between, and a word before the last.
func listed(words []string, last string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	end := len(words) - 1
	return strings.Join(words[:end], ", ") + " " + last + " " + words[end]
}
