// SPDX-License-Identifier: Apache-2.0

package licensing

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"werkplek.dev/werkplek/api/v1alpha1"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func at(t testing.TB, moment string) time.Time {
	t.Helper()
	when, err := time.Parse(time.RFC3339, moment)
	if err != nil {
		t.Fatal(err)
	}
	return when
}

// text writes a book's entries, one a line, in order of their text.
func text(books ...*Book) string {
	var lines []string
	for _, b := range books {
		b.eachUser(func(u *v1alpha1.UserUsage) {
			line := fmt.Sprintf("%s %s %s %s..%s", b.Month.Name(), u.License, u.Username, stamp(&u.FirstAccessAt), stamp(u.LastAccessAt))
			if u.Exemption != "" {
				line += " " + u.Exemption
			}
			lines = append(lines, line)
		})
		b.eachInterval(func(w *v1alpha1.WorkplaceInterval) {
			lines = append(lines, fmt.Sprintf("%s [%s %s] %s..%s", b.Month.Name(), w.Name, w.Class, stamp(&w.From), stamp(w.Until)))
		})
		b.eachNode(func(n *v1alpha1.NodeUsage) {
			lines = append(lines, fmt.Sprintf("%s %s on %s: %d cores %s..%s", b.Month.Name(), n.License, n.Node, n.Cores, stamp(&n.FirstUsedAt), stamp(n.LastUsedAt)))
		})
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// demand is a workplace w of user u with licence rds, which the user may reach.
func demand(edits ...func(*Demand)) Demand {
	d := Demand{Workplace: "w", Class: "std", Username: "u", Licenses: []string{"rds"}, Placed: true, Access: true}
	for _, edit := range edits {
		edit(&d)
	}
	return d
}

// look is one look at a tenant.
type look struct {
	at      string
	demands []Demand
	denied  string
	seen    map[string]string // workplaces seen to end, and when
	nodes   []NodeUse
	gone    map[string]string // nodes seen to be left, and when
}

func (l look) facts(t testing.TB, zone *time.Location) Facts {
	t.Helper()
	f := Facts{Now: at(t, l.at), Zone: zone, Demands: l.demands, Nodes: l.nodes}
	if l.denied != "" {
		f.DeniedSince = at(t, l.denied)
	}
	f.EndSeen = func(name, _ string) (time.Time, bool) {
		if l.seen[name] == "" {
			return time.Time{}, false
		}
		return at(t, l.seen[name]), true
	}
	f.NodeEndSeen = func(name string) time.Time {
		if l.gone[name] == "" {
			return time.Time{}
		}
		return at(t, l.gone[name])
	}
	return f
}

func TestMeter(t *testing.T) {
	t.Parallel()
	nobody := []Demand{}
	blocked := demand(func(d *Demand) { d.Access = false })
	for name, test := range map[string]struct {
		zone  string
		looks []look
		want  string
	}{
		"recorded as soon as there is access": {
			looks: []look{{at: "2026-11-20T08:00:00Z", demands: []Demand{demand()}}},
			want:  "2026-11 [w std] 2026-11-20T08:00:00Z..\n2026-11 rds u 2026-11-20T08:00:00Z..",
		},
		"two workplaces of one person are one use": {
			looks: []look{{at: "2026-11-20T08:00:00Z", demands: []Demand{demand(), demand(func(d *Demand) { d.Workplace = "v" })}}},
			want:  "2026-11 [v std] 2026-11-20T08:00:00Z..\n2026-11 [w std] 2026-11-20T08:00:00Z..\n2026-11 rds u 2026-11-20T08:00:00Z..",
		},
		"blocked from the beginning is no use": {
			looks: []look{{at: "2026-11-20T08:00:00Z", demands: []Demand{blocked}}},
			want:  "2026-11 [w std] 2026-11-20T08:00:00Z..",
		},
		"created and deleted within one hour": {
			looks: []look{{at: "2026-11-20T08:00:00Z", demands: []Demand{demand()}}, {at: "2026-11-20T08:30:00Z", demands: nobody, seen: map[string]string{"w": "2026-11-20T08:29:00Z"}}},
			want:  "2026-11 [w std] 2026-11-20T08:00:00Z..2026-11-20T08:29:00Z\n2026-11 rds u 2026-11-20T08:00:00Z..2026-11-20T08:29:00Z",
		},
		"another class keeps both its licences": {
			looks: []look{
				{at: "2026-11-20T08:00:00Z", demands: []Demand{demand()}},
				{at: "2026-11-21T08:00:00Z", demands: []Demand{demand(func(d *Demand) { d.Class, d.Licenses = "dev", []string{"sql"} })}},
			},
			want: "2026-11 [w dev] 2026-11-21T08:00:00Z..\n2026-11 [w std] 2026-11-20T08:00:00Z..2026-11-21T08:00:00Z\n" +
				"2026-11 rds u 2026-11-20T08:00:00Z..2026-11-21T08:00:00Z\n2026-11 sql u 2026-11-21T08:00:00Z..",
		},
		"access that comes back is one use without an end": {
			looks: []look{
				{at: "2026-11-20T08:00:00Z", demands: []Demand{demand()}}, {at: "2026-11-21T08:00:00Z", demands: []Demand{blocked}}, {at: "2026-11-22T08:00:00Z", demands: []Demand{demand()}},
			},
			want: "2026-11 [w std] 2026-11-20T08:00:00Z..\n2026-11 rds u 2026-11-20T08:00:00Z..",
		},
		"the night to December, in winter time": {
			looks: []look{{at: "2026-11-20T08:00:00Z", demands: []Demand{demand()}}, {at: "2026-11-30T23:00:00Z", demands: []Demand{demand()}}},
			want: "2026-11 [w std] 2026-11-20T08:00:00Z..\n2026-11 rds u 2026-11-20T08:00:00Z..\n" +
				"2026-12 [w std] 2026-11-30T23:00:00Z..\n2026-12 rds u 2026-11-30T23:00:00Z..",
		},
		"a second before that": {
			looks: []look{{at: "2026-11-20T08:00:00Z", demands: []Demand{demand()}}, {at: "2026-11-30T22:59:59Z", demands: []Demand{demand()}}},
			want:  "2026-11 [w std] 2026-11-20T08:00:00Z..\n2026-11 rds u 2026-11-20T08:00:00Z..",
		},
		"the night to April, in summer time": {
			looks: []look{{at: "2027-03-20T08:00:00Z", demands: []Demand{demand()}}, {at: "2027-03-31T22:00:01Z", demands: []Demand{demand()}}},
			want: "2027-03 [w std] 2027-03-20T08:00:00Z..\n2027-03 rds u 2027-03-20T08:00:00Z..\n" +
				"2027-04 [w std] 2027-03-31T22:00:00Z..\n2027-04 rds u 2027-03-31T22:00:00Z..",
		},
		"the end of February of a leap year, west of Greenwich": {
			zone:  "America/New_York",
			looks: []look{{at: "2028-02-29T12:00:00Z", demands: []Demand{demand()}}, {at: "2028-03-01T04:59:59Z", demands: []Demand{demand()}}, {at: "2028-03-01T05:00:00Z", demands: []Demand{demand()}}},
			want: "2028-02 [w std] 2028-02-29T12:00:00Z..\n2028-02 rds u 2028-02-29T12:00:00Z..\n" +
				"2028-03 [w std] 2028-03-01T05:00:00Z..\n2028-03 rds u 2028-03-01T05:00:00Z..",
		},
		"blocked a second before midnight, recorded a second after": {
			looks: []look{
				{at: "2026-11-20T08:00:00Z", demands: []Demand{demand()}},
				{at: "2026-11-30T23:00:01Z", demands: []Demand{blocked}, seen: map[string]string{"w": "2026-11-30T22:59:59Z"}},
			},
			want: "2026-11 [w std] 2026-11-20T08:00:00Z..\n2026-11 rds u 2026-11-20T08:00:00Z..2026-11-30T22:59:59Z\n2026-12 [w std] 2026-11-30T23:00:00Z..",
		},
		"blocked a second after midnight": {
			looks: []look{
				{at: "2026-11-20T08:00:00Z", demands: []Demand{demand()}},
				{at: "2026-11-30T23:00:03Z", demands: []Demand{}, seen: map[string]string{"w": "2026-11-30T23:00:01Z"}},
			},
			want: "2026-11 [w std] 2026-11-20T08:00:00Z..\n2026-11 rds u 2026-11-20T08:00:00Z..\n" +
				"2026-12 [w std] 2026-11-30T23:00:00Z..2026-11-30T23:00:01Z\n2026-12 rds u 2026-11-30T23:00:00Z..2026-11-30T23:00:01Z",
		},
		"deleted in the night while nobody was looking counts until it is noticed": {
			looks: []look{{at: "2026-11-20T08:00:00Z", demands: []Demand{demand()}}, {at: "2026-12-01T06:00:00Z", demands: nobody}},
			want: "2026-11 [w std] 2026-11-20T08:00:00Z..\n2026-11 rds u 2026-11-20T08:00:00Z..\n" +
				"2026-12 [w std] 2026-11-30T23:00:00Z..2026-12-01T06:00:00Z\n2026-12 rds u 2026-11-30T23:00:00Z..2026-12-01T06:00:00Z",
		},
		"suspended from the month's first moment is shut out all month": {
			looks: []look{{at: "2026-11-20T08:00:00Z", demands: []Demand{demand()}}, {at: "2026-11-30T23:00:04Z", demands: []Demand{demand()}, denied: "2026-11-30T23:00:00Z"}},
			want: "2026-11 [w std] 2026-11-20T08:00:00Z..\n2026-11 rds u 2026-11-20T08:00:00Z..2026-11-30T22:59:59Z\n" +
				"2026-12 [w std] 2026-11-30T23:00:00Z..",
		},
		"suspended a second later is not": {
			looks: []look{{at: "2026-11-20T08:00:00Z", demands: []Demand{demand()}}, {at: "2026-11-30T23:00:04Z", demands: []Demand{demand()}, denied: "2026-11-30T23:00:01Z"}},
			want: "2026-11 [w std] 2026-11-20T08:00:00Z..\n2026-11 rds u 2026-11-20T08:00:00Z..\n" +
				"2026-12 [w std] 2026-11-30T23:00:00Z..\n2026-12 rds u 2026-11-30T23:00:00Z..2026-11-30T23:00:01Z",
		},
		"nobody looked for three months": {
			looks: []look{{at: "2026-11-20T08:00:00Z", demands: []Demand{demand()}}, {at: "2027-01-31T23:30:00Z", demands: []Demand{demand()}}},
			want: "2026-11 [w std] 2026-11-20T08:00:00Z..\n2026-11 rds u 2026-11-20T08:00:00Z..\n" +
				"2026-12 [w std] 2026-11-30T23:00:00Z..\n2026-12 rds u 2026-11-30T23:00:00Z..\n" +
				"2027-01 [w std] 2026-12-31T23:00:00Z..\n2027-01 rds u 2026-12-31T23:00:00Z..\n" +
				"2027-02 [w std] 2027-01-31T23:00:00Z..\n2027-02 rds u 2027-01-31T23:00:00Z..",
		},
		"nothing to carry on for three months leaves no record": {
			looks: []look{{at: "2026-11-20T08:00:00Z", demands: []Demand{demand()}}, {at: "2026-11-20T09:00:00Z", demands: nobody}, {at: "2027-02-20T08:00:00Z", demands: []Demand{demand()}}},
			want: "2026-11 [w std] 2026-11-20T08:00:00Z..2026-11-20T09:00:00Z\n2026-11 rds u 2026-11-20T08:00:00Z..2026-11-20T09:00:00Z\n" +
				"2027-02 [w std] 2027-02-20T08:00:00Z..\n2027-02 rds u 2027-02-20T08:00:00Z..",
		},
		"a clock that was set back does not go back behind a month": {
			looks: []look{{at: "2026-12-20T08:00:00Z", demands: []Demand{demand()}}, {at: "2026-11-20T08:00:00Z", demands: []Demand{demand(), demand(func(d *Demand) { d.Workplace, d.Username = "v", "v" })}}},
			want: "2026-12 [v std] 2026-11-30T23:00:00Z..\n2026-12 [w std] 2026-12-20T08:00:00Z..\n" +
				"2026-12 rds u 2026-12-20T08:00:00Z..\n2026-12 rds v 2026-11-30T23:00:00Z..",
		},
		"a node that was left before midnight, noticed after": {
			looks: []look{
				{at: "2026-11-20T08:00:00Z", nodes: []NodeUse{{License: "core", Node: "n1", Cores: 16}, {License: "core", Node: "n2", Cores: 8}}},
				{at: "2026-11-30T23:00:01Z", nodes: []NodeUse{{License: "core", Node: "n2", Cores: 12}}, gone: map[string]string{"n1": "2026-11-30T22:00:00Z"}},
			},
			want: "2026-11 core on n1: 16 cores 2026-11-20T08:00:00Z..2026-11-30T22:00:00Z\n2026-11 core on n2: 8 cores 2026-11-20T08:00:00Z..\n" +
				"2026-12 core on n2: 12 cores 2026-11-30T23:00:00Z..",
		},
		"a desktop that came to a node before midnight and was first seen after counts for both months": {
			looks: []look{
				{at: "2026-11-20T08:00:00Z", demands: []Demand{demand()}},
				{at: "2026-12-01T06:00:00Z", demands: []Demand{demand()}, nodes: []NodeUse{{License: "core", Node: "n1", Cores: 8, Since: time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)}}},
			},
			want: "2026-11 [w std] 2026-11-20T08:00:00Z..\n2026-11 core on n1: 8 cores 2026-11-25T00:00:00Z..\n2026-11 rds u 2026-11-20T08:00:00Z..\n" +
				"2026-12 [w std] 2026-11-30T23:00:00Z..\n2026-12 core on n1: 8 cores 2026-11-30T23:00:00Z..\n2026-12 rds u 2026-11-30T23:00:00Z..",
		},
		"a desktop that came to a node after midnight does not": {
			looks: []look{
				{at: "2026-11-20T08:00:00Z", demands: []Demand{demand()}},
				{at: "2026-12-01T06:00:00Z", demands: []Demand{demand()}, nodes: []NodeUse{{License: "core", Node: "n1", Cores: 8, Since: time.Date(2026, 11, 30, 23, 0, 0, 0, time.UTC)}}},
			},
			want: "2026-11 [w std] 2026-11-20T08:00:00Z..\n2026-11 rds u 2026-11-20T08:00:00Z..\n" +
				"2026-12 [w std] 2026-11-30T23:00:00Z..\n2026-12 core on n1: 8 cores 2026-12-01T06:00:00Z..\n2026-12 rds u 2026-11-30T23:00:00Z..",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if test.zone == "" {
				test.zone = "Europe/Amsterdam"
			}
			place := zone(t, test.zone)
			var all []*Book
			var open *Book
			for _, look := range test.looks {
				books := Meter(open, look.facts(t, place))
				if open == nil {
					all = books
				} else {
					all = append(all, books[1:]...)
				}
				open = books[len(books)-1]
			}
			if diff := cmp.Diff(strings.Split(test.want, "\n"), strings.Split(text(all...), "\n")); diff != "" {
				t.Errorf("what is recorded differs (-want +got):\n%s", diff)
			}
			again := text(all...)
			if Meter(open, test.looks[len(test.looks)-1].facts(t, place)); text(all...) != again {
				t.Errorf("looking again changed the record:\n%s", cmp.Diff(again, text(all...)))
			}
		})
	}
}

// TestMeterExempts: an exemption is that of the rules of now, for what lasts and
// for what has ended, and for good once the month is closed.
func TestMeterExempts(t *testing.T) {
	t.Parallel()
	place := zone(t, "Europe/Amsterdam")
	trialEnds := at(t, "2026-11-21T00:00:00Z")
	staff := map[string]bool{}
	rule := func(_, username string, until time.Time) string {
		switch {
		case staff[username]:
			return "staff"
		case !until.After(trialEnds):
			return "trial"
		}
		return ""
	}
	two := []Demand{demand(), demand(func(d *Demand) { d.Workplace, d.Username = "v", "v" })}
	book := Meter(nil, Facts{Now: at(t, "2026-11-20T08:00:00Z"), Zone: place, Demands: two, Exempt: rule})[0]
	check := func(when, u, v string) {
		t.Helper()
		got := map[string]string{}
		book.eachUser(func(use *v1alpha1.UserUsage) { got[string(use.Username)] = use.Exemption })
		if got["u"] != u || got["v"] != v {
			t.Errorf("%s: u is exempt by %q and v by %q, want %q and %q", when, got["u"], got["v"], u, v)
		}
	}
	check("both try it out", "trial", "trial")
	Meter(book, Facts{Now: at(t, "2026-11-20T12:00:00Z"), Zone: place, Demands: two[:1], Exempt: rule})
	Meter(book, Facts{Now: at(t, "2026-11-25T12:00:00Z"), Zone: place, Demands: two[:1], Exempt: rule})
	check("u stays on after the trial, v left within it", "", "trial")
	staff["u"] = true
	Meter(book, Facts{Now: at(t, "2026-11-26T12:00:00Z"), Zone: place, Demands: nil, Exempt: rule})
	check("u turns out to be staff, and leaves", "staff", "trial")
	delete(staff, "u")
	Close(book, place, at(t, "2026-12-01T00:00:00Z"), rule)
	check("closed under other rules", "", "trial")
}

func TestMeterSplits(t *testing.T) {
	t.Parallel()
	place := zone(t, "Europe/Amsterdam")
	book := Open(Month{2026, time.November})
	book.partBytes = 1000
	var demands []Demand
	for n := range 50 {
		demands = append(demands, demand(func(d *Demand) { d.Workplace, d.Username = fmt.Sprintf("w%02d", n), fmt.Sprintf("u%02d", n) }))
		book = Meter(book, Facts{Now: at(t, "2026-11-20T08:00:00Z").Add(time.Duration(n) * time.Minute), Zone: place, Demands: demands})[0]
	}
	if len(book.Parts) < 5 {
		t.Errorf("50 users at 1,000 bytes a part make %d parts, want several", len(book.Parts))
	}
	seen := map[string]bool{}
	book.eachUser(func(u *v1alpha1.UserUsage) {
		if seen[string(u.Username)] {
			t.Errorf("%s stands in two parts", u.Username)
		}
		seen[string(u.Username)] = true
	})
	if len(seen) != 50 {
		t.Errorf("%d users are recorded, want 50", len(seen))
	}
	again := Open(book.Month, book.Parts...)
	if got, want := text(again), text(book); got != want {
		t.Errorf("a book opened again differs:\n%s", cmp.Diff(want, got))
	}
}

// history is what happened to workplaces, minute by minute, for the naive count.
type history struct {
	zone  *time.Location
	start time.Time
	// could[minute] holds "licence username" of everyone who could reach it then.
	could []map[string]bool
}

// naive counts by looking at every minute of the history.
func (h history) naive() map[v1alpha1.Month]map[string]bool {
	counted := map[v1alpha1.Month]map[string]bool{}
	for minute, could := range h.could {
		month := MonthAt(h.start.Add(time.Duration(minute)*time.Minute), h.zone).Name()
		for use := range could {
			if counted[month] == nil {
				counted[month] = map[string]bool{}
			}
			counted[month][use] = true
		}
	}
	return counted
}

// TestMeterEqualsNaiveCount plays random histories across month ends: whatever
// happens, and however often nobody is looking, the record counts whom a naive
// count over every minute counts.
func TestMeterEqualsNaiveCount(t *testing.T) {
	t.Parallel()
	zones := []string{"Europe/Amsterdam", "America/New_York", "Asia/Kolkata", "Pacific/Auckland", "UTC"}
	starts := []string{"2026-11-30T10:00:00Z", "2027-03-30T20:00:00Z", "2027-10-30T20:00:00Z", "2028-02-28T09:00:00Z", "2027-12-31T00:00:00Z"}
	for seed := range uint64(400) {
		random := rand.New(rand.NewPCG(seed, 7))
		h := history{zone: zone(t, zones[random.IntN(len(zones))]), start: at(t, starts[random.IntN(len(starts))])}
		got := map[v1alpha1.Month]map[string]bool{}
		play(t, random, &h, got)
		if diff := cmp.Diff(h.naive(), got); diff != "" {
			t.Fatalf("seed %d (%s from %s): the record differs from a naive count (-naive +record):\n%s", seed, h.zone, h.start, diff)
		}
	}
}

// play plays three days with an operator that records changes up to two minutes
// late, and is down at times. Access begins when it is recorded, and ends when the
// workplace says so; while the operator is down, desktops go on as it left them.
func play(t *testing.T, random *rand.Rand, h *history, got map[v1alpha1.Month]map[string]bool) {
	t.Helper()
	licenses := []string{"rds", "office", "sql"}
	spec := map[string]*Demand{}
	granted := map[string]map[string]bool{} // by workplace: what the operator let its user reach
	seen := map[string]map[string]time.Time{}
	var denied time.Time
	var open *Book
	var books []*Book
	up, due := true, 0
	const minutes = 3 * 24 * 60
	for minute := range minutes {
		now := h.start.Add(time.Duration(minute) * time.Minute)
		if minute == minutes-1 {
			up, due = true, minute // it comes back in the end
		}
		if random.IntN(40) == 0 {
			name := fmt.Sprintf("w%d", random.IntN(6))
			was := Demand{}
			if d := spec[name]; d != nil {
				was = *d
			}
			change(random, spec, name, licenses)
			if up && was.Access {
				if seen[name] == nil {
					seen[name] = map[string]time.Time{}
				}
				for _, license := range append(was.Licenses, "") {
					seen[name][license] = now
				}
			}
			due = minute + random.IntN(3)
		}
		if up && random.IntN(600) == 0 { // only the operator makes and lifts suspensions, and says so at once
			due = minute
			if denied.IsZero() {
				denied = now
			} else {
				denied = time.Time{}
			}
		}
		if random.IntN(300) == 0 && minute > due && minute < minutes-1 {
			up, due = !up, minute
			clear(seen) // whoever starts anew has seen nothing
		}
		if up && (minute == due || open != nil && open.Month.Before(MonthAt(now, h.zone))) {
			f := Facts{Now: now, Zone: h.zone, DeniedSince: denied, EndSeen: func(name, license string) (time.Time, bool) {
				end, ok := seen[name]
				return end[license], ok
			}}
			clear(granted)
			for _, name := range slices.Sorted(maps.Keys(spec)) {
				f.Demands = append(f.Demands, *spec[name])
				granted[name] = map[string]bool{}
				for _, license := range spec[name].Licenses {
					granted[name][license] = spec[name].Access && denied.IsZero()
				}
			}
			made := Meter(open, f)
			books = append(books[:max(len(books)-1, 0)], made...)
			open = made[len(made)-1]
			clear(seen)
		}
		h.could = append(h.could, h.reachable(minute, up, spec, granted, denied))
	}
	for _, b := range books {
		b.eachUser(func(u *v1alpha1.UserUsage) {
			if got[b.Month.Name()] == nil {
				got[b.Month.Name()] = map[string]bool{}
			}
			got[b.Month.Name()][string(u.License)+" "+string(u.Username)] = true
		})
	}
}

// change makes, changes or removes a workplace.
func change(random *rand.Rand, spec map[string]*Demand, name string, licenses []string) {
	d := spec[name]
	if d == nil {
		// A workplace has one user for good; its name may come back.
		spec[name] = &Demand{Workplace: name, Class: "c", Username: "u" + name[1:], Licenses: []string{licenses[random.IntN(3)]}, Placed: true, Access: true}
		if name >= "w3" {
			spec[name].Username = "u0"
		}
		return
	}
	switch random.IntN(4) {
	case 0:
		delete(spec, name)
	case 1:
		d.Access = d.Placed && !d.Access
	case 2:
		d.Licenses = []string{licenses[random.IntN(3)], "win"}
		d.Class = fmt.Sprintf("c%d", random.IntN(2))
	case 3:
		d.Placed = !d.Placed
		d.Access = d.Placed
	}
}

// reachable returns who can reach what in a minute: what the operator let them,
// less what has ended since if it is there to see that.
func (h *history) reachable(minute int, up bool, spec map[string]*Demand, granted map[string]map[string]bool, denied time.Time) map[string]bool {
	if !up && minute > 0 {
		return h.could[minute-1]
	}
	could := map[string]bool{}
	for name, let := range granted {
		d := spec[name]
		if d == nil || !d.Access || !denied.IsZero() {
			continue
		}
		for _, license := range d.Licenses {
			if let[license] {
				could[license+" "+d.Username] = true
			}
		}
	}
	return could
}
