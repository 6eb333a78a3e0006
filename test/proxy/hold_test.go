// SPDX-License-Identifier: Apache-2.0

package proxy

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"k8s.io/client-go/rest"

	"werkplek.dev/werkplek/test/cluster"
)

// within bounds what should happen at once.
const within = 10 * time.Second

// TestHold holds back one of two resources: its watches say nothing, open or new,
// and then all of it in order. Everything else passes.
func TestHold(t *testing.T) {
	t.Parallel()
	p, say := front(t)
	old, other := watch(t, p, "workplaces"), watch(t, p, "pods")
	say("workplaces", 1)
	old.says(t, 1)

	release := p.Hold("workplaces")
	young := watch(t, p, "workplaces")
	for n := range 100 {
		say("workplaces", n)
	}
	say("pods", 7)
	other.says(t, 7)
	cluster.Eventually(t, within, "two watches held back", func(context.Context) error {
		if n := p.Holding("workplaces"); n != 2 {
			return fmt.Errorf("%d are", n)
		}
		return nil
	})
	if answer := get(t, p, "/apis/werkplek.dev/v1alpha1/workplaces"); answer != "a list\n" {
		t.Errorf("a list answered %q", answer)
	}
	old.silent(t)
	young.silent(t)

	release()
	for n := range 100 {
		old.says(t, n)
		young.says(t, n)
	}
	say("workplaces", 101)
	old.says(t, 101)
	if n := p.Holding("workplaces"); n != 0 {
		t.Errorf("%d watches are held back after the release", n)
	}
}

// TestHoldEndsWithTheWatcher lets a watcher that is held back go away.
func TestHoldEndsWithTheWatcher(t *testing.T) {
	t.Parallel()
	p, say := front(t)
	w := watch(t, p, "workplaces")
	defer p.Hold("workplaces")()
	say("workplaces", 1)
	cluster.Eventually(t, within, "the watch held back", func(context.Context) error {
		if n := p.Holding("workplaces"); n != 1 {
			return fmt.Errorf("%d are", n)
		}
		return nil
	})
	w.stop()
	cluster.Eventually(t, within, "the watch gone", func(context.Context) error {
		if n := p.Holding("workplaces"); n != 0 {
			return fmt.Errorf("%d are held back", n)
		}
		return nil
	})
}

// front starts a proxy before a server of watches. What say says about a resource
// goes to all that watch it.
func front(t *testing.T) (p *Proxy, say func(resource string, n int)) {
	t.Helper()
	watchers := map[string][]chan int{}
	var mu sync.Mutex // guards watchers
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		resource, ok := watched(r.URL)
		if !ok {
			fmt.Fprintln(w, "a list")
			return
		}
		said := make(chan int, 1000)
		mu.Lock()
		watchers[resource] = append(watchers[resource], said)
		mu.Unlock()
		_ = http.NewResponseController(w).Flush()
		for {
			select {
			case n := <-said:
				fmt.Fprintln(w, n)
				_ = http.NewResponseController(w).Flush()
			case <-r.Context().Done():
				return
			}
		}
	}))
	t.Cleanup(server.Close)
	p, err := Start(&rest.Config{Host: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Stop)
	return p, func(resource string, n int) {
		mu.Lock()
		defer mu.Unlock()
		for _, said := range watchers[resource] {
			said <- n
		}
	}
}

// watcher reads what a watch says, line by line.
type watcher struct {
	lines chan string
	stop  func()
}

func watch(t *testing.T, p *Proxy, resource string) watcher {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	t.Cleanup(stop)
	answer := ask(t, ctx, p, "/apis/werkplek.dev/v1alpha1/"+resource+"?watch=true")
	w := watcher{make(chan string, 1000), stop}
	go func() {
		defer answer.Body.Close()
		for scanner := bufio.NewScanner(answer.Body); scanner.Scan(); {
			w.lines <- scanner.Text()
		}
	}()
	return w
}

func (w watcher) says(t *testing.T, n int) {
	t.Helper()
	select {
	case got := <-w.lines:
		if want := fmt.Sprint(n); got != want {
			t.Fatalf("the watch says %q, want %q", got, want)
		}
	case <-time.After(within):
		t.Fatalf("the watch says nothing, want %d", n)
	}
}

func (w watcher) silent(t *testing.T) {
	t.Helper()
	select {
	case got := <-w.lines:
		t.Errorf("a watch that is held back says %q", got)
	default:
	}
}

func ask(t *testing.T, ctx context.Context, p *Proxy, path string) *http.Response {
	t.Helper()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.URL+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

func get(t *testing.T, p *Proxy, path string) string {
	t.Helper()
	answer := ask(t, t.Context(), p, path)
	defer answer.Body.Close()
	line, err := bufio.NewReader(answer.Body).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return line
}
