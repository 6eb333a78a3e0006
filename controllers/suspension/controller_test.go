// SPDX-License-Identifier: Apache-2.0

package suspension_test

import (
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/managedfields"
	"k8s.io/client-go/tools/events"
	clocktesting "k8s.io/utils/clock/testing"
	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/force"
	"werkplek.dev/werkplek/controllers/internal/reconciling"
	"werkplek.dev/werkplek/controllers/suspension"
)

var noon = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)

// TestInForce: a suspension says whether it denies access, and what stands in the
// way of whoever is to decide when it ends.
func TestInForce(t *testing.T) {
	t.Parallel()
	jan := &v1alpha1.Tenant{ObjectMeta: metav1.ObjectMeta{Name: "jansen"}}
	jan.Spec.TermsRef.Name = "basic"
	basic := &v1alpha1.ServiceTerms{ObjectMeta: metav1.ObjectMeta{Name: "basic"}}
	basic.Spec.TimeZone, basic.Spec.Currency = "Europe/Amsterdam", "EUR"
	broken := basic.DeepCopy()
	broken.Spec.TimeZone = "Nowhere"
	const yes, no = "True", "False"
	past, soon := noon.Add(-time.Hour), noon.Add(time.Minute)
	all, unusable := []client.Object{jan, basic}, []client.Object{jan, broken}
	for what, row := range map[string]struct {
		around []client.Object
		since  time.Time
		lifted bool

		ready, reason string
		inForce       string
		again         time.Duration
	}{
		"in force":          {all, past, false, yes, v1alpha1.ReasonReady, v1alpha1.ReasonInForce, 0},
		"later":             {all, soon, false, yes, v1alpha1.ReasonReady, v1alpha1.ReasonNotYet, time.Minute},
		"lifted":            {all, past, true, yes, v1alpha1.ReasonReady, v1alpha1.ReasonLifted, 0},
		"lifted, no tenant": {nil, past, true, yes, v1alpha1.ReasonReady, v1alpha1.ReasonLifted, 0},
		"no tenant":         {nil, past, false, no, v1alpha1.ReasonTenantNotFound, v1alpha1.ReasonInForce, 0},
		"no terms":          {all[:1], past, false, no, v1alpha1.ReasonTermsNotFound, v1alpha1.ReasonInForce, 0},
		"unusable terms":    {unusable, past, false, no, v1alpha1.ReasonTermsInvalid, v1alpha1.ReasonInForce, 0},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			scheme := runtime.NewScheme()
			if err := v1alpha1.AddToScheme(scheme); err != nil {
				t.Fatal(err)
			}
			abuse := &v1alpha1.Suspension{
				ObjectMeta: metav1.ObjectMeta{Name: "abuse", Namespace: "tenant-jansen", Generation: 3},
				Spec: v1alpha1.SuspensionSpec{
					Cause: v1alpha1.CauseAbuse, Reason: "malware", Since: ptr.To(metav1.NewTime(row.since)),
				},
			}
			objects := []client.Object{abuse}
			for _, shared := range row.around { // the client writes to what it is given
				objects = append(objects, shared.DeepCopyObject().(client.Object))
			}
			c := fake.NewClientBuilder().WithScheme(scheme).WithTypeConverters(managedfields.NewDeducedTypeConverter()).
				WithStatusSubresource(abuse).WithObjects(objects...).Build()
			key := client.ObjectKeyFromObject(abuse)
			if row.lifted { // as the tenant's controller does
				force.Lift(abuse, "LiftedByHand", "", noon)
				if err := c.Status().Update(t.Context(), abuse); err != nil {
					t.Fatal(err)
				}
			}
			recorder := events.NewFakeRecorder(10)
			r := &suspension.Reconciler{Controller: reconciling.New(clocktesting.NewFakePassiveClock(noon), c, recorder)}
			result, err := r.Reconcile(t.Context(), ctrl.Request{NamespacedName: key})
			if err != nil || result.RequeueAfter != row.again {
				t.Errorf("%v, %v; want to look again after %s", result, err, row.again)
			}
			stored := &v1alpha1.Suspension{}
			if err := c.Get(t.Context(), key, stored); err != nil {
				t.Fatal(err)
			}
			ready := meta.FindStatusCondition(stored.Status.Conditions, v1alpha1.ConditionReady)
			inForce := meta.FindStatusCondition(stored.Status.Conditions, v1alpha1.ConditionInForce)
			if string(ready.Status) != row.ready || ready.Reason != row.reason || inForce.Reason != row.inForce {
				t.Errorf("ready %s %s, in force %s; want %s %s, %s",
					ready.Status, ready.Reason, inForce.Reason, row.ready, row.reason, row.inForce)
			}
			if stored.Status.ObservedGeneration != 3 {
				t.Errorf("observed %d", stored.Status.ObservedGeneration)
			}
			if row.lifted && stored.ResourceVersion != abuse.ResourceVersion {
				t.Error("whoever lifts says all there is to say: nothing is left to write")
			}
		})
	}
}
