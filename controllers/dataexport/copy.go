// SPDX-License-Identifier: Apache-2.0

package dataexport

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/children"
	"werkplek.dev/werkplek/internal/desktop"
	"werkplek.dev/werkplek/internal/export"
	"werkplek.dev/werkplek/internal/outcome"
	"werkplek.dev/werkplek/internal/reading"
)

// findJobs reads the export's jobs and their pods.
func (v *visit) findJobs(ctx context.Context) error {
	mine := []client.ListOption{
		client.InNamespace(v.export.Namespace), client.MatchingLabels{v1alpha1.LabelExport: v.export.Name}, client.UnsafeDisableDeepCopy,
	}
	var jobs batchv1.JobList
	if err := v.Client.List(ctx, &jobs, mine...); err != nil {
		return err
	}
	v.jobs = map[string]*batchv1.Job{}
	for i := range jobs.Items {
		if job := &jobs.Items[i]; metav1.IsControlledBy(job, v.export) {
			v.jobs[job.Labels[v1alpha1.LabelHomeOf]] = job
		}
	}
	var pods corev1.PodList
	if err := v.Client.List(ctx, &pods, mine...); err != nil {
		return err
	}
	v.pods = map[string]*corev1.Pod{}
	for i := range pods.Items {
		pod := &pods.Items[i]
		owner := metav1.GetControllerOf(pod)
		if owner == nil || pod.DeletionTimestamp != nil {
			continue
		}
		if other := v.pods[owner.Name]; other == nil || other.CreationTimestamp.Before(&pod.CreationTimestamp) {
			v.pods[owner.Name] = pod
		}
	}
	return nil
}

// tidy removes the export's jobs.
func (v *visit) tidy(ctx context.Context, why string) error {
	var faults []error
	for _, job := range v.jobs {
		faults = append(faults, children.Delete(ctx, v.Client, job, why))
	}
	return errors.Join(faults...)
}

// begin makes the list of homes, once: what comes later is not in this export.
func (v *visit) begin(ctx context.Context) error {
	s := &v.export.Status
	if v.waits() || len(s.Objects) > 0 {
		return nil
	}
	if closed := export.Unreachable(v.export.Spec.Destination.S3.Endpoint, v.Network); closed != "" {
		v.hinder(outcome.Stalled(v1alpha1.ReasonEndpointNotAllowed, closed))
		return nil
	}
	var claims corev1.PersistentVolumeClaimList
	if err := v.Client.List(ctx, &claims, client.InNamespace(v.export.Namespace), client.UnsafeDisableDeepCopy); err != nil {
		return err
	}
	homes := map[string]bool{}
	for i := range claims.Items {
		claim := &claims.Items[i]
		name := claim.Labels[v1alpha1.LabelWorkplace]
		if desktop.OwnClaim(claim) && claim.Name == desktop.ClaimName(name) && claim.DeletionTimestamp == nil {
			homes[name] = true
		}
	}
	names := slices.Sorted(maps.Keys(homes))
	if len(v.export.Spec.Workplaces) > 0 {
		var missing []string
		names = nil
		for _, name := range v.export.Spec.Workplaces {
			names = append(names, string(name))
			if !homes[string(name)] {
				missing = append(missing, string(name))
			}
		}
		slices.Sort(names)
		if len(missing) > 0 {
			v.hinder(outcome.Stalled(v1alpha1.ReasonHomeNotFound, fmt.Sprintf(
				"these workplaces have no home: %s; make another DataExport without them, or wait until they have",
				strings.Join(missing, ", "))))
			return nil
		}
	}
	switch {
	case len(names) == 0:
		v.hinder(outcome.Stalled(v1alpha1.ReasonHomeNotFound, "the tenant has no homes"))
		return nil
	case len(names) > export.MostHomes:
		v.hinder(outcome.Stalled(v1alpha1.ReasonTooMany, fmt.Sprintf(
			"the tenant has more than %d homes: name them in spec.workplaces of several DataExports", export.MostHomes)))
		return nil
	}
	for _, name := range names {
		s.Objects = append(s.Objects, v1alpha1.ExportedObject{Workplace: name, Key: export.Prefix(v.export, name)})
	}
	s.Total, s.StartedAt = int32(len(names)), moment(v.Now)
	return nil
}

// copy keeps the jobs that copy the homes, some at a time, and takes over what
// they report. While the export is blocked there are none; they go on later
// where they stopped.
func (v *visit) copy(ctx context.Context) error {
	if v.allowed.Known() && !v.allowed.OK() {
		return v.tidy(ctx, v.allowed.Message)
	}
	if v.problem != nil {
		return nil
	}
	s := &v.export.Status
	total, healthy := len(v.jobs), 0
	var waiting []string
	for i := range s.Objects {
		object := &s.Objects[i]
		job := v.jobs[object.Workplace]
		switch {
		case object.SHA256 != "": // as the API server knows: the job has done its work
			if job == nil {
				continue
			}
			if err := children.Delete(ctx, v.Client, job, "the home is in the bucket"); err != nil {
				return err
			}
			total--
		case job == nil:
			waiting = append(waiting, object.Workplace)
		case job.DeletionTimestamp != nil:
			healthy++ // its place is not free yet
		default:
			well, err := v.watch(ctx, object, job)
			if err != nil {
				return err
			}
			if well {
				healthy++
			}
		}
	}
	for _, workplace := range waiting {
		if healthy >= export.AtOnce || total >= export.MostJobs {
			break
		}
		if err := v.start(ctx, workplace); err != nil {
			return err
		}
		healthy, total = healthy+1, total+1
	}
	s.Done, s.Bytes = 0, 0
	for i := range s.Objects {
		if s.Objects[i].SHA256 != "" {
			s.Done++
			s.Bytes += s.Objects[i].Bytes
		}
	}
	return nil
}

// watch says whether a copy goes well, and takes over what it reports.
func (v *visit) watch(ctx context.Context, object *v1alpha1.ExportedObject, job *batchv1.Job) (bool, error) {
	pod := v.pods[job.Name]
	state := export.Diagnose(job, pod, v.Now)
	if state.Done != nil {
		object.Files, object.Bytes, object.SHA256 = state.Done.Files, state.Done.Bytes, state.Done.SHA256
		return false, nil
	}
	v.Recheck(state.Recheck)
	node, err := v.desktopNode(ctx, object.Workplace)
	if err != nil {
		return false, err
	}
	if state.Lost || !state.GaveUp && export.Misplaced(job, pod, node) {
		return true, children.Delete(ctx, v.Client, job, "it cannot run where the home is; another takes its place")
	}
	if wrong := state.Trouble; wrong.Known() {
		v.hinder(outcome.Stalled(wrong.Reason, fmt.Sprintf("the home of %s: %s", object.Workplace, wrong.Message)))
		return false, nil
	}
	return true, nil
}

// start makes the job that copies a home.
func (v *visit) start(ctx context.Context, workplace string) error {
	home := export.Home{Tenant: v.tenant.Name, Export: v.export, Workplace: workplace, Image: v.Image}
	var err error
	if home.Class, err = v.classOf(ctx, workplace); err != nil {
		return err
	}
	if home.Node, err = v.desktopNode(ctx, workplace); err != nil {
		return err
	}
	job := export.Job(home)
	if err := controllerutil.SetControllerReference(v.export, job, v.Client.Scheme()); err != nil {
		return err
	}
	_, err = children.Ensure(ctx, v.Client, v.Live, children.Child[*batchv1.Job]{
		Kind: "job", Desired: job, Why: "the home of " + workplace + " is to be copied",
		Own: func(existing *batchv1.Job) bool { return metav1.IsControlledBy(existing, v.export) },
	})
	if foreign, ok := children.InTheWay(err); ok {
		v.hinder(foreign)
		return nil
	}
	return err
}

// classOf returns the class of a workplace; nil if either is gone.
func (v *visit) classOf(ctx context.Context, name string) (*v1alpha1.WorkplaceClass, error) {
	key := client.ObjectKey{Namespace: v.export.Namespace, Name: name}
	workplace, err := reading.Maybe(ctx, v.Client, key, &v1alpha1.Workplace{})
	if err != nil || workplace == nil {
		return nil, err
	}
	class := client.ObjectKey{Name: string(workplace.Spec.ClassRef.Name)}
	return reading.Maybe(ctx, v.Client, class, &v1alpha1.WorkplaceClass{})
}

// desktopNode returns the node on which a workplace's desktop runs, if it does.
func (v *visit) desktopNode(ctx context.Context, workplace string) (string, error) {
	key := client.ObjectKey{Namespace: v.export.Namespace, Name: desktop.PodName(workplace)}
	pod, err := reading.Maybe(ctx, v.Client, key, &corev1.Pod{})
	if err != nil || pod == nil || pod.Status.Phase == corev1.PodFailed || pod.Status.Phase == corev1.PodSucceeded {
		return "", err
	}
	return pod.Spec.NodeName, nil
}
