// SPDX-License-Identifier: Apache-2.0

package admission

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/test/cluster"
)

func TestDeleteTenant(t *testing.T) {
	t.Parallel()
	const condition = `{type: ErasureAllowed, status: "%s", reason: %s, message: "%s", lastTransitionTime: "2026-11-20T08:00:00Z"}`
	kept := fmt.Sprintf(condition, "False", v1alpha1.ReasonDataKept, "namespace tenant-jansen still holds homes")
	unknown := fmt.Sprintf(condition, "Unknown", "NotLooked", "")
	free := fmt.Sprintf(condition, "True", v1alpha1.ReasonNoData, "there is nothing left to keep")
	const advice = "remove what is kept first, and delete it once its condition ErasureAllowed is True"
	for _, row := range []row{
		accepted(""),
		accepted(`status: {state: Active}`),
		accepted(`status: {conditions: [` + kept + `]}`),
		refused(`status: {namespace: tenant-jansen}`, "namespace tenant-jansen", "the operator has not said yet that it may be erased", advice),
		refused(`status: {namespace: tenant-jansen, conditions: [`+kept+`]}`, "namespace tenant-jansen still holds homes", advice),
		refused(`status: {namespace: tenant-jansen, conditions: [`+unknown+`]}`, "the operator has not said yet", advice),
		accepted(`status: {namespace: tenant-jansen, conditions: [` + free + `]}`),
	} {
		t.Run(row.changes, func(t *testing.T) {
			t.Parallel()
			stored := object(t, tenant, "", "")
			stored.SetName(unique("jansen"))
			create(t, stored)
			if row.changes != "" {
				if err := operator().Status().Patch(t.Context(), stored.DeepCopy(), patch(t, row.changes)); err != nil {
					t.Fatal(err)
				}
			}
			if len(row.want) > 0 {
				row.want = append(row.want, "Tenant "+stored.GetName()+" must not be deleted")
			}
			expect(t, person().Delete(t.Context(), stored, client.DryRunAll), row.want...)
			expect(t, operator().Delete(t.Context(), stored, client.DryRunAll), row.want...)
		})
	}
}

func TestNamespacesOfWorkplacesAndSuspensions(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("t", 40)
	ours, theirs := tenantNamespace(t, "jansen"), tenantNamespace(t, long)
	const other = metav1.NamespaceDefault
	const nobodys = "metadata.namespace default is not the namespace of a tenant: it has no label werkplek.dev/tenant; create a Tenant"
	name := func(length int) string { return `metadata: {name: ` + strings.Repeat("w", length) + `}` }
	for _, row := range []struct {
		document, changes, namespace string
		want                         []string
	}{
		{workplace, "", ours, nil},
		{suspension, "", ours, nil},
		{workplace, "", other, []string{nobodys}},
		{suspension, "", other, []string{nobodys}},
		{workplace, name(40), ours, nil},
		{workplace, name(21), theirs, nil},
		{workplace, name(22), theirs, []string{
			"metadata.name " + strings.Repeat("w", 22) + " is too long", "--" + long + " has 64 characters",
			"at most 63 are possible", "choose a name of at most 21 characters",
		}},
		{suspension, name(22), theirs, nil},
	} {
		t.Run(row.namespace+row.changes, func(t *testing.T) {
			t.Parallel()
			changed := object(t, row.document, row.changes, row.namespace)
			expect(t, person().Create(t.Context(), changed, client.DryRunAll), row.want...)
		})
	}
}

func TestDeleteRecords(t *testing.T) {
	t.Parallel()
	namespace := tenantNamespace(t, "jansen")
	for _, row := range []struct {
		document, changes string
		want              []string
	}{
		{suspension, "", []string{"Suspension manual-2026-11-02 is a record and must not be deleted", "end it with spec.lift"}},
		{suspension, `{metadata: {name: arrears}, spec: {cause: Arrears}}`, []string{
			"Suspension arrears is a record and must not be deleted", "it ends on payment, or with spec.paymentArrangement of the Tenant"}},
		{charge, "", []string{"Charge reactivation-arrears-2026-11-02 is a record and must not be deleted", "credit it in the billing system"}},
		{notice, "", []string{"Notice suspension-warning-2026-11-02 is a record and must not be deleted", "made anew it would be sent again"}},
		{usageRecord, "", []string{"UsageRecord 2026-11 is a record and must not be deleted", "a LicenseReport whose spec.corrects names the month's report"}},
		{usageRecord, `{metadata: {name: 2026-11-2}, ` + closing + `}`, []string{"UsageRecord 2026-11-2 is a record and must not be deleted"}},
		{workplace, "", nil},
	} {
		stored := object(t, row.document, row.changes, namespace)
		create(t, stored)
		t.Run(stored.GetKind()+" "+stored.GetName(), func(t *testing.T) {
			t.Parallel()
			kind := &unstructured.Unstructured{}
			kind.SetGroupVersionKind(stored.GroupVersionKind())
			for who, by := range map[string]client.Client{"a person": person(), "the operator": operator()} {
				t.Log("by " + who)
				expect(t, by.Delete(t.Context(), stored, client.DryRunAll), row.want...)
				expect(t, by.DeleteAllOf(t.Context(), kind, client.InNamespace(namespace), client.MatchingFields{"metadata.name": stored.GetName()}, client.DryRunAll), row.want...)
			}
		})
	}
}

func TestRecordsGoWithTheirNamespace(t *testing.T) {
	t.Parallel()
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: tenantNamespace(t, "jansen")}}
	for _, document := range []string{suspension, charge, notice, usageRecord, workplace} {
		create(t, object(t, document, "", namespace.Name))
	}
	create(t, object(t, usageRecord, `{metadata: {name: 2026-10}, `+closing+`}`, namespace.Name))
	if err := operator().Delete(t.Context(), namespace); err != nil {
		t.Fatal(err)
	}
	cluster.Eventually(t, time.Minute, "the namespace and its records to be gone", func(ctx context.Context) error {
		err := operator().Get(ctx, client.ObjectKeyFromObject(namespace), namespace)
		if apierrors.IsNotFound(err) {
			return nil
		}
		return fmt.Errorf("namespace %s: %v, conditions %v", namespace.Name, err, namespace.Status.Conditions)
	})
}

func TestOnlyTheOperatorMakes(t *testing.T) {
	t.Parallel()
	namespace := tenantNamespace(t, "jansen")
	const manager = "system:serviceaccount:werkplek-system:werkplek-manager"
	for _, row := range []struct {
		document, changes string
		want              []string
	}{
		{charge, "", []string{"Charge reactivation-arrears-2026-11-02 must not be created by hand", manager, "belongs in the billing system"}},
		{billingAccount, "", []string{"BillingAccount jansen must not be created by hand", manager, "create a Tenant and it gets its BillingAccount"}},
		{notice, "", []string{"Notice suspension-warning-2026-11-02 must not be created by hand", manager, "what they do not ask for is yours to send"}},
		{suspension, `spec: {cause: Arrears}`, []string{"spec.cause Arrears is for the operator alone", manager, "suspend by hand for cause Manual, Abuse or CourtOrder"}},
		{suspension, `spec: {cause: TrialEnded}`, []string{"spec.cause TrialEnded is for the operator alone"}},
		{suspension, `spec: {cause: Abuse}`, nil},
		{suspension, `spec: {cause: CourtOrder}`, nil},
		{suspension, `spec: {cause: Manual}`, nil},
		{usageRecord, "", []string{"UsageRecord 2026-11 must not be created by hand", manager, "a LicenseReport whose spec.corrects names the month's report"}},
		{usageRecord, closing, []string{"UsageRecord 2026-11 must not be created by hand"}},
		{licenseReport, "", []string{"LicenseReport 2026-11 without spec.corrects must not be created by hand", manager, "a LicenseReport whose spec.corrects names the month's report"}},
		{licenseReport, `spec: {}`, []string{"LicenseReport 2026-11 without spec.corrects must not be created by hand"}},
		{correction, "", nil},
		{license, "", nil},
		{tenant, "", nil},
		{workplace, "", nil},
	} {
		t.Run(object(t, row.document, "", "").GetKind()+" "+row.changes, func(t *testing.T) {
			t.Parallel()
			expect(t, person().Create(t.Context(), object(t, row.document, row.changes, namespace), client.DryRunAll), row.want...)
			another := cluster.Shared().As("system:serviceaccount:"+namespace+":werkplek-manager", "system:masters")
			expect(t, another.Create(t.Context(), object(t, row.document, row.changes, namespace), client.DryRunAll), row.want...)
			expect(t, operator().Create(t.Context(), object(t, row.document, row.changes, namespace), client.DryRunAll))
		})
	}
}

// A BillingAccount that a person deletes is made anew by the operator.
func TestDeleteBillingAccount(t *testing.T) {
	t.Parallel()
	stored := object(t, billingAccount, "", "")
	stored.SetName(unique("jansen"))
	create(t, stored)
	expect(t, person().Delete(t.Context(), stored, client.DryRunAll))
}

func TestDeleteNamespaces(t *testing.T) {
	t.Parallel()
	ours := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: tenantNamespace(t, "jansen")}}
	other := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: unique("other")}}
	create(t, other)
	expect(t, person().Delete(t.Context(), ours, client.DryRunAll),
		"Namespace "+ours.Name+" holds the data of Tenant jansen and must not be deleted by hand", "delete Tenant jansen instead")
	expect(t, operator().Delete(t.Context(), ours, client.DryRunAll))
	expect(t, person().Delete(t.Context(), other, client.DryRunAll))
}

// What proves that somebody was told is written by the one who tells.
func TestOnlyTheOperatorSaysWhatWasSent(t *testing.T) {
	t.Parallel()
	stored := object(t, notice, "", tenantNamespace(t, "jansen"))
	create(t, stored)
	const sent = `status: {sentAt: "2026-11-01T08:00:00Z"}`
	expect(t, operator().Status().Patch(t.Context(), stored.DeepCopy(), patch(t, sent), client.DryRunAll))
	expect(t, person().Status().Patch(t.Context(), stored.DeepCopy(), patch(t, sent), client.DryRunAll),
		"status of Notice suspension-warning-2026-11-02 must not be written by hand", "the proof of what was sent", cluster.Manager)
	expect(t, person().Patch(t.Context(), stored.DeepCopy(), patch(t, `metadata: {labels: {seen: "true"}}`), client.DryRunAll))
}
