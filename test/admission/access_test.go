// SPDX-License-Identifier: Apache-2.0

package admission

import (
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/test/cluster"
)

// A user may restart the own workplace, and change nothing else.
func TestUsersRestartTheirOwn(t *testing.T) {
	t.Parallel()
	user, namespace := bind(t, "werkplek-user")
	mine := object(t, workplace, `spec: {user: {username: `+user+`}}`, namespace)
	mine.SetName(unique("mine"))
	create(t, mine)
	theirs := object(t, workplace, "", namespace)
	theirs.SetName(unique("theirs"))
	create(t, theirs)
	const restart = `spec: {restartedAt: "2026-11-20T08:00:00Z"}`
	const only = "its user may set spec.restartedAt only"
	by := cluster.Shared().As(user)
	expect(t, patchStored(t, by, mine, restart, client.DryRunAll))
	expect(t, patchStored(t, by, theirs, restart, client.DryRunAll), "is not yours to change")
	for _, change := range []string{
		`spec: {access: Blocked}`, `spec: {runPolicy: Always}`, `spec: {classRef: {name: large}}`, `spec: {licenses: []}`, `spec: {home: {size: 80Gi}}`,
		`spec: {user: {name: Somebody}}`, `metadata: {labels: {a: b}}`, `metadata: {annotations: {a: b}}`,
		`metadata: {finalizers: [a.example/b]}`, `{metadata: {labels: {a: b}}, spec: {restartedAt: "2026-11-20T08:00:00Z"}}`,
	} {
		expect(t, patchStored(t, by, mine, change, client.DryRunAll), only)
	}
	// Engineers and the operator are not concerned.
	engineer, _ := bind(t, "werkplek-engineer")
	expect(t, patchStored(t, cluster.Shared().As(engineer), mine, `spec: {access: Blocked}`, client.DryRunAll))
	expect(t, patchStored(t, operator(), mine, `spec: {access: Blocked}`, client.DryRunAll))
}

// The gateway reports activity, and nothing else about a workplace.
func TestGatewayReports(t *testing.T) {
	t.Parallel()
	stored := object(t, workplace, "", tenantNamespace(t, "jansen"))
	stored.SetName(unique("anna"))
	create(t, stored)
	const portal = "system:serviceaccount:werkplek-system:werkplek-portal"
	by := cluster.Shared().As(portal, "system:masters")
	expect(t, patchStored(t, by, stored, `status: {activity: {lastActive: "2026-11-20T08:00:00Z", idleSince: "2026-11-20T08:00:00Z"}}`, client.DryRunAll))
	for _, change := range []string{
		`status: {url: "https://evil.example/"}`, `status: {podName: other}`, `status: {observedGeneration: 9}`, `status: {home: {claimName: other}}`,
		`status: {conditions: [{type: AccessGranted, status: "True", reason: Granted, message: "", lastTransitionTime: "2026-11-20T08:00:00Z"}]}`,
		`spec: {access: Blocked}`,
	} {
		expect(t, patchStored(t, by, stored, change, client.DryRunAll), "the access gateway writes status.activity only")
	}
}

// Of cluster roles the operator makes those of contacts, and no others.
func TestManagerRoles(t *testing.T) {
	t.Parallel()
	rules := []rbacv1.PolicyRule{{APIGroups: []string{"werkplek.dev"}, Resources: []string{"tenants"}, Verbs: []string{"get"}}}
	role := func(name string) client.Object {
		return &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: name}, Rules: rules}
	}
	binding := func(name string) client.Object {
		return &rbacv1.ClusterRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: name}, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "werkplek-billing"}}
	}
	const refusal = "the operator may touch cluster roles named werkplek-contact-<tenant> only"
	manager := cluster.Shared().As(cluster.Manager, "system:masters")
	for _, make := range []func(string) client.Object{role, binding} {
		expect(t, manager.Create(t.Context(), make("werkplek-contact-"+unique("t")), client.DryRunAll))
		expect(t, manager.Create(t.Context(), make(unique("admin")), client.DryRunAll), refusal)
		theirs := make(unique("theirs"))
		expect(t, person().Create(t.Context(), theirs))
		expect(t, manager.Delete(t.Context(), theirs, client.DryRunAll), refusal)
		theirs.SetLabels(map[string]string{"a": "b"})
		expect(t, manager.Update(t.Context(), theirs, client.DryRunAll), refusal)
	}
}
