// SPDX-License-Identifier: Apache-2.0

package children

import (
	"context"

	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/restored"
)

// Marked returns a client that writes on what records a deed, when it makes it, at
// which time that was. The clock is that of the day, also in a rehearsal: it is
// compared with the API server's.
func Marked(c client.Client, clock clock.PassiveClock) client.Client { return &marked{c, clock} }

type marked struct {
	client.Client
	clock clock.PassiveClock
}

// Create implements client.Client.
func (m *marked) Create(ctx context.Context, object client.Object, options ...client.CreateOption) error {
	switch object.(type) {
	case *v1alpha1.Charge, *v1alpha1.Notice, *v1alpha1.Suspension:
		restored.Mark(object, m.clock.Now())
	}
	return m.Client.Create(ctx, object, options...)
}
