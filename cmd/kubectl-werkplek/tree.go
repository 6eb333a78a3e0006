// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"strings"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/terms/wording"
)

// branch is a line of a tree and what hangs below it.
type branch struct {
	text     string
	branches []*branch
}

func (b *branch) add(format string, values ...any) *branch {
	child := &branch{text: fmt.Sprintf(format, values...)}
	b.branches = append(b.branches, child)
	return child
}

func (b *branch) write(out io.Writer, lead, below string) {
	_, _ = fmt.Fprintln(out, lead+b.text)
	for i, child := range b.branches {
		if i == len(b.branches)-1 {
			child.write(out, below+"└─ ", below+"   ")
		} else {
			child.write(out, below+"├─ ", below+"│  ")
		}
	}
}

// tree writes an overview for people.
func (o *overview) tree() *branch {
	root := &branch{text: tenantSeen{o.Tenant, o.DisplayName, o.State}.heading()}
	o.agreementBelow(root)
	o.standingBelow(root)
	o.possessionsBelow(root)
	switch next := root.add("next"); {
	case o.NextUnknown != "":
		next.text = "what comes next cannot be told: " + o.NextUnknown
	case len(o.Next) == 0:
		next.text = "next: nothing within a year that time alone would bring"
	default:
		for _, entry := range o.Next {
			next.add("%s %s: %s", entry.Date, entry.What, strings.TrimSuffix(entry.Detail, "."))
		}
	}
	return root
}

func (t tenantSeen) heading() string {
	text := "Tenant " + t.Tenant
	if t.DisplayName != "" {
		text += " (" + t.DisplayName + ")"
	}
	if t.State != "" {
		text += ": " + string(t.State)
	}
	return text
}

func (o *overview) agreementBelow(root *branch) {
	terms := root.add("terms %s", o.Terms)
	if contract := o.Contract; contract != nil {
		for _, row := range []struct {
			what string
			on   v1alpha1.Date
		}{
			{"starts", contract.StartsOn}, {"term ends", contract.TermEndsOn}, {"earliest end", contract.EarliestEndOn},
			{"ends", contract.EndsOn}, {"data may be erased from", contract.EraseOn},
		} {
			if row.on != "" {
				terms.add("%s %s", row.what, row.on)
			}
		}
	}
	if o.Reseller != "" {
		terms.add("buys through %s", o.Reseller)
	}
	for _, right := range o.RightsToLeave {
		terms.add("may leave from %s with a notice of %s: the price of %s %s changes by %s%%, from %s to %s %s",
			right.From, wording.Period(right.Notice), right.Kind, right.Name, right.Percent, right.OldAmount, right.NewAmount, right.Currency)
	}
}

func (o *overview) standingBelow(root *branch) {
	for _, suspension := range o.Suspensions {
		of := ""
		if suspension.Tenant != o.Tenant {
			of = " of " + suspension.Tenant
		}
		root.add("suspended by %s%s (%s) since %s", suspension.Name, of, suspension.Cause, moment(suspension.Since))
	}
	if a := o.Arrears; a != nil {
		arrears := root.add("in arrears since %s: %s %s, invoice %s", a.Since, a.Amount, a.Currency, a.Invoice)
		arrears.add("access is suspended from %s", a.SuspendsOn)
		if a.TerminatesOn != "" {
			arrears.add("the contract may be ended from %s", a.TerminatesOn)
		}
	}
	for _, trouble := range o.Troubles {
		root.add("%s is %s (%s): %s", trouble.Type, trouble.Status, trouble.Reason, trouble.Message)
	}
}

func (o *overview) possessionsBelow(root *branch) {
	workplaces := root.add("%s", wording.Count(len(o.Workplaces), "workplace"))
	for i := range o.Workplaces {
		workplaces.add("%s", o.Workplaces[i].said())
	}
	if o.Usage != nil {
		licences := root.add("licences in %s", o.Usage.Month)
		for i := range o.Usage.Licenses {
			licences.add("%s: %s", o.Usage.Licenses[i].License, o.Usage.Licenses[i].said())
		}
		if len(o.Usage.Licenses) == 0 {
			licences.add("none")
		}
	}
	for _, charge := range o.Charges {
		root.add("to be invoiced: %s %s, %s", charge.Amount, charge.Currency, charge.Description)
	}
	if o.isReseller {
		below := root.add("%s", wording.Count(len(o.Below), "sub-organisation"))
		for _, tenant := range o.Below {
			below.add("%s", tenant.heading())
		}
	}
}

func (w *workplaceSeen) said() string {
	text := fmt.Sprintf("%s: %s, class %s", w.Name, w.User, w.Class)
	if len(w.Licenses) > 0 {
		text += ", licences " + wording.Joined(w.Licenses)
	}
	switch {
	case w.Reason == "":
		return text + ", not looked at yet"
	case w.Ready:
		return text + ", ready"
	default:
		return text + fmt.Sprintf(", %s: %s", w.Reason, w.Message)
	}
}
