// SPDX-License-Identifier: Apache-2.0

package desktop

import (
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/outcome"
)

// patience is how long a pod may prepare or stay silent before its state counts as a problem.
const patience = time.Minute

// State is what a pod's state means to a person: ready when the desktop can be
// opened, waiting while it comes by itself, stalled when somebody must look.
type State struct {
	outcome.Outcome
	// Recheck is when the state means something else although nothing happened; zero if never.
	Recheck time.Time
}

// Diagnose says what the state of a desktop's pod means at a moment. The node is
// the one that the pod is on, nil where there is none or it is not known.
func Diagnose(pod *corev1.Pod, node *corev1.Node, now time.Time) State {
	if since, silent := SilentSince(node); silent {
		return lost(node.Name, since)
	}
	if pod.DeletionTimestamp != nil {
		return stopping(pod, now)
	}
	if reason, is := Disrupted(pod); is && ended(pod) {
		return evicted(pod, reason)
	}
	if ended(pod) {
		return waiting(v1alpha1.ReasonRestarting, "the desktop ended"+detail(pod.Status.Reason)+" and is started again")
	}
	if c := condition(pod, corev1.PodReady); c != nil && c.Status == corev1.ConditionTrue {
		return State{Outcome: outcome.Ready(v1alpha1.ReasonRunning, "the desktop can be opened")}
	}
	scheduled := condition(pod, corev1.PodScheduled)
	if scheduled != nil && scheduled.Status == corev1.ConditionFalse && scheduled.Reason == corev1.PodReasonUnschedulable {
		return unschedulable(scheduled.Message)
	}
	for i := range pod.Status.ContainerStatuses {
		if state, found := containerState(pod, &pod.Status.ContainerStatuses[i], now); found {
			return state
		}
	}
	return preparing(pod, scheduled, now)
}

// unschedulable tells a missing volume from missing room: each is another person's work.
func unschedulable(message string) State {
	lower := strings.ToLower(message)
	for _, word := range []string{"persistentvolumeclaim", "persistent volume", "storageclass", "volume node affinity"} {
		if strings.Contains(lower, word) {
			return stalled(v1alpha1.ReasonVolumeUnavailable, "the home has no volume: "+message)
		}
	}
	return stalled(v1alpha1.ReasonUnschedulable, "no node can run the desktop: "+message)
}

func waiting(reason, message string) State { return State{Outcome: outcome.Waiting(reason, message)} }

func stalled(reason, message string) State { return State{Outcome: outcome.Stalled(reason, message)} }

func containerState(pod *corev1.Pod, status *corev1.ContainerStatus, now time.Time) (State, bool) {
	if waits := status.State.Waiting; waits != nil {
		switch waits.Reason {
		case "ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "ImageInspectError",
			"RegistryUnavailable", "SignatureValidationFailed":
			return stalled(v1alpha1.ReasonImageUnavailable, fmt.Sprintf(
				"image %s cannot be pulled: check the name in the class, and the registry's credentials", status.Image)), true
		case "CreateContainerConfigError", "CreateContainerError", "RunContainerError":
			return stalled(v1alpha1.ReasonConfigInvalid, "the container cannot be created: "+waits.Message), true
		}
	}
	// A container that has crashed stays "crashing" until it answers, also while
	// it runs for a moment between two crashes.
	for _, ended := range []*corev1.ContainerStateTerminated{status.State.Terminated, status.LastTerminationState.Terminated} {
		if ended != nil {
			return stalled(v1alpha1.ReasonCrashing, fmt.Sprintf(
				"the desktop exits with code %d%s: see kubectl -n %s logs %s --previous",
				ended.ExitCode, detail(ended.Reason), pod.Namespace, pod.Name)), true
		}
	}
	if running := status.State.Running; running != nil {
		late := running.StartedAt.Add(patience)
		if now.Before(late) {
			state := waiting(v1alpha1.ReasonStarting, "the desktop is starting")
			state.Recheck = late
			return state, true
		}
		return stalled(v1alpha1.ReasonNotAnswering, fmt.Sprintf(
			"the desktop runs but does not answer: see kubectl -n %s logs %s, and the port and path in the class",
			pod.Namespace, pod.Name)), true
	}
	return State{}, false
}

// preparing speaks of a pod whose containers do not exist yet. It counts from the
// pod's creation, not from its scheduling: that is no event that anybody waits for.
func preparing(pod *corev1.Pod, scheduled *corev1.PodCondition, now time.Time) State {
	state := waiting(v1alpha1.ReasonStarting, "the desktop is starting")
	late := pod.CreationTimestamp.Add(patience)
	switch {
	case now.Before(late):
		state.Recheck = late
	case scheduled == nil || scheduled.Status != corev1.ConditionTrue:
		state.Message = "no scheduler has looked at the desktop's pod yet: is one running?"
	default:
		state.Message = fmt.Sprintf("node %s is still preparing the desktop, its volume or image: see kubectl -n %s describe pod %s",
			pod.Spec.NodeName, pod.Namespace, pod.Name)
	}
	return state
}

func condition(pod *corev1.Pod, kind corev1.PodConditionType) *corev1.PodCondition {
	for i := range pod.Status.Conditions {
		if pod.Status.Conditions[i].Type == kind {
			return &pod.Status.Conditions[i]
		}
	}
	return nil
}

func detail(reason string) string {
	if reason == "" {
		return ""
	}
	return " (" + reason + ")"
}
