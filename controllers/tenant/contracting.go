// SPDX-License-Identifier: Apache-2.0

package tenant

import (
	"context"

	"werkplek.dev/werkplek/controllers/internal/reconciling"
	"werkplek.dev/werkplek/controllers/tenant/contract"
	"werkplek.dev/werkplek/internal/agenda"
)

func (p *pass) contractor() contract.Hands {
	return contract.Hands{Client: p.Client, Live: p.Live, Tell: p.Tell}
}

// lifting are the steps that decide what is to be done and end suspensions. They are
// taken also for a tenant whose deletion waits: who has paid is let in.
func (p *pass) lifting() reconciling.Steps {
	suspensions := contract.Suspensions{Hands: p.contractor()}
	return reconciling.Steps{
		{
			Name: agendaDecided, Run: p.decide,
			Needs: []string{suspensionsFound, workplacesFound, termsUsable}, // which are facts, too
		},
		{Name: lifted, Needs: carriedOut, Run: each(p, func(ctx context.Context, lift agenda.Lift) error {
			return p.hinder(suspensions.Lift(ctx, p.tenant, lift, p.Now))
		})},
	}
}

// contract are the steps that decide what is to be done and carry out what that is
// of the contract, in the agenda's order. What must not follow on something that
// failed needs it; that is decided again.
func (p *pass) contract() reconciling.Steps {
	suspensions := contract.Suspensions{Hands: p.contractor()}
	charges, notices := contract.Charges{Hands: p.contractor()}, contract.Notices{Hands: p.contractor()}
	suspend := func(ctx context.Context, suspend agenda.Suspend) error {
		return suspensions.Make(ctx, p.tenant, suspend)
	}
	charge := func(ctx context.Context, charge agenda.Charge) error {
		return p.hinder(charges.Make(ctx, p.tenant, charge))
	}
	tell := func(ctx context.Context, tell agenda.Tell) error {
		return p.hinder(notices.Make(ctx, p.tenant, tell, p.terms.Language))
	}
	takePlan := func(_ context.Context, change agenda.ChangePlan) error {
		contract.TakePlan(p.tenant, change)
		p.Announce(false, "PlanChanged", "ChangePlan", contract.PlanTaken(change))
		return nil
	}
	return append(p.lifting(), reconciling.Steps{
		{Name: "suspend", Needs: []string{namespaceFound, agendaDecided, lifted}, Run: each(p, suspend)},
		{Name: charged, Needs: carriedOut, Run: each(p, charge)},
		{Name: told, Needs: carriedOut, Run: each(p, tell)},
		{Name: "change the plan", Needs: []string{agendaDecided, charged}, Run: each(p, takePlan)},
	}...)
}
