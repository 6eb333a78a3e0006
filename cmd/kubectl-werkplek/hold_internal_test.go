// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clocktesting "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
)

var noon = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)

// said runs the hold command and returns what it says.
func (o holdOptions) said(t *testing.T, c client.Client) (string, error) {
	t.Helper()
	var out bytes.Buffer
	o.namespace = "werkplek-system"
	err := o.run(t.Context(), &connection{clock: clocktesting.NewFakePassiveClock(noon)}, c, &out)
	return out.String(), err
}

// TestHold: a person reads why the operator is held and what it would do, and lets
// it act.
func TestHold(t *testing.T) {
	t.Parallel()
	at, hourAgo := metav1.NewTime(noon), metav1.NewTime(noon.Add(-time.Hour))
	in := func(name string) metav1.ObjectMeta { return metav1.ObjectMeta{Name: name, Namespace: "tenant-jansen"} }
	c := clusterOf(t,
		&corev1.ConfigMap{
			ObjectMeta: metav1.ObjectMeta{Name: "werkplek-installation", Namespace: "werkplek-system"},
			Data:       map[string]string{"cluster": "a", "uid": "b", "hold": "it stands elsewhere"},
		},
		&v1alpha1.Tenant{
			ObjectMeta: metav1.ObjectMeta{Name: "jansen", UID: "uid-jansen"},
			Spec:       v1alpha1.TenantSpec{TermsRef: v1alpha1.Reference{Name: "basic"}},
		},
		&v1alpha1.Suspension{ObjectMeta: in("open"), Spec: v1alpha1.SuspensionSpec{Since: &hourAgo, Reason: "arrears"}},
		&v1alpha1.Suspension{ObjectMeta: in("lifted"), Status: v1alpha1.SuspensionStatus{LiftedAt: &at}},
		&v1alpha1.Notice{ObjectMeta: in("unsent"), Spec: v1alpha1.NoticeSpec{To: []v1alpha1.Email{"piet@jansen.example"}}},
		&v1alpha1.Notice{ObjectMeta: in("sent"), Status: v1alpha1.NoticeStatus{SentAt: &at}},
		&v1alpha1.UserRequest{ObjectMeta: in("new"), Spec: v1alpha1.UserRequestSpec{Type: v1alpha1.RequestRemoveUser}},
		&v1alpha1.UserRequest{ObjectMeta: in("approved"), Status: v1alpha1.UserRequestStatus{AnsweredAt: &at}},
		&v1alpha1.UserRequest{ObjectMeta: in("denied"), Status: v1alpha1.UserRequestStatus{AnsweredAt: &at, Conditions: v1alpha1.Conditions{
			{Type: v1alpha1.ConditionCompleted, Status: "False", Reason: v1alpha1.ReasonDenied},
		}}},
		&v1alpha1.DataExport{ObjectMeta: in("running")},
		&v1alpha1.DataExport{ObjectMeta: in("done"), Status: v1alpha1.DataExportStatus{CompletedAt: &at}},
		&v1alpha1.Charge{ObjectMeta: in("open"), Spec: v1alpha1.ChargeSpec{Amount: "25.00", Currency: "EUR"}},
		&v1alpha1.Charge{ObjectMeta: in("invoiced"), Status: v1alpha1.ChargeStatus{Invoice: &v1alpha1.ChargedInvoice{Number: "1"}}},
	)
	said, err := holdOptions{}.said(t, c)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"HELD: it stands elsewhere", "jansen  nothing of its contract", "suspension open is in force", "notice unsent is sent to [piet@jansen.example]",
		"request new (RemoveUser) is answered", "request approved () is carried out", "export running copies", "charge open of 25.00 EUR is on no invoice",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("it does not say %q:\n%s", want, said)
		}
	}
	for _, not := range []string{"lifted", "notice sent", "denied", "export done", "charge invoiced"} {
		if strings.Contains(said, not) {
			t.Errorf("it speaks of %q, of which nothing is left to do:\n%s", not, said)
		}
	}
	if _, err = (holdOptions{on: "x", off: true}).said(t, c); err == nil {
		t.Error("--on and --off together pass")
	}
	for _, row := range []struct {
		o    holdOptions
		says string
	}{
		{holdOptions{off: true}, "The operator is not held."},
		{holdOptions{on: "mail is being moved"}, "HELD: mail is being moved"},
	} {
		if _, err = row.o.said(t, c); err != nil {
			t.Fatal(err)
		}
		if said, err = (holdOptions{}).said(t, c); err != nil || !strings.Contains(said, row.says) {
			t.Errorf("after %+v it says, %v:\n%s", row.o, err, said)
		}
	}
}
