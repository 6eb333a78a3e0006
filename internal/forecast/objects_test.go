// SPDX-License-Identifier: Apache-2.0

package forecast_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/forecast"
	"werkplek.dev/werkplek/internal/terms/facts"
)

var morning = time.Date(2026, 11, 26, 8, 0, 0, 0, time.UTC)

func hostedObject() []v1alpha1.ServiceTerms {
	return []v1alpha1.ServiceTerms{{
		ObjectMeta: metav1.ObjectMeta{Name: "hosted"},
		Spec: v1alpha1.ServiceTermsSpec{
			TimeZone: "Europe/Amsterdam", Currency: "EUR",
			Arrears: &v1alpha1.ArrearsTerms{SuspendAfter: "P2M"}, Reactivation: &v1alpha1.ReactivationTerms{Fee: "25.00"},
			Retention: &v1alpha1.RetentionTerms{AfterEnd: "P30D", Announce: "P7D"},
		},
	}}
}

func placed(name string, access v1alpha1.Access) v1alpha1.Workplace {
	w := v1alpha1.Workplace{Spec: v1alpha1.WorkplaceSpec{
		ClassRef: v1alpha1.Reference{Name: "standard"}, User: v1alpha1.Person{Username: v1alpha1.Username(name)}, Access: access,
	}}
	w.Name, w.CreationTimestamp = name, metav1.NewTime(morning.AddDate(0, -6, 0))
	return w
}

// owing returns the objects of a reseller that owes an invoice of 1 October.
func owing() *facts.Sources {
	tenant := &v1alpha1.Tenant{Spec: v1alpha1.TenantSpec{
		TermsRef: v1alpha1.Reference{Name: "hosted"}, Type: v1alpha1.Business, Reseller: ptr.To(true),
		Contact:  &v1alpha1.Person{Email: "piet@jansen.example"},
		Contract: &v1alpha1.ContractSpec{StartsOn: "2026-01-15"},
	}}
	tenant.Name, tenant.CreationTimestamp = "jansen", metav1.NewTime(morning.AddDate(0, -6, 0))
	account := &v1alpha1.BillingAccount{Status: v1alpha1.BillingAccountStatus{
		AsOf: metav1.NewTime(morning), OpenInvoices: []v1alpha1.OpenInvoice{{Number: "7", IssuedOn: "2026-10-01", Outstanding: "78.00"}},
	}}
	return &facts.Sources{
		Tenant: tenant, Account: facts.Seen(account), Suspensions: facts.Seen[[]v1alpha1.Suspension](nil),
		ResellerSuspended: facts.Seen(false), Charges: facts.Seen[[]v1alpha1.Charge](nil), Notices: facts.Seen[[]v1alpha1.Notice](nil),
		Workplaces: facts.Seen([]v1alpha1.Workplace{placed("anna", ""), placed("blocked", v1alpha1.AccessBlocked)}),
		Classes:    facts.Seen(facts.Classes{}), Licenses: facts.Seen(facts.Licenses{}),
		Sessions: facts.Seen[[]v1alpha1.SupportSession](nil), Requests: facts.Seen[[]v1alpha1.UserRequest](nil),
		Homes: facts.Seen(facts.HomesOf([]v1alpha1.Workplace{placed("anna", ""), placed("blocked", "")})),
		Below: facts.Seen([]v1alpha1.Workplace{
			placed("els", ""), placed("bob", ""), placed("anna", ""), placed("blocked below", v1alpha1.AccessBlocked),
		}),
		Unreported: facts.Seen(""),
	}
}

// TestFeeOfReseller: resuming costs what the operator charges for it: for every
// user whom the suspension shuts out, of the tenant and of its sub-organisations,
// and for nobody who is blocked anyway (TD-10).
func TestFeeOfReseller(t *testing.T) {
	t.Parallel()
	sim, err := forecast.Of(morning, hostedObject(), owing())
	if err != nil {
		t.Fatal(err)
	}
	sim.Do(forecast.Paid(day("2026-12-20"), "7"))
	sim.UntilDate(day("2026-12-31"))
	charge, made := sim.Charge("reactivation-arrears-2026-12-02")
	if !made || charge.Spec.Quantity != "3" || charge.Spec.Amount != "75.00" {
		t.Errorf("resuming costs %s for %s users, want 75.00 for anna, els and bob", charge.Spec.Amount, charge.Spec.Quantity)
	}
}

// TestUnreadForecast: nothing is foretold of what was not read.
func TestUnreadForecast(t *testing.T) {
	t.Parallel()
	sources := owing()
	sources.Below = facts.Known[[]v1alpha1.Workplace]{}
	sim, err := forecast.Of(morning, hostedObject(), sources)
	if err != nil {
		t.Fatal(err)
	}
	if sim.UntilDate(day("2026-12-31")); sim.Err() == nil || !strings.Contains(sim.Err().Error(), "sub-organisations were not read") {
		t.Errorf("error is %v, want one that names the sub-organisations", sim.Err())
	}
	sources = owing()
	sources.Homes = facts.Known[[]facts.Home]{}
	sim, err = forecast.Of(morning, hostedObject(), sources)
	if err != nil {
		t.Fatal(err)
	}
	if said := strings.Join(sim.Assumed(), " "); !strings.Contains(said, "Claims could not be read") || len(sim.Facts().Homes) != 2 {
		t.Errorf("assumed is %s, want a word about homes", said)
	}
}

// TestRemovedHome: the home of a removed workplace is kept, announced and erased,
// and stays if its workplace is made again.
func TestRemovedHome(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		events []forecast.Event
		want   []string
	}{
		"it is erased": {nil, []string{
			"2026-12-01 Keep anna", "2026-12-17 Notice closure-announcement-2026-12-31-anna", "2026-12-31 Erase anna",
		}},
		"mail is dead": {forecast.MailDead(day("2026-12-10"), day("2027-02-01")), []string{
			"2026-12-01 Keep anna", "2027-02-01 Notice closure-announcement-2026-12-31-anna", "2027-02-08 Erase anna",
		}},
		"the workplace comes back": {[]forecast.Event{forecast.WorkplaceAdded(day("2026-12-20"), facts.Workplace{Name: "anna", Username: "anna"})}, []string{
			"2026-12-01 Keep anna", "2026-12-17 Notice closure-announcement-2026-12-31-anna", "2026-12-20 Keep anna",
		}},
		"the law holds it": {[]forecast.Event{forecast.Held(day("2026-12-20"), true)}, []string{
			"2026-12-01 Keep anna", "2026-12-17 Notice closure-announcement-2026-12-31-anna",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim, err := forecast.Of(morning, hostedObject(), owing())
			if err != nil {
				t.Fatal(err)
			}
			sim.Do(forecast.Paid(day("2026-11-27"), "7"), forecast.WorkplaceRemoved(day("2026-12-01"), "anna")).Do(c.events...)
			got := told(sim.UntilDate(day("2027-06-30")), forecast.Keeps, forecast.Tells, forecast.Erases)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("what happens (-want +got):\n%s", diff)
			}
			if err := sim.Err(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestLeaves: once all is erased, invoiced and told, the namespace goes.
func TestLeaves(t *testing.T) {
	t.Parallel()
	sim, err := forecast.Of(morning, hostedObject(), owing())
	if err != nil {
		t.Fatal(err)
	}
	sim.Do(forecast.Paid(day("2026-11-27"), "7"), forecast.Withdrawn(day("2026-12-01")),
		forecast.Changed(day("2026-12-01"), "The contract ends.", func(f *facts.Facts) {
			f.EndedOn, f.EndReason = day("2026-12-01"), v1alpha1.EndInactivity
		}))
	got := told(sim.UntilDate(day("2027-06-30")), forecast.Ends, forecast.Erases, forecast.Leaves)
	if diff := cmp.Diff([]string{"2026-12-01 End", "2026-12-31 Erase", "2026-12-31 Leave"}, got); diff != "" {
		t.Errorf("what happens (-want +got):\n%s", diff)
	}
}
