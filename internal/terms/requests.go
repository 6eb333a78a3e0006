// SPDX-License-Identifier: Apache-2.0

package terms

import "werkplek.dev/werkplek/api/v1alpha1"

// ApprovesRequests reports whether a contact's requests within the tenant's
// limits need no person's approval (TD-23).
func (t *Terms) ApprovesRequests() bool { return t.approves }

// KeptUntil returns the day until which a home is kept that lost its workplace
// on a day; no date if a person decides when it goes.
func (t *Terms) KeptUntil(from Date) Date {
	if t.retention == nil {
		return Date{}
	}
	return t.retention.AfterEnd.From(from).EraseOn
}

// requestsOf returns the requests of the tenant's contact that were received.
func requestsOf(requests []v1alpha1.UserRequest) []Request {
	var received []Request
	for i := range requests {
		r := &requests[i]
		if r.Status.ReceivedAt == nil {
			continue
		}
		fact := Request{Name: r.Name, Type: string(r.Spec.Type), ReceivedAt: r.Status.ReceivedAt.Time}
		if at := r.Status.AnswerDueAt; at != nil {
			fact.AnswerDueAt = at.Time
		}
		if at := r.Status.AnsweredAt; at != nil {
			fact.AnsweredAt = at.Time
		}
		for _, c := range r.Status.Conditions {
			if c.Type == v1alpha1.ConditionApproved {
				fact.Approved, fact.Answer = c.Status == "True", c.Message
			}
		}
		received = append(received, fact)
	}
	return received
}
