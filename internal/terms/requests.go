// SPDX-License-Identifier: Apache-2.0

package terms

// ApprovesRequests reports whether a contact's requests within the tenant's
// limits need no person's approval (TD-23).
func (t *Terms) ApprovesRequests() bool { return t.approves }

// KeptUntil returns the day until which a home is kept that lost its workplace
// on a day; no date if a person decides when it goes.
func (t *Terms) KeptUntil(from Date) Date {
	if t.retention == nil {
		return Date{}
	}
	return t.retention.afterEnd.After(from)
}
