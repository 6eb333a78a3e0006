// SPDX-License-Identifier: Apache-2.0

package admission

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// A namespace that could lose its label could be deleted after that.
func TestRelabelNamespaces(t *testing.T) {
	t.Parallel()
	ours := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: tenantNamespace(t, "jansen")}}
	other := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: unique("other")}}
	create(t, other)
	keep := []string{"metadata.labels of Namespace " + ours.Name + " must keep werkplek.dev/tenant: jansen", "delete Tenant jansen instead"}
	for _, row := range []struct {
		namespace *corev1.Namespace
		row
	}{
		{ours, refused(`metadata: {labels: {werkplek.dev/tenant: null}}`, keep...)},
		{ours, refused(`metadata: {labels: null}`, keep...)},
		{ours, refused(`metadata: {labels: {werkplek.dev/tenant: pietersen}}`, keep...)},
		{ours, accepted(`metadata: {labels: {pod-security.kubernetes.io/warn: baseline}}`)},
		{ours, accepted(`metadata: {annotations: {note: seen}}`)},
		{other, accepted(`metadata: {labels: {werkplek.dev/tenant: jansen}}`)},
	} {
		t.Run(row.changes, func(t *testing.T) {
			t.Parallel()
			change := patch(t, row.changes)
			expect(t, person().Patch(t.Context(), row.namespace.DeepCopy(), change, client.DryRunAll), row.want...)
			expect(t, operator().Patch(t.Context(), row.namespace.DeepCopy(), change, client.DryRunAll))
		})
	}
}
