// SPDX-License-Identifier: Apache-2.0

package main

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/utils/clock"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/licensing"
)

var first = metav1.NewTime(time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC))

// november returns what a cluster holds after November 2026: two tenants, their
// records, and the final report.
func november(t *testing.T) []client.Object {
	t.Helper()
	month, err := licensing.ParseMonth("2026-11")
	if err != nil {
		t.Fatal(err)
	}
	rds := &v1alpha1.License{
		ObjectMeta: metav1.ObjectMeta{Name: "rds", Generation: 1},
		Spec: v1alpha1.LicenseSpec{
			DisplayName: "Remote desktop", PartNumber: "P-1", Agreement: v1alpha1.AgreementSPLA, Metric: v1alpha1.MetricUser,
			Prices: []v1alpha1.LicensePrice{{From: "2026-01-01", Amount: "6.10", Currency: "EUR"}},
		},
	}
	objects := []client.Object{rds}
	tally, err := licensing.NewTally(month, licensing.RulesOf(month, []v1alpha1.License{*rds}), nil)
	if err != nil {
		t.Fatal(err)
	}
	last := metav1.NewTime(time.Date(2026, 11, 30, 22, 59, 59, 0, time.UTC))
	for tenant, users := range map[string][]v1alpha1.Username{"jansen": {"anna@jansen.example", "piet@jansen.example"}} {
		record := &v1alpha1.UsageRecord{
			ObjectMeta: metav1.ObjectMeta{Name: "2026-11", Namespace: v1alpha1.NamespaceFor(tenant), Labels: map[string]string{v1alpha1.LabelMonth: "2026-11"}},
			Status:     v1alpha1.UsageRecordStatus{Month: "2026-11", ClosedAt: &last},
		}
		for _, user := range users {
			record.Status.Users = append(record.Status.Users, v1alpha1.UserUsage{License: "rds", Username: user, FirstAccessAt: first, LastAccessAt: &last})
		}
		if err := tally.Add(tenant, licensing.Record{Name: record.Name, Status: &record.Status}); err != nil {
			t.Fatal(err)
		}
		objects = append(objects, record)
	}
	result, err := tally.Result()
	if err != nil {
		t.Fatal(err)
	}
	report := &v1alpha1.LicenseReport{
		ObjectMeta: metav1.ObjectMeta{Name: "2026-11"},
		Status: v1alpha1.LicenseReportStatus{
			Month: "2026-11", DueOn: "2026-12-10", Lines: result.Lines, Rows: result.Rows, ZeroUsage: ptr.To(false), FinalAt: &last,
			Conditions: v1alpha1.Conditions{{Type: v1alpha1.ConditionSubmitted, Status: "False", Reason: v1alpha1.ReasonOverdue}},
		},
	}
	manifest, err := licensing.ManifestOf(report, result.Detail)
	if err != nil {
		t.Fatal(err)
	}
	report.Status.Digest = manifest.Digest()
	draft := &v1alpha1.LicenseReport{
		ObjectMeta: metav1.ObjectMeta{Name: "2026-12"},
		Status: v1alpha1.LicenseReportStatus{Month: "2026-12", DueOn: "2027-01-10", ZeroUsage: ptr.To(true), Conditions: v1alpha1.Conditions{
			{Type: v1alpha1.ConditionFinal, Status: "False", Reason: v1alpha1.ReasonMonthOpen, Message: "the month is not over"},
		}},
	}
	return append(objects, report, draft)
}

func clusterOf(t *testing.T, objects ...client.Object) client.Client {
	t.Helper()
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{v1alpha1.AddToScheme, corev1.AddToScheme, coordinationv1.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	return fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...).Build()
}

// run runs the report command and returns what it wrote, to people and on the side.
func run(t *testing.T, c client.Client, argument string, o reportOptions) (out, aside string, err error) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	o.out, o.err, o.clock = &stdout, &stderr, clock.RealClock{}
	if o.form == nil {
		o.form = &output{form: asTable}
	}
	err = o.run(t.Context(), c, "https://cluster.example", argument)
	return stdout.String(), stderr.String(), err
}

func TestTable(t *testing.T) {
	t.Parallel()
	c := clusterOf(t, november(t)...)
	got, _, err := run(t, c, "2026-11", reportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Licence report 2026-11", "final since 2026-11-30T22:59:59Z", "2026-12-10", "no, OVERDUE", "sha256:", "P-1", "Remote desktop", "12.20", "12.20   EUR\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("the table should say %q:\n%s", want, got)
		}
	}
	got, _, err = run(t, c, "2026-11..2026-12", reportOptions{})
	if err != nil || !strings.Contains(got, "DRAFT: the month is not over") || !strings.Contains(got, "Nothing was used that must be reported.") {
		t.Errorf("a range should show the draft too (%v):\n%s", err, got)
	}
}

func TestExports(t *testing.T) {
	t.Parallel()
	c := clusterOf(t, november(t)...)
	got, aside, err := run(t, c, "2026-11", reportOptions{form: &output{form: "detail"}})
	if err != nil || aside != "" {
		t.Fatal(aside, err)
	}
	want := strings.Join(licensing.DetailColumns, ",") + "\n" +
		"2026-11,jansen,rds,P-1,SPLA,anna@jansen.example,,,2026-11-02T08:00:00Z,2026-11-30T22:59:59Z,,Yes,2026-11\n" +
		"2026-11,jansen,rds,P-1,SPLA,piet@jansen.example,,,2026-11-02T08:00:00Z,2026-11-30T22:59:59Z,,Yes,2026-11\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the detail differs (-want +got):\n%s", diff)
	}
	if got, _, err := run(t, c, "2026-11", reportOptions{form: &output{form: "csv"}}); err != nil || !strings.Contains(got, ",rds,User,2,0,1,EUR,6.10,2026-01-01,12.20,") {
		t.Errorf("the summary is (%v):\n%s", err, got)
	}
	if _, aside, err := run(t, c, "2026-12", reportOptions{form: &output{form: "csv"}}); err != nil || !strings.HasPrefix(aside, "DRAFT: report 2026-12") {
		t.Errorf("a draft should be called one: %q (%v)", aside, err)
	}

	file := filepath.Join(t.TempDir(), "november.xlsx")
	if _, _, err := run(t, c, "2026-11", reportOptions{form: &output{form: "xlsx"}, file: file}); err != nil {
		t.Fatal(err)
	}
	book, err := excelize.OpenFile(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = book.Close() }()
	if sheets := book.GetSheetList(); strings.Join(sheets, " ") != "Summary Exemptions Adjustments Detail" {
		t.Errorf("the sheets are %v", sheets)
	}
	rows, err := book.GetRows("Detail")
	if err != nil || len(rows) != 3 || rows[1][5] != "anna@jansen.example" {
		t.Errorf("the sheet of detail is %v (%v)", rows, err)
	}
	if kind, err := book.GetCellType("Summary", "H2"); err != nil || kind != excelize.CellTypeUnset && kind != excelize.CellTypeNumber {
		t.Errorf("the quantity should be a number, and is of type %v (%v)", kind, err)
	}
}

func TestSheetsGoOn(t *testing.T) {
	t.Parallel()
	book := excelize.NewFile()
	s := &sheet{book: book, name: "Detail"}
	if err := s.read(strings.NewReader("A\n1\n")); err != nil {
		t.Fatal(err)
	}
	s.row = sheetRows
	if err := s.read(strings.NewReader("A\n2\n")); err != nil {
		t.Fatal(err)
	}
	if err := s.flush(); err != nil {
		t.Fatal(err)
	}
	rows, err := book.GetRows("Detail 2")
	if err != nil || fmt.Sprint(rows) != "[[A] [2]]" {
		t.Errorf("the second sheet holds %v (%v), want its header and what did not fit", rows, err)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	c := clusterOf(t, november(t)...)
	taken := filepath.Join(t.TempDir(), "taken")
	if err := os.WriteFile(taken, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		argument string
		options  reportOptions
		want     string
	}{
		"no such month":     {"2026-10", reportOptions{}, "there is no LicenseReport 2026-10"},
		"months reversed":   {"2026-12..2026-11", reportOptions{}, "write the earlier month first"},
		"no month":          {"2026..2027", reportOptions{}, "write it as YYYY-MM"},
		"xlsx to a screen":  {"2026-11", reportOptions{form: &output{form: "xlsx"}}, "add -f FILE"},
		"a file that is":    {"2026-11", reportOptions{form: &output{form: "csv"}, file: taken}, "--force"},
		"a draft to keep":   {"2026-12", reportOptions{bundle: taken + "2"}, "it is a draft"},
		"a key and nothing": {"2026-11", reportOptions{key: "key.pem"}, "--package"},
		"a key that is not": {"2026-11", reportOptions{key: taken, bundle: taken + "3"}, "openssl genpkey"},
	} {
		if _, _, err := run(t, c, test.argument, test.options); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: want an error with %q, got %v", name, test.want, err)
		}
	}
	if left, err := filepath.Glob(filepath.Join(filepath.Dir(taken), ".kubectl-werkplek-*")); err != nil || len(left) > 0 {
		t.Errorf("temporary files are left: %v (%v)", left, err)
	}
	if data, err := os.ReadFile(taken); err != nil || string(data) != "mine" {
		t.Errorf("a file that was there is now %q (%v)", data, err)
	}
}

// TestPackage writes a package, verifies it offline and against the cluster, and
// then against a cluster in which somebody has changed a record.
func TestPackage(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	keyFile, publicFile := filepath.Join(dir, "key.pem"), filepath.Join(dir, "public.pem")
	writeKey(t, keyFile, "PRIVATE KEY", func() ([]byte, error) { return x509.MarshalPKCS8PrivateKey(private) })
	writeKey(t, publicFile, "PUBLIC KEY", func() ([]byte, error) { return x509.MarshalPKIXPublicKey(public) })

	c := clusterOf(t, november(t)...)
	file := filepath.Join(dir, "audit.zip")
	if out, _, err := run(t, c, "2026-11", reportOptions{bundle: file, key: keyFile}); err != nil || !strings.Contains(out, "signed with SHA256:") {
		t.Fatal(out, err)
	}
	for name, test := range map[string]struct {
		key     string
		cluster client.Client
		want    string
		fails   bool
	}{
		"with the key":              {publicFile, nil, "signed with the provider's key", false},
		"without a key":             {"", nil, "Whether that is the provider's key is not known", false},
		"against the cluster":       {publicFile, c, "signed with the provider's key", false},
		"against a changed cluster": {publicFile, tampered(t), "they differ", true},
		"against another cluster":   {publicFile, clusterOf(t), "there is no LicenseReport 2026-11", true},
	} {
		result, err := verifyFile(file, test.key)
		if err != nil {
			t.Fatal(err)
		}
		if test.cluster != nil {
			compareWithCluster(context.Background(), test.cluster, result)
		}
		var out bytes.Buffer
		if err := printResult(&output{form: asTable}, &out, result, test.key != ""); errors.Is(err, errFindings) != test.fails || !strings.Contains(out.String(), test.want) {
			t.Errorf("%s: want %q and failure %t, got %v:\n%s", name, test.want, test.fails, err, out.String())
		}
	}
	archive, err := zip.OpenReader(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = archive.Close() }()
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the package names people, and has the mode %v (%v)", info.Mode(), err)
	}
}

func writeKey(t *testing.T, path, kind string, encode func() ([]byte, error)) {
	t.Helper()
	der, err := encode()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
}

// tampered returns November's cluster with one user less in a record.
func tampered(t *testing.T) client.Client {
	t.Helper()
	objects := november(t)
	for _, object := range objects {
		if record, ok := object.(*v1alpha1.UsageRecord); ok {
			record.Status.Users = record.Status.Users[:1]
		}
	}
	return clusterOf(t, objects...)
}

func TestStatusTree(t *testing.T) {
	t.Parallel()
	at := metav1.NewTime(time.Date(2026, 11, 1, 23, 0, 0, 0, time.UTC))
	objects := append(november(t),
		&v1alpha1.Tenant{
			ObjectMeta: metav1.ObjectMeta{Name: "jansen"},
			Spec:       v1alpha1.TenantSpec{DisplayName: "Bakkerij Jansen", TermsRef: v1alpha1.Reference{Name: "totaldesk"}, ResellerRef: &v1alpha1.Reference{Name: "partner"}, Reseller: ptr.To(true)},
			Status: v1alpha1.TenantStatus{
				State: v1alpha1.TenantInArrears, Contract: &v1alpha1.ContractStatus{StartsOn: "2026-01-15"},
				Arrears:       &v1alpha1.ArrearsStatus{Since: "2026-09-01", Invoice: "2026-0815", Amount: "412.50", Currency: "EUR", SuspendsOn: "2026-11-02", TerminatesOn: "2027-01-02"},
				RightsToLeave: []v1alpha1.RightToLeave{{Kind: "License", Name: "rds", From: "2027-01-01", OldAmount: "6.10", NewAmount: "7.00", Currency: "EUR", Percent: "14.75", Notice: "P3M"}},
				Next:          &v1alpha1.Transition{At: at, What: "Suspend"},
			},
		},
		&v1alpha1.Tenant{ObjectMeta: metav1.ObjectMeta{Name: "zonen"}, Spec: v1alpha1.TenantSpec{ResellerRef: &v1alpha1.Reference{Name: "jansen"}}, Status: v1alpha1.TenantStatus{State: v1alpha1.TenantActive}},
		&v1alpha1.Workplace{
			ObjectMeta: metav1.ObjectMeta{Name: "anna", Namespace: "tenant-jansen"},
			Spec:       v1alpha1.WorkplaceSpec{User: v1alpha1.Person{Username: "anna@jansen.example"}, ClassRef: v1alpha1.Reference{Name: "standard"}, Licenses: []v1alpha1.LicenseName{"office", "rds"}},
			Status:     v1alpha1.WorkplaceStatus{Conditions: v1alpha1.Conditions{{Type: v1alpha1.ConditionReady, Status: "False", Reason: "ImageUnavailable", Message: "the image cannot be pulled"}}},
		},
		&v1alpha1.Charge{ObjectMeta: metav1.ObjectMeta{Name: "c", Namespace: "tenant-jansen"}, Spec: v1alpha1.ChargeSpec{Amount: "25.00", Currency: "EUR", Description: "Reactivation"}},
	)
	seen, err := overviewOf(t.Context(), clusterOf(t, objects...), today.Now(), "jansen")
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	seen.tree().write(&out, "", "")
	want := `Tenant jansen (Bakkerij Jansen): InArrears
├─ terms totaldesk
│  ├─ starts 2026-01-15
│  ├─ buys through partner
│  └─ may leave from 2027-01-01 with a notice of 3 months: the price of License rds changes by 14.75%, from 6.10 to 7.00 EUR
├─ in arrears since 2026-09-01: 412.50 EUR, invoice 2026-0815
│  ├─ access is suspended from 2026-11-02
│  └─ the contract may be ended from 2027-01-02
├─ 1 workplace
│  └─ anna: anna@jansen.example, class standard, licences office, rds, ImageUnavailable: the image cannot be pulled
├─ licences in 2026-11
│  └─ rds: 2 users
├─ to be invoiced: 25.00 EUR, Reactivation
├─ 1 sub-organisation
│  └─ Tenant zonen: Active
└─ what comes next cannot be told: the ServiceTerms totaldesk are not there; add them, or correct spec.termsRef of Tenant jansen
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("the tree differs (-want +got):\n%s", diff)
	}
	if _, err := overviewOf(t.Context(), clusterOf(t), today.Now(), "nobody"); err == nil || !strings.Contains(err.Error(), "there is no Tenant nobody") {
		t.Errorf("want an error that says so, got %v", err)
	}
}

// writeZip writes an archive with one file.
func writeZip(t *testing.T, path, name string) {
	t.Helper()
	var data bytes.Buffer
	archive := zip.NewWriter(&data)
	if _, err := archive.Create(name); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(archive.Close(), os.WriteFile(path, data.Bytes(), 0o600)); err != nil {
		t.Fatal(err)
	}
}

// TestPreviewCorrection: a correction that the operator would not take is refused beforehand.
func TestPreviewCorrection(t *testing.T) {
	t.Parallel()
	for want, edit := range map[string]func(*v1alpha1.LicenseReport){
		"the report does not count that user": func(r *v1alpha1.LicenseReport) { r.Spec.Adjustments[0].Username = "nobody@jansen.example" },
		"tenant zonen has no usage records":   func(r *v1alpha1.LicenseReport) { r.Spec.Adjustments[0].Tenant = "zonen" },
		"at least 0 must remain": func(r *v1alpha1.LicenseReport) {
			r.Spec.Adjustments[0] = v1alpha1.ReportAdjustment{License: "rds", Quantity: -7, Reason: "x"}
		},
		"is not final":                      func(r *v1alpha1.LicenseReport) { r.Spec.Corrects.Name = "2026-12" },
		"there is no LicenseReport 2026-10": func(r *v1alpha1.LicenseReport) { r.Spec.Corrects.Name = "2026-10" },
		"is corrected by 2026-11-other":     func(r *v1alpha1.LicenseReport) { r.Name = "another" },
	} {
		correction, err := correctionIn(nil, []string{"testdata/correction.yaml"})
		if err != nil {
			t.Fatal(err)
		}
		edit(correction)
		objects := november(t)
		if correction.Name == "another" {
			objects = append(objects, &v1alpha1.LicenseReport{
				ObjectMeta: metav1.ObjectMeta{Name: "2026-11-other"}, Spec: v1alpha1.LicenseReportSpec{Corrects: &v1alpha1.Reference{Name: "2026-11"}},
			})
		}
		if _, err := previewCorrection(t.Context(), clusterOf(t, objects...), correction); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %v, want one with %q", err, want)
		}
	}
}
