// SPDX-License-Identifier: Apache-2.0

package life

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/test/cluster"
	"werkplek.dev/werkplek/test/operator"
	"werkplek.dev/werkplek/test/proxy"
	"werkplek.dev/werkplek/test/world"
)

const (
	// objectsVariable is about how many objects there are when the upgrade begins.
	objectsVariable = "WERKPLEK_OBJECTS"
	fewObjects      = 96
	// perTenant is how many workplaces a tenant has, and apiece about how many
	// objects a tenant with those comes to.
	perTenant = 6
	apiece    = 24
	// later is how far after its beginning, by the operator's clock, the upgrade is:
	// a month is over, closed and reported.
	later = 35 * 24 * time.Hour
)

// upgrade is an installation of one version that becomes one of another.
type upgrade struct {
	*site
	world.World
	load    *load
	proxy   *proxy.Proxy
	tenants int
	running *operator.Operator
	before  picture
}

// TestUpgradeAndBack takes an installation from the version before this one to this
// one, and back, while people work: no record, pod or home is another afterwards, and
// nothing is written but what the other version has to say of a state.
func TestUpgradeAndBack(t *testing.T) {
	t.Parallel()
	from, to := previous(t), these()
	c, err := cluster.Start(t.Context(), cluster.Options{Nodes: 4})
	must(t, err)
	t.Cleanup(func() {
		if err := c.Stop(); err != nil {
			t.Error(err)
		}
	})
	u := &upgrade{
		site: newSite(t, c), World: world.World{Client: c.Client, Name: "kept"},
		load:    &load{World: world.World{Client: c.Client, Name: "load"}, ahead: later},
		tenants: objects(t)/apiece + 1,
	}
	u.proxy, err = proxy.Start(c.ConfigAs(cluster.Manager))
	must(t, err)
	t.Cleanup(u.proxy.Stop)
	t.Cleanup(func() { u.stop(t) })

	t.Logf("from %s", from.name)
	u.serve(t, from)
	u.begin(t, from)
	u.goOn(t, from)
	u.before, err = u.look(t.Context())
	must(t, err)
	t.Logf("%d objects: %d tenants, %d workplaces, %d pods, %d homes, %d charges, %d suspensions, %d usage records, %d reports",
		len(u.before), u.before.count("Tenant"), u.before.count("Workplace"), u.before.count("Pod"),
		u.before.count("PersistentVolumeClaim"), u.before.count("Charge"), u.before.count("Suspension"),
		u.before.count("UsageRecord"), u.before.count("LicenseReport"))
	u.step(t, "the API of these sources", func() { u.serve(t, to) })
	u.step(t, "the manager of these sources", func() { u.operate(t, to, later) })
	u.step(t, "the manager before it again", func() { u.operate(t, from, later) })
	u.step(t, "the API before it again", func() { u.serve(t, from) })
}

// objects returns how many objects are wanted.
func objects(t *testing.T) int {
	t.Helper()
	value := os.Getenv(objectsVariable)
	if value == "" {
		return fewObjects
	}
	count, err := strconv.Atoi(value)
	must(t, err)
	return count
}

// serve installs the kinds, roles and policies of a version, with the commands of
// docs/how-to/upgrade.md in its sources.
func (u *upgrade) serve(t *testing.T, v version) {
	t.Helper()
	u.follow(t, v.sources, guide(t, "-k config/base"))
	var all apiextensionsv1.CustomResourceDefinitionList
	must(t, u.site.Client.List(t.Context(), &all))
	for i := range all.Items {
		crd := &all.Items[i]
		if stored := crd.Status.StoredVersions; !slices.Equal(stored, []string{v1alpha1.GroupVersion.Version}) {
			t.Errorf("%s has objects stored as %v: each of those versions must be served for good", crd.Name, stored)
		}
	}
}

// operate runs the manager of a version in the place of that which runs.
func (u *upgrade) operate(t *testing.T, v version, ahead time.Duration) {
	t.Helper()
	u.stop(t)
	kubeconfig, err := u.proxy.Kubeconfig(t.TempDir())
	must(t, err)
	u.running, err = operator.StartFrom(v.manager, kubeconfig, "--clock-offset="+ahead.String())
	must(t, err)
}

func (u *upgrade) stop(t *testing.T) {
	t.Helper()
	if u.running == nil {
		return
	}
	u.running.Stop()
	if t.Failed() {
		t.Logf("the end of the operator's log:\n%s", u.running.Log())
	}
	if restarts := u.running.Restarts(); restarts > 0 {
		t.Errorf("the operator died %d times", restarts)
	}
	u.running = nil
}

// begin fills the installation: tenants with workplaces whose use is recorded.
func (u *upgrade) begin(t *testing.T, v version) {
	t.Helper()
	ctx := t.Context()
	u.operate(t, v, 0)
	must(t, u.Terms(ctx), u.License(ctx, "office"), u.Class(ctx, u.Needs("office")))
	for i := range u.tenants {
		must(t, u.Tenant(ctx, name(i)))
	}
	for i := range u.tenants {
		cluster.Eventually(t, patient, "the namespace", u.HasNamespace(name(i)))
		for w := range perTenant {
			workplace := fmt.Sprintf("w%d", w)
			must(t, u.Workplace(ctx, name(i), workplace, workplace+"@example.com"))
		}
	}
	for i := range u.tenants {
		cluster.Eventually(t, patient, "all desktops", u.AllReady(name(i), perTenant))
	}
	u.load.begin(t)
}

// goOn takes the installation into the next month: the last one is closed and
// reported. Of three tenants, one has not paid, one has paid late, and one in time.
func (u *upgrade) goOn(t *testing.T, v version) {
	t.Helper()
	ctx := t.Context()
	u.operate(t, v, later)
	now := time.Now().Add(later)
	late := world.Invoice{Number: "1", IssuedOn: now.AddDate(0, -3, 0).Format(time.DateOnly), Outstanding: "412.50"}
	for i := range u.tenants {
		if i%3 < 2 {
			must(t, u.Report(ctx, name(i), now.Add(-time.Second), late))
		} else {
			must(t, u.Report(ctx, name(i), now))
		}
	}
	for i := range u.tenants {
		if i%3 < 2 {
			cluster.Eventually(t, patient, "the suspension", u.NoneReady(name(i), perTenant))
		}
		if i%3 == 1 {
			must(t, u.Report(ctx, name(i), now))
			cluster.Eventually(t, patient, "all desktops again", u.AllReady(name(i), perTenant))
		}
	}
	cluster.Eventually(t, patient, "a final report", func(ctx context.Context) error {
		var reports v1alpha1.LicenseReportList
		err := u.List(ctx, &reports)
		for i := range reports.Items {
			if s := &reports.Items[i].Status; s.FinalAt != nil && s.Rows == int64(u.tenants*perTenant) {
				return nil
			}
		}
		return errors.Join(err, fmt.Errorf("%d reports, none of which is final and counts all", len(reports.Items)))
	})
	u.settle(t)
}

func name(i int) string { return fmt.Sprintf("t%d", i) }

// settle waits until the manager has written nothing for a while.
func (u *upgrade) settle(t *testing.T) {
	t.Helper()
	writes, since := len(u.writes()), time.Now()
	cluster.Eventually(t, patient, "a manager that rests", func(context.Context) error {
		if now := len(u.writes()); now != writes {
			writes, since = now, time.Now()
		}
		if rested := time.Since(since); rested < 2*time.Second {
			return fmt.Errorf("it wrote %v ago", rested)
		}
		return nil
	})
}

// writes returns what the manager wrote to what is to be kept. The report of the
// month that goes on counts those who come and go.
func (u *upgrade) writes() []proxy.Request {
	draft := "/licensereports/" + time.Now().Add(later).Format("2006-01")
	var writes []proxy.Request
	for _, request := range u.proxy.Requests() {
		theirs := strings.Contains(request.Path, u.load.Name) || strings.Contains(request.Path, draft)
		if request.Write() && !theirs {
			writes = append(writes, request)
		}
	}
	return writes
}

// step changes the installation while people work, and compares what is kept.
func (u *upgrade) step(t *testing.T, what string, change func()) {
	t.Helper()
	u.proxy.Intercept(nil) // counts anew
	started, desktops := time.Now(), u.load.desktops.Load()
	u.load.during(t, func() {
		change()
		// Somebody came after the change, and was served: so was everybody before.
		arrived := u.load.desktops.Load()
		cluster.Eventually(t, patient, "a desktop more", func(context.Context) error {
			if came := u.load.desktops.Load() - arrived; came < 2 {
				return fmt.Errorf("%d came", came)
			}
			return nil
		})
	})
	u.settle(t)
	after, err := u.look(t.Context())
	must(t, err)
	kept := func(name string) bool { return !strings.Contains(name, u.load.Name+"-") }
	for _, loss := range u.before.lost(after) {
		if kept(loss) {
			t.Errorf("%s: %s", what, loss)
		}
	}
	for _, change := range u.before.changed(after) {
		if kept(change) {
			t.Errorf("%s: %s", what, change)
		}
	}
	for _, kind := range []string{"Charge", "Notice", "Suspension"} {
		if was, is := u.before.count(kind), after.count(kind); was != is {
			t.Errorf("%s: there are %d of %s, and there were %d", what, is, kind, was)
		}
	}
	written, restless := tally(u.writes())
	for _, path := range restless {
		t.Errorf("%s: %s was written more than %d times", what, path, often)
	}
	t.Logf("%-30s %5.1f s, %2d desktops came and went, written to the %d objects: %v",
		what, time.Since(started).Seconds(), u.load.desktops.Load()-desktops, len(u.before), written)
}

// often is how often the manager may write one object: a version may have something
// else to say of a state, and what follows from that, and then rests.
const often = 2

// tally counts writes by their kind, and names what was written more than often.
func tally(writes []proxy.Request) (string, []string) {
	sites, paths := map[string]int{}, map[string]int{}
	var restless []string
	for _, write := range writes {
		sites[write.Site()]++
		if paths[write.Path]++; paths[write.Path] == often+1 {
			restless = append(restless, write.Path)
		}
	}
	if len(sites) == 0 {
		return "nothing", nil
	}
	return fmt.Sprint(sites), restless
}
