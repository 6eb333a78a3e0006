// SPDX-License-Identifier: Apache-2.0

package supportsession

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/children"
	"werkplek.dev/werkplek/controllers/internal/enqueue"
	"werkplek.dev/werkplek/controllers/internal/reconciling"
	"werkplek.dev/werkplek/controllers/internal/standing"
	"werkplek.dev/werkplek/internal/outcome"
	"werkplek.dev/werkplek/internal/reading"
	"werkplek.dev/werkplek/internal/terms/agreement"
	"werkplek.dev/werkplek/internal/terms/charging"
	"werkplek.dev/werkplek/internal/terms/facts"
)

// charge makes the charges of what the agreement does not cover, each once: they
// exist before the status says so (TD-17, TD-18, DF-4).
func (v *visit) charge(ctx context.Context) error {
	s := &v.session.Status
	if work := v.session.Spec.Work; work != nil && s.EndedAt != nil && s.StartedAt == nil {
		s.StartedAt = work.StartedAt.DeepCopy()
	}
	if !v.endStored || !awaitsCharge(v.session) {
		return nil
	}
	from, till := worked(v.session)
	if v.Now.Before(till) {
		v.Recheck(till)
		return nil
	}
	if !v.onSite() && !v.consent.held(s) {
		return nil
	}
	tenant, compiled, err := v.terms(ctx)
	if err != nil || compiled == nil {
		return err
	}
	due, err := v.due(ctx, tenant, compiled, from, till)
	var missing *charging.NoRateError
	if errors.As(err, &missing) {
		v.hinder(outcome.Stalled(v1alpha1.ReasonNoRate, missing.Error()))
		return nil
	}
	if err != nil {
		return err
	}
	made := make([]v1alpha1.Reference, 0, len(due))
	for _, charge := range due {
		err := v.ensure(ctx, tenant, charge)
		if foreign, ok := children.InTheWay(err); ok {
			v.hinder(foreign)
			return nil
		}
		if err != nil {
			return err
		}
		made = append(made, v1alpha1.Reference{Name: v1alpha1.ObjectName(charge.Name)})
	}
	if len(made) > 0 {
		s.Charges = made
	}
	return nil
}

// settled is how long after its end a session that the agreement covers is looked
// at: terms that change later charge nothing into the past.
const settled = 7 * 24 * time.Hour

// due returns what a session's work costs: all of it outside the agreement, and
// within it what goes beyond the sessions that it includes (DF-4, DF-5).
func (v *visit) due(ctx context.Context, tenant *v1alpha1.Tenant, compiled *agreement.Terms, from, till time.Time) ([]charging.NamedCharge, error) {
	s := v.session
	if !covered(s) {
		return charging.SupportWork(compiled, s.Name, s.Spec.Mode, from, till)
	}
	if !compiled.IncludesSessions() || v.Now.After(till.Add(settled)) {
		return nil, nil
	}
	stand, err := standing.Of(ctx, v.Client, v.Now, tenant)
	if err != nil {
		return nil, err
	}
	since := stand.AgreedOn
	if since.IsZero() {
		since = stand.StartsOn
	}
	var list v1alpha1.SupportSessionList
	if err := v.Client.List(ctx, &list, client.InNamespace(s.Namespace), client.UnsafeDisableDeepCopy); err != nil {
		return nil, err
	}
	before := slices.DeleteFunc(list.Items, func(other v1alpha1.SupportSession) bool {
		ended := other.Status.EndedAt
		return other.Name == s.Name || ended == nil || ended.After(s.Status.EndedAt.Time) || ended.Equal(s.Status.EndedAt) && other.Name > s.Name
	})
	return charging.CoveredWork(compiled, s.Name, since, from, till, facts.SessionsOf(compiled.Zone, before))
}

// covered reports whether a session is one that the agreement may include.
func covered(session *v1alpha1.SupportSession) bool {
	c := session.Spec.CoveredByAgreement
	return c == nil || *c
}

// awaitsCharge reports whether a session's work may be to be charged and is not yet.
func awaitsCharge(session *v1alpha1.SupportSession) bool {
	s := &session.Status
	return !(covered(session) && session.Spec.Mode == v1alpha1.SupportOnSite) && s.StartedAt != nil && s.EndedAt != nil && len(s.Charges) == 0
}

// worked returns the time that counts: on site as it was recorded, though the
// session may have been ended before that.
func worked(session *v1alpha1.SupportSession) (from, till time.Time) {
	if work := session.Spec.Work; work != nil {
		return work.StartedAt.Time, work.EndedAt.Time
	}
	return session.Status.StartedAt.Time, session.Status.EndedAt.Time
}

// terms returns the session's tenant and its terms, or notes what is wrong with them.
func (v *visit) terms(ctx context.Context) (*v1alpha1.Tenant, *agreement.Terms, error) {
	name, _ := enqueue.TenantIn(v.session.Namespace)
	tenant, err := reading.Maybe(ctx, v.Client, client.ObjectKey{Name: name}, &v1alpha1.Tenant{})
	if err != nil {
		return nil, nil, err
	}
	if tenant == nil {
		v.hinder(enqueue.Orphaned(v.session.Namespace))
		return nil, nil, nil
	}
	compiled, wrong, err := standing.Terms(ctx, v.Client, tenant)
	if wrong != nil {
		v.hinder(*wrong)
	}
	return tenant, compiled, err
}

// ensure makes one charge unless it exists.
func (v *visit) ensure(ctx context.Context, tenant *v1alpha1.Tenant, due charging.NamedCharge) error {
	_, err := children.Ensure(ctx, v.Client, v.Live, children.Child[*v1alpha1.Charge]{
		Kind: "charge",
		Why:  "support session " + v.session.Name + " is over, and the agreement does not cover it",
		Desired: &v1alpha1.Charge{
			ObjectMeta: metav1.ObjectMeta{
				Name:      due.Name,
				Namespace: v.session.Namespace,
				Labels:    map[string]string{v1alpha1.LabelManagedBy: v1alpha1.ManagedBy, v1alpha1.LabelTenant: tenant.Name},
			},
			Spec: due.Spec,
		},
		Own: func(existing *v1alpha1.Charge) bool {
			source := existing.Spec.SourceRef
			return existing.Spec.Type == due.Spec.Type && source != nil && *source == *due.Spec.SourceRef
		},
		Made: func(made *v1alpha1.Charge) {
			v.Tell(ctx, reconciling.Said{
				Object: tenant, Related: made, Reason: "ChargeDue", Action: "Charge",
				Message: fmt.Sprintf("%s %s is due for support session %s: the agreement does not cover it",
					made.Spec.Currency, made.Spec.Amount, v.session.Name),
			})
		},
	})
	return err
}
