// SPDX-License-Identifier: Apache-2.0

package workplace

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clocktesting "k8s.io/utils/clock/testing"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/reconciling"
	gateway "werkplek.dev/werkplek/internal/portal/access"
)

// TestAccessAsTheGateway: whatever the family, the operator and the access gateway
// give the same answer for the same reason, also while what the operator wrote
// down is of yesterday.
func TestAccessAsTheGateway(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC)
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	refused := map[string]int{}
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 0))
		objects := randomFamily(r, now)
		c := fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...).Build()
		for _, name := range families {
			workplace := &v1alpha1.Workplace{
				ObjectMeta: metav1.ObjectMeta{Namespace: v1alpha1.NamespaceFor(name), Name: "anna"},
				Spec:       v1alpha1.WorkplaceSpec{User: v1alpha1.Person{Username: "anna"}},
			}
			if r.IntN(6) == 0 {
				workplace.Spec.Access = v1alpha1.AccessBlocked
			}
			v := &visit{
				Reconciler: &Reconciler{Controller: &reconciling.Controller{Client: c}},
				Pass:       &reconciling.Pass[*v1alpha1.Workplace]{Now: now},
				workplace:  workplace,
			}
			if err := v.judgeAccess(t.Context()); err != nil {
				t.Fatal(err)
			}
			refused[v.access.Reason]++
			granted := metav1.Condition{Type: v1alpha1.ConditionAccessGranted, Status: metav1.ConditionTrue, Reason: v1alpha1.ReasonGranted}
			workplace.Status.Conditions = v1alpha1.Conditions{granted} // of before anything was denied
			judge := &gateway.Judge{Cache: c, Clock: clocktesting.NewFakePassiveClock(now)}
			verdict, err := judge.Decide(t.Context(), gateway.Visitor{Username: "anna"}, workplace)
			if err != nil {
				t.Fatal(err)
			}
			if verdict.OK() != v.access.OK() || !verdict.OK() && (verdict.Reason != v.access.Reason || verdict.Message != v.access.Message) {
				t.Fatalf("seed %d: %s with %s: the operator says %v, the gateway %s", seed, name, told(objects), v.access, verdict)
			}
		}
	}
	for _, reason := range []string{
		v1alpha1.ReasonGranted, v1alpha1.ReasonTenantNotFound, v1alpha1.ReasonContractEnded,
		v1alpha1.ReasonSuspended, v1alpha1.ReasonResellerSuspended, v1alpha1.ReasonResellerEnded, v1alpha1.ReasonBlocked,
	} {
		if refused[reason] == 0 {
			t.Errorf("no family came to %s: %v", reason, refused)
		}
	}
}

var families = []string{"a", "b", "c", "d"}

func randomFamily(r *rand.Rand, now time.Time) []client.Object {
	var objects []client.Object
	for _, name := range families {
		if r.IntN(8) > 0 {
			tenant := &v1alpha1.Tenant{ObjectMeta: metav1.ObjectMeta{Name: name}}
			if r.IntN(5) > 0 {
				tenant.Spec.ResellerRef = &v1alpha1.Reference{Name: v1alpha1.ObjectName(families[r.IntN(len(families))])}
			}
			tenant.Spec.Reseller = []*bool{nil, ptr.To(false), ptr.To(true), ptr.To(true)}[r.IntN(4)]
			if r.IntN(8) == 0 {
				tenant.Status.Conditions = v1alpha1.Conditions{{
					Type: v1alpha1.ConditionContractActive, Status: metav1.ConditionFalse, Reason: string(v1alpha1.EndNotice),
				}}
			}
			objects = append(objects, tenant)
		}
		for i := range r.IntN(3) {
			since := metav1.NewTime(now.Add(time.Duration(r.IntN(5)-3) * time.Hour))
			suspension := &v1alpha1.Suspension{
				ObjectMeta: metav1.ObjectMeta{Namespace: v1alpha1.NamespaceFor(name), Name: fmt.Sprintf("s%d", i)},
				Spec:       v1alpha1.SuspensionSpec{Cause: v1alpha1.CauseManual, Reason: "a letter", Since: &since, Lift: r.IntN(2) == 0},
			}
			if suspension.Spec.Lift && r.IntN(2) == 0 {
				suspension.Status.LiftedAt = &since
			}
			objects = append(objects, suspension)
		}
	}
	return objects
}

func told(objects []client.Object) string {
	said := ""
	for _, object := range objects {
		switch o := object.(type) {
		case *v1alpha1.Tenant:
			said += fmt.Sprintf("\n  tenant %s under %v, reseller %t, ended %t", o.Name, ptr.Deref(o.Spec.ResellerRef, v1alpha1.Reference{}), o.IsReseller(), o.Ended())
		case *v1alpha1.Suspension:
			said += fmt.Sprintf("\n  %s/%s since %s, lifted at %s", o.Namespace, o.Name, o.Spec.Since, o.Status.LiftedAt)
		}
	}
	return said + "\n"
}
