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
//  5. the same of its resellers, the nearest first: the contract of one has ended
//     (ResellerEnded), or one is suspended (ResellerSuspended)
//  6. the workplace is blocked by its spec.access (Blocked)
//
// What is nearer comes before what is farther, what is for good before what will
// pass, and what holds for everybody before what holds for one user. A suspension
// denies from its moment on until its status says that it is lifted: that somebody
// asked to lift it is not enough. Whoever names a reseller that does not exist, or
// is not marked as one, is covered by nobody from there up; so is a cycle, beyond
// the round that it makes. A person takes a tenant over from a reseller by taking
// its spec.resellerRef away. What could not be read grants nothing.
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
	switch {
	case !c.Line.State.Known():
		return outcome.Unknown(ReasonUnread, "it was not read what decides about access")
	case c.Line.Tenant() == nil:
		return c.Line.State
	case workplace != nil && workplace.DeletionTimestamp != nil:
		return outcome.Stalled(v1alpha1.ReasonDeleting, "the workplace is being deleted")
	}
	for i, tenant := range c.Line.Tenants {
		if denied := c.deniedBy(i, tenant); !denied.OK() {
			return denied
		}
	}
	switch {
	case Blocked(workplace):
		return outcome.Resting(v1alpha1.ReasonBlocked, "the user is blocked by spec.access")
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

// deniedBy says whether the tenant itself, which is number 0 of the line, or one of
// its resellers, keeps all users out. Nobody nearer does.
func (c Cover) deniedBy(number int, tenant *v1alpha1.Tenant) outcome.Outcome {
	suspended := len(c.InForce) > 0 && c.InForce[0].Tenant == tenant.Name
	switch own := number == 0; {
	case tenant.Ended() && own:
		return outcome.Resting(v1alpha1.ReasonContractEnded, "the tenant's contract has ended")
	case tenant.Ended():
		return outcome.Resting(v1alpha1.ReasonResellerEnded,
			fmt.Sprintf("the contract of the reseller %s has ended", tenant.Name))
	case suspended && own:
		first := c.InForce[0]
		return outcome.Resting(v1alpha1.ReasonSuspended,
			fmt.Sprintf("the tenant is suspended by %s (%s)", first.Name, first.Spec.Cause))
	case suspended:
		return outcome.Resting(v1alpha1.ReasonResellerSuspended,
			fmt.Sprintf("the reseller %s is suspended by %s", tenant.Name, c.InForce[0].Name))
	}
	return outcome.Ready(v1alpha1.ReasonGranted, "")
}
