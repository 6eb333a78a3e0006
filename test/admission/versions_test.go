// SPDX-License-Identifier: Apache-2.0

package admission

import (
	"context"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"werkplek.dev/werkplek/internal/version"
	"werkplek.dev/werkplek/internal/version/servers"
	"werkplek.dev/werkplek/test/cluster"
)

// TestVersions: manager and portal note their own version twice with the roles that
// they have, not each other's; an engineer reads both, and support none.
func TestVersions(t *testing.T) {
	t.Parallel()
	engineer, _ := bind(t, "werkplek-engineer")
	support, _ := bind(t, "werkplek-support")
	for program, account := range map[string]string{servers.Manager: cluster.Manager, servers.Portal: portalAccount} {
		for _, v := range []string{"v0.1.0", "v0.2.0"} {
			noted := servers.Server{Program: program, Info: version.Info{Version: v}}
			if err := servers.Note(t.Context(), cluster.Shared().As(account), "werkplek-system", noted); err != nil {
				t.Fatal(err)
			}
		}
		// The engineer's role may take a moment to hold for leases as well.
		cluster.Eventually(t, 10*time.Second, "the engineer reads the version of the "+program, func(ctx context.Context) error {
			got, err := servers.Noted(ctx, cluster.Shared().As(engineer), "werkplek-system", program)
			if err == nil && (got == nil || got.Version != "v0.2.0") {
				t.Errorf("of the %s %+v is noted, want v0.2.0", program, got)
			}
			return err
		})
		if _, err := servers.Noted(t.Context(), cluster.Shared().As(support), "werkplek-system", program); !apierrors.IsForbidden(err) {
			t.Errorf("support reads the Lease of the %s: %v", program, err)
		}
	}
	other := servers.Server{Program: servers.Manager, Info: version.Info{Version: "v9.9.9"}}
	if err := servers.Note(t.Context(), cluster.Shared().As(portalAccount), "werkplek-system", other); !apierrors.IsForbidden(err) {
		t.Errorf("the portal changes the manager's Lease: %v", err)
	}
}
