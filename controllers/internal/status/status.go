// SPDX-License-Identifier: Apache-2.0

// Package status writes what a reconciler found into an object's status: once,
// at the end, and only when it differs.
package status

import (
	"context"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
)

// Patch writes the status of after if it differs from that of before, in one
// merge patch of what changed. An object that is gone needs no status.
func Patch(ctx context.Context, c client.Client, before, after client.Object) error {
	if equality.Semantic.DeepEqual(before, after) {
		return nil
	}
	if err := c.Status().Patch(ctx, after, client.MergeFrom(before)); client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("write status: %w", err)
	}
	return nil
}

// Conditions sets the conditions of one object at one moment of the injected clock.
type Conditions struct {
	List       *v1alpha1.Conditions
	Generation int64
	Now        time.Time
}

// Set sets a condition; its transition time moves only when its status does.
func (c Conditions) Set(kind string, status metav1.ConditionStatus, reason, message string) {
	meta.SetStatusCondition((*[]metav1.Condition)(c.List), metav1.Condition{
		Type:               kind,
		Status:             status,
		ObservedGeneration: c.Generation,
		LastTransitionTime: metav1.NewTime(c.Now.UTC().Truncate(time.Second)),
		Reason:             reason,
		Message:            message,
	})
}

// True sets a condition to True.
func (c Conditions) True(kind, reason, message string) {
	c.Set(kind, metav1.ConditionTrue, reason, message)
}

// False sets a condition to False.
func (c Conditions) False(kind, reason, message string) {
	c.Set(kind, metav1.ConditionFalse, reason, message)
}

// Unknown sets a condition to Unknown.
func (c Conditions) Unknown(kind, reason, message string) {
	c.Set(kind, metav1.ConditionUnknown, reason, message)
}

// Holds sets a condition to True or False.
func (c Conditions) Holds(kind string, holds bool, reason, message string) {
	if holds {
		c.True(kind, reason, message)
	} else {
		c.False(kind, reason, message)
	}
}

// Remove takes a condition away that has nothing to say.
func (c Conditions) Remove(kind string) {
	meta.RemoveStatusCondition((*[]metav1.Condition)(c.List), kind)
}
