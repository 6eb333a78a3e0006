// SPDX-License-Identifier: Apache-2.0

package tenant

import (
	"context"
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/reconciling"
	"werkplek.dev/werkplek/controllers/tenant/contract"
	"werkplek.dev/werkplek/controllers/tenant/retention"
	"werkplek.dev/werkplek/internal/access"
	"werkplek.dev/werkplek/internal/agenda"
	"werkplek.dev/werkplek/internal/outcome"
)

// reporting are the steps that say in the status what the others have found. Of
// what could not be found out this time, it says what was found before. All must
// be done for the tenant to be ready.
func (p *pass) reporting(all reconciling.Steps) reconciling.Steps {
	names := make([]string, len(all))
	for i := range all {
		names[i] = all[i].Name
	}
	return reconciling.Steps{
		{Name: "count the workplaces", Needs: []string{workplacesFound}, Run: p.reportWorkplaces},
		{Name: "list the suspensions", Needs: []string{suspensionsFound}, Run: p.reportSuspensions},
		{Name: standingSaid, Needs: []string{agendaDecided}, Run: p.reportStanding},
		{Name: "say whether the users may in", Needs: []string{suspensionsFound}, Run: p.reportAccess},
		{Name: "say what was told", Needs: []string{told}, Run: p.reportTold},
		{Name: "say whether all is ready", Needs: names, Run: p.reportReady},
		{Name: "tell what has changed", Run: p.announce},
	}
}

func (p *pass) reportReady(context.Context) error {
	if !p.hindered {
		p.Conditions.Summarize(outcome.Ready(v1alpha1.ReasonReady,
			"the namespace and the billing account are as they should be"))
	}
	return nil
}

func (p *pass) reportWorkplaces(context.Context) error {
	was, is := p.tenant.Status.Workplaces, count(p.workplaces)
	switch {
	case is.Total > 0:
	case was.NoneSince != nil:
		is.NoneSince = was.NoneSince
	case was.Total > 0:
		is.NoneSince = &metav1.Time{Time: p.Now.UTC().Truncate(time.Second)}
	}
	p.tenant.Status.Workplaces = is
	return nil
}

func count(workplaces []v1alpha1.Workplace) v1alpha1.WorkplaceCount {
	found := v1alpha1.WorkplaceCount{Total: int32(len(workplaces))}
	for i := range workplaces {
		if running(&workplaces[i]) {
			found.Running++
		}
	}
	return found
}

func (p *pass) reportSuspensions(context.Context) error {
	p.tenant.Status.Suspensions, p.tenant.Status.SuspendedBy = summary(p.cover.InForce)
	return nil
}

func summary(inForce []access.Suspension) ([]v1alpha1.SuspensionSummary, string) {
	var rows []v1alpha1.SuspensionSummary
	var causes []string
	for _, suspension := range inForce {
		since := metav1.NewTime(suspension.Since)
		rows = append(rows, v1alpha1.SuspensionSummary{
			Name: suspension.Name, Tenant: suspension.Tenant, Cause: suspension.Spec.Cause, Since: &since,
		})
		if cause := string(suspension.Spec.Cause); !slices.Contains(causes, cause) {
			causes = append(causes, cause)
		}
	}
	sort.Slice(rows, func(i, j int) bool {
		return rows[i].Tenant+"/"+rows[i].Name < rows[j].Tenant+"/"+rows[j].Name
	})
	sort.Strings(causes)
	return rows, strings.Join(causes, ",")
}

// reportStanding says where the tenant stands, and what becomes of its data.
func (p *pass) reportStanding(context.Context) error {
	stand, status := &p.agenda.Standing, &p.tenant.Status
	status.RightsToLeave = p.facts.Rights
	contract.Report(p.tenant, p.Conditions, p.terms, &p.agenda)
	if stand.EraseOn.IsZero() && status.Erasure == nil {
		p.Conditions.Remove(v1alpha1.ConditionErased)
	} else if erased, known := retention.Erased(p.tenant, stand); known {
		p.Conditions.Report(v1alpha1.ConditionErased, erased)
	}
	return nil
}

// reportTold says whether everything was sent that the tenant should have been told.
func (p *pass) reportTold(context.Context) error {
	var made []agenda.Tell
	for _, action := range p.agenda.Actions {
		if tell, is := action.(agenda.Tell); is && p.namespace != "" {
			made = append(made, tell)
		}
	}
	if sent, known := contract.Told(p.facts.Notices, made, p.agenda.Untold); known {
		p.Conditions.Report(v1alpha1.ConditionNoticesSent, sent)
	}
	return nil
}

// reportAccess says whether the tenant's users may reach their workplaces.
func (p *pass) reportAccess(context.Context) error {
	granted := p.cover.Judge(nil)
	if !granted.Known() {
		return nil
	}
	if granted.Reason == v1alpha1.ReasonSuspended {
		granted.Message += ": " + p.cover.InForce[0].Spec.Reason
	}
	if p.terms == nil && !p.tenant.Ended() && len(p.cover.InForce) > 0 {
		p.tenant.Status.State = v1alpha1.TenantSuspended // which needs no terms
	}
	p.Conditions.Report(v1alpha1.ConditionAccessGranted, granted)
	return nil
}

// announce tells of each condition that has changed in a way worth telling, and of
// each price change that lets the tenant leave (TD-15).
func (p *pass) announce(context.Context) error {
	for kind, good := range map[string]metav1.ConditionStatus{
		v1alpha1.ConditionReady:              metav1.ConditionTrue,
		v1alpha1.ConditionAccessGranted:      metav1.ConditionTrue,
		v1alpha1.ConditionBillingFresh:       metav1.ConditionTrue,
		v1alpha1.ConditionTerminationAllowed: metav1.ConditionFalse,
		v1alpha1.ConditionContractActive:     metav1.ConditionTrue,
	} {
		was := meta.FindStatusCondition(p.Was.Status.Conditions, kind)
		is := meta.FindStatusCondition(p.tenant.Status.Conditions, kind)
		if was != nil && is != nil && worthTelling(was, is, good) {
			p.Announce(is.Status != good, is.Reason, kind, fmt.Sprintf("%s is %s: %s", kind, is.Status, is.Message))
		}
	}
	for _, right := range p.tenant.Status.RightsToLeave {
		if !slices.Contains(p.Was.Status.RightsToLeave, right) {
			p.Announce(true, "RightToLeave", "ChangePrice", fmt.Sprintf(
				"the price of %s %s changes by %s percent on %s: the tenant may leave",
				right.Kind, right.Name, right.Percent, right.From))
		}
	}
	return nil
}

// worthTelling reports whether something happened that a person would want to hear
// of: not that all is well, or unknown, after nothing was wrong.
func worthTelling(was, is *metav1.Condition, good metav1.ConditionStatus) bool {
	switch {
	case was.Status == is.Status && was.Reason == is.Reason, is.Status == metav1.ConditionUnknown:
		return false
	case is.Status == good:
		return was.Status != good && was.Status != metav1.ConditionUnknown
	}
	return true
}
