// SPDX-License-Identifier: Apache-2.0

package forecast

import (
	"fmt"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/terms"
)

// Objects are the API objects from which a tenant's future follows.
type Objects struct {
	Tenant      *v1alpha1.Tenant
	Account     *v1alpha1.BillingAccount // nil if there is none
	Terms       []v1alpha1.ServiceTerms  // the tenant's, and those that plans refer to
	Suspensions []v1alpha1.Suspension
	Charges     []v1alpha1.Charge
	Notices     []v1alpha1.Notice
	Workplaces  []v1alpha1.Workplace
	Sessions    []v1alpha1.SupportSession
	Requests    []v1alpha1.UserRequest
	Classes     terms.Classes
	Licenses    terms.Licenses
}

// stillUsed is how recent the last use is of workplaces that are taken to stay in use.
const stillUsed = 7

// Of returns a tenant's future from a moment on if nothing changes, and in
// sentences what that means: what was assumed. Charges are taken to be invoiced
// and paid; invoices that are open stay so.
func Of(now time.Time, o *Objects) (*Sim, []string, error) {
	book := map[string]*terms.Terms{}
	faults := map[string]error{}
	for i := range o.Terms {
		compiled, err := terms.Compile(&o.Terms[i].Spec)
		if err != nil {
			faults[o.Terms[i].Name] = err
			continue
		}
		book[o.Terms[i].Name] = compiled
	}
	name := string(o.Tenant.TermsNow())
	held := book[name]
	switch {
	case faults[name] != nil:
		return nil, nil, fmt.Errorf("the ServiceTerms %s cannot be used: %w", name, faults[name])
	case held == nil:
		return nil, nil, fmt.Errorf("the ServiceTerms %s are not there; add them, or correct spec.termsRef of Tenant %s", name, o.Tenant.Name)
	}
	tenant, workplaces := complete(now, held.Zone, o)
	facts, err := terms.FactsOf(now, held.Zone, tenant, o.Account, o.Suspensions)
	if err != nil {
		return nil, nil, err
	}
	for _, add := range []func() error{
		func() error { return facts.AddPlan(tenant, held.Title, func(n string) *terms.Terms { return book[n] }) },
		func() error { return facts.AddWorkplaces(held.Zone, workplaces, o.Classes) },
		func() error { return facts.AddSubjects(held, workplaces, o.Classes, o.Licenses) },
		func() error { return facts.AddCharges(o.Charges) },
	} {
		if err := add(); err != nil {
			return nil, nil, err
		}
	}
	facts.AddNotices(o.Notices)
	facts.AddSessions(held.Zone, o.Sessions)
	facts.AddRequests(o.Requests)
	facts.ResellerSuspended = slices.ContainsFunc(tenant.Status.Suspensions, func(s v1alpha1.SuspensionSummary) bool { return s.Tenant != tenant.Name })

	sim := New(book, name, facts).Assume(Prompt)
	return sim, sim.assume(o), nil
}

// complete fills in what objects from a file do not say: they are taken to be
// made now, and workplaces with the contract.
func complete(now time.Time, zone *time.Location, o *Objects) (*v1alpha1.Tenant, []v1alpha1.Workplace) {
	tenant := o.Tenant.DeepCopy()
	if tenant.CreationTimestamp.IsZero() {
		tenant.CreationTimestamp = metav1.NewTime(now)
	}
	if tenant.Spec.Type == "" {
		tenant.Spec.Type = v1alpha1.Business
	}
	made := tenant.CreationTimestamp
	if c := tenant.Spec.Contract; c != nil && c.StartsOn != "" {
		if starts, err := terms.ParseDate(string(c.StartsOn)); err == nil && starts.Start(zone).Before(made.Time) {
			made = metav1.NewTime(starts.Start(zone))
		}
	}
	workplaces := slices.Clone(o.Workplaces)
	for i := range workplaces {
		if workplaces[i].CreationTimestamp.IsZero() {
			workplaces[i].CreationTimestamp = made
		}
	}
	return tenant, workplaces
}

// assume takes the world to go on as it is, and says how.
func (s *Sim) assume(o *Objects) []string {
	said := []string{"What is charged is taken to be invoiced at once, and paid."}
	switch open := len(s.ledger.Open); {
	case s.facts.Billing == nil:
		said = append(said, "The billing system has not reported: no invoice is taken to be open, and it is taken to report from now on.")
	case open == 0:
		said = append(said, "No invoice is open, and the billing system is taken to report every day.")
	default:
		said = append(said, fmt.Sprintf("What is open today stays open (%d of the invoices), and the billing system is taken to report every day.", open))
	}
	if contact := o.Tenant.Spec.Contact; contact == nil || contact.Email == "" {
		s.mailDead = true
		said = append(said, "No notice can be sent: the tenant has no address; set spec.contact.email.")
	} else {
		said = append(said, "Notices are taken to be sent at once.")
	}
	switch last := s.facts.LastActive; {
	case len(s.facts.Workplaces) == 0:
		said = append(said, "The tenant has no workplaces.")
	case last.IsZero():
		said = append(said, "It is not known when the workplaces were last used, so that nothing ends by inactivity.")
	case s.facts.Now.Before(last.AddDate(0, 0, stillUsed)):
		s.inUse = true
		said = append(said, "The workplaces are taken to stay in use.")
	default:
		said = append(said, fmt.Sprintf("The workplaces are taken to stay unused, as since %s.", terms.DateAt(last, s.Zone())))
	}
	return said
}

// Open returns the numbers of the invoices that are open.
func (s *Sim) Open() []string {
	var numbers []string
	for _, invoice := range s.ledger.Open {
		numbers = append(numbers, invoice.Number)
	}
	return numbers
}
