// SPDX-License-Identifier: Apache-2.0

package licensing

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"

	"werkplek.dev/werkplek/api/v1alpha1"
)

// Columns of the files that a report's digest covers besides its detail.
var (
	SummaryColumns = []string{
		"Period", "Agreement", "Enrollment Number", "SKU", "SKU Title", "License", "Metric", "Quantity", "Exempt", "Customers",
		"Currency", "Purchase Price", "Price From", "Amount", "Pack Size", "License Generation",
	}
	ExemptionColumns  = []string{"Period", "License", "Exemption", "Reason", "Maximum Users", "Users"}
	AdjustmentColumns = []string{"Period", "License", "Customer Id", "Username", "Quantity", "Reason"}
)

// WriteSummary writes a report's lines as CSV.
func WriteSummary(w io.Writer, s *v1alpha1.LicenseReportStatus) error {
	rows := [][]string{SummaryColumns}
	for _, group := range []struct {
		agreement v1alpha1.LicenseAgreement
		lines     []v1alpha1.ReportLine
	}{{v1alpha1.AgreementSPLA, s.Lines}, {v1alpha1.AgreementCustomerOwned, s.Tracked}} {
		for _, l := range group.lines {
			pack := ""
			if l.PackSize > 0 {
				pack = strconv.Itoa(int(l.PackSize))
			}
			rows = append(rows, []string{
				string(s.Month), string(group.agreement), l.Enrollment, l.PartNumber, l.DisplayName, string(l.License), string(l.Metric),
				strconv.FormatInt(l.Quantity, 10), strconv.FormatInt(l.Exempt, 10), strconv.Itoa(int(l.Tenants)),
				string(l.Currency), string(l.UnitPrice), string(l.PriceFrom), string(l.Amount), pack, strconv.FormatInt(l.LicenseGeneration, 10),
			})
		}
	}
	return writeAll(w, rows)
}

// WriteExemptions writes the exemptions that a report applied as CSV.
func WriteExemptions(w io.Writer, s *v1alpha1.LicenseReportStatus) error {
	rows := [][]string{ExemptionColumns}
	for _, e := range s.Exemptions {
		limit := ""
		if e.MaximumUsers != nil {
			limit = strconv.Itoa(int(*e.MaximumUsers))
		}
		rows = append(rows, []string{string(s.Month), string(e.License), e.Name, e.Reason, limit, strconv.FormatInt(e.Users, 10)})
	}
	return writeAll(w, rows)
}

// WriteAdjustments writes the adjustments of a correction as CSV.
func WriteAdjustments(w io.Writer, month v1alpha1.Month, adjustments []v1alpha1.ReportAdjustment) error {
	rows := [][]string{AdjustmentColumns}
	for _, a := range adjustments {
		rows = append(rows, []string{string(month), string(a.License), a.Tenant, string(a.Username), strconv.FormatInt(a.Quantity, 10), a.Reason})
	}
	return writeAll(w, rows)
}

func writeAll(w io.Writer, rows [][]string) error { return csv.NewWriter(w).WriteAll(rows) }

// Manifest is what a report's digest is computed from: who it is, which report
// it follows, and the digests of its parts.
type Manifest struct {
	Name     string
	Month    v1alpha1.Month
	Corrects string // the report that it corrects, if any
	Previous string // the digest of the report that it follows; empty for the first
	Rows     int64

	Summary, Exemptions, Adjustments, Detail string // digests
}

// ManifestOf returns the manifest of a report whose detail has a digest.
func ManifestOf(report *v1alpha1.LicenseReport, detail string) (Manifest, error) {
	s := &report.Status
	m := Manifest{Name: report.Name, Month: s.Month, Previous: s.PreviousDigest, Rows: s.Rows, Detail: detail}
	if report.Spec.Corrects != nil {
		m.Corrects = string(report.Spec.Corrects.Name)
	}
	var err error
	for _, part := range []struct {
		digest *string
		write  func(io.Writer) error
	}{
		{&m.Summary, func(w io.Writer) error { return WriteSummary(w, s) }},
		{&m.Exemptions, func(w io.Writer) error { return WriteExemptions(w, s) }},
		{&m.Adjustments, func(w io.Writer) error { return WriteAdjustments(w, s.Month, report.Spec.Adjustments) }},
	} {
		h := sha256.New()
		if err = part.write(h); err != nil {
			return m, err
		}
		*part.digest = digest(h)
	}
	return m, nil
}

// manifestVersion changes whenever the same report would get another digest.
const manifestVersion = "werkplek.dev license report, version 1"

// Text returns the manifest as it is hashed, and as audit packages hold it.
func (m Manifest) Text() []byte {
	var b bytes.Buffer
	fmt.Fprintln(&b, manifestVersion)
	for _, row := range [][2]string{
		{"name", m.Name}, {"month", string(m.Month)}, {"corrects", m.Corrects}, {"previous", m.Previous},
		{"rows", strconv.FormatInt(m.Rows, 10)},
		{"summary", m.Summary}, {"exemptions", m.Exemptions}, {"adjustments", m.Adjustments}, {"detail", m.Detail},
	} {
		fmt.Fprintf(&b, "%s: %s\n", row[0], row[1])
	}
	return b.Bytes()
}

// Digest returns the report's digest.
func (m Manifest) Digest() string { return DigestOf(m.Text()) }

// DigestOf returns the digest of some bytes as reports write it.
func DigestOf(data []byte) string {
	h := sha256.New()
	h.Write(data)
	return digest(h)
}

// EmptyDetail returns the digest of a detail without rows, which a correction has.
func EmptyDetail() string {
	h := sha256.New()
	_ = csv.NewWriter(h).WriteAll([][]string{DetailColumns}) // a hash takes every write
	return digest(h)
}
