// SPDX-License-Identifier: Apache-2.0

package admission

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/test/cluster"
)

// Whoever has all rights still does not write usage records.
func TestOnlyTheOperatorChangesUsageRecords(t *testing.T) {
	t.Parallel()
	namespace := tenantNamespace(t, "jansen")
	open, closed := object(t, usageRecord, "", namespace), object(t, usageRecord, `{metadata: {name: 2026-10}, `+closing+`}`, namespace)
	create(t, open)
	create(t, closed)
	byHand := []string{"UsageRecord 2026-11 must not be changed by hand", cluster.Manager, "a LicenseReport whose spec.corrects names the month's report"}
	for _, row := range []struct {
		stored  *unstructured.Unstructured
		changes string
		person  []string
		manager []string
	}{
		{open, entries(`users`, anna, piet, omar), byHand, nil},
		{open, `status: {timeZone: Europe/London}`, byHand, nil},
		{open, closing, byHand, nil},
		{open, `metadata: {labels: {seen: "true"}}`, byHand, nil},
		{open, `metadata: {annotations: {seen: "true"}}`, byHand, nil},
		{open, `metadata: {finalizers: [example.com/keep]}`, byHand, nil},
		{closed, `metadata: {annotations: {seen: "true"}}`, []string{"UsageRecord 2026-10 must not be changed by hand"}, nil},
		{closed, `metadata: {managedFields: [{}]}`, []string{"UsageRecord 2026-10 must not be changed by hand"}, nil},
		{closed, `metadata: {labels: {seen: "true"}}`, []string{"metadata.labels of UsageRecord 2026-10", "the record is closed"}, []string{"the record is closed"}},
		{closed, entries(`users`, piet, anna), []string{"status of UsageRecord 2026-10", "the record is closed"}, []string{"the record is closed"}},
	} {
		t.Run(row.stored.GetName()+" "+row.changes, func(t *testing.T) {
			t.Parallel()
			expect(t, patchStored(t, person(), row.stored, row.changes, client.DryRunAll), row.person...)
			another := cluster.Shared().As("system:serviceaccount:"+namespace+":werkplek-manager", "system:masters")
			expect(t, patchStored(t, another, row.stored, row.changes, client.DryRunAll), row.person...)
			expect(t, patchStored(t, operator(), row.stored, row.changes, client.DryRunAll), row.manager...)
		})
	}
}

// A record that goes with its namespace and waits for a finalizer can be let go
// by whoever set that, and still not be changed.
func TestUsageRecordsLoseFinalizers(t *testing.T) {
	t.Parallel()
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: tenantNamespace(t, "jansen")}}
	const held = `finalizers: [test.werkplek.dev/held]`
	open := object(t, usageRecord, `metadata: {`+held+`}`, namespace.Name)
	closed := object(t, usageRecord, `{metadata: {name: 2026-10, `+held+`}, `+closing+`}`, namespace.Name)
	create(t, open)
	create(t, closed)
	const release = `metadata: {finalizers: null}`
	expect(t, patchStored(t, person(), open, release, client.DryRunAll), "UsageRecord 2026-11 must not be changed by hand")
	if err := operator().Delete(t.Context(), namespace); err != nil {
		t.Fatal(err)
	}
	for _, stored := range []*unstructured.Unstructured{open, closed} {
		cluster.Eventually(t, time.Minute, "the deletion of "+stored.GetName(), func(ctx context.Context) error {
			if err := operator().Get(ctx, client.ObjectKeyFromObject(stored), stored); err != nil {
				return err
			}
			if stored.GetDeletionTimestamp() == nil {
				return errors.New("has not begun")
			}
			return nil
		})
	}
	expect(t, patchStored(t, person(), open, `status: {timeZone: Europe/London}`, client.DryRunAll), "UsageRecord 2026-11 must not be changed by hand")
	expect(t, patchStored(t, person(), open, `metadata: {finalizers: null, labels: {seen: "true"}}`, client.DryRunAll), "UsageRecord 2026-11 must not be changed by hand")
	expect(t, patchStored(t, person(), closed, `metadata: {finalizers: null, labels: {seen: "true"}}`, client.DryRunAll), "the record is closed")
	expect(t, patchStored(t, person(), open, release))
	expect(t, patchStored(t, person(), closed, release))
	cluster.Eventually(t, time.Minute, "the namespace and its records to be gone", func(ctx context.Context) error {
		err := operator().Get(ctx, client.ObjectKeyFromObject(namespace), namespace)
		if apierrors.IsNotFound(err) {
			return nil
		}
		return fmt.Errorf("namespace %s: %v, conditions %v", namespace.Name, err, namespace.Status.Conditions)
	})
}

func TestDeleteLicenseReports(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		document, status string
		person, manager  []string
	}{
		{licenseReport, "", []string{"is the report of its month and must not be deleted by hand", cluster.Manager, "wait until it is final, and correct it"}, nil},
		{licenseReport, draftReport, []string{"is the report of its month and must not be deleted by hand"}, nil},
		{licenseReport, final, []string{"is final and must not be deleted", "correct it with a LicenseReport whose spec.corrects is "}, []string{"is final and must not be deleted"}},
		{licenseReport, finalReport(), []string{"is final and must not be deleted"}, []string{"is final and must not be deleted"}},
		{correction, "", nil, nil},
		{correction, draftReport, nil, nil},
		{correction, final, []string{"is final and must not be deleted"}, []string{"is final and must not be deleted"}},
	} {
		stored := object(t, row.document, "", "")
		rename(stored)
		t.Run(stored.GetName(), func(t *testing.T) {
			t.Parallel()
			create(t, stored)
			if row.status != "" {
				if err := patchStored(t, operator(), stored, row.status); err != nil {
					t.Fatal(err)
				}
			}
			kind := &unstructured.Unstructured{}
			kind.SetGroupVersionKind(stored.GroupVersionKind())
			for _, by := range []struct {
				client client.Client
				want   []string
			}{{person(), row.person}, {operator(), row.manager}} {
				if len(by.want) > 0 {
					by.want = append(by.want, "LicenseReport "+stored.GetName())
				}
				expect(t, by.client.Delete(t.Context(), stored, client.DryRunAll), by.want...)
				expect(t, by.client.DeleteAllOf(t.Context(), kind, client.MatchingFields{"metadata.name": stored.GetName()}, client.DryRunAll), by.want...)
			}
		})
	}
}

func TestDeleteLicense(t *testing.T) {
	t.Parallel()
	condition := func(kind, status, message string) string {
		return fmt.Sprintf(`{type: %s, status: "%s", reason: Because, message: "%s", lastTransitionTime: "2026-11-20T08:00:00Z"}`, kind, status, message)
	}
	inUse := condition("InUse", "True", "WorkplaceClass standard needs the licence")
	const advice = "remove it from spec.licenses of classes and workplaces, and wait until the month's report is final"
	for _, row := range []row{
		accepted(""),
		accepted(`status: {month: "2026-11", quantity: 42, tenants: 5}`),
		accepted(`status: {conditions: []}`),
		refused(`status: {conditions: [`+inUse+`]}`, "WorkplaceClass standard needs the licence", advice),
		refused(`status: {conditions: [`+condition("Ready", "True", "fine")+`, `+inUse+`]}`, "WorkplaceClass standard needs the licence", advice),
		refused(`status: {conditions: [`+condition("InUse", "True", "")+`]}`, "its condition InUse is True", advice),
		accepted(`status: {conditions: [` + condition("Ready", "True", "fine") + `]}`),
		accepted(`status: {conditions: [` + condition("Ready", "True", "fine") + `, ` + condition("InUse", "False", "nothing needs the licence") + `]}`),
	} {
		t.Run(row.changes, func(t *testing.T) {
			t.Parallel()
			stored := object(t, license, "", "")
			rename(stored)
			create(t, stored)
			if row.changes != "" {
				if err := patchStored(t, operator(), stored, row.changes); err != nil {
					t.Fatal(err)
				}
			}
			if len(row.want) > 0 {
				row.want = append(row.want, "License "+stored.GetName()+" must not be deleted while it is in use")
			}
			expect(t, person().Delete(t.Context(), stored, client.DryRunAll), row.want...)
			expect(t, operator().Delete(t.Context(), stored, client.DryRunAll), row.want...)
		})
	}
}

// A record of the largest size is still judged: CEL has a budget.
func TestLargeUsageRecord(t *testing.T) {
	t.Parallel()
	stored := object(t, usageRecord, "", tenantNamespace(t, "jansen"))
	var users []any
	for i := range 10000 {
		users = append(users, map[string]any{"license": "windows-rds-sal", "username": fmt.Sprintf("u%05d", i), "firstAccessAt": "2026-11-01T00:00:00Z"})
	}
	status := stored.Object["status"].(map[string]any)
	status["users"] = users
	create(t, stored)
	const tooMany = `status.users`
	more := stored.DeepCopy()
	more.Object["status"].(map[string]any)["users"] = append(users, map[string]any{"license": "a", "username": "a", "firstAccessAt": "2026-11-01T00:00:00Z"})
	expect(t, operator().Update(t.Context(), more, client.DryRunAll), tooMany, "10000")
	expect(t, patchStored(t, operator(), stored, closing))
	expect(t, patchStored(t, operator(), stored, `metadata: {annotations: {seen: "true"}}`, client.DryRunAll))
	if err := operator().Get(t.Context(), client.ObjectKeyFromObject(stored), stored); err != nil {
		t.Fatal(err)
	}
	last := stored.DeepCopy()
	last.Object["status"].(map[string]any)["users"].([]any)[9999].(map[string]any)["lastAccessAt"] = "2026-11-02T00:00:00Z"
	expect(t, operator().Update(t.Context(), last, client.DryRunAll), "is closed and never changes again")
	swapped := stored.DeepCopy().Object["status"].(map[string]any)["users"].([]any)
	swapped[0], swapped[9999] = swapped[9999], swapped[0]
	last = stored.DeepCopy()
	last.Object["status"].(map[string]any)["users"] = swapped
	expect(t, operator().Update(t.Context(), last, client.DryRunAll), "nor the order of its entries: the record is closed")
}

// Engineers correct and submit; nobody but the operator records and reports.
func TestLicensingRequests(t *testing.T) {
	t.Parallel()
	report, draft := storedReport(t, finalReport()), storedReport(t, draftReport)
	const forbidden = "is forbidden: User"
	type request struct {
		what string
		do   func(ctx context.Context, as client.Client, namespace string) error
		want []string
	}
	recorded := func(as client.Client, namespace, changes string) error {
		stored := object(t, usageRecord, `metadata: {name: 2026-09}`, namespace)
		if err := operator().Create(t.Context(), stored); client.IgnoreAlreadyExists(err) != nil {
			return fmt.Errorf("by the operator: %w", err)
		}
		if changes == "" {
			return as.Delete(t.Context(), stored)
		}
		return patchStored(t, as, stored, changes)
	}
	common := []request{
		{"reads usage records", func(ctx context.Context, as client.Client, namespace string) error {
			return as.List(ctx, list("UsageRecordList"), client.InNamespace(namespace))
		}, nil},
		{"makes a usage record", func(ctx context.Context, as client.Client, namespace string) error {
			return as.Create(ctx, object(t, usageRecord, "", namespace))
		}, []string{forbidden, `cannot create resource "usagerecords"`}},
		{"changes a usage record", func(_ context.Context, as client.Client, namespace string) error {
			return recorded(as, namespace, entries(`users`, anna, piet, omar))
		}, []string{forbidden, `cannot patch resource "usagerecords"`}},
		{"deletes a usage record", func(_ context.Context, as client.Client, namespace string) error {
			return recorded(as, namespace, "")
		}, []string{forbidden, `cannot delete resource "usagerecords"`}},
		{"writes a report", func(_ context.Context, as client.Client, _ string) error {
			return patchStored(t, as, draft, `status: {rows: 68}`)
		}, []string{forbidden, `cannot patch resource "licensereports/status"`}},
		{"deletes a report", func(ctx context.Context, as client.Client, _ string) error {
			return as.Delete(ctx, draft.DeepCopy())
		}, []string{forbidden, `cannot delete resource "licensereports"`}},
	}
	own := map[string][]request{
		"werkplek-billing": {},
		"werkplek-contact": {
			{"reads the usage records of others", func(ctx context.Context, as client.Client, _ string) error {
				return as.List(ctx, list("UsageRecordList"))
			}, []string{forbidden, "at the cluster scope"}},
			{"reads reports", func(ctx context.Context, as client.Client, _ string) error {
				return as.List(ctx, list("LicenseReportList"))
			}, []string{forbidden, `cannot list resource "licensereports"`}},
		},
		"werkplek-engineer": {
			{"records a submission", func(_ context.Context, as client.Client, _ string) error {
				return patchStored(t, as, report, `spec: {submission: {"on": "2026-12-04"}}`)
			}, nil},
			{"records a submission of a draft", func(_ context.Context, as client.Client, _ string) error {
				return patchStored(t, as, draft, `spec: {submission: {"on": "2026-12-04"}}`)
			}, []string{`spec.submission`, onceFinal}},
			{"corrects a report", func(ctx context.Context, as client.Client, _ string) error {
				made := object(t, correction, "", "")
				rename(made)
				return as.Create(ctx, made)
			}, nil},
			{"makes a month's report", func(ctx context.Context, as client.Client, _ string) error {
				made := object(t, licenseReport, "", "")
				rename(made)
				return as.Create(ctx, made)
			}, []string{"without spec.corrects must not be created by hand"}},
			{"makes, prices and deletes a licence", func(ctx context.Context, as client.Client, _ string) error {
				made := object(t, license, "", "")
				rename(made)
				return errors.Join(
					as.Create(ctx, made),
					patchStored(t, as, made, `spec: {prices: [{from: "2027-01-01", amount: "5.50", currency: EUR}]}`),
					as.Delete(ctx, made))
			}, nil},
			{"says that a licence is not in use", func(_ context.Context, as client.Client, _ string) error {
				made := object(t, license, "", "")
				rename(made)
				create(t, made)
				return patchStored(t, as, made, `status: {conditions: []}`)
			}, []string{forbidden, `cannot patch resource "licenses/status"`}},
		},
	}
	for role, requests := range own {
		t.Run(role, func(t *testing.T) {
			t.Parallel()
			user, namespace := bind(t, role)
			as := client.WithFieldValidation(cluster.Shared().As(user), metav1.FieldValidationStrict)
			for _, row := range append(requests, common...) {
				t.Run(strings.ReplaceAll(row.what, " ", "-"), func(t *testing.T) { expect(t, row.do(t.Context(), as, namespace), row.want...) })
			}
		})
	}
}
