// SPDX-License-Identifier: Apache-2.0

package gitops

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/test/cluster"
	"werkplek.dev/werkplek/test/world"
)

// kubectl runs a command of kubectl on the shared cluster.
func kubectl(t *testing.T, arguments string) (string, error) {
	t.Helper()
	binary := os.Getenv("WERKPLEK_KUBECTL")
	if binary == "" {
		t.Fatal("set WERKPLEK_KUBECTL to the path of kubectl, as make test does")
	}
	command := exec.CommandContext(t.Context(), "sh", "-c", binary+" "+arguments)
	command.Env = append(os.Environ(), "KUBECONFIG="+cluster.Shared().Kubeconfig)
	out, err := command.CombinedOutput()
	return string(out), err
}

// waits are the commands of the page that wait for something.
var waits = regexp.MustCompile(`(?m)^kubectl (wait .*)$`)

// waitsAsWritten: each of the page's commands ends, and what it waits for has come.
func waitsAsWritten(t *testing.T, w world.World) {
	work(t, w)
	must(t, w.Workplace(t.Context(), "t", "bob", "bob@example.com"))
	ask(t, w, v1alpha1.RequestBlockUser, &v1alpha1.Person{Username: "bob@example.com"})
	page, err := os.ReadFile(filepath.Join(cluster.Root(), "docs", "how-to", "gitops.md"))
	must(t, err)
	found := waits.FindAllStringSubmatch(string(page), -1)
	if len(found) < 8 {
		t.Fatalf("found %d commands in the page", len(found))
	}
	here := strings.NewReplacer(
		"tenant-jansen", w.Namespace("t"), "tenant/jansen", "tenant/"+w.TenantName("t"),
		"billingaccount/jansen", "billingaccount/"+w.TenantName("t"), "userrequest/block-anna", "userrequest/ask",
		"serviceterms,workplaceclasses --all", "serviceterms/"+w.Name+" workplaceclass/"+w.Name,
	)
	for _, wait := range found {
		if strings.Contains(wait[1], "suspension") {
			suspend(t, w, "t", nil)
		}
		if out, err := kubectl(t, here.Replace(wait[1])); err != nil {
			t.Errorf("%s: %v\n%s", wait[1], err, out)
		}
	}
}

// columnsTell: kubectl get shows what people look for.
func columnsTell(t *testing.T, w world.World) {
	suspended(t, w)
	notices["no mail server"].make(t, world.World{Client: w.Client, Name: w.Name + "n"})
	for command, want := range map[string]string{
		"get suspensions -n " + w.Namespace("t"):                           `(?m)^by-hand +Manual +True +2\d{3}-`,
		"get workplaces -n " + w.Namespace("t"):                            `(?m)^anna .* False +True +Suspended +False `,
		"get notices -n " + world.World{Name: w.Name + "n"}.Namespace("t"): `(?m)^welcome +Welcome .* NotConfigured `,
	} {
		cluster.Eventually(t, soon, command, func(context.Context) error {
			out, err := kubectl(t, command)
			if err == nil && !regexp.MustCompile(want).MatchString(out) {
				err = fmt.Errorf("%q is not in:\n%s", want, out)
			}
			return err
		})
	}
}

// labelled: labels and annotations that tools add to whatever there is stay, and so
// does all that the operator has made, also when the tenant changes.
func labelled(t *testing.T, w world.World) {
	work(t, w)
	before := uids(t, w)
	for _, list := range kinds() {
		for _, object := range owned(t, w, list) {
			tool := `{"metadata":{"labels":{"app.kubernetes.io/instance":"tenants","kustomize.toolkit.fluxcd.io/name":"tenants"},` +
				`"annotations":{"argocd.argoproj.io/tracking-id":"tenants:x"}}}`
			must(t, client.IgnoreNotFound(w.Patch(t.Context(), object, client.RawPatch(types.MergePatchType, []byte(tool)))))
		}
	}
	renamed := tenantOf(t, w).(*v1alpha1.Tenant)
	must(t, w.Patch(t.Context(), renamed, client.RawPatch(types.MergePatchType, []byte(`{"spec":{"displayName":"another name"}}`))))
	cluster.Eventually(t, soon, "the operator has looked", func(ctx context.Context) error {
		err := w.Get(ctx, client.ObjectKeyFromObject(renamed), renamed)
		if err == nil && renamed.Status.ObservedGeneration != renamed.Generation {
			err = fmt.Errorf("generation %d of %d", renamed.Status.ObservedGeneration, renamed.Generation)
		}
		return err
	})
	for _, list := range kinds() {
		for _, object := range owned(t, w, list) {
			key := fmt.Sprintf("%T %s", object, object.GetName())
			if object.GetUID() != before[key] {
				t.Errorf("%s is not the one that was there", key)
			}
			if object.GetLabels()["app.kubernetes.io/instance"] == "" || object.GetAnnotations()["argocd.argoproj.io/tracking-id"] == "" {
				t.Errorf("%s has lost what a tool wrote: %v", key, object.GetLabels())
			}
		}
	}
	must(t, w.AllReady("t", 1)(t.Context()))
}

// kinds are those of which the operator makes objects for a tenant.
func kinds() []client.ObjectList {
	return []client.ObjectList{
		&corev1.NamespaceList{}, &corev1.ServiceAccountList{}, &corev1.ResourceQuotaList{}, &corev1.LimitRangeList{},
		&networkingv1.NetworkPolicyList{}, &rbacv1.RoleList{}, &rbacv1.RoleBindingList{},
		&corev1.PersistentVolumeClaimList{}, &corev1.PodList{},
	}
}

// owned returns the objects of a kind that the operator has made for the tenant.
func owned(t *testing.T, w world.World, list client.ObjectList) []client.Object {
	t.Helper()
	options := []client.ListOption{client.InNamespace(w.Namespace("t"))}
	if _, is := list.(*corev1.NamespaceList); is {
		options = []client.ListOption{client.MatchingFields{"metadata.name": w.Namespace("t")}}
	}
	must(t, w.List(t.Context(), list, options...))
	var all []client.Object
	must(t, meta.EachListItem(list, func(item runtime.Object) error {
		// Every namespace has a service account and, for all of them, a certificate.
		if object := item.(client.Object); object.GetName() != "default" {
			all = append(all, object)
		}
		return nil
	}))
	return all
}

func uids(t *testing.T, w world.World) map[string]types.UID {
	t.Helper()
	found := map[string]types.UID{}
	for _, list := range kinds() {
		for _, object := range owned(t, w, list) {
			found[fmt.Sprintf("%T %s", object, object.GetName())] = object.GetUID()
		}
	}
	return found
}
