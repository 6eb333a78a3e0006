// SPDX-License-Identifier: Apache-2.0

package billing

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/test/cluster"
)

func TestMain(m *testing.M) {
	// Without the admission policies, so that the test may make what the operator makes.
	cluster.Config = []string{"config/crd/bases", "config/rbac"}
	cluster.Main(m)
}

// What stands before any report, and the moments around it.
var (
	now    = time.Now().UTC().Truncate(time.Second)
	asOf   = stamp(now.Add(-time.Hour))
	newer  = stamp(now.Add(-30 * time.Minute))
	ahead  = stamp(now.Add(4 * time.Minute))
	later  = stamp(now.Add(-time.Minute))
	tenant = []string{"ahead", "jansen", "many", "negative", "newer", "nobody", "other", "partner", "silent", "wrong"}
)

func stamp(moment time.Time) string { return moment.Format("2006-01-02T15:04:05Z") }

// outcome is all that a program leaves behind.
type outcome struct {
	said     []string
	accounts map[string]string
	charges  map[string]string
	ledger   string
}

// TestExamples gives each example the same ledger, charges and API server, on the same
// bad day. What they say, report, invoice and mark is right, and the same to the byte.
func TestExamples(t *testing.T) {
	all, err := programs(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	env, day := exporter(t)
	var first *outcome
	for _, p := range all {
		t.Run(p.name, func(t *testing.T) {
			if missing := p.missing(); missing != "" {
				if p.name == "Python" {
					t.Fatalf("%s is not on this machine", missing)
				}
				t.Skipf("%s is not on this machine", missing)
			}
			prepare(t)
			got := live(t, p, env, day)
			if first == nil {
				right(t, got)
				first = got
				return
			}
			for i := range got.said {
				same(t, fmt.Sprintf("what it says at step %d", i+1), got.said[i], first.said[i])
			}
			for name := range first.accounts {
				same(t, "billing account "+name, got.accounts[name], first.accounts[name])
			}
			for name := range first.charges {
				same(t, "charge "+name, got.charges[name], first.charges[name])
			}
			same(t, "the ledger", got.ledger, first.ledger)
		})
	}
}

// live lets a program report, repeat itself, invoice, repeat that, and report the invoices.
func live(t *testing.T, p program, env []string, day *unsteady) *outcome {
	t.Helper()
	ledger := filepath.Join(t.TempDir(), "ledger.csv")
	if err := os.WriteFile(ledger, []byte(documents(t)), 0o600); err != nil {
		t.Fatal(err)
	}
	o := &outcome{}
	step := func(code int, arguments ...string) {
		said, got, err := p.run(env, arguments...)
		if err != nil || got != code {
			t.Fatalf("%v ended with %d, want %d: %v\n%s", arguments, got, code, err, said)
		}
		o.said = append(o.said, said)
	}
	day.begin()
	step(1, "report", ledger, asOf)
	o.accounts = statuses(t)
	step(1, "report", ledger, asOf) // repeated, it is accepted
	for name, status := range statuses(t) {
		same(t, "what was reported twice of "+name, status, o.accounts[name])
	}
	day.begin()
	step(0, "invoice", ledger, "2026-12-01", "2026-12-15")
	o.charges = marks(t)
	step(0, "invoice", ledger, "2026-12-01", "2026-12-15")
	unmark(t) // as if it had died before it could mark the first
	step(0, "invoice", ledger, "2026-12-02", "2026-12-16")
	for name, mark := range marks(t) {
		same(t, "the mark that was made later of "+name, mark, o.charges[name])
	}
	step(1, "report", ledger, later)
	for name, status := range statuses(t) {
		o.accounts["then "+name] = status
	}
	text, err := os.ReadFile(ledger)
	if err != nil {
		t.Fatal(err)
	}
	o.ledger = string(text)
	return o
}

// right compares an outcome with what follows from the ledger by hand.
func right(t *testing.T, o *outcome) {
	t.Helper()
	same(t, "the report", o.said[0], `ahead: report again after `+ahead+`: until then a report stands whose clock ran ahead
jansen: 2 open, EUR 184.00
many: 500 open, EUR 6206.20
negative: not reported: C-1 is negative: give credit with a document of type credit
newer: a report of `+newer+` is newer
nobody: 0 open, EUR 0.00
other: not reported: O-1 is in EUR, and the account in DKK
partner: 1 open, EUR 76.00
silent: 0 open, EUR 0.00
wrong: not reported: P-1 settles W-2, which is not there
stranger: has no billing account
`)
	same(t, "the invoices", o.said[2], `jansen: credit 20261201-jansen, EUR 25.00
  tenant-jansen/credit-november is on 20261201-jansen
  tenant-jansen/reactivation is on 20261201-jansen
partner: invoice 20261201-partner, EUR 79.56
  tenant-partner/subscription is on 20261201-partner
  tenant-partner/surcharge is on 20261201-partner
`)
	same(t, "the invoices, again", o.said[3], "")
	same(t, "the invoices after a crash", o.said[4], "  tenant-partner/surcharge is on 20261201-partner\n")
	for name, want := range map[string]string{
		"jansen": `{"asOf":"` + asOf + `","lastInvoice":{"number":"2026-1003","issuedOn":"2026-11-17","dueOn":"2026-12-01"},` +
			`"openInvoices":[{"number":"2026-0932","issuedOn":"2026-10-17","dueOn":"2026-10-31","outstanding":"67.00"},` +
			`{"number":"2026-1003","issuedOn":"2026-11-17","dueOn":"2026-12-01","outstanding":"117.00"}]}`,
		"nobody": `{"asOf":"` + asOf + `","openInvoices":[]}`,
		"silent": `{"asOf":"` + asOf + `","lastInvoice":{"number":"S-1","issuedOn":"2026-11-01"},"openInvoices":[]}`,
		"other":  `{"asOf":"1970-01-01T00:00:00Z","openInvoices":[]}`,
		"then jansen": `{"asOf":"` + later + `","lastInvoice":{"number":"2026-1003","issuedOn":"2026-11-17","dueOn":"2026-12-01"},` +
			`"openInvoices":[{"number":"2026-0932","issuedOn":"2026-10-17","dueOn":"2026-10-31","outstanding":"42.00"},` +
			`{"number":"2026-1003","issuedOn":"2026-11-17","dueOn":"2026-12-01","outstanding":"117.00"}]}`,
		"then partner": `{"asOf":"` + later + `","lastInvoice":{"number":"20261201-partner","issuedOn":"2026-12-01","dueOn":"2026-12-15"},` +
			`"openInvoices":[{"number":"2026-1002","issuedOn":"2026-11-17","dueOn":"2026-12-01","outstanding":"76.00"},` +
			`{"number":"20261201-partner","issuedOn":"2026-12-01","dueOn":"2026-12-15","outstanding":"79.56"}]}`,
	} {
		same(t, "billing account "+name, o.accounts[name], want)
	}
	if last := `{"number":"121 more","issuedOn":"2024-12-03","outstanding":"1211.21"}]}`; !strings.HasSuffix(o.accounts["many"], last) {
		t.Errorf("what is over the bound ends with ...%s, want %s", tail(o.accounts["many"], 120), last)
	}
	same(t, "the mark of a charge", o.charges["tenant-partner/surcharge"], `{"invoice":{"number":"20261201-partner","issuedOn":"2026-12-01"}}`)
}

// documents is the ledger of the guide, and cases that it does not show.
func documents(t *testing.T) string {
	t.Helper()
	guide, err := os.ReadFile(filepath.Join(cluster.Root(), "docs", "examples", "billing", "ledger.csv"))
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	text.Write(guide)
	text.WriteString(`negative,invoice,N-1,2026-10-01,,EUR,10.00,
negative,invoice,C-1,2026-10-02,,EUR,-4.00,
other,invoice,O-1,2026-10-01,,EUR,10.00,
wrong,invoice,W-1,2026-10-01,,EUR,10.00,
wrong,payment,P-1,2026-10-02,,EUR,10.00,W-2
silent,payment,P-2,2026-11-02,,EUR,12.3456,
silent,invoice,S-1,2026-11-01,,EUR,12.3456,
stranger,invoice,X-1,2026-11-01,,EUR,5.00,
`)
	day := time.Date(2023, 7, 23, 0, 0, 0, 0, time.UTC)
	for i := range 620 { // written the newest first
		at := day.AddDate(0, 0, 619-i)
		due := at.AddDate(0, 0, 14).Format(time.DateOnly)
		if i%7 == 0 {
			due = ""
		}
		fmt.Fprintf(&text, "many,invoice,M-%03d,%s,%s,EUR,10.01,\n", 619-i, at.Format(time.DateOnly), due)
	}
	return text.String()
}

// prepare makes the accounts and charges anew.
func prepare(t *testing.T) {
	t.Helper()
	ctx, c := context.Background(), cluster.Shared().Client
	for _, kind := range []client.Object{&v1alpha1.BillingAccount{}, &v1alpha1.Charge{}} {
		options := []client.DeleteAllOfOption{}
		if _, ok := kind.(*v1alpha1.Charge); !ok {
			must(t, c.DeleteAllOf(ctx, kind, options...))
			continue
		}
		for _, name := range []string{"jansen", "partner"} {
			must(t, client.IgnoreNotFound(c.DeleteAllOf(ctx, kind, client.InNamespace("tenant-"+name))))
		}
	}
	for _, name := range tenant {
		currency := v1alpha1.Currency("EUR")
		if name == "other" {
			currency = "DKK"
		}
		must(t, c.Create(ctx, &v1alpha1.BillingAccount{
			ObjectMeta: metav1.ObjectMeta{Name: name},
			Spec:       v1alpha1.BillingAccountSpec{TenantRef: v1alpha1.Reference{Name: v1alpha1.ObjectName(name)}, Currency: currency},
		}))
	}
	for name, moment := range map[string]string{
		"ahead": ahead, "newer": newer,
		"other": "1970-01-01T00:00:00Z", "negative": "1970-01-01T00:00:00Z", "wrong": "1970-01-01T00:00:00Z",
	} {
		patch(t, &v1alpha1.BillingAccount{ObjectMeta: metav1.ObjectMeta{Name: name}}, `{"status":{"asOf":"`+moment+`","openInvoices":[]}}`)
	}
	charge(t, "jansen", "reactivation", v1alpha1.ChargeReactivation, "75.00")
	charge(t, "jansen", "credit-november", v1alpha1.ChargeCredit, "-100.00")
	charge(t, "partner", "subscription", v1alpha1.ChargeSubscription, "78.00")
	charge(t, "partner", "surcharge", v1alpha1.ChargeSurcharge, "1.56")
}

func charge(t *testing.T, tenant, name string, kind v1alpha1.ChargeType, amount v1alpha1.Amount) {
	t.Helper()
	ctx, c := context.Background(), cluster.Shared().Client
	namespace := "tenant-" + tenant
	must(t, client.IgnoreAlreadyExists(c.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}})))
	must(t, c.Create(ctx, &v1alpha1.Charge{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, Labels: map[string]string{"werkplek.dev/tenant": tenant}},
		Spec: v1alpha1.ChargeSpec{
			Type: kind, On: "2026-11-20", Quantity: "1", UnitPrice: amount, Amount: amount, Currency: "EUR",
		},
	}))
}

// statuses returns what was reported, as JSON.
func statuses(t *testing.T) map[string]string {
	t.Helper()
	var list v1alpha1.BillingAccountList
	must(t, cluster.Shared().Client.List(context.Background(), &list))
	found := map[string]string{}
	for i := range list.Items {
		found[list.Items[i].Name] = encoded(t, list.Items[i].Status)
	}
	return found
}

// marks returns which charge is on which invoice, as JSON.
func marks(t *testing.T) map[string]string {
	t.Helper()
	var list v1alpha1.ChargeList
	must(t, cluster.Shared().Client.List(context.Background(), &list))
	found := map[string]string{}
	for i := range list.Items {
		found[list.Items[i].Namespace+"/"+list.Items[i].Name] = encoded(t, list.Items[i].Status)
	}
	return found
}

// unmark makes one charge such that its invoice is booked and it is not marked.
func unmark(t *testing.T) {
	t.Helper()
	must(t, cluster.Shared().Client.DeleteAllOf(context.Background(), &v1alpha1.Charge{},
		client.InNamespace("tenant-partner"), client.MatchingFields{"metadata.name": "surcharge"}))
	charge(t, "partner", "surcharge", v1alpha1.ChargeSurcharge, "1.56")
}

// exporter makes a service account with the role, and returns the environment of a
// program that has its token, and the server that it calls.
func exporter(t *testing.T) ([]string, *unsteady) {
	t.Helper()
	ctx, c := context.Background(), cluster.Shared().Client
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: "billing", Name: "exporter"}}
	must(t, c.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "billing"}}))
	must(t, c.Create(ctx, account))
	must(t, c.Create(ctx, &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: "billing"},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "werkplek-billing"},
		Subjects:   []rbacv1.Subject{{Kind: "ServiceAccount", Namespace: "billing", Name: "exporter"}},
	}))
	request := &authenticationv1.TokenRequest{}
	must(t, c.SubResource("token").Create(ctx, account, request))
	dir := t.TempDir()
	token, ca := filepath.Join(dir, "token"), filepath.Join(dir, "ca.crt")
	must(t, os.WriteFile(token, []byte(request.Status.Token+"\n"), 0o600))
	day, err := newUnsteady(cluster.Shared().Config, ca)
	must(t, err)
	t.Cleanup(day.Close)
	return []string{"API_SERVER=" + day.URL, "TOKEN_FILE=" + token, "CA_FILE=" + ca}, day
}

func patch(t *testing.T, object client.Object, body string) {
	t.Helper()
	must(t, cluster.Shared().Client.Status().Patch(context.Background(), object, client.RawPatch(types.MergePatchType, []byte(body))))
}

func encoded(t *testing.T, value any) string {
	t.Helper()
	data, err := json.Marshal(value)
	must(t, err)
	return string(data)
}

func same(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s is\n%s\nwant\n%s", what, tail(got, 2000), tail(want, 2000))
	}
}

func tail(text string, n int) string { return text[max(0, len(text)-n):] }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
