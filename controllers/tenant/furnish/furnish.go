// SPDX-License-Identifier: Apache-2.0

// Package furnish makes what a Tenant has before anybody works there: its
// namespace, what surrounds and bounds that, who may do what in it, and its
// billing account. Each step is a type of its own; none knows of another.
package furnish

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/children"
	"werkplek.dev/werkplek/internal/outcome"
)

// Kinds are what a tenant is furnished with. Whoever changes or removes one has it
// brought back.
func Kinds() []client.Object {
	return []client.Object{
		&corev1.Namespace{}, &corev1.ResourceQuota{}, &corev1.LimitRange{},
		&networkingv1.NetworkPolicy{}, &rbacv1.RoleBinding{}, &rbacv1.ClusterRole{}, &rbacv1.ClusterRoleBinding{},
	}
}

// Hands make and remove objects.
type Hands struct {
	Client client.Client
	Live   client.Reader // asked only where the cache cannot know
}

var furnished = outcome.Ready(v1alpha1.ReasonReady, "the namespace is as it should be")

// about names and marks an object in the tenant's namespace.
func about(tenant *v1alpha1.Tenant, name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Name: name, Namespace: v1alpha1.NamespaceFor(tenant.Name), Labels: labels(tenant)}
}

func labels(tenant *v1alpha1.Tenant) map[string]string {
	return map[string]string{v1alpha1.LabelManagedBy: v1alpha1.ManagedBy, v1alpha1.LabelTenant: tenant.Name}
}

// keep ensures one furnishing; its outcome is not ready while somebody else holds its name.
func keep[T client.Object](
	ctx context.Context, h Hands, kind string, desired T, sync func(existing, desired T) bool,
) (outcome.Outcome, error) {
	_, err := children.Ensure(ctx, h.Client, h.Live, children.Child[T]{
		Kind: kind, Desired: desired, Why: "each tenant has one", Own: marked[T], Sync: sync,
	})
	if foreign, inTheWay := children.InTheWay(err); inTheWay {
		return foreign, nil
	}
	return furnished, err
}

// remove deletes a furnishing that is no longer wanted.
func remove[T client.Object](ctx context.Context, h Hands, object T) (outcome.Outcome, error) {
	err := h.Client.Get(ctx, client.ObjectKeyFromObject(object), object)
	if apierrors.IsNotFound(err) {
		return furnished, nil
	}
	if err != nil {
		return outcome.Outcome{}, err
	}
	if !marked(object) {
		return furnished, nil
	}
	return furnished, children.Delete(ctx, h.Client, object, "nothing asks for it any more")
}

func marked[T client.Object](object T) bool {
	return object.GetLabels()[v1alpha1.LabelManagedBy] == v1alpha1.ManagedBy
}

// replace copies a desired value over an existing one where they differ.
func replace[V any](existing *V, desired V) bool {
	if equality.Semantic.DeepEqual(*existing, desired) {
		return false
	}
	*existing = desired
	return true
}
