// SPDX-License-Identifier: Apache-2.0

// Package pages renders what people see of the portal: plain HTML that works
// without scripts, in Dutch and English, light and dark. It knows no cluster.
package pages

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/currency"
	"golang.org/x/text/language"
)

//go:embed templates assets
var files embed.FS

// Language is one that the pages are written in.
type Language string

// The languages.
const (
	English Language = "en"
	Dutch   Language = "nl"
)

var (
	languages = []Language{English, Dutch}
	matcher   = language.NewMatcher([]language.Tag{language.English, language.Dutch})
)

// Match returns the language that a browser prefers; a chosen one comes first.
func Match(chosen, accept string) Language {
	for _, l := range languages {
		if string(l) == chosen {
			return l
		}
	}
	_, index := language.MatchStrings(matcher, accept)
	return languages[index]
}

// Options are what all pages have in common.
type Options struct {
	// ProviderName is who people have their workplaces from.
	ProviderName string
	// Zone in which times are written.
	Zone *time.Location
}

// Pages renders pages.
type Pages struct {
	options   Options
	templates map[Language]map[string]*template.Template
}

// digests tell a file of style or script from what it was in another release.
var digests = func() map[string]string {
	found := map[string]string{}
	paths, err := fs.Glob(files, "assets/*")
	if err != nil {
		panic(err) // the pattern above is malformed
	}
	for _, path := range paths {
		data, err := files.ReadFile(path)
		if err != nil {
			panic(err) // the file is in this program
		}
		sum := sha256.Sum256(data)
		found[strings.TrimPrefix(path, "assets/")] = hex.EncodeToString(sum[:6])
	}
	return found
}()

// shared are the templates that all pages are made with.
var shared = []string{"templates/layout.html", "templates/parts.html"}

// Link is a place to go to.
type Link struct {
	Key     string // of its words
	URL     string
	Current bool
}

// Frame is what surrounds every page.
type Frame struct {
	Language   Language
	SignedInAs string
	Links      []Link
	// Here is the page's own URL, for switching the language.
	Here string
	// Notice tells what came of the last action: a key of the catalogue.
	Notice string
	// NoticeBad is true when the last action did not come off.
	NoticeBad bool
	// Base precedes the URLs of style and scripts.
	Base string
}

// New reads the templates.
func New(options Options) (*Pages, error) {
	if options.Zone == nil {
		options.Zone = time.UTC
	}
	p := &Pages{options: options, templates: map[Language]map[string]*template.Template{}}
	paths, err := fs.Glob(files, "templates/*.html")
	if err != nil {
		return nil, err
	}
	for _, l := range languages {
		p.templates[l] = map[string]*template.Template{}
		for _, path := range paths {
			if slices.Contains(shared, path) {
				continue
			}
			name := strings.TrimSuffix(strings.TrimPrefix(path, "templates/"), ".html")
			parsed, err := template.New("layout.html").Funcs(p.functions(l)).ParseFS(files, append(slices.Clone(shared), path)...)
			if err != nil {
				return nil, fmt.Errorf("read the page %s: %w", name, err)
			}
			p.templates[l][name] = parsed
		}
	}
	return p, nil
}

// functions are what templates can call.
func (p *Pages) functions(l Language) template.FuncMap {
	return template.FuncMap{
		"t":     func(key string, arguments ...any) string { return Text(l, key, arguments...) },
		"has":   func(key string) bool { _, ok := catalogue[key]; return ok },
		"date":  func(date string) string { return civil(l, date) },
		"time":  func(at time.Time) string { return p.moment(l, at) },
		"month": func(month string) string { return monthOf(l, month) },
		"money": func(amount, code string) string { return money(l, amount, code) },
		"sums":  sums,
		"per":   func(period string) string { return per(l, period) },
		"count": func(quantity string) string { return number(l, quantity) },
		"asset": func(name string) string { return name + "?" + digests[name] },
		"icon":  icon,
		"dict":  dict,
		"own":   func(words string) said { return said{Words: words, Foreign: l != English} },
		"explain": func(kind, reason, message string) said {
			if _, ok := catalogue[kind+"."+reason]; ok {
				return said{Words: Text(l, kind+"."+reason)}
			}
			if message == "" {
				return said{Words: Text(l, "reason.other")}
			}
			return said{Words: message, Foreign: l != English}
		},
	}
}

// said are words that may be the program's own, which are English on whatever
// page they stand: a screen reader must be told to read them so.
type said struct {
	Words   string
	Foreign bool
}

// dict makes a view for a part of a page out of names and values.
func dict(pairs ...any) (map[string]any, error) {
	made := map[string]any{}
	for i := 0; i+1 < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("the name %v is no text", pairs[i])
		}
		made[name] = pairs[i+1]
	}
	return made, nil
}

// Render writes a page. view is what the page's template reads.
func (p *Pages) Render(w http.ResponseWriter, status int, name string, frame Frame, view any) error {
	if frame.Language == "" {
		frame.Language = English
	}
	page, ok := p.templates[frame.Language][name]
	if !ok {
		return fmt.Errorf("there is no page %s", name)
	}
	var out bytes.Buffer
	err := page.Execute(&out, struct {
		Frame
		Provider string
		Other    Language
		Title    string
		View     any
	}{frame, p.options.ProviderName, other(frame.Language), "title." + name, view})
	if err != nil {
		return fmt.Errorf("render the page %s: %w", name, err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Language", string(frame.Language))
	w.Header().Set("Vary", "Accept-Language, Cookie")
	w.WriteHeader(status)
	_, err = w.Write(out.Bytes())
	return err
}

func other(l Language) Language {
	if l == Dutch {
		return English
	}
	return Dutch
}

// Asset serves a file of style or script, and reports whether there is one.
func Asset(w http.ResponseWriter, r *http.Request, name string) bool {
	digest, ok := digests[name]
	if !ok {
		return false
	}
	// Only the digest's own file may be kept for ever: during a rolling update
	// this replica may be asked for a file that another release has.
	w.Header().Set("Cache-Control", "no-cache")
	if r.URL.RawQuery == digest {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	w.Header().Set("ETag", `"`+digest+`"`)
	http.ServeFileFS(w, r, files, "assets/"+name)
	return true
}

// months in Dutch; English ones the standard library knows.
var months = strings.Fields("januari februari maart april mei juni juli augustus september oktober november december")

// civil writes a date, YYYY-MM-DD.
func civil(l Language, date string) string {
	at, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return date
	}
	return day(l, at)
}

func day(l Language, at time.Time) string {
	if l == Dutch {
		return fmt.Sprintf("%d %s %d", at.Day(), months[at.Month()-1], at.Year())
	}
	return at.Format("2 January 2006")
}

// monthOf writes a month, YYYY-MM.
func monthOf(l Language, month string) string {
	at, err := time.Parse("2006-01", month)
	if err != nil {
		return month
	}
	if l == Dutch {
		return fmt.Sprintf("%s %d", months[at.Month()-1], at.Year())
	}
	return at.Format("January 2006")
}

// moment writes a time of the day with its date.
func (p *Pages) moment(l Language, at time.Time) string {
	if at.IsZero() {
		return ""
	}
	at = at.In(p.options.Zone)
	return day(l, at) + at.Format(", 15:04")
}

// money writes an amount, which is a decimal number, as the language does, with
// the digits that its currency has at least.
func money(l Language, amount, code string) string {
	if amount == "" {
		return ""
	}
	digits := 2
	if unit, err := currency.ParseISO(code); err == nil {
		digits, _ = currency.Standard.Rounding(unit)
	}
	whole, fraction, _ := strings.Cut(amount, ".")
	if missing := digits - len(fraction); missing > 0 {
		fraction += strings.Repeat("0", missing)
	}
	if fraction != "" {
		whole += "." + fraction
	}
	return strings.TrimSpace(code + " " + number(l, whole))
}

// number writes a decimal number as the language does.
func number(l Language, digits string) string {
	if l == Dutch {
		return strings.Replace(digits, ".", ",", 1)
	}
	return digits
}
