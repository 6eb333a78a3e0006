// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"context"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/children"
	"werkplek.dev/werkplek/controllers/internal/force"
	"werkplek.dev/werkplek/controllers/internal/reconciling"
	"werkplek.dev/werkplek/internal/agenda"
	"werkplek.dev/werkplek/internal/outcome"
)

// +kubebuilder:rbac:groups=werkplek.dev,resources=suspensions,verbs=get;list;watch;create
// +kubebuilder:rbac:groups=werkplek.dev,resources=suspensions/status,verbs=patch

// Suspensions makes suspensions and lifts them.
type Suspensions struct{ Hands }

// Make makes the suspension that is due (TD-8, LA-1). Its name follows from the
// date, so that a second attempt finds the first.
func (s Suspensions) Make(ctx context.Context, tenant *v1alpha1.Tenant, due agenda.Suspend) error {
	since := metav1.NewTime(due.Since.UTC())
	suspension := &v1alpha1.Suspension{
		ObjectMeta: about(tenant, due.Name()),
		Spec:       v1alpha1.SuspensionSpec{Cause: due.Cause, Reason: due.Reason, Since: &since},
	}
	err := children.Create(ctx, s.Client, suspension, due.Reason)
	if err != nil && !apierrors.IsAlreadyExists(err) { // made before the cache knew; its arrival brings us back
		return fmt.Errorf("create suspension %s: %w", due.Name(), err)
	}
	return nil
}

// conflicted is how soon to look again at a suspension that somebody else has
// written to.
const conflicted = 100 * time.Millisecond

// Lift ends a suspension (TD-9..11): the charge for resuming first, so that a
// crash in between can neither lose that nor make it twice (TD-10).
func (s Suspensions) Lift(
	ctx context.Context, tenant *v1alpha1.Tenant, due agenda.Lift, now time.Time,
) (outcome.Outcome, error) {
	suspension := &v1alpha1.Suspension{}
	key := client.ObjectKey{Namespace: v1alpha1.NamespaceFor(tenant.Name), Name: due.Name()}
	if err := s.Client.Get(ctx, key, suspension); apierrors.IsNotFound(err) {
		return carriedOut, nil
	} else if err != nil {
		return outcome.Outcome{}, fmt.Errorf("get suspension %s: %w", due.Name(), err)
	}
	charge := ""
	if due.Charge != nil {
		if made, err := Charges(s).Make(ctx, tenant, *due.Charge); err != nil || !made.OK() {
			return made, err
		}
		charge = due.Charge.Name()
	}
	seen := suspension.DeepCopy()
	force.Lift(suspension, due.Because, charge, now)
	switch err := children.PatchStatus(ctx, s.Client, seen, suspension, "it is lifted: "+due.Because); {
	case apierrors.IsConflict(err):
		return outcome.Outcome{}, reconciling.Again(conflicted)
	case client.IgnoreNotFound(err) != nil:
		return outcome.Outcome{}, fmt.Errorf("lift suspension %s: %w", due.Name(), err)
	case err == nil:
		s.Tell(ctx, reconciling.Said{
			Object: suspension, Reason: "Lifted", Action: "Resume", Message: "the suspension was lifted: " + due.Because,
		})
	}
	return carriedOut, nil
}
