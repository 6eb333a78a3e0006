// SPDX-License-Identifier: Apache-2.0

package behaviour

import (
	"context"
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/test/cluster"
	"werkplek.dev/werkplek/test/world"
)

const user = "anna@example.com"

func desktopAndHome(t *testing.T, w world.World) {
	ctx := t.Context()
	provide(t, w)
	must(t, w.Workplace(ctx, "t", "anna", user))
	cluster.Eventually(t, soon, "the desktop", w.AllReady("t", 1))
	pod, claim := podOf(t, w), &corev1.PersistentVolumeClaim{}
	must(t, w.Get(ctx, client.ObjectKey{Namespace: w.Namespace("t"), Name: "home-anna"}, claim))
	if len(claim.OwnerReferences) != 0 {
		t.Errorf("the home has an owner, with which it would go: %v", claim.OwnerReferences)
	}
	if len(pod.OwnerReferences) != 1 || pod.OwnerReferences[0].Kind != "Workplace" {
		t.Errorf("the pod's owners are %v, want its Workplace", pod.OwnerReferences)
	}
	if token := pod.Spec.AutomountServiceAccountToken; token == nil || *token {
		t.Error("the pod mounts a service-account token")
	}
	workplace := workplaceOf(t, w)
	if want := "https://anna--" + w.TenantName("t") + ".desks.example.com/"; workplace.Status.URL != want {
		t.Errorf("the URL is %q, want %q", workplace.Status.URL, want)
	}
	if workplace.Status.Home == nil || workplace.Status.Home.ClaimName != claim.Name || workplace.Status.PodName != pod.Name {
		t.Errorf("the status names %+v and pod %q", workplace.Status.Home, workplace.Status.PodName)
	}
}

// deletedHome: a home that somebody deletes by mistake stays as long as its desktop
// runs, which nothing stops but the end of access; and once it is gone no empty one
// takes its place.
func deletedHome(t *testing.T, w world.World) {
	ctx := t.Context()
	provide(t, w)
	must(t, w.Workplace(ctx, "t", "anna", user))
	cluster.Eventually(t, soon, "the desktop", w.AllReady("t", 1))
	pod := podOf(t, w)
	claim := &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Namespace: w.Namespace("t"), Name: "home-anna"}}
	unmarked := client.RawPatch(types.JSONPatchType, []byte(`[{"op":"remove","path":"/metadata/labels"}]`))
	must(t, w.Patch(ctx, claim, unmarked))
	cluster.Eventually(t, soon, "the labels are back", func(ctx context.Context) error {
		if err := w.Get(ctx, client.ObjectKeyFromObject(claim), claim); err != nil || claim.Labels[v1alpha1.LabelWorkplace] != "anna" {
			return fmt.Errorf("the home's labels are %v (%v)", claim.Labels, err)
		}
		return nil
	})
	must(t, w.Delete(ctx, claim))
	cluster.Eventually(t, soon, "it is said",
		w.WorkplaceCondition("t", "anna", v1alpha1.ConditionHomeReady, v1alpha1.ReasonHomeBeingDeleted))
	if now := podOf(t, w); now.UID != pod.UID || now.DeletionTimestamp != nil {
		t.Fatal("the desktop was stopped, which lets the home go")
	}
	must(t, w.Get(ctx, client.ObjectKeyFromObject(claim), claim)) // it is still there to be rescued
	must(t, w.Delete(ctx, pod))
	cluster.Eventually(t, soon, "the loss is said",
		w.WorkplaceCondition("t", "anna", v1alpha1.ConditionHomeReady, v1alpha1.ReasonHomeLost))
	if err := w.Get(ctx, client.ObjectKeyFromObject(claim), claim); !apierrors.IsNotFound(err) {
		t.Errorf("an empty home took the place of the one that is gone (%v)", err)
	}
}

func missingClassHeals(t *testing.T, w world.World) {
	ctx := t.Context()
	must(t, w.Terms(ctx), w.Tenant(ctx, "t"))
	cluster.Eventually(t, soon, "the namespace", w.HasNamespace("t"))
	must(t, w.Workplace(ctx, "t", "anna", user))
	cluster.Eventually(t, soon, "it names the missing class", w.WorkplaceCondition("t", "anna", v1alpha1.ConditionReady, v1alpha1.ReasonClassNotFound))
	must(t, w.Class(ctx))
	cluster.Eventually(t, soon, "it heals", w.AllReady("t", 1))
}

func limits(t *testing.T, w world.World) {
	ctx := t.Context()
	provide(t, w)
	must(t, edit(ctx, w, "t", func(s *v1alpha1.TenantSpec) { s.Limits = &v1alpha1.TenantLimits{Workplaces: ptr.To(int32(1))} }))
	must(t, w.Workplace(ctx, "t", "a-first", user), w.Workplace(ctx, "t", "b-second", user), w.Workplace(ctx, "t", "c-third", user))
	cluster.Eventually(t, soon, "the oldest runs", w.WorkplaceCondition("t", "a-first", v1alpha1.ConditionReady, v1alpha1.ReasonReady))
	for _, waiting := range []string{"b-second", "c-third"} {
		cluster.Eventually(t, soon, "the younger wait", w.WorkplaceCondition("t", waiting, v1alpha1.ConditionReady, v1alpha1.ReasonLimitReached))
	}
	must(t, edit(ctx, w, "t", func(s *v1alpha1.TenantSpec) { s.Limits.Workplaces = ptr.To(int32(2)) }))
	cluster.Eventually(t, soon, "the next gets its place", w.WorkplaceCondition("t", "b-second", v1alpha1.ConditionReady, v1alpha1.ReasonReady))
	must(t, w.WorkplaceCondition("t", "c-third", v1alpha1.ConditionReady, v1alpha1.ReasonLimitReached)(ctx))
	must(t, w.Delete(ctx, &v1alpha1.Workplace{ObjectMeta: metav1.ObjectMeta{Namespace: w.Namespace("t"), Name: "a-first"}}))
	cluster.Eventually(t, 2*soon, "the last gets the place of one that is gone", w.WorkplaceCondition("t", "c-third", v1alpha1.ConditionReady, v1alpha1.ReasonReady))
}

func classNotAllowed(t *testing.T, w world.World) {
	ctx := t.Context()
	provide(t, w)
	must(t, edit(ctx, w, "t", func(s *v1alpha1.TenantSpec) {
		s.Limits = &v1alpha1.TenantLimits{AllowedClasses: []v1alpha1.ObjectName{"another"}}
	}))
	must(t, w.Workplace(ctx, "t", "anna", user))
	cluster.Eventually(t, soon, "it waits", w.WorkplaceCondition("t", "anna", v1alpha1.ConditionReady, v1alpha1.ReasonClassNotAllowed))
	must(t, edit(ctx, w, "t", func(s *v1alpha1.TenantSpec) { s.Limits = nil }))
	cluster.Eventually(t, soon, "it runs", w.AllReady("t", 1))
}

func blockedKeepsHome(t *testing.T, w world.World) {
	ctx := t.Context()
	provide(t, w)
	must(t, w.Workplace(ctx, "t", "anna", user))
	cluster.Eventually(t, soon, "the desktop", w.AllReady("t", 1))
	must(t, change(ctx, w, func(s *v1alpha1.WorkplaceSpec) { s.Access = v1alpha1.AccessBlocked }))
	cluster.Eventually(t, soon, "no desktop", w.NoneReady("t", 1))
	must(t, w.WorkplaceCondition("t", "anna", v1alpha1.ConditionAccessGranted, v1alpha1.ReasonBlocked)(ctx))
	must(t, w.Get(ctx, client.ObjectKey{Namespace: w.Namespace("t"), Name: "home-anna"}, &corev1.PersistentVolumeClaim{}))
	must(t, change(ctx, w, func(s *v1alpha1.WorkplaceSpec) {
		s.Access, s.RunPolicy = v1alpha1.AccessAllowed, v1alpha1.RunStopped
	}))
	cluster.Eventually(t, soon, "stopped, not blocked", w.WorkplaceCondition("t", "anna", v1alpha1.ConditionReady, v1alpha1.ReasonStopped))
	must(t, w.WorkplaceCondition("t", "anna", v1alpha1.ConditionAccessGranted, v1alpha1.ReasonGranted)(ctx))
}

func restartPending(t *testing.T, w world.World) {
	ctx := t.Context()
	provide(t, w)
	must(t, w.Workplace(ctx, "t", "anna", user))
	cluster.Eventually(t, soon, "the desktop", w.AllReady("t", 1))
	session := podOf(t, w).UID
	class := &v1alpha1.WorkplaceClass{}
	must(t, w.Get(ctx, client.ObjectKey{Name: w.Name}, class))
	base := class.DeepCopy()
	class.Spec.Desktop.Image = "registry.example.com/desktop:2"
	must(t, w.Patch(ctx, class, client.MergeFrom(base)))
	cluster.Eventually(t, soon, "a restart is pending", w.WorkplaceCondition("t", "anna", v1alpha1.ConditionRestartPending, v1alpha1.ReasonClassChanged))
	if podOf(t, w).UID != session {
		t.Fatal("a changed class killed a running session")
	}
	must(t, change(ctx, w, func(s *v1alpha1.WorkplaceSpec) { s.RestartedAt = ptr.To(metav1.Now()) }))
	cluster.Eventually(t, soon, "the new image runs", func(ctx context.Context) error {
		if image := podOf(t, w).Spec.Containers[0].Image; image != class.Spec.Desktop.Image {
			return fmt.Errorf("image %s runs", image)
		}
		return w.WorkplaceCondition("t", "anna", v1alpha1.ConditionRestartPending, v1alpha1.ReasonUpToDate)(ctx)
	})
}

func restartOnRequest(t *testing.T, w world.World) {
	ctx := t.Context()
	provide(t, w)
	must(t, w.Workplace(ctx, "t", "anna", user))
	cluster.Eventually(t, soon, "the desktop", w.AllReady("t", 1))
	first := podOf(t, w).UID
	must(t, change(ctx, w, func(s *v1alpha1.WorkplaceSpec) { s.RestartedAt = ptr.To(metav1.Now()) }))
	cluster.Eventually(t, soon, "another desktop", func(ctx context.Context) error {
		if pod := podOf(t, w); pod.UID == first || pod.DeletionTimestamp != nil {
			return fmt.Errorf("the first pod is still there")
		}
		return w.AllReady("t", 1)(ctx)
	})
}

func homeOfAnother(t *testing.T, w world.World) {
	ctx := t.Context()
	provide(t, w)
	must(t, w.Workplace(ctx, "t", "anna", user))
	cluster.Eventually(t, soon, "the desktop", w.AllReady("t", 1))
	remove := func() {
		must(t, w.Delete(ctx, &v1alpha1.Workplace{ObjectMeta: metav1.ObjectMeta{Namespace: w.Namespace("t"), Name: "anna"}}))
		cluster.Eventually(t, soon, "it is gone", w.NoneReady("t", 0))
	}
	remove()
	must(t, w.Workplace(ctx, "t", "anna", "somebody.else@example.com"))
	cluster.Eventually(t, soon, "another user does not get the home", w.WorkplaceCondition("t", "anna", v1alpha1.ConditionReady, v1alpha1.ReasonHomeOfAnother))
	remove()
	must(t, w.Workplace(ctx, "t", "anna", user))
	cluster.Eventually(t, soon, "its owner gets it back", w.AllReady("t", 1))
}

func homeGrows(t *testing.T, w world.World) {
	ctx := t.Context()
	provide(t, w)
	must(t, w.Workplace(ctx, "t", "anna", user))
	cluster.Eventually(t, soon, "the desktop", w.AllReady("t", 1))
	must(t, change(ctx, w, func(s *v1alpha1.WorkplaceSpec) { s.Home = &v1alpha1.WorkplaceHome{Size: resource.MustParse("3Gi")} }))
	cluster.Eventually(t, soon, "a larger claim", func(ctx context.Context) error {
		claim := &corev1.PersistentVolumeClaim{}
		if err := w.Get(ctx, client.ObjectKey{Namespace: w.Namespace("t"), Name: "home-anna"}, claim); err != nil {
			return err
		}
		if size := claim.Spec.Resources.Requests.Storage().String(); size != "3Gi" {
			return fmt.Errorf("the claim asks for %s", size)
		}
		if home := workplaceOf(t, w).Status.Home; home == nil || home.Size.String() != "3Gi" {
			return fmt.Errorf("the status says %+v", home)
		}
		return nil
	})
}

func foreignPod(t *testing.T, w world.World) {
	ctx := t.Context()
	provide(t, w)
	foreign := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: w.Namespace("t"), Name: "anna"}, Spec: restricted("example.com/theirs:1")}
	must(t, w.Create(ctx, foreign))
	must(t, w.Workplace(ctx, "t", "anna", user))
	cluster.Eventually(t, soon, "the workplace names it", w.WorkplaceCondition("t", "anna", v1alpha1.ConditionReady, v1alpha1.ReasonForeignObject))
	if podOf(t, w).UID != foreign.UID {
		t.Fatal("a foreign pod was replaced")
	}
}

func unschedulableSaysWhy(t *testing.T, w world.World) {
	ctx := t.Context()
	must(t, w.Terms(ctx), w.Tenant(ctx, "t"), w.Class(ctx, func(s *v1alpha1.WorkplaceClassSpec) {
		s.Desktop.NodeSelector = map[string]string{"no-node": "has-this"}
	}))
	cluster.Eventually(t, soon, "the namespace", w.HasNamespace("t"))
	must(t, w.Workplace(ctx, "t", "anna", user))
	cluster.Eventually(t, soon, "it says why", w.WorkplaceCondition("t", "anna", v1alpha1.ConditionReady, v1alpha1.ReasonUnschedulable))
}

func imageSaysWhy(t *testing.T, w world.World) {
	ctx := t.Context()
	must(t, w.Terms(ctx), w.Tenant(ctx, "t"), w.Class(ctx, func(s *v1alpha1.WorkplaceClassSpec) {
		s.Desktop.NodeSelector = map[string]string{"no-node": "has-this"} // no simulated node overwrites the status below
	}))
	cluster.Eventually(t, soon, "the namespace", w.HasNamespace("t"))
	must(t, w.Workplace(ctx, "t", "anna", user))
	cluster.Eventually(t, soon, "the pod waits", w.WorkplaceCondition("t", "anna", v1alpha1.ConditionReady, v1alpha1.ReasonUnschedulable))
	pod := podOf(t, w)
	base := pod.DeepCopy()
	pod.Status.Conditions = nil
	pod.Status.ContainerStatuses = []corev1.ContainerStatus{{
		Name: "desktop", Image: pod.Spec.Containers[0].Image,
		State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "ErrImagePull", Message: "not found"}},
	}}
	must(t, w.Status().Patch(ctx, pod, client.MergeFrom(base)))
	cluster.Eventually(t, soon, "it says why", w.WorkplaceCondition("t", "anna", v1alpha1.ConditionReady, v1alpha1.ReasonImageUnavailable))
}

func quotaSaysWhy(t *testing.T, w world.World) {
	ctx := t.Context()
	provide(t, w)
	must(t, w.Create(ctx, &corev1.ResourceQuota{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.Namespace("t"), Name: "theirs"},
		Spec:       corev1.ResourceQuotaSpec{Hard: corev1.ResourceList{corev1.ResourcePods: resource.MustParse("0")}},
	}))
	cluster.Eventually(t, soon, "the quota is counted", func(ctx context.Context) error {
		quota := &corev1.ResourceQuota{}
		if err := w.Get(ctx, client.ObjectKey{Namespace: w.Namespace("t"), Name: "theirs"}, quota); err != nil {
			return err
		}
		if len(quota.Status.Hard) == 0 {
			return fmt.Errorf("its status is empty")
		}
		return nil
	})
	must(t, w.Workplace(ctx, "t", "anna", user))
	cluster.Eventually(t, soon, "it says why", w.WorkplaceCondition("t", "anna", v1alpha1.ConditionReady, v1alpha1.ReasonQuotaExceeded))
}

// podOf returns the pod of workplace anna of tenant t, or an empty one.
func podOf(t *testing.T, w world.World) *corev1.Pod {
	t.Helper()
	pod := &corev1.Pod{}
	if err := client.IgnoreNotFound(w.Get(t.Context(), client.ObjectKey{Namespace: w.Namespace("t"), Name: "anna"}, pod)); err != nil {
		t.Fatal(err)
	}
	if len(pod.Spec.Containers) == 0 {
		pod.Spec.Containers = []corev1.Container{{}}
	}
	return pod
}

func workplaceOf(t *testing.T, w world.World) *v1alpha1.Workplace {
	t.Helper()
	workplace := &v1alpha1.Workplace{}
	must(t, w.Get(t.Context(), client.ObjectKey{Namespace: w.Namespace("t"), Name: "anna"}, workplace))
	return workplace
}

// change changes the spec of workplace anna of tenant t.
func change(ctx context.Context, w world.World, edit func(*v1alpha1.WorkplaceSpec)) error {
	workplace := &v1alpha1.Workplace{}
	if err := w.Get(ctx, client.ObjectKey{Namespace: w.Namespace("t"), Name: "anna"}, workplace); err != nil {
		return err
	}
	base := workplace.DeepCopy()
	edit(&workplace.Spec)
	return w.Patch(ctx, workplace, client.MergeFrom(base))
}

// restricted is a pod that the restricted Pod Security level lets pass.
func restricted(image string) corev1.PodSpec {
	return corev1.PodSpec{
		SecurityContext: &corev1.PodSecurityContext{
			RunAsNonRoot: ptr.To(true), RunAsUser: ptr.To(int64(1000)),
			SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
		},
		Containers: []corev1.Container{{Name: "c", Image: image, SecurityContext: &corev1.SecurityContext{
			AllowPrivilegeEscalation: ptr.To(false), Capabilities: &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
		}}},
	}
}
