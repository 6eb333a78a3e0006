// SPDX-License-Identifier: Apache-2.0

package retention

import (
	"context"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/outcome"
)

// TestNamespaceHoldsUnmarked: what a namespace holds goes along with it, whatever
// its labels. A cache of labelled objects is no proof that nothing is there.
func TestNamespaceHoldsUnmarked(t *testing.T) {
	t.Parallel()
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{
		Name: jansen, Annotations: map[string]string{v1alpha1.AnnotationTenantUID: "uid-jansen"},
	}}
	unmarked := claim("anna")
	unmarked.Labels = nil
	charge := &v1alpha1.Charge{ObjectMeta: marked("c", "")}
	ways := map[string]func(context.Context, Deletion) (outcome.Outcome, error){
		"deleted": func(ctx context.Context, d Deletion) (outcome.Outcome, error) {
			return d.Finish(ctx, tenant(), outcome.Ready(v1alpha1.ReasonNoData, ""))
		},
		"left": func(ctx context.Context, d Deletion) (outcome.Outcome, error) { return d.Leave(ctx, tenant()) },
	}
	for what, row := range map[string]struct {
		there  []client.Object // as the API server knows it; the cache knows of nothing
		fail   string
		reason string
		says   string
	}{
		"nothing":               {nil, "", v1alpha1.ReasonDeleting, ""},
		"a claim without marks": {[]client.Object{unmarked}, "", v1alpha1.ReasonDataKept, "claim home-anna"},
		"a home":                {[]client.Object{claim("anna")}, "", v1alpha1.ReasonDataKept, "homes"},
		"a charge":              {[]client.Object{charge}, "", v1alpha1.ReasonDataKept, "not invoiced"},
		"unread":                {nil, "list PersistentVolumeClaimList", "", ""},
	} {
		for way, remove := range ways {
			t.Run(way+" with "+what, func(t *testing.T) {
				t.Parallel()
				cache, live := newStore(t, namespace.DeepCopy()), newStore(t, append(row.there, namespace.DeepCopy())...)
				live.fail = row.fail
				left, err := remove(t.Context(), Deletion{Client: cache.Client, Live: live.Client})
				if left.Reason != row.reason || !strings.Contains(left.Message, row.says) || (err != nil) != (row.fail != "") {
					t.Errorf("it comes to %s (%v), want %q saying %q", left, err, row.reason, row.says)
				}
				if gone := slices.Contains(cache.done, "delete Namespace "+jansen); gone != (row.reason == v1alpha1.ReasonDeleting) {
					t.Errorf("the namespace was deleted: %t; done was %v", gone, cache.done)
				}
			})
		}
	}
}
