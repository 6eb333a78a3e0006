// SPDX-License-Identifier: Apache-2.0

package reconciling_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-logr/logr"
	"github.com/go-logr/logr/funcr"
	dto "github.com/prometheus/client_model/go"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/tools/events"
	clocktesting "k8s.io/utils/clock/testing"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/reconciling"
)

const afterwards = 30 * time.Millisecond

var (
	key        = client.ObjectKey{Name: "jansen"}
	fakeTenant = v1alpha1.Tenant{ObjectMeta: metav1.ObjectMeta{Name: "jansen", UID: "u", Generation: 3}}
)

// world is an API server, a cache that can be held back, and a controller between them.
type world struct {
	*reconciling.Controller
	server   client.Client // the API server itself
	held     *v1alpha1.Tenant
	writes   int
	recorder *events.FakeRecorder
	log      *bytes.Buffer
}

func newWorld(t *testing.T, tenant *v1alpha1.Tenant) *world {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	w := &world{recorder: events.NewFakeRecorder(10), log: &bytes.Buffer{}}
	server := fake.NewClientBuilder().WithScheme(scheme).
		WithObjects(tenant.DeepCopy()).WithStatusSubresource(&v1alpha1.Tenant{}).Build()
	w.server = server
	cached := interceptor.NewClient(server, interceptor.Funcs{
		Get: func(
			ctx context.Context, c client.WithWatch, key client.ObjectKey, into client.Object, o ...client.GetOption,
		) error {
			if w.held != nil {
				w.held.DeepCopyInto(into.(*v1alpha1.Tenant))
				return nil
			}
			return c.Get(ctx, key, into, o...)
		},
		SubResourcePatch: func(
			ctx context.Context, c client.Client, sub string, o client.Object, p client.Patch,
			opts ...client.SubResourcePatchOption,
		) error {
			w.writes++
			return c.SubResource(sub).Patch(ctx, o, p, opts...)
		},
		Patch: func(
			ctx context.Context, c client.WithWatch, o client.Object, p client.Patch, opts ...client.PatchOption,
		) error {
			w.writes++
			return c.Patch(ctx, o, p, opts...)
		},
	})
	clock := clocktesting.NewFakePassiveClock(time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC))
	w.Controller = reconciling.New(clock, cached, w.recorder)
	return w
}

// hold keeps the cache at what the API server has now.
func (w *world) hold(t *testing.T) {
	t.Helper()
	w.held = w.stored(t)
}

func (w *world) stored(t *testing.T) *v1alpha1.Tenant {
	t.Helper()
	tenant := &v1alpha1.Tenant{}
	if err := w.server.Get(t.Context(), key, tenant); err != nil {
		t.Fatal(err)
	}
	return tenant
}

func (w *world) begin(t *testing.T) *reconciling.Pass[*v1alpha1.Tenant] {
	t.Helper()
	pass, err := reconciling.Begin(t.Context(), w.Controller, ctrl.Request{NamespacedName: key}, &v1alpha1.Tenant{})
	if err != nil {
		t.Fatal(err)
	}
	return pass
}

// says runs a pass that comes to a status, and fails if it has to.
func (w *world) says(t *testing.T, status metav1.ConditionStatus, reason string, fault error) (ctrl.Result, error) {
	t.Helper()
	pass := w.begin(t)
	ctx := log.IntoContext(t.Context(), w.logger())
	return pass.Run(ctx, reconciling.Steps{{Name: "look", Run: func(context.Context) error {
		pass.Conditions.Set(v1alpha1.ConditionReady, status, reason, "it is so")
		pass.Announce(status != metav1.ConditionTrue, reason, "Look", "it is so")
		return fault
	}}})
}

func (w *world) logger() logr.Logger {
	return funcr.New(func(_, arguments string) { fmt.Fprintln(w.log, arguments) }, funcr.Options{})
}

// TestACacheBehindOurOwnWriteIsNotJudged is a desktop that was ready, started anew
// and became ready again before the cache had heard of the second: computed again
// from what the cache has, nothing differs, and nothing would ever be written.
func TestACacheBehindOurOwnWriteIsNotJudged(t *testing.T) {
	t.Parallel()
	w := newWorld(t, &fakeTenant)
	if _, err := w.says(t, metav1.ConditionTrue, "Ready", nil); err != nil {
		t.Fatal(err)
	}
	w.hold(t)
	if _, err := w.says(t, metav1.ConditionFalse, "Starting", nil); err != nil {
		t.Fatal(err)
	}
	var last time.Duration
	for look := range 10 {
		_, err := reconciling.Begin(t.Context(), w.Controller, ctrl.Request{NamespacedName: key}, &v1alpha1.Tenant{})
		result, err := reconciling.Result(err)
		if err != nil || result.RequeueAfter < last || result.RequeueAfter <= 0 || result.RequeueAfter > time.Second {
			t.Fatalf("look %d: %v after %s, %v; want to wait longer each time, a second at most", look, result, last, err)
		}
		last = result.RequeueAfter
	}
	w.held = nil
	if _, err := w.says(t, metav1.ConditionTrue, "Ready", nil); err != nil {
		t.Fatal(err)
	}
	if !meta.IsStatusConditionTrue(w.stored(t).Status.Conditions, v1alpha1.ConditionReady) {
		t.Errorf("stays %v", w.stored(t).Status.Conditions)
	}
}

// TestWhatOthersWroteIsNotWrittenOver has somebody else write between the read and
// the write: the pass is repeated and says nothing.
func TestWhatOthersWroteIsNotWrittenOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t, &fakeTenant)
	w.hold(t)
	theirs := w.stored(t)
	theirs.Status.Erasure = &v1alpha1.ErasureStatus{Rule: "LS-5"}
	if err := w.server.Status().Update(t.Context(), theirs); err != nil {
		t.Fatal(err)
	}
	result, err := w.says(t, metav1.ConditionTrue, "Ready", nil)
	if err != nil || result.RequeueAfter != 100*time.Millisecond {
		t.Fatalf("%v, %v; want another look in 100ms", result, err)
	}
	if got := w.stored(t).Status; got.Erasure == nil || len(got.Conditions) > 0 {
		t.Errorf("their status became %+v", got)
	}
	if len(w.recorder.Events) > 0 || w.log.Len() > 0 {
		t.Errorf("told what was not written: %s", w.log)
	}
}

func TestTheGenerationIsObservedOnlyWhenAllWasDone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, &fakeTenant)
	if _, err := w.says(t, metav1.ConditionFalse, "Starting", errors.New("broken")); err == nil {
		t.Fatal("a fault was swallowed")
	}
	failed := w.stored(t).Status
	if failed.ObservedGeneration != 0 {
		t.Errorf("a pass that failed claims to have seen generation %d", failed.ObservedGeneration)
	}
	ready := meta.FindStatusCondition(failed.Conditions, v1alpha1.ConditionReady)
	if ready == nil || ready.ObservedGeneration != 3 {
		t.Errorf("what it did find is not there, or not of generation 3: %v", ready)
	}
	if _, err := w.says(t, metav1.ConditionTrue, "Ready", nil); err != nil {
		t.Fatal(err)
	}
	if got := w.stored(t).Status.ObservedGeneration; got != 3 {
		t.Errorf("generation %d was observed, want 3", got)
	}
}

func TestNothingIsWrittenThatDoesNotDiffer(t *testing.T) {
	t.Parallel()
	w := newWorld(t, &fakeTenant)
	for range 3 {
		if _, err := w.says(t, metav1.ConditionTrue, "Ready", nil); err != nil {
			t.Fatal(err)
		}
	}
	if w.writes != 1 {
		t.Errorf("%d writes, want 1", w.writes)
	}
}

func TestAChangeIsToldOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, &fakeTenant)
	if _, err := w.says(t, metav1.ConditionFalse, "Starting", nil); err != nil {
		t.Fatal(err)
	}
	if got, want := len(w.recorder.Events), 1; got != want {
		t.Fatalf("%d events, want %d", got, want)
	}
	if said := <-w.recorder.Events; !strings.HasPrefix(said, "Warning Starting") {
		t.Errorf("event %q", said)
	}
	line := w.log.String()
	for _, part := range []string{
		`"object"="Tenant/jansen"`, `"reason"="Starting"`, `"action"="Look"`, `"why"="it is so"`,
	} {
		if strings.Count(line, part) != 1 {
			t.Errorf("the log has %q, want %s once", line, part)
		}
	}
}

// TestOneThingIsWrittenFirst writes a proof before the rest of the status.
func TestOneThingIsWrittenFirst(t *testing.T) {
	t.Parallel()
	w := newWorld(t, &fakeTenant)
	pass := w.begin(t)
	pass.Conditions.True(v1alpha1.ConditionReady, "Ready", "it is so")
	prove := func(tenant *v1alpha1.Tenant) { tenant.Status.Erasure = &v1alpha1.ErasureStatus{Rule: "LS-5"} }
	if err := pass.WriteFirst(t.Context(), prove); err != nil {
		t.Fatal(err)
	}
	if got := w.stored(t).Status; got.Erasure == nil || len(got.Conditions) > 0 {
		t.Errorf("first was written %+v, want the proof alone", got)
	}
	hold := func(o client.Object) { o.SetFinalizers([]string{v1alpha1.FinalizerTenant}) }
	if err := pass.WriteMeta(t.Context(), hold); err != nil {
		t.Fatal(err)
	}
	if _, err := pass.Run(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	stored := w.stored(t)
	if len(stored.Finalizers) != 1 || stored.Status.Erasure == nil || len(stored.Status.Conditions) != 1 {
		t.Errorf("then %v, %+v, want the finalizer, the proof and the condition", stored.Finalizers, stored.Status)
	}
	if w.writes != 3 {
		t.Errorf("%d writes, want 3", w.writes)
	}
	if _, err := w.begin(t).Run(t.Context(), nil); err != nil || w.writes != 3 {
		t.Errorf("%d writes, %v, want no more", w.writes, err)
	}
}

// TestWhatIsGoneIsForgotten remakes an object: its first version is behind nothing.
func TestWhatIsGoneIsForgotten(t *testing.T) {
	t.Parallel()
	w := newWorld(t, &fakeTenant)
	if _, err := w.says(t, metav1.ConditionTrue, "Ready", nil); err != nil {
		t.Fatal(err)
	}
	if err := w.server.Delete(t.Context(), w.stored(t)); err != nil {
		t.Fatal(err)
	}
	_, err := reconciling.Begin(t.Context(), w.Controller, ctrl.Request{NamespacedName: key}, &v1alpha1.Tenant{})
	result, fault := reconciling.Result(err)
	if !errors.Is(err, reconciling.ErrGone) || fault != nil || result.RequeueAfter != 0 {
		t.Fatalf("%v, %v, %v, want that it is gone and nothing to do", err, result, fault)
	}
	again := fakeTenant.DeepCopy()
	if err := w.server.Create(t.Context(), again); err != nil {
		t.Fatal(err)
	}
	if wait, behind := w.Own.Behind(w.stored(t)); behind {
		t.Errorf("waits %s for what is gone", wait)
	}
}

// TestOthersWrote passes what the controller did not write itself.
func TestOthersWrote(t *testing.T) {
	t.Parallel()
	version := func(v string) *v1alpha1.Tenant {
		tenant := fakeTenant.DeepCopy()
		tenant.ResourceVersion = v
		return tenant
	}
	var own reconciling.Writes
	own.Note(version("100"))
	for _, row := range []struct {
		old, new string
		passes   bool
		why      string
	}{
		{"98", "99", false, "it was seen when 100 was written"},
		{"99", "100", false, "it is the controller's own"},
		{"100", "101", true, "somebody else wrote it"},
		{"101", "101", false, "nobody wrote"},
	} {
		e := event.UpdateEvent{ObjectOld: version(row.old), ObjectNew: version(row.new)}
		if got := own.OthersWrote().Update(e); got != row.passes {
			t.Errorf("%s -> %s passes: %t, want %t: %s", row.old, row.new, got, row.passes, row.why)
		}
	}
	if _, behind := own.Behind(version("99")); behind {
		t.Error("the cache has had 100, and is waited for")
	}
}

// TestMemoryIsBounded writes to many objects of which the cache hears.
func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	var own reconciling.Writes
	for n := range 10_000 {
		tenant := &v1alpha1.Tenant{}
		tenant.Name, tenant.ResourceVersion = fmt.Sprint("t", n), fmt.Sprint(n+1)
		own.Note(tenant)
		own.Behind(tenant)
	}
	if got := own.Remembered(); got > 2048 {
		t.Errorf("%d writes are remembered that the cache has", got)
	}
}

func TestAFaultOfTheWriteIsOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t, &fakeTenant)
	w.Client = interceptor.NewClient(w.Client.(client.WithWatch), interceptor.Funcs{
		SubResourcePatch: func(
			context.Context, client.Client, string, client.Object, client.Patch, ...client.SubResourcePatchOption,
		) error {
			return apierrors.NewInternalError(errors.New("no storage"))
		},
	})
	_, err := w.says(t, metav1.ConditionTrue, "Ready", nil)
	if err == nil || !strings.Contains(err.Error(), "write status") {
		t.Errorf("got %v, want that the status could not be written", err)
	}
}

// TestFailuresAreCounted: those that somebody must look into, by kind and reason. A
// conflict only says to look again.
func TestFailuresAreCounted(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		err    error
		reason string
		more   float64
	}{
		{apierrors.NewInvalid(v1alpha1.GroupVersion.WithKind("Tenant").GroupKind(), "jansen", nil), "Invalid", 1},
		{apierrors.NewForbidden(schema.GroupResource{}, "jansen", nil), "Forbidden", 1},
		{fmt.Errorf("dial: %w", context.DeadlineExceeded), "NoAnswer", 1},
		{apierrors.NewConflict(schema.GroupResource{}, "jansen", nil), "Conflict", 0},
		{apierrors.NewNotFound(schema.GroupResource{}, "jansen"), "NotFound", 0},
	} {
		w := newWorld(t, &fakeTenant)
		w.Client = interceptor.NewClient(w.Client.(client.WithWatch), interceptor.Funcs{
			SubResourcePatch: func(
				context.Context, client.Client, string, client.Object, client.Patch, ...client.SubResourcePatchOption,
			) error {
				return row.err
			},
		})
		before := failures(t, "Tenant", row.reason)
		_, _ = w.says(t, metav1.ConditionTrue, "Ready", nil)
		if got := failures(t, "Tenant", row.reason) - before; got != row.more {
			t.Errorf("%v: %v failures more because of %s, want %v", row.err, got, row.reason, row.more)
		}
	}
}

func failures(t *testing.T, kind, reason string) float64 {
	t.Helper()
	var value dto.Metric
	if err := reconciling.Failures.WithLabelValues(kind, reason).Write(&value); err != nil {
		t.Fatal(err)
	}
	return value.GetCounter().GetValue()
}

func TestBounded(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		words string
		most  int
		want  string
	}{
		{"short", 10, "short"},
		{"0123456789", 10, "0123456789"},
		{"0123456789x", 10, "0123456..."},
		{"éééééé", 10, "ééé..."},
	} {
		if got := reconciling.Bounded(row.words, row.most); got != row.want {
			t.Errorf("Bounded(%q, %d) = %q, want %q", row.words, row.most, got, row.want)
		}
	}
}
