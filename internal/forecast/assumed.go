// SPDX-License-Identifier: Apache-2.0

package forecast

import (
	"fmt"
	"strings"

	"werkplek.dev/werkplek/internal/calendar"
)

// subject is what an assumption is about, and what an event may say otherwise of.
type subject int

const (
	nothing  subject = iota // what no event changes
	charged                 // what becomes of charges
	owed                    // what becomes of invoices that are open
	reported                // whether the billing system reports
	sent                    // whether notices can be sent
	used                    // whether the workplaces are used
)

// assumption is what the world is taken to be.
type assumption struct {
	about    subject
	sentence string
}

func (s *Sim) suppose(about subject, format string, arguments ...any) {
	s.assumed = append(s.assumed, assumption{about, fmt.Sprintf(format, arguments...)})
}

// Assumed says in sentences what was assumed, and until when where an event that
// was added says otherwise. What one says otherwise from the first moment on was
// not assumed at all.
func (s *Sim) Assumed() []string {
	var said []string
	for _, a := range s.assumed {
		otherwise := s.otherwise(a.about)
		switch {
		case otherwise == nil:
			said = append(said, a.sentence)
		case otherwise.At.After(s.facts.Now):
			day := calendar.DateAt(otherwise.At, s.Zone())
			said = append(said, fmt.Sprintf("%s, until --if says otherwise on %s.", strings.TrimSuffix(a.sentence, "."), day))
		}
	}
	return said
}

// otherwise returns the first event to come that changes what was assumed.
func (s *Sim) otherwise(about subject) *Event {
	for i := range s.events {
		if about != nothing && s.events[i].about == about {
			return &s.events[i]
		}
	}
	return nil
}
