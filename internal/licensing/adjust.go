// SPDX-License-Identifier: Apache-2.0

package licensing

import (
	"errors"
	"fmt"

	"werkplek.dev/werkplek/api/v1alpha1"
)

// Person is a user of a tenant, as a licence counts one.
type Person struct{ License, Tenant, Username string }

// Roll are the users whom a report counts, with the corrections that it has
// already: once or not at all.
type Roll struct {
	counted map[Person]int64
	tenants map[string]bool // that have usage records of the month
}

// NewRoll returns the roll of a month in which nobody is counted yet.
func NewRoll() *Roll { return &Roll{counted: map[Person]int64{}, tenants: map[string]bool{}} }

// Add counts the users of a tenant's records: the callback of usage.EachTenant.
func (r *Roll) Add(tenant string, records ...Record) error {
	r.tenants[tenant] = true
	for _, record := range records {
		for _, user := range record.Status.Users {
			if user.Exemption == "" {
				r.counted[Person{string(user.License), tenant, string(user.Username)}] = 1
			}
		}
	}
	return nil
}

// Adjusted applies the adjustments of a correction that is final.
func (r *Roll) Adjusted(adjustments []v1alpha1.ReportAdjustment) {
	for _, a := range adjustments {
		if a.Username != "" {
			r.counted[Person{string(a.License), a.Tenant, string(a.Username)}] += a.Quantity
		}
	}
}

// Check says which adjustments cannot be: what they take away was never there, or
// what they add is there already. An adjustment that names nobody changes a
// quantity alone, and Correct minds that none falls below zero.
func (r *Roll) Check(adjustments []v1alpha1.ReportAdjustment) error {
	left := map[Person]int64{}
	var faults []error
	for _, a := range adjustments {
		if a.Username == "" {
			continue
		}
		who := Person{string(a.License), a.Tenant, string(a.Username)}
		if _, seen := left[who]; !seen {
			left[who] = r.counted[who]
		}
		if left[who] += a.Quantity; left[who] == 0 || left[who] == 1 {
			continue
		}
		faults = append(faults, r.fault(a, who))
	}
	return errors.Join(faults...)
}

func (r *Roll) fault(a v1alpha1.ReportAdjustment, who Person) error {
	const alone = "; to adjust the quantity alone, leave username out"
	of := fmt.Sprintf("user %s of tenant %s", a.Username, a.Tenant)
	switch {
	case a.Tenant == "":
		return fmt.Errorf("user %s is of no tenant: say which in tenant%s", a.Username, alone)
	case a.Quantity > 1 || a.Quantity < -1:
		return fmt.Errorf("%s counts for one, and the adjustment is by %d; write 1 or -1%s", of, a.Quantity, alone)
	case a.Quantity > 0:
		return fmt.Errorf("%s is counted for %s already%s", of, a.License, alone)
	case !r.tenants[a.Tenant]:
		return fmt.Errorf("%s cannot be taken away from %s: tenant %s has no usage records of the month%s", of, a.License, a.Tenant, alone)
	default:
		return fmt.Errorf("%s cannot be taken away from %s: the report does not count that user%s", of, a.License, alone)
	}
}
