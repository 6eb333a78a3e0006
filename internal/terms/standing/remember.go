// SPDX-License-Identifier: Apache-2.0

package standing

import (
	"werkplek.dev/werkplek/internal/terms/facts"
)

// ToRemember returns what a standing decided for good and the facts do not hold
// yet, and whether there is anything.
func ToRemember(f *facts.Facts, s *Standing) (facts.Remembered, bool) {
	var r facts.Remembered
	switch decided, known := s.Notice, f.NoticeDecision; {
	case decided == nil:
		r.Forgets = known != nil
	case known == nil || *decided != *known:
		decision := *decided
		r.Notice = &decision
	}
	if s.Ended && f.EndedOn.IsZero() && facts.Sticks(s.EndReason) {
		r.EndsOn, r.EndReason = s.EndsOn, s.EndReason
	}
	return r, r != facts.Remembered{}
}
