// SPDX-License-Identifier: Apache-2.0

//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/test/cluster"
	"werkplek.dev/werkplek/test/world"
)

// names are of one user in each zone.
var names = []string{"anna", "bert", "carla"}

// TestNodes: a tenant's desktops are spread over the zones (TD-25). A drain moves
// those that nobody uses and waits for the one that somebody works at. A node that
// dies is said to be lost, and once a person has said that it is off, its desktop
// starts elsewhere; each time with the same home.
func TestNodes(t *testing.T) {
	s := install(t)
	ctx := t.Context()
	w := world.World{Client: s.Client, Name: fmt.Sprintf("nodes%d", time.Now().Unix()%1000000)}
	anna := "anna@" + w.Name + ".example"
	must(t, w.Terms(ctx), w.Class(ctx, func(o *v1alpha1.WorkplaceClassSpec) {
		o.Desktop.Image, o.Desktop.Port = "docker.io/werkplek/desktop:kind", 6080
		o.Desktop.SharedMemory = ptr.To(resource.MustParse("64Mi"))
	}), w.Tenant(ctx, "t"))
	cluster.Eventually(t, soon, "the namespace", w.HasNamespace("t"))
	must(t, w.Report(ctx, "t", time.Now()))
	for _, name := range names {
		must(t, w.Workplace(ctx, "t", name, name+"@"+w.Name+".example"))
	}
	cluster.Eventually(t, soon, "the desktops run", w.AllReady("t", len(names)))
	t.Cleanup(func() { s.run(t, "uncordon", "-l", corev1.LabelTopologyZone) })

	zones := map[string]string{}
	for _, name := range names {
		zones[s.zoneOf(t, w, name)] = name
		s.write(t, w, name)
	}
	if len(zones) != 3 {
		t.Errorf("the desktops of three users are in the zones %v, want one in each", zones)
	}

	// Anna works; nobody sits at the others'.
	user := newPerson(t, chromium(t, s.node), "Anna")
	user.signIn(anna)
	user.visit("https://anna--" + w.TenantName("t") + ".desks.example.com/")
	user.sees()
	cluster.Eventually(t, soon, "anna's desktop is protected", func(ctx context.Context) error {
		budget := &policyv1.PodDisruptionBudget{}
		err := s.Get(ctx, client.ObjectKey{Namespace: w.Namespace("t"), Name: "desktops-in-use"}, budget)
		if err != nil || budget.Status.ExpectedPods != 1 || budget.Status.DisruptionsAllowed != 0 {
			return fmt.Errorf("the budget is %+v (%v)", budget.Status, err)
		}
		return nil
	})
	before := s.pod(t, w, "anna")
	if out, err := s.drain(w, before.Spec.NodeName, "anna", "5s"); err == nil || !strings.Contains(out, "disruption budget") {
		t.Fatalf("the drain took anna's desktop, or failed for another reason: %v\n%s", err, out)
	}
	s.run(t, "uncordon", before.Spec.NodeName)
	bert := s.pod(t, w, "bert")
	if out, err := s.drain(w, bert.Spec.NodeName, "bert", "60s"); err != nil {
		t.Fatalf("bert's desktop, which nobody uses, cannot be moved: %v\n%s", err, out)
	}
	cluster.Eventually(t, soon, "bert's desktop runs elsewhere", s.elsewhere(w, bert))
	s.kept(t, w, "bert")
	s.run(t, "uncordon", bert.Spec.NodeName)
	user.sees()
	if now := s.pod(t, w, "anna"); now.UID != before.UID {
		t.Error("anna lost her session to the drain")
	}

	s.loseNode(t, w)
}

// loseNode takes away a node that runs a desktop, and neither the operator nor the
// control plane.
func (s *site) loseNode(t *testing.T, w world.World) {
	t.Helper()
	var lost *corev1.Pod
	for _, name := range names {
		if pod := s.pod(t, w, name); !strings.HasSuffix(pod.Spec.NodeName, "-control-plane") {
			lost = pod
		}
	}
	if lost == nil {
		t.Fatal("all desktops are on the control plane's node")
	}
	node := lost.Spec.NodeName
	engine(t, "pause", node)
	t.Cleanup(func() { // whatever came of it, the next test wants three nodes
		_ = exec.Command("docker", "unpause", node).Run()
		_, _ = s.try("taint", "node", node, "node.kubernetes.io/out-of-service-")
		s.run(t, "wait", "--for=condition=Ready", "--timeout=120s", "node/"+node)
	})
	cluster.Eventually(t, soon, "it is said that the node is lost",
		w.WorkplaceCondition("t", lost.Name, v1alpha1.ConditionReady, v1alpha1.ReasonNodeLost))
	s.run(t, "taint", "node", node, "node.kubernetes.io/out-of-service=lost:NoExecute")
	cluster.Eventually(t, soon, "the desktop runs elsewhere", s.elsewhere(w, lost))
	s.kept(t, w, lost.Name)
}

// elsewhere says why a workplace's desktop is not ready on another node than before.
func (s *site) elsewhere(w world.World, was *corev1.Pod) func(context.Context) error {
	ready := w.WorkplaceCondition("t", was.Name, v1alpha1.ConditionReady, v1alpha1.ReasonReady)
	return func(ctx context.Context) error {
		pod := &corev1.Pod{}
		if err := s.Get(ctx, client.ObjectKeyFromObject(was), pod); err != nil {
			return err
		}
		if pod.UID == was.UID || pod.Spec.NodeName == was.Spec.NodeName {
			return fmt.Errorf("the desktop is on node %q, was on %s", pod.Spec.NodeName, was.Spec.NodeName)
		}
		return ready(ctx)
	}
}

func (s *site) pod(t *testing.T, w world.World, name string) *corev1.Pod {
	t.Helper()
	pod := &corev1.Pod{}
	must(t, s.Get(t.Context(), client.ObjectKey{Namespace: w.Namespace("t"), Name: name}, pod))
	return pod
}

func (s *site) zoneOf(t *testing.T, w world.World, name string) string {
	t.Helper()
	node := &corev1.Node{}
	must(t, s.Get(t.Context(), client.ObjectKey{Name: s.pod(t, w, name).Spec.NodeName}, node))
	return node.Labels[corev1.LabelTopologyZone]
}

// write leaves something in a home, and kept fails unless it is there.
func (s *site) write(t *testing.T, w world.World, name string) {
	t.Helper()
	s.run(t, "-n", w.Namespace("t"), "exec", name, "--", "sh", "-c", "echo of "+name+" >/home/user/note.txt")
}

func (s *site) kept(t *testing.T, w world.World, name string) {
	t.Helper()
	if got := s.run(t, "-n", w.Namespace("t"), "exec", name, "--", "cat", "/home/user/note.txt"); got != "of "+name+"\n" {
		t.Errorf("%s's note holds %q", name, got)
	}
}

// drain empties a node of one desktop, as a person does.
func (s *site) drain(w world.World, node, workplace, timeout string) (string, error) {
	return s.try("drain", node, "--ignore-daemonsets", "--delete-emptydir-data", "--timeout="+timeout,
		"--pod-selector="+v1alpha1.LabelTenant+"="+w.TenantName("t")+","+v1alpha1.LabelWorkplace+"="+workplace)
}

func (s *site) try(arguments ...string) (string, error) {
	out, err := exec.Command(s.kubectl, append([]string{"--kubeconfig", s.kubeconfig}, arguments...)...).CombinedOutput()
	return string(out), err
}

func engine(t *testing.T, arguments ...string) {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), "docker", arguments...).CombinedOutput(); err != nil {
		t.Fatalf("docker %s: %v\n%s", strings.Join(arguments, " "), err, out)
	}
}
