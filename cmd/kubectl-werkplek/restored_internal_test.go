// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"maps"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
)

// brought returns the metadata of an object that a backup brought back.
func brought(name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{
		Name: name, Namespace: "tenant-jansen", CreationTimestamp: metav1.NewTime(noon),
		Annotations: map[string]string{v1alpha1.AnnotationMadeAt: "2026-01-05T08:00:00Z"},
	}
}

func (o restoredOptions) said(t *testing.T, c client.Client) string {
	t.Helper()
	var out bytes.Buffer
	o.namespace = "werkplek-system"
	if err := o.run(t.Context(), c, &out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestRestored: what was brought back is named with what is best made of it, and
// nothing is written before a person says so.
func TestRestored(t *testing.T) {
	t.Parallel()
	suspension := func(name string, cause v1alpha1.SuspensionCause, month int, lift bool) *v1alpha1.Suspension {
		since := metav1.NewTime(noon.AddDate(0, month-11, 0))
		return &v1alpha1.Suspension{
			ObjectMeta: brought(name), Spec: v1alpha1.SuspensionSpec{Cause: cause, Since: &since, Lift: lift},
		}
	}
	asOf := metav1.NewTime(noon)
	unpaid := []v1alpha1.OpenInvoice{{Number: "7"}}
	for what, row := range map[string]struct {
		account *v1alpha1.BillingAccountStatus
		newest  string // what becomes of the newest suspension for arrears
	}{
		"no account":          {nil, ""},
		"billing is silent":   {&v1alpha1.BillingAccountStatus{}, ""},
		"everything is paid":  {&v1alpha1.BillingAccountStatus{AsOf: asOf}, v1alpha1.RestoredHistory},
		"invoices are unpaid": {&v1alpha1.BillingAccountStatus{AsOf: asOf, OpenInvoices: unpaid}, v1alpha1.RestoredAct},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			tenant := &v1alpha1.Tenant{ObjectMeta: brought("jansen")}
			tenant.Namespace, tenant.UID = "", "uid-now"
			accepted := brought("mine")
			accepted.Annotations[v1alpha1.AnnotationRestored] = v1alpha1.RestoredAct
			objects := []client.Object{
				tenant,
				&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{
					Name: "tenant-jansen", Labels: map[string]string{v1alpha1.LabelTenant: "jansen"},
					Annotations: map[string]string{v1alpha1.AnnotationTenantUID: "uid-before"},
				}},
				suspension("arrears-old", v1alpha1.CauseArrears, 3, false), suspension("arrears-new", v1alpha1.CauseArrears, 9, false),
				suspension("court", v1alpha1.CauseCourtOrder, 2, false), suspension("abuse", v1alpha1.CauseAbuse, 2, true),
				suspension("trial", v1alpha1.CauseTrialEnded, 2, false),
				&v1alpha1.Notice{ObjectMeta: brought("welcome")},
				&v1alpha1.UserRequest{ObjectMeta: brought("remove-anna")},
				&v1alpha1.UserRequest{ObjectMeta: accepted},
				&v1alpha1.DataExport{ObjectMeta: brought("leaving")},
				&v1alpha1.SupportSession{ObjectMeta: brought("look")},
				&v1alpha1.Notice{ObjectMeta: metav1.ObjectMeta{Name: "new", Namespace: "tenant-jansen", CreationTimestamp: asOf}},
			}
			if row.account != nil {
				objects = append(objects, &v1alpha1.BillingAccount{
					ObjectMeta: metav1.ObjectMeta{Name: "jansen", Labels: map[string]string{v1alpha1.LabelTenant: "jansen"}},
					Status:     *row.account,
				})
			}
			c := clusterOf(t, objects...)
			said := restoredOptions{}.said(t, c)
			if !strings.Contains(said, "Nothing was written") || len(decisions(t, c)) != 1 {
				t.Errorf("without --write it wrote %v and said\n%s", decisions(t, c), said)
			}
			said = restoredOptions{write: true}.said(t, c)
			want := map[string]string{
				"jansen": v1alpha1.RestoredAct, "court": v1alpha1.RestoredAct, "trial": v1alpha1.RestoredAct,
				"mine": v1alpha1.RestoredAct, "abuse": v1alpha1.RestoredHistory, "arrears-old": v1alpha1.RestoredHistory,
				"welcome": v1alpha1.RestoredHistory, "remove-anna": v1alpha1.RestoredHistory,
				"leaving": v1alpha1.RestoredHistory, "look": v1alpha1.RestoredHistory,
			}
			if row.newest != "" {
				want["arrears-new"] = row.newest
			}
			if is := decisions(t, c); !maps.Equal(is, want) {
				t.Errorf("decided %v\nwant    %v\n%s", is, want, said)
			}
			namespace := &corev1.Namespace{}
			if err := c.Get(t.Context(), client.ObjectKey{Name: "tenant-jansen"}, namespace); err != nil || !tenant.Owns(namespace) {
				t.Errorf("the namespace is %v, %v", namespace.Annotations, err)
			}
			account := &v1alpha1.BillingAccount{}
			err := c.Get(t.Context(), client.ObjectKey{Name: "jansen"}, account)
			if client.IgnoreNotFound(err) != nil || err == nil && !metav1.IsControlledBy(account, tenant) {
				t.Errorf("the billing account is %v's, %v", account.OwnerReferences, err)
			}
		})
	}
}

// decisions returns what is decided, by name.
func decisions(t *testing.T, c client.Client) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, list := range []client.ObjectList{
		&v1alpha1.TenantList{}, &v1alpha1.SuspensionList{}, &v1alpha1.NoticeList{}, &v1alpha1.UserRequestList{},
		&v1alpha1.DataExportList{}, &v1alpha1.SupportSessionList{},
	} {
		if err := c.List(t.Context(), list); err != nil {
			t.Fatal(err)
		}
		items, err := apimeta.ExtractList(list)
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range items {
			object := item.(client.Object)
			if decision := object.GetAnnotations()[v1alpha1.AnnotationRestored]; decision != "" {
				all[object.GetName()] = decision
			}
		}
	}
	return all
}

// TestRestoredWhileHeld: while the operator is held, what has no status was brought
// back, whatever it says of when it was made.
func TestRestoredWhileHeld(t *testing.T) {
	t.Parallel()
	for hold, says := range map[string]string{"": "Nothing was brought back", "elsewhere": "welcome"} {
		c := clusterOf(t,
			&corev1.ConfigMap{
				ObjectMeta: metav1.ObjectMeta{Name: "werkplek-installation", Namespace: "werkplek-system"},
				Data:       map[string]string{"cluster": "a", "hold": hold},
			},
			&v1alpha1.Notice{ObjectMeta: metav1.ObjectMeta{
				Name: "welcome", Namespace: "tenant-jansen", CreationTimestamp: metav1.NewTime(noon),
			}},
		)
		if said := (restoredOptions{}).said(t, c); !strings.Contains(said, says) {
			t.Errorf("held because %q, it says\n%s", hold, said)
		}
	}
}
