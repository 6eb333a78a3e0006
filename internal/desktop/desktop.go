// SPDX-License-Identifier: Apache-2.0

// Package desktop says what a WorkplaceClass and a Workplace become: the pod,
// the home claim and the network policies, and what a pod's state means in
// words. It is pure: it reads and writes no cluster.
package desktop

import (
	"werkplek.dev/werkplek/api/v1alpha1"
)

// Place is one workplace with all that its objects are made from.
type Place struct {
	Tenant    string
	Workplace *v1alpha1.Workplace
	Class     *v1alpha1.WorkplaceClass
	// Licenses that the desktop needs, in order.
	Licenses []string
}

// PodName returns the name of a workplace's pod.
func PodName(workplace string) string { return workplace }

// ClaimName returns the name of a workplace's home claim.
func ClaimName(workplace string) string { return v1alpha1.HomeClaimPrefix + workplace }

// Host returns the host name under which a workplace is opened: one label below
// the domain, so that one wildcard certificate fits all. Without a domain there
// is none.
func Host(workplace, tenant, domain string) string {
	if domain == "" {
		return ""
	}
	return workplace + "--" + tenant + "." + domain
}

// labels mark what is made for a workplace.
func (p Place) labels() map[string]string { return Labels(p.Tenant, p.Workplace) }

// Labels returns what all objects of a workplace are marked with.
func Labels(tenant string, workplace *v1alpha1.Workplace) map[string]string {
	return map[string]string{
		v1alpha1.LabelManagedBy:  v1alpha1.ManagedBy,
		v1alpha1.LabelTenant:     tenant,
		v1alpha1.LabelWorkplace:  workplace.Name,
		"app.kubernetes.io/name": "desktop",
	}
}
