// SPDX-License-Identifier: Apache-2.0

package pages

import (
	"fmt"
	"io/fs"
	"math"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
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
		return Request{Type: kind, Tenant: "jansen", Title: hostile, Action: "/tenants/jansen/requests", Once: "x", Back: "/", Wrong: map[string]string{"": hostile, "name": hostile, "email": hostile, "username": hostile, "class": hostile, "licence": hostile, "note": hostile},
			UserName: hostile, Email: "anna@jansen.example", Username: "anna@jansen.example", Note: hostile, Workplace: "anna", FromMail: hostile,
			Classes: []Choice{{"standard", hostile, true, &Price{hostile, hostile, hostile}}}, Licences: []Choice{{Value: "office", Label: "Office", Chosen: true}}}
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
			Charges: []Charge{{On: "2026-11-20", Description: hostile, Amount: "300.00", Currency: "EUR", Invoice: "2026-1010"}}},
			Tenant{Title: "x", Arrears: true, SuspendsOn: "2026-12-01"}},
		"users": {Users{}, Users{Title: hostile, Users: []User{
			{Name: hostile, Email: hostile, Username: "u", Workplace: "anna", Class: "standard", State: "running", LastUsed: at},
			{Username: "omar@x", Workplace: "omar", State: "unavailable", Blocked: true},
		}}},
		"requests": {Requests{}, Requests{Title: hostile, Requests: asked}},
		"tenants":  {[]Choice{{Value: "/tenants/jansen", Label: hostile}}},
		"support":  {Support{}, Support{Sessions: []Session{session, remote}, Wrong: hostile, Filled: Filled{Tenant: hostile, Workplace: hostile, Reason: hostile, Wrong: map[string]string{"reason": hostile, "mode": hostile, "length": hostile, "tenant": hostile, "workplace": hostile}}}},
		"asked":    {OneRequest{}, OneRequest{Title: hostile, RequestsURL: "/x"}},
	}
	for _, state := range []string{"asked", "active", "refused", "revoked", "lapsed", "ended"} {
		session.State = state
		all["support"] = append(all["support"], Support{Sessions: []Session{session}})
	}
	for _, one := range asked {
		one.RequestedBy, one.AnsweredBy, one.Answered = hostile, hostile, at
		all["asked"] = append(all["asked"], OneRequest{Asked: one, Title: hostile, RequestsURL: "/x"})
		one.AnsweredBy, one.Answer, one.Answered = "", "", time.Time{}
		all["asked"] = append(all["asked"], OneRequest{Asked: one})
	}
	all["request"] = []any{Request{}}
	for _, kind := range []string{"AddUser", "BlockUser", "UnblockUser", "ChangeUser", "RemoveUser", "Service"} {
		all["request"] = append(all["request"], form(kind))
	}
	for _, reason := range []string{"Suspended", "ResellerSuspended", "Blocked", "ContractEnded", "ResellerEnded", "NotYours", "SignedOut", "Unlicensed", "WatchBroken", "Strange"} {
		all["denied"] = append(all["denied"], Denied{Reason: reason}, Denied{
			Reason: reason, Message: hostile, PortalURL: "https://portal.example.com", Since: at, TenantURL: "https://portal.example.com/tenants/jansen",
			Invoices: []Invoice{{hostile, "2026-09-01", "2026-09-15", "412.50", "EUR"}},
		})
	}
	return all
}

var hostilePages = sync.OnceValues(func() (*Pages, error) { return New(Options{ProviderName: hostile}) })

func rendered(t *testing.T, l Language, name string, view any) string {
	t.Helper()
	p, err := hostilePages()
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	frame := Frame{
		Language: l, SignedInAs: hostile, Here: "/language?to=nl&return=%2F", Notice: "notice.granted",
		Links: []Link{{"title.workplaces", "/", true}, {"title.support", "/support", false}},
	}
	if err := p.Render(w, 200, name, frame, view); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return w.Body.String()
}

// pageNames are those of all pages.
func pageNames(t *testing.T) []string {
	t.Helper()
	paths, err := fs.Glob(files, "templates/*.html")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, path := range paths {
		if !slices.Contains(shared, path) {
			names = append(names, strings.TrimSuffix(strings.TrimPrefix(path, "templates/"), ".html"))
		}
	}
	return names
}

func TestEveryPageIsSound(t *testing.T) {
	t.Parallel()
	all := views()
	for _, e := range examples() {
		all[e.page] = append(all[e.page], e.view)
	}
	for _, name := range pageNames(t) {
		if len(all[name]) == 0 {
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

// A frame with nothing in it, as on a desktop's host, makes a whole page too.
func TestBareFrame(t *testing.T) {
	t.Parallel()
	p, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	if err := p.Render(w, 403, "denied", Frame{Base: "/.werkplek"}, Denied{}); err != nil {
		t.Fatal(err)
	}
	sound(t, w.Body.String(), English)
	if w.Code != 403 || w.Header().Get("Content-Type") != "text/html; charset=utf-8" || w.Header().Get("Content-Language") != "en" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	// Only what a desktop's host serves: its own assets, and no images.
	if strings.Contains(w.Body.String(), `"/assets/`) || strings.Contains(w.Body.String(), "icon.svg") {
		t.Errorf("the page asks for what is not there:\n%s", w.Body.String())
	}
	if err := p.Render(w, 200, "nothing", Frame{}, nil); err == nil {
		t.Error("a page that is not there was rendered")
	}
}

// checker looks at a page as a person with a screen reader, or a strict browser, does.
type checker struct {
	t                            *testing.T
	language                     Language
	ids, labelled                map[string]bool
	controls                     []*html.Node
	references                   []string
	level, firsts, mains, titles int
}

// sound fails for what such a person would trip over.
func sound(t *testing.T, page string, l Language) {
	t.Helper()
	if strings.Contains(page, `<script>`) || strings.Contains(page, "alert(\"x\")<") {
		t.Errorf("words became markup:\n%s", page)
	}
	if strings.Contains(page, "%!") || strings.Contains(page, "<no value>") || strings.Contains(page, "ZgotmplZ") {
		t.Errorf("a value is missing:\n%s", page)
	}
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	c := &checker{t: t, language: l, ids: map[string]bool{}, labelled: map[string]bool{}}
	c.walk(root, false)
	if c.firsts != 1 || c.mains != 1 || c.titles != 1 {
		t.Errorf("%d headings of the first level, %d mains and %d titles; one of each is right", c.firsts, c.mains, c.titles)
	}
	for _, control := range c.controls {
		if !c.labelled[attribute(control, "id")] {
			t.Errorf("%s %s has no label", control.Data, attribute(control, "name"))
		}
		if attribute(control, "aria-invalid") != "" && !strings.Contains(attribute(control, "aria-describedby"), "-wrong") {
			t.Errorf("%s is wrong, and nothing says why", attribute(control, "name"))
		}
	}
	for _, id := range c.references {
		if !c.ids[id] {
			t.Errorf("nothing has the id %s that the page refers to", id)
		}
	}
}

func (c *checker) walk(n *html.Node, inLabel bool) {
	if n.Type == html.ElementNode {
		c.element(n, inLabel)
		inLabel = inLabel || n.Data == "label"
	}
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		c.walk(child, inLabel)
	}
}

func (c *checker) element(n *html.Node, inLabel bool) {
	if id := attribute(n, "id"); id != "" {
		if c.ids[id] {
			c.t.Errorf("two elements have the id %s", id)
		}
		c.ids[id] = true
	}
	if attribute(n, "style") != "" || n.Data == "style" || n.Data == "script" && (attribute(n, "src") == "" || n.FirstChild != nil) {
		c.t.Errorf("inline %s would be refused by the content policy", n.Data)
	}
	for _, a := range n.Attr {
		switch {
		case strings.HasPrefix(a.Key, "on"):
			c.t.Errorf("inline handler %s", a.Key)
		case a.Key == "aria-describedby" || a.Key == "aria-labelledby":
			c.references = append(c.references, strings.Fields(a.Val)...)
		case a.Key == "href" && strings.HasPrefix(a.Val, "#"):
			c.references = append(c.references, a.Val[1:])
		case strings.HasPrefix(a.Val, "javascript:"):
			c.t.Errorf("%s is a script", a.Key)
		}
	}
	switch n.Data {
	case "html":
		if attribute(n, "lang") != string(c.language) {
			c.t.Errorf("lang is %q", attribute(n, "lang"))
		}
	case "main":
		c.mains++
	case "title":
		if n.Parent.Data == "head" {
			c.titles++
		}
	case "h1", "h2", "h3", "h4":
		next := int(n.Data[1] - '0')
		if next > c.level+1 {
			c.t.Errorf("heading %s after level %d", n.Data, c.level)
		}
		if next == 1 {
			c.firsts++
		}
		c.level = next
		c.named(n)
	case "a", "button", "summary", "legend", "caption", "option":
		c.named(n)
	case "label":
		c.labelled[attribute(n, "for")] = true
		c.named(n)
	case "input", "select", "textarea":
		if attribute(n, "type") != "hidden" && !inLabel {
			c.controls = append(c.controls, n)
		}
	case "fieldset":
		if first := firstElement(n); first == nil || first.Data != "legend" {
			c.t.Error("a fieldset without a legend")
		}
	case "th":
		if attribute(n, "scope") == "" {
			c.t.Error("a table heading without a scope")
		}
	case "table":
		if first := firstElement(n); first == nil || first.Data != "caption" {
			c.t.Error("a table without a caption")
		}
	case "form":
		if attribute(n, "method") != "post" {
			c.t.Error("a form that does not post")
		}
	case "nav", "progress":
		if attribute(n, "aria-label") == "" {
			c.t.Errorf("a %s without a name", n.Data)
		}
	case "svg":
		if attribute(n, "aria-hidden") != "true" || firstElement(n) == nil {
			c.t.Error("an icon that is read out, or that is empty")
		}
	}
}

// named fails for what has no words: it would be read out as nothing.
func (c *checker) named(n *html.Node) {
	if strings.TrimSpace(text(n)) == "" {
		c.t.Errorf("a %s without words", n.Data)
	}
}

func text(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	var all strings.Builder
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		all.WriteString(text(child))
	}
	return all.String()
}

func firstElement(n *html.Node) *html.Node {
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		if child.Type == html.ElementNode {
			return child
		}
	}
	return nil
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
// the same values to put in; and every key is of use.
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
	for _, name := range pageNames(t) {
		if _, ok := catalogue["title."+name]; !ok {
			t.Errorf("the page %s has no title", name)
		}
	}
	used, prefixes := regexp.MustCompile(`\bt "([a-z.A-Z]+)"`), regexp.MustCompile(`\(print "([a-z.]+\.)"|explain "([a-z]+)"`)
	named, composed := map[string]bool{"back": true}, []string{"title.", "notice.", "error.", "per."}
	paths, _ := fs.Glob(files, "templates/*.html")
	for _, path := range paths {
		data, _ := fs.ReadFile(files, path)
		for _, match := range used.FindAllStringSubmatch(string(data), -1) {
			named[match[1]] = true
			if _, ok := catalogue[match[1]]; !ok {
				t.Errorf("%s uses %s, which is not in the catalogue", path, match[1])
			}
		}
		for _, match := range prefixes.FindAllStringSubmatch(string(data), -1) {
			composed = append(composed, match[1]+match[2])
		}
	}
	for key := range catalogue {
		if !named[key] && !slices.ContainsFunc(composed, func(prefix string) bool { return strings.HasPrefix(key, prefix) }) {
			t.Errorf("nothing uses %s", key)
		}
	}
	left := regexp.MustCompile(`>[a-z]+\.[A-Za-z.]+<|>(title|ask|what|send|type|asked|session|mode|state|field|effect)\.`)
	for name, list := range views() {
		for _, view := range list {
			if key := left.FindString(rendered(t, Dutch, name, view)); key != "" {
				t.Errorf("%s shows a key instead of words: %s", name, key)
			}
		}
	}
}

// What the program says in English is marked as such on a Dutch page, or a
// screen reader reads it as Dutch.
func TestForeignWordsAreMarked(t *testing.T) {
	t.Parallel()
	view := Failure{Status: 409, Message: "the object has been modified"}
	if page := rendered(t, Dutch, "error", view); !strings.Contains(page, `<span lang="en">the object has been modified</span>`) {
		t.Errorf("unmarked:\n%s", page)
	}
	if page := rendered(t, English, "error", view); strings.Contains(page, `<span lang=`) {
		t.Errorf("marked on its own page:\n%s", page)
	}
}

// A refused form comes back as it was sent, and says at each field what is wrong.
func TestRefusedForms(t *testing.T) {
	t.Parallel()
	page := rendered(t, English, "request", Request{
		Type: "AddUser", Action: "/x", Once: "x", UserName: "Omar", Email: "omar", Username: "omar", Note: "soon",
		Classes:  []Choice{{Value: "small", Label: "Small", Chosen: false}, {Value: "standard", Label: "Standard desktop", Chosen: true}},
		Licences: []Choice{{Value: "office", Label: "Office", Chosen: true}, {Value: "design", Label: "Design", Chosen: false}},
		Wrong:    map[string]string{"email": "must be an e-mail address", "licence": "is not sold"},
	})
	for _, want := range []string{
		`value="Omar"`, `value="omar"`, `>soon</textarea>`, `<option value="standard" selected>`, `value="office" checked`,
		`aria-describedby="email-wrong" aria-invalid="true"`, `id="email-wrong"`, `<a href="#email">`, `aria-describedby="licence-wrong"`, `role="alert"`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("%s is missing in\n%s", want, page)
		}
	}
	page = rendered(t, English, "support", Support{Action: "/support", Wrong: "no", Filled: Filled{
		Tenant: "jansen", Workplace: "ana", Reason: "the printer", Mode: "Remote", Length: "PT60M", NotCovered: true,
		Wrong: map[string]string{"workplace": "there is no such workplace"},
	}})
	for _, want := range []string{
		`value="jansen"`, `value="the printer"`, `<option value="Remote" selected>`, `<option value="PT60M" selected>`, `value="false" checked`,
		`aria-describedby="reason-hint"`, `aria-describedby="workplace-wrong" aria-invalid="true"`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("%s is missing in\n%s", want, page)
		}
	}
}

func TestAssets(t *testing.T) {
	t.Parallel()
	get := func(name, query string, edits ...func(*http.Request)) *httptest.ResponseRecorder {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/assets/"+name+"?"+query, nil)
		for _, edit := range edits {
			edit(r)
		}
		w := httptest.NewRecorder()
		if !Asset(w, r, name) {
			w.Code = http.StatusNotFound
		}
		return w
	}
	for name, digest := range digests {
		if w := get(name, digest); w.Code != http.StatusOK || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") || w.Body.Len() == 0 {
			t.Errorf("%s: %d %v", name, w.Code, w.Header())
		}
		for _, other := range []string{"", "0123456789ab"} {
			if w := get(name, other); w.Header().Get("Cache-Control") != "no-cache" {
				t.Errorf("%s?%s may be kept though it is another release's: %v", name, other, w.Header())
			}
		}
		same := func(r *http.Request) { r.Header.Set("If-None-Match", `"`+digest+`"`) }
		if w := get(name, "", same); w.Code != http.StatusNotModified {
			t.Errorf("%s, unchanged: %d", name, w.Code)
		}
	}
	for _, name := range []string{"nothing.css", "../pages.go", "", "."} {
		if w := get(name, ""); w.Code != http.StatusNotFound {
			t.Errorf("%q: %d", name, w.Code)
		}
	}
}

func TestDatesAndMoney(t *testing.T) {
	t.Parallel()
	if en, nl := civil(English, "2026-11-21"), civil(Dutch, "2028-02-29"); en != "21 November 2026" || nl != "29 februari 2028" {
		t.Errorf("%s, %s", en, nl)
	}
	for _, test := range [][4]string{
		{"1234.50", "EUR", "EUR 1234.50", "EUR 1234,50"}, {"300", "EUR", "EUR 300.00", "EUR 300,00"}, {"-12.5", "EUR", "EUR -12.50", "EUR -12,50"},
		{"0.0125", "EUR", "EUR 0.0125", "EUR 0,0125"}, {"5000", "JPY", "JPY 5000", "JPY 5000"}, {"7", "", "7.00", "7,00"}, {"", "EUR", "", ""},
	} {
		if en, nl := money(English, test[0], test[1]), money(Dutch, test[0], test[1]); en != test[2] || nl != test[3] {
			t.Errorf("%s %s: %s, %s", test[1], test[0], en, nl)
		}
	}
	if en, nl := monthOf(English, "2026-11"), monthOf(Dutch, "2026-11"); en != "November 2026" || nl != "november 2026" {
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
