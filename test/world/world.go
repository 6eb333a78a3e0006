// SPDX-License-Identifier: Apache-2.0

// Package world makes the tenants, workplaces and billing facts of tests.
package world

import (
	"context"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
)

// World is a provider with names of its own, so that many fit one cluster.
type World struct {
	client.Client
	// Name precedes all names.
	Name string
}

// Terms makes terms like TotalDesk's: suspension after two months (TD-8), EUR 25
// for each user on resuming (TD-10).
func (w World) Terms(ctx context.Context, edits ...func(*v1alpha1.ServiceTermsSpec)) error {
	terms := &v1alpha1.ServiceTerms{
		ObjectMeta: metav1.ObjectMeta{Name: w.Name},
		Spec: v1alpha1.ServiceTermsSpec{
			TimeZone: "Europe/Amsterdam",
			Currency: "EUR",
			Arrears: &v1alpha1.ArrearsTerms{
				MeasuredFrom: v1alpha1.OldestUnpaidInvoice, DateBasis: v1alpha1.IssuedOn,
				SuspendAfter: "P2M", TerminateAfter: "P4M", Termination: v1alpha1.TerminationManual, BillingFreshness: "P3D",
			},
			Reactivation: &v1alpha1.ReactivationTerms{Fee: "25.00", Per: v1alpha1.PerWorkplaceUser, Requires: v1alpha1.AllOpenInvoicesPaid},
		},
	}
	for _, edit := range edits {
		edit(&terms.Spec)
	}
	return w.Create(ctx, terms)
}

// Class makes a class of small desktops.
func (w World) Class(ctx context.Context, edits ...func(*v1alpha1.WorkplaceClassSpec)) error {
	class := &v1alpha1.WorkplaceClass{
		ObjectMeta: metav1.ObjectMeta{Name: w.Name},
		Spec: v1alpha1.WorkplaceClassSpec{
			Desktop: v1alpha1.DesktopSpec{Image: "registry.example.com/desktop:1", Readiness: &v1alpha1.DesktopReadiness{Path: "/"}},
			Home:    v1alpha1.HomeSpec{Size: resource.MustParse("1Gi")},
		},
	}
	for _, edit := range edits {
		edit(&class.Spec)
	}
	return w.Create(ctx, class)
}

// TenantName returns the full name of one of this world's tenants.
func (w World) TenantName(name string) string { return w.Name + "-" + name }

// Tenant makes a tenant under the world's terms.
func (w World) Tenant(ctx context.Context, name string, edits ...func(*v1alpha1.TenantSpec)) error {
	tenant := &v1alpha1.Tenant{
		ObjectMeta: metav1.ObjectMeta{Name: w.TenantName(name)},
		Spec: v1alpha1.TenantSpec{
			TermsRef: v1alpha1.Reference{Name: v1alpha1.ObjectName(w.Name)},
			Contact:  &v1alpha1.Person{Username: v1alpha1.Username(name + "@example.com")},
			Contract: &v1alpha1.ContractSpec{StartsOn: "2026-01-01"},
		},
	}
	for _, edit := range edits {
		edit(&tenant.Spec)
	}
	return w.Create(ctx, tenant)
}

// Reseller marks a tenant as one that has sub-organisations.
func Reseller(s *v1alpha1.TenantSpec) { s.Reseller = ptr.To(true) }

// Under makes a tenant a sub-organisation of another of this world.
func (w World) Under(reseller string) func(*v1alpha1.TenantSpec) {
	return func(s *v1alpha1.TenantSpec) {
		s.ResellerRef = &v1alpha1.Reference{Name: v1alpha1.ObjectName(w.TenantName(reseller))}
	}
}

// Workplace makes a workplace of a user; the tenant must have its namespace.
func (w World) Workplace(ctx context.Context, tenant, name, user string, edits ...func(*v1alpha1.WorkplaceSpec)) error {
	workplace := &v1alpha1.Workplace{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: w.Namespace(tenant)},
		Spec: v1alpha1.WorkplaceSpec{
			User:     v1alpha1.Person{Username: v1alpha1.Username(user)},
			ClassRef: v1alpha1.Reference{Name: v1alpha1.ObjectName(w.Name)},
		},
	}
	for _, edit := range edits {
		edit(&workplace.Spec)
	}
	return w.Create(ctx, workplace)
}

// Namespace returns the namespace of one of this world's tenants.
func (w World) Namespace(tenant string) string { return v1alpha1.NamespaceFor(w.TenantName(tenant)) }

// Invoice is an unpaid invoice.
type Invoice struct {
	Number      string
	IssuedOn    string
	Outstanding string
}

// Report reports a tenant's open invoices as of a moment, as a billing system does.
func (w World) Report(ctx context.Context, tenant string, asOf time.Time, open ...Invoice) error {
	list := "["
	for i, invoice := range open {
		if i > 0 {
			list += ","
		}
		list += fmt.Sprintf(`{"number":%q,"issuedOn":%q,"outstanding":%q}`, invoice.Number, invoice.IssuedOn, invoice.Outstanding)
	}
	patch := fmt.Sprintf(`{"status":{"asOf":%q,"openInvoices":%s]}}`, asOf.UTC().Format(time.RFC3339), list)
	account := &v1alpha1.BillingAccount{ObjectMeta: metav1.ObjectMeta{Name: w.TenantName(tenant)}}
	return w.Status().Patch(ctx, account, client.RawPatch(types.MergePatchType, []byte(patch)))
}

// HasNamespace says why a tenant does not have its namespace and billing account yet, if so.
func (w World) HasNamespace(tenant string) func(context.Context) error {
	return func(ctx context.Context) error {
		account := &v1alpha1.BillingAccount{}
		return errors.Join(
			w.TenantCondition(tenant, v1alpha1.ConditionReady, v1alpha1.ReasonReady)(ctx),
			w.Get(ctx, client.ObjectKey{Name: w.TenantName(tenant)}, account))
	}
}

// TenantCondition says what is different, if a tenant's condition does not have a reason.
func (w World) TenantCondition(tenant, kind, reason string) func(context.Context) error {
	return func(ctx context.Context) error {
		object := &v1alpha1.Tenant{}
		if err := w.Get(ctx, client.ObjectKey{Name: w.TenantName(tenant)}, object); err != nil {
			return err
		}
		if c := meta.FindStatusCondition(object.Status.Conditions, kind); c == nil || c.Reason != reason {
			return fmt.Errorf("tenant %s: want condition %s with reason %s, got %+v", object.Name, kind, reason, c)
		}
		return nil
	}
}

// WorkplaceCondition says what is different, if a workplace's condition does not have a reason.
func (w World) WorkplaceCondition(tenant, name, kind, reason string) func(context.Context) error {
	return func(ctx context.Context) error {
		object := &v1alpha1.Workplace{}
		if err := w.Get(ctx, client.ObjectKey{Namespace: w.Namespace(tenant), Name: name}, object); err != nil {
			return err
		}
		if c := meta.FindStatusCondition(object.Status.Conditions, kind); c == nil || c.Reason != reason {
			return fmt.Errorf("workplace %s/%s: want condition %s with reason %s, got %+v", object.Namespace, name, kind, reason, c)
		}
		return nil
	}
}

// AllReady says which of a tenant's desktops cannot be opened, of as many as there should be.
func (w World) AllReady(tenant string, count int) func(context.Context) error {
	return w.allReady(tenant, count, metav1.ConditionTrue)
}

// NoneReady says which of a tenant's desktops can still be opened, or still have a pod.
func (w World) NoneReady(tenant string, count int) func(context.Context) error {
	return func(ctx context.Context) error {
		var pods corev1.PodList
		if err := w.List(ctx, &pods, client.InNamespace(w.Namespace(tenant))); err != nil {
			return err
		}
		if len(pods.Items) > 0 {
			return fmt.Errorf("%d pods are still in %s", len(pods.Items), w.Namespace(tenant))
		}
		return w.allReady(tenant, count, metav1.ConditionFalse)(ctx)
	}
}

func (w World) allReady(tenant string, count int, want metav1.ConditionStatus) func(context.Context) error {
	return func(ctx context.Context) error {
		var list v1alpha1.WorkplaceList
		if err := w.List(ctx, &list, client.InNamespace(w.Namespace(tenant))); err != nil {
			return err
		}
		if len(list.Items) != count {
			return fmt.Errorf("%d workplaces in %s, want %d", len(list.Items), w.Namespace(tenant), count)
		}
		for i := range list.Items {
			ready := meta.FindStatusCondition(list.Items[i].Status.Conditions, v1alpha1.ConditionDesktopReady)
			if ready == nil || ready.Status != want {
				return fmt.Errorf("workplace %s/%s: want DesktopReady %s, got %+v", list.Items[i].Namespace, list.Items[i].Name, want, ready)
			}
		}
		return nil
	}
}

// Suspensions returns a tenant's suspensions.
func (w World) Suspensions(ctx context.Context, tenant string) ([]v1alpha1.Suspension, error) {
	var list v1alpha1.SuspensionList
	err := w.List(ctx, &list, client.InNamespace(w.Namespace(tenant)))
	return list.Items, err
}

// Charges returns a tenant's charges.
func (w World) Charges(ctx context.Context, tenant string) ([]v1alpha1.Charge, error) {
	var list v1alpha1.ChargeList
	err := w.List(ctx, &list, client.InNamespace(w.Namespace(tenant)))
	return list.Items, err
}

// License makes a licence counted by user in the catalogue; its name is the world's and a suffix.
func (w World) License(ctx context.Context, name string, edits ...func(*v1alpha1.LicenseSpec)) error {
	license := &v1alpha1.License{
		ObjectMeta: metav1.ObjectMeta{Name: w.LicenseName(name)},
		Spec: v1alpha1.LicenseSpec{
			DisplayName: name, Vendor: "Vendor", Agreement: v1alpha1.AgreementSPLA, PartNumber: "P-" + name, Metric: v1alpha1.MetricUser,
			Prices: []v1alpha1.LicensePrice{{From: "2020-01-01", Amount: "6.10", Currency: "EUR"}},
		},
	}
	for _, edit := range edits {
		edit(&license.Spec)
	}
	return w.Create(ctx, license)
}

// LicenseName returns the full name of one of this world's licences.
func (w World) LicenseName(name string) string { return w.Name + "-" + name }

// Needs makes a class need licences of this world.
func (w World) Needs(names ...string) func(*v1alpha1.WorkplaceClassSpec) {
	return func(s *v1alpha1.WorkplaceClassSpec) {
		for _, name := range names {
			s.Licenses = append(s.Licenses, v1alpha1.LicenseName(w.LicenseName(name)))
		}
	}
}

// Records returns the parts of a tenant's usage record of a month.
func (w World) Records(ctx context.Context, tenant, month string) ([]v1alpha1.UsageRecord, error) {
	var list v1alpha1.UsageRecordList
	err := w.List(ctx, &list, client.InNamespace(w.Namespace(tenant)), client.MatchingLabels{v1alpha1.LabelMonth: month})
	return list.Items, err
}

// LicenseReport returns a report.
func (w World) LicenseReport(ctx context.Context, name string) (*v1alpha1.LicenseReport, error) {
	report := &v1alpha1.LicenseReport{}
	return report, w.Get(ctx, client.ObjectKey{Name: name}, report)
}
