// SPDX-License-Identifier: Apache-2.0

package installation_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
	"sigs.k8s.io/controller-runtime/pkg/manager"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/installation"
)

var errAway = errors.New("the API server is away")

const own = "werkplek-system"

// place is a cluster of one process. Its API server gives UIDs, as real ones do.
type place struct {
	client.Client
	away  atomic.Bool
	homes atomic.Bool // whether the operator's namespace exists
}

func newPlace(t *testing.T, objects ...client.Object) *place {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := errors.Join(corev1.AddToScheme(scheme), v1alpha1.AddToScheme(scheme)); err != nil {
		t.Fatal(err)
	}
	p := &place{}
	p.homes.Store(true)
	system := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "kube-system", UID: "cluster-a"}}
	bare := fake.NewClientBuilder().WithScheme(scheme).WithObjects(append(objects, system)...).Build()
	p.Client = interceptor.NewClient(bare, interceptor.Funcs{
		Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, o client.Object, opts ...client.GetOption) error {
			if p.away.Load() {
				return errAway
			}
			return c.Get(ctx, key, o, opts...)
		},
		Create: func(ctx context.Context, c client.WithWatch, o client.Object, opts ...client.CreateOption) error {
			if !p.homes.Load() {
				return apierrors.NewNotFound(corev1.Resource("namespaces"), o.GetNamespace())
			}
			o.SetUID(types.UID("uid-of-" + o.GetName()))
			return c.Create(ctx, o, opts...)
		},
	})
	return p
}

// acting is something that acts once it is started.
type acting struct{ started atomic.Bool }

func (a *acting) Start(ctx context.Context) error {
	a.started.Store(true)
	<-ctx.Done()
	return nil
}

// added keeps what is added to a manager.
type added struct {
	manager.Manager
	runnables []manager.Runnable
}

func (a *added) Add(r manager.Runnable) error { a.runnables = append(a.runnables, r); return nil }

// run starts a gate and what waits for it, and returns that and what became of the gate.
func run(t *testing.T, gate *installation.Gate) (*acting, <-chan error) {
	t.Helper()
	worker, mgr := &acting{}, &added{}
	if err := gate.Behind(mgr).Add(worker); err != nil {
		t.Fatal(err)
	}
	waiting := mgr.runnables[0]
	if leader, ok := waiting.(manager.LeaderElectionRunnable); !ok || !leader.NeedLeaderElection() {
		t.Error("only the leader may act")
	}
	ended := make(chan error, 1)
	go func() { _ = waiting.Start(t.Context()) }()
	go func() { ended <- gate.Start(t.Context()) }()
	return worker, ended
}

func (p *place) gate(asked string) *installation.Gate {
	return &installation.Gate{Store: installation.Store{Live: p, Client: p, Namespace: own}, Asked: asked}
}

func (p *place) record(t *testing.T) map[string]string {
	t.Helper()
	object := &corev1.ConfigMap{}
	if err := p.Get(t.Context(), client.ObjectKey{Namespace: own, Name: installation.Name}, object); err != nil {
		t.Fatal(err)
	}
	return object.Data
}

// TestFresh: a fresh installation acts at once, and records where it is.
func TestFresh(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPlace(t)
		gate := p.gate("")
		worker, _ := run(t, gate)
		synctest.Wait()
		if !worker.started.Load() || gate.Held() {
			t.Errorf("started %t, held %t", worker.started.Load(), gate.Held())
		}
		if is := p.record(t); is["cluster"] != "cluster-a" || is["uid"] != "uid-of-werkplek-installation" || is["hold"] != "" {
			t.Errorf("recorded %v", is)
		}
	})
}

// TestHeldUntilLetGo: nothing starts while the operator is held, it starts when a
// person lets it, and the same word does not hold it again.
func TestHeldUntilLetGo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPlace(t)
		gate := p.gate("restore-1")
		worker, _ := run(t, gate)
		<-time.After(time.Hour) // of the bubble
		synctest.Wait()
		if worker.started.Load() || !gate.Held() {
			t.Fatalf("started %t, held %t", worker.started.Load(), gate.Held())
		}
		if is := p.record(t); !strings.Contains(is["hold"], "--hold=restore-1") {
			t.Errorf("recorded %v", is)
		}
		if err := gate.Set(t.Context(), ""); err != nil {
			t.Fatal(err)
		}
		<-time.After(5 * time.Second)
		synctest.Wait()
		if !worker.started.Load() || gate.Held() {
			t.Errorf("let go: started %t, held %t", worker.started.Load(), gate.Held())
		}
		next := p.gate("restore-1")
		if worker, _ = run(t, next); true {
			synctest.Wait()
		}
		if !worker.started.Load() {
			t.Errorf("the same --hold holds again: %v", p.record(t))
		}
	})
}

// TestHeldLater: an operator that is held while it acts ends, and so does one under
// which its objects are restored.
func TestHeldLater(t *testing.T) {
	t.Parallel()
	for what, change := range map[string]func(context.Context, *place, *installation.Gate) error{
		"by a person": func(ctx context.Context, _ *place, gate *installation.Gate) error { return gate.Set(ctx, "I say so") },
		"by a restore": func(ctx context.Context, p *place, _ *installation.Gate) error {
			object := &corev1.ConfigMap{}
			if err := p.Get(ctx, client.ObjectKey{Namespace: own, Name: installation.Name}, object); err != nil {
				return err
			}
			object.Data["uid"] = "uid-before"
			return p.Update(ctx, object)
		},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := newPlace(t)
				gate := p.gate("")
				worker, ended := run(t, gate)
				synctest.Wait()
				if err := change(t.Context(), p, gate); err != nil || !worker.started.Load() {
					t.Fatal(err, worker.started.Load())
				}
				if err := <-ended; err == nil || !strings.Contains(err.Error(), "held") {
					t.Errorf("ended with %v", err)
				}
			})
		})
	}
}

// TestUnknownIsHeld: while nobody can tell whether the operator is held, nothing
// starts; what acts already goes on.
func TestUnknownIsHeld(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPlace(t)
		p.away.Store(true)
		gate := p.gate("")
		worker, ended := run(t, gate)
		<-time.After(time.Minute)
		synctest.Wait()
		if worker.started.Load() || !gate.Held() {
			t.Fatalf("started %t, held %t", worker.started.Load(), gate.Held())
		}
		p.away.Store(false)
		<-time.After(5 * time.Second)
		synctest.Wait()
		if !worker.started.Load() {
			t.Fatal("it does not start though the API server is back")
		}
		p.away.Store(true)
		<-time.After(time.Minute)
		synctest.Wait()
		select {
		case err := <-ended:
			t.Errorf("it ended with %v", err)
		default:
		}
	})
}

// TestElsewhere: without a record, a namespace of another Tenant of the same name
// says that the objects come from elsewhere.
func TestElsewhere(t *testing.T) {
	t.Parallel()
	namespace := func(uid string) *corev1.Namespace {
		return &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{
			Name: "tenant-jansen", Labels: map[string]string{v1alpha1.LabelManagedBy: v1alpha1.ManagedBy},
			Annotations: map[string]string{v1alpha1.AnnotationTenantUID: uid},
		}}
	}
	for uid, held := range map[string]bool{"uid-now": false, "uid-before": true} {
		tenant := &v1alpha1.Tenant{ObjectMeta: metav1.ObjectMeta{Name: "jansen", UID: "uid-now"}}
		p := newPlace(t, tenant, namespace(uid))
		record, _, err := p.gate("").Look(t.Context(), "")
		if err != nil || (record.Hold != "") != held || held && !strings.Contains(record.Hold, "tenant-jansen") {
			t.Errorf("a namespace made for %s: %+v, %v", uid, record, err)
		}
	}
}

// TestNoNamespace: an operator outside of the cluster, whose namespace was never
// made, acts unless it was asked not to.
func TestNoNamespace(t *testing.T) {
	t.Parallel()
	for _, asked := range []string{"", "restore"} {
		synctest.Test(t, func(t *testing.T) {
			p := newPlace(t)
			p.homes.Store(false)
			gate := p.gate(asked)
			worker, _ := run(t, gate)
			<-time.After(time.Minute)
			synctest.Wait()
			if started := worker.started.Load(); started != (asked == "") || gate.Held() != (asked != "") {
				t.Errorf("--hold=%s: started %t, held %t", asked, started, gate.Held())
			}
		})
	}
}
