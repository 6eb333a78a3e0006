// SPDX-License-Identifier: Apache-2.0

package metering

import (
	"context"
	"fmt"
	"maps"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/licensing"
	"werkplek.dev/werkplek/test/world"
)

// TestMonths lives through a year of a provider's reports, with month ends in
// summer and winter time and a year's end, seen and unseen.
func TestMonths(t *testing.T) {
	if testing.Short() {
		t.Skip("takes minutes")
	}
	ctx := t.Context()
	p := newProvider(t, "year")

	// January 2027: a catalogue, and nobody who uses it: a zero report is owed.
	p.at("2027-01-20T12:00:00Z")
	must(t, p.Terms(ctx), p.License(ctx, "rds"), p.License(ctx, "office", dearer), p.License(ctx, "owned", customerOwned), p.License(ctx, "core", perCore))
	must(t, p.Class(ctx, p.Needs("rds", "core")))
	p.settled("the draft of January", p.exists("2027-01"))
	p.at("2027-02-27T12:00:00Z")
	zero := p.final("2027-01")
	if zero.Status.ZeroUsage == nil || !*zero.Status.ZeroUsage || len(zero.Status.Lines) != 0 || zero.Status.PreviousDigest != "" {
		t.Errorf("January had no use and no report before it; its report says %+v", zero.Status)
	}
	if zero.Status.DueOn != "2027-02-10" {
		t.Errorf("January's report is due on %s, want 2027-02-10", zero.Status.DueOn)
	}
	p.settled("January's report is overdue", p.submitted("2027-01", v1alpha1.ReasonOverdue))
	zero.Spec.Submission = &v1alpha1.ReportSubmission{SubmittedOn: "2027-02-27", Reference: "mail"}
	must(t, p.Update(ctx, zero))
	p.settled("January's report is submitted", p.submitted("2027-01", v1alpha1.ReasonSubmitted))

	// March: everybody comes.
	p.at("2027-03-02T09:00:00Z")
	for _, tenant := range []string{"a", "b", "c"} {
		must(t, p.Tenant(ctx, tenant))
	}
	for _, tenant := range []string{"a", "b", "c"} {
		p.settled("a namespace", p.HasNamespace(tenant))
	}
	must(t,
		p.Workplace(ctx, "a", "anna", "anna@x.example"),
		p.Workplace(ctx, "a", "anna-two", "anna@x.example"), // the same person again
		p.Workplace(ctx, "b", "anna", "anna@x.example"),     // of another tenant: counts apart
		p.Workplace(ctx, "a", "bob", "bob@x.example", withLicenses(p, "office", "owned")),
		p.Workplace(ctx, "a", "bea", "bea@x.example", block), // blocked from the beginning
		p.Workplace(ctx, "a", "hour", "hour@x.example"),
		p.Workplace(ctx, "c", "carl", "carl@x.example"),
		p.Workplace(ctx, "c", "lost", "lost@x.example", withLicenses(p, "nowhere")), // needs what does not exist
	)
	p.settled("desktops", p.WorkplaceCondition("a", "bob", v1alpha1.ConditionReady, v1alpha1.ReasonReady))
	p.settled("desktops", p.WorkplaceCondition("a", "hour", v1alpha1.ConditionReady, v1alpha1.ReasonReady))
	p.settled("desktops", p.WorkplaceCondition("c", "carl", v1alpha1.ConditionLicensed, v1alpha1.ReasonRecorded))
	p.settled("an unknown licence is named", p.WorkplaceCondition("c", "lost", v1alpha1.ConditionAccessGranted, v1alpha1.ReasonUnlicensed))
	p.edit("a", "bob", block)
	p.remove("a", "hour")
	must(t, p.Create(ctx, suspension(p.Namespace("c"), "abuse")))
	p.settled("a suspension", p.NoneReady("c", 2))
	p.counted("a", "2027-03", "rds anna@x.example", "rds bob@x.example", "office bob@x.example", "owned bob@x.example", "rds hour@x.example")
	p.counted("b", "2027-03", "rds anna@x.example")
	p.counted("c", "2027-03", "rds carl@x.example")

	// The night to 1 April, in summer time, with the operator at work.
	p.at("2027-03-31T21:59:48Z")
	p.counted("a", "2027-04", "rds anna@x.example")
	p.counted("b", "2027-04", "rds anna@x.example")
	p.access("a", "2027-04", "rds", "anna@x.example", "2027-03-31T22:00:00Z", "-")
	p.closed("a", "2027-03")
	p.access("a", "2027-03", "rds", "anna@x.example", "", "2027-03-31T21:59:59Z")
	march := p.final("2027-03")
	if got, want := p.quantities(march), (map[string]int64{"rds": 5, "office": 1, "core": p.corePacks("2027-03")}); !maps.Equal(got, want) {
		t.Errorf("March counts %v, want %v", got, want)
	}
	if len(march.Status.Tracked) != 1 || march.Status.Tracked[0].Quantity != 1 {
		t.Errorf("the customer's own licence is tracked as %+v, want a quantity of 1", march.Status.Tracked)
	}
	if april, err := p.Records(ctx, "c", "2027-04"); err != nil || len(april) != 1 || len(april[0].Status.Users) != 0 {
		t.Errorf("tenant c is suspended all April: its record should hold its workplaces and nobody, got %+v (%v)", april, err)
	}

	// The operator sleeps through the night to 1 May. Meanwhile somebody comes.
	p.at("2027-04-30T21:58:00Z")
	p.settled("April's draft", p.exists("2027-04"))
	p.stop()
	must(t, p.Workplace(ctx, "b", "new", "new@x.example"))
	p.at("2027-05-01T04:00:00Z")
	p.settled("the new desktop", p.WorkplaceCondition("b", "new", v1alpha1.ConditionReady, v1alpha1.ReasonReady))
	p.counted("b", "2027-04", "rds anna@x.example")
	p.counted("b", "2027-05", "rds anna@x.example", "rds new@x.example")
	p.access("b", "2027-05", "rds", "anna@x.example", "2027-04-30T22:00:00Z", "-")
	p.beforeItsDesktop("b", "new", "2027-05", "2027-05-01T04:00:00Z")
	p.final("2027-04")

	// The missing licence appears; a workplace changes its class; a suspension ends.
	must(t, p.License(ctx, "nowhere"))
	dev := world.World{Client: p.Client, Name: p.Name + "-dev"}
	must(t, dev.Class(ctx, p.Needs("office")))
	p.edit("b", "new", func(s *v1alpha1.WorkplaceSpec) { s.ClassRef.Name = v1alpha1.ObjectName(dev.Name) })
	p.counted("b", "2027-05", "rds anna@x.example", "rds new@x.example", "office new@x.example")
	lift := &v1alpha1.Suspension{}
	must(t, p.Get(ctx, client.ObjectKey{Namespace: p.Namespace("c"), Name: "abuse"}, lift))
	lift.Spec.Lift = true
	must(t, p.Update(ctx, lift))
	p.settled("desktops", p.AllReady("c", 2))
	p.counted("c", "2027-05", "rds carl@x.example", "rds lost@x.example", "nowhere lost@x.example")

	// Half a year in the dark, the end of summer time included: each month has its report.
	p.at("2027-12-31T22:59:48Z")
	p.counted("b", "2027-10", "rds anna@x.example", "rds new@x.example", "office new@x.example")
	p.closed("b", "2027-10")
	p.access("b", "2027-10", "rds", "anna@x.example", "2027-09-30T22:00:00Z", "2027-10-31T22:59:59Z")
	// The night to the new year, in winter time.
	p.counted("b", "2028-01", "rds anna@x.example", "rds new@x.example", "office new@x.example")
	p.access("b", "2028-01", "rds", "new@x.example", "2027-12-31T23:00:00Z", "-")
	p.final("2027-12")
	p.chained("2027-01", "2027-12")
	p.correction()
}

// corePacks returns how many licences of two cores each cover the nodes that ran
// anything in a month, counted from the nodes themselves.
func (p *provider) corePacks(month string) int64 {
	p.t.Helper()
	packs := map[string]int64{}
	for _, tenant := range []string{"a", "b", "c"} {
		records, err := p.Records(p.t.Context(), tenant, month)
		must(p.t, err)
		for _, record := range records {
			for _, use := range record.Status.Nodes {
				node := &corev1.Node{}
				must(p.t, p.Get(p.t.Context(), client.ObjectKey{Name: use.Node}, node))
				packs[use.Node] = (max(node.Status.Capacity.Cpu().Value(), 16) + 1) / 2
			}
		}
	}
	total := int64(0)
	for _, n := range packs {
		total += n
	}
	if total == 0 {
		p.t.Errorf("no node was recorded in %s", month)
	}
	return total
}

// beforeItsDesktop checks that a user was recorded before the desktop began, by
// which object the API server made first.
func (p *provider) beforeItsDesktop(tenant, name, month, notBefore string) {
	p.t.Helper()
	pod := &corev1.Pod{}
	must(p.t, p.Get(p.t.Context(), client.ObjectKey{Namespace: p.Namespace(tenant), Name: name}, pod))
	records, err := p.Records(p.t.Context(), tenant, month)
	must(p.t, err)
	if pod.CreationTimestamp.Before(&records[0].CreationTimestamp) {
		p.t.Errorf("the desktop was made at %s, before the record at %s", pod.CreationTimestamp, records[0].CreationTimestamp)
	}
	if first := p.use(tenant, month, "rds", name+"@x.example").FirstAccessAt.UTC().Format(time.RFC3339); first < notBefore {
		p.t.Errorf("%s was made while the operator was down until %s, and counts from %s", name, notBefore, first)
	}
}

// chained checks that every month of a range has a final report that follows the
// one before, and whose digest is that of the records.
func (p *provider) chained(from, until string) {
	p.t.Helper()
	month, err := licensing.ParseMonth(v1alpha1.Month(from))
	must(p.t, err)
	previous := ""
	for ; string(month.Name()) <= until; month = month.Next() {
		report := p.final(string(month.Name()))
		if report.Status.PreviousDigest != previous {
			p.t.Errorf("report %s follows %q, want %q", report.Name, report.Status.PreviousDigest, previous)
		}
		if previous = report.Status.Digest; previous == "" {
			p.t.Errorf("report %s has no digest", report.Name)
		}
	}
}

// correction corrects a final report, and a correction.
func (p *provider) correction() {
	p.t.Helper()
	ctx := p.t.Context()
	rds := v1alpha1.LicenseName(p.LicenseName("rds"))
	stranger := &v1alpha1.LicenseReport{
		ObjectMeta: metav1.ObjectMeta{Name: "2027-03-stranger"},
		Spec: v1alpha1.LicenseReportSpec{
			Corrects:    &v1alpha1.Reference{Name: "2027-03"},
			Adjustments: []v1alpha1.ReportAdjustment{{License: rds, Quantity: -1, Tenant: "b", Username: "stranger@x.example", Reason: "never was there"}},
		},
	}
	must(p.t, p.Create(ctx, stranger))
	p.settled("who was never counted is not taken away", p.reportCondition(stranger.Name, v1alpha1.ConditionFinal, v1alpha1.ReasonAdjustmentInvalid))
	must(p.t, p.Delete(ctx, stranger))
	first := &v1alpha1.LicenseReport{
		ObjectMeta: metav1.ObjectMeta{Name: "2027-03-correction-1"},
		Spec: v1alpha1.LicenseReportSpec{
			Corrects:    &v1alpha1.Reference{Name: "2027-03"},
			Adjustments: []v1alpha1.ReportAdjustment{{License: rds, Quantity: -1, Tenant: "b", Reason: "anna@x.example was a test account of the provider"}},
		},
	}
	must(p.t, p.Create(ctx, first))
	corrected, original := p.final(first.Name), p.final("2027-03")
	if got, want := p.quantities(corrected)["rds"], p.quantities(original)["rds"]-1; got != want || corrected.Status.PreviousDigest != original.Status.Digest {
		p.t.Errorf("the correction says %d after %s, want %d after %s", got, corrected.Status.PreviousDigest, want, original.Status.Digest)
	}
	again := first.DeepCopy()
	again.ObjectMeta = metav1.ObjectMeta{Name: "2027-03-correction-2"}
	must(p.t, p.Create(ctx, again))
	p.settled("the same report cannot be corrected twice", p.reportCondition(again.Name, v1alpha1.ConditionFinal, v1alpha1.ReasonAlreadyCorrected))
}

func (p *provider) exists(report string) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := p.LicenseReport(ctx, report)
		return err
	}
}

func (p *provider) submitted(report, reason string) func(context.Context) error {
	return p.reportCondition(report, v1alpha1.ConditionSubmitted, reason)
}

func (p *provider) reportCondition(name, kind, reason string) func(context.Context) error {
	return func(ctx context.Context) error {
		report, err := p.LicenseReport(ctx, name)
		if err != nil {
			return err
		}
		if c := meta.FindStatusCondition(report.Status.Conditions, kind); c == nil || c.Reason != reason {
			return fmt.Errorf("report %s: want condition %s with reason %s, got %+v", name, kind, reason, c)
		}
		return nil
	}
}

func dearer(s *v1alpha1.LicenseSpec) { s.Prices[0].Amount = "11.35" }

func customerOwned(s *v1alpha1.LicenseSpec) {
	s.Agreement, s.Prices = v1alpha1.AgreementCustomerOwned, nil
}

func perCore(s *v1alpha1.LicenseSpec) {
	s.Metric, s.Cores = v1alpha1.MetricCore, &v1alpha1.CoreRule{MinimumPerNode: 16, PackSize: 2}
}

func withLicenses(p *provider, names ...string) func(*v1alpha1.WorkplaceSpec) {
	return func(s *v1alpha1.WorkplaceSpec) {
		for _, name := range names {
			s.Licenses = append(s.Licenses, v1alpha1.LicenseName(p.LicenseName(name)))
		}
	}
}

func suspension(namespace, name string) *v1alpha1.Suspension {
	return &v1alpha1.Suspension{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec:       v1alpha1.SuspensionSpec{Cause: v1alpha1.CauseAbuse, Reason: "a test"},
	}
}
