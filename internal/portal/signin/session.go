// SPDX-License-Identifier: Apache-2.0

// Package signin signs people in with an OIDC provider and keeps them signed in
// with a sealed cookie, so that every replica knows them.
package signin

import (
	"context"
	"net/http"
	"time"

	"k8s.io/utils/clock"

	"werkplek.dev/werkplek/internal/portal/seal"
	"werkplek.dev/werkplek/internal/portal/spent"
)

// SpentSession is the kind under which signed-out sessions are remembered.
const SpentSession = "session"

// cookieName carries the __Host- prefix: browsers accept it from this very host
// only, over TLS, so that no desktop on a sibling host can set or shadow it.
const cookieName = "__Host-werkplek"

// Session is somebody who signed in.
type Session struct {
	ID       string    `json:"i"`
	Username string    `json:"u"`
	Name     string    `json:"n,omitempty"`
	Groups   []string  `json:"g,omitempty"`
	Until    time.Time `json:"t"`
	// IDToken is a hint for signing out at the provider.
	IDToken string `json:"-"`
}

// Sessions reads and writes the portal's session cookie.
type Sessions struct {
	Sealer *seal.Sealer
	Spent  *spent.Memory
	Clock  clock.PassiveClock
}

// Of returns who made a request; nil when nobody is signed in.
func (s *Sessions) Of(r *http.Request) (*Session, error) {
	cookie, err := r.Cookie(cookieName)
	if err != nil {
		return nil, nil
	}
	session := &Session{}
	if s.Sealer.Open(cookie.Value, session) != nil {
		return nil, nil
	}
	out, err := s.SignedOut(r.Context(), session.ID)
	if err != nil || out {
		return nil, err
	}
	return session, nil
}

// SignedOut reports whether a session was ended by its owner.
func (s *Sessions) SignedOut(ctx context.Context, id string) (bool, error) {
	return s.Spent.IsSpent(ctx, SpentSession, id)
}

// Begin keeps somebody signed in.
func (s *Sessions) Begin(w http.ResponseWriter, session *Session) error {
	text, err := s.Sealer.Seal(session, session.Until)
	if err != nil {
		return err
	}
	setCookie(w, cookieName, text, int(session.Until.Sub(s.Clock.Now()).Seconds()))
	return nil
}

// End signs somebody out, on every replica and every workplace's host.
func (s *Sessions) End(ctx context.Context, w http.ResponseWriter, session *Session) error {
	setCookie(w, cookieName, "", -1)
	_, err := s.Spent.Spend(ctx, SpentSession, session.ID, session.Until)
	return err
}

func setCookie(w http.ResponseWriter, name, value string, maxAge int) {
	http.SetCookie(w, &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: maxAge, Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}
