// SPDX-License-Identifier: Apache-2.0

package restore

import (
	"context"
	"testing"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/test/cluster"
	"werkplek.dev/werkplek/test/world"
)

// TestHold: a fresh installation acts; one that a person holds ends and does
// nothing after that, until the person lets it act.
func TestHold(t *testing.T) {
	c := cluster.Shared()
	w := world.World{Client: c.Client, Name: "hold"}
	o := start(t, c)
	must(t, w.Terms(t.Context()))
	must(t, w.Tenant(t.Context(), "before"))
	cluster.Eventually(t, soon, "a fresh installation acts", w.HasNamespace("before"))
	record, err := store(c).Read(t.Context())
	if err != nil || record == nil || record.Hold != "" || record.Own == "" {
		t.Fatalf("the record is %+v, %v", record, err)
	}

	since := time.Now()
	must(t, store(c).Set(t.Context(), "the test says so"))
	if why := held(t, c, since); why != "the test says so" {
		t.Errorf("held because %q", why)
	}
	must(t, w.Tenant(t.Context(), "meanwhile"))
	untouched(t, w, "meanwhile", o.Restarts)

	must(t, store(c).Set(t.Context(), ""))
	cluster.Eventually(t, soon, "let go, the operator acts", w.HasNamespace("meanwhile"))
}

// untouched looks for some time at a tenant that a held operator must not touch.
func untouched(t *testing.T, w world.World, tenant string, restarts func() int) {
	t.Helper()
	was := restarts()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	for look := time.NewTicker(200 * time.Millisecond); ; {
		object := &v1alpha1.Tenant{}
		must(t, w.Get(t.Context(), client.ObjectKey{Name: w.TenantName(tenant)}, object))
		if len(object.Finalizers) > 0 || len(object.Status.Conditions) > 0 {
			t.Fatalf("a held operator wrote to it: %+v", object)
		}
		select {
		case <-ctx.Done():
			look.Stop()
			if restarts() != was {
				t.Errorf("the held operator ended %d times", restarts()-was)
			}
			return
		case <-look.C:
		}
	}
}
