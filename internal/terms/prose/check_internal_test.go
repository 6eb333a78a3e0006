// SPDX-License-Identifier: Apache-2.0

package prose

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/utils/ptr"

	"werkplek.dev/werkplek/api/v1alpha1"
)

// sound returns terms in which nothing contradicts anything, with what a test edits.
func sound(edits ...func(*v1alpha1.ServiceTermsSpec)) *v1alpha1.ServiceTermsSpec {
	spec := &v1alpha1.ServiceTermsSpec{
		TimeZone: "Europe/Amsterdam", Currency: "EUR",
		Billing: &v1alpha1.BillingTerms{Period: "P1M"},
		Contract: &v1alpha1.ContractTerms{
			MinimumTerm: "P1Y", Renewal: "P1Y", Notice: &v1alpha1.NoticeTerms{Period: "P1M", To: v1alpha1.NoticeToEndOfTerm},
		},
		Arrears: &v1alpha1.ArrearsTerms{
			SuspendAfter: "P2M", TerminateAfter: "P4M", Warning: &v1alpha1.WarningTerms{Before: "P7D"},
		},
		Reactivation: &v1alpha1.ReactivationTerms{Fee: "25.00"},
		Retention:    &v1alpha1.RetentionTerms{AfterEnd: "P30D", Announce: "P7D"},
		Plan:         &v1alpha1.PlanTerms{Price: "9.00"},
	}
	for _, edit := range edits {
		edit(spec)
	}
	return spec
}

// TestCheck: what each contradiction is found by, and that nothing else is.
func TestCheck(t *testing.T) {
	t.Parallel()
	type spec = v1alpha1.ServiceTermsSpec
	after := func(name string, erase bool) func(*spec) {
		return func(s *spec) {
			s.Plan.AfterEnd = &v1alpha1.AfterPlanTerms{
				TermsRef: v1alpha1.Reference{Name: v1alpha1.ObjectName(name)}, EraseAboveCapacity: &erase,
			}
		}
	}
	others := map[string]*spec{
		"free":     sound(func(s *spec) { s.Plan = &v1alpha1.PlanTerms{Capacity: ptr.To(resource.MustParse("5Gi"))} }),
		"business": sound(func(s *spec) { s.Plan = &v1alpha1.PlanTerms{ForTypes: []v1alpha1.TenantType{v1alpha1.Business}} }),
		"paid":     sound(),
		"abroad":   sound(func(s *spec) { s.Plan, s.Currency = nil, "DKK" }),
		"back":     sound(after("these", false), func(s *spec) { s.Plan.Price = "" }),
	}
	for name, c := range map[string]struct {
		edit func(*spec)
		want []string // the field of each, with "note " before what is none
	}{
		"sound": {func(*spec) {}, nil},
		"not terms at all": {
			func(s *spec) { s.TimeZone, s.Currency = "Mars", "GOLD" }, []string{"spec.timeZone", "spec.currency"},
		},
		"terminate before suspend": {
			func(s *spec) { s.Arrears.TerminateAfter = "P1M" }, []string{"spec.arrears.terminateAfter"},
		},
		"terminate when suspended": {
			func(s *spec) { s.Arrears.TerminateAfter = "P2M" }, []string{"spec.arrears.terminateAfter"},
		},
		"notice beyond the term": {
			func(s *spec) { s.Contract.Notice.Period = "P2Y" },
			[]string{"spec.contract.notice.period", "spec.contract.notice.period"},
		},
		"notice beyond a renewal": {func(s *spec) { s.Contract.Renewal = "P14D" }, []string{"spec.contract.notice.period"}},
		"notice after renewal beyond it": {func(s *spec) {
			s.Contract.Renewal = "P1M"
			s.Contract.NoticeAfterRenewal = &v1alpha1.NoticeTerms{Period: "P2M", To: v1alpha1.NoticeToEndOfTerm}
		}, []string{"spec.contract.noticeAfterRenewal.period"}},
		"no way out": {func(s *spec) { s.Contract.Notice = nil }, []string{"spec.contract.notice"}},
		"no term to end": {
			func(s *spec) { s.Contract.MinimumTerm, s.Contract.Renewal = "", "" }, []string{"spec.contract.notice.to"},
		},
		"announce beyond retention": {
			func(s *spec) { s.Retention.Announce = "P60D" }, []string{"spec.retention.announce"},
		},
		"announce beyond unpaid": {
			func(s *spec) { s.Retention.AfterUnpaid = "P1D" }, []string{"spec.retention.announce"},
		},
		"announced by the clock": {
			func(s *spec) { s.Retention.AfterEnd, s.Retention.Announce = "P1D", "PT48H" }, []string{"spec.retention.announce"},
		},
		"nothing kept, announced": {
			func(s *spec) { s.Retention.AfterEnd, s.Retention.Announce = "P0D", "PT24H" },
			[]string{"note spec.retention.afterEnd"},
		},
		"nothing kept": {
			func(s *spec) { s.Retention.AfterEnd, s.Retention.Announce = "P0D", "" }, []string{"note spec.retention.afterEnd"},
		},
		"unpaid kept longer": {
			func(s *spec) { s.Retention.AfterUnpaid = "P1Y" }, []string{"note spec.retention.afterUnpaid"},
		},
		"unpaid without an end": {
			func(s *spec) { s.Arrears.TerminateAfter, s.Retention.AfterUnpaid = "", "P8D" },
			[]string{"spec.retention.afterUnpaid"},
		},
		"warning beyond the deadline": {
			func(s *spec) { s.Arrears.Warning.Before = "P2M" }, []string{"spec.arrears.warning.before"},
		},
		"facts older than the deadline": {
			func(s *spec) { s.Arrears.BillingFreshness = "P3M" }, []string{"spec.arrears.billingFreshness"},
		},
		"a claim without an end": {
			func(s *spec) { s.Arrears.TerminateAfter, s.Arrears.ClaimRestOfTerm = "", ptr.To(true) },
			[]string{"spec.arrears.claimRestOfTerm"},
		},
		"resuming without arrears": {func(s *spec) { s.Arrears = nil }, []string{"spec.reactivation"}},
		"withdrawal beyond the term": {
			func(s *spec) { s.Contract.Withdrawal = &v1alpha1.WithdrawalTerms{Within: "P2Y"} },
			[]string{"spec.contract.withdrawal.within"},
		},
		"withdrawal of nobody": {func(s *spec) {
			s.Contract.Withdrawal = &v1alpha1.WithdrawalTerms{Within: "P14D", ForTypes: []v1alpha1.TenantType{v1alpha1.Consumer}}
			s.Plan.ForTypes = []v1alpha1.TenantType{v1alpha1.Business}
		}, []string{"spec.contract.withdrawal.forTypes"}},
		"reminder before the trial": {
			func(s *spec) { s.Contract.Trial = &v1alpha1.TrialTerms{Period: "P14D", RemindBefore: "P14D"} },
			[]string{"spec.contract.trial.remindBefore"},
		},
		"a trial of no time": {
			func(s *spec) { s.Contract.Trial = &v1alpha1.TrialTerms{Period: "P0D"} }, []string{"spec.contract.trial.period"},
		},
		"early without a term": {func(s *spec) {
			s.Contract.MinimumTerm, s.Contract.EarlyTermination = "", &v1alpha1.EarlyTerminationTerms{}
		}, []string{"spec.contract.earlyTermination"}},
		"a price and no billing": {func(s *spec) { s.Billing = nil }, []string{"spec.plan"}},
		"a refund and no billing": {
			func(s *spec) { s.Billing, s.Plan, s.Contract.Notice.RefundPercent = nil, nil, 50 },
			[]string{"spec.contract.notice.refundPercent"},
		},
		"a refund of what is not paid": {
			func(s *spec) { s.Billing.PaidInAdvance, s.Contract.Notice.RefundPercent = ptr.To(false), 50 },
			[]string{"spec.contract.notice.refundPercent"},
		},
		"invoiced a period ahead": {
			func(s *spec) { s.Billing.InvoiceBefore = "P2M" }, []string{"spec.billing.invoiceBefore"},
		},
		"collected on the 31st": {
			func(s *spec) { s.Billing.CollectionDay = 31 }, []string{"note spec.billing.collectionDay"},
		},
		"inactive for less than is paid": {func(s *spec) {
			s.Billing.Period = "P1Y"
			s.Inactivity = &v1alpha1.InactivityTerms{WarnAfter: "P4W", EndAfter: "P8W"}
		}, []string{"note spec.inactivity.endAfter"}},
		"unwarned": {
			func(s *spec) { s.Plan, s.Inactivity = nil, &v1alpha1.InactivityTerms{EndAfter: "P8W"} },
			[]string{"note spec.inactivity.warnAfter"},
		},
		"leaving how soon": {
			func(s *spec) { s.PriceChange = &v1alpha1.PriceChangeTerms{ExitAbovePercent: "10"} },
			[]string{"spec.priceChange.exitNotice"},
		},
		"leaving why": {
			func(s *spec) { s.PriceChange = &v1alpha1.PriceChangeTerms{ExitNotice: "P1M"} },
			[]string{"spec.priceChange.exitNotice"},
		},
		"leaving later than without": {func(s *spec) {
			s.Contract.MinimumTerm = "P1M"
			s.Contract.Renewal = "P1M"
			s.PriceChange = &v1alpha1.PriceChangeTerms{ExitAbovePercent: "10", ExitNotice: "P3M"}
		}, []string{"note spec.priceChange.exitNotice"}},
		"on payment of nothing": {
			func(s *spec) { s.Plan.Price, s.Plan.Entry = "", v1alpha1.EntryOnPayment }, []string{"spec.plan.entry"},
		},
		"a change of nothing": {
			func(s *spec) { s.Plan.PriceChanges = []v1alpha1.PlanPriceChange{{From: "2027-01-01"}} },
			[]string{"spec.plan.priceChanges[0]"},
		},
		"followed by a free plan":       {after("free", true), nil},
		"followed by a smaller plan":    {after("free", false), []string{"note spec.plan.afterEnd.eraseAboveCapacity"}},
		"followed by itself":            {after("these", false), []string{"spec.plan.afterEnd.termsRef"}},
		"followed by nothing":           {after("gone", false), []string{"spec.plan.afterEnd.termsRef"}},
		"followed by a paid plan":       {after("paid", false), []string{"spec.plan.afterEnd.termsRef"}},
		"followed by a plan for others": {after("business", false), []string{"spec.plan.afterEnd.termsRef"}},
		"followed by a plan abroad":     {after("abroad", false), []string{"spec.plan.afterEnd.termsRef"}},
		"followed by what it follows":   {after("back", false), []string{"spec.plan.afterEnd.termsRef"}},
		"settled by weeks": {func(s *spec) {
			s.Support = &v1alpha1.SupportTerms{Sessions: &v1alpha1.SupportSessions{Included: 3, Per: "P4W", Overused: "20.00"}}
		}, []string{"spec.support.sessions.overused"}},
		"reduced from no price": {func(s *spec) {
			s.Support = &v1alpha1.SupportTerms{Sessions: &v1alpha1.SupportSessions{Included: 3, Per: "P1Y", DiscountPercent: 20}}
		}, []string{"spec.support.sessions.discountPercent"}},
		"longer work at no price": {func(s *spec) {
			s.Support = &v1alpha1.SupportTerms{
				Sessions: &v1alpha1.SupportSessions{Included: 3, Per: "P1Y", Length: "PT30M", Consecutive: 2},
			}
		}, []string{"spec.support.sessions.consecutive"}},
		"no rule for data":    {func(s *spec) { s.Retention = nil }, []string{"note spec.retention"}},
		"no rule for the end": {func(s *spec) { s.Contract = nil }, []string{"note spec.contract"}},
		"refused without arrears' effect": {func(s *spec) {
			s.Arrears, s.Reactivation, s.Contract.Notice.RefusedDuringArrears = nil, nil, ptr.To(true)
		}, []string{"note spec.contract.notice.refusedDuringArrears"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			findings := Check("these", sound(c.edit), func(name string) *spec { return others[name] })
			var got []string
			contradicts := false
			for _, finding := range findings {
				field, message, _ := strings.Cut(finding.String(), ": ")
				if message == "" {
					t.Errorf("%q says nothing", finding)
				}
				if !finding.Contradiction {
					field = "note " + field
				}
				contradicts = contradicts || finding.Contradiction
				got = append(got, field)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("found (-want +got):\n%s%v", diff, findings)
			}
			if Contradicts(findings) != contradicts {
				t.Error("Contradicts says otherwise")
			}
		})
	}
}
