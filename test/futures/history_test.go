// SPDX-License-Identifier: Apache-2.0

package futures

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/forecast"
	"werkplek.dev/werkplek/internal/terms/facts"
)

// happening is something that people or other systems do: as a forecast is told
// of it, and as it is done.
type happening struct {
	forecast.Event
	do func(context.Context, *life) error
}

// history is what happens to one tenant.
type history struct {
	dice
	zone    *time.Location
	start   calendar.Date
	plans   []string
	present []string // workplaces
	all     []happening
	held    bool
}

// add lets something happen after noon of its day, and at no moment of something else.
func (h *history) add(event forecast.Event, do func(context.Context, *life) error) {
	event.At = time.Date(event.On.Year, event.On.Month, event.On.Day, 12, len(h.all), 0, 0, h.zone)
	h.all = append(h.all, happening{event, do})
}

func (h *history) day(within int) calendar.Date { return h.start.AddDays(1 + h.IntN(within)) }

// invent lets things happen on some days.
func (h *history) invent() {
	for range 1 + h.IntN(3) {
		h.invoice(h.day(days / 2))
	}
	for range 3 + h.IntN(14) {
		h.happen(h.day(days))
	}
	if h.chance(35) {
		on := h.day(days)
		h.add(forecast.NoticeReceived(on), contract(func(c *v1alpha1.ContractSpec) { c.NoticeReceivedOn = date(on) }))
	}
	slices.SortStableFunc(h.all, func(a, b happening) int { return a.At.Compare(b.At) })
}

func (h *history) happen(on calendar.Date) {
	later := on.AddDays(1 + h.IntN(60))
	switch h.IntN(14) {
	case 0, 1, 2:
		h.invoice(on)
	case 3:
		h.add(forecast.PaidAll(on), func(_ context.Context, l *life) error { l.open = nil; return nil })
	case 4:
		waive := h.chance(50)
		h.add(forecast.Arranged(on, later, waive), spec(func(s *v1alpha1.TenantSpec) {
			s.PaymentArrangement = &v1alpha1.PaymentArrangement{
				Reference: "letter", Until: date(later), WaiveReactivationFee: ptr.To(waive),
			}
		}))
	case 5:
		if h.held {
			return
		}
		h.held = true
		h.add(forecast.Held(on, true), spec(func(s *v1alpha1.TenantSpec) {
			s.LegalHold = &v1alpha1.LegalHold{Reference: "order"}
		}))
		h.add(forecast.Held(later, false), spec(func(s *v1alpha1.TenantSpec) { s.LegalHold = nil }))
	case 6:
		plan := pick(h.dice, h.plans...)
		h.add(forecast.PlanAsked(on, plan), spec(func(s *v1alpha1.TenantSpec) {
			s.PlanChange = &v1alpha1.PlanChange{TermsRef: reference(plan), RequestedOn: date(on)}
		}))
	case 7:
		seats := 1 + h.IntN(5)
		h.add(forecast.SeatsTaken(on, seats), spec(func(s *v1alpha1.TenantSpec) { s.Seats = ptr.To(int32(seats)) }))
	case 8:
		pays := h.chance(50)
		h.add(forecast.DirectDebit(on, pays), spec(func(s *v1alpha1.TenantSpec) { s.DirectDebit = &pays }))
	case 9:
		h.add(forecast.Terminated(on), contract(func(c *v1alpha1.ContractSpec) { c.TerminatedOn = date(on) }))
	case 10:
		h.removed(on)
	case 11:
		h.added(on)
	case 12:
		h.blocked(on, later)
	case 13:
		h.blockedBelow(on, later)
	}
}

// removed removes a workplace. Its home is kept for a while, or is not.
func (h *history) removed(on calendar.Date) {
	if len(h.present) < 2 {
		return
	}
	name := h.present[0]
	h.present = h.present[1:]
	h.add(forecast.WorkplaceRemoved(on, name), func(ctx context.Context, l *life) error {
		workplace := &v1alpha1.Workplace{ObjectMeta: metav1.ObjectMeta{Namespace: l.namespace(), Name: name}}
		return client.IgnoreNotFound(l.Delete(ctx, workplace))
	})
}

// added makes a workplace. Its date is the API server's own, at which all of this
// begins: nobody moves that clock.
func (h *history) added(on calendar.Date) {
	name := fmt.Sprintf("added%d", len(h.all))
	event := forecast.Changed(on, fmt.Sprintf("Workplace %s of Carl is made.", name), func(f *facts.Facts) {
		if len(f.Workplaces) == 0 {
			return
		}
		now, made := f.Now, f.Workplaces[0]
		made.Name, made.Username, made.Blocked = name, carl, false
		f.Now = made.CreatedAt
		f.AddWorkplace(made)
		f.Now = now
	})
	h.add(event, func(ctx context.Context, l *life) error {
		var all v1alpha1.WorkplaceList
		if err := l.List(ctx, &all, client.InNamespace(l.namespace())); err != nil || len(all.Items) == 0 {
			return err
		}
		return l.workplace(ctx, l.namespace(), name, carl, string(all.Items[0].Spec.ClassRef.Name))
	})
}

// blocked shuts a user out for a reason of its own, for a while.
func (h *history) blocked(on, until calendar.Date) {
	name := h.present[0]
	for i, day := range []calendar.Date{on, until} {
		is := i == 0
		event := forecast.Changed(day, fmt.Sprintf("Workplace %s is blocked: %t.", name, is), func(f *facts.Facts) {
			for n := range f.Workplaces {
				if f.Workplaces[n].Name == name {
					f.Workplaces[n].Blocked = is
				}
			}
		})
		h.add(event, func(ctx context.Context, l *life) error { return l.access(ctx, l.namespace(), name, is) })
	}
}

// blockedBelow shuts a user of the sub-organisation out.
func (h *history) blockedBelow(on, until calendar.Date) {
	for i, day := range []calendar.Date{on, until} {
		is := i == 0
		event := forecast.Changed(day, fmt.Sprintf("The sub-organisation's Carl is blocked: %t.", is), func(f *facts.Facts) {
			for n := range f.Below {
				if f.Below[n].Username == carl {
					f.Below[n].Blocked = is
				}
			}
		})
		h.add(event, func(ctx context.Context, l *life) error {
			return l.access(ctx, v1alpha1.NamespaceFor(l.below()), "carl", is)
		})
	}
}

// invoice sends an invoice, and lets it be paid, in part or not at all.
func (h *history) invoice(on calendar.Date) {
	number := fmt.Sprintf("invoice-%d", len(h.all))
	amount, due := int64(1+h.IntN(500)), on.AddDays(h.IntN(40))
	h.add(forecast.Invoiced(on, number, decimal.NewFromInt(amount), due), func(_ context.Context, l *life) error {
		invoice := v1alpha1.OpenInvoice{
			Number: v1alpha1.InvoiceNumber(number), IssuedOn: date(on), DueOn: date(due),
			Outstanding: price(decimal.NewFromInt(amount)),
		}
		l.open = append(l.open, invoice)
		if l.last == nil || l.last.IssuedOn <= invoice.IssuedOn {
			l.last = &v1alpha1.SentInvoice{Number: invoice.Number, IssuedOn: invoice.IssuedOn, DueOn: invoice.DueOn}
		}
		return nil
	})
	if h.chance(30) {
		part := decimal.NewFromInt(int64(1 + h.IntN(300)))
		h.add(forecast.PaidPart(on.AddDays(1+h.IntN(60)), number, part), pays(number, part))
	}
	if h.chance(60) {
		h.add(forecast.Paid(on.AddDays(20+h.IntN(100)), number), pays(number, decimal.NewFromInt(1_000_000)))
	}
}

// pays pays a part of an invoice, or all of it.
func pays(number string, part decimal.Decimal) func(context.Context, *life) error {
	return func(_ context.Context, l *life) error {
		l.open = slices.DeleteFunc(l.open, func(i v1alpha1.OpenInvoice) bool {
			return string(i.Number) == number && !left(i, part).IsPositive()
		})
		for i := range l.open {
			if string(l.open[i].Number) == number {
				l.open[i].Outstanding = price(left(l.open[i], part))
			}
		}
		return nil
	}
}

// left is what is still open of an invoice once a part is paid.
func left(invoice v1alpha1.OpenInvoice, part decimal.Decimal) decimal.Decimal {
	return decimal.RequireFromString(string(invoice.Outstanding)).Sub(part)
}

// spec changes what was agreed with the tenant.
func spec(change func(*v1alpha1.TenantSpec)) func(context.Context, *life) error {
	return func(ctx context.Context, l *life) error {
		tenant := &v1alpha1.Tenant{}
		if err := l.Get(ctx, client.ObjectKey{Name: l.tenant}, tenant); err != nil {
			return err
		}
		base := tenant.DeepCopy()
		change(&tenant.Spec)
		return l.Patch(ctx, tenant, client.MergeFrom(base))
	}
}

func contract(change func(*v1alpha1.ContractSpec)) func(context.Context, *life) error {
	return spec(func(s *v1alpha1.TenantSpec) {
		if s.Contract == nil {
			s.Contract = &v1alpha1.ContractSpec{}
		}
		change(s.Contract)
	})
}

func date(day calendar.Date) v1alpha1.Date { return v1alpha1.Date(day.String()) }

func reference(name string) v1alpha1.Reference {
	return v1alpha1.Reference{Name: v1alpha1.ObjectName(name)}
}

func price(amount decimal.Decimal) v1alpha1.Price { return v1alpha1.Price(amount.StringFixed(2)) }

func (h *history) String() string {
	var b strings.Builder
	for _, one := range h.all {
		fmt.Fprintf(&b, "%s %s\n", written(one.At), one.What)
	}
	return b.String()
}
