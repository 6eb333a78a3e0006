// SPDX-License-Identifier: Apache-2.0

package tenant

import (
	"context"
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/children"
)

const (
	labelEnforce = "pod-security.kubernetes.io/enforce"
	labelWarn    = "pod-security.kubernetes.io/warn"
)

// hold puts the finalizer on the tenant before anything exists that it must see gone.
func (v *visit) hold(ctx context.Context) error {
	if controllerutil.ContainsFinalizer(v.tenant, v1alpha1.FinalizerTenant) {
		return nil
	}
	base := v.tenant.DeepCopy()
	controllerutil.AddFinalizer(v.tenant, v1alpha1.FinalizerTenant)
	return v.Client.Patch(ctx, v.tenant, client.MergeFromWithOptions(base, client.MergeFromWithOptimisticLock{}))
}

// makeNamespace makes tenant-<name>. A namespace of that name which is not this
// Tenant's is never adopted: it may hold another customer's data.
func (v *visit) makeNamespace(ctx context.Context) error {
	name := v1alpha1.NamespaceFor(v.tenant.Name)
	if v.gone() {
		return v.findNamespace(ctx, name) // it goes, and is not made again
	}
	level, err := v.podSecurity(ctx)
	if err != nil {
		return err
	}
	namespace, err := children.Ensure(ctx, v.Client, v.Live, children.Child[*corev1.Namespace]{
		Kind: "namespace",
		Desired: &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{
			Name: name,
			Labels: map[string]string{
				v1alpha1.LabelManagedBy: v1alpha1.ManagedBy,
				v1alpha1.LabelTenant:    v.tenant.Name,
				labelEnforce:            level,
				labelWarn:               level,
			},
			Annotations: map[string]string{v1alpha1.AnnotationTenantUID: string(v.tenant.UID)},
		}},
		Own: v.owns,
		Sync: func(existing, desired *corev1.Namespace) bool {
			return mergeInto(&existing.Labels, desired.Labels)
		},
	})
	var foreign *children.ForeignError
	if errors.As(err, &foreign) {
		v.hinder(v1alpha1.ReasonNamespaceTaken, fmt.Sprintf(
			"namespace %s exists and is not this Tenant's; it is not touched: remove it, or name the Tenant otherwise. If it was restored from a backup of this Tenant, set its annotation %s to %s",
			name, v1alpha1.AnnotationTenantUID, v.tenant.UID))
		v.tenant.Status.Namespace = ""
		return nil
	}
	if err != nil {
		return err
	}
	if namespace.DeletionTimestamp != nil {
		v.hinder(v1alpha1.ReasonNamespaceTerminating, fmt.Sprintf("namespace %s is being deleted; it is made again once it is gone", name))
		v.tenant.Status.Namespace = ""
		return nil
	}
	v.tenant.Status.Namespace = name
	return nil
}

// findNamespace notes the namespace if it is still there.
func (v *visit) findNamespace(ctx context.Context, name string) error {
	namespace := &corev1.Namespace{}
	err := v.Client.Get(ctx, client.ObjectKey{Name: name}, namespace, client.UnsafeDisableDeepCopy)
	if client.IgnoreNotFound(err) != nil {
		return err
	}
	v.tenant.Status.Namespace = ""
	if err == nil && v.owns(namespace) && namespace.DeletionTimestamp == nil {
		v.tenant.Status.Namespace = name
	}
	return nil
}

func (v *visit) owns(namespace *corev1.Namespace) bool {
	return namespace.Annotations[v1alpha1.AnnotationTenantUID] == string(v.tenant.UID)
}

// podSecurity returns the level that the namespace enforces: the strictest that
// the classes of the tenant's workplaces allow.
func (v *visit) podSecurity(ctx context.Context) (string, error) {
	words := map[v1alpha1.PodSecurityLevel]string{
		v1alpha1.LevelRestricted: "restricted", v1alpha1.LevelBaseline: "baseline", v1alpha1.LevelPrivileged: "privileged",
	}
	rank := map[v1alpha1.PodSecurityLevel]int{v1alpha1.LevelRestricted: 0, v1alpha1.LevelBaseline: 1, v1alpha1.LevelPrivileged: 2}
	level := v1alpha1.LevelRestricted
	seen := map[v1alpha1.ObjectName]bool{}
	for i := range v.workplaces {
		name := v.workplaces[i].Spec.ClassRef.Name
		if seen[name] {
			continue
		}
		seen[name] = true
		class := &v1alpha1.WorkplaceClass{}
		if err := v.Client.Get(ctx, client.ObjectKey{Name: string(name)}, class, client.UnsafeDisableDeepCopy); err != nil {
			if apierrors.IsNotFound(err) {
				continue
			}
			return "", fmt.Errorf("get class %s: %w", name, err)
		}
		if s := class.Spec.Desktop.SecurityContext; s != nil && rank[s.Level] > rank[level] {
			level = s.Level
		}
	}
	return words[level], nil
}

// mergeInto sets the wanted entries and reports whether that changed anything;
// entries of others stay.
func mergeInto(existing *map[string]string, wanted map[string]string) bool {
	changed := false
	for key, value := range wanted {
		if current, ok := (*existing)[key]; ok && current == value {
			continue
		}
		if *existing == nil {
			*existing = map[string]string{}
		}
		(*existing)[key] = value
		changed = true
	}
	return changed
}
