// SPDX-License-Identifier: Apache-2.0

//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/utils/ptr"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/test/cluster"
	"werkplek.dev/werkplek/test/world"
)

const agent = "sanne@provider.example"

// TestDay: the contact asks for a user; she works; the invoices are not paid, and
// are; support looks along, and is sent away.
func TestDay(t *testing.T) {
	s := install(t)
	ctx := t.Context()
	w := world.World{Client: s.Client, Name: fmt.Sprintf("day%d", time.Now().Unix()%1000000)}
	// People of this day alone: a cluster may remember others.
	piet, anna := "piet@"+w.Name+".example", "anna@"+w.Name+".example"
	must(t, w.Terms(ctx, func(o *v1alpha1.ServiceTermsSpec) {
		o.Requests = &v1alpha1.RequestTerms{Approval: "Automatic"}
	}), w.Class(ctx, func(o *v1alpha1.WorkplaceClassSpec) {
		o.DisplayName = "Standard desktop"
		o.Desktop.Image, o.Desktop.Port = "docker.io/werkplek/desktop:kind", 6080
		o.Desktop.SharedMemory = ptr.To(resource.MustParse("128Mi"))
		o.Idle = &v1alpha1.IdleSpec{StopAfter: "PT2H"}
	}), w.Tenant(ctx, "t", func(o *v1alpha1.TenantSpec) {
		o.DisplayName = "Bakkerij Jansen B.V."
		o.Contact = &v1alpha1.Person{Name: "Piet Jansen", Email: v1alpha1.Email(piet), Username: v1alpha1.Username(piet)}
	}))
	cluster.Eventually(t, soon, "the namespace", w.HasNamespace("t"))
	must(t, w.Report(ctx, "t", time.Now()))
	browser := chromium(t, s.node)
	home := portalURL + "/tenants/" + w.TenantName("t")
	desk := "https://anna--" + w.TenantName("t") + ".desks.example.com/"

	// The contact signs in and requests a user.
	contact := newPerson(t, browser, "Piet")
	contact.signIn(piet)
	contact.visit(home)
	contact.reads("Bakkerij Jansen B.V.", "There are no open invoices")
	contact.shoot("organisation")
	contact.visit(home + "/requests/new?type=AddUser")
	contact.fill("name", "Anna Jansen")
	contact.fill("email", anna)
	contact.shoot("request")
	contact.press("Request this user")
	contact.reads("We have received your request", "Request a new user")
	cluster.Eventually(t, soon, "the request is done", func(ctx context.Context) error {
		contact.visit(home + "/requests")
		if text := contact.text(); !strings.Contains(text, "Done") {
			return fmt.Errorf("%s", text)
		}
		return nil
	})
	contact.shoot("requests")

	// The user signs in, sees a live desktop, types, and sees the text.
	user := newPerson(t, browser, "Anna")
	user.signIn(anna)
	user.reads("anna", "Standard desktop")
	cluster.Eventually(t, soon, "the desktop runs", w.AllReady("t", 1))
	user.visit(portalURL + "/")
	user.shoot("workplaces")
	user.visit(desk)
	before := user.sees()
	user.types("echo kept by Anna > note.txt; clear; cat note.txt\r")
	cluster.Eventually(t, soon, "the desktop has what was typed", s.holds(t, w, "note.txt", "kept by Anna"))
	cluster.Eventually(t, soon, "the screen shows it", func(context.Context) error {
		if user.screen() == before {
			return fmt.Errorf("the picture has not changed")
		}
		return nil
	})
	user.shoot("desktop")

	// An invoice becomes too old: the connection is cut, and the page says why.
	must(t, w.Report(ctx, "t", time.Now(), world.Invoice{Number: "2026-0815", IssuedOn: time.Now().AddDate(0, -3, -1).Format(time.DateOnly), Outstanding: "412.50"}))
	user.reads("suspended", "Your files are kept")
	user.shoot("suspended-user")
	cluster.Eventually(t, soon, "no desktop runs", w.NoneReady("t", 1))
	contact.visit(home)
	contact.reads("Your workplaces are suspended", "Invoices were not paid in time", "2026-0815", "EUR 412.50")
	contact.shoot("suspended-contact")

	// Payment: the desktop is back, with the same file in the home.
	must(t, w.Report(ctx, "t", time.Now().Add(time.Second)))
	cluster.Eventually(t, soon, "the desktop runs again", w.AllReady("t", 1))
	must(t, s.holds(t, w, "note.txt", "kept by Anna")(ctx))
	user.visit(desk)
	user.sees()
	contact.visit(home)
	contact.reads("There are no open invoices", "Reactivation after suspension", "EUR 25.00")

	// Support asks, the user consents, both see the same screen, the user revokes.
	help := newPerson(t, browser, "Sanne")
	help.signIn(agent)
	help.visit(desk)
	help.reads("This workplace is not yours")
	help.visit(portalURL + "/support")
	help.fill("tenant", w.TenantName("t"))
	help.fill("workplace", "anna")
	help.fill("reason", "You asked why the printer does not print")
	help.press("Ask the user")
	help.reads("The user is asked now", "Waiting for the user")
	help.shoot("support")
	user.reads("sanne@provider.example asks to look along") // the bar above the desktop
	answers := user.second()
	answers.visit(portalURL + "/")
	answers.reads("asks to look along on your screen", "You asked why the printer does not print")
	answers.shoot("consent")
	answers.press("Yes, that is fine")
	answers.reads("may look along until")
	user.reads("sanne@provider.example is looking along")
	help.visit(desk)
	help.sees()
	cluster.Eventually(t, soon, "both see the same screen", func(context.Context) error {
		return alike(user.screen(), help.screen())
	})
	help.shoot("looking-along")
	user.shoot("watched")
	answers.press("Stop it now")
	answers.reads("Nobody looks along any more")
	help.reads("The user has stopped it")
	if picture := help.screen(); picture != "" {
		t.Error("the agent still sees a screen")
	}
	help.visit(desk)
	help.reads("The user has stopped it")
	help.shoot("sent-away")
	if user.screen() == "" {
		t.Error("the user's own desktop went with the agent")
	}
}

// holds says why a file in Anna's home does not hold some words.
func (s *site) holds(t *testing.T, w world.World, file, words string) func(context.Context) error {
	return func(context.Context) error {
		got := s.run(t, "-n", w.Namespace("t"), "exec", "anna", "--", "sh", "-c", "cat /home/user/"+file+" || true")
		if !strings.Contains(got, words) {
			return fmt.Errorf("%s holds %q", file, got)
		}
		return nil
	}
}
