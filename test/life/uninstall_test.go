// SPDX-License-Identifier: Apache-2.0

package life

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/test/cluster"
	"werkplek.dev/werkplek/test/world"
)

// deed is what somebody in a hurry does to an installation.
type deed struct {
	command string
	// says is what kubectl says where it is refused; none: it succeeds.
	says []string
}

const (
	kept     = "must not be deleted: every Charge of this cluster would go with it"
	lastWord = "werkplek.dev/deletion=erases-all-records"
)

// deeds are done one after the other: what the first ones leave, the next ones find.
// None may take a record, a tenant, a desktop or a home.
var deeds = []deed{
	{"delete crd charges.werkplek.dev", []string{kept, lastWord, "delete config/operator"}},
	{"delete crd --all", []string{kept, "every Tenant of this cluster"}},
	{"delete -k config/crd", []string{kept}},
	{"replace --force -f config/crd/bases", []string{kept}},
	{"delete --raw /apis/apiextensions.k8s.io/v1/customresourcedefinitions", []string{lastWord}},
	{"delete tenants --all", []string{"must not be deleted while its data in namespace tenant-life-t is kept", "workplaces"}},
	{"delete charges,suspensions,usagerecords,notices --all -A", []string{"is a record and must not be deleted"}},
	{"delete namespace tenant-life-t", []string{"holds the data of Tenant life-t and must not be deleted by hand"}},
	// Roles first: the operator can do nothing any more, and does nothing wrong.
	{"delete clusterroles,clusterrolebindings -l app.kubernetes.io/name=werkplek", nil},
	{"apply --server-side -k config/default", nil},
	// As it is meant.
	{"delete -k config/operator", nil},
	{"apply --server-side -k config/default", nil},
	// Policies first.
	{"delete --wait=false -k config/admission", nil},
	{"delete crd --all", []string{kept}},
	{"delete tenants --all", []string{"must not be deleted while its data in namespace tenant-life-t is kept"}},
	{"delete charges,suspensions,usagerecords,notices --all -A", []string{"is a record and must not be deleted"}},
	{"delete licensereports --all", []string{"must not be deleted by hand"}},
	{"delete licenses --all", []string{"must not be deleted while it is in use"}},
	{"delete namespace tenant-life-t", []string{"must not be deleted by hand"}},
	// And all at once, twice.
	{"delete -k config/default", []string{kept}},
	{"delete -k config/default --ignore-not-found", []string{kept}},
	{"delete charges,suspensions,usagerecords,notices --all -A", []string{"is a record and must not be deleted"}},
}

// TestRecordsOutliveCarelessness: whatever is deleted of an installation, and in
// which order, records, tenants, desktops and homes stay; and installed again, all
// goes on as if nothing had been.
func TestRecordsOutliveCarelessness(t *testing.T) {
	t.Parallel()
	s := newSite(t, cluster.Shared())
	s.do(t, "apply", "--server-side", "-k", "config/default")
	s.do(t, "wait", "--for=condition=Established", "-f", "config/crd/bases")
	o := s.operate(t)
	w := world.World{Client: s.Client, Name: "life"}
	fill(t, w)
	before, err := s.look(t.Context())
	must(t, err)
	for _, kind := range []string{"Charge", "LicenseReport", "Suspension", "UsageRecord", "Tenant", "Workplace", "Pod", "PersistentVolumeClaim"} {
		if before.count(kind) == 0 {
			t.Fatalf("there is no %s to lose", kind)
		}
	}
	for _, d := range deeds {
		s.try(t, d)
		after, err := s.look(t.Context())
		must(t, err)
		for _, loss := range before.lost(after) {
			t.Errorf("after kubectl %s: %s", d.command, loss)
		}
		if t.Failed() {
			t.FailNow()
		}
	}

	s.do(t, "wait", "--for=delete", "namespace/werkplek-system", "--timeout=60s")
	s.do(t, "apply", "--server-side", "-k", "config/default")
	o.Kill() // it starts anew, with its rights
	must(t, w.Tenant(t.Context(), "u"))
	cluster.Eventually(t, soon, "another tenant", w.HasNamespace("u"))
	cluster.Eventually(t, soon, "all desktops", w.AllReady("t", 2))
	after, err := s.look(t.Context())
	must(t, err)
	for _, loss := range before.lost(after) {
		t.Errorf("installed again: %s", loss)
	}
	for _, kind := range records {
		if was, is := before.count(kind), after.count(kind); was != is {
			t.Errorf("installed again, there are %d of %s, and there were %d", is, kind, was)
		}
	}
}

// TestPruningToolsLeaveTheAPI: what removes objects because they are gone from a
// repository or a release is told not to remove these.
func TestPruningToolsLeaveTheAPI(t *testing.T) {
	t.Parallel()
	s := newSite(t, cluster.Shared())
	documents := strings.Split(s.do(t, "kustomize", "config/api"), "\n---\n")
	for _, document := range documents {
		for _, told := range []string{
			"argocd.argoproj.io/sync-options: Prune=false,Delete=false",
			"helm.sh/resource-policy: keep",
			"kustomize.toolkit.fluxcd.io/prune: disabled",
		} {
			if !strings.Contains(document, "\n    "+told+"\n") {
				t.Errorf("not annotated with %s:\n%.300s", told, document)
			}
		}
	}
	if len(documents) < 40 {
		t.Errorf("config/api has only %d objects", len(documents))
	}
}

// try does a deed.
func (s *site) try(t *testing.T, d deed) {
	t.Helper()
	started := time.Now()
	out, err := s.run(t.Context(), strings.Fields(d.command)...)
	if (err == nil) != (len(d.says) == 0) {
		t.Errorf("kubectl %s: %v\n%s", d.command, err, out)
	}
	for _, say := range d.says {
		if !strings.Contains(out, say) {
			t.Errorf("kubectl %s should say %q, says\n%s", d.command, say, out)
		}
	}
	t.Logf("%6.1f s  kubectl %s", time.Since(started).Seconds(), d.command)
}

// fill makes a tenant with two desktops, whose use was recorded, who was suspended
// and has paid.
func fill(t *testing.T, w world.World) {
	t.Helper()
	ctx := t.Context()
	must(t, w.Terms(ctx), w.License(ctx, "office"), w.Class(ctx, w.Needs("office")), w.Tenant(ctx, "t"))
	cluster.Eventually(t, soon, "the namespace", w.HasNamespace("t"))
	now := time.Now()
	must(t, w.Report(ctx, "t", now.Add(-2*time.Second)))
	must(t, w.Workplace(ctx, "t", "anna", "anna@example.com"), w.Workplace(ctx, "t", "bert", "bert@example.com"))
	cluster.Eventually(t, soon, "all desktops", w.AllReady("t", 2))
	issued := now.AddDate(0, -3, 0).Format(time.DateOnly)
	must(t, w.Report(ctx, "t", now.Add(-time.Second), world.Invoice{Number: "1", IssuedOn: issued, Outstanding: "412.50"}))
	cluster.Eventually(t, soon, "the suspension", w.NoneReady("t", 2))
	must(t, w.Report(ctx, "t", now))
	cluster.Eventually(t, soon, "all desktops again", w.AllReady("t", 2))
	cluster.Eventually(t, soon, "the charge", func(ctx context.Context) error {
		charges, err := w.Charges(ctx, "t")
		if err == nil && len(charges) == 0 {
			err = fmt.Errorf("no %s charge", v1alpha1.ChargeReactivation)
		}
		return err
	})
	cluster.Eventually(t, soon, "the draft of the report", func(ctx context.Context) error {
		var drafts v1alpha1.LicenseReportList
		err := w.List(ctx, &drafts)
		for i := range drafts.Items {
			if drafts.Items[i].Status.Rows == 2 {
				return nil
			}
		}
		return errors.Join(err, fmt.Errorf("%d drafts, none of which counts two users", len(drafts.Items)))
	})
}
