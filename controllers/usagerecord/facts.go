// SPDX-License-Identifier: Apache-2.0

package usagerecord

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/entitlement"
	"werkplek.dev/werkplek/controllers/internal/standing"
	"werkplek.dev/werkplek/internal/access"
	"werkplek.dev/werkplek/internal/licensing"
	"werkplek.dev/werkplek/internal/reading"
	"werkplek.dev/werkplek/internal/terms/facts"
)

// gather collects what decides what to record.
func (v *visit) gather(ctx context.Context) error {
	if v.zone == nil {
		return nil
	}
	namespace := v.tenant.Status.Namespace
	v.facts = licensing.Facts{
		Now: v.now, Zone: v.zone,
		EndSeen: func(workplace, license string) (time.Time, bool) {
			return v.sightings.of(namespace, workplaceSight(workplace), license)
		},
		NodeEndSeen: func(node string) time.Time {
			at, _ := v.sightings.of(namespace, nodeSight(node), "")
			return at
		},
		Exempt: v.exempt,
	}
	if err := v.findLicenses(ctx); err != nil {
		return err
	}
	if err := v.judgeDenial(ctx); err != nil {
		return err
	}
	desktops, err := v.desktops(ctx)
	if err != nil {
		return err
	}
	if err := v.demand(ctx, desktops); err != nil {
		return err
	}
	return v.findNodes(ctx, desktops)
}

// findLicenses finds the licences that the open records name: their exemptions
// hold for uses that have ended too.
func (v *visit) findLicenses(ctx context.Context) error {
	names := map[string]bool{}
	for _, month := range v.months {
		for _, part := range month.Parts {
			for i := range part.Object.Status.Users {
				names[string(part.Object.Status.Users[i].License)] = true
			}
		}
	}
	_, err := v.known(ctx, slices.Collect(maps.Keys(names)))
	return err
}

// judgeDenial finds out since when nobody of the tenant has access: by what is in
// force, and by what the calendar says should be, so that a suspension due at a
// month's first moment counts whichever is reconciled first.
func (v *visit) judgeDenial(ctx context.Context) error {
	cover, err := access.LookFrom(ctx, reading.Access{From: v.Client}, v.tenant, v.now)
	if err != nil {
		return err
	}
	for _, suspension := range cover.InForce {
		since := suspension.Since
		if cause := suspension.Spec.Cause; cause != v1alpha1.CauseArrears && cause != v1alpha1.CauseTrialEnded && since.Before(suspension.CreationTimestamp.Time) {
			since = suspension.CreationTimestamp.Time // a person may date a suspension back; access was there until it existed
		}
		v.denied(since)
	}
	for _, tenant := range cover.Line.Tenants {
		if err := v.judgeStanding(ctx, tenant); err != nil {
			return err
		}
	}
	return nil
}

// judgeStanding asks the calendar about the tenant, or one of its resellers. Without
// usable terms what was found before holds.
func (v *visit) judgeStanding(ctx context.Context, tenant *v1alpha1.Tenant) error {
	compiled := v.terms
	if tenant.Name != v.tenant.Name {
		var err error
		if compiled, _, err = standing.Terms(ctx, v.Client, tenant); err != nil {
			return err
		}
	}
	if compiled == nil {
		if tenant.Ended() {
			v.denied(meta.FindStatusCondition(tenant.Status.Conditions, v1alpha1.ConditionContractActive).LastTransitionTime.Time)
		}
		return nil
	}
	stand, err := standing.Of(ctx, v.Client, v.now, tenant)
	if err != nil {
		return err
	}
	if stand.Suspend != nil {
		v.denied(stand.Suspend.Since)
	}
	if stand.Ended {
		v.denied(stand.EndsOn.Start(compiled.Zone))
	}
	return nil
}

// denied notes a moment from which access is denied; the earliest counts.
func (v *visit) denied(since time.Time) {
	if v.facts.DeniedSince.IsZero() || since.Before(v.facts.DeniedSince) {
		v.facts.DeniedSince = since
	}
}

// desktops returns the pods of the tenant's workplaces that run or start, by workplace.
func (v *visit) desktops(ctx context.Context) (map[string]*corev1.Pod, error) {
	var pods corev1.PodList
	if err := v.Client.List(ctx, &pods, client.InNamespace(v.tenant.Status.Namespace), client.UnsafeDisableDeepCopy); err != nil {
		return nil, fmt.Errorf("list pods: %w", err)
	}
	byWorkplace := make(map[string]*corev1.Pod, len(pods.Items))
	for i := range pods.Items {
		pod := &pods.Items[i]
		if name := pod.Labels[v1alpha1.LabelWorkplace]; name != "" && pod.DeletionTimestamp == nil {
			byWorkplace[name] = pod
		}
	}
	return byWorkplace, nil
}

// demand gathers what each workplace needs, in order of creation.
func (v *visit) demand(ctx context.Context, desktops map[string]*corev1.Pod) error {
	var list v1alpha1.WorkplaceList
	if err := v.Client.List(ctx, &list, client.InNamespace(v.tenant.Status.Namespace), client.UnsafeDisableDeepCopy); err != nil {
		return fmt.Errorf("list workplaces: %w", err)
	}
	workplaces := make([]*v1alpha1.Workplace, 0, len(list.Items))
	for i := range list.Items {
		if list.Items[i].DeletionTimestamp == nil {
			workplaces = append(workplaces, &list.Items[i])
		}
	}
	slices.SortFunc(workplaces, func(a, b *v1alpha1.Workplace) int {
		if entitlement.Before(a, b) {
			return -1
		}
		return 1
	})
	for older, workplace := range workplaces {
		className := client.ObjectKey{Name: string(workplace.Spec.ClassRef.Name)}
		class, err := reading.Maybe(ctx, v.Client, className, &v1alpha1.WorkplaceClass{})
		if err != nil {
			return err
		}
		needs := entitlement.Needs(class, workplace)
		known, err := v.known(ctx, needs)
		if err != nil {
			return err
		}
		placed := entitlement.Place(v.tenant, class, workplace, older).OK()
		pod, running := desktops[workplace.Name]
		if running {
			needs = append(needs, entitlement.NeededBy(pod)...)
			slices.Sort(needs)
			needs = slices.Compact(needs)
		}
		v.facts.Demands = append(v.facts.Demands, licensing.Demand{
			Workplace: workplace.Name,
			Class:     string(workplace.Spec.ClassRef.Name),
			Username:  string(workplace.Spec.User.Username),
			Licenses:  v.perUser(needs),
			Placed:    placed || running,
			Access:    !access.Blocked(workplace) && (placed && known || running),
		})
	}
	return nil
}

// known reports whether all of some licences exist, and remembers those that do.
func (v *visit) known(ctx context.Context, names []string) (bool, error) {
	all := true
	for _, name := range names {
		if license, seen := v.licenses[name]; seen {
			all = all && license != nil
			continue
		}
		license, err := reading.Maybe(ctx, v.Client, client.ObjectKey{Name: name}, &v1alpha1.License{})
		if err != nil {
			return false, err
		}
		v.licenses[name] = license
		all = all && license != nil
	}
	return all, nil
}

// perUser returns those of some licences that are counted by user: all but those
// known to be counted by core. Both are held by the record before a desktop
// starts as far as that can be: which node runs it is known afterwards.
func (v *visit) perUser(names []string) []string {
	var users []string
	for _, name := range names {
		if license := v.licenses[name]; license == nil || license.Spec.Metric != v1alpha1.MetricCore {
			users = append(users, name)
		}
	}
	return users
}

// findNodes finds the nodes that run what is counted by core.
func (v *visit) findNodes(ctx context.Context, desktops map[string]*corev1.Pod) error {
	type key struct{ license, node string }
	uses := map[key]licensing.NodeUse{}
	for _, pod := range desktops {
		if pod.Spec.NodeName == "" {
			continue
		}
		needs := entitlement.NeededBy(pod)
		if _, err := v.known(ctx, needs); err != nil {
			return err
		}
		for _, name := range needs {
			license := v.licenses[name]
			if license == nil || license.Spec.Metric != v1alpha1.MetricCore {
				continue
			}
			node, err := reading.Maybe(ctx, v.Client, client.ObjectKey{Name: pod.Spec.NodeName}, &corev1.Node{})
			if err != nil {
				return err
			}
			if node == nil {
				continue // it went; what it counted for is recorded
			}
			use, seen := uses[key{name, node.Name}]
			if !seen {
				use = licensing.NodeUse{License: name, Node: node.Name, Cores: licensing.Cores(node, license.Spec.Cores), Since: pod.CreationTimestamp.Time}
			}
			if pod.CreationTimestamp.Time.Before(use.Since) {
				use.Since = pod.CreationTimestamp.Time
			}
			uses[key{name, node.Name}] = use
		}
	}
	v.facts.Nodes = slices.Collect(maps.Values(uses))
	slices.SortFunc(v.facts.Nodes, func(a, b licensing.NodeUse) int {
		return cmp.Or(cmp.Compare(a.License, b.License), cmp.Compare(a.Node, b.Node))
	})
	return nil
}

// exempt returns the exemption of a use that lasted until a moment.
func (v *visit) exempt(license, username string, until time.Time) string {
	object := v.licenses[license]
	if object == nil {
		return ""
	}
	return licensing.Exemption(object.Spec.Exemptions, username, until, func(upTo v1alpha1.Period) time.Time {
		if v.terms == nil {
			return time.Time{}
		}
		return facts.TrialEnds(v.terms, v.tenant, upTo)
	})
}
