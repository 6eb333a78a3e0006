// SPDX-License-Identifier: Apache-2.0

package facts

import (
	"werkplek.dev/werkplek/api/v1alpha1"
)

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
