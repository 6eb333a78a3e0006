// SPDX-License-Identifier: Apache-2.0

//go:build e2e

// Package e2e lives a day with people in a real browser, with real desktops on a
// real node: everything is installed as a provider would, on a kind cluster. Run
// it with make e2e.
package e2e

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/test/cluster"
	"werkplek.dev/werkplek/test/idp"
)

const (
	portalURL = "https://portal.example.com"
	system    = "werkplek-system"
	soon      = 2 * time.Minute
)

// site is the installation under test.
type site struct {
	client.Client
	kubeconfig string
	kubectl    string
	node       string // address of the node
}

// install installs everything, as a provider would, and waits until it serves.
func install(t *testing.T) *site {
	t.Helper()
	s := &site{kubeconfig: os.Getenv("KUBECONFIG"), kubectl: os.Getenv("KUBECTL")}
	if s.kubeconfig == "" || s.kubectl == "" {
		t.Fatal("run this with make e2e: it sets KUBECONFIG and KUBECTL")
	}
	config, err := clientcmd.BuildConfigFromFlags("", s.kubeconfig)
	must(t, err)
	s.Client, err = client.New(config, client.Options{Scheme: cluster.Scheme()})
	must(t, err)
	var nodes corev1.NodeList
	must(t, s.List(t.Context(), &nodes))
	for _, address := range nodes.Items[0].Status.Addresses {
		if address.Type == corev1.NodeInternalIP {
			s.node = address.Address
		}
	}
	provider, err := idp.Start(net.JoinHostPort(near(t, s.node), "0"), portalURL+"/callback")
	must(t, err)
	t.Cleanup(provider.Stop)

	s.run(t, "apply", "--server-side", "--force-conflicts", "-k", cluster.Root()+"/config/kind")
	certificate, key := certify(t)
	seal := make([]byte, 48)
	_, err = rand.Read(seal)
	must(t, err)
	about := func(name string) metav1.ObjectMeta { return metav1.ObjectMeta{Namespace: system, Name: name} }
	s.put(t, &corev1.ConfigMap{ObjectMeta: about("werkplek-portal"), Data: map[string]string{
		"PORTAL_URL": portalURL, "DESKS_DOMAIN": "desks.example.com", "PROVIDER_NAME": "TotalDesk", "OIDC_ISSUER": provider.Issuer, "OIDC_CLIENT_ID": idp.ClientID,
	}})
	s.put(t, &corev1.Secret{ObjectMeta: about("werkplek-portal"), StringData: map[string]string{
		"oidc-client-secret": idp.ClientSecret, "secrets": base64.StdEncoding.EncodeToString(seal),
	}})
	s.put(t, &corev1.Secret{ObjectMeta: about("werkplek-portal-tls"), StringData: map[string]string{"tls.crt": certificate, "tls.key": key}})
	s.put(t, &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: "support"},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "werkplek-support"},
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: agent}},
	})
	// Whatever ran before has the settings of before.
	s.run(t, "-n", system, "rollout", "restart", "deployment/werkplek-portal", "deployment/werkplek-manager")
	for _, name := range []string{"werkplek-manager", "werkplek-portal"} {
		cluster.Eventually(t, soon, name, func(ctx context.Context) error {
			deployment := &appsv1.Deployment{}
			if err := s.Get(ctx, client.ObjectKey{Namespace: system, Name: name}, deployment); err != nil {
				return err
			}
			st := deployment.Status
			if st.ObservedGeneration < deployment.Generation || st.UpdatedReplicas < *deployment.Spec.Replicas || st.AvailableReplicas < *deployment.Spec.Replicas || st.Replicas > st.UpdatedReplicas {
				return fmt.Errorf("%d of %d updated replicas are available, of %d in all", st.AvailableReplicas, *deployment.Spec.Replicas, st.Replicas)
			}
			return nil
		})
	}
	t.Cleanup(func() {
		if t.Failed() {
			for _, name := range []string{"manager", "portal"} {
				t.Logf("the end of the %s's log:\n%s", name, s.run(t, "-n", system, "logs", "--tail=40", "-l", "app.kubernetes.io/name=werkplek-"+name))
			}
			t.Logf("workplaces:\n%s", s.run(t, "get", "workplaces,pods,userrequests,supportsessions,suspensions", "-A", "-o", "wide"))
		}
	})
	return s
}

// run runs kubectl.
func (s *site) run(t *testing.T, arguments ...string) string {
	t.Helper()
	command := exec.Command(s.kubectl, append([]string{"--kubeconfig", s.kubeconfig}, arguments...)...)
	var out, faults bytes.Buffer
	command.Stdout, command.Stderr = &out, &faults
	if err := command.Run(); err != nil {
		t.Fatalf("kubectl %s: %v\n%s", strings.Join(arguments, " "), err, faults.String())
	}
	return out.String()
}

// put makes an object as it should be.
func (s *site) put(t *testing.T, object client.Object) {
	t.Helper()
	must(t, client.IgnoreNotFound(s.Delete(t.Context(), object.DeepCopyObject().(client.Object))))
	must(t, s.Create(t.Context(), object))
}

// near returns this machine's address in the network of another.
func near(t *testing.T, other string) string {
	t.Helper()
	addresses, err := net.InterfaceAddrs()
	must(t, err)
	for _, address := range addresses {
		if network, ok := address.(*net.IPNet); ok && network.Contains(net.ParseIP(other)) {
			return network.IP.String()
		}
	}
	t.Fatalf("this machine has no address in the network of the node %s, where the sign-in service must be reachable", other)
	return ""
}

// certify returns a certificate for the portal and all desks, and its key.
func certify(t *testing.T) (certificate, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "werkplek e2e"}, DNSNames: []string{"portal.example.com", "*.desks.example.com"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	must(t, err)
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	must(t, err)
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}))
}

func must(t *testing.T, faults ...error) {
	t.Helper()
	if err := errors.Join(faults...); err != nil {
		t.Fatal(err)
	}
}
