// SPDX-License-Identifier: Apache-2.0

package tenant

import (
	"fmt"
	"slices"
)

// announceRights makes an event of each price change that lets the tenant leave (TD-15).
func (v *visit) announceRights() {
	for _, right := range v.tenant.Status.RightsToLeave {
		if !slices.Contains(v.Was.Status.RightsToLeave, right) {
			v.Announce(true, "RightToLeave", "ChangePrice", fmt.Sprintf(
				"the price of %s %s changes by %s percent on %s: the tenant may leave", right.Kind, right.Name, right.Percent, right.From))
		}
	}
}
