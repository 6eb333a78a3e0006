// SPDX-License-Identifier: Apache-2.0

package desktop

import (
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"werkplek.dev/werkplek/api/v1alpha1"
)

// TestDisrupted: a desktop that Kubernetes or a dead node took away is said to be
// so, with the node, since when, and what an administrator does.
func TestDisrupted(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	heard := func(status corev1.ConditionStatus) *corev1.Node {
		return &corev1.Node{
			ObjectMeta: metav1.ObjectMeta{Name: "node-1"},
			Status: corev1.NodeStatus{Conditions: []corev1.NodeCondition{{
				Type: corev1.NodeReady, Status: status, LastTransitionTime: metav1.NewTime(now.Add(-time.Hour)),
			}}},
		}
	}
	up, silent := heard(corev1.ConditionTrue), heard(corev1.ConditionUnknown)
	ready := corev1.PodCondition{Type: corev1.PodReady, Status: corev1.ConditionTrue}
	target := corev1.PodCondition{Type: corev1.DisruptionTarget, Status: corev1.ConditionTrue, Reason: "EvictionByEvictionAPI"}
	for name, c := range map[string]struct {
		node       *corev1.Node
		deleted    time.Duration // ago; zero if not
		phase      corev1.PodPhase
		conditions []corev1.PodCondition
		want       string
		says       []string
		later      bool
	}{
		"in order":                 {node: up, conditions: []corev1.PodCondition{ready}, want: v1alpha1.ReasonRunning},
		"an unknown node":          {conditions: []corev1.PodCondition{ready}, want: v1alpha1.ReasonRunning},
		"node not ready by itself": {node: heard(corev1.ConditionFalse), conditions: []corev1.PodCondition{ready}, want: v1alpha1.ReasonRunning},
		"node silent": {
			node: silent, conditions: []corev1.PodCondition{ready}, want: v1alpha1.ReasonNodeLost,
			says: []string{"node-1", "2026-11-20T11:00:00Z", "out-of-service"},
		},
		"node silent, and told to go": {
			node: silent, deleted: time.Hour, want: v1alpha1.ReasonNodeLost, says: []string{"2026-11-20T11:00:00Z"},
		},
		"stops": {node: up, deleted: time.Second, want: v1alpha1.ReasonRestarting, later: true},
		"does not stop": {
			node: up, deleted: time.Minute, want: v1alpha1.ReasonNotStopping,
			says: []string{"node-1", "2026-11-20T11:59:00Z", "describe pod anna"},
		},
		"drained": {
			node: up, deleted: time.Second, conditions: []corev1.PodCondition{target}, want: v1alpha1.ReasonEvicted, later: true,
			says: []string{"node-1", "EvictionByEvictionAPI"},
		},
		"drained, and does not stop": {node: up, deleted: time.Hour, conditions: []corev1.PodCondition{target}, want: v1alpha1.ReasonNotStopping},
		"ended by the kubelet": {
			node: up, phase: corev1.PodFailed, conditions: []corev1.PodCondition{target}, want: v1alpha1.ReasonEvicted, says: []string{"node-1"},
		},
		"ended by itself": {node: up, phase: corev1.PodFailed, want: v1alpha1.ReasonRestarting},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pod := &corev1.Pod{
				ObjectMeta: metav1.ObjectMeta{Name: "anna", Namespace: "tenant-jansen", CreationTimestamp: metav1.NewTime(now.Add(-time.Hour))},
				Spec:       corev1.PodSpec{NodeName: "node-1"},
				Status:     corev1.PodStatus{Phase: c.phase, Conditions: c.conditions},
			}
			if c.deleted > 0 {
				pod.DeletionTimestamp = &metav1.Time{Time: now.Add(-c.deleted)}
			}
			state := Diagnose(pod, c.node, now)
			if state.Reason != c.want || state.Recheck.IsZero() == c.later {
				t.Errorf("%+v, want reason %s, another look later: %t", state, c.want, c.later)
			}
			for _, words := range c.says {
				if !strings.Contains(state.Message, words) {
					t.Errorf("%q does not say %q", state.Message, words)
				}
			}
			if later := Diagnose(pod, c.node, now.Add(24*time.Hour)); c.want == v1alpha1.ReasonNodeLost && later != state {
				t.Errorf("it says something else a day later: %+v, %+v", state, later)
			}
		})
	}
}
