// SPDX-License-Identifier: Apache-2.0

package portal

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/test/cluster"
	"werkplek.dev/werkplek/test/idp"
	"werkplek.dev/werkplek/test/world"
)

// TestPortal runs what people may and may not do against one portal, side by side.
func TestPortal(t *testing.T) {
	manage(t)
	p := open(t)
	t.Run("people", func(t *testing.T) {
		for name, story := range map[string]func(*testing.T, *place, world.World){
			"OwnDesktop":       ownDesktop,
			"AnothersHost":     anothersHost,
			"ReplayedCode":     replayedCode,
			"ForgedTokens":     forgedTokens,
			"CookiesStayHome":  cookiesStayHome,
			"ForeignOrigin":    foreignOrigin,
			"HostAndPath":      hostAndPath,
			"BlockedIsCut":     blockedIsCut,
			"SuspendedIsCut":   suspendedIsCut,
			"SignedOutIsCut":   signedOutIsCut,
			"GoneDesktopIsCut": goneDesktopIsCut,
			"Consent":          consent,
			"ConsentRunsOut":   consentRunsOut,
			"ForeignReturn":    foreignReturn,
			"MailBecomes":      mailBecomesRequest,
			"ContactRequests":  contactRequests,
			"SuspendedContact": suspendedContact,
			"SupportPages":     supportPages,
			"SlowLine":         slowLine,
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				story(t, p, world.World{Client: cluster.Shared().Client, Name: strings.ToLower(name)})
			})
		}
	})
}

func ownDesktop(t *testing.T, p *place, w world.World) {
	provide(t, w, "t")
	desk := host(w, "t", "anna")
	b := p.browser(t)
	// Without a sign-in the desktop's address leads to the provider and back.
	if page := b.visit("https://" + desk + "/"); page.url.Query().Get("authRequestID") == "" {
		t.Fatalf("a stranger is shown %s", page)
	}
	b.signIn(user(w, "t", "anna"))
	page := b.visit("https://" + desk + "/")
	if page.status != http.StatusOK || !strings.Contains(page.body, `<iframe id="desktop" src="/"`) {
		t.Fatalf("want the page around the desktop, got %s", page)
	}
	inside := b.do(http.MethodGet, "https://"+desk+"/app?x=1&y=%2F", nil, func(r *http.Request) {
		r.Header.Set("Sec-Fetch-Dest", "iframe")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		r.Header.Set("X-Forwarded-Host", "evil.example")
		r.Header.Set("X-Forwarded-For", "10.0.0.1")
	})
	if want := fmt.Sprintf("desktop %s /app?x=1&y=%%2F cookies=%q forwarded=%q", desk, "", desk); !strings.HasPrefix(inside.body, want) {
		t.Errorf("the desktop was asked %q, want %q", inside.body, want)
	}
	if cookies := inside.header.Values("Set-Cookie"); len(cookies) != 1 || !strings.HasPrefix(cookies[0], "own=") {
		t.Errorf("of the desktop's cookies %q, only its own host's may pass", cookies)
	}
	b.live(desk)
	cluster.Eventually(t, soon, "activity is reported", func(ctx context.Context) error {
		workplace := &v1alpha1.Workplace{}
		err := w.Get(ctx, client.ObjectKey{Namespace: w.Namespace("t"), Name: "anna"}, workplace)
		if err == nil && (workplace.Status.Activity == nil || workplace.Status.Activity.LastActive == nil || workplace.Status.Activity.IdleSince != nil) {
			err = fmt.Errorf("activity is %+v", workplace.Status.Activity)
		}
		return err
	})
	if p.audit.having(`"event"="Open"`, `"decision"="Allowed"`, user(w, "t", "anna")) == "" {
		t.Error("no audit line of the opening")
	}
}

func anothersHost(t *testing.T, p *place, w world.World) {
	provide(t, w, "t", "u")
	mine, theirs := host(w, "t", "anna"), host(w, "u", "anna")
	b := p.browser(t).signIn(user(w, "t", "anna"))
	b.visit("https://" + mine + "/")
	refused := b.visit("https://" + theirs + "/")
	nowhere := b.visit("https://" + host(w, "u", "nobody") + "/")
	for name, page := range map[string]answer{"another's": refused, "nobody's": nowhere} {
		if page.status != http.StatusForbidden || page.url.Host != portalHost {
			t.Errorf("%s workplace: want a refusal, got %s", name, page)
		}
	}
	strip := func(page answer) string { return strings.ReplaceAll(page.body, page.url.Query().Get("host"), "") }
	if strip(refused) != strip(nowhere) {
		t.Errorf("the refusals tell which workplaces exist:\n%s\n%s", refused.body, nowhere.body)
	}
	// The pass for one's own desktop opens no other.
	b.put(theirs, "__Host-werkplek-desk", b.cookie(mine, "__Host-werkplek-desk"))
	if conn, status := b.socket(theirs, "https://"+theirs); conn != nil || status != http.StatusUnauthorized {
		t.Errorf("another's desktop with one's own pass: %d", status)
	}
}

func replayedCode(t *testing.T, p *place, w world.World) {
	provide(t, w, "t")
	desk := host(w, "t", "anna")
	b := p.browser(t).signIn(user(w, "t", "anna"))
	b.still()
	ask := b.visit("https://" + desk + "/")
	handover := b.cookie(desk, "__Host-werkplek-handover")
	grant := b.visit(ask.header.Get("Location"))
	code := grant.header.Get("Location")
	if !strings.HasPrefix(code, "https://"+desk+"/.werkplek/enter?code=") {
		t.Fatalf("no code: %s", grant)
	}
	// Another browser has the code but not what the first carries.
	if page := p.browser(t).still().visit(code); page.status != http.StatusForbidden {
		t.Errorf("the code in another browser: %s", page)
	}
	if page := b.visit(code); page.status != http.StatusSeeOther || b.cookie(desk, "__Host-werkplek-desk") == "" {
		t.Fatalf("the code in the browser that asked: %s", page)
	}
	// The very same browser, with everything it carried.
	again := p.browser(t).still()
	again.put(desk, "__Host-werkplek-handover", handover)
	if page := again.visit(code); page.status != http.StatusForbidden || again.cookie(desk, "__Host-werkplek-desk") != "" {
		t.Errorf("the code a second time: %s", page)
	}
	if p.audit.having("CodeReplayed", user(w, "t", "anna")) == "" {
		t.Error("no audit line of the replay")
	}
	// Another replica, with the same secrets, knows it too.
	other := open(t)
	elsewhere := other.browser(t).still()
	elsewhere.put(desk, "__Host-werkplek-handover", handover)
	if page := elsewhere.visit(code); page.status != http.StatusForbidden {
		t.Errorf("the code at another replica: %s", page)
	}
}

func forgedTokens(t *testing.T, p *place, w world.World) {
	provide(t, w, "t")
	desk := host(w, "t", "anna")
	b := p.browser(t).signIn(user(w, "t", "anna"))
	b.visit("https://" + desk + "/")
	pass, session := b.cookie(desk, "__Host-werkplek-desk"), b.cookie(portalHost, "__Host-werkplek")
	for name, forged := range map[string]string{
		"empty": "", "garbage": "e30=", "shortened": pass[:len(pass)-4], "altered": pass[:20] + flip(pass[20:21]) + pass[21:],
		"the portal's session": session,
	} {
		visitor := p.browser(t)
		visitor.put(desk, "__Host-werkplek-desk", forged)
		if conn, status := visitor.socket(desk, "https://"+desk); conn != nil || status != http.StatusUnauthorized {
			t.Errorf("%s as a pass: %d", name, status)
		}
		visitor = p.browser(t)
		visitor.put(portalHost, "__Host-werkplek", strings.Replace(forged, session, pass, 1))
		if page := visitor.still().visit(portalURL + "/open?host=" + desk); page.status != http.StatusSeeOther || !strings.Contains(page.header.Get("Location"), "/auth") {
			t.Errorf("%s as a session: %s", name, page)
		}
	}
	// Time passes: the session and the pass expire with it.
	later := open(t)
	aged := later.browser(t)
	aged.put(desk, "__Host-werkplek-desk", pass)
	aged.put(portalHost, "__Host-werkplek", session)
	aged.live(desk)
	later.clock.set(12*time.Hour + time.Minute)
	if conn, status := aged.socket(desk, "https://"+desk); conn != nil || status != http.StatusUnauthorized {
		t.Errorf("an expired pass: %d", status)
	}
	if page := aged.still().visit(portalURL + "/open?host=" + desk); !strings.Contains(page.header.Get("Location"), "/auth") {
		t.Errorf("an expired session: %s", page)
	}
	// An answer of the provider that this browser did not ask for.
	if page := p.browser(t).visit(portalURL + "/callback?code=x&state=y"); page.status != http.StatusForbidden {
		t.Errorf("a foreign answer of the provider: %s", page)
	}
}

func flip(s string) string {
	if s == "A" {
		return "B"
	}
	return "A"
}

func cookiesStayHome(t *testing.T, p *place, w world.World) {
	provide(t, w, "t")
	desk := host(w, "t", "anna")
	b := p.browser(t).signIn(user(w, "t", "anna"))
	if b.cookie(desk, "__Host-werkplek") != "" {
		t.Error("the portal's cookie reaches desktops")
	}
	b.visit("https://" + desk + "/")
	if b.cookie(portalHost, "__Host-werkplek-desk") != "" {
		t.Error("a desktop's cookie reaches the portal")
	}
	// A form on a desktop's page that posts to the portal, with the portal's cookies.
	for _, site := range []string{"same-site", "cross-site"} {
		page := b.post(portalURL+"/workplaces/"+w.TenantName("t")+"/anna/restart", url.Values{}, from(site), func(r *http.Request) { r.Header.Set("Origin", "https://"+desk) })
		if page.status != http.StatusForbidden {
			t.Errorf("a form from %s: %s", site, page)
		}
	}
	cluster.Eventually(t, soon, "the portal's own form", func(context.Context) error { // the user's role comes a moment after the workplace
		if page := b.post(portalURL+"/workplaces/"+w.TenantName("t")+"/anna/restart", url.Values{}); page.status != http.StatusOK {
			return fmt.Errorf("%s", page)
		}
		return nil
	})
	cluster.Eventually(t, soon, "the restart", func(ctx context.Context) error {
		workplace := &v1alpha1.Workplace{}
		err := w.Get(ctx, client.ObjectKey{Namespace: w.Namespace("t"), Name: "anna"}, workplace)
		if err == nil && workplace.Spec.RestartedAt == nil {
			err = errors.New("no restart was asked for")
		}
		return err
	})
}

func foreignOrigin(t *testing.T, p *place, w world.World) {
	provide(t, w, "t", "u")
	desk := host(w, "t", "anna")
	b := p.browser(t).signIn(user(w, "t", "anna"))
	b.visit("https://" + desk + "/")
	for _, origin := range []string{"", "null", "https://" + host(w, "u", "anna"), "https://evil.example", "http://" + desk, "https://" + desk + ":8443", portalURL, "https://" + desk + ".evil.example"} {
		if conn, status := b.socket(desk, origin); conn != nil || status != http.StatusForbidden {
			t.Errorf("a websocket from origin %q: %d", origin, status)
		}
	}
	for _, site := range []string{"same-site", "cross-site"} {
		page := b.do(http.MethodGet, "https://"+desk+"/secret", nil, from(site), func(r *http.Request) {
			r.Header.Set("Sec-Fetch-Mode", "no-cors")
			r.Header.Set("Sec-Fetch-Dest", "image")
		})
		if page.status != http.StatusForbidden {
			t.Errorf("a picture in a page of %s: %s", site, page)
		}
		page = b.do(http.MethodPost, "https://"+desk+"/api", url.Values{}, navigation, from(site))
		if page.status != http.StatusForbidden {
			t.Errorf("a form from %s: %s", site, page)
		}
		page = b.do(http.MethodGet, "https://"+desk+"/", nil, navigation, from(site), func(r *http.Request) { r.Header.Set("Sec-Fetch-Dest", "iframe") })
		if page.status != http.StatusForbidden {
			t.Errorf("a frame in a page of %s: %s", site, page)
		}
	}
	b.live(desk)
}

func hostAndPath(t *testing.T, p *place, w world.World) {
	provide(t, w, "t", "u")
	mine, theirs := host(w, "t", "anna"), host(w, "u", "anna")
	b := p.browser(t).signIn(user(w, "t", "anna"))
	b.visit("https://" + mine + "/")
	transport := p.transport()
	pass := "__Host-werkplek-desk=" + b.cookie(mine, "__Host-werkplek-desk")
	ask := func(name string, edit func(*http.Request)) {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+mine+"/app", nil)
		must(t, err)
		request.Header.Set("Cookie", pass)
		request.Header.Set("Sec-Fetch-Dest", "empty")
		edit(request)
		response, err := transport.RoundTrip(request)
		must(t, err)
		defer response.Body.Close()
		body := make([]byte, 200)
		n, _ := response.Body.Read(body)
		// The gateway's own answers are about one's own desktop, too.
		if response.StatusCode == http.StatusOK && !strings.HasPrefix(string(body[:n]), "desktop "+mine+" ") && !strings.HasPrefix(string(body[:n]), "data: ") {
			t.Errorf("%s: let in to %q", name, body[:n])
		}
		if name[0] == '!' && response.StatusCode == http.StatusOK {
			t.Errorf("%s: answered %q", name, body[:n])
		}
	}
	as := func(host string) func(*http.Request) { return func(r *http.Request) { r.Host = host } }
	for _, foreign := range []string{theirs, "x." + mine, portalHost, strings.TrimSuffix(mine, "."+domain), domain, "." + domain, "127.0.0.1", mine + ".evil.example", "evil.example", mine + ".", strings.ToUpper(mine), mine + ":1234"} {
		ask("!the host "+foreign, as(foreign))
	}
	for _, header := range []string{"X-Forwarded-Host", "X-Original-Host", "Forwarded", "X-Host"} {
		ask("the header "+header, func(r *http.Request) { r.Header.Set(header, theirs) })
	}
	for _, path := range []string{"//" + theirs + "/app", "/../../app", "/%2e%2e/app", "/.werkplek/../app", "/.werkplek%2fevents", "/\\" + theirs, "/@" + theirs, "/;@" + theirs} {
		ask("the path "+path, func(r *http.Request) { r.URL.Opaque = path })
	}
	ask("another's address in the request line", func(r *http.Request) { r.URL.Opaque = "https://" + theirs + "/app" })
	for _, method := range []string{http.MethodTrace, http.MethodConnect} {
		ask("!the method "+method, func(r *http.Request) {
			r.Method = method
			if method == http.MethodConnect {
				r.URL.Opaque = theirs + ":443"
			}
		})
	}
}

// cutSoon fails unless a connection ends by itself.
func cutSoon(t *testing.T, conn *websocket.Conn) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if _, _, err := conn.Read(ctx); err == nil || ctx.Err() != nil {
		t.Errorf("the connection is still open: %v", err)
	}
}

func blockedIsCut(t *testing.T, p *place, w world.World) {
	provide(t, w, "t")
	desk := host(w, "t", "anna")
	b := p.browser(t).signIn(user(w, "t", "anna"))
	b.visit("https://" + desk + "/")
	conn := b.live(desk)
	workplace := &v1alpha1.Workplace{}
	must(t, w.Get(t.Context(), client.ObjectKey{Namespace: w.Namespace("t"), Name: "anna"}, workplace))
	base := workplace.DeepCopy()
	workplace.Spec.Access = v1alpha1.AccessBlocked
	must(t, w.Patch(t.Context(), workplace, client.MergeFrom(base)))
	cutSoon(t, conn)
	if conn, status := b.socket(desk, "https://"+desk); conn != nil || status != http.StatusForbidden {
		t.Errorf("the open tab connects again: %d", status)
	}
	if page := b.visit("https://" + desk + "/"); page.status != http.StatusForbidden || !strings.Contains(page.body, "blocked") {
		t.Errorf("the page does not say why: %s", page)
	}
	if p.audit.having(`"event"="Cut"`, "Blocked", user(w, "t", "anna")) == "" {
		t.Error("no audit line of the cut")
	}
}

func suspendedIsCut(t *testing.T, p *place, w world.World) {
	ctx := t.Context()
	must(t, w.Terms(ctx), w.Class(ctx), w.Tenant(ctx, "r", world.Reseller))
	cluster.Eventually(t, soon, "the reseller", w.HasNamespace("r"))
	must(t, w.Tenant(ctx, "t", w.Under("r")))
	cluster.Eventually(t, soon, "the namespace", w.HasNamespace("t"))
	must(t, w.Report(ctx, "r", time.Now()), w.Report(ctx, "t", time.Now()), w.Workplace(ctx, "t", "anna", user(w, "t", "anna")))
	cluster.Eventually(t, soon, "the desktop", w.AllReady("t", 1))
	desk := host(w, "t", "anna")
	b := p.browser(t).signIn(user(w, "t", "anna"))
	for _, tenant := range []string{"t", "r"} {
		cluster.Eventually(t, soon, "the desktop", w.AllReady("t", 1))
		cluster.Eventually(t, soon, "let in", func(context.Context) error {
			if page := b.visit("https://" + desk + "/"); page.status != http.StatusOK {
				return fmt.Errorf("%s", page)
			}
			return nil
		})
		conn := b.live(desk)
		suspension := &v1alpha1.Suspension{
			ObjectMeta: metav1.ObjectMeta{Name: "by-hand", Namespace: w.Namespace(tenant)},
			Spec:       v1alpha1.SuspensionSpec{Cause: v1alpha1.CauseManual, Reason: "a letter of ours"},
		}
		must(t, w.Create(ctx, suspension))
		cutSoon(t, conn)
		page := b.visit("https://" + desk + "/")
		if page.status != http.StatusForbidden {
			t.Errorf("suspended, and shown %s", page)
		}
		base := suspension.DeepCopy()
		suspension.Spec.Lift = true
		must(t, w.Patch(ctx, suspension, client.MergeFrom(base)))
	}
}

func signedOutIsCut(t *testing.T, p *place, w world.World) {
	provide(t, w, "t")
	desk := host(w, "t", "anna")
	b := p.browser(t).signIn(user(w, "t", "anna"))
	b.visit("https://" + desk + "/")
	conn := b.live(desk)
	stolen := b.cookie(portalHost, "__Host-werkplek")
	if page := b.post(portalURL+"/signout", url.Values{}); page.status != http.StatusOK {
		t.Fatalf("signing out: %s", page)
	}
	cutSoon(t, conn)
	if conn, status := b.socket(desk, "https://"+desk); conn != nil || status != http.StatusUnauthorized {
		t.Errorf("after signing out: %d", status)
	}
	thief := p.browser(t).still()
	thief.put(portalHost, "__Host-werkplek", stolen)
	if page := thief.visit(portalURL + "/open?host=" + desk); !strings.Contains(page.header.Get("Location"), "/auth") {
		t.Errorf("a session that was signed out: %s", page)
	}
}

func goneDesktopIsCut(t *testing.T, p *place, w world.World) {
	provide(t, w, "t")
	desk := host(w, "t", "anna")
	b := p.browser(t).signIn(user(w, "t", "anna"))
	b.visit("https://" + desk + "/")
	conn := b.live(desk)
	workplace := &v1alpha1.Workplace{}
	must(t, w.Get(t.Context(), client.ObjectKey{Namespace: w.Namespace("t"), Name: "anna"}, workplace))
	must(t, w.Delete(t.Context(), workplace))
	cutSoon(t, conn)
	// Another workplace of the same name is another one: the old pass does not fit.
	must(t, w.Workplace(t.Context(), "t", "anna", user(w, "t", "anna")))
	cluster.Eventually(t, soon, "the new desktop", w.AllReady("t", 1))
	if conn, status := b.socket(desk, "https://"+desk); conn != nil || status != http.StatusUnauthorized {
		t.Errorf("the successor's desktop: %d", status)
	}
}

// consent: an agent sees a screen after its user's consent, while it lasts, and
// never otherwise (TD-24).
func consent(t *testing.T, p *place, w world.World) {
	provide(t, w, "t")
	desk := host(w, "t", "anna")
	agent := "sanne@" + w.Name + ".example"
	b := p.browser(t).signIn(agent)
	if page := b.visit("https://" + desk + "/"); page.status != http.StatusForbidden {
		t.Fatalf("an agent without a session: %s", page)
	}
	session := askToLookAlong(t, w, agent)
	for _, step := range []struct {
		name   string
		change func(*v1alpha1.SupportSessionStatus)
		in     bool
	}{
		{"unanswered", func(s *v1alpha1.SupportSessionStatus) {
			s.Consent = &v1alpha1.Consent{AskedOf: v1alpha1.Username(user(w, "t", "anna"))}
		}, false},
		{"granted", nil, true},
		{"revoked", nil, false},
	} {
		if step.change != nil {
			cluster.Eventually(t, soon, "asked", func(ctx context.Context) error { return asked(ctx, w, session, step.change) })
		}
		owner := p.browser(t).signIn(user(w, "t", "anna"))
		form := portalURL + "/consent/" + w.TenantName("t") + "/help"
		switch step.name {
		case "granted":
			// Nobody but the user can grant: not the agent, not another user.
			if page := b.post(form, url.Values{"decision": {"Granted"}}); page.status == http.StatusOK {
				t.Errorf("the agent grants: %s", page)
			}
			grant(t, owner, form)
		case "revoked":
			conn := b.live(desk)
			if page := owner.post(form, url.Values{"decision": {"Revoked"}}); page.status != http.StatusOK {
				t.Fatalf("the user revokes: %s", page)
			}
			cutSoon(t, conn)
		}
		cluster.Eventually(t, soon, step.name, func(context.Context) error {
			page := b.visit("https://" + desk + "/")
			if step.in != (page.status == http.StatusOK) {
				return fmt.Errorf("%s: %s", step.name, page)
			}
			if step.in && !strings.Contains(page.body, `src="/?view_only=true"`) {
				return fmt.Errorf("not a spectator: %s", page.body)
			}
			return nil
		})
	}
}

// consentRunsOut: when the time is up that the user granted, the agent is cut,
// whatever the operator has noticed by then, and not let in again.
func consentRunsOut(t *testing.T, p *place, w world.World) {
	provide(t, w, "t")
	desk, agent := host(w, "t", "anna"), "sanne@"+w.Name+".example"
	session := askToLookAlong(t, w, agent)
	cluster.Eventually(t, soon, "asked", func(ctx context.Context) error {
		return asked(ctx, w, session, func(s *v1alpha1.SupportSessionStatus) {
			s.Consent = &v1alpha1.Consent{AskedOf: v1alpha1.Username(user(w, "t", "anna"))}
		})
	})
	owner := p.browser(t).signIn(user(w, "t", "anna"))
	grant(t, owner, portalURL+"/consent/"+w.TenantName("t")+"/help")
	later := open(t)
	b := later.browser(t).signIn(agent)
	cluster.Eventually(t, soon, "the agent is let in", func(context.Context) error {
		if page := b.visit("https://" + desk + "/"); page.status != http.StatusOK {
			return fmt.Errorf("%s", page)
		}
		return nil
	})
	conn := b.live(desk)
	later.clock.set(29 * time.Minute)
	must(t, echo(t.Context(), conn))
	later.clock.set(31 * time.Minute)
	cutSoon(t, conn)
	// The clock has leapt, so that the watch counts as broken until it is heard of again.
	cluster.Eventually(t, soon, "refused for want of consent", func(context.Context) error {
		if page := b.visit("https://" + desk + "/"); page.status != http.StatusForbidden {
			return fmt.Errorf("%s", page)
		}
		return nil
	})
	if later.audit.having(`"event"="Cut"`, `"reason"="TimeUp"`, agent) == "" {
		t.Error("no audit line of the cut")
	}
}

// grant lets the user agree. The user's role may come a moment after the workplace.
func grant(t *testing.T, owner *browser, form string) answer {
	t.Helper()
	var page answer
	cluster.Eventually(t, soon, "the user grants", func(context.Context) error {
		if page = owner.post(form, url.Values{"decision": {"Granted"}}); page.status != http.StatusOK {
			return fmt.Errorf("%s", page)
		}
		return nil
	})
	return page
}

// askToLookAlong makes the session "help" for anna's screen, as its agent.
func askToLookAlong(t *testing.T, w world.World, agent string) *v1alpha1.SupportSession {
	t.Helper()
	session := &v1alpha1.SupportSession{
		ObjectMeta: metav1.ObjectMeta{Name: "help", Namespace: w.Namespace("t")},
		Spec: v1alpha1.SupportSessionSpec{
			Mode: v1alpha1.SupportShadow, WorkplaceRef: v1alpha1.Reference{Name: "anna"}, Agent: v1alpha1.Username(agent), Reason: "the printer",
		},
	}
	must(t, cluster.Shared().As(agent, "system:masters").Create(t.Context(), session))
	return session
}

func asked(ctx context.Context, w world.World, session *v1alpha1.SupportSession, change func(*v1alpha1.SupportSessionStatus)) error {
	now := &v1alpha1.SupportSession{}
	if err := w.Get(ctx, client.ObjectKeyFromObject(session), now); err != nil {
		return err
	}
	if now.Status.Consent != nil && now.Status.Consent.AskedOf != "" {
		return nil
	}
	base := now.DeepCopy()
	change(&now.Status)
	return cluster.Shared().As(cluster.Manager, "system:masters").Status().Patch(ctx, now, client.MergeFrom(base))
}

// foreignReturn: after signing in nobody is led to another site.
func foreignReturn(t *testing.T, p *place, _ world.World) {
	for _, path := range []string{"//evil.example/", "https://evil.example/", "/\\evil.example"} {
		b := p.browser(t)
		page := b.visit(portalURL + "/signin?return=" + url.QueryEscape(path))
		form := url.Values{"id": {page.url.Query().Get("authRequestID")}, "username": {"anna@example.com"}, "password": {idp.Password}}
		if page = b.post("http://"+page.url.Host+"/login/username", form); page.url.String() != portalURL+"/" {
			t.Errorf("%s leads to %s", path, page)
		}
	}
}
