// SPDX-License-Identifier: Apache-2.0

package facts

import (
	"fmt"
	"strings"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/terms/agreement"
)

// Known is a value that was read, or one that was not: the zero Known. What was
// not read is another thing than what is not there.
type Known[T any] struct {
	value T
	read  bool
}

// Seen returns a value that was read, be it empty.
func Seen[T any](value T) Known[T] { return Known[T]{value, true} }

// Get returns the value, and whether it was read.
func (k Known[T]) Get() (T, bool) { return k.value, k.read }

// Book is terms by name, compiled. Those that do not exist or cannot be used are
// not in it.
type Book map[string]*agreement.Terms

// Classes are the workplace classes that exist, by name.
type Classes map[string]*v1alpha1.WorkplaceClass

// Licenses are the licences that exist, by name.
type Licenses map[string]*v1alpha1.License

// Sources are the API objects that decide where one tenant stands and what is due.
type Sources struct {
	Tenant *v1alpha1.Tenant
	// Account is nil if there is none.
	Account     Known[*v1alpha1.BillingAccount]
	Suspensions Known[[]v1alpha1.Suspension]
	// ResellerSuspended is true while a suspension of a reseller is in force.
	ResellerSuspended Known[bool]
	Charges           Known[[]v1alpha1.Charge]
	Notices           Known[[]v1alpha1.Notice]
	Workplaces        Known[[]v1alpha1.Workplace]
	// Classes of the workplaces, and the licences that these need.
	Classes  Known[Classes]
	Licenses Known[Licenses]

	// What is due depends on the rest as well; where a tenant stands does not.

	Sessions Known[[]v1alpha1.SupportSession]
	Requests Known[[]v1alpha1.UserRequest]
	Homes    Known[[]Home]
	// Below are the workplaces of its sub-organisations, at any depth.
	Below Known[[]v1alpha1.Workplace]
	// Unreported is a month whose use of licences is recorded and in no final
	// report; empty if there is none. Only a tenant without data is asked for it.
	Unreported Known[string]
}

// UnreadError says that facts were asked for, and not everything was read that
// decides them.
type UnreadError struct {
	Tenant string
	Unread []string
}

// Error names what was not read.
func (e *UnreadError) Error() string {
	return fmt.Sprintf("nothing is decided about tenant %s: its %s were not read", e.Tenant, strings.Join(e.Unread, ", "))
}

// source is one of them, for people, and whether it was read.
type source struct {
	name string
	read bool
}

// missing returns those of some sources that were not read.
func missing(sources ...source) []string {
	var unread []string
	for _, source := range sources {
		if !source.read {
			unread = append(unread, source.name)
		}
	}
	return unread
}

// undecided returns what was not read and decides where the tenant stands.
func (s *Sources) undecided() []string {
	return missing(
		source{"billing account", s.Account.read}, source{"suspensions", s.Suspensions.read},
		source{"resellers' suspensions", s.ResellerSuspended.read}, source{"charges", s.Charges.read},
		source{"notices", s.Notices.read}, source{"workplaces", s.Workplaces.read},
		source{"classes", s.Classes.read}, source{"licences", s.Licenses.read},
	)
}

// undue returns what was not read and decides, besides, what is due. The
// sub-organisations of a tenant that is no reseller are none, and what was used
// matters once all data is gone.
func (s *Sources) undue() []string {
	return missing(
		source{"support sessions", s.Sessions.read}, source{"requests", s.Requests.read}, source{"homes", s.Homes.read},
		source{"sub-organisations", s.Below.read || !s.Tenant.IsReseller()},
		source{"usage records", s.Unreported.read || !s.Tenant.Erased()},
	)
}
