// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/children"
	"werkplek.dev/werkplek/internal/agenda"
	"werkplek.dev/werkplek/internal/outcome"
	"werkplek.dev/werkplek/internal/terms/facts"
	"werkplek.dev/werkplek/internal/terms/tidings"
)

// +kubebuilder:rbac:groups=werkplek.dev,resources=notices,verbs=get;list;watch;create

// Notices makes notices. They are sent by their own controller; what must not
// happen before they are sent waits for their status.
type Notices struct{ Hands }

// Make makes a notice to the tenant's contact, in the tenant's language or else
// in that of its terms.
func (n Notices) Make(
	ctx context.Context, tenant *v1alpha1.Tenant, due agenda.Tell, language v1alpha1.Language,
) (outcome.Outcome, error) {
	_, err := children.Ensure(ctx, n.Client, n.Live, children.Child[*v1alpha1.Notice]{
		Kind: "notice", Why: "the tenant is to be told",
		Desired: &v1alpha1.Notice{ObjectMeta: about(tenant, due.Name()), Spec: noticeTo(tenant, due, language)},
		Own:     marked[*v1alpha1.Notice],
	})
	if foreign, inTheWay := children.InTheWay(err); inTheWay {
		return foreign, nil
	}
	if err != nil {
		return outcome.Outcome{}, fmt.Errorf("notice %s: %w", due.Name(), err)
	}
	return carriedOut, nil
}

func noticeTo(tenant *v1alpha1.Tenant, due agenda.Tell, language v1alpha1.Language) v1alpha1.NoticeSpec {
	facts := maps.Clone(due.Facts)
	facts["tenant"] = tenant.Name
	if tenant.Spec.DisplayName != "" {
		facts["tenant"] = tenant.Spec.DisplayName
	}
	var to []v1alpha1.Email
	if contact := tenant.Spec.Contact; contact != nil {
		to = append(to, contact.Email)
		if contact.Name != "" {
			facts["contact"] = contact.Name
		}
	}
	if tenant.Spec.Language != "" {
		language = tenant.Spec.Language
	}
	source := due.About
	return v1alpha1.NoticeSpec{Type: due.Type, To: to, Language: language, About: &source, Facts: facts}
}

// Told says whether everything was sent that the tenant should have been told;
// known is false where there was nothing to tell. made are the notices that were
// made just now, untold those for which there is no address.
func Told(sent facts.Notices, made []agenda.Tell, untold []tidings.Notice) (told outcome.Outcome, known bool) {
	if len(untold) > 0 {
		var names []string
		for _, notice := range untold {
			names = append(names, notice.Name)
		}
		return outcome.Stalled(v1alpha1.ReasonNoAddress, fmt.Sprintf(
			"the tenant must be told (%s), and there is no address: set spec.contact.email", strings.Join(names, ", "))), true
	}
	waiting := map[string]bool{}
	for name, at := range sent {
		if at.IsZero() {
			waiting[name] = true
		}
	}
	for _, notice := range made {
		waiting[notice.Name()] = true
	}
	switch {
	case len(waiting) > 0:
		names := strings.Join(slices.Sorted(maps.Keys(waiting)), ", ")
		return outcome.Waiting(v1alpha1.ReasonPending, "not sent yet: "+names), true
	case len(sent) > 0:
		return outcome.Ready(v1alpha1.ReasonDone, "every notice was sent"), true
	}
	return outcome.Outcome{}, false
}
