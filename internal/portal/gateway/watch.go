// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	toolscache "k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/desktop"
	"werkplek.dev/werkplek/internal/portal/access"
	"werkplek.dev/werkplek/internal/portal/audit"
	"werkplek.dev/werkplek/internal/portal/signin"
	"werkplek.dev/werkplek/internal/portal/spent"
)

const (
	// tick is how often to look for what ended by time alone.
	tick = time.Second
	// sweep is how often to judge every connection without any news, such as
	// those that a suspension concerns which begins later.
	sweep = 15 * time.Second
	// tidy is how often to forget codes and sessions that are worthless by now.
	tidy = 10 * time.Minute
)

var errClosing = errors.New("this replica is stopping")

// Watch follows what changes access, and cuts what it ends, until ctx does.
func (g *Gateway) Watch(ctx context.Context, informers cache.Informers) error {
	for _, watch := range []struct {
		kind    client.Object
		concern func(client.Object) []*connection
	}{
		{&v1alpha1.Workplace{}, func(o client.Object) []*connection { return g.connections.of(client.ObjectKeyFromObject(o)) }},
		{&corev1.Pod{}, g.ofPod},
		{&v1alpha1.SupportSession{}, func(o client.Object) []*connection {
			return g.connections.of(types.NamespacedName{Namespace: o.GetNamespace(), Name: string(o.(*v1alpha1.SupportSession).Spec.WorkplaceRef.Name)})
		}},
		{&v1alpha1.Suspension{}, func(o client.Object) []*connection {
			return g.below(ctx, strings.TrimPrefix(o.GetNamespace(), v1alpha1.NamespacePrefix))
		}},
		{&v1alpha1.Tenant{}, func(o client.Object) []*connection { return g.below(ctx, o.GetName()) }},
		{&coordinationv1.Lease{}, g.ofSession},
	} {
		informer, err := informers.GetInformer(ctx, watch.kind)
		if err != nil {
			return fmt.Errorf("watch %T: %w", watch.kind, err)
		}
		look := func(object any) {
			if gone, ok := object.(toolscache.DeletedFinalStateUnknown); ok {
				object = gone.Obj
			}
			if o, ok := object.(client.Object); ok {
				for _, conn := range watch.concern(o) {
					conn.look()
				}
			}
		}
		if _, err := informer.AddEventHandler(toolscache.ResourceEventHandlerFuncs{
			AddFunc:    look,
			UpdateFunc: func(_, object any) { look(object) },
			DeleteFunc: look,
		}); err != nil {
			return fmt.Errorf("watch %T: %w", watch.kind, err)
		}
	}
	return nil
}

// Run judges what ends by time alone and reports activity, until ctx ends.
func (g *Gateway) Run(ctx context.Context) {
	ticks, tidying := time.NewTicker(tick), time.NewTicker(tidy)
	defer ticks.Stop()
	defer tidying.Stop()
	var swept time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
			now := g.Clock.Now()
			everybody := now.Sub(swept) >= sweep
			if everybody {
				swept = now
			}
			for _, conn := range g.connections.all() {
				if everybody || conn.ended(now) {
					conn.look()
				}
			}
			g.activity.report(ctx)
		case <-tidying.C:
			if err := g.Spent.Forget(ctx); err != nil {
				g.Log.Error(err, "cannot forget old codes; trying again")
			}
		}
	}
}

// Close ends all connections.
func (g *Gateway) Close() {
	for _, conn := range g.connections.all() {
		conn.cut(errClosing)
	}
}

// ofSession returns the connections of the session that a Lease says is signed out.
func (g *Gateway) ofSession(lease client.Object) []*connection {
	var found []*connection
	for _, conn := range g.connections.all() {
		if spent.Marks(lease, signin.SpentSession, conn.pass.Session) {
			found = append(found, conn)
		}
	}
	return found
}

// ofPod returns the connections that reach a pod.
func (g *Gateway) ofPod(pod client.Object) []*connection {
	workplace := types.NamespacedName{Namespace: pod.GetNamespace(), Name: pod.GetName()}
	if desktop.PodName(workplace.Name) != pod.GetName() {
		return nil
	}
	return g.connections.of(workplace)
}

// below returns the connections of a tenant and of all whose reseller it is.
func (g *Gateway) below(ctx context.Context, tenant string) []*connection {
	var found []*connection
	for _, namespace := range g.connections.namespaces() {
		name := strings.TrimPrefix(namespace, v1alpha1.NamespacePrefix)
		line, err := g.Judge.Line(ctx, name)
		if err != nil || name == tenant || line.Has(tenant) {
			found = append(found, g.connections.in(namespace)...)
		}
	}
	return found
}

// look judges a live connection again and cuts it when its access has ended, or
// when the pod that it reaches is no longer the workplace's.
func (g *Gateway) look(conn *connection) {
	ctx := context.Background() // reads the cache only
	verdict, err := g.rejudge(ctx, conn.pass)
	if err != nil {
		g.Log.Error(err, "cannot judge a connection again; it is cut", "workplace", conn.key)
		verdict.Reason = "Fault"
	}
	if verdict.OK() && g.reaches(ctx, conn) {
		conn.until.Store(verdict.Until.UnixNano())
		return
	}
	if verdict.OK() {
		verdict = access.Refuse("DesktopGone", "")
	}
	g.connections.remove(conn)
	conn.cut(refusal{verdict})
	cuts.WithLabelValues(verdict.Reason).Inc()
	g.Audit.Write(audit.Line{
		Event: audit.Cut, Reason: verdict.Reason, Who: conn.pass.Username, Support: conn.pass.Support, From: conn.from,
		Tenant: strings.TrimPrefix(conn.key.Namespace, v1alpha1.NamespacePrefix), Workplace: conn.key.Name,
	})
}

// reaches reports whether the pod behind a connection is still the one to reach.
// An address that another pod may have been given must not be used.
func (g *Gateway) reaches(ctx context.Context, conn *connection) bool {
	if conn.pod == "" {
		return true
	}
	pod := &corev1.Pod{}
	key := types.NamespacedName{Namespace: conn.key.Namespace, Name: desktop.PodName(conn.key.Name)}
	if err := g.Judge.Cache.Get(ctx, key, pod, client.UnsafeDisableDeepCopy); err != nil {
		return false
	}
	return pod.UID == conn.pod && pod.DeletionTimestamp == nil
}
