// SPDX-License-Identifier: Apache-2.0

package restore

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/installation"
	"werkplek.dev/werkplek/internal/restored"
	"werkplek.dev/werkplek/test/cluster"
	"werkplek.dev/werkplek/test/mailserver"
	"werkplek.dev/werkplek/test/world"
)

// kinds are what a backup holds, in the order in which they are brought back.
var kinds = []string{
	"ServiceTerms", "WorkplaceClass", "Tenant", "BillingAccount", "Workplace", "Suspension", "Notice", "Charge",
	"UserRequest", "DataExport", "UsageRecord",
}

// TestRestore: a cluster in which the provider has lived is brought back in other
// ones. The operator says that it is held, does nothing, and when a person has let it
// act does nothing a second time; then life goes on.
func TestRestore(t *testing.T) {
	p := provider{mail: mailserver.Start(t, "starttls", false), tenants: []string{"payer", "debtor"}}
	p.Name = "lived"
	p = p.on(cluster.Shared())
	first := start(t, cluster.Shared(), p.arguments(t)...)
	p.live(t, cluster.Shared())
	first.Stop()
	before, backup := p.records(t), p.backup(t)
	plugin := plugin(t)

	for _, row := range []struct {
		what   string
		status bool
	}{{"with status", true}, {"without status", false}} {
		if !t.Run(row.what, func(t *testing.T) {
			c, mails := another(t), len(p.mail.Received())
			p := p.on(c)
			bring(t, c.Client, backup, row.status)
			must(t, c.Install(t.Context(), "config/admission"))
			since := time.Now()
			second := start(t, c, p.arguments(t)...)
			if why := held(t, c, since); !strings.Contains(why, "another cluster") {
				t.Errorf("held because %q", why)
			}
			p.same(t, "held", before, mails)
			if !row.status { // the billing system goes on reporting
				must(t, p.Report(t.Context(), "payer", time.Now()))
				must(t, p.Report(t.Context(), "debtor", time.Now(), world.Invoice{Number: "2026-1", IssuedOn: issued(3), Outstanding: "80.00"}))
			}
			says := plugin(t, c, "hold")
			if !strings.Contains(says, "HELD: this is another cluster") || strings.Contains(says, "remove-bert") || strings.Contains(says, " notice ") {
				t.Errorf("hold says\n%s", says)
			}
			says = plugin(t, c, "restored", "--write")
			if again := strings.Contains(says, "remove-bert"); again == row.status || !strings.Contains(says, "its namespace is given back") && row.status {
				t.Errorf("restored says\n%s", says)
			}
			plugin(t, c, "hold", "--off")
			p.attended(t)
			cluster.Eventually(t, soon, "debtor is suspended still", p.suspended("debtor", 1, 1))
			cluster.Eventually(t, soon, "payer is not", p.suspended("payer", 1, 0))
			p.same(t, "let go", before, mails)
			p.goesOn(t, mails)
			if second.Restarts() > 0 {
				t.Errorf("the operator died %d times", second.Restarts())
			}
		}) {
			return
		}
	}
	t.Run("one tenant, beside an operator that acts", func(t *testing.T) { p.move(t, backup, plugin) })
}

// move: a tenant that is brought into a cluster in use, without its status, is not
// acted upon until a person has decided; nothing is done a second time.
func (p provider) move(t *testing.T, backup []*unstructured.Unstructured, plugin func(*testing.T, *cluster.Cluster, ...string) string) {
	c := another(t)
	must(t, c.Install(t.Context(), "config/admission"))
	before := p
	before.tenants = []string{"payer"}
	was, mails := before.records(t), len(p.mail.Received())
	p = before.on(c)
	start(t, c, p.arguments(t)...)
	cluster.Eventually(t, soon, "the operator acts", func(ctx context.Context) error {
		record, err := store(c).Read(ctx)
		if err != nil || record == nil || record.Hold != "" {
			return fmt.Errorf("the record is %+v, %v", record, err)
		}
		return nil
	})
	var one []*unstructured.Unstructured
	for _, object := range backup {
		// Whoever asks does so under the own name: requests stay where they were answered.
		if belongs := !strings.Contains(object.GetNamespace()+object.GetName(), "debtor"); belongs &&
			object.GetKind() != "ConfigMap" && object.GetKind() != "UserRequest" {
			one = append(one, object)
		}
	}
	// The policies let only the operator make records.
	bring(t, c.As(cluster.Manager, "system:masters"), one, false)
	cluster.Eventually(t, soon, "nothing is done about it", func(ctx context.Context) error {
		for _, list := range []client.ObjectList{&v1alpha1.TenantList{}, &v1alpha1.NoticeList{}, &v1alpha1.SuspensionList{}, &v1alpha1.DataExportList{}} {
			if err := p.List(ctx, list); err != nil {
				return err
			}
			if err := meta.EachListItem(list, aside); err != nil {
				return err
			}
		}
		return nil
	})
	p.same(t, "brought", was, mails)
	must(t, p.Report(t.Context(), "payer", time.Now()))
	if says := plugin(t, c, "restored", "--write"); !strings.Contains(says, "everything is paid") {
		t.Errorf("restored says\n%s", says)
	}
	p.attended(t)
	cluster.Eventually(t, soon, "payer is not suspended", p.suspended("payer", 1, 0))
	p.same(t, "decided", was, mails)
	p.goesOn(t, mails)
}

// attended waits until the operator has looked at each tenant as it is now, and found
// nothing in the way.
func (p provider) attended(t *testing.T) {
	t.Helper()
	for _, tenant := range p.tenants {
		key, object := client.ObjectKey{Name: p.TenantName(tenant)}, &v1alpha1.Tenant{}
		must(t, p.Get(t.Context(), key, object))
		was := object.DeepCopy()
		object.Spec.DisplayName = "after the restore"
		must(t, p.Patch(t.Context(), object, client.MergeFrom(was)))
		cluster.Eventually(t, soon, tenant+" is kept up to date", func(ctx context.Context) error {
			if err := p.Get(ctx, key, object); err != nil || object.Status.ObservedGeneration != object.Generation {
				return fmt.Errorf("generation %d of %d was looked at, %v; it says %+v",
					object.Status.ObservedGeneration, object.Generation, err, object.Status.Conditions)
			}
			return p.HasNamespace(tenant)(ctx)
		})
	}
}

// aside says what is different, if an object is not one that nothing is done about.
func aside(o runtime.Object) error {
	conditions, _ := o.(restored.Object).Observed()
	ready := meta.FindStatusCondition(*conditions, v1alpha1.ConditionReady)
	if ready == nil || ready.Reason != v1alpha1.ReasonRestored {
		return fmt.Errorf("%T %s says %+v", o, o.(client.Object).GetName(), ready)
	}
	return nil
}

// goesOn: a new invoice that is not paid suspends, and is told of by the one mail
// that has come since. It is sent after all that would have been sent again.
func (p provider) goesOn(t *testing.T, mails int) {
	t.Helper()
	must(t, p.Report(t.Context(), "payer", time.Now(), world.Invoice{Number: "2026-2", IssuedOn: issued(1), Outstanding: "40.00"}))
	cluster.Eventually(t, soon, "payer is suspended for the new invoice", p.suspended("payer", 2, 1))
	cluster.Eventually(t, soon, "payer is told", func(context.Context) error {
		if n := len(p.mail.Received()); n != mails+1 {
			return fmt.Errorf("%d mails have come since", n-mails)
		}
		return nil
	})
	must(t, p.Get(t.Context(), client.ObjectKey{Namespace: p.Namespace("payer"), Name: "bert"}, &v1alpha1.Workplace{}))
	p.noCopies(t, "as life goes on,")
}

// backup reads every object, as a tool for backups does, a day ago.
func (p provider) backup(t *testing.T) []*unstructured.Unstructured {
	t.Helper()
	var all []*unstructured.Unstructured
	read := func(version schema.GroupVersion, kind string, ours func(client.Object) bool) {
		list := &unstructured.UnstructuredList{}
		list.SetGroupVersionKind(version.WithKind(kind + "List"))
		must(t, p.List(t.Context(), list))
		for i := range list.Items {
			if ours(&list.Items[i]) {
				all = append(all, aged(t, &list.Items[i]))
			}
		}
	}
	read(corev1.SchemeGroupVersion, "Namespace", func(o client.Object) bool {
		return strings.HasPrefix(o.GetName(), v1alpha1.NamespacePrefix+p.Name)
	})
	read(corev1.SchemeGroupVersion, "ConfigMap", func(o client.Object) bool { return o.GetName() == installation.Name })
	for _, kind := range kinds {
		read(v1alpha1.GroupVersion, kind, func(o client.Object) bool {
			return strings.HasPrefix(strings.TrimPrefix(o.GetNamespace(), v1alpha1.NamespacePrefix)+o.GetName(), p.Name)
		})
	}
	return all
}

// aged dates a backed-up object a day back, as if it had been made then.
func aged(t *testing.T, object *unstructured.Unstructured) *unstructured.Unstructured {
	t.Helper()
	annotations := object.GetAnnotations()
	if written := annotations[v1alpha1.AnnotationMadeAt]; written != "" {
		made, err := time.Parse(time.RFC3339, written)
		must(t, err)
		annotations[v1alpha1.AnnotationMadeAt] = made.Add(-24 * time.Hour).Format(time.RFC3339)
		object.SetAnnotations(annotations)
	}
	return object
}

// another starts a cluster for what is brought back.
func another(t *testing.T) *cluster.Cluster {
	t.Helper()
	c, err := cluster.Start(t.Context(), cluster.Options{})
	must(t, err)
	t.Cleanup(func() {
		if err := c.Stop(); err != nil {
			t.Error(err)
		}
	})
	must(t, c.Install(t.Context(), "config/crd/bases", "config/rbac"))
	return c
}

// bring makes the objects of a backup anew, with their labels and annotations.
func bring(t *testing.T, c client.Client, backup []*unstructured.Unstructured, status bool) {
	t.Helper()
	for _, saved := range backup {
		object := saved.DeepCopy()
		is, has := object.Object["status"]
		for _, field := range []string{"uid", "resourceVersion", "generation", "creationTimestamp", "managedFields", "ownerReferences"} {
			unstructured.RemoveNestedField(object.Object, "metadata", field)
		}
		if err := c.Create(t.Context(), object); err != nil {
			t.Fatalf("%s %s/%s: %v", object.GetKind(), object.GetNamespace(), object.GetName(), err)
		}
		// Usage records have no status of their own: theirs came along.
		if ours := object.GroupVersionKind().Group == v1alpha1.GroupVersion.Group; has && ours && status && object.GetKind() != "UsageRecord" {
			object.Object["status"] = is
			if err := c.Status().Update(t.Context(), object); err != nil {
				t.Fatalf("status of %s %s/%s: %v", object.GetKind(), object.GetNamespace(), object.GetName(), err)
			}
		}
	}
}

// plugin builds kubectl werkplek, and returns what runs it on a cluster.
func plugin(t *testing.T) func(*testing.T, *cluster.Cluster, ...string) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "kubectl-werkplek")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "./cmd/kubectl-werkplek")
	build.Dir = cluster.Root()
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the plugin: %v\n%s", err, out)
	}
	return func(t *testing.T, c *cluster.Cluster, arguments ...string) string {
		t.Helper()
		out, err := exec.CommandContext(t.Context(), binary, append(arguments, "--kubeconfig", c.Kubeconfig)...).CombinedOutput()
		if err != nil {
			t.Fatalf("kubectl werkplek %s: %v\n%s", strings.Join(arguments, " "), err, out)
		}
		return string(out)
	}
}
