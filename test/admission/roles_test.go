// SPDX-License-Identifier: Apache-2.0

package admission

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	authorizationv1 "k8s.io/api/authorization/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/test/cluster"
)

// The verbs that the tables abbreviate.
var verbs = map[string][]string{
	"read":  {"get", "list", "watch"},
	"write": {"create", "update", "patch", "delete"},
	"any":   {"get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"},
}

// groups are the API groups of resources that are not Werkplek's.
var groups = map[string]string{
	"pods": "", "events": "", "persistentvolumeclaims": "", "namespaces": "", "secrets": "", "configmaps": "", "nodes": "",
	"serviceaccounts": "", "users": "", "groups": "", "resourcequotas": "", "limitranges": "",
	"jobs": "batch", "leases": "coordination.k8s.io", "networkpolicies": "networking.k8s.io",
	"roles": "rbac.authorization.k8s.io", "clusterroles": "rbac.authorization.k8s.io",
	"rolebindings": "rbac.authorization.k8s.io", "clusterrolebindings": "rbac.authorization.k8s.io",
	"validatingadmissionpolicies": "admissionregistration.k8s.io",
}

// The lines of the tables are a verb and resources.
var roles = map[string]struct{ can, cannot []string }{
	"werkplek-billing": {
		can: []string{
			"read tenants charges usagerecords billingaccounts",
			"patch billingaccounts/status charges/status",
			"get billingaccounts/status charges/status",
		},
		cannot: []string{
			"write tenants charges usagerecords billingaccounts",
			"update billingaccounts/status charges/status",
			"patch tenants/status suspensions/status workplaces/status usagerecords/status licensereports/status licenses/status",
			"any suspensions workplaces workplaceclasses serviceterms licenses licensereports userrequests supportsessions dataexports notices",
			"any pods pods/log pods/exec events secrets configmaps namespaces persistentvolumeclaims nodes rolebindings clusterroles",
			"deletecollection charges billingaccounts tenants usagerecords",
		},
	},
	"werkplek-engineer": {
		can: []string{
			"read serviceterms tenants workplaceclasses workplaces licenses",
			"write serviceterms tenants workplaceclasses workplaces licenses",
			"read suspensions", "create suspensions", "update suspensions", "patch suspensions",
			"read billingaccounts charges usagerecords notices licensereports userrequests supportsessions dataexports",
			"create licensereports", "patch licensereports", "update licensereports",
			"create userrequests supportsessions dataexports",
			"update userrequests supportsessions dataexports",
			"patch userrequests supportsessions dataexports",
			"read pods events persistentvolumeclaims namespaces",
			"get pods/log",
		},
		cannot: []string{
			"delete suspensions charges usagerecords licensereports notices userrequests supportsessions dataexports",
			"deletecollection suspensions charges tenants workplaces usagerecords licensereports licenses",
			"create billingaccounts charges usagerecords notices",
			"patch billingaccounts charges usagerecords notices",
			"update billingaccounts charges usagerecords notices",
			"patch billingaccounts/status charges/status tenants/status suspensions/status workplaces/status notices/status",
			"update billingaccounts/status charges/status tenants/status suspensions/status workplaces/status",
			"patch usagerecords/status licensereports/status licenses/status",
			"update usagerecords/status licensereports/status licenses/status",
			"write pods persistentvolumeclaims namespaces events",
			"create pods/exec pods/attach pods/portforward",
			"any secrets configmaps serviceaccounts rolebindings clusterrolebindings clusterroles validatingadmissionpolicies",
		},
	},
	"werkplek-support": {
		can: []string{
			"read tenants workplaces suspensions workplaceclasses supportsessions pods events",
			"create supportsessions", "patch supportsessions",
		},
		cannot: []string{
			"write tenants workplaces suspensions workplaceclasses pods",
			"update supportsessions supportsessions/status", "patch supportsessions/status", "delete supportsessions",
			"any billingaccounts charges usagerecords serviceterms licenses licensereports userrequests dataexports notices",
			"any secrets configmaps namespaces persistentvolumeclaims rolebindings clusterroles",
			"get pods/log", "create pods/exec pods/attach pods/portforward",
		},
	},
	"werkplek-contact": {
		can: []string{
			"read workplaces suspensions charges usagerecords userrequests notices dataexports supportsessions",
			"create userrequests dataexports secrets", "delete secrets",
		},
		cannot: []string{
			"read secrets", "update secrets", "patch secrets", "deletecollection secrets",
			"write workplaces suspensions charges usagerecords notices supportsessions",
			"update userrequests dataexports", "patch userrequests dataexports", "delete userrequests dataexports",
			"patch userrequests/status charges/status suspensions/status workplaces/status dataexports/status supportsessions/status usagerecords/status notices/status",
			"deletecollection usagerecords charges workplaces notices",
			"any tenants billingaccounts serviceterms workplaceclasses licenses licensereports",
			"any pods pods/log pods/exec events configmaps persistentvolumeclaims rolebindings jobs",
		},
	},
	"werkplek-user": {
		can: []string{"patch workplaces supportsessions/status"},
		cannot: []string{
			"read tenants workplaces suspensions charges usagerecords userrequests supportsessions notices dataexports billingaccounts",
			"create workplaces userrequests supportsessions", "update workplaces supportsessions supportsessions/status", "delete workplaces supportsessions",
			"patch supportsessions workplaces/status", "any pods secrets configmaps persistentvolumeclaims",
		},
	},
	"werkplek-portal": {
		can: []string{
			"read tenants workplaces workplaceclasses suspensions supportsessions pods",
			"patch workplaces/status supportsessions/status", "impersonate users",
		},
		cannot: []string{
			"write tenants workplaces workplaceclasses suspensions supportsessions pods", "update workplaces/status supportsessions/status",
			"any billingaccounts charges usagerecords licenses licensereports userrequests dataexports notices serviceterms",
			"any secrets configmaps serviceaccounts persistentvolumeclaims nodes rolebindings clusterroles clusterrolebindings",
			"impersonate groups serviceaccounts", "create pods/exec pods/attach pods/portforward", "read leases",
		},
	},
	"werkplek-manager": {
		can: []string{
			"read tenants serviceterms billingaccounts suspensions charges workplaces workplaceclasses",
			"read licenses usagerecords licensereports notices", "patch notices/status",
			"patch tenants/status suspensions/status workplaces/status workplaceclasses/status serviceterms/status",
			"patch licenses/status licensereports/status usagerecords",
			"create billingaccounts suspensions charges usagerecords licensereports namespaces pods persistentvolumeclaims",
			"delete namespaces pods workplaces persistentvolumeclaims", "read dataexports jobs", "create jobs", "delete jobs", "patch dataexports/status",
			"patch suspensions dataexports supportsessions userrequests", // annotations only: see TestOperatorMarks
		},
		cannot: []string{
			"patch billingaccounts/status charges/status charges notices",
			"update billingaccounts/status charges/status charges suspensions notices notices/status",
			"delete tenants billingaccounts suspensions charges notices",
			"update workplaces", "deletecollection workplaces",
			"create dataexports", "update dataexports userrequests supportsessions", "delete dataexports", "update jobs", "patch jobs", "get pods/log",
			"write licenses", "update usagerecords licensereports", "patch licensereports",
			"delete usagerecords licensereports", "deletecollection usagerecords licensereports",
			"any secrets validatingadmissionpolicies",
			"write roles", "update clusterroles clusterrolebindings", "deletecollection clusterroles clusterrolebindings",
			"escalate clusterroles", "bind clusterroles", "impersonate users",
			"create pods/exec pods/attach",
		},
	},
}

func TestRoles(t *testing.T) {
	t.Parallel()
	for role, table := range roles {
		t.Run(role, func(t *testing.T) {
			t.Parallel()
			user, namespace := bind(t, role)
			for _, line := range table.can {
				checkLine(t, user, namespace, line, true)
			}
			for _, line := range table.cannot {
				checkLine(t, user, namespace, line, false)
			}
		})
	}
}

// A contact's rights end at the border of the namespace.
func TestContactElsewhere(t *testing.T) {
	t.Parallel()
	user, namespace := bind(t, "werkplek-contact")
	checkLine(t, user, namespace, "read workplaces", true)
	for _, elsewhere := range []string{tenantNamespace(t, "pietersen"), "werkplek-system", ""} {
		for _, line := range roles["werkplek-contact"].can {
			checkLine(t, user, elsewhere, line, false)
		}
	}
}

// Leases of the leader election are the operator's, in its own namespace.
func TestLeaderElection(t *testing.T) {
	t.Parallel()
	for _, line := range []string{"get leases", "create leases", "update leases"} {
		checkLine(t, cluster.Manager, "werkplek-system", line, true)
		checkLine(t, cluster.Manager, "default", line, false)
	}
	checkLine(t, cluster.Manager, "werkplek-system", "delete leases", false)
	checkLine(t, cluster.Manager, "werkplek-system", "create events", true)
	checkLine(t, cluster.Manager, "default", "create events", false)
}

func TestRolesHaveNoWildcards(t *testing.T) {
	t.Parallel()
	for name := range roles {
		var role rbacv1.ClusterRole
		if err := operator().Get(t.Context(), client.ObjectKey{Name: name}, &role); err != nil {
			t.Fatal(err)
		}
		for _, rule := range role.Rules {
			if slices.Contains(slices.Concat(rule.Verbs, rule.APIGroups, rule.Resources), "*") {
				t.Errorf("%s: a wildcard in %+v", name, rule)
			}
		}
	}
}

// bind gives a role to a new user: a contact in one namespace, others in all. It
// returns the user and the namespace, and waits until the binding has effect.
func bind(t *testing.T, role string) (user, namespace string) {
	t.Helper()
	user, namespace = unique(role), tenantNamespace(t, "jansen")
	meta := metav1.ObjectMeta{Name: user}
	subjects := []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: user}}
	ref := rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role}
	var binding client.Object = &rbacv1.ClusterRoleBinding{ObjectMeta: meta, Subjects: subjects, RoleRef: ref}
	if role == "werkplek-contact" || role == "werkplek-user" {
		meta.Namespace = namespace
		binding = &rbacv1.RoleBinding{ObjectMeta: meta, Subjects: subjects, RoleRef: ref}
	}
	expect(t, person().Create(t.Context(), binding)) // the operator may bind nobody to these
	verb, first := "get", "charges"
	switch role {
	case "werkplek-support", "werkplek-portal":
		first = "workplaces"
	case "werkplek-user":
		verb, first = "patch", "workplaces"
	}
	cluster.Eventually(t, 10*time.Second, "the binding of "+role, func(ctx context.Context) error {
		if !allowed(t, user, namespace, verb, first) {
			return fmt.Errorf("the user still cannot %s %s", verb, first)
		}
		return nil
	})
	return user, namespace
}

func checkLine(t *testing.T, user, namespace, line string, want bool) {
	t.Helper()
	words := strings.Fields(line)
	expanded, ok := verbs[words[0]]
	if !ok {
		expanded = words[:1]
	}
	for _, verb := range expanded {
		for _, resource := range words[1:] {
			if got := allowed(t, user, namespace, verb, resource); got != want {
				t.Errorf("%s in namespace %q: %s %s: allowed is %t", user, namespace, verb, resource, got)
			}
		}
	}
}

func allowed(t *testing.T, user, namespace, verb, resource string) bool {
	t.Helper()
	resource, subresource, _ := strings.Cut(resource, "/")
	group, ok := groups[resource]
	if !ok {
		group = "werkplek.dev"
	}
	review := &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{
		User: user,
		ResourceAttributes: &authorizationv1.ResourceAttributes{
			Namespace: namespace, Verb: verb, Group: group, Resource: resource, Subresource: subresource,
		},
	}}
	if err := operator().Create(t.Context(), review); err != nil {
		t.Fatal(err)
	}
	return review.Status.Allowed
}
