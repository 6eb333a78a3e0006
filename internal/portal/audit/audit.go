// SPDX-License-Identifier: Apache-2.0

// Package audit writes one structured line for each decision about people:
// sign-ins, openings, grants, cuts, requests and consents.
package audit

import (
	"github.com/go-logr/logr"
)

// Event is what was decided about.
type Event string

// The events.
const (
	SignIn  Event = "SignIn"
	SignOut Event = "SignOut"
	Open    Event = "Open"    // a page or a connection of a workplace
	Grant   Event = "Grant"   // a hand-over code was issued or redeemed
	Cut     Event = "Cut"     // a live connection ended because access did
	Request Event = "Request" // a UserRequest or a SupportSession was made
	Consent Event = "Consent"
	Restart Event = "Restart"
	Mail    Event = "Mail"
)

// Line is one decision.
type Line struct {
	Event Event
	// Allowed says how it was decided.
	Allowed bool
	// Reason is a condition's reason, or what was refused.
	Reason string
	// Who acted, as Kubernetes knows them; empty while nobody is signed in.
	Who string
	// Tenant and Workplace that it was about.
	Tenant    string
	Workplace string
	// Support names the SupportSession under which an agent acted.
	Support string
	// From is the network address of the caller.
	From string
	// Note holds whatever else an auditor needs.
	Note string
}

// Log writes audit lines.
type Log struct{ Logger logr.Logger }

// Write writes one line.
func (l Log) Write(line Line) {
	decision := "Refused"
	if line.Allowed {
		decision = "Allowed"
	}
	pairs := []any{"event", line.Event, "decision", decision}
	for _, field := range []struct{ key, value string }{
		{"reason", line.Reason}, {"who", line.Who}, {"tenant", line.Tenant}, {"workplace", line.Workplace},
		{"support", line.Support}, {"from", line.From}, {"note", line.Note},
	} {
		if field.value != "" {
			pairs = append(pairs, field.key, field.value)
		}
	}
	l.Logger.Info("audit", pairs...)
}
