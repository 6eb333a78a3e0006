// SPDX-License-Identifier: Apache-2.0

// Package indexes registers every field index that the controllers look things
// up by, in one place.
package indexes

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
)

// Indexed fields.
const (
	TenantTerms    = "spec.termsRef.name"
	TenantReseller = "spec.resellerRef.name"
	WorkplaceClass = "spec.classRef.name"
	// WorkplaceLicense are the licences that workplaces name beyond their class's.
	WorkplaceLicense = "spec.licenses"
	// PodNode is the node that a pod is on.
	PodNode = "spec.nodeName"
)

// Register adds all indexes to a cache.
func Register(ctx context.Context, indexer client.FieldIndexer) error {
	for _, index := range []struct {
		object  client.Object
		field   string
		extract client.IndexerFunc
	}{
		{&v1alpha1.Tenant{}, TenantTerms, func(o client.Object) []string {
			return termsOf(o.(*v1alpha1.Tenant))
		}},
		{&v1alpha1.Tenant{}, TenantReseller, func(o client.Object) []string {
			if ref := o.(*v1alpha1.Tenant).Spec.ResellerRef; ref != nil {
				return []string{string(ref.Name)}
			}
			return nil
		}},
		{&v1alpha1.Workplace{}, WorkplaceClass, func(o client.Object) []string {
			return []string{string(o.(*v1alpha1.Workplace).Spec.ClassRef.Name)}
		}},
		{&v1alpha1.Workplace{}, WorkplaceLicense, func(o client.Object) []string {
			var names []string
			for _, name := range o.(*v1alpha1.Workplace).Spec.Licenses {
				names = append(names, string(name))
			}
			return names
		}},
		{&corev1.Pod{}, PodNode, func(o client.Object) []string {
			if node := o.(*corev1.Pod).Spec.NodeName; node != "" {
				return []string{node}
			}
			return nil
		}},
	} {
		if err := indexer.IndexField(ctx, index.object, index.field, index.extract); err != nil {
			return fmt.Errorf("index %T by %s: %w", index.object, index.field, err)
		}
	}
	return nil
}

// termsOf names the ServiceTerms that decide about a tenant: those that hold, and
// those of a plan that it asked for.
func termsOf(tenant *v1alpha1.Tenant) []string {
	names := []string{string(tenant.TermsNow())}
	if wish := tenant.Spec.PlanChange; wish != nil && wish.TermsRef.Name != tenant.TermsNow() {
		names = append(names, string(wish.TermsRef.Name))
	}
	return names
}
