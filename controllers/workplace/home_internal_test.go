// SPDX-License-Identifier: Apache-2.0

package workplace

import (
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/reconciling"
	"werkplek.dev/werkplek/internal/desktop"
	"werkplek.dev/werkplek/internal/outcome"
)

const anna = "anna@example.com"

var noon = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)

// atHome is a visit to a workplace whose user may in and for which there is room.
func atHome(t *testing.T, had bool, objects ...client.Object) *visit {
	t.Helper()
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{v1alpha1.AddToScheme, clientgoscheme.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	workplace := &v1alpha1.Workplace{
		ObjectMeta: metav1.ObjectMeta{Namespace: "tenant-t", Name: "anna"},
		Spec:       v1alpha1.WorkplaceSpec{User: v1alpha1.Person{Username: anna}},
	}
	if had {
		workplace.Status.Home = &v1alpha1.HomeStatus{ClaimName: "home-anna"}
	}
	c := fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...).Build()
	ready := outcome.Ready("Ready", "")
	return &visit{
		Reconciler: &Reconciler{Controller: &reconciling.Controller{Client: c}, Live: c},
		Pass:       &reconciling.Pass[*v1alpha1.Workplace]{Object: workplace, Now: noon},
		workplace:  workplace,
		tenant:     &v1alpha1.Tenant{ObjectMeta: metav1.ObjectMeta{Name: "t"}},
		class: &v1alpha1.WorkplaceClass{Spec: v1alpha1.WorkplaceClassSpec{
			Home: v1alpha1.HomeSpec{Size: resource.MustParse("1Gi")},
		}},
		access: ready, place: ready, licensed: ready,
	}
}

// homeClaim is anna's home, as the operator makes it.
func homeClaim(edits ...func(*corev1.PersistentVolumeClaim)) *corev1.PersistentVolumeClaim {
	workplace := &v1alpha1.Workplace{ObjectMeta: metav1.ObjectMeta{Namespace: "tenant-t", Name: "anna"}}
	claim := &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{
		Namespace: "tenant-t", Name: "home-anna", Labels: desktop.Labels("t", workplace),
		Annotations: map[string]string{v1alpha1.AnnotationUsername: anna},
	}}
	claim.Spec.Resources.Requests = corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Gi")}
	for _, edit := range edits {
		edit(claim)
	}
	return claim
}

func deleted(claim *corev1.PersistentVolumeClaim) {
	claim.DeletionTimestamp = &metav1.Time{Time: noon}
	claim.Finalizers = []string{"kubernetes.io/pvc-protection"}
}

func unlabelled(claim *corev1.PersistentVolumeClaim) { claim.Labels = nil }

func anothers(claim *corev1.PersistentVolumeClaim) {
	claim.Annotations[v1alpha1.AnnotationUsername] = "bert@example.com"
}

// TestHomeIsMadeOnce: a home that was there and is gone is said, and nothing empty
// takes its place; what has lost its labels is marked again.
func TestHomeIsMadeOnce(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		had    bool
		claim  *corev1.PersistentVolumeClaim
		reason string
		there  bool // is there a claim afterwards?
	}{
		"never made":                   {false, nil, v1alpha1.ReasonHomeBound, true},
		"there":                        {true, homeClaim(), v1alpha1.ReasonHomeBound, true},
		"gone":                         {true, nil, v1alpha1.ReasonHomeLost, false},
		"being deleted":                {true, homeClaim(deleted), v1alpha1.ReasonHomeBeingDeleted, true},
		"has lost its labels":          {true, homeClaim(unlabelled), v1alpha1.ReasonHomeBound, true},
		"another's":                    {true, homeClaim(anothers), v1alpha1.ReasonHomeOfAnother, true},
		"another's without its labels": {true, homeClaim(anothers, unlabelled), v1alpha1.ReasonForeignObject, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var objects []client.Object
			if c.claim != nil {
				objects = append(objects, c.claim)
			}
			v := atHome(t, c.had, objects...)
			if err := v.keepHome(t.Context()); err != nil {
				t.Fatal(err)
			}
			if v.home.Reason != c.reason {
				t.Errorf("the home is %s, want the reason %s", v.home, c.reason)
			}
			found := &corev1.PersistentVolumeClaim{}
			err := v.Client.Get(t.Context(), client.ObjectKey{Namespace: "tenant-t", Name: "home-anna"}, found)
			if apierrors.IsNotFound(err) == c.there {
				t.Errorf("afterwards there is a claim: %t, want %t (%v)", !c.there, c.there, err)
			}
			if c.reason == v1alpha1.ReasonHomeBound && !desktop.OwnClaim(found) {
				t.Errorf("the home is marked %v: nothing else of the operator sees it", found.Labels)
			}
		})
	}
}

// TestDesktopHoldsHome: the desktop that still uses a home which somebody has
// deleted is all that keeps it; only the end of access stops it.
func TestDesktopHoldsHome(t *testing.T) {
	t.Parallel()
	running := corev1.Pod{Spec: corev1.PodSpec{NodeName: "node-1"}, Status: corev1.PodStatus{Phase: corev1.PodRunning}}
	waits, failed := *running.DeepCopy(), *running.DeepCopy()
	waits.Spec.NodeName, failed.Status.Phase = "", corev1.PodFailed
	nothing := func(*visit) {}
	for name, c := range map[string]struct {
		pod   *corev1.Pod
		claim *corev1.PersistentVolumeClaim
		edit  func(*visit)
		stops string // the reason; empty: it goes on
	}{
		"the home is there":                    {&running, homeClaim(), nothing, ""},
		"stopped by a person":                  {&running, homeClaim(), stopped, v1alpha1.ReasonStopped},
		"being deleted":                        {&running, homeClaim(deleted), nothing, ""},
		"being deleted, and stopped":           {&running, homeClaim(deleted), stopped, ""},
		"being deleted, and beyond the limits": {&running, homeClaim(deleted), beyond, ""},
		"being deleted, and suspended":         {&running, homeClaim(deleted), suspended, v1alpha1.ReasonSuspended},
		"being deleted, and on no node":        {&waits, homeClaim(deleted), nothing, v1alpha1.ReasonHomeBeingDeleted},
		"being deleted, and failed":            {&failed, homeClaim(deleted), nothing, v1alpha1.ReasonHomeBeingDeleted},
		"being deleted, and no desktop":        {nil, homeClaim(deleted), nothing, v1alpha1.ReasonHomeBeingDeleted},
		"marked as another's while it runs":    {&running, homeClaim(anothers), nothing, ""},
		"another's":                            {nil, homeClaim(anothers), nothing, v1alpha1.ReasonHomeOfAnother},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := atHome(t, true, c.claim.DeepCopy())
			v.pod = c.pod
			c.edit(v)
			if err := v.keepHome(t.Context()); err != nil {
				t.Fatal(err)
			}
			why, stops := v.stopped()
			if stops != (c.stops != "") || stops && why.Reason != c.stops {
				t.Errorf("it stops: %t, because of %s; want %q", stops, why, c.stops)
			}
			if c.claim.DeletionTimestamp != nil && !strings.Contains(v.home.Message, "snapshot") {
				t.Errorf("nobody is told how to rescue it: %s", v.home)
			}
		})
	}
}

func stopped(v *visit)   { v.workplace.Spec.RunPolicy = v1alpha1.RunStopped }
func beyond(v *visit)    { v.place = outcome.Stalled(v1alpha1.ReasonLimitReached, "") }
func suspended(v *visit) { v.access = outcome.Resting(v1alpha1.ReasonSuspended, "") }
