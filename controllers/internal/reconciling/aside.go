// SPDX-License-Identifier: Apache-2.0

package reconciling

import (
	"context"
	"fmt"

	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/outcome"
	"werkplek.dev/werkplek/internal/restored"
)

// Aside reports whether an object is not to be acted upon because a backup brought
// it back, and then says so: in Ready and in the condition that says whether it was
// done. The result and the error are those of the whole pass.
func (p *Pass[T]) Aside(ctx context.Context, done string) (bool, ctrl.Result, error) {
	if p.Object.GetAnnotations()[v1alpha1.AnnotationRestored] == v1alpha1.RestoredAct {
		if err := p.WriteMeta(ctx, func(o client.Object) { restored.Accept(o) }); err != nil {
			result, err := Result(err)
			return true, result, err
		}
	}
	var why outcome.Outcome
	switch restored.Of(p.Object) {
	case restored.Here:
		return false, ctrl.Result{}, nil
	case restored.History:
		why = outcome.Stalled(v1alpha1.ReasonHistory,
			"a person has said that it is a record of what was before a restore: nothing is done about it")
		p.Conditions.True(v1alpha1.ConditionReady, why.Reason, why.Message)
	default:
		why = outcome.Stalled(v1alpha1.ReasonRestored, fmt.Sprintf(
			"a backup has brought it back without its status, and nothing is done about it until a person has decided: "+
				"annotate it with %s=%s if what it asks for was done before, or with %s if it is still to be done",
			v1alpha1.AnnotationRestored, v1alpha1.RestoredHistory, v1alpha1.RestoredAct))
		p.Conditions.Report(v1alpha1.ConditionReady, why)
	}
	if done != "" && done != v1alpha1.ConditionReady {
		p.Conditions.Report(done, why)
	}
	result, err := p.Run(ctx, nil)
	return true, result, err
}

// MarkMade writes on an object that a person has made when that was, before anything
// is done about it: after a restore it is known to be older than it looks. What was
// judged before there were marks has none.
func (p *Pass[T]) MarkMade(ctx context.Context) error {
	if len(*p.Conditions.List) > 0 {
		return nil
	}
	return p.WriteMeta(ctx, func(o client.Object) { restored.Mark(o, o.GetCreationTimestamp().Time) })
}
