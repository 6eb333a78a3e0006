// SPDX-License-Identifier: Apache-2.0

package desktop

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"werkplek.dev/werkplek/api/v1alpha1"
)

func anna(edits ...func(*v1alpha1.WorkplaceClassSpec)) Place {
	class := &v1alpha1.WorkplaceClass{ObjectMeta: metav1.ObjectMeta{Name: "standard"}, Spec: v1alpha1.WorkplaceClassSpec{
		Desktop: v1alpha1.DesktopSpec{Image: "desktop:1", Port: 6080, Protocol: v1alpha1.ProtocolHTTP},
		Home:    v1alpha1.HomeSpec{Size: resource.MustParse("20Gi"), MountPath: "/home/user"},
	}}
	for _, edit := range edits {
		edit(&class.Spec)
	}
	return Place{Tenant: "jansen", Class: class, Workplace: &v1alpha1.Workplace{
		ObjectMeta: metav1.ObjectMeta{Name: "anna", Namespace: "tenant-jansen"},
		Spec:       v1alpha1.WorkplaceSpec{User: v1alpha1.Person{Username: "anna@jansen.example"}},
	}}
}

// TestPodIsRestricted: by default a desktop meets the restricted Pod Security level.
func TestPodIsRestricted(t *testing.T) {
	t.Parallel()
	spec := Pod(anna()).Spec
	pod, container := spec.SecurityContext, spec.Containers[0].SecurityContext
	if !*pod.RunAsNonRoot || *pod.RunAsUser == 0 || pod.SeccompProfile.Type != corev1.SeccompProfileTypeRuntimeDefault {
		t.Errorf("the pod's security is %+v", pod)
	}
	if *container.AllowPrivilegeEscalation || container.Capabilities.Drop[0] != "ALL" {
		t.Errorf("the container's security is %+v", container)
	}
	if *spec.AutomountServiceAccountToken || *spec.EnableServiceLinks {
		t.Error("the pod learns of the cluster it runs in")
	}
	baseline := Pod(anna(func(s *v1alpha1.WorkplaceClassSpec) {
		s.Desktop.SecurityContext = &v1alpha1.DesktopSecurity{Level: v1alpha1.LevelBaseline, RunAsUser: ptr.To(int64(0))}
	})).Spec
	if baseline.SecurityContext.RunAsNonRoot != nil || *baseline.SecurityContext.RunAsUser != 0 || baseline.Containers[0].SecurityContext != nil {
		t.Errorf("a baseline class got %+v", baseline.SecurityContext)
	}
}

// TestSpread: a tenant's desktops are asked to be in different zones, with their own
// tenant's others only, and never at the price of not running.
func TestSpread(t *testing.T) {
	t.Parallel()
	pod := Pod(anna())
	if len(pod.Spec.TopologySpreadConstraints) != 1 {
		t.Fatalf("the constraints are %+v", pod.Spec.TopologySpreadConstraints)
	}
	c := pod.Spec.TopologySpreadConstraints[0]
	if c.TopologyKey != corev1.LabelTopologyZone || c.WhenUnsatisfiable != corev1.ScheduleAnyway {
		t.Errorf("the constraint is %+v", c)
	}
	for label, value := range c.LabelSelector.MatchLabels {
		if pod.Labels[label] != value {
			t.Errorf("the desktop is not among those that are spread: %s is %q, want %q", label, pod.Labels[label], value)
		}
	}
	if c.LabelSelector.MatchLabels[v1alpha1.LabelTenant] != "jansen" {
		t.Errorf("other tenants' desktops are counted: %v", c.LabelSelector.MatchLabels)
	}
}

// TestAutoscalerMayEvict: an autoscaler may move a desktop that nobody uses, whatever
// else it thinks of pods with memory of their own.
func TestAutoscalerMayEvict(t *testing.T) {
	t.Parallel()
	if got := Pod(anna()).Annotations["cluster-autoscaler.kubernetes.io/safe-to-evict"]; got != "true" {
		t.Errorf("safe-to-evict is %q", got)
	}
}

// TestOutdated: only what changes the pod makes a running one outdated.
func TestOutdated(t *testing.T) {
	t.Parallel()
	running := Pod(anna())
	for name, c := range map[string]struct {
		edit func(*v1alpha1.WorkplaceClassSpec)
		want bool
	}{
		"nothing":    {func(*v1alpha1.WorkplaceClassSpec) {}, false},
		"the price":  {func(s *v1alpha1.WorkplaceClassSpec) { s.Price = &v1alpha1.ClassPrice{Amount: "1"} }, false},
		"the image":  {func(s *v1alpha1.WorkplaceClassSpec) { s.Desktop.Image = "desktop:2" }, true},
		"the memory": {func(s *v1alpha1.WorkplaceClassSpec) { s.Desktop.SharedMemory = ptr.To(resource.MustParse("1Gi")) }, true},
		"a variable": {func(s *v1alpha1.WorkplaceClassSpec) { s.Desktop.Env = []v1alpha1.DesktopEnv{{Name: "A", Value: "B"}} }, true},
	} {
		if got := Outdated(running, Pod(anna(c.edit))); got != c.want {
			t.Errorf("changed %s: outdated %t, want %t", name, got, c.want)
		}
	}
}

// TestHomeOf: a home is opened for the person whose it is, and no one else.
func TestHomeOf(t *testing.T) {
	t.Parallel()
	claim := Claim(anna())
	if len(claim.OwnerReferences) != 0 || claim.Name != "home-anna" || !OwnClaim(claim) {
		t.Errorf("claim %s, owners %v", claim.Name, claim.OwnerReferences)
	}
	if !HomeOf(claim, "anna@jansen.example") || HomeOf(claim, "omar@jansen.example") {
		t.Error("the home is not anna's alone")
	}
}

// TestPolicies: nothing comes in but from the gateway, nothing goes out to the
// cluster's own ranges.
func TestPolicies(t *testing.T) {
	t.Parallel()
	policies := Policies(Network{GatewayNamespace: "gw", GatewayLabels: map[string]string{"app": "portal"}, EgressExcept: []string{"10.0.0.0/8", "fc00::/7"}})
	if deny := policies["default-deny"]; len(deny.PolicyTypes) != 2 || len(deny.Ingress)+len(deny.Egress) != 0 {
		t.Errorf("default-deny lets something pass: %+v", deny)
	}
	from := policies["allow-gateway"].Ingress[0].From
	if len(from) != 1 || from[0].NamespaceSelector.MatchLabels[corev1.LabelMetadataName] != "gw" || from[0].PodSelector.MatchLabels["app"] != "portal" {
		t.Errorf("allow-gateway lets in %+v", from)
	}
	blocks := policies["allow-egress"].Egress[1].To
	if blocks[0].IPBlock.Except[0] != "10.0.0.0/8" || blocks[1].IPBlock.Except[0] != "fc00::/7" {
		t.Errorf("allow-egress reaches %+v %+v", blocks[0].IPBlock, blocks[1].IPBlock)
	}
}

// TestDiagnose: each state of a pod in words that a support agent can act on.
func TestDiagnose(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	waiting := func(reason string) corev1.PodStatus {
		return corev1.PodStatus{ContainerStatuses: []corev1.ContainerStatus{{State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason}}}}}
	}
	running := func(since time.Time, crashed bool) corev1.PodStatus {
		status := corev1.ContainerStatus{State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: metav1.NewTime(since)}}}
		if crashed {
			status.LastTerminationState.Terminated = &corev1.ContainerStateTerminated{ExitCode: 1}
		}
		return corev1.PodStatus{ContainerStatuses: []corev1.ContainerStatus{status}}
	}
	unscheduled := func(message string) corev1.PodStatus {
		return corev1.PodStatus{Conditions: []corev1.PodCondition{{Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: corev1.PodReasonUnschedulable, Message: message}}}
	}
	for name, c := range map[string]struct {
		status corev1.PodStatus
		want   string
		later  bool // means something else later
	}{
		"new":               {corev1.PodStatus{Phase: corev1.PodPending}, v1alpha1.ReasonStarting, true},
		"ready":             {corev1.PodStatus{Conditions: []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}}}, v1alpha1.ReasonRunning, false},
		"no node":           {unscheduled("0/4 nodes are available: 4 Insufficient cpu."), v1alpha1.ReasonUnschedulable, false},
		"no volume":         {unscheduled("pod has unbound immediate PersistentVolumeClaims"), v1alpha1.ReasonVolumeUnavailable, false},
		"pull failed":       {waiting("ErrImagePull"), v1alpha1.ReasonImageUnavailable, false},
		"pull backs off":    {waiting("ImagePullBackOff"), v1alpha1.ReasonImageUnavailable, false},
		"bad configuration": {waiting("CreateContainerConfigError"), v1alpha1.ReasonConfigInvalid, false},
		"just runs":         {running(now.Add(-time.Second), false), v1alpha1.ReasonStarting, true},
		"runs in vain":      {running(now.Add(-time.Hour), false), v1alpha1.ReasonNotAnswering, false},
		"between crashes":   {running(now.Add(-time.Second), true), v1alpha1.ReasonCrashing, false},
		"evicted":           {corev1.PodStatus{Phase: corev1.PodFailed, Reason: "Evicted"}, v1alpha1.ReasonRestarting, false},
	} {
		pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "anna", Namespace: "tenant-jansen", CreationTimestamp: metav1.NewTime(now.Add(-time.Second))}, Status: c.status}
		state := Diagnose(pod, nil, now)
		if state.Reason != c.want || state.OK() != (c.want == v1alpha1.ReasonRunning) || state.Recheck.IsZero() == c.later {
			t.Errorf("%s: %+v, want reason %s, another look later: %t", name, state, c.want, c.later)
		}
	}
	if a, b := Diagnose(&corev1.Pod{Status: waiting("ErrImagePull")}, nil, now), Diagnose(&corev1.Pod{Status: waiting("ImagePullBackOff")}, nil, now); a != b {
		t.Errorf("a pull that backs off and tries again flaps: %+v, %+v", a, b)
	}
}
