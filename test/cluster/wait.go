// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/rand"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// servedTimeout bounds the time until the API server has taken up what was
// applied.
const servedTimeout = time.Minute

// waitForCRDs waits until the kinds of CRDs are served.
func (c *Cluster) waitForCRDs(ctx context.Context, names []string) error {
	ctx, cancel := context.WithTimeout(ctx, servedTimeout)
	defer cancel()
	for _, name := range names {
		if err := poll(ctx, func(ctx context.Context) error { return c.served(ctx, name) }); err != nil {
			return fmt.Errorf("CustomResourceDefinition %s: %w", name, err)
		}
	}
	return nil
}

// served returns nil when a CRD is established and its objects can be listed.
func (c *Cluster) served(ctx context.Context, name string) error {
	var crd apiextensionsv1.CustomResourceDefinition
	if err := c.Client.Get(ctx, client.ObjectKey{Name: name}, &crd); err != nil {
		return err
	}
	err := errors.New("not established yet")
	for _, condition := range crd.Status.Conditions {
		switch {
		case condition.Status == apiextensionsv1.ConditionTrue && condition.Type == apiextensionsv1.Established:
			err = nil
		case condition.Status == apiextensionsv1.ConditionTrue && condition.Type == apiextensionsv1.NonStructuralSchema,
			condition.Status == apiextensionsv1.ConditionFalse && condition.Type == apiextensionsv1.NamesAccepted:
			return fmt.Errorf("%s: %s", condition.Type, condition.Message)
		}
	}
	if err != nil {
		return err
	}
	for _, version := range crd.Spec.Versions {
		list := &unstructured.UnstructuredList{}
		list.SetGroupVersionKind(schema.GroupVersionKind{Group: crd.Spec.Group, Version: version.Name, Kind: crd.Spec.Names.ListKind})
		if version.Served {
			err = errors.Join(err, c.Client.List(ctx, list, client.Limit(1)))
		}
	}
	return err
}

// waitForPolicies waits until the API server enforces every admission policy
// that is there now. Policies say nothing about that themselves. One more is
// applied that refuses a single ConfigMap: the API server takes policies up
// in the order in which they were written, all at once, so when it enforces
// this one it enforces the ones before.
func (c *Cluster) waitForPolicies(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, servedTimeout)
	defer cancel()
	name := "werkplek-test-canary-" + rand.String(8)
	policy, binding := canary(name)
	for _, object := range []client.Object{policy, binding} {
		if err := c.Client.Create(ctx, object); err != nil {
			return err
		}
		defer func() { _ = c.Client.Delete(context.WithoutCancel(ctx), object) }() // a canary that is left harms nobody
	}
	probe := func(ctx context.Context) error {
		object := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: metav1.NamespaceDefault, Name: name}}
		err := c.Client.Create(ctx, object, client.DryRunAll)
		switch {
		case err == nil:
			return errors.New("admission policies are not enforced yet")
		case strings.Contains(err.Error(), name+" is enforced"):
			return nil
		default:
			return err
		}
	}
	return poll(ctx, probe)
}

// canary returns a policy that refuses the ConfigMap with its own name.
func canary(name string) (*admissionv1.ValidatingAdmissionPolicy, *admissionv1.ValidatingAdmissionPolicyBinding) {
	rule := admissionv1.NamedRuleWithOperations{ResourceNames: []string{name}}
	rule.Operations = []admissionv1.OperationType{admissionv1.Create}
	rule.APIGroups, rule.APIVersions, rule.Resources = []string{""}, []string{"v1"}, []string{"configmaps"}
	policy := &admissionv1.ValidatingAdmissionPolicy{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: admissionv1.ValidatingAdmissionPolicySpec{
			MatchConstraints: &admissionv1.MatchResources{ResourceRules: []admissionv1.NamedRuleWithOperations{rule}},
			Validations:      []admissionv1.Validation{{Expression: "false", Message: name + " is enforced"}},
		},
	}
	binding := &admissionv1.ValidatingAdmissionPolicyBinding{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: admissionv1.ValidatingAdmissionPolicyBindingSpec{
			PolicyName:        name,
			ValidationActions: []admissionv1.ValidationAction{admissionv1.Deny},
		},
	}
	return policy, binding
}
