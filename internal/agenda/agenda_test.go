// SPDX-License-Identifier: Apache-2.0

package agenda_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/utils/ptr"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/agenda"
	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/terms/agreement"
	"werkplek.dev/werkplek/internal/terms/dues"
	"werkplek.dev/werkplek/internal/terms/facts"
)

func day(text string) calendar.Date {
	d, err := calendar.ParseDate(text)
	if err != nil {
		panic(err)
	}
	return d
}

// hosted returns terms with monthly billing, a fee for resuming, and homes that
// are kept for 30 days and announced, with what a test edits.
func hosted(t testing.TB, edits ...func(*v1alpha1.ServiceTermsSpec)) *agreement.Terms {
	t.Helper()
	spec := v1alpha1.ServiceTermsSpec{
		DisplayName: "Hosted desktop", TimeZone: "Europe/Amsterdam", Currency: "EUR",
		Billing:      &v1alpha1.BillingTerms{Period: "P1M"},
		Contract:     &v1alpha1.ContractTerms{Notice: &v1alpha1.NoticeTerms{Period: "P0D", To: v1alpha1.NoticeToImmediate}},
		Arrears:      &v1alpha1.ArrearsTerms{SuspendAfter: "P2M"},
		Reactivation: &v1alpha1.ReactivationTerms{Fee: "25.00"},
		Retention:    &v1alpha1.RetentionTerms{AfterEnd: "P30D", Announce: "P7D"},
	}
	for _, edit := range edits {
		edit(&spec)
	}
	compiled, err := agreement.Compile(&spec)
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}

// noon is a moment of a day in the zone of the terms.
func noon(date string) time.Time {
	zone, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		panic(err)
	}
	d := day(date)
	return time.Date(d.Year, d.Month, d.Day, 12, 0, 0, 0, zone)
}

// tenant returns the facts of a tenant since 2026-01-01 that has one workplace,
// and whom billing knows, at noon of a day.
func tenant(on string, edits ...func(*facts.Facts)) facts.Facts {
	f := facts.Facts{
		Now: noon(on), Tenant: "jansen", Type: v1alpha1.Business, CreatedAt: noon("2026-01-01"), StartsOn: day("2026-01-01"),
		DirectDebit: true, TermsName: "hosted", TermsTitle: "Hosted desktop", ChargedFrom: day("2030-01-01"),
		Billing:    &facts.Billing{AsOf: noon(on)},
		Workplaces: []facts.Workplace{{Name: "anna", Username: "anna", CreatedAt: noon("2026-01-01"), CreatedOn: day("2026-01-01")}},
		Homes:      []facts.Home{{Claim: "home-anna", Workplace: "anna", Username: "anna", MadeAt: noon("2026-01-01")}},
		LastActive: noon(on),
	}
	for _, edit := range edits {
		edit(&f)
	}
	return f
}

// decide decides, and says in short what: "Lift arrears-1" and so on.
func decide(t testing.TB, book facts.Book, f facts.Facts) (agenda.Agenda, []string) {
	t.Helper()
	decided, err := agenda.Decide(book, f)
	if err != nil {
		t.Fatal(err)
	}
	var short []string
	for _, action := range decided.Actions {
		kind := strings.TrimPrefix(fmt.Sprintf("%T", action), "agenda.")
		short = append(short, strings.TrimSpace(kind+" "+action.Name()))
		if sentence := action.String(); len(sentence) < 15 || strings.Contains(sentence, "%!") {
			t.Errorf("%s says %q, which is no sentence", kind, sentence)
		}
	}
	return decided, short
}

// play carries out what is decided, at one moment, until nothing is.
func play(t testing.TB, book facts.Book, f *facts.Facts) []string {
	t.Helper()
	var all []string
	for range 20 {
		decided, short := decide(t, book, *f)
		if len(short) == 0 {
			return all
		}
		all = append(all, short...)
		for _, action := range decided.Actions {
			if err := agenda.Apply(f, action); err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Fatalf("it does not settle: %v", all)
	return nil
}

// TestUnread: what was not read decides nothing.
func TestUnread(t *testing.T) {
	t.Parallel()
	book := facts.Book{"hosted": hosted(t)}
	_, err := agenda.Decide(book, tenant("2026-06-01", func(f *facts.Facts) { f.Unread = []string{"homes"} }))
	var unread *facts.UnreadError
	if !errors.As(err, &unread) || !strings.Contains(err.Error(), "its homes were not read") {
		t.Errorf("error is %v, want one that names the homes", err)
	}
	if _, err := agenda.Decide(facts.Book{}, tenant("2026-06-01")); err == nil || !strings.Contains(err.Error(), "add their ServiceTerms") {
		t.Errorf("without terms: %v", err)
	}
}

// TestOrder: one decision, in its order.
func TestOrder(t *testing.T) {
	t.Parallel()
	free := hosted(t, func(s *v1alpha1.ServiceTermsSpec) { s.DisplayName = "Free" })
	book := facts.Book{"free": free, "hosted": hosted(t, func(s *v1alpha1.ServiceTermsSpec) {
		s.Billing.PaidInAdvance = ptr.To(false)
		s.Plan = &v1alpha1.PlanTerms{Price: "9.00"}
		s.Notices = []v1alpha1.NoticeType{v1alpha1.NoticeOfAcceptance}
	})}
	for name, c := range map[string]struct {
		facts facts.Facts
		want  []string
	}{
		"nothing": {tenant("2026-06-01"), nil},
		"what ended for good is remembered before anything else": {
			tenant("2026-06-10", func(f *facts.Facts) { f.NoticeReceivedOn = day("2026-06-10") }),
			[]string{"Remember", "Tell notice-2026-06-10-accepted", "Tell closure-announcement-2026-07-10"},
		},
		"the old plan is charged before the new one holds": {
			tenant("2026-07-01", func(f *facts.Facts) {
				f.ChargedFrom = day("2026-06-01")
				f.Wish = &facts.PlanWish{Name: "free", Terms: free, RequestedOn: day("2026-07-01")}
			}),
			[]string{"Charge subscription-2026-06-01-plan", "ChangePlan free"},
		},
		"it pays, and owes again": {
			tenant("2026-06-01", func(f *facts.Facts) {
				f.Suspensions = []facts.Suspension{
					{Name: "abuse", Cause: v1alpha1.CauseAbuse, Since: noon("2026-05-01"), LiftRequested: true},
					{Name: "arrears-1", Cause: v1alpha1.CauseArrears, Since: noon("2026-05-01")},
				}
			}),
			[]string{"Lift abuse", "Lift arrears-1"},
		},
		"it owes": {
			tenant("2026-06-01", func(f *facts.Facts) {
				f.Billing.Open = []facts.Invoice{{Number: "7", IssuedOn: day("2026-03-01"), Outstanding: decimal.NewFromInt(10)}}
			}),
			[]string{"Suspend arrears-2026-05-02"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, got := decide(t, book, c.facts)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("what is decided (-want +got):\n%s", diff)
			}
			f := c.facts
			play(t, book, &f)
		})
	}
}

// TestReactivation: resuming is charged before it is allowed, for every user whom
// the suspension shut out: of the tenant and below it, and nobody who was blocked (TD-10).
func TestReactivation(t *testing.T) {
	t.Parallel()
	book := facts.Book{"hosted": hosted(t)}
	f := tenant("2026-06-01", func(f *facts.Facts) {
		before := noon("2026-02-01")
		f.Workplaces = append(f.Workplaces,
			facts.Workplace{Name: "piet", Username: "piet", CreatedAt: before, Blocked: true},
			facts.Workplace{Name: "late", Username: "late", CreatedAt: noon("2026-05-02")})
		f.Below = []facts.Member{{Username: "els", Since: before}, {Username: "anna", Since: before}, {Username: "bob", Since: before, Blocked: true}}
		f.Suspensions = []facts.Suspension{{Name: "arrears-1", Cause: v1alpha1.CauseArrears, Since: noon("2026-05-01")}}
	})
	decided, got := decide(t, book, f)
	if diff := cmp.Diff([]string{"Lift arrears-1"}, got); diff != "" {
		t.Fatalf("what is decided (-want +got):\n%s", diff)
	}
	lift := decided.Actions[0].(agenda.Lift)
	if lift.Charge == nil || lift.Charge.Name() != "reactivation-arrears-1" || lift.Charge.Spec.Quantity != "2" || lift.Charge.Spec.Amount != "50.00" {
		t.Errorf("resuming costs %+v, want 50.00 for anna and els", lift.Charge)
	}
	play(t, book, &f)
	if charge, made := f.Charges.Named("reactivation-arrears-1"); !made || !charge.Amount.Equal(decimal.NewFromInt(50)) {
		t.Errorf("the charge is %+v (%t), want 50.00", charge, made)
	}
	if !f.Suspensions[0].Lifted() {
		t.Error("the suspension is not lifted")
	}
}

// TestRemovedHome: the home of a removed workplace is noted, announced and erased,
// and stays where its workplace comes back or the law holds it.
func TestRemovedHome(t *testing.T) {
	t.Parallel()
	book := facts.Book{"hosted": hosted(t)}
	f := tenant("2026-06-01", func(f *facts.Facts) {
		f.Homes = append(f.Homes, facts.Home{Claim: "home-piet", Workplace: "piet", Username: "piet", MadeAt: noon("2026-01-01")},
			facts.Home{Claim: "other", MadeAt: noon("2026-01-01")},
			facts.Home{Claim: "home-new", Workplace: "new", MadeAt: noon("2026-06-01").Add(-time.Second)},
			facts.Home{Claim: "home-odd", Workplace: "odd", MadeAt: noon("2026-01-01"), Unreadable: "annotation of claim home-odd: no day"})
	})
	decided, got := decide(t, book, f)
	if diff := cmp.Diff([]string{"NoteRemoved piet"}, got); diff != "" {
		t.Errorf("when it is missed first (-want +got):\n%s", diff)
	}
	if sentence := decided.Actions[0].String(); !strings.Contains(sentence, "kept until 2026-06-30, under retention.afterEnd P30D") {
		t.Errorf("it says %q", sentence)
	}
	if len(decided.Problems) != 1 || !strings.Contains(decided.Problems[0].Message, "home-odd") {
		t.Errorf("problems are %v, want the day that cannot be read", decided.Problems)
	}
	if want := f.Now.Add(time.Second); !decided.Recheck.Equal(want) {
		t.Errorf("it looks again at %s, want %s", decided.Recheck, want)
	}
	f.Homes = f.Homes[:2]
	play(t, book, &f)

	back := tenant("2026-06-02", func(back *facts.Facts) {
		back.Homes = []facts.Home{f.Homes[1]}
		back.Workplaces[0].Name = "piet"
	})
	if diff := cmp.Diff([]string{"KeepHome piet"}, play(t, book, &back)); diff != "" || !back.Homes[0].RemovedOn.IsZero() {
		t.Errorf("when the workplace is back (-want +got):\n%s%+v", diff, back.Homes)
	}
	for _, c := range []struct {
		on   string
		edit func(*facts.Facts)
		want []string
	}{
		{"2026-06-16", nil, nil},
		{"2026-06-17", func(f *facts.Facts) { f.LegalHold = true }, nil},
		{"2026-06-17", func(f *facts.Facts) { f.LegalHold = false }, []string{"Tell closure-announcement-2026-07-01-piet"}},
		{"2026-07-20", nil, nil}, // it was not sent
		{"2026-07-20", func(f *facts.Facts) { f.Notices["closure-announcement-2026-07-01-piet"] = f.Now }, nil},
		{"2026-07-27", func(f *facts.Facts) { f.LegalHold = true }, nil},
		{"2026-07-27", func(f *facts.Facts) { f.LegalHold = false }, []string{"EraseHome piet"}},
	} {
		f.Now, f.Billing.AsOf, f.LastActive = noon(c.on), noon(c.on), noon(c.on)
		if c.edit != nil {
			c.edit(&f)
		}
		if diff := cmp.Diff(c.want, play(t, book, &f)); diff != "" {
			t.Errorf("on %s (-want +got):\n%s", c.on, diff)
		}
	}
	if len(f.Homes) != 1 || f.Homes[0].Workplace != "anna" {
		t.Errorf("homes are %+v, want anna's", f.Homes)
	}
}

// TestNoAddress: who cannot be told is not told, and nothing goes that waits for it.
func TestNoAddress(t *testing.T) {
	t.Parallel()
	book := facts.Book{"hosted": hosted(t)}
	f := tenant("2026-08-01", func(f *facts.Facts) { f.NoticeReceivedOn, f.NoAddress = day("2026-06-10"), true })
	decided, got := decide(t, book, f)
	if diff := cmp.Diff([]string{"Remember"}, got); diff != "" {
		t.Errorf("what is decided (-want +got):\n%s", diff)
	}
	if len(decided.Untold) != 1 || decided.Untold[0].Name != "closure-announcement-2026-07-10" {
		t.Errorf("untold is %v, want the announcement", decided.Untold)
	}
}

// TestLeave: the namespace goes last, and once nothing in it must stay.
func TestLeave(t *testing.T) {
	t.Parallel()
	book := facts.Book{"hosted": hosted(t, func(s *v1alpha1.ServiceTermsSpec) {
		s.Notices = []v1alpha1.NoticeType{v1alpha1.NoticeErased}
	})}
	gone := func(edits ...func(*facts.Facts)) facts.Facts {
		return tenant("2026-08-01", append([]func(*facts.Facts){func(f *facts.Facts) {
			f.NoticeReceivedOn, f.Erased = day("2026-06-10"), true
			f.NoticeDecision = &facts.NoticeDecision{ReceivedOn: day("2026-06-10"), Accepted: true, EndsOn: day("2026-06-10")}
			f.Workplaces, f.Homes = nil, nil
			f.Notices = facts.Notices{"closure-announcement-2026-07-10": noon("2026-06-10"), "erased-2026-07-10": noon("2026-07-11")}
			f.Charges.Put(dues.Charge{Name: "a", Amount: decimal.NewFromInt(30), Invoice: "1"})
			f.Charges.Put(dues.Charge{Name: "b", Amount: decimal.NewFromInt(-4), Invoice: "2"})
		}}, edits...)...)
	}
	for name, c := range map[string]struct {
		edit func(*facts.Facts)
		want []string
	}{
		"nothing is left":          {func(*facts.Facts) {}, []string{"Leave"}},
		"its data is not erased":   {func(f *facts.Facts) { f.Erased = false }, []string{"Erase"}},
		"a notice is due":          {func(f *facts.Facts) { delete(f.Notices, "erased-2026-07-10") }, []string{"Tell erased-2026-07-10"}},
		"a notice was not sent":    {func(f *facts.Facts) { f.Notices["other"] = time.Time{} }, nil},
		"nobody can be told":       {func(f *facts.Facts) { delete(f.Notices, "erased-2026-07-10"); f.NoAddress = true }, nil},
		"a charge is open":         {func(f *facts.Facts) { f.Charges.Put(dues.Charge{Name: "c"}) }, nil},
		"use was not reported":     {func(f *facts.Facts) { f.Unreported = "2026-06" }, nil},
		"the law holds it":         {func(f *facts.Facts) { f.LegalHold = true }, nil},
		"a home came after that":   {func(f *facts.Facts) { f.Homes = []facts.Home{{Claim: "late"}} }, []string{"Erase"}},
		"a claim under the law":    {func(f *facts.Facts) { f.Homes, f.LegalHold = []facts.Home{{Claim: "late"}}, true }, nil},
		"a workplace came after":   {func(f *facts.Facts) { f.Workplaces = []facts.Workplace{{Name: "late"}} }, []string{"Erase"}},
		"the namespace left":       {func(f *facts.Facts) { f.Left = true }, nil},
		"it left, notices and all": {func(f *facts.Facts) { f.Left, f.Notices = true, nil }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			decided, got := decide(t, book, gone(c.edit))
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("what is decided (-want +got):\n%s", diff)
			}
			if len(got) == 1 && got[0] == "Leave" {
				if leave := decided.Actions[0].(agenda.Leave); !leave.Charged.Equal(decimal.NewFromInt(26)) || leave.Currency != "EUR" {
					t.Errorf("it was charged %s %s in all, want 26 EUR", leave.Charged, leave.Currency)
				}
			}
		})
	}
}

// TestEraseOrPlan: data that a plan's end would erase stays where another plan takes hold (EC-6).
func TestEraseOrPlan(t *testing.T) {
	t.Parallel()
	large := hosted(t)
	book := facts.Book{
		"large": large, "small": hosted(t, func(s *v1alpha1.ServiceTermsSpec) {
			s.Plan = &v1alpha1.PlanTerms{Capacity: ptr.To(resource.MustParse("1Gi"))}
		}),
		"hosted": hosted(t, func(s *v1alpha1.ServiceTermsSpec) {
			s.Retention.Announce = ""
			s.Plan = &v1alpha1.PlanTerms{Price: "9.00", AfterEnd: &v1alpha1.AfterPlanTerms{
				TermsRef: v1alpha1.Reference{Name: "small"}, EraseAboveCapacity: ptr.To(true),
			}}
		}),
	}
	f := tenant("2026-06-10", func(f *facts.Facts) {
		f.NoticeReceivedOn, f.Stored, f.Successor = day("2026-06-10"), 2<<30, book["small"]
	})
	if diff := cmp.Diff([]string{"Remember", "Erase", "ChangePlan small", "Remember"}, play(t, book, &f)); diff != "" {
		t.Errorf("when the plan ends (-want +got):\n%s", diff)
	}
	f = tenant("2026-06-10", func(f *facts.Facts) {
		f.NoticeReceivedOn, f.Stored, f.Successor = day("2026-06-10"), 2<<30, book["small"]
		f.Wish = &facts.PlanWish{Name: "large", Terms: large, RequestedOn: day("2026-06-10")}
	})
	if diff := cmp.Diff([]string{"Remember", "ChangePlan large"}, play(t, book, &f)[:2]); diff != "" || f.Stored == 0 {
		t.Errorf("when a larger plan takes hold (-want +got), with %d bytes left:\n%s", f.Stored, diff)
	}
}

// BenchmarkDecide is for a tenant with a hundred workplaces, three years of charges and notices.
func BenchmarkDecide(b *testing.B) {
	book := facts.Book{"hosted": hosted(b)}
	f := tenant("2028-12-20", func(f *facts.Facts) {
		f.ChargedFrom = day("2028-12-01")
		for i := range 100 {
			name := fmt.Sprintf("w%02d", i)
			f.Workplaces = append(f.Workplaces, facts.Workplace{Name: name, Username: name, CreatedAt: noon("2026-01-01"), CreatedOn: day("2026-01-01")})
			f.Homes = append(f.Homes, facts.Home{Claim: "home-" + name, Workplace: name, MadeAt: noon("2026-01-01")})
		}
		f.Notices = facts.Notices{}
		for month := range 36 {
			from := day("2026-01-01").AddMonths(month)
			f.Charges.Put(dues.Charge{
				Name: "subscription-" + from.String() + "-class-standard",
				Type: v1alpha1.ChargeSubscription, On: from, From: from, Until: from.AddMonths(1).AddDays(-1), Amount: decimal.NewFromInt(39), Invoice: "1",
			})
			f.Notices[fmt.Sprint("notice-", month)] = noon("2026-01-01")
		}
	})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := agenda.Decide(book, f); err != nil {
			b.Fatal(err)
		}
	}
}

// TestNext: a charge or a notice is foreseen where no change of the standing is, for
// a person who wants to know what comes, and no day that passes changes it.
func TestNext(t *testing.T) {
	t.Parallel()
	charged := func(f *facts.Facts) { f.ChargedFrom = day("2026-01-01") }
	announced := hosted(t, func(s *v1alpha1.ServiceTermsSpec) {
		s.PriceChange = &v1alpha1.PriceChangeTerms{Notice: "P30D"}
		s.Billing = nil
		s.Changes = []v1alpha1.TermsChange{{From: "2026-09-01", Title: "new words"}}
	})
	unpaid := func(f *facts.Facts) {
		f.Billing.Open = []facts.Invoice{{Number: "1", IssuedOn: day("2026-05-20"), Outstanding: decimal.NewFromInt(10)}}
	}
	for name, row := range map[string]struct {
		terms *agreement.Terms
		facts facts.Facts
		want  string
	}{
		"the next charge":      {hosted(t), tenant("2026-06-10", charged), "Charge 2026-07-01"},
		"the same a day later": {hosted(t), tenant("2026-06-11", charged), "Charge 2026-07-01"},
		"suspension before it": {hosted(t), tenant("2026-06-10", charged, unpaid), "Suspend 2026-07-21"},
		"a notice":             {announced, tenant("2026-06-10", charged), "Notice 2026-08-02"},
		"a notice that nobody gets": {announced, tenant("2026-06-10", charged, func(f *facts.Facts) {
			f.NoAddress = true
		}), "-"},
	} {
		decided, _ := decide(t, facts.Book{"hosted": row.terms}, row.facts)
		got := "-"
		if next := decided.Next; next != nil {
			got = next.What + " " + calendar.DateAt(next.At, row.terms.Zone).String()
		}
		if got != row.want {
			t.Errorf("%s: %s, want %s", name, got, row.want)
		}
	}
}
