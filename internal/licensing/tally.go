// SPDX-License-Identifier: Apache-2.0

package licensing

import (
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/terms/agreement"
)

// DetailColumns name the columns of a report's detail.
var DetailColumns = []string{
	"Period", "Customer Id", "License", "SKU", "Agreement", "Username", "Host", "Cores",
	"First Access", "Last Access", "Exemption", "Counted", "Usage Record",
}

// Counted values of a row of detail.
const (
	countedYes = "Yes"
	countedNo  = "No"
)

// Record is one part of a tenant's usage record.
type Record struct {
	Name   string
	Status *v1alpha1.UsageRecordStatus
}

// Tally sums up the usage records of one month into a report. It holds no
// detail: that goes to a writer, row by row, in an order that is always the same.
type Tally struct {
	// OnRow, if set, is told of each row of detail, and whether it counts.
	OnRow func(tenant, license string, counted bool)

	month Month
	rules Rules
	out   *csv.Writer
	hash  hash.Hash

	rows     int64
	last     string
	quantity map[string]int64
	exempt   map[string]int64
	tenants  map[string]int32
	hosts    map[nodeKey]int32                           // most cores that a node counts for
	people   map[exemptionKey]map[v1alpha1.Username]bool // who is covered by a limited exemption
	missing  map[string]bool
}

type exemptionKey struct{ license, name string }

// NewTally returns a tally of one month that writes its detail, as CSV, to a
// writer; nil: nowhere.
func NewTally(month Month, rules Rules, detail io.Writer) (*Tally, error) {
	t := &Tally{
		month: month, rules: rules, hash: sha256.New(),
		quantity: map[string]int64{}, exempt: map[string]int64{}, tenants: map[string]int32{}, hosts: map[nodeKey]int32{},
		people: map[exemptionKey]map[v1alpha1.Username]bool{}, missing: map[string]bool{},
	}
	if detail == nil {
		detail = io.Discard
	}
	t.out = csv.NewWriter(io.MultiWriter(t.hash, detail))
	return t, t.out.Write(DetailColumns)
}

// Add counts the parts of one tenant's record. Tenants come in the order in
// which an API server lists their namespaces' objects.
func (t *Tally) Add(tenant string, parts ...Record) error {
	if key := tenant + "/"; key <= t.last {
		return fmt.Errorf("the records of tenant %s are out of order or come twice", tenant)
	} else {
		t.last = key
	}
	type row struct {
		license, name string
		user          *v1alpha1.UserUsage
		node          *v1alpha1.NodeUsage
		record        string
	}
	var rows []row
	for _, part := range parts {
		if part.Status.Month != t.month.Name() {
			return fmt.Errorf("record %s of tenant %s is of %s, not of %s", part.Name, tenant, part.Status.Month, t.month.Name())
		}
		for i := range part.Status.Users {
			u := &part.Status.Users[i]
			rows = append(rows, row{string(u.License), string(u.Username), u, nil, part.Name})
		}
		for i := range part.Status.Nodes {
			n := &part.Status.Nodes[i]
			rows = append(rows, row{string(n.License), n.Node, nil, n, part.Name})
		}
	}
	slices.SortFunc(rows, func(a, b row) int {
		if c := strings.Compare(a.license, b.license); c != 0 {
			return c
		}
		return strings.Compare(a.name, b.name)
	})
	used := map[string]bool{}
	for i, r := range rows {
		if i > 0 && rows[i-1].license == r.license && rows[i-1].name == r.name {
			return fmt.Errorf("%s of tenant %s is recorded twice for licence %s, in %s and in %s", r.name, tenant, r.license, rows[i-1].record, r.record)
		}
		rule, ok := t.rules[r.license]
		if !ok {
			t.missing[r.license] = true
			continue
		}
		if !used[r.license] {
			used[r.license] = true
			t.tenants[r.license]++
		}
		columns := []string{string(t.month.Name()), tenant, r.license, rule.Line.PartNumber, string(rule.Agreement)}
		if r.user != nil {
			exemption := t.countUser(rule, r.user)
			counted := countedYes
			if exemption != "" {
				counted = countedNo
			}
			columns = append(columns, r.name, "", "", stamp(&r.user.FirstAccessAt), stamp(r.user.LastAccessAt), r.user.Exemption, counted, r.record)
		} else {
			t.countNode(r.node)
			columns = append(columns, "", r.name, strconv.Itoa(int(r.node.Cores)), stamp(&r.node.FirstUsedAt), stamp(r.node.LastUsedAt), "", countedYes, r.record)
		}
		t.rows++
		if t.OnRow != nil {
			t.OnRow(tenant, r.license, columns[len(columns)-2] == countedYes)
		}
		if err := t.out.Write(columns); err != nil {
			return err
		}
	}
	return nil
}

// countUser counts a user, unless an exemption that is not used up covers the
// use; it returns the exemption that does.
func (t *Tally) countUser(rule Rule, u *v1alpha1.UserUsage) string {
	license := string(u.License)
	if applied, ok := rule.Exemptions[u.Exemption]; ok && u.Exemption != "" {
		key := exemptionKey{license, u.Exemption}
		if t.people[key] == nil {
			t.people[key] = map[v1alpha1.Username]bool{}
		}
		people := t.people[key]
		if people[u.Username] || applied.MaximumUsers == nil || len(people) < int(*applied.MaximumUsers) {
			people[u.Username] = true
			t.exempt[license]++
			return u.Exemption
		}
	}
	t.quantity[license]++
	return ""
}

// countNode counts a node once for all tenants, for the most cores it had.
func (t *Tally) countNode(n *v1alpha1.NodeUsage) {
	key := nodeKey{string(n.License), n.Node}
	t.hosts[key] = max(t.hosts[key], n.Cores)
}

// Result is what a tally comes to.
type Result struct {
	// Lines to report, and those to track only, by licence.
	Lines, Tracked []v1alpha1.ReportLine
	// Exemptions that were applied.
	Exemptions []v1alpha1.AppliedExemption
	// Rows of detail.
	Rows int64
	// Detail is the digest of the detail.
	Detail string
	// Missing are the licences that records name and no rule covers.
	Missing []string
	// Unpriced are the licences to report whose prices do not reach back to the month.
	Unpriced []string
}

// Result returns what was counted.
func (t *Tally) Result() (Result, error) {
	t.out.Flush()
	if err := t.out.Error(); err != nil {
		return Result{}, err
	}
	r := Result{Rows: t.rows, Detail: digest(t.hash)}
	for key, cores := range t.hosts {
		t.quantity[key.license] += Packs(int64(cores), t.rules[key.license].Line.PackSize)
	}
	for license := range t.tenants {
		rule := t.rules[license]
		line := rule.Line
		line.Quantity, line.Exempt, line.Tenants = t.quantity[license], t.exempt[license], t.tenants[license]
		if rule.Agreement == v1alpha1.AgreementCustomerOwned {
			r.Tracked = append(r.Tracked, line)
			continue
		}
		if !rule.Priced {
			r.Unpriced = append(r.Unpriced, license)
		}
		if err := price(&line); err != nil {
			return Result{}, err
		}
		r.Lines = append(r.Lines, line)
	}
	for key, people := range t.people {
		e := t.rules[key.license].Exemptions[key.name]
		e.Users = int64(len(people))
		r.Exemptions = append(r.Exemptions, e)
	}
	for license := range t.missing {
		r.Missing = append(r.Missing, license)
	}
	slices.Sort(r.Missing)
	slices.Sort(r.Unpriced)
	r.Lines, r.Tracked, r.Exemptions = sorted(r.Lines, byLicense), sorted(r.Tracked, byLicense), sorted(r.Exemptions, byExemption)
	return r, nil
}

// price sets a line's amount.
func price(line *v1alpha1.ReportLine) error {
	if line.UnitPrice == "" {
		return nil
	}
	amount, err := Amount(line.Quantity, line.UnitPrice, line.Currency)
	if err != nil {
		return fmt.Errorf("licence %s: %w", line.License, err)
	}
	line.Amount = amount
	return nil
}

// Amount returns what a quantity at a unit price comes to, rounded half up to the
// currency's minor unit.
func Amount(quantity int64, unitPrice v1alpha1.Price, currency v1alpha1.Currency) (v1alpha1.Amount, error) {
	unit, err := decimal.NewFromString(string(unitPrice))
	if err != nil {
		return "", fmt.Errorf("the price %q is not an amount", unitPrice)
	}
	scale, err := agreement.MinorUnit(string(currency))
	if err != nil {
		return "", err
	}
	return v1alpha1.Amount(unit.Mul(decimal.NewFromInt(quantity)).Round(scale).StringFixed(scale)), nil
}

// Correct returns the lines of a correction: those of the report that it
// corrects with the adjustments applied.
func Correct(corrected []v1alpha1.ReportLine, adjustments []v1alpha1.ReportAdjustment, rules Rules) ([]v1alpha1.ReportLine, error) {
	lines := map[string]v1alpha1.ReportLine{}
	for _, line := range corrected {
		lines[string(line.License)] = line
	}
	var faults []error
	for _, a := range adjustments {
		name := string(a.License)
		line, ok := lines[name]
		if !ok {
			rule, known := rules[name]
			if !known || rule.Agreement == v1alpha1.AgreementCustomerOwned {
				faults = append(faults, fmt.Errorf("licence %s is neither in the corrected report nor one that is reported", name))
				continue
			}
			line = rule.Line
		}
		line.Quantity += a.Quantity
		lines[name] = line
	}
	var result []v1alpha1.ReportLine
	for name, line := range lines {
		if line.Quantity < 0 {
			faults = append(faults, fmt.Errorf("the adjustments leave %d of licence %s; at least 0 must remain", line.Quantity, name))
		}
		faults = append(faults, price(&line))
		result = append(result, line)
	}
	return sorted(result, byLicense), errors.Join(faults...)
}

// stamp writes a moment as the detail does: RFC 3339 in UTC, or nothing.
func stamp(t *metav1.Time) string {
	if t == nil || t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func digest(h hash.Hash) string { return "sha256:" + hex.EncodeToString(h.Sum(nil)) }
