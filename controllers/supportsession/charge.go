// SPDX-License-Identifier: Apache-2.0

package supportsession

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/children"
	"werkplek.dev/werkplek/controllers/internal/enqueue"
	"werkplek.dev/werkplek/controllers/internal/standing"
	"werkplek.dev/werkplek/internal/terms"
)

// charge makes the charges of a session, each once: they exist before the status
// says so. What the agreement does not cover is charged (TD-17, TD-18), and of
// what it covers, what goes beyond the sessions that it includes (DF-4, DF-5).
func (v *visit) charge(ctx context.Context) error {
	s := &v.session.Status
	if work := v.session.Spec.Work; work != nil && s.EndedAt != nil && s.StartedAt == nil {
		s.StartedAt = work.StartedAt.DeepCopy()
	}
	if !v.endStored || !awaitsCharge(v.session) {
		return nil
	}
	from, till := worked(v.session)
	if v.now.Before(till) {
		v.recheck = till
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
	var missing *terms.NoRateError
	if errors.As(err, &missing) {
		v.problem = &finding{v1alpha1.ReasonNoRate, missing.Error()}
		return nil
	}
	if err != nil {
		return err
	}
	made := make([]v1alpha1.Reference, 0, len(due))
	for _, charge := range due {
		err := v.ensure(ctx, tenant, charge)
		var foreign *children.ForeignError
		if errors.As(err, &foreign) {
			v.problem = &finding{v1alpha1.ReasonForeignObject, foreign.Error()}
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

// awaitsCharge reports whether a session's work may have to be charged and is not yet.
func awaitsCharge(session *v1alpha1.SupportSession) bool {
	s := &session.Status
	return s.StartedAt != nil && s.EndedAt != nil && len(s.Charges) == 0 && (!coveredBy(session) || session.Spec.Mode != v1alpha1.SupportOnSite)
}

// coveredBy reports whether the agreement covers a session, as it does unless the agent says otherwise.
func coveredBy(session *v1alpha1.SupportSession) bool {
	covered := session.Spec.CoveredByAgreement
	return covered == nil || *covered
}

// due returns what is to be charged for a session.
func (v *visit) due(ctx context.Context, tenant *v1alpha1.Tenant, compiled *terms.Terms, from, till time.Time) ([]terms.SupportCharge, error) {
	if !coveredBy(v.session) {
		return compiled.SupportWork(v.session.Name, v.session.Spec.Mode, from, till)
	}
	if !compiled.IncludesSessions() {
		return nil, nil
	}
	facts, err := standing.Facts(ctx, v.Client, v.now, tenant, compiled)
	if err != nil {
		return nil, err
	}
	var all v1alpha1.SupportSessionList
	if err := v.Client.List(ctx, &all, client.InNamespace(v.session.Namespace), client.UnsafeDisableDeepCopy); err != nil {
		return nil, fmt.Errorf("list support sessions: %w", err)
	}
	// Those that ended before this one, so that the answer stays the same.
	earlier := slices.DeleteFunc(slices.Clone(all.Items), func(other v1alpha1.SupportSession) bool {
		if other.Name == v.session.Name || other.Status.StartedAt == nil || other.Status.EndedAt == nil {
			return true
		}
		_, ended := worked(&other)
		return ended.After(till) || ended.Equal(till) && other.Name > v.session.Name
	})
	facts.AddSessions(compiled.Zone, earlier)
	return compiled.CoveredWork(v.session.Name, compiled.AgreedOn(facts), from, till, facts.Sessions)
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
func (v *visit) terms(ctx context.Context) (*v1alpha1.Tenant, *terms.Terms, error) {
	name, _ := enqueue.TenantIn(v.session.Namespace)
	tenant := &v1alpha1.Tenant{}
	err := v.Client.Get(ctx, client.ObjectKey{Name: name}, tenant, client.UnsafeDisableDeepCopy)
	if apierrors.IsNotFound(err) {
		v.problem = &finding{v1alpha1.ReasonTenantNotFound, fmt.Sprintf("namespace %s belongs to no Tenant", v.session.Namespace)}
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	compiled, wrong, err := standing.Terms(ctx, v.Client, tenant)
	if wrong != nil {
		v.problem = &finding{wrong.Reason, wrong.Message}
	}
	return tenant, compiled, err
}

// ensure makes one charge unless it exists.
func (v *visit) ensure(ctx context.Context, tenant *v1alpha1.Tenant, due terms.SupportCharge) error {
	made, err := children.Ensure(ctx, v.Client, v.Live, children.Child[*v1alpha1.Charge]{
		Kind: "charge",
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
	})
	if err != nil {
		return err
	}
	v.Events.Eventf(tenant, made, corev1.EventTypeNormal, "ChargeDue", "Charge",
		"%s %s is due for support session %s, which the agreement does not cover in full", made.Spec.Currency, made.Spec.Amount, v.session.Name)
	return nil
}
