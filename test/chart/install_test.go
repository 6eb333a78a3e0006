// SPDX-License-Identifier: Apache-2.0

package chart

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/test/cluster"
	"werkplek.dev/werkplek/test/idp"
	"werkplek.dev/werkplek/test/operator"
	"werkplek.dev/werkplek/test/world"
)

// TestInstalled: installed with helm in a namespace that takes restricted pods only,
// two managers and two portals do their work with the rights that the chart gives
// them; the leader is killed while a tenant of 200 desktops is suspended, and
// nothing is lost or done twice; and an uninstall takes no record.
func TestInstalled(t *testing.T) {
	s := newSite(t)
	must(t, s.Client.Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{
		Name: namespace, Labels: map[string]string{"pod-security.kubernetes.io/enforce": "restricted"},
	}}))
	said := s.install(t)
	for _, want := range []string{"create secret generic werkplek-portal", "No mail server is named", "https://portal.example.com/callback"} {
		if !strings.Contains(said, want) {
			t.Errorf("helm install does not say %q:\n%s", want, said)
		}
	}
	for deployment, want := range map[string]int{"werkplek-manager": 2, "werkplek-portal": 2} {
		cluster.Eventually(t, soon, "pods of "+deployment, s.running(deployment, want))
	}

	leader := s.manage(t, "first manager")
	var first string
	cluster.Eventually(t, soon, "a leader", func(ctx context.Context) (err error) {
		first, err = s.holder(ctx)
		return err
	})
	s.manage(t, "second manager")
	s.serve(t)
	s.serve(t)

	t.Run("the demo", s.demo)
	t.Run("the leader is killed", func(t *testing.T) { s.killed(t, leader.Kill, first) })
	t.Run("uninstalled and installed again", s.again)
}

// running says what keeps a number of a Deployment's pods from running.
func (s *site) running(deployment string, want int) func(context.Context) error {
	return func(ctx context.Context) error {
		var pods corev1.PodList
		err := s.Client.List(ctx, &pods, client.InNamespace(namespace), client.MatchingLabels{"app.kubernetes.io/name": deployment})
		count := 0
		for i := range pods.Items {
			if pods.Items[i].Status.Phase == corev1.PodRunning {
				count++
			}
		}
		return errors.Join(err, several("pods run", count, want))
	}
}

// holder returns who leads.
func (s *site) holder(ctx context.Context) (string, error) {
	var lease coordinationv1.Lease
	if err := s.Client.Get(ctx, client.ObjectKey{Namespace: namespace, Name: "manager.werkplek.dev"}, &lease); err != nil {
		return "", err
	}
	if lease.Spec.HolderIdentity == nil || *lease.Spec.HolderIdentity == "" {
		return "", errors.New("nobody leads")
	}
	return *lease.Spec.HolderIdentity, nil
}

// portal is built once.
var portal = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "werkplek-portal-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "portal")
	build := exec.Command("go", "build", "-o", path, "./cmd/portal")
	build.Dir = cluster.Root()
	out, err := build.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("build the portal: %w\n%s", err, out)
	}
	return path, err
})

// serve runs a portal until the test ends, and visits it: it sends people to sign in.
func (s *site) serve(t *testing.T) {
	t.Helper()
	binary, err := portal()
	must(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(filepath.Dir(binary)) })
	provider, err := idp.Start("127.0.0.1:0", "https://portal.example.com/callback")
	must(t, err)
	t.Cleanup(provider.Stop)
	p := s.program(t, "werkplek-portal")
	for file, content := range map[string]string{
		"secrets":            "c2VjcmV0IG9mIGEgdGVzdCBzZWNyZXQgb2YgYSB0ZXN0IHNlY3JldCBvZiBhIHRlc3Q=",
		"oidc-client-secret": idp.ClientSecret,
	} {
		must(t, os.WriteFile(filepath.Join(p.dir, "portal", file), []byte(content), 0o600))
	}
	people, ops := address(t), address(t)
	command := exec.Command(binary, append(p.arguments,
		"--oidc-issuer="+provider.Issuer, "--tls-certificate=", "--bind-address="+people, "--ops-bind-address="+ops)...)
	command.Env = append(os.Environ(), "KUBECONFIG="+p.kubeconfig)
	var log bytes.Buffer
	command.Stdout, command.Stderr = &log, &log
	must(t, command.Start())
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
		if t.Failed() {
			t.Logf("the end of the portal's log:\n%s", log.Bytes()[max(0, log.Len()-4<<10):])
		}
	})
	// As the pod of helm test does.
	check := exec.CommandContext(t.Context(), operator.Binary(), "--check=http://"+ops+"/readyz")
	if out, err := check.CombinedOutput(); err != nil {
		t.Fatalf("the portal did not become ready: %v\n%s", err, out)
	}
	to, err := visit(t.Context(), "http://"+people+"/signin", "portal.example.com", http.StatusSeeOther)
	if err == nil && !strings.HasPrefix(to, provider.Issuer+"/auth?") {
		err = fmt.Errorf("it leads to %q", to)
	}
	must(t, err)
}

// visit asks for a page and returns where it leads.
func visit(ctx context.Context, url, host string, want int) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	request.Host = host
	request.Header.Set("Sec-Fetch-Mode", "navigate")
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		return "", err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != want {
		return "", fmt.Errorf("%s answers %s", url, response.Status)
	}
	return response.Header.Get("Location"), nil
}

// demo plays the main story, as make demo does.
func (s *site) demo(t *testing.T) {
	started := time.Now()
	ctx, cancel := context.WithTimeout(t.Context(), patient)
	defer cancel()
	command := exec.CommandContext(ctx, "go", "run", "./hack/demo")
	command.Dir = cluster.Root()
	command.Env = append(os.Environ(), "KUBECONFIG="+s.Kubeconfig)
	out, err := command.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "All of it came true.") {
		t.Fatalf("the story did not come true: %v\n%s", err, out)
	}
	t.Logf("the story took %.1f s", time.Since(started).Seconds())
}

// killed suspends a tenant of many desktops, and kills the leader once the first of
// them is gone.
func (s *site) killed(t *testing.T, kill func(), first string) {
	const count = 200
	ctx := t.Context()
	w := world.World{Client: s.Client, Name: "many"}
	must(t, w.Terms(ctx), w.Class(ctx), w.Tenant(ctx, "t"))
	cluster.Eventually(t, soon, "the namespace", w.HasNamespace("t"))
	now := time.Now()
	must(t, w.Report(ctx, "t", now.Add(-2*time.Second)))
	for i := range count {
		must(t, w.Workplace(ctx, "t", fmt.Sprintf("p%d", i), fmt.Sprintf("p%d@example.com", i)))
	}
	cluster.Eventually(t, patient, "all desktops", w.AllReady("t", count))
	homes := s.homes(t, w)
	must(t, several("homes", len(homes), count))

	issued := now.AddDate(0, -3, 0).Format(time.DateOnly)
	started := time.Now()
	must(t, w.Report(ctx, "t", now.Add(-time.Second), world.Invoice{Number: "1", IssuedOn: issued, Outstanding: "412.50"}))
	left := 0
	cluster.Eventually(t, soon, "the first desktop gone", func(ctx context.Context) (err error) {
		if left, err = s.pods(ctx, w); err == nil && left == count {
			err = errors.New("all are there")
		}
		return err
	})
	kill()
	if left == 0 {
		t.Fatal("all desktops were gone before the leader was killed")
	}
	t.Logf("killed with %d of %d desktops left", left, count)
	cluster.Eventually(t, soon, "another leader", func(ctx context.Context) error {
		second, err := s.holder(ctx)
		if err == nil && second == first {
			err = errors.New("the one that was killed leads")
		}
		return err
	})
	cluster.Eventually(t, patient, "all desktops gone", func(ctx context.Context) error {
		left, err := s.pods(ctx, w)
		return errors.Join(err, several("pods", left, 0))
	})
	cluster.Eventually(t, patient, "all suspended", w.NoneReady("t", count))
	t.Logf("suspended %.1f s after the report", time.Since(started).Seconds())
	s.once(t, w, 0)

	must(t, w.Report(ctx, "t", now))
	cluster.Eventually(t, patient, "all desktops again", w.AllReady("t", count))
	cluster.Eventually(t, soon, "one desktop each", func(ctx context.Context) error {
		there, err := s.pods(ctx, w)
		return errors.Join(err, several("pods", there, count))
	})
	s.once(t, w, 1)
	for name, uid := range s.homes(t, w) {
		if homes[name] != uid {
			t.Errorf("home %s is another one", name)
		}
	}
}

// once waits for a number of charges for resuming, and wants one suspension.
func (s *site) once(t *testing.T, w world.World, charges int) {
	t.Helper()
	cluster.Eventually(t, soon, "one of everything", func(ctx context.Context) error {
		suspensions, err := w.Suspensions(ctx, "t")
		if err != nil {
			return err
		}
		all, err := w.Charges(ctx, "t")
		if err != nil {
			return err
		}
		fees := 0
		for i := range all {
			if all[i].Spec.Type == v1alpha1.ChargeReactivation {
				fees++
			}
		}
		return errors.Join(several("suspensions", len(suspensions), 1), several("charges for resuming", fees, charges))
	})
}

func (s *site) pods(ctx context.Context, w world.World) (int, error) {
	var pods corev1.PodList
	err := s.Client.List(ctx, &pods, client.InNamespace(w.Namespace("t")))
	return len(pods.Items), err
}

func (s *site) homes(t *testing.T, w world.World) map[string]types.UID {
	t.Helper()
	var claims corev1.PersistentVolumeClaimList
	must(t, s.Client.List(t.Context(), &claims, client.InNamespace(w.Namespace("t"))))
	found := map[string]types.UID{}
	for i := range claims.Items {
		found[claims.Items[i].Name] = claims.Items[i].UID
	}
	return found
}

// again uninstalls the chart, which takes no record, and installs it once more,
// after which the operator goes on.
func (s *site) again(t *testing.T) {
	before := s.records(t)
	if before["Tenant"] < 3 || before["Charge"] < 2 || before["Suspension"] < 2 || before["UsageRecord"] < 2 {
		t.Fatalf("there is too little to lose: %v", before)
	}
	same := func(what string) {
		t.Helper()
		for kind, count := range s.records(t) {
			if count != before[kind] {
				t.Errorf("%s there are %d of %s; there were %d", what, count, kind, before[kind])
			}
		}
	}
	s.do(t, "uninstall", "werkplek", "--wait")
	same("uninstalled,")
	s.install(t)
	same("installed again,")
	w := world.World{Client: s.Client, Name: "many"}
	s.manage(t, "manager of the second installation")
	must(t, w.Workplace(t.Context(), "t", "later", "later@example.com"))
	cluster.Eventually(t, patient, "another desktop", w.AllReady("t", 201))
}

// records counts what must outlive an installation.
func (s *site) records(t *testing.T) map[string]int {
	t.Helper()
	counts := map[string]int{}
	for _, kind := range []string{
		"BillingAccount", "Charge", "LicenseReport", "Suspension", "Tenant", "UsageRecord", "Workplace",
	} {
		var found metav1.PartialObjectMetadataList
		found.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind(kind + "List"))
		must(t, s.Client.List(t.Context(), &found))
		counts[kind] = len(found.Items)
	}
	return counts
}
