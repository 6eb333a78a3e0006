// SPDX-License-Identifier: Apache-2.0

package access_test

import (
	"context"
	"errors"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clocktesting "k8s.io/utils/clock/testing"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/portal/access"
)

// TestDecide: the gateway refuses what the operator refuses, and nothing else
// but what only it can know.
func TestDecide(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		change func(*home)
		want   string // empty: let in
	}{
		"nothing denies it": {},
		"suspended":         {change: func(h *home) { h.suspend("jansen", now) }, want: v1alpha1.ReasonSuspended},
		"its reseller is suspended": {change: func(h *home) {
			h.under("jansen", "partner").tenant("partner").Spec.Reseller = ptr.To(true)
			h.suspend("partner", now)
		}, want: v1alpha1.ReasonResellerSuspended},
		"what is not marked a reseller covers nobody": {change: func(h *home) {
			h.under("jansen", "partner").tenant("partner").Spec.Reseller = ptr.To(false)
			h.suspend("partner", now)
		}},
		"a reseller that is gone covers nobody, though its namespace is still there": {change: func(h *home) {
			h.under("jansen", "partner").suspend("partner", now)
		}},
		"no Tenant":              {change: func(h *home) { delete(h.tenants, "jansen") }, want: v1alpha1.ReasonTenantNotFound},
		"the contract has ended": {change: func(h *home) { h.end("jansen") }, want: v1alpha1.ReasonContractEnded},
		"its reseller's contract has ended": {change: func(h *home) {
			h.under("jansen", "partner").tenant("partner").Spec.Reseller = ptr.To(true)
			h.end("partner")
		}, want: v1alpha1.ReasonResellerEnded},
		"ended before suspended":            {change: func(h *home) { h.end("jansen"); h.suspend("jansen", now) }, want: v1alpha1.ReasonContractEnded},
		"suspended before blocked":          {change: func(h *home) { h.block(); h.suspend("jansen", now) }, want: v1alpha1.ReasonSuspended},
		"blocked":                           {change: func(h *home) { h.block() }, want: v1alpha1.ReasonBlocked},
		"deleted":                           {change: func(h *home) { h.workplace.DeletionTimestamp = when(now) }, want: access.ReasonNotFound},
		"another's":                         {change: func(h *home) { h.workplace.Spec.User.Username = "bea"; h.block() }, want: access.ReasonNotYours},
		"the operator has not spoken yet":   {change: func(h *home) { h.workplace.Status.Conditions = nil }, want: access.ReasonUndecided},
		"blocked before the operator spoke": {change: func(h *home) { h.workplace.Status.Conditions = nil; h.block() }, want: v1alpha1.ReasonBlocked},
		"what only the operator knows": {change: func(h *home) {
			h.workplace.Status.Conditions[0].Status, h.workplace.Status.Conditions[0].Reason = metav1.ConditionFalse, v1alpha1.ReasonUnlicensed
		}, want: v1alpha1.ReasonUnlicensed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := granted()
			if c.change != nil {
				c.change(h)
			}
			judge := &access.Judge{Cache: h.cache(interceptor.Funcs{}), Clock: clocktesting.NewFakePassiveClock(now)}
			got, err := judge.Decide(t.Context(), access.Visitor{Username: "anna"}, h.workplace)
			if err != nil || got.OK() != (c.want == "") || got.Reason != c.want {
				t.Errorf("decided %s (%v), want reason %q", got, err, c.want)
			}
		})
	}
}

// TestDecideUnread: who cannot be judged is not let in.
func TestDecideUnread(t *testing.T) {
	t.Parallel()
	broken := errors.New("the cache is broken")
	for name, funcs := range map[string]interceptor.Funcs{
		"the tenant": {Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, o client.Object, options ...client.GetOption) error {
			if key.Name == "jansen" {
				return broken
			}
			return c.Get(ctx, key, o, options...)
		}},
		"its reseller": {Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, o client.Object, options ...client.GetOption) error {
			if key.Name == "partner" {
				return broken
			}
			return c.Get(ctx, key, o, options...)
		}},
		"the suspensions": {List: func(context.Context, client.WithWatch, client.ObjectList, ...client.ListOption) error { return broken }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := granted().under("jansen", "partner")
			judge := &access.Judge{Cache: h.cache(funcs), Clock: clocktesting.NewFakePassiveClock(time.Now())}
			got, err := judge.Decide(t.Context(), access.Visitor{Username: "anna"}, h.workplace)
			if !errors.Is(err, broken) || got.OK() {
				t.Errorf("decided %s (%v) without having read %s", got, err, name)
			}
		})
	}
}

// home is a workplace and what decides about it.
type home struct {
	workplace   *v1alpha1.Workplace
	tenants     map[string]*v1alpha1.Tenant
	suspensions []client.Object
}

// granted is anna's workplace with jansen, to which the operator grants access.
func granted() *home {
	h := &home{tenants: map[string]*v1alpha1.Tenant{}, workplace: &v1alpha1.Workplace{
		ObjectMeta: metav1.ObjectMeta{Namespace: "tenant-jansen", Name: "anna"},
		Spec:       v1alpha1.WorkplaceSpec{User: v1alpha1.Person{Username: "anna"}},
		Status: v1alpha1.WorkplaceStatus{Conditions: v1alpha1.Conditions{{
			Type: v1alpha1.ConditionAccessGranted, Status: metav1.ConditionTrue, Reason: v1alpha1.ReasonGranted,
		}}},
	}}
	h.tenant("jansen")
	return h
}

func (h *home) tenant(name string) *v1alpha1.Tenant {
	if h.tenants[name] == nil {
		h.tenants[name] = &v1alpha1.Tenant{ObjectMeta: metav1.ObjectMeta{Name: name}}
	}
	return h.tenants[name]
}

func (h *home) under(name, reseller string) *home {
	h.tenant(name).Spec.ResellerRef = &v1alpha1.Reference{Name: v1alpha1.ObjectName(reseller)}
	return h
}

func (h *home) end(name string) {
	h.tenant(name).Status.Conditions = v1alpha1.Conditions{{
		Type: v1alpha1.ConditionContractActive, Status: metav1.ConditionFalse, Reason: string(v1alpha1.EndNotice),
	}}
}

func (h *home) block() { h.workplace.Spec.Access = v1alpha1.AccessBlocked }

func (h *home) suspend(tenant string, since time.Time) {
	h.suspensions = append(h.suspensions, &v1alpha1.Suspension{
		ObjectMeta: metav1.ObjectMeta{Namespace: v1alpha1.NamespaceFor(tenant), Name: "abuse-1"},
		Spec:       v1alpha1.SuspensionSpec{Cause: v1alpha1.CauseAbuse, Since: when(since), Reason: "mail to everybody"},
	})
}

func (h *home) cache(funcs interceptor.Funcs) client.Reader {
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		panic(err)
	}
	build := fake.NewClientBuilder().WithScheme(scheme).WithObjects(h.suspensions...).WithInterceptorFuncs(funcs)
	for _, tenant := range h.tenants {
		build = build.WithObjects(tenant)
	}
	return build.Build()
}
