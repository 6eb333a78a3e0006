// SPDX-License-Identifier: Apache-2.0

package behaviour

import (
	"context"
	"fmt"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/export"
	"werkplek.dev/werkplek/test/cluster"
	"werkplek.dev/werkplek/test/world"
)

func namespaceFurnished(t *testing.T, w world.World) {
	ctx := t.Context()
	provide(t, w)
	must(t, edit(ctx, w, "t", func(s *v1alpha1.TenantSpec) {
		s.Limits = &v1alpha1.TenantLimits{
			Workplaces: ptr.To(int32(3)), CPU: ptr.To(resource.MustParse("2")), HomeSize: ptr.To(resource.MustParse("50Gi")),
		}
	}))
	cluster.Eventually(t, soon, "namespace and furniture", func(ctx context.Context) error {
		namespace := &corev1.Namespace{}
		if err := w.Get(ctx, client.ObjectKey{Name: w.Namespace("t")}, namespace); err != nil {
			return err
		}
		if got := namespace.Labels["pod-security.kubernetes.io/enforce"]; got != "restricted" {
			return fmt.Errorf("pod security is %q, want restricted", got)
		}
		quota := &corev1.ResourceQuota{}
		if err := w.Get(ctx, client.ObjectKey{Namespace: namespace.Name, Name: "werkplek"}, quota); err != nil {
			return err
		}
		if pods, cpu := quota.Spec.Hard["pods"], quota.Spec.Hard["requests.cpu"]; pods.Value() != 3+export.MostJobs || cpu.Value() != 2 {
			return fmt.Errorf("quota is %v, want 3 pods and those of an export, and 2 CPUs", quota.Spec.Hard)
		}
		limits := &corev1.LimitRange{}
		if err := w.Get(ctx, client.ObjectKey{Namespace: namespace.Name, Name: "werkplek"}, limits); err != nil {
			return err
		}
		if len(limits.Spec.Limits) != 2 {
			return fmt.Errorf("limit range is %v, want a default request and a largest home", limits.Spec.Limits)
		}
		for _, name := range []string{"default-deny", "allow-gateway", "allow-egress"} {
			if err := w.Get(ctx, client.ObjectKey{Namespace: namespace.Name, Name: name}, &networkingv1.NetworkPolicy{}); err != nil {
				return err
			}
		}
		binding := &rbacv1.RoleBinding{}
		if err := w.Get(ctx, client.ObjectKey{Namespace: namespace.Name, Name: "werkplek-contact"}, binding); err != nil {
			return err
		}
		if len(binding.Subjects) != 1 || binding.Subjects[0].Name != "t@example.com" {
			return fmt.Errorf("the contact's binding is for %v", binding.Subjects)
		}
		return nil
	})
	// Without limits there is no quota.
	must(t, edit(ctx, w, "t", func(s *v1alpha1.TenantSpec) { s.Limits = nil }))
	cluster.Eventually(t, soon, "the quota is gone", func(ctx context.Context) error {
		err := w.Get(ctx, client.ObjectKey{Namespace: w.Namespace("t"), Name: "werkplek"}, &corev1.ResourceQuota{})
		if apierrors.IsNotFound(err) {
			return nil
		}
		return fmt.Errorf("still there (%v)", err)
	})
}

func namespaceTaken(t *testing.T, w world.World) {
	ctx := t.Context()
	foreign := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: w.Namespace("t"), Labels: map[string]string{"whose": "theirs"}}}
	must(t, w.Create(ctx, foreign), w.Terms(ctx), w.Class(ctx), w.Tenant(ctx, "t"))
	cluster.Eventually(t, soon, "the Tenant says so", w.TenantCondition("t", v1alpha1.ConditionReady, v1alpha1.ReasonNamespaceTaken))
	found := &corev1.Namespace{}
	must(t, w.Get(ctx, client.ObjectKeyFromObject(foreign), found))
	if found.Labels[v1alpha1.LabelTenant] != "" || found.UID != foreign.UID {
		t.Fatalf("the namespace was touched: %v", found.Labels)
	}
	must(t, w.Delete(ctx, foreign))
	cluster.Eventually(t, 90*time.Second, "it heals once the name is free", w.HasNamespace("t"))
}

func hostileHands(t *testing.T, w world.World) {
	ctx := t.Context()
	provide(t, w)
	namespace := w.Namespace("t")
	policy := &networkingv1.NetworkPolicy{}
	must(t, w.Get(ctx, client.ObjectKey{Namespace: namespace, Name: "default-deny"}, policy))
	must(t, w.Delete(ctx, policy))
	binding := &rbacv1.RoleBinding{}
	must(t, w.Get(ctx, client.ObjectKey{Namespace: namespace, Name: "werkplek-contact"}, binding))
	base := binding.DeepCopy()
	binding.Subjects[0].Name = "mallory@example.com"
	must(t, w.Patch(ctx, binding, client.MergeFrom(base)))
	tenant := &v1alpha1.Tenant{}
	must(t, w.Get(ctx, client.ObjectKey{Name: w.TenantName("t")}, tenant))
	held := tenant.DeepCopy()
	tenant.Finalizers = nil
	must(t, w.Patch(ctx, tenant, client.MergeFrom(held)))
	cluster.Eventually(t, soon, "all is as it was", func(ctx context.Context) error {
		if err := w.Get(ctx, client.ObjectKeyFromObject(policy), policy); err != nil {
			return err
		}
		if err := w.Get(ctx, client.ObjectKeyFromObject(binding), binding); err != nil {
			return err
		}
		if binding.Subjects[0].Name != "t@example.com" {
			return fmt.Errorf("the binding is for %s", binding.Subjects[0].Name)
		}
		if err := w.Get(ctx, client.ObjectKeyFromObject(tenant), tenant); err != nil {
			return err
		}
		if len(tenant.Finalizers) == 0 {
			return fmt.Errorf("the finalizer is missing")
		}
		return nil
	})
}

func missingTermsHeal(t *testing.T, w world.World) {
	ctx := t.Context()
	must(t, w.Tenant(ctx, "t"))
	cluster.Eventually(t, soon, "the Tenant names the missing terms", w.TenantCondition("t", v1alpha1.ConditionReady, v1alpha1.ReasonTermsNotFound))
	must(t, w.Terms(ctx))
	cluster.Eventually(t, soon, "it heals", w.HasNamespace("t"))
}

func resellerProblems(t *testing.T, w world.World) {
	ctx := t.Context()
	must(t, w.Terms(ctx), w.Tenant(ctx, "c", w.Under("r")))
	cluster.Eventually(t, soon, "a missing reseller", w.TenantCondition("c", v1alpha1.ConditionReady, v1alpha1.ReasonResellerNotFound))
	must(t, w.Tenant(ctx, "r"))
	cluster.Eventually(t, soon, "a tenant that is no reseller", w.TenantCondition("c", v1alpha1.ConditionReady, v1alpha1.ReasonNotAReseller))
	must(t, edit(ctx, w, "r", func(s *v1alpha1.TenantSpec) { s.Reseller = ptr.To(true) }))
	cluster.Eventually(t, soon, "it heals", w.TenantCondition("c", v1alpha1.ConditionReady, v1alpha1.ReasonReady))
	must(t, edit(ctx, w, "c", func(s *v1alpha1.TenantSpec) { s.Reseller = ptr.To(true) }))
	must(t, edit(ctx, w, "r", w.Under("c")))
	cluster.Eventually(t, soon, "a cycle", w.TenantCondition("c", v1alpha1.ConditionReady, v1alpha1.ReasonResellerCycle))
	must(t, edit(ctx, w, "r", func(s *v1alpha1.TenantSpec) { s.ResellerRef = nil }))
	cluster.Eventually(t, soon, "it heals again", w.TenantCondition("c", v1alpha1.ConditionReady, v1alpha1.ReasonReady))
}

func tenantDeletion(t *testing.T, w world.World) {
	ctx := t.Context()
	provide(t, w)
	must(t, w.Workplace(ctx, "t", "anna", "anna@example.com"))
	cluster.Eventually(t, soon, "the desktop", w.AllReady("t", 1))
	cluster.Eventually(t, soon, "data is kept", w.TenantCondition("t", v1alpha1.ConditionErasureAllowed, v1alpha1.ReasonDataKept))
	tenant := &v1alpha1.Tenant{}
	must(t, w.Get(ctx, client.ObjectKey{Name: w.TenantName("t")}, tenant))
	if err := w.Delete(ctx, tenant); err == nil {
		t.Fatal("the Tenant was deleted although its data may not be erased")
	}
	workplace := &v1alpha1.Workplace{ObjectMeta: metav1.ObjectMeta{Namespace: w.Namespace("t"), Name: "anna"}}
	must(t, w.Delete(ctx, workplace))
	claim := &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Namespace: w.Namespace("t"), Name: "home-anna"}}
	cluster.Eventually(t, soon, "the pod is gone and the home is kept", func(ctx context.Context) error {
		var pods corev1.PodList
		if err := w.List(ctx, &pods, client.InNamespace(w.Namespace("t"))); err != nil || len(pods.Items) > 0 {
			return fmt.Errorf("%d pods (%v)", len(pods.Items), err)
		}
		return w.Get(ctx, client.ObjectKeyFromObject(claim), claim)
	})
	if claim.DeletionTimestamp != nil {
		t.Fatal("the home goes with its workplace")
	}
	must(t, w.Delete(ctx, claim))
	cluster.Eventually(t, soon, "nothing is left to keep", w.TenantCondition("t", v1alpha1.ConditionErasureAllowed, v1alpha1.ReasonNoData))
	must(t, w.Delete(ctx, tenant))
	cluster.Eventually(t, 2*soon, "Tenant, namespace and billing account are gone", func(ctx context.Context) error {
		for _, object := range []client.Object{
			&v1alpha1.Tenant{ObjectMeta: metav1.ObjectMeta{Name: w.TenantName("t")}},
			&v1alpha1.BillingAccount{ObjectMeta: metav1.ObjectMeta{Name: w.TenantName("t")}},
			&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: w.Namespace("t")}},
		} {
			if err := w.Get(ctx, client.ObjectKeyFromObject(object), object); !apierrors.IsNotFound(err) {
				return fmt.Errorf("%T is still there (%v)", object, err)
			}
		}
		return nil
	})
}

// unmarkedHomeIsKept: a home that has lost its labels goes with no namespace.
func unmarkedHomeIsKept(t *testing.T, w world.World) {
	ctx := t.Context()
	provide(t, w)
	must(t, w.Workplace(ctx, "t", "anna", "anna@example.com"))
	cluster.Eventually(t, soon, "the desktop", w.AllReady("t", 1))
	must(t, w.Delete(ctx, &v1alpha1.Workplace{ObjectMeta: metav1.ObjectMeta{Namespace: w.Namespace("t"), Name: "anna"}}))
	claim := &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Namespace: w.Namespace("t"), Name: "home-anna"}}
	tenant := &v1alpha1.Tenant{ObjectMeta: metav1.ObjectMeta{Name: w.TenantName("t")}}
	unmarked := client.RawPatch(types.JSONPatchType, []byte(`[{"op":"remove","path":"/metadata/labels"}]`))
	cluster.Eventually(t, soon, "the workplace is gone", func(ctx context.Context) error {
		workplace := &v1alpha1.Workplace{}
		err := w.Get(ctx, client.ObjectKey{Namespace: w.Namespace("t"), Name: "anna"}, workplace)
		if !apierrors.IsNotFound(err) {
			return fmt.Errorf("it is still there (%v)", err)
		}
		return nil
	})
	must(t, w.Patch(ctx, claim, unmarked))
	cluster.Eventually(t, 2*soon, "it may be deleted, as far as is known", func(ctx context.Context) error {
		return w.Delete(ctx, tenant)
	})
	cluster.Eventually(t, soon, "the home is found", w.TenantCondition("t", v1alpha1.ConditionReady, v1alpha1.ReasonDataKept))
	must(t, w.Get(ctx, client.ObjectKeyFromObject(claim), claim))
	namespace := &corev1.Namespace{}
	must(t, w.Get(ctx, client.ObjectKey{Name: w.Namespace("t")}, namespace))
	if claim.DeletionTimestamp != nil || namespace.DeletionTimestamp != nil {
		t.Fatal("the home goes with the namespace, which holds it under no label")
	}
}

// edit changes a tenant's spec.
func edit(ctx context.Context, w world.World, tenant string, change func(*v1alpha1.TenantSpec)) error {
	object := &v1alpha1.Tenant{}
	if err := w.Get(ctx, client.ObjectKey{Name: w.TenantName(tenant)}, object); err != nil {
		return err
	}
	base := object.DeepCopy()
	change(&object.Spec)
	return w.Patch(ctx, object, client.MergeFrom(base))
}
