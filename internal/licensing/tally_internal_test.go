// SPDX-License-Identifier: Apache-2.0

package licensing

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
)

// license makes a catalogue entry.
func license(name string, edits ...func(*v1alpha1.LicenseSpec)) v1alpha1.License {
	l := v1alpha1.License{
		ObjectMeta: metav1.ObjectMeta{Name: name, Generation: 3},
		Spec: v1alpha1.LicenseSpec{
			DisplayName: "Product " + name, Agreement: v1alpha1.AgreementSPLA, PartNumber: "P-" + name, Metric: v1alpha1.MetricUser,
			Prices: []v1alpha1.LicensePrice{{From: "2026-01-01", Amount: "6.10", Currency: "EUR"}, {From: "2027-01-01", Amount: "7.005", Currency: "EUR"}},
		},
	}
	for _, edit := range edits {
		edit(&l.Spec)
	}
	return l
}

func core(s *v1alpha1.LicenseSpec) {
	s.Metric, s.Cores = v1alpha1.MetricCore, &v1alpha1.CoreRule{MinimumPerNode: 16, PackSize: 2}
}

func owned(s *v1alpha1.LicenseSpec) { s.Agreement = v1alpha1.AgreementCustomerOwned }

func staff(s *v1alpha1.LicenseSpec) {
	s.Exemptions = []v1alpha1.LicenseExemption{{Name: "staff", Reason: "provider staff", Users: []v1alpha1.Username{"s1", "s2", "s3"}, MaximumUsers: ptr.To(int32(2))}}
}

// used makes a record of November 2026; a use is "licence username [exemption]".
func used(uses ...string) Record {
	s := &v1alpha1.UsageRecordStatus{Month: "2026-11"}
	first := metav1.NewTime(time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC))
	last := metav1.NewTime(time.Date(2026, 11, 30, 22, 59, 59, 0, time.UTC))
	for _, use := range uses {
		fields := append(strings.Fields(use), "")
		s.Users = append(s.Users, v1alpha1.UserUsage{
			License: v1alpha1.LicenseName(fields[0]), Username: v1alpha1.Username(fields[1]), FirstAccessAt: first, LastAccessAt: &last, Exemption: fields[2],
		})
	}
	return Record{Name: "2026-11", Status: s}
}

func ran(record Record, license, node string, cores int32) Record {
	record.Status.Nodes = append(record.Status.Nodes, v1alpha1.NodeUsage{License: v1alpha1.LicenseName(license), Node: node, Cores: cores})
	return record
}

func TestTally(t *testing.T) {
	t.Parallel()
	november := Month{2026, time.November}
	for name, test := range map[string]struct {
		catalogue []v1alpha1.License
		records   map[string][]Record // by tenant, a to z
		want      string              // "licence quantity exempt tenants amount", one a line
		tracked   string
		problem   string // a part of the error
		missing   string
		unpriced  string
	}{
		"nothing": {catalogue: []v1alpha1.License{license("rds")}},
		"each user of each tenant once": {
			catalogue: []v1alpha1.License{license("rds"), license("office")},
			records:   map[string][]Record{"a": {used("rds u", "office u", "rds v")}, "b": {used("rds u")}},
			want:      "office 1 0 1 6.10\nrds 3 0 2 18.30",
		},
		"over all parts of a record": {
			catalogue: []v1alpha1.License{license("rds")},
			records:   map[string][]Record{"a": {used("rds u"), {Name: "2026-11-2", Status: used("rds v").Status}}},
			want:      "rds 2 0 1 12.20",
		},
		"in two parts twice is an error": {
			catalogue: []v1alpha1.License{license("rds")},
			records:   map[string][]Record{"a": {used("rds u"), {Name: "2026-11-2", Status: used("rds u").Status}}},
			problem:   "u of tenant a is recorded twice for licence rds, in 2026-11 and in 2026-11-2",
		},
		"customers' own licences are tracked": {
			catalogue: []v1alpha1.License{license("cad", owned)},
			records:   map[string][]Record{"a": {used("cad u")}},
			tracked:   "cad 1 0 1 ",
		},
		"an exemption covers as many people as it may, over all tenants": {
			catalogue: []v1alpha1.License{license("rds", staff)},
			records:   map[string][]Record{"a": {used("rds s2 staff", "rds s1 staff")}, "b": {used("rds s1 staff", "rds s3 staff", "rds u")}},
			want:      "rds 2 3 2 12.20", // s3 comes last and counts, as u does
		},
		"an exemption that nobody set does not exempt": {
			catalogue: []v1alpha1.License{license("rds")},
			records:   map[string][]Record{"a": {used("rds s1 staff")}},
			want:      "rds 1 0 1 6.10",
		},
		"all exempt is a line of nothing": {
			catalogue: []v1alpha1.License{license("rds", staff)},
			records:   map[string][]Record{"a": {used("rds s1 staff")}},
			want:      "rds 0 1 1 0.00",
		},
		"a node counts once for all tenants, in packs": {
			catalogue: []v1alpha1.License{license("win", core)},
			records:   map[string][]Record{"a": {ran(ran(used(), "win", "n1", 16), "win", "n2", 17)}, "b": {ran(used(), "win", "n1", 24)}},
			want:      "win 21 0 2 128.10", // 12 packs for n1 and 9 for n2
		},
		"a licence that is gone": {
			catalogue: []v1alpha1.License{license("rds")},
			records:   map[string][]Record{"a": {used("rds u", "gone u")}},
			want:      "rds 1 0 1 6.10", missing: "gone",
		},
		"prices that begin later": {
			catalogue: []v1alpha1.License{license("rds", func(s *v1alpha1.LicenseSpec) { s.Prices = s.Prices[1:] })},
			records:   map[string][]Record{"a": {used("rds u")}},
			want:      "rds 1 0 1 ", unpriced: "rds",
		},
		"no prices at all are no problem": {
			catalogue: []v1alpha1.License{license("rds", func(s *v1alpha1.LicenseSpec) { s.Prices = nil })},
			records:   map[string][]Record{"a": {used("rds u")}},
			want:      "rds 1 0 1 ",
		},
		"a record of another month": {
			catalogue: []v1alpha1.License{license("rds")},
			records:   map[string][]Record{"a": {{Name: "2026-12", Status: &v1alpha1.UsageRecordStatus{Month: "2026-12"}}}},
			problem:   "record 2026-12 of tenant a is of 2026-12, not of 2026-11",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var detail bytes.Buffer
			tally, err := NewTally(november, RulesOf(november, test.catalogue), &detail)
			if err != nil {
				t.Fatal(err)
			}
			for _, tenant := range []string{"a", "b", "c"} {
				if records := test.records[tenant]; records != nil && err == nil {
					err = tally.Add(tenant, records...)
				}
			}
			if test.problem != "" {
				if err == nil || !strings.Contains(err.Error(), test.problem) {
					t.Fatalf("want an error with %q, got %v", test.problem, err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			result, err := tally.Result()
			if err != nil {
				t.Fatal(err)
			}
			for what, pair := range map[string][2]string{
				"lines": {test.want, lines(result.Lines)}, "tracked": {test.tracked, lines(result.Tracked)},
				"missing": {test.missing, strings.Join(result.Missing, " ")}, "unpriced": {test.unpriced, strings.Join(result.Unpriced, " ")},
				"the digest of the detail": {DigestOf(detail.Bytes()), result.Detail},
				"rows":                     {fmt.Sprint(bytes.Count(detail.Bytes(), []byte("\n")) - 1), fmt.Sprint(result.Rows)},
			} {
				if diff := cmp.Diff(pair[0], pair[1]); diff != "" {
					t.Errorf("%s differ (-want +got):\n%s", what, diff)
				}
			}
		})
	}
}

func lines(list []v1alpha1.ReportLine) string {
	var rows []string
	for _, l := range list {
		rows = append(rows, fmt.Sprintf("%s %d %d %d %s", l.License, l.Quantity, l.Exempt, l.Tenants, l.Amount))
	}
	return strings.Join(rows, "\n")
}

// TestTallyOrder: the same records in another order within a tenant give the
// same detail; tenants out of order are refused.
func TestTallyOrder(t *testing.T) {
	t.Parallel()
	november := Month{2026, time.November}
	rules := RulesOf(november, []v1alpha1.License{license("rds"), license("office")})
	var digests []string
	for seed := range uint64(20) {
		tally, err := NewTally(november, rules, nil)
		if err != nil {
			t.Fatal(err)
		}
		uses := []string{"rds u", "rds v", "office u", "office w", "rds w"}
		rand.New(rand.NewPCG(seed, 1)).Shuffle(len(uses), func(i, j int) { uses[i], uses[j] = uses[j], uses[i] })
		if err := tally.Add("a", used(uses...)); err != nil {
			t.Fatal(err)
		}
		result, err := tally.Result()
		if err != nil {
			t.Fatal(err)
		}
		if digests = append(digests, result.Detail); digests[0] != result.Detail {
			t.Fatalf("seed %d: the digest depends on the order in which use was recorded", seed)
		}
	}
	tally, err := NewTally(november, rules, nil)
	if err != nil {
		t.Fatal(err)
	}
	// An API server lists tenant-a-b before tenant-a: a hyphen comes before a slash.
	for _, step := range []struct {
		tenant string
		fails  bool
	}{{"a-b", false}, {"a", false}, {"a", true}, {"a-c", true}, {"b", false}} {
		if err := tally.Add(step.tenant, used("rds u")); (err != nil) != step.fails {
			t.Errorf("tenant %s: error %v, want one: %v", step.tenant, err, step.fails)
		}
	}
}

// TestReplay: the rules that a report holds give the same report again, whatever
// has become of the catalogue.
func TestReplay(t *testing.T) {
	t.Parallel()
	november := Month{2026, time.November}
	catalogue := []v1alpha1.License{license("rds", staff), license("cad", owned), license("win", core)}
	count := func(rules Rules) Result {
		tally, err := NewTally(november, rules, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := tally.Add("a", ran(used("rds s1 staff", "rds s2 staff", "rds s3 staff", "cad u"), "win", "n", 31)); err != nil {
			t.Fatal(err)
		}
		result, err := tally.Result()
		if err != nil {
			t.Fatal(err)
		}
		return result
	}
	first := count(RulesOf(november, catalogue))
	status := &v1alpha1.LicenseReportStatus{Month: "2026-11", Lines: first.Lines, Tracked: first.Tracked, Exemptions: first.Exemptions}
	if diff := cmp.Diff(first, count(RulesApplied(status))); diff != "" {
		t.Errorf("a report counted again under its own rules differs (-first +again):\n%s", diff)
	}
}

// TestDigest: whatever a report says is in its digest.
func TestDigest(t *testing.T) {
	t.Parallel()
	base := func() *v1alpha1.LicenseReport {
		return &v1alpha1.LicenseReport{
			ObjectMeta: metav1.ObjectMeta{Name: "2026-11"},
			Status: v1alpha1.LicenseReportStatus{
				Month: "2026-11", Rows: 2, PreviousDigest: "sha256:aa",
				Lines:      []v1alpha1.ReportLine{{License: "rds", PartNumber: "P", Metric: v1alpha1.MetricUser, Quantity: 2, UnitPrice: "1.00", Amount: "2.00", Currency: "EUR"}},
				Tracked:    []v1alpha1.ReportLine{{License: "cad", Quantity: 1}},
				Exemptions: []v1alpha1.AppliedExemption{{License: "rds", Name: "staff", Reason: "r", MaximumUsers: ptr.To(int32(20)), Users: 1}},
			},
		}
	}
	digest := func(r *v1alpha1.LicenseReport, detail string) string {
		m, err := ManifestOf(r, detail)
		if err != nil {
			t.Fatal(err)
		}
		return m.Digest()
	}
	seen := map[string]string{digest(base(), "sha256:d"): "unchanged"}
	for name, change := range map[string]func(*v1alpha1.LicenseReport){
		"name":         func(r *v1alpha1.LicenseReport) { r.Name = "x" },
		"month":        func(r *v1alpha1.LicenseReport) { r.Status.Month = "2026-12" },
		"previous":     func(r *v1alpha1.LicenseReport) { r.Status.PreviousDigest = "sha256:bb" },
		"rows":         func(r *v1alpha1.LicenseReport) { r.Status.Rows = 3 },
		"quantity":     func(r *v1alpha1.LicenseReport) { r.Status.Lines[0].Quantity = 3 },
		"exempt":       func(r *v1alpha1.LicenseReport) { r.Status.Lines[0].Exempt = 3 },
		"tenants":      func(r *v1alpha1.LicenseReport) { r.Status.Lines[0].Tenants = 3 },
		"price":        func(r *v1alpha1.LicenseReport) { r.Status.Lines[0].UnitPrice = "1.01" },
		"price from":   func(r *v1alpha1.LicenseReport) { r.Status.Lines[0].PriceFrom = "2026-01-01" },
		"amount":       func(r *v1alpha1.LicenseReport) { r.Status.Lines[0].Amount = "2.01" },
		"part number":  func(r *v1alpha1.LicenseReport) { r.Status.Lines[0].PartNumber = "Q" },
		"rule version": func(r *v1alpha1.LicenseReport) { r.Status.Lines[0].LicenseGeneration = 7 },
		"tracked":      func(r *v1alpha1.LicenseReport) { r.Status.Tracked = nil },
		"reason":       func(r *v1alpha1.LicenseReport) { r.Status.Exemptions[0].Reason = "s" },
		"maximum":      func(r *v1alpha1.LicenseReport) { r.Status.Exemptions[0].MaximumUsers = nil },
		"users exempt": func(r *v1alpha1.LicenseReport) { r.Status.Exemptions[0].Users = 2 },
		"corrects":     func(r *v1alpha1.LicenseReport) { r.Spec.Corrects = &v1alpha1.Reference{Name: "2026-10"} },
		"adjustments": func(r *v1alpha1.LicenseReport) {
			r.Spec.Adjustments = []v1alpha1.ReportAdjustment{{License: "rds", Quantity: 1, Reason: "r"}}
		},
		"line left out": func(r *v1alpha1.LicenseReport) { r.Status.Lines = nil },
	} {
		r := base()
		change(r)
		d := digest(r, "sha256:d")
		if other, twice := seen[d]; twice {
			t.Errorf("the digest is the same with another %s as with: %s", name, other)
		}
		seen[d] = name
	}
	if _, same := seen[digest(base(), "sha256:e")]; same {
		t.Error("the digest is the same with another detail")
	}
}

func TestCorrect(t *testing.T) {
	t.Parallel()
	november := Month{2026, time.November}
	rules := RulesOf(november, []v1alpha1.License{license("rds"), license("office"), license("cad", owned)})
	corrected := []v1alpha1.ReportLine{{License: "rds", Quantity: 2, UnitPrice: "6.10", Currency: "EUR", Amount: "12.20"}}
	for name, test := range map[string]struct {
		adjustments []v1alpha1.ReportAdjustment
		want        string
		problem     string
	}{
		"down":                {adjustments: []v1alpha1.ReportAdjustment{{License: "rds", Quantity: -1}}, want: "rds 1 0 0 6.10"},
		"a product forgotten": {adjustments: []v1alpha1.ReportAdjustment{{License: "office", Quantity: 3}}, want: "office 3 0 0 18.30\nrds 2 0 0 12.20"},
		"below nothing":       {adjustments: []v1alpha1.ReportAdjustment{{License: "rds", Quantity: -3}}, problem: "leave -1 of licence rds"},
		"what customers own":  {adjustments: []v1alpha1.ReportAdjustment{{License: "cad", Quantity: 1}}, problem: "licence cad is neither"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := Correct(corrected, test.adjustments, rules)
			if test.problem != "" {
				if err == nil || !strings.Contains(err.Error(), test.problem) {
					t.Errorf("want an error with %q, got %v", test.problem, err)
				}
			} else if err != nil || lines(got) != test.want {
				t.Errorf("want %q, got %q (%v)", test.want, lines(got), err)
			}
		})
	}
}

func TestPriceOn(t *testing.T) {
	t.Parallel()
	prices := license("rds").Spec.Prices
	for on, want := range map[calendar.Date]v1alpha1.Price{
		{Year: 2025, Month: 12, Day: 31}: "", {Year: 2026, Month: 1, Day: 1}: "6.10", {Year: 2026, Month: 12, Day: 31}: "6.10", {Year: 2027, Month: 1, Day: 1}: "7.005",
	} {
		got := v1alpha1.Price("")
		if price := PriceOn(prices, on); price != nil {
			got = price.Amount
		}
		if got != want {
			t.Errorf("on %s the price is %q, want %q", on, got, want)
		}
	}
}

func TestCores(t *testing.T) {
	t.Parallel()
	node := func(cpu string, labels ...string) *corev1.Node {
		n := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{}}, Status: corev1.NodeStatus{Capacity: corev1.ResourceList{}}}
		if cpu != "" {
			n.Status.Capacity[corev1.ResourceCPU] = resource.MustParse(cpu)
		}
		for i := 0; i+1 < len(labels); i += 2 {
			n.Labels[labels[i]] = labels[i+1]
		}
		return n
	}
	for name, test := range map[string]struct {
		node *corev1.Node
		rule *v1alpha1.CoreRule
		want int32
	}{
		"capacity":                      {node("24"), nil, 24},
		"part of a core counts whole":   {node("23500m"), nil, 24},
		"the node's minimum":            {node("4"), &v1alpha1.CoreRule{MinimumPerNode: 16}, 16},
		"above the minimum":             {node("20"), &v1alpha1.CoreRule{MinimumPerNode: 16}, 20},
		"each processor's minimum":      {node("8", v1alpha1.LabelProcessors, "4"), &v1alpha1.CoreRule{MinimumPerNode: 16, MinimumPerProcessor: 8}, 32},
		"one processor without a label": {node("4"), &v1alpha1.CoreRule{MinimumPerProcessor: 8}, 8},
		"physical cores by label":       {node("64", v1alpha1.LabelCores, "32"), nil, 32},
		"a label that is no number":     {node("64", v1alpha1.LabelCores, "many"), nil, 64},
		"a label of nothing":            {node("64", v1alpha1.LabelCores, "0"), nil, 64},
		"no capacity":                   {node(""), &v1alpha1.CoreRule{MinimumPerNode: 16}, 16},
	} {
		if got := Cores(test.node, test.rule); got != test.want {
			t.Errorf("%s: %d cores, want %d", name, got, test.want)
		}
	}
	for cores, want := range map[int64]int64{0: 0, 1: 1, 2: 1, 3: 2, 16: 8, 17: 9} {
		if got := Packs(cores, 2); got != want {
			t.Errorf("%d cores take %d packs of two, want %d", cores, got, want)
		}
	}
}

func TestExemption(t *testing.T) {
	t.Parallel()
	exemptions := []v1alpha1.LicenseExemption{
		{Name: "staff", Users: []v1alpha1.Username{"s"}},
		{Name: "trial", Trial: &v1alpha1.TrialExemption{UpTo: "P60D"}},
	}
	ends := time.Date(2026, 11, 15, 23, 0, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		username string
		until    time.Time
		ends     time.Time
		want     string
	}{
		"staff at any time":         {"s", ends.AddDate(1, 0, 0), time.Time{}, "staff"},
		"within the trial":          {"u", ends.Add(-time.Second), ends, "trial"},
		"to its last moment":        {"u", ends, ends, "trial"},
		"a second longer":           {"u", ends.Add(time.Second), ends, ""},
		"terms that grant no trial": {"u", ends, time.Time{}, ""},
	} {
		if got := Exemption(exemptions, test.username, test.until, func(v1alpha1.Period) time.Time { return test.ends }); got != test.want {
			t.Errorf("%s: exemption %q, want %q", name, got, test.want)
		}
	}
}

func TestPartOf(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]int{"2026-11": 0, "2026-11-2": 1, "2026-11-13": 12, "2026-11-1": -1, "2026-11-02": -1, "2026-13": -1, "2026-11-x": -1, "2026-11x2": -1, "": -1} {
		month, part, err := PartOf(name)
		if (err != nil) != (want < 0) || err == nil && (part != want || month.Part(part) != name) {
			t.Errorf("%q is part %d of %s (%v), want %d", name, part, month.Name(), err, want)
		}
	}
}
