// SPDX-License-Identifier: Apache-2.0

package behaviour

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/test/cluster"
	"werkplek.dev/werkplek/test/world"
)

// idleStopsAndVisitStarts: a desktop stops once it is known that nobody has been
// connected for as long as its class allows, and starts at the next visit.
func idleStopsAndVisitStarts(t *testing.T, w world.World) {
	ctx := t.Context()
	must(t, w.Terms(ctx), w.Class(ctx, func(s *v1alpha1.WorkplaceClassSpec) { s.Idle = &v1alpha1.IdleSpec{StopAfter: "PT2H"} }), w.Tenant(ctx, "t"))
	cluster.Eventually(t, soon, "the namespace", w.HasNamespace("t"))
	must(t, w.Report(ctx, "t", time.Now()), w.Workplace(ctx, "t", "anna", user))
	cluster.Eventually(t, soon, "the desktop", w.AllReady("t", 1))

	// Nothing is known, however long ago it was used: it runs on.
	must(t, active(ctx, w, time.Now().AddDate(0, 0, -3), time.Time{}))
	// Nobody has been connected for an hour: not long enough.
	must(t, active(ctx, w, time.Now().Add(-time.Hour), time.Now().Add(-time.Hour)))
	uid := podOf(t, w).UID
	must(t, w.AllReady("t", 1)(ctx))
	// For three hours: it stops, and says why; access and home are as they were.
	must(t, active(ctx, w, time.Now().Add(-3*time.Hour), time.Now().Add(-3*time.Hour)))
	cluster.Eventually(t, soon, "stopped", w.WorkplaceCondition("t", "anna", v1alpha1.ConditionDesktopReady, v1alpha1.ReasonIdle))
	must(t, w.WorkplaceCondition("t", "anna", v1alpha1.ConditionAccessGranted, v1alpha1.ReasonGranted)(ctx))
	cluster.Eventually(t, soon, "no pod", func(ctx context.Context) error {
		err := w.Get(ctx, client.ObjectKey{Namespace: w.Namespace("t"), Name: "anna"}, &corev1.Pod{})
		if apierrors.IsNotFound(err) {
			return nil
		}
		return fmt.Errorf("the pod is still there: %v", err)
	})
	// Somebody visits.
	must(t, active(ctx, w, time.Now(), time.Time{}))
	cluster.Eventually(t, soon, "started", w.AllReady("t", 1))
	if podOf(t, w).UID == uid {
		t.Error("the pod is the one that should have stopped")
	}
}

// active reports activity as the access gateway does.
func active(ctx context.Context, w world.World, last, idle time.Time) error {
	workplace := &v1alpha1.Workplace{}
	if err := w.Get(ctx, client.ObjectKey{Namespace: w.Namespace("t"), Name: "anna"}, workplace); err != nil {
		return err
	}
	base := workplace.DeepCopy()
	at := metav1.NewTime(last)
	workplace.Status.Activity = &v1alpha1.Activity{LastActive: &at}
	if !idle.IsZero() {
		since := metav1.NewTime(idle)
		workplace.Status.Activity.IdleSince = &since
	}
	return w.Status().Patch(ctx, workplace, client.MergeFrom(base))
}

// rolesFollowPeople: the contact may read the tenant, users may act on what is
// theirs, the blocked may not; a new contact replaces the old one (TD-23).
func rolesFollowPeople(t *testing.T, w world.World) {
	ctx := t.Context()
	provide(t, w)
	must(t, w.Workplace(ctx, "t", "anna", "anna@example.com"), w.Workplace(ctx, "t", "omar", "omar@example.com"), w.Workplace(ctx, "t", "omar-two", "omar@example.com"))
	users := func(want ...string) func(context.Context) error {
		return func(ctx context.Context) error {
			binding := &rbacv1.RoleBinding{}
			err := w.Get(ctx, client.ObjectKey{Namespace: w.Namespace("t"), Name: "werkplek-user"}, binding)
			if apierrors.IsNotFound(err) && len(want) == 0 {
				return nil
			}
			return bound(err, binding.Subjects, want...)
		}
	}
	view := func(want string) func(context.Context) error {
		return func(ctx context.Context) error {
			binding := &rbacv1.ClusterRoleBinding{}
			err := w.Get(ctx, client.ObjectKey{Name: "werkplek-contact-" + w.TenantName("t")}, binding)
			return bound(err, binding.Subjects, want)
		}
	}
	cluster.Eventually(t, soon, "both users once", users("anna@example.com", "omar@example.com"))
	cluster.Eventually(t, soon, "the contact", view("t@example.com"))
	must(t, change(ctx, w, func(s *v1alpha1.WorkplaceSpec) { s.Access = v1alpha1.AccessBlocked }))
	cluster.Eventually(t, soon, "the blocked has no say", users("omar@example.com"))
	must(t, edit(ctx, w, "t", func(s *v1alpha1.TenantSpec) { s.Contact.Username = "new@example.com" }))
	cluster.Eventually(t, soon, "the new contact", view("new@example.com"))
}

func bound(err error, subjects []rbacv1.Subject, want ...string) error {
	if err != nil {
		return err
	}
	var names []string
	for _, subject := range subjects {
		names = append(names, subject.Name)
	}
	if !slices.Equal(names, want) {
		return fmt.Errorf("bound to %v, want %v", names, want)
	}
	return nil
}
