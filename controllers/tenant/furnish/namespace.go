// SPDX-License-Identifier: Apache-2.0

package furnish

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/children"
	"werkplek.dev/werkplek/internal/outcome"
)

// +kubebuilder:rbac:groups="",resources=namespaces,verbs=get;list;watch;create;patch
// +kubebuilder:rbac:groups=werkplek.dev,resources=workplaceclasses,verbs=get;list;watch

const (
	labelEnforce = "pod-security.kubernetes.io/enforce"
	labelWarn    = "pod-security.kubernetes.io/warn"
)

// Namespace keeps a tenant's namespace, tenant-<name>. One of that name which is
// not this Tenant's is never adopted: it may hold another customer's data.
type Namespace struct{ Hands }

// Find returns the namespace's name if it is there, is the tenant's and is not going.
func (n Namespace) Find(ctx context.Context, tenant *v1alpha1.Tenant) (string, error) {
	name := v1alpha1.NamespaceFor(tenant.Name)
	namespace := &corev1.Namespace{}
	err := n.Client.Get(ctx, client.ObjectKey{Name: name}, namespace, client.UnsafeDisableDeepCopy)
	if err == nil && tenant.Owns(namespace) && namespace.DeletionTimestamp == nil {
		return name, nil
	}
	return "", client.IgnoreNotFound(err)
}

// Keep makes or corrects the namespace, and returns its name if it is the tenant's.
func (n Namespace) Keep(
	ctx context.Context, tenant *v1alpha1.Tenant, workplaces []v1alpha1.Workplace,
) (string, outcome.Outcome, error) {
	classes, err := n.classes(ctx, workplaces)
	if err != nil {
		return "", outcome.Outcome{}, err
	}
	name := v1alpha1.NamespaceFor(tenant.Name)
	desired := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{
		Name: name, Labels: labels(tenant), Annotations: map[string]string{v1alpha1.AnnotationTenantUID: string(tenant.UID)},
	}}
	desired.Labels[labelEnforce] = strictest(classes)
	desired.Labels[labelWarn] = desired.Labels[labelEnforce]
	namespace, err := children.Ensure(ctx, n.Client, n.Live, children.Child[*corev1.Namespace]{
		Kind: "namespace", Desired: desired, Why: "each tenant has one",
		Own: func(existing *corev1.Namespace) bool { return tenant.Owns(existing) },
		Sync: func(existing, desired *corev1.Namespace) bool {
			return mergeInto(&existing.Labels, desired.Labels)
		},
	})
	if _, inTheWay := children.InTheWay(err); inTheWay {
		return "", taken(tenant, name), nil
	}
	if err != nil {
		return "", outcome.Outcome{}, err
	}
	if namespace.DeletionTimestamp != nil {
		return "", outcome.Waiting(v1alpha1.ReasonNamespaceTerminating,
			fmt.Sprintf("namespace %s is being deleted; it is made again once it is gone", name)), nil
	}
	return name, furnished, nil
}

func taken(tenant *v1alpha1.Tenant, name string) outcome.Outcome {
	return outcome.Stalled(v1alpha1.ReasonNamespaceTaken, fmt.Sprintf(
		"namespace %s exists and is not this Tenant's; it is not touched: remove it, or name the Tenant otherwise. "+
			"If it was restored from a backup of this Tenant, set its annotation %s to %s",
		name, v1alpha1.AnnotationTenantUID, tenant.UID))
}

// classes returns the classes of workplaces that exist.
func (n Namespace) classes(ctx context.Context, workplaces []v1alpha1.Workplace) ([]*v1alpha1.WorkplaceClass, error) {
	var classes []*v1alpha1.WorkplaceClass
	seen := map[v1alpha1.ObjectName]bool{}
	for i := range workplaces {
		name := workplaces[i].Spec.ClassRef.Name
		if seen[name] {
			continue
		}
		seen[name] = true
		class := &v1alpha1.WorkplaceClass{}
		err := n.Client.Get(ctx, client.ObjectKey{Name: string(name)}, class, client.UnsafeDisableDeepCopy)
		if apierrors.IsNotFound(err) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("get class %s: %w", name, err)
		}
		classes = append(classes, class)
	}
	return classes, nil
}

// strictest returns the level of pod security that a namespace enforces: the
// strictest that its workplaces' classes allow.
func strictest(classes []*v1alpha1.WorkplaceClass) string {
	words := map[v1alpha1.PodSecurityLevel]string{
		v1alpha1.LevelRestricted: "restricted", v1alpha1.LevelBaseline: "baseline", v1alpha1.LevelPrivileged: "privileged",
	}
	rank := map[v1alpha1.PodSecurityLevel]int{
		v1alpha1.LevelRestricted: 0, v1alpha1.LevelBaseline: 1, v1alpha1.LevelPrivileged: 2,
	}
	level := v1alpha1.LevelRestricted
	for _, class := range classes {
		if s := class.Spec.Desktop.SecurityContext; s != nil && rank[s.Level] > rank[level] {
			level = s.Level
		}
	}
	return words[level]
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
