// SPDX-License-Identifier: Apache-2.0

package desktop

import (
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/utils/ptr"

	"werkplek.dev/werkplek/api/v1alpha1"
)

// Network says what surrounds the tenants' namespaces.
type Network struct {
	// GatewayNamespace is where the access gateway runs.
	GatewayNamespace string
	// GatewayLabels select the access gateway's pods there.
	GatewayLabels map[string]string
	// EgressExcept are the address ranges that desktops may not reach: those of
	// the cluster and of the provider's own network. The internet is open.
	EgressExcept []string
	// ExportEgress are the address ranges that the copies of a DataExport may
	// reach all the same, such as the provider's own object storage.
	ExportEgress []string
}

// Policies returns the network policies of a tenant's namespace by name:
// nothing may come in but from the access gateway, nothing may go out but to
// name resolution and the internet.
func Policies(n Network) map[string]networkingv1.NetworkPolicySpec {
	policies := map[string]networkingv1.NetworkPolicySpec{
		"default-deny": {
			PolicyTypes: []networkingv1.PolicyType{networkingv1.PolicyTypeIngress, networkingv1.PolicyTypeEgress},
		},
		"allow-gateway": {
			PolicyTypes: []networkingv1.PolicyType{networkingv1.PolicyTypeIngress},
			Ingress: []networkingv1.NetworkPolicyIngressRule{{
				From: []networkingv1.NetworkPolicyPeer{{
					NamespaceSelector: inNamespace(n.GatewayNamespace),
					PodSelector:       &metav1.LabelSelector{MatchLabels: n.GatewayLabels},
				}},
			}},
		},
		"allow-egress": {
			PolicyTypes: []networkingv1.PolicyType{networkingv1.PolicyTypeEgress},
			Egress:      []networkingv1.NetworkPolicyEgressRule{nameResolution(), internet(n.EgressExcept)},
		},
	}
	if len(n.ExportEgress) > 0 {
		policies["allow-export"] = exportEgress(n.ExportEgress)
	}
	return policies
}

// exportEgress opens ranges to the pods that copy for a DataExport, and to no others.
func exportEgress(ranges []string) networkingv1.NetworkPolicySpec {
	rule := networkingv1.NetworkPolicyEgressRule{}
	for _, cidr := range ranges {
		rule.To = append(rule.To, networkingv1.NetworkPolicyPeer{IPBlock: &networkingv1.IPBlock{CIDR: cidr}})
	}
	return networkingv1.NetworkPolicySpec{
		PodSelector: metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{{Key: v1alpha1.LabelExport, Operator: metav1.LabelSelectorOpExists}}},
		PolicyTypes: []networkingv1.PolicyType{networkingv1.PolicyTypeEgress},
		Egress:      []networkingv1.NetworkPolicyEgressRule{rule},
	}
}

func nameResolution() networkingv1.NetworkPolicyEgressRule {
	return networkingv1.NetworkPolicyEgressRule{
		To: []networkingv1.NetworkPolicyPeer{{NamespaceSelector: inNamespace(metav1.NamespaceSystem)}},
		Ports: []networkingv1.NetworkPolicyPort{
			{Protocol: ptr.To(corev1.ProtocolUDP), Port: ptr.To(intstr.FromInt32(53))},
			{Protocol: ptr.To(corev1.ProtocolTCP), Port: ptr.To(intstr.FromInt32(53))},
		},
	}
}

func internet(except []string) networkingv1.NetworkPolicyEgressRule {
	v4 := &networkingv1.IPBlock{CIDR: "0.0.0.0/0"}
	v6 := &networkingv1.IPBlock{CIDR: "::/0"}
	for _, cidr := range except {
		block := v4
		if isV6(cidr) {
			block = v6
		}
		block.Except = append(block.Except, cidr)
	}
	return networkingv1.NetworkPolicyEgressRule{To: []networkingv1.NetworkPolicyPeer{{IPBlock: v4}, {IPBlock: v6}}}
}

func isV6(cidr string) bool {
	for _, c := range cidr {
		if c == ':' {
			return true
		}
	}
	return false
}

func inNamespace(name string) *metav1.LabelSelector {
	return &metav1.LabelSelector{MatchLabels: map[string]string{corev1.LabelMetadataName: name}}
}
