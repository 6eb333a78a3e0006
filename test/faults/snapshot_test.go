// SPDX-License-Identifier: Apache-2.0

package faults

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"sort"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/test/cluster"
	"werkplek.dev/werkplek/test/world"
)

var (
	moment = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z`)
	today  = regexp.MustCompile(`"on": "\d{4}-\d\d-\d\d"`)
	uid    = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
)

// snapshot returns all that exists of a world as text: specs, statuses and what
// marks objects, with the world's name, moments and ids masked. These are what
// two undisturbed runs differ in.
func (r *rig) snapshot(t *testing.T, w world.World) string {
	t.Helper()
	var rows []string
	add := func(object client.Object) {
		if row := describe(t, object); strings.Contains(row, w.Name) {
			rows = append(rows, row)
		}
	}
	for _, list := range []client.ObjectList{
		&v1alpha1.ServiceTermsList{}, &v1alpha1.WorkplaceClassList{}, &v1alpha1.TenantList{}, &v1alpha1.BillingAccountList{}, &corev1.NamespaceList{},
	} {
		r.each(t, list, func(o client.Object) bool {
			return o.GetName() == w.Name || strings.HasPrefix(strings.TrimPrefix(o.GetName(), "tenant-"), w.Name+"-")
		}, add)
	}
	for _, tenant := range []string{"r", "c"} {
		for _, list := range []client.ObjectList{
			&v1alpha1.SuspensionList{}, &v1alpha1.ChargeList{}, &v1alpha1.WorkplaceList{},
			&corev1.PodList{}, &corev1.PersistentVolumeClaimList{}, &corev1.ResourceQuotaList{}, &corev1.LimitRangeList{},
			&networkingv1.NetworkPolicyList{}, &rbacv1.RoleBindingList{},
		} {
			r.each(t, list, func(client.Object) bool { return true }, add, client.InNamespace(w.Namespace(tenant)))
		}
	}
	sort.Strings(rows)
	text := strings.ReplaceAll(strings.Join(rows, "\n"), w.Name, "WORLD")
	text = today.ReplaceAllString(text, `"on": "DAY"`)
	return uid.ReplaceAllString(moment.ReplaceAllString(text, "MOMENT"), "ID")
}

func (r *rig) each(t *testing.T, list client.ObjectList, keep func(client.Object) bool, visit func(client.Object), options ...client.ListOption) {
	t.Helper()
	if err := r.Client.List(t.Context(), list, options...); err != nil {
		t.Fatal(err)
	}
	if err := meta.EachListItem(list, func(item runtime.Object) error {
		if object := item.(client.Object); keep(object) {
			visit(object)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// describe returns one object as text, without what belongs to others: of pods
// and claims what the operator made, of Kubernetes' own kinds no status.
func describe(t *testing.T, object client.Object) string {
	t.Helper()
	data, err := runtime.DefaultUnstructuredConverter.ToUnstructured(object)
	if err != nil {
		t.Fatal(err)
	}
	row := map[string]any{"labels": object.GetLabels(), "finalizers": object.GetFinalizers(), "owners": len(object.GetOwnerReferences()), "going": object.GetDeletionTimestamp() != nil}
	switch o := object.(type) {
	case *corev1.Pod:
		row["annotations"], row["phase"] = o.Annotations, o.Status.Phase
	case *corev1.PersistentVolumeClaim:
		row["username"], row["size"], row["phase"] = o.Annotations[v1alpha1.AnnotationUsername], o.Spec.Resources.Requests.Storage().String(), o.Status.Phase
	case *corev1.Namespace:
	case *corev1.ResourceQuota:
		row["spec"] = data["spec"]
	default:
		row["spec"], row["status"] = data["spec"], data["status"]
	}
	text, err := json.MarshalIndent(row, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%T %s/%s %s", object, object.GetNamespace(), object.GetName(), text)
}

// settled waits until a world's state has not changed for longer than the
// operator gathers changes, and returns it.
func (r *rig) settled(t *testing.T, w world.World) string {
	t.Helper()
	last, since := "", time.Now()
	cluster.Eventually(t, settle, "the world "+w.Name+" comes to rest", func(context.Context) error {
		if now := r.snapshot(t, w); now != last {
			last, since = now, time.Now()
		}
		if quiet := time.Since(since); quiet < 4*time.Second {
			return fmt.Errorf("its state was the same for %s only", quiet)
		}
		return nil
	})
	return last
}
