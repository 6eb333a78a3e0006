// SPDX-License-Identifier: Apache-2.0

package servers_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus/testutil"
	coordinationv1 "k8s.io/api/coordination/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"werkplek.dev/werkplek/internal/version"
	"werkplek.dev/werkplek/internal/version/servers"
)

const system = "werkplek-system"

// cluster refuses as many creations as another replica made in between, and all
// reading if forbidden says so.
func cluster(t *testing.T, lost int, forbidden bool) client.Client {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := coordinationv1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	leases := schema.GroupResource{Group: "coordination.k8s.io", Resource: "leases"}
	return fake.NewClientBuilder().WithScheme(scheme).WithInterceptorFuncs(interceptor.Funcs{
		Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, object client.Object, options ...client.GetOption) error {
			if forbidden {
				return apierrors.NewForbidden(leases, key.Name, errors.New("no role says so"))
			}
			return c.Get(ctx, key, object, options...)
		},
		Create: func(ctx context.Context, c client.WithWatch, object client.Object, options ...client.CreateOption) error {
			if lost--; lost >= 0 {
				if err := c.Create(ctx, object.DeepCopyObject().(client.Object)); err != nil {
					return err
				}
				return apierrors.NewAlreadyExists(leases, object.GetName())
			}
			return c.Create(ctx, object, options...)
		},
	}).Build()
}

func TestNoted(t *testing.T) {
	t.Parallel()
	at := metav1.NewTime(time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC))
	first := servers.Server{Program: servers.Manager, Host: "manager-a", Since: &at, Info: version.Info{Version: "v0.1.0", Revision: "abc", GoVersion: "go1.26.0"}}
	second := first
	second.Version, second.Host = "v0.2.0", "manager-b"
	for name, lost := range map[string]int{"alone": 0, "another was quicker": 1} {
		c := cluster(t, lost, false)
		if got, err := servers.Noted(t.Context(), c, system, servers.Manager); got != nil || err != nil {
			t.Errorf("%s: before the first start %v is noted (%v), want nothing", name, got, err)
		}
		for _, starts := range []servers.Server{first, second} {
			if err := servers.Note(t.Context(), c, system, starts); err != nil {
				t.Fatal(name, err)
			}
			got, err := servers.Noted(t.Context(), c, system, servers.Manager)
			if err != nil {
				t.Fatal(name, err)
			}
			if diff := cmp.Diff(&starts, got); diff != "" {
				t.Errorf("%s: what is noted differs (-want +got):\n%s", name, diff)
			}
		}
		restarted := second
		restarted.Host = "manager-c"
		if err := servers.Note(t.Context(), c, system, restarted); err != nil {
			t.Fatal(name, err)
		}
		if got, err := servers.Noted(t.Context(), c, system, servers.Manager); err != nil || got.Host != second.Host {
			t.Errorf("%s: a restart of the same version was written: %+v (%v)", name, got, err)
		}
		if got, err := servers.Noted(t.Context(), c, system, servers.Portal); got != nil || err != nil {
			t.Errorf("%s: of the portal %v is noted (%v), want nothing", name, got, err)
		}
	}
}

// TestForbidden: what may not be read is not taken for what is not there.
func TestForbidden(t *testing.T) {
	t.Parallel()
	c := cluster(t, 0, true)
	if _, err := servers.Noted(t.Context(), c, system, servers.Manager); !apierrors.IsForbidden(err) {
		t.Errorf("reading gives %v, want what the API server says", err)
	}
	err := servers.Note(t.Context(), c, system, servers.Server{Program: servers.Manager})
	if !apierrors.IsForbidden(err) || !strings.Contains(err.Error(), "Lease werkplek-system/version.manager.werkplek.dev") {
		t.Errorf("writing gives %v, want it to name the Lease", err)
	}
}

func TestMetric(t *testing.T) {
	t.Parallel()
	metric := servers.Metric(version.Info{Version: "v0.1.0", Revision: "abc", GoVersion: "go1.26.0"})
	want := "# HELP werkplek_build_info Always 1; its labels say which version runs.\n# TYPE werkplek_build_info gauge\n" +
		"werkplek_build_info{goversion=\"go1.26.0\",revision=\"abc\",version=\"v0.1.0\"} 1\n"
	if err := testutil.CollectAndCompare(metric, strings.NewReader(want)); err != nil {
		t.Error(err)
	}
}
