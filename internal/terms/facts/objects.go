// SPDX-License-Identifier: Apache-2.0

package facts

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/terms/agreement"
	"werkplek.dev/werkplek/internal/terms/dues"
)

// workplaces reads what the tenant's workplaces tell: what is priced, how much is
// stored, and when one was last used.
func (r *reader) workplaces(f *Facts, workplaces []v1alpha1.Workplace, classes Classes) {
	for i := range workplaces {
		w := &workplaces[i]
		fact := r.workplace(w, classes[string(w.Spec.ClassRef.Name)])
		f.Workplaces = append(f.Workplaces, fact)
		f.Stored += fact.Bytes
	}
	f.LastActive = lastActive(workplaces)
}

// idle reads when a tenant without workplaces was last active: when it was seen to
// have none any more. That is not known of one that had some before that was
// written down, and then nothing ends by it. One that never had any could use
// nothing since its contract began, or since it was made here, if that was later.
func (r *reader) idle(f *Facts, tenant *v1alpha1.Tenant) {
	none := tenant.Status.Workplaces
	had := f.ErasedHomes > 0 || len(tenant.Status.RemovedHomes) > 0 || f.Charges.ForClasses()
	switch {
	case len(f.Workplaces) > 0:
	case none.NoneSince != nil:
		f.LastActive = none.NoneSince.Time
	case none.Total > 0:
		f.LastActive = f.Now // this is the first look that finds none
	case !had:
		if f.LastActive = f.StartsOn.Start(r.zone); f.CreatedAt.After(f.LastActive) {
			f.LastActive = f.CreatedAt
		}
	}
}

// WorkplaceOf returns the fact that a workplace of a class states. class is nil
// if it does not exist.
func WorkplaceOf(zone *time.Location, w *v1alpha1.Workplace, class *v1alpha1.WorkplaceClass) (Workplace, error) {
	r := reader{zone: zone}
	fact := r.workplace(w, class)
	return fact, r.err
}

// workplace reads what the subscription must know of a workplace. A class that
// does not exist has no price.
func (r *reader) workplace(w *v1alpha1.Workplace, class *v1alpha1.WorkplaceClass) Workplace {
	name, made := string(w.Spec.ClassRef.Name), w.CreationTimestamp.Time
	fact := Workplace{
		Name: w.Name, Class: name, Title: name, Username: string(w.Spec.User.Username),
		CreatedOn: calendar.DateAt(made, r.zone), CreatedAt: made,
		Blocked: w.Spec.Access == v1alpha1.AccessBlocked, Bytes: homeSize(w, class),
	}
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
	per, err := calendar.ParsePeriod(string(price.Per))
	if err != nil {
		r.fault(fmt.Errorf("%s.per: %w", field, err))
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

// subjects reads the price lists of what the tenant's workplaces need: their
// classes, and the licences that the provider reports (TD-15).
func (r *reader) subjects(workplaces []v1alpha1.Workplace, classes Classes, licenses Licenses) []agreement.Subject {
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
	var subjects []agreement.Subject
	for _, name := range slices.Sorted(maps.Keys(used)) {
		if class := classes[name]; class != nil && class.Spec.Price != nil {
			subjects = append(subjects, agreement.Subject{
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
		subject := agreement.Subject{Kind: "License", Name: name, Display: license.Spec.DisplayName}
		for i, price := range license.Spec.Prices {
			field := fmt.Sprintf("License %s: spec.prices[%d]", name, i)
			subject.Prices = append(subject.Prices, r.price(field, price.From, price.Amount, price.Currency))
		}
		subjects = append(subjects, subject)
	}
	return subjects
}

func (r *reader) classPrices(field string, price *v1alpha1.ClassPrice) []agreement.DatedPrice {
	list := []agreement.DatedPrice{r.price(field, "", price.Amount, price.Currency)}
	for i, change := range price.Changes {
		list = append(list, r.price(fmt.Sprintf("%s.changes[%d]", field, i), change.From, change.Amount, price.Currency))
	}
	return list
}

func (r *reader) price(field string, from v1alpha1.Date, amount v1alpha1.Price,
	currency v1alpha1.Currency) agreement.DatedPrice {
	return agreement.DatedPrice{
		From: r.optionalDate(field+".from", from), Amount: r.amount(field+".amount", string(amount)),
		Currency: string(currency),
	}
}

func (r *reader) amount(field, value string) decimal.Decimal {
	amount, err := decimal.NewFromString(value)
	if err != nil {
		r.fault(fmt.Errorf("%s: %q is not an amount", field, value))
	}
	return amount
}

// charges reads the charges that exist.
func (r *reader) charges(charges []v1alpha1.Charge) dues.Ledger {
	all := dues.Ledger{}
	for i := range charges {
		charge := r.charge(charges[i].Name, &charges[i].Spec, &charges[i].Status)
		charge.MadeAt = charges[i].CreationTimestamp.Time
		all.Put(charge)
	}
	return all
}

// ChargeOf returns the fact that a charge states.
func ChargeOf(name string, spec *v1alpha1.ChargeSpec, status *v1alpha1.ChargeStatus) (dues.Charge, error) {
	r := reader{}
	charge := r.charge(name, spec, status)
	return charge, r.err
}

func (r *reader) charge(name string, spec *v1alpha1.ChargeSpec, status *v1alpha1.ChargeStatus) dues.Charge {
	field := fmt.Sprintf("Charge %s: spec.", name)
	key, _, err := dues.KeyOf(name, spec)
	if err != nil && r.err == nil {
		r.err = fmt.Errorf("charge %s: %w", name, err)
	}
	charge := dues.Charge{
		Name: name, Key: key, Type: spec.Type, On: r.date(field+"on", spec.On),
		Quantity: r.amount(field+"quantity", string(spec.Quantity)), Amount: r.amount(field+"amount", string(spec.Amount)),
	}
	if spec.Period != nil {
		charge.From, charge.Until = r.date(field+"period.from", spec.Period.From), r.date(field+"period.until",
			spec.Period.Until)
	}
	if invoice := status.Invoice; invoice != nil {
		charge.Invoice = string(invoice.Number)
		charge.IssuedOn = r.optionalDate(fmt.Sprintf("Charge %s: status.invoice.issuedOn", name), invoice.IssuedOn)
	}
	return charge
}

// noticesOf returns the notices that exist, sent or not.
func noticesOf(notices []v1alpha1.Notice) Notices {
	all := make(Notices, len(notices))
	for i := range notices {
		var sent time.Time
		if at := notices[i].Status.SentAt; at != nil {
			sent = at.Time
		}
		all[notices[i].Name] = sent
	}
	return all
}

// membersOf returns what the workplaces of sub-organisations state.
func membersOf(workplaces []v1alpha1.Workplace) []Member {
	var members []Member
	for i := range workplaces {
		w := &workplaces[i]
		members = append(members, Member{
			Username: string(w.Spec.User.Username), Since: w.CreationTimestamp.Time,
			Blocked: w.Spec.Access == v1alpha1.AccessBlocked,
		})
	}
	return members
}

// SessionsOf returns the support sessions that the agreement covers and that are
// over, in the order in which they ended.
func SessionsOf(zone *time.Location, sessions []v1alpha1.SupportSession) []Session {
	var over []Session
	ended := map[string]time.Time{}
	for i := range sessions {
		s := &sessions[i]
		from, till := worked(s)
		covered := s.Spec.CoveredByAgreement == nil || *s.Spec.CoveredByAgreement
		if !covered || s.Status.EndedAt == nil || from.IsZero() || till.Before(from) {
			continue
		}
		ended[s.Name] = till
		over = append(over, Session{Name: s.Name, EndedOn: calendar.DateAt(till, zone), Worked: till.Sub(from)})
	}
	slices.SortFunc(over, func(a, b Session) int {
		if order := ended[a.Name].Compare(ended[b.Name]); order != 0 {
			return order
		}
		return strings.Compare(a.Name, b.Name)
	})
	return over
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
