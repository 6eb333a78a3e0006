// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/access"
)

func statusCommand(c *connection) *cobra.Command {
	return &cobra.Command{
		Use:   "status TENANT",
		Short: "Show what a tenant has and what comes next",
		Args:  cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, arguments []string) error {
			cluster, _, err := c.open()
			if err != nil {
				return err
			}
			root, err := tenantTree(command.Context(), cluster, arguments[0])
			if err != nil {
				return err
			}
			root.write(command.OutOrStdout(), "", "")
			return nil
		},
	}
}

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

// tenantTree gathers what there is to say about a tenant.
func tenantTree(ctx context.Context, c client.Reader, name string) (*branch, error) {
	tenant := &v1alpha1.Tenant{}
	if err := c.Get(ctx, client.ObjectKey{Name: name}, tenant); err != nil {
		if apierrors.IsNotFound(err) {
			return nil, fmt.Errorf("there is no Tenant %s; kubectl get tenants lists those there are", name)
		}
		return nil, err
	}
	root := &branch{text: heading(tenant)}
	agreementOf(root, tenant)
	standing(root, tenant)
	for _, part := range []func(context.Context, client.Reader, *branch, *v1alpha1.Tenant) error{workplaces, monthsUse, openCharges, subOrganisations} {
		if err := part(ctx, c, root, tenant); err != nil {
			return nil, err
		}
	}
	if next := tenant.Status.Next; next != nil {
		root.add("next: %s at %s", next.What, moment(&next.At))
	} else {
		root.add("next: nothing that time alone would bring")
	}
	return root, nil
}

func heading(tenant *v1alpha1.Tenant) string {
	text := "Tenant " + tenant.Name
	if tenant.Spec.DisplayName != "" {
		text += " (" + tenant.Spec.DisplayName + ")"
	}
	if tenant.Status.State != "" {
		text += ": " + string(tenant.Status.State)
	}
	return text
}

func agreementOf(root *branch, tenant *v1alpha1.Tenant) {
	terms := root.add("terms %s", tenant.Spec.TermsRef.Name)
	if contract := tenant.Status.Contract; contract != nil {
		for _, row := range []struct {
			what string
			on   v1alpha1.Date
		}{{"starts", contract.StartsOn}, {"term ends", contract.TermEndsOn}, {"earliest end", contract.EarliestEndOn}, {"ends", contract.EndsOn}, {"data may be erased from", contract.EraseOn}} {
			if row.on != "" {
				terms.add("%s %s", row.what, row.on)
			}
		}
	}
	if reseller := tenant.Spec.ResellerRef; reseller != nil {
		terms.add("buys through %s", reseller.Name)
	}
	for _, right := range tenant.Status.RightsToLeave {
		terms.add("may leave from %s: the price of %s %s changes by %s%% (%s to %s %s), notice %s", right.From, right.Kind, right.Name, right.Percent, right.OldAmount, right.NewAmount, right.Currency, right.Notice)
	}
}

func standing(root *branch, tenant *v1alpha1.Tenant) {
	for _, suspension := range tenant.Status.Suspensions {
		of := ""
		if suspension.Tenant != tenant.Name {
			of = " of " + suspension.Tenant
		}
		root.add("suspended by %s%s (%s) since %s", suspension.Name, of, suspension.Cause, moment(suspension.Since))
	}
	if a := tenant.Status.Arrears; a != nil {
		arrears := root.add("in arrears since %s: %s %s, invoice %s", a.Since, a.Amount, a.Currency, a.Invoice)
		arrears.add("access is suspended from %s", a.SuspendsOn)
		if a.TerminatesOn != "" {
			arrears.add("the contract may be ended from %s", a.TerminatesOn)
		}
	}
	for _, kind := range []string{v1alpha1.ConditionReady, v1alpha1.ConditionBillingFresh} {
		if condition := meta.FindStatusCondition(tenant.Status.Conditions, kind); condition != nil && condition.Status != metav1.ConditionTrue {
			root.add("%s is %s (%s): %s", kind, condition.Status, condition.Reason, condition.Message)
		}
	}
}

func workplaces(ctx context.Context, c client.Reader, root *branch, tenant *v1alpha1.Tenant) error {
	here := root.add("workplaces")
	count := 0
	var list v1alpha1.WorkplaceList
	err := pages(ctx, c, &list, func() error {
		for i := range list.Items {
			count++
			w := &list.Items[i]
			text := fmt.Sprintf("%s: %s, class %s", w.Name, w.Spec.User.Username, w.Spec.ClassRef.Name)
			if len(w.Spec.Licenses) > 0 {
				text += fmt.Sprintf(", licences %s", strings.Trim(fmt.Sprint(w.Spec.Licenses), "[]"))
			}
			ready := meta.FindStatusCondition(w.Status.Conditions, v1alpha1.ConditionReady)
			switch {
			case ready == nil:
				text += ", not looked at yet"
			case ready.Status == metav1.ConditionTrue && ready.Reason == v1alpha1.ReasonReady:
				text += ", ready"
			default:
				text += fmt.Sprintf(", %s: %s", ready.Reason, ready.Message)
			}
			here.add("%s", text)
		}
		return nil
	}, client.InNamespace(v1alpha1.NamespaceFor(tenant.Name)))
	here.text = fmt.Sprintf("%d workplaces", count)
	return err
}

// monthsUse says what the latest month counts.
func monthsUse(ctx context.Context, c client.Reader, root *branch, tenant *v1alpha1.Tenant) error {
	type use struct{ users, exempt, nodes int }
	latest := v1alpha1.Month("")
	uses := map[v1alpha1.LicenseName]*use{}
	at := func(license v1alpha1.LicenseName) *use {
		if uses[license] == nil {
			uses[license] = &use{}
		}
		return uses[license]
	}
	var list v1alpha1.UsageRecordList
	err := pages(ctx, c, &list, func() error {
		for i := range list.Items {
			s := &list.Items[i].Status
			if s.Month < latest {
				continue
			}
			if s.Month > latest {
				latest = s.Month
				clear(uses)
			}
			for _, u := range s.Users {
				at(u.License).users++
				if u.Exemption != "" {
					at(u.License).exempt++
				}
			}
			for _, n := range s.Nodes {
				at(n.License).nodes++
			}
		}
		return nil
	}, client.InNamespace(v1alpha1.NamespaceFor(tenant.Name)))
	if err != nil || latest == "" {
		return err
	}
	here := root.add("licences in %s", latest)
	var names []string
	for name := range uses {
		names = append(names, string(name))
	}
	slices.Sort(names)
	for _, name := range names {
		u := uses[v1alpha1.LicenseName(name)]
		switch {
		case u.nodes > 0:
			here.add("%s: %d nodes", name, u.nodes)
		case u.exempt > 0:
			here.add("%s: %d users, %d of them exempt", name, u.users, u.exempt)
		default:
			here.add("%s: %d users", name, u.users)
		}
	}
	if len(names) == 0 {
		here.add("none")
	}
	return nil
}

func openCharges(ctx context.Context, c client.Reader, root *branch, tenant *v1alpha1.Tenant) error {
	var list v1alpha1.ChargeList
	return pages(ctx, c, &list, func() error {
		for i := range list.Items {
			if charge := &list.Items[i]; charge.Status.Invoice == nil {
				root.add("to be invoiced: %s %s, %s", charge.Spec.Amount, charge.Spec.Currency, charge.Spec.Description)
			}
		}
		return nil
	}, client.InNamespace(v1alpha1.NamespaceFor(tenant.Name)))
}

func subOrganisations(ctx context.Context, c client.Reader, root *branch, tenant *v1alpha1.Tenant) error {
	if !tenant.IsReseller() {
		return nil
	}
	here := root.add("sub-organisations")
	var list v1alpha1.TenantList
	return pages(ctx, c, &list, func() error {
		for i := range list.Items {
			if below := &list.Items[i]; access.Covers(tenant, below) {
				here.add("%s", heading(below))
			}
		}
		return nil
	})
}

func moment(t *metav1.Time) string {
	if t == nil {
		return "an unknown moment"
	}
	return t.UTC().Format(time.RFC3339)
}
