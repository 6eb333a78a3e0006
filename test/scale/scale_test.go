// SPDX-License-Identifier: Apache-2.0

// Package scale measures what the operator costs, beside a bare parallel client
// that makes and deletes the same pods and claims on the same control plane.
// Run it with make bench; it asserts no times.
package scale

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/desktop"
	"werkplek.dev/werkplek/test/cluster"
	"werkplek.dev/werkplek/test/operator"
	"werkplek.dev/werkplek/test/proxy"
	"werkplek.dev/werkplek/test/world"
)

// workers is how many requests the bare client has in flight; the operator's
// workplace controller has as many.
const workers = 16

const deadline = 10 * time.Minute

func TestMain(m *testing.M) {
	if os.Getenv(desktopEnv) != "" {
		serveDesktop()
	}
	operator.Main(m)
}

// run starts the operator behind a counting proxy, or directly.
func run(b *testing.B, counted bool) *proxy.Proxy {
	b.Helper()
	p, err := proxy.Start(cluster.Shared().ConfigAs(cluster.Manager))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(p.Stop)
	kubeconfig, err := p.Kubeconfig(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	if !counted {
		if kubeconfig, err = operator.Kubeconfig(cluster.Shared(), b.TempDir()); err != nil {
			b.Fatal(err)
		}
	}
	o, err := operator.Start(kubeconfig)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(o.Stop)
	return p
}

// provide makes a world with one tenant that has its namespace.
func provide(b *testing.B, name string) world.World {
	b.Helper()
	w := world.World{Client: cluster.Shared().Client, Name: name}
	for _, err := range []error{w.Terms(b.Context()), w.Class(b.Context()), w.Tenant(b.Context(), "t")} {
		if err != nil {
			b.Fatal(err)
		}
	}
	cluster.Eventually(b, deadline, "the namespace", w.HasNamespace("t"))
	if err := w.Report(b.Context(), "t", time.Now()); err != nil {
		b.Fatal(err)
	}
	return w
}

// BenchmarkWritesPerWorkplace counts the operator's mutating requests from
// create to Ready, no-op updates included, leases and events apart.
func BenchmarkWritesPerWorkplace(b *testing.B) {
	const count = 200
	p := run(b, true)
	for n := range b.N {
		w := provide(b, fmt.Sprintf("writes%d", n))
		p.Intercept(nil)
		parallel(b, count, func(i int) error {
			return w.Workplace(b.Context(), "t", fmt.Sprintf("p%d", i), fmt.Sprintf("p%d@example.com", i))
		})
		cluster.Eventually(b, deadline, "all desktops", w.AllReady("t", count))
		sites := map[string]int{}
		total := 0
		for _, request := range p.Requests() {
			if request.Write() {
				sites[request.Site()]++
				total++
			}
		}
		b.Logf("%d workplaces: %v", count, sites)
		b.ReportMetric(float64(total)/count, "writes/workplace")
	}
}

// BenchmarkSuspendAndResume suspends and resumes a tenant with 1,000 workplaces,
// and relates the times to those of a bare client.
func BenchmarkSuspendAndResume(b *testing.B) {
	const count = 1000
	for n := range b.N {
		create, remove, again := floor(b, fmt.Sprintf("floor%d", n), count)
		run(b, false)
		w := provide(b, fmt.Sprintf("storm%d", n))
		start := time.Now()
		parallel(b, count, func(i int) error {
			return w.Workplace(b.Context(), "t", fmt.Sprintf("p%d", i), fmt.Sprintf("p%d@example.com", i))
		})
		cluster.Eventually(b, deadline, "all desktops", podsReady(w.Client, w.Namespace("t"), count))
		created := time.Since(start)
		cluster.Eventually(b, deadline, "all workplaces", w.AllReady("t", count))

		asOf := time.Now()
		start = time.Now()
		overdue := asOf.AddDate(0, -2, -20).Format(time.DateOnly)
		if err := w.Report(b.Context(), "t", asOf.Add(time.Second), world.Invoice{Number: "1", IssuedOn: overdue, Outstanding: "1.00"}); err != nil {
			b.Fatal(err)
		}
		cluster.Eventually(b, deadline, "the last pod gone", podsReady(w.Client, w.Namespace("t"), 0))
		suspended := time.Since(start)
		cluster.Eventually(b, deadline, "all suspended", w.NoneReady("t", count))

		start = time.Now()
		if err := w.Report(b.Context(), "t", asOf.Add(2*time.Second)); err != nil {
			b.Fatal(err)
		}
		cluster.Eventually(b, deadline, "all back", podsReady(w.Client, w.Namespace("t"), count))
		resumed := time.Since(start)

		b.Logf("bare client: create %.1f s, delete %.1f s, create again %.1f s", create.Seconds(), remove.Seconds(), again.Seconds())
		b.Logf("operator:    create %.1f s, suspend %.1f s, resume %.1f s", created.Seconds(), suspended.Seconds(), resumed.Seconds())
		b.ReportMetric(created.Seconds()/create.Seconds(), "create/floor")
		b.ReportMetric(suspended.Seconds()/remove.Seconds(), "suspend/floor")
		b.ReportMetric(resumed.Seconds()/again.Seconds(), "resume/floor")
	}
}

// floor makes the same claims and pods with a bare client, deletes the pods and
// makes them again.
func floor(b *testing.B, name string, count int) (create, remove, again time.Duration) {
	b.Helper()
	ctx, c := b.Context(), cluster.Shared().Client
	w := world.World{Client: c, Name: name}
	if err := w.Class(ctx); err != nil {
		b.Fatal(err)
	}
	class := &v1alpha1.WorkplaceClass{}
	if err := c.Get(ctx, client.ObjectKey{Name: name}, class); err != nil {
		b.Fatal(err)
	}
	if err := c.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}); err != nil {
		b.Fatal(err)
	}
	place := func(i int) desktop.Place {
		workplace := &v1alpha1.Workplace{ObjectMeta: metav1.ObjectMeta{Namespace: name, Name: fmt.Sprintf("p%d", i)}}
		return desktop.Place{Tenant: name, Workplace: workplace, Class: class}
	}
	cluster.Eventually(b, deadline, "the default service account", func(ctx context.Context) error {
		return c.Get(ctx, client.ObjectKey{Namespace: name, Name: "default"}, &corev1.ServiceAccount{})
	})

	start := time.Now()
	parallel(b, count, func(i int) error {
		if err := c.Create(ctx, desktop.Claim(place(i))); err != nil {
			return err
		}
		return c.Create(ctx, desktop.Pod(place(i)))
	})
	cluster.Eventually(b, deadline, "the floor's pods", podsReady(c, name, count))
	create = time.Since(start)

	start = time.Now()
	parallel(b, count, func(i int) error {
		return c.Delete(ctx, &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: name, Name: fmt.Sprintf("p%d", i)}}, client.GracePeriodSeconds(30))
	})
	cluster.Eventually(b, deadline, "the floor's pods gone", podsReady(c, name, 0))
	remove = time.Since(start)

	start = time.Now()
	parallel(b, count, func(i int) error { return c.Create(ctx, desktop.Pod(place(i))) })
	cluster.Eventually(b, deadline, "the floor's pods again", podsReady(c, name, count))
	again = time.Since(start)

	// The floor must not weigh on what is measured next.
	if err := c.DeleteAllOf(ctx, &corev1.Pod{}, client.InNamespace(name), &client.DeleteAllOfOptions{DeleteOptions: client.DeleteOptions{GracePeriodSeconds: ptr.To(int64(0))}}); err != nil {
		b.Fatal(err)
	}
	cluster.Eventually(b, deadline, "the floor cleared", podsReady(c, name, 0))
	return create, remove, again
}

// podsReady says how far the pods of a namespace are from all being there and Ready.
func podsReady(c client.Client, namespace string, count int) func(context.Context) error {
	return func(ctx context.Context) error {
		var pods corev1.PodList
		if err := c.List(ctx, &pods, client.InNamespace(namespace)); err != nil {
			return err
		}
		ready := 0
		for i := range pods.Items {
			if podReady(&pods.Items[i]) {
				ready++
			}
		}
		if len(pods.Items) != count || ready != count {
			return fmt.Errorf("%d pods, %d Ready, want %d", len(pods.Items), ready, count)
		}
		return nil
	}
}

func podReady(pod *corev1.Pod) bool {
	for _, c := range pod.Status.Conditions {
		if c.Type == corev1.PodReady {
			return c.Status == corev1.ConditionTrue
		}
	}
	return false
}

// parallel runs a function for 0 to count-1, as many at a time as there are workers.
func parallel(b *testing.B, count int, work func(i int) error) {
	b.Helper()
	next := make(chan int)
	var group sync.WaitGroup
	var mu sync.Mutex
	var first error
	for range workers {
		group.Go(func() {
			for i := range next {
				if err := work(i); err != nil {
					mu.Lock()
					if first == nil {
						first = err
					}
					mu.Unlock()
				}
			}
		})
	}
	for i := range count {
		next <- i
	}
	close(next)
	group.Wait()
	if first != nil {
		b.Fatal(first)
	}
}
