// SPDX-License-Identifier: Apache-2.0

package children_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/go-logr/logr/funcr"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/children"
)

const ours = "ours"

func quota(owner string) *corev1.ResourceQuota {
	return &corev1.ResourceQuota{ObjectMeta: metav1.ObjectMeta{
		Namespace: "tenant-jansen", Name: "limits", UID: "u", Labels: map[string]string{"by": owner},
	}}
}

func newCluster(t *testing.T, objects ...client.Object) (context.Context, client.Client, *bytes.Buffer) {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := corev1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	lines := &bytes.Buffer{}
	logger := funcr.New(func(_, arguments string) { fmt.Fprintln(lines, arguments) }, funcr.Options{})
	c := fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...).Build()
	return log.IntoContext(t.Context(), logger), c, lines
}

func child(made *int) children.Child[*corev1.ResourceQuota] {
	return children.Child[*corev1.ResourceQuota]{
		Kind: "quota", Desired: quota(ours), Why: "the tenant has limits",
		Own: func(q *corev1.ResourceQuota) bool { return q.Labels["by"] == ours },
		Sync: func(existing, _ *corev1.ResourceQuota) bool {
			wrong := existing.Labels["wrong"] != ""
			delete(existing.Labels, "wrong")
			return wrong
		},
		Made: func(*corev1.ResourceQuota) { *made++ },
	}
}

// TestEveryChangeLeavesOneLine keeps a child through its life.
func TestEveryChangeLeavesOneLine(t *testing.T) {
	t.Parallel()
	ctx, c, lines := newCluster(t)
	made := 0
	said := func(want string) {
		t.Helper()
		line := lines.String()
		lines.Reset()
		if want == "" && line != "" || strings.Count(line, "\n") > 1 || !strings.Contains(line, want) {
			t.Errorf("the log has %q, want %q once", line, want)
		}
		if want != "" && !strings.Contains(line, `"object"="ResourceQuota/tenant-jansen/limits"`) {
			t.Errorf("the log does not name the object: %q", line)
		}
	}
	ensure := func() *corev1.ResourceQuota {
		t.Helper()
		existing, err := children.Ensure(ctx, c, c, child(&made))
		if err != nil {
			t.Fatal(err)
		}
		return existing
	}
	existing := ensure()
	said(`"msg"="created" "object"="ResourceQuota/tenant-jansen/limits" "why"="the tenant has limits"`)
	ensure()
	said("")
	existing.Labels["wrong"] = "yes"
	if err := c.Update(ctx, existing); err != nil {
		t.Fatal(err)
	}
	existing = ensure()
	said(`"msg"="corrected"`)
	for _, want := range []struct {
		removed bool
		line    string
	}{{true, `"msg"="deleted" "object"="ResourceQuota/tenant-jansen/limits" "why"="the tenant is gone"`}, {false, ""}} {
		removed, err := children.Remove(ctx, c, existing, "the tenant is gone")
		if err != nil || removed != want.removed {
			t.Errorf("removed: %t, %v, want %t", removed, err, want.removed)
		}
		said(want.line)
	}
	if made != 1 {
		t.Errorf("told %d times that it was made, want once", made)
	}
}

func TestWhatIsNotOursIsInTheWay(t *testing.T) {
	t.Parallel()
	ctx, c, lines := newCluster(t, quota("somebody"))
	made := 0
	_, err := children.Ensure(ctx, c, c, child(&made))
	foreign, ok := children.InTheWay(fmt.Errorf("furnish: %w", err))
	if !ok || foreign.Reason != v1alpha1.ReasonForeignObject || !strings.Contains(foreign.Message, "quota limits exists") {
		t.Errorf("got %s, %t, want that the quota is somebody else's", foreign, ok)
	}
	if lines.Len() > 0 || made > 0 {
		t.Errorf("told of what was left alone: %s", lines)
	}
	if _, ok := children.InTheWay(fmt.Errorf("no storage")); ok {
		t.Error("a fault is in nobody's way")
	}
}
