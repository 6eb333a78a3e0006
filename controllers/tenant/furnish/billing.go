// SPDX-License-Identifier: Apache-2.0

package furnish

import (
	"context"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/children"
	"werkplek.dev/werkplek/internal/outcome"
)

// +kubebuilder:rbac:groups=werkplek.dev,resources=billingaccounts,verbs=get;list;watch;create;patch
// +kubebuilder:rbac:groups=werkplek.dev,resources=tenants/finalizers,verbs=update

// BillingAccount is where the billing system reports.
type BillingAccount struct{ Hands }

// Open makes the account in a currency. One in another currency is a person's to settle.
func (b BillingAccount) Open(ctx context.Context, tenant *v1alpha1.Tenant, currency string) (outcome.Outcome, error) {
	controller := true
	account, err := children.Ensure(ctx, b.Client, b.Live, children.Child[*v1alpha1.BillingAccount]{
		Kind: "billing account",
		Why:  "the billing system reports there",
		Desired: &v1alpha1.BillingAccount{
			ObjectMeta: metav1.ObjectMeta{
				Name: tenant.Name, Labels: labels(tenant),
				OwnerReferences: []metav1.OwnerReference{{
					APIVersion: v1alpha1.GroupVersion.String(), Kind: "Tenant", Name: tenant.Name, UID: tenant.UID,
					Controller: &controller,
				}},
			},
			Spec: v1alpha1.BillingAccountSpec{
				TenantRef: v1alpha1.Reference{Name: v1alpha1.ObjectName(tenant.Name)}, Currency: v1alpha1.Currency(currency),
			},
		},
		Own: func(account *v1alpha1.BillingAccount) bool { return metav1.IsControlledBy(account, tenant) },
	})
	if foreign, inTheWay := children.InTheWay(err); inTheWay {
		return foreign, nil
	}
	if err != nil {
		return outcome.Outcome{}, err
	}
	if string(account.Spec.Currency) != currency {
		return outcome.Stalled(v1alpha1.ReasonCurrencyMismatch, fmt.Sprintf(
			"the billing account is in %s and the terms in %s; settle it and delete the BillingAccount, a new one is made",
			account.Spec.Currency, currency)), nil
	}
	return furnished, nil
}
