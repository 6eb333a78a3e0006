// SPDX-License-Identifier: Apache-2.0

package tenant

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/entitlement"
	"werkplek.dev/werkplek/controllers/internal/standing"
	"werkplek.dev/werkplek/internal/terms"
)

// gather reads everything that decides where the tenant stands and what is due.
func (v *visit) gather(ctx context.Context) (terms.Facts, error) {
	facts, err := standing.Facts(ctx, v.Client, v.Now, v.tenant, v.terms)
	if err != nil {
		return facts, err
	}
	facts.ResellerSuspended = v.cover.ByReseller()
	classes, licenses, err := v.priced(ctx)
	if err != nil {
		return facts, err
	}
	in := client.InNamespace(v1alpha1.NamespaceFor(v.tenant.Name))
	var charges v1alpha1.ChargeList
	if err := v.Client.List(ctx, &charges, in, client.UnsafeDisableDeepCopy); err != nil {
		return facts, fmt.Errorf("list charges: %w", err)
	}
	var sessions v1alpha1.SupportSessionList
	if err := v.Client.List(ctx, &sessions, in, client.UnsafeDisableDeepCopy); err != nil {
		return facts, fmt.Errorf("list support sessions: %w", err)
	}
	facts.AddSessions(v.terms.Zone, sessions.Items)
	var requests v1alpha1.UserRequestList
	if err := v.Client.List(ctx, &requests, in, client.UnsafeDisableDeepCopy); err != nil {
		return facts, fmt.Errorf("list requests: %w", err)
	}
	facts.AddRequests(requests.Items)
	for _, err := range []error{
		facts.AddWorkplaces(v.terms.Zone, v.workplaces, classes),
		facts.AddSubjects(v.terms, v.workplaces, classes, licenses),
		facts.AddCharges(charges.Items),
	} {
		if err != nil {
			return facts, fmt.Errorf("read the facts of tenant %s: %w", v.tenant.Name, err)
		}
	}
	return facts, nil
}

// priced returns the classes of the tenant's workplaces, and the licences that they need.
func (v *visit) priced(ctx context.Context) (terms.Classes, terms.Licenses, error) {
	classes, licenses := terms.Classes{}, terms.Licenses{}
	for i := range v.workplaces {
		workplace := &v.workplaces[i]
		name := string(workplace.Spec.ClassRef.Name)
		if _, seen := classes[name]; !seen {
			class := &v1alpha1.WorkplaceClass{}
			if err := v.Client.Get(ctx, client.ObjectKey{Name: name}, class, client.UnsafeDisableDeepCopy); apierrors.IsNotFound(err) {
				class = nil
			} else if err != nil {
				return nil, nil, fmt.Errorf("get class %s: %w", name, err)
			}
			classes[name] = class
		}
		for _, need := range entitlement.Needs(classes[name], workplace) {
			if _, seen := licenses[need]; seen {
				continue
			}
			license := &v1alpha1.License{}
			if err := v.Client.Get(ctx, client.ObjectKey{Name: need}, license, client.UnsafeDisableDeepCopy); apierrors.IsNotFound(err) {
				license = nil
			} else if err != nil {
				return nil, nil, fmt.Errorf("get licence %s: %w", need, err)
			}
			licenses[need] = license
		}
	}
	return classes, licenses, nil
}
