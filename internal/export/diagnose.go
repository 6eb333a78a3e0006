// SPDX-License-Identifier: Apache-2.0

package export

import (
	"fmt"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/export/report"
	"werkplek.dev/werkplek/internal/outcome"
)

// patience is how long a copy may prepare before that counts as a problem.
const patience = 2 * time.Minute

// settling is how long the report of a copy that succeeded may take to be seen.
const settling = time.Minute

// State is what the state of a copy means.
type State struct {
	// Done holds the report of a copy that is done.
	Done *report.Report
	// Lost is true of a job that succeeded and whose report nobody can read any
	// more: it is to be run again, which sends nothing that is there.
	Lost bool
	// GaveUp is true of a job that failed for good.
	GaveUp bool
	// Trouble is what a person must mend; unknown while nothing is known to be wrong.
	Trouble outcome.Outcome
	// Recheck is when the state means something else although nothing happened; zero if never.
	Recheck time.Time
}

// Diagnose says what the state of a job and its pod means at a moment. pod may be nil.
func Diagnose(job *batchv1.Job, pod *corev1.Pod, now time.Time) State {
	for _, c := range job.Status.Conditions {
		if c.Status != corev1.ConditionTrue {
			continue
		}
		switch c.Type {
		case batchv1.JobComplete:
			if r := reportOf(pod); r != nil && r.Done() {
				return State{Done: r}
			}
			if late := c.LastTransitionTime.Add(settling); now.Before(late) {
				return State{Recheck: late}
			}
			return State{Lost: true}
		case batchv1.JobFailed:
			return State{GaveUp: true, Trouble: outcome.Stalled(v1alpha1.ReasonGaveUp, fmt.Sprintf(
				"the copy was given up (%s): mend what was wrong, and make another DataExport; "+
					"it goes on where this one stopped", c.Reason))}
		}
	}
	if pod == nil {
		late := job.CreationTimestamp.Add(patience)
		if now.Before(late) {
			return State{Recheck: late}
		}
		return trouble(v1alpha1.ReasonPodRefused, fmt.Sprintf(
			"there is no pod for job %s: a quota may leave no room, see kubectl -n %s describe job %s",
			job.Name, job.Namespace, job.Name))
	}
	// What it said last stands until it succeeds, also while it tries again.
	if r := reportOf(pod); r != nil && !r.Done() && r.Reason != report.Interrupted {
		return trouble(r.Reason, r.Message)
	}
	return preparing(pod, now)
}

// preparing speaks of a pod that has reported nothing yet.
func preparing(pod *corev1.Pod, now time.Time) State {
	for _, status := range pod.Status.ContainerStatuses {
		if waiting := status.State.Waiting; waiting != nil {
			switch waiting.Reason {
			case "ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull":
				return trouble(v1alpha1.ReasonImageUnavailable, fmt.Sprintf(
					"image %s cannot be pulled: check the manager's --export-image", pod.Spec.Containers[0].Image))
			case "CreateContainerConfigError":
				return trouble(v1alpha1.ReasonCredentialsNotFound, fmt.Sprintf(
					"the Secret %s with the keys %s and %s is not there: create it in namespace %s",
					secretOf(pod), KeyAccessKeyID, KeySecretAccessKey, pod.Namespace))
			}
		}
		if ended := status.LastTerminationState.Terminated; ended != nil {
			return trouble(report.Failed, fmt.Sprintf(
				"the program that copies ended with code %d (%s): see kubectl -n %s logs %s --previous",
				ended.ExitCode, ended.Reason, pod.Namespace, pod.Name))
		}
		if status.State.Running != nil || status.State.Terminated != nil {
			return State{}
		}
	}
	late := pod.CreationTimestamp.Add(patience)
	if now.Before(late) {
		return State{Recheck: late}
	}
	for _, c := range pod.Status.Conditions {
		if c.Type == corev1.PodScheduled && c.Status == corev1.ConditionFalse {
			return trouble(v1alpha1.ReasonUnschedulable, "no node can run the copy: "+c.Message)
		}
	}
	return trouble(v1alpha1.ReasonVolumeUnavailable, fmt.Sprintf(
		"node %s is still preparing the copy, its volume or image: see kubectl -n %s describe pod %s",
		pod.Spec.NodeName, pod.Namespace, pod.Name))
}

func trouble(reason, message string) State { return State{Trouble: outcome.Stalled(reason, message)} }

// reportOf returns what a pod's program said last, if anything.
func reportOf(pod *corev1.Pod) *report.Report {
	if pod == nil {
		return nil
	}
	for _, status := range pod.Status.ContainerStatuses {
		for _, ended := range []*corev1.ContainerStateTerminated{status.State.Terminated, status.LastTerminationState.Terminated} {
			if ended == nil {
				continue
			}
			if r, err := report.Decode(ended.Message); err == nil {
				return &r
			}
		}
	}
	return nil
}

func secretOf(pod *corev1.Pod) string {
	for _, variable := range pod.Spec.Containers[0].Env {
		if variable.ValueFrom != nil && variable.ValueFrom.SecretKeyRef != nil {
			return variable.ValueFrom.SecretKeyRef.Name
		}
	}
	return ""
}
