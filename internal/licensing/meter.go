// SPDX-License-Identifier: Apache-2.0

package licensing

import (
	"time"

	"werkplek.dev/werkplek/api/v1alpha1"
)

// Demand is what one workplace needs at a moment.
type Demand struct {
	Workplace string
	Class     string
	Username  string
	// Licenses that the class and the workplace name, and those of the desktop
	// that still runs.
	Licenses []string
	// Placed is true while the workplace has a place within its tenant's limits.
	Placed bool
	// Access is true while the user could reach it, as far as that depends on
	// the workplace alone.
	Access bool
}

// NodeUse is a node that runs a workplace which needs a product counted by core.
type NodeUse struct {
	License string
	Node    string
	Cores   int32
	// Since when the longest running of these workplaces' desktops has existed.
	Since time.Time
}

// Facts are everything about one tenant, besides what is recorded, that decides
// what to record.
type Facts struct {
	// Now is the moment at which the facts are true.
	Now time.Time
	// Zone of the tenant's terms, in which months begin.
	Zone *time.Location
	// Demands of the tenant's workplaces.
	Demands []Demand
	// Nodes that run them.
	Nodes []NodeUse
	// DeniedSince is the moment from which the terms or a person deny everybody of
	// the tenant access; zero while there is access. What is further back than
	// Prompt was denied only now: people had access until then.
	DeniedSince time.Time
	// EndSeen reports whether a workplace was seen to end or to lose its user's
	// access, and when it had need of a licence last, zero if it never had; without
	// a licence, when it ended. Nil: nobody was looking.
	EndSeen func(workplace, license string) (at time.Time, seen bool)
	// NodeEndSeen returns the moment at which the last desktop of the tenant was
	// seen to leave a node, zero if nobody was looking. Nil: nobody was.
	NodeEndSeen func(node string) time.Time
	// Exempt returns the exemption of a use of a product that lasted until a
	// moment, if there is one. Nil: there is none.
	Exempt func(license, username string, until time.Time) string
}

// Prompt is how soon after the moment from which access is to be denied it must
// have been denied to count from that moment.
const Prompt = 15 * time.Minute

// Meter brings a tenant's record up to date: it begins the month's if need be,
// with everyone who had access at the month's first moment, and records who has
// access now. open is the record that was open last, or nil. The record of the
// current month comes last; records of months before it come first, and are
// then to be closed. It never goes back to a month before open's.
//
// What ended while nobody was looking counts until it is seen to have ended:
// nobody who may have had access in a month is left out of it.
func Meter(open *Book, f Facts) []*Book {
	if !f.DeniedSince.IsZero() && f.Now.Sub(f.DeniedSince) > Prompt {
		f.DeniedSince = f.Now
	}
	current := MonthAt(f.Now, f.Zone)
	if open == nil {
		open = Open(current)
	}
	books := []*Book{open}
	for last := open; last.Month.Before(current); {
		next := Open(last.Month.Next())
		carry(last, next, f)
		if next.Empty() && next.Month != current { // nothing to carry on: the months between have no record
			next = Open(current)
		}
		books = append(books, next)
		last = next
	}
	record(books[len(books)-1], f)
	return books
}

// carry begins a month with what lasted at its first moment. What is known to
// have ended before is ended in the month before.
func carry(from, to *Book, f Facts) {
	first := to.Month.Start(f.Zone)
	lasting := wanted(f)
	ends := endings{book: from, facts: f, now: lasting}
	running := runningNodes(f)
	from.eachUser(func(u *v1alpha1.UserUsage) {
		if u.LastAccessAt != nil {
			return
		}
		key := userKey{string(u.License), string(u.Username)}
		end := f.Now
		if !lasting.users[key] {
			end = ends.ofUser(key)
		}
		if lasting.users[key] || end.After(first) {
			to.addUser(key, first)
		} else {
			last := moment(clamp(end, u.FirstAccessAt.Time, first.Add(-time.Second)))
			u.LastAccessAt = &last
		}
	})
	from.eachInterval(func(w *v1alpha1.WorkplaceInterval) {
		if w.Until != nil {
			return
		}
		end := f.Now
		lasts := lasting.classes[w.Name] == w.Class && lasting.owners[w.Name] == string(w.Username)
		if !lasts {
			end = ends.ofWorkplace(w.Name)
		}
		if lasts || end.After(first) {
			to.addInterval(w.Name, w.Class, string(w.Username), first)
		} else {
			until := moment(clamp(end, w.From.Time, first))
			w.Until = &until
		}
	})
	for _, n := range f.Nodes { // desktops that came to a node in the old month, and that nobody has seen since
		key := nodeKey{n.License, n.Node}
		if from.node(key) == nil && !from.Closed() && !n.Since.IsZero() && n.Since.Before(first) {
			from.addNode(key, n.Cores, clamp(n.Since, from.Month.Start(f.Zone), first.Add(-time.Second)))
		}
	}
	from.eachNode(func(n *v1alpha1.NodeUsage) {
		if n.LastUsedAt != nil {
			return
		}
		key := nodeKey{string(n.License), n.Node}
		end := ends.ofNode(n.Node)
		if running[key] || end.After(first) {
			to.addNode(key, n.Cores, first)
		} else {
			last := moment(clamp(end, n.FirstUsedAt.Time, first.Add(-time.Second)))
			n.LastUsedAt = &last
		}
	})
}

// record notes who has access now, and the end of what has ended.
func record(b *Book, f Facts) {
	first := b.Month.Start(f.Zone)
	at := f.Now
	if at.Before(first) {
		at = first
	}
	now := wanted(f)
	ends := endings{book: b, facts: f, now: now}

	for _, d := range f.Demands { // in their order, so that the same facts make the same record
		for _, license := range d.Licenses {
			key := userKey{license, d.Username}
			if !now.users[key] {
				continue
			}
			if u := b.user(key); u == nil {
				b.addUser(key, at)
			} else {
				u.LastAccessAt = nil
			}
		}
	}
	b.eachUser(func(u *v1alpha1.UserUsage) {
		key := userKey{string(u.License), string(u.Username)}
		if u.LastAccessAt != nil || now.users[key] {
			return
		}
		last := moment(clamp(ends.ofUser(key), u.FirstAccessAt.Time, at))
		u.LastAccessAt = &last
	})
	exempt(b, at, f.Exempt)

	b.eachInterval(func(w *v1alpha1.WorkplaceInterval) {
		if w.Until != nil || now.classes[w.Name] == w.Class && now.owners[w.Name] == string(w.Username) {
			return
		}
		until := moment(clamp(ends.ofWorkplace(w.Name), w.From.Time, at))
		w.Until = &until
	})
	for _, d := range f.Demands {
		if d.Placed && b.interval(d.Workplace) == nil {
			b.addInterval(d.Workplace, d.Class, d.Username, at)
		}
	}

	running := runningNodes(f)
	for _, n := range f.Nodes {
		key := nodeKey{n.License, n.Node}
		if entry := b.node(key); entry == nil {
			b.addNode(key, n.Cores, at)
		} else {
			entry.Cores = max(entry.Cores, n.Cores)
			entry.LastUsedAt = nil
		}
	}
	b.eachNode(func(n *v1alpha1.NodeUsage) {
		if n.LastUsedAt == nil && !running[nodeKey{string(n.License), n.Node}] {
			last := moment(clamp(ends.ofNode(n.Node), n.FirstUsedAt.Time, at))
			n.LastUsedAt = &last
		}
	})
	for _, part := range b.Parts {
		part.TimeZone = f.Zone.String()
	}
}

// Close ends what lasted until the month's end, and closes every part.
func Close(b *Book, zone *time.Location, at time.Time, exemption func(license, username string, until time.Time) string) {
	end := b.Month.End(zone)
	last := moment(end.Add(-time.Second))
	exempt(b, end, exemption)
	b.eachUser(func(u *v1alpha1.UserUsage) {
		if u.LastAccessAt == nil {
			until := last
			u.LastAccessAt = &until
		}
	})
	b.eachNode(func(n *v1alpha1.NodeUsage) {
		if n.LastUsedAt == nil {
			until := last
			n.LastUsedAt = &until
		}
	})
	b.eachInterval(func(w *v1alpha1.WorkplaceInterval) {
		if w.Until == nil {
			until := moment(end)
			w.Until = &until
		}
	})
	closed := moment(at)
	for _, part := range b.Parts {
		if part.ClosedAt == nil {
			part.ClosedAt = &closed
		}
	}
}

// sets are what the demands come to.
type sets struct {
	users    map[userKey]bool  // who may use what now
	demanded map[userKey]bool  // who would, if the tenant were not denied access
	classes  map[string]string // of the workplaces that have a place
	owners   map[string]string
}

func wanted(f Facts) sets {
	s := sets{map[userKey]bool{}, map[userKey]bool{}, map[string]string{}, map[string]string{}}
	for _, d := range f.Demands {
		if d.Placed {
			s.classes[d.Workplace], s.owners[d.Workplace] = d.Class, d.Username
		}
		if !d.Access {
			continue
		}
		for _, license := range d.Licenses {
			key := userKey{license, d.Username}
			s.demanded[key] = true
			if f.DeniedSince.IsZero() {
				s.users[key] = true
			}
		}
	}
	return s
}

func runningNodes(f Facts) map[nodeKey]bool {
	running := map[nodeKey]bool{}
	for _, n := range f.Nodes {
		running[nodeKey{n.License, n.Node}] = true
	}
	return running
}

// endings finds out when something ended.
type endings struct {
	book   *Book
	facts  Facts
	now    sets
	byUser map[string][]*v1alpha1.WorkplaceInterval
}

// ofUser returns the moment at which a user's access to a product ended: the
// denial, where the user would have access without it; else when the last of the
// user's workplaces ended.
func (e *endings) ofUser(key userKey) time.Time {
	denied := e.facts.DeniedSince
	if e.now.demanded[key] && !denied.IsZero() {
		return denied
	}
	if e.byUser == nil {
		e.byUser = map[string][]*v1alpha1.WorkplaceInterval{}
		e.book.eachInterval(func(w *v1alpha1.WorkplaceInterval) {
			e.byUser[string(w.Username)] = append(e.byUser[string(w.Username)], w)
		})
	}
	var end time.Time
	for _, w := range e.byUser[key.username] {
		at, seen := e.seen(w.Name, key.license)
		if !seen && w.Until == nil && e.now.classes[w.Name] != w.Class {
			at = e.facts.Now // it ended while nobody was looking
		}
		if at.After(end) {
			end = at
		}
	}
	if end.IsZero() {
		end = e.facts.Now
	}
	if !denied.IsZero() && denied.Before(end) {
		end = denied
	}
	return end
}

func (e *endings) ofNode(node string) time.Time {
	if e.facts.NodeEndSeen != nil {
		if seen := e.facts.NodeEndSeen(node); !seen.IsZero() {
			return seen
		}
	}
	return e.facts.Now
}

func (e *endings) ofWorkplace(name string) time.Time {
	if at, seen := e.seen(name, ""); seen {
		return at
	}
	return e.facts.Now
}

func (e *endings) seen(workplace, license string) (time.Time, bool) {
	if e.facts.EndSeen == nil {
		return time.Time{}, false
	}
	return e.facts.EndSeen(workplace, license)
}

// exempt notes of each use whether it is exempt by the rules of now: of one that
// lasts, as if it lasted until a moment.
func exempt(b *Book, until time.Time, exemption func(license, username string, until time.Time) string) {
	if exemption == nil {
		return
	}
	b.eachUser(func(u *v1alpha1.UserUsage) {
		end := until
		if u.LastAccessAt != nil {
			end = u.LastAccessAt.Time
		}
		u.Exemption = exemption(string(u.License), string(u.Username), end)
	})
}
