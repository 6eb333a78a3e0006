// SPDX-License-Identifier: Apache-2.0

package behaviour

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/test/cluster"
	"werkplek.dev/werkplek/test/world"
)

// drainSparesWhoIsConnected: kubectl drain empties a node of desktops that nobody
// uses, which start again elsewhere, and waits for those with somebody connected.
// All of it can be read afterwards.
func drainSparesWhoIsConnected(t *testing.T, w world.World) {
	ctx := t.Context()
	must(t, w.Terms(ctx), w.Class(ctx, ownNodes(t, w)), w.Tenant(ctx, "t"))
	cluster.Eventually(t, soon, "the namespace", w.HasNamespace("t"))
	must(t, w.Report(ctx, "t", time.Now()))
	must(t, w.Workplace(ctx, "t", "anna", user))
	must(t, w.Workplace(ctx, "t", "bert", "bert@example.com"))
	cluster.Eventually(t, soon, "the desktops", w.AllReady("t", 2))
	reportActivity(t, w, "anna", &v1alpha1.Activity{LastActive: at(time.Now())})
	budget := &policyv1.PodDisruptionBudget{ObjectMeta: metav1.ObjectMeta{Namespace: w.Namespace("t"), Name: "desktops-in-use"}}
	cluster.Eventually(t, soon, "anna's desktop is protected", func(ctx context.Context) error {
		err := w.Get(ctx, client.ObjectKeyFromObject(budget), budget)
		if err != nil || budget.Status.ObservedGeneration != budget.Generation || budget.Status.ExpectedPods != 1 {
			return fmt.Errorf("the budget is %+v (%v)", budget.Status, err)
		}
		return nil
	})
	anna, bert := desktopOf(t, w, "anna"), desktopOf(t, w, "bert")

	out, err := drain(ctx, w, anna.Spec.NodeName, "anna", "3s")
	if err == nil || !strings.Contains(out, "disruption budget") {
		t.Fatalf("the drain took anna's desktop, or failed for another reason: %v\n%s", err, out)
	}
	cluster.Eventually(t, soon, "it is said that the node is to be emptied",
		w.WorkplaceCondition("t", "anna", v1alpha1.ConditionRestartPending, v1alpha1.ReasonNodeCordoned))
	uncordon(t, anna.Spec.NodeName)
	cluster.Eventually(t, soon, "it is no longer said",
		w.WorkplaceCondition("t", "anna", v1alpha1.ConditionRestartPending, v1alpha1.ReasonUpToDate))

	if out, err := drain(ctx, w, bert.Spec.NodeName, "bert", "30s"); err != nil {
		t.Fatalf("bert's desktop, which nobody uses, cannot be moved: %v\n%s", err, out)
	}
	cluster.Eventually(t, soon, "bert's desktop is elsewhere", movedFrom(w, bert))
	cluster.Eventually(t, soon, "the event", hasEvent(w, "bert", v1alpha1.ReasonEvicted))
	uncordon(t, bert.Spec.NodeName)
	if now := desktopOf(t, w, "anna"); now.UID != anna.UID {
		t.Error("anna lost her session")
	}

	reportActivity(t, w, "anna", &v1alpha1.Activity{LastActive: at(time.Now()), IdleSince: at(time.Now())})
	if out, err := drain(ctx, w, anna.Spec.NodeName, "anna", "30s"); err != nil {
		t.Fatalf("anna has gone, and her desktop cannot be moved: %v\n%s", err, out)
	}
	cluster.Eventually(t, soon, "anna's desktop is elsewhere", movedFrom(w, anna))
}

// ownNodes makes two nodes that are nobody else's, and returns what puts a class's
// desktops on them.
func ownNodes(t *testing.T, w world.World) func(*v1alpha1.WorkplaceClassSpec) {
	t.Helper()
	for _, number := range []string{"1", "2"} {
		room := corev1.ResourceList{
			corev1.ResourceCPU: resource.MustParse("100"), corev1.ResourceMemory: resource.MustParse("1Ti"),
			corev1.ResourcePods: resource.MustParse("100"),
		}
		node := &corev1.Node{
			ObjectMeta: metav1.ObjectMeta{Name: w.Name + "-" + number, Labels: map[string]string{"example.com/of": w.Name}},
			Spec:       corev1.NodeSpec{Taints: []corev1.Taint{{Key: "example.com/of", Value: w.Name, Effect: corev1.TaintEffectNoSchedule}}},
			Status:     corev1.NodeStatus{Capacity: room, Allocatable: room},
		}
		must(t, w.Create(t.Context(), node))
	}
	return func(class *v1alpha1.WorkplaceClassSpec) {
		class.Desktop.NodeSelector = map[string]string{"example.com/of": w.Name}
		class.Desktop.Tolerations = []corev1.Toleration{{Key: "example.com/of", Operator: corev1.TolerationOpExists}}
	}
}

// neverConfirmed: of a pod that its node does not let go it is said, a minute after
// it should have gone, with the node and since when.
func neverConfirmed(t *testing.T, w world.World) {
	ctx := t.Context()
	provide(t, w)
	must(t, w.Workplace(ctx, "t", "anna", user))
	cluster.Eventually(t, soon, "the desktop", w.AllReady("t", 1))
	pod := podOf(t, w)
	hold := client.RawPatch(types.JSONPatchType, []byte(`[{"op":"add","path":"/metadata/finalizers","value":["example.com/kubelet"]}]`))
	must(t, w.Patch(ctx, pod, hold))
	must(t, w.Delete(ctx, pod, client.GracePeriodSeconds(0)))
	cluster.Eventually(t, 2*time.Minute, "it is said that the desktop does not stop",
		w.WorkplaceCondition("t", "anna", v1alpha1.ConditionReady, v1alpha1.ReasonNotStopping))
	cluster.Eventually(t, soon, "the event", hasEvent(w, "anna", v1alpha1.ReasonNotStopping))
	ready := meta.FindStatusCondition(workplaceOf(t, w).Status.Conditions, v1alpha1.ConditionReady)
	if !strings.Contains(ready.Message, pod.Spec.NodeName) {
		t.Errorf("%q does not name node %s", ready.Message, pod.Spec.NodeName)
	}
	must(t, w.Patch(ctx, pod, client.RawPatch(types.JSONPatchType, []byte(`[{"op":"remove","path":"/metadata/finalizers"}]`))))
	cluster.Eventually(t, soon, "the desktop is back", w.AllReady("t", 1))
}

// drain empties a node of one workplace's desktop, as a person does; the others on
// it are other tests'.
func drain(ctx context.Context, w world.World, node, workplace, timeout string) (string, error) {
	return kubectl(ctx, "drain", node, "--delete-emptydir-data", "--timeout="+timeout, "--ignore-daemonsets",
		"--pod-selector="+v1alpha1.LabelTenant+"="+w.TenantName("t")+","+v1alpha1.LabelWorkplace+"="+workplace)
}

func uncordon(t *testing.T, node string) {
	t.Helper()
	if out, err := kubectl(t.Context(), "uncordon", node); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

func kubectl(ctx context.Context, args ...string) (string, error) {
	program, err := cluster.Kubectl(ctx)
	if err != nil {
		return "", err
	}
	command := exec.CommandContext(ctx, program, append([]string{"--kubeconfig", cluster.Shared().Kubeconfig}, args...)...)
	out, err := command.CombinedOutput()
	return string(out), err
}

func reportActivity(t *testing.T, w world.World, name string, activity *v1alpha1.Activity) {
	t.Helper()
	workplace := &v1alpha1.Workplace{}
	must(t, w.Get(t.Context(), client.ObjectKey{Namespace: w.Namespace("t"), Name: name}, workplace))
	after := workplace.DeepCopy()
	after.Status.Activity = activity
	must(t, w.Status().Patch(t.Context(), after, client.MergeFrom(workplace)))
}

func at(moment time.Time) *metav1.Time { return &metav1.Time{Time: moment.Truncate(time.Second)} }

func desktopOf(t *testing.T, w world.World, name string) *corev1.Pod {
	t.Helper()
	pod := &corev1.Pod{}
	must(t, w.Get(t.Context(), client.ObjectKey{Namespace: w.Namespace("t"), Name: name}, pod))
	return pod
}

func movedFrom(w world.World, was *corev1.Pod) func(context.Context) error {
	return func(ctx context.Context) error {
		pod := &corev1.Pod{}
		err := w.Get(ctx, client.ObjectKeyFromObject(was), pod)
		if err != nil || pod.Spec.NodeName == "" || pod.Spec.NodeName == was.Spec.NodeName {
			return fmt.Errorf("the desktop is on node %q, was on %s (%v)", pod.Spec.NodeName, was.Spec.NodeName, err)
		}
		return nil
	}
}

func hasEvent(w world.World, workplace, reason string) func(context.Context) error {
	return func(ctx context.Context) error {
		var all eventsv1.EventList
		if err := w.List(ctx, &all, client.InNamespace(w.Namespace("t"))); err != nil {
			return err
		}
		for i := range all.Items {
			if e := &all.Items[i]; e.Regarding.Kind == "Workplace" && e.Regarding.Name == workplace && e.Reason == reason {
				return nil
			}
		}
		return fmt.Errorf("none of %d events is %s of workplace %s", len(all.Items), reason, workplace)
	}
}
