// SPDX-License-Identifier: Apache-2.0

package gitops

import (
	"context"
	"fmt"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/test/cluster"
	"werkplek.dev/werkplek/test/world"
)

const user = "anna@example.com"

type (
	edit      = func(*v1alpha1.WorkplaceSpec)
	classEdit = func(*v1alpha1.WorkplaceClassSpec)
)

// workplaces: one that rests because its spec, its terms or its class want it so is
// as it should be.
var workplaces = map[string]state{
	"running":       {made(nil), v1alpha1.ReasonReady, current},
	"stopped":       {changed(stop), v1alpha1.ReasonStopped, current},
	"made stopped":  {made(stop), v1alpha1.ReasonStopped, current},
	"blocked":       {changed(block), v1alpha1.ReasonBlocked, current},
	"made blocked":  {made(block), v1alpha1.ReasonBlocked, current},
	"idle":          {idle, v1alpha1.ReasonIdle, current},
	"suspended":     {suspended, v1alpha1.ReasonSuspended, current},
	"under another": {underSuspended, v1alpha1.ReasonResellerSuspended, current},
	"ended":         {ended, v1alpha1.ReasonContractEnded, current},
	"starting":      {starting, v1alpha1.ReasonStarting, inProgress},
	"no class": {made(func(s *v1alpha1.WorkplaceSpec) {
		s.ClassRef.Name = "nowhere"
	}), v1alpha1.ReasonClassNotFound, failed},
	"no licence": {made(func(s *v1alpha1.WorkplaceSpec) {
		s.Licenses = []v1alpha1.LicenseName{"nowhere"}
	}), v1alpha1.ReasonUnlicensed, failed},
	"no place":  {beyondLimits, v1alpha1.ReasonLimitReached, failed},
	"no node":   {nowhere, v1alpha1.ReasonUnschedulable, failed},
	"no secret": {noSecret, v1alpha1.ReasonConfigInvalid, failed},
}

func stop(s *v1alpha1.WorkplaceSpec)  { s.RunPolicy = v1alpha1.RunStopped }
func block(s *v1alpha1.WorkplaceSpec) { s.Access = v1alpha1.AccessBlocked }

// provide makes terms, a class and one tenant, "t", whose billing is fresh and clear.
func provide(t *testing.T, w world.World, edits ...classEdit) {
	t.Helper()
	must(t, w.Terms(t.Context()), w.Class(t.Context(), edits...))
	admit(t, w, "t")
}

// admit makes a tenant under the world's terms.
func admit(t *testing.T, w world.World, name string, edits ...func(*v1alpha1.TenantSpec)) {
	t.Helper()
	must(t, w.Tenant(t.Context(), name, edits...))
	cluster.Eventually(t, soon, "the namespace", w.HasNamespace(name))
	must(t, w.Report(t.Context(), name, time.Now()))
}

// anna is the workplace that all states are those of.
func anna(w world.World) client.Object {
	return named(&v1alpha1.Workplace{}, w.Namespace("t"), "anna")
}

// work makes Anna's workplace, and waits for its desktop.
func work(t *testing.T, w world.World, edits ...classEdit) {
	t.Helper()
	provide(t, w, edits...)
	must(t, w.Workplace(t.Context(), "t", "anna", user))
	cluster.Eventually(t, soon, "the desktop", w.AllReady("t", 1))
}

func made(change edit) func(*testing.T, world.World) client.Object {
	return func(t *testing.T, w world.World) client.Object {
		provide(t, w)
		must(t, w.Workplace(t.Context(), "t", "anna", user, func(s *v1alpha1.WorkplaceSpec) {
			if change != nil {
				change(s)
			}
		}))
		return anna(w)
	}
}

func changed(change edit) func(*testing.T, world.World) client.Object {
	return func(t *testing.T, w world.World) client.Object {
		work(t, w)
		workplace := stands(t, w)
		base := workplace.DeepCopy()
		change(&workplace.Spec)
		must(t, w.Patch(t.Context(), workplace, client.MergeFrom(base)))
		return anna(w)
	}
}

// stands reads Anna's workplace.
func stands(t *testing.T, w world.World) *v1alpha1.Workplace {
	t.Helper()
	workplace := &v1alpha1.Workplace{}
	must(t, w.Get(t.Context(), client.ObjectKeyFromObject(anna(w)), workplace))
	return workplace
}

func idle(t *testing.T, w world.World) client.Object {
	work(t, w, func(s *v1alpha1.WorkplaceClassSpec) { s.Idle = &v1alpha1.IdleSpec{StopAfter: "PT2H"} })
	workplace := stands(t, w)
	base := workplace.DeepCopy()
	long := metav1.NewTime(time.Now().Add(-3 * time.Hour))
	workplace.Status.Activity = &v1alpha1.Activity{LastActive: &long, IdleSince: &long}
	must(t, w.Status().Patch(t.Context(), workplace, client.MergeFrom(base)))
	return anna(w)
}

func suspended(t *testing.T, w world.World) client.Object {
	work(t, w)
	suspend(t, w, "t", nil)
	return anna(w)
}

// suspend suspends a tenant by hand.
func suspend(t *testing.T, w world.World, tenant string, since *metav1.Time) client.Object {
	t.Helper()
	suspension := &v1alpha1.Suspension{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.Namespace(tenant), Name: "by-hand"},
		Spec:       v1alpha1.SuspensionSpec{Cause: v1alpha1.CauseManual, Reason: "as agreed", Since: since},
	}
	must(t, w.Create(t.Context(), suspension))
	return named(&v1alpha1.Suspension{}, suspension.Namespace, suspension.Name)
}

func underSuspended(t *testing.T, w world.World) client.Object {
	must(t, w.Terms(t.Context()), w.Class(t.Context()))
	admit(t, w, "r", world.Reseller)
	admit(t, w, "t", w.Under("r"))
	must(t, w.Workplace(t.Context(), "t", "anna", user))
	suspend(t, w, "r", nil)
	return anna(w)
}

func ended(t *testing.T, w world.World) client.Object {
	must(t, w.Terms(t.Context(), func(s *v1alpha1.ServiceTermsSpec) {
		s.Contract = &v1alpha1.ContractTerms{
			Notice: &v1alpha1.NoticeTerms{Period: "P0D", To: v1alpha1.NoticeToImmediate},
		}
	}), w.Class(t.Context()))
	admit(t, w, "t")
	must(t, w.Workplace(t.Context(), "t", "anna", user))
	cluster.Eventually(t, soon, "the desktop", w.AllReady("t", 1))
	leave(t, w)
	return anna(w)
}

// leave notes that the tenant gave notice today.
func leave(t *testing.T, w world.World) {
	t.Helper()
	tenant := &v1alpha1.Tenant{}
	must(t, w.Get(t.Context(), client.ObjectKey{Name: w.TenantName("t")}, tenant))
	base := tenant.DeepCopy()
	tenant.Spec.Contract.NoticeReceivedOn = v1alpha1.Date(time.Now().Format(time.DateOnly))
	must(t, w.Patch(t.Context(), tenant, client.MergeFrom(base)))
}

func beyondLimits(t *testing.T, w world.World) client.Object {
	must(t, w.Terms(t.Context()), w.Class(t.Context()))
	admit(t, w, "t", func(s *v1alpha1.TenantSpec) { s.Limits = &v1alpha1.TenantLimits{Workplaces: ptr.To[int32](0)} })
	must(t, w.Workplace(t.Context(), "t", "anna", user))
	return anna(w)
}

// away keeps simulated nodes from a desktop.
func away(s *v1alpha1.WorkplaceClassSpec) {
	s.Desktop.NodeSelector = map[string]string{"no-node": "has-this"}
}

func nowhere(t *testing.T, w world.World) client.Object {
	provide(t, w, away)
	must(t, w.Workplace(t.Context(), "t", "anna", user))
	return anna(w)
}

// starting: a container that runs and does not answer yet.
func starting(t *testing.T, w world.World) client.Object {
	return contains(t, w, corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: metav1.Now()}})
}

// noSecret: what a kubelet says when a Secret that the class names is missing.
func noSecret(t *testing.T, w world.World) client.Object {
	return contains(t, w, corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{
		Reason: "CreateContainerConfigError", Message: `secret "mail" not found`,
	}})
}

// contains reports a container's state in a kubelet's place.
func contains(t *testing.T, w world.World, is corev1.ContainerState) client.Object {
	nowhere(t, w)
	cluster.Eventually(t, soon, "the pod waits",
		w.WorkplaceCondition("t", "anna", v1alpha1.ConditionReady, v1alpha1.ReasonUnschedulable))
	cluster.Eventually(t, soon, "the container's state", func(ctx context.Context) error {
		pod := &corev1.Pod{}
		if err := w.Get(ctx, client.ObjectKeyFromObject(anna(w)), pod); err != nil {
			return fmt.Errorf("read the pod: %w", err)
		}
		base := pod.DeepCopy()
		pod.Status.Conditions = nil
		pod.Status.ContainerStatuses = []corev1.ContainerStatus{{
			Name: "desktop", Image: pod.Spec.Containers[0].Image, State: is,
		}}
		return w.Status().Patch(ctx, pod, client.MergeFrom(base))
	})
	return anna(w)
}
