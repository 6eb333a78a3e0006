// SPDX-License-Identifier: Apache-2.0

package metering

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/licensing"
	"werkplek.dev/werkplek/test/cluster"
	"werkplek.dev/werkplek/test/proxy"
	"werkplek.dev/werkplek/test/world"
)

// The scenario: a month in which everybody comes, and the morning after its end.
const (
	crashMonth = "2027-02"
	nextMonth  = "2027-03"
	during     = "2027-02-27T12:00:00Z"
	after      = "2027-03-01T06:00:00Z"
)

// metered are the kinds of writes at which the operator is killed: those of
// metering itself, and the start of desktops, which must come after them.
var metered = []string{"usagerecords", "licensereports", "licenses", "pods"}

// crashRig is an operator behind a proxy on a cluster of its own, without the
// admission policies: what a run leaves behind must be removed for the next.
type crashRig struct {
	*provider
	cluster *cluster.Cluster
	proxy   *proxy.Proxy
	want    string
}

// TestCrashAtEveryMeteringWrite kills the operator before, after, and after with
// the answer lost, at each write with which it meters: at the grant, the month's
// change, the closing of records and the finishing of the report. No entry may be
// lost or be there twice, and the report's digest must be that of an undisturbed
// run, the moments and the run's names apart.
func TestCrashAtEveryMeteringWrite(t *testing.T) {
	if testing.Short() {
		t.Skip("takes minutes")
	}
	c, err := cluster.Start(t.Context(), cluster.Options{})
	must(t, err)
	t.Cleanup(func() { _ = c.Stop() })
	must(t, c.Install(t.Context(), "config/crd/bases", "config/rbac"))
	p, err := proxy.Start(c.ConfigAs(cluster.Manager))
	must(t, err)
	t.Cleanup(p.Stop)
	kubeconfig, err := p.Kubeconfig(t.TempDir())
	must(t, err)
	rig := &crashRig{provider: &provider{t: t, kubeconfig: kubeconfig, crashes: true}, cluster: c, proxy: p}
	t.Cleanup(rig.stop)

	want, writes := rig.run("ref-a", -1, "")
	if again, more := rig.run("ref-b", -1, ""); again != want {
		t.Fatalf("two undisturbed runs differ, so no difference would prove anything:\n%s", cmp.Diff(strings.Split(want, "\n"), strings.Split(again, "\n")))
	} else if len(more) > len(writes) {
		writes = more
	}
	tested, unreached := map[string]bool{}, 0
	for k := range writes {
		for c, crash := range proxy.Crashes {
			rig.want = want
			_, struck := rig.run(fmt.Sprintf("x%d-%d", k, c), k, crash)
			if t.Failed() {
				return
			}
			if len(struck) == 0 {
				unreached++ // changes are gathered, so a run may need fewer writes
			}
			for _, site := range struck {
				tested[site] = true
			}
		}
	}
	for _, site := range writes {
		if !tested[site] {
			t.Errorf("no crash was tested at %s", site)
		}
	}
	t.Logf("%d writes, %d crashes, %d of them reached no such write; kinds of site: %s", len(writes), 3*len(writes), unreached, strings.Join(slices.Sorted(maps.Keys(tested)), ", "))
	if unreached > len(writes) {
		t.Errorf("%d of %d crashes reached no write: the scenario is not what it was", unreached, 3*len(writes))
	}
}

// run plays the scenario. Without a crash it returns the end state and the sites
// of the writes; with one, the site that was struck, once the end state is as wanted.
func (r *crashRig) run(name string, k int, crash proxy.Crash) (state string, sites []string) {
	t := r.t
	t.Helper()
	r.World = world.World{Client: r.cluster.Client, Name: name}
	seen := 0
	var struck []string
	r.proxy.Intercept(func(request proxy.Request) proxy.Fault {
		if !isMetered(request) {
			return nil
		}
		seen++
		if crash == "" {
			sites = append(sites, request.Site())
			return nil
		}
		if len(struck) > 0 || seen <= k {
			return nil
		}
		struck = append(struck, request.Site())
		return crash.Fault(r.operator.Kill)
	})
	r.live()
	if crash == "" {
		state = r.rest()
		r.clear()
		return state, sites
	}
	r.settled(fmt.Sprintf("the end state of an undisturbed run, after a crash %s %d (%v)", crash, k, struck), func(context.Context) error {
		if got := r.snapshot(); got != r.want {
			return fmt.Errorf("\n%s", cmp.Diff(strings.Split(r.want, "\n"), strings.Split(got, "\n")))
		}
		return nil
	})
	r.clear()
	return "", struck
}

func isMetered(request proxy.Request) bool {
	if !request.Write() {
		return false
	}
	_, kind, _ := strings.Cut(request.Site(), " ")
	kind, _, _ = strings.Cut(kind, "/")
	return slices.Contains(metered, kind)
}

// live plays the month and the morning after it.
func (r *crashRig) live() {
	t, ctx := r.t, r.t.Context()
	t.Helper()
	must(t, r.Terms(ctx), r.License(ctx, "rds"), r.License(ctx, "core", perCore), r.Class(ctx, r.Needs("rds", "core")))
	r.at(during)
	must(t, r.Tenant(ctx, "a"), r.Tenant(ctx, "b"))
	r.settled("a namespace", r.HasNamespace("a"))
	r.settled("a namespace", r.HasNamespace("b"))
	must(t,
		r.Workplace(ctx, "a", "anna", "anna@x.example"), r.Workplace(ctx, "a", "anna-two", "anna@x.example"),
		r.Workplace(ctx, "a", "bob", "bob@x.example"), r.Workplace(ctx, "b", "anna", "anna@x.example"))
	r.settled("desktops", r.AllReady("a", 3))
	r.settled("desktops", r.AllReady("b", 1))
	r.edit("a", "bob", block)
	r.settled("the end of bob's access is recorded", func(ctx context.Context) error {
		records, err := r.Records(ctx, "a", crashMonth)
		if err != nil {
			return err
		}
		for _, record := range records {
			for _, use := range record.Status.Users {
				if use.Username == "bob@x.example" && use.LastAccessAt != nil {
					return nil
				}
			}
		}
		return fmt.Errorf("it is not")
	})
	r.at(after)
	r.closed("a", crashMonth)
	r.closed("b", crashMonth)
	r.final(crashMonth)
	r.counted("a", nextMonth, "rds anna@x.example")
	r.counted("b", nextMonth, "rds anna@x.example")
}

// rest waits until nothing has changed for longer than the operator gathers changes.
func (r *crashRig) rest() string {
	r.t.Helper()
	last, since := "", time.Now()
	r.settled("the end state comes to rest", func(context.Context) error {
		if now := r.snapshot(); now != last {
			last, since = now, time.Now()
		}
		if quiet := time.Since(since); quiet < 8*time.Second {
			return fmt.Errorf("it was the same for %s only", quiet)
		}
		return nil
	})
	return last
}

var moments = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z`)

// aMoment stands for the moments in which two runs differ. Those of the month's
// change are the same in all.
const aMoment = "2000-01-01T00:00:00Z"

// mask replaces in what is JSON all in which two runs differ.
func (r *crashRig) mask(data []byte) []byte {
	text := regexp.MustCompile(`\b`+r.Name+`\b`).ReplaceAll(data, []byte("run"))
	return []byte(moments.ReplaceAllStringFunc(string(text), func(moment string) string {
		if moment == "2027-02-28T22:59:59Z" || moment == "2027-02-28T23:00:00Z" {
			return moment
		}
		return aMoment
	}))
}

// snapshot returns the records, reports and licences as text, with a digest of
// the report that two runs have in common; and checks the digest that it has.
func (r *crashRig) snapshot() string {
	t, ctx := r.t, r.t.Context()
	t.Helper()
	var records v1alpha1.UsageRecordList
	var reports v1alpha1.LicenseReportList
	var licenses v1alpha1.LicenseList
	must(t, r.List(ctx, &records), r.List(ctx, &reports), r.List(ctx, &licenses))
	records.Items = slices.DeleteFunc(records.Items, func(record v1alpha1.UsageRecord) bool {
		return !strings.HasPrefix(record.Namespace, "tenant-"+r.Name+"-")
	})
	var rows []string
	add := func(kind, name string, content any) {
		data, err := json.MarshalIndent(content, "", " ")
		must(t, err)
		rows = append(rows, string(r.mask([]byte(kind+" "+name+" ")))+string(r.mask(data)))
	}
	for i := range records.Items {
		record := records.Items[i].DeepCopy()
		sortEntries(&record.Status)
		add("UsageRecord", record.Namespace+"/"+record.Name, []any{record.Labels, record.Status})
	}
	for i := range reports.Items {
		report := reports.Items[i].DeepCopy()
		if report.Status.Digest != "" {
			if got := r.digest(report, records.Items, func(data []byte) []byte { return data }); got != report.Status.Digest {
				t.Errorf("%s: report %s has the digest %s, and its records come to %s", r.Name, report.Name, report.Status.Digest, got)
			}
			report.Status.Digest = r.digest(report, records.Items, r.mask)
		}
		add("LicenseReport", report.Name, report.Status)
	}
	for i := range licenses.Items {
		add("License", licenses.Items[i].Name, licenses.Items[i].Status)
	}
	sort.Strings(rows)
	return strings.Join(rows, "\n")
}

// sortEntries puts a record's entries in the order of their keys: in which order
// they came is not part of the state.
func sortEntries(s *v1alpha1.UsageRecordStatus) {
	slices.SortFunc(s.Users, func(a, b v1alpha1.UserUsage) int {
		return strings.Compare(string(a.License)+" "+string(a.Username), string(b.License)+" "+string(b.Username))
	})
	slices.SortFunc(s.Workplaces, func(a, b v1alpha1.WorkplaceInterval) int { return strings.Compare(a.Name, b.Name) })
}

// digest computes the digest of a report and its records as they read after an edit.
func (r *crashRig) digest(report *v1alpha1.LicenseReport, records []v1alpha1.UsageRecord, edit func([]byte) []byte) string {
	t := r.t
	t.Helper()
	masked := &v1alpha1.LicenseReport{}
	r.edited(report, masked, edit)
	month, err := licensing.ParseMonth(report.Status.Month)
	must(t, err)
	tally, err := licensing.NewTally(month, licensing.RulesApplied(&masked.Status), nil)
	must(t, err)
	for i := range records {
		if records[i].Status.Month != report.Status.Month {
			continue
		}
		record := &v1alpha1.UsageRecord{}
		r.edited(&records[i], record, edit)
		must(t, tally.Add(strings.TrimPrefix(record.Namespace, "tenant-"), licensing.Record{Name: record.Name, Status: &record.Status}))
	}
	result, err := tally.Result()
	must(t, err)
	manifest, err := licensing.ManifestOf(masked, result.Detail)
	must(t, err)
	return manifest.Digest()
}

func (r *crashRig) edited(from, to any, edit func([]byte) []byte) {
	r.t.Helper()
	data, err := json.Marshal(from)
	must(r.t, err)
	must(r.t, json.Unmarshal(edit(data), to))
}

// clear stops the operator and removes what the run has left.
func (r *crashRig) clear() {
	t, ctx := r.t, r.t.Context()
	t.Helper()
	r.stop()
	var tenants v1alpha1.TenantList
	must(t, r.List(ctx, &tenants))
	for i := range tenants.Items {
		tenant := &tenants.Items[i]
		must(t, r.Patch(ctx, tenant, client.RawPatch(types.MergePatchType, []byte(`{"metadata":{"finalizers":null}}`))))
		must(t, client.IgnoreNotFound(r.Delete(ctx, tenant)))
		for _, kind := range []client.Object{&v1alpha1.Workplace{}, &v1alpha1.UsageRecord{}} {
			must(t, r.DeleteAllOf(ctx, kind, client.InNamespace(v1alpha1.NamespaceFor(tenant.Name))))
		}
	}
	for _, kind := range []client.Object{&v1alpha1.LicenseReport{}, &v1alpha1.License{}, &v1alpha1.WorkplaceClass{}, &v1alpha1.ServiceTerms{}, &v1alpha1.BillingAccount{}} {
		must(t, r.DeleteAllOf(ctx, kind))
	}
}
