// SPDX-License-Identifier: Apache-2.0

package pages

import (
	"bytes"
	"flag"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// written is where TestWriteExamples puts the pages, for people to look at and
// for the pictures in docs/images/portal:
//
//	go test ./internal/portal/pages -run TestWriteExamples -write DIR
var written = flag.String("write", "", "write the example pages to this directory")

// example is a page as somebody meets it.
type example struct {
	name, page string
	status     int
	view       any
	who        string // user, contact or agent; empty: nobody is signed in
	current    string // key of the current place
	notice     string
}

// examples are all pages with content as it could be.
func examples() []example {
	now := time.Date(2026, 11, 21, 10, 5, 0, 0, time.UTC)
	later := func(d time.Duration) time.Time { return now.Add(d) }
	const desks, portal = ".desks.example.com/", "https://portal.example.com"
	ask := Session{
		Agent: "Sanne de Boer", Workplace: "anna", Tenant: "jansen", Mode: "Shadow", State: "asked", Until: later(10 * time.Minute), AnswerURL: "/consent/jansen/a",
		Reason: "You wrote that the printer in the shop prints nothing. I would like to see its settings.", MaximumLengthMinute: 30,
	}
	watching := ask
	watching.State, watching.Until, watching.Mode, watching.Agent = "active", later(25*time.Minute), "Remote", "Tom Visser"
	invoices := []Invoice{{"2026-0815", "2026-08-15", "2026-08-29", "412.50", "EUR"}, {"2026-0917", "2026-09-15", "2026-09-29", "412.5", "EUR"}}
	tenant := Tenant{
		Name: "jansen", Title: "Bakkerij Jansen B.V.", State: "Active", Month: "2026-11", Workplaces: 4, Running: 2,
		Licences: []Licence{{"Office suite", 4}, {"Windows desktop", 3}},
		Charges: []Charge{
			{On: "2026-11-12", Description: "Remote support", Quantity: "1.5", UnitPrice: "95", Amount: "142.50", Currency: "EUR"},
			{On: "2026-10-31", Description: "Standard desktop, October", Quantity: "4", UnitPrice: "75", Amount: "300", Currency: "EUR", Invoice: "2026-1010", VAT: "ExcludingVAT"},
		},
		UsersURL: "/tenants/jansen/users", AskURL: "/tenants/jansen/requests/new?type=AddUser", RequestsURL: "/tenants/jansen/requests",
	}
	suspended := tenant
	suspended.State, suspended.Running, suspended.Arrears, suspended.Invoices = "Suspended", 0, true, invoices
	suspended.Suspensions = []Suspension{{Cause: "Arrears", Reason: "Invoice 2026-0815 was not paid within 60 days of its date.", Since: time.Date(2026, 10, 15, 22, 0, 0, 0, time.UTC)}}
	suspended.Reactivation = &Reactivation{Fee: "25", Users: 4, Total: "100", Currency: "EUR"}
	arrears := tenant
	arrears.State, arrears.Arrears, arrears.SuspendsOn, arrears.Invoices = "InArrears", true, "2026-12-01", invoices[:1]

	form := func(kind string) Request {
		r := Request{Type: kind, Tenant: "jansen", Title: "Bakkerij Jansen B.V.", Action: "/tenants/jansen/requests", Once: "q7zk", Back: "/tenants/jansen/users", Wrong: map[string]string{}}
		if kind != "AddUser" && kind != "Service" {
			r.Workplace, r.UserName, r.Email, r.Username = "omar", "Omar Yilmaz", "omar@jansen.example", "omar@jansen.example"
		}
		if kind == "AddUser" || kind == "ChangeUser" {
			r.Classes = []Choice{{"standard", "Standard desktop", true, &Price{"75", "EUR", "P1M"}}, {"large", "Large desktop", false, &Price{"110", "EUR", "P1M"}}}
			r.Licences = []Choice{{Value: "office", Label: "Office suite", Chosen: true}, {Value: "design", Label: "Drawing program"}}
		}
		return r
	}
	refused := form("AddUser")
	refused.UserName, refused.Email, refused.Note = "Eva Smit", "eva.jansen.example", "She starts on Monday."
	refused.Wrong["email"] = "must be an e-mail address"
	remove, service := form("RemoveUser"), form("Service")
	remove.KeptUntil, service.Back = "2027-01-20", "/tenants/jansen/requests"
	mail := form("AddUser")
	mail.From, mail.FromMail = "mail-1", "Hello, on Monday Eva Smit starts with us.\nCould she get a workplace like Anna's?\n\nPiet Jansen"
	asked := []Asked{
		{Name: "r1", URL: "/r1", Type: "Service", State: "waiting", Note: "On Monday Eva Smit starts with us. Could she get a workplace like Anna's?", ByMail: true, TurnURL: "/turn", ReceivedAt: later(-time.Hour), AnswerDueAt: later(3 * time.Hour), RequestedBy: "piet@jansen.example"},
		{Name: "r2", URL: "/r2", Type: "ChangeUser", Who: "Omar Yilmaz", State: "approved", ReceivedAt: later(-3 * time.Hour), Answered: later(-2 * time.Hour), Answer: "Omar gets the large desktop; it changes at the next start.", AnsweredBy: "sanne@provider.example", RequestedBy: "piet@jansen.example"},
		{Name: "r3", URL: "/r3", Type: "AddUser", Who: "Anna Jansen", State: "done", ReceivedAt: later(-9 * 24 * time.Hour), Answered: later(-9 * 24 * time.Hour), Answer: "The workplace anna is ready."},
		{Name: "r4", URL: "/r4", Type: "Service", State: "denied", Note: "Can the shop's till run on a workplace?", ReceivedAt: later(-20 * 24 * time.Hour), Answered: later(-19 * 24 * time.Hour), Answer: "The till needs a cable to its drawer. We can help you choose a computer for it."},
		{Name: "r5", URL: "/r5", Type: "Service", State: "late", Note: "The clock is an hour off.", ReceivedAt: later(-30 * time.Hour), AnswerDueAt: later(-22 * time.Hour)},
	}
	session := func(state string, mode string, until time.Time) Session {
		return Session{
			Agent: "sanne@provider.example", User: "anna@jansen.example", Workplace: "anna", Tenant: "jansen", Mode: mode, State: state, Until: until, Reason: "The printer in the shop prints nothing.",
			EndURL: "/end", ViewURL: "https://anna--jansen" + desks, CanEnd: state == "asked" || state == "active", CanSee: state == "active", MaximumLengthMinute: 30,
		}
	}
	anna := Workplace{Name: "anna", Tenant: "jansen", Organisation: "Bakkerij Jansen B.V.", Class: "Standard desktop", URL: "https://anna--jansen" + desks, State: "running", CanOpen: true, CanRestart: true, RestartURL: "/restart"}
	watched, asleep, starting, blocked := anna, anna, anna, anna
	watched.Watching = []Session{watching}
	moving := anna
	moving.Name, moving.Moving = "nora", true
	asleep.Name, asleep.State, asleep.Reason, asleep.Class, asleep.CanRestart = "books", "stopped", "Idle", "Large desktop", false
	starting.Name, starting.State, starting.CanRestart = "shop", "starting", false
	blocked.Name, blocked.State, blocked.Reason, blocked.CanOpen, blocked.CanRestart = "old-till", "unavailable", "Blocked", false, false
	return []example{
		{name: "welcome", page: "welcome"},
		{name: "signed-out", page: "signedout", view: "https://id.example.com/end"},
		{name: "error", page: "error", status: 503, view: Failure{Status: 503, Key: "error.unavailable", Correlation: "7f3c-19d0"}, who: "user"},
		{name: "not-found", page: "error", status: 404, view: Failure{Status: 404, Key: "error.notfound"}},
		{name: "workplaces", page: "workplaces", view: Workplaces{Asking: []Session{ask}, Workplaces: []Workplace{anna, asleep}}, who: "user", current: "title.workplaces"},
		{name: "workplaces-all", page: "workplaces", view: Workplaces{SlowLine: true, DownKbit: 410, UpKbit: 96, NeedDownKbit: 512, NeedUp: 128, Workplaces: []Workplace{watched, moving, asleep, starting, blocked}}, who: "contact", current: "title.workplaces", notice: "notice.granted"},
		{name: "workplaces-none", page: "workplaces", view: Workplaces{}, who: "user", current: "title.workplaces"},
		{name: "starting", page: "starting", view: Starting{Name: "anna", StateURL: "/.werkplek/state", PortalURL: portal, HomeReady: true}},
		{name: "starting-fails", page: "starting", view: Starting{Name: "anna", StateURL: "/.werkplek/state", PortalURL: portal, Failing: true, Reason: "Unschedulable"}},
		{name: "denied-suspended", page: "denied", status: 403, view: Denied{Reason: "Suspended", Message: "Invoices were not paid in time.", Since: suspended.Suspensions[0].Since, PortalURL: portal}},
		{name: "denied-suspended-contact", page: "denied", status: 403, view: Denied{Reason: "Suspended", Since: suspended.Suspensions[0].Since, PortalURL: portal, TenantURL: portal + "/tenants/jansen", Invoices: invoices}},
		{name: "denied-blocked", page: "denied", status: 403, view: Denied{Reason: "Blocked", PortalURL: portal}},
		{name: "denied-checking", page: "denied", status: 503, view: Denied{Reason: "WatchBroken", PortalURL: portal}},
		{name: "organisations", page: "tenants", view: []Choice{{Value: "/tenants/jansen", Label: "Bakkerij Jansen B.V."}, {Value: "/tenants/jansen-vastgoed", Label: "Jansen Vastgoed B.V."}}, who: "contact", current: "title.tenant"},
		{name: "organisation", page: "tenant", view: tenant, who: "contact", current: "title.tenant"},
		{name: "organisation-arrears", page: "tenant", view: arrears, who: "contact", current: "title.tenant"},
		{name: "organisation-suspended", page: "tenant", view: suspended, who: "contact", current: "title.tenant"},
		{name: "users", page: "users", view: Users{Name: "jansen", Title: "Bakkerij Jansen B.V.", AskURL: "/ask", Users: []User{
			{Name: "Anna Jansen", Email: "anna@jansen.example", Workplace: "anna", Class: "Standard desktop", State: "running", LastUsed: now, BlockURL: "/b", RemoveURL: "/r", ChangeURL: "/c"},
			{Name: "Piet Jansen", Email: "piet@jansen.example", Workplace: "piet", Class: "Standard desktop", State: "stopped", Reason: "Idle", LastUsed: later(-43 * time.Hour), BlockURL: "/b", RemoveURL: "/r", ChangeURL: "/c"},
			{Name: "Omar Yilmaz", Email: "omar@jansen.example", Workplace: "omar", Class: "Large desktop", State: "unavailable", Blocked: true, UnblockURL: "/u", RemoveURL: "/r", ChangeURL: "/c", LastUsed: later(-30 * 24 * time.Hour)},
			{Name: "Eva Smit", Email: "eva@jansen.example", Workplace: "eva", Class: "Standard desktop", State: "starting", BlockURL: "/b", RemoveURL: "/r", ChangeURL: "/c"},
		}}, who: "contact", current: "title.users"},
		{name: "request-user", page: "request", view: form("AddUser"), who: "contact", current: "title.users"},
		{name: "request-user-refused", page: "request", status: 422, view: refused, who: "contact", current: "title.users"},
		{name: "request-user-from-mail", page: "request", view: mail, who: "contact", current: "title.users"},
		{name: "change", page: "request", view: form("ChangeUser"), who: "contact", current: "title.users"},
		{name: "block", page: "request", view: form("BlockUser"), who: "contact", current: "title.users"},
		{name: "unblock", page: "request", view: form("UnblockUser"), who: "contact", current: "title.users"},
		{name: "remove", page: "request", view: remove, who: "contact", current: "title.users"},
		{name: "question", page: "request", view: service, who: "contact", current: "title.requests"},
		{name: "requests", page: "requests", view: Requests{Name: "jansen", Title: "Bakkerij Jansen B.V.", AskURL: "/ask", ServiceURL: "/service", Requests: asked}, who: "contact", current: "title.requests", notice: "notice.requested"},
		{name: "request", page: "asked", view: OneRequest{Asked: asked[1], Title: "Bakkerij Jansen B.V.", RequestsURL: "/tenants/jansen/requests"}, who: "contact", current: "title.requests"},
		{name: "request-by-mail", page: "asked", view: OneRequest{Asked: asked[0], Title: "Bakkerij Jansen B.V.", RequestsURL: "/tenants/jansen/requests"}, who: "contact", current: "title.requests"},
		{name: "support", page: "support", view: Support{Action: "/support", Once: "q7zk", Sessions: []Session{session("active", "Shadow", later(20*time.Minute)), session("asked", "Remote", later(8*time.Minute)), session("lapsed", "Shadow", now)}}, who: "agent", current: "title.support"},
	}
}

func (e example) frame(l Language) Frame {
	f := Frame{Language: l, Here: "/language?to=" + string(other(l)), Notice: e.notice}
	names, places := map[string]string{"user": "Anna Jansen", "contact": "Piet Jansen", "agent": "Sanne de Boer"}, []string{"title.workplaces"}
	switch e.who {
	case "contact":
		places = append(places, "title.tenant", "title.users", "title.requests")
	case "agent":
		places = append(places, "title.support")
	case "":
		places = nil
	}
	f.SignedInAs = names[e.who]
	for _, key := range places {
		f.Links = append(f.Links, Link{Key: key, URL: "/", Current: key == e.current})
	}
	return f
}

// TestWriteExamples writes the pages where they can be looked at, each with the
// path of its assets made relative.
func TestWriteExamples(t *testing.T) {
	t.Parallel()
	dir := *written
	if dir == "" {
		dir = t.TempDir()
	}
	zone, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	p, err := New(Options{ProviderName: "Polder Workplaces", Zone: zone})
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range languages {
		for _, e := range examples() {
			w := httptest.NewRecorder()
			if err := p.Render(w, max(e.status, 200), e.page, e.frame(l), e.view); err != nil {
				t.Fatal(err)
			}
			page := bytes.ReplaceAll(w.Body.Bytes(), []byte(`"/assets/`), []byte(`"assets/`))
			if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%s.%s.html", e.name, l)), page, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name := range digests {
		data, err := files.ReadFile("assets/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Join(dir, "assets"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "assets", strings.ReplaceAll(name, "/", "-")), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
