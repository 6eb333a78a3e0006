// SPDX-License-Identifier: Apache-2.0

package agreement

import (
	"fmt"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
)

// Inactivity says when what nobody uses ends.
type Inactivity struct {
	WarnAfter *calendar.Period // nil: nobody is warned
	EndAfter  calendar.Period
}

func (c *compiler) inactivity(spec *v1alpha1.InactivityTerms) *Inactivity {
	if spec == nil {
		return nil
	}
	i := &Inactivity{EndAfter: c.period("spec.inactivity.endAfter", spec.EndAfter)}
	if spec.WarnAfter != "" {
		warn := c.period("spec.inactivity.warnAfter", spec.WarnAfter)
		i.WarnAfter = &warn
		if any := (calendar.Date{Year: 2000, Month: 1, Day: 1}); !warn.After(any).Before(i.EndAfter.After(any)) {
			c.fault(fmt.Errorf("spec.inactivity.warnAfter: %s is not before endAfter %s; a warning must come before the end",
				spec.WarnAfter, spec.EndAfter))
		}
	}
	return i
}
