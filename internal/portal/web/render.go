// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	authorizationv1 "k8s.io/api/authorization/v1"
	"k8s.io/apimachinery/pkg/api/meta"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/portal/gateway"
	"werkplek.dev/werkplek/internal/portal/pages"
	"werkplek.dev/werkplek/internal/portal/signin"
)

const (
	languageCookie = "__Host-werkplek-language"
	noteCookie     = "__Host-werkplek-note"
	// noteTime is how long the outcome of an action waits for its page.
	noteTime = 2 * time.Minute
)

// language returns the one that a person chose, or that the browser asks for.
func language(r *http.Request) pages.Language {
	chosen := ""
	if cookie, err := r.Cookie(languageCookie); err == nil {
		chosen = cookie.Value
	}
	return pages.Match(chosen, r.Header.Get("Accept-Language"))
}

// render writes a page of the portal's host. session may be nil.
func (s *Web) render(w http.ResponseWriter, r *http.Request, session *signin.Session, status int, name string, view any) error {
	frame := pages.Frame{Language: language(r), Notice: s.takeNote(w, r)}
	if r.Method == http.MethodGet {
		frame.Here = "/language?" + url.Values{"to": {other(frame.Language)}, "return": {r.URL.RequestURI()}}.Encode()
	}
	if session != nil {
		frame.SignedInAs = session.Name
		links, err := s.links(r, session)
		if err != nil {
			return err
		}
		frame.Links = links
	}
	return s.Pages.Render(w, status, name, frame, view)
}

func other(l pages.Language) string {
	if l == pages.Dutch {
		return string(pages.English)
	}
	return string(pages.Dutch)
}

// links are the places that a person has business at.
func (s *Web) links(r *http.Request, session *signin.Session) ([]pages.Link, error) {
	links := []pages.Link{{Key: "title.workplaces", URL: "/", Current: r.URL.Path == "/"}}
	tenants, err := s.Judge.OfContact(r.Context(), session.Username)
	if err != nil {
		return nil, err
	}
	if len(tenants) > 0 {
		home := "/tenants/" + tenants[0].Name
		if len(tenants) > 1 {
			home = "/tenants"
		}
		at := func(suffix string) bool {
			return strings.HasPrefix(r.URL.Path, "/tenants/") && strings.HasSuffix(r.URL.Path, suffix)
		}
		links = append(links, pages.Link{Key: "title.tenant", URL: home, Current: strings.HasPrefix(r.URL.Path, "/tenants") && !at("/users") && !at("/requests")})
		if len(tenants) == 1 {
			links = append(links, pages.Link{Key: "title.users", URL: home + "/users", Current: at("/users")},
				pages.Link{Key: "title.requests", URL: home + "/requests", Current: at("/requests")})
		}
	}
	if s.helps(r, session) {
		links = append(links, pages.Link{Key: "title.support", URL: "/support", Current: r.URL.Path == "/support"})
	}
	return links, nil
}

// helps reports whether somebody is a support agent, as RBAC has it.
func (s *Web) helps(r *http.Request, session *signin.Session) bool {
	api, err := s.as(session)
	if err != nil {
		return false
	}
	review := &authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{
		ResourceAttributes: &authorizationv1.ResourceAttributes{Group: v1alpha1.GroupVersion.Group, Resource: "supportsessions", Verb: "create"},
	}}
	return api.Create(r.Context(), review) == nil && review.Status.Allowed
}

// fail writes a page that says what went wrong.
func (s *Web) fail(w http.ResponseWriter, r *http.Request, status int, message string) {
	view := pages.Failure{Status: status, Message: message}
	switch {
	case status == http.StatusNotFound:
		view.Key = "error.notfound"
	case message == "":
		view.Key = "error.unavailable"
	}
	if err := s.Pages.Render(w, status, "error", pages.Frame{Language: language(r)}, view); err != nil {
		s.Log.V(1).Info("a page was not sent", "error", err.Error())
	}
}

// Denied implements gateway.Pages.
func (s *Web) Denied(w http.ResponseWriter, r *http.Request, d gateway.Denial) {
	view := pages.Denied{Reason: d.Reason, Message: d.Message, PortalURL: s.URL}
	s.onDesk(w, r, d.Status, "denied", view)
}

// Starting implements gateway.Pages.
func (s *Web) Starting(w http.ResponseWriter, r *http.Request, workplace *v1alpha1.Workplace) {
	view := pages.Starting{
		Name: workplace.Name, StateURL: "/.werkplek/state", PortalURL: s.URL,
		HomeReady: meta.IsStatusConditionTrue(workplace.Status.Conditions, v1alpha1.ConditionHomeReady),
	}
	if ready := meta.FindStatusCondition(workplace.Status.Conditions, v1alpha1.ConditionReady); ready != nil && !opens(workplace) && !passing[ready.Reason] {
		view.Failing, view.Reason, view.Message = true, ready.Reason, ready.Message
	}
	s.onDesk(w, r, http.StatusServiceUnavailable, "starting", view)
}

// passing are the reasons for not being ready that pass by themselves.
var passing = map[string]bool{
	v1alpha1.ReasonStarting: true, v1alpha1.ReasonRestarting: true, v1alpha1.ReasonIdle: true, v1alpha1.ReasonHomeBinding: true,
	v1alpha1.ReasonRecording: true, v1alpha1.ReasonNotAnswering: true, v1alpha1.ReasonEvicted: true,
}

// onDesk writes a page on a workplace's host, or on the portal's in its place. It
// is not the desktop's: nothing of another site may frame or script it.
func (s *Web) onDesk(w http.ResponseWriter, r *http.Request, status int, name string, view any) {
	h := w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	frame := pages.Frame{Language: language(r)}
	if "https://"+r.Host != s.URL {
		frame.Base = "/.werkplek"
	}
	if err := s.Pages.Render(w, status, name, frame, view); err != nil {
		s.Log.V(1).Info("a page was not sent", "error", err.Error())
	}
}

// Asset implements gateway.Pages.
func (s *Web) Asset(w http.ResponseWriter, r *http.Request, name string) bool {
	return pages.Asset(w, r, name)
}

// goOn leads to a page that says what came of an action.
func (s *Web) goOn(w http.ResponseWriter, r *http.Request, where, note string) error {
	text, err := s.Notes.Seal("notice."+note, s.Clock.Now().Add(noteTime))
	if err != nil {
		return err
	}
	setCookie(w, noteCookie, text, int(noteTime.Seconds()))
	http.Redirect(w, r, where, http.StatusSeeOther)
	return nil
}

// takeNote returns what came of the last action, once.
func (s *Web) takeNote(w http.ResponseWriter, r *http.Request) string {
	var note string
	cookie, err := r.Cookie(noteCookie)
	if err != nil || s.Notes.Open(cookie.Value, &note) != nil {
		return ""
	}
	setCookie(w, noteCookie, "", -1)
	return note
}

// chooseLanguage remembers the language that somebody chose.
func (s *Web) chooseLanguage(w http.ResponseWriter, r *http.Request) error {
	to := pages.Match(r.URL.Query().Get("to"), r.Header.Get("Accept-Language"))
	setCookie(w, languageCookie, string(to), 365*24*3600)
	http.Redirect(w, r, signin.LocalPath(r.URL.Query().Get("return")), http.StatusSeeOther)
	return nil
}

func setCookie(w http.ResponseWriter, name, value string, maxAge int) {
	http.SetCookie(w, &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: maxAge, Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

func tenantOf(namespace string) string {
	return strings.TrimPrefix(namespace, v1alpha1.NamespacePrefix)
}
