// SPDX-License-Identifier: Apache-2.0

// Package contract carries out what the agenda says about a tenant's contract:
// suspensions, made and lifted; charges; notices; changes of plan. Each is a type
// of its own that decides nothing: what is to be done, and in which order, says
// package internal/agenda.
package contract

import (
	"context"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/reconciling"
	"werkplek.dev/werkplek/internal/outcome"
)

// Hands make objects, and tell of what was made.
type Hands struct {
	Client client.Client
	Live   client.Reader // asked only where the cache cannot know
	Tell   func(context.Context, reconciling.Said)
}

var carriedOut = outcome.Ready(v1alpha1.ReasonReady, "what is due was done")

// about names and marks an object in the tenant's namespace. Names follow from
// causes, so that none is made twice.
func about(tenant *v1alpha1.Tenant, name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{
		Name: name, Namespace: v1alpha1.NamespaceFor(tenant.Name),
		Labels: map[string]string{v1alpha1.LabelManagedBy: v1alpha1.ManagedBy, v1alpha1.LabelTenant: tenant.Name},
	}
}

func marked[T client.Object](object T) bool {
	return object.GetLabels()[v1alpha1.LabelManagedBy] == v1alpha1.ManagedBy
}
