// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/shopspring/decimal"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
)

const reseller, customer = "partner", "jansen"

// census counts what must exist once.
type census struct{ suspensions, charges int }

func (s *stage) onboard(ctx context.Context) error {
	for _, file := range []string{"terms/totaldesk.yaml", "licenses.yaml", "classes.yaml", "tenants.yaml"} {
		if err := s.apply(ctx, file); err != nil {
			return err
		}
	}
	for _, tenant := range []string{reseller, customer} {
		if err := wait(ctx, "tenant "+tenant+" gets its namespace and is Ready", func(ctx context.Context) error {
			return s.tenantCondition(ctx, tenant, v1alpha1.ConditionReady, "True")
		}); err != nil {
			return err
		}
		if err := s.report(ctx, tenant, "[]"); err != nil {
			return err
		}
		say("namespace tenant-%s stands, with its quota, network policies and billing account", tenant)
	}
	return s.apply(ctx, "workplaces.yaml")
}

func (s *stage) work(ctx context.Context) error {
	if err := s.allDesktops(ctx, "True"); err != nil {
		return err
	}
	workplaces, users, err := s.workplaces(ctx)
	if err != nil {
		return err
	}
	say("%d workplaces of %d users are Ready, each with a desktop pod and a home", len(workplaces), users)
	if s.homes, err = s.homeUIDs(ctx); err != nil {
		return err
	}
	s.before, err = s.count(ctx)
	return err
}

// owed checks that everybody's use was recorded before their desktops started,
// each user of a tenant once, and that the month's report counts it.
func (s *stage) owed(ctx context.Context) error {
	const license = "windows-rds-sal"
	users, month := 0, v1alpha1.Month("")
	for _, tenant := range []string{reseller, customer} {
		var records v1alpha1.UsageRecordList
		if err := s.client.List(ctx, &records, client.InNamespace(v1alpha1.NamespaceFor(tenant))); err != nil {
			return err
		}
		counted := map[v1alpha1.Username]bool{}
		for _, record := range records.Items {
			if record.Status.ClosedAt != nil {
				continue
			}
			month = record.Status.Month
			for _, use := range record.Status.Users {
				counted[use.Username] = counted[use.Username] || use.License == license
			}
		}
		say("usage record %s of tenant %s holds %d users of %s", month, tenant, len(counted), license)
		users += len(counted)
	}
	report := &v1alpha1.LicenseReport{}
	var line v1alpha1.ReportLine
	if err := wait(ctx, "the month's licence report counts them", func(ctx context.Context) error {
		if err := s.client.Get(ctx, client.ObjectKey{Name: string(month)}, report); err != nil {
			return err
		}
		for _, line = range report.Status.Lines {
			if line.License == license && line.Quantity >= int64(users) { // other tenants of the cluster count too
				return nil
			}
		}
		return fmt.Errorf("it says %+v", report.Status.Lines)
	}); err != nil {
		return err
	}
	say("licence report %s, a draft until the month is over: %d of %s at %s %s, due on %s", report.Name, line.Quantity, license, line.Currency, line.UnitPrice, report.Status.DueOn)
	return nil
}

func (s *stage) arrears(ctx context.Context) error {
	s.since = time.Now().UTC().AddDate(0, -2, -10).Format(time.DateOnly)
	invoice := fmt.Sprintf(`[{"number":"2026-0815","issuedOn":%q,"outstanding":"412.50"}]`, s.since)
	if err := s.report(ctx, reseller, invoice); err != nil {
		return err
	}
	say("the billing system reports that invoice 2026-0815 of %s, EUR 412.50, is unpaid by %s", s.since, reseller)
	return nil
}

func (s *stage) suspended(ctx context.Context) error {
	if err := wait(ctx, "no desktop runs any more", func(ctx context.Context) error {
		pods, err := s.pods(ctx)
		if err == nil && len(pods) > 0 {
			err = fmt.Errorf("%d pods are still there", len(pods))
		}
		return err
	}); err != nil {
		return err
	}
	if err := s.allDesktops(ctx, "False"); err != nil {
		return err
	}
	for tenant, reason := range map[string]string{reseller: v1alpha1.ReasonSuspended, customer: v1alpha1.ReasonResellerSuspended} {
		if err := wait(ctx, tenant+" is suspended", func(ctx context.Context) error {
			return s.accessReason(ctx, tenant, reason)
		}); err != nil {
			return err
		}
	}
	if err := s.sameHomes(ctx); err != nil {
		return err
	}
	say("all desktops are gone, those of the sub-organisation %s too; all %d homes are kept", customer, len(s.homes))
	tenant := &v1alpha1.Tenant{}
	if err := s.client.Get(ctx, client.ObjectKey{Name: reseller}, tenant); err != nil {
		return err
	}
	say("Tenant %s: state %s, suspended by %s, arrears since %s", tenant.Name, tenant.Status.State, tenant.Status.SuspendedBy, tenant.Status.Arrears.Since)
	return nil
}

func (s *stage) pay(ctx context.Context) error {
	if err := s.report(ctx, reseller, "[]"); err != nil {
		return err
	}
	say("the billing system reports that nothing is open")
	return nil
}

func (s *stage) resumed(ctx context.Context) error {
	if err := s.allDesktops(ctx, "True"); err != nil {
		return err
	}
	if err := s.sameHomes(ctx); err != nil {
		return err
	}
	_, users, err := s.workplaces(ctx)
	if err != nil {
		return err
	}
	charge, err := s.latestCharge(ctx)
	if err != nil {
		return err
	}
	want := decimal.RequireFromString("25.00").Mul(decimal.NewFromInt(int64(users))).StringFixed(2)
	if string(charge.Spec.Amount) != want {
		return fmt.Errorf("charge %s is over %s %s; %d users at EUR 25.00 make %s", charge.Name, charge.Spec.Currency, charge.Spec.Amount, users, want)
	}
	say("all desktops are back, with the same homes")
	say("Charge %s: %s", charge.Name, charge.Spec.Description)
	say("due: %s %s (%d distinct users; one of them has two workplaces)", charge.Spec.Currency, charge.Spec.Amount, users)
	return nil
}

func (s *stage) once(ctx context.Context) error {
	after, err := s.count(ctx)
	if err != nil {
		return err
	}
	if after.suspensions != s.before.suspensions+1 || after.charges != s.before.charges+1 {
		return fmt.Errorf("the story made %d suspensions and %d charges; it should make one of each",
			after.suspensions-s.before.suspensions, after.charges-s.before.charges)
	}
	workplaces, _, err := s.workplaces(ctx)
	if err != nil {
		return err
	}
	pods, err := s.pods(ctx)
	if err != nil {
		return err
	}
	if len(pods) != len(workplaces) {
		return fmt.Errorf("%d pods for %d workplaces", len(pods), len(workplaces))
	}
	say("one suspension, one charge, one pod and one home for each of %d workplaces", len(workplaces))
	return nil
}

// report patches the status of a billing account, exactly as a billing system does.
func (s *stage) report(ctx context.Context, tenant, openInvoices string) error {
	patch := fmt.Sprintf(`{"status":{"asOf":%q,"openInvoices":%s}}`, time.Now().UTC().Format(time.RFC3339), openInvoices)
	if !json.Valid([]byte(patch)) {
		return fmt.Errorf("not JSON: %s", patch)
	}
	account := &v1alpha1.BillingAccount{}
	account.Name = tenant
	return s.client.Status().Patch(ctx, account, client.RawPatch(types.MergePatchType, []byte(patch)))
}

func (s *stage) allDesktops(ctx context.Context, ready string) error {
	return wait(ctx, "every workplace's DesktopReady is "+ready, func(ctx context.Context) error {
		workplaces, _, err := s.workplaces(ctx)
		if err != nil {
			return err
		}
		for _, w := range workplaces {
			condition := meta.FindStatusCondition(w.Status.Conditions, v1alpha1.ConditionDesktopReady)
			if condition == nil || string(condition.Status) != ready {
				return fmt.Errorf("%s/%s is not: %+v", w.Namespace, w.Name, condition)
			}
		}
		return nil
	})
}

func (s *stage) tenantCondition(ctx context.Context, name, kind, status string) error {
	tenant := &v1alpha1.Tenant{}
	if err := s.client.Get(ctx, client.ObjectKey{Name: name}, tenant); err != nil {
		return err
	}
	if c := meta.FindStatusCondition(tenant.Status.Conditions, kind); c == nil || string(c.Status) != status {
		return fmt.Errorf("condition %s of tenant %s: %+v", kind, name, c)
	}
	return nil
}

func (s *stage) accessReason(ctx context.Context, name, reason string) error {
	tenant := &v1alpha1.Tenant{}
	if err := s.client.Get(ctx, client.ObjectKey{Name: name}, tenant); err != nil {
		return err
	}
	if c := meta.FindStatusCondition(tenant.Status.Conditions, v1alpha1.ConditionAccessGranted); c == nil || c.Reason != reason {
		return fmt.Errorf("AccessGranted of tenant %s should be False for %s: %+v", name, reason, c)
	}
	return nil
}

func (s *stage) workplaces(ctx context.Context) ([]v1alpha1.Workplace, int, error) {
	var all []v1alpha1.Workplace
	users := map[v1alpha1.Username]bool{}
	for _, tenant := range []string{reseller, customer} {
		var list v1alpha1.WorkplaceList
		if err := s.client.List(ctx, &list, client.InNamespace(v1alpha1.NamespaceFor(tenant))); err != nil {
			return nil, 0, err
		}
		for _, w := range list.Items {
			users[w.Spec.User.Username] = true
			all = append(all, w)
		}
	}
	return all, len(users), nil
}

func (s *stage) pods(ctx context.Context) ([]corev1.Pod, error) {
	var all []corev1.Pod
	for _, tenant := range []string{reseller, customer} {
		var list corev1.PodList
		if err := s.client.List(ctx, &list, client.InNamespace(v1alpha1.NamespaceFor(tenant))); err != nil {
			return nil, err
		}
		all = append(all, list.Items...)
	}
	return all, nil
}

func (s *stage) homeUIDs(ctx context.Context) (map[string]string, error) {
	homes := map[string]string{}
	for _, tenant := range []string{reseller, customer} {
		var list corev1.PersistentVolumeClaimList
		if err := s.client.List(ctx, &list, client.InNamespace(v1alpha1.NamespaceFor(tenant))); err != nil {
			return nil, err
		}
		for _, claim := range list.Items {
			homes[claim.Namespace+"/"+claim.Name] = string(claim.UID)
		}
	}
	return homes, nil
}

func (s *stage) sameHomes(ctx context.Context) error {
	now, err := s.homeUIDs(ctx)
	if err != nil {
		return err
	}
	for name, uid := range s.homes {
		if now[name] != uid {
			return fmt.Errorf("home %s was %s and is %q", name, uid, now[name])
		}
	}
	return nil
}

func (s *stage) count(ctx context.Context) (census, error) {
	var suspensions v1alpha1.SuspensionList
	if err := s.client.List(ctx, &suspensions); err != nil {
		return census{}, err
	}
	var charges v1alpha1.ChargeList
	if err := s.client.List(ctx, &charges); err != nil {
		return census{}, err
	}
	fees := 0 // subscriptions are charged beside the story
	for i := range charges.Items {
		if charges.Items[i].Spec.Type == v1alpha1.ChargeReactivation {
			fees++
		}
	}
	return census{len(suspensions.Items), fees}, nil
}

// latestCharge returns the charge of the suspension that was lifted last.
func (s *stage) latestCharge(ctx context.Context) (*v1alpha1.Charge, error) {
	var suspensions v1alpha1.SuspensionList
	if err := s.client.List(ctx, &suspensions, client.InNamespace(v1alpha1.NamespaceFor(reseller))); err != nil {
		return nil, err
	}
	var last *v1alpha1.Suspension
	for i := range suspensions.Items {
		candidate := &suspensions.Items[i]
		if candidate.Status.LiftedAt != nil && (last == nil || last.CreationTimestamp.Before(&candidate.CreationTimestamp)) {
			last = candidate
		}
	}
	if last == nil || last.Status.ChargeRef == nil {
		return nil, fmt.Errorf("no lifted suspension with a charge in tenant-%s", reseller)
	}
	charge := &v1alpha1.Charge{}
	key := client.ObjectKey{Namespace: last.Namespace, Name: string(last.Status.ChargeRef.Name)}
	return charge, s.client.Get(ctx, key, charge)
}
