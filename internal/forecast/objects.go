// SPDX-License-Identifier: Apache-2.0

package forecast

import (
	"fmt"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/terms/agreement"
	"werkplek.dev/werkplek/internal/terms/facts"
	"werkplek.dev/werkplek/internal/terms/wording"
)

// stillUsed is how recent the last use is of workplaces that are taken to stay in use.
const stillUsed = 7

// Of returns a tenant's future from a moment on if nothing changes; Assumed says in
// sentences what that means. Charges are taken to be invoiced and paid; invoices
// that are open stay so.
func Of(now time.Time, all []v1alpha1.ServiceTerms, sources *facts.Sources) (*Sim, error) {
	book := facts.Book{}
	faults := map[string]error{}
	for i := range all {
		compiled, err := agreement.Compile(&all[i].Spec)
		if err != nil {
			faults[all[i].Name] = err
			continue
		}
		book[all[i].Name] = compiled
	}
	name := string(sources.Tenant.TermsNow())
	held := book[name]
	switch {
	case faults[name] != nil:
		return nil, fmt.Errorf("the ServiceTerms %s cannot be used: %w", name, faults[name])
	case held == nil:
		return nil, fmt.Errorf("the ServiceTerms %s are not there; add them, or correct spec.termsRef of Tenant %s", name, sources.Tenant.Name)
	}
	facts, err := facts.Read(now, book, complete(now, held.Zone, sources))
	if err != nil {
		return nil, err
	}
	sim := New(book, name, facts).Assume(Prompt)
	sim.assume()
	if _, read := sources.Homes.Get(); !read {
		sim.suppose(nothing, "Claims could not be read: each workplace is taken to have a home, and there to be no others.")
	}
	return sim, nil
}

// complete fills in what objects from a file do not say: they are taken to be
// made now, and workplaces with the contract.
func complete(now time.Time, zone *time.Location, sources *facts.Sources) *facts.Sources {
	whole := *sources
	tenant := sources.Tenant.DeepCopy()
	whole.Tenant = tenant
	if tenant.CreationTimestamp.IsZero() {
		tenant.CreationTimestamp = metav1.NewTime(now)
	}
	if tenant.Spec.Type == "" {
		tenant.Spec.Type = v1alpha1.Business
	}
	made := tenant.CreationTimestamp
	if c := tenant.Spec.Contract; c != nil && c.StartsOn != "" {
		if starts, err := calendar.ParseDate(string(c.StartsOn)); err == nil && starts.Start(zone).Before(made.Time) {
			made = metav1.NewTime(starts.Start(zone))
		}
	}
	if workplaces, read := sources.Workplaces.Get(); read {
		workplaces = slices.Clone(workplaces)
		for i := range workplaces {
			if workplaces[i].CreationTimestamp.IsZero() {
				workplaces[i].CreationTimestamp = made
			}
		}
		whole.Workplaces = facts.Seen(workplaces)
		if _, read := sources.Homes.Get(); !read {
			whole.Homes = facts.Seen(facts.HomesOf(workplaces))
		}
	}
	return &whole
}

// assume takes the world to go on as it is, and says how.
func (s *Sim) assume() {
	s.suppose(charged, "What is charged is taken to be invoiced at once, and paid.")
	switch open := len(s.ledger.Open); {
	case s.facts.Billing == nil:
		s.suppose(owed, "The billing system has not reported: no invoice is taken to be open.")
		s.suppose(reported, "The billing system is taken to report from now on.")
	case open == 0:
		s.suppose(nothing, "No invoice is open today.")
		s.suppose(reported, "The billing system is taken to report every day.")
	default:
		s.suppose(owed, "What is open today stays open (%s).", wording.Count(open, "invoice"))
		s.suppose(reported, "The billing system is taken to report every day.")
	}
	if s.facts.NoAddress {
		s.suppose(nothing, "No notice can be sent: the tenant has no address; set spec.contact.email.")
	} else {
		s.suppose(sent, "Notices are taken to be sent at once.")
	}
	if month := s.facts.Unreported; month != "" {
		s.facts.Unreported = ""
		s.suppose(nothing, "The use of licences in %s is taken to be in a final report.", month)
	}
	switch last := s.facts.LastActive; {
	case len(s.facts.Workplaces) == 0:
		s.suppose(nothing, "The tenant has no workplaces today.")
	case last.IsZero():
		s.suppose(used, "It is not known when the workplaces were last used, so that nothing ends by inactivity.")
	case s.facts.Now.Before(last.AddDate(0, 0, stillUsed)):
		s.inUse = true
		s.suppose(used, "The workplaces are taken to stay in use.")
	default:
		s.suppose(used, "The workplaces are taken to stay unused, as since %s.", calendar.DateAt(last, s.Zone()))
	}
}

// Open returns the numbers of the invoices that are open.
func (s *Sim) Open() []string {
	var numbers []string
	for _, invoice := range s.ledger.Open {
		numbers = append(numbers, invoice.Number)
	}
	return numbers
}
