// SPDX-License-Identifier: Apache-2.0

package gitops

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/test/cluster"
	"werkplek.dev/werkplek/test/operator"
	"werkplek.dev/werkplek/test/world"
)

// The verdicts of kstatus.
const (
	current    = status.CurrentStatus
	inProgress = status.InProgressStatus
	failed     = status.FailedStatus
)

// state is an object in one of the states that its kind knows.
type state struct {
	// make brings the object about and returns its name, namespace and type.
	make func(t *testing.T, w world.World) client.Object
	// reason of Ready; empty: the kind has no conditions.
	reason string
	want   status.Status
}

// TestStates: whatever rests as it should is Current, what comes by itself is in
// progress, and what waits for a person has failed: nothing is in progress for ever.
// Argo CD's health follows the same rule.
func TestStates(t *testing.T) {
	kubeconfig, err := operator.Kubeconfig(cluster.Shared(), t.TempDir())
	must(t, err)
	manager, err := operator.Start(kubeconfig, "--desks-domain=desks.example.com")
	must(t, err)
	t.Cleanup(func() {
		manager.Stop()
		if t.Failed() {
			t.Logf("the end of the operator's log:\n%s", manager.Log())
		}
	})
	seen := map[string]bool{}
	for kind, states := range map[string]map[string]state{
		"Tenant": tenants, "BillingAccount": accounts, "Suspension": suspensions, "ServiceTerms": terms,
		"WorkplaceClass": classes, "Workplace": workplaces, "License": licenses, "UsageRecord": records,
		"LicenseReport": reports, "Charge": charges, "UserRequest": requests, "SupportSession": sessions,
		"DataExport": exports, "Notice": notices,
	} {
		seen[kind] = true
		for name, s := range states {
			t.Run(kind+"/"+name, func(t *testing.T) {
				t.Parallel()
				w := world.World{Client: cluster.Shared().Client, Name: worldOf(kind, name)}
				object := s.make(t, w)
				cluster.Eventually(t, soon, "its verdicts", func(ctx context.Context) error {
					return verdicts(ctx, object, s)
				})
			})
		}
	}
	for name, scene := range map[string]func(*testing.T, world.World){
		"waits as written": waitsAsWritten, "columns tell": columnsTell, "labelled": labelled,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			scene(t, world.World{Client: cluster.Shared().Client, Name: strings.ReplaceAll(name, " ", "-")})
		})
	}
	for kind := range cluster.Scheme().KnownTypes(v1alpha1.GroupVersion) {
		if ours(kind) && !seen[kind] {
			t.Errorf("no state of kind %s is looked at", kind)
		}
	}
}

// ours reports whether a type of our group is a kind of object.
func ours(kind string) bool {
	object, err := cluster.Scheme().New(v1alpha1.GroupVersion.WithKind(kind))
	_, is := object.(client.Object)
	return err == nil && is
}

// worldOf makes a name of its own for a state.
func worldOf(kind, name string) string {
	return strings.ToLower(kind)[:3] + "-" + strings.ReplaceAll(name, " ", "-")
}

// verdicts says what is wrong with what is concluded from an object.
func verdicts(ctx context.Context, object client.Object, want state) error {
	found, err := stored(ctx, object)
	if err != nil {
		return err
	}
	verdict, err := status.Compute(found)
	if err != nil {
		return err
	}
	conditions, _, err := unstructured.NestedSlice(found.Object, "status", "conditions")
	if verdict.Status != want.want {
		err = errors.Join(err, fmt.Errorf("kstatus says %s (%s), want %s", verdict.Status, verdict.Message, want.want))
	}
	if reason := reasonOf(conditions, "Ready"); reason != want.reason {
		err = errors.Join(err, fmt.Errorf("the reason of Ready is %q, want %q", reason, want.reason))
	}
	check, unread := healthCheck()
	argo, wrong := healthOf(check, found)
	if err = errors.Join(err, unread, wrong); argo.Status != healths[want.want] {
		err = errors.Join(err, fmt.Errorf("Argo CD says %+v, want %s", argo, healths[want.want]))
	}
	if err != nil {
		return fmt.Errorf("%s %s: %w\n%+v", found.GetKind(), found.GetName(), err, conditions)
	}
	return nil
}

// stored reads an object as tools see it.
func stored(ctx context.Context, object client.Object) (*unstructured.Unstructured, error) {
	kind, err := apiutil.GVKForObject(object, cluster.Scheme())
	if err != nil {
		return nil, err
	}
	found := &unstructured.Unstructured{}
	found.SetGroupVersionKind(kind)
	return found, cluster.Shared().Client.Get(ctx, client.ObjectKeyFromObject(object), found)
}

func reasonOf(conditions []any, kind string) string {
	for _, c := range conditions {
		if condition := c.(map[string]any); condition["type"] == kind {
			return condition["reason"].(string)
		}
	}
	return ""
}

// TestUnseen: until the operator has looked at an object, it is in progress, not
// Current for want of a status. No operator runs yet.
func TestUnseen(t *testing.T) {
	w := world.World{Client: cluster.Shared().Client, Name: "unseen"}
	must(t, w.Terms(t.Context()), w.Class(t.Context()), w.License(t.Context(), "rds"), w.Tenant(t.Context(), "t"))
	for _, object := range []client.Object{
		named(&v1alpha1.ServiceTerms{}, "", w.Name), named(&v1alpha1.WorkplaceClass{}, "", w.Name),
		named(&v1alpha1.License{}, "", w.LicenseName("rds")), named(&v1alpha1.Tenant{}, "", w.TenantName("t")),
	} {
		must(t, verdicts(t.Context(), object, state{want: inProgress}))
	}
}

// named gives an object its name.
func named(object client.Object, namespace, name string) client.Object {
	object.SetNamespace(namespace)
	object.SetName(name)
	return object
}
