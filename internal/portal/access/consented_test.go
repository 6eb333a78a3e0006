// SPDX-License-Identifier: Apache-2.0

package access_test

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/portal/access"
)

// TestConsented: an agent looks along after the user's own consent and for its
// time only (TD-24), and learns the most telling reason otherwise.
func TestConsented(t *testing.T) {
	t.Parallel()
	const owner, agent = "anna@jansen.example", "sanne@provider.example"
	at := time.Date(2026, 10, 25, 0, 45, 0, 0, time.UTC) // the hour that Amsterdam has twice
	now := at.Add(20 * time.Minute)
	for name, c := range map[string]struct {
		change func(*v1alpha1.SupportSession)
		agent  string
		want   string // empty: may look along
		until  time.Time
	}{
		"granted":                 {until: at.Add(30 * time.Minute)},
		"the operator's end":      {change: func(s *v1alpha1.SupportSession) { s.Status.EndsAt = when(at.Add(25 * time.Minute)) }, until: at.Add(25 * time.Minute)},
		"an end beyond the limit": {change: func(s *v1alpha1.SupportSession) { s.Status.EndsAt = when(at.Add(8 * time.Hour)) }, until: at.Add(30 * time.Minute)},
		"another agent":           {agent: "eve@provider.example", want: access.ReasonNotYours},
		"another workplace":       {change: func(s *v1alpha1.SupportSession) { s.Spec.WorkplaceRef.Name = "bert" }, want: access.ReasonNotYours},
		"another tenant":          {change: func(s *v1alpha1.SupportSession) { s.Namespace = "tenant-other" }, want: access.ReasonNotYours},
		"on site":                 {change: func(s *v1alpha1.SupportSession) { s.Spec.Mode = v1alpha1.SupportOnSite }, want: access.ReasonNoConsent},
		"not asked yet":           {change: func(s *v1alpha1.SupportSession) { s.Status.Consent = nil }, want: v1alpha1.ReasonConsentAwaited},
		"not answered":            {change: func(s *v1alpha1.SupportSession) { s.Status.Consent.Decision = "" }, want: v1alpha1.ReasonConsentAwaited},
		"ended unanswered": {change: func(s *v1alpha1.SupportSession) {
			s.Status.Consent.Decision, s.Status.EndedAt = "", when(at)
		}, want: v1alpha1.ReasonSessionEnded},
		"refused": {change: func(s *v1alpha1.SupportSession) { s.Status.Consent.Decision = v1alpha1.ConsentRefused }, want: v1alpha1.ReasonConsentRefused},
		"revoked": {change: func(s *v1alpha1.SupportSession) { s.Status.Consent.Decision = v1alpha1.ConsentRevoked }, want: v1alpha1.ReasonConsentRevoked},
		"revoked, and ended for it": {change: func(s *v1alpha1.SupportSession) {
			s.Status.Consent.Decision, s.Status.EndedAt = v1alpha1.ConsentRevoked, when(now)
		}, want: v1alpha1.ReasonConsentRevoked},
		"lapsed, and ended for it": {change: func(s *v1alpha1.SupportSession) {
			s.Status.Consent.Decision, s.Status.EndedAt = v1alpha1.ConsentLapsed, when(now)
		}, want: v1alpha1.ReasonConsentLapsed},
		"by somebody else":             {change: func(s *v1alpha1.SupportSession) { s.Status.Consent.By = agent }, want: access.ReasonNoConsent},
		"asked of a former user":       {change: func(s *v1alpha1.SupportSession) { s.Status.Consent.AskedOf = "former@jansen.example" }, want: access.ReasonNoConsent},
		"at no time":                   {change: func(s *v1alpha1.SupportSession) { s.Status.Consent.At = nil }, want: access.ReasonNoConsent},
		"a length that nobody can say": {change: func(s *v1alpha1.SupportSession) { s.Spec.MaximumLength = "soon" }, want: access.ReasonNoConsent},
		"its last second":              {change: func(s *v1alpha1.SupportSession) { s.Status.Consent.At = when(now.Add(time.Second - 30*time.Minute)) }, until: now.Add(time.Second)},
		"its time is up":               {change: func(s *v1alpha1.SupportSession) { s.Status.Consent.At = when(now.Add(-30 * time.Minute)) }, want: v1alpha1.ReasonTimeUp},
		"its time was up, and it ended": {change: func(s *v1alpha1.SupportSession) {
			s.Status.Consent.At, s.Status.EndedAt = when(now.Add(-time.Hour)), when(now.Add(-30*time.Minute))
		}, want: v1alpha1.ReasonTimeUp},
		"ended before its time": {change: func(s *v1alpha1.SupportSession) { s.Status.EndedAt = when(now.Add(-time.Minute)) }, want: v1alpha1.ReasonSessionEnded},
		"the agent ends it":     {change: func(s *v1alpha1.SupportSession) { s.Spec.End = true }, want: v1alpha1.ReasonSessionEnded},
		"deleted":               {change: func(s *v1alpha1.SupportSession) { s.DeletionTimestamp = when(now) }, want: v1alpha1.ReasonSessionEnded},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			session := &v1alpha1.SupportSession{
				ObjectMeta: metav1.ObjectMeta{Namespace: "tenant-jansen", Name: "s"},
				Spec: v1alpha1.SupportSessionSpec{
					Mode: v1alpha1.SupportShadow, WorkplaceRef: v1alpha1.Reference{Name: "anna"}, Agent: agent, MaximumLength: "PT30M",
				},
				Status: v1alpha1.SupportSessionStatus{Consent: &v1alpha1.Consent{
					AskedOf: owner, By: owner, At: when(at), Decision: v1alpha1.ConsentGranted,
				}},
			}
			if c.change != nil {
				c.change(session)
			}
			workplace := &v1alpha1.Workplace{
				ObjectMeta: metav1.ObjectMeta{Namespace: "tenant-jansen", Name: "anna"},
				Spec:       v1alpha1.WorkplaceSpec{User: v1alpha1.Person{Username: owner}},
			}
			who := c.agent
			if who == "" {
				who = agent
			}
			got := access.Consented(session, who, workplace, now)
			if got.OK() != (c.want == "") || got.Reason != c.want || !got.Until.Equal(c.until) {
				t.Errorf("OK %t, reason %q, until %s; want reason %q, until %s", got.OK(), got.Reason, got.Until, c.want, c.until)
			}
		})
	}
}

func when(t time.Time) *metav1.Time {
	at := metav1.NewTime(t)
	return &at
}
