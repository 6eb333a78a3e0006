// SPDX-License-Identifier: Apache-2.0

package forecast

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/shopspring/decimal"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/utils/ptr"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/terms"
	"werkplek.dev/werkplek/internal/terms/dues"
)

// The environment variables by which a person runs more of these tests, or one again.
const (
	seedVariable  = "WERKPLEK_SEED"  // only this one
	countVariable = "WERKPLEK_SEEDS" // so many
)

const seedsByDefault = 100

func seeds(t *testing.T) []uint64 {
	t.Helper()
	if text := os.Getenv(seedVariable); text != "" {
		seed, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		return []uint64{seed}
	}
	count := seedsByDefault
	if text := os.Getenv(countVariable); text != "" {
		var err error
		if count, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	list := make([]uint64, count)
	for i := range list {
		list[i] = uint64(i + 1)
	}
	return list
}

// TestProperties: over random terms and histories, what must always be true is.
func TestProperties(t *testing.T) {
	t.Parallel()
	var happened tally
	if list := seeds(t); len(list) >= seedsByDefault {
		t.Cleanup(func() { happened.check(t) })
	}
	for _, seed := range seeds(t) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			world := invent(seed)
			defer func() {
				if t.Failed() {
					t.Logf("run it again with %s=%d; its terms and history:\n%s", seedVariable, seed, world)
				}
			}()
			straight := world.start()
			watch(t, world, straight)
			straight.Until(world.end)
			if err := straight.Err(); err != nil {
				t.Fatal(err)
			}
			checkCharges(t, world, straight)
			happened.add(straight)

			stopping := world.start()
			for _, stop := range world.stops {
				stopping.Until(stop)
			}
			stopping.Until(world.end)
			same(t, "with stops on the way", straight, stopping, straight.entries, stopping.entries)

			restarted := world.start()
			var entries []Entry
			for _, stop := range append(slices.Clone(world.stops[:5]), world.end) {
				restarted.Until(stop)
				entries = append(entries, restarted.entries...)
				if !stop.Equal(world.end) {
					restarted = again(restarted)
				}
			}
			same(t, "with restarts on the way", straight, restarted, acts(straight.entries), acts(entries))
		})
	}
}

// tally counts what happened in all histories: a property of what never happens
// would hold for nothing.
type tally struct {
	mutex sync.Mutex
	count map[string]int
}

func (c *tally) add(s *Sim) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.count == nil {
		c.count = map[string]int{}
	}
	for _, entry := range s.entries {
		c.count[string(entry.What)]++
		if entry.What == Waits {
			c.count["Wait "+entry.Name]++
		}
	}
	for _, charge := range s.made {
		c.count["Charge "+string(charge.Spec.Type)]++
	}
}

func (c *tally) check(t *testing.T) {
	for _, what := range []string{
		"Suspend", "Lift", "End", "Erase", "Notice", "Plan", "Decision", "TerminationAllowed", "Wait erasure", "Wait suspension", "Wait plan", "Wait billing",
		"Charge Subscription", "Charge Surcharge", "Charge Reactivation", "Charge Credit", "Charge EarlyTermination", "Charge ExtraSeats", "Charge InvoiceFee", "Charge SessionsOverused",
	} {
		if c.count[what] == 0 {
			t.Errorf("in no history was there a %s", what)
		}
	}
	t.Logf("what happened: %v", c.count)
}

// again is a future that begins where another stopped: from what was recorded,
// and in the same world.
func again(s *Sim) *Sim {
	next := New(s.book, s.facts.TermsName, s.Facts())
	next.ledger, next.payments, next.inUse, next.mailDead, next.silent, next.events = s.ledger, s.payments, s.inUse, s.mailDead, s.silent, s.events
	return next
}

// acts are the entries that stand for something done: each once, restarted or not.
func acts(entries []Entry) []Entry {
	return slices.DeleteFunc(slices.Clone(entries), func(e Entry) bool {
		return e.What == Waits || e.What == Ends || e.What == Starts || e.What == Allows || e.What == Tells
	})
}

var exactly = cmp.Options{
	cmpopts.EquateEmpty(), cmp.Comparer(func(a, b *terms.Terms) bool { return a == b }),
	cmp.AllowUnexported(dues.Ledger{}),
	cmp.Comparer(func(a, b decimal.Decimal) bool { return a.Equal(b) }),
	cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) }),
}

func same(t *testing.T, how string, want, got *Sim, wantEntries, gotEntries []Entry) {
	t.Helper()
	if err := got.Err(); err != nil {
		t.Errorf("%s: %v", how, err)
	}
	if diff := cmp.Diff(wantEntries, gotEntries, exactly); diff != "" {
		t.Errorf("%s, something else happens (-want +got):\n%s", how, diff)
	}
	if diff := cmp.Diff(want.facts, got.facts, exactly); diff != "" {
		t.Errorf("%s, the facts become others (-want +got):\n%s", how, diff)
	}
}

// watch checks at each step what must be true at every moment.
func watch(t *testing.T, world *world, s *Sim) {
	t.Helper()
	suspended := len(s.facts.Suspensions)
	erased, ended := false, false
	// The deadline as it was before this moment: an invoice that is sent at the
	// moment of a suspension may move it.
	deadline := terms.Date{}
	fail := func(format string, arguments ...any) {
		t.Errorf("%s: %s", s.facts.Now.Format(time.RFC3339), fmt.Sprintf(format, arguments...))
	}
	s.watch = func() {
		stand, zone, spec := &s.agenda.Standing, s.Zone(), world.specs[s.facts.TermsName]
		ordered := func(what string, dates ...terms.Date) {
			known := slices.DeleteFunc(dates, terms.Date.IsZero)
			if !slices.IsSortedFunc(known, terms.Date.Compare) {
				fail("%s are out of order: %v", what, dates)
			}
		}
		ordered("start, end and erasure", stand.StartsOn, stand.EndsOn, stand.EraseOn)
		if a := stand.Arrears; a != nil {
			ordered("warning, deadline and suspension", a.WarnOn, a.Nominal, a.SuspendsOn)
			ordered("suspension and termination", a.Nominal, a.TerminatesOn)
		}
		for name, at := range map[string]time.Time{"the standing's": stand.Recheck, "the agenda's": s.agenda.Recheck} {
			if !at.IsZero() && !at.After(s.facts.Now) {
				fail("%s next look does not lie ahead", name)
			}
		}
		if next := stand.Next; next != nil && (stand.Recheck.IsZero() || stand.Recheck.After(next.At)) {
			fail("%s comes at %s, before the next look at %s", next.What, next.At, stand.Recheck)
		}
		for ; suspended < len(s.facts.Suspensions); suspended++ {
			made := s.facts.Suspensions[suspended]
			warning := spec.Arrears
			if made.Cause != v1alpha1.CauseArrears || warning == nil || warning.Warning == nil || !ptr.Deref(warning.Warning.Required, false) {
				continue
			}
			before, err := terms.ParsePeriod(string(warning.Warning.Before))
			if err != nil {
				t.Fatal(err)
			}
			sent := s.facts.Notices[terms.SuspensionWarningName(deadline)]
			if sent.IsZero() && stand.Arrears != nil {
				sent = s.facts.Notices[terms.SuspensionWarningName(stand.Arrears.Nominal)]
			}
			if sent.IsZero() || terms.DateAt(s.facts.Now, zone).Before(before.After(terms.DateAt(sent, zone))) {
				fail("suspended as %s, and the warning was sent at %s", made.Name, sent)
			}
		}
		if deadline = (terms.Date{}); stand.Arrears != nil {
			deadline = stand.Arrears.Nominal
		}
		if s.facts.Erased && !erased {
			erased = true
			checkErasure(s, spec, fail)
		}
		if ended && !s.facts.EndedOn.IsZero() && !stand.Ended {
			fail("a contract that had ended for good holds again")
		}
		ended = stand.Ended
	}
}

func checkErasure(s *Sim, spec *v1alpha1.ServiceTermsSpec, fail func(string, ...any)) {
	stand, zone := &s.agenda.Standing, s.Zone()
	switch {
	case s.facts.LegalHold:
		fail("erased under a legal hold")
	case stand.EndsOn.IsZero() || stand.EraseOn.IsZero() || s.facts.Now.Before(stand.EraseOn.Start(zone)):
		fail("erased before %s", stand.EraseOn)
	case spec.Retention == nil:
		fail("erased without a rule")
	case spec.Retention.Erasure == v1alpha1.ErasureManual:
		fail("erased, which the terms leave to a person")
	case spec.Retention.Announce != "":
		announce, err := terms.ParsePeriod(string(spec.Retention.Announce))
		sent := s.facts.Notices[terms.ClosureAnnouncementName(stand.EraseOn)]
		if err != nil || sent.IsZero() || s.facts.Now.Before(announce.AfterMoment(sent, zone)) {
			fail("erased, and the announcement was sent at %s", sent)
		}
	}
}

// checkCharges checks what must be true of all charges together.
func checkCharges(t *testing.T, world *world, s *Sim) {
	t.Helper()
	type line struct {
		class string
		day   terms.Date
	}
	charged := map[line]int64{}
	names := map[string]bool{}
	for _, charge := range s.made {
		if names[charge.Name] {
			t.Errorf("%s is charged twice", charge.Name)
		}
		names[charge.Name] = true
		amount := decimal.RequireFromString(string(charge.Spec.Amount))
		if charge.Spec.Type == v1alpha1.ChargeCredit {
			of, known := s.facts.Charges.Named(string(charge.Spec.Subject.Name))
			if sum := of.Amount.Add(amount); !known || sum.IsNegative() || !amount.IsNegative() {
				t.Errorf("%s gives back %s of %s", charge.Name, amount, of.Amount)
			}
		} else if !amount.IsPositive() {
			t.Errorf("%s charges %s", charge.Name, amount)
		}
		if subject := charge.Spec.Subject; subject.Kind == v1alpha1.SubjectClass {
			class := string(subject.Name)
			fact, _ := s.facts.Charges.Named(charge.Name)
			until := fact.Until
			if credit, ok := s.facts.Charges.Credited(charge.Name); ok {
				until = credit.From.AddDays(-1) // what is credited may be charged again
			}
			for day := fact.From; !until.Before(day); day = day.AddDays(1) {
				charged[line{class, day}] += fact.Quantity.IntPart()
			}
		}
	}
	var wrong []string
	for l, count := range charged {
		if there := world.everHad(l.class, l.day); count > there {
			wrong = append(wrong, fmt.Sprintf("%s: class %s is charged %d times, and there were %d workplaces", l.day, l.class, count, there))
		}
	}
	if slices.Sort(wrong); len(wrong) > 0 {
		t.Errorf("%d days are charged too often, first %s", len(wrong), wrong[0])
	}
}

// world is an invented provider, tenant and history.
type world struct {
	specs  map[string]*v1alpha1.ServiceTermsSpec
	book   map[string]*terms.Terms
	facts  terms.Facts
	events []Event
	added  []terms.Workplace
	stops  []time.Time
	end    time.Time
	paying Payments
	inUse  bool

	details bool // were given
}

func (w *world) start() *Sim {
	return New(w.book, "a", w.facts).Assume(w.paying).InUse(w.inUse).Do(w.events...)
}

// everHad counts the workplaces of a class that had been made by a day.
func (w *world) everHad(class string, day terms.Date) int64 {
	count := int64(0)
	for _, made := range append(slices.Clone(w.facts.Workplaces), w.added...) {
		if made.Class == class && !day.Before(made.CreatedOn) {
			count++
		}
	}
	return count
}

func (w *world) String() string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(w.specs)) {
		fmt.Fprintf(&b, "%s: %s\n", name, summary(w.specs[name]))
	}
	fmt.Fprintf(&b, "starts %s, created %s, %s, paying %d, in use %t, stored %d, direct debit %t\n", w.facts.StartsOn, w.facts.CreatedAt, w.facts.Type, w.paying, w.inUse, w.facts.Stored, w.facts.DirectDebit)
	for _, workplace := range w.facts.Workplaces {
		fmt.Fprintf(&b, "workplace %s of class %s since %s\n", workplace.Name, workplace.Class, workplace.CreatedOn)
	}
	for _, event := range w.events {
		fmt.Fprintf(&b, "%s %s\n", event.On, event.What)
	}
	return b.String()
}

// dice invents.
type dice struct{ *rand.Rand }

func (d dice) chance(percent int) bool { return d.IntN(100) < percent }

func pick[T any](d dice, from ...T) T { return from[d.IntN(len(from))] }

func invent(seed uint64) *world {
	d := dice{rand.New(rand.NewPCG(seed, 1609))}
	zone := pick(d, "Europe/Amsterdam", "Europe/Amsterdam", "America/New_York", "Asia/Kolkata", "Pacific/Auckland", "UTC")
	w := &world{specs: map[string]*v1alpha1.ServiceTermsSpec{}, book: map[string]*terms.Terms{}}
	for _, name := range []string{"a", "b", "c"} {
		for w.book[name] == nil {
			spec := d.terms(zone)
			compiled, err := terms.Compile(spec)
			if err == nil {
				w.specs[name], w.book[name] = spec, compiled
			}
		}
	}
	start := terms.Date{Year: 2026, Month: time.Month(1 + d.IntN(12)), Day: 1 + d.IntN(28)}.AddDays(d.IntN(4))
	location := w.book["a"].Zone
	w.facts = terms.Facts{
		Now: start.Start(location).Add(time.Duration(d.IntN(48)) * time.Hour), Tenant: "jansen", Type: pick(d, v1alpha1.Business, v1alpha1.Consumer),
		StartsOn: start, DirectDebit: d.chance(50), Stored: int64(d.IntN(100)) << 30, Seats: d.IntN(4),
	}
	w.facts.CreatedAt = w.facts.Now
	w.facts.LastActive = w.facts.Now
	for i := range d.IntN(4) {
		w.facts.Workplaces = append(w.facts.Workplaces, d.workplace(fmt.Sprint("first", i), terms.DateAt(w.facts.Now, location)))
	}
	w.facts.Subjects = d.subjects(start)
	w.facts.Rights = w.book["a"].RightsToLeave(start, w.facts.Subjects)
	w.paying, w.inUse = pick(d, ByEvents, ByEvents, Prompt, Never), d.chance(50)
	days := 200 + d.IntN(500)
	w.end = start.AddDays(days).Start(location)
	for range d.IntN(14) {
		w.happen(d, start.AddDays(1+d.IntN(days)))
	}
	// What the rules are about happens often.
	if d.chance(50) {
		w.events = append(w.events, NoticeReceived(start.AddDays(1+d.IntN(days/2))))
	}
	if d.chance(25) {
		from := start.AddDays(1 + d.IntN(days/2))
		w.events = append(w.events, Held(from, true))
		if d.chance(50) {
			w.events = append(w.events, Held(from.AddDays(d.IntN(days)), false))
		}
	}
	if d.chance(50) {
		from := start.AddDays(1 + d.IntN(days/2))
		w.events = append(w.events, Invoiced(from, "known", decimal.NewFromInt(100), terms.Date{}))
		if d.chance(60) {
			w.events = append(w.events, Paid(from.AddDays(30+d.IntN(200)), "known"))
		}
	}
	if d.chance(25) {
		from := start.AddDays(1 + d.IntN(days))
		w.events = append(w.events, MailDead(from, from.AddDays(d.IntN(200)))...)
	}
	span := w.end.Sub(w.facts.Now)
	for range 60 {
		w.stops = append(w.stops, w.facts.Now.Add(time.Duration(d.Int64N(int64(span)))))
	}
	for range 60 {
		w.stops = append(w.stops, start.AddDays(d.IntN(days)).Start(location).Add(time.Duration(d.IntN(3)-1)*time.Nanosecond))
	}
	d.Shuffle(len(w.stops), func(i, j int) { w.stops[i], w.stops[j] = w.stops[j], w.stops[i] })
	slices.SortFunc(w.stops[:5], time.Time.Compare)
	slices.SortFunc(w.stops, time.Time.Compare)
	return w
}

// happen lets something happen on a day.
func (w *world) happen(d dice, on terms.Date) {
	add := func(events ...Event) { w.events = append(w.events, events...) }
	later := on.AddDays(1 + d.IntN(120))
	switch d.IntN(18) {
	case 0, 1, 2:
		number := fmt.Sprint("invoice-", len(w.events))
		due := terms.Date{}
		if d.chance(50) {
			due = on.AddDays(d.IntN(40))
		}
		add(Invoiced(on, number, decimal.NewFromInt(int64(1+d.IntN(500))), due))
		if d.chance(30) {
			add(PaidPart(on.AddDays(d.IntN(60)), number, decimal.NewFromInt(int64(1+d.IntN(300)))))
		}
		if d.chance(60) {
			add(Paid(later, number))
		}
	case 3, 4:
		add(NoticeReceived(on))
	case 5:
		add(Withdrawn(w.facts.StartsOn.AddDays(d.IntN(30))))
	case 6:
		if !w.details {
			add(DetailsGiven(w.facts.StartsOn.AddDays(d.IntN(60))))
		}
		w.details = true
	case 7:
		add(Terminated(on))
	case 8, 9:
		add(PlanAsked(on, pick(d, "a", "b", "c")))
	case 10:
		add(Arranged(on, later, d.chance(50)))
	case 11:
		add(Held(on, true))
		if d.chance(70) {
			add(Held(later, false))
		}
	case 12, 13:
		made := d.workplace(fmt.Sprint("added", len(w.events)), on)
		w.added = append(w.added, made)
		add(WorkplaceAdded(on, made))
		if d.chance(30) {
			add(WorkplaceRemoved(later, made.Name))
		}
	case 14:
		add(SessionHeld(on, fmt.Sprint("session", len(w.events)), time.Duration(d.IntN(120))*time.Minute))
	case 15:
		add(pick(d, Active(on), Unused(on), Used(on), PaidAll(on), Stored(on, int64(d.IntN(200))<<30), SeatsTaken(on, 1+d.IntN(5)), DirectDebit(on, d.chance(50))))
	case 16:
		add(MailDead(on, later)...)
	case 17:
		add(BillingSilent(on, later)...)
	}
}

func (d dice) workplace(name string, made terms.Date) terms.Workplace {
	class := pick(d, "small", "large")
	return terms.Workplace{
		Name: name, Class: class, Title: class, Username: name, CreatedOn: made, Per: terms.Period{Months: 1},
		Prices: []terms.DatedPrice{{Amount: map[string]decimal.Decimal{"small": decimal.RequireFromString("13.37"), "large": decimal.NewFromInt(39)}[class], Currency: "EUR"}},
	}
}

func (d dice) subjects(start terms.Date) []terms.Subject {
	list := []terms.DatedPrice{{Amount: decimal.NewFromInt(10), Currency: "EUR"}}
	for range d.IntN(3) {
		list = append(list, terms.DatedPrice{From: start.AddDays(d.IntN(500)), Amount: decimal.NewFromInt(int64(5 + d.IntN(15))), Currency: "EUR"})
	}
	return []terms.Subject{{Kind: "License", Name: "rds", Prices: list}}
}

// terms invents terms; not all of them can be used.
func (d dice) terms(zone string) *v1alpha1.ServiceTermsSpec {
	s := &v1alpha1.ServiceTermsSpec{DisplayName: pick(d, "", "Invented"), TimeZone: zone, Currency: "EUR"}
	some := func(percent int, set func()) {
		if d.chance(percent) {
			set()
		}
	}
	short := func() v1alpha1.Period { return pick[v1alpha1.Period](d, "P0D", "P3D", "P7D", "P14D", "P1M") }
	long := func() v1alpha1.Period { return pick[v1alpha1.Period](d, "P14D", "P1M", "P2M", "P90D", "P1Y") }
	notice := func() *v1alpha1.NoticeTerms {
		return &v1alpha1.NoticeTerms{
			Period: short(), To: pick(d, v1alpha1.NoticeToEndOfTerm, v1alpha1.NoticeToEndOfCalendarMonth, v1alpha1.NoticeToNextCollection, v1alpha1.NoticeToImmediate),
			RefusedDuringArrears: ptr.To(d.chance(40)), RefundPercent: pick[int32](d, 0, 0, 50, 100),
		}
	}
	some(80, func() {
		s.Billing = &v1alpha1.BillingTerms{
			Period: pick[v1alpha1.Period](d, "P1M", "P1M", "P3M", "P1Y", "P4W"), PaidInAdvance: ptr.To(d.chance(80)),
			SurchargeWithoutDirectDebit: pick[v1alpha1.Percentage](d, "", "2"), Anchor: pick(d, "", v1alpha1.AnchorCalendarMonth),
			Additions: pick(d, "", v1alpha1.AdditionsNextPeriod), CollectionDay: pick[int32](d, 0, 1, 20, 31),
			InvoiceBefore: pick[v1alpha1.Period](d, "", "", "P14D", "P1M"), InvoiceFee: pick[v1alpha1.Price](d, "", "", "1.50"),
		}
	})
	s.Contract = &v1alpha1.ContractTerms{MinimumTerm: pick[v1alpha1.Period](d, "", "P1M", "P3M", "P1Y"), Renewal: pick[v1alpha1.Period](d, "", "P1M", "P1Y")}
	some(80, func() { s.Contract.Notice = notice() })
	some(20, func() { s.Contract.NoticeAfterRenewal = notice() })
	some(20, func() {
		s.Contract.EarlyTermination = &v1alpha1.EarlyTerminationTerms{RestOfTermPercent: pick(d, nil, ptr.To[int32](50))}
	})
	some(40, func() {
		s.Contract.Withdrawal = &v1alpha1.WithdrawalTerms{Within: "P14D", KeepDaysUsed: ptr.To(d.chance(50)), ForTypes: pick(d, nil, []v1alpha1.TenantType{v1alpha1.Consumer})}
	})
	some(25, func() {
		s.Contract.Trial = &v1alpha1.TrialTerms{Period: pick[v1alpha1.Period](d, "P14D", "P1M"), AtEnd: pick(d, "", v1alpha1.TrialEndEnd), RemindBefore: pick[v1alpha1.Period](d, "", "P3D")}
	})
	some(80, func() {
		s.Arrears = &v1alpha1.ArrearsTerms{
			MeasuredFrom: pick(d, "", v1alpha1.LastSentInvoice), DateBasis: pick(d, "", v1alpha1.DueOn), SuspendAfter: long(),
			TerminateAfter: pick[v1alpha1.Period](d, "", "P4M", "P1Y"), Termination: pick(d, "", v1alpha1.TerminationAutomatic),
			ClaimRestOfTerm: ptr.To(d.chance(50)), BillingFreshness: pick[v1alpha1.Period](d, "", "P3D", "PT36H", "P10D"),
		}
		some(60, func() {
			s.Arrears.Warning = &v1alpha1.WarningTerms{Before: pick[v1alpha1.Period](d, "P3D", "P7D", "P1M"), Required: ptr.To(d.chance(60))}
		})
	})
	some(60, func() {
		s.Reactivation = &v1alpha1.ReactivationTerms{Fee: "25.00", Per: pick(d, "", v1alpha1.PerTenant), Requires: pick(d, "", v1alpha1.OverdueInvoicesPaid)}
	})
	some(80, func() {
		s.Retention = &v1alpha1.RetentionTerms{
			AfterEnd: pick[v1alpha1.Period](d, "P0D", "P7D", "P30D", "P3M"), Announce: pick[v1alpha1.Period](d, "", "PT24H", "P7D", "P1M"),
			AfterUnpaid: pick[v1alpha1.Period](d, "", "P0D", "P60D"), Erasure: pick(d, "", "", v1alpha1.ErasureManual),
		}
	})
	some(30, func() {
		s.Inactivity = &v1alpha1.InactivityTerms{WarnAfter: pick[v1alpha1.Period](d, "", "P4W"), EndAfter: pick[v1alpha1.Period](d, "P8W", "P6M")}
	})
	some(50, func() {
		s.PriceChange = &v1alpha1.PriceChangeTerms{
			Notice: pick[v1alpha1.Period](d, "", "P30D"), IndexingMonth: pick[int32](d, 0, 0, 1),
			ExitAbovePercent: pick[v1alpha1.Percentage](d, "", "10"), ExitNotice: pick[v1alpha1.Period](d, "", "P1M"),
		}
		some(40, func() { s.Changes = []v1alpha1.TermsChange{{From: "2026-11-05", Title: "Other terms"}} })
	})
	some(50, func() {
		s.Plan = &v1alpha1.PlanTerms{
			Price: pick[v1alpha1.Price](d, "", "9.00", "49.95"), Members: pick(d, nil, ptr.To[int32](2)), Bonus: ptr.To(d.chance(50)),
			Entry: pick(d, "", v1alpha1.EntryOnPayment, v1alpha1.EntryPeriodEnd), ForTypes: pick(d, nil, []v1alpha1.TenantType{v1alpha1.Business}),
		}
		some(30, func() {
			s.Plan.PriceChanges = []v1alpha1.PlanPriceChange{{From: "2026-12-01", Price: "12.00"}, {From: "2026-08-10", Price: "60.00"}}
		})
		some(40, func() { s.Plan.Capacity = ptr.To(resource.MustParse(pick(d, "10Gi", "50Gi", "1Ti"))) })
		some(30, func() {
			s.Plan.Seats = &v1alpha1.SeatTerms{Price: "5.00", ExtraPrice: pick[v1alpha1.Price](d, "", "7.50")}
		})
		some(50, func() {
			s.Plan.AfterEnd = &v1alpha1.AfterPlanTerms{TermsRef: v1alpha1.Reference{Name: v1alpha1.ObjectName(pick(d, "b", "c"))}, EraseAboveCapacity: ptr.To(d.chance(50))}
		})
	})
	some(40, func() {
		s.Support = &v1alpha1.SupportTerms{Sessions: &v1alpha1.SupportSessions{Included: 12, Per: "P1Y", Length: "PT30M", Overused: "20.00"}}
	})
	some(60, func() {
		s.Notices = []v1alpha1.NoticeType{
			v1alpha1.NoticeWelcome, v1alpha1.NoticeSuspended, v1alpha1.NoticeResumed, v1alpha1.NoticeOfAcceptance,
			v1alpha1.NoticeOfRefusal, v1alpha1.NoticePlanChanged, v1alpha1.NoticeErased,
		}
	})
	return s
}
