// SPDX-License-Identifier: Apache-2.0

package telling

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"k8s.io/utils/ptr"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/notices"
	"werkplek.dev/werkplek/internal/terms/agreement"
	"werkplek.dev/werkplek/internal/terms/agreement/agreementtest"
	"werkplek.dev/werkplek/internal/terms/charging"
	"werkplek.dev/werkplek/internal/terms/dues"
	"werkplek.dev/werkplek/internal/terms/facts"
	"werkplek.dev/werkplek/internal/terms/facts/factstest"
	"werkplek.dev/werkplek/internal/terms/standing"
)

// TestEveryFactIsTold: the notices that come due say, between them, everything
// that their templates speak of.
func TestEveryFactIsTold(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	today := agreementtest.Day(t, "2026-11-20")
	told := func(s *v1alpha1.ServiceTermsSpec) {
		s.Notices = notices.Types()
		s.Plan = &v1alpha1.PlanTerms{Price: "9.00", Seats: &v1alpha1.SeatTerms{Price: "5.00"}}
		s.Billing = &v1alpha1.BillingTerms{Period: "P1M"}
		s.Contract = &v1alpha1.ContractTerms{
			Notice: &v1alpha1.NoticeTerms{Period: "P1M", To: v1alpha1.NoticeToEndOfCalendarMonth},
		}
		s.Arrears.Warning = &v1alpha1.WarningTerms{Before: "P14D"}
		s.Retention.Announce = "P14D"
		s.Inactivity = &v1alpha1.InactivityTerms{WarnAfter: "P4W", EndAfter: "P8W"}
		s.PriceChange = &v1alpha1.PriceChangeTerms{Notice: "P60D", ExitAbovePercent: "10", ExitNotice: "P3M"}
		s.Changes = []v1alpha1.TermsChange{{From: "2027-01-01", Title: "Other hours"}}
	}
	refuses := func(s *v1alpha1.ServiceTermsSpec) { s.Contract.Notice.RefusedDuringArrears = ptr.To(true) }
	trial := func(s *v1alpha1.ServiceTermsSpec) {
		s.Contract.Trial = &v1alpha1.TrialTerms{Period: "P30D", RemindBefore: "P7D"}
	}
	with := func(edits ...func(*facts.Facts)) facts.Facts {
		f := factstest.Owing(now)
		f.Tenant, f.StartsOn, f.CreatedAt, f.Notices = "jansen", agreementtest.Day(t, "2026-01-15"), now.AddDate(-1, 0,
			0), facts.Notices{}
		for _, edit := range edits {
			edit(&f)
		}
		return f
	}
	suspension := facts.Suspension{
		Name: "arrears-2026-11-19", Cause: v1alpha1.CauseArrears, Since: now.AddDate(0, 0, -1), Reason: "unpaid",
	}
	said := map[v1alpha1.NoticeType]map[string]bool{}
	for name, c := range map[string]struct {
		terms *agreement.Terms
		facts facts.Facts
	}{
		"new":      {agreementtest.TotalDesk(t, told), with(func(f *facts.Facts) { f.CreatedAt = now })},
		"to warn":  {agreementtest.TotalDesk(t, told), owingAs(with(), factstest.Open(t, "2026-09-10", "412.50"))},
		"inactive": {agreementtest.TotalDesk(t, told), with(func(f *facts.Facts) { f.LastActive = now.AddDate(0, 0, -30) })},
		"on trial": {agreementtest.TotalDesk(t, told, trial), with(func(f *facts.Facts) { f.StartsOn = today.AddDays(-25) })},
		"suspended": {agreementtest.TotalDesk(t, told), owingAs(with(func(f *facts.Facts) {
			f.Suspensions = []facts.Suspension{suspension}
		}), factstest.Open(t, "2026-09-18", "412.50"))},
		"resumed": {agreementtest.TotalDesk(t, told), with(func(f *facts.Facts) {
			lifted := suspension
			lifted.LiftedAt = now
			f.Suspensions = []facts.Suspension{lifted}
			f.Charges.Put(dues.Charge{
				Name: charging.ReactivationChargeName(suspension.Name), Key: dues.Reactivation(suspension.Name),
				Type: v1alpha1.ChargeReactivation,
				On:   today, Quantity: decimal.NewFromInt(12), Amount: decimal.NewFromInt(300),
			})
		})},
		"accepted": {agreementtest.TotalDesk(t, told), with(func(f *facts.Facts) { f.NoticeReceivedOn = today })},
		"refused": {agreementtest.TotalDesk(t, told, refuses), owingAs(with(func(f *facts.Facts) {
			f.NoticeReceivedOn = today
		}), factstest.Open(t, "2026-10-01", "412.50"))},
		"ended": {
			agreementtest.TotalDesk(t, told),
			with(func(f *facts.Facts) { f.EndedOn, f.EndReason = today, v1alpha1.EndInactivity }),
		},
		"erased": {agreementtest.TotalDesk(t, told), with(func(f *facts.Facts) {
			f.EndedOn, f.EndReason, f.Erased = today.AddDays(-30), v1alpha1.EndInactivity, true
			f.ErasedHomes, f.ErasedUnder = 12, "retention.afterEnd P30D"
		})},
		"dearer": {agreementtest.TotalDesk(t, told), with(func(f *facts.Facts) {
			f.Subjects = []agreement.Subject{{Kind: "WorkplaceClass", Name: "standard", Prices: []agreement.DatedPrice{
				{Amount: decimal.NewFromInt(39), Currency: "EUR"},
				{From: agreementtest.Day(t, "2027-01-01"), Amount: decimal.NewFromInt(45), Currency: "EUR"},
			}}}
		})},
		"changed": {agreementtest.TotalDesk(t, told), with(func(f *facts.Facts) {
			f.TermsTitle, f.PlanFrom, f.PlanAgreedOn = "Family", today, today
		})},
		"crowded": {agreementtest.TotalDesk(t, told), with(func(f *facts.Facts) {
			f.Seats, f.Workplaces = 1, []facts.Workplace{{Name: "a", Username: "anna"}, {Name: "b", Username: "bram"}}
		})},
		"asking": {agreementtest.TotalDesk(t, told), with(func(f *facts.Facts) {
			f.Requests = []facts.Request{{
				Name: "add-anna", Type: "AddUser", ReceivedAt: now, AnswerDueAt: now.Add(time.Hour),
				AnsweredAt: now, Answer: "the limit is reached",
			}}
		})},
	} {
		stood := standing.Stand(c.terms, c.facts)
		due := DueNow(c.terms, c.facts, &stood).Notices
		if name == "ended" {
			home := standing.HomeRemoved(c.terms, with(), "anna", "anna@jansen.example", today.AddDays(-30))
			due = append(due, *home.Announce)
		}
		for _, notice := range due {
			if said[notice.Type] == nil {
				said[notice.Type] = map[string]bool{}
			}
			for fact := range notice.Facts {
				said[notice.Type][fact] = true
			}
		}
	}
	common := len(notices.Facts("")) // whoever makes the Notice adds these
	for _, kind := range notices.Types() {
		for _, fact := range notices.Facts(kind)[common:] {
			if !said[kind][fact.Name] {
				t.Errorf("no notice %s says %s; they say %v", kind, fact.Name, slices.Sorted(maps.Keys(said[kind])))
			}
		}
	}
}

func owingAs(f facts.Facts, invoices ...facts.Invoice) facts.Facts {
	f.Billing = factstest.Owing(f.Now, invoices...).Billing
	return f
}
