// SPDX-License-Identifier: Apache-2.0

package usagerecord

import (
	"sync"
	"time"
)

// sightings remember when things were seen to end, until that is recorded: a
// block a second before midnight must not count for the next month because the
// record was written a second after it.
type sightings struct {
	mu   sync.Mutex
	seen map[string]map[string]sighting // by namespace and by what ended
}

// sighting is when something was seen to end, under "", and when it had need of
// which licence last.
type sighting map[string]time.Time

func workplaceSight(name string) string { return "workplace/" + name }
func nodeSight(name string) string      { return "node/" + name }

func (s *sightings) note(namespace, what string, at time.Time, licenses ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seen == nil {
		s.seen = map[string]map[string]sighting{}
	}
	if s.seen[namespace] == nil {
		s.seen[namespace] = map[string]sighting{}
	}
	if s.seen[namespace][what] == nil {
		s.seen[namespace][what] = sighting{}
	}
	s.seen[namespace][what][""] = at
	for _, license := range licenses {
		s.seen[namespace][what][license] = at
	}
}

func (s *sightings) of(namespace, what, license string) (at time.Time, seen bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, seen := s.seen[namespace][what]
	return found[license], seen
}

// forget drops what was seen up to a moment and is recorded now.
func (s *sightings) forget(namespace string, until time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for what, seen := range s.seen[namespace] {
		if !seen[""].After(until) {
			delete(s.seen[namespace], what)
		}
	}
	if len(s.seen[namespace]) == 0 {
		delete(s.seen, namespace)
	}
}

// sizes remember how many workplaces tenants have: the more, the longer changes
// are gathered before a record that has grown with them is written.
type sizes struct {
	mu sync.Mutex
	of map[string]int
}

func (s *sizes) set(tenant string, workplaces int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.of == nil {
		s.of = map[string]int{}
	}
	s.of[tenant] = workplaces
}

const (
	leastDelay = 20 * time.Millisecond
	mostDelay  = 2 * time.Second
)

// delay returns how long to gather a tenant's changes.
func (s *sizes) delay(tenant string) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return min(max(time.Duration(s.of[tenant])*2*time.Millisecond, leastDelay), mostDelay)
}
