// SPDX-License-Identifier: Apache-2.0

package futures

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/yaml"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/terms/agreement"
	"werkplek.dev/werkplek/test/cluster"
	"werkplek.dev/werkplek/test/histories"
)

// provider returns the terms of an invented provider, or of one of those that are
// shipped, each with some of its clauses changed.
func (d dice) provider(t *testing.T, seed uint64) []v1alpha1.ServiceTerms {
	t.Helper()
	var all []v1alpha1.ServiceTerms
	if d.chance(40) {
		invented := histories.Invent(seed).Terms
		for _, name := range slices.Sorted(maps.Keys(invented)) {
			all = append(all, v1alpha1.ServiceTerms{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: *invented[name]})
		}
	} else {
		all = d.shipped(t)
	}
	for i := range all {
		all[i].Name = named(seed, all[i].Name)
		if plan := all[i].Spec.Plan; plan != nil && plan.AfterEnd != nil {
			plan.AfterEnd.TermsRef = reference(named(seed, string(plan.AfterEnd.TermsRef.Name)))
		}
	}
	return all
}

// shipped returns the terms of one of the providers that are shipped.
func (d dice) shipped(t *testing.T) []v1alpha1.ServiceTerms {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(cluster.Root(), "config/samples/terms/*.yaml"))
	must(t, err)
	content, err := os.ReadFile(files[d.IntN(len(files))])
	must(t, err)
	var all []v1alpha1.ServiceTerms
	for document := range strings.SplitSeq(string(content), "\n---\n") {
		shipped := v1alpha1.ServiceTerms{}
		must(t, yaml.UnmarshalStrict([]byte(document), &shipped))
		for _, clause := range mutations[:3] { // what most is decided by
			if d.chance(60) {
				d.mutate(&shipped.Spec, clause)
			}
		}
		for range d.IntN(6) {
			d.mutate(&shipped.Spec, pick(d, mutations...))
		}
		all = append(all, shipped)
	}
	return all
}

// mutate changes a clause, and takes it back where the terms would be of no use.
func (d dice) mutate(s *v1alpha1.ServiceTermsSpec, clause func(dice, *v1alpha1.ServiceTermsSpec)) {
	before := s.DeepCopy()
	clause(d, s)
	if _, err := agreement.Compile(s); err != nil {
		*s = *before
	}
}

// mutations are what providers agree differently.
var mutations = []func(dice, *v1alpha1.ServiceTermsSpec){
	func(d dice, s *v1alpha1.ServiceTermsSpec) {
		s.Arrears = &v1alpha1.ArrearsTerms{
			MeasuredFrom: v1alpha1.OldestUnpaidInvoice, DateBasis: pick(d, v1alpha1.IssuedOn, v1alpha1.DueOn),
			SuspendAfter:     pick[v1alpha1.Period](d, "P14D", "P1M", "P2M"),
			TerminateAfter:   pick[v1alpha1.Period](d, "P4M", "P1Y"),
			Termination:      pick(d, v1alpha1.TerminationManual, v1alpha1.TerminationAutomatic),
			BillingFreshness: pick[v1alpha1.Period](d, "P3D", "PT36H", "P10D"),
		}
	},
	func(d dice, s *v1alpha1.ServiceTermsSpec) {
		if s.Arrears != nil {
			s.Arrears.Warning = &v1alpha1.WarningTerms{
				Before: pick[v1alpha1.Period](d, "P3D", "P7D"), Required: ptr.To(d.chance(60)),
			}
		}
	},
	func(d dice, s *v1alpha1.ServiceTermsSpec) {
		s.Reactivation = &v1alpha1.ReactivationTerms{
			Fee: "25.00", Per: pick(d, v1alpha1.PerWorkplaceUser, v1alpha1.PerTenant),
			Requires: pick(d, v1alpha1.AllOpenInvoicesPaid, v1alpha1.OverdueInvoicesPaid),
		}
	},
	func(d dice, s *v1alpha1.ServiceTermsSpec) {
		s.Retention = &v1alpha1.RetentionTerms{
			AfterEnd: pick[v1alpha1.Period](d, "P0D", "P7D", "P30D"),
			Announce: pick[v1alpha1.Period](d, "", "PT24H", "P7D"),
		}
	},
	func(d dice, s *v1alpha1.ServiceTermsSpec) {
		if s.Contract != nil {
			s.Contract.Notice = &v1alpha1.NoticeTerms{
				Period: pick[v1alpha1.Period](d, "P0D", "P14D", "P1M"),
				To: pick(d,
					v1alpha1.NoticeToEndOfTerm, v1alpha1.NoticeToEndOfCalendarMonth, v1alpha1.NoticeToImmediate),
				RefusedDuringArrears: ptr.To(d.chance(40)), RefundPercent: pick[int32](d, 0, 50, 100),
			}
		}
	},
	func(d dice, s *v1alpha1.ServiceTermsSpec) {
		if s.Billing != nil {
			s.Billing.Period = pick[v1alpha1.Period](d, "P1M", "P3M")
			s.Billing.Anchor = pick(d, v1alpha1.AnchorCalendarMonth, v1alpha1.AnchorContractStart)
		}
	},
	func(d dice, s *v1alpha1.ServiceTermsSpec) {
		if s.Billing != nil {
			s.Billing.SurchargeWithoutDirectDebit = pick[v1alpha1.Percentage](d, "", "2")
			s.Billing.InvoiceFee = pick[v1alpha1.Price](d, "", "1.50")
		}
	},
	func(d dice, s *v1alpha1.ServiceTermsSpec) {
		if s.Plan != nil {
			s.Plan.Price = pick[v1alpha1.Price](d, "9.00", "49.95")
			s.Plan.Entry = pick(d, v1alpha1.EntryAtOnce, v1alpha1.EntryPeriodEnd)
		}
	},
	func(d dice, s *v1alpha1.ServiceTermsSpec) {
		if s.Plan != nil && s.Plan.Seats == nil {
			s.Plan.Seats = &v1alpha1.SeatTerms{Price: "5.00", ExtraPrice: pick[v1alpha1.Price](d, "", "7.50")}
		}
	},
	func(_ dice, s *v1alpha1.ServiceTermsSpec) {
		for _, kind := range []v1alpha1.NoticeType{
			v1alpha1.NoticeWelcome, v1alpha1.NoticeSuspended, v1alpha1.NoticeResumed, v1alpha1.NoticeOfAcceptance,
			v1alpha1.NoticeOfRefusal, v1alpha1.NoticePlanChanged, v1alpha1.NoticeErased,
		} {
			if !slices.Contains(s.Notices, kind) {
				s.Notices = append(s.Notices, kind)
			}
		}
	},
}
