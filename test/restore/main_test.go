// SPDX-License-Identifier: Apache-2.0

// Package restore brings a lived-in cluster back from its backups, and watches
// that the operator does nothing of what it has done a second time.
package restore

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	eventsv1 "k8s.io/api/events/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/internal/installation"
	"werkplek.dev/werkplek/test/cluster"
	"werkplek.dev/werkplek/test/operator"
)

const (
	soon = 30 * time.Second
	own  = "werkplek-system"
)

func TestMain(m *testing.M) { operator.Main(m) }

// start runs the operator on a cluster, with the rights of its role.
func start(t *testing.T, c *cluster.Cluster, arguments ...string) *operator.Operator {
	t.Helper()
	kubeconfig, err := operator.Kubeconfig(c, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	o, err := operator.Start(kubeconfig, arguments...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		o.Stop()
		if t.Failed() {
			t.Logf("the end of the operator's log:\n%s", o.Log())
		}
	})
	return o
}

func store(c *cluster.Cluster) installation.Store {
	return installation.Store{Live: c.Client, Client: c.Client, Namespace: own}
}

// held waits until an operator has said that it is held since a moment, and
// returns why.
func held(t *testing.T, c *cluster.Cluster, since time.Time) string {
	t.Helper()
	var why string
	cluster.Eventually(t, soon, "the operator says that it is held", func(ctx context.Context) error {
		record, err := store(c).Read(ctx)
		if err != nil || record == nil || record.Hold == "" {
			return errors.Join(err, fmt.Errorf("the record is %+v", record))
		}
		why = record.Hold
		var list eventsv1.EventList
		if err := c.Client.List(ctx, &list, client.InNamespace(own)); err != nil {
			return err
		}
		for _, event := range list.Items {
			if event.Reason == "Held" && event.Regarding.Name == installation.Name && !event.EventTime.Time.Before(since) {
				return nil
			}
		}
		return fmt.Errorf("there is no event since then among %d", len(list.Items))
	})
	return why
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
