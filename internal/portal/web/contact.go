// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"crypto/rand"
	"net/http"
	"net/url"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/portal/audit"
	"werkplek.dev/werkplek/internal/portal/pages"
	"werkplek.dev/werkplek/internal/portal/signin"
	"werkplek.dev/werkplek/internal/terms/facts"
)

type privateRoutes = func(pattern string, serve func(http.ResponseWriter, *http.Request, *signin.Session) error)

// contactRoutes are the pages of an organisation's one contact (TD-23). All that
// they show is read as that person: RBAC decides whose pages these are.
func (s *Web) contactRoutes(private privateRoutes) {
	private("GET /tenants", s.tenants)
	private("GET /tenants/{tenant}", s.tenant)
	private("GET /tenants/{tenant}/users", s.users)
	private("GET /tenants/{tenant}/requests", s.requests)
	private("GET /tenants/{tenant}/requests/new", s.newRequest)
	private("POST /tenants/{tenant}/requests", s.request)
}

// organisation is a tenant as its contact reads it.
type organisation struct {
	api    client.Client
	tenant *v1alpha1.Tenant
}

// organisation reads the tenant of a request's path as the person who asks.
func (s *Web) organisation(r *http.Request, session *signin.Session) (*organisation, error) {
	api, err := s.as(session)
	if err != nil {
		return nil, err
	}
	o := &organisation{api: api, tenant: &v1alpha1.Tenant{}}
	return o, api.Get(r.Context(), client.ObjectKey{Name: r.PathValue("tenant")}, o.tenant)
}

func (o *organisation) namespace() client.InNamespace {
	return client.InNamespace(v1alpha1.NamespaceFor(o.tenant.Name))
}

func (o *organisation) title() string {
	if o.tenant.Spec.DisplayName != "" {
		return o.tenant.Spec.DisplayName
	}
	return o.tenant.Name
}

func (o *organisation) path(rest string) string { return "/tenants/" + o.tenant.Name + rest }

// ask is where the contact asks for something.
func (o *organisation) ask(kind v1alpha1.UserRequestType, workplace string) string {
	query := url.Values{"type": {string(kind)}}
	if workplace != "" {
		query.Set("workplace", workplace)
	}
	return o.path("/requests/new?" + query.Encode())
}

// tenants leads a contact of several organisations to them.
func (s *Web) tenants(w http.ResponseWriter, r *http.Request, session *signin.Session) error {
	all, err := s.Judge.OfContact(r.Context(), session.Username)
	if err != nil {
		return err
	}
	if len(all) == 1 {
		http.Redirect(w, r, "/tenants/"+all[0].Name, http.StatusSeeOther)
		return nil
	}
	var choices []pages.Choice
	for i := range all {
		label := all[i].Spec.DisplayName
		if label == "" {
			label = all[i].Name
		}
		choices = append(choices, pages.Choice{Value: "/tenants/" + all[i].Name, Label: label})
	}
	if len(choices) == 0 {
		return notFound
	}
	return s.render(w, r, session, http.StatusOK, "tenants", choices)
}

// tenant shows an organisation: why it is suspended, what is open, used and charged.
func (s *Web) tenant(w http.ResponseWriter, r *http.Request, session *signin.Session) error {
	o, err := s.organisation(r, session)
	if err != nil {
		return err
	}
	ctx, status := r.Context(), o.tenant.Status
	view := pages.Tenant{
		Name: o.tenant.Name, Title: o.title(), Workplaces: int(status.Workplaces.Total), Running: int(status.Workplaces.Running),
		UsersURL: o.path("/users"), AskURL: o.ask(v1alpha1.RequestAddUser, ""), RequestsURL: o.path("/requests"),
	}
	if a := status.Arrears; a != nil {
		view.Arrears, view.SuspendsOn = true, string(a.SuspendsOn)
	}
	for _, step := range []func(context.Context, *organisation, *pages.Tenant) error{s.suspensions, s.invoices, s.usage, s.charges} {
		if err := step(ctx, o, &view); err != nil {
			return err
		}
	}
	return s.render(w, r, session, http.StatusOK, "tenant", view)
}

func (s *Web) suspensions(ctx context.Context, o *organisation, view *pages.Tenant) error {
	var list v1alpha1.SuspensionList
	if err := o.api.List(ctx, &list, o.namespace()); err != nil {
		return err
	}
	for i := range list.Items {
		fact := facts.SuspensionOf(&list.Items[i])
		if fact.InForce(s.Clock.Now()) {
			view.Suspensions = append(view.Suspensions, pages.Suspension{
				Cause: string(list.Items[i].Spec.Cause), Reason: list.Items[i].Spec.Reason, Since: fact.Since,
			})
		}
	}
	for _, summary := range o.tenant.Status.Suspensions {
		if summary.Tenant != o.tenant.Name && summary.Since != nil {
			view.Suspensions = append(view.Suspensions, pages.Suspension{Cause: string(summary.Cause), Since: summary.Since.Time, OfReseller: true})
		}
	}
	return nil
}

func (s *Web) invoices(ctx context.Context, o *organisation, view *pages.Tenant) error {
	account := &v1alpha1.BillingAccount{}
	if err := o.api.Get(ctx, client.ObjectKey{Name: o.tenant.Name}, account); err != nil {
		return client.IgnoreNotFound(err)
	}
	for _, invoice := range account.Status.OpenInvoices {
		view.Invoices = append(view.Invoices, pages.Invoice{
			Number: string(invoice.Number), IssuedOn: string(invoice.IssuedOn), DueOn: string(invoice.DueOn),
			Outstanding: string(invoice.Outstanding), Currency: string(account.Spec.Currency),
		})
	}
	return nil
}

// usage counts this month's users of each licence.
func (s *Web) usage(ctx context.Context, o *organisation, view *pages.Tenant) error {
	var records v1alpha1.UsageRecordList
	if err := o.api.List(ctx, &records, o.namespace()); err != nil {
		return err
	}
	users := map[string]map[v1alpha1.Username]bool{}
	for i := range records.Items {
		view.Month = max(view.Month, string(records.Items[i].Status.Month))
	}
	for i := range records.Items {
		if string(records.Items[i].Status.Month) != view.Month {
			continue
		}
		for _, use := range records.Items[i].Status.Users {
			if users[string(use.License)] == nil {
				users[string(use.License)] = map[v1alpha1.Username]bool{}
			}
			users[string(use.License)][use.Username] = true
		}
	}
	for license, names := range users {
		view.Licences = append(view.Licences, pages.Licence{Name: license, Users: len(names)})
	}
	slices.SortFunc(view.Licences, func(a, b pages.Licence) int { return strings.Compare(a.Name, b.Name) })
	if view.Month == "" {
		view.Month = s.Clock.Now().Format("2006-01")
	}
	return nil
}

func (s *Web) charges(ctx context.Context, o *organisation, view *pages.Tenant) error {
	var list v1alpha1.ChargeList
	if err := o.api.List(ctx, &list, o.namespace()); err != nil {
		return err
	}
	slices.SortFunc(list.Items, func(a, b v1alpha1.Charge) int { return strings.Compare(string(b.Spec.On), string(a.Spec.On)) })
	for i := range list.Items {
		charge := pages.Charge{
			On: string(list.Items[i].Spec.On), Description: list.Items[i].Spec.Description,
			Amount: string(list.Items[i].Spec.Amount), Currency: string(list.Items[i].Spec.Currency),
			VAT: string(list.Items[i].Spec.VAT),
		}
		if invoice := list.Items[i].Status.Invoice; invoice != nil {
			charge.Invoice = string(invoice.Number)
		}
		view.Charges = append(view.Charges, charge)
	}
	return nil
}

// users shows an organisation's workplaces.
func (s *Web) users(w http.ResponseWriter, r *http.Request, session *signin.Session) error {
	o, err := s.organisation(r, session)
	if err != nil {
		return err
	}
	var list v1alpha1.WorkplaceList
	if err := o.api.List(r.Context(), &list, o.namespace()); err != nil {
		return err
	}
	view := pages.Users{Name: o.tenant.Name, Title: o.title(), AskURL: o.ask(v1alpha1.RequestAddUser, "")}
	for i := range list.Items {
		place := &list.Items[i]
		user := pages.User{
			Name: place.Spec.User.Name, Email: string(place.Spec.User.Email), Username: string(place.Spec.User.Username),
			Workplace: place.Name, Class: s.className(r.Context(), place), Blocked: place.Spec.Access == v1alpha1.AccessBlocked,
			BlockURL: o.ask(v1alpha1.RequestBlockUser, place.Name), UnblockURL: o.ask(v1alpha1.RequestUnblockUser, place.Name),
			RemoveURL: o.ask(v1alpha1.RequestRemoveUser, place.Name), ChangeURL: o.ask(v1alpha1.RequestChangeUser, place.Name),
		}
		user.State, user.Reason, _ = state(place)
		if activity := place.Status.Activity; activity != nil && activity.LastActive != nil {
			user.LastUsed = activity.LastActive.Time
		}
		view.Users = append(view.Users, user)
	}
	return s.render(w, r, session, http.StatusOK, "users", view)
}

// requests shows what was asked for and what came of it (TD-1).
func (s *Web) requests(w http.ResponseWriter, r *http.Request, session *signin.Session) error {
	o, err := s.organisation(r, session)
	if err != nil {
		return err
	}
	var list v1alpha1.UserRequestList
	if err := o.api.List(r.Context(), &list, o.namespace()); err != nil {
		return err
	}
	slices.SortFunc(list.Items, func(a, b v1alpha1.UserRequest) int { return b.CreationTimestamp.Compare(a.CreationTimestamp.Time) })
	view := pages.Requests{Name: o.tenant.Name, Title: o.title(), AskURL: o.ask(v1alpha1.RequestAddUser, ""), ServiceURL: o.ask(v1alpha1.RequestService, "")}
	for i := range list.Items {
		view.Requests = append(view.Requests, s.asked(o, &list.Items[i]))
	}
	return s.render(w, r, session, http.StatusOK, "requests", view)
}

// asked shows one request.
func (s *Web) asked(o *organisation, request *v1alpha1.UserRequest) pages.Asked {
	view := pages.Asked{Name: request.Name, Type: string(request.Spec.Type), Note: request.Spec.Note, ReceivedAt: request.CreationTimestamp.Time, State: "waiting"}
	if request.Spec.User != nil {
		view.Who = strings.TrimSpace(request.Spec.User.Name + " " + string(request.Spec.User.Username))
	}
	if ref := request.Spec.WorkplaceRef; view.Who == "" && ref != nil {
		view.Who = string(ref.Name)
	}
	if due := request.Status.AnswerDueAt; due != nil {
		view.AnswerDueAt = due.Time
	}
	if at := request.Status.AnsweredAt; at != nil {
		view.Answered = at.Time
	}
	if request.Labels[v1alpha1.LabelReceivedBy] == v1alpha1.ReceivedByMail {
		view.ByMail, view.TurnURL = true, o.path("/requests/new?"+url.Values{"type": {string(v1alpha1.RequestAddUser)}, "from": {request.Name}}.Encode())
	}
	approved := meta.FindStatusCondition(request.Status.Conditions, v1alpha1.ConditionApproved)
	completed := meta.FindStatusCondition(request.Status.Conditions, v1alpha1.ConditionCompleted)
	switch {
	case approved != nil && approved.Status == metav1.ConditionFalse:
		view.State, view.Answer = "denied", approved.Message
	case completed != nil && completed.Status == metav1.ConditionTrue:
		view.State, view.Answer = "done", completed.Message
	case approved != nil && approved.Status == metav1.ConditionTrue:
		view.State, view.Answer = "approved", approved.Message
	case meta.IsStatusConditionFalse(request.Status.Conditions, v1alpha1.ConditionAnsweredInTime):
		view.State = "late"
	}
	return view
}

// newRequest shows the form for a request.
func (s *Web) newRequest(w http.ResponseWriter, r *http.Request, session *signin.Session) error {
	o, err := s.organisation(r, session)
	if err != nil {
		return err
	}
	query := r.URL.Query()
	view, err := s.form(r.Context(), o, v1alpha1.UserRequestType(query.Get("type")), query.Get("workplace"))
	if err != nil {
		return err
	}
	if name := query.Get("from"); name != "" {
		mail := &v1alpha1.UserRequest{}
		if err := o.api.Get(r.Context(), client.ObjectKey{Namespace: string(o.namespace()), Name: name}, mail); err != nil {
			return err
		}
		view.FromMail = mail.Spec.Note
	}
	return s.render(w, r, session, http.StatusOK, "request", view)
}

var requestTypes = []v1alpha1.UserRequestType{
	v1alpha1.RequestAddUser, v1alpha1.RequestBlockUser, v1alpha1.RequestUnblockUser, v1alpha1.RequestRemoveUser, v1alpha1.RequestChangeUser, v1alpha1.RequestService,
}

// form fills a form in with what is known.
func (s *Web) form(ctx context.Context, o *organisation, kind v1alpha1.UserRequestType, workplace string) (pages.Request, error) {
	if !slices.Contains(requestTypes, kind) {
		return pages.Request{}, notFound
	}
	view := pages.Request{
		Type: string(kind), Tenant: o.tenant.Name, Title: o.title(), Action: o.path("/requests"), Once: strings.ToLower(rand.Text()),
		Back: o.path("/users"), Wrong: map[string]string{}, Workplace: workplace,
	}
	if workplace != "" {
		place := &v1alpha1.Workplace{}
		if err := o.api.Get(ctx, client.ObjectKey{Namespace: string(o.namespace()), Name: workplace}, place); err != nil {
			return view, err
		}
		view.UserName, view.Email, view.Username = place.Spec.User.Name, string(place.Spec.User.Email), string(place.Spec.User.Username)
		view.Class = string(place.Spec.ClassRef.Name)
		for _, name := range place.Spec.Licenses {
			view.Licences = append(view.Licences, pages.Choice{Value: string(name), Label: string(name), Chosen: true})
		}
	} else if kind != v1alpha1.RequestAddUser && kind != v1alpha1.RequestService {
		return view, notFound
	}
	classes, err := s.Judge.Classes(ctx)
	for i := range classes {
		name := classes[i].Name
		if limits := o.tenant.Spec.Limits; limits != nil && len(limits.AllowedClasses) > 0 && !slices.Contains(limits.AllowedClasses, v1alpha1.ObjectName(name)) {
			continue
		}
		if classes[i].Spec.Deprecated != nil && name != view.Class {
			continue
		}
		label := classes[i].Spec.DisplayName
		if label == "" {
			label = name
		}
		choice := pages.Choice{Value: name, Label: label, Chosen: name == view.Class}
		if price := classes[i].Spec.Price; price != nil {
			choice.Price = &pages.Price{Amount: string(price.Amount), Currency: string(price.Currency), Per: string(price.Per)}
		}
		view.Classes = append(view.Classes, choice)
	}
	return view, err
}

// request makes a request, as the contact. The form's mark makes it one request,
// however often it is sent.
func (s *Web) request(w http.ResponseWriter, r *http.Request, session *signin.Session) error {
	o, err := s.organisation(r, session)
	if err != nil {
		return err
	}
	made, err := requestOf(r, o, session)
	if err != nil {
		return err
	}
	err = o.api.Create(r.Context(), made)
	if apierrors.IsAlreadyExists(err) {
		err = nil
	}
	s.Audit.Write(audit.Line{Event: audit.Request, Allowed: err == nil, Reason: string(made.Spec.Type), Who: session.Username, Tenant: o.tenant.Name, Workplace: r.PostFormValue("workplace"), From: r.RemoteAddr, Note: made.Name})
	if apierrors.IsInvalid(err) {
		view, again := s.form(r.Context(), o, made.Spec.Type, r.PostFormValue("workplace"))
		if again != nil {
			return again
		}
		view.UserName, view.Email, view.Username, view.Note = r.PostFormValue("name"), r.PostFormValue("email"), r.PostFormValue("username"), r.PostFormValue("note")
		view.Wrong[""] = problemOf(err)
		return s.render(w, r, session, http.StatusUnprocessableEntity, "request", view)
	}
	if err != nil {
		return err
	}
	return s.goOn(w, r, o.path("/requests"), "requested")
}

// requestOf reads a form.
func requestOf(r *http.Request, o *organisation, session *signin.Session) (*v1alpha1.UserRequest, error) {
	once := r.PostFormValue("once")
	if len(once) < 20 || strings.Trim(once, "abcdefghijklmnopqrstuvwxyz234567") != "" {
		return nil, &problem{http.StatusBadRequest, "this form is too old: open it again"}
	}
	kind := v1alpha1.UserRequestType(r.PostFormValue("type"))
	request := &v1alpha1.UserRequest{
		ObjectMeta: metav1.ObjectMeta{Namespace: string(o.namespace()), Name: "portal-" + once},
		Spec: v1alpha1.UserRequestSpec{
			Type: kind, RequestedBy: v1alpha1.Username(session.Username), Note: strings.TrimSpace(strings.ReplaceAll(r.PostFormValue("note"), "\r\n", "\n")),
		},
	}
	if workplace := r.PostFormValue("workplace"); workplace != "" {
		request.Spec.WorkplaceRef = &v1alpha1.Reference{Name: v1alpha1.ObjectName(workplace)}
	}
	if kind != v1alpha1.RequestAddUser && kind != v1alpha1.RequestChangeUser {
		return request, nil
	}
	email := strings.TrimSpace(r.PostFormValue("email"))
	username := strings.TrimSpace(r.PostFormValue("username"))
	if username == "" {
		username = strings.ToLower(email)
	}
	if kind == v1alpha1.RequestChangeUser {
		place := &v1alpha1.Workplace{}
		if err := o.api.Get(r.Context(), types.NamespacedName{Namespace: request.Namespace, Name: r.PostFormValue("workplace")}, place); err != nil {
			return nil, err
		}
		username = string(place.Spec.User.Username) // a home stays with its person
	}
	request.Spec.User = &v1alpha1.Person{Name: strings.TrimSpace(r.PostFormValue("name")), Email: v1alpha1.Email(email), Username: v1alpha1.Username(username)}
	if class := r.PostFormValue("class"); class != "" {
		request.Spec.ClassRef = &v1alpha1.Reference{Name: v1alpha1.ObjectName(class)}
	}
	for _, name := range r.PostForm["licence"] {
		request.Spec.Licenses = append(request.Spec.Licenses, v1alpha1.LicenseName(name))
	}
	return request, nil
}

// problemOf returns what the API server says is wrong, without its preamble.
func problemOf(err error) string {
	message := err.Error()
	if _, after, found := strings.Cut(message, "is invalid: "); found {
		return after
	}
	return message
}
