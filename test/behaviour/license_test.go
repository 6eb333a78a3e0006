// SPDX-License-Identifier: Apache-2.0

package behaviour

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/test/cluster"
	"werkplek.dev/werkplek/test/world"
)

// missingLicenseHeals: an unknown licence holds a workplace back, and says so.
func missingLicenseHeals(t *testing.T, w world.World) {
	ctx := t.Context()
	must(t, w.Terms(ctx), w.Class(ctx, w.Needs("rds")), w.Tenant(ctx, "t"))
	cluster.Eventually(t, soon, "the namespace", w.HasNamespace("t"))
	must(t, w.Workplace(ctx, "t", "anna", user))
	cluster.Eventually(t, soon, "it has no licence", w.WorkplaceCondition("t", "anna", v1alpha1.ConditionAccessGranted, v1alpha1.ReasonUnlicensed))
	must(t, w.WorkplaceCondition("t", "anna", v1alpha1.ConditionLicensed, v1alpha1.ReasonLicenseNotFound)(ctx))
	if message := conditionOf(t, w, v1alpha1.ConditionReady).Message; !strings.Contains(message, w.LicenseName("rds")) {
		t.Errorf("the message should name %s: %s", w.LicenseName("rds"), message)
	}
	if records, err := w.Records(ctx, "t", month()); err != nil || len(uses(records)) != 0 {
		t.Errorf("somebody without access is recorded: %v (%v)", uses(records), err)
	}
	must(t, w.License(ctx, "rds"))
	cluster.Eventually(t, soon, "it heals", w.AllReady("t", 1))
	must(t, w.WorkplaceCondition("t", "anna", v1alpha1.ConditionLicensed, v1alpha1.ReasonRecorded)(ctx))
}

// licenseInUse: a licence that is needed says so, and cannot be deleted.
func licenseInUse(t *testing.T, w world.World) {
	ctx := t.Context()
	must(t, w.License(ctx, "rds"))
	license := &v1alpha1.License{}
	inUse := func(reason string) func(context.Context) error {
		return func(ctx context.Context) error {
			if err := w.Get(ctx, client.ObjectKey{Name: w.LicenseName("rds")}, license); err != nil {
				return err
			}
			for _, c := range license.Status.Conditions {
				if c.Type == v1alpha1.ConditionInUse && c.Reason == reason {
					return nil
				}
			}
			return fmt.Errorf("the conditions are %+v", license.Status.Conditions)
		}
	}
	cluster.Eventually(t, soon, "nothing needs it", inUse(v1alpha1.ReasonNotUsed))
	must(t, w.Class(ctx, w.Needs("rds")))
	cluster.Eventually(t, soon, "a class needs it", inUse(v1alpha1.ReasonNeeded))
	if err := w.Delete(ctx, license); err == nil || !strings.Contains(err.Error(), w.Name) {
		t.Errorf("a licence that %s needs should not be deleted, and the refusal should name it: %v", w.Name, err)
	}
}

// oldLicenseUntilRestart: a desktop that still runs as it was needs what it was started with.
func oldLicenseUntilRestart(t *testing.T, w world.World) {
	ctx := t.Context()
	must(t, w.Terms(ctx), w.License(ctx, "rds"), w.License(ctx, "sql"), w.Class(ctx, w.Needs("rds")), w.Tenant(ctx, "t"))
	cluster.Eventually(t, soon, "the namespace", w.HasNamespace("t"))
	must(t, w.Workplace(ctx, "t", "anna", user))
	cluster.Eventually(t, soon, "the desktop", w.AllReady("t", 1))
	class := &v1alpha1.WorkplaceClass{}
	must(t, w.Get(ctx, client.ObjectKey{Name: w.Name}, class))
	class.Spec.Licenses = []v1alpha1.LicenseName{v1alpha1.LicenseName(w.LicenseName("sql"))}
	class.Spec.Desktop.Image = "registry.example.com/desktop:2"
	must(t, w.Update(ctx, class))
	cluster.Eventually(t, soon, "both licences are in use", func(ctx context.Context) error {
		records, err := w.Records(ctx, "t", month())
		if err != nil {
			return err
		}
		if got := uses(records); got[w.LicenseName("rds")] != "open" || got[w.LicenseName("sql")] != "open" {
			return fmt.Errorf("recorded are %v", got)
		}
		return nil
	})
	must(t, change(ctx, w, func(s *v1alpha1.WorkplaceSpec) { s.RestartedAt = ptr.To(metav1.Now()) }))
	cluster.Eventually(t, soon, "the old one ends with the restart", func(ctx context.Context) error {
		records, err := w.Records(ctx, "t", month())
		if err != nil {
			return err
		}
		if got := uses(records); got[w.LicenseName("rds")] != "ended" || got[w.LicenseName("sql")] != "open" {
			return fmt.Errorf("recorded are %v", got)
		}
		return nil
	})
}

// usageKeepsTenant: what is in no final report must not vanish with its tenant.
func usageKeepsTenant(t *testing.T, w world.World) {
	ctx := t.Context()
	must(t, w.Terms(ctx), w.License(ctx, "rds"), w.Class(ctx, w.Needs("rds")), w.Tenant(ctx, "t"))
	cluster.Eventually(t, soon, "the namespace", w.HasNamespace("t"))
	must(t, w.Workplace(ctx, "t", "anna", user))
	cluster.Eventually(t, soon, "the desktop", w.AllReady("t", 1))
	must(t,
		w.Delete(ctx, &v1alpha1.Workplace{ObjectMeta: metav1.ObjectMeta{Namespace: w.Namespace("t"), Name: "anna"}}),
		w.Delete(ctx, &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Namespace: w.Namespace("t"), Name: "home-anna"}}))
	cluster.Eventually(t, 2*soon, "its usage keeps it", w.TenantCondition("t", v1alpha1.ConditionErasureAllowed, v1alpha1.ReasonUsageNotReported))
	if err := w.Delete(ctx, &v1alpha1.Tenant{ObjectMeta: metav1.ObjectMeta{Name: w.TenantName("t")}}); err == nil {
		t.Error("the Tenant was deleted although its usage is in no final report")
	}
}

// staffIsExempt: exempt use is recorded with its exemption, also after it has ended.
func staffIsExempt(t *testing.T, w world.World) {
	ctx := t.Context()
	must(t, w.Terms(ctx), w.Class(ctx, w.Needs("rds")), w.Tenant(ctx, "t"),
		w.License(ctx, "rds", func(s *v1alpha1.LicenseSpec) {
			s.Exemptions = []v1alpha1.LicenseExemption{{Name: "staff", Reason: "provider staff", Users: []v1alpha1.Username{user}}}
		}))
	cluster.Eventually(t, soon, "the namespace", w.HasNamespace("t"))
	must(t, w.Workplace(ctx, "t", "anna", user), w.Workplace(ctx, "t", "bob", "bob@example.com"))
	cluster.Eventually(t, soon, "the desktops", w.AllReady("t", 2))
	exempt := func(lasts bool) func(context.Context) error {
		return func(ctx context.Context) error {
			records, err := w.Records(ctx, "t", month())
			if err != nil || len(records) != 1 {
				return fmt.Errorf("%d records (%v)", len(records), err)
			}
			for _, use := range records[0].Status.Users {
				if want := map[v1alpha1.Username]string{user: "staff"}[use.Username]; use.Exemption != want {
					return fmt.Errorf("%s is exempt by %q, want %q", use.Username, use.Exemption, want)
				}
				if use.Username == user && (use.LastAccessAt == nil) != lasts {
					return fmt.Errorf("the use of %s lasts until %v", use.Username, use.LastAccessAt)
				}
			}
			return nil
		}
	}
	cluster.Eventually(t, soon, "staff is exempt", exempt(true))
	must(t, w.Delete(ctx, &v1alpha1.Workplace{ObjectMeta: metav1.ObjectMeta{Namespace: w.Namespace("t"), Name: "anna"}}),
		w.Delete(ctx, &v1alpha1.Workplace{ObjectMeta: metav1.ObjectMeta{Namespace: w.Namespace("t"), Name: "bob"}}))
	cluster.Eventually(t, soon, "and stays so when nothing needs the licence any more", exempt(false))
}

// rightToLeave: TD-15, for the price of a class and of a licence.
func rightToLeave(t *testing.T, w world.World) {
	ctx := t.Context()
	must(t,
		w.Terms(ctx, func(s *v1alpha1.ServiceTermsSpec) {
			s.PriceChange = &v1alpha1.PriceChangeTerms{IndexingMonth: 1, ExitAbovePercent: "10", ExitNotice: "P3M"}
		}),
		w.License(ctx, "rds"),
		w.Class(ctx, w.Needs("rds"), func(s *v1alpha1.WorkplaceClassSpec) {
			s.Price = &v1alpha1.ClassPrice{Amount: "40.00", Currency: "EUR", Per: "P1M", Changes: []v1alpha1.PriceChange{{From: "2027-01-01", Amount: "44.00"}}}
		}),
		w.Tenant(ctx, "t"))
	cluster.Eventually(t, soon, "the namespace", w.HasNamespace("t"))
	must(t, w.Workplace(ctx, "t", "anna", user))
	cluster.Eventually(t, soon, "the desktop", w.AllReady("t", 1))

	rights := func(want ...string) func(context.Context) error {
		return func(ctx context.Context) error {
			tenant := &v1alpha1.Tenant{}
			if err := w.Get(ctx, client.ObjectKey{Name: w.TenantName("t")}, tenant); err != nil {
				return err
			}
			var got []string
			for _, r := range tenant.Status.RightsToLeave {
				got = append(got, fmt.Sprintf("%s %s %s %s", r.Kind, r.From, r.Percent, r.EarliestEndOn))
			}
			if strings.Join(got, "\n") != strings.Join(want, "\n") {
				return fmt.Errorf("the rights are %q, want %q", got, want)
			}
			return nil
		}
	}
	must(t, rights()(ctx)) // ten percent is not more than ten percent
	class := &v1alpha1.WorkplaceClass{}
	must(t, w.Get(ctx, client.ObjectKey{Name: w.Name}, class))
	base := class.DeepCopy()
	class.Spec.Price.Changes[0].Amount = "44.01"
	must(t, w.Patch(ctx, class, client.MergeFrom(base)))
	cluster.Eventually(t, soon, "a dearer class", rights("WorkplaceClass 2027-01-01 10.03 2027-04-01"))
	license := &v1alpha1.License{}
	must(t, w.Get(ctx, client.ObjectKey{Name: w.LicenseName("rds")}, license))
	cheaper := license.DeepCopy()
	license.Spec.Prices = append(license.Spec.Prices, v1alpha1.LicensePrice{From: "2027-03-15", Amount: "7.00", Currency: "EUR"})
	must(t, w.Patch(ctx, license, client.MergeFrom(cheaper)))
	cluster.Eventually(t, soon, "a dearer licence", rights("WorkplaceClass 2027-01-01 10.03 2027-04-01", "License 2028-01-01 14.75 2028-04-01"))
}

func conditionOf(t *testing.T, w world.World, kind string) metav1.Condition {
	t.Helper()
	for _, c := range workplaceOf(t, w).Status.Conditions {
		if c.Type == kind {
			return c
		}
	}
	t.Fatalf("the workplace has no condition %s", kind)
	return metav1.Condition{}
}

// month is the current one where the terms of the tests hold.
func month() string {
	zone, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		panic(err)
	}
	return time.Now().In(zone).Format("2006-01")
}

// uses returns of each licence whether its use is open or has ended.
func uses(records []v1alpha1.UsageRecord) map[string]string {
	found := map[string]string{}
	for _, record := range records {
		for _, use := range record.Status.Users {
			found[string(use.License)] = "open"
			if use.LastAccessAt != nil {
				found[string(use.License)] = "ended"
			}
		}
	}
	return found
}
