// SPDX-License-Identifier: Apache-2.0

package signin

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
	"k8s.io/utils/clock"

	"werkplek.dev/werkplek/internal/portal/seal"
)

const (
	// attemptCookie ties an answer of the provider to the browser that asked.
	attemptCookie = "__Host-werkplek-signin"
	// attemptTime is how long somebody may take to sign in at the provider.
	attemptTime = 15 * time.Minute
	// providerTime is how long to wait for the provider.
	providerTime = 15 * time.Second
)

// Settings say who the OIDC provider is and how it names people.
type Settings struct {
	Issuer       string
	ClientID     string
	ClientSecret string
	Scopes       []string
	// UsernameClaim is the claim that is the Kubernetes username.
	UsernameClaim string
	// UsernamePrefix precedes it there, as the API server was told.
	UsernamePrefix string
	// GroupsClaim and StaffGroups: of a person's groups, only those named are
	// taken over. Empty: none.
	GroupsClaim string
	StaffGroups []string
	// Length of a session.
	Length time.Duration
}

// Provider signs people in.
type Provider struct {
	Settings Settings
	// Callback is the portal's URL to which the provider sends people back.
	Callback string
	Sealer   *seal.Sealer
	Clock    clock.PassiveClock
	Client   *http.Client

	mu         sync.Mutex
	discovered *discovered
}

// discovered is what the provider says about itself.
type discovered struct {
	provider   *oidc.Provider
	config     oauth2.Config
	verifier   *oidc.IDTokenVerifier
	endSession string
}

// attempt is one way through the provider's pages.
type attempt struct {
	State    string `json:"s"`
	Nonce    string `json:"n"`
	Verifier string `json:"v"`
	Return   string `json:"r"`
}

// Refusal is why somebody could not be signed in, in words for that person.
type Refusal struct{ Message string }

// Error implements error.
func (r *Refusal) Error() string { return r.Message }

// discover asks the provider once who it is; a provider that is down when the
// portal starts is asked again at the next sign-in.
func (p *Provider) discover(ctx context.Context) (*discovered, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.discovered != nil {
		return p.discovered, nil
	}
	// The key set outlives this request, so it must not end with it.
	found, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), p.Client), p.Settings.Issuer)
	if err != nil {
		return nil, fmt.Errorf("ask the OIDC provider %s about itself: %w", p.Settings.Issuer, err)
	}
	var more struct {
		EndSession string `json:"end_session_endpoint"`
	}
	if err := found.Claims(&more); err != nil {
		return nil, fmt.Errorf("read what the OIDC provider says about itself: %w", err)
	}
	p.discovered = &discovered{
		provider: found,
		config: oauth2.Config{
			ClientID: p.Settings.ClientID, ClientSecret: p.Settings.ClientSecret,
			Endpoint: found.Endpoint(), RedirectURL: p.Callback, Scopes: append([]string{oidc.ScopeOpenID}, p.Settings.Scopes...),
		},
		verifier:   found.Verifier(&oidc.Config{ClientID: p.Settings.ClientID, Now: p.Clock.Now}),
		endSession: more.EndSession,
	}
	return p.discovered, nil
}

// Start sends somebody to the provider; afterwards they go on at a local path.
func (p *Provider) Start(w http.ResponseWriter, r *http.Request, after string) error {
	ctx, cancel := context.WithTimeout(r.Context(), providerTime)
	defer cancel()
	known, err := p.discover(ctx)
	if err != nil {
		return err
	}
	a := attempt{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(), Return: LocalPath(after)}
	text, err := p.Sealer.Seal(a, p.Clock.Now().Add(attemptTime))
	if err != nil {
		return err
	}
	setCookie(w, attemptCookie, text, int(attemptTime.Seconds()))
	http.Redirect(w, r, known.config.AuthCodeURL(a.State, oidc.Nonce(a.Nonce), oauth2.S256ChallengeOption(a.Verifier)), http.StatusSeeOther)
	return nil
}

// Finish checks the provider's answer and returns who signed in, and the local
// path to go on at.
func (p *Provider) Finish(w http.ResponseWriter, r *http.Request) (*Session, string, error) {
	var a attempt
	cookie, err := r.Cookie(attemptCookie)
	if err != nil || p.Sealer.Open(cookie.Value, &a) != nil {
		return nil, "", &Refusal{"the sign-in took too long, or was begun in another browser: please sign in again"}
	}
	setCookie(w, attemptCookie, "", -1)
	query := r.URL.Query()
	if subtle.ConstantTimeCompare([]byte(query.Get("state")), []byte(a.State)) != 1 {
		return nil, "", &Refusal{"this answer belongs to another sign-in: please sign in again"}
	}
	if problem := query.Get("error"); problem != "" {
		return nil, "", &Refusal{"the sign-in service refused: " + problem}
	}
	ctx, cancel := context.WithTimeout(oidc.ClientContext(r.Context(), p.Client), providerTime)
	defer cancel()
	known, err := p.discover(ctx)
	if err != nil {
		return nil, "", err
	}
	token, err := known.config.Exchange(ctx, query.Get("code"), oauth2.VerifierOption(a.Verifier))
	if err != nil {
		return nil, "", errors.Join(&Refusal{"the sign-in service did not confirm who you are: please sign in again"}, err)
	}
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return nil, "", &Refusal{"the sign-in service sent no identity: ask your administrator to allow the scope openid"}
	}
	verified, err := known.verifier.Verify(ctx, raw)
	if err != nil {
		return nil, "", errors.Join(&Refusal{"the identity that the sign-in service sent is not valid: please sign in again"}, err)
	}
	if subtle.ConstantTimeCompare([]byte(verified.Nonce), []byte(a.Nonce)) != 1 {
		return nil, "", &Refusal{"the identity belongs to another sign-in: please sign in again"}
	}
	claims := map[string]any{}
	if err := verified.Claims(&claims); err != nil {
		return nil, "", fmt.Errorf("read the identity's claims: %w", err)
	}
	if _, named := claims[p.Settings.UsernameClaim]; !named {
		if err := known.ask(ctx, token, verified.Subject, claims); err != nil {
			return nil, "", err
		}
	}
	session, err := p.Settings.session(claims, p.Clock.Now())
	return session, a.Return, err
}

// ask adds the claims that some providers tell only when asked for them.
func (d *discovered) ask(ctx context.Context, token *oauth2.Token, subject string, claims map[string]any) error {
	info, err := d.provider.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil {
		return errors.Join(&Refusal{"the sign-in service did not say who you are: please sign in again"}, err)
	}
	if info.Subject != subject {
		return &Refusal{"the sign-in service spoke of somebody else: please sign in again"}
	}
	return info.Claims(&claims)
}

// session makes a session of an identity's claims, as the API server would name
// the person.
func (s Settings) session(claims map[string]any, now time.Time) (*Session, error) {
	username, _ := claims[s.UsernameClaim].(string)
	if username == "" {
		return nil, &Refusal{fmt.Sprintf("your identity has no %s: ask your administrator to fill it in", s.UsernameClaim)}
	}
	// Like the API server: an address that nobody verified names nobody.
	if verified, given := claims["email_verified"]; s.UsernameClaim == "email" && given && verified != true {
		return nil, &Refusal{"your e-mail address is not verified: verify it with your sign-in service first"}
	}
	username = s.UsernamePrefix + username
	if strings.HasPrefix(username, "system:") {
		return nil, &Refusal{"names that begin with system: are the cluster's own and cannot sign in here"}
	}
	session := &Session{ID: rand.Text(), Username: username, Name: username, Until: now.Add(s.Length)}
	if name, _ := claims["name"].(string); strings.TrimSpace(name) != "" {
		session.Name = strings.TrimSpace(name)
	}
	session.Groups = s.groups(claims)
	return session, nil
}

func (s Settings) groups(claims map[string]any) []string {
	var groups []string
	if s.GroupsClaim == "" {
		return nil
	}
	list, _ := claims[s.GroupsClaim].([]any)
	for _, item := range list {
		if name, _ := item.(string); slices.Contains(s.StaffGroups, name) && !strings.HasPrefix(name, "system:") {
			groups = append(groups, name)
		}
	}
	return groups
}

// SignOutURL returns where the provider signs people out, or nothing if it does not.
func (p *Provider) SignOutURL(after string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.discovered == nil || p.discovered.endSession == "" {
		return ""
	}
	return p.discovered.endSession + "?" + url.Values{"client_id": {p.Settings.ClientID}, "post_logout_redirect_uri": {after}}.Encode()
}

// LocalPath returns a path of this host for going on after a sign-in; anything
// else, which would lead people elsewhere, becomes the front page.
func LocalPath(path string) string {
	u, err := url.Parse(path)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\r\n") {
		return "/"
	}
	return path
}
