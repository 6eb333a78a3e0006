// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/managedfields"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/reconciling"
	"werkplek.dev/werkplek/internal/agenda"
	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/terms/agreement"
	"werkplek.dev/werkplek/internal/terms/charging"
	"werkplek.dev/werkplek/internal/terms/facts"
	"werkplek.dev/werkplek/internal/terms/standing"
	"werkplek.dev/werkplek/internal/terms/tidings"
)

var noon = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)

const namespace = "tenant-jansen"

// store is a cluster that says what was written to it, and in which order.
type store struct {
	client.Client
	done []string
	said []string
	fail map[string]error // by what fails
}

func (s *store) do(what string) error {
	if err := s.fail[what]; err != nil {
		return err
	}
	s.done = append(s.done, what)
	return nil
}

func newStore(t *testing.T, objects ...client.Object) *store {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	s := &store{fail: map[string]error{}}
	bare := fake.NewClientBuilder().WithScheme(scheme).WithTypeConverters(managedfields.NewDeducedTypeConverter()).
		WithStatusSubresource(&v1alpha1.Suspension{}).WithObjects(objects...).Build()
	s.Client = interceptor.NewClient(bare, interceptor.Funcs{
		Create: func(ctx context.Context, c client.WithWatch, o client.Object, opts ...client.CreateOption) error {
			if err := s.do("create " + o.GetName()); err != nil {
				return err
			}
			return c.Create(ctx, o, opts...)
		},
		SubResourcePatch: func(
			ctx context.Context, c client.Client, sub string, o client.Object, p client.Patch,
			opts ...client.SubResourcePatchOption,
		) error {
			if err := s.do("patch " + o.GetName()); err != nil {
				return err
			}
			return c.SubResource(sub).Patch(ctx, o, p, opts...)
		},
	})
	return s
}

func (s *store) hands() Hands {
	return Hands{Client: s.Client, Live: s.Client, Tell: func(_ context.Context, said reconciling.Said) {
		s.said = append(s.said, said.Reason)
	}}
}

func tenant(edits ...func(*v1alpha1.Tenant)) *v1alpha1.Tenant {
	made := &v1alpha1.Tenant{ObjectMeta: metav1.ObjectMeta{Name: "jansen"}, Spec: v1alpha1.TenantSpec{
		TermsRef: v1alpha1.Reference{Name: "basic"},
		Contact:  &v1alpha1.Person{Username: "piet", Email: "piet@jansen.example"},
	}}
	for _, edit := range edits {
		edit(made)
	}
	return made
}

const inForce = "arrears-2026-09-08"

func suspension() *v1alpha1.Suspension {
	return &v1alpha1.Suspension{
		ObjectMeta: metav1.ObjectMeta{Name: inForce, Namespace: namespace, Generation: 2},
		Spec:       v1alpha1.SuspensionSpec{Cause: v1alpha1.CauseArrears, Reason: "unpaid"},
	}
}

// reactivation is the charge for ending the suspension.
func reactivation() *agenda.Charge {
	return &agenda.Charge{NamedCharge: charging.NamedCharge{Name: "reactivation-" + inForce, Spec: v1alpha1.ChargeSpec{
		Type: v1alpha1.ChargeReactivation, Amount: "25.00", Currency: "EUR",
		SourceRef: &v1alpha1.SourceReference{Kind: "Suspension", Name: inForce},
	}}}
}

func lifted(t *testing.T, s *store) *v1alpha1.Suspension {
	t.Helper()
	stored := &v1alpha1.Suspension{}
	if err := s.Get(t.Context(), client.ObjectKey{Namespace: namespace, Name: inForce}, stored); err != nil {
		t.Fatal(err)
	}
	return stored
}

// TestLift: the charge comes first, then the suspension ends, in one write that
// also says that it is not in force.
func TestLift(t *testing.T) {
	t.Parallel()
	s := newStore(t, suspension())
	lift := agenda.Lift{Suspension: inForce, Because: standing.LiftedPaid, Charge: reactivation()}
	step := Suspensions{s.hands()}
	if o, err := step.Lift(t.Context(), tenant(), lift, noon); err != nil || !o.OK() {
		t.Fatal(o, err)
	}
	if want := []string{"create reactivation-" + inForce, "patch " + inForce}; !slices.Equal(s.done, want) {
		t.Errorf("it did %q, want %q", s.done, want)
	}
	if want := []string{"ChargeDue", "Lifted"}; !slices.Equal(s.said, want) {
		t.Errorf("it said %q, want %q", s.said, want)
	}
	status := lifted(t, s).Status
	if status.LiftedAt == nil || !status.LiftedAt.Time.Equal(noon) || status.LiftedBecause != standing.LiftedPaid ||
		status.ChargeRef == nil || string(status.ChargeRef.Name) != reactivation().Name() || status.ObservedGeneration != 2 {
		t.Errorf("status %+v", status)
	}
	if !meta.IsStatusConditionFalse(status.Conditions, v1alpha1.ConditionInForce) {
		t.Errorf("conditions %+v", status.Conditions)
	}
}

// TestLiftCrashes: whatever fails on the way, the next attempt ends the suspension,
// with one charge.
func TestLiftCrashes(t *testing.T) {
	t.Parallel()
	charge := "create " + reactivation().Name()
	gone := apierrors.NewNotFound(schema.GroupResource{Resource: "suspensions"}, inForce)
	conflict := apierrors.NewConflict(schema.GroupResource{Resource: "suspensions"}, inForce, errors.New("changed"))
	for what, row := range map[string]struct {
		fails string
		with  error
		quiet bool
		done  []string
	}{
		"the charge":            {charge, errors.New("away"), false, nil},
		"the end":               {"patch " + inForce, errors.New("away"), false, []string{charge}},
		"the end, by a change":  {"patch " + inForce, conflict, true, []string{charge}},
		"the end, it was gone ": {"patch " + inForce, gone, true, []string{charge}},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			s := newStore(t, suspension())
			s.fail[row.fails] = row.with
			step := Suspensions{s.hands()}
			lift := agenda.Lift{Suspension: inForce, Because: standing.LiftedPaid, Charge: reactivation()}
			_, err := step.Lift(t.Context(), tenant(), lift, noon)
			if _, fault := reconciling.Result(err); (fault == nil) != row.quiet {
				t.Errorf("it returned %v", err)
			}
			if !slices.Equal(s.done, row.done) || slices.Contains(s.said, "Lifted") {
				t.Errorf("it did %q and said %q, want it to do %q", s.done, s.said, row.done)
			}
			s.fail = nil
			if o, err := step.Lift(t.Context(), tenant(), lift, noon.Add(time.Minute)); err != nil || !o.OK() {
				t.Fatal(o, err)
			}
			var charges v1alpha1.ChargeList
			if err := s.List(t.Context(), &charges); err != nil || len(charges.Items) != 1 {
				t.Errorf("%d charges, %v", len(charges.Items), err)
			}
			if lifted(t, s).Status.LiftedAt == nil {
				t.Error("the suspension is still in force")
			}
		})
	}
}

// TestForeignCharge: while somebody else holds the charge's name, the suspension
// stays, and it is said why.
func TestForeignCharge(t *testing.T) {
	t.Parallel()
	for what, edit := range map[string]func(*v1alpha1.Charge){
		"not ours":               func(c *v1alpha1.Charge) { c.Labels = nil },
		"of another type":        func(c *v1alpha1.Charge) { c.Spec.Type = v1alpha1.ChargeCredit },
		"for something else":     func(c *v1alpha1.Charge) { c.Spec.SourceRef = nil },
		"for another suspension": func(c *v1alpha1.Charge) { c.Spec.SourceRef.Name = "other" },
	} {
		foreign := &v1alpha1.Charge{ObjectMeta: about(tenant(), reactivation().Name()), Spec: reactivation().Spec}
		edit(foreign)
		s := newStore(t, suspension(), foreign)
		lift := agenda.Lift{Suspension: inForce, Because: standing.LiftedPaid, Charge: reactivation()}
		o, err := Suspensions{s.hands()}.Lift(t.Context(), tenant(), lift, noon)
		if err != nil || o.Reason != v1alpha1.ReasonForeignObject || lifted(t, s).Status.LiftedAt != nil {
			t.Errorf("%s: %s, %v", what, o, err)
		}
	}
}

// TestSuspendTwice: a second attempt finds the first.
func TestSuspendTwice(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	due := agenda.Suspend{NewSuspension: standing.NewSuspension{
		Name: inForce, Cause: v1alpha1.CauseArrears, Since: noon, Reason: "unpaid",
	}}
	for range 2 {
		if err := (Suspensions{s.hands()}).Make(t.Context(), tenant(), due); err != nil {
			t.Fatal(err)
		}
	}
	if got := lifted(t, s); got.Spec.Cause != v1alpha1.CauseArrears || !got.Spec.Since.Time.Equal(noon) || !marked(got) {
		t.Errorf("made %+v", got)
	}
}

// TestNotice: it goes to the contact, in the tenant's language or else the terms'.
func TestNotice(t *testing.T) {
	t.Parallel()
	due := agenda.Tell{Notice: tidings.Notice{
		Name: "welcome", Type: v1alpha1.NoticeWelcome, Facts: map[string]string{"startsOn": "2026-01-05"},
	}}
	spec := noticeTo(tenant(), due, "en")
	to := []v1alpha1.Email{"piet@jansen.example"}
	if spec.Language != "en" || spec.Facts["tenant"] != "jansen" || !slices.Equal(spec.To, to) {
		t.Errorf("%+v", spec)
	}
	spec = noticeTo(tenant(func(t *v1alpha1.Tenant) {
		t.Spec.Language, t.Spec.DisplayName, t.Spec.Contact.Name = "nl", "Jansen BV", "Piet"
	}), due, "en")
	want := map[string]string{"tenant": "Jansen BV", "contact": "Piet", "startsOn": "2026-01-05"}
	if spec.Language != "nl" || !maps.Equal(spec.Facts, want) {
		t.Errorf("%+v", spec)
	}
	if len(due.Facts) != 1 {
		t.Errorf("what was decided has changed: %v", due.Facts)
	}
}

// TestTold: what could not be sent to anybody comes before what was not sent yet.
func TestTold(t *testing.T) {
	t.Parallel()
	sent, unsent := facts.Notices{"a": noon}, facts.Notices{"a": noon, "b": time.Time{}}
	made := []agenda.Tell{{Notice: tidings.Notice{Name: "c"}}}
	untold := []tidings.Notice{{Name: "d"}}
	for what, row := range map[string]struct {
		sent   facts.Notices
		made   []agenda.Tell
		untold []tidings.Notice
		reason string
		says   string
	}{
		"nothing":       {nil, nil, nil, "", ""},
		"all sent":      {sent, nil, nil, v1alpha1.ReasonDone, "every notice"},
		"one waits":     {unsent, nil, nil, v1alpha1.ReasonPending, ": b"},
		"one just made": {sent, made, nil, v1alpha1.ReasonPending, ": c"},
		"both":          {unsent, made, nil, v1alpha1.ReasonPending, ": b, c"},
		"nobody to ask": {unsent, made, untold, v1alpha1.ReasonNoAddress, "(d)"},
		"only untold":   {nil, nil, untold, v1alpha1.ReasonNoAddress, "(d)"},
	} {
		o, known := Told(row.sent, row.made, row.untold)
		if known != (row.reason != "") || o.Reason != row.reason || !strings.Contains(o.Message, row.says) {
			t.Errorf("%s: %s, known %t; want %s, %q", what, o, known, row.reason, row.says)
		}
	}
}

// TestTakePlan: a change of plan is added to those before it.
func TestTakePlan(t *testing.T) {
	t.Parallel()
	jan := tenant()
	for _, name := range []string{"small", "large"} {
		TakePlan(jan, agenda.ChangePlan{PlanStep: facts.PlanStep{Terms: name, From: calendar.DateAt(noon, time.UTC)}})
	}
	plans := jan.Status.Contract.Plans
	if len(plans) != 2 || plans[1].Terms != "large" || plans[1].From != "2026-11-27" || plans[1].Under != "basic" {
		t.Errorf("plans %+v", plans)
	}
	if jan.TermsNow() != "large" {
		t.Errorf("%s holds", jan.TermsNow())
	}
	stand := standing.Standing{}
	jan.Spec.PlanChange = &v1alpha1.PlanChange{TermsRef: v1alpha1.Reference{Name: "large"}}
	if o, known := planHolds(jan, &stand); !known || o.Reason != v1alpha1.ReasonPlanHolds {
		t.Errorf("%s, %t", o, known)
	}
	jan.Spec.PlanChange.TermsRef.Name, stand.PlanWaits = "huge", v1alpha1.ReasonAwaitingPayment
	if o, known := planHolds(jan, &stand); !known || o.OK() || !strings.Contains(o.Message, "paid") {
		t.Errorf("%s, %t", o, known)
	}
}

// TestReport: the conditions say where a tenant stands.
func TestReport(t *testing.T) {
	t.Parallel()
	held, err := agreement.Compile(&v1alpha1.ServiceTermsSpec{TimeZone: "Europe/Amsterdam", Currency: "EUR"})
	if err != nil {
		t.Fatal(err)
	}
	day := calendar.DateAt(noon, time.UTC)
	const active, fresh = v1alpha1.ConditionContractActive, v1alpha1.ConditionBillingFresh
	for what, row := range map[string]struct {
		stand func(*standing.Standing)
		kind  string
		want  metav1.ConditionStatus
		says  string
	}{
		"it holds":    {func(s *standing.Standing) { s.Started = true }, active, metav1.ConditionTrue, "the contract holds"},
		"not started": {func(s *standing.Standing) { s.StartsOn = day }, active, metav1.ConditionFalse, "starts on 2026-11-27"},
		"never billed": {func(s *standing.Standing) { s.Billing = v1alpha1.ReasonNeverReported },
			fresh, metav1.ConditionFalse, "has not reported"},
		"unknown arrears": {func(s *standing.Standing) { s.Billing = v1alpha1.ReasonStale },
			v1alpha1.ConditionInArrears, metav1.ConditionUnknown, "do not tell"},
		"ended": {func(s *standing.Standing) { s.Ended, s.EndsOn, s.EndReason = true, day, v1alpha1.EndNotice },
			active, metav1.ConditionFalse, "because of the tenant's notice"},
		"a refused notice": {func(s *standing.Standing) {
			s.Started, s.Notice = true, &facts.NoticeDecision{ReceivedOn: day, Invoice: "7"}
		}, active, metav1.ConditionTrue, "invoice 7 was overdue"},
	} {
		jan, stand := tenant(), standing.Standing{}
		row.stand(&stand)
		Report(jan, reconciling.Conditions{List: &jan.Status.Conditions, Now: noon}, held, &agenda.Agenda{Standing: stand, Next: stand.Next})
		c := meta.FindStatusCondition(jan.Status.Conditions, row.kind)
		if c == nil || c.Status != row.want || !strings.Contains(c.Message, row.says) {
			t.Errorf("%s: %+v, want %s, %q", what, c, row.want, row.says)
		}
	}
	jan := tenant()
	jan.Status.Contract = &v1alpha1.ContractStatus{Plans: []v1alpha1.PlanPeriod{{Terms: "small"}}}
	stand := standing.Standing{}
	stand.TermEndsOn = day
	Report(jan, reconciling.Conditions{List: &jan.Status.Conditions, Now: noon}, held, &agenda.Agenda{Standing: stand, Next: stand.Next})
	if c := jan.Status.Contract; len(c.Plans) != 1 || c.TermEndsOn != "2026-11-26" {
		t.Errorf("contract %+v", c)
	}
}
