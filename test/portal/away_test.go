// SPDX-License-Identifier: Apache-2.0

package portal

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/portal"
	"werkplek.dev/werkplek/test/cluster"
	"werkplek.dev/werkplek/test/world"
)

// relay stands between the portal and the API server and can go away.
type relay struct {
	listener net.Listener
	target   string
	mode     atomic.Int32
	mu       sync.Mutex
	conns    []net.Conn
}

const (
	carrying = iota
	refusing // connections end, and new ones too
	frozen   // connections stay, and carry nothing
)

func newRelay(t *testing.T, target string) *relay {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	r := &relay{listener: listener, target: strings.TrimPrefix(target, "https://")}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go r.carry(conn)
		}
	}()
	return r
}

func (r *relay) set(mode int32) {
	r.mode.Store(mode)
	r.mu.Lock()
	defer r.mu.Unlock()
	if mode == refusing {
		for _, conn := range r.conns {
			_ = conn.Close()
		}
		r.conns = nil
	}
}

func (r *relay) carry(conn net.Conn) {
	defer conn.Close()
	if r.mode.Load() == refusing {
		return
	}
	up, err := net.Dial("tcp", r.target)
	if err != nil {
		return
	}
	defer up.Close()
	r.mu.Lock()
	r.conns = append(r.conns, conn, up)
	r.mu.Unlock()
	go r.copy(up, conn)
	r.copy(conn, up)
}

func (r *relay) copy(to io.WriteCloser, from io.Reader) {
	defer to.Close()
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		for r.mode.Load() == frozen {
			time.Sleep(10 * time.Millisecond) //nolint:forbidigo // this is the frozen server, not a wait of the test
		}
		if n > 0 {
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// TestAPIServerAway: while the API server is away for a minute, those who are in
// stay in, and after the bound nobody new is let in; whoever was shut out
// meanwhile is out when it is back, and everybody else is in again.
func TestAPIServerAway(t *testing.T) {
	manage(t)
	for name, mode := range map[string]int32{"refusing": refusing, "frozen": frozen} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := world.World{Client: cluster.Shared().Client, Name: "away-" + name}
			provide(t, w, "t", "u")
			config := account(t)
			link := newRelay(t, config.Host)
			config.Host = "https://" + link.listener.Addr().String()
			p := open(t, func(o *portal.Options) { o.Config = config })
			good, bad := host(w, "t", "anna"), host(w, "u", "anna")
			piet, eve := p.browser(t).signIn(user(w, "t", "anna")), p.browser(t).signIn(user(w, "u", "anna"))
			piet.visit("https://" + good + "/")
			eve.visit("https://" + bad + "/")
			users := piet.crowd(windows, good)
			users.all(t, windows)
			badConn := eve.live(bad)

			link.set(mode)
			gone := time.Now()
			cluster.Eventually(t, soon, "nobody new is let in", func(context.Context) error {
				if conn, status := piet.socket(good, "https://"+good); conn != nil || status != http.StatusServiceUnavailable {
					return fmt.Errorf("the answer is %d", status)
				}
				return nil
			})
			suspend(t, w, "u")
			// From here on eve must never get in, however many times she tries.
			crowd := eve.crowd(windows, bad)
			cluster.Eventually(t, 2*time.Minute, "a minute of tries", func(context.Context) error {
				if away, n := time.Since(gone), crowd.tries.Load(); away < time.Minute || n < 1000 {
					return fmt.Errorf("%s away, %d tries", away.Round(time.Second), n)
				}
				return nil
			})
			if in, entered := users.inside.Load(), users.entered.Load(); in != windows || entered != windows {
				t.Errorf("%d of %d who were in are still in, %d came anew", in, windows, entered-windows)
			}
			link.set(carrying)
			cluster.Eventually(t, 2*soon, "back", func(context.Context) error {
				conn, status := piet.socket(good, "https://"+good)
				if conn == nil {
					return fmt.Errorf("the answer is %d", status)
				}
				return echo(t.Context(), conn)
			})
			cutSoon(t, badConn)
			users.all(t, windows)
			crowd.stop()
			if n := crowd.entered.Load(); n > 0 {
				t.Errorf("let in %d times of %d who was suspended", n, crowd.tries.Load())
			}
			t.Logf("%d tries to get in, none succeeded", crowd.tries.Load())
		})
	}
}

// windows is how many of them a person has who uses the portal under load.
const windows = 20

// suspend suspends a tenant by hand.
func suspend(t *testing.T, w world.World, tenant string) {
	t.Helper()
	must(t, w.Create(t.Context(), &v1alpha1.Suspension{
		ObjectMeta: metav1.ObjectMeta{Name: "by-hand", Namespace: w.Namespace(tenant)},
		Spec:       v1alpha1.SuspensionSpec{Cause: v1alpha1.CauseManual, Reason: "a letter of ours"},
	}))
}

// TestRestart: a portal that stops and starts under load lets everybody back in
// who was signed in, by themselves, and nobody who was shut out meanwhile.
func TestRestart(t *testing.T) {
	manage(t)
	w := world.World{Client: cluster.Shared().Client, Name: "restart"}
	provide(t, w, "t", "u")
	good, bad := host(w, "t", "anna"), host(w, "u", "anna")
	p := open(t)
	piet, eve := p.browser(t).signIn(user(w, "t", "anna")), p.browser(t).signIn(user(w, "u", "anna"))
	piet.visit("https://" + good + "/")
	eve.visit("https://" + bad + "/")
	users, others := piet.crowd(windows, good), eve.crowd(windows, bad)
	users.all(t, windows)
	others.all(t, windows)

	p.stop()
	cluster.Eventually(t, soon, "everybody is out", func(context.Context) error {
		if n := users.inside.Load() + others.inside.Load(); n > 0 {
			return fmt.Errorf("%d are in", n)
		}
		return nil
	})
	suspend(t, w, "u")
	before := others.tries.Load()
	p.address.Store(open(t).address.Load())
	users.all(t, windows)
	cluster.Eventually(t, soon, "the others try again", func(context.Context) error {
		if n := others.tries.Load() - before; n < 10*windows {
			return fmt.Errorf("%d tries", n)
		}
		return nil
	})
	if conn, status := eve.socket(bad, "https://"+bad); conn != nil || status != http.StatusForbidden {
		t.Errorf("suspended while the portal was away: %d", status)
	}
	users.stop()
	others.stop()
	if n := others.entered.Load(); n != windows {
		t.Errorf("let in %d times who was suspended while the portal was away", n-windows)
	}
}
