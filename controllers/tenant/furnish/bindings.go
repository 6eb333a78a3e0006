// SPDX-License-Identifier: Apache-2.0

package furnish

import (
	"context"
	"errors"
	"maps"
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/outcome"
)

// +kubebuilder:rbac:groups=rbac.authorization.k8s.io,resources=rolebindings,verbs=get;list;watch;create;patch;delete
// +kubebuilder:rbac:groups=rbac.authorization.k8s.io,resources=clusterroles,resourceNames=werkplek-contact;werkplek-user,verbs=bind

const (
	contactRole = "werkplek-contact"
	userRole    = "werkplek-user"
)

// ContactBinding lets the tenant's one contact see and request what is theirs (TD-23).
type ContactBinding struct{ Hands }

// Keep makes, corrects or removes the binding.
func (b ContactBinding) Keep(ctx context.Context, tenant *v1alpha1.Tenant) (outcome.Outcome, error) {
	return keepBinding(ctx, b.Hands, tenant, contactRole, contactOf(tenant))
}

// UserBinding lets the users of workplaces restart them and answer who asks to
// look along; admission policies limit that to what is theirs (TD-24). The blocked
// have no say.
type UserBinding struct{ Hands }

// Keep makes, corrects or removes the binding.
func (b UserBinding) Keep(
	ctx context.Context, tenant *v1alpha1.Tenant, workplaces []v1alpha1.Workplace,
) (outcome.Outcome, error) {
	return keepBinding(ctx, b.Hands, tenant, userRole, usersOf(workplaces))
}

// keepBinding binds users to a role in the tenant's namespace, where there are any.
func keepBinding(
	ctx context.Context, h Hands, tenant *v1alpha1.Tenant, role string, users []string,
) (outcome.Outcome, error) {
	binding := &rbacv1.RoleBinding{
		ObjectMeta: about(tenant, role),
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role},
		Subjects:   subjects(users),
	}
	if len(users) == 0 {
		return remove(ctx, h, binding)
	}
	return keep(ctx, h, "role binding", binding, func(existing, desired *rbacv1.RoleBinding) bool {
		return replace(&existing.Subjects, desired.Subjects)
	})
}

func contactOf(tenant *v1alpha1.Tenant) []string {
	if tenant.Spec.Contact == nil {
		return nil
	}
	return []string{string(tenant.Spec.Contact.Username)}
}

// usersOf returns who may act on workplaces, each once and in order.
func usersOf(workplaces []v1alpha1.Workplace) []string {
	names := map[string]bool{}
	for i := range workplaces {
		if w := &workplaces[i]; w.Spec.Access != v1alpha1.AccessBlocked && w.DeletionTimestamp == nil {
			names[string(w.Spec.User.Username)] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

func subjects(users []string) []rbacv1.Subject {
	var list []rbacv1.Subject
	for _, name := range users {
		list = append(list, rbacv1.Subject{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: name})
	}
	return list
}

// +kubebuilder:rbac:groups=rbac.authorization.k8s.io,resources=clusterroles;clusterrolebindings,verbs=get;list;watch;create;patch;delete

// ContactView lets the contact read the tenant itself and its open invoices, which
// live outside its namespace.
type ContactView struct{ Hands }

// Keep makes, corrects or removes the role and its binding.
func (v ContactView) Keep(ctx context.Context, tenant *v1alpha1.Tenant) (outcome.Outcome, error) {
	named := about(tenant, contactRole+"-"+tenant.Name)
	named.Namespace = ""
	named.OwnerReferences = []metav1.OwnerReference{{
		APIVersion: v1alpha1.GroupVersion.String(), Kind: "Tenant", Name: tenant.Name, UID: tenant.UID,
	}}
	role := &rbacv1.ClusterRole{ObjectMeta: named, Rules: []rbacv1.PolicyRule{{
		APIGroups: []string{v1alpha1.GroupVersion.Group}, Resources: []string{"tenants", "billingaccounts"},
		ResourceNames: []string{tenant.Name}, Verbs: []string{"get"},
	}}}
	binding := &rbacv1.ClusterRoleBinding{
		ObjectMeta: *named.DeepCopy(),
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: named.Name},
		Subjects:   subjects(contactOf(tenant)),
	}
	if len(binding.Subjects) == 0 {
		_, unbound := remove(ctx, v.Hands, binding)
		removed, err := remove(ctx, v.Hands, role)
		return removed, errors.Join(unbound, err)
	}
	seen, err := keep(ctx, v.Hands, "cluster role", role, func(existing, desired *rbacv1.ClusterRole) bool {
		return replace(&existing.Rules, desired.Rules)
	})
	sync := func(existing, desired *rbacv1.ClusterRoleBinding) bool {
		return replace(&existing.Subjects, desired.Subjects)
	}
	bound, fault := keep(ctx, v.Hands, "cluster role binding", binding, sync)
	return outcome.First(seen, bound), errors.Join(err, fault)
}
