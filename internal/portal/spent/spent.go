// SPDX-License-Identifier: Apache-2.0

// Package spent remembers what may never be used again: hand-over codes that
// were redeemed and sessions that were signed out. All replicas of the portal
// share that memory, and it survives them: it consists of Leases, whose
// creation the API server lets happen once.
package spent

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"
	"k8s.io/utils/clock"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

const (
	labelKind  = "werkplek.dev/spent"
	labelUntil = "werkplek.dev/spent-until" // the hour after which it may be forgotten
	hourFormat = "2006010215"
	namePrefix = "spent-"
)

// Selector chooses the Leases of this package.
func Selector() labels.Selector {
	exists, err := labels.NewRequirement(labelKind, selection.Exists, nil)
	if err != nil {
		panic(err) // the key is a constant
	}
	return labels.NewSelector().Add(*exists)
}

// Memory remembers what is spent.
type Memory struct {
	// Cache holds the Leases of this package.
	Cache client.Reader
	// Client creates and deletes them.
	Client client.Client
	Clock  clock.PassiveClock
	// Namespace in which they are.
	Namespace string
}

// Spend marks an identity as spent until a moment, after which it is worthless
// anyway. It reports false when it was spent before, by whichever replica.
func (m *Memory) Spend(ctx context.Context, kind, id string, until time.Time) (bool, error) {
	err := m.Client.Create(ctx, &coordinationv1.Lease{
		ObjectMeta: metav1.ObjectMeta{
			Name:      name(kind, id),
			Namespace: m.Namespace,
			Labels:    map[string]string{labelKind: kind, labelUntil: until.UTC().Add(time.Hour).Format(hourFormat)},
		},
		Spec: coordinationv1.LeaseSpec{
			HolderIdentity: ptr.To(kind),
			AcquireTime:    ptr.To(metav1.NewMicroTime(m.Clock.Now())),
		},
	})
	if apierrors.IsAlreadyExists(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("remember that a %s is spent: %w", kind, err)
	}
	return true, nil
}

// IsSpent reports whether an identity was spent, as far as the cache knows.
func (m *Memory) IsSpent(ctx context.Context, kind, id string) (bool, error) {
	var lease coordinationv1.Lease
	err := m.Cache.Get(ctx, client.ObjectKey{Namespace: m.Namespace, Name: name(kind, id)}, &lease, client.UnsafeDisableDeepCopy)
	if apierrors.IsNotFound(err) {
		return false, nil
	}
	return err == nil, err
}

// Marks reports whether a Lease says that an identity is spent.
func Marks(lease client.Object, kind, id string) bool {
	return lease.GetLabels()[labelKind] == kind && lease.GetName() == name(kind, id)
}

// Forget deletes what is worthless by now. One request deletes all of an hour.
func (m *Memory) Forget(ctx context.Context) error {
	var leases coordinationv1.LeaseList
	if err := m.Cache.List(ctx, &leases, client.InNamespace(m.Namespace), client.UnsafeDisableDeepCopy); err != nil {
		return err
	}
	now, past := m.Clock.Now().UTC().Format(hourFormat), map[string]bool{}
	for i := range leases.Items {
		if hour := leases.Items[i].Labels[labelUntil]; hour != "" && hour < now {
			past[hour] = true
		}
	}
	for hour := range past {
		err := m.Client.DeleteAllOf(ctx, &coordinationv1.Lease{}, client.InNamespace(m.Namespace), client.MatchingLabels{labelUntil: hour})
		if client.IgnoreNotFound(err) != nil {
			return fmt.Errorf("forget what was spent: %w", err)
		}
	}
	return nil
}

// name returns the name of the Lease that says that an identity is spent.
func name(kind, id string) string {
	sum := sha256.Sum256([]byte(kind + "\x00" + id))
	return namePrefix + hex.EncodeToString(sum[:20])
}
