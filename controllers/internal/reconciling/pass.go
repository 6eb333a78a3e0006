// SPDX-License-Identifier: Apache-2.0

// Package reconciling holds what every reconciler does the same: it reads the
// object, unless the cache is behind what was written last, runs named steps,
// writes the status once, and leaves a trail of what has changed.
package reconciling

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/changed"
	"werkplek.dev/werkplek/controllers/internal/requeue"
	"werkplek.dev/werkplek/internal/tracing"
)

// afterConflict is how soon to look again at an object that somebody else has
// written to: the cache is about to hear of it.
const afterConflict = 100 * time.Millisecond

// Controller is what a controller has, and what it keeps from one pass to the next.
type Controller struct {
	// Clock is the product's one clock.
	Clock clock.PassiveClock
	// Client reads the cache and writes to the API server.
	Client client.Client
	// Events tell people what has changed.
	Events events.EventRecorder
	// Own are the controller's writes to the objects that it reconciles.
	Own Writes
}

// New returns a controller's part that has written nothing yet.
func New(clock clock.PassiveClock, c client.Client, recorder events.EventRecorder) *Controller {
	return &Controller{Clock: clock, Client: c, Events: recorder}
}

// Concerns passes what happens to the controller's objects and is not its own
// doing: creations, deletions, and whatever others write; and what else is asked for.
func (c *Controller) Concerns(more ...predicate.Predicate) builder.Predicates {
	return builder.WithPredicates(predicate.Or(append(more, changed.Spec(), c.Own.OthersWrote())...))
}

// Object is a kind whose status has conditions.
type Object interface {
	client.Object
	Observed() (conditions *v1alpha1.Conditions, generation *int64)
}

// Pass is one reconcile of one object.
type Pass[T Object] struct {
	// Object is a copy of what the cache has. What the steps change in its status
	// is written at the end.
	Object T
	// Was is the object as it was when the pass began. It is not to be changed.
	Was T
	// Now is the moment of the pass.
	Now time.Time
	// Conditions are those of the object. Those that a failed pass has set are
	// written, and say truly which generation they speak of; only the status as a
	// whole does not claim to.
	Conditions Conditions

	controller *Controller
	stored     T // as the API server has it, as far as is known
	said       []Said
	recheck    []time.Time
}

// Begin reads the object that a pass is about. It fails with ErrGone if there is
// none, and like Again while the cache is behind what this controller wrote last;
// Result turns either into what Reconcile returns.
func Begin[T Object](ctx context.Context, c *Controller, request ctrl.Request, empty T) (*Pass[T], error) {
	if err := c.Client.Get(ctx, request.NamespacedName, empty); err != nil {
		if apierrors.IsNotFound(err) {
			c.Own.Forget(request.NamespacedName)
			return nil, ErrGone
		}
		return nil, err
	}
	if wait, behind := c.Own.Behind(empty); behind {
		return nil, Again(wait)
	}
	now := c.Clock.Now()
	conditions, _ := empty.Observed()
	was := copyOf(empty)
	return &Pass[T]{
		Object: empty, Was: was, Now: now,
		Conditions: Conditions{List: conditions, Generation: empty.GetGeneration(), Now: now},
		controller: c, stored: was, // neither is ever changed
	}, nil
}

// Result returns what Reconcile returns for how a pass has ended: nothing for an
// object that is gone, a time for one that is to be looked at again.
func Result(err error) (ctrl.Result, error) {
	var end *ending
	switch {
	case err == nil, errors.Is(err, ErrGone):
		return ctrl.Result{}, nil
	case errors.As(err, &end) && end.fault == nil && end.earlier == nil:
		return ctrl.Result{RequeueAfter: end.after}, nil
	}
	return ctrl.Result{}, err
}

// Run runs the steps, writes the status, tells what has changed, and asks to be
// called again at the first of the moments to look at.
func (p *Pass[T]) Run(ctx context.Context, steps Steps) (ctrl.Result, error) {
	ctx, span := tracing.Begin(ctx, "reconcile "+reflect.TypeFor[T]().Elem().Name())
	span.Set("k8s.namespace", p.Object.GetNamespace())
	span.Set("k8s.name", p.Object.GetName())
	result, err := p.run(ctx, steps)
	span.End(err)
	return result, err
}

func (p *Pass[T]) run(ctx context.Context, steps Steps) (ctrl.Result, error) {
	faults := steps.Run(ctx)
	if end := (*ending)(nil); errors.As(faults, &end) || errors.Is(faults, ErrGone) {
		return Result(faults)
	}
	if faults == nil {
		_, generation := p.Object.Observed()
		*generation = p.Conditions.Generation
	}
	if err := p.Write(ctx); err != nil {
		if faults != nil {
			return ctrl.Result{}, errors.Join(faults, loud(err))
		}
		return Result(err)
	}
	p.tell(ctx)
	if faults != nil {
		return ctrl.Result{}, faults
	}
	return requeue.At(p.Now, p.recheck...), nil
}

// loud returns an error that a person should see; nil for those that only ask to
// look again.
func loud(err error) error {
	_, err = Result(err)
	return err
}

// Write writes the status now, if it differs from what is stored: in one merge
// patch, which the API server refuses if somebody else has written meanwhile.
// Then, and if the object is gone, the pass is over.
func (p *Pass[T]) Write(ctx context.Context) error {
	if equality.Semantic.DeepEqual(p.stored, p.Object) {
		return nil
	}
	err := p.controller.Client.Status().Patch(ctx, p.Object, locked(p.stored))
	return p.written(p.Object, "write status", err)
}

// WriteFirst writes one thing into the status at once, because what follows must
// not be done before it is known. What else the pass has found is written later.
func (p *Pass[T]) WriteFirst(ctx context.Context, change func(T)) error {
	after := copyOf(p.stored)
	change(after)
	if !equality.Semantic.DeepEqual(p.stored, after) {
		err := p.controller.Client.Status().Patch(ctx, after, locked(p.stored))
		if err := p.written(after, "write status", err); err != nil {
			return err
		}
	}
	p.follow(after)
	change(p.Object)
	return nil
}

// WriteMeta writes the object's own metadata at once, such as a finalizer.
func (p *Pass[T]) WriteMeta(ctx context.Context, change func(client.Object)) error {
	after := copyOf(p.stored)
	change(after)
	if equality.Semantic.DeepEqual(p.stored, after) {
		return nil
	}
	err := p.controller.Client.Patch(ctx, after, locked(p.stored))
	if err := p.written(after, "write metadata", err); err != nil {
		return err
	}
	p.follow(after)
	p.Object.SetFinalizers(after.GetFinalizers())
	p.Object.SetLabels(after.GetLabels())
	p.Object.SetAnnotations(after.GetAnnotations())
	return nil
}

// follow takes over what a write has made of the object, apart from its content.
func (p *Pass[T]) follow(after T) {
	p.Object.SetResourceVersion(after.GetResourceVersion())
	p.Object.SetGeneration(after.GetGeneration())
	p.Object.SetManagedFields(after.GetManagedFields())
	p.Object.GetObjectKind().SetGroupVersionKind(after.GetObjectKind().GroupVersionKind())
}

// written takes over what a write has come to.
func (p *Pass[T]) written(after T, what string, err error) error {
	switch {
	case apierrors.IsConflict(err):
		return Again(afterConflict)
	case apierrors.IsNotFound(err):
		return ErrGone
	case err != nil:
		CountFailure(reflect.TypeFor[T]().Elem().Name(), err)
		return fmt.Errorf("%s: %w", what, err)
	}
	p.controller.Own.Note(after)
	p.stored = copyOf(after)
	return nil
}

// locked makes a patch of what differs from an object as it is stored.
func locked(stored client.Object) client.Patch {
	return client.MergeFromWithOptions(stored, client.MergeFromWithOptimisticLock{})
}

func copyOf[T client.Object](object T) T { return object.DeepCopyObject().(T) }

// Recheck asks for another pass at the first of some moments, zero ones apart.
func (p *Pass[T]) Recheck(moments ...time.Time) { p.recheck = append(p.recheck, moments...) }

// Later ends the pass without a write, and asks for another at the first of the
// moments to look at.
func (p *Pass[T]) Later() error { return Again(requeue.At(p.Now, p.recheck...).RequeueAfter) }

// Tell tells at once of something that was done.
func (p *Pass[T]) Tell(ctx context.Context, said Said) { said.Tell(ctx, p.controller.Events) }

// Announce tells of something that the status says now, once that is written.
func (p *Pass[T]) Announce(warning bool, reason, action, message string) {
	p.said = append(p.said, Said{Object: p.Object, Warning: warning, Reason: reason, Action: action, Message: message})
}

func (p *Pass[T]) tell(ctx context.Context) {
	for _, said := range p.said {
		p.Tell(ctx, said)
	}
	p.said = nil
}
