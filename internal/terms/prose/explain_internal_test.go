// SPDX-License-Identifier: Apache-2.0

package prose

import (
	"reflect"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/utils/ptr"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/terms/agreement/agreementtest"
)

// everything returns terms in which every field is set.
func everything() *v1alpha1.ServiceTermsSpec {
	return sound(func(s *v1alpha1.ServiceTermsSpec) {
		s.DisplayName, s.Prices, s.Language = "All terms", v1alpha1.PricesIncludingVAT, "nl"
		s.Plan = &v1alpha1.PlanTerms{
			Price: "9.00", Seats: &v1alpha1.SeatTerms{Price: "5.00", ExtraPrice: "7.50"},
			ForTypes: []v1alpha1.TenantType{v1alpha1.Consumer}, Capacity: ptr.To(resource.MustParse("5Gi")),
			PriceChanges: []v1alpha1.PlanPriceChange{{From: "2027-01-01", Price: "10.00", SeatPrice: "6.00"}},
			Members:      ptr.To[int32](5), Bonus: ptr.To(true), Entry: v1alpha1.EntryOnPayment,
			AfterEnd: &v1alpha1.AfterPlanTerms{TermsRef: v1alpha1.Reference{Name: "free"}, EraseAboveCapacity: ptr.To(true)},
		}
		s.Billing = &v1alpha1.BillingTerms{
			Period: "P1M", PaidInAdvance: ptr.To(true), SurchargeWithoutDirectDebit: "2",
			DirectDebitUnavailable: []v1alpha1.DateSpan{{From: "2026-01-01", Until: "2026-01-31"}},
			Anchor:                 v1alpha1.AnchorContractStart, Additions: v1alpha1.AdditionsProRata, CollectionDay: 20,
			InvoiceBefore: "P14D", InvoiceFee: "1.50",
		}
		c := s.Contract
		c.Notice = &v1alpha1.NoticeTerms{
			Period: "P1M", To: v1alpha1.NoticeToNextCollection, RefusedDuringArrears: ptr.To(true), RefundPercent: 50,
		}
		c.NoticeAfterRenewal = c.Notice
		c.EarlyTermination = &v1alpha1.EarlyTerminationTerms{RestOfTermPercent: ptr.To[int32](50)}
		c.Withdrawal = &v1alpha1.WithdrawalTerms{
			Within: "P14D", ForTypes: []v1alpha1.TenantType{v1alpha1.Consumer}, KeepDaysUsed: ptr.To(true),
		}
		c.Trial = &v1alpha1.TrialTerms{Period: "P14D", AtEnd: v1alpha1.TrialEndSuspend, RemindBefore: "P3D"}
		s.Arrears = &v1alpha1.ArrearsTerms{
			MeasuredFrom: v1alpha1.OldestUnpaidInvoice, DateBasis: v1alpha1.IssuedOn, SuspendAfter: "P2M",
			TerminateAfter: "P4M", Termination: v1alpha1.TerminationAutomatic,
			ClaimRestOfTerm: ptr.To(true), Warning: &v1alpha1.WarningTerms{Before: "P7D", Required: ptr.To(true)},
			BillingFreshness: "P3D",
		}
		s.Reactivation = &v1alpha1.ReactivationTerms{
			Fee: "25.00", Per: v1alpha1.PerWorkplaceUser, Requires: v1alpha1.AllOpenInvoicesPaid,
		}
		s.Retention = &v1alpha1.RetentionTerms{
			AfterEnd: "P30D", Announce: "PT24H", AfterUnpaid: "P8D", Erasure: v1alpha1.ErasureAutomatic,
		}
		s.Inactivity = &v1alpha1.InactivityTerms{WarnAfter: "P4W", EndAfter: "P8W"}
		s.PriceChange = &v1alpha1.PriceChangeTerms{
			Notice: "P30D", IndexingMonth: 1, ExitAbovePercent: "10", ExitNotice: "P3M",
		}
		rate := &v1alpha1.WorkRate{Amount: "23.75", Per: "PT15M", Minimum: "PT2H", CallOut: "75.00", MinimumAmount: "50.00"}
		s.Support = &v1alpha1.SupportTerms{
			AnswerWithin: "PT4H", Rates: &v1alpha1.SupportRates{Remote: rate, OnSite: rate},
			OfficeHours: &v1alpha1.OfficeHours{
				Days: []v1alpha1.Weekday{"Mon"}, From: "09:00", Until: "17:00", HolidayCalendar: "NL",
				Holidays: []v1alpha1.Date{"2026-05-05"}, WorkingHolidays: []v1alpha1.Date{"2026-04-27"},
			},
			Sessions: &v1alpha1.SupportSessions{
				Included: 12, Per: "P1Y", Length: "PT30M", Consecutive: 2, DiscountPercent: 20, Overused: "20.00",
			},
		}
		s.Requests = &v1alpha1.RequestTerms{Approval: "Automatic"}
		s.Notices = []v1alpha1.NoticeType{v1alpha1.NoticeWelcome}
		s.Changes = []v1alpha1.TermsChange{{From: "2027-01-01", Title: "Other hours"}}
		s.Handover = &v1alpha1.HandoverTerms{Fee: "50.00", FeePerGigabyte: "0.50"}
	})
}

// TestExplainEverything: every field has a sentence of its own, or one of what it
// belongs to, and none says nothing.
func TestExplainEverything(t *testing.T) {
	t.Parallel()
	passages, err := Explain(everything(), agreementtest.Day(t, "2026-01-15"))
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]bool{}
	for _, p := range passages {
		told[strings.ReplaceAll(p.Field, "[0]", "")] = true
		if p.Sentence == "" || !strings.HasSuffix(p.Sentence, ".") || strings.Contains(p.Sentence, "%!") {
			t.Errorf("%s says %q", p.Field, p.Sentence)
		}
	}
	// What belongs together is told together.
	with := map[string]string{
		"spec.support.sessions.per":      "spec.support.sessions.included",
		"spec.support.rates.remote.per":  "spec.support.rates.remote.amount",
		"spec.support.rates.onSite.per":  "spec.support.rates.onSite.amount",
		"spec.support.officeHours.days":  "spec.support.officeHours",
		"spec.support.officeHours.from":  "spec.support.officeHours",
		"spec.support.officeHours.until": "spec.support.officeHours",
	}
	for _, field := range leaves("spec", reflect.ValueOf(*everything())) {
		if other, ok := with[field]; ok {
			field = other
		}
		if !told[field] {
			t.Errorf("nothing is said of %s", field)
		}
	}
}

// leaves returns the fields that hold values, and fails to find those that are not set.
func leaves(path string, v reflect.Value) []string {
	switch {
	case v.Kind() == reflect.Pointer && v.IsNil():
		return []string{path + " (which is not set)"}
	case v.Kind() == reflect.Pointer && v.Elem().Kind() == reflect.Struct &&
		v.Elem().Type() != reflect.TypeFor[resource.Quantity]():
		return leaves(path, v.Elem())
	case v.Kind() != reflect.Struct || v.Type() == reflect.TypeFor[v1alpha1.Reference]():
		if v.IsZero() {
			return []string{path + " (which is not set)"}
		}
		return []string{path}
	}
	var found []string
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		found = append(found, leaves(path+"."+name, v.Field(i))...)
	}
	return found
}

// TestExplainDates: the dates of the example are those that the calendar finds.
func TestExplainDates(t *testing.T) {
	t.Parallel()
	passages, err := Explain(everything(), agreementtest.Day(t, "2026-01-15"))
	if err != nil {
		t.Fatal(err)
	}
	for field, want := range map[string]string{
		"spec.billing.period":         "from then to 2026-02-14, then from 2026-02-15 to 2026-03-14",
		"spec.billing.invoiceBefore":  "on 2026-02-01",
		"spec.contract.minimumTerm":   "from 2026-01-15 to 2027-01-14",
		"spec.contract.renewal":       "from 2027-01-15 to 2028-01-14",
		"spec.contract.notice.to":     "Received on 2026-01-24, it ends the agreement on 2026-03-20",
		"spec.contract.trial.period":  "to 2026-01-28",
		"spec.arrears.suspendAfter":   "until and including 2026-03-15: access is suspended from 2026-03-16",
		"spec.arrears.warning.before": "on 2026-03-09",
		"spec.retention.afterEnd":     "erased on 2026-02-14",
		"spec.reactivation.fee":       "EUR 25.00 for each user who was shut out; for 12 users, EUR 300.00",
		"spec.inactivity.endAfter":    "After 8 weeks without use, on 2026-03-12",
	} {
		found := false
		for _, p := range passages {
			found = found || p.Field == field && strings.Contains(p.Sentence, want)
		}
		if !found {
			t.Errorf("%s does not say %q: %v", field, want, passages)
		}
	}
}
