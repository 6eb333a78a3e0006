// SPDX-License-Identifier: Apache-2.0

package facts

import (
	"fmt"
	"slices"
	"time"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/terms/agreement"
)

// Read reads the facts about a tenant at a moment from its API objects. The
// terms in the book are those that hold for it, and those that they and its wishes
// refer to. Where something was not read that decides where the tenant stands, the
// error is an UnreadError; one about a field names it, and the API server lets
// none through.
func Read(now time.Time, book Book, s *Sources) (Facts, error) {
	if unread := s.undecided(); len(unread) > 0 {
		return Facts{}, &UnreadError{s.Tenant.Name, unread}
	}
	name := string(s.Tenant.TermsNow())
	held := book[name]
	if held == nil {
		return Facts{}, fmt.Errorf(
			"the terms %s of tenant %s are not there; add their ServiceTerms, or correct spec.termsRef", name, s.Tenant.Name)
	}
	r := reader{zone: held.Zone}
	f := r.tenant(now, s.Tenant)
	r.plans(&f, s.Tenant, book)
	f.Billing = r.billing(s.Account.value)
	for i := range s.Suspensions.value {
		f.Suspensions = append(f.Suspensions, SuspensionOf(&s.Suspensions.value[i]))
	}
	f.ResellerSuspended = s.ResellerSuspended.value
	f.Notices = noticesOf(s.Notices.value)
	f.Charges = r.charges(s.Charges.value)
	// What the workplaces tell needs the contract's start, which the tenant tells,
	r.workplaces(&f, s.Workplaces.value, s.Classes.value)
	r.idle(&f, s.Tenant)
	// and the rights to leave need both, and the terms that hold.
	f.Subjects = r.subjects(s.Workplaces.value, s.Classes.value, s.Licenses.value)
	f.Rights = held.RightsToLeave(f.StartsOn, f.Subjects)

	f.Sessions = SessionsOf(held.Zone, s.Sessions.value)
	f.Requests = requestsOf(s.Requests.value)
	f.Homes = slices.Clone(s.Homes.value)
	f.Below = membersOf(s.Below.value)
	f.Unreported = s.Unreported.value
	f.Unread = s.undue()
	if r.err != nil {
		return Facts{}, fmt.Errorf("read the facts of tenant %s: %w", s.Tenant.Name, r.err)
	}
	return f, nil
}

// reader reads facts in a zone. It keeps the first error, so that a caller asks once.
type reader struct {
	zone *time.Location
	err  error
}

// tenant reads what the Tenant itself tells.
func (r *reader) tenant(now time.Time, tenant *v1alpha1.Tenant) Facts {
	f := Facts{
		Now: now, Tenant: tenant.Name, Type: tenant.Spec.Type, CreatedAt: tenant.CreationTimestamp.Time,
		DirectDebit: tenant.Spec.DirectDebit != nil && *tenant.Spec.DirectDebit, LegalHold: tenant.Spec.LegalHold != nil,
		NoAddress: tenant.Spec.Contact == nil || tenant.Spec.Contact.Email == "",
		Erased:    tenant.Erased(), TermsName: string(tenant.TermsNow()),
	}
	f.Left = f.Erased && tenant.Status.Namespace == ""
	var err error
	if f.StartsOn, err = startsOn(tenant, r.zone); err != nil {
		r.fault(fmt.Errorf("spec.contract.startsOn: %w", err))
	}
	if a := tenant.Spec.PaymentArrangement; a != nil {
		f.Arrangement = &Arrangement{
			Until:    r.date("spec.paymentArrangement.until", a.Until),
			WaiveFee: a.WaiveReactivationFee != nil && *a.WaiveReactivationFee,
		}
	}
	r.contract(&f, tenant)
	return f
}

// contract reads what was declared about the contract, and what was decided for good.
func (r *reader) contract(f *Facts, tenant *v1alpha1.Tenant) {
	if c := tenant.Spec.Contract; c != nil {
		f.NoticeReceivedOn = r.optionalDate("spec.contract.noticeReceivedOn", c.NoticeReceivedOn)
		f.WithdrawnOn = r.optionalDate("spec.contract.withdrawnOn", c.WithdrawnOn)
		f.PaymentDetailsOn = r.optionalDate("spec.contract.paymentDetailsOn", c.PaymentDetailsOn)
		f.TerminatedOn = r.optionalDate("spec.contract.terminatedOn", c.TerminatedOn)
		f.ChargedFrom = r.optionalDate("spec.contract.chargedFrom", c.ChargedFrom)
	}
	if tenant.Spec.Seats != nil {
		f.Seats = int(*tenant.Spec.Seats)
	}
	f.Bonus = r.bonus(tenant)
	if erasure := tenant.Status.Erasure; erasure != nil {
		f.ErasedHomes, f.ErasedUnder = int(erasure.Count), erasure.Rule
	}
	status := tenant.Status.Contract
	if status == nil {
		return
	}
	// The reason of an end that its facts cannot take back is written when it is reached.
	if reason := status.EndReason; Sticks(reason) && tenant.Ended() {
		f.EndedOn, f.EndReason = r.optionalDate("status.contract.endsOn", status.EndsOn), reason
	}
	if n := status.Notice; n != nil {
		f.NoticeDecision = &NoticeDecision{
			ReceivedOn: r.date("status.contract.notice.receivedOn", n.ReceivedOn),
			Accepted:   n.Decision == v1alpha1.NoticeAccepted,
			EndsOn:     r.optionalDate("status.contract.notice.endsOn", n.EndsOn), Invoice: n.Invoice,
		}
	}
	if plan := tenant.PlanNow(); plan != nil {
		f.PlanFrom, f.PlanBecause = r.date("status.contract.plans.from", plan.From), plan.Because
		if f.PlanAgreedOn = r.optionalDate("status.contract.plans.agreedOn", plan.AgreedOn); f.PlanAgreedOn.IsZero() {
			f.PlanAgreedOn = f.PlanFrom
		}
	}
}

func (r *reader) bonus(tenant *v1alpha1.Tenant) []agreement.Bonus {
	var all []agreement.Bonus
	for _, bonus := range tenant.Spec.Bonus {
		all = append(all, agreement.Bonus{Bytes: bonus.Capacity.Value(), Until: r.date("spec.bonus.until", bonus.Until)})
	}
	return all
}

// plans reads the plan that the tenant asked for, and the one that follows.
func (r *reader) plans(f *Facts, tenant *v1alpha1.Tenant, book Book) {
	held := book[f.TermsName]
	f.TermsTitle = held.Title
	if after := held.AfterEnd(); after != "" {
		f.Successor = book[after]
	}
	if change := tenant.Spec.PlanChange; change != nil {
		name := string(change.TermsRef.Name)
		f.Wish = &PlanWish{
			Name: name, Terms: book[name], RequestedOn: r.date("spec.planChange.requestedOn", change.RequestedOn),
		}
	}
}

// fault keeps an error, if it is the first.
func (r *reader) fault(err error) {
	if r.err == nil {
		r.err = err
	}
}

func (r *reader) date(field string, value v1alpha1.Date) calendar.Date {
	d, err := calendar.ParseDate(string(value))
	if err != nil {
		r.fault(fmt.Errorf("%s: %w", field, err))
	}
	return d
}

func (r *reader) optionalDate(field string, value v1alpha1.Date) calendar.Date {
	if value == "" {
		return calendar.Date{}
	}
	return r.date(field, value)
}

// billing reads what the billing system reported; nil if it never did.
func (r *reader) billing(account *v1alpha1.BillingAccount) *Billing {
	if account == nil || account.Status.AsOf.IsZero() {
		return nil
	}
	status := &account.Status
	b := &Billing{AsOf: status.AsOf.Time}
	if last := status.LastInvoice; last != nil {
		b.Last = &Invoice{
			Number:   string(last.Number),
			IssuedOn: r.date("status.lastInvoice.issuedOn", last.IssuedOn),
			DueOn:    r.optionalDate("status.lastInvoice.dueOn", last.DueOn),
		}
	}
	for _, open := range status.OpenInvoices {
		field := fmt.Sprintf("status.openInvoices[%s]", open.Number)
		amount := r.amount(field+".outstanding", string(open.Outstanding))
		b.Open = append(b.Open, Invoice{
			Number:      string(open.Number),
			IssuedOn:    r.date(field+".issuedOn", open.IssuedOn),
			DueOn:       r.optionalDate(field+".dueOn", open.DueOn),
			Outstanding: amount,
		})
	}
	return b
}
