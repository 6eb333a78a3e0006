// SPDX-License-Identifier: Apache-2.0

package behaviour

import (
	"context"
	"fmt"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/test/cluster"
	"werkplek.dev/werkplek/test/world"
)

// supportPromises are kept about looking along and its time (TD-3, TD-17, TD-18, TD-24).
var supportPromises = map[string]func(*testing.T, world.World){
	"SupportGrantedAndRevoked": supportGrantedAndRevoked,
	"SupportRefused":           supportRefused,
	"SupportLapses":            supportLapses,
	"SupportTimeUp":            supportTimeUp,
	"SupportEndsWithAccess":    supportEndsWithAccess,
	"SupportCharged":           supportCharged,
	"SupportOnSite":            supportOnSite,
	"SupportWithoutRate":       supportWithoutRate,
	"SupportBeyondSessions":    supportBeyondSessions,
}

const agent = "sanne@provider.example"

// rates are those of TD-17 and TD-18.
func rates(s *v1alpha1.ServiceTermsSpec) {
	s.Support = &v1alpha1.SupportTerms{Rates: &v1alpha1.SupportRates{
		Remote: &v1alpha1.WorkRate{Amount: "23.75", Per: "PT15M"},
		OnSite: &v1alpha1.WorkRate{Amount: "25.00", Per: "PT15M", Minimum: "PT2H", CallOut: "75.00"},
	}}
}

// helped makes a workplace of a user and a session with it.
func helped(t *testing.T, w world.World, terms func(*v1alpha1.ServiceTermsSpec), edits ...func(*v1alpha1.SupportSessionSpec)) {
	t.Helper()
	ctx := t.Context()
	must(t, w.Terms(ctx, terms), w.Class(ctx), w.Tenant(ctx, "t"))
	cluster.Eventually(t, soon, "the namespace", w.HasNamespace("t"))
	must(t, w.Report(ctx, "t", time.Now()), w.Workplace(ctx, "t", "anna", user))
	cluster.Eventually(t, soon, "the desktop", w.AllReady("t", 1))
	session := &v1alpha1.SupportSession{
		ObjectMeta: metav1.ObjectMeta{Name: "help", Namespace: w.Namespace("t")},
		Spec: v1alpha1.SupportSessionSpec{
			Mode: v1alpha1.SupportShadow, WorkplaceRef: v1alpha1.Reference{Name: "anna"}, Agent: agent, Reason: "the printer",
		},
	}
	for _, edit := range edits {
		edit(&session.Spec)
	}
	must(t, cluster.Shared().As(agent, "system:masters").Create(ctx, session))
}

// write changes the session as somebody.
func write(t *testing.T, w world.World, who string, change func(*v1alpha1.SupportSession)) {
	t.Helper()
	session := &v1alpha1.SupportSession{}
	must(t, w.Get(t.Context(), client.ObjectKey{Namespace: w.Namespace("t"), Name: "help"}, session))
	base := session.DeepCopy()
	change(session)
	by := cluster.Shared().As(who, "system:masters")
	must(t, by.Patch(t.Context(), session.DeepCopy(), client.MergeFrom(base)), by.Status().Patch(t.Context(), session, client.MergeFrom(base)))
}

// consentIs writes the user's decision.
func consentIs(t *testing.T, w world.World, decision v1alpha1.ConsentDecision) {
	t.Helper()
	cluster.Eventually(t, soon, "asked", sessionIs(w, v1alpha1.ConditionConsented, v1alpha1.ReasonConsentAwaited))
	write(t, w, user, func(s *v1alpha1.SupportSession) { decided(s, decision) })
}

func decided(s *v1alpha1.SupportSession, decision v1alpha1.ConsentDecision) {
	s.Status.Consent.Decision, s.Status.Consent.By = decision, user
	if decision != v1alpha1.ConsentRevoked {
		s.Status.Consent.At = ptr.To(metav1.Now())
	}
}

func sessionIs(w world.World, kind, reason string) func(context.Context) error {
	return func(ctx context.Context) error {
		session := &v1alpha1.SupportSession{}
		if err := w.Get(ctx, client.ObjectKey{Namespace: w.Namespace("t"), Name: "help"}, session); err != nil {
			return err
		}
		if c := meta.FindStatusCondition(session.Status.Conditions, kind); c == nil || c.Reason != reason {
			return fmt.Errorf("want %s with reason %s, got %+v", kind, reason, c)
		}
		if ended := session.Status.EndedAt != nil; kind == v1alpha1.ConditionActive && ended == (reason == v1alpha1.ReasonActive || reason == v1alpha1.ReasonNotYet) {
			return fmt.Errorf("%s, and ended at %v", reason, session.Status.EndedAt)
		}
		return nil
	}
}

// dues returns the session's charges by name, and fails unless its status names each once.
func dues(t *testing.T, w world.World, want map[string]string) {
	t.Helper()
	cluster.Eventually(t, soon, "the charges", func(ctx context.Context) error {
		session := &v1alpha1.SupportSession{}
		if err := w.Get(ctx, client.ObjectKey{Namespace: w.Namespace("t"), Name: "help"}, session); err != nil {
			return err
		}
		charges, err := w.Charges(ctx, "t")
		if err != nil {
			return err
		}
		if len(charges) != len(want) || len(session.Status.Charges) != len(want) || session.Status.EndedAt == nil {
			return fmt.Errorf("%d charges, %d in the status, ended at %v; want %v", len(charges), len(session.Status.Charges), session.Status.EndedAt, want)
		}
		for i := range charges {
			if amount := string(charges[i].Spec.Amount); want[charges[i].Name] != amount {
				return fmt.Errorf("charge %s of %s, want %v", charges[i].Name, amount, want)
			}
		}
		return nil
	})
}

func supportGrantedAndRevoked(t *testing.T, w world.World) {
	helped(t, w, rates)
	consentIs(t, w, v1alpha1.ConsentGranted)
	cluster.Eventually(t, soon, "active", sessionIs(w, v1alpha1.ConditionActive, v1alpha1.ReasonActive))
	write(t, w, user, func(s *v1alpha1.SupportSession) { decided(s, v1alpha1.ConsentRevoked) })
	cluster.Eventually(t, soon, "ended", sessionIs(w, v1alpha1.ConditionActive, v1alpha1.ReasonConsentRevoked))
	dues(t, w, nil)
}

func supportRefused(t *testing.T, w world.World) {
	helped(t, w, rates)
	consentIs(t, w, v1alpha1.ConsentRefused)
	cluster.Eventually(t, soon, "ended", sessionIs(w, v1alpha1.ConditionActive, v1alpha1.ReasonConsentRefused))
}

func supportLapses(t *testing.T, w world.World) {
	helped(t, w, rates, func(s *v1alpha1.SupportSessionSpec) { s.ConsentWithin = "PT2S" })
	cluster.Eventually(t, soon, "lapsed", sessionIs(w, v1alpha1.ConditionConsented, v1alpha1.ReasonConsentLapsed))
	cluster.Eventually(t, soon, "ended", sessionIs(w, v1alpha1.ConditionActive, v1alpha1.ReasonConsentLapsed))
}

func supportTimeUp(t *testing.T, w world.World) {
	helped(t, w, rates, func(s *v1alpha1.SupportSessionSpec) { s.MaximumLength = "PT3S" })
	consentIs(t, w, v1alpha1.ConsentGranted)
	cluster.Eventually(t, soon, "ended", sessionIs(w, v1alpha1.ConditionActive, v1alpha1.ReasonTimeUp))
	session := &v1alpha1.SupportSession{}
	must(t, w.Get(t.Context(), client.ObjectKey{Namespace: w.Namespace("t"), Name: "help"}, session))
	if length := session.Status.EndedAt.Sub(session.Status.Consent.At.Time); length != 3*time.Second {
		t.Errorf("the session lasted %s", length)
	}
}

func supportEndsWithAccess(t *testing.T, w world.World) {
	helped(t, w, rates)
	consentIs(t, w, v1alpha1.ConsentGranted)
	cluster.Eventually(t, soon, "active", sessionIs(w, v1alpha1.ConditionActive, v1alpha1.ReasonActive))
	must(t, change(t.Context(), w, func(s *v1alpha1.WorkplaceSpec) { s.Access = v1alpha1.AccessBlocked }))
	cluster.Eventually(t, soon, "ended", sessionIs(w, v1alpha1.ConditionActive, v1alpha1.ReasonSessionEnded))
}

// supportCharged: work that the agreement does not cover is charged once, from
// the agent's first look until the end.
func supportCharged(t *testing.T, w world.World) {
	helped(t, w, rates, func(s *v1alpha1.SupportSessionSpec) {
		s.Mode, s.CoveredByAgreement = v1alpha1.SupportRemote, ptr.To(false)
	})
	consentIs(t, w, v1alpha1.ConsentGranted)
	cluster.Eventually(t, soon, "active", sessionIs(w, v1alpha1.ConditionActive, v1alpha1.ReasonActive))
	// As if the agent had first seen the screen 16 minutes ago: two quarters have begun.
	write(t, w, "system:serviceaccount:werkplek-system:werkplek-portal", func(s *v1alpha1.SupportSession) {
		s.Status.StartedAt = ptr.To(metav1.NewTime(time.Now().Add(-16 * time.Minute)))
	})
	write(t, w, agent, func(s *v1alpha1.SupportSession) { s.Spec.End = true })
	dues(t, w, map[string]string{"help-remote-work": "47.50"})
}

// supportBeyondSessions: once the sessions that the agreement includes are used,
// what it covers is charged with the discount (DF-4).
func supportBeyondSessions(t *testing.T, w world.World) {
	none := func(s *v1alpha1.ServiceTermsSpec) {
		rates(s)
		s.Support.Sessions = &v1alpha1.SupportSessions{Included: 0, Per: "P1Y", Length: "PT30M", DiscountPercent: 20}
	}
	helped(t, w, none, func(s *v1alpha1.SupportSessionSpec) { s.Mode = v1alpha1.SupportRemote })
	consentIs(t, w, v1alpha1.ConsentGranted)
	cluster.Eventually(t, soon, "active", sessionIs(w, v1alpha1.ConditionActive, v1alpha1.ReasonActive))
	write(t, w, "system:serviceaccount:werkplek-system:werkplek-portal", func(s *v1alpha1.SupportSession) {
		s.Status.StartedAt = ptr.To(metav1.NewTime(time.Now().Add(-16 * time.Minute)))
	})
	write(t, w, agent, func(s *v1alpha1.SupportSession) { s.Spec.End = true })
	dues(t, w, map[string]string{"help-remote-work": "38.00"})
}

func supportOnSite(t *testing.T, w world.World) {
	helped(t, w, rates, func(s *v1alpha1.SupportSessionSpec) {
		s.Mode, s.CoveredByAgreement = v1alpha1.SupportOnSite, ptr.To(false)
	})
	cluster.Eventually(t, soon, "no consent needed", sessionIs(w, v1alpha1.ConditionConsented, v1alpha1.ReasonConsentNeedless))
	write(t, w, agent, func(s *v1alpha1.SupportSession) {
		s.Spec.Work = &v1alpha1.RecordedWork{StartedAt: metav1.NewTime(time.Now().Add(-time.Hour)), EndedAt: metav1.NewTime(time.Now().Add(-50 * time.Minute))}
	})
	dues(t, w, map[string]string{"help-on-site-work": "200.00", "help-call-out": "75.00"})
}

// supportWithoutRate: without a price nothing is charged and it is said; the
// charge comes when the terms get one.
func supportWithoutRate(t *testing.T, w world.World) {
	ctx := t.Context()
	helped(t, w, func(*v1alpha1.ServiceTermsSpec) {}, func(s *v1alpha1.SupportSessionSpec) {
		s.Mode, s.CoveredByAgreement = v1alpha1.SupportOnSite, ptr.To(false)
	})
	write(t, w, agent, func(s *v1alpha1.SupportSession) {
		s.Spec.Work = &v1alpha1.RecordedWork{StartedAt: metav1.NewTime(time.Now().Add(-3 * time.Hour)), EndedAt: metav1.NewTime(time.Now())}
	})
	cluster.Eventually(t, soon, "no rate", sessionIs(w, v1alpha1.ConditionReady, v1alpha1.ReasonNoRate))
	terms := &v1alpha1.ServiceTerms{}
	must(t, w.Get(ctx, client.ObjectKey{Name: w.Name}, terms))
	base := terms.DeepCopy()
	rates(&terms.Spec)
	must(t, w.Patch(ctx, terms, client.MergeFrom(base)))
	dues(t, w, map[string]string{"help-on-site-work": "300.00", "help-call-out": "75.00"})
}
