// SPDX-License-Identifier: Apache-2.0

// Package reading reads objects that may not be there. What is not there is nil;
// what could not be read is an error, and never nil alone.
package reading

import (
	"context"
	"fmt"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/controllers/internal/trail"
)

// Maybe reads an object into one that is empty, and returns it, or nil if it does
// not exist. A cache gives its own copy away: it is not to be changed.
func Maybe[T any, P interface {
	*T
	client.Object
}](ctx context.Context, from client.Reader, key client.ObjectKey, into P) (P, error) {
	err := from.Get(ctx, key, into, client.UnsafeDisableDeepCopy)
	if apierrors.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("get %s %s: %w", trail.Kind(into), strings.TrimPrefix(key.String(), "/"), err)
	}
	return into, nil
}
