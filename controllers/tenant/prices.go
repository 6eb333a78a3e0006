// SPDX-License-Identifier: Apache-2.0

package tenant

import (
	"slices"

	corev1 "k8s.io/api/core/v1"

	"werkplek.dev/werkplek/api/v1alpha1"
)

// announceRights makes an event of each price change that lets the tenant leave (TD-15).
func (v *visit) announceRights(before *v1alpha1.Tenant) {
	for _, right := range v.tenant.Status.RightsToLeave {
		if !slices.Contains(before.Status.RightsToLeave, right) {
			v.Events.Eventf(v.tenant, nil, corev1.EventTypeWarning, "RightToLeave", "ChangePrice",
				"the price of %s %s changes by %s percent on %s: the tenant may leave", right.Kind, right.Name, right.Percent, right.From)
		}
	}
}
