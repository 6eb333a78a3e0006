// SPDX-License-Identifier: Apache-2.0

// Package standing gathers the facts about a tenant from the API and asks the
// contract calendar where it stands.
package standing

import (
	"context"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/terms"
)

// Problem is why no standing can be computed, until a person acts.
type Problem struct {
	Reason  string
	Message string
}

// Terms returns the compiled terms of a tenant, or what is wrong with them.
func Terms(ctx context.Context, c client.Reader, tenant *v1alpha1.Tenant) (*terms.Terms, *Problem, error) {
	name := string(tenant.Spec.TermsRef.Name)
	object := &v1alpha1.ServiceTerms{}
	if err := c.Get(ctx, client.ObjectKey{Name: name}, object, client.UnsafeDisableDeepCopy); err != nil {
		if apierrors.IsNotFound(err) {
			return nil, &Problem{v1alpha1.ReasonTermsNotFound, fmt.Sprintf("the ServiceTerms %s do not exist; create them, or correct spec.termsRef", name)}, nil
		}
		return nil, nil, fmt.Errorf("get terms %s: %w", name, err)
	}
	compiled, err := terms.Compile(&object.Spec)
	if err != nil {
		return nil, &Problem{v1alpha1.ReasonTermsInvalid, fmt.Sprintf("the ServiceTerms %s cannot be used: %v", name, err)}, nil
	}
	return compiled, nil, nil
}

// Of returns where a tenant stands at a moment under its terms.
func Of(ctx context.Context, c client.Reader, now time.Time, tenant *v1alpha1.Tenant, t *terms.Terms, resellerSuspended bool) (terms.Standing, error) {
	account := &v1alpha1.BillingAccount{}
	if err := c.Get(ctx, client.ObjectKey{Name: tenant.Name}, account, client.UnsafeDisableDeepCopy); apierrors.IsNotFound(err) {
		account = nil
	} else if err != nil {
		return terms.Standing{}, fmt.Errorf("get billing account: %w", err)
	}
	var suspensions v1alpha1.SuspensionList
	if err := c.List(ctx, &suspensions, client.InNamespace(v1alpha1.NamespaceFor(tenant.Name)), client.UnsafeDisableDeepCopy); err != nil {
		return terms.Standing{}, fmt.Errorf("list suspensions: %w", err)
	}
	facts, err := terms.FactsOf(now, t.Zone, tenant, account, suspensions.Items)
	if err != nil {
		return terms.Standing{}, fmt.Errorf("read the facts of tenant %s: %w", tenant.Name, err)
	}
	facts.ResellerSuspended = resellerSuspended
	return terms.Stand(t, facts), nil
}
