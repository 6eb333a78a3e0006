// SPDX-License-Identifier: Apache-2.0

package notices

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/terms/tidings"
)

func loaded(t *testing.T, provider fs.FS) *Templates {
	t.Helper()
	templates, err := Load(provider)
	if err != nil {
		t.Fatal(err)
	}
	return templates
}

// Every type is written in every language with all of its facts, with none, and
// without each: whole sentences, and never a trace of what is missing.
func TestEveryTypeInEveryLanguage(t *testing.T) {
	t.Parallel()
	templates := loaded(t, nil)
	if len(Types()) != 16 {
		t.Fatalf("%d types", len(Types()))
	}
	for _, kind := range Types() {
		all := map[string]string{}
		for _, fact := range Facts(kind) {
			all[fact.Name] = fact.Example
		}
		cases := map[string]map[string]string{"all facts": all, "no facts": nil}
		for missing := range all {
			without := map[string]string{}
			for name, value := range all {
				if name != missing {
					without[name] = value
				}
			}
			cases["without "+missing] = without
		}
		for _, language := range Languages {
			for name, facts := range cases {
				t.Run(string(kind)+" "+string(language)+" "+name, func(t *testing.T) {
					t.Parallel()
					message, err := templates.Render(&v1alpha1.NoticeSpec{Type: kind, Language: language, Facts: facts}, "Noorderlicht")
					if err != nil {
						t.Fatal(err)
					}
					whole(t, message)
					if name == "all facts" {
						says(t, message, kind, all)
					}
				})
			}
		}
	}
}

var broken = regexp.MustCompile(`no value|\{\{|\}\}|  |\f| [.,;:]|\.\.|,\.|[Rr]eason: \.|%!|\(\)`)

// whole checks that a message consists of sentences.
func whole(t *testing.T, message Message) {
	t.Helper()
	if found := broken.FindString(message.Subject + "\n" + message.Text); found != "" {
		t.Errorf("%q in:\n%s\n\n%s", found, message.Subject, message.Text)
	}
	if strings.Contains(message.Subject, "\n") || strings.HasSuffix(message.Subject, ".") {
		t.Errorf("the subject is %q", message.Subject)
	}
	paragraphs := strings.Split(strings.TrimSpace(message.Text), "\n\n")
	if len(paragraphs) < 4 {
		t.Errorf("there must be a greeting, a text, a closing and a name:\n%s", message.Text)
	}
	for _, paragraph := range paragraphs[1 : len(paragraphs)-2] {
		if !strings.HasSuffix(paragraph, ".") {
			t.Errorf("no sentence: %q", paragraph)
		}
	}
	for line := range strings.SplitSeq(message.Text, "\n") {
		if len([]rune(line)) > width {
			t.Errorf("a line of %d characters: %q", len([]rune(line)), line)
		}
	}
}

// says checks that a message says all of its facts, as its language writes them.
func says(t *testing.T, message Message, kind v1alpha1.NoticeType, facts map[string]string) {
	t.Helper()
	c := customsOf[message.Language]
	text := strings.ReplaceAll(message.Subject+" "+message.Text, "\n", " ")
	for _, fact := range Facts(kind) {
		want := fact.Example
		switch fact.Name {
		case tidings.FactCause, tidings.FactType, tidings.FactDecision, tidings.FactMayLeave, tidings.FactCurrency:
			continue // in words, or beside an amount
		case tidings.FactAmount, tidings.FactPerUser, tidings.FactOldAmount, tidings.FactNewAmount, tidings.FactPrice:
			want = c.amount(want, facts[tidings.FactCurrency])
		case tidings.FactLeaveNotice:
			want = c.period(want)
		default:
			want = c.date(want)
		}
		if !strings.Contains(text, want) {
			t.Errorf("does not say %s %q:\n%s", fact.Name, want, message.Text)
		}
	}
}

func TestWarningInFull(t *testing.T) {
	t.Parallel()
	templates := loaded(t, nil)
	facts := map[string]string{
		"tenant": "Bakkerij Jansen B.V.", "contact": "Piet Jansen", "invoice": "2026-0815", "issuedOn": "2026-09-01",
		"amount": "1412.50", "currency": "EUR", "suspendsOn": "2026-11-02",
	}
	for language, want := range map[v1alpha1.Language]Message{
		"nl": {Subject: "Betaal vóór 2 november 2026 om toegang te houden", Text: `Beste Piet Jansen,

Onze factuur 2026-0815 van 1 september 2026 is nog niet betaald. Het
openstaande bedrag is EUR 1.412,50.

Zonder betaling stopt uw toegang op 2 november 2026. Uw bestanden blijven
bewaard.

Hebt u al betaald? Dan hoeft u niets te doen. Kunt u nu niet betalen? Neem
dan contact met ons op: misschien kunnen we een regeling treffen.

Dit bericht gaat over het account van Bakkerij Jansen B.V.

Met vriendelijke groet,

Noorderlicht
`},
		"nb": {Subject: "Betal før 2. november 2026 for å beholde tilgangen", Text: `Hei Piet Jansen,

Fakturaen vår 2026-0815 av 1. september 2026 er ikke betalt. Utestående
beløp er 1 412,50 EUR.

Uten betaling stenges tilgangen din 2. november 2026. Filene dine blir tatt
vare på.

Har du allerede betalt, trenger du ikke å gjøre noe. Kan du ikke betale nå,
ta kontakt med oss: kanskje kan vi finne en ordning.

Denne meldingen gjelder kontoen til Bakkerij Jansen B.V.

Med vennlig hilsen

Noorderlicht
`},
	} {
		got, err := templates.Render(&v1alpha1.NoticeSpec{Type: v1alpha1.NoticeSuspensionWarning, Language: language, Facts: facts}, "Noorderlicht")
		if err != nil {
			t.Fatal(err)
		}
		want.Language = language
		got.Text = strings.ReplaceAll(got.Text, noBreak, " ")
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
}

// Tenants choose some of the facts: none can look like more than it is.
func TestFactsStayOnTheirLine(t *testing.T) {
	t.Parallel()
	facts := map[string]string{"contact": "Eve\r\nBcc: everybody@example.com\n\nPay here: {{.}}", "provider": "Noorderlicht\r\n"}
	message, err := loaded(t, nil).Render(&v1alpha1.NoticeSpec{Type: v1alpha1.NoticeWelcome, Facts: facts}, "")
	if err != nil {
		t.Fatal(err)
	}
	if message.Subject != "Welcome to Noorderlicht" || message.Language != "en" {
		t.Errorf("%+v", message)
	}
	if !strings.HasPrefix(message.Text, "Dear Eve Bcc: everybody@example.com Pay here: {{.}},\n\n") {
		t.Errorf("the text is:\n%s", message.Text)
	}
}

func TestCustoms(t *testing.T) {
	t.Parallel()
	for language, want := range map[v1alpha1.Language][]string{
		"nl": {"2 november 2026", "20 november 2026 om 15.00 uur", "EUR 1.234.567,80", "1 jaar en 3 maanden", "24 uur"},
		"en": {"2 November 2026", "20 November 2026 at 15:00", "EUR 1,234,567.80", "1 year and 3 months", "24 hours"},
		"da": {"2. november 2026", "20. november 2026 kl. 15.00", "1.234.567,80 EUR", "1 år og 3 måneder", "24 timer"},
		"nb": {"2. november 2026", "20. november 2026 kl. 15.00", "1 234 567,80 EUR", "1 år og 3 måneder", "24 timer"},
	} {
		c := customsOf[language]
		got := []string{c.date("2026-11-02"), c.date("2026-11-20T15:00:00+01:00"), strings.ReplaceAll(c.amount("1234567.80", "EUR"), noBreak, " "), c.period("P1Y3M"), c.period("PT24H")}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", language, diff)
		}
	}
	c := customsOf["nl"]
	for value, want := range map[string]string{
		c.amount("0.0005", "EUR"):   "EUR" + noBreak + "0,0005",
		c.amount("-412.50", "EUR"):  "EUR" + noBreak + "-412,50",
		c.amount("39", ""):          "39",
		c.amount("about 3", "EUR"):  "about 3 EUR",
		c.date("2026-02-30"):        "2026-02-30",
		c.date("soon"):              "soon",
		c.period("P1W"):             "1 week",
		c.period("P1Y2M3D"):         "1 jaar, 2 maanden en 3 dagen",
		c.period("P0D"):             "P0D",
		c.period("three weeks"):     "three weeks",
		c.date("2028-02-29"):        "29 februari 2028",
		c.date("2026-11-20 09:30"):  "20 november 2026 om 09.30 uur",
		c.amount("100000.00", "NO"): "NO" + noBreak + "100.000,00",
	} {
		if value != want {
			t.Errorf("got %q, want %q", value, want)
		}
	}
}

func TestProvidersTemplates(t *testing.T) {
	t.Parallel()
	files := func(name, text string) fstest.MapFS {
		return fstest.MapFS{name: {Data: []byte(text)}, "..data/ignored": {Data: []byte("{{")}}
	}
	templates := loaded(t, files("Welcome.nl.tmpl", "Subject: Hallo\r\n\r\nFijn dat u er bent{{if .Has \"tenant\"}}, {{.Fact \"tenant\"}}{{end}}.\r\n{{if .Has \"x\"}}Nooit.{{end}}\r\nTot ziens.\r\n"))
	message, err := templates.Render(&v1alpha1.NoticeSpec{Type: v1alpha1.NoticeWelcome, Language: "nl", Facts: map[string]string{"tenant": "Jansen"}}, "N")
	if want := (Message{"Hallo", "Fijn dat u er bent, Jansen. Tot ziens.\n", "nl"}); err != nil || message != want {
		t.Errorf("got %+v, %v", message, err)
	}
	framed := loaded(t, files("Frame.en.tmpl", `{{define "greeting"}}Hi.{{end}}{{define "closing"}}Bye.{{end}}`))
	if message, err = framed.Render(&v1alpha1.NoticeSpec{Type: v1alpha1.NoticeWelcome}, "N"); err != nil || !strings.HasPrefix(message.Text, "Hi.\n\n") || !strings.HasSuffix(message.Text, "\n\nBye.\n") {
		t.Errorf("got %+v, %v", message, err)
	}
	for name, test := range map[string]struct{ file, text, want string }{
		"does not parse":        {"Welcome.nl.tmpl", "Subject: x\n\n{{if}}\n", "Welcome.nl.tmpl:3: missing value for if"},
		"unknown word":          {"Welcome.nl.tmpl", "Subject: x\n\n\n{{.Nome}}\n", "Welcome.nl.tmpl:4:"},
		"no subject":            {"Welcome.nl.tmpl", "Welkom\n\nx\n", `Welcome.nl.tmpl:1: the first line must be "Subject:"`},
		"subject needs a fact":  {"Welcome.nl.tmpl", "Subject: {{.Fact \"tenant\"}}\n\nx\n", "Welcome.nl.tmpl:1:"},
		"text needs a fact":     {"Welcome.nl.tmpl", "Subject: x\n\n{{.Fact \"tenant\"}}\n", "Welcome.nl.tmpl: the text is empty"},
		"unknown type":          {"Welkom.nl.tmpl", "Subject: x\n\nx\n", "Welkom.nl.tmpl is no notice template: name it <Type>.<language>.tmpl"},
		"unknown language":      {"Welcome.de.tmpl", "Subject: x\n\nx\n", "Welcome.de.tmpl is no notice template"},
		"broken frame":          {"Frame.da.tmpl", "\n{{define \"greeting\"}}{{nope}}{{end}}\n", `Frame.da.tmpl:2: function "nope" not defined`},
		"frame without closing": {"Frame.da.tmpl", "{{define \"greeting\"}}Hej{{end}}\n", `Welcome.da.tmpl:9:11`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Load(files(test.file, test.text))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("want an error that says %q, got %v", test.want, err)
			}
		})
	}
}
