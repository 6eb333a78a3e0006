// SPDX-License-Identifier: Apache-2.0

package forecast

import "time"

// What is the kind of thing that happens to a tenant.
type What string

// What happens.
const (
	// Happens is an event that the forecast was told of.
	Happens What = "Event"
	// Starts is the contract's first day.
	Starts What = "Start"
	// Suspends is when access stops.
	Suspends What = "Suspend"
	// Lifts is when a suspension ends.
	Lifts What = "Lift"
	// Ends is when the contract no longer holds.
	Ends What = "End"
	// Keeps is when the home of a removed workplace begins to be kept, or stays.
	Keeps What = "Keep"
	// Erases is when the data is erased, or one such home.
	Erases What = "Erase"
	// Leaves is when the namespace goes.
	Leaves What = "Leave"
	// Charges is a charge or a credit that is made.
	Charges What = "Charge"
	// Tells is a notice that is sent.
	Tells What = "Notice"
	// ChangesPlan is when another plan begins to hold.
	ChangesPlan What = "Plan"
	// Decides is what becomes of the tenant's notice or withdrawal.
	Decides What = "Decision"
	// Allows is when the provider may end the contract (TD-12).
	Allows What = "TerminationAllowed"
	// Waits is something that does not happen, and why.
	Waits What = "Wait"
)

// Entry is something that happens to a tenant.
type Entry struct {
	// At this moment.
	At time.Time
	// What kind of thing.
	What What
	// Name of the charge, notice, suspension, workplace or terms that it is about;
	// empty where it is about the contract itself.
	Name string
	// Detail is a sentence for people.
	Detail string
}
