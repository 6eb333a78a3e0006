// SPDX-License-Identifier: Apache-2.0

// Package metering lives through months with the real operator on a shifted
// clock, and checks who was counted in which.
package metering

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/test/cluster"
	"werkplek.dev/werkplek/test/operator"
	"werkplek.dev/werkplek/test/world"
)

const soon = 60 * time.Second

func TestMain(m *testing.M) { operator.Main(m) }

// provider is a provider whose operator can be stopped, and started at any moment.
type provider struct {
	world.World
	t          *testing.T
	kubeconfig string
	operator   *operator.Operator
	crashes    bool // the test kills it
}

func newProvider(t *testing.T, name string) *provider {
	t.Helper()
	kubeconfig, err := operator.Kubeconfig(cluster.Shared(), t.TempDir())
	must(t, err)
	p := &provider{World: world.World{Client: cluster.Shared().Client, Name: name}, t: t, kubeconfig: kubeconfig}
	t.Cleanup(p.stop)
	return p
}

// at starts the operator with its clock at a moment, which must not be before any at which it ran.
func (p *provider) at(moment string) {
	p.t.Helper()
	p.stop()
	when, err := time.Parse(time.RFC3339, moment)
	must(p.t, err)
	p.operator, err = operator.Start(p.kubeconfig, "--clock-offset="+time.Until(when).String())
	must(p.t, err)
}

func (p *provider) stop() {
	if p.operator == nil {
		return
	}
	p.operator.Stop()
	if p.t.Failed() {
		p.t.Logf("the end of the operator's log:\n%s", p.operator.Log())
	}
	if restarts := p.operator.Restarts(); restarts > 0 && !p.crashes {
		p.t.Errorf("the operator died %d times", restarts)
	}
	p.operator = nil
}

// settled waits until something is true.
func (p *provider) settled(what string, check func(context.Context) error) {
	p.t.Helper()
	cluster.Eventually(p.t, soon, what, check)
}

// counted waits until a tenant's record of a month holds exactly these uses,
// written as "licence username".
func (p *provider) counted(tenant, month string, want ...string) {
	p.t.Helper()
	p.settled(fmt.Sprintf("the usage of %s in %s", tenant, month), func(ctx context.Context) error {
		records, err := p.Records(ctx, tenant, month)
		if err != nil {
			return err
		}
		got := map[string]bool{}
		for _, record := range records {
			for _, use := range record.Status.Users {
				got[strings.TrimPrefix(string(use.License), p.Name+"-")+" "+string(use.Username)] = true
			}
		}
		wanted := map[string]bool{}
		for _, use := range want {
			wanted[use] = true
			if !got[use] {
				return fmt.Errorf("%q is not counted; counted are %v", use, keys(got))
			}
		}
		for use := range got {
			if !wanted[use] {
				return fmt.Errorf("%q is counted and should not be; counted should be %v", use, want)
			}
		}
		return nil
	})
}

// use returns one use of a product in a month.
func (p *provider) use(tenant, month, license, username string) v1alpha1.UserUsage {
	p.t.Helper()
	records, err := p.Records(p.t.Context(), tenant, month)
	must(p.t, err)
	for _, record := range records {
		for _, use := range record.Status.Users {
			if string(use.License) == p.LicenseName(license) && string(use.Username) == username {
				return use
			}
		}
	}
	p.t.Fatalf("%s of tenant %s is not counted for %s in %s", username, tenant, license, month)
	return v1alpha1.UserUsage{}
}

// access checks from when to when a use is recorded; an empty moment is not compared, "-" is none.
func (p *provider) access(tenant, month, license, username, first, last string) {
	p.t.Helper()
	use := p.use(tenant, month, license, username)
	if got := use.FirstAccessAt.UTC().Format(time.RFC3339); first != "" && got != first {
		p.t.Errorf("%s in %s: first access at %s, want %s", username, month, got, first)
	}
	got := "-"
	if use.LastAccessAt != nil {
		got = use.LastAccessAt.UTC().Format(time.RFC3339)
	}
	if last != "" && got != last {
		p.t.Errorf("%s in %s: last access at %s, want %s", username, month, got, last)
	}
}

// closed waits until every part of a tenant's record of a month is closed.
func (p *provider) closed(tenant, month string) {
	p.t.Helper()
	p.settled(fmt.Sprintf("the record of %s of %s is closed", tenant, month), func(ctx context.Context) error {
		records, err := p.Records(ctx, tenant, month)
		if err != nil {
			return err
		}
		if len(records) == 0 {
			return fmt.Errorf("there is none")
		}
		for _, record := range records {
			if record.Status.ClosedAt == nil {
				return fmt.Errorf("%s is open", record.Name)
			}
		}
		return nil
	})
}

// final waits until a report is final, and returns it.
func (p *provider) final(name string) *v1alpha1.LicenseReport {
	p.t.Helper()
	report := &v1alpha1.LicenseReport{}
	p.settled("report "+name+" is final", func(ctx context.Context) error {
		if err := p.Get(ctx, client.ObjectKey{Name: name}, report); err != nil {
			return err
		}
		if report.Status.FinalAt == nil {
			return fmt.Errorf("it is not: %+v", meta.FindStatusCondition(report.Status.Conditions, v1alpha1.ConditionFinal))
		}
		return nil
	})
	return report
}

// quantities returns what a report says of this provider's licences.
func (p *provider) quantities(report *v1alpha1.LicenseReport) map[string]int64 {
	got := map[string]int64{}
	for _, line := range report.Status.Lines {
		if name, ours := strings.CutPrefix(string(line.License), p.Name+"-"); ours {
			got[name] = line.Quantity
		}
	}
	return got
}

// edit changes a workplace.
func (p *provider) edit(tenant, name string, change func(*v1alpha1.WorkplaceSpec)) {
	p.t.Helper()
	workplace := &v1alpha1.Workplace{}
	must(p.t, p.Get(p.t.Context(), client.ObjectKey{Namespace: p.Namespace(tenant), Name: name}, workplace))
	base := workplace.DeepCopy()
	change(&workplace.Spec)
	must(p.t, p.Patch(p.t.Context(), workplace, client.MergeFrom(base)))
}

// remove deletes a workplace.
func (p *provider) remove(tenant, name string) {
	p.t.Helper()
	workplace := &v1alpha1.Workplace{}
	workplace.Namespace, workplace.Name = p.Namespace(tenant), name
	must(p.t, p.Delete(p.t.Context(), workplace))
}

func block(s *v1alpha1.WorkplaceSpec) { s.Access = v1alpha1.AccessBlocked }

func keys(set map[string]bool) []string {
	var list []string
	for key := range set {
		list = append(list, key)
	}
	return list
}

func must(t *testing.T, faults ...error) {
	t.Helper()
	for _, err := range faults {
		if err != nil {
			t.Fatal(err)
		}
	}
}
