// SPDX-License-Identifier: Apache-2.0

package faults

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/test/cluster"
	"werkplek.dev/werkplek/test/world"
)

var (
	job    = regexp.MustCompile(`(export-[a-z]+)-[0-9a-f]{8}(-[a-z0-9]{5})?`)
	moment = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z`)
	today  = regexp.MustCompile(`"on": "\d{4}-\d\d-\d\d"`)
	uid    = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
)

// scope is what a picture shows: kinds without a namespace whose objects carry
// their world's name, and kinds in the namespaces of tenants.
type scope struct {
	cluster, tenant []client.ObjectList
	tenants         []string
	reports         bool // also what licence reports say of the world's licences
}

// contractual is what the scenarios of the crashes bring about.
var contractual = scope{
	cluster: []client.ObjectList{
		&v1alpha1.ServiceTermsList{}, &v1alpha1.WorkplaceClassList{}, &v1alpha1.TenantList{}, &v1alpha1.BillingAccountList{}, &corev1.NamespaceList{},
	},
	tenant: []client.ObjectList{
		&v1alpha1.SuspensionList{}, &v1alpha1.ChargeList{}, &v1alpha1.WorkplaceList{},
		&corev1.PodList{}, &corev1.PersistentVolumeClaimList{}, &corev1.ResourceQuotaList{}, &corev1.LimitRangeList{},
		&networkingv1.NetworkPolicyList{}, &rbacv1.RoleBindingList{},
	},
	tenants: []string{"r", "c"},
}

// everything is all that the operator writes for tenant t and who stands beside it.
var everything = scope{
	cluster: slices.Concat(contractual.cluster, []client.ObjectList{&v1alpha1.LicenseList{}}),
	tenant: slices.Concat(contractual.tenant, []client.ObjectList{
		&v1alpha1.NoticeList{}, &v1alpha1.UsageRecordList{}, &v1alpha1.UserRequestList{},
		&v1alpha1.SupportSessionList{}, &v1alpha1.DataExportList{}, &batchv1.JobList{}, &eventsv1.EventList{},
		&policyv1.PodDisruptionBudgetList{},
	}),
	tenants: []string{"t", "other"},
	reports: true,
}

// snapshot is the picture of what the scenarios of the crashes bring about.
func (r *rig) snapshot(t *testing.T, w world.World) string {
	t.Helper()
	return r.picture(t, w, contractual)
}

// picture returns all that exists of a world as text: specs, statuses and what
// marks objects, with the world's name, moments and ids masked. These are what
// two undisturbed runs differ in.
func (r *rig) picture(t *testing.T, w world.World, of scope) string {
	t.Helper()
	var rows []string
	add := func(object client.Object) {
		if row := describe(t, object); strings.Contains(row, w.Name) {
			rows = append(rows, row)
		}
	}
	for _, list := range of.cluster {
		r.each(t, list.DeepCopyObject().(client.ObjectList), func(o client.Object) bool {
			return o.GetName() == w.Name || strings.HasPrefix(strings.TrimPrefix(o.GetName(), "tenant-"), w.Name+"-")
		}, add)
	}
	for _, tenant := range of.tenants {
		for _, list := range of.tenant {
			r.each(t, list.DeepCopyObject().(client.ObjectList), counts, add, client.InNamespace(w.Namespace(tenant)))
		}
	}
	if of.reports {
		rows = append(rows, r.reported(t, w)...)
	}
	sort.Strings(rows)
	text := strings.ReplaceAll(strings.Join(rows, "\n"), w.Name, "WORLD")
	text = today.ReplaceAllString(text, `"on": "DAY"`)
	text = job.ReplaceAllString(text, "$1-NAME")
	return uid.ReplaceAllString(moment.ReplaceAllString(text, "MOMENT"), "ID")
}

// reported returns what licence reports, which are all worlds' own, say of the
// licences of one.
func (r *rig) reported(t *testing.T, w world.World) []string {
	t.Helper()
	var reports v1alpha1.LicenseReportList
	if err := r.Client.List(t.Context(), &reports); err != nil {
		t.Fatal(err)
	}
	var rows []string
	for _, report := range reports.Items {
		for _, line := range report.Status.Lines {
			if strings.HasPrefix(string(line.License), w.Name+"-") {
				rows = append(rows, fmt.Sprintf("report %s: %+v", report.Name, line))
			}
		}
	}
	return rows
}

// counts leaves out the events of others, and those of which only the last of many is told.
func counts(o client.Object) bool {
	event, is := o.(*eventsv1.Event)
	return !is || event.Reason == "Invoiced"
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
	case *corev1.Namespace, *batchv1.Job:
	case *eventsv1.Event:
		row["about"], row["reason"], row["note"] = o.Regarding.Name, o.Reason, o.Note
	case *corev1.ResourceQuota:
		row["spec"] = data["spec"]
	default:
		row["spec"], row["status"] = data["spec"], data["status"]
	}
	text, err := json.MarshalIndent(row, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	name := object.GetName()
	if _, is := object.(*eventsv1.Event); is {
		name = "" // made up
	}
	return fmt.Sprintf("%T %s/%s %s", object, object.GetNamespace(), name, text)
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
