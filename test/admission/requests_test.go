// SPDX-License-Identifier: Apache-2.0

package admission

import (
	"context"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/test/cluster"
)

// The tables of TestRoles ask what roles allow; here roles and policies meet in
// the requests that people and programs make.
func TestRequests(t *testing.T) {
	t.Parallel()
	account := object(t, billingAccount, "", "")
	account.SetName(unique("jansen"))
	customer := object(t, tenant, "", "")
	customer.SetName(account.GetName())
	create(t, account)
	create(t, customer)

	const forbidden = "is forbidden: User"
	report := `status: {asOf: "2026-11-20T08:00:00Z", openInvoices: []}`
	for role, rows := range map[string][]struct {
		what string
		do   func(ctx context.Context, as client.Client, namespace string) error
		want []string
	}{
		"werkplek-billing": {
			{"reports open invoices", func(ctx context.Context, as client.Client, _ string) error {
				return as.Status().Patch(ctx, account.DeepCopy(), patch(t, report))
			}, nil},
			{"replaces the report", func(ctx context.Context, as client.Client, _ string) error {
				return as.Status().Update(ctx, account.DeepCopy())
			}, []string{forbidden, `cannot update resource "billingaccounts/status"`}},
			{"labels the account", func(ctx context.Context, as client.Client, _ string) error {
				return as.Patch(ctx, account.DeepCopy(), patch(t, `metadata: {labels: {seen: "true"}}`))
			}, []string{forbidden, `cannot patch resource "billingaccounts"`}},
			{"records an invoice", func(ctx context.Context, as client.Client, namespace string) error {
				charged := object(t, charge, "", namespace)
				create(t, charged)
				return as.Status().Patch(ctx, charged, patch(t, `status: {invoice: {number: "2026-1011", issuedOn: "2026-12-01"}}`))
			}, nil},
			{"makes a charge", func(ctx context.Context, as client.Client, namespace string) error {
				return as.Create(ctx, object(t, charge, `metadata: {name: more}`, namespace))
			}, []string{forbidden, `cannot create resource "charges"`}},
			{"changes a tenant", func(ctx context.Context, as client.Client, _ string) error {
				return as.Patch(ctx, customer.DeepCopy(), patch(t, `spec: {directDebit: false}`))
			}, []string{forbidden, `cannot patch resource "tenants"`}},
		},
		"werkplek-engineer": {
			{"ends a contract", func(ctx context.Context, as client.Client, _ string) error {
				return as.Patch(ctx, customer.DeepCopy(), patch(t, `spec: {contract: {noticeReceivedOn: "2026-11-20"}}`))
			}, nil},
			{"suspends by hand, and lifts", func(ctx context.Context, as client.Client, namespace string) error {
				made := object(t, suspension, "", namespace)
				if err := as.Create(ctx, made); err != nil {
					return err
				}
				return as.Patch(ctx, made, patch(t, `spec: {lift: true}`))
			}, nil},
			{"suspends for arrears", func(ctx context.Context, as client.Client, namespace string) error {
				return as.Create(ctx, object(t, suspension, `{metadata: {name: arrears}, spec: {cause: Arrears}}`, namespace))
			}, []string{"spec.cause Arrears is for the operator alone"}},
			{"reports for the billing system", func(ctx context.Context, as client.Client, _ string) error {
				return as.Status().Patch(ctx, account.DeepCopy(), patch(t, report))
			}, []string{forbidden, `cannot patch resource "billingaccounts/status"`}},
			{"says that data may be erased", func(ctx context.Context, as client.Client, _ string) error {
				return as.Status().Patch(ctx, customer.DeepCopy(), patch(t, `status: {namespace: null}`))
			}, []string{forbidden, `cannot patch resource "tenants/status"`}},
			{"makes a workplace whose name the API server completes", func(ctx context.Context, as client.Client, namespace string) error {
				return as.Create(ctx, object(t, workplace, `metadata: {name: null, generateName: anna-}`, namespace))
			}, nil},
		},
		"werkplek-contact": {
			{"sees why", func(ctx context.Context, as client.Client, namespace string) error {
				return as.List(ctx, list("SuspensionList"), client.InNamespace(namespace))
			}, nil},
			{"looks at all tenants", func(ctx context.Context, as client.Client, _ string) error {
				return as.List(ctx, list("SuspensionList"))
			}, []string{forbidden, "at the cluster scope"}},
			{"makes a workplace", func(ctx context.Context, as client.Client, namespace string) error {
				return as.Create(ctx, object(t, workplace, "", namespace))
			}, []string{forbidden, `cannot create resource "workplaces"`}},
		},
	} {
		t.Run(role, func(t *testing.T) {
			t.Parallel()
			user, namespace := bind(t, role)
			as := client.WithFieldValidation(cluster.Shared().As(user), metav1.FieldValidationStrict)
			for _, row := range rows {
				t.Run(row.what, func(t *testing.T) { expect(t, row.do(t.Context(), as, namespace), row.want...) })
			}
		})
	}
}

// list returns an empty list of one of Werkplek's kinds.
func list(kind string) *unstructured.UnstructuredList {
	items := &unstructured.UnstructuredList{}
	items.SetAPIVersion("werkplek.dev/v1alpha1")
	items.SetKind(kind)
	return items
}
