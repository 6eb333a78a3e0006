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

	"github.com/coder/websocket"
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
			time.Sleep(10 * time.Millisecond) // this is the frozen server, not a wait of the test
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

// TestAPIServerAway: while the API server is away, those who are in stay in, and
// after the bound nobody new is let in; whoever was shut out meanwhile is out
// when it is back, and everybody else is in again.
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
			goodConn, badConn := piet.live(good), eve.live(bad)

			link.set(mode)
			cluster.Eventually(t, soon, "nobody new is let in", func(context.Context) error {
				if conn, status := piet.socket(good, "https://"+good); conn != nil || status != http.StatusServiceUnavailable {
					return fmt.Errorf("the answer is %d", status)
				}
				return nil
			})
			must(t, echo(t.Context(), goodConn))
			suspension := &v1alpha1.Suspension{
				ObjectMeta: metav1.ObjectMeta{Name: "by-hand", Namespace: w.Namespace("u")},
				Spec:       v1alpha1.SuspensionSpec{Cause: v1alpha1.CauseManual, Reason: "a letter of ours"},
			}
			must(t, w.Create(t.Context(), suspension))

			// From here on, eve must never get in, however many times she tries.
			var tries, entered atomic.Int64
			ctx, stop := context.WithCancel(t.Context())
			var crowd sync.WaitGroup
			for range 20 {
				crowd.Go(func() {
					for ctx.Err() == nil {
						conn, _, err := websocket.Dial(ctx, "wss://"+bad+"/websockify", &websocket.DialOptions{
							HTTPClient: eve.client, HTTPHeader: http.Header{"Origin": {"https://" + bad}},
						})
						tries.Add(1)
						if err == nil {
							entered.Add(1)
							_ = conn.CloseNow()
						}
					}
				})
			}
			cluster.Eventually(t, soon, "the crowd tries", func(context.Context) error {
				if n := tries.Load(); n < 2000 {
					return fmt.Errorf("%d tries", n)
				}
				return nil
			})
			must(t, echo(t.Context(), goodConn))
			link.set(carrying)
			cluster.Eventually(t, 2*soon, "back", func(context.Context) error {
				conn, status := piet.socket(good, "https://"+good)
				if conn == nil {
					return fmt.Errorf("the answer is %d", status)
				}
				return echo(t.Context(), conn)
			})
			cutSoon(t, badConn)
			stop()
			crowd.Wait()
			if n := entered.Load(); n > 0 {
				t.Errorf("let in %d times of %d who was suspended", n, tries.Load())
			}
			must(t, echo(t.Context(), goodConn))
			t.Logf("%d tries to get in, none succeeded", tries.Load())
		})
	}
}

// TestRestart: a portal that stops and starts knows everybody again who was
// signed in, and nobody who was shut out meanwhile.
func TestRestart(t *testing.T) {
	manage(t)
	w := world.World{Client: cluster.Shared().Client, Name: "restart"}
	provide(t, w, "t", "u")
	good, bad := host(w, "t", "anna"), host(w, "u", "anna")
	old := open(t)
	piet, eve := old.browser(t).signIn(user(w, "t", "anna")), old.browser(t).signIn(user(w, "u", "anna"))
	piet.visit("https://" + good + "/")
	eve.visit("https://" + bad + "/")
	conn := piet.live(good)
	old.portal.Close()
	cutSoon(t, conn)
	must(t, w.Create(t.Context(), &v1alpha1.Suspension{
		ObjectMeta: metav1.ObjectMeta{Name: "by-hand", Namespace: w.Namespace("u")},
		Spec:       v1alpha1.SuspensionSpec{Cause: v1alpha1.CauseManual, Reason: "a letter of ours"},
	}))
	again := open(t)
	piet.client.Transport, eve.client.Transport = again.transport(), again.transport()
	piet.live(good)
	if conn, status := eve.socket(bad, "https://"+bad); conn != nil || status != http.StatusForbidden {
		t.Errorf("suspended while the portal was away: %d", status)
	}
}
