// SPDX-License-Identifier: Apache-2.0

package desktop

import (
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"werkplek.dev/werkplek/api/v1alpha1"
)

// SilentSince says since when nothing has been heard of a node, if nothing is. A
// node that says itself that it is not ready is not silent: its desktops may go on.
func SilentSince(node *corev1.Node) (metav1.Time, bool) {
	if node == nil {
		return metav1.Time{}, false
	}
	for _, c := range node.Status.Conditions {
		if c.Type == corev1.NodeReady && c.Status == corev1.ConditionUnknown {
			return c.LastTransitionTime, true
		}
	}
	return metav1.Time{}, false
}

// lost speaks of a pod on a node that is silent. Whether the desktop runs nobody
// knows, and two must not write to one home: only a person can say that it is off.
func lost(node string, since metav1.Time) State {
	return stalled(v1alpha1.ReasonNodeLost, fmt.Sprintf(
		"node %[1]s has been silent since %[2]s, and no other desktop starts while this one may still write to its home: "+
			"bring the node back; or, once it is certain that it is off, "+
			"kubectl taint node %[1]s node.kubernetes.io/out-of-service=lost:NoExecute",
		node, stamp(since.Time)))
}

// stopping speaks of a pod that was told to go, and of one that does not.
func stopping(pod *corev1.Pod, now time.Time) State {
	late := pod.DeletionTimestamp.Add(patience)
	if !now.Before(late) {
		return stalled(v1alpha1.ReasonNotStopping, fmt.Sprintf(
			"node %s has not confirmed since %s that the desktop ended, and no other starts beside it: "+
				"see kubectl -n %s describe pod %s, its finalizers, and the kubelet's log on the node",
			pod.Spec.NodeName, stamp(pod.DeletionTimestamp.Time), pod.Namespace, pod.Name))
	}
	state := waiting(v1alpha1.ReasonRestarting, "the desktop is stopping")
	if reason, is := Disrupted(pod); is {
		state = evicted(pod, reason)
	}
	state.Recheck = late
	return state
}

// Disrupted says why Kubernetes ends a pod, if it does.
func Disrupted(pod *corev1.Pod) (reason string, is bool) {
	if c := condition(pod, corev1.DisruptionTarget); c != nil && c.Status == corev1.ConditionTrue {
		return c.Reason, true
	}
	return "", false
}

// evicted speaks of a desktop that Kubernetes ended, or has told to end: when its
// node was drained, lost, short of memory, or wanted for something more important.
func evicted(pod *corev1.Pod, reason string) State {
	return waiting(v1alpha1.ReasonEvicted, fmt.Sprintf(
		"the desktop had to leave node %s%s and starts again where there is room", pod.Spec.NodeName, detail(reason)))
}

func ended(pod *corev1.Pod) bool {
	return pod.Status.Phase == corev1.PodFailed || pod.Status.Phase == corev1.PodSucceeded
}

func stamp(at time.Time) string { return at.UTC().Format(time.RFC3339) }
