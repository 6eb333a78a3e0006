// SPDX-License-Identifier: Apache-2.0

package access

import (
	"context"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/desktop"
)

// Indexed fields.
const (
	byHost    = "status.url"
	byUser    = "spec.user.username"
	byContact = "spec.contact.username"
	byAddress = "spec.contact.email"
	byAsked   = "status.consent.askedOf"
	byAgent   = "spec.agent"
	byTarget  = "spec.workplaceRef.name"
)

// Objects returns how the kinds that the portal watches are cached: of pods,
// only what it takes to reach a desktop.
func Objects() map[client.Object]cache.ByObject {
	return map[client.Object]cache.ByObject{
		&corev1.Pod{}: {
			Label:     labels.SelectorFromSet(labels.Set{v1alpha1.LabelManagedBy: v1alpha1.ManagedBy}),
			Transform: podFacts,
		},
		&v1alpha1.Tenant{}:         {},
		&v1alpha1.Workplace{}:      {},
		&v1alpha1.WorkplaceClass{}: {},
		&v1alpha1.Suspension{}:     {},
		&v1alpha1.SupportSession{}: {},
	}
}

// podFacts keeps of a pod whose it is, where it is and whether it answers.
func podFacts(object any) (any, error) {
	pod, ok := object.(*corev1.Pod)
	if !ok {
		return object, nil
	}
	kept := &corev1.Pod{
		TypeMeta: pod.TypeMeta,
		ObjectMeta: metav1.ObjectMeta{
			Name: pod.Name, Namespace: pod.Namespace, UID: pod.UID, ResourceVersion: pod.ResourceVersion,
			DeletionTimestamp: pod.DeletionTimestamp, OwnerReferences: pod.OwnerReferences,
			Labels: map[string]string{v1alpha1.LabelClass: pod.Labels[v1alpha1.LabelClass]},
		},
		Status: corev1.PodStatus{Phase: pod.Status.Phase, PodIP: pod.Status.PodIP},
	}
	for _, condition := range pod.Status.Conditions {
		if condition.Type == corev1.PodReady {
			kept.Status.Conditions = []corev1.PodCondition{condition}
		}
	}
	return kept, nil
}

// Index adds to a cache the indexes that this package looks things up by.
// Workplaces have their host names below the domain.
func Index(ctx context.Context, indexer client.FieldIndexer, domain string) error {
	for _, index := range []struct {
		object  client.Object
		field   string
		extract func(client.Object) string
	}{
		{&v1alpha1.Workplace{}, byHost, func(o client.Object) string {
			return desktop.Host(o.GetName(), tenantIn(o.GetNamespace()), domain)
		}},
		{&v1alpha1.Workplace{}, byUser, func(o client.Object) string { return string(o.(*v1alpha1.Workplace).Spec.User.Username) }},
		{&v1alpha1.Tenant{}, byContact, func(o client.Object) string {
			if contact := o.(*v1alpha1.Tenant).Spec.Contact; contact != nil {
				return string(contact.Username)
			}
			return ""
		}},
		{&v1alpha1.Tenant{}, byAddress, func(o client.Object) string {
			if contact := o.(*v1alpha1.Tenant).Spec.Contact; contact != nil {
				return strings.ToLower(string(contact.Email))
			}
			return ""
		}},
		{&v1alpha1.SupportSession{}, byAsked, func(o client.Object) string {
			if consent := o.(*v1alpha1.SupportSession).Status.Consent; consent != nil {
				return string(consent.AskedOf)
			}
			return ""
		}},
		{&v1alpha1.SupportSession{}, byAgent, func(o client.Object) string { return string(o.(*v1alpha1.SupportSession).Spec.Agent) }},
		{&v1alpha1.SupportSession{}, byTarget, func(o client.Object) string { return string(o.(*v1alpha1.SupportSession).Spec.WorkplaceRef.Name) }},
	} {
		values := func(o client.Object) []string {
			if value := index.extract(o); value != "" {
				return []string{value}
			}
			return nil
		}
		if err := indexer.IndexField(ctx, index.object, index.field, values); err != nil {
			return fmt.Errorf("index %T by %s: %w", index.object, index.field, err)
		}
	}
	return nil
}

func tenantIn(namespace string) string {
	tenant, _ := strings.CutPrefix(namespace, v1alpha1.NamespacePrefix)
	return tenant
}
