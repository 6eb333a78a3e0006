// SPDX-License-Identifier: Apache-2.0

package reading

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/access"
	"werkplek.dev/werkplek/internal/outcome"
	"werkplek.dev/werkplek/internal/terms/agreement"
	"werkplek.dev/werkplek/internal/terms/facts"
)

// Tenants reads what decides where tenants stand and what is due.
type Tenants struct {
	// From is a watch cache or the API server.
	From client.Reader
	// Live is the API server itself: a cache does not hold usage records that are closed.
	Live client.Reader
	// Children finds the sub-organisations of a tenant.
	Children access.Children
}

// Terms returns terms by their name, compiled, or why they cannot be used.
func Terms(ctx context.Context, c client.Reader, name string) (*agreement.Terms, outcome.Outcome, error) {
	object, err := Maybe(ctx, c, client.ObjectKey{Name: name}, &v1alpha1.ServiceTerms{})
	if err != nil {
		return nil, outcome.Outcome{}, err
	}
	if object == nil {
		return nil, outcome.Stalled(v1alpha1.ReasonTermsNotFound,
			fmt.Sprintf("the ServiceTerms %s do not exist; create them, or correct spec.termsRef", name)), nil
	}
	compiled, err := agreement.Compile(&object.Spec)
	if err != nil {
		return nil, outcome.Stalled(v1alpha1.ReasonTermsInvalid,
			fmt.Sprintf("the ServiceTerms %s cannot be used: %v", name, err)), nil
	}
	return compiled, outcome.Ready(v1alpha1.ReasonReady, ""), nil
}

// Book reads the terms that hold for a tenant, and those that they and its wish
// refer to. Without usable terms that hold the outcome says why; others that
// cannot be used are not in the book.
func Book(ctx context.Context, c client.Reader, tenant *v1alpha1.Tenant) (facts.Book, outcome.Outcome, error) {
	book := facts.Book{}
	holds, names := outcome.Outcome{}, []string{string(tenant.TermsNow())}
	if change := tenant.Spec.PlanChange; change != nil {
		names = append(names, string(change.TermsRef.Name))
	}
	for i := 0; i < len(names); i++ {
		if _, read := book[names[i]]; read {
			continue
		}
		compiled, usable, err := Terms(ctx, c, names[i])
		if err != nil {
			return nil, outcome.Outcome{}, err
		}
		if i == 0 {
			holds = usable
		}
		if book[names[i]] = compiled; compiled != nil && compiled.AfterEnd() != "" {
			names = append(names, compiled.AfterEnd())
		}
	}
	return book, holds, nil
}

// Standing reads what decides where a tenant stands at a moment.
func (r Tenants) Standing(ctx context.Context, now time.Time, tenant *v1alpha1.Tenant) (*facts.Sources, error) {
	s := &facts.Sources{Tenant: tenant}
	account := &v1alpha1.BillingAccount{}
	found, err := r.get(ctx, tenant.Name, account)
	if err != nil {
		return nil, fmt.Errorf("get billing account: %w", err)
	}
	if !found {
		account = nil
	}
	s.Account = facts.Seen(account)
	cover, err := access.LookFrom(ctx, Access{From: r.From}, tenant, now)
	if err != nil {
		return nil, fmt.Errorf("look at the resellers: %w", err)
	}
	s.ResellerSuspended = facts.Seen(cover.ByReseller())

	var (
		suspensions v1alpha1.SuspensionList
		charges     v1alpha1.ChargeList
		notices     v1alpha1.NoticeList
		workplaces  v1alpha1.WorkplaceList
	)
	if err := r.lists(ctx, tenant.Name, &suspensions, &charges, &notices, &workplaces); err != nil {
		return nil, err
	}
	s.Suspensions, s.Charges = facts.Seen(suspensions.Items), facts.Seen(charges.Items)
	s.Notices, s.Workplaces = facts.Seen(notices.Items), facts.Seen(workplaces.Items)
	return s, r.priced(ctx, s, workplaces.Items)
}

// Sources reads everything that decides where a tenant stands at a moment and
// what is due.
func (r Tenants) Sources(ctx context.Context, now time.Time, tenant *v1alpha1.Tenant) (*facts.Sources, error) {
	s, err := r.Standing(ctx, now, tenant)
	if err != nil {
		return nil, err
	}
	var (
		sessions v1alpha1.SupportSessionList
		requests v1alpha1.UserRequestList
		claims   corev1.PersistentVolumeClaimList
	)
	if err := r.lists(ctx, tenant.Name, &sessions, &requests); err != nil {
		return nil, err
	}
	s.Sessions, s.Requests = facts.Seen(sessions.Items), facts.Seen(requests.Items)
	switch err := r.lists(ctx, tenant.Name, &claims); {
	case err == nil:
		homes := make([]facts.Home, 0, len(claims.Items))
		for i := range claims.Items {
			homes = append(homes, facts.HomeOf(&claims.Items[i]))
		}
		s.Homes = facts.Seen(homes)
	case !apierrors.IsForbidden(err): // a person may forecast without a right to look at claims
		return nil, err
	}
	if s.Below, err = r.below(ctx, tenant); err != nil {
		return nil, err
	}
	if tenant.Erased() {
		month, err := r.Unreported(ctx, tenant.Name)
		if err != nil {
			return nil, err
		}
		s.Unreported = facts.Seen(month)
	}
	return s, nil
}

// below reads the workplaces of a tenant's sub-organisations.
func (r Tenants) below(ctx context.Context, tenant *v1alpha1.Tenant) (facts.Known[[]v1alpha1.Workplace], error) {
	unread := facts.Known[[]v1alpha1.Workplace]{}
	names, err := access.Covered(ctx, tenant, r.Children)
	if err != nil {
		return unread, fmt.Errorf("find the sub-organisations of %s: %w", tenant.Name, err)
	}
	var all []v1alpha1.Workplace
	for _, name := range names {
		var workplaces v1alpha1.WorkplaceList
		if err := r.lists(ctx, name, &workplaces); err != nil {
			return unread, err
		}
		all = append(all, workplaces.Items...)
	}
	return facts.Seen(all), nil
}

// priced reads the classes of workplaces, and the licences that they need.
func (r Tenants) priced(ctx context.Context, s *facts.Sources, workplaces []v1alpha1.Workplace) error {
	classes, licenses := facts.Classes{}, facts.Licenses{}
	for i := range workplaces {
		name := string(workplaces[i].Spec.ClassRef.Name)
		if _, seen := classes[name]; !seen {
			class := &v1alpha1.WorkplaceClass{}
			found, err := r.get(ctx, name, class)
			if err != nil {
				return fmt.Errorf("get class %s: %w", name, err)
			}
			if !found {
				class = nil
			}
			classes[name] = class
		}
		needs := workplaces[i].Spec.Licenses
		if class := classes[name]; class != nil {
			needs = append(needs[:len(needs):len(needs)], class.Spec.Licenses...)
		}
		for _, need := range needs {
			if _, seen := licenses[string(need)]; seen {
				continue
			}
			license := &v1alpha1.License{}
			found, err := r.get(ctx, string(need), license)
			if err != nil {
				return fmt.Errorf("get licence %s: %w", need, err)
			}
			if !found {
				license = nil
			}
			licenses[string(need)] = license
		}
	}
	s.Classes, s.Licenses = facts.Seen(classes), facts.Seen(licenses)
	return nil
}

// Unreported names a month of which a tenant's use of licences is recorded and in
// no final report: what the provider owes for it must not vanish (TD-14). It asks
// the API server, which knows the records that are closed as well.
func (r Tenants) Unreported(ctx context.Context, tenant string) (string, error) {
	var records v1alpha1.UsageRecordList
	if err := r.Live.List(ctx, &records, client.InNamespace(v1alpha1.NamespaceFor(tenant))); err != nil {
		return "", fmt.Errorf("list usage records of %s: %w", tenant, err)
	}
	for i := range records.Items {
		s := &records.Items[i].Status
		if len(s.Users) == 0 && len(s.Nodes) == 0 {
			continue
		}
		report := &v1alpha1.LicenseReport{}
		found, err := r.get(ctx, string(s.Month), report)
		if err != nil {
			return "", fmt.Errorf("get licence report %s: %w", s.Month, err)
		}
		if !found || report.Status.FinalAt == nil {
			return string(s.Month), nil
		}
	}
	return "", nil
}

// get reads an object of the cluster's own, and says whether it is there.
func (r Tenants) get(ctx context.Context, name string, object client.Object) (bool, error) {
	err := r.From.Get(ctx, client.ObjectKey{Name: name}, object, client.UnsafeDisableDeepCopy)
	return err == nil, client.IgnoreNotFound(err)
}

// lists reads all objects of some kinds of a tenant.
func (r Tenants) lists(ctx context.Context, tenant string, lists ...client.ObjectList) error {
	within := client.InNamespace(v1alpha1.NamespaceFor(tenant))
	for _, list := range lists {
		if err := r.From.List(ctx, list, within, client.UnsafeDisableDeepCopy); err != nil {
			return fmt.Errorf("list %T of %s: %w", list, tenant, err)
		}
	}
	return nil
}
