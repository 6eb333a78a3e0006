// SPDX-License-Identifier: Apache-2.0

package forecast_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/utils/ptr"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/forecast"
	"werkplek.dev/werkplek/internal/terms/agreement"
	"werkplek.dev/werkplek/internal/terms/facts"
)

var day = forecast.Day

func euro(s string) decimal.Decimal { return decimal.RequireFromString(s) }

// compile returns terms with monthly billing, two months of arrears, a warning a
// week before suspension, and data that stays for 30 days after the end.
func compile(t testing.TB, edits ...func(*v1alpha1.ServiceTermsSpec)) *agreement.Terms {
	t.Helper()
	spec := v1alpha1.ServiceTermsSpec{
		DisplayName: "Hosted desktop", TimeZone: "Europe/Amsterdam", Currency: "EUR",
		Billing:      &v1alpha1.BillingTerms{Period: "P1M"},
		Contract:     &v1alpha1.ContractTerms{MinimumTerm: "P1M", Renewal: "P1M", Notice: &v1alpha1.NoticeTerms{Period: "P1M", To: v1alpha1.NoticeToEndOfCalendarMonth}},
		Arrears:      &v1alpha1.ArrearsTerms{SuspendAfter: "P2M", TerminateAfter: "P4M", Warning: &v1alpha1.WarningTerms{Before: "P7D", Required: ptr.To(true)}},
		Reactivation: &v1alpha1.ReactivationTerms{Fee: "25.00"},
		Retention:    &v1alpha1.RetentionTerms{AfterEnd: "P30D", Announce: "PT24H"},
	}
	for _, edit := range edits {
		edit(&spec)
	}
	compiled, err := agreement.Compile(&spec)
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}

// starting returns the facts of a tenant with two desktops, on the first day of its contract.
func starting(t testing.TB, on string) facts.Facts {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	from := day(on)
	f := facts.Facts{Now: from.Start(zone), Tenant: "jansen", Type: v1alpha1.Business, CreatedAt: from.Start(zone), StartsOn: from, DirectDebit: true}
	for _, name := range []string{"anna", "piet"} {
		f.Workplaces = append(f.Workplaces, facts.Workplace{
			Name: name, Class: "standard", Title: "Standard desktop", Username: name, CreatedOn: from.AddDays(-1),
			Prices: []agreement.DatedPrice{{Amount: euro("39.00"), Currency: "EUR"}}, Per: calendar.Period{Months: 1},
		})
	}
	return f
}

// told writes entries as "2026-11-02 Suspend arrears-2026-11-02".
func told(entries []forecast.Entry, what ...forecast.What) []string {
	zone, _ := time.LoadLocation("Europe/Amsterdam")
	var lines []string
	for _, entry := range entries {
		for _, wanted := range what {
			if entry.What == wanted {
				lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s %s %s", calendar.DateAt(entry.At, zone), entry.What, entry.Name)))
			}
		}
	}
	return lines
}

// TestArrears: an invoice stays unpaid, the warning goes out, access stops, and
// comes back when all is paid.
func TestArrears(t *testing.T) {
	t.Parallel()
	sim := forecast.New(map[string]*agreement.Terms{"hosted": compile(t)}, "hosted", starting(t, "2026-09-01"))
	sim.Do(
		forecast.Invoiced(day("2026-09-01"), "2026-0815", euro("78.00"), calendar.Date{}),
		forecast.Paid(day("2026-11-20"), "2026-0815"),
	)
	got := told(sim.UntilDate(day("2026-12-31")), forecast.Suspends, forecast.Lifts, forecast.Tells, forecast.Charges)
	want := []string{
		"2026-09-01 Charge subscription-2026-09-01-class-standard",
		"2026-10-01 Charge subscription-2026-10-01-class-standard",
		"2026-10-26 Notice suspension-warning-2026-11-02",
		"2026-11-01 Charge subscription-2026-11-01-class-standard",
		"2026-11-02 Suspend arrears-2026-11-02",
		"2026-11-20 Charge reactivation-arrears-2026-11-02",
		"2026-11-20 Lift arrears-2026-11-02",
		"2026-12-01 Charge subscription-2026-12-01-class-standard",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what happens (-want +got):\n%s", diff)
	}
	if charge, ok := sim.Charge("reactivation-arrears-2026-11-02"); !ok || charge.Spec.Amount != "50.00" {
		t.Errorf("resuming costs %+v, want 50.00", charge.Spec)
	}
	if err := sim.Err(); err != nil {
		t.Error(err)
	}
}

// TestDeadMail: nobody is suspended who was not warned, and nothing is erased
// that was not announced.
func TestDeadMail(t *testing.T) {
	t.Parallel()
	book := map[string]*agreement.Terms{"hosted": compile(t)}
	late := forecast.New(book, "hosted", starting(t, "2026-09-01"))
	late.Do(forecast.Invoiced(day("2026-09-01"), "1", euro("78.00"), calendar.Date{})).Do(forecast.MailDead(day("2026-10-01"), day("2026-11-10"))...)
	want := []string{"2026-11-02 Wait suspension", "2026-11-10 Notice suspension-warning-2026-11-02", "2026-11-17 Suspend arrears-2026-11-17"}
	if diff := cmp.Diff(want, told(late.UntilDate(day("2026-12-31")), forecast.Suspends, forecast.Tells, forecast.Waits)); diff != "" {
		t.Errorf("with mail dead before the deadline (-want +got):\n%s", diff)
	}

	gone := forecast.New(book, "hosted", starting(t, "2026-01-01"))
	gone.Do(forecast.NoticeReceived(day("2026-03-10"))).Do(forecast.MailDead(day("2026-05-01"), day("2026-07-01"))...)
	want = []string{"2026-03-10 Decision", "2026-05-01 End", "2026-05-31 Wait erasure", "2026-07-01 Notice closure-announcement-2026-05-31", "2026-07-02 Erase"}
	if diff := cmp.Diff(want, told(gone.UntilDate(day("2026-12-31")), forecast.Decides, forecast.Ends, forecast.Erases, forecast.Tells, forecast.Waits)); diff != "" {
		t.Errorf("with mail dead before the erasure (-want +got):\n%s", diff)
	}
	if stand := gone.Standing(); stand.State != v1alpha1.TenantErased {
		t.Errorf("state is %s, want Erased", stand.State)
	}
}

// TestToldInTime: what only a notice depends on is told on its day, though
// nothing else happens then.
func TestToldInTime(t *testing.T) {
	t.Parallel()
	terms1 := compile(t, func(s *v1alpha1.ServiceTermsSpec) {
		s.Contract.Trial = &v1alpha1.TrialTerms{Period: "P30D", RemindBefore: "P3D"}
		s.PriceChange = &v1alpha1.PriceChangeTerms{Notice: "P30D"}
		s.Changes = []v1alpha1.TermsChange{{From: "2026-12-24", Title: "New support hours"}}
	})
	facts := starting(t, "2026-09-01")
	facts.Subjects = []agreement.Subject{{Kind: "WorkplaceClass", Name: "standard", Prices: []agreement.DatedPrice{
		{Amount: euro("39.00"), Currency: "EUR"}, {From: day("2026-12-16"), Amount: euro("41.00"), Currency: "EUR"},
	}}}
	sim := forecast.New(map[string]*agreement.Terms{"hosted": terms1}, "hosted", facts)
	got := told(sim.UntilDate(day("2026-12-31")), forecast.Tells)
	want := []string{
		"2026-09-28 Notice trial-ending-2026-10-01",
		"2026-11-16 Notice price-change-workplaceclass-standard-2026-12-16",
		"2026-11-24 Notice terms-change-2026-12-24",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what is told (-want +got):\n%s", diff)
	}
}

// TestAfterNoticeAtOnce: a notice that ends a plan the same day leaves its tenant
// with the plan that follows.
func TestAfterNoticeAtOnce(t *testing.T) {
	t.Parallel()
	at := func(s *v1alpha1.ServiceTermsSpec) {
		s.Contract = &v1alpha1.ContractTerms{Notice: &v1alpha1.NoticeTerms{Period: "P0D", To: v1alpha1.NoticeToImmediate}}
	}
	book := map[string]*agreement.Terms{
		"free": compile(t, at, func(s *v1alpha1.ServiceTermsSpec) { s.Plan = &v1alpha1.PlanTerms{} }),
		"paid": compile(t, at, func(s *v1alpha1.ServiceTermsSpec) {
			s.Plan = &v1alpha1.PlanTerms{Price: "9.00", AfterEnd: &v1alpha1.AfterPlanTerms{TermsRef: v1alpha1.Reference{Name: "free"}}}
		}),
	}
	sim := forecast.New(book, "paid", starting(t, "2026-09-01"))
	sim.Do(forecast.NoticeReceived(day("2026-10-10")))
	got := told(sim.UntilDate(day("2026-12-31")), forecast.Ends, forecast.ChangesPlan, forecast.Erases)
	if diff := cmp.Diff([]string{"2026-10-10 Plan free"}, got); diff != "" {
		t.Errorf("what happens (-want +got):\n%s", diff)
	}
	sim.Do(forecast.NoticeReceived(day("2027-01-10")))
	got = told(sim.UntilDate(day("2027-02-28")), forecast.Ends, forecast.ChangesPlan, forecast.Erases)
	if diff := cmp.Diff([]string{"2027-01-10 End", "2027-02-09 Erase"}, got); diff != "" {
		t.Errorf("what a notice of the free plan brings (-want +got):\n%s", diff)
	}
}

// TestPaidAfterwards: what is charged at the end of a period is charged when the
// contract ends, before its data and its books go.
func TestPaidAfterwards(t *testing.T) {
	t.Parallel()
	sim := forecast.New(map[string]*agreement.Terms{"hosted": compile(t, func(s *v1alpha1.ServiceTermsSpec) {
		s.Billing.PaidInAdvance, s.Billing.Period = ptr.To(false), "P1Y"
	})}, "hosted", starting(t, "2026-01-01"))
	sim.Do(forecast.NoticeReceived(day("2026-03-10")))
	got := told(sim.UntilDate(day("2027-02-28")), forecast.Ends, forecast.Charges, forecast.Erases)
	want := []string{"2026-05-01 Charge subscription-2026-01-01-class-standard", "2026-05-01 End", "2026-05-31 Erase"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what happens (-want +got):\n%s", diff)
	}
	if charge, _ := sim.Charge("subscription-2026-01-01-class-standard"); charge.Spec.Amount != "307.72" {
		t.Errorf("four months of a year cost %s, want 307.72", charge.Spec.Amount)
	}
}

// TestOtherPeriods: a plan whose periods begin on another day charges no desktop
// for days that were charged before.
func TestOtherPeriods(t *testing.T) {
	t.Parallel()
	book := map[string]*agreement.Terms{
		"monthly": compile(t, func(s *v1alpha1.ServiceTermsSpec) { s.Plan = &v1alpha1.PlanTerms{Price: "9.00"} }),
		"yearly": compile(t, func(s *v1alpha1.ServiceTermsSpec) {
			s.Plan, s.Billing.Period = &v1alpha1.PlanTerms{Price: "90.00"}, "P1Y"
		}),
	}
	sim := forecast.New(book, "monthly", starting(t, "2026-09-01"))
	sim.Do(forecast.PlanAsked(day("2026-10-11"), "yearly"))
	sim.UntilDate(day("2026-12-31"))
	charge, ok := sim.Charge("subscription-2026-10-11-class-standard")
	if !ok || charge.Spec.Period.From != "2026-11-01" || charge.Spec.Period.Until != "2027-10-10" || charge.Spec.Amount != "882.14" {
		t.Errorf("the desktops' year is charged as %+v, want from 1 November on", charge.Spec)
	}
	if plan, _ := sim.Charge("subscription-2026-10-11-plan"); plan.Spec.Amount != "90.00" {
		t.Errorf("the plan is charged as %+v, want all of its year", plan.Spec)
	}
}

// TestSeatsOfAnEndedPlan: a plan that is over, and whose data keeps the one that
// follows from beginning, charges no seats and tells of none.
func TestSeatsOfAnEndedPlan(t *testing.T) {
	t.Parallel()
	book := map[string]*agreement.Terms{
		"free": compile(t, func(s *v1alpha1.ServiceTermsSpec) {
			s.Plan = &v1alpha1.PlanTerms{Capacity: ptr.To(resource.MustParse("1Gi"))}
		}),
		"seats": compile(t, func(s *v1alpha1.ServiceTermsSpec) {
			s.Contract = &v1alpha1.ContractTerms{Notice: &v1alpha1.NoticeTerms{Period: "P0D", To: v1alpha1.NoticeToImmediate}}
			s.Retention.Erasure = v1alpha1.ErasureManual
			s.Plan = &v1alpha1.PlanTerms{
				Seats:    &v1alpha1.SeatTerms{Price: "5.00"},
				AfterEnd: &v1alpha1.AfterPlanTerms{TermsRef: v1alpha1.Reference{Name: "free"}, EraseAboveCapacity: ptr.To(true)},
			}
		}),
	}
	facts := starting(t, "2026-09-01")
	facts.Stored = 5 << 30
	sim := forecast.New(book, "seats", facts).Do(forecast.NoticeReceived(day("2026-10-10")))
	sim.UntilDate(day("2026-10-31"))
	if got := told(sim.UntilDate(day("2026-12-31")), forecast.Tells, forecast.Charges, forecast.ChangesPlan); len(got) > 0 {
		t.Errorf("after the plan's end there is %v", got)
	}
	for _, wait := range told(sim.Entries(), forecast.Waits) {
		if wait == "2026-10-11 Wait erasure" {
			return
		}
	}
	t.Errorf("nothing says that a person must erase: %v", told(sim.Entries(), forecast.Waits))
}
