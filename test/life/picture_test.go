// SPDX-License-Identifier: Apache-2.0

package life

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
)

// thing is what a picture shows of one object.
type thing struct {
	uid    string
	going  bool
	says   string // its spec and status, where it is a record that grows no more
	stated string // what others say of it: metadata and spec, all but the status
}

// picture is every object that matters of an installation, by kind, namespace and name.
type picture map[string]thing

// records are the kinds whose objects say what was.
var records = []string{"Charge", "LicenseReport", "Notice", "Suspension", "UsageRecord"}

// look takes a picture: all of our kinds, and the namespaces, pods and homes of tenants.
func (s *site) look(ctx context.Context) (picture, error) {
	var definitions apiextensionsv1.CustomResourceDefinitionList
	if err := s.Client.List(ctx, &definitions); err != nil {
		return nil, err
	}
	kinds := []schema.GroupVersionKind{
		{Version: "v1", Kind: "NamespaceList"}, {Version: "v1", Kind: "PodList"}, {Version: "v1", Kind: "PersistentVolumeClaimList"},
	}
	for i := range definitions.Items {
		if spec := &definitions.Items[i].Spec; spec.Group == v1alpha1.GroupVersion.Group {
			kinds = append(kinds, v1alpha1.GroupVersion.WithKind(spec.Names.ListKind))
		}
	}
	seen := picture{}
	for _, kind := range kinds {
		list := &unstructured.UnstructuredList{}
		list.SetGroupVersionKind(kind)
		if err := s.Client.List(ctx, list); err != nil {
			return nil, fmt.Errorf("list %s: %w", kind.Kind, err)
		}
		for i := range list.Items {
			if err := seen.add(&list.Items[i]); err != nil {
				return nil, err
			}
		}
	}
	return seen, nil
}

func (p picture) add(object *unstructured.Unstructured) error {
	if object.GroupVersionKind().Group == "" && !strings.HasPrefix(object.GetNamespace()+object.GetName(), "tenant-") {
		return nil
	}
	// Conditions are the operator's words of a record, and no part of it.
	unstructured.RemoveNestedField(object.Object, "status", "conditions")
	says, err := json.Marshal([]any{object.Object["spec"], object.Object["status"]})
	if err != nil {
		return err
	}
	stated, err := json.Marshal([]any{
		object.GetLabels(), object.GetAnnotations(), object.GetFinalizers(), object.GetOwnerReferences(), object.Object["spec"],
	})
	if err != nil {
		return err
	}
	shown := thing{uid: string(object.GetUID()), going: object.GetDeletionTimestamp() != nil, stated: string(stated)}
	if slices.Contains(records, object.GetKind()) && !grows(object) {
		shown.says = string(says)
	}
	p[object.GetKind()+" "+client.ObjectKeyFromObject(object).String()] = shown
	return nil
}

// holds reports whether one JSON value says all that another says: a later version
// may add what the one before did not know, and changes nothing of what that said.
func holds(later, earlier string) bool {
	if later == earlier {
		return true
	}
	var is, was any
	if json.Unmarshal([]byte(later), &is) != nil || json.Unmarshal([]byte(earlier), &was) != nil {
		return false
	}
	return within(is, was)
}

func within(is, was any) bool {
	switch was := was.(type) {
	case map[string]any:
		fields, ok := is.(map[string]any)
		for key, value := range was {
			ok = ok && within(fields[key], value)
		}
		return ok
	case []any:
		return slices.EqualFunc(entries(is), was, within)
	}
	return is == was
}

func entries(of any) []any {
	all, _ := of.([]any)
	return all
}

func TestHolds(t *testing.T) {
	t.Parallel()
	const was = `[{"reason":"unpaid"},{"lines":[{"quantity":4}]}]`
	for later, want := range map[string]bool{
		was: true,
		`[{"reason":"unpaid"},{"lines":[{"quantity":4,"unit":"user"}],"since":"2026-12-01"}]`: true,
		`[{"reason":"unpaid"},{"lines":[{"quantity":3}]}]`:                                    false,
		`[{"reason":"unpaid"},{"lines":[{"quantity":4},{"quantity":1}]}]`:                     false,
		`[{"reason":"unpaid"},{}]`:        false,
		`[{},{"lines":[{"quantity":4}]}]`: false,
		``:                                false,
	} {
		if got := holds(later, was); got != want {
			t.Errorf("%s holds %s: %v, want %v", later, was, got, want)
		}
	}
}

// grows reports whether a record is of a month that is not over.
func grows(object *unstructured.Unstructured) bool {
	over := map[string]string{"LicenseReport": "finalAt", "UsageRecord": "closedAt"}[object.GetKind()]
	if over == "" {
		return false
	}
	at, found, err := unstructured.NestedString(object.Object, "status", over)
	return err != nil || !found || at == ""
}

// changed lists what of a picture has other labels, annotations, finalizers, owners or
// another spec in a later picture.
func (p picture) changed(later picture) []string {
	var found []string
	for _, name := range slices.Sorted(maps.Keys(p)) {
		if was, is := p[name], later[name]; is.uid == was.uid && is.stated != was.stated {
			found = append(found, fmt.Sprintf("%s is\n  %s\nand was\n  %s", name, is.stated, was.stated))
		}
	}
	return found
}

// count returns how many objects of a kind there are.
func (p picture) count(kind string) int {
	found := 0
	for name := range p {
		if strings.HasPrefix(name, kind+" ") {
			found++
		}
	}
	return found
}

// lost lists what of a picture is gone, is going or is another one in a later
// picture, and what records say there that they did not say before.
func (p picture) lost(later picture) []string {
	var found []string
	for _, name := range slices.Sorted(maps.Keys(p)) {
		was, is := p[name], later[name]
		switch {
		case is.uid == "":
			found = append(found, name+" is gone")
		case is.uid != was.uid:
			found = append(found, name+" is another one of the same name")
		case is.going && !was.going:
			found = append(found, name+" is being deleted")
		case !holds(is.says, was.says):
			found = append(found, fmt.Sprintf("%s says\n  %s\nand said\n  %s", name, is.says, was.says))
		}
	}
	return found
}
