// SPDX-License-Identifier: Apache-2.0

package web

import (
	"crypto/rand"
	"net/http"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/portal/audit"
	"werkplek.dev/werkplek/internal/portal/pages"
	"werkplek.dev/werkplek/internal/portal/signin"
)

// shownSessions bounds an agent's list: the newest.
const shownSessions = 30

// supportRoutes are the pages of support agents (TD-3, TD-24).
func (s *Web) supportRoutes(private privateRoutes) {
	private("GET /support", func(w http.ResponseWriter, r *http.Request, session *signin.Session) error {
		return s.support(w, r, session, "")
	})
	private("POST /support", s.askToHelp)
	private("POST /support/{tenant}/{session}/end", s.endHelp)
}

func (s *Web) support(w http.ResponseWriter, r *http.Request, session *signin.Session, wrong string) error {
	if !s.helps(r, session) {
		return notFound
	}
	own, err := s.Judge.OfAgent(r.Context(), session.Username)
	if err != nil {
		return err
	}
	view := pages.Support{Action: "/support", Wrong: wrong, Once: strings.ToLower(rand.Text())}
	for i := range own[:min(len(own), shownSessions)] {
		shown := s.session(&own[i])
		place, err := s.Judge.Get(r.Context(), types.NamespacedName{Namespace: own[i].Namespace, Name: shown.Workplace}, "")
		if err != nil {
			return err
		}
		if place == nil {
			shown.CanSee = false
		} else {
			shown.ViewURL = place.Status.URL
		}
		view.Sessions = append(view.Sessions, shown)
	}
	status := http.StatusOK
	if wrong != "" {
		status = http.StatusUnprocessableEntity
	}
	return s.render(w, r, session, status, "support", view)
}

// askToHelp asks a user for a session, as the agent.
func (s *Web) askToHelp(w http.ResponseWriter, r *http.Request, session *signin.Session) error {
	once := r.PostFormValue("once")
	if len(once) < 20 || strings.Trim(once, "abcdefghijklmnopqrstuvwxyz234567") != "" {
		return &problem{http.StatusBadRequest, "this form is too old: open it again"}
	}
	api, err := s.as(session)
	if err != nil {
		return err
	}
	tenant := strings.TrimSpace(r.PostFormValue("tenant"))
	asked := &v1alpha1.SupportSession{
		ObjectMeta: metav1.ObjectMeta{Namespace: v1alpha1.NamespaceFor(tenant), Name: "portal-" + once},
		Spec: v1alpha1.SupportSessionSpec{
			Mode: v1alpha1.SupportMode(r.PostFormValue("mode")), WorkplaceRef: v1alpha1.Reference{Name: v1alpha1.ObjectName(strings.TrimSpace(r.PostFormValue("workplace")))},
			Agent: v1alpha1.Username(session.Username), Reason: strings.TrimSpace(r.PostFormValue("reason")),
			MaximumLength: v1alpha1.Period(r.PostFormValue("length")), CoveredByAgreement: ptr.To(r.PostFormValue("covered") != "false"),
		},
	}
	err = api.Create(r.Context(), asked)
	if apierrors.IsAlreadyExists(err) {
		err = nil
	}
	s.Audit.Write(audit.Line{Event: audit.Request, Allowed: err == nil, Reason: "Support" + string(asked.Spec.Mode), Who: session.Username, Tenant: tenant,
		Workplace: string(asked.Spec.WorkplaceRef.Name), Support: asked.Name, From: r.RemoteAddr})
	switch {
	case apierrors.IsInvalid(err), apierrors.IsNotFound(err):
		return s.support(w, r, session, problemOf(err))
	case err != nil:
		return err
	}
	return s.goOn(w, r, "/support", "asked")
}

// endHelp ends an agent's own session.
func (s *Web) endHelp(w http.ResponseWriter, r *http.Request, session *signin.Session) error {
	key := types.NamespacedName{Namespace: v1alpha1.NamespaceFor(r.PathValue("tenant")), Name: r.PathValue("session")}
	if err := s.end(r, session, key); err != nil {
		return err
	}
	return s.goOn(w, r, "/support", "ended")
}

// end ends a support session, as its agent.
func (s *Web) end(r *http.Request, session *signin.Session, key types.NamespacedName) error {
	err := s.patch(r.Context(), session, &v1alpha1.SupportSession{ObjectMeta: objectMeta(key)}, "", `{"spec":{"end":true}}`)
	s.Audit.Write(audit.Line{Event: audit.Consent, Allowed: err == nil, Reason: "EndedByAgent", Who: session.Username, Tenant: tenantOf(key.Namespace), Support: key.Name, From: r.RemoteAddr})
	return err
}
