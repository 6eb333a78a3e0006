// SPDX-License-Identifier: Apache-2.0

package behaviour

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/test/cluster"
	"werkplek.dev/werkplek/test/world"
)

// contractPromises are what contracts do to tenants.
var contractPromises = map[string]func(*testing.T, world.World){
	"NoticeEndsAndErases":     noticeEndsAndErases,
	"NoticeDuringArrears":     noticeDuringArrears,
	"LegalHoldKeepsData":      legalHoldKeepsData,
	"TrialSuspendsAndResumes": trialSuspendsAndResumes,
	"PlanOnPayment":           planOnPayment,
	"SubscriptionOnce":        subscriptionOnce,
	"WithdrawalRefunds":       withdrawalRefunds,
	"WarningBeforeSuspension": warningBeforeSuspension,
	"NoAddressSaysSo":         noAddressSaysSo,
	"RemovedHomeIsErased":     removedHomeIsErased,
	"LastWorkplaceReplaced":   lastWorkplaceReplaced,
}

// today returns a date so many days from now, in the terms' zone.
func today(days int) v1alpha1.Date {
	zone, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		panic(err)
	}
	return v1alpha1.Date(time.Now().In(zone).AddDate(0, 0, days).Format(time.DateOnly))
}

// closing are terms that end at once and erase a day after that was announced.
func closing(s *v1alpha1.ServiceTermsSpec) {
	s.Contract = &v1alpha1.ContractTerms{Notice: &v1alpha1.NoticeTerms{Period: "P0D", To: v1alpha1.NoticeToImmediate}}
	s.Retention = &v1alpha1.RetentionTerms{AfterEnd: "P0D", Announce: "PT24H"}
	s.Notices = []v1alpha1.NoticeType{v1alpha1.NoticeOfAcceptance, v1alpha1.NoticeErased}
}

// withMail gives the contact an address.
func withMail(s *v1alpha1.TenantSpec) { s.Contact.Email = "piet@jansen.example" }

// send marks a notice as sent at a moment, as its controller does.
func send(t *testing.T, w world.World, name string, at time.Time) {
	t.Helper()
	notice := &v1alpha1.Notice{ObjectMeta: metav1.ObjectMeta{Namespace: w.Namespace("t"), Name: name}}
	cluster.Eventually(t, soon, "notice "+name, func(ctx context.Context) error {
		return w.Get(ctx, client.ObjectKeyFromObject(notice), notice)
	})
	patch := fmt.Sprintf(`{"status":{"sentAt":%q}}`, at.UTC().Format(time.RFC3339))
	operator := cluster.Shared().As(cluster.Manager)
	must(t, operator.Status().Patch(t.Context(), notice, client.RawPatch(types.MergePatchType, []byte(patch))))
}

// noticeEndsAndErases: access ends with the contract; nothing is erased before
// that was announced; then the homes go, the proof is written, the namespace goes
// and the Tenant stays.
func noticeEndsAndErases(t *testing.T, w world.World) {
	ctx := t.Context()
	must(t, w.Terms(ctx, closing), w.Class(ctx), w.Tenant(ctx, "t", withMail))
	cluster.Eventually(t, soon, "the namespace", w.HasNamespace("t"))
	must(t, w.Report(ctx, "t", time.Now()), w.Workplace(ctx, "t", "anna", user))
	cluster.Eventually(t, soon, "the desktop", w.AllReady("t", 1))
	must(t, edit(ctx, w, "t", func(s *v1alpha1.TenantSpec) { s.Contract.NoticeReceivedOn = today(0) }))
	cluster.Eventually(t, soon, "the contract ended", w.WorkplaceCondition("t", "anna", v1alpha1.ConditionAccessGranted, v1alpha1.ReasonContractEnded))
	cluster.Eventually(t, soon, "the desktop is gone", w.NoneReady("t", 1))
	cluster.Eventually(t, soon, "erasing waits for its announcement", w.TenantCondition("t", v1alpha1.ConditionErased, "NotAnnounced"))
	home := &corev1.PersistentVolumeClaim{}
	must(t, w.Get(ctx, client.ObjectKey{Namespace: w.Namespace("t"), Name: "home-anna"}, home))
	if err := w.Delete(ctx, &v1alpha1.Tenant{ObjectMeta: metav1.ObjectMeta{Name: w.TenantName("t")}}); !apierrors.IsForbidden(err) {
		t.Fatalf("deleting a Tenant whose data is kept should be refused, got %v", err)
	}
	send(t, w, "notice-"+string(today(0))+"-accepted", time.Now())
	// A day has not passed since the announcement: its time is not over.
	send(t, w, "closure-announcement-"+string(today(0)), time.Now().Add(-23*time.Hour))
	cluster.Eventually(t, soon, "erasing waits for its time", w.TenantCondition("t", v1alpha1.ConditionErased, "NotYet"))
	must(t, w.Get(ctx, client.ObjectKeyFromObject(home), home))
	send(t, w, "closure-announcement-"+string(today(0)), time.Now().Add(-25*time.Hour))
	cluster.Eventually(t, soon, "the data is erased", w.TenantCondition("t", v1alpha1.ConditionErased, v1alpha1.ReasonDone))
	send(t, w, "erased-"+string(today(0)), time.Now())
	cluster.Eventually(t, soon, "the namespace is gone", func(ctx context.Context) error {
		err := w.Get(ctx, client.ObjectKey{Name: w.Namespace("t")}, &corev1.Namespace{})
		if apierrors.IsNotFound(err) {
			return nil
		}
		return fmt.Errorf("it is there: %v", err)
	})
	tenant := &v1alpha1.Tenant{}
	cluster.Eventually(t, soon, "it is erased", func(ctx context.Context) error {
		if err := w.Get(ctx, client.ObjectKey{Name: w.TenantName("t")}, tenant); err != nil || tenant.Status.State == v1alpha1.TenantErased {
			return err
		}
		return fmt.Errorf("state %s", tenant.Status.State)
	})
	proof := tenant.Status.Erasure
	if proof == nil || proof.At == nil || proof.Count != 1 || len(proof.Homes) != 1 || proof.Homes[0].ClaimUID != string(home.UID) || proof.Homes[0].Workplace != "anna" ||
		!strings.Contains(proof.Rule, "afterEnd") || proof.AnnouncedBy == "" || proof.Charged != "0.00" {
		t.Fatalf("the proof of erasure is incomplete: %+v", proof)
	}
}

// noticeDuringArrears: what was refused stays so after payment; given again it counts (TD-7).
func noticeDuringArrears(t *testing.T, w world.World) {
	ctx := t.Context()
	must(t, w.Class(ctx), w.Tenant(ctx, "t", withMail), w.Terms(ctx, func(s *v1alpha1.ServiceTermsSpec) {
		s.Contract = &v1alpha1.ContractTerms{MinimumTerm: "P1M", Renewal: "P1M", Notice: &v1alpha1.NoticeTerms{
			Period: "P1M", To: v1alpha1.NoticeToEndOfCalendarMonth, RefusedDuringArrears: ptr.To(true),
		}}
	}))
	cluster.Eventually(t, soon, "the namespace", w.HasNamespace("t"))
	asOf := time.Now()
	must(t, w.Report(ctx, "t", asOf, world.Invoice{Number: "2026-1", IssuedOn: string(today(-40)), Outstanding: "10.00"}))
	must(t, edit(ctx, w, "t", func(s *v1alpha1.TenantSpec) { s.Contract.NoticeReceivedOn = today(-1) }))
	decided := func(verdict v1alpha1.NoticeVerdict) func(context.Context) error {
		return func(ctx context.Context) error {
			tenant := &v1alpha1.Tenant{}
			if err := w.Get(ctx, client.ObjectKey{Name: w.TenantName("t")}, tenant); err != nil {
				return err
			}
			if c := tenant.Status.Contract; c == nil || c.Notice == nil || c.Notice.Decision != verdict {
				return fmt.Errorf("want the notice %s, got %+v", verdict, tenant.Status.Contract)
			}
			return nil
		}
	}
	cluster.Eventually(t, soon, "the notice is refused", decided(v1alpha1.NoticeRefused))
	must(t, w.Report(ctx, "t", asOf.Add(time.Second)))
	cluster.Eventually(t, soon, "the payment arrives", w.TenantCondition("t", v1alpha1.ConditionInArrears, v1alpha1.ReasonNothingOpen))
	must(t, decided(v1alpha1.NoticeRefused)(ctx))
	must(t, edit(ctx, w, "t", func(s *v1alpha1.TenantSpec) { s.Contract.NoticeReceivedOn = today(0) }))
	cluster.Eventually(t, soon, "the notice given again", decided(v1alpha1.NoticeAccepted))
	must(t, w.TenantCondition("t", v1alpha1.ConditionContractActive, v1alpha1.ReasonActive)(ctx))
}

// legalHoldKeepsData: neither time nor an announcement erases what is held.
func legalHoldKeepsData(t *testing.T, w world.World) {
	ctx := t.Context()
	must(t, w.Terms(ctx, closing), w.Class(ctx), w.Tenant(ctx, "t", withMail))
	cluster.Eventually(t, soon, "the namespace", w.HasNamespace("t"))
	must(t, w.Report(ctx, "t", time.Now()), w.Workplace(ctx, "t", "anna", user))
	cluster.Eventually(t, soon, "the desktop", w.AllReady("t", 1))
	must(t, edit(ctx, w, "t", func(s *v1alpha1.TenantSpec) { s.Contract.NoticeReceivedOn = today(-3) }))
	send(t, w, "closure-announcement-"+string(today(-3)), time.Now())
	must(t, edit(ctx, w, "t", func(s *v1alpha1.TenantSpec) { s.LegalHold = &v1alpha1.LegalHold{Reference: "court order 26/1234"} }))
	cluster.Eventually(t, soon, "the hold is seen", w.TenantCondition("t", v1alpha1.ConditionErased, v1alpha1.ReasonLegalHold))
	send(t, w, "closure-announcement-"+string(today(-3)), time.Now().Add(-48*time.Hour))
	must(t, w.Get(ctx, client.ObjectKey{Namespace: w.Namespace("t"), Name: "home-anna"}, &corev1.PersistentVolumeClaim{}))
	must(t, edit(ctx, w, "t", func(s *v1alpha1.TenantSpec) { s.LegalHold = nil }))
	cluster.Eventually(t, soon, "erased once released", w.TenantCondition("t", v1alpha1.ConditionErased, v1alpha1.ReasonDone))
}

// trialSuspendsAndResumes: without payment details a trial ends in suspension,
// which ends, free of charge, when they are given (LA-1).
func trialSuspendsAndResumes(t *testing.T, w world.World) {
	ctx := t.Context()
	must(t, w.Class(ctx), w.Terms(ctx, func(s *v1alpha1.ServiceTermsSpec) {
		s.Contract = &v1alpha1.ContractTerms{Renewal: "P1M", Trial: &v1alpha1.TrialTerms{Period: "P14D", AtEnd: v1alpha1.TrialEndSuspend}}
	}), w.Tenant(ctx, "t", func(s *v1alpha1.TenantSpec) { s.Contract.StartsOn = today(-14) }))
	cluster.Eventually(t, soon, "the namespace", w.HasNamespace("t"))
	must(t, w.Report(ctx, "t", time.Now()), w.Workplace(ctx, "t", "anna", user))
	cluster.Eventually(t, soon, "suspended", suspendedBy(w, "TrialEnded"))
	must(t, edit(ctx, w, "t", func(s *v1alpha1.TenantSpec) { s.Contract.PaymentDetailsOn = today(0) }))
	cluster.Eventually(t, soon, "the desktop", w.AllReady("t", 1))
	charges, err := w.Charges(ctx, "t")
	must(t, err)
	if len(charges) != 0 {
		t.Fatalf("ending a trial costs nothing, got %+v", charges[0].Spec)
	}
}

// planOnPayment: a paid plan holds once its invoice is paid, not before, and is
// charged once (LS-2).
func planOnPayment(t *testing.T, w world.World) {
	ctx := t.Context()
	paid := world.World{Client: w.Client, Name: w.Name + "-paid"}
	must(t, w.Class(ctx), w.Terms(ctx), paid.Terms(ctx, func(s *v1alpha1.ServiceTermsSpec) {
		s.DisplayName = "Everything"
		s.Billing = &v1alpha1.BillingTerms{Period: "P1Y"}
		s.Plan = &v1alpha1.PlanTerms{Price: "119.00", Entry: v1alpha1.EntryOnPayment}
	}), w.Tenant(ctx, "t"))
	cluster.Eventually(t, soon, "the namespace", w.HasNamespace("t"))
	asOf := time.Now()
	must(t, w.Report(ctx, "t", asOf))
	must(t, edit(ctx, w, "t", func(s *v1alpha1.TenantSpec) {
		s.PlanChange = &v1alpha1.PlanChange{TermsRef: v1alpha1.Reference{Name: v1alpha1.ObjectName(paid.Name)}, RequestedOn: today(0)}
	}))
	cluster.Eventually(t, soon, "it waits for payment", w.TenantCondition("t", v1alpha1.ConditionPlanChanged, v1alpha1.ReasonAwaitingPayment))
	charge := &v1alpha1.Charge{}
	cluster.Eventually(t, soon, "the charge", func(ctx context.Context) error {
		return w.Get(ctx, client.ObjectKey{Namespace: w.Namespace("t"), Name: "plan-" + string(today(0)) + "-" + paid.Name}, charge)
	})
	// The billing system invoices it, and reports it open, then paid.
	must(t, w.Report(ctx, "t", asOf.Add(time.Second), world.Invoice{Number: "F-1", IssuedOn: string(today(0)), Outstanding: "119.00"}))
	must(t, w.Status().Patch(ctx, charge, client.RawPatch(types.MergePatchType, []byte(fmt.Sprintf(`{"status":{"invoice":{"number":"F-1","issuedOn":%q}}}`, today(0))))))
	must(t, w.TenantCondition("t", v1alpha1.ConditionPlanChanged, v1alpha1.ReasonAwaitingPayment)(ctx))
	must(t, w.Report(ctx, "t", asOf.Add(2*time.Second)))
	cluster.Eventually(t, soon, "the plan holds", w.TenantCondition("t", v1alpha1.ConditionPlanChanged, v1alpha1.ReasonPlanHolds))
	charged(t, w, "119.00")
	cluster.Eventually(t, soon, "the terms count their tenant", func(ctx context.Context) error {
		terms := &v1alpha1.ServiceTerms{}
		if err := w.Get(ctx, client.ObjectKey{Name: paid.Name}, terms); err != nil || terms.Status.Tenants == 1 {
			return err
		}
		return fmt.Errorf("%d tenants", terms.Status.Tenants)
	})
}

// subscribed are terms and a class with which workplaces cost something.
func subscribed(t *testing.T, w world.World, edits ...func(*v1alpha1.ServiceTermsSpec)) {
	t.Helper()
	ctx := t.Context()
	must(t, w.Class(ctx, func(s *v1alpha1.WorkplaceClassSpec) {
		s.Price = &v1alpha1.ClassPrice{Amount: "39.00", Currency: "EUR", Per: "P1M"}
	}), w.Terms(ctx, append([]func(*v1alpha1.ServiceTermsSpec){func(s *v1alpha1.ServiceTermsSpec) {
		s.Billing = &v1alpha1.BillingTerms{Period: "P1M", SurchargeWithoutDirectDebit: "2"}
		s.Plan = &v1alpha1.PlanTerms{Price: "10.00"}
	}}, edits...)...))
}

// subscriptionOnce: a period is charged once, with the surcharge (TD-5), however
// often the operator looks.
func subscriptionOnce(t *testing.T, w world.World) {
	ctx := t.Context()
	subscribed(t, w)
	must(t, w.Tenant(ctx, "t", func(s *v1alpha1.TenantSpec) { s.Contract.StartsOn = today(-3) }))
	want := []string{"Subscription 10.00", "Surcharge 0.20"}
	cluster.Eventually(t, soon, "the charges", amounts(w, want))
	must(t, edit(ctx, w, "t", func(s *v1alpha1.TenantSpec) { s.DisplayName = "looked at again" }))
	cluster.Eventually(t, soon, "seen again", observed(w))
	must(t, amounts(w, want)(ctx))
}

// withdrawalRefunds: within its time a consumer's withdrawal ends the contract,
// and everything that was charged is credited (DF-2).
func withdrawalRefunds(t *testing.T, w world.World) {
	ctx := t.Context()
	subscribed(t, w, func(s *v1alpha1.ServiceTermsSpec) {
		s.Contract = &v1alpha1.ContractTerms{Withdrawal: &v1alpha1.WithdrawalTerms{Within: "P14D", ForTypes: []v1alpha1.TenantType{v1alpha1.Consumer}}}
	})
	must(t, w.Tenant(ctx, "t", func(s *v1alpha1.TenantSpec) { s.Type, s.Contract.StartsOn = v1alpha1.Consumer, today(-3) }))
	cluster.Eventually(t, soon, "the charges", amounts(w, []string{"Subscription 10.00", "Surcharge 0.20"}))
	must(t, edit(ctx, w, "t", func(s *v1alpha1.TenantSpec) { s.Contract.WithdrawnOn = today(0) }))
	cluster.Eventually(t, soon, "the credits", amounts(w, []string{"Credit -0.20", "Credit -10.00", "Subscription 10.00", "Surcharge 0.20"}))
	cluster.Eventually(t, soon, "the contract ended", w.TenantCondition("t", v1alpha1.ConditionContractActive, string(v1alpha1.EndWithdrawal)))
}

// warningBeforeSuspension: nobody is suspended whom the terms warn first, before
// the warning was sent long enough ago (LA-12).
func warningBeforeSuspension(t *testing.T, w world.World) {
	ctx := t.Context()
	must(t, w.Class(ctx), w.Tenant(ctx, "t", withMail), w.Terms(ctx, func(s *v1alpha1.ServiceTermsSpec) {
		s.Arrears.Warning = &v1alpha1.WarningTerms{Before: "P7D", Required: ptr.To(true)}
	}))
	cluster.Eventually(t, soon, "the namespace", w.HasNamespace("t"))
	must(t, w.Report(ctx, "t", time.Now(), unpaid(2)))
	warning := ""
	cluster.Eventually(t, soon, "the warning", func(ctx context.Context) error {
		var list v1alpha1.NoticeList
		if err := w.List(ctx, &list, client.InNamespace(w.Namespace("t"))); err != nil || len(list.Items) != 1 {
			return fmt.Errorf("%d notices: %v", len(list.Items), err)
		}
		warning = list.Items[0].Name
		if got := list.Items[0].Spec; got.Type != v1alpha1.NoticeSuspensionWarning || got.Facts["invoice"] != "2026-0815" || got.Facts["suspendsOn"] != string(today(7)) {
			t.Fatalf("the warning says %+v", got)
		}
		return nil
	})
	none(t, w, "t")
	send(t, w, warning, time.Now().AddDate(0, 0, -8))
	cluster.Eventually(t, soon, "suspended", suspendedBy(w, "Arrears"))
}

// noAddressSaysSo: what cannot be told, for want of an address, is said to the engineer.
func noAddressSaysSo(t *testing.T, w world.World) {
	ctx := t.Context()
	must(t, w.Terms(ctx, closing), w.Class(ctx), w.Tenant(ctx, "t"))
	cluster.Eventually(t, soon, "the namespace", w.HasNamespace("t"))
	must(t, edit(ctx, w, "t", func(s *v1alpha1.TenantSpec) { s.Contract.NoticeReceivedOn = today(0) }))
	cluster.Eventually(t, soon, "it says so", w.TenantCondition("t", v1alpha1.ConditionNoticesSent, v1alpha1.ReasonNoAddress))
	must(t, edit(ctx, w, "t", withMail))
	cluster.Eventually(t, soon, "it heals", w.TenantCondition("t", v1alpha1.ConditionNoticesSent, v1alpha1.ReasonPending))
}

// lastWorkplaceReplaced: a tenant that is new here, or whose last workplace was just
// removed, was not inactive since its contract's first day.
func lastWorkplaceReplaced(t *testing.T, w world.World) {
	ctx := t.Context()
	must(t, w.Class(ctx), w.Tenant(ctx, "t"), w.Terms(ctx, func(s *v1alpha1.ServiceTermsSpec) {
		s.Inactivity = &v1alpha1.InactivityTerms{EndAfter: "P8W"}
		s.Retention = &v1alpha1.RetentionTerms{AfterEnd: "P0D"}
	}))
	cluster.Eventually(t, soon, "the namespace", w.HasNamespace("t"))
	must(t, w.Report(ctx, "t", time.Now()), w.Workplace(ctx, "t", "anna", user))
	cluster.Eventually(t, soon, "the desktop", w.AllReady("t", 1))
	workplace := workplaceOf(t, w)
	base := workplace.DeepCopy()
	used := metav1.Now()
	workplace.Status.Activity = &v1alpha1.Activity{LastActive: &used}
	must(t, w.Status().Patch(ctx, workplace, client.MergeFrom(base)))
	must(t, w.Delete(ctx, workplace))
	tenant := &v1alpha1.Tenant{}
	cluster.Eventually(t, soon, "it is noted that it has none", func(ctx context.Context) error {
		if err := w.Get(ctx, client.ObjectKey{Name: w.TenantName("t")}, tenant); err != nil {
			return err
		}
		if count := tenant.Status.Workplaces; count.NoneSince == nil || count.Total != 0 {
			return fmt.Errorf("the status counts %+v", count)
		}
		return nil
	})
	must(t, w.Workplace(ctx, "t", "bert", "bert@example.com"))
	cluster.Eventually(t, soon, "its successor has a desktop", w.AllReady("t", 1))
	must(t, w.Get(ctx, client.ObjectKey{Name: w.TenantName("t")}, tenant))
	if tenant.Ended() || tenant.Status.Erasure != nil {
		t.Errorf("the contract ended: %+v, erased: %+v", tenant.Status.Contract, tenant.Status.Erasure)
	}
}

// removedHomeIsErased: the home of a removed workplace is kept its time, finds its
// way back to the workplace if that returns, and goes once that was announced.
func removedHomeIsErased(t *testing.T, w world.World) {
	ctx := t.Context()
	must(t, w.Class(ctx), w.Tenant(ctx, "t", withMail), w.Terms(ctx, func(s *v1alpha1.ServiceTermsSpec) {
		s.Retention = &v1alpha1.RetentionTerms{AfterEnd: "P30D", Announce: "PT24H"}
	}))
	cluster.Eventually(t, soon, "the namespace", w.HasNamespace("t"))
	must(t, w.Report(ctx, "t", time.Now()), w.Workplace(ctx, "t", "anna", user))
	cluster.Eventually(t, soon, "the desktop", w.AllReady("t", 1))
	home := &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Namespace: w.Namespace("t"), Name: "home-anna"}}
	removed := func(want string) func(context.Context) error {
		return func(ctx context.Context) error {
			if err := w.Get(ctx, client.ObjectKeyFromObject(home), home); err != nil {
				return err
			}
			if got := home.Annotations[v1alpha1.AnnotationRemovedOn]; got != want {
				return fmt.Errorf("the home says %q, want %q", got, want)
			}
			return nil
		}
	}
	remove := func() {
		must(t, w.Delete(ctx, &v1alpha1.Workplace{ObjectMeta: metav1.ObjectMeta{Namespace: w.Namespace("t"), Name: "anna"}}))
	}
	remove()
	cluster.Eventually(t, soon, "the day is noted", removed(string(today(0))))
	must(t, w.Workplace(ctx, "t", "anna", user))
	cluster.Eventually(t, soon, "it is back", removed(""))
	remove()
	cluster.Eventually(t, soon, "the day is noted again", removed(string(today(0))))
	uid := home.UID
	base := home.DeepCopy()
	home.Annotations[v1alpha1.AnnotationRemovedOn] = string(today(-31)) // as if it were long ago
	must(t, w.Patch(ctx, home, client.MergeFrom(base)), edit(ctx, w, "t", func(s *v1alpha1.TenantSpec) { s.DisplayName = "looked at again" }))
	announcement := "closure-announcement-" + string(today(-1)) + "-anna"
	send(t, w, announcement, time.Now().Add(-23*time.Hour))
	must(t, edit(ctx, w, "t", func(s *v1alpha1.TenantSpec) { s.DisplayName = "and again" }))
	cluster.Eventually(t, soon, "seen again", observed(w))
	must(t, w.Get(ctx, client.ObjectKeyFromObject(home), home))
	send(t, w, announcement, time.Now().Add(-25*time.Hour))
	cluster.Eventually(t, soon, "the home is erased", func(ctx context.Context) error {
		tenant := &v1alpha1.Tenant{}
		if err := w.Get(ctx, client.ObjectKey{Name: w.TenantName("t")}, tenant); err != nil {
			return err
		}
		err := w.Get(ctx, client.ObjectKeyFromObject(home), home)
		if proof := tenant.Status.RemovedHomes; !apierrors.IsNotFound(err) || len(proof) != 1 || proof[0].ClaimUID != string(uid) || proof[0].At == nil {
			return fmt.Errorf("the home: %v; the proof: %+v", err, proof)
		}
		return nil
	})
	must(t, w.TenantCondition("t", v1alpha1.ConditionContractActive, v1alpha1.ReasonActive)(ctx))
}

// amounts says what is different, if a tenant's charges are not these.
func amounts(w world.World, want []string) func(context.Context) error {
	return func(ctx context.Context) error {
		charges, err := w.Charges(ctx, "t")
		var got []string
		for _, charge := range charges {
			got = append(got, fmt.Sprintf("%s %s", charge.Spec.Type, charge.Spec.Amount))
		}
		slices.Sort(got)
		if err != nil || !slices.Equal(got, want) {
			return fmt.Errorf("charges %q, want %q: %v", got, want, err)
		}
		return nil
	}
}

// observed says whether the operator has seen the tenant's spec as it is.
func observed(w world.World) func(context.Context) error {
	return func(ctx context.Context) error {
		tenant := &v1alpha1.Tenant{}
		if err := w.Get(ctx, client.ObjectKey{Name: w.TenantName("t")}, tenant); err != nil {
			return err
		}
		if tenant.Status.ObservedGeneration != tenant.Generation {
			return fmt.Errorf("generation %d of %d", tenant.Status.ObservedGeneration, tenant.Generation)
		}
		return nil
	}
}
