// SPDX-License-Identifier: Apache-2.0

// Package changed holds the filters through which controllers look at events, so
// that what a reconciler writes itself does not call it again.
package changed

import (
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"werkplek.dev/werkplek/api/v1alpha1"
)

// Spec passes creations, deletions and changes of the spec.
func Spec() predicate.Predicate { return predicate.GenerationChangedPredicate{} }

// Access passes changed specs of tenants, and contracts that end or go on after all:
// what their users' access depends on, and that of the tenants below, beside suspensions.
func Access() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		was, is := e.ObjectOld.(*v1alpha1.Tenant), e.ObjectNew.(*v1alpha1.Tenant)
		return was.Generation != is.Generation || was.Ended() != is.Ended()
	}}
}

// Existence passes creations and deletions only.
func Existence() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(event.UpdateEvent) bool { return false }}
}
