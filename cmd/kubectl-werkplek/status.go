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
	"werkplek.dev/werkplek/internal/terms/wording"
)

func statusCommand(c *connection) *cobra.Command {
	command := &cobra.Command{
		Use:   "status TENANT",
		Short: "Show what a tenant has and what comes next",
		Example: `  kubectl werkplek status jansen
  kubectl werkplek status jansen -o json`,
		Args:              exactly("TENANT"),
		ValidArgsFunction: argument(c.tenants),
	}
	o := outputFlag(command, asTable, asJSON, asYAML)
	command.RunE = func(command *cobra.Command, arguments []string) error {
		cluster, _, err := c.open()
		if err != nil {
			return err
		}
		seen, err := overviewOf(command.Context(), cluster, c.clock.Now(), arguments[0])
		if err != nil {
			return err
		}
		return o.write(command.OutOrStdout(), seen, func(out io.Writer) error {
			seen.tree().write(out, "", "")
			return nil
		})
	}
	return command
}

// overview is what there is to say about a tenant.
type overview struct {
	Tenant        string                       `json:"tenant"`
	DisplayName   string                       `json:"displayName,omitempty"`
	State         v1alpha1.TenantState         `json:"state,omitempty"`
	Terms         string                       `json:"terms"`
	Contract      *v1alpha1.ContractStatus     `json:"contract,omitempty"`
	Reseller      string                       `json:"reseller,omitempty"`
	RightsToLeave []v1alpha1.RightToLeave      `json:"rightsToLeave,omitempty"`
	Suspensions   []v1alpha1.SuspensionSummary `json:"suspensions,omitempty"`
	Arrears       *v1alpha1.ArrearsStatus      `json:"arrears,omitempty"`
	Troubles      []metav1.Condition           `json:"troubles,omitempty"`
	Workplaces    []workplaceSeen              `json:"workplaces"`
	Usage         *usageSeen                   `json:"usage,omitempty"`
	Charges       []chargeSeen                 `json:"toBeInvoiced,omitempty"`
	Below         []tenantSeen                 `json:"subOrganisations,omitempty"`
	Next          []toldEntry                  `json:"next"`
	NextUnknown   string                       `json:"nextUnknown,omitempty"`

	isReseller bool
}

type workplaceSeen struct {
	Name     string                 `json:"name"`
	User     v1alpha1.Username      `json:"user"`
	Class    v1alpha1.ObjectName    `json:"class"`
	Licenses []v1alpha1.LicenseName `json:"licenses,omitempty"`
	Ready    bool                   `json:"ready"`
	Reason   string                 `json:"reason,omitempty"`
	Message  string                 `json:"message,omitempty"`
}

type usageSeen struct {
	Month    v1alpha1.Month `json:"month"`
	Licenses []licenseSeen  `json:"licenses"`
}

type licenseSeen struct {
	License v1alpha1.LicenseName `json:"license"`
	Users   int                  `json:"users"`
	Exempt  int                  `json:"exempt"`
	Nodes   int                  `json:"nodes"`
}

type chargeSeen struct {
	Name        string            `json:"name"`
	Amount      v1alpha1.Amount   `json:"amount"`
	Currency    v1alpha1.Currency `json:"currency"`
	Description string            `json:"description"`
}

type tenantSeen struct {
	Tenant      string               `json:"tenant"`
	DisplayName string               `json:"displayName,omitempty"`
	State       v1alpha1.TenantState `json:"state,omitempty"`
}

// overviewOf gathers what there is to say about a tenant.
func overviewOf(ctx context.Context, c client.Client, now time.Time, name string) (*overview, error) {
	tenant := &v1alpha1.Tenant{}
	if err := c.Get(ctx, client.ObjectKey{Name: name}, tenant); err != nil {
		return nil, absent(err, name)
	}
	seen := &overview{
		Tenant: name, DisplayName: tenant.Spec.DisplayName, State: tenant.Status.State, Terms: string(tenant.TermsNow()),
		Contract: tenant.Status.Contract, RightsToLeave: tenant.Status.RightsToLeave, Suspensions: tenant.Status.Suspensions,
		Arrears: tenant.Status.Arrears, Workplaces: []workplaceSeen{}, isReseller: tenant.IsReseller(),
	}
	if ref := tenant.Spec.ResellerRef; ref != nil {
		seen.Reseller = string(ref.Name)
	}
	for _, kind := range []string{v1alpha1.ConditionReady, v1alpha1.ConditionBillingFresh} {
		if said := meta.FindStatusCondition(tenant.Status.Conditions, kind); said != nil && said.Status != metav1.ConditionTrue {
			seen.Troubles = append(seen.Troubles, *said)
		}
	}
	for _, part := range []func(context.Context, client.Reader, *v1alpha1.Tenant) error{
		seen.workplaces, seen.usage, seen.charges, seen.below,
	} {
		if err := part(ctx, c, tenant); err != nil {
			return nil, err
		}
	}
	seen.foretell(ctx, c, now)
	return seen, nil
}

// absent says in words that a tenant is not there.
func absent(err error, tenant string) error {
	if apierrors.IsNotFound(err) && !unknownKind(err) {
		return fmt.Errorf("there is no Tenant %s; kubectl get tenants lists those there are", tenant)
	}
	return err
}

func (o *overview) workplaces(ctx context.Context, c client.Reader, tenant *v1alpha1.Tenant) error {
	var list v1alpha1.WorkplaceList
	return pages(ctx, c, &list, func() error {
		for i := range list.Items {
			w := &list.Items[i]
			seen := workplaceSeen{Name: w.Name, User: w.Spec.User.Username, Class: w.Spec.ClassRef.Name, Licenses: w.Spec.Licenses}
			if ready := meta.FindStatusCondition(w.Status.Conditions, v1alpha1.ConditionReady); ready != nil {
				// A workplace that rests on purpose is Ready too, for another reason.
				seen.Ready = ready.Status == metav1.ConditionTrue && ready.Reason == v1alpha1.ReasonReady
				seen.Reason, seen.Message = ready.Reason, ready.Message
			}
			o.Workplaces = append(o.Workplaces, seen)
		}
		return nil
	}, client.InNamespace(v1alpha1.NamespaceFor(tenant.Name)))
}

// usage says what the latest month counts.
func (o *overview) usage(ctx context.Context, c client.Reader, tenant *v1alpha1.Tenant) error {
	latest := v1alpha1.Month("")
	uses := map[v1alpha1.LicenseName]*licenseSeen{}
	at := func(license v1alpha1.LicenseName) *licenseSeen {
		if uses[license] == nil {
			uses[license] = &licenseSeen{License: license}
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
				at(u.License).Users++
				if u.Exemption != "" {
					at(u.License).Exempt++
				}
			}
			for _, n := range s.Nodes {
				at(n.License).Nodes++
			}
		}
		return nil
	}, client.InNamespace(v1alpha1.NamespaceFor(tenant.Name)))
	if err != nil || latest == "" {
		return err
	}
	o.Usage = &usageSeen{Month: latest, Licenses: []licenseSeen{}}
	for _, use := range uses {
		o.Usage.Licenses = append(o.Usage.Licenses, *use)
	}
	slices.SortFunc(o.Usage.Licenses, func(a, b licenseSeen) int { return strings.Compare(string(a.License), string(b.License)) })
	return nil
}

func (o *overview) charges(ctx context.Context, c client.Reader, tenant *v1alpha1.Tenant) error {
	var list v1alpha1.ChargeList
	return pages(ctx, c, &list, func() error {
		for i := range list.Items {
			if charge := &list.Items[i]; charge.Status.Invoice == nil {
				o.Charges = append(o.Charges, chargeSeen{charge.Name, charge.Spec.Amount, charge.Spec.Currency, charge.Spec.Description})
			}
		}
		return nil
	}, client.InNamespace(v1alpha1.NamespaceFor(tenant.Name)))
}

func (o *overview) below(ctx context.Context, c client.Reader, tenant *v1alpha1.Tenant) error {
	if !tenant.IsReseller() {
		return nil
	}
	var list v1alpha1.TenantList
	return pages(ctx, c, &list, func() error {
		for i := range list.Items {
			if below := &list.Items[i]; access.Covers(tenant, below) {
				o.Below = append(o.Below, tenantSeen{below.Name, below.Spec.DisplayName, below.Status.State})
			}
		}
		return nil
	})
}

// foreseen is how many of the things to come are shown; the forecast tells all.
const foreseen = 5

// foretell says what comes next, as the forecast tells it: the operator's own next
// moment is only when it looks again.
func (o *overview) foretell(ctx context.Context, c client.Client, now time.Time) {
	o.Next = []toldEntry{}
	objects, err := fromCluster(ctx, c, now, o.Tenant)
	if err != nil {
		o.NextUnknown = err.Error()
		return
	}
	told, _, err := (&forecastOptions{until: aYear}).tell(now, objects)
	if err != nil {
		o.NextUnknown = err.Error()
		return
	}
	for _, entry := range told.Entries {
		if len(o.Next) < foreseen && entry.At.After(now) {
			o.Next = append(o.Next, entry)
		}
	}
}

func moment(t *metav1.Time) string {
	if t == nil {
		return "an unknown moment"
	}
	return t.UTC().Format(time.RFC3339)
}

// said writes a licence's use.
func (l *licenseSeen) said() string {
	switch {
	case l.Nodes > 0:
		return wording.Count(l.Nodes, "node")
	case l.Exempt > 0:
		return fmt.Sprintf("%s, %d of them exempt", wording.Count(l.Users, "user"), l.Exempt)
	default:
		return wording.Count(l.Users, "user")
	}
}
