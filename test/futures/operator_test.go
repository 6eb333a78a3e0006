// SPDX-License-Identifier: Apache-2.0

package futures

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-logr/logr/funcr"
	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v8/apis/volumesnapshot/v1"
	"k8s.io/client-go/rest"
	clocktesting "k8s.io/utils/clock/testing"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
	"sigs.k8s.io/controller-runtime/pkg/metrics"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers"
	"werkplek.dev/werkplek/test/cluster"
)

// rest is how long nothing must move until the operator is taken to be at rest.
const atRest = 200 * time.Millisecond

// operator is the reconcilers in this process, with the rights of the operator's
// role, on a clock that stands still until it is set. Mail is the test's own.
type operator struct {
	clock  *clocktesting.FakePassiveClock
	cache  client.Reader
	writes atomic.Int64

	mu    sync.Mutex
	did   map[string][]string // by namespace
	trail []string            // what it logged
}

func startOperator(t *testing.T, at time.Time) *operator {
	t.Helper()
	o := &operator{clock: clocktesting.NewFakePassiveClock(at), did: map[string][]string{}}
	scheme := cluster.Scheme()
	must(t, snapshotv1.AddToScheme(scheme))
	mgr, err := ctrl.NewManager(cluster.Shared().ConfigAs(cluster.Manager), ctrl.Options{
		Scheme: scheme, Cache: controllers.Cache(), Metrics: metricsserver.Options{BindAddress: "0"},
		NewClient: o.client, Logger: funcr.New(o.log, funcr.Options{}),
	})
	must(t, err)
	must(t, controllers.Register(t.Context(), mgr, controllers.Options{
		Clock: o.clock, Only: []string{"tenant", "suspension", "serviceterms", "workplaceclass", "workplace"},
	}))
	o.cache = mgr.GetClient()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- mgr.Start(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the operator: %v", err)
		}
	})
	return o
}

// client returns a client that notes what is done through it.
func (o *operator) client(config *rest.Config, options client.Options) (client.Client, error) {
	c, err := client.NewWithWatch(config, options)
	if err != nil {
		return nil, err
	}
	return interceptor.NewClient(c, interceptor.Funcs{
		Create: func(ctx context.Context, c client.WithWatch, object client.Object, options ...client.CreateOption) error {
			o.writes.Add(1)
			err := c.Create(ctx, object, options...)
			if err == nil {
				o.note(object)
			}
			return err
		},
		Delete: func(ctx context.Context, c client.WithWatch, object client.Object, options ...client.DeleteOption) error {
			o.writes.Add(1)
			return c.Delete(ctx, object, options...)
		},
		Update: func(ctx context.Context, c client.WithWatch, object client.Object, options ...client.UpdateOption) error {
			o.writes.Add(1)
			return c.Update(ctx, object, options...)
		},
		Patch: func(
			ctx context.Context, c client.WithWatch, object client.Object, patch client.Patch, options ...client.PatchOption,
		) error {
			o.writes.Add(1)
			return c.Patch(ctx, object, patch, options...)
		},
		SubResourcePatch: func(
			ctx context.Context, c client.Client, sub string, object client.Object, patch client.Patch,
			options ...client.SubResourcePatchOption,
		) error {
			o.writes.Add(1)
			err := c.SubResource(sub).Patch(ctx, object, patch, options...)
			if suspension, is := object.(*v1alpha1.Suspension); is && err == nil && suspension.Status.LiftedAt != nil {
				o.say(suspension.Namespace, "Lift "+suspension.Name)
			}
			return err
		},
	}), nil
}

// note writes down what was made of what a forecast foretells.
func (o *operator) note(object client.Object) {
	switch made := object.(type) {
	case *v1alpha1.Suspension:
		o.say(made.Namespace, "Suspend "+made.Name)
	case *v1alpha1.Notice:
		o.say(made.Namespace, "Notice "+made.Name)
	case *v1alpha1.Charge:
		o.say(made.Namespace, charged(made.Name, &made.Spec))
	}
}

// charged says in a line what a charge is.
func charged(name string, spec *v1alpha1.ChargeSpec) string {
	return fmt.Sprintf("Charge %s: %s x %s = %s", name, spec.Quantity, spec.UnitPrice, spec.Amount)
}

// say notes what was done at this moment, once.
func (o *operator) say(namespace, what string) {
	line := written(o.clock.Now()) + " " + what
	o.mu.Lock()
	defer o.mu.Unlock()
	if !slices.Contains(o.did[namespace], line) {
		o.did[namespace] = append(o.did[namespace], line)
	}
}

func written(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05Z") }

// log keeps what the operator logs, for whom a test fails.
func (o *operator) log(prefix, arguments string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if strings.Contains(arguments, `"logger"="controller-runtime`) || strings.Contains(arguments, "Starting ") {
		return
	}
	o.trail = append(o.trail, prefix+" "+arguments)
}

// lastWords returns the end of the log.
func (o *operator) lastWords() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return strings.Join(o.trail[max(0, len(o.trail)-40):], "\n")
}

// idle waits until the operator has seen a report, and nothing of it has moved for a while.
func (o *operator) idle(ctx context.Context, seen func(context.Context) error) error {
	ticks := time.NewTicker(20 * time.Millisecond)
	defer ticks.Stop()
	writes, since := o.writes.Load(), time.Now()
	for {
		busy, err := o.busy()
		if err != nil {
			return err
		}
		if now := o.writes.Load(); busy || now != writes || seen(ctx) != nil {
			writes, since = now, time.Now()
		}
		if time.Since(since) >= atRest {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("the operator does not come to rest, busy: %t", busy), seen(ctx))
		case <-ticks.C:
		}
	}
}

// busy reports whether anything is reconciled, or waits for it.
func (o *operator) busy() (bool, error) {
	families, err := metrics.Registry.Gather()
	if err != nil {
		return false, err
	}
	for _, family := range families {
		if name := family.GetName(); name != "controller_runtime_active_workers" && name != "workqueue_depth" {
			continue
		}
		for _, m := range family.GetMetric() {
			if m.GetGauge().GetValue() > 0 {
				return true, nil
			}
		}
	}
	return false, nil
}

// done returns what was done in a namespace, in order.
func (o *operator) done(namespace string) []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Sorted(slices.Values(o.did[namespace]))
}
