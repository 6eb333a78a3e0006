// SPDX-License-Identifier: Apache-2.0

package controlplane

import (
	"crypto/rand"
	"crypto/tls"
	"encoding/hex"
	"fmt"
	"strings"

	"werkplek.dev/werkplek/hack/cluster/internal/clusterdir"
	"werkplek.dev/werkplek/hack/cluster/internal/kubeconfig"
	"werkplek.dev/werkplek/hack/cluster/internal/pki"
)

// pairFiles names the files of a certificate and its key.
type pairFiles struct{ cert, key string }

// Files in the cluster's state directory.
var (
	etcdServing      = pairFiles{"etcd.crt", "etcd.key"}
	etcdClient       = pairFiles{"etcd-client.crt", "etcd-client.key"}
	apiserverServing = pairFiles{"apiserver.crt", "apiserver.key"}
)

const (
	caFile                = "ca.crt"
	serviceAccountKeyFile = "service-account.key"
	tokensFile            = "tokens.csv"
	auditPolicyFile       = "audit-policy.yaml"
	kwokConfigFile        = "kwok.yaml"
)

// apiserverHosts are the names by which the API server may be addressed: from
// this machine, and as pods would address it.
var apiserverHosts = []string{
	"127.0.0.1", "::1", "localhost",
	"10.96.0.1", // the first of serviceCIDR is the kubernetes service
	"kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local",
}

// user is somebody who authenticates with a token.
type user struct {
	name   string
	groups []string
	token  string
}

// credentials are the secrets that this program itself needs later.
type credentials struct {
	caPEM      []byte
	adminToken string
	etcdClient tls.Certificate
}

// writeCredentials makes fresh keys, certificates and tokens, and the files in
// which the components find them.
func writeCredentials(dir clusterdir.Dir, server string) (*credentials, error) {
	authority, err := pki.NewAuthority("werkplek-local")
	if err != nil {
		return nil, err
	}
	etcdServingPair, err := authority.Serving("etcd", "127.0.0.1", "localhost")
	if err != nil {
		return nil, err
	}
	etcdClientPair, err := authority.Client("etcd-client")
	if err != nil {
		return nil, err
	}
	apiserverPair, err := authority.Serving("kube-apiserver", apiserverHosts...)
	if err != nil {
		return nil, err
	}
	serviceAccountKey, err := pki.NewSigningKey()
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{
		caFile:                authority.CertPEM,
		etcdServing.cert:      etcdServingPair.CertPEM,
		etcdServing.key:       etcdServingPair.KeyPEM,
		etcdClient.cert:       etcdClientPair.CertPEM,
		etcdClient.key:        etcdClientPair.KeyPEM,
		apiserverServing.cert: apiserverPair.CertPEM,
		apiserverServing.key:  apiserverPair.KeyPEM,
		serviceAccountKeyFile: serviceAccountKey,
	}

	admin := newUser("admin", "system:masters")
	users := []user{admin}
	for _, component := range []struct{ file, user, group string }{
		{controllerManager, "system:kube-controller-manager", ""},
		{scheduler, "system:kube-scheduler", ""},
		{kwok, "kwok", "system:masters"},
	} {
		u := newUser(component.user, component.group)
		users = append(users, u)
		files[component.file+".kubeconfig"] = kubeconfig.Config{Server: server, CAPEM: authority.CertPEM, Token: u.token}.Render()
	}
	files[tokensFile] = tokens(users)

	for name, content := range files {
		if err := clusterdir.WriteFile(dir.InState(name), content); err != nil {
			return nil, err
		}
	}
	adminConfig := kubeconfig.Config{Server: server, CAPEM: authority.CertPEM, Token: admin.token}
	if err := clusterdir.WriteFile(dir.Kubeconfig(), adminConfig.Render()); err != nil {
		return nil, err
	}
	certificate, err := tls.X509KeyPair(etcdClientPair.CertPEM, etcdClientPair.KeyPEM)
	if err != nil {
		return nil, err
	}
	return &credentials{caPEM: authority.CertPEM, adminToken: admin.token, etcdClient: certificate}, nil
}

// newUser returns a user with a fresh token, in group unless that is empty.
func newUser(name, group string) user {
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // never fails
	u := user{name: name, token: hex.EncodeToString(secret)}
	if group != "" {
		u.groups = []string{group}
	}
	return u
}

// tokens renders the API server's token file: token, user, uid, groups.
func tokens(users []user) []byte {
	var out []byte
	for _, u := range users {
		out = fmt.Appendf(out, "%s,%s,%s,%q\n", u.token, u.name, u.name, strings.Join(u.groups, ","))
	}
	return out
}
