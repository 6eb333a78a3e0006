// SPDX-License-Identifier: Apache-2.0

// Package behaviour watches the real operator, with the rights of its own role,
// keep what the contract and the API promise.
package behaviour

import (
	"maps"
	"strings"
	"testing"
	"time"

	"werkplek.dev/werkplek/test/cluster"
	"werkplek.dev/werkplek/test/operator"
	"werkplek.dev/werkplek/test/world"
)

const soon = 30 * time.Second

func TestMain(m *testing.M) { operator.Main(m) }

// TestBehaviour runs every promise against one operator, side by side.
func TestBehaviour(t *testing.T) {
	kubeconfig, err := operator.Kubeconfig(cluster.Shared(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	o, err := operator.Start(kubeconfig, "--desks-domain=desks.example.com")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		o.Stop()
		if t.Failed() {
			t.Logf("the end of the operator's log:\n%s", o.Log())
		}
	})
	t.Run("promises", func(t *testing.T) {
		promises := map[string]func(*testing.T, world.World){
			"NamespaceFurnished":         namespaceFurnished,
			"NamespaceTaken":             namespaceTaken,
			"HostileHands":               hostileHands,
			"MissingTermsHeal":           missingTermsHeal,
			"ResellerProblems":           resellerProblems,
			"TenantDeletion":             tenantDeletion,
			"UnmarkedHomeIsKept":         unmarkedHomeIsKept,
			"DesktopAndHome":             desktopAndHome,
			"MissingClassHeals":          missingClassHeals,
			"DeletedHome":                deletedHome,
			"Limits":                     limits,
			"ClassNotAllowed":            classNotAllowed,
			"BlockedKeepsHome":           blockedKeepsHome,
			"RestartPending":             restartPending,
			"RestartOnRequest":           restartOnRequest,
			"HomeOfAnother":              homeOfAnother,
			"HomeGrows":                  homeGrows,
			"ForeignPod":                 foreignPod,
			"UnschedulableSaysWhy":       unschedulableSaysWhy,
			"ImageSaysWhy":               imageSaysWhy,
			"QuotaSaysWhy":               quotaSaysWhy,
			"StaleBillingDecidesNothing": staleBillingDecidesNothing,
			"PartialPayment":             partialPayment,
			"PaymentArrangement":         paymentArrangement,
			"WaivedFee":                  waivedFee,
			"ManualSuspension":           manualSuspension,
			"CausesAreIndependent":       causesAreIndependent,
			"ResellerCascade":            resellerCascade,
			"ResellerEnds":               resellerEnds,
			"TerminationAllowed":         terminationAllowed,
			"AutomaticTermination":       automaticTermination,
			"MissingLicenseHeals":        missingLicenseHeals,
			"LicenseInUse":               licenseInUse,
			"OldLicenseUntilRestart":     oldLicenseUntilRestart,
			"UsageKeepsTenant":           usageKeepsTenant,
			"RightToLeave":               rightToLeave,
			"StaffIsExempt":              staffIsExempt,
			"IdleStopsAndVisitStarts":    idleStopsAndVisitStarts,
			"RolesFollowPeople":          rolesFollowPeople,
			"DrainSparesWhoIsConnected":  drainSparesWhoIsConnected,
			"NeverConfirmed":             neverConfirmed,
		}
		maps.Copy(promises, requestPromises)
		maps.Copy(promises, supportPromises)
		maps.Copy(promises, contractPromises)
		for name, promise := range promises {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				w := world.World{Client: cluster.Shared().Client, Name: strings.ToLower(name)}
				if len(w.Name) > 20 {
					w.Name = w.Name[:20]
				}
				promise(t, w)
			})
		}
	})
	if restarts := o.Restarts(); restarts > 0 {
		t.Errorf("the operator died %d times", restarts)
	}
}

// must ends a test on an error.
func must(t *testing.T, faults ...error) {
	t.Helper()
	for _, err := range faults {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// provide makes terms, a class and one tenant, "t", whose billing is fresh and clear.
func provide(t *testing.T, w world.World) {
	t.Helper()
	ctx := t.Context()
	must(t, w.Terms(ctx), w.Class(ctx), w.Tenant(ctx, "t"))
	cluster.Eventually(t, soon, "the namespace", w.HasNamespace("t"))
	must(t, w.Report(ctx, "t", time.Now()))
}

// monthsAgo returns the date so many months and 20 days before today.
func monthsAgo(months int) string { return time.Now().AddDate(0, -months, -20).Format(time.DateOnly) }

// unpaid is one invoice of so many months and 20 days ago.
func unpaid(months int) world.Invoice {
	return world.Invoice{Number: "2026-0815", IssuedOn: monthsAgo(months), Outstanding: "412.50"}
}
