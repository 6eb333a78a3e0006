// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/portal/access"
	"werkplek.dev/werkplek/internal/portal/audit"
)

const (
	// passCookie lets a browser into one workplace. The prefix keeps it to that
	// very host: a desktop on a sibling host can neither set nor read it.
	passCookie = "__Host-werkplek-desk"
	// handoverCookie ties a hand-over code to the browser that asked for it.
	handoverCookie = "__Host-werkplek-handover"
	// codeTime is how long a hand-over code holds: one redirect.
	codeTime = time.Minute
	// handoverTime is how long the way through sign-in may take.
	handoverTime = 20 * time.Minute
	// spentCode is the kind under which redeemed codes are remembered.
	spentCode = "code"

	// own is the path below which a workplace's host answers for the gateway
	// itself and not for the desktop.
	own       = "/.werkplek/"
	enterPath = own + "enter"
)

// Pass lets somebody into one workplace for the length of their session.
type Pass struct {
	Session   string               `json:"i"`
	Username  string               `json:"u"`
	Workplace types.NamespacedName `json:"w"`
	UID       types.UID            `json:"d"`
	// Support names the SupportSession under which an agent visits.
	Support string    `json:"s,omitempty"`
	Until   time.Time `json:"t"`
}

func (p Pass) visitor() access.Visitor {
	return access.Visitor{Username: p.Username, Support: p.Support}
}

// code is a pass on its way from the portal's host to the workplace's.
type code struct {
	Pass Pass   `json:"p"`
	ID   string `json:"i"`
	// Browser is the digest of the hand-over cookie of the browser that may redeem it.
	Browser string `json:"b"`
}

// handover is what a browser without a pass carries to the portal and back.
type handover struct {
	Secret string `json:"s"`
	Host   string `json:"h"`
}

// errNoPass says that a browser has no pass for the host that it asks for.
var errNoPass = errors.New("no pass")

// pass returns the pass of a request for a workplace's host.
func (g *Gateway) pass(r *http.Request, workplace *v1alpha1.Workplace) (Pass, error) {
	cookie, err := r.Cookie(passCookie)
	if err != nil {
		return Pass{}, errNoPass
	}
	var p Pass
	if g.Passes.Open(cookie.Value, &p) != nil {
		return Pass{}, errNoPass
	}
	if workplace == nil || p.UID != workplace.UID || p.Workplace != keyOf(workplace) {
		return Pass{}, errNoPass
	}
	out, err := g.Sessions.SignedOut(r.Context(), p.Session)
	if err != nil {
		return Pass{}, err
	}
	if out {
		return Pass{}, errNoPass
	}
	return p, nil
}

// askForPass sends a browser without a pass to the portal, which sends it back
// with a hand-over code.
func (g *Gateway) askForPass(w http.ResponseWriter, r *http.Request, host string) {
	h := handover{Secret: rand.Text(), Host: host}
	text, err := g.Handovers.Seal(h, g.Clock.Now().Add(handoverTime))
	if err != nil {
		g.fault(w, r, err)
		return
	}
	setCookie(w, handoverCookie, text, int(handoverTime.Seconds()))
	query := url.Values{"host": {host}, "browser": {browserOf(h)}}
	http.Redirect(w, r, g.PortalURL+"/open?"+query.Encode(), http.StatusSeeOther)
}

// Grant returns the URL that lets the browser which asked for it, and no other,
// into a workplace. The portal calls it after checking who the browser's user is.
func (g *Gateway) Grant(host, browser string, p Pass) (string, error) {
	text, err := g.Codes.Seal(code{Pass: p, ID: rand.Text(), Browser: browser}, g.Clock.Now().Add(codeTime))
	if err != nil {
		return "", err
	}
	return "https://" + g.withPort(host) + enterPath + "?" + url.Values{"code": {text}}.Encode(), nil
}

// enter redeems a hand-over code for a pass.
func (g *Gateway) enter(w http.ResponseWriter, r *http.Request, host string, workplace *v1alpha1.Workplace) {
	line := audit.Line{Event: audit.Grant, From: r.RemoteAddr}
	if workplace != nil {
		line.Tenant, line.Workplace = tenantOf(workplace), workplace.Name
	}
	c, reason, err := g.redeem(r, host, workplace)
	line.Who, line.Support, line.Reason = c.Pass.Username, c.Pass.Support, reason
	if err != nil {
		g.fault(w, r, err)
		return
	}
	if reason != "" {
		g.Audit.Write(line)
		refusals.WithLabelValues(reason).Inc()
		setCookie(w, handoverCookie, "", -1)
		g.Pages.Denied(w, r, Denial{Status: http.StatusForbidden, Reason: reason,
			Message: "this link was used before, is too old, or belongs to another browser"})
		return
	}
	text, err := g.Passes.Seal(c.Pass, c.Pass.Until)
	if err != nil {
		g.fault(w, r, err)
		return
	}
	line.Allowed = true
	g.Audit.Write(line)
	setCookie(w, handoverCookie, "", -1)
	setCookie(w, passCookie, text, int(c.Pass.Until.Sub(g.Clock.Now()).Seconds()))
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// redeem checks a code; a reason says why it is refused.
func (g *Gateway) redeem(r *http.Request, host string, workplace *v1alpha1.Workplace) (c code, reason string, err error) {
	if g.Codes.Open(r.URL.Query().Get("code"), &c) != nil {
		return c, "CodeInvalid", nil
	}
	var h handover
	cookie, err := r.Cookie(handoverCookie)
	if err != nil || g.Handovers.Open(cookie.Value, &h) != nil || h.Host != host ||
		subtle.ConstantTimeCompare([]byte(browserOf(h)), []byte(c.Browser)) != 1 {
		return c, "OtherBrowser", nil
	}
	if workplace == nil || c.Pass.UID != workplace.UID || c.Pass.Workplace != keyOf(workplace) {
		return c, "OtherWorkplace", nil
	}
	fresh, err := g.Spent.Spend(r.Context(), spentCode, c.ID, g.Clock.Now().Add(codeTime))
	if err != nil {
		return c, "", fmt.Errorf("redeem a code: %w", err)
	}
	if !fresh {
		return c, "CodeReplayed", nil
	}
	return c, "", nil
}

// browserOf is what may be seen of a hand-over cookie: its digest.
func browserOf(h handover) string {
	sum := sha256.Sum256([]byte(h.Secret))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func setCookie(w http.ResponseWriter, name, value string, maxAge int) {
	http.SetCookie(w, &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: maxAge, Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

// ours reports whether a cookie is the gateway's own, which no desktop may see or set.
func ours(name string) bool { return strings.HasPrefix(name, "__Host-werkplek") }
