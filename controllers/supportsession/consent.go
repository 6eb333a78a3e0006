// SPDX-License-Identifier: Apache-2.0

package supportsession

import (
	"context"
	"fmt"
	"time"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/outcome"
)

// consent is what became of the question (TD-24).
type consent struct {
	*v1alpha1.Consent
	outcome.Outcome
	counts bool      // the user lets the agent see the screen
	final  bool      // the user does not, and the session is over
	until  time.Time // the user can answer
}

func (c *consent) asked() bool { return c.AskedOf != "" }

// theirs reports whether the one who was asked has decided.
func (c *consent) theirs() bool { return c.asked() && c.By == c.AskedOf }

// held reports whether the user has let the agent see the screen at any time. A
// consent that was revoked before it was noticed held as well.
func (c *consent) held(s *v1alpha1.SupportSessionStatus) bool {
	return c.theirs() && (s.EndsAt != nil || c.Decision == v1alpha1.ConsentRevoked)
}

// ask notes whose consent is asked, and what became of the question.
func (v *visit) ask(context.Context) error {
	if v.onSite() {
		v.consent = consent{
			Consent: &v1alpha1.Consent{},
			Outcome: outcome.Ready(v1alpha1.ReasonConsentNeedless, "work on site opens no screen"),
		}
		return nil
	}
	s := &v.session.Status
	if s.Consent == nil {
		s.Consent = &v1alpha1.Consent{}
	}
	until, err := after(v.session.Spec.ConsentWithin, v.session.CreationTimestamp.Time)
	if err != nil {
		return fmt.Errorf("spec.consentWithin: %w", err)
	}
	v.consent = consent{Consent: s.Consent, until: until}
	if !v.consent.asked() && v.workplace != nil && s.EndedAt == nil {
		s.Consent.AskedOf = v.workplace.Spec.User.Username
	}
	if s.Consent.Decision == "" && !v.session.Spec.End && !v.Now.Before(until) {
		s.Consent.Decision, s.Consent.At = v1alpha1.ConsentLapsed, moment(v.Now)
	}
	return v.weigh()
}

// weigh says what the decision means.
func (v *visit) weigh() error {
	c := &v.consent
	switch c.Decision {
	case v1alpha1.ConsentGranted:
		return v.grant()
	case v1alpha1.ConsentRefused:
		c.Outcome = outcome.Stalled(v1alpha1.ReasonConsentRefused, "the user does not want it")
	case v1alpha1.ConsentRevoked:
		c.Outcome = outcome.Stalled(v1alpha1.ReasonConsentRevoked, "the user has ended it")
	case v1alpha1.ConsentLapsed:
		c.Outcome = v.lapsed()
	default:
		message := fmt.Sprintf("%s is asked, until %s", c.AskedOf, written(c.until))
		if !c.asked() {
			message = fmt.Sprintf("nobody can be asked until there is a Workplace %s; the question lapses at %s",
				v.session.Spec.WorkplaceRef.Name, written(c.until))
		}
		c.Outcome = outcome.Unknown(v1alpha1.ReasonConsentAwaited, message)
		return nil
	}
	c.final = true
	return nil
}

// grant counts a consent only if the one who was asked gave it, in time.
func (v *visit) grant() error {
	c, s := &v.consent, &v.session.Status
	if !c.theirs() {
		c.Outcome = outcome.Stalled(v1alpha1.ReasonUserDiffers, fmt.Sprintf(
			"the consent is by %q and does not count: only %s, the workplace's user, can consent; end this session and ask for another one",
			c.By, c.AskedOf))
		v.hinder(c.Outcome)
		if !v.Now.Before(c.until) {
			c.Outcome, c.final = v.lapsed(), true
		}
		return nil
	}
	if s.EndsAt == nil && s.EndedAt == nil {
		if c.At == nil || c.At.After(v.Now) {
			c.At = moment(v.Now)
		}
		if c.At.After(c.until) {
			c.Outcome, c.final = v.lapsed(), true
			return nil
		}
		ends, err := after(v.session.Spec.MaximumLength, c.At.Time)
		if err != nil {
			return fmt.Errorf("spec.maximumLength: %w", err)
		}
		s.EndsAt = moment(ends)
	}
	if s.EndsAt == nil {
		c.Outcome = v.lapsed() // it came too late, and ended the session for that
		return nil
	}
	c.counts = true
	c.Outcome = outcome.Ready(v1alpha1.ReasonConsentGranted, fmt.Sprintf("the user lets %s see the screen", v.session.Spec.Agent))
	return nil
}

// closeQuestion lets an unanswered question lapse with the session.
func (v *visit) closeQuestion() {
	c := &v.consent
	if c.Decision != "" {
		return
	}
	c.Decision, c.At = v1alpha1.ConsentLapsed, moment(v.Now)
	c.Outcome = v.lapsed()
}

func (v *visit) lapsed() outcome.Outcome {
	return outcome.Stalled(v1alpha1.ReasonConsentLapsed, v.lapsedBecause())
}

// lapsedBecause says why no answer counts. Its words follow from what is stored,
// so that they stay the same.
func (v *visit) lapsedBecause() string {
	c := &v.consent
	switch {
	case !c.asked():
		return fmt.Sprintf("nobody could be asked: there was no Workplace %s", v.session.Spec.WorkplaceRef.Name)
	case c.Decision == v1alpha1.ConsentLapsed && c.At != nil && c.At.Time.Before(c.until):
		return "the session ended before the user answered"
	default:
		return fmt.Sprintf("the user did not answer before %s", written(c.until))
	}
}
