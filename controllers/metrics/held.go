// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"context"
	"errors"
	"fmt"

	toolscache "k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// held is what a watch cache holds of a kind.
type held[T any] struct {
	synced func() bool
	store  interface{ List() []any }
}

// find finds where a cache keeps a kind.
func (h *held[T]) find(ctx context.Context, watched cache.Cache, kind client.Object) error {
	informer, err := watched.GetInformer(ctx, kind, cache.BlockUntilSynced(false))
	if err != nil {
		return fmt.Errorf("watch %T: %w", kind, err)
	}
	shared, ok := informer.(interface{ GetStore() toolscache.Store })
	if !ok {
		return fmt.Errorf("the cache keeps %T in a %T, which cannot be looked through", kind, informer)
	}
	h.synced, h.store = informer.HasSynced, shared.GetStore()
	return nil
}

// all returns the cache's own objects, none of which is to be changed.
func (h *held[T]) all() ([]any, error) {
	if !h.synced() {
		return nil, errors.New("the cache is not synced yet")
	}
	return h.store.List(), nil
}
