// SPDX-License-Identifier: Apache-2.0

// Package standing gathers the facts about a tenant from the API and asks the
// contract calendar where it stands.
package standing

import (
	"context"
	"errors"
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
	return named(ctx, c, string(tenant.TermsNow()))
}

func named(ctx context.Context, c client.Reader, name string) (*terms.Terms, *Problem, error) {
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

// Facts gathers what decides where a tenant stands, besides its workplaces and charges.
func Facts(ctx context.Context, c client.Reader, now time.Time, tenant *v1alpha1.Tenant, t *terms.Terms) (terms.Facts, error) {
	account := &v1alpha1.BillingAccount{}
	if err := c.Get(ctx, client.ObjectKey{Name: tenant.Name}, account, client.UnsafeDisableDeepCopy); apierrors.IsNotFound(err) {
		account = nil
	} else if err != nil {
		return terms.Facts{}, fmt.Errorf("get billing account: %w", err)
	}
	in := client.InNamespace(v1alpha1.NamespaceFor(tenant.Name))
	var suspensions v1alpha1.SuspensionList
	if err := c.List(ctx, &suspensions, in, client.UnsafeDisableDeepCopy); err != nil {
		return terms.Facts{}, fmt.Errorf("list suspensions: %w", err)
	}
	var notices v1alpha1.NoticeList
	if err := c.List(ctx, &notices, in, client.UnsafeDisableDeepCopy); err != nil {
		return terms.Facts{}, fmt.Errorf("list notices: %w", err)
	}
	facts, err := terms.FactsOf(now, t.Zone, tenant, account, suspensions.Items)
	if err != nil {
		return facts, fmt.Errorf("read the facts of tenant %s: %w", tenant.Name, err)
	}
	facts.AddNotices(notices.Items)
	var faults []error
	err = facts.AddPlan(tenant, t.Title, func(name string) *terms.Terms {
		found, _, err := named(ctx, c, name)
		faults = append(faults, err)
		return found
	})
	if err := errors.Join(append(faults, err)...); err != nil {
		return facts, fmt.Errorf("read the plans of tenant %s: %w", tenant.Name, err)
	}
	return facts, nil
}

// Of returns where a tenant stands at a moment under its terms.
func Of(ctx context.Context, c client.Reader, now time.Time, tenant *v1alpha1.Tenant, t *terms.Terms, resellerSuspended bool) (terms.Standing, error) {
	facts, err := Facts(ctx, c, now, tenant, t)
	if err != nil {
		return terms.Standing{}, err
	}
	facts.ResellerSuspended = resellerSuspended
	return terms.Stand(t, facts), nil
}
