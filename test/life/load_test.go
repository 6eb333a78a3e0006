// SPDX-License-Identifier: Apache-2.0

package life

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/test/cluster"
	"werkplek.dev/werkplek/test/world"
)

// patient is how long load waits for a desktop: managers come and go meanwhile.
const patient = 2 * time.Minute

// load is people who work while an installation changes: workplaces that come and
// go, and a billing system that reports.
type load struct {
	world.World
	ahead    time.Duration // the clock of the operator, before that of the test
	desktops atomic.Int64
	reports  atomic.Int64
}

// workplace is the tenant whose workplaces come and go, billed that on which is reported.
const (
	workplaces = "w"
	billed     = "b"
)

// during works until act has returned. What fails of it fails the test.
func (l *load) during(t *testing.T, act func()) {
	t.Helper()
	var workers sync.WaitGroup
	done := make(chan struct{})
	for _, work := range []func(context.Context) error{l.visit, l.report} {
		workers.Go(func() {
			for {
				if err := work(t.Context()); err != nil {
					t.Errorf("work while the installation changes: %v", err)
					return
				}
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	act()
	close(done)
	workers.Wait()
}

// visit makes a workplace, waits for its desktop, and removes it again.
func (l *load) visit(ctx context.Context) error {
	name := fmt.Sprintf("v%d", l.desktops.Add(1))
	if err := l.Workplace(ctx, workplaces, name, name+"@example.com"); err != nil {
		return err
	}
	if err := await(ctx, l.WorkplaceCondition(workplaces, name, v1alpha1.ConditionReady, v1alpha1.ReasonReady)); err != nil {
		return err
	}
	gone := &v1alpha1.Workplace{ObjectMeta: metav1.ObjectMeta{Namespace: l.Namespace(workplaces), Name: name}}
	if err := l.Delete(ctx, gone); err != nil {
		return err
	}
	return await(ctx, func(ctx context.Context) error {
		err := l.Get(ctx, client.ObjectKeyFromObject(gone), gone)
		if apierrors.IsNotFound(err) {
			return nil
		}
		return errors.Join(err, fmt.Errorf("workplace %s is still there", name))
	})
}

// report says of a tenant, as a billing system does, that an invoice is open and not due yet.
func (l *load) report(ctx context.Context) error {
	number := l.reports.Add(1)
	now := time.Now().Add(l.ahead)
	invoice := world.Invoice{Number: fmt.Sprint(number), IssuedOn: now.Format(time.DateOnly), Outstanding: "1.00"}
	err := l.Report(ctx, billed, now, invoice)
	return errors.Join(err, await(ctx, func(context.Context) error {
		if time.Since(now.Add(-l.ahead)) < time.Second { // asOf has whole seconds
			return errors.New("too early to report again")
		}
		return nil
	}))
}

// await waits until something is true.
func await(ctx context.Context, check func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, patient)
	defer cancel()
	ticks := time.NewTicker(100 * time.Millisecond)
	defer ticks.Stop()
	for {
		err := check(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("not within %v: %w", patient, err)
		case <-ticks.C:
		}
	}
}

// begin makes the tenants of the load.
func (l *load) begin(t *testing.T) {
	t.Helper()
	ctx := t.Context()
	must(t, l.Terms(ctx), l.License(ctx, "office"), l.Class(ctx, l.Needs("office")))
	for _, tenant := range []string{workplaces, billed} {
		must(t, l.Tenant(ctx, tenant))
		cluster.Eventually(t, patient, "the namespace", l.HasNamespace(tenant))
	}
}
