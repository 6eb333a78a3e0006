// SPDX-License-Identifier: Apache-2.0

package web

import (
	"html/template"
	"net/http"
	"strings"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/portal/gateway"
	"werkplek.dev/werkplek/internal/portal/signin"
)

var plain = template.Must(template.New("").Parse(`<!doctype html><html lang="en"><meta charset="utf-8"><title>{{.Title}}</title>
{{if .Refresh}}<meta http-equiv="refresh" content="2">{{end}}<h1>{{.Title}}</h1><p>{{.Message}}</p>
<ul>{{range .Workplaces}}<li><a href="{{.Status.URL}}">{{.Name}}</a></li>{{end}}</ul>
{{range .Asking}}<form method="post" action="/consent/{{.Namespace}}/{{.Name}}"><p>{{.Spec.Agent}}: {{.Spec.Reason}}</p><button name="decision" value="Granted">Yes</button><button name="decision" value="Refused">No</button><button name="decision" value="Revoked">Stop</button></form>{{end}}
</html>`))

type plainView struct {
	Title, Message string
	Refresh        bool
	Workplaces     []v1alpha1.Workplace
	Asking         []v1alpha1.SupportSession
}

func (s *Web) plain(w http.ResponseWriter, status int, view plainView) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_ = plain.Execute(w, view)
}

func (s *Web) fail(w http.ResponseWriter, _ *http.Request, status int, message string) {
	s.plain(w, status, plainView{Title: http.StatusText(status), Message: message})
}

// Denied implements gateway.Pages.
func (s *Web) Denied(w http.ResponseWriter, _ *http.Request, d gateway.Denial) {
	s.plain(w, d.Status, plainView{Title: d.Reason, Message: d.Message})
}

// Starting implements gateway.Pages.
func (s *Web) Starting(w http.ResponseWriter, _ *http.Request, workplace *v1alpha1.Workplace) {
	s.plain(w, http.StatusServiceUnavailable, plainView{Title: "Starting", Message: workplace.Name, Refresh: true})
}

// Asset implements gateway.Pages.
func (s *Web) Asset(http.ResponseWriter, *http.Request, string) bool { return false }

func (s *Web) front(w http.ResponseWriter, r *http.Request) error {
	session, err := s.Sessions.Of(r)
	if err != nil {
		return err
	}
	if session == nil {
		s.plain(w, http.StatusOK, plainView{Title: "Welcome"})
		return nil
	}
	own, err := s.Judge.OfUser(r.Context(), session.Username)
	if err != nil {
		return err
	}
	asked, err := s.Judge.AskedOf(r.Context(), session.Username)
	if err != nil {
		return err
	}
	for i := range asked {
		asked[i].Namespace = tenantOf(asked[i].Namespace)
	}
	s.plain(w, http.StatusOK, plainView{Title: "My workplaces", Workplaces: own, Asking: asked})
	return nil
}

func (s *Web) signedOut(w http.ResponseWriter, _ *http.Request) error {
	s.plain(w, http.StatusOK, plainView{Title: "Signed out"})
	return nil
}

func (s *Web) goOn(w http.ResponseWriter, r *http.Request, where, _ string) error {
	http.Redirect(w, r, where, http.StatusSeeOther)
	return nil
}

type privateRoutes = func(pattern string, serve func(http.ResponseWriter, *http.Request, *signin.Session) error)

func (s *Web) contactRoutes(privateRoutes) {}
func (s *Web) supportRoutes(privateRoutes) {}
func (s *Web) lineRoutes(privateRoutes)    {}

func tenantOf(namespace string) string {
	return strings.TrimPrefix(namespace, v1alpha1.NamespacePrefix)
}
