// SPDX-License-Identifier: Apache-2.0

package forecast

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/shopspring/decimal"
	"k8s.io/utils/ptr"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/agenda"
	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/terms/agreement"
	"werkplek.dev/werkplek/internal/terms/charging"
	"werkplek.dev/werkplek/internal/terms/dues"
	"werkplek.dev/werkplek/internal/terms/facts"
	"werkplek.dev/werkplek/internal/terms/tidings"
	"werkplek.dev/werkplek/test/histories"
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
			world := histories.Invent(seed)
			defer func() {
				if t.Failed() {
					t.Logf("run it again with %s=%d; its terms and history:\n%s", seedVariable, seed, world)
				}
			}()
			straight := start(t, world)
			watch(t, world, straight)
			straight.Until(world.End)
			if err := straight.Err(); err != nil {
				t.Fatal(err)
			}
			checkCharges(t, world, straight)
			happened.add(straight)

			stopping := start(t, world)
			for _, stop := range world.Stops {
				stopping.Until(stop)
			}
			stopping.Until(world.End)
			same(t, "with stops on the way", straight, stopping, straight.entries, stopping.entries)

			restarted := start(t, world)
			var entries []Entry
			for _, stop := range append(slices.Clone(world.Stops[:5]), world.End) {
				restarted.Until(stop)
				entries = append(entries, restarted.entries...)
				if !stop.Equal(world.End) {
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
		switch {
		case entry.What == Waits:
			c.count["Wait "+entry.Name]++
		case entry.What == Erases && entry.Name != "":
			c.count["Erase home"]++
		}
	}
	for _, charge := range s.made {
		c.count["Charge "+string(charge.Spec.Type)]++
	}
}

func (c *tally) check(t *testing.T) {
	for _, what := range []string{
		"Suspend", "Lift", "End", "Erase", "Erase home", "Keep", "Leave", "Notice", "Plan", "Decision", "TerminationAllowed", "Wait erasure", "Wait suspension", "Wait plan", "Wait billing",
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
	cmpopts.EquateEmpty(), cmp.Comparer(func(a, b *agreement.Terms) bool { return a == b }),
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
func watch(t *testing.T, world *histories.World, s *Sim) {
	t.Helper()
	suspended := len(s.facts.Suspensions)
	erased, ended := false, false
	// The deadline as it was before this moment: an invoice that is sent at the
	// moment of a suspension may move it.
	deadline := calendar.Date{}
	fail := func(format string, arguments ...any) {
		t.Errorf("%s: %s", s.facts.Now.Format(time.RFC3339), fmt.Sprintf(format, arguments...))
	}
	s.watch = func() {
		stand, zone, spec := &s.agenda.Standing, s.Zone(), world.Terms[s.facts.TermsName]
		ordered := func(what string, dates ...calendar.Date) {
			known := slices.DeleteFunc(dates, calendar.Date.IsZero)
			if !slices.IsSortedFunc(known, calendar.Date.Compare) {
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
		if again, err := agenda.Decide(s.book, s.facts); err != nil || len(again.Actions) > 0 {
			fail("there is more to be done at once: %v (%v)", again.Actions, err)
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
			before, err := calendar.ParsePeriod(string(warning.Warning.Before))
			if err != nil {
				t.Fatal(err)
			}
			sent := s.facts.Notices[tidings.SuspensionWarningName(deadline)]
			if sent.IsZero() && stand.Arrears != nil {
				sent = s.facts.Notices[tidings.SuspensionWarningName(stand.Arrears.Nominal)]
			}
			if sent.IsZero() || calendar.DateAt(s.facts.Now, zone).Before(before.After(calendar.DateAt(sent, zone))) {
				fail("suspended as %s, and the warning was sent at %s", made.Name, sent)
			}
		}
		if deadline = (calendar.Date{}); stand.Arrears != nil {
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
		announce, err := calendar.ParsePeriod(string(spec.Retention.Announce))
		sent := s.facts.Notices[tidings.ClosureAnnouncementName(stand.EraseOn)]
		if err != nil || sent.IsZero() || s.facts.Now.Before(announce.AfterMoment(sent, zone)) {
			fail("erased, and the announcement was sent at %s", sent)
		}
	}
}

// checkCharges checks what must be true of all charges together.
func checkCharges(t *testing.T, world *histories.World, s *Sim) {
	t.Helper()
	type line struct {
		class string
		day   calendar.Date
	}
	charged := map[line]int64{}
	names := map[string]bool{}
	for _, charge := range s.made {
		if names[charge.Name] {
			t.Errorf("%s is charged twice", charge.Name)
		}
		names[charge.Name] = true
		checkFee(t, world, charge)
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
		if there := world.EverHad(l.class, l.day); count > there {
			wrong = append(wrong, fmt.Sprintf("%s: class %s is charged %d times, and there were %d workplaces", l.day, l.class, count, there))
		}
	}
	if slices.Sort(wrong); len(wrong) > 0 {
		t.Errorf("%d days are charged too often, first %s", len(wrong), wrong[0])
	}
}

// checkFee checks that no more users are charged for than the suspension may have
// shut out, blocked ones never (TD-10).
func checkFee(t *testing.T, world *histories.World, charge charging.NamedCharge) {
	t.Helper()
	if charge.Spec.Type != v1alpha1.ChargeReactivation {
		return
	}
	users := map[v1alpha1.Username]bool{}
	below, _ := world.Sources.Below.Get()
	for _, w := range slices.Concat(world.Workplaces(), below) {
		users[w.Spec.User.Username] = users[w.Spec.User.Username] || w.Spec.Access != v1alpha1.AccessBlocked
	}
	for _, step := range world.Steps {
		if added, ok := step.Happening.(histories.WorkplaceAdded); ok {
			users[added.Workplace.Spec.User.Username] = true
		}
	}
	most := 0
	for _, open := range users {
		if open {
			most++
		}
	}
	if got := decimal.RequireFromString(string(charge.Spec.Quantity)); got.GreaterThan(decimal.NewFromInt(int64(most))) {
		t.Errorf("%s is for %s users, and at most %d could be shut out", charge.Name, got, most)
	}
}

// start begins the future of a history.
func start(t *testing.T, w *histories.World) *Sim {
	t.Helper()
	facts, err := w.Facts()
	if err != nil {
		t.Fatal(err)
	}
	sim := New(w.Book, histories.TermsHeld, facts).Assume(Payments(w.Payments)).InUse(w.InUse)
	for _, step := range w.Steps {
		sim.Do(eventsOf(t, w, step)...)
	}
	return sim
}

// eventsOf returns what a step of a history is to the forecast.
func eventsOf(t *testing.T, w *histories.World, step histories.Step) []Event {
	t.Helper()
	on := step.On
	switch h := step.Happening.(type) {
	case histories.Invoiced:
		return []Event{Invoiced(on, h.Number, h.Amount, h.Due)}
	case histories.Paid:
		return []Event{Paid(on, h.Number)}
	case histories.PaidPart:
		return []Event{PaidPart(on, h.Number, h.Amount)}
	case histories.PaidAll:
		return []Event{PaidAll(on)}
	case histories.NoticeReceived:
		return []Event{NoticeReceived(on)}
	case histories.Withdrawn:
		return []Event{Withdrawn(on)}
	case histories.DetailsGiven:
		return []Event{DetailsGiven(on)}
	case histories.Terminated:
		return []Event{Terminated(on)}
	case histories.PlanAsked:
		return []Event{PlanAsked(on, h.Terms)}
	case histories.Arranged:
		return []Event{Arranged(on, h.Until, h.WaiveFee)}
	case histories.Held:
		return []Event{Held(on, h.Hold)}
	case histories.WorkplaceAdded:
		class := histories.Classes()[string(h.Workplace.Spec.ClassRef.Name)]
		workplace, err := facts.WorkplaceOf(w.Zone(), &h.Workplace, class)
		if err != nil {
			t.Fatal(err)
		}
		return []Event{WorkplaceAdded(on, workplace)}
	case histories.WorkplaceRemoved:
		return []Event{WorkplaceRemoved(on, h.Name)}
	case histories.SessionHeld:
		return []Event{SessionHeld(on, h.Name, h.Worked)}
	case histories.Used:
		return []Event{Active(on)}
	case histories.InUse:
		if h.Used {
			return []Event{Used(on)}
		}
		return []Event{Unused(on)}
	case histories.Stored:
		return []Event{Stored(on, h.Bytes)}
	case histories.SeatsTaken:
		return []Event{SeatsTaken(on, int(h.Seats))}
	case histories.DirectDebit:
		return []Event{DirectDebit(on, h.Pays)}
	case histories.MailDead:
		return MailDead(on, h.Until)
	case histories.BillingSilent:
		return BillingSilent(on, h.Until)
	}
	t.Fatalf("%T is nothing that the forecast knows", step.Happening)
	return nil
}
