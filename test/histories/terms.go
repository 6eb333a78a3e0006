// SPDX-License-Identifier: Apache-2.0

package histories

import (
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/utils/ptr"

	"werkplek.dev/werkplek/api/v1alpha1"
)

// terms invents terms; not all of them can be used.
func (d dice) terms(zone string) *v1alpha1.ServiceTermsSpec {
	s := &v1alpha1.ServiceTermsSpec{DisplayName: pick(d, "", "Invented"), TimeZone: zone, Currency: "EUR"}
	some := func(percent int, set func()) {
		if d.chance(percent) {
			set()
		}
	}
	short := func() v1alpha1.Period { return pick[v1alpha1.Period](d, "P0D", "P3D", "P7D", "P14D", "P1M") }
	long := func() v1alpha1.Period { return pick[v1alpha1.Period](d, "P14D", "P1M", "P2M", "P90D", "P1Y") }
	notice := func() *v1alpha1.NoticeTerms {
		return &v1alpha1.NoticeTerms{
			Period: short(),
			To: pick(d,
				v1alpha1.NoticeToEndOfTerm, v1alpha1.NoticeToEndOfCalendarMonth, v1alpha1.NoticeToNextCollection,
				v1alpha1.NoticeToImmediate,
			),
			RefusedDuringArrears: ptr.To(d.chance(40)), RefundPercent: pick[int32](d, 0, 0, 50, 100),
		}
	}
	some(80, func() {
		s.Billing = &v1alpha1.BillingTerms{
			Period: pick[v1alpha1.Period](d, "P1M", "P1M", "P3M", "P1Y", "P4W"), PaidInAdvance: ptr.To(d.chance(80)),
			SurchargeWithoutDirectDebit: pick[v1alpha1.Percentage](d, "", "2"),
			Anchor:                      pick(d, "", v1alpha1.AnchorCalendarMonth),
			Additions:                   pick(d, "", v1alpha1.AdditionsNextPeriod), CollectionDay: pick[int32](d, 0, 1, 20, 31),
			InvoiceBefore: pick[v1alpha1.Period](d, "", "", "P14D", "P1M"), InvoiceFee: pick[v1alpha1.Price](d, "", "", "1.50"),
		}
	})
	s.Contract = &v1alpha1.ContractTerms{
		MinimumTerm: pick[v1alpha1.Period](d, "", "P1M", "P3M", "P1Y"),
		Renewal:     pick[v1alpha1.Period](d, "", "P1M", "P1Y"),
	}
	some(80, func() { s.Contract.Notice = notice() })
	some(20, func() { s.Contract.NoticeAfterRenewal = notice() })
	some(20, func() {
		s.Contract.EarlyTermination = &v1alpha1.EarlyTerminationTerms{RestOfTermPercent: pick(d, nil, ptr.To[int32](50))}
	})
	some(40, func() {
		s.Contract.Withdrawal = &v1alpha1.WithdrawalTerms{
			Within:       "P14D",
			KeepDaysUsed: ptr.To(d.chance(50)),
			ForTypes:     pick(d, nil, []v1alpha1.TenantType{v1alpha1.Consumer}),
		}
	})
	some(25, func() {
		s.Contract.Trial = &v1alpha1.TrialTerms{
			Period:       pick[v1alpha1.Period](d, "P14D", "P1M"),
			AtEnd:        pick(d, "", v1alpha1.TrialEndEnd),
			RemindBefore: pick[v1alpha1.Period](d, "", "P3D"),
		}
	})
	some(80, func() {
		s.Arrears = &v1alpha1.ArrearsTerms{
			MeasuredFrom: pick(d, "", v1alpha1.LastSentInvoice), DateBasis: pick(d, "", v1alpha1.DueOn), SuspendAfter: long(),
			TerminateAfter: pick[v1alpha1.Period](d, "", "P4M", "P1Y"), Termination: pick(d, "", v1alpha1.TerminationAutomatic),
			ClaimRestOfTerm: ptr.To(d.chance(50)), BillingFreshness: pick[v1alpha1.Period](d, "", "P3D", "PT36H", "P10D"),
		}
		some(60, func() {
			s.Arrears.Warning = &v1alpha1.WarningTerms{
				Before:   pick[v1alpha1.Period](d, "P3D", "P7D", "P1M"),
				Required: ptr.To(d.chance(60)),
			}
		})
	})
	some(60, func() {
		s.Reactivation = &v1alpha1.ReactivationTerms{
			Fee:      "25.00",
			Per:      pick(d, "", v1alpha1.PerTenant),
			Requires: pick(d, "", v1alpha1.OverdueInvoicesPaid),
		}
	})
	some(80, func() {
		s.Retention = &v1alpha1.RetentionTerms{
			AfterEnd:    pick[v1alpha1.Period](d, "P0D", "P7D", "P30D", "P3M"),
			Announce:    pick[v1alpha1.Period](d, "", "PT24H", "P7D", "P1M"),
			AfterUnpaid: pick[v1alpha1.Period](d, "", "P0D", "P60D"), Erasure: pick(d, "", "", v1alpha1.ErasureManual),
		}
	})
	some(30, func() {
		s.Inactivity = &v1alpha1.InactivityTerms{
			WarnAfter: pick[v1alpha1.Period](d, "", "P4W"),
			EndAfter:  pick[v1alpha1.Period](d, "P8W", "P6M"),
		}
	})
	some(50, func() {
		s.PriceChange = &v1alpha1.PriceChangeTerms{
			Notice: pick[v1alpha1.Period](d, "", "P30D"), IndexingMonth: pick[int32](d, 0, 0, 1),
			ExitAbovePercent: pick[v1alpha1.Percentage](d, "", "10"), ExitNotice: pick[v1alpha1.Period](d, "", "P1M"),
		}
		some(40, func() { s.Changes = []v1alpha1.TermsChange{{From: "2026-11-05", Title: "Other terms"}} })
	})
	some(50, func() {
		s.Plan = &v1alpha1.PlanTerms{
			Price:    pick[v1alpha1.Price](d, "", "9.00", "49.95"),
			Members:  pick(d, nil, ptr.To[int32](2)),
			Bonus:    ptr.To(d.chance(50)),
			Entry:    pick(d, "", v1alpha1.EntryOnPayment, v1alpha1.EntryPeriodEnd),
			ForTypes: pick(d, nil, []v1alpha1.TenantType{v1alpha1.Business}),
		}
		some(30, func() {
			s.Plan.PriceChanges = []v1alpha1.PlanPriceChange{
				{From: "2026-12-01", Price: "12.00"},
				{From: "2026-08-10", Price: "60.00"},
			}
		})
		some(40, func() { s.Plan.Capacity = ptr.To(resource.MustParse(pick(d, "10Gi", "50Gi", "1Ti"))) })
		some(30, func() {
			s.Plan.Seats = &v1alpha1.SeatTerms{Price: "5.00", ExtraPrice: pick[v1alpha1.Price](d, "", "7.50")}
		})
		some(50, func() {
			s.Plan.AfterEnd = &v1alpha1.AfterPlanTerms{
				TermsRef:           v1alpha1.Reference{Name: v1alpha1.ObjectName(pick(d, "b", "c"))},
				EraseAboveCapacity: ptr.To(d.chance(50)),
			}
		})
	})
	some(40, func() {
		s.Support = &v1alpha1.SupportTerms{
			Sessions: &v1alpha1.SupportSessions{Included: 12, Per: "P1Y", Length: "PT30M", Overused: "20.00"},
		}
	})
	some(60, func() {
		s.Notices = []v1alpha1.NoticeType{
			v1alpha1.NoticeWelcome, v1alpha1.NoticeSuspended, v1alpha1.NoticeResumed, v1alpha1.NoticeOfAcceptance,
			v1alpha1.NoticeOfRefusal, v1alpha1.NoticePlanChanged, v1alpha1.NoticeErased,
		}
	})
	return s
}
