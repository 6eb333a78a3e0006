// SPDX-License-Identifier: Apache-2.0

package tenant

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/shopspring/decimal"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/entitlement"
	"werkplek.dev/werkplek/internal/terms"
)

// judgePrices says which price changes let the tenant leave (TD-15): of the
// classes of its workplaces, and of the licences that they need.
func (v *visit) judgePrices(ctx context.Context) error {
	if v.terms == nil || v.standing == nil {
		return nil // what was said before stays
	}
	subjects, err := v.subjects(ctx)
	if err != nil {
		return err
	}
	v.tenant.Status.RightsToLeave = v.terms.RightsToLeave(v.standing.StartsOn, subjects)
	return nil
}

func (v *visit) subjects(ctx context.Context) ([]terms.Subject, error) {
	classes, licenses := map[string]*v1alpha1.WorkplaceClass{}, map[string]bool{}
	for i := range v.workplaces {
		workplace := &v.workplaces[i]
		name := string(workplace.Spec.ClassRef.Name)
		if _, seen := classes[name]; !seen {
			class := &v1alpha1.WorkplaceClass{}
			if err := v.Client.Get(ctx, client.ObjectKey{Name: name}, class, client.UnsafeDisableDeepCopy); apierrors.IsNotFound(err) {
				class = nil
			} else if err != nil {
				return nil, fmt.Errorf("get class %s: %w", name, err)
			}
			classes[name] = class
		}
		for _, license := range entitlement.Needs(classes[name], workplace) {
			licenses[license] = true
		}
	}
	var subjects []terms.Subject
	for _, name := range slices.Sorted(maps.Keys(classes)) {
		if class := classes[name]; class != nil && class.Spec.Price != nil {
			subjects = append(subjects, terms.Subject{Kind: "WorkplaceClass", Name: name, Prices: classPrices(class.Spec.Price)})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(licenses)) {
		license := &v1alpha1.License{}
		if err := v.Client.Get(ctx, client.ObjectKey{Name: name}, license, client.UnsafeDisableDeepCopy); err != nil {
			if apierrors.IsNotFound(err) {
				continue
			}
			return nil, fmt.Errorf("get licence %s: %w", name, err)
		}
		if license.Spec.Agreement != v1alpha1.AgreementCustomerOwned {
			subjects = append(subjects, terms.Subject{Kind: "License", Name: name, Prices: licensePrices(license.Spec.Prices)})
		}
	}
	return subjects, nil
}

func classPrices(price *v1alpha1.ClassPrice) []terms.DatedPrice {
	list := []terms.DatedPrice{dated("", price.Amount, price.Currency)}
	for _, change := range price.Changes {
		list = append(list, dated(change.From, change.Amount, price.Currency))
	}
	return list
}

func licensePrices(prices []v1alpha1.LicensePrice) []terms.DatedPrice {
	var list []terms.DatedPrice
	for _, price := range prices {
		list = append(list, dated(price.From, price.Amount, price.Currency))
	}
	return list
}

// dated reads a price; the API server lets none through that cannot be read.
func dated(from v1alpha1.Date, amount v1alpha1.Price, currency v1alpha1.Currency) terms.DatedPrice {
	day, _ := terms.ParseDate(string(from))
	value, _ := decimal.NewFromString(string(amount))
	return terms.DatedPrice{From: day, Amount: value, Currency: string(currency)}
}

// announceRights makes an event of each price change that lets the tenant leave.
func (v *visit) announceRights(before *v1alpha1.Tenant) {
	for _, right := range v.tenant.Status.RightsToLeave {
		if !slices.Contains(before.Status.RightsToLeave, right) {
			v.Events.Eventf(v.tenant, nil, corev1.EventTypeWarning, "RightToLeave", "ChangePrice",
				"the price of %s %s changes by %s percent on %s: the tenant may leave", right.Kind, right.Name, right.Percent, right.From)
		}
	}
}
