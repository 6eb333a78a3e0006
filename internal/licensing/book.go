// SPDX-License-Identifier: Apache-2.0

package licensing

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"werkplek.dev/werkplek/api/v1alpha1"
)

// PartBytes is about how large the JSON of one part of a record may become. An
// object of etcd holds 1.5 MiB at most, and the API server keeps as much again
// to know who owns which entry.
const PartBytes = 384 << 10

// Book is one month's record of one tenant over all its parts. Entries never
// move from one part to another.
type Book struct {
	Month Month
	Parts []*v1alpha1.UsageRecordStatus

	users      map[userKey]place
	nodes      map[nodeKey]place
	workplaces map[string][]place // by name
	sizes      []int
	partBytes  int
}

type userKey struct{ license, username string }
type nodeKey struct{ license, node string }

// place is where an entry stands: in which part, and at which index of its list.
type place struct{ part, index int }

// Open makes a book of a month's parts, in their order.
func Open(month Month, parts ...*v1alpha1.UsageRecordStatus) *Book {
	b := &Book{
		Month: month, users: map[userKey]place{}, nodes: map[nodeKey]place{}, workplaces: map[string][]place{}, partBytes: PartBytes,
	}
	for p, part := range parts {
		b.Parts = append(b.Parts, part)
		size := 0
		for i := range part.Users {
			u := &part.Users[i]
			b.users[userKey{string(u.License), string(u.Username)}] = place{p, i}
			size += userSize(string(u.License), string(u.Username))
		}
		for i := range part.Nodes {
			n := &part.Nodes[i]
			b.nodes[nodeKey{string(n.License), n.Node}] = place{p, i}
			size += userSize(string(n.License), n.Node)
		}
		for i := range part.Workplaces {
			w := &part.Workplaces[i]
			b.workplaces[w.Name] = append(b.workplaces[w.Name], place{p, i})
			size += intervalSize(w)
		}
		b.sizes = append(b.sizes, size)
	}
	return b
}

// userSize is about how long an entry is as JSON, its keys and two moments included.
func userSize(license, name string) int { return 130 + len(license) + len(name) }

func intervalSize(w *v1alpha1.WorkplaceInterval) int {
	return 120 + len(w.Name) + len(w.Class) + len(w.Username)
}

// Holds reports whether a user's use of a product is recorded.
func (b *Book) Holds(license, username string) bool {
	_, ok := b.users[userKey{license, username}]
	return ok
}

// HoldsWorkplace reports whether a workplace is recorded as being of a class now.
func (b *Book) HoldsWorkplace(name, class string) bool {
	w := b.interval(name)
	return w != nil && w.Class == class
}

// Empty reports whether nothing is recorded.
func (b *Book) Empty() bool { return len(b.Parts) == 0 }

// Closed reports whether no part takes entries any more.
func (b *Book) Closed() bool {
	for _, part := range b.Parts {
		if part.ClosedAt == nil {
			return false
		}
	}
	return len(b.Parts) > 0
}

// room returns a part that is open and has room for so many more bytes, a new one if none has.
func (b *Book) room(bytes int) int {
	for p := range b.Parts {
		if b.Parts[p].ClosedAt == nil && b.sizes[p]+bytes <= b.partBytes {
			b.sizes[p] += bytes
			return p
		}
	}
	b.Parts = append(b.Parts, &v1alpha1.UsageRecordStatus{Month: b.Month.Name()})
	b.sizes = append(b.sizes, bytes)
	return len(b.Parts) - 1
}

func (b *Book) user(key userKey) *v1alpha1.UserUsage {
	at, ok := b.users[key]
	if !ok {
		return nil
	}
	return &b.Parts[at.part].Users[at.index]
}

func (b *Book) addUser(key userKey, first time.Time) {
	p := b.room(userSize(key.license, key.username))
	part := b.Parts[p]
	part.Users = append(part.Users, v1alpha1.UserUsage{
		License: v1alpha1.LicenseName(key.license), Username: v1alpha1.Username(key.username), FirstAccessAt: moment(first),
	})
	b.users[key] = place{p, len(part.Users) - 1}
}

func (b *Book) node(key nodeKey) *v1alpha1.NodeUsage {
	at, ok := b.nodes[key]
	if !ok {
		return nil
	}
	return &b.Parts[at.part].Nodes[at.index]
}

func (b *Book) addNode(key nodeKey, cores int32, first time.Time) {
	p := b.room(userSize(key.license, key.node))
	part := b.Parts[p]
	part.Nodes = append(part.Nodes, v1alpha1.NodeUsage{
		License: v1alpha1.LicenseName(key.license), Node: key.node, Cores: cores, FirstUsedAt: moment(first),
	})
	b.nodes[key] = place{p, len(part.Nodes) - 1}
}

// interval returns a workplace's interval that lasts, or nil.
func (b *Book) interval(name string) *v1alpha1.WorkplaceInterval {
	for _, at := range b.workplaces[name] {
		if w := &b.Parts[at.part].Workplaces[at.index]; w.Until == nil {
			return w
		}
	}
	return nil
}

// addInterval begins an interval. One that ended at the very moment goes on
// instead: a list key has one entry.
func (b *Book) addInterval(name, class, username string, from time.Time) {
	begin := moment(from)
	for _, at := range b.workplaces[name] {
		w := &b.Parts[at.part].Workplaces[at.index]
		if w.Class == class && (w.From.Equal(&begin) || w.Until != nil && !w.Until.Before(&begin)) {
			w.Until = nil
			return
		}
	}
	w := v1alpha1.WorkplaceInterval{Name: name, Class: class, Username: v1alpha1.Username(username), From: begin}
	p := b.room(intervalSize(&w))
	part := b.Parts[p]
	part.Workplaces = append(part.Workplaces, w)
	b.workplaces[name] = append(b.workplaces[name], place{p, len(part.Workplaces) - 1})
}

// eachUser calls visit for every user's entry, in the record's order.
func (b *Book) eachUser(visit func(*v1alpha1.UserUsage)) {
	for _, part := range b.Parts {
		for i := range part.Users {
			visit(&part.Users[i])
		}
	}
}

func (b *Book) eachNode(visit func(*v1alpha1.NodeUsage)) {
	for _, part := range b.Parts {
		for i := range part.Nodes {
			visit(&part.Nodes[i])
		}
	}
}

func (b *Book) eachInterval(visit func(*v1alpha1.WorkplaceInterval)) {
	for _, part := range b.Parts {
		for i := range part.Workplaces {
			visit(&part.Workplaces[i])
		}
	}
}

// moment is a time as records hold it: whole seconds of UTC.
func moment(t time.Time) metav1.Time { return metav1.NewTime(t.UTC().Truncate(time.Second)) }

// clamp returns t, or the nearer bound if it lies outside them.
func clamp(t, from, until time.Time) time.Time {
	if t.After(until) {
		t = until
	}
	if t.Before(from) {
		t = from
	}
	return t
}
