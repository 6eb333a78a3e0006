// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"werkplek.dev/werkplek/internal/portal/access"
)

// connection is something live between a visitor and a workplace.
type connection struct {
	pass Pass
	key  types.NamespacedName
	from string
	// pod is the one that it reaches; empty for what reaches none.
	pod types.UID
	// until is when its access ends by time alone, as Unix nanoseconds; 0: not judged yet.
	until atomic.Int64
	// look is called when the visitor's access may have changed. It must not block.
	look func()
	// cut ends the connection.
	cut context.CancelCauseFunc
}

// ended reports whether the connection's time is up.
func (c *connection) ended(now time.Time) bool {
	until := c.until.Load()
	return until != 0 && now.UnixNano() >= until
}

// connections are those that are live on this replica, by workplace.
type connections struct {
	mu   sync.Mutex
	live map[string]map[string]map[*connection]struct{} // namespace, name
	size int
}

func (c *connections) add(conn *connection) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.live == nil {
		c.live = map[string]map[string]map[*connection]struct{}{}
	}
	names := c.live[conn.key.Namespace]
	if names == nil {
		names = map[string]map[*connection]struct{}{}
		c.live[conn.key.Namespace] = names
	}
	if names[conn.key.Name] == nil {
		names[conn.key.Name] = map[*connection]struct{}{}
	}
	names[conn.key.Name][conn] = struct{}{}
	c.size++
}

func (c *connections) remove(conn *connection) {
	c.mu.Lock()
	defer c.mu.Unlock()
	names := c.live[conn.key.Namespace]
	if _, ok := names[conn.key.Name][conn]; !ok {
		return
	}
	c.size--
	delete(names[conn.key.Name], conn)
	if len(names[conn.key.Name]) == 0 {
		delete(names, conn.key.Name)
	}
	if len(names) == 0 {
		delete(c.live, conn.key.Namespace)
	}
}

// namespaces returns those with live connections.
func (c *connections) namespaces() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	names := make([]string, 0, len(c.live))
	for name := range c.live {
		names = append(names, name)
	}
	return names
}

// of returns the connections to one workplace.
func (c *connections) of(key types.NamespacedName) []*connection {
	c.mu.Lock()
	defer c.mu.Unlock()
	var found []*connection
	for conn := range c.live[key.Namespace][key.Name] {
		found = append(found, conn)
	}
	return found
}

// in returns the connections to the workplaces of one namespace.
func (c *connections) in(namespace string) []*connection {
	c.mu.Lock()
	defer c.mu.Unlock()
	var found []*connection
	for _, conns := range c.live[namespace] {
		for conn := range conns {
			found = append(found, conn)
		}
	}
	return found
}

// all returns every connection.
func (c *connections) all() []*connection {
	c.mu.Lock()
	defer c.mu.Unlock()
	found := make([]*connection, 0, c.size)
	for _, names := range c.live {
		for _, conns := range names {
			for conn := range conns {
				found = append(found, conn)
			}
		}
	}
	return found
}

// refusal is why a connection was cut.
type refusal struct{ access.Verdict }

// Error implements error.
func (r refusal) Error() string { return r.Verdict.String() }
