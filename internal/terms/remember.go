// SPDX-License-Identifier: Apache-2.0

package terms

// Remember adds to the facts what a standing decided for good, and reports
// whether that is new: the decision about a notice, and an end that paying or
// coming back does not undo. The Tenant's status keeps the same, and FactsOf
// reads it back from there.
func (f *Facts) Remember(s *Standing) bool {
	changed := false
	if decided := s.Notice; decided == nil != (f.NoticeDecision == nil) || decided != nil && *decided != *f.NoticeDecision {
		f.NoticeDecision, changed = nil, true
		if decided != nil {
			decision := *decided
			f.NoticeDecision = &decision
		}
	}
	if s.Ended && f.EndedOn.IsZero() && sticks(s.EndReason) {
		f.EndedOn, f.EndReason, changed = s.EndsOn, s.EndReason, true
	}
	return changed
}

// TakePlan changes the facts to another plan, whose terms are given together
// with those that would follow them.
func (f *Facts) TakePlan(step PlanStep, terms, successor *Terms) {
	f.TermsName, f.PlanFrom, f.PlanAgreedOn = step.Terms, step.From, step.AgreedOn
	f.PlanBecause, f.TermsTitle, f.Successor = step.Because, "", successor
	if terms != nil {
		f.TermsTitle = terms.Title
	}
}
