// SPDX-License-Identifier: Apache-2.0

package audit

import (
	"archive/zip"
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/licensing"
)

// catalogue has a product by user with an exemption, one by core, and one that customers own.
var catalogue = []v1alpha1.License{
	{ObjectMeta: metav1.ObjectMeta{Name: "cad"}, Spec: v1alpha1.LicenseSpec{Agreement: v1alpha1.AgreementCustomerOwned, Metric: v1alpha1.MetricUser}},
	{ObjectMeta: metav1.ObjectMeta{Name: "core"}, Spec: v1alpha1.LicenseSpec{
		Agreement: v1alpha1.AgreementSPLA, Metric: v1alpha1.MetricCore, Cores: &v1alpha1.CoreRule{PackSize: 2},
		Prices: []v1alpha1.LicensePrice{{From: "2026-01-01", Amount: "3.335", Currency: "EUR"}},
	}},
	{ObjectMeta: metav1.ObjectMeta{Name: "rds"}, Spec: v1alpha1.LicenseSpec{
		Agreement: v1alpha1.AgreementSPLA, Metric: v1alpha1.MetricUser, PartNumber: "P-1", DisplayName: "Remote, \"desktop\"",
		Prices:     []v1alpha1.LicensePrice{{From: "2026-01-01", Amount: "6.10", Currency: "EUR"}},
		Exemptions: []v1alpha1.LicenseExemption{{Name: "staff", Reason: "provider staff", Users: []v1alpha1.Username{"sam"}, MaximumUsers: ptr.To(int32(1))}},
	}},
}

// month makes a final report of a month that follows one with a digest, with as
// many users as asked for.
func month(t *testing.T, name, previous string, users int) Entry {
	t.Helper()
	when, err := licensing.ParseMonth(v1alpha1.Month(name))
	if err != nil {
		t.Fatal(err)
	}
	first, last := metav1.NewTime(when.Start(time.UTC)), metav1.NewTime(when.End(time.UTC).Add(-time.Second))
	records := func(add Add) error {
		for _, tenant := range []string{"a-b", "a"} {
			s := &v1alpha1.UsageRecordStatus{Month: when.Name()}
			for n := range users {
				s.Users = append(s.Users, v1alpha1.UserUsage{License: "rds", Username: v1alpha1.Username(fmt.Sprintf("u%d", n)), FirstAccessAt: first, LastAccessAt: &last})
			}
			if users > 0 {
				s.Users = append(s.Users, v1alpha1.UserUsage{License: "rds", Username: "sam", FirstAccessAt: first, Exemption: "staff"}, v1alpha1.UserUsage{License: "cad", Username: "u0", FirstAccessAt: first})
				s.Nodes = []v1alpha1.NodeUsage{{License: "core", Node: "n1", Cores: 17, FirstUsedAt: first}}
			}
			if err := add(tenant, licensing.Record{Name: name, Status: s}); err != nil {
				return err
			}
		}
		return nil
	}
	report := &v1alpha1.LicenseReport{ObjectMeta: metav1.ObjectMeta{Name: name}}
	tally, err := licensing.NewTally(when, licensing.RulesOf(when, catalogue), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := records(tally.Add); err != nil {
		t.Fatal(err)
	}
	result, err := tally.Result()
	if err != nil {
		t.Fatal(err)
	}
	report.Status = v1alpha1.LicenseReportStatus{
		Month: when.Name(), Lines: result.Lines, Tracked: result.Tracked, Exemptions: result.Exemptions, Rows: result.Rows,
		ZeroUsage: ptr.To(users == 0), PreviousDigest: previous, FinalAt: &last,
	}
	finish(t, report, result.Detail)
	return Entry{Report: report, Records: records}
}

func finish(t *testing.T, report *v1alpha1.LicenseReport, detail string) {
	t.Helper()
	manifest, err := licensing.ManifestOf(report, detail)
	if err != nil {
		t.Fatal(err)
	}
	report.Status.Digest = manifest.Digest()
}

// correction makes a correction of a report.
func correction(t *testing.T, of Entry) Entry {
	t.Helper()
	report := of.Report.DeepCopy()
	report.Name = of.Report.Name + "-correction-1"
	report.Spec = v1alpha1.LicenseReportSpec{
		Corrects:    &v1alpha1.Reference{Name: v1alpha1.ObjectName(of.Report.Name)},
		Adjustments: []v1alpha1.ReportAdjustment{{License: "rds", Quantity: -1, Reason: "a test account"}},
	}
	when, err := licensing.ParseMonth(report.Status.Month)
	if err != nil {
		t.Fatal(err)
	}
	if report.Status.Lines, err = licensing.Correct(of.Report.Status.Lines, report.Spec.Adjustments, licensing.RulesOf(when, catalogue)); err != nil {
		t.Fatal(err)
	}
	report.Status.PreviousDigest, report.Status.Rows = of.Report.Status.Digest, 0
	finish(t, report, licensing.EmptyDetail())
	return Entry{Report: report}
}

// year makes three months, the second with a correction and the third without use.
func year(t *testing.T) []Entry {
	t.Helper()
	first := month(t, "2026-12", "", 2)
	second := month(t, "2027-01", first.Report.Status.Digest, 3)
	return []Entry{first, second, correction(t, second), month(t, "2027-02", second.Report.Status.Digest, 0)}
}

func write(t *testing.T, entries []Entry, key ed25519.PrivateKey) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := Write(&out, entries, Options{Generated: time.Unix(1800000000, 0), Tool: "test", Key: key}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func newKey(t *testing.T) ed25519.PrivateKey {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func verify(data []byte, key ed25519.PrivateKey) *Result {
	var trusted ed25519.PublicKey
	if key != nil {
		trusted = key.Public().(ed25519.PublicKey)
	}
	return Verify(bytes.NewReader(data), int64(len(data)), trusted)
}

func TestWholePackages(t *testing.T) {
	t.Parallel()
	key := newKey(t)
	for name, test := range map[string]struct {
		entries         []Entry
		key, trusted    ed25519.PrivateKey
		signed, vouched bool
	}{
		"several months, signed":        {year(t), key, key, true, true},
		"with a key nobody vouches for": {year(t), key, nil, true, false},
		"not signed":                    {year(t), nil, nil, false, false},
		"one month without use":         {[]Entry{month(t, "2027-02", "sha256:aa", 0)}, key, key, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data := write(t, test.entries, test.key)
			if !bytes.Equal(data, write(t, test.entries, test.key)) {
				t.Error("the same package written again differs")
			}
			result := verify(data, test.trusted)
			if len(result.Findings) > 0 || result.Signed != test.signed || result.Trusted != test.vouched {
				t.Errorf("signed %t, vouched for %t, findings:\n%s", result.Signed, result.Trusted, strings.Join(result.Findings, "\n"))
			}
			if len(result.Reports) != len(test.entries) {
				t.Errorf("%d reports, want %d", len(result.Reports), len(test.entries))
			}
		})
	}
}

// TestEveryByte changes each byte of a package, signed and not.
func TestEveryByte(t *testing.T) {
	t.Parallel()
	for name, key := range map[string]ed25519.PrivateKey{"signed": newKey(t), "not signed": nil} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data := write(t, []Entry{month(t, "2026-12", "", 1)}, key)
			for i := range data {
				changed := bytes.Clone(data)
				changed[i] ^= 1
				if len(verify(changed, key).Findings) == 0 {
					t.Errorf("byte %d of %d was changed from %q to %q, and nothing was found", i, len(data), data[i], changed[i])
				}
			}
			for _, cut := range []int{0, 1, len(data) / 2, len(data) - 1} {
				if len(verify(data[:cut], key).Findings) == 0 {
					t.Errorf("all but %d bytes were cut off, and nothing was found", cut)
				}
			}
			if len(verify(append(bytes.Clone(data), 'x'), key).Findings) == 0 {
				t.Error("a byte was added, and nothing was found")
			}
		})
	}
}

// forge takes a package apart, changes its files, and makes a package of them
// again as whoever forged it would: with right checksums, and a seal and a
// signature by a key of the forger's where the package was signed.
func forge(t *testing.T, data []byte, key ed25519.PrivateKey, change func(files map[string]string)) []byte {
	t.Helper()
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	var order []string
	for _, file := range archive.File {
		in, err := file.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		files[file.Name] = string(content)
		order = append(order, file.Name)
	}
	before := maps.Clone(files)
	change(files)
	if maps.Equal(before, files) {
		t.Fatal("the forger changed nothing")
	}
	var out bytes.Buffer
	s := &sealed{out: &out, hash: sha256.New(), keep: len(sealOf(key))}
	w := &writer{zip: zip.NewWriter(s), options: Options{Generated: time.Unix(1800000000, 0), Key: key}}
	for name := range files {
		if !slices.Contains(order, name) {
			order = append(order, name)
		}
	}
	for _, name := range order {
		if content, kept := files[name]; kept && !slices.Contains([]string{fileSums, fileSignature, filePublicKey}, name) {
			if err := w.bytes(name, []byte(content)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.sign(); err != nil {
		t.Fatal(err)
	}
	if err := w.zip.SetComment(strings.Repeat(" ", s.keep)); err != nil {
		t.Fatal(err)
	}
	if err := w.zip.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.close(key); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func sealOf(key ed25519.PrivateKey) string {
	if key == nil {
		return plainSeal + hex.EncodeToString(make([]byte, 32))
	}
	return signedSeal + strings.Repeat("x", 88)
}

// TestForgeries changes what a package says and makes a whole package of it
// again. Even where it is not signed, its own contents give it away.
func TestForgeries(t *testing.T) {
	t.Parallel()
	replace := func(name, old, changed string) func(map[string]string) {
		return func(files map[string]string) {
			if !strings.Contains(files[name], old) {
				t.Errorf("%s does not hold %q:\n%s", name, old, files[name])
			}
			files[name] = strings.Replace(files[name], old, changed, 1)
		}
	}
	for name, change := range map[string]func(map[string]string){
		"a row less":               func(f map[string]string) { f["2027-01/detail.csv"] = without(f["2027-01/detail.csv"], 3) },
		"two rows swapped":         func(f map[string]string) { f["2027-01/detail.csv"] = swapped(f["2027-01/detail.csv"], 2, 3) },
		"a row twice":              func(f map[string]string) { f["2027-01/detail.csv"] = doubled(f["2027-01/detail.csv"], 2) },
		"somebody else":            replace("2027-01/detail.csv", "u1", "v1"),
		"exempt after all":         replace("2027-01/detail.csv", ",Yes,", ",No,"),
		"less cores":               replace("2027-01/detail.csv", ",17,", ",16,"),
		"another moment":           replace("2027-01/detail.csv", "2027-01-01T00:00:00Z", "2027-01-02T00:00:00Z"),
		"another quantity":         replace("2027-01/summary.csv", "User,6,", "User,5,"),
		"another price":            replace("2027-01/summary.csv", "6.10", "6.00"),
		"another reason":           replace("2027-01/exemptions.csv", "provider staff", "testers"),
		"another adjustment":       replace("2027-01-correction-1/adjustments.csv", "-1", "-2"),
		"another digest":           replace("2027-01/report.json", `"digest": "sha256:`, `"digest": "sha256:0`),
		"another previous digest":  replace("2027-02/report.json", `"previousDigest": "sha256:`, `"previousDigest": "sha256:0`),
		"another month's manifest": func(f map[string]string) { f["2027-01/manifest.txt"] = f["2026-12/manifest.txt"] },
		"a file more":              func(f map[string]string) { f["2027-03/detail.csv"] = f["2027-02/detail.csv"] },
		"a file less":              func(f map[string]string) { delete(f, "2027-01/exemptions.csv") },
		"a month missing": func(f map[string]string) {
			removeReport(f, "2027-01")
			removeReport(f, "2027-01-correction-1")
		},
		"a month missing, and a correction of it left": func(f map[string]string) { removeReport(f, "2027-01") },
		"months in another order": func(f map[string]string) {
			f[fileMetadata] = strings.Replace(strings.Replace(strings.Replace(f[fileMetadata], "2026-12", "x", 1), "2027-02", "2026-12", 1), `"x"`, `"2027-02"`, 1)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			key, forger := newKey(t), newKey(t)
			signed := forge(t, write(t, year(t), key), forger, change)
			if len(verify(signed, key).Findings) == 0 {
				t.Error("signed anew with another key, and nothing was found")
			}
			if len(verify(signed, nil).Findings) == 0 {
				t.Error("signed anew with another key that nobody vouches for, and nothing was found")
			}
			if len(verify(forge(t, write(t, year(t), nil), nil, change), nil).Findings) == 0 {
				t.Error("not signed, and nothing was found")
			}
			if len(verify(forge(t, write(t, year(t), key), nil, change), key).Findings) == 0 {
				t.Error("the signature was taken off, and nothing was found although a key was given")
			}
		})
	}
}

func removeReport(files map[string]string, name string) {
	for file := range files {
		if strings.HasPrefix(file, name+"/") {
			delete(files, file)
		}
	}
	files[fileMetadata] = strings.Replace(files[fileMetadata], "    \""+name+"\",\n", "", 1)
}

func without(table string, row int) string {
	lines := strings.SplitAfter(table, "\n")
	return strings.Join(slices.Delete(lines, row, row+1), "")
}

func swapped(table string, a, b int) string {
	lines := strings.SplitAfter(table, "\n")
	lines[a], lines[b] = lines[b], lines[a]
	return strings.Join(lines, "")
}

func doubled(table string, row int) string {
	lines := strings.SplitAfter(table, "\n")
	return strings.Join(slices.Insert(lines, row, lines[row]), "")
}

// TestRefusals: what does not go into a package, and which keys are none.
func TestRefusals(t *testing.T) {
	t.Parallel()
	draft := month(t, "2026-12", "", 1)
	draft.Report.Status.FinalAt = nil
	changed := month(t, "2026-12", "", 1)
	changed.Records = month(t, "2026-12", "", 2).Records
	for name, test := range map[string]struct {
		entry Entry
		want  string
	}{"a draft": {draft, "it is a draft"}, "other records": {changed, "records or report were changed"}} {
		err := Write(io.Discard, []Entry{test.entry}, Options{})
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: want an error with %q, got %v", name, test.want, err)
		}
	}
	for name, data := range map[string]string{"nothing": "", "no key": "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"} {
		if _, err := ParsePrivateKey([]byte(data)); err == nil || !strings.Contains(err.Error(), "openssl genpkey") {
			t.Errorf("%s: want an error that says how to make a key, got %v", name, err)
		}
		if _, err := ParsePublicKey([]byte(data)); err == nil || !strings.Contains(err.Error(), "openssl pkey") {
			t.Errorf("%s: want an error that says how to extract a key, got %v", name, err)
		}
	}
}
