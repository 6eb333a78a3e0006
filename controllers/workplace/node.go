// SPDX-License-Identifier: Apache-2.0

package workplace

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/enqueue"
	"werkplek.dev/werkplek/controllers/internal/indexes"
	"werkplek.dev/werkplek/internal/desktop"
)

// judgeNode says that the desktop will have to leave its node.
func (v *visit) judgeNode() {
	if v.node != nil && v.node.Spec.Unschedulable {
		v.Conditions.True(v1alpha1.ConditionRestartPending, v1alpha1.ReasonNodeCordoned,
			"node "+v.node.Name+" is to be emptied: the desktop starts again on another node when it stops there, or is evicted; "+
				"while its user is connected, it is not")
	}
}

// announceCordon tells once of a desktop whose node is to be emptied.
func (v *visit) announceCordon() {
	reason := func(w *v1alpha1.Workplace) string {
		if c := meta.FindStatusCondition(w.Status.Conditions, v1alpha1.ConditionRestartPending); c != nil {
			return c.Reason
		}
		return ""
	}
	if reason(v.workplace) == v1alpha1.ReasonNodeCordoned && reason(v.Was) != v1alpha1.ReasonNodeCordoned {
		pending := meta.FindStatusCondition(v.workplace.Status.Conditions, v1alpha1.ConditionRestartPending)
		v.Announce(false, pending.Reason, "Drain", pending.Message)
	}
}

// nodeChanges passes nodes that fall silent or are heard of again, that are to be
// emptied or no longer, and that are gone.
func nodeChanges() predicate.Predicate {
	return predicate.Funcs{
		CreateFunc: func(event.CreateEvent) bool { return false },
		UpdateFunc: func(e event.UpdateEvent) bool {
			was, is := e.ObjectOld.(*corev1.Node), e.ObjectNew.(*corev1.Node)
			_, wasSilent := desktop.SilentSince(was)
			_, isSilent := desktop.SilentSince(is)
			return wasSilent != isSilent || was.Spec.Unschedulable != is.Spec.Unschedulable
		},
	}
}

// onNode returns the workplaces whose desktops a node runs.
func (r *Reconciler) onNode(ctx context.Context, node client.Object) ([]types.NamespacedName, error) {
	var pods corev1.PodList
	if err := r.Client.List(ctx, &pods, client.MatchingFields{indexes.PodNode: node.GetName()}, client.UnsafeDisableDeepCopy); err != nil {
		return nil, err
	}
	var keys []types.NamespacedName
	for i := range pods.Items {
		name := pods.Items[i].Labels[v1alpha1.LabelWorkplace]
		if _, ok := enqueue.TenantIn(pods.Items[i].Namespace); ok && name != "" {
			keys = append(keys, types.NamespacedName{Namespace: pods.Items[i].Namespace, Name: name})
		}
	}
	return keys, nil
}
