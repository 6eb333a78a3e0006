// SPDX-License-Identifier: Apache-2.0

// Package web serves the portal's pages: for users, for their organisations'
// contacts and for support agents. What somebody changes or reads of an
// organisation is asked of the API server as that person, so that RBAC and the
// admission policies decide, and nothing here.
package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/go-logr/logr"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/internal/portal/access"
	"werkplek.dev/werkplek/internal/portal/audit"
	"werkplek.dev/werkplek/internal/portal/gateway"
	"werkplek.dev/werkplek/internal/portal/pages"
	"werkplek.dev/werkplek/internal/portal/seal"
	"werkplek.dev/werkplek/internal/portal/signin"
)

const (
	// patience is how long one page may wait for the API server.
	patience = 10 * time.Second
	// formLength bounds what a form may hold.
	formLength = 64 << 10
)

// Web serves the portal's host.
type Web struct {
	Judge    *access.Judge
	Sessions *signin.Sessions
	Provider *signin.Provider
	Gateway  *gateway.Gateway
	Pages    *pages.Pages
	Clock    clock.PassiveClock
	Log      logr.Logger
	Audit    audit.Log
	// Notes seal what the next page says about the last action.
	Notes *seal.Sealer
	// URL of the portal, without a slash at its end.
	URL string
	// As returns a client that acts as somebody, with that person's rights alone.
	As func(username string, groups ...string) (client.Client, error)
	// Trust says why the watch cache cannot be relied on, or nothing.
	Trust func() error

	handler http.Handler
}

// New completes the pages' routes.
func New(s *Web) *Web {
	mux := http.NewServeMux()
	public := func(pattern string, serve func(http.ResponseWriter, *http.Request) error) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { s.answer(w, r, serve(w, r)) })
	}
	private := func(pattern string, serve func(http.ResponseWriter, *http.Request, *signin.Session) error) {
		public(pattern, func(w http.ResponseWriter, r *http.Request) error {
			session, err := s.Sessions.Of(r)
			if err != nil {
				return err
			}
			if session == nil {
				return s.askToSignIn(w, r)
			}
			return serve(w, r, session)
		})
	}
	public("GET /assets/{name}", func(w http.ResponseWriter, r *http.Request) error {
		if !pages.Asset(w, r, r.PathValue("name")) {
			return notFound
		}
		return nil
	})
	public("GET /{$}", s.front)
	public("GET /language", s.chooseLanguage)
	public("GET /signin", func(w http.ResponseWriter, r *http.Request) error {
		return s.Provider.Start(w, r, r.URL.Query().Get("return"))
	})
	public("GET /callback", s.callback)
	public("POST /signout", s.signOut)
	public("GET /signed-out", s.signedOut)
	private("GET /open", s.open)
	private("POST /workplaces/{tenant}/{workplace}/restart", s.restart)
	private("POST /consent/{tenant}/{session}", s.consent)
	s.contactRoutes(private)
	s.supportRoutes(private)
	s.lineRoutes(private)
	public("/", func(http.ResponseWriter, *http.Request) error { return notFound })
	s.handler = protect(mux)
	return s
}

// ServeHTTP serves the portal's host.
func (s *Web) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// protect keeps other sites, the desktops on sibling hosts among them, from
// framing the portal, from scripting it, and from making its users' browsers
// change anything.
func protect(next http.Handler) http.Handler {
	origins := http.NewCrossOriginProtection()
	return origins.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		h.Set("X-Frame-Options", "DENY")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		if !strings.HasPrefix(r.URL.Path, "/assets/") {
			h.Set("Cache-Control", "no-store")
		}
		r.Body = http.MaxBytesReader(w, r.Body, formLength)
		ctx, cancel := context.WithTimeout(r.Context(), patience)
		defer cancel()
		next.ServeHTTP(w, r.WithContext(ctx))
	}))
}

// problem is something that people are told, with a status code.
type problem struct {
	status  int
	message string
}

// Error implements error.
func (p *problem) Error() string { return p.message }

var notFound = &problem{http.StatusNotFound, "there is no such page"}

// as returns a client that acts as somebody who is signed in.
func (s *Web) as(session *signin.Session) (client.Client, error) {
	return s.As(session.Username, session.Groups...)
}

// answer turns what went wrong into a page that says what to do.
func (s *Web) answer(w http.ResponseWriter, r *http.Request, err error) {
	var told *problem
	var refused *signin.Refusal
	var status apierrors.APIStatus
	switch {
	case err == nil || errors.Is(err, context.Canceled):
	case errors.As(err, &told):
		s.fail(w, r, told.status, told.message)
	case errors.As(err, &refused):
		s.Audit.Write(audit.Line{Event: audit.SignIn, Reason: refused.Message, From: r.RemoteAddr})
		s.Log.Info("a sign-in was refused", "error", err.Error())
		s.fail(w, r, http.StatusForbidden, refused.Message)
	case apierrors.IsForbidden(err), apierrors.IsNotFound(err):
		// Nobody learns whether what they may not see exists.
		s.Log.V(1).Info("refused by the API server", "path", r.URL.Path, "error", err.Error())
		s.fail(w, r, http.StatusNotFound, notFound.message)
	case errors.As(err, &status) && status.Status().Code < 500:
		s.fail(w, r, int(status.Status().Code), status.Status().Message)
	default:
		s.Log.Error(err, "cannot serve", "path", r.URL.Path)
		s.fail(w, r, http.StatusServiceUnavailable, "")
	}
}

// askToSignIn sends people to sign in and back, and refuses what is not a page.
func (s *Web) askToSignIn(w http.ResponseWriter, r *http.Request) error {
	if r.Method != http.MethodGet {
		return &problem{http.StatusUnauthorized, "your session has ended: sign in again"}
	}
	return s.Provider.Start(w, r, r.URL.RequestURI())
}

func (s *Web) callback(w http.ResponseWriter, r *http.Request) error {
	session, after, err := s.Provider.Finish(w, r)
	if err != nil {
		return err
	}
	if err := s.Sessions.Begin(w, session); err != nil {
		return err
	}
	s.Audit.Write(audit.Line{Event: audit.SignIn, Allowed: true, Who: session.Username, From: r.RemoteAddr})
	http.Redirect(w, r, after, http.StatusSeeOther)
	return nil
}

// signOut ends a session everywhere, and the support sessions that it was part of.
func (s *Web) signOut(w http.ResponseWriter, r *http.Request) error {
	session, err := s.Sessions.Of(r)
	if err != nil {
		return err
	}
	if session != nil {
		if err := s.endSupport(r, session); err != nil {
			s.Log.Error(err, "cannot end the support sessions of somebody who signs out; their connections are cut all the same", "who", session.Username)
		}
		if err := s.Sessions.End(r.Context(), w, session); err != nil {
			return fmt.Errorf("sign out: %w", err)
		}
		s.Audit.Write(audit.Line{Event: audit.SignOut, Allowed: true, Who: session.Username, From: r.RemoteAddr})
	}
	http.Redirect(w, r, "/signed-out", http.StatusSeeOther)
	return nil
}
