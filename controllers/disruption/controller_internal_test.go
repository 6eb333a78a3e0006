// SPDX-License-Identifier: Apache-2.0

package disruption

import (
	"context"
	"slices"
	"testing"
	"time"

	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/events"
	clocktesting "k8s.io/utils/clock/testing"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
	"sigs.k8s.io/controller-runtime/pkg/event"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/reconciling"
)

var noon = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)

// at is a workplace of which the gateway spoke so long ago; idle: of its end.
func at(name string, ago time.Duration, idle bool) *v1alpha1.Workplace {
	w := &v1alpha1.Workplace{ObjectMeta: metav1.ObjectMeta{Namespace: "tenant-jansen", Name: name}}
	moment := metav1.NewTime(noon.Add(-ago))
	w.Status.Activity = &v1alpha1.Activity{LastActive: &moment}
	if idle {
		w.Status.Activity.IdleSince = &moment
	}
	return w
}

func never(name string) *v1alpha1.Workplace {
	w := at(name, 0, false)
	w.Status.Activity = nil
	return w
}

// TestBudget: those who are connected are protected, nobody else, and without them
// there is no budget; nothing is written that does not differ.
func TestBudget(t *testing.T) {
	t.Parallel()
	foreign := budget("jansen", []string{"somebody"})
	foreign.Labels = nil
	for name, c := range map[string]struct {
		there []client.Object
		want  []string // protected; nil: there is no budget of ours
		next  time.Duration
	}{
		"nobody yet":           {there: []client.Object{never("anna")}},
		"nobody any more":      {there: []client.Object{at("anna", time.Minute, true), budget("jansen", []string{"anna"})}},
		"nobody heard of":      {there: []client.Object{at("anna", silence, false), budget("jansen", []string{"anna"})}},
		"one of two":           {there: []client.Object{at("anna", 0, false), at("bert", 0, true)}, want: []string{"anna"}, next: silence},
		"another than before":  {there: []client.Object{at("bert", time.Minute, false), budget("jansen", []string{"anna"})}, want: []string{"bert"}, next: silence - time.Minute},
		"both, in order":       {there: []client.Object{at("bert", 5*time.Minute, false), at("anna", 0, false)}, want: []string{"anna", "bert"}, next: silence - 5*time.Minute},
		"a budget of a person": {there: []client.Object{at("anna", 0, false), foreign}, next: silence},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, writes := reconcilerWith(t, c.there...)
			result := r.reconcile(t)
			if result.RequeueAfter != c.next {
				t.Errorf("looks again in %s, want %s", result.RequeueAfter, c.next)
			}
			found := &policyv1.PodDisruptionBudget{}
			err := r.Client.Get(t.Context(), client.ObjectKey{Namespace: "tenant-jansen", Name: Name}, found)
			if ours := err == nil && own(found); ours != (c.want != nil) {
				t.Fatalf("there is a budget of ours: %t, want %t (%v)", ours, c.want != nil, err)
			}
			if c.want != nil {
				got := found.Spec.Selector.MatchExpressions[0].Values
				if !slices.Equal(got, c.want) || found.Spec.MinAvailable.IntValue() != len(c.want) {
					t.Errorf("protects %v, at least %s; want all of %v", got, found.Spec.MinAvailable, c.want)
				}
			}
			before := *writes
			r.reconcile(t)
			if *writes != before {
				t.Errorf("%d more writes although nothing has changed", *writes-before)
			}
		})
	}
}

// TestComings: the reports that somebody is still connected, every five minutes for
// each workplace, cost nothing.
func TestComings(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		was, is *v1alpha1.Workplace
		want    bool
	}{
		"connects for the first time": {never("anna"), at("anna", 0, false), true},
		"connects again":              {at("anna", time.Hour, true), at("anna", 0, false), true},
		"is still there":              {at("anna", 5*time.Minute, false), at("anna", 0, false), false},
		"is back after a silence":     {at("anna", time.Hour, false), at("anna", 0, false), true},
		"goes":                        {at("anna", time.Minute, false), at("anna", 0, true), true},
		"is still gone":               {at("anna", time.Hour, true), at("anna", time.Hour, true), false},
	} {
		if got := comings().Update(event.UpdateEvent{ObjectOld: c.was, ObjectNew: c.is}); got != c.want {
			t.Errorf("%s: passed %t, want %t", name, got, c.want)
		}
	}
}

type world struct{ *Reconciler }

func (w world) reconcile(t *testing.T) ctrl.Result {
	t.Helper()
	result, err := w.Reconcile(t.Context(), ctrl.Request{NamespacedName: client.ObjectKey{Name: "jansen"}})
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func reconcilerWith(t *testing.T, objects ...client.Object) (world, *int) {
	t.Helper()
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{v1alpha1.AddToScheme, clientgoscheme.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	writes := 0
	c := fake.NewClientBuilder().WithScheme(scheme).
		WithObjects(&v1alpha1.Tenant{ObjectMeta: metav1.ObjectMeta{Name: "jansen"}}).WithObjects(objects...).
		WithInterceptorFuncs(counting(&writes)).Build()
	controller := reconciling.New(clocktesting.NewFakePassiveClock(noon), c, events.NewFakeRecorder(100))
	return world{&Reconciler{Controller: controller, Live: c}}, &writes
}

func counting(writes *int) interceptor.Funcs {
	type (
		under  = client.WithWatch
		object = client.Object
	)
	return interceptor.Funcs{
		Create: func(ctx context.Context, c under, o object, options ...client.CreateOption) error {
			*writes++
			return c.Create(ctx, o, options...)
		},
		Patch: func(ctx context.Context, c under, o object, p client.Patch, options ...client.PatchOption) error {
			*writes++
			return c.Patch(ctx, o, p, options...)
		},
		Delete: func(ctx context.Context, c under, o object, options ...client.DeleteOption) error {
			*writes++
			return c.Delete(ctx, o, options...)
		},
	}
}
