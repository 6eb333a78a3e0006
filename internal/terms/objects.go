// SPDX-License-Identifier: Apache-2.0

package terms

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/terms/dues"
)

// Classes are the workplace classes that exist, by name.
type Classes map[string]*v1alpha1.WorkplaceClass

// Licenses are the licences that exist, by name.
type Licenses map[string]*v1alpha1.License

// AddWorkplaces adds what the tenant's workplaces tell: what is priced, how much
// is stored, and when one was last used. Call it after FactsOf, which knows when
// the contract starts.
func (f *Facts) AddWorkplaces(zone *time.Location, workplaces []v1alpha1.Workplace, classes Classes) error {
	r := reader{}
	f.Workplaces, f.Stored = nil, 0
	for i := range workplaces {
		w := &workplaces[i]
		class := classes[string(w.Spec.ClassRef.Name)]
		f.Workplaces = append(f.Workplaces, r.workplace(zone, w, class))
		f.Stored += homeSize(w, class)
	}
	f.LastActive = lastActive(workplaces)
	if len(workplaces) == 0 {
		f.LastActive = f.StartsOn.Start(zone) // there was nothing to use since
	}
	return r.err
}

// workplace reads what the subscription must know of a workplace. A class that
// does not exist has no price.
func (r *reader) workplace(zone *time.Location, w *v1alpha1.Workplace, class *v1alpha1.WorkplaceClass) Workplace {
	name := string(w.Spec.ClassRef.Name)
	fact := Workplace{Name: w.Name, Class: name, Title: name, Username: string(w.Spec.User.Username), CreatedOn: DateAt(w.CreationTimestamp.Time, zone)}
	if class == nil {
		return fact
	}
	if class.Spec.DisplayName != "" {
		fact.Title = class.Spec.DisplayName
	}
	price := class.Spec.Price
	if price == nil {
		return fact
	}
	field := fmt.Sprintf("WorkplaceClass %s: spec.price", name)
	fact.Prices = r.classPrices(field, price)
	per, err := ParsePeriod(string(price.Per))
	if err != nil && r.err == nil {
		r.err = fmt.Errorf("%s.per: %w", field, err)
	}
	fact.Per = per
	return fact
}

// homeSize returns the size of a home: as it is, as it was asked for, or as the
// class has it.
func homeSize(w *v1alpha1.Workplace, class *v1alpha1.WorkplaceClass) int64 {
	switch {
	case w.Status.Home != nil && w.Status.Home.Size != nil:
		return w.Status.Home.Size.Value()
	case w.Spec.Home != nil:
		return w.Spec.Home.Size.Value()
	case class != nil:
		return class.Spec.Home.Size.Value()
	}
	return 0
}

// lastActive returns the moment at which any workplace was last used; zero while
// that is not known of every one: unknown activity is not inactivity.
func lastActive(workplaces []v1alpha1.Workplace) time.Time {
	var last time.Time
	for i := range workplaces {
		activity := workplaces[i].Status.Activity
		if activity == nil || activity.LastActive == nil {
			return time.Time{}
		}
		if at := activity.LastActive.Time; at.After(last) {
			last = at
		}
	}
	return last
}

// AddSubjects adds the price lists of what the tenant's workplaces need: their
// classes, and the licences that the provider reports. Then it finds, under the
// tenant's terms, the changes that let it leave (TD-15).
func (f *Facts) AddSubjects(t *Terms, workplaces []v1alpha1.Workplace, classes Classes, licenses Licenses) error {
	r := reader{}
	used, needed := map[string]bool{}, map[string]bool{}
	for i := range workplaces {
		class := string(workplaces[i].Spec.ClassRef.Name)
		used[class] = true
		if found := classes[class]; found != nil {
			for _, license := range found.Spec.Licenses {
				needed[string(license)] = true
			}
		}
		for _, license := range workplaces[i].Spec.Licenses {
			needed[string(license)] = true
		}
	}
	f.Subjects = nil
	for _, name := range slices.Sorted(maps.Keys(used)) {
		if class := classes[name]; class != nil && class.Spec.Price != nil {
			f.Subjects = append(f.Subjects, Subject{
				Kind: "WorkplaceClass", Name: name, Display: class.Spec.DisplayName,
				Prices: r.classPrices(fmt.Sprintf("WorkplaceClass %s: spec.price", name), class.Spec.Price),
			})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(needed)) {
		license := licenses[name]
		if license == nil || license.Spec.Agreement == v1alpha1.AgreementCustomerOwned {
			continue
		}
		subject := Subject{Kind: "License", Name: name, Display: license.Spec.DisplayName}
		for i, price := range license.Spec.Prices {
			subject.Prices = append(subject.Prices, r.price(fmt.Sprintf("License %s: spec.prices[%d]", name, i), price.From, price.Amount, price.Currency))
		}
		f.Subjects = append(f.Subjects, subject)
	}
	f.Rights = t.RightsToLeave(f.StartsOn, f.Subjects)
	return r.err
}

func (r *reader) classPrices(field string, price *v1alpha1.ClassPrice) []DatedPrice {
	list := []DatedPrice{r.price(field, "", price.Amount, price.Currency)}
	for i, change := range price.Changes {
		list = append(list, r.price(fmt.Sprintf("%s.changes[%d]", field, i), change.From, change.Amount, price.Currency))
	}
	return list
}

func (r *reader) price(field string, from v1alpha1.Date, amount v1alpha1.Price, currency v1alpha1.Currency) DatedPrice {
	return DatedPrice{From: r.optionalDate(field+".from", from), Amount: r.amount(field+".amount", string(amount)), Currency: string(currency)}
}

func (r *reader) amount(field, value string) decimal.Decimal {
	amount, err := decimal.NewFromString(value)
	if err != nil && r.err == nil {
		r.err = fmt.Errorf("%s: %q is not an amount", field, value)
	}
	return amount
}

// AddCharges adds the charges that exist.
func (f *Facts) AddCharges(charges []v1alpha1.Charge) error {
	r := reader{}
	f.Charges = dues.Ledger{}
	for i := range charges {
		charge := r.charge(charges[i].Name, &charges[i].Spec, &charges[i].Status)
		charge.MadeAt = charges[i].CreationTimestamp.Time
		f.Charges.Put(charge)
	}
	return r.err
}

// ChargeOf returns the fact that a charge states.
func ChargeOf(name string, spec *v1alpha1.ChargeSpec, status *v1alpha1.ChargeStatus) (Charge, error) {
	r := reader{}
	charge := r.charge(name, spec, status)
	return charge, r.err
}

func (r *reader) charge(name string, spec *v1alpha1.ChargeSpec, status *v1alpha1.ChargeStatus) Charge {
	field := fmt.Sprintf("Charge %s: spec.", name)
	key, _, err := dues.KeyOf(name, spec)
	if err != nil && r.err == nil {
		r.err = fmt.Errorf("Charge %s: %w", name, err)
	}
	charge := Charge{
		Name: name, Key: key, Type: spec.Type, On: r.date(field+"on", spec.On),
		Quantity: r.amount(field+"quantity", string(spec.Quantity)), Amount: r.amount(field+"amount", string(spec.Amount)),
	}
	if spec.Period != nil {
		charge.From, charge.Until = r.date(field+"period.from", spec.Period.From), r.date(field+"period.until", spec.Period.Until)
	}
	if invoice := status.Invoice; invoice != nil {
		charge.Invoice = string(invoice.Number)
		charge.IssuedOn = r.optionalDate(fmt.Sprintf("Charge %s: status.invoice.issuedOn", name), invoice.IssuedOn)
	}
	return charge
}

// AddNotices adds the notices that exist, sent or not.
func (f *Facts) AddNotices(notices []v1alpha1.Notice) {
	f.Notices = make(Notices, len(notices))
	for i := range notices {
		var sent time.Time
		if at := notices[i].Status.SentAt; at != nil {
			sent = at.Time
		}
		f.Notices[notices[i].Name] = sent
	}
}

// AddSessions adds the support sessions that the agreement covers and that are
// over, in the order in which they ended.
func (f *Facts) AddSessions(zone *time.Location, sessions []v1alpha1.SupportSession) {
	f.Sessions = nil
	ended := map[string]time.Time{}
	for i := range sessions {
		s := &sessions[i]
		from, till := worked(s)
		if covered := s.Spec.CoveredByAgreement; covered != nil && !*covered || s.Status.EndedAt == nil || from.IsZero() || till.Before(from) {
			continue
		}
		ended[s.Name] = till
		f.Sessions = append(f.Sessions, Session{Name: s.Name, EndedOn: DateAt(till, zone), Worked: till.Sub(from)})
	}
	slices.SortFunc(f.Sessions, func(a, b Session) int {
		if order := ended[a.Name].Compare(ended[b.Name]); order != 0 {
			return order
		}
		return strings.Compare(a.Name, b.Name)
	})
}

// worked returns the time that counts: on site as it was recorded. A session
// that nobody began took none.
func worked(s *v1alpha1.SupportSession) (from, till time.Time) {
	switch {
	case s.Spec.Work != nil:
		return s.Spec.Work.StartedAt.Time, s.Spec.Work.EndedAt.Time
	case s.Status.StartedAt != nil && s.Status.EndedAt != nil:
		return s.Status.StartedAt.Time, s.Status.EndedAt.Time
	}
	return time.Time{}, time.Time{}
}

// AddPlan adds the terms that hold now, the plan that the tenant asked for, and
// the one that follows. find returns compiled terms by name, nil where there are none.
func (f *Facts) AddPlan(tenant *v1alpha1.Tenant, title string, find func(string) *Terms) error {
	r := reader{}
	f.TermsName, f.TermsTitle = string(tenant.TermsNow()), title
	f.Wish, f.Successor = nil, nil
	if change := tenant.Spec.PlanChange; change != nil {
		name := string(change.TermsRef.Name)
		f.Wish = &PlanWish{Name: name, Terms: find(name), RequestedOn: r.date("spec.planChange.requestedOn", change.RequestedOn)}
	}
	if held := find(f.TermsName); held != nil && held.AfterEnd() != "" {
		f.Successor = find(held.AfterEnd())
	}
	return r.err
}
