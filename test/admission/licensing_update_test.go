// SPDX-License-Identifier: Apache-2.0

package admission

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

func TestUpdateLicense(t *testing.T) {
	testUpdate(t, license, "", "", []row{
		refused(`spec: {metric: Core, exemptions: null}`, `spec.metric`, `is immutable: what was counted would lose its meaning; make another License`),
		refused(`spec: {agreement: CustomerOwned}`, `spec.agreement`, `is immutable: what was reported would lose its meaning; make another License`),
		accepted(`spec: {agreement: null}`), // the default is what it was
		refused(`spec: {cores: {packSize: 2}}`, `spec.cores`, `goes with metric Core only`),
		accepted(`spec: {displayName: RDS SAL, vendor: null, enrollment: "87654321", partNumber: 6WC-00003, exemptions: null}`),
		accepted(`spec: {costs: [{from: "2026-01-01", amount: "5.25", currency: EUR}], prices: [{from: "2026-01-01", amount: "9.00", currency: EUR}]}`),
		accepted(`spec: {prices: [{from: "2026-01-01", amount: "5.25", currency: EUR}, {from: "2027-01-01", amount: "5.50", currency: EUR}]}`),
		refused(`status: {month: 2026-13}`, `status.month`, `should match`),
		accepted(`status: {month: 2026-12, quantity: 42, tenants: 5}`),
	})
}

func TestUpdateLicenseOfTheCustomer(t *testing.T) {
	testUpdate(t, license, `spec: {agreement: CustomerOwned}`, "", []row{
		refused(`spec: {agreement: SPLA}`, `spec.agreement`, `is immutable`),
		refused(`spec: {agreement: null}`, `spec.agreement`, `is immutable`),
		accepted(`spec: {agreement: CustomerOwned, vendor: Another}`),
	})
}

func TestUpdateLicenseOfCores(t *testing.T) {
	testUpdate(t, licenseOfCores, "", "", []row{
		refused(`spec: {metric: User, cores: null}`, `spec.metric`, `is immutable`),
		accepted(`spec: {cores: {minimumPerNode: 8, minimumPerProcessor: null, packSize: 4}}`),
		accepted(`spec: {cores: null}`),
	})
}

// The entries of usageRecord, to make other lists from.
const (
	anna      = `{license: windows-rds-sal, username: anna@jansen.example, firstAccessAt: "2026-10-31T23:00:00Z"}`
	piet      = `{license: windows-rds-sal, username: piet@jansen.example, firstAccessAt: "2026-11-05T08:00:00Z", lastAccessAt: "2026-11-20T17:00:00Z", exemption: customer-trial}`
	omar      = `{license: windows-rds-sal, username: omar@jansen.example, firstAccessAt: "2026-11-06T08:00:00Z"}`
	node1     = `{license: windows-server-standard-core, node: node-1, cores: 16, firstUsedAt: "2026-10-31T23:00:00Z"}`
	node2     = `{license: windows-server-standard-core, node: node-2, cores: 24, firstUsedAt: "2026-11-05T08:00:00Z", lastUsedAt: "2026-11-20T17:00:00Z"}`
	node3     = `{license: windows-server-standard-core, node: node-3, cores: 16, firstUsedAt: "2026-11-06T08:00:00Z"}`
	annasDesk = `{name: anna, class: standard, username: anna@jansen.example, from: "2026-10-31T23:00:00Z"}`
	pietsDesk = `{name: piet, class: standard, username: piet@jansen.example, from: "2026-11-05T08:00:00Z", until: "2026-11-20T17:00:00Z"}`
	omarsDesk = `{name: omar, class: standard, username: omar@jansen.example, from: "2026-11-06T08:00:00Z"}`
)

// Those of draftReport.
const (
	bookkeeping = `{license: customer-bookkeeping, metric: User, quantity: 4, tenants: 1}`
	drawing     = `{license: customer-drawing, metric: User, quantity: 2, tenants: 1}`
)

// entries returns a change of a list in a record's status.
func entries(list string, content ...string) string {
	return `status: {` + list + `: [` + strings.Join(content, ", ") + `]}`
}

// instead returns an entry with a field of another value.
func instead(entry, old, other string) string {
	if strings.Count(entry, old) != 1 {
		panic(old + " is not once in " + entry)
	}
	return strings.Replace(entry, old, other, 1)
}

func TestUpdateOpenUsageRecord(t *testing.T) {
	const grow = `only grow`
	testUpdate(t, usageRecord, "", "", []row{
		refused(`status: {month: 2026-12}`, `status.month`, `is immutable`),
		refused(`status: null`, `status`, `must not be removed: a record only grows`),
		accepted(`metadata: {labels: {seen: "true"}}`),
		accepted(closing),
		accepted(`{metadata: {labels: {seen: "true"}}, ` + closing + `}`),

		refused(entries(`users`, anna), `status.users`, `only grow: nobody who counted may be taken out`),
		refused(entries(`users`), `status.users`, `only grow: nobody who counted may be taken out`),
		refused(`status: {users: null}`, `status.users`, `only grow: nobody who counted may be taken out`),
		accepted(entries(`users`, anna, piet, omar)),
		refused(entries(`users`, anna, omar), `status.users of UsageRecord`, `only grow at their end: whoever counted stays`),
		refused(entries(`users`, omar, anna, piet), `status.users of UsageRecord`, `only grow at their end`),
		accepted(entries(`users`, anna, piet)),
		refused(entries(`users`, instead(anna, `10-31T23`, `10-31T22`), piet), `status.users[0].firstAccessAt`, `is immutable`),
		refused(entries(`users`, anna, instead(piet, `05T08`, `05T09`)), `status.users[1].firstAccessAt`, `is immutable`),
		accepted(entries(`users`, instead(anna, `}`, `, lastAccessAt: "2026-11-07T08:00:00Z"}`), piet)),
		accepted(entries(`users`, anna, instead(piet, `lastAccessAt: "2026-11-20T17:00:00Z", `, ``))),
		accepted(entries(`users`, anna, instead(piet, `, exemption: customer-trial`, ``))),

		refused(entries(`nodes`, node1), `status.nodes`, grow),
		refused(entries(`nodes`), `status.nodes`, grow),
		refused(`status: {nodes: null}`, `status.nodes`, grow),
		accepted(entries(`nodes`, node1, node2, node3)),
		refused(entries(`nodes`, node1, node3), `status.nodes of UsageRecord`, `only grow at their end`),
		refused(entries(`nodes`, instead(node1, `cores: 16`, `cores: 15`), node2), `status.nodes[0].cores`, grow),
		accepted(entries(`nodes`, instead(node1, `cores: 16`, `cores: 17`), node2)),
		refused(entries(`nodes`, node1, instead(node2, `05T08`, `05T09`)), `status.nodes[1].firstUsedAt`, `is immutable`),
		accepted(entries(`nodes`, node1, instead(node2, `, lastUsedAt: "2026-11-20T17:00:00Z"`, ``))),

		refused(entries(`workplaces`, annasDesk), `status.workplaces`, grow),
		refused(entries(`workplaces`), `status.workplaces`, grow),
		refused(`status: {workplaces: null}`, `status.workplaces`, grow),
		accepted(entries(`workplaces`, annasDesk, pietsDesk, omarsDesk)),
		accepted(entries(`workplaces`, annasDesk, instead(pietsDesk, `, until: "2026-11-20T17:00:00Z"`, ``))),
	})
}

func TestUpdateEmptyUsageRecord(t *testing.T) {
	testUpdate(t, usageRecord, `status: {users: null, nodes: null, workplaces: null}`, "", []row{
		refused(`status: null`, `status`, `must not be removed: a record only grows`),
		accepted(`{status: {users: [` + anna + `], nodes: [` + node1 + `], workplaces: [` + annasDesk + `]}}`),
		accepted(closing),
	})
}

func TestUpdateClosedUsageRecord(t *testing.T) {
	const (
		byRule   = `status: Invalid value`
		closed   = `is closed and never changes again; correct the month with a LicenseReport that names the one it corrects`
		byPolicy = `must not change, nor the order of its entries: the record is closed; correct the month with a LicenseReport`
		labels   = `must not change: the record is closed`
	)
	testUpdate(t, usageRecord, closing, "", []row{
		refused(`status: null`, byRule, closed),
		refused(`status: {closedAt: null}`, byRule, closed),
		refused(`status: {closedAt: "2026-11-30T23:00:31Z"}`, byRule, closed),
		refused(`status: {timeZone: Europe/London}`, byRule, closed),
		refused(`status: {conditions: null}`, byRule, closed),
		refused(entries(`users`, anna, piet, omar), byRule, closed),
		refused(entries(`users`, anna), byRule, closed),
		refused(entries(`users`, instead(anna, `}`, `, lastAccessAt: "2026-11-07T08:00:00Z"}`), piet), byRule, closed),
		refused(entries(`nodes`, instead(node1, `cores: 16`, `cores: 17`), node2), byRule, closed),
		refused(entries(`workplaces`, annasDesk, pietsDesk, omarsDesk), byRule, closed),
		// The rule of the CRD takes lists with keys for equal in any order.
		refused(entries(`users`, piet, anna), `status of UsageRecord`, byPolicy),
		refused(entries(`nodes`, node2, node1), `status of UsageRecord`, byPolicy),
		refused(entries(`workplaces`, pietsDesk, annasDesk), `status of UsageRecord`, byPolicy),
		accepted(entries(`users`, anna, piet)),
		accepted(closing),

		refused(`metadata: {labels: {seen: "true"}}`, `metadata.labels of UsageRecord`, labels),
		refused(`metadata: {labels: {werkplek.dev/tenant: pietersen}}`, `metadata.labels of UsageRecord`, labels),
		refused(`metadata: {labels: {werkplek.dev/tenant: null}}`, `metadata.labels of UsageRecord`, labels),
		refused(`metadata: {labels: null}`, `metadata.labels of UsageRecord`, labels),
		accepted(`metadata: {labels: {werkplek.dev/tenant: jansen}}`),
		accepted(`metadata: {managedFields: [{}]}`),
	})
}

// A record can be closed without anything in it, and without labels.
func TestUpdateClosedEmptyUsageRecord(t *testing.T) {
	testUpdate(t, usageRecord, `{metadata: {labels: null}, status: {users: null, nodes: null, workplaces: null, conditions: null, closedAt: "2026-11-30T23:00:30Z"}}`, "", []row{
		refused(entries(`users`, anna), `status: Invalid value`, `is closed and never changes again`),
		refused(`status: {users: []}`, `is closed`),
		refused(`metadata: {labels: {seen: "true"}}`, `metadata.labels of UsageRecord`, `the record is closed`),
		accepted(`metadata: {labels: null}`),
	})
}

func TestUpdateLicenseReport(t *testing.T) {
	testUpdate(t, licenseReport, "", draftReport, []row{
		refused(`spec: {submission: {"on": "2026-12-04"}}`, `spec.submission`, onceFinal),
		refused(`spec: {corrects: {name: "2026-10"}, adjustments: [{license: rds, quantity: 1, reason: forgotten}]}`, `spec.corrects`, `is immutable`),
		refused(`spec: {adjustments: [{license: rds, quantity: 1, reason: forgotten}]}`, `spec`, needsBoth),
		refused(`status: {month: 2026-13}`, `status.month`, `should match`),
		refused(`status: {dueOn: "2026-12-32"}`, `status.dueOn`, `must be of type date`),
		refused(`status: {digest: "`+strings.Repeat("d", 72)+`"}`, `status.digest`, `more than 71`),
		refused(`status: {previousDigest: "`+strings.Repeat("d", 72)+`"}`, `status.previousDigest`, `more than 71`),
		refused(`status: {lines: [{license: rds, quantity: 1, unitPrice: "-1"}]}`, `status.lines[0].unitPrice`, aPrice),
		refused(`status: {lines: [{license: rds, quantity: 1, amount: "1.00001"}]}`, `status.lines[0].amount`, anAmount),
		refused(`status: {lines: [{license: rds, quantity: 1, currency: eur}]}`, `status.lines[0].currency`, aCurrency),
		refused(`status: {tracked: [{license: rds, quantity: 1, unitPrice: "-1"}]}`, `status.tracked[0].unitPrice`, aPrice),
		refused(`status: {tracked: [{license: rds, quantity: 1, amount: "1.00001"}]}`, `status.tracked[0].amount`, anAmount),
		refused(`status: {tracked: [{license: rds, quantity: 1, currency: eur}]}`, `status.tracked[0].currency`, aCurrency),
		refused(`status: {lines: [{license: rds, quantity: 1, metric: Device}]}`, `status.lines[0].metric`, `"User", "Core"`),
		refused(`status: {lines: [{license: rds, quantity: 1}, {license: rds, quantity: 2}]}`, `status.lines[1]`, `Duplicate value`),
		refused(`status: {exemptions: [{license: rds, name: a, users: 1}, {license: rds, name: a, users: 2}]}`, `status.exemptions[1]`, `Duplicate value`),
		accepted(`status: {lines: [{license: rds, quantity: -1, unitPrice: "1", amount: "-1.0000", currency: EUR}, {license: office, quantity: 2}]}`),
		accepted(`status: {month: 2026-12, lines: null, tracked: null, exemptions: null, rows: null, zeroUsage: null, digest: null, previousDigest: null, dueOn: null}`),
		accepted(`status: null`),
		accepted(final),
	})
}

func TestUpdateFinalLicenseReport(t *testing.T) {
	never := func(changes, field string) row { return refused(changes, field+`: Invalid value`, neverAgain) }
	testUpdate(t, licenseReport, "", finalReport(), []row{
		never(`status: null`, `status`),
		never(`status: {finalAt: null}`, `status`),
		never(`status: {finalAt: "2026-12-01T00:01:01Z"}`, `status`),
		never(`status: {month: 2026-12}`, `status.month`),
		never(`status: {month: null}`, `status.month`),
		never(`status: {dueOn: "2026-12-31"}`, `status.dueOn`),
		never(`status: {dueOn: null}`, `status.dueOn`),
		never(`status: {lines: null}`, `status.lines`),
		never(`status: {lines: []}`, `status.lines`),
		never(`status: {tracked: null}`, `status.tracked`),
		never(`status: {tracked: []}`, `status.tracked`),
		never(`status: {exemptions: null}`, `status.exemptions`),
		never(`status: {exemptions: []}`, `status.exemptions`),
		never(`status: {rows: 66}`, `status.rows`),
		never(`status: {rows: null}`, `status.rows`),
		never(`status: {zeroUsage: true}`, `status.zeroUsage`),
		never(`status: {zeroUsage: null}`, `status.zeroUsage`),
		never(`status: {digest: "sha256:2f1d"}`, `status.digest`),
		never(`status: {digest: null}`, `status.digest`),
		never(`status: {previousDigest: "sha256:77a1"}`, `status.previousDigest`),
		never(`status: {previousDigest: null}`, `status.previousDigest`),
		// The rules of the CRD take lists with keys for equal in any order.
		refused(entries(`tracked`, drawing, bookkeeping), `status of LicenseReport`, `must not change, nor the order of its entries: the report is final; correct it with a LicenseReport`),
		accepted(entries(`tracked`, bookkeeping, drawing)),
		accepted(final),
		accepted(`status: {observedGeneration: 2, conditions: null}`),
		accepted(`status: {conditions: [{type: Submitted, status: "True", reason: Submitted, message: "", lastTransitionTime: "2026-12-04T10:00:00Z"}]}`),
		accepted(`spec: {submission: {"on": "2026-12-04", reference: "4711"}}`),
		accepted(`spec: {submission: {"on": "2026-12-04"}}`),
		refused(`spec: {submission: {"on": "2026-12-32"}}`, `spec.submission.on`, `must be of type date`),
		accepted(`spec: {submission: {submittedOn: 2026-12-04}}`),
		accepted(`spec: {submission: {submittedOn: "2026-12-04", "on": "2026-12-04"}}`),
		refused(`spec: {submission: {submittedOn: "2026-12-04", "on": "2026-12-05"}}`, `spec.submission.on`, `older name of submittedOn`),
		refused(`spec: {submission: {reference: "4711"}}`, `spec.submission.submittedOn`, `is required`),
		refused(`spec: {submission: {"on": "2026-12-04", reference: "`+strings.Repeat("r", 201)+`"}}`, `spec.submission.reference`, `more than 200`),
		refused(`spec: {corrects: {name: "2026-10"}, adjustments: [{license: rds, quantity: 1, reason: forgotten}]}`, `spec.corrects`, `is immutable`),
		accepted(`metadata: {labels: {seen: "true"}}`),
	})
}

// A report without use is final as well: nothing can be put into it.
func TestUpdateFinalZeroReport(t *testing.T) {
	never := func(changes, field string) row { return refused(changes, field+`: Invalid value`, neverAgain) }
	testUpdate(t, licenseReport, "", final, []row{
		never(`status: {month: 2026-12}`, `status.month`),
		never(`status: {dueOn: "2026-12-31"}`, `status.dueOn`),
		never(`status: {lines: [{license: rds, quantity: 1}]}`, `status.lines`),
		never(`status: {tracked: [{license: rds, quantity: 1}]}`, `status.tracked`),
		never(`status: {exemptions: [{license: rds, name: a, users: 1}]}`, `status.exemptions`),
		never(`status: {rows: 1}`, `status.rows`),
		never(`status: {zeroUsage: true}`, `status.zeroUsage`),
		never(`status: {digest: "sha256:2f1d"}`, `status.digest`),
		never(`status: {previousDigest: "sha256:77a1"}`, `status.previousDigest`),
		accepted(`spec: {submission: {"on": "2026-12-04"}}`),
	})
}

func TestUpdateSubmittedReport(t *testing.T) {
	t.Parallel()
	stored := storedReport(t, finalReport())
	if err := patchStored(t, operator(), stored, `spec: {submission: {"on": "2026-12-04", reference: "4711"}}`); err != nil {
		t.Fatal(err)
	}
	const once = `is set once: it records what was sent to the vendor`
	for _, row := range []row{
		refused(`spec: {submission: {"on": "2026-12-05"}}`, `spec.submission`, once),
		refused(`spec: {submission: {reference: "4712"}}`, `spec.submission`, once),
		refused(`spec: {submission: {reference: null}}`, `spec.submission`, once),
		refused(`spec: {submission: null}`, `spec.submission`, once),
		refused(`spec: null`, `spec.submission`, once),
		accepted(`spec: {submission: {"on": "2026-12-04", reference: "4711"}}`),
		accepted(`metadata: {labels: {seen: "true"}}`),
	} {
		t.Run(row.changes, func(t *testing.T) {
			t.Parallel()
			expect(t, patchStored(t, operator(), stored, row.changes, client.DryRunAll), row.want...)
		})
	}
}

func TestUpdateCorrection(t *testing.T) {
	const (
		immutable   = `is immutable`
		adjustments = `are immutable: correct a correction with another one that names it`
	)
	for _, status := range []string{"", finalReport()} {
		t.Run(fmt.Sprintf("final=%t", status != ""), func(t *testing.T) {
			rows := []row{
				refused(`spec: {corrects: {name: "2026-10"}}`, `spec.corrects`, immutable),
				refused(`spec: {corrects: null}`, `spec.corrects`, immutable),
				refused(`spec: {adjustments: null}`, `spec.adjustments`, adjustments),
				refused(`spec: {adjustments: [{license: rds, quantity: 1, reason: forgotten}]}`, `spec.adjustments`, adjustments),
				accepted(`spec: {corrects: {name: "2026-11"}}`),
				accepted(`spec: {adjustments: [{license: windows-rds-sal, tenant: jansen, username: anna@jansen.example, quantity: -1, reason: a test account of the provider}]}`),
			}
			if status == "" {
				rows = append(rows, refused(`spec: {submission: {"on": "2026-12-04"}}`, `spec.submission`, onceFinal))
			} else {
				rows = append(rows, accepted(`spec: {submission: {"on": "2026-12-04"}}`))
			}
			testUpdate(t, correction, "", status, rows)
		})
	}
}

// finalReport is draftReport, become final.
func finalReport() string { return draftReport + `  finalAt: "2026-12-01T00:01:00Z"` + "\n" }

// storedReport makes a month's report with a status.
func storedReport(t *testing.T, status string) *unstructured.Unstructured {
	t.Helper()
	stored := object(t, licenseReport, "", "")
	rename(stored)
	create(t, stored)
	if err := patchStored(t, operator(), stored, status); err != nil {
		t.Fatal(err)
	}
	if err := operator().Get(t.Context(), client.ObjectKeyFromObject(stored), stored); err != nil {
		t.Fatal(err)
	}
	return stored
}

// Every single edit of a closed record is refused, at whatever depth; as a new
// record, the same would be accepted.
func TestClosedUsageRecordNeverChanges(t *testing.T) {
	t.Parallel()
	namespace := tenantNamespace(t, "jansen")
	stored := object(t, usageRecord, closing, namespace)
	create(t, stored)
	status := stored.Object["status"].(map[string]any)
	for _, edit := range edits(status, "status") {
		t.Run(edit.what, func(t *testing.T) {
			t.Parallel()
			edited := stored.DeepCopy()
			edited.Object["status"] = edit.apply(edited.Object["status"])
			another := object(t, usageRecord, "", namespace)
			another.SetName("another")
			another.Object["status"] = runtime.DeepCopyJSONValue(edited.Object["status"])
			err := operator().Update(t.Context(), edited, client.DryRunAll)
			if invalid := operator().Create(t.Context(), another, client.DryRunAll); invalid != nil {
				expect(t, invalid, "Required value")
				expect(t, err, "Required value")
				return
			}
			expect(t, err, " closed")
		})
	}
}

// Every single edit of a final report is refused, at whatever depth; that of a
// draft is accepted. Conditions are what the operator says of either.
func TestFinalLicenseReportNeverChanges(t *testing.T) {
	t.Parallel()
	stored, draft := storedReport(t, finalReport()), storedReport(t, draftReport)
	status := stored.Object["status"].(map[string]any)
	for _, edit := range edits(status, "status") {
		free := strings.HasPrefix(edit.what, "status.conditions") || strings.HasPrefix(edit.what, "status.observedGeneration")
		t.Run(edit.what, func(t *testing.T) {
			t.Parallel()
			edited, other := stored.DeepCopy(), draft.DeepCopy()
			edited.Object["status"] = edit.apply(edited.Object["status"])
			other.Object["status"] = runtime.DeepCopyJSONValue(edited.Object["status"])
			err := operator().Status().Update(t.Context(), edited, client.DryRunAll)
			if invalid := operator().Status().Update(t.Context(), other, client.DryRunAll); invalid != nil {
				expect(t, invalid, "Required value")
				expect(t, err, "Required value")
			} else if free {
				expect(t, err)
			} else {
				expect(t, err, " is final")
			}
		})
	}
}

// edit is one change of something read from JSON.
type edit struct {
	what  string
	apply func(any) any
}

// edits returns every single edit of a value: each field and each entry
// changed, removed, added twice over where keys allow it, and put elsewhere.
func edits(value any, path string) []edit {
	all := []edit{}
	within := func(child any, path string, put func(parent, child any) any, get func(parent any) any) {
		for _, inner := range edits(child, path) {
			all = append(all, edit{inner.what, func(parent any) any { return put(parent, inner.apply(get(parent))) }})
		}
	}
	switch value := value.(type) {
	case map[string]any:
		for key, child := range value {
			all = append(all, edit{path + "." + key + " removed", func(v any) any { delete(v.(map[string]any), key); return v }})
			within(child, path+"."+key,
				func(parent, child any) any { parent.(map[string]any)[key] = child; return parent },
				func(parent any) any { return parent.(map[string]any)[key] })
		}
	case []any:
		all = append(all,
			edit{path + " emptied", func(any) any { return []any{} }},
			edit{path + " with one entry more", func(v any) any {
				added := runtime.DeepCopyJSONValue(v.([]any)[0]).(map[string]any)
				for _, key := range []string{"type", "license", "name"} {
					if text, ok := added[key].(string); ok {
						added[key] = text + "-2"
						break
					}
				}
				return append(v.([]any), added)
			}})
		if len(value) > 1 {
			all = append(all, edit{path + " in another order", func(v any) any { slices.Reverse(v.([]any)); return v }})
		}
		for i, child := range value {
			inner := fmt.Sprintf("%s[%d]", path, i)
			all = append(all, edit{inner + " removed", func(v any) any { return slices.Delete(v.([]any), i, i+1) }})
			within(child, inner,
				func(parent, child any) any { parent.([]any)[i] = child; return parent },
				func(parent any) any { return parent.([]any)[i] })
		}
	default:
		all = append(all, edit{path + " changed", func(v any) any { return other(v) }})
	}
	return all
}

// other returns another value of the same kind.
func other(value any) any {
	switch value := value.(type) {
	case bool:
		return !value
	case int64:
		return value + 1
	case string:
		for from, to := range map[string]string{"User": "Core", "Core": "User", "EUR": "CHF", "True": "False", "2026-11": "2026-10"} {
			if value == from {
				return to
			}
		}
		if moment, err := time.Parse(time.RFC3339, value); err == nil {
			return moment.Add(time.Second).Format(time.RFC3339)
		}
		if day, err := time.Parse(time.DateOnly, value); err == nil {
			return day.AddDate(0, 0, 1).Format(time.DateOnly)
		}
		return value + "1"
	}
	panic(fmt.Sprintf("%T", value))
}
