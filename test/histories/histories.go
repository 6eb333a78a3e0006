// SPDX-License-Identifier: Apache-2.0

// Package histories invents providers' terms, tenants and what happens to them,
// for tests of what must be true of all. A seed always gives the same history. It
// knows neither a client nor a clock.
package histories

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/terms/agreement"
	"werkplek.dev/werkplek/internal/terms/facts"
)

// Payments is what becomes of charges.
type Payments int

// What becomes of charges.
const (
	// ByHand: invoices are sent and paid by steps only.
	ByHand Payments = iota
	// Prompt: what is charged is invoiced at once, and paid.
	Prompt
	// Never: what is charged is invoiced at once, and not paid.
	Never
)

// TermsHeld is the name of the terms that hold at the beginning. There are two more,
// which plans refer to.
const TermsHeld = "a"

// World is an invented provider, tenant and history.
type World struct {
	Seed uint64
	// Terms are the provider's, by name, and Book the same, compiled.
	Terms map[string]*v1alpha1.ServiceTermsSpec
	Book  facts.Book
	// Sources are the tenant's objects at the beginning.
	Sources *facts.Sources
	Begin   time.Time
	Steps   []Step
	// Stops are moments on the way at which a test may look, or stop and go on. The
	// first five are in order among themselves.
	Stops []time.Time
	End   time.Time

	Payments Payments
	// InUse says that the workplaces are used from the beginning, all the time.
	InUse bool

	details bool // were given
}

// Zone is that of all terms.
func (w *World) Zone() *time.Location { return w.Book[TermsHeld].Zone }

// Facts are those at the beginning.
func (w *World) Facts() (facts.Facts, error) { return facts.Read(w.Begin, w.Book, w.Sources) }

// Workplaces returns those of the beginning.
func (w *World) Workplaces() []v1alpha1.Workplace {
	workplaces, _ := w.Sources.Workplaces.Get()
	return workplaces
}

// EverHad counts the workplaces of a class that had been made by a day.
func (w *World) EverHad(class string, day calendar.Date) int64 {
	count := int64(0)
	for _, made := range w.Workplaces() {
		if string(made.Spec.ClassRef.Name) == class && !day.Before(calendar.DateAt(made.CreationTimestamp.Time, w.Zone())) {
			count++
		}
	}
	for _, step := range w.Steps {
		added, ok := step.Happening.(WorkplaceAdded)
		if ok && string(added.Workplace.Spec.ClassRef.Name) == class && !day.Before(step.On) {
			count++
		}
	}
	return count
}

// String tells the whole of it, for a test that failed.
func (w *World) String() string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(w.Terms)) {
		text, err := json.Marshal(w.Terms[name])
		fmt.Fprintf(&b, "%s: %s%v\n", name, text, err)
	}
	spec, err := json.Marshal(w.Sources.Tenant.Spec)
	fmt.Fprintf(&b, "begins %s: %s%v, paying %d, in use %t\n", w.Begin, spec, err, w.Payments, w.InUse)
	for _, workplace := range w.Workplaces() {
		fmt.Fprintf(&b, "workplace %s since %s\n", describe(&workplace), workplace.CreationTimestamp)
	}
	for _, step := range w.Steps {
		fmt.Fprintf(&b, "%s %s\n", step.On, step)
	}
	return b.String()
}

// Invent returns the history of a seed.
func Invent(seed uint64) *World {
	d := dice{rand.New(rand.NewPCG(seed, 1609))}
	w := &World{Seed: seed, Terms: map[string]*v1alpha1.ServiceTermsSpec{}, Book: facts.Book{}}
	zone := pick(d, "Europe/Amsterdam", "Europe/Amsterdam", "America/New_York", "Asia/Kolkata", "Pacific/Auckland", "UTC")
	for _, name := range []string{TermsHeld, "b", "c"} {
		for w.Book[name] == nil {
			spec := d.terms(zone)
			if compiled, err := agreement.Compile(spec); err == nil {
				w.Terms[name], w.Book[name] = spec, compiled
			}
		}
	}
	start := calendar.Date{Year: 2026, Month: time.Month(1 + d.IntN(12)), Day: 1 + d.IntN(28)}.AddDays(d.IntN(4))
	w.Begin = start.Start(w.Zone()).Add(time.Duration(d.IntN(48)) * time.Hour)
	w.invent(d, start)
	w.Payments, w.InUse = pick(d, ByHand, ByHand, Prompt, Never), d.chance(50)
	days := 200 + d.IntN(500)
	w.End = start.AddDays(days).Start(w.Zone())
	w.happenings(d, start, days)
	w.stops(d, start, days)
	return w
}

// invent invents the tenant and what it has.
func (w *World) invent(d dice, start calendar.Date) {
	made := metav1.NewTime(w.Begin)
	tenant := &v1alpha1.Tenant{
		ObjectMeta: metav1.ObjectMeta{Name: "jansen", CreationTimestamp: made},
		Spec: v1alpha1.TenantSpec{
			TermsRef: v1alpha1.Reference{Name: TermsHeld}, Type: pick(d, v1alpha1.Business, v1alpha1.Consumer),
			Contract:    &v1alpha1.ContractSpec{StartsOn: v1alpha1.Date(start.String())},
			DirectDebit: ptr.To(d.chance(50)), Seats: ptr.To(int32(d.IntN(4))), Reseller: ptr.To(d.chance(30)),
		},
	}
	tenant.Status.Namespace = v1alpha1.NamespaceFor(tenant.Name)
	if d.chance(95) {
		tenant.Spec.Contact = &v1alpha1.Person{
			Name: "Piet Jansen", Email: "piet@jansen.example", Username: "piet@jansen.example",
		}
	}
	var workplaces, below []v1alpha1.Workplace
	for i := range d.IntN(4) {
		place := d.workplace(fmt.Sprint("first", i), w.Begin)
		place.Status.Activity = &v1alpha1.Activity{LastActive: &made}
		workplaces = append(workplaces, place)
	}
	if *tenant.Spec.Reseller {
		for i := range d.IntN(4) {
			below = append(below, d.workplace(fmt.Sprint(pick(d, "first", "below"), i), w.Begin))
		}
	}
	w.Sources = &facts.Sources{
		Tenant: tenant, Account: facts.Seen[*v1alpha1.BillingAccount](nil), ResellerSuspended: facts.Seen(false),
		Suspensions: facts.Seen[[]v1alpha1.Suspension](nil), Charges: facts.Seen[[]v1alpha1.Charge](nil),
		Notices: facts.Seen[[]v1alpha1.Notice](nil), Workplaces: facts.Seen(workplaces),
		Classes: facts.Seen(Classes()), Licenses: facts.Seen(facts.Licenses{license: d.license(start)}),
		Sessions: facts.Seen[[]v1alpha1.SupportSession](nil), Requests: facts.Seen[[]v1alpha1.UserRequest](nil),
		Homes: facts.Seen(facts.HomesOf(workplaces)), Below: facts.Seen(below), Unreported: facts.Seen(""),
	}
}

// happenings invents what happens within so many days.
func (w *World) happenings(d dice, start calendar.Date, days int) {
	for range d.IntN(14) {
		w.happen(d, start, start.AddDays(1+d.IntN(days)))
	}
	// What the rules are about happens often.
	if d.chance(50) {
		w.add(start.AddDays(1+d.IntN(days/2)), NoticeReceived{})
	}
	if d.chance(25) {
		from := start.AddDays(1 + d.IntN(days/2))
		w.add(from, Held{true})
		if d.chance(50) {
			w.add(from.AddDays(d.IntN(days)), Held{false})
		}
	}
	if d.chance(50) {
		from := start.AddDays(1 + d.IntN(days/2))
		w.add(from, Invoiced{Number: "known", Amount: decimal.NewFromInt(100)})
		if d.chance(60) {
			w.add(from.AddDays(30+d.IntN(200)), Paid{"known"})
		}
	}
	if d.chance(25) {
		from := start.AddDays(1 + d.IntN(days))
		w.add(from, MailDead{from.AddDays(d.IntN(200))})
	}
	if d.chance(30) {
		from := start.AddDays(1 + d.IntN(days/2))
		for i := range 2 + d.IntN(6) {
			w.add(from.AddDays(i), SessionHeld{fmt.Sprint("session", len(w.Steps)), 45 * time.Minute})
		}
	}
	if first := w.Workplaces(); len(first) > 0 && d.chance(40) {
		gone := first[d.IntN(len(first))]
		from := start.AddDays(1 + d.IntN(days/2))
		w.add(from, WorkplaceRemoved{gone.Name})
		if d.chance(30) {
			w.add(from.AddDays(1+d.IntN(40)), WorkplaceAdded{d.workplace(gone.Name, time.Time{})})
		}
	}
}

func (w *World) stops(d dice, start calendar.Date, days int) {
	span := w.End.Sub(w.Begin)
	for range 60 {
		w.Stops = append(w.Stops, w.Begin.Add(time.Duration(d.Int64N(int64(span)))))
	}
	for range 60 {
		at := start.AddDays(d.IntN(days)).Start(w.Zone()).Add(time.Duration(d.IntN(3)-1) * time.Nanosecond)
		w.Stops = append(w.Stops, at)
	}
	d.Shuffle(len(w.Stops), func(i, j int) { w.Stops[i], w.Stops[j] = w.Stops[j], w.Stops[i] })
	slices.SortFunc(w.Stops[:5], time.Time.Compare)
}

func (w *World) add(on calendar.Date, what Happening) { w.Steps = append(w.Steps, Step{on, what}) }

// happen lets something happen on a day.
func (w *World) happen(d dice, start, on calendar.Date) {
	later := on.AddDays(1 + d.IntN(120))
	switch d.IntN(18) {
	case 0, 1, 2:
		w.invoice(d, on, later)
	case 3, 4:
		w.add(on, NoticeReceived{})
	case 5:
		w.add(start.AddDays(d.IntN(30)), Withdrawn{})
	case 6:
		if !w.details {
			w.add(start.AddDays(d.IntN(60)), DetailsGiven{})
		}
		w.details = true
	case 7:
		w.add(on, Terminated{})
	case 8, 9:
		w.add(on, PlanAsked{pick(d, TermsHeld, "b", "c")})
	case 10:
		w.add(on, Arranged{later, d.chance(50)})
	case 11:
		w.add(on, Held{true})
		if d.chance(70) {
			w.add(later, Held{false})
		}
	case 12, 13:
		made := d.workplace(fmt.Sprint("added", len(w.Steps)), time.Time{})
		w.add(on, WorkplaceAdded{made})
		if d.chance(30) {
			w.add(later, WorkplaceRemoved{made.Name})
		}
	case 14:
		w.add(on, SessionHeld{fmt.Sprint("session", len(w.Steps)), time.Duration(d.IntN(120)) * time.Minute})
	case 15:
		w.add(on, pick[Happening](d, Used{}, InUse{false}, InUse{true}, PaidAll{}, Stored{int64(d.IntN(200)) << 30},
			SeatsTaken{int32(1 + d.IntN(5))}, DirectDebit{d.chance(50)}))
	case 16:
		w.add(on, MailDead{later})
	case 17:
		w.add(on, BillingSilent{later})
	}
}

func (w *World) invoice(d dice, on, later calendar.Date) {
	sent := Invoiced{Number: fmt.Sprint("invoice-", len(w.Steps)), Amount: decimal.NewFromInt(int64(1 + d.IntN(500)))}
	if d.chance(50) {
		sent.Due = on.AddDays(d.IntN(40))
	}
	w.add(on, sent)
	if d.chance(30) {
		w.add(on.AddDays(d.IntN(60)), PaidPart{sent.Number, decimal.NewFromInt(int64(1 + d.IntN(300)))})
	}
	if d.chance(60) {
		w.add(later, Paid{sent.Number})
	}
}

// dice invents.
type dice struct{ *rand.Rand }

func (d dice) chance(percent int) bool { return d.IntN(100) < percent }

func pick[T any](d dice, from ...T) T { return from[d.IntN(len(from))] }

// license is what every class needs.
const license = "rds"

// Classes are the two that every provider has.
func Classes() facts.Classes {
	classes := facts.Classes{}
	for name, price := range map[string]v1alpha1.Price{"small": "13.37", "large": "39.00"} {
		classes[name] = &v1alpha1.WorkplaceClass{
			ObjectMeta: metav1.ObjectMeta{Name: name},
			Spec: v1alpha1.WorkplaceClassSpec{
				Licenses: []v1alpha1.LicenseName{license}, Home: v1alpha1.HomeSpec{Size: resource.MustParse("20Gi")},
				Price: &v1alpha1.ClassPrice{Amount: price, Currency: "EUR", Per: "P1M"},
			},
		}
	}
	return classes
}

// workplace invents one for a user of its name.
func (d dice) workplace(name string, made time.Time) v1alpha1.Workplace {
	return v1alpha1.Workplace{
		ObjectMeta: metav1.ObjectMeta{Name: name, CreationTimestamp: metav1.NewTime(made)},
		Spec: v1alpha1.WorkplaceSpec{
			ClassRef: v1alpha1.Reference{Name: pick[v1alpha1.ObjectName](d, "small", "large")},
			User:     v1alpha1.Person{Name: name, Username: v1alpha1.Username(name)},
			Access:   pick(d, v1alpha1.AccessAllowed, v1alpha1.AccessAllowed, v1alpha1.AccessBlocked),
			Home:     &v1alpha1.WorkplaceHome{Size: *resource.NewQuantity(int64(d.IntN(40)+1)<<30, resource.BinarySI)},
		},
	}
}

// license invents one whose price changes.
func (d dice) license(start calendar.Date) *v1alpha1.License {
	made := &v1alpha1.License{
		ObjectMeta: metav1.ObjectMeta{Name: license}, Spec: v1alpha1.LicenseSpec{Agreement: v1alpha1.AgreementSPLA},
	}
	price := func(from calendar.Date, amount int) {
		made.Spec.Prices = append(made.Spec.Prices, v1alpha1.LicensePrice{
			From: v1alpha1.Date(from.String()), Amount: v1alpha1.Price(fmt.Sprint(amount, ".00")), Currency: "EUR",
		})
	}
	price(start.AddDays(-30), 10)
	for range d.IntN(3) {
		price(start.AddDays(d.IntN(500)), 5+d.IntN(15))
	}
	return made
}
