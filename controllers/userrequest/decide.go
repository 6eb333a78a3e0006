// SPDX-License-Identifier: Apache-2.0

package userrequest

import (
	"context"
	"fmt"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/enqueue"
	"werkplek.dev/werkplek/controllers/internal/entitlement"
	"werkplek.dev/werkplek/controllers/internal/reconciling"
	"werkplek.dev/werkplek/controllers/internal/standing"
	"werkplek.dev/werkplek/internal/access"
	"werkplek.dev/werkplek/internal/outcome"
	"werkplek.dev/werkplek/internal/reading"
	"werkplek.dev/werkplek/internal/terms/agreement"
)

// labelRequest is, on a workplace, the UID of the request that it was made for:
// by it, a request that was interrupted finds what it has made.
const labelRequest = "werkplek.dev/request"

// facts are what the answer to a request depends on.
type facts struct {
	tenant     *v1alpha1.Tenant         // nil while it does not exist
	terms      *agreement.Terms         // nil while they cannot be used
	wrong      *outcome.Outcome         // what is missing to answer it; nil if nothing is
	closed     *outcome.Outcome         // why the tenant's requests are refused; nil if they are not
	class      *v1alpha1.WorkplaceClass // that the request names; nil while it does not exist
	workplaces []v1alpha1.Workplace     // of the tenant
}

// The answer to a request is an outcome: ready, it is approved; stalled, it is
// denied; unknown, it waits for a person.

func approve(message string) outcome.Outcome { return outcome.Ready(v1alpha1.ReasonByTerms, message) }

func deny(reason, format string, arguments ...any) *outcome.Outcome {
	denied := outcome.Stalled(reason, fmt.Sprintf(format, arguments...))
	return &denied
}

func wait(message string) outcome.Outcome {
	return outcome.Unknown(v1alpha1.ReasonAwaitingApproval, message)
}

// look gathers the facts for a request from a cache, or from the API server itself.
func look(ctx context.Context, from client.Reader, r *v1alpha1.UserRequest, now time.Time) (*facts, error) {
	f := &facts{}
	name, _ := enqueue.TenantIn(r.Namespace)
	tenant, err := reading.Maybe(ctx, from, client.ObjectKey{Name: name}, &v1alpha1.Tenant{})
	if err != nil {
		return nil, err
	}
	if tenant == nil {
		orphaned := enqueue.Orphaned(r.Namespace)
		f.wrong = &orphaned
		return f, nil
	}
	f.tenant = tenant
	if f.terms, f.wrong, err = standing.Terms(ctx, from, tenant); err != nil {
		return nil, err
	}
	if f.closed, err = closed(ctx, from, tenant, now); err != nil {
		return nil, err
	}
	if ref := r.Spec.ClassRef; ref != nil {
		if f.class, err = reading.Maybe(ctx, from, client.ObjectKey{Name: string(ref.Name)}, &v1alpha1.WorkplaceClass{}); err != nil {
			return nil, err
		}
	}
	var list v1alpha1.WorkplaceList
	if err := from.List(ctx, &list, client.InNamespace(r.Namespace), client.UnsafeDisableDeepCopy); err != nil {
		return nil, fmt.Errorf("list workplaces: %w", err)
	}
	f.workplaces = list.Items
	return f, nil
}

// closed says why a tenant's requests are refused, apart from those that take
// access away: nobody of the tenant may in. Nil if they are not.
func closed(ctx context.Context, from client.Reader, tenant *v1alpha1.Tenant, now time.Time) (*outcome.Outcome, error) {
	cover, err := access.LookFrom(ctx, reading.Access{From: from}, tenant, now)
	if err != nil {
		return nil, err
	}
	return refused(cover.Judge(nil)), nil
}

// refused says what the requests of a tenant hear whose users may not in.
func refused(o outcome.Outcome) *outcome.Outcome {
	switch {
	case o.OK():
		return nil
	case o.Reason == v1alpha1.ReasonSuspended || o.Reason == v1alpha1.ReasonResellerSuspended:
		return deny(v1alpha1.ReasonTenantSuspended,
			"%s; only BlockUser and RemoveUser are carried out: ask again once the suspension is lifted", o.Message)
	}
	return deny(o.Reason, "%s; only BlockUser and RemoveUser are carried out", o.Message)
}

// decide answers the request if it has no answer and needs no person. An answer
// stays for ever, whoever gave it.
func (v *visit) decide(ctx context.Context) error {
	if v.request.Status.AnsweredAt != nil || v.facts.tenant == nil {
		return nil
	}
	if said := v.approved(); said != nil && said.Status != metav1.ConditionUnknown {
		v.answered()
		return nil
	}
	d := judge(v.request, v.facts)
	if d.Known() {
		if err := v.lookLive(ctx); err != nil || v.facts.tenant == nil {
			return err
		}
		d = judge(v.request, v.facts)
	}
	v.Conditions.Report(v1alpha1.ConditionApproved, d)
	if d.Known() {
		v.answered()
	}
	return nil
}

func (v *visit) answered() {
	at := metav1.NewTime(v.Now.UTC().Truncate(time.Second))
	v.request.Status.AnsweredAt = &at
}

// approved returns the condition that holds the answer; nil if there is none.
func (v *visit) approved() *metav1.Condition {
	return meta.FindStatusCondition(v.request.Status.Conditions, v1alpha1.ConditionApproved)
}

// lookLive makes sure that the facts, and the request itself, are the API server's own.
func (v *visit) lookLive(ctx context.Context) error {
	if v.live {
		return nil
	}
	current, err := reading.Maybe(ctx, v.Live, client.ObjectKeyFromObject(v.request), &v1alpha1.UserRequest{})
	if err != nil {
		return err
	}
	if current == nil || current.ResourceVersion != v.request.ResourceVersion {
		return reconciling.Again(soon)
	}
	found, err := look(ctx, v.Live, v.request, v.Now)
	if err != nil {
		return err
	}
	v.facts, v.live = found, true
	return nil
}

// judge answers a request from the facts about its tenant, or says what person
// it waits for. What nobody would approve is denied at once.
func judge(r *v1alpha1.UserRequest, f *facts) outcome.Outcome {
	if r.Spec.Type == v1alpha1.RequestAddUser && f.made(r) != nil {
		return approve("within the tenant's limits") // and carried out, but for saying so
	}
	if contact := f.tenant.Spec.Contact; contact == nil || contact.Username != r.Spec.RequestedBy {
		return *deny(v1alpha1.ReasonNotTheContact, "%s is not the contact of Tenant %s, who alone may ask; ask the provider to set spec.contact", r.Spec.RequestedBy, f.tenant.Name)
	}
	takesAway := r.Spec.Type == v1alpha1.RequestBlockUser || r.Spec.Type == v1alpha1.RequestRemoveUser
	if f.closed != nil && !takesAway {
		return *f.closed
	}
	if wrong := f.impossible(r); wrong != nil {
		return *wrong
	}
	switch {
	case r.Spec.Type == v1alpha1.RequestBlockUser:
		return approve("to take access away needs no approval")
	case r.Spec.Type == v1alpha1.RequestService:
		return wait("a person answers this: an engineer approves or denies it")
	case f.terms == nil:
		return wait("the terms cannot be used: an engineer approves or denies it; see the condition Ready")
	case !f.terms.ApprovesRequests():
		return wait("the terms leave this to a person: an engineer approves or denies it")
	}
	if place := f.place(r); !place.OK() {
		return wait("beyond the tenant's limits: " + place.Message + "; or an engineer approves or denies it as it is")
	}
	return approve("within the tenant's limits")
}

// impossible says why a request could not be carried out whoever approved it.
func (f *facts) impossible(r *v1alpha1.UserRequest) *outcome.Outcome {
	switch r.Spec.Type {
	case v1alpha1.RequestService:
		return nil
	case v1alpha1.RequestAddUser:
		if existing := f.existing(r); existing != nil {
			return deny(v1alpha1.ReasonUserExists, "%s already has workplace %s of class %s; to change it, ask with ChangeUser",
				r.Spec.User.Username, existing.Name, existing.Spec.ClassRef.Name)
		}
		return nil
	}
	_, wrong := f.concerned(r)
	return wrong
}

// place says whether what a request asks for is within the tenant's limits.
func (f *facts) place(r *v1alpha1.UserRequest) outcome.Outcome {
	if r.Spec.ClassRef == nil {
		return outcome.Ready(v1alpha1.ReasonReady, "it asks for no place")
	}
	before := 0
	for i := range f.workplaces {
		if f.workplaces[i].DeletionTimestamp == nil {
			before++
		}
	}
	if r.Spec.Type == v1alpha1.RequestChangeUser {
		before = -1 // it has its place
	}
	return entitlement.Place(f.tenant, f.class, &v1alpha1.Workplace{Spec: v1alpha1.WorkplaceSpec{ClassRef: *r.Spec.ClassRef}}, before)
}

// made returns the workplace that was made for a request.
func (f *facts) made(r *v1alpha1.UserRequest) *v1alpha1.Workplace {
	for i := range f.workplaces {
		if f.workplaces[i].Labels[labelRequest] == string(r.UID) {
			return &f.workplaces[i]
		}
	}
	return nil
}

// existing returns the workplace of the class that a request asks for which its
// user already has.
func (f *facts) existing(r *v1alpha1.UserRequest) *v1alpha1.Workplace {
	for i := range f.workplaces {
		w := &f.workplaces[i]
		if w.DeletionTimestamp == nil && w.Spec.User.Username == r.Spec.User.Username && w.Spec.ClassRef == *r.Spec.ClassRef {
			return w
		}
	}
	return nil
}

// concerned returns the workplaces that a request is about, or why there are none.
func (f *facts) concerned(r *v1alpha1.UserRequest) ([]*v1alpha1.Workplace, *outcome.Outcome) {
	var found []*v1alpha1.Workplace
	for i := range f.workplaces {
		if w := &f.workplaces[i]; w.DeletionTimestamp == nil && concerns(r, w) {
			found = append(found, w)
		}
	}
	if ref := r.Spec.WorkplaceRef; ref != nil {
		switch {
		case len(found) == 0:
			return nil, deny(v1alpha1.ReasonWorkplaceUnknown, "there is no workplace %s; look up its name and ask again", ref.Name)
		case r.Spec.User != nil && r.Spec.User.Username != found[0].Spec.User.Username:
			return nil, deny(v1alpha1.ReasonUserDiffers, "workplace %s is that of %s, to whom its home belongs, not of %s; for somebody else ask with AddUser",
				ref.Name, found[0].Spec.User.Username, r.Spec.User.Username)
		}
		return found, nil
	}
	if len(found) == 0 {
		return nil, deny(v1alpha1.ReasonUserUnknown, "%s has no workplace with this tenant; look up the username and ask again", r.Spec.User.Username)
	}
	return found, nil
}

// concerns reports whether a request names a workplace, or its user. What a user
// got after asking for removal is not removed.
func concerns(r *v1alpha1.UserRequest, w *v1alpha1.Workplace) bool {
	if ref := r.Spec.WorkplaceRef; ref != nil {
		return string(ref.Name) == w.Name
	}
	return r.Spec.User != nil && r.Spec.User.Username == w.Spec.User.Username &&
		(r.Spec.Type != v1alpha1.RequestRemoveUser || !w.CreationTimestamp.After(r.CreationTimestamp.Time))
}

// names lists workplaces for people.
func names(workplaces []*v1alpha1.Workplace) string {
	list := make([]string, len(workplaces))
	for i, w := range workplaces {
		list[i] = w.Name
	}
	return strings.Join(list, ", ")
}
