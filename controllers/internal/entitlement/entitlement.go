// SPDX-License-Identifier: Apache-2.0

// Package entitlement says which workplaces may run and what they need: the
// same for whoever starts desktops and for whoever records their use.
package entitlement

import (
	"context"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/outcome"
	"werkplek.dev/werkplek/internal/reading"
)

// Place says whether there is a place for a workplace within its tenant's limits:
// those beyond the limit, youngest first, wait. class is nil while it does not
// exist; older is how many workplaces come before this one.
func Place(
	tenant *v1alpha1.Tenant, class *v1alpha1.WorkplaceClass, workplace *v1alpha1.Workplace, older int,
) outcome.Outcome {
	placed := outcome.Ready(v1alpha1.ReasonReady, "there is a place within the tenant's limits")
	name := workplace.Spec.ClassRef.Name
	if class == nil {
		return outcome.Stalled(v1alpha1.ReasonClassNotFound, fmt.Sprintf(
			"the WorkplaceClass %s does not exist; create it, or correct spec.classRef", name))
	}
	limits := tenant.Spec.Limits
	if limits == nil {
		return placed
	}
	if len(limits.AllowedClasses) > 0 && !slices.Contains(limits.AllowedClasses, name) {
		return outcome.Stalled(v1alpha1.ReasonClassNotAllowed, fmt.Sprintf(
			"the tenant may not use class %s; add it to spec.limits.allowedClasses of Tenant %s", name, tenant.Name))
	}
	if limits.Workplaces != nil && older >= int(*limits.Workplaces) {
		return outcome.Stalled(v1alpha1.ReasonLimitReached, fmt.Sprintf(
			"the tenant may have %d workplaces; raise spec.limits.workplaces of Tenant %s, or remove others",
			*limits.Workplaces, tenant.Name))
	}
	return placed
}

// Before reports whether one workplace comes before another in order of creation.
func Before(a, b *v1alpha1.Workplace) bool {
	return a.CreationTimestamp.Before(&b.CreationTimestamp) ||
		a.CreationTimestamp.Equal(&b.CreationTimestamp) && a.Name < b.Name
}

// Needs returns the names of the licences that a workplace needs, its class's
// included, each once and in order. class may be nil.
func Needs(class *v1alpha1.WorkplaceClass, workplace *v1alpha1.Workplace) []string {
	var names []string
	if class != nil {
		for _, name := range class.Spec.Licenses {
			names = append(names, string(name))
		}
	}
	for _, name := range workplace.Spec.Licenses {
		names = append(names, string(name))
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// NeededBy returns the names of the licences that a running desktop was started with.
func NeededBy(pod *corev1.Pod) []string {
	list := pod.Annotations[v1alpha1.AnnotationLicenses]
	if list == "" {
		return nil
	}
	return strings.Split(list, ",")
}

// LookUp returns those of some licences that are counted by user, and those
// that do not exist.
func LookUp(ctx context.Context, c client.Reader, names []string) (perUser, missing []string, err error) {
	for _, name := range names {
		license, err := reading.Maybe(ctx, c, client.ObjectKey{Name: name}, &v1alpha1.License{})
		switch {
		case err != nil:
			return nil, nil, err
		case license == nil:
			missing = append(missing, name)
		case license.Spec.Metric == v1alpha1.MetricUser:
			perUser = append(perUser, name)
		}
	}
	return perUser, missing, nil
}
