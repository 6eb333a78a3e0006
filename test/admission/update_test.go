// SPDX-License-Identifier: Apache-2.0

package admission

import (
	"encoding/json"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// testUpdate changes a stored object, on trial. Its status is written first.
func testUpdate(t *testing.T, document, changes, status string, rows []row) {
	t.Helper()
	t.Parallel()
	stored := object(t, document, changes, tenantNamespace(t, "jansen"))
	rename(stored)
	create(t, stored)
	if status != "" {
		if err := patchStored(t, operator(), stored, status); err != nil {
			t.Fatal(err)
		}
	}
	for _, row := range append(rows, accepted(`metadata: {annotations: {seen: "true"}}`)) {
		t.Run(row.changes, func(t *testing.T) {
			t.Parallel()
			by := operator()
			if _, ok := parse(t, row.changes)["spec"]; ok && stored.GetKind() == "Suspension" {
				by = person()
			}
			expect(t, patchStored(t, by, stored, row.changes, client.DryRunAll), row.want...)
		})
	}
}

// patchStored merges changes into a stored object: by way of its status where
// they are about that, and its kind has it apart.
func patchStored(t *testing.T, by client.Client, stored *unstructured.Unstructured, changes string, options ...client.PatchOption) error {
	t.Helper()
	change := patch(t, changes)
	if _, ok := parse(t, changes)["status"]; !ok || stored.GetKind() == "UsageRecord" {
		return by.Patch(t.Context(), stored.DeepCopy(), change, options...)
	}
	var apart []client.SubResourcePatchOption
	for _, option := range options {
		apart = append(apart, option.(client.SubResourcePatchOption))
	}
	return by.Status().Patch(t.Context(), stored.DeepCopy(), change, apart...)
}

// patch returns a merge patch.
func patch(t *testing.T, changes string) client.Patch {
	t.Helper()
	encoded, err := json.Marshal(parse(t, changes))
	if err != nil {
		t.Fatal(err)
	}
	return client.RawPatch(types.MergePatchType, encoded)
}

func TestUpdateTenant(t *testing.T) {
	testUpdate(t, tenant, "", "", []row{
		refused(`spec: {contract: {noticeReceivedOn: "2026-01-14"}}`, `spec.contract`, `noticeReceivedOn must not be before startsOn`),
		accepted(`spec: {termsRef: {name: others}, resellerRef: null}`),
	})
}

func TestUpdateWorkplace(t *testing.T) {
	testUpdate(t, workplace, "", "", []row{
		refused(`spec: {home: {size: 39Gi}}`, `spec.home.size`, `must not shrink: a home only grows`),
		refused(`spec: {home: {size: 40G}}`, `spec.home.size`, `must not shrink: a home only grows`),
		refused(`spec: {home: {size: 40}}`, `spec.home.size`, `must not shrink: a home only grows`),
		refused(`spec: {home: null}`, `spec`, `home must not be removed: a home only grows`),
		accepted(`spec: {home: {size: 40960Mi}}`),
		accepted(`spec: {home: {size: 41Gi}}`),
		refused(`spec: {user: {username: bert@jansen.example}}`, `spec`, `user.username is immutable: the home belongs to this person; make another workplace`),
		accepted(`spec: {user: {name: Anna de Vries, email: anna@devries.example}}`),
		accepted(`spec: {classRef: {name: large}, access: Blocked, runPolicy: Stopped, licenses: null}`),
	})
}

func TestUpdateWorkplaceWithoutHome(t *testing.T) {
	testUpdate(t, workplace, `spec: {home: null}`, "", []row{
		accepted(`spec: {home: {size: 1Gi}}`),
		refused(`spec: {home: {size: "0"}}`, `spec.home.size`, `must be more than zero`),
	})
}

func TestUpdateManualSuspension(t *testing.T) {
	testUpdate(t, suspension, "", "", []row{
		refused(`spec: {cause: Abuse}`, `spec`, `cause is immutable: lift this suspension and make another`),
		refused(`spec: {cause: Arrears}`, `spec`, `cause is immutable`),
		refused(`spec: {since: "2026-11-02T23:00:00Z"}`, `spec`, `since is immutable: it is part of the record`),
		refused(`spec: {since: null}`, `spec`, `since is immutable`),
		accepted(`spec: {lift: true}`),
		accepted(`spec: {reason: "asked by the tenant, in writing"}`),
	})
}

// The operator may note something on what people ask for, and change none of it.
func TestOperatorMarks(t *testing.T) {
	t.Parallel()
	made := object(t, suspension, "", tenantNamespace(t, "jansen"))
	rename(made)
	create(t, made)
	expect(t, patchStored(t, operator(), made, `metadata: {annotations: {werkplek.dev/made-at: "2026-11-20T08:00:00Z"}}`, client.DryRunAll))
	for _, change := range []string{`spec: {lift: true}`, `spec: {reason: "something else"}`} {
		expect(t, patchStored(t, operator(), made, change, client.DryRunAll), "spec of Suspension "+made.GetName()+" is not for the operator to change")
	}
	request := stored(t, "")
	expect(t, patchStored(t, operator(), request, `metadata: {annotations: {werkplek.dev/made-at: "2026-11-20T08:00:00Z"}}`, client.DryRunAll))
}

func TestUpdateSuspensionWithoutSince(t *testing.T) {
	testUpdate(t, suspension, `spec: {since: null, lift: null}`, "", []row{
		refused(`spec: {since: "2026-11-02T23:00:00Z"}`, `spec`, `since is immutable`),
		accepted(`spec: {lift: true}`),
	})
}

func TestUpdateArrearsSuspension(t *testing.T) {
	testUpdate(t, suspension, `spec: {cause: Arrears, lift: null}`, "", []row{
		refused(`spec: {lift: true}`, `spec`, `lift does not apply to arrears: they lift on payment, or with spec.paymentArrangement of the Tenant`),
		accepted(`spec: {lift: false}`),
		accepted(`spec: {reason: "invoice 2026-0815 unpaid for more than 2 months"}`),
	})
}

func TestUpdateLiftedSuspension(t *testing.T) {
	testUpdate(t, suspension, `spec: {lift: true}`, `status: {liftedAt: "2026-11-03T10:00:00Z", liftedBecause: LiftedByHand}`, []row{
		refused(`spec: {lift: false}`, `spec`, `lift cannot be taken back: make another suspension`),
		refused(`spec: {lift: null}`, `spec`, `lift cannot be taken back: make another suspension`),
		refused(`status: {liftedAt: "2026-11-03T10:00:01Z"}`, `status`, `liftedAt is set once: a lifted suspension stays lifted`),
		refused(`status: {liftedAt: null}`, `status`, `liftedAt is set once: a lifted suspension stays lifted`),
		refused(`status: null`, `status.liftedAt`, `is set once: a lifted suspension stays lifted`),
		accepted(`status: {chargeRef: {name: reactivation}, observedGeneration: 2}`),
	})
}

func TestUpdateCharge(t *testing.T) {
	testUpdate(t, charge, "", "", []row{
		refused(`spec: {amount: "30.00"}`, `spec`, `is immutable: what was charged stays on record, and is credited in the billing system`),
		refused(`spec: {subject: {kind: Suspension, name: arrears-2026-11-02}}`, `spec`, `is immutable: what was charged`),
		refused(`spec: {group: {kind: AgreementEnd, "on": "2026-11-02"}}`, `spec`, `is immutable: what was charged`),
		refused(`spec: {description: more}`, `spec`, `is immutable`),
		refused(`status: {invoice: {number: ""}}`, `status.invoice.number`, `at least 1`),
		refused(`status: {invoice: {number: "2026-1010", issuedOn: "2026-11-31"}}`, `status.invoice.issuedOn`, `must be of type date`),
		refused(`status: {paid: true}`, `unknown field "status.paid"`),
		accepted(`status: {invoice: {number: "2026-1010", issuedOn: "2026-11-30"}}`),
	})
}

func TestUpdateNotice(t *testing.T) {
	testUpdate(t, notice, "", "", []row{
		refused(`spec: {type: Suspended}`, `spec`, `is immutable: what was said stays said`),
		refused(`spec: {to: [els@jansen.example]}`, `spec`, `is immutable`),
		refused(`spec: {facts: {invoice: 2026-0816}}`, `spec`, `is immutable`),
		refused(`status: {sentAt: yesterday}`, `status.sentAt`),
		refused(`status: {opened: true}`, `unknown field "status.opened"`),
		accepted(`status: {sentAt: "2026-11-01T08:00:00Z", messageID: <1@provider.example>, attempts: 1}`),
	})
}

func TestUpdateBillingAccount(t *testing.T) {
	const facts = `
status:
  asOf: "2026-11-20T08:00:00Z"
  lastInvoice: {number: "2026-1010", issuedOn: "2026-11-01"}
  openInvoices: [{number: "2026-0815", issuedOn: "2026-09-01", dueOn: "2026-09-15", outstanding: "412.50"}]
`
	const back = `asOf must not go back in time: these facts are older than those already reported`
	const order = `dueOn must not be before issuedOn`
	testUpdate(t, billingAccount, "", facts, []row{
		refused(`spec: {currency: CHF}`, `spec`, `is immutable: a billing account belongs to one tenant in one currency`),
		refused(`spec: {tenantRef: {name: pietersen}}`, `spec`, `is immutable`),

		refused(`status: {asOf: "2026-11-20T07:59:59Z"}`, `status`, back),
		refused(`status: {asOf: "2026-11-20T08:59:59+01:00"}`, `status`, back),
		refused(`status: {asOf: null}`, `status.asOf`, `Required value`),
		refused(`status: null`, `status.asOf`, `must not be removed: report newer facts instead`),
		refused(`status: {asOf: "2026-11-20"}`, `status.asOf`, `must be of type date-time`),
		accepted(`status: {asOf: "2026-11-20T08:00:00Z"}`),
		accepted(`status: {asOf: "2026-11-20T09:00:00+01:00"}`),
		accepted(`status: {asOf: "2026-11-20T08:00:01Z"}`),

		refused(`status: {openInvoices: null}`, `status.openInvoices`, `Required value`),
		accepted(`status: {openInvoices: []}`),
		refused(`status: {openInvoices: [{number: "1", issuedOn: "2026-09-01", outstanding: "1"}, {number: "1", issuedOn: "2026-10-01", outstanding: "2"}]}`, `status.openInvoices[1]`, `Duplicate value`, `"number":"1"`),
		accepted(`status: {openInvoices: [{number: "1", issuedOn: "2026-09-01", outstanding: "1"}, {number: "2", issuedOn: "2026-09-01", outstanding: "2"}]}`),
		refused(`status: {openInvoices: [{number: "1", issuedOn: "2026-09-02", dueOn: "2026-09-01", outstanding: "1"}]}`, `status.openInvoices[0]`, order),
		accepted(`status: {openInvoices: [{number: "1", issuedOn: "2026-09-01", dueOn: "2026-09-01", outstanding: "1"}]}`),
		refused(`status: {openInvoices: [{number: "1", issuedOn: "2026-09-31", outstanding: "1"}]}`, `status.openInvoices[0].issuedOn`, `must be of type date`),
		refused(`status: {openInvoices: [{number: "1", issuedOn: "2026-09-01"}]}`, `status.openInvoices[0].outstanding`, `Required value`),
		refused(`status: {openInvoices: [{number: "1", issuedOn: "2026-09-01", outstanding: "-1"}]}`, `status.openInvoices[0].outstanding`, aPrice),
		refused(`status: {openInvoices: [{number: "1", issuedOn: "2026-09-01", outstanding: "1.00001"}]}`, `status.openInvoices[0].outstanding`, aPrice),
		refused(`status: {openInvoices: [{number: "", issuedOn: "2026-09-01", outstanding: "1"}]}`, `status.openInvoices[0].number`, `at least 1`),

		refused(`status: {lastInvoice: {dueOn: "2026-10-31"}}`, `status.lastInvoice`, order),
		refused(`status: {lastInvoice: {issuedOn: null}}`, `status.lastInvoice.issuedOn`, `Required value`),
		accepted(`status: {lastInvoice: null}`),
		refused(`status: {paid: true}`, `unknown field "status.paid"`),
	})
}

// A Tenant cannot be changed to be its own reseller: the name of the stored
// object is not known beforehand.
func TestUpdateTenantToItsOwnReseller(t *testing.T) {
	t.Parallel()
	stored := object(t, tenant, "", "")
	stored.SetName(unique("jansen"))
	create(t, stored)
	for _, row := range []row{
		refused(`spec: {resellerRef: {name: `+stored.GetName()+`}}`, `spec.resellerRef.name: Invalid value`, `must name another tenant`),
		accepted(`spec: {resellerRef: {name: ` + stored.GetName() + `-2}}`),
	} {
		expect(t, operator().Patch(t.Context(), stored.DeepCopy(), patch(t, row.changes), client.DryRunAll), row.want...)
	}
}
