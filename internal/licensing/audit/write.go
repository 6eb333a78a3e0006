// SPDX-License-Identifier: Apache-2.0

// Package audit writes and verifies audit packages: ZIP files that hold final
// licence reports with every row of their detail, and the proof that nothing in
// them was changed.
package audit

import (
	"archive/zip"
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/licensing"
)

// The files of a package.
const (
	fileSums      = "SHA256SUMS"
	fileSignature = "SHA256SUMS.sig"
	filePublicKey = "public-key.pem"
	fileMetadata  = "metadata.json"
	fileReadme    = "README.txt"

	fileManifest    = "manifest.txt"
	fileSummary     = "summary.csv"
	fileDetail      = "detail.csv"
	fileExemptions  = "exemptions.csv"
	fileAdjustments = "adjustments.csv"
	fileCustomers   = "customers.csv"
	fileRules       = "rules.json"
	fileReport      = "report.json"
)

// formatVersion changes when an older verifier cannot read a package any more.
const formatVersion = 1

// Add takes all parts of one tenant's usage record.
type Add func(tenant string, records ...licensing.Record) error

// Entry is one report of a package.
type Entry struct {
	Report *v1alpha1.LicenseReport
	// Records calls add for each tenant of the report's month, in the order in
	// which an API server lists them. Nil for a correction.
	Records func(add Add) error
}

// Options say how a package is made.
type Options struct {
	// Generated is when, as the package says.
	Generated time.Time
	// Tool and Cluster say by what and from where.
	Tool, Cluster string
	// Key signs the package. Nil: it is not signed.
	Key ed25519.PrivateKey
	// Customer returns a tenant's name for people. Nil: there is none.
	Customer func(tenant string) string
	// Progress, if set, is told how many rows of a report's detail are written.
	Progress func(report string, rows, of int64)
}

// metadata says what a package is.
type metadata struct {
	Format    int       `json:"format"`
	Tool      string    `json:"tool"`
	Cluster   string    `json:"cluster,omitempty"`
	Generated time.Time `json:"generated"`
	Reports   []string  `json:"reports"`
}

// reportFile is what report.json holds.
type reportFile struct {
	Name           string                     `json:"name"`
	Month          v1alpha1.Month             `json:"month"`
	Corrects       string                     `json:"corrects,omitempty"`
	DueOn          v1alpha1.Date              `json:"dueOn,omitempty"`
	FinalAt        string                     `json:"finalAt"`
	Digest         string                     `json:"digest"`
	PreviousDigest string                     `json:"previousDigest,omitempty"`
	ZeroUsage      bool                       `json:"zeroUsage"`
	Submission     *v1alpha1.ReportSubmission `json:"submission,omitempty"`
}

// ruleFile is what rules.json holds: prices, and versions of rules.
type ruleFile struct {
	Reported   []v1alpha1.ReportLine       `json:"reported"`
	Tracked    []v1alpha1.ReportLine       `json:"tracked,omitempty"`
	Exemptions []v1alpha1.AppliedExemption `json:"exemptions,omitempty"`
}

// writer writes the files of a package one after the other.
type writer struct {
	zip     *zip.Writer
	options Options
	sums    bytes.Buffer
}

// Write writes a package of final reports. It holds no more of the detail in
// memory than one tenant's. A report whose records do not come to its digest is
// refused: somebody has changed either.
func Write(out io.Writer, entries []Entry, o Options) error {
	o.Generated = o.Generated.UTC().Truncate(time.Second)
	s := &sealed{out: out, hash: sha256.New(), keep: len(seal(make([]byte, sha256.Size), o.Key))}
	w := &writer{zip: zip.NewWriter(s), options: o}
	about := metadata{Format: formatVersion, Tool: o.Tool, Cluster: o.Cluster, Generated: o.Generated}
	for _, entry := range entries {
		if err := w.report(entry); err != nil {
			return fmt.Errorf("report %s: %w", entry.Report.Name, err)
		}
		about.Reports = append(about.Reports, entry.Report.Name)
	}
	if err := w.json(fileMetadata, about); err != nil {
		return err
	}
	if err := w.bytes(fileReadme, []byte(readme)); err != nil {
		return err
	}
	if err := w.sign(); err != nil {
		return err
	}
	if err := w.zip.SetComment(strings.Repeat(" ", s.keep)); err != nil {
		return err
	}
	if err := w.zip.Close(); err != nil {
		return err
	}
	return s.close(o.Key)
}

// sign writes the checksums of all files, and the signature over them.
func (w *writer) sign() error {
	key := w.options.Key
	if key != nil {
		public, err := encodePublicKey(key.Public().(ed25519.PublicKey))
		if err != nil {
			return err
		}
		if err := w.bytes(filePublicKey, public); err != nil {
			return err
		}
	}
	sums := slices.Clone(w.sums.Bytes())
	if err := w.bytes(fileSums, sums); err != nil {
		return err
	}
	if key == nil {
		return nil
	}
	return w.bytes(fileSignature, ed25519.Sign(key, sums))
}

// file writes one file and notes its checksum, which it returns as digests are written.
func (w *writer) file(name string, content func(io.Writer) error) (string, error) {
	out, err := w.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: w.options.Generated})
	if err != nil {
		return "", err
	}
	h := sha256.New()
	if err := content(io.MultiWriter(out, h)); err != nil {
		return "", fmt.Errorf("write %s: %w", name, err)
	}
	sum := hex.EncodeToString(h.Sum(nil))
	fmt.Fprintf(&w.sums, "%s  %s\n", sum, name)
	return "sha256:" + sum, nil
}

func (w *writer) bytes(name string, content []byte) error {
	_, err := w.file(name, func(out io.Writer) error {
		_, err := out.Write(content)
		return err
	})
	return err
}

func (w *writer) json(name string, content any) error {
	data, err := json.MarshalIndent(content, "", "  ")
	if err != nil {
		return err
	}
	return w.bytes(name, append(data, '\n'))
}

// report writes the folder of one report.
func (w *writer) report(entry Entry) error {
	report, folder := entry.Report, entry.Report.Name+"/"
	s := &report.Status
	if s.FinalAt == nil {
		return fmt.Errorf("it is a draft; only final reports go into an audit package: wait until its condition Final is True")
	}
	customers, err := w.detail(entry)
	if err != nil {
		return err
	}
	for _, part := range []struct {
		name  string
		write func(io.Writer) error
	}{
		{fileSummary, func(out io.Writer) error { return licensing.WriteSummary(out, s) }},
		{fileExemptions, func(out io.Writer) error { return licensing.WriteExemptions(out, s) }},
		{fileAdjustments, func(out io.Writer) error { return licensing.WriteAdjustments(out, s.Month, report.Spec.Adjustments) }},
		{fileCustomers, func(out io.Writer) error { _, err := customers.WriteTo(out); return err }},
	} {
		if _, err := w.file(folder+part.name, part.write); err != nil {
			return err
		}
	}
	if err := w.json(folder+fileRules, ruleFile{s.Lines, s.Tracked, s.Exemptions}); err != nil {
		return err
	}
	about := reportFile{
		Name: report.Name, Month: s.Month, DueOn: s.DueOn, FinalAt: s.FinalAt.UTC().Format(time.RFC3339), Digest: s.Digest,
		PreviousDigest: s.PreviousDigest, ZeroUsage: s.ZeroUsage != nil && *s.ZeroUsage, Submission: report.Spec.Submission,
	}
	if report.Spec.Corrects != nil {
		about.Corrects = string(report.Spec.Corrects.Name)
	}
	return w.json(folder+fileReport, about)
}

// detail writes a report's detail, and the manifest that follows from it; it
// returns what each customer used.
func (w *writer) detail(entry Entry) (*bytes.Buffer, error) {
	report, folder := entry.Report, entry.Report.Name+"/"
	month, err := licensing.ParseMonth(report.Status.Month)
	if err != nil {
		return nil, err
	}
	var customers *perCustomer
	var result licensing.Result
	_, err = w.file(folder+fileDetail, func(out io.Writer) error {
		tally, err := licensing.NewTally(month, licensing.RulesApplied(&report.Status), out)
		if err != nil {
			return err
		}
		customers = newPerCustomer(report, w.options.Customer)
		rows := int64(0)
		tally.OnRow = func(tenant, license string, counted bool) {
			customers.count(tenant, license, counted)
			if rows++; w.options.Progress != nil && rows%1000 == 0 {
				w.options.Progress(report.Name, rows, report.Status.Rows)
			}
		}
		if entry.Records != nil {
			if err := entry.Records(tally.Add); err != nil {
				return err
			}
		}
		result, err = tally.Result()
		return err
	})
	if err != nil {
		return nil, err
	}
	manifest, err := licensing.ManifestOf(report, result.Detail)
	if err != nil {
		return nil, err
	}
	if digest := manifest.Digest(); digest != report.Status.Digest {
		return nil, fmt.Errorf("its usage records come to the digest %s, and it says %s: records or report were changed, or records of the month are missing; compare with an earlier audit package",
			digest, report.Status.Digest)
	}
	table, err := customers.table()
	if err != nil {
		return nil, err
	}
	return table, w.bytes(folder+fileManifest, manifest.Text())
}

// perCustomer counts what each customer used.
type perCustomer struct {
	report *v1alpha1.LicenseReport
	name   func(string) string
	order  []customerKey
	counts map[customerKey]*[2]int64 // counted, not counted
}

type customerKey struct{ tenant, license string }

func newPerCustomer(report *v1alpha1.LicenseReport, name func(string) string) *perCustomer {
	return &perCustomer{report: report, name: name, counts: map[customerKey]*[2]int64{}}
}

func (p *perCustomer) count(tenant, license string, counted bool) {
	key := customerKey{tenant, license}
	if p.counts[key] == nil {
		p.order = append(p.order, key)
		p.counts[key] = &[2]int64{}
	}
	if counted {
		p.counts[key][0]++
	} else {
		p.counts[key][1]++
	}
}

// table returns the counts as CSV, in the order of the detail. Nodes are shared
// by customers; each that used one has it counted.
func (p *perCustomer) table() (*bytes.Buffer, error) {
	var buffer bytes.Buffer
	out := csv.NewWriter(&buffer)
	rows := [][]string{{"Period", "Customer Id", "Customer Name", "License", "Counted", "Exempt"}}
	for _, key := range p.order {
		name := ""
		if p.name != nil {
			name = p.name(key.tenant)
		}
		n := p.counts[key]
		rows = append(rows, []string{string(p.report.Status.Month), key.tenant, name, key.license, strconv.FormatInt(n[0], 10), strconv.FormatInt(n[1], 10)})
	}
	return &buffer, out.WriteAll(rows)
}

const readme = `This is an audit package of licence reports.

Each folder is one report: a month's, such as 2026-11, or a correction of one.
  summary.csv      the quantities that were reported, one row for each product
  detail.csv       every use that the quantities sum up
  exemptions.csv   uses that were not counted, and why
  adjustments.csv  of a correction: what it adds or takes away, and why
  customers.csv    the same uses by customer
  rules.json       prices, and the versions of the rules that were applied
  report.json      when the report became final, and its digest
  manifest.txt     what the digest is computed from: its SHA-256 is the digest

Counting. A row of detail with a username is a user who could reach the product
at some moment of the period, used or not. It counts unless Counted is No; then
Exemption says why. A row with a host is a node that ran the product; hosts count
once for all customers, with the most cores of their rows, rounded up to whole
packs (Pack Size in summary.csv). Agreement CustomerOwned is recorded and not
reported. Times are UTC. Columns are found by their names.

The chain. Each manifest names the digest of the report before it (previous): of
the month before, or of the report that it corrects. A report that was changed,
left out or put elsewhere breaks the chain.

Verify with:  kubectl werkplek report verify PACKAGE --public-key KEY
By hand, in the unpacked folder:
  sha256sum -c SHA256SUMS
  openssl pkeyutl -verify -pubin -inkey public-key.pem -rawin -in SHA256SUMS -sigfile SHA256SUMS.sig
  sha256sum 2026-11/manifest.txt     is the digest in 2026-11/report.json
Compare public-key.pem with the key that the provider gave you by another way.
`
