// SPDX-License-Identifier: Apache-2.0

package faults

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/test/cluster"
	"werkplek.dev/werkplek/test/world"
)

// roundsVariable is the environment variable by which a person asks for more rounds.
const roundsVariable = "WERKPLEK_ROUNDS"

const roundsByDefault = 5

func rounds(t *testing.T) int {
	t.Helper()
	text := os.Getenv(roundsVariable)
	if text == "" {
		return roundsByDefault
	}
	count, err := strconv.Atoi(text)
	must(t, err)
	return count
}

// TestPodsDeleted deletes the pods of 40 workplaces at once, again and again: each
// time every workplace must say that it is Ready again. Every other time the
// operator hears of its own writes late, as on a busy machine.
func TestPodsDeleted(t *testing.T) {
	if testing.Short() {
		t.Skip("takes minutes")
	}
	const count = 40
	r := newRig(t)
	ctx := t.Context()
	w := world.World{Client: r.Client, Name: "soak"}
	must(t, w.Terms(ctx), w.Class(ctx), w.Tenant(ctx, "t"))
	cluster.Eventually(t, settle, "the namespace", w.HasNamespace("t"))
	must(t, w.Report(ctx, "t", time.Now()))
	for n := range count {
		must(t, w.Workplace(ctx, "t", fmt.Sprintf("p%d", n), fmt.Sprintf("p%d@example.com", n)))
	}
	cluster.Eventually(t, settle, "all desktops", w.AllReady("t", count))
	for round := range rounds(t) {
		before := pods(ctx, t, w)
		release := func() {}
		if round%2 == 1 {
			release = r.proxy.Hold("workplaces")
		}
		must(t, w.DeleteAllOf(ctx, &corev1.Pod{}, client.InNamespace(w.Namespace("t"))))
		cluster.Eventually(t, settle, "a moment", elapsed(time.Duration(round%10)*200*time.Millisecond))
		release()
		cluster.Eventually(t, settle, fmt.Sprintf("round %d: other pods", round), func(ctx context.Context) error {
			return replaced(ctx, w, before, count)
		})
		cluster.Eventually(t, settle, fmt.Sprintf("round %d: all workplaces", round), func(ctx context.Context) error {
			return stuck(ctx, w, count)
		})
	}
}

// pods returns the ids of the pods that there are.
func pods(ctx context.Context, t *testing.T, w world.World) map[types.UID]bool {
	t.Helper()
	var list corev1.PodList
	must(t, w.List(ctx, &list, client.InNamespace(w.Namespace("t"))))
	ids := map[types.UID]bool{}
	for i := range list.Items {
		ids[list.Items[i].UID] = true
	}
	return ids
}

// replaced says how far the pods of before are from being replaced by as many that are Ready.
func replaced(ctx context.Context, w world.World, before map[types.UID]bool, count int) error {
	var list corev1.PodList
	if err := w.List(ctx, &list, client.InNamespace(w.Namespace("t"))); err != nil {
		return err
	}
	old, ready := 0, 0
	for i := range list.Items {
		switch {
		case before[list.Items[i].UID]:
			old++
		case podReady(&list.Items[i]):
			ready++
		}
	}
	if old > 0 || ready != count {
		return fmt.Errorf("%d pods of before, %d Ready of %d", old, ready, count)
	}
	return nil
}

func podReady(pod *corev1.Pod) bool {
	for _, c := range pod.Status.Conditions {
		if c.Type == corev1.PodReady {
			return c.Status == corev1.ConditionTrue
		}
	}
	return false
}

// stuck names every workplace whose pod is Ready and that is not.
func stuck(ctx context.Context, w world.World, count int) error {
	if err := w.AllReady("t", count)(ctx); err == nil {
		return nil
	}
	var list v1alpha1.WorkplaceList
	if err := w.List(ctx, &list, client.InNamespace(w.Namespace("t"))); err != nil {
		return err
	}
	var faults []error
	for i := range list.Items {
		workplace := &list.Items[i]
		if !meta.IsStatusConditionTrue(workplace.Status.Conditions, v1alpha1.ConditionDesktopReady) {
			faults = append(faults, fmt.Errorf("%s says %+v", workplace.Name, workplace.Status.Conditions))
		}
	}
	return fmt.Errorf("%d of %d workplaces are not Ready although their pods are: %w",
		len(faults), count, errors.Join(faults...))
}
