// SPDX-License-Identifier: Apache-2.0

package tenant

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/children"
)

// tell makes the notices that are due. They are sent by their own controller;
// what must not happen before they are sent waits for their status.
func (v *visit) tell(ctx context.Context) error {
	if v.namespace == "" {
		return nil
	}
	to := v.addresses()
	var faults []error
	for _, due := range v.due.Notices {
		if len(to) == 0 {
			v.untold = append(v.untold, due.Name)
			continue
		}
		facts := maps.Clone(due.Facts)
		facts["tenant"] = v.displayName()
		if contact := v.tenant.Spec.Contact; contact.Name != "" {
			facts["contact"] = contact.Name
		}
		about := due.About
		_, err := children.Ensure(ctx, v.Client, v.Live, children.Child[*v1alpha1.Notice]{
			Kind: "notice", Why: "the tenant is to be told",
			Desired: &v1alpha1.Notice{
				ObjectMeta: v.meta(due.Name),
				Spec:       v1alpha1.NoticeSpec{Type: due.Type, To: to, Language: v.language(), About: &about, Facts: facts},
			},
			Own: marked[*v1alpha1.Notice],
		})
		if foreign, inTheWay := children.InTheWay(err); inTheWay {
			_ = v.hinder(foreign, nil)
			continue
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("notice %s: %w", due.Name, err))
			continue
		}
		v.facts.Notices[due.Name] = time.Time{} // it is there, and was not sent
	}
	return errors.Join(faults...)
}

func (v *visit) addresses() []v1alpha1.Email {
	if contact := v.tenant.Spec.Contact; contact != nil && contact.Email != "" {
		return []v1alpha1.Email{contact.Email}
	}
	return nil
}

func (v *visit) displayName() string {
	if v.tenant.Spec.DisplayName != "" {
		return v.tenant.Spec.DisplayName
	}
	return v.tenant.Name
}

func (v *visit) language() v1alpha1.Language {
	if v.tenant.Spec.Language != "" {
		return v.tenant.Spec.Language
	}
	return v.terms.Language
}

// reportNotices says whether everything was sent that the tenant should have been told.
func (v *visit) reportNotices(context.Context) error {
	if len(v.facts.Notices) == 0 && len(v.untold) == 0 {
		return nil
	}
	if len(v.untold) > 0 {
		v.Conditions.False(v1alpha1.ConditionNoticesSent, v1alpha1.ReasonNoAddress, fmt.Sprintf(
			"the tenant must be told (%s), and there is no address: set spec.contact.email", strings.Join(v.untold, ", ")))
		return nil
	}
	var waiting []string
	for _, name := range slices.Sorted(maps.Keys(v.facts.Notices)) {
		if v.facts.Notices[name].IsZero() {
			waiting = append(waiting, name)
		}
	}
	if len(waiting) > 0 {
		v.Conditions.False(v1alpha1.ConditionNoticesSent, v1alpha1.ReasonPending, "not sent yet: "+strings.Join(waiting, ", "))
		return nil
	}
	v.Conditions.True(v1alpha1.ConditionNoticesSent, v1alpha1.ReasonDone, "every notice was sent")
	return nil
}
