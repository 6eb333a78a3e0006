// SPDX-License-Identifier: Apache-2.0

package tenant

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sort"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/children"
	"werkplek.dev/werkplek/internal/desktop"
	"werkplek.dev/werkplek/internal/export"
)

const (
	quotaName   = "werkplek"
	contactRole = "werkplek-contact"
	userRole    = "werkplek-user"
)

// furnish makes what a tenant's namespace holds besides workplaces.
func (v *visit) furnish(ctx context.Context) error {
	if v.tenant.Status.Namespace == "" || v.gone() {
		return nil
	}
	return errors.Join(
		v.keepPolicies(ctx),
		v.keepQuota(ctx),
		v.keepLimitRange(ctx),
		v.keepContactBinding(ctx),
		v.keepUserBinding(ctx),
		v.keepContactView(ctx),
	)
}

// meta names and marks an object in the tenant's namespace.
func (v *visit) meta(name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{
		Name:      name,
		Namespace: v.tenant.Status.Namespace,
		Labels:    map[string]string{v1alpha1.LabelManagedBy: v1alpha1.ManagedBy, v1alpha1.LabelTenant: v.tenant.Name},
	}
}

// keep ensures one furnishing, or notes that somebody else holds its name.
func keep[T client.Object](ctx context.Context, v *visit, kind string, desired T, sync func(existing, desired T) bool) error {
	_, err := children.Ensure(ctx, v.Client, v.Live, children.Child[T]{Kind: kind, Desired: desired, Own: marked[T], Sync: sync})
	var foreign *children.ForeignError
	if errors.As(err, &foreign) {
		v.hinder(v1alpha1.ReasonForeignObject, foreign.Error())
		return nil
	}
	return err
}

func marked[T client.Object](object T) bool {
	return object.GetLabels()[v1alpha1.LabelManagedBy] == v1alpha1.ManagedBy
}

// replace copies a desired value over an existing one where they differ.
func replace[V any](existing *V, desired V) bool {
	if equality.Semantic.DeepEqual(*existing, desired) {
		return false
	}
	*existing = desired
	return true
}

// remove deletes a furnishing that is no longer wanted.
func remove[T client.Object](ctx context.Context, v *visit, object T) error {
	if err := v.Client.Get(ctx, client.ObjectKeyFromObject(object), object); err != nil {
		if apierrors.IsNotFound(err) {
			return nil
		}
		return err
	}
	if !marked(object) {
		return nil
	}
	return children.Delete(ctx, v.Client, object, "nothing asks for it any more")
}

func (v *visit) keepPolicies(ctx context.Context) error {
	policies := desktop.Policies(v.Network)
	names := make([]string, 0, len(policies))
	for name := range policies {
		names = append(names, name)
	}
	sort.Strings(names)
	var faults []error
	for _, name := range names {
		faults = append(faults, keep(ctx, v, "network policy", &networkingv1.NetworkPolicy{ObjectMeta: v.meta(name), Spec: policies[name]},
			func(existing, desired *networkingv1.NetworkPolicy) bool { return replace(&existing.Spec, desired.Spec) }))
	}
	return errors.Join(faults...)
}

func (v *visit) keepQuota(ctx context.Context) error {
	hard := quota(v.tenant.Spec.Limits)
	v.capPlan(hard)
	object := &corev1.ResourceQuota{ObjectMeta: v.meta(quotaName), Spec: corev1.ResourceQuotaSpec{Hard: hard}}
	if len(hard) == 0 {
		return remove(ctx, v, object)
	}
	return keep(ctx, v, "resource quota", object, func(existing, desired *corev1.ResourceQuota) bool {
		return replace(&existing.Spec, desired.Spec)
	})
}

// capPlan keeps all homes together within what the plan allows (EC-2, EC-13).
func (v *visit) capPlan(hard corev1.ResourceList) {
	if v.terms == nil {
		return
	}
	bytes, limited := v.terms.CapacityOf(v.tenant, v.now)
	if agreed, ok := hard[corev1.ResourceRequestsStorage]; limited && (!ok || agreed.Value() > bytes) {
		hard[corev1.ResourceRequestsStorage] = *resource.NewQuantity(bytes, resource.BinarySI)
	}
}

// quota turns a tenant's limits into what the API server counts. A desktop that
// is being replaced needs no second place: it is gone before the next one starts.
// The copies of an export have places of their own; the operator, which makes all
// pods there, sees to it that desktops do not take them.
func quota(limits *v1alpha1.TenantLimits) corev1.ResourceList {
	hard := corev1.ResourceList{}
	if limits == nil {
		return hard
	}
	if limits.Workplaces != nil {
		hard[corev1.ResourcePods] = *resource.NewQuantity(int64(*limits.Workplaces)+export.MostJobs, resource.DecimalSI)
	}
	for name, quantity := range map[corev1.ResourceName]*resource.Quantity{
		corev1.ResourceRequestsCPU:     limits.CPU,
		corev1.ResourceRequestsMemory:  limits.Memory,
		corev1.ResourceRequestsStorage: limits.Storage,
	} {
		if quantity != nil {
			hard[name] = *quantity
		}
	}
	return hard
}

func (v *visit) keepLimitRange(ctx context.Context) error {
	items := limitRange(v.tenant.Spec.Limits)
	object := &corev1.LimitRange{ObjectMeta: v.meta(quotaName), Spec: corev1.LimitRangeSpec{Limits: items}}
	if len(items) == 0 {
		return remove(ctx, v, object)
	}
	return keep(ctx, v, "limit range", object, func(existing, desired *corev1.LimitRange) bool {
		return replace(&existing.Spec, desired.Spec)
	})
}

// limitRange bounds single homes, and gives desktops that request nothing a
// share, without which a quota would refuse them.
func limitRange(limits *v1alpha1.TenantLimits) []corev1.LimitRangeItem {
	if limits == nil {
		return nil
	}
	var items []corev1.LimitRangeItem
	share := corev1.ResourceList{}
	if limits.CPU != nil {
		share[corev1.ResourceCPU] = resource.MustParse("100m")
	}
	if limits.Memory != nil {
		share[corev1.ResourceMemory] = resource.MustParse("256Mi")
	}
	if len(share) > 0 {
		items = append(items, corev1.LimitRangeItem{Type: corev1.LimitTypeContainer, DefaultRequest: share})
	}
	if limits.HomeSize != nil {
		items = append(items, corev1.LimitRangeItem{
			Type: corev1.LimitTypePersistentVolumeClaim,
			Max:  corev1.ResourceList{corev1.ResourceStorage: *limits.HomeSize},
		})
	}
	return items
}

// keepContactBinding lets the tenant's one contact see and request what is theirs (TD-23).
func (v *visit) keepContactBinding(ctx context.Context) error {
	binding := &rbacv1.RoleBinding{
		ObjectMeta: v.meta(contactRole),
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: contactRole},
	}
	if v.tenant.Spec.Contact == nil {
		return remove(ctx, v, binding)
	}
	binding.Subjects = []rbacv1.Subject{{
		APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: string(v.tenant.Spec.Contact.Username),
	}}
	return keep(ctx, v, "role binding", binding, func(existing, desired *rbacv1.RoleBinding) bool {
		return replace(&existing.Subjects, desired.Subjects)
	})
}

// keepUserBinding lets the users of workplaces restart them and answer who asks
// to look along; admission policies limit that to what is theirs (TD-24). The
// blocked have no say.
func (v *visit) keepUserBinding(ctx context.Context) error {
	binding := &rbacv1.RoleBinding{
		ObjectMeta: v.meta(userRole),
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: userRole},
	}
	names := map[string]bool{}
	for i := range v.workplaces {
		if w := &v.workplaces[i]; w.Spec.Access != v1alpha1.AccessBlocked && w.DeletionTimestamp == nil {
			names[string(w.Spec.User.Username)] = true
		}
	}
	if len(names) == 0 {
		return remove(ctx, v, binding)
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		binding.Subjects = append(binding.Subjects, rbacv1.Subject{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: name})
	}
	return keep(ctx, v, "role binding", binding, func(existing, desired *rbacv1.RoleBinding) bool {
		return replace(&existing.Subjects, desired.Subjects)
	})
}

// keepContactView lets the contact read the tenant itself and its open invoices,
// which live outside its namespace.
func (v *visit) keepContactView(ctx context.Context) error {
	about := v.meta(contactRole + "-" + v.tenant.Name)
	about.Namespace = ""
	about.OwnerReferences = []metav1.OwnerReference{{
		APIVersion: v1alpha1.GroupVersion.String(), Kind: "Tenant", Name: v.tenant.Name, UID: v.tenant.UID,
	}}
	role := &rbacv1.ClusterRole{ObjectMeta: about, Rules: []rbacv1.PolicyRule{{
		APIGroups: []string{v1alpha1.GroupVersion.Group}, Resources: []string{"tenants", "billingaccounts"},
		ResourceNames: []string{v.tenant.Name}, Verbs: []string{"get"},
	}}}
	binding := &rbacv1.ClusterRoleBinding{
		ObjectMeta: *about.DeepCopy(),
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: about.Name},
	}
	if v.tenant.Spec.Contact == nil {
		return errors.Join(remove(ctx, v, binding), remove(ctx, v, role))
	}
	binding.Subjects = []rbacv1.Subject{{
		APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: string(v.tenant.Spec.Contact.Username),
	}}
	return errors.Join(
		keep(ctx, v, "cluster role", role, func(existing, desired *rbacv1.ClusterRole) bool {
			return replace(&existing.Rules, desired.Rules)
		}),
		keep(ctx, v, "cluster role binding", binding, func(existing, desired *rbacv1.ClusterRoleBinding) bool {
			return replace(&existing.Subjects, desired.Subjects)
		}),
	)
}

// openBillingAccount makes the account in which the billing system reports.
func (v *visit) openBillingAccount(ctx context.Context) error {
	if v.terms == nil {
		return nil
	}
	controller := true
	account, err := children.Ensure(ctx, v.Client, v.Live, children.Child[*v1alpha1.BillingAccount]{
		Kind: "billing account",
		Desired: &v1alpha1.BillingAccount{
			ObjectMeta: metav1.ObjectMeta{
				Name:   v.tenant.Name,
				Labels: map[string]string{v1alpha1.LabelManagedBy: v1alpha1.ManagedBy, v1alpha1.LabelTenant: v.tenant.Name},
				OwnerReferences: []metav1.OwnerReference{{
					APIVersion: v1alpha1.GroupVersion.String(), Kind: "Tenant", Name: v.tenant.Name, UID: v.tenant.UID, Controller: &controller,
				}},
			},
			Spec: v1alpha1.BillingAccountSpec{
				TenantRef: v1alpha1.Reference{Name: v1alpha1.ObjectName(v.tenant.Name)},
				Currency:  v1alpha1.Currency(v.terms.Currency),
			},
		},
		Own: func(account *v1alpha1.BillingAccount) bool { return metav1.IsControlledBy(account, v.tenant) },
	})
	var foreign *children.ForeignError
	if errors.As(err, &foreign) {
		v.hinder(v1alpha1.ReasonForeignObject, foreign.Error())
		return nil
	}
	if err != nil {
		return err
	}
	if string(account.Spec.Currency) != v.terms.Currency {
		v.hinder(v1alpha1.ReasonCurrencyMismatch, fmt.Sprintf(
			"the billing account is in %s and the terms in %s; settle it and delete the BillingAccount, a new one is made", account.Spec.Currency, v.terms.Currency))
	}
	return nil
}
