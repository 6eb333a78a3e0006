// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/agenda"
	"werkplek.dev/werkplek/internal/reading"
	"werkplek.dev/werkplek/internal/restored"
	"werkplek.dev/werkplek/internal/terms/facts"
)

// deed is something that the operator does as soon as it may act.
type deed struct {
	Tenant string `json:"tenant"`
	What   string `json:"what"`
}

// deedsOf returns what the operator does as soon as it may act, as far as that
// follows from what there is now.
func deedsOf(ctx context.Context, c client.Client, now time.Time) ([]deed, error) {
	deeds := []deed{}
	for _, find := range []func(context.Context, client.Client, time.Time) ([]deed, error){
		contractDeeds, suspensionDeeds, noticeDeeds, requestDeeds, exportDeeds, chargeDeeds,
	} {
		found, err := find(ctx, c, now)
		if err != nil {
			return nil, err
		}
		deeds = append(deeds, found...)
	}
	return deeds, nil
}

func writeDeeds(out io.Writer, deeds []deed) error {
	if len(deeds) == 0 {
		_, err := fmt.Fprintln(out, "\nNothing is due.")
		return err
	}
	_, _ = fmt.Fprintln(out, "\nDue as soon as it acts:")
	return columns(out, "TENANT|WHAT", func(row func(...any)) {
		for _, d := range deeds {
			row(d.Tenant, d.What)
		}
	})
}

// contractDeeds are what the agenda of each tenant holds now.
func contractDeeds(ctx context.Context, c client.Client, now time.Time) ([]deed, error) {
	var deeds []deed
	var list v1alpha1.TenantList
	err := pages(ctx, c, &list, func() error {
		for i := range list.Items {
			found, err := agendaOf(ctx, c, now, list.Items[i].DeepCopy())
			if err != nil {
				return fmt.Errorf("tenant %s: %w", list.Items[i].Name, err)
			}
			deeds = append(deeds, found...)
		}
		return nil
	})
	return deeds, err
}

func agendaOf(ctx context.Context, c client.Client, now time.Time, tenant *v1alpha1.Tenant) ([]deed, error) {
	book, usable, err := reading.Book(ctx, c, tenant)
	if err != nil {
		return nil, err
	}
	if !usable.OK() {
		return []deed{{tenant.Name, "nothing of its contract: " + usable.Message}}, nil
	}
	objects, err := fromCluster(ctx, c, now, tenant.Name)
	if err != nil {
		return nil, err
	}
	known, err := facts.Read(now, book, objects.Sources)
	if err != nil {
		return nil, err
	}
	decided, err := agenda.Decide(book, known)
	if err != nil {
		return nil, err
	}
	var deeds []deed
	for _, action := range decided.Actions {
		if _, noted := action.(agenda.Remember); !noted {
			deeds = append(deeds, deed{tenant.Name, fmt.Sprint(action)})
		}
	}
	return deeds, nil
}

// found lists the objects of all tenants of which there is something to say.
func found[T any](
	ctx context.Context, c client.Client, list client.ObjectList, items *[]T, say func(*T) (tenant, what string),
) ([]deed, error) {
	var deeds []deed
	err := pages(ctx, c, list, func() error {
		for i := range *items {
			if tenant, what := say(&(*items)[i]); what != "" {
				deeds = append(deeds, deed{tenant, what})
			}
		}
		return nil
	})
	return deeds, err
}

func suspensionDeeds(ctx context.Context, c client.Client, now time.Time) ([]deed, error) {
	var list v1alpha1.SuspensionList
	return found(ctx, c, &list, &list.Items, func(s *v1alpha1.Suspension) (tenant, what string) {
		fact := facts.SuspensionOf(s)
		if !fact.InForce(now) {
			return "", ""
		}
		return tenantIn(s), fmt.Sprintf("suspension %s is in force since %s: %s",
			s.Name, fact.Since.UTC().Format(time.DateOnly), s.Spec.Reason)
	})
}

func noticeDeeds(ctx context.Context, c client.Client, _ time.Time) ([]deed, error) {
	var list v1alpha1.NoticeList
	return found(ctx, c, &list, &list.Items, func(n *v1alpha1.Notice) (tenant, what string) {
		if n.Status.SentAt != nil || restored.Of(n) != restored.Here {
			return "", ""
		}
		return tenantIn(n), fmt.Sprintf("notice %s is sent to %v", n.Name, n.Spec.To)
	})
}

func requestDeeds(ctx context.Context, c client.Client, _ time.Time) ([]deed, error) {
	var list v1alpha1.UserRequestList
	return found(ctx, c, &list, &list.Items, func(r *v1alpha1.UserRequest) (tenant, what string) {
		if restored.Of(r) != restored.Here {
			return "", ""
		}
		switch done := meta.FindStatusCondition(r.Status.Conditions, v1alpha1.ConditionCompleted); {
		case r.Status.AnsweredAt == nil:
			return tenantIn(r), fmt.Sprintf("request %s (%s) is answered as the terms say", r.Name, r.Spec.Type)
		case done == nil || done.Status != "True" && done.Reason != v1alpha1.ReasonDenied:
			return tenantIn(r), fmt.Sprintf("request %s (%s) is carried out", r.Name, r.Spec.Type)
		}
		return "", ""
	})
}

func exportDeeds(ctx context.Context, c client.Client, _ time.Time) ([]deed, error) {
	var list v1alpha1.DataExportList
	return found(ctx, c, &list, &list.Items, func(e *v1alpha1.DataExport) (tenant, what string) {
		if e.Status.CompletedAt != nil || restored.Of(e) != restored.Here {
			return "", ""
		}
		return tenantIn(e), fmt.Sprintf("export %s copies homes to its bucket", e.Name)
	})
}

func chargeDeeds(ctx context.Context, c client.Client, _ time.Time) ([]deed, error) {
	var list v1alpha1.ChargeList
	return found(ctx, c, &list, &list.Items, func(charge *v1alpha1.Charge) (tenant, what string) {
		if charge.Status.Invoice != nil {
			return "", ""
		}
		return tenantIn(charge), fmt.Sprintf("charge %s of %s %s is on no invoice: the billing system puts it on one",
			charge.Name, charge.Spec.Amount, charge.Spec.Currency)
	})
}

// tenantIn returns the tenant in whose namespace an object is.
func tenantIn(object client.Object) string {
	return strings.TrimPrefix(object.GetNamespace(), v1alpha1.NamespacePrefix)
}
