// SPDX-License-Identifier: Apache-2.0

package dues

import (
	"testing"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
)

func day(t testing.TB, text string) calendar.Date {
	t.Helper()
	date, err := calendar.ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return date
}

// written are keys and the names that operators have given them ever since there
// were charges.
func written(t testing.TB) map[string]Key {
	on := func(text string) calendar.Date { return day(t, text) }
	november, leap := on("2026-11-01"), on("2028-02-29")
	november20 := on("2026-11-20")
	taken := SeatsAdded(november, november20)
	return map[string]Key{
		"subscription-2026-11-01-plan":      Subscription(Plan(""), BillingPeriod(november)),
		"subscription-2026-11-01-seats":     Subscription(Seats(""), BillingPeriod(november)),
		"subscription-2026-11-01-surcharge": Surcharge(BillingPeriod(november)),
		"subscription-2028-02-29-plan":      Subscription(Plan(""), BillingPeriod(leap)),

		"subscription-2026-11-01-class-office":        Subscription(Class("office"), BillingPeriod(november)),
		"subscription-2026-11-01-class-a-class-b":     Subscription(Class("a-class-b"), BillingPeriod(november)),
		"subscription-2026-11-01-class-class":         Subscription(Class("class"), BillingPeriod(november)),
		"subscription-2026-11-01-class-class-class-x": Subscription(Class("class-class-x"), BillingPeriod(november)),
		"subscription-2026-11-01-class-plan":          Subscription(Class("plan"), BillingPeriod(november)),
		"subscription-2026-11-01-class-starter-plan":  Subscription(Class("starter-plan"), BillingPeriod(november)),
		"subscription-2026-11-01-class-seats":         Subscription(Class("seats"), BillingPeriod(november)),
		"subscription-2026-11-01-class-surcharge":     Subscription(Class("surcharge"), BillingPeriod(november)),
		"subscription-2026-11-01-class-2026-11-01":    Subscription(Class("2026-11-01"), BillingPeriod(november)),
		"subscription-2026-11-01-class-a.b":           Subscription(Class("a.b"), BillingPeriod(november)),
		"subscription-2026-11-01-class-added-2026-11-02-class": Subscription(
			Class("added-2026-11-02-class"), BillingPeriod(november)),
		"subscription-2026-11-01-added-2026-11-20-class-office": Subscription(
			Class("office"), WorkplacesAdded(november, november20)),
		"subscription-2026-11-01-added-2026-11-20-class-x-class-added-2026-11-20-class-y": Subscription(
			Class("x-class-added-2026-11-20-class-y"), WorkplacesAdded(november, november20)),
		"subscription-2028-02-29-added-2028-02-29-class-seats-added-2028-02-29-seats": Subscription(
			Class("seats-added-2028-02-29-seats"), WorkplacesAdded(leap, leap)),
		"subscription-2026-12-31-added-2027-01-01-class-new": Subscription(
			Class("new"), WorkplacesAdded(on("2026-12-31"), on("2027-01-01"))),
		"subscription-2026-11-01-added-2026-11-20-surcharge": Surcharge(WorkplacesAdded(november, november20)),

		"subscription-2026-11-01-seats-added-2026-11-20-seats":     Subscription(Seats(""), taken),
		"subscription-2026-11-01-seats-added-2026-11-20-surcharge": Surcharge(taken),
		"subscription-2026-11-01-changed-2026-11-16-plan": Subscription(
			Plan(""), PlanChange(november, on("2026-11-16"))),

		"plan-2026-11-20-liveschijf-consumer": PlanEntry("liveschijf-consumer", november20),
		"plan-2026-12-31-first-class-desk":    PlanEntry("first-class-desk", on("2026-12-31")),
		"plan-2028-02-29-team-seats":          PlanEntry("team-seats", leap),
		"plan-2026-11-20-2026-11-20-plan":     PlanEntry("2026-11-20-plan", november20),

		"invoice-fee-2026-11-01":       InvoiceFee(november),
		"extra-seats-2028-02-29":       ExtraSeats("", leap),
		"early-termination-2027-01-01": EarlyTermination(on("2027-01-01")),
		"sessions-overused-2026-12-31": SessionsOverused(on("2026-12-31")),

		"credit-subscription-2026-11-01-plan":            Credit("subscription-2026-11-01-plan"),
		"credit-subscription-2026-11-01-class-a-class-b": Credit("subscription-2026-11-01-class-a-class-b"),
		"credit-plan-2026-11-20-credit-plan":             Credit("plan-2026-11-20-credit-plan"),

		"reactivation-arrears-2026-11-02":     Reactivation("arrears-2026-11-02"),
		"reactivation-reactivation-by-hand":   Reactivation("reactivation-by-hand"),
		"hand-over-leaving":                   Handover("leaving"),
		"hand-over-leaving-volume":            HandoverVolume("leaving"),
		"hand-over-second-volume":             Handover("second-volume"),
		"hand-over-second-volume-volume":      HandoverVolume("second-volume"),
		"hand-over-hand-over":                 Handover("hand-over"),
		"monday-remote-work":                  Work(v1alpha1.ChargeRemoteWork, "monday"),
		"monday-on-site-work":                 Work(v1alpha1.ChargeOnSiteWork, "monday"),
		"monday-call-out":                     Work(v1alpha1.ChargeCallOut, "monday"),
		"call-out-remote-work":                Work(v1alpha1.ChargeRemoteWork, "call-out"),
		"subscription-2026-11-01-remote-work": Work(v1alpha1.ChargeRemoteWork, "subscription-2026-11-01"),
		"subscription-2026-11-01-class-x-remote-work": Work(
			v1alpha1.ChargeRemoteWork, "subscription-2026-11-01-class-x"),
	}
}

// spec returns what a charge of a key says since charges say what they are for.
func spec(key Key) *v1alpha1.ChargeSpec {
	spec := &v1alpha1.ChargeSpec{}
	key.Write(spec)
	switch key.Subject.Kind {
	case v1alpha1.SubjectExport, v1alpha1.SubjectVolume:
		spec.SourceRef = &v1alpha1.SourceReference{Kind: "DataExport", Name: v1alpha1.ObjectName(key.Subject.Name)}
	}
	return spec
}

// TestNames: the names of charges never change, or all would be made once more.
func TestNames(t *testing.T) {
	t.Parallel()
	for name, key := range written(t) {
		if got := key.Name(); got != name {
			t.Errorf("%v is called %q, and was called %q ever since", key, got, name)
		}
	}
}

// TestKeyOf: a key that was written into a charge is read from there, whatever
// the charge is called, and from the name of a charge that says nothing.
func TestKeyOf(t *testing.T) {
	t.Parallel()
	types := map[v1alpha1.ChargeType]bool{}
	for name, key := range written(t) {
		types[key.Type] = true
		said := spec(key)
		for _, called := range []string{name, "subscription-2026-11-01-plan"} {
			if got, known, err := KeyOf(called, said); err != nil || !known || got != key {
				t.Errorf("%s, called %s: %v, %t, %v, want %v", name, called, got, known, err, key)
			}
		}
		old := said.DeepCopy()
		old.Subject, old.Group = nil, nil
		if got, known, err := KeyOf(name, old); err != nil || !known || got != key {
			t.Errorf("%s, made before: %v, %t, %v, want %v", name, got, known, err, key)
		}
	}
	if len(types) != 12 {
		t.Errorf("of 12 types of charge only %v", types)
	}
}

// TestFromNameRefuses: what no operator wrote is not read by halves.
func TestFromNameRefuses(t *testing.T) {
	t.Parallel()
	for name, kind := range map[string]v1alpha1.ChargeType{
		"":                                 v1alpha1.ChargeSubscription,
		"subscription":                     v1alpha1.ChargeSubscription,
		"subscription-":                    v1alpha1.ChargeSubscription,
		"subscription-2026-11-01":          v1alpha1.ChargeSubscription,
		"subscription-2026-11-01-":         v1alpha1.ChargeSubscription,
		"subscription-2026-11-01-plans":    v1alpha1.ChargeSubscription,
		"subscription-2026-11-31-plan":     v1alpha1.ChargeSubscription,
		"subscription-2027-02-29-plan":     v1alpha1.ChargeSubscription,
		"subscription-2026-11-1-plan":      v1alpha1.ChargeSubscription,
		"subscription-2026-11-01plan":      v1alpha1.ChargeSubscription,
		"Subscription-2026-11-01-plan":     v1alpha1.ChargeSubscription,
		"subscription-2026-11-01-added":    v1alpha1.ChargeSubscription,
		"plan-20261120-consumer":           v1alpha1.ChargeSubscription,
		"subscription-2026-11-01-plan ":    v1alpha1.ChargeSubscription,
		"subscription-2026-11-01-class-x":  v1alpha1.ChargeSurcharge,
		"subscription-2026-11-01-plan\n":   v1alpha1.ChargeSurcharge,
		"invoice-fee-2026-13-01":           v1alpha1.ChargeInvoiceFee,
		"extra-seats-2026-11-01-x":         v1alpha1.ChargeExtraSeats,
		"suspension-arrears-2026-11-02":    v1alpha1.ChargeReactivation,
		"subscription-2026-11-01-seats":    v1alpha1.ChargeCredit,
		"monday-remote-work":               v1alpha1.ChargeOnSiteWork,
		"subscription-2026-11-01-surcharg": v1alpha1.ChargeSurcharge,
		"fine":                             "",
	} {
		if key, known := FromName(name, &v1alpha1.ChargeSpec{Type: kind}); known {
			t.Errorf("%q of type %s was read as %v", name, kind, key)
		}
	}
	unread := spec(written(t)["subscription-2026-11-01-plan"])
	unread.Group.On = "soon"
	if _, known, err := KeyOf("subscription-2026-11-01-plan", unread); known || err == nil {
		t.Errorf("a group on no day was read: %v", err)
	}
}

// FuzzFromName: a name is read as a key that has it, or not at all.
func FuzzFromName(f *testing.F) {
	for name, key := range written(f) {
		f.Add(name, string(key.Type), key.Subject.Name)
	}
	f.Fuzz(func(t *testing.T, name, kind, source string) {
		old := &v1alpha1.ChargeSpec{Type: v1alpha1.ChargeType(kind)}
		old.SourceRef = &v1alpha1.SourceReference{Name: v1alpha1.ObjectName(source)}
		key, known := FromName(name, old)
		if !known {
			return
		}
		if key.Name() != name || key.Type != old.Type {
			t.Errorf("%q of type %s was read as %v", name, kind, key)
		}
		if again, ok, err := KeyOf(name, spec(key)); err != nil || !ok || again != key {
			t.Errorf("%v was written and read as %v, %t, %v", key, again, ok, err)
		}
	})
}
