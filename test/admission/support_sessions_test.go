// SPDX-License-Identifier: Apache-2.0

package admission

import (
	"context"
	"testing"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/test/cluster"
)

const (
	session = `
apiVersion: werkplek.dev/v1alpha1
kind: SupportSession
metadata: {name: help}
spec:
  mode: Shadow
  workplaceRef: {name: anna}
  agent: sanne@provider.example
  reason: the printer does not print
  maximumLength: PT30M
  consentWithin: PT10M
  coveredByAgreement: true
`
	sanne     = "sanne@provider.example"
	annasName = "anna@jansen.example"
	eve       = "eve@jansen.example"
	// The gateway, as Kubernetes knows it.
	portalAccount = "system:serviceaccount:werkplek-system:werkplek-portal"
)

// as acts as somebody whom RBAC would let do everything.
func as(user string) client.Client { return cluster.Shared().As(user, "system:masters") }

func TestCreateSupportSession(t *testing.T) {
	t.Parallel()
	namespace := tenantNamespace(t, "jansen")
	for _, row := range []row{
		accepted(""),
		accepted(`spec: {mode: OnSite, work: {startedAt: "2026-11-20T08:00:00Z", endedAt: "2026-11-20T09:00:00Z"}}`),
		accepted(`spec: {maximumLength: PT8H}`),
		accepted(`spec: {maximumLength: null, consentWithin: null, coveredByAgreement: null}`),
		refused(`spec: {maximumLength: PT8H1M}`, "spec.maximumLength", "at most eight hours"),
		refused(`spec: {maximumLength: PT0M}`, "spec.maximumLength"),
		refused(`spec: {maximumLength: P1D}`, "spec.maximumLength", "must be a clock period"),
		refused(`spec: {consentWithin: PT25H}`, "spec.consentWithin", "at most a day"),
		refused(`spec: {mode: Takeover}`, "spec.mode", "Unsupported value"),
		refused(`spec: {reason: ""}`, "spec.reason"),
		refused(`spec: {reason: null}`, "spec.reason", "Required value"),
		refused(`spec: {workplaceRef: null}`, "spec.workplaceRef", "Required value"),
		refused(`spec: {agent: Sanne@provider.example}`, "spec.agent", "lower case"),
		refused(`spec: {work: {startedAt: "2026-11-20T08:00:00Z", endedAt: "2026-11-20T09:00:00Z"}}`, "work is recorded by hand for OnSite only"),
		refused(`spec: {mode: OnSite, work: {startedAt: "2026-11-20T09:00:00Z", endedAt: "2026-11-20T09:00:00Z"}}`, "endedAt must be after startedAt"),
		refused(`spec: {mode: OnSite, work: {startedAt: "2026-11-20T09:00:00Z", endedAt: "2026-11-21T09:00:01Z"}}`, "by at most a day"),
	} {
		t.Run(row.changes, func(t *testing.T) {
			t.Parallel()
			made := object(t, session, row.changes, namespace)
			made.SetName(unique("help"))
			expect(t, client.WithFieldValidation(as(sanne), "Strict").Create(t.Context(), made, client.DryRunAll), row.want...)
		})
	}
	made := object(t, session, "", namespace)
	made.SetName(unique("help"))
	for _, other := range []string{eve, annasName, "engineer@provider.example"} {
		expect(t, as(other).Create(t.Context(), made.DeepCopy(), client.DryRunAll), "spec.agent must be your own name, "+other)
	}
}

// asked makes a session whose question the operator has put, or that is further.
func sessionAsked(t *testing.T, status string) *unstructured.Unstructured {
	t.Helper()
	made := object(t, session, "", tenantNamespace(t, "jansen"))
	made.SetName(unique("help"))
	expect(t, as(sanne).Create(t.Context(), made))
	if status != "" {
		expect(t, patchStored(t, operator(), made, `status: {`+status+`}`))
	}
	return made
}

func TestConsentIsTheUsers(t *testing.T) {
	t.Parallel()
	const asks = `consent: {askedOf: ` + annasName + `}`
	granted := func(by string) string {
		return `status: {consent: {decision: Granted, by: ` + by + `, at: "2026-11-20T08:00:00Z"}}`
	}
	open := sessionAsked(t, asks)
	expect(t, patchStored(t, as(annasName), open, granted(annasName), client.DryRunAll))
	expect(t, patchStored(t, as(annasName), open, `status: {consent: {decision: Refused, by: `+annasName+`, at: "2026-11-20T08:00:00Z"}}`, client.DryRunAll))
	for _, other := range []string{sanne, eve, "engineer@provider.example", portalAccount} {
		expect(t, patchStored(t, as(other), open, granted(other), client.DryRunAll), "only the workplace's user may answer, "+annasName)
		expect(t, patchStored(t, as(other), open, granted(annasName), client.DryRunAll), "only the workplace's user may answer, "+annasName)
	}
	const ownName = "needs a decision, Granted, Refused or Revoked, and by must be your own name, " + annasName
	for change, words := range map[string]string{
		granted(eve):                             ownName,
		`status: {consent: {decision: Granted}}`: ownName,
		`status: {consent: {decision: Lapsed, by: ` + annasName + `}}`: "only the operator says that a question lapsed",
	} {
		expect(t, patchStored(t, as(annasName), open, change, client.DryRunAll), words)
	}
	for _, change := range []string{
		`status: {consent: {askedOf: ` + eve + `}}`, `status: {endsAt: "2026-11-21T08:00:00Z"}`, `status: {endedAt: "2026-11-20T08:00:00Z"}`,
		`status: {charges: [{name: x}]}`, `status: {observedGeneration: 7}`,
		`status: {conditions: [{type: Active, status: "True", reason: Active, message: "", lastTransitionTime: "2026-11-20T08:00:00Z"}]}`,
	} {
		for _, who := range []string{annasName, sanne, portalAccount} {
			if who == annasName || change != `status: {consent: {askedOf: `+eve+`}}` {
				expect(t, patchStored(t, as(who), open, change, client.DryRunAll), "")
			}
		}
	}
	// Nobody can answer before the operator has asked.
	expect(t, patchStored(t, as(annasName), sessionAsked(t, ""), granted(annasName), client.DryRunAll), "wait until the operator has asked")
	// A decision is made once; a granted one can be revoked, by the user alone.
	done := sessionAsked(t, asks+``)
	expect(t, patchStored(t, as(annasName), done, granted(annasName)))
	revoke := func(by string) string { return `status: {consent: {decision: Revoked, by: ` + by + `}}` }
	expect(t, patchStored(t, as(sanne), done, revoke(sanne), client.DryRunAll), "only the workplace's user may answer")
	expect(t, patchStored(t, as(annasName), done, `status: {consent: {decision: Refused, by: `+annasName+`}}`, client.DryRunAll), "decision is made once")
	expect(t, patchStored(t, as(annasName), done, revoke(annasName)))
	expect(t, patchStored(t, as(annasName), done, granted(annasName), client.DryRunAll), "decision is made once")
}

// otherAgent is a support agent with the rights of one, and no more.
func otherAgent(t *testing.T, namespace string) client.Client {
	t.Helper()
	name := unique("bo") + "@provider.example"
	expect(t, cluster.Shared().Client.Create(t.Context(), &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: unique("support")},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "werkplek-support"},
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: name}},
	}))
	agent := cluster.Shared().As(name)
	cluster.Eventually(t, time.Minute, "the agent's rights", func(ctx context.Context) error {
		return agent.List(ctx, &v1alpha1.SupportSessionList{}, client.InNamespace(namespace))
	})
	return agent
}

func TestSessionIsTheAgents(t *testing.T) {
	t.Parallel()
	open := sessionAsked(t, `consent: {askedOf: `+annasName+`}`)
	expect(t, patchStored(t, as(sanne), open, `spec: {end: true}`, client.DryRunAll))
	// Another agent has the same role and may not; who may delete it may end it.
	expect(t, patchStored(t, otherAgent(t, open.GetNamespace()), open, `spec: {end: true}`, client.DryRunAll), "only the agent of this session, "+sanne)
	expect(t, patchStored(t, as("engineer@provider.example"), open, `spec: {end: true}`, client.DryRunAll))
	for _, change := range []string{
		`spec: {mode: Remote}`, `spec: {workplaceRef: {name: omar}}`, `spec: {agent: ` + eve + `}`, `spec: {reason: other}`, `spec: {maximumLength: PT8H}`,
		`spec: {consentWithin: PT20H}`, `spec: {coveredByAgreement: false}`,
	} {
		expect(t, patchStored(t, as(sanne), open, change, client.DryRunAll), "only end and work may change")
	}
	expect(t, patchStored(t, as(sanne), open, `spec: {end: true}`))
	expect(t, patchStored(t, as(sanne), open, `spec: {end: false}`, client.DryRunAll), "end cannot be taken back")
	// The gateway says when it began, once; nobody else does.
	began := `status: {startedAt: "2026-11-20T08:00:00Z"}`
	for _, other := range []string{annasName, sanne, "engineer@provider.example"} {
		expect(t, patchStored(t, as(other), open, began, client.DryRunAll), "written by the access gateway or the operator only")
	}
	expect(t, patchStored(t, as(portalAccount), open, began))
	expect(t, patchStored(t, as(portalAccount), open, `status: {startedAt: "2026-11-20T09:00:00Z"}`, client.DryRunAll), "startedAt is set once")
}
