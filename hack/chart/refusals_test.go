// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strings"
	"testing"
)

// TestRefusals: what cannot work is refused with words that say what to do, and a
// value that is not known is refused too.
func TestRefusals(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		values    string
		namespace string
		want      string
	}{
		"a typo at the top":       {"managr: {replicas: 2}", "", "managr"},
		"a typo further down":     {"portal: {oidc: {isuer: https://id.example.com}}", "", "isuer"},
		"a typo in a peer":        {"networkPolicy: {metricsFrom: [{namespaceselector: {}}]}", "", "namespaceselector"},
		"a word for a number":     {"manager: {replicas: two}", "", "replicas"},
		"replicas below none":     {"manager: {replicas: -1}", "", "replicas"},
		"no such protection":      {"mail: {tls: ssl}", "", "tls"},
		"a report's due of days":  {"manager: {reportDue: 10d}", "", "reportDue"},
		"an http portal":          {"portal: {url: 'http://portal.example.com'}", "", "url"},
		"a wildcard for desks":    {"desksDomain: '*.desks.example.com'", "", "desksDomain"},
		"no such memory":          {"manager: {resources: {limits: {memory: 1 GB}}}", "", "memory"},
		"a group of Kubernetes":   {"portal: {oidc: {groupsClaim: groups, staffGroups: ['system:masters']}}", "", "staffGroups"},
		"no images":               {"image: {registry: ''}", "", "image.registry is missing: push what make image writes"},
		"no domain for desks":     {"desksDomain: ''", "", "desksDomain is missing"},
		"no URL":                  {"portal: {url: ''}", "", "portal.url is missing"},
		"no issuer":               {"portal: {oidc: {issuer: ''}}", "", "portal.oidc.issuer is missing"},
		"all of it at once":       {"{desksDomain: '', portal: {url: ''}}", "", "can reach a desktop\n  - portal.url is missing"},
		"a portal among desks":    {"portal: {url: 'https://portal.desks.example.com'}", "", "must not be below desksDomain"},
		"a portal that is desks":  {"portal: {url: 'https://desks.example.com:8443'}", "", "must not be below desksDomain"},
		"Kubernetes' namespace":   {"", "kube-system", "namespace kube-system cannot hold Werkplek"},
		"a tenant's namespace":    {"", "tenant-jansen", "namespace tenant-jansen cannot hold Werkplek"},
		"one account for both":    {"{manager: {serviceAccount: {name: w}}, portal: {serviceAccount: {name: w}}}", "", "must differ"},
		"the default account":     {"manager: {serviceAccount: {name: default}}", "", "must not be default"},
		"mail from nobody":        {"mail: {address: 'mail.example.com:587'}", "", "mail.from is missing"},
		"mail without a port":     {"mail: {address: mail.example.com}", "", "address"},
		"a password in the clear": {"mail: {address: 'm:25', from: a@example.com, signIn: true, tls: none}", "", "unprotected"},
		"mail from anywhere":      {"portal: {lmtp: {enabled: true, authservID: mx}}", "", "portal.lmtp.from is missing"},
		"mail from an unknown":    {"portal: {lmtp: {enabled: true, from: [{podSelector: {}}]}}", "", "authservID is missing"},
		"groups from nowhere":     {"portal: {oidc: {staffGroups: [support]}}", "", "groupsClaim is missing"},
		"fewer than at least":     {"portal: {autoscaling: {enabled: true, minReplicas: 4, maxReplicas: 3}}", "", "is more than maxReplicas"},
		"percent of nothing":      {"portal: {autoscaling: {enabled: true}, resources: {requests: {cpu: null}}}", "", "requests.cpu is missing"},
		"a certificate of nobody": {"certificate: {enabled: true}", "", "issuerRef.name is missing"},
		"a route to nowhere":      {"{httpRoute: {enabled: true}, portal: {tls: {enabled: false}}}", "", "parentRefs is missing"},
		"TLS behind a gateway":    {"httpRoute: {enabled: true, parentRefs: [{name: g}]}", "", "set portal.tls.enabled=false"},
		"an ingress to no portal": {"{portal: {enabled: false}, ingress: {enabled: true}}", "", "ingress.enabled needs the portal"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := namespace
			if test.namespace != "" {
				in = test.namespace
			}
			_, err := render(t, in, with(t, test.values))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("want a refusal that says %q, got %v", test.want, err)
			}
		})
	}
}

func TestNeededValuesAreEnough(t *testing.T) {
	t.Parallel()
	if objects := rendered(t, needed()); len(objects) < 60 {
		t.Errorf("only %d objects were made", len(objects))
	}
}
