// SPDX-License-Identifier: Apache-2.0

package portal

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/test/cluster"
	"werkplek.dev/werkplek/test/world"
)

var onceField = regexp.MustCompile(`name="once" value="([a-z2-7]+)"`)

// once returns a form's mark.
func once(t *testing.T, page answer) string {
	t.Helper()
	found := onceField.FindStringSubmatch(page.body)
	if found == nil {
		t.Fatalf("no form: %s", page)
	}
	return found[1]
}

// seen waits for a page, which a role that was bound a moment ago may need.
func seen(t *testing.T, b *browser, address string, words ...string) answer {
	t.Helper()
	var page answer
	cluster.Eventually(t, soon, address, func(context.Context) error {
		if page = b.visit(address); page.status != http.StatusOK {
			return fmt.Errorf("%s", page)
		}
		for _, word := range words {
			if !strings.Contains(page.body, word) {
				return fmt.Errorf("%q is missing in %s", word, page.body)
			}
		}
		return nil
	})
	return page
}

// contactRequests: a contact asks for a user, blocks and unblocks one, and sees
// what came of it; nobody else does any of it (TD-1, TD-23).
func contactRequests(t *testing.T, p *place, w world.World) {
	ctx := t.Context()
	name := func(tenant string) string { return w.TenantName(tenant) }
	must(t, w.Terms(ctx, func(s *v1alpha1.ServiceTermsSpec) {
		s.Requests = &v1alpha1.RequestTerms{Approval: "Automatic"}
		s.Support = &v1alpha1.SupportTerms{AnswerWithin: "PT4H"}
	}), w.Class(ctx))
	for _, tenant := range []string{"t", "u"} {
		must(t, w.Tenant(ctx, tenant, func(s *v1alpha1.TenantSpec) {
			s.Contact = &v1alpha1.Person{Username: v1alpha1.Username("piet@" + name(tenant) + ".example")}
			s.DisplayName = "Bakkerij <" + tenant + ">"
		}))
	}
	for _, tenant := range []string{"t", "u"} {
		cluster.Eventually(t, soon, "the namespace", w.HasNamespace(tenant))
	}
	home := portalURL + "/tenants/" + name("t")
	piet := p.browser(t).signIn("piet@" + name("t") + ".example")
	seen(t, piet, home, "Bakkerij &lt;t&gt;", "There are no open invoices")
	page := seen(t, piet, home+"/requests/new?type=AddUser")
	form := url.Values{"type": {"AddUser"}, "once": {once(t, page)}, "name": {"Anna"}, "email": {"Anna@example.com"}, "class": {w.Name}}
	for range 2 { // an impatient second click is the same request
		if page = piet.post(home+"/requests", form); page.status != http.StatusOK || !strings.Contains(page.body, "We have received your request") {
			t.Fatalf("asking for a user: %s", page)
		}
	}
	seen(t, piet, home+"/requests", "Done")
	cluster.Eventually(t, soon, "Anna's desktop", w.AllReady("t", 1))
	seen(t, piet, home+"/users", "Anna", "Anna@example.com")

	// What the API server refuses comes back with the form and with what was filled in.
	page = piet.post(home+"/requests", url.Values{"type": {"AddUser"}, "once": {once(t, seen(t, piet, home+"/requests/new?type=AddUser"))}, "name": {"B"}, "email": {"no address"}, "class": {w.Name}})
	if page.status != http.StatusUnprocessableEntity || !strings.Contains(page.body, "must be an e-mail address") || !strings.Contains(page.body, `value="no address"`) {
		t.Errorf("a wrong address: %s", page)
	}

	// Anna is in; the contact blocks her; she is out at once.
	desk := host(w, "t", "anna")
	anna := p.browser(t).signIn("anna@example.com")
	anna.visit("https://" + desk + "/")
	conn := anna.live(desk)
	page = seen(t, piet, home+"/requests/new?type=BlockUser&workplace=anna", "shut out at once")
	piet.post(home+"/requests", url.Values{"type": {"BlockUser"}, "once": {once(t, page)}, "workplace": {"anna"}})
	cutSoon(t, conn)
	seen(t, piet, home+"/users", "Blocked")
	page = seen(t, piet, home+"/requests/new?type=UnblockUser&workplace=anna")
	piet.post(home+"/requests", url.Values{"type": {"UnblockUser"}, "once": {once(t, page)}, "workplace": {"anna"}})
	cluster.Eventually(t, soon, "Anna is back", w.AllReady("t", 1))

	// The other tenant's contact, and a mere user, see and do nothing here.
	for _, who := range []string{"piet@" + name("u") + ".example", "anna@example.com"} {
		stranger := p.browser(t).signIn(who)
		for _, path := range []string{"", "/users", "/requests", "/requests/new?type=AddUser"} {
			if page := stranger.visit(home + path); page.status != http.StatusNotFound || strings.Contains(page.body, "Bakkerij") {
				t.Errorf("%s sees %s", who, page)
			}
		}
		form.Set("once", strings.Repeat("x", 26))
		if page := stranger.post(home+"/requests", form); page.status != http.StatusNotFound {
			t.Errorf("%s asks: %s", who, page)
		}
	}
	var requests v1alpha1.UserRequestList
	must(t, w.List(ctx, &requests, client.InNamespace(w.Namespace("t"))))
	if len(requests.Items) != 3 {
		t.Errorf("%d requests, want 3", len(requests.Items))
	}
}

// suspendedContact: while suspended the contact sees why, since when and which
// invoices, and the user is told whom to ask.
func suspendedContact(t *testing.T, p *place, w world.World) {
	ctx := t.Context()
	provide(t, w, "t")
	must(t, w.Report(ctx, "t", clockNow(), world.Invoice{Number: "2026-0815", IssuedOn: monthsAgo(3), Outstanding: "412.50"}))
	cluster.Eventually(t, soon, "suspended", w.TenantCondition("t", v1alpha1.ConditionAccessGranted, v1alpha1.ReasonSuspended))
	piet := p.browser(t).signIn("t@example.com")
	seen(t, piet, portalURL+"/tenants/"+w.TenantName("t"), "Your workplaces are suspended", "Invoices were not paid in time", "2026-0815", "EUR 412.50", "Pay all open invoices")
	anna := p.browser(t).signIn(user(w, "t", "anna"))
	if page := anna.visit("https://" + host(w, "t", "anna") + "/"); page.status != http.StatusForbidden || !strings.Contains(page.body, "suspended") || strings.Contains(page.body, "412.50") {
		t.Errorf("the user is shown %s", page)
	}
	// The same page in Dutch, by choice.
	seen(t, piet, portalURL+"/language?to=nl&return=/tenants/"+w.TenantName("t"), "opgeschort", "EUR 412,50", `<html lang="nl">`)
}

// supportPages: an agent asks, the user answers, both through the portal; other
// people have no such page.
func supportPages(t *testing.T, p *place, w world.World) {
	ctx := t.Context()
	provide(t, w, "t")
	agent := "sanne@" + w.Name + ".example"
	must(t, w.Create(ctx, &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: "support-" + w.Name},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "werkplek-support"},
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: agent}},
	}))
	sanne, anna := p.browser(t).signIn(agent), p.browser(t).signIn(user(w, "t", "anna"))
	if page := anna.visit(portalURL + "/support"); page.status != http.StatusNotFound {
		t.Errorf("a user on the agents' page: %s", page)
	}
	page := seen(t, sanne, portalURL+"/support")
	page = sanne.post(portalURL+"/support", url.Values{
		"once": {once(t, page)}, "tenant": {w.TenantName("t")}, "workplace": {"anna"}, "reason": {"The <printer>"}, "mode": {"Shadow"}, "length": {"PT15M"}, "covered": {"true"},
	})
	if page.status != http.StatusOK || !strings.Contains(page.body, "The user is asked now") {
		t.Fatalf("asking: %s", page)
	}
	page = seen(t, anna, portalURL+"/", "asks to look along", "The &lt;printer&gt;", "Yes, that is fine")
	action := regexp.MustCompile(`action="(/consent/[^"]+)"`).FindStringSubmatch(page.body)[1]
	if page := grant(t, anna, portalURL+action); page.status != http.StatusOK {
		t.Fatalf("granting: %s", page)
	}
	seen(t, anna, portalURL+"/", "may look along until")
	seen(t, sanne, portalURL+"/support", "The user agrees", "See the screen")
	desk := host(w, "t", "anna")
	sanne.visit("https://" + desk + "/")
	conn := sanne.live(desk)
	// When the user signs out, the session is over (and so is the agent's view).
	anna.post(portalURL+"/signout", url.Values{})
	cutSoon(t, conn)
	for _, decision := range []string{"Granted", "Revoked"} {
		if p.audit.having(`"event"="Consent"`, `"reason"="`+decision+`"`, user(w, "t", "anna")) == "" {
			t.Errorf("no audit line of the consent that was %s", decision)
		}
	}
	cluster.Eventually(t, soon, "the session has begun and ended", func(ctx context.Context) error {
		var sessions v1alpha1.SupportSessionList
		if err := w.List(ctx, &sessions, client.InNamespace(w.Namespace("t"))); err != nil {
			return err
		}
		s := sessions.Items[0].Status
		if len(sessions.Items) != 1 || s.StartedAt == nil || s.EndedAt == nil || s.Consent.Decision != v1alpha1.ConsentRevoked {
			return fmt.Errorf("%+v", s)
		}
		return nil
	})
}
