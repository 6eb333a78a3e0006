// SPDX-License-Identifier: Apache-2.0

package pages

import (
	"fmt"
	"io/fs"
	"math"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
)

const hostile = `<script>alert("x")</script>'"`

// views are one full view of every page, with hostile words wherever people write.
func views() map[string][]any {
	at := time.Date(2026, 11, 21, 9, 5, 0, 0, time.UTC)
	session := Session{Agent: hostile, Workplace: "anna", Tenant: "jansen", User: hostile, Mode: "Shadow", Reason: hostile, State: "active", Until: at,
		AnswerURL: "/consent/jansen/help", ViewURL: "https://anna--jansen.desks.example.com/", EndURL: "/support/jansen/help/end", CanEnd: true, CanSee: true, MaximumLengthMinute: 30}
	remote := session
	remote.Mode, remote.State = "Remote", "asked"
	form := func(kind string) Request {
		return Request{Type: kind, Tenant: "jansen", Title: hostile, Action: "/tenants/jansen/requests", Once: "x", Back: "/", Wrong: map[string]string{"": hostile},
			UserName: hostile, Email: "anna@jansen.example", Username: "anna@jansen.example", Note: hostile, Workplace: "anna", FromMail: hostile,
			Classes: []Choice{{"standard", hostile, true}}, Licences: []Choice{{"office", "Office", true}}}
	}
	asked := []Asked{}
	for _, state := range []string{"waiting", "approved", "done", "denied", "late"} {
		asked = append(asked, Asked{Name: "r-" + state, Type: "AddUser", Who: hostile, Note: hostile, State: state, Answer: hostile, ReceivedAt: at, AnswerDueAt: at, ByMail: true, TurnURL: "/x"})
	}
	all := map[string][]any{
		"welcome": {nil}, "signedout": {"", "https://id.example/end"},
		"error": {Failure{Status: 404, Key: "error.notfound"}, Failure{Status: 409, Message: hostile}},
		"workplaces": {Workplaces{}, Workplaces{
			Asking: []Session{session, remote}, SlowLine: true, MeasureLine: true, DownKbit: 100, UpKbit: 50, NeedDownKbit: 512, NeedUp: 128,
			Workplaces: []Workplace{
				{Name: "anna", Tenant: "jansen", Class: hostile, URL: "https://anna--jansen.desks.example.com/", State: "running", CanOpen: true, CanRestart: true, RestartURL: "/x", Watching: []Session{session, remote}},
				{Name: "omar", Tenant: "jansen", Class: "c", State: "unavailable", Reason: "Blocked"}, {Name: "eva", Tenant: "t", Class: "c", State: "unavailable", Reason: "Strange", Message: hostile},
				{Name: "s", Tenant: "t", Class: "c", State: "stopped", Reason: "Idle"}, {Name: "z", Tenant: "t", Class: "c", State: "starting"},
			}}},
		"starting": {Starting{Name: hostile, StateURL: "/.werkplek/state", PortalURL: "https://portal.example.com", HomeReady: true}, Starting{Name: "anna", Failing: true, Reason: "Strange", Message: hostile}},
		"tenant": {Tenant{}, Tenant{Name: "jansen", Title: hostile, Arrears: true, SuspendsOn: "2026-12-01", Month: "2026-11", Workplaces: 3, Running: 1,
			Suspensions: []Suspension{{Cause: "Arrears", Reason: hostile, Since: at}, {Cause: "Manual", Since: at, OfReseller: true}},
			Invoices:    []Invoice{{"2026-0815", "2026-09-01", "2026-09-15", "412.50", "EUR"}}, Licences: []Licence{{hostile, 3}},
			Charges: []Charge{{"2026-11-20", hostile, "300.00", "EUR", "2026-1010"}}},
			Tenant{Title: "x", Arrears: true, SuspendsOn: "2026-12-01"}},
		"users": {Users{}, Users{Title: hostile, Users: []User{
			{Name: hostile, Email: hostile, Username: "u", Workplace: "anna", Class: "standard", State: "running", LastUsed: at},
			{Username: "omar@x", Workplace: "omar", State: "unavailable", Blocked: true},
		}}},
		"requests": {Requests{}, Requests{Title: hostile, Requests: asked}},
		"tenants":  {[]Choice{{"/tenants/jansen", hostile, false}}},
		"support":  {Support{}, Support{Sessions: []Session{session, remote}, Wrong: hostile}},
	}
	for _, kind := range []string{"AddUser", "BlockUser", "UnblockUser", "ChangeUser", "RemoveUser", "Service"} {
		all["request"] = append(all["request"], form(kind))
	}
	for _, reason := range []string{"Suspended", "ResellerSuspended", "Blocked", "ContractEnded", "NotYours", "SignedOut", "Unlicensed", "WatchBroken", "Strange"} {
		all["denied"] = append(all["denied"], Denied{Reason: reason, Message: hostile, PortalURL: "https://portal.example.com"})
	}
	return all
}

func rendered(t *testing.T, l Language, name string, view any) string {
	t.Helper()
	p, err := New(Options{ProviderName: "TotalDesk"})
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	frame := Frame{Language: l, SignedInAs: hostile, Here: "/?language=nl", Notice: "notice.granted", Links: []Link{{"title.workplaces", "/", true}, {"title.support", "/support", false}}}
	if err := p.Render(w, 200, name, frame, view); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return w.Body.String()
}

func TestEveryPageIsSound(t *testing.T) {
	t.Parallel()
	all := views()
	paths, _ := fs.Glob(files, "templates/*.html")
	for _, path := range paths {
		name := strings.TrimSuffix(strings.TrimPrefix(path, "templates/"), ".html")
		if name != "layout" && len(all[name]) == 0 {
			t.Errorf("no view of the page %s is looked at", name)
		}
		for i, view := range all[name] {
			for _, l := range languages {
				t.Run(fmt.Sprintf("%s-%d-%s", name, i, l), func(t *testing.T) {
					t.Parallel()
					sound(t, rendered(t, l, name, view), l)
				})
			}
		}
	}
}

// sound fails for what a person with a screen reader, or a strict browser, would trip over.
func sound(t *testing.T, page string, l Language) {
	t.Helper()
	if strings.Contains(page, `<script>`) || strings.Contains(page, "alert(\"x\")<") {
		t.Errorf("words became markup:\n%s", page)
	}
	if strings.Contains(page, "%!") || strings.Contains(page, "<no value>") {
		t.Errorf("a value is missing:\n%s", page)
	}
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	ids, labels, level := map[string]bool{}, map[string]bool{}, 0
	var controls []*html.Node
	var walk func(*html.Node, bool)
	walk = func(n *html.Node, inLabel bool) {
		if n.Type == html.ElementNode {
			if id := attribute(n, "id"); id != "" {
				if ids[id] {
					t.Errorf("two elements have the id %s", id)
				}
				ids[id] = true
			}
			if attribute(n, "style") != "" || n.Data == "style" || n.Data == "script" && attribute(n, "src") == "" {
				t.Errorf("inline %s would be refused by the content policy", n.Data)
			}
			for _, a := range n.Attr {
				if strings.HasPrefix(a.Key, "on") {
					t.Errorf("inline handler %s", a.Key)
				}
			}
			switch n.Data {
			case "html":
				if attribute(n, "lang") != string(l) {
					t.Errorf("lang is %q", attribute(n, "lang"))
				}
			case "h1", "h2", "h3":
				next := int(n.Data[1] - '0')
				if next > level+1 {
					t.Errorf("heading %s after level %d", n.Data, level)
				}
				level = next
			case "label":
				labels[attribute(n, "for")] = true
				inLabel = true
			case "input", "select", "textarea":
				if attribute(n, "type") != "hidden" && !inLabel {
					controls = append(controls, n)
				}
			case "th":
				if attribute(n, "scope") == "" {
					t.Error("a table heading without a scope")
				}
			case "table":
				if n.FirstChild == nil || n.FirstChild.Data != "caption" {
					t.Error("a table without a caption")
				}
			case "form":
				if attribute(n, "method") != "post" {
					t.Error("a form that does not post")
				}
			}
		}
		for child := n.FirstChild; child != nil; child = child.NextSibling {
			walk(child, inLabel)
		}
	}
	walk(root, false)
	if level == 0 {
		t.Error("no heading")
	}
	for _, control := range controls {
		if !labels[attribute(control, "id")] {
			t.Errorf("%s %s has no label", control.Data, attribute(control, "name"))
		}
		if described := attribute(control, "aria-describedby"); described != "" && !ids[described] {
			t.Errorf("%s is described by nothing", attribute(control, "name"))
		}
	}
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// Every key that a template names is in the catalogue, in both languages, with
// the same values to put in.
func TestCatalogueIsComplete(t *testing.T) {
	t.Parallel()
	verb := regexp.MustCompile(`%[a-z]`)
	for key, words := range catalogue {
		if words[0] == "" || words[1] == "" {
			t.Errorf("%s lacks a language", key)
		}
		if en, nl := verb.FindAllString(words[0], -1), verb.FindAllString(words[1], -1); fmt.Sprint(en) != fmt.Sprint(nl) {
			t.Errorf("%s puts in %v in English and %v in Dutch", key, en, nl)
		}
	}
	used := regexp.MustCompile(`\bt "([a-z.A-Z]+)"`)
	paths, _ := fs.Glob(files, "templates/*.html")
	for _, path := range paths {
		data, _ := fs.ReadFile(files, path)
		for _, match := range used.FindAllStringSubmatch(string(data), -1) {
			if _, ok := catalogue[match[1]]; !ok {
				t.Errorf("%s uses %s, which is not in the catalogue", path, match[1])
			}
		}
		name := strings.TrimSuffix(strings.TrimPrefix(path, "templates/"), ".html")
		if _, ok := catalogue["title."+name]; !ok && name != "layout" {
			t.Errorf("the page %s has no title", name)
		}
	}
	composed := regexp.MustCompile(`>[a-z]+\.[A-Za-z.]+<`)
	for name, list := range views() {
		for _, view := range list {
			if left := composed.FindString(rendered(t, Dutch, name, view)); left != "" {
				t.Errorf("%s shows a key instead of words: %s", name, left)
			}
		}
	}
}

func TestDatesAndMoney(t *testing.T) {
	t.Parallel()
	if en, nl := civil(English, "2026-11-21"), civil(Dutch, "2028-02-29"); en != "21 November 2026" || nl != "29 februari 2028" {
		t.Errorf("%s, %s", en, nl)
	}
	if en, nl := money(English, "1234.50", "EUR"), money(Dutch, "1234.50", "EUR"); en != "EUR 1234.50" || nl != "EUR 1234,50" {
		t.Errorf("%s, %s", en, nl)
	}
	zone, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	p := &Pages{options: Options{Zone: zone}}
	if got := p.moment(Dutch, time.Date(2026, 12, 31, 23, 30, 0, 0, time.UTC)); got != "1 januari 2027, 00:30" {
		t.Errorf("got %s", got)
	}
}

func TestMatch(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		chosen, accept string
		want           Language
	}{{"", "nl-NL,nl;q=0.9,en;q=0.8", Dutch}, {"", "de", English}, {"", "", English}, {"nl", "en", Dutch}, {"xx", "nl", Dutch}} {
		if got := Match(test.chosen, test.accept); got != test.want {
			t.Errorf("%q, %q: %s", test.chosen, test.accept, got)
		}
	}
}

// Words must stand out from their ground by 4.5 to 1, in both schemes (WCAG 2.2 AA).
func TestContrast(t *testing.T) {
	t.Parallel()
	style, err := fs.ReadFile(files, "assets/portal.css")
	if err != nil {
		t.Fatal(err)
	}
	schemes := strings.SplitN(string(style), "prefers-color-scheme: dark", 2)
	variable := regexp.MustCompile(`--([a-z-]+): (#[0-9a-f]{6})`)
	for i, scheme := range schemes {
		colours := map[string]string{}
		for _, match := range variable.FindAllStringSubmatch(scheme, -1) {
			if _, seen := colours[match[1]]; !seen {
				colours[match[1]] = match[2]
			}
		}
		for _, pair := range [][2]string{
			{"ink", "ground"}, {"ink", "sheet"}, {"soft", "ground"}, {"soft", "sheet"}, {"brand", "ground"}, {"brand", "sheet"}, {"on-brand", "brand"},
			{"good", "sheet"}, {"bad", "sheet"}, {"bad", "ground"}, {"warn-ink", "warn-ground"},
		} {
			if c := contrast(t, colours[pair[0]], colours[pair[1]]); c < 4.5 {
				t.Errorf("scheme %d: %s on %s has a contrast of %.2f", i, pair[0], pair[1], c)
			}
		}
	}
}

func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	light, dark := luminance(t, a), luminance(t, b)
	return (math.Max(light, dark) + 0.05) / (math.Min(light, dark) + 0.05)
}

func luminance(t *testing.T, colour string) float64 {
	t.Helper()
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		value, err := strconv.ParseUint(colour[1+2*i:3+2*i], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		c := float64(value) / 255
		if c <= 0.03928 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}
