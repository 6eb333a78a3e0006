// SPDX-License-Identifier: Apache-2.0

package retention

import (
	"fmt"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/outcome"
	"werkplek.dev/werkplek/internal/terms/retention"
	"werkplek.dev/werkplek/internal/terms/standing"
)

// waitsFor says why data is not erased although its contract ends.
var waitsFor = map[string]string{
	retention.NotYet:         "it is kept for as long as the terms say",
	retention.NotAnnounced:   "its erasure was not announced yet: the notice must be sent first",
	retention.ByPerson:       "its time is over, and a person erases it: delete the workplaces and their home claims",
	v1alpha1.ReasonLegalHold: "it is held under spec.legalHold",
}

// Erased says whether the tenant's data was erased, or why it is kept; known is
// false while neither is in sight.
func Erased(tenant *v1alpha1.Tenant, stand *standing.Standing) (erased outcome.Outcome, known bool) {
	switch {
	case tenant.Erased():
		return outcome.Ready(v1alpha1.ReasonDone, "the data was erased under "+tenant.Status.Erasure.Rule), true
	case stand.Erase != nil:
		return outcome.Waiting(v1alpha1.ReasonPending, "the data is being erased"), true
	case stand.EraseWaits != "":
		return outcome.Waiting(stand.EraseWaits,
			fmt.Sprintf("data may be erased from %s: %s", stand.EraseOn, waitsFor[stand.EraseWaits])), true
	}
	return erased, false
}
