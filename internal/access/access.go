// SPDX-License-Identifier: Apache-2.0

// Package access is the one rule who may reach a workplace (TD-8, TD-12). The
// operator starts and stops desktops by it, meters licences and answers requests
// by it, and the access gateway lets in and cuts by it. It is pure, and cheap
// enough to be asked at every request.
//
// The first reason that holds is the one that is given, in this order:
//
//  1. the namespace belongs to no Tenant (TenantNotFound)
//  2. the workplace is being deleted (Deleting)
//  3. the tenant's contract has ended (ContractEnded)
//  4. a suspension of the tenant is in force (Suspended), the first by name
//  5. a suspension of one of its resellers is in force (ResellerSuspended), that
//     of the nearest
//  6. the workplace is blocked by its spec.access (Blocked)
//
// What is for good comes before what will pass, what holds for everybody before
// what holds for one user, and what is nearer before what is farther. A suspension
// denies from its moment on until its status says that it is lifted: that somebody
// asked to lift it is not enough. Whoever names a reseller that does not exist, or
// is not marked as one, is covered by nobody from there up; so is a cycle, beyond
// the round that it makes. What could not be read grants nothing.
package access

import (
	"context"
	"errors"
	"fmt"
	"time"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/outcome"
)

// Reader reads what the rule depends on. The rule changes nothing of what it is given.
type Reader interface {
	// Tenant returns a tenant by name; nil while there is none.
	Tenant(ctx context.Context, name string) (*v1alpha1.Tenant, error)
	// Suspensions returns all suspensions of a tenant, lifted ones too, in any order.
	Suspensions(ctx context.Context, tenant string) ([]v1alpha1.Suspension, error)
}

// ReasonUnread is that it could not be read, or was not, what decides.
const ReasonUnread = "Unread"

// Cover is what covers a tenant at one moment. The zero Cover is unread, and
// grants nothing.
type Cover struct {
	// Line is the tenant and its resellers.
	Line Line
	// InForce are the suspensions of any of them that are in force: in the line's
	// order, and by name within one.
	InForce []Suspension
}

// Look reads what covers a tenant at a moment.
func Look(ctx context.Context, r Reader, tenant string, at time.Time) (Cover, error) {
	line, err := LineOf(ctx, r, tenant)
	if err != nil {
		return Cover{}, err
	}
	return line.Cover(ctx, r, at)
}

// LookFrom is Look for a tenant that was read already.
func LookFrom(ctx context.Context, r Reader, tenant *v1alpha1.Tenant, at time.Time) (Cover, error) {
	line, err := LineFrom(ctx, r, tenant)
	if err != nil {
		return Cover{}, err
	}
	return line.Cover(ctx, r, at)
}

// Cover reads what covers the tenant of a line at a moment.
func (l Line) Cover(ctx context.Context, r Reader, at time.Time) (Cover, error) {
	if !l.State.Known() {
		return Cover{}, errors.New("the line of resellers was not read")
	}
	inForce, err := InForce(ctx, r, l, at)
	if err != nil {
		return Cover{}, err
	}
	return Cover{Line: l, InForce: inForce}, nil
}

// Judge says whether the user of a workplace may in; without a workplace, whether
// the tenant's users may, those apart who are blocked. Only a ready outcome grants.
func (c Cover) Judge(workplace *v1alpha1.Workplace) outcome.Outcome {
	switch tenant := c.Line.Tenant(); {
	case !c.Line.State.Known():
		return outcome.Unknown(ReasonUnread, "it was not read what decides about access")
	case tenant == nil:
		return c.Line.State
	case workplace != nil && workplace.DeletionTimestamp != nil:
		return outcome.Stalled(v1alpha1.ReasonDeleting, "the workplace is being deleted")
	case tenant.Ended():
		return outcome.Stalled(v1alpha1.ReasonContractEnded, "the tenant's contract has ended")
	case len(c.InForce) > 0:
		return c.InForce[0].denies(tenant.Name)
	case Blocked(workplace):
		return outcome.Stalled(v1alpha1.ReasonBlocked, "the user is blocked by spec.access")
	case workplace == nil:
		return outcome.Ready(v1alpha1.ReasonGranted, "no suspension is in force")
	}
	return outcome.Ready(v1alpha1.ReasonGranted, "the user may open the workplace")
}

// Blocked reports whether the tenant's contact, or the provider, keeps the user
// of a workplace out.
func Blocked(workplace *v1alpha1.Workplace) bool {
	return workplace != nil && workplace.Spec.Access == v1alpha1.AccessBlocked
}

// denies says that a suspension keeps a tenant's users out.
func (s Suspension) denies(tenant string) outcome.Outcome {
	if s.Tenant == tenant {
		return outcome.Stalled(v1alpha1.ReasonSuspended, fmt.Sprintf("the tenant is suspended by %s (%s)", s.Name, s.Spec.Cause))
	}
	return outcome.Stalled(v1alpha1.ReasonResellerSuspended, fmt.Sprintf("the reseller %s is suspended by %s", s.Tenant, s.Name))
}
