// SPDX-License-Identifier: Apache-2.0

// Package children makes the objects that others consist of: created when
// absent, brought back when changed, left alone when they are somebody else's,
// and deleted only as the very object that was seen.
package children

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// ForeignError says that an object of a child's name exists and is not ours.
type ForeignError struct {
	Kind string
	Name string
}

// Error names the object and what to do.
func (e *ForeignError) Error() string {
	return fmt.Sprintf("%s %s exists and was not made by Werkplek; it is left alone: rename or remove it", e.Kind, e.Name)
}

// Child is an object to keep as desired.
type Child[T client.Object] struct {
	Kind    string
	Desired T
	// Own reports whether an existing object is ours.
	Own func(T) bool
	// Sync copies what is desired into the existing object and reports whether
	// that changed it. Nil: the object is never changed.
	Sync func(existing, desired T) bool
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
		return existing, &ForeignError{child.Kind, key.Name}
	}
	if child.Sync == nil || existing.GetDeletionTimestamp() != nil {
		return existing, nil
	}
	base := existing.DeepCopyObject().(T)
	if !child.Sync(existing, desired) {
		return existing, nil
	}
	if err := c.Patch(ctx, existing, client.MergeFrom(base)); err != nil {
		return existing, fmt.Errorf("correct %s %s: %w", child.Kind, key.Name, err)
	}
	return existing, nil
}

// Delete deletes the very object that was seen, unless it is going already.
func Delete(ctx context.Context, c client.Client, seen client.Object) error {
	if seen.GetDeletionTimestamp() != nil {
		return nil
	}
	err := c.Delete(ctx, seen, client.Preconditions{UID: ptr.To(seen.GetUID())}, client.PropagationPolicy("Background"))
	// A conflict means that another object has taken the name since: not the one to delete.
	if apierrors.IsNotFound(err) || apierrors.IsConflict(err) {
		return nil
	}
	return err
}
