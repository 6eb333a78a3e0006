// SPDX-License-Identifier: Apache-2.0

// Package chart installs the Helm chart in a cluster of its own, and runs what its
// Deployments say, with their arguments, as their service accounts.
package chart

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/test/cluster"
	"werkplek.dev/werkplek/test/operator"
)

const (
	// The namespace and the accounts are not those of config, so that whatever
	// takes those for granted shows.
	namespace = "desks"
	settings  = `
image: {registry: registry.example.com/werkplek}
desksDomain: desks.example.com
manager: {serviceAccount: {name: operator}}
portal:
  url: https://portal.example.com
  oidc: {issuer: https://id.example.com}
  serviceAccount: {name: gateway}
bindings: {engineer: {groups: [engineers]}}
`
	soon    = time.Minute
	patient = 5 * time.Minute
)

func TestMain(m *testing.M) {
	cluster.Config = nil // helm installs it
	operator.Main(m)
}

// site is a cluster with the chart in it.
type site struct {
	*cluster.Cluster
	helm   string
	values string // file
}

func newSite(t *testing.T) *site {
	t.Helper()
	build := exec.CommandContext(t.Context(), "make", "-s", "helm")
	build.Dir = cluster.Root()
	build.Stderr = os.Stderr
	out, err := build.Output()
	must(t, err)
	s := &site{Cluster: cluster.Shared(), helm: strings.TrimSpace(string(out)), values: filepath.Join(t.TempDir(), "values.yaml")}
	must(t, os.WriteFile(s.values, []byte(settings), 0o600))
	return s
}

// do runs helm at the root of the sources; it must succeed.
func (s *site) do(t *testing.T, arguments ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patient)
	defer cancel()
	command := exec.CommandContext(ctx, s.helm, append(arguments, "--namespace", namespace)...)
	command.Dir = cluster.Root()
	command.Env = append(os.Environ(), "KUBECONFIG="+s.Kubeconfig)
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("helm %q: %v\n%s", arguments, err, out)
	}
	return string(out)
}

func (s *site) install(t *testing.T) string {
	t.Helper()
	return s.do(t, "install", "werkplek", "charts/werkplek", "--values", s.values, "--wait", "--timeout", "3m")
}

// program is what a Deployment says that one of its pods runs.
type program struct {
	arguments  []string
	kubeconfig string
	dir        string // stands for all that is mounted
}

// program reads a Deployment, and lets what it runs run here: its files are in a
// folder, and its rights are those of its service account.
func (s *site) program(t *testing.T, deployment string) program {
	t.Helper()
	var found appsv1.Deployment
	must(t, s.Client.Get(t.Context(), client.ObjectKey{Namespace: namespace, Name: deployment}, &found))
	pod := found.Spec.Template.Spec
	p := program{arguments: slices.Clone(pod.Containers[0].Args), dir: t.TempDir()}
	for _, mount := range pod.Containers[0].VolumeMounts {
		here := filepath.Join(p.dir, mount.Name)
		must(t, os.MkdirAll(here, 0o700))
		for i := range p.arguments {
			p.arguments[i] = strings.Replace(p.arguments[i], "="+mount.MountPath, "="+here, 1)
		}
	}
	p.kubeconfig = s.as(t, pod.ServiceAccountName, p.dir)
	return p
}

// as writes a kubeconfig with the rights of a service account, no more.
func (s *site) as(t *testing.T, account, dir string) string {
	t.Helper()
	request := &authenticationv1.TokenRequest{}
	object := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: account, Namespace: namespace}}
	must(t, s.Client.SubResource("token").Create(t.Context(), object, request))
	config, err := clientcmd.LoadFromFile(s.Kubeconfig)
	must(t, err)
	for name := range config.AuthInfos {
		config.AuthInfos[name] = &api.AuthInfo{Token: request.Status.Token}
	}
	path := filepath.Join(dir, "kubeconfig")
	must(t, clientcmd.WriteToFile(*config, path))
	return path
}

// manage runs a manager until the test ends; one that dies is started again.
func (s *site) manage(t *testing.T, name string) *operator.Operator {
	t.Helper()
	p := s.program(t, "werkplek-manager")
	// A pod knows its namespace by a file.
	o, err := operator.Start(p.kubeconfig, append(p.arguments, "--leader-election-namespace="+namespace)...)
	must(t, err)
	t.Cleanup(func() {
		o.Stop()
		if t.Failed() {
			t.Logf("the end of the log of the %s:\n%s", name, o.Log())
		}
	})
	return o
}

// address returns one that nobody listens on.
func address(t *testing.T) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}

func must(t *testing.T, faults ...error) {
	t.Helper()
	for _, err := range faults {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// several says what is wrong with a number of things.
func several(what string, got, want int) error {
	if got == want {
		return nil
	}
	return fmt.Errorf("%d %s, want %d", got, what, want)
}
