// SPDX-License-Identifier: Apache-2.0

// Package standing asks where a tenant stands: the one reader of the facts, for
// every controller that asks.
package standing

import (
	"context"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/family"
	"werkplek.dev/werkplek/internal/outcome"
	"werkplek.dev/werkplek/internal/reading"
	"werkplek.dev/werkplek/internal/terms/agreement"
	"werkplek.dev/werkplek/internal/terms/facts"
	"werkplek.dev/werkplek/internal/terms/standing"
)

// Terms returns the compiled terms of a tenant, or what is wrong with them.
func Terms(ctx context.Context, c client.Reader, tenant *v1alpha1.Tenant) (*agreement.Terms, *outcome.Outcome, error) {
	compiled, usable, err := reading.Terms(ctx, c, string(tenant.TermsNow()))
	if err != nil || usable.OK() {
		return compiled, nil, err
	}
	return nil, &usable, nil
}

// Reader reads what decides about tenants, from a cache and, where that cannot
// know, from the API server. Who only asks where tenants stand needs no live one.
func Reader(c, live client.Reader) reading.Tenants {
	return reading.Tenants{From: c, Live: live, Children: family.Children(c)}
}

// Of returns where a tenant stands at a moment, under the terms that hold for it.
// Terms has said that these can be used.
func Of(ctx context.Context, c client.Reader, now time.Time, tenant *v1alpha1.Tenant) (standing.Standing, error) {
	book, _, err := reading.Book(ctx, c, tenant)
	if err != nil {
		return standing.Standing{}, err
	}
	sources, err := Reader(c, nil).Standing(ctx, now, tenant)
	if err != nil {
		return standing.Standing{}, err
	}
	facts, err := facts.Read(now, book, sources)
	if err != nil {
		return standing.Standing{}, err
	}
	return standing.Stand(book[facts.TermsName], facts), nil
}

// Facts returns the facts about a tenant at a moment, whole, and the terms by
// which they are judged.
func Facts(ctx context.Context, c, live client.Reader, now time.Time, tenant *v1alpha1.Tenant) (facts.Book, facts.Facts, error) {
	book, _, err := reading.Book(ctx, c, tenant)
	if err != nil {
		return nil, facts.Facts{}, err
	}
	sources, err := Reader(c, live).Sources(ctx, now, tenant)
	if err != nil {
		return nil, facts.Facts{}, err
	}
	facts, err := facts.Read(now, book, sources)
	return book, facts, err
}
