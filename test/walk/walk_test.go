// SPDX-License-Identifier: Apache-2.0

package walk

import (
	"context"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/go-logr/logr"
	ctrl "sigs.k8s.io/controller-runtime"

	"werkplek.dev/werkplek/test/cluster"
	"werkplek.dev/werkplek/test/docs/page"
)

func TestMain(m *testing.M) {
	ctrl.SetLogger(logr.Discard())
	cluster.Config = nil // the pages install what they need
	cluster.Main(m)
}

// nextMonth moves the operator's clock, as the guides tell.
const nextMonth = "make up CLOCK_OFFSET=744h"

// TestPages follows README, and then every other page from where README ends: those
// that say so on an empty cluster of their own, or, last, once the month is over.
func TestPages(t *testing.T) {
	pages, err := page.All(cluster.Root())
	if err != nil {
		t.Fatal(err)
	}
	sources := t.TempDir()
	if err := clone(cluster.Root(), sources); err != nil {
		t.Fatal(err)
	}
	reader := newcomer(t, sources, cluster.Shared().Kubeconfig)
	follow(t, reader, pages[0])
	slices.SortStableFunc(pages, func(a, b page.Page) int { return last(a) - last(b) })
	over := sync.OnceValues(func() (string, error) { return reader.run(nextMonth) })
	for _, p := range pages[1:] {
		if len(p.Steps()) == 0 {
			continue
		}
		t.Run(p.Name, func(t *testing.T) {
			if p.MonthOver {
				if out, err := over(); err != nil {
					t.Fatalf("%s: %v\n%s", nextMonth, err, out)
				}
			}
			if !p.Fresh {
				follow(t, reader, p)
				return
			}
			own, err := cluster.Start(context.Background(), cluster.Options{})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := own.Stop(); err != nil {
					t.Error(err)
				}
			})
			follow(t, newcomer(t, sources, own.Kubeconfig), p)
		})
	}
	for _, line := range page.Untested(pages) {
		t.Log("not run: " + line)
	}
}

// last is 1 for a page that comes after those for which it is 0.
func last(p page.Page) int {
	if p.MonthOver {
		return 1
	}
	return 0
}

// newcomer returns a reader whose operator ends with the test.
func newcomer(t *testing.T, sources, kubeconfig string) *reader {
	t.Helper()
	r, err := newReader(sources, t.TempDir(), kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if out, err := r.run("make -s down"); err != nil {
			t.Errorf("stop the operator: %v\n%s", err, out)
		}
	})
	return r
}

func follow(t *testing.T, r *reader, p page.Page) {
	t.Helper()
	if filepath.Base(p.Name) == "README.md" && len(p.Steps()) == 0 {
		t.Fatalf("%s has no commands", p.Name)
	}
	started := time.Now()
	if err := r.follow(p); err != nil {
		t.Fatal(err)
	}
	t.Logf("%s: %.1f s", p.Name, time.Since(started).Seconds())
}
