// SPDX-License-Identifier: Apache-2.0

package audit

import (
	"archive/zip"
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/licensing"
)

// Result is what a package proved to be.
type Result struct {
	// Findings are what is wrong; none: nothing is.
	Findings []string `json:"findings"`
	// Checks that were made, in order, and whether each holds.
	Checks []Check `json:"checks"`
	// Reports of the package, in its order.
	Reports []Report `json:"reports"`
	// Package is false for a file that is no audit package at all.
	Package bool `json:"package"`
	// Signed is true if the package has a signature that holds.
	Signed bool `json:"signed"`
	// Trusted is true if it was made with a key that the verifier was given.
	Trusted bool `json:"trusted"`
	// Key identifies the key of the signature; empty without one.
	Key string `json:"key,omitempty"`
}

// Verdict of a check.
type Verdict string

// What a check can come to. What could not be checked was not found to hold.
const (
	Holds      Verdict = "Holds"
	Fails      Verdict = "Fails"
	NotChecked Verdict = "NotChecked"
)

// Check is one thing that was looked at, or could not be.
type Check struct {
	What    string  `json:"what"`
	Verdict Verdict `json:"verdict"`
}

// Report is a report as a package holds it.
type Report struct {
	Name     string         `json:"name"`
	Month    v1alpha1.Month `json:"month"`
	Corrects string         `json:"corrects,omitempty"`
	Digest   string         `json:"digest"`
	Previous string         `json:"previous,omitempty"`
	// Detail is the digest of its detail.
	Detail string `json:"detail"`
	Rows   int64  `json:"rows"`
}

// verifier collects what is found.
type verifier struct {
	Result
	zip  *zip.Reader
	sums map[string]string // SHA-256 of every file, in hexadecimal
}

// Verify checks a package: its seal, checksums and signature, that each report's
// detail comes to its quantities and its digest, and that the reports follow each
// other without a gap. trusted is the provider's key; nil: the package's own is
// taken for it.
func Verify(file io.ReaderAt, size int64, trusted ed25519.PublicKey) *Result {
	v := &verifier{sums: map[string]string{}, Result: Result{Findings: []string{}, Checks: []Check{}, Reports: []Report{}}}
	archive, err := zip.NewReader(file, size)
	if err != nil {
		v.check("the file is an audit package", fmt.Errorf("it is no ZIP archive that can be read: %w", err))
		return &v.Result
	}
	v.zip = archive
	if v.Package = v.isPackage(); !v.Package {
		v.check("the file is an audit package", fmt.Errorf("it holds neither %s nor %s, which every package has", fileMetadata, fileSums))
		return &v.Result
	}
	v.check("every file can be read", v.readAll())
	key, err := v.publicKey(trusted)
	if trusted != nil || err != nil {
		v.check("the signing key is the provider's", err)
	} else if key != nil {
		v.pass("the signing key is the provider's: no key was given to compare it with")
	}
	v.check("the seal over the whole file holds", checkSeal(file, size, archive.Comment, key))
	v.check("every file has its checksum", v.checkSums())
	if v.signs() || trusted != nil {
		v.check("the signature over the checksums holds", v.checkSignature(key, archive.Comment))
	} else {
		v.pass("the signature over the checksums: there is none")
	}
	v.Trusted = v.Signed && trusted != nil && key.Equal(trusted)
	names, err := v.reportNames()
	v.check("the package says which reports it holds", err)
	for _, name := range names {
		v.checkReport(name)
	}
	v.checkChain()
	return &v.Result
}

// isPackage reports whether the archive holds anything by which a package is known.
func (v *verifier) isPackage() bool { return v.has(fileMetadata) || v.has(fileSums) }

// signs reports whether the package claims to be signed.
func (v *verifier) signs() bool {
	return v.has(fileSignature) || v.has(filePublicKey) || strings.HasPrefix(v.zip.Comment, signedSeal)
}

func (v *verifier) has(name string) bool {
	return slices.ContainsFunc(v.zip.File, func(file *zip.File) bool { return file.Name == name })
}

// check notes the outcome of one check.
func (v *verifier) check(what string, err error) { v.Note(what, err) }

// pass notes what could not be checked.
func (v *verifier) pass(what string) { v.Checks = append(v.Checks, Check{what, NotChecked}) }

// Note notes the outcome of one more check.
func (r *Result) Note(what string, err error) {
	if err == nil {
		r.Checks = append(r.Checks, Check{what, Holds})
		return
	}
	r.Checks = append(r.Checks, Check{what, Fails})
	r.Findings = append(r.Findings, what+": NO: "+err.Error())
}

// readAll reads every file once and notes its checksum.
func (v *verifier) readAll() error {
	var faults []error
	for _, file := range v.zip.File {
		if _, twice := v.sums[file.Name]; twice {
			faults = append(faults, fmt.Errorf("%s is there twice", file.Name))
		}
		h := sha256.New()
		in, err := file.Open()
		if err == nil {
			_, err = io.Copy(h, in)
			err = errors.Join(err, in.Close())
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", file.Name, err))
		}
		v.sums[file.Name] = hex.EncodeToString(h.Sum(nil))
	}
	return errors.Join(faults...)
}

// small reads a file that is known to be small.
func (v *verifier) small(name string) ([]byte, error) {
	in, err := v.zip.Open(name)
	if err != nil {
		return nil, fmt.Errorf("%s is missing", name)
	}
	defer func() { _ = in.Close() }()
	const most = 64 << 20
	data, err := io.ReadAll(io.LimitReader(in, most))
	if err == nil && len(data) == most {
		err = errors.New("it is too large")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return data, nil
}

func (v *verifier) publicKey(trusted ed25519.PublicKey) (ed25519.PublicKey, error) {
	data, err := v.small(filePublicKey)
	if err != nil {
		if trusted != nil {
			return nil, errors.New("the package is not signed, and a key was given to check it with")
		}
		return nil, nil
	}
	key, err := ParsePublicKey(data)
	if err != nil {
		return nil, err
	}
	v.Key = Fingerprint(key)
	if trusted != nil && !key.Equal(trusted) {
		return key, fmt.Errorf("the package was signed with another key, %s", v.Key)
	}
	return key, nil
}

func (v *verifier) checkSums() error {
	data, err := v.small(fileSums)
	if err != nil {
		return err
	}
	var faults []error
	listed := map[string]bool{fileSums: true, fileSignature: true}
	for line := range strings.Lines(string(data)) {
		sum, name, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
		switch actual, exists := v.sums[name]; {
		case !ok || listed[name]:
			faults = append(faults, fmt.Errorf("%s has a line that cannot be: %q", fileSums, line))
		case !exists:
			faults = append(faults, fmt.Errorf("%s is missing", name))
		case actual != sum:
			faults = append(faults, fmt.Errorf("%s was changed", name))
		}
		listed[name] = true
	}
	for _, name := range slices.Sorted(maps.Keys(v.sums)) {
		if !listed[name] {
			faults = append(faults, fmt.Errorf("%s was added", name))
		}
	}
	return errors.Join(faults...)
}

func (v *verifier) checkSignature(key ed25519.PublicKey, comment string) error {
	signature, missing := v.small(fileSignature)
	if key == nil {
		if missing == nil {
			return fmt.Errorf("there is a %s and no usable %s", fileSignature, filePublicKey)
		}
		return nil // not signed, as the result says
	}
	if missing != nil {
		return missing
	}
	sums, err := v.small(fileSums)
	if err != nil {
		return err
	}
	if !ed25519.Verify(key, sums, signature) {
		return errors.New("the checksums were changed after they were signed")
	}
	if !strings.HasPrefix(comment, signedSeal) {
		return errors.New("the package is signed, and its seal is not: the seal was replaced")
	}
	v.Signed = true
	return nil
}

// reportNames returns the reports that the package says it holds, which must be
// those that it does.
func (v *verifier) reportNames() ([]string, error) {
	data, err := v.small(fileMetadata)
	if err != nil {
		return nil, err
	}
	var about metadata
	if err := json.Unmarshal(data, &about); err != nil {
		return nil, fmt.Errorf("%s: %w", fileMetadata, err)
	}
	if about.Format != formatVersion {
		return nil, fmt.Errorf("the package has format %d, and this program reads %d; use the program of the version that made it, %s", about.Format, formatVersion, about.Tool)
	}
	held := map[string]bool{}
	for name := range v.sums {
		if folder, _, in := strings.Cut(name, "/"); in {
			held[folder] = true
		}
	}
	var faults []error
	for _, name := range about.Reports {
		if !held[name] {
			faults = append(faults, fmt.Errorf("report %s is missing", name))
		}
		delete(held, name)
	}
	for name := range held {
		faults = append(faults, fmt.Errorf("folder %s is of no report that the package names", name))
	}
	return about.Reports, errors.Join(faults...)
}

// checkReport checks one report's folder.
func (v *verifier) checkReport(name string) {
	report, err := v.readReport(name)
	if err != nil {
		v.check("report "+name+" can be read", err)
		return
	}
	manifest := licensing.Manifest{
		Name: report.Name, Month: report.Month, Corrects: report.Corrects, Previous: report.PreviousDigest,
		Summary: v.digest(name, fileSummary), Exemptions: v.digest(name, fileExemptions), Adjustments: v.digest(name, fileAdjustments), Detail: v.digest(name, fileDetail),
	}
	count, err := v.recount(name, report.Month)
	v.check("report "+name+": the rows of its detail are in order", err)
	manifest.Rows = count.rows
	text, err := v.small(name + "/" + fileManifest)
	if err == nil && !bytes.Equal(text, manifest.Text()) {
		err = errors.New("the manifest is not that of the report's files: a row, a quantity, or the report that it follows was changed")
	}
	v.check("report "+name+": its manifest is that of its files", err)
	err = nil
	if manifest.Digest() != report.Digest {
		err = fmt.Errorf("its files come to the digest %s, and it says %s", manifest.Digest(), report.Digest)
	}
	v.check("report "+name+": its digest is that of its files", err)
	if report.Corrects == "" {
		v.check("report "+name+": its detail comes to its quantities", v.compare(name, count))
	} else {
		v.check("report "+name+": its amounts follow from its quantities", v.amounts(name))
	}
	v.Reports = append(v.Reports, Report{report.Name, report.Month, report.Corrects, report.Digest, report.PreviousDigest, manifest.Detail, count.rows})
}

func (v *verifier) readReport(name string) (reportFile, error) {
	var report reportFile
	data, err := v.small(name + "/" + fileReport)
	if err != nil {
		return report, err
	}
	if err := json.Unmarshal(data, &report); err != nil {
		return report, err
	}
	if report.Name != name {
		return report, fmt.Errorf("folder %s holds report %s", name, report.Name)
	}
	return report, nil
}

func (v *verifier) digest(report, file string) string { return "sha256:" + v.sums[report+"/"+file] }

// count is what a report's detail comes to, by licence.
type count struct {
	rows                        int64
	quantity, exempt, customers map[string]int64
	hosts                       map[string]map[string]int64 // cores by licence and host
}

// recount sums up a report's detail, row by row, and checks the rows' order.
func (v *verifier) recount(name string, month v1alpha1.Month) (count, error) {
	c := count{quantity: map[string]int64{}, exempt: map[string]int64{}, customers: map[string]int64{}, hosts: map[string]map[string]int64{}}
	last := [3]string{}
	lastCustomer := map[string]string{}
	err := v.table(name+"/"+fileDetail, func(row func(string) string) error {
		c.rows++
		license := row("License")
		key := [3]string{row("Customer Id") + "/", license, row("Username") + row("Host")}
		if slices.Compare(last[:], key[:]) >= 0 {
			return fmt.Errorf("row %d (%s, %s, %s) comes after one that it should precede, or is there twice", c.rows, row("Customer Id"), license, key[2])
		}
		last = key
		if row("Period") != string(month) {
			return fmt.Errorf("row %d is of %s", c.rows, row("Period"))
		}
		if lastCustomer[license] != key[0] {
			lastCustomer[license] = key[0]
			c.customers[license]++
		}
		switch host := row("Host"); {
		case host != "":
			cores, err := strconv.ParseInt(row("Cores"), 10, 64)
			if err != nil {
				return fmt.Errorf("row %d: %q is no number of cores", c.rows, row("Cores"))
			}
			if c.hosts[license] == nil {
				c.hosts[license] = map[string]int64{}
			}
			c.hosts[license][host] = max(c.hosts[license][host], cores)
		case row("Counted") == "Yes":
			c.quantity[license]++
		default:
			c.exempt[license]++
		}
		return nil
	})
	return c, err
}

// compare checks a report's summary against what its detail comes to.
func (v *verifier) compare(name string, c count) error {
	var faults []error
	seen := map[string]bool{}
	err := v.table(name+"/"+fileSummary, func(row func(string) string) error {
		license := row("License")
		seen[license] = true
		quantity := c.quantity[license]
		if row("Metric") == string(v1alpha1.MetricCore) {
			pack, err := strconv.ParseInt(row("Pack Size"), 10, 32)
			if err != nil {
				return fmt.Errorf("licence %s: %q is no pack size", license, row("Pack Size"))
			}
			for _, cores := range c.hosts[license] {
				quantity += licensing.Packs(cores, int32(pack))
			}
		}
		for column, want := range map[string]int64{"Quantity": quantity, "Exempt": c.exempt[license], "Customers": c.customers[license]} {
			if got := row(column); got != strconv.FormatInt(want, 10) {
				faults = append(faults, fmt.Errorf("licence %s: %s is %s, and the detail comes to %d", license, column, got, want))
			}
		}
		return amount(row)
	})
	for license := range c.customers {
		if !seen[license] {
			faults = append(faults, fmt.Errorf("licence %s is in the detail and not in the summary", license))
		}
	}
	return errors.Join(append(faults, err)...)
}

// amounts checks that the amounts of a report follow from its quantities.
func (v *verifier) amounts(name string) error { return v.table(name+"/"+fileSummary, amount) }

func amount(row func(string) string) error {
	if row("Purchase Price") == "" {
		return nil
	}
	quantity, err := strconv.ParseInt(row("Quantity"), 10, 64)
	if err != nil {
		return fmt.Errorf("licence %s: %q is no quantity", row("License"), row("Quantity"))
	}
	want, err := licensing.Amount(quantity, v1alpha1.Price(row("Purchase Price")), v1alpha1.Currency(row("Currency")))
	if err != nil {
		return err
	}
	if got := row("Amount"); got != string(want) {
		return fmt.Errorf("licence %s: %d at %s is %s, and the summary says %s", row("License"), quantity, row("Purchase Price"), want, got)
	}
	return nil
}

// table visits the rows of a CSV file, whose columns are found by their names.
func (v *verifier) table(name string, visit func(row func(column string) string) error) error {
	in, err := v.zip.Open(name)
	if err != nil {
		return fmt.Errorf("%s is missing", name)
	}
	defer func() { _ = in.Close() }()
	rows := csv.NewReader(in)
	rows.ReuseRecord = true
	header, err := rows.Read()
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	columns := map[string]int{}
	for i, column := range header {
		columns[column] = i
	}
	for {
		record, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if err := visit(func(column string) string {
			if i, ok := columns[column]; ok {
				return record[i]
			}
			return ""
		}); err != nil {
			return err
		}
	}
}

// checkChain checks that each month follows the one before it, and each
// correction the report that it corrects.
func (v *verifier) checkChain() {
	digests := map[string]string{}
	var months []Report
	for _, report := range v.Reports {
		digests[report.Name] = report.Digest
		if report.Corrects == "" {
			months = append(months, report)
		}
	}
	for i, report := range months {
		if i == 0 {
			continue
		}
		before := months[i-1]
		previous, err := licensing.ParseMonth(before.Month)
		switch {
		case err != nil:
		case previous.Next().Name() != report.Month:
			err = fmt.Errorf("%s comes after %s: the months between are missing, or the order was changed", report.Month, before.Month)
		case report.Previous != before.Digest:
			err = fmt.Errorf("it follows a report with the digest %q, and that of %s is %s", report.Previous, before.Month, before.Digest)
		}
		v.check("report "+report.Name+" follows "+before.Name, err)
	}
	for _, report := range v.Reports {
		if corrected, held := digests[report.Corrects]; report.Corrects != "" && held {
			var err error
			if corrected != report.Previous {
				err = fmt.Errorf("it corrects a report with the digest %s, and that of %s is %s", report.Previous, report.Corrects, corrected)
			}
			v.check("report "+report.Name+" corrects "+report.Corrects, err)
		}
	}
}
