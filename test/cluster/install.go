// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// fieldOwner owns the fields that Install applies.
const fieldOwner = client.FieldOwner("werkplek-test")

// Install applies every object in YAML files, and in the YAML files of
// directories, kustomization.yaml aside. Relative paths are the repository's.
// When it returns, the CRDs are served and the admission policies enforced.
func (c *Cluster) Install(ctx context.Context, paths ...string) error {
	var objects []*unstructured.Unstructured
	for _, path := range paths {
		if !filepath.IsAbs(path) {
			path = filepath.Join(Root(), path)
		}
		read, err := readObjects(path)
		if err != nil {
			return err
		}
		objects = append(objects, read...)
	}
	return c.Apply(ctx, objects...)
}

// Apply applies objects as Install does.
func (c *Cluster) Apply(ctx context.Context, objects ...*unstructured.Unstructured) error {
	objects = slices.Clone(objects)
	slices.SortStableFunc(objects, func(a, b *unstructured.Unstructured) int { return rank(a) - rank(b) })
	var crds []string
	policies := false
	for i, object := range objects {
		if err := c.apply(ctx, object); err != nil {
			return err
		}
		if isCRD(object) {
			crds = append(crds, object.GetName())
		}
		policies = policies || isPolicy(object)
		if last := i == len(objects)-1; isCRD(object) && (last || !isCRD(objects[i+1])) {
			if err := c.waitForCRDs(ctx, crds); err != nil {
				return err
			}
		}
	}
	if policies {
		return c.waitForPolicies(ctx)
	}
	return nil
}

func (c *Cluster) apply(ctx context.Context, object *unstructured.Unstructured) error {
	err := c.Client.Apply(ctx, client.ApplyConfigurationFromUnstructured(object.DeepCopy()), fieldOwner, client.ForceOwnership)
	if err != nil {
		return fmt.Errorf("apply %s %s: %w", object.GetKind(), object.GetName(), err)
	}
	return nil
}

// rank orders objects such that what others need comes first, and admission
// policies last: they may refuse the others.
func rank(object *unstructured.Unstructured) int {
	switch {
	case isCRD(object):
		return 0
	case object.GroupVersionKind().GroupKind() == schema.GroupKind{Kind: "Namespace"}:
		return 1
	case isPolicy(object):
		return 3
	default:
		return 2
	}
}

func isCRD(object *unstructured.Unstructured) bool {
	return object.GroupVersionKind().Group == apiextensionsv1.GroupName
}

func isPolicy(object *unstructured.Unstructured) bool {
	return object.GroupVersionKind().Group == "admissionregistration.k8s.io"
}
