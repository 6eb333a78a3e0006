// SPDX-License-Identifier: Apache-2.0

// Package children makes the objects that others consist of: created when
// absent, brought back when changed, left alone when they are somebody else's,
// and deleted only as the very object that was seen. Each of these leaves a line
// in the log, with the reason that the caller gives.
package children

import (
	"context"
	"errors"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/trail"
	"werkplek.dev/werkplek/internal/outcome"
)

// foreignError says that an object of a child's name exists and is not ours.
type foreignError struct {
	Kind string
	Name string
}

// Error names the object and what to do.
func (e *foreignError) Error() string {
	return fmt.Sprintf("%s %s exists and was not made by Werkplek; it is left alone: rename or remove it", e.Kind, e.Name)
}

// Foreign is what has come of a child whose name an object has that is not ours.
func Foreign(kind, name string) outcome.Outcome {
	return outcome.Stalled(v1alpha1.ReasonForeignObject, (&foreignError{kind, name}).Error())
}

// InTheWay returns the outcome for an error that says that an object of a child's
// name is not ours.
func InTheWay(err error) (outcome.Outcome, bool) {
	var foreign *foreignError
	if errors.As(err, &foreign) {
		return Foreign(foreign.Kind, foreign.Name), true
	}
	return outcome.Outcome{}, false
}

// Child is an object to keep as desired.
type Child[T client.Object] struct {
	Kind    string
	Desired T
	// Why it is there, for whoever reads the log.
	Why string
	// Own reports whether an existing object is ours.
	Own func(T) bool
	// Sync copies what is desired into the existing object and reports whether
	// that changed it. Nil: the object is never changed.
	Sync func(existing, desired T) bool
	// Made is called when the object was created just now. It may be nil.
	Made func(created T)
}

// Ensure creates or corrects the child and returns it as it is. It reads the
// cache; only where the cache knows of no object and the API server does, it
// asks the API server whose that is.
func Ensure[T client.Object](ctx context.Context, c client.Client, live client.Reader, child Child[T]) (T, error) {
	desired := child.Desired
	existing := desired.DeepCopyObject().(T)
	key := client.ObjectKeyFromObject(desired)
	err := c.Get(ctx, key, existing)
	if apierrors.IsNotFound(err) {
		created := desired.DeepCopyObject().(T)
		if err = c.Create(ctx, created); err == nil {
			trail.Leave(ctx, "created", created, child.Why)
			if child.Made != nil {
				child.Made(created)
			}
			return created, nil
		}
		if !apierrors.IsAlreadyExists(err) {
			return existing, fmt.Errorf("create %s %s: %w", child.Kind, key.Name, err)
		}
		err = live.Get(ctx, key, existing)
	}
	if err != nil {
		return existing, fmt.Errorf("get %s %s: %w", child.Kind, key.Name, err)
	}
	if !child.Own(existing) {
		return existing, &foreignError{child.Kind, key.Name}
	}
	if child.Sync == nil || existing.GetDeletionTimestamp() != nil {
		return existing, nil
	}
	base := existing.DeepCopyObject().(T)
	if !child.Sync(existing, desired) {
		return existing, nil
	}
	if err := Patch(ctx, c, base, existing, child.Why); err != nil {
		return existing, fmt.Errorf("correct %s %s: %w", child.Kind, key.Name, err)
	}
	return existing, nil
}

// Create creates an object, and leaves a line about it.
func Create(ctx context.Context, c client.Client, object client.Object, why string) error {
	if err := c.Create(ctx, object); err != nil {
		return err
	}
	trail.Leave(ctx, "created", object, why)
	return nil
}

// Patch writes what differs between an object as it was and as it is to be, and
// leaves a line about it.
func Patch(ctx context.Context, c client.Client, was, is client.Object, why string) error {
	if err := c.Patch(ctx, is, client.MergeFrom(was)); err != nil {
		return err
	}
	trail.Leave(ctx, "corrected", is, why)
	return nil
}

// PatchStatus writes what differs between the status of an object as it was seen
// and as it is to be, and leaves a line about it. It is refused as a conflict if
// somebody has written to the object meanwhile.
func PatchStatus(ctx context.Context, c client.Client, was, is client.Object, why string) error {
	lock := client.MergeFromWithOptions(was, client.MergeFromWithOptimisticLock{})
	if err := c.Status().Patch(ctx, is, lock); err != nil {
		return err
	}
	trail.Leave(ctx, "changed", is, why)
	return nil
}

// Delete deletes the very object that was seen, unless it is going already.
func Delete(ctx context.Context, c client.Client, seen client.Object, why string) error {
	_, err := Remove(ctx, c, seen, why)
	return err
}

// Remove deletes like Delete, and reports whether it is this call that made the
// object go.
func Remove(ctx context.Context, c client.Client, seen client.Object, why string) (bool, error) {
	if seen.GetDeletionTimestamp() != nil {
		return false, nil
	}
	err := c.Delete(ctx, seen, client.Preconditions{UID: ptr.To(seen.GetUID())}, client.PropagationPolicy("Background"))
	// A conflict means that another object has taken the name since: not the one to delete.
	if apierrors.IsNotFound(err) || apierrors.IsConflict(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	trail.Leave(ctx, "deleted", seen, why)
	return true, nil
}
