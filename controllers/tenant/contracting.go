// SPDX-License-Identifier: Apache-2.0

package tenant

import (
	"context"

	"werkplek.dev/werkplek/controllers/internal/reconciling"
	"werkplek.dev/werkplek/controllers/tenant/contract"
	"werkplek.dev/werkplek/internal/agenda"
)

// contract are the steps that decide what is to be done and carry out what that is
// of the contract, in the agenda's order. What must not follow on something that
// failed needs it; that is decided again.
func (p *pass) contract() reconciling.Steps {
	hands := contract.Hands{Client: p.Client, Live: p.Live, Tell: p.Tell}
	suspensions := contract.Suspensions{Hands: hands}
	charges, notices := contract.Charges{Hands: hands}, contract.Notices{Hands: hands}
	takePlan := func(_ context.Context, change agenda.ChangePlan) error {
		contract.TakePlan(p.tenant, change)
		p.Announce(false, "PlanChanged", "ChangePlan", contract.PlanTaken(change))
		return nil
	}
	const lifted = "lift suspensions"
	due := []string{namespaceFound, agendaDecided}
	return reconciling.Steps{
		{
			Name: agendaDecided, Run: p.decide,
			Needs: []string{suspensionsFound, workplacesFound, termsUsable}, // which are facts, too
		},
		{Name: lifted, Needs: due, Run: each(p, func(ctx context.Context, lift agenda.Lift) error {
			return p.hinder(suspensions.Lift(ctx, p.tenant, lift, p.Now))
		})},
		{Name: "suspend", Needs: append(due, lifted), Run: each(p, func(ctx context.Context, suspend agenda.Suspend) error {
			return suspensions.Make(ctx, p.tenant, suspend)
		})},
		{Name: charged, Needs: due, Run: each(p, func(ctx context.Context, charge agenda.Charge) error {
			return p.hinder(charges.Make(ctx, p.tenant, charge))
		})},
		{Name: told, Needs: due, Run: each(p, func(ctx context.Context, tell agenda.Tell) error {
			return p.hinder(notices.Make(ctx, p.tenant, tell, p.terms.Language))
		})},
		{Name: "change the plan", Needs: []string{agendaDecided, charged}, Run: each(p, takePlan)},
	}
}
