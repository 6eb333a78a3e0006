// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"embed"
	"html/template"
	"net/http"

	"golang.org/x/text/language"

	"werkplek.dev/werkplek/api/v1alpha1"
)

//go:embed frame.html frame.css frame.js
var frameFiles embed.FS

var frameTemplate = template.Must(template.ParseFS(frameFiles, "frame.html"))

// words of the page around a desktop.
type words struct {
	Watched, Asked, Spectator, AnswerWord, EndWord, NoScript string
}

var (
	languages = language.NewMatcher([]language.Tag{language.English, language.Dutch})
	wording   = map[language.Tag]words{
		language.English: {
			Watched: "%s is looking along on your screen", Asked: "%s asks to look along on your screen",
			Spectator: "You are looking along. The user sees that, and can end it at any moment.", AnswerWord: "Answer or stop",
			EndWord: "End the session", NoScript: "Your desktop needs JavaScript. Please switch it on in your browser.",
		},
		language.Dutch: {
			Watched: "%s kijkt mee op uw scherm", Asked: "%s vraagt om mee te kijken op uw scherm",
			Spectator: "U kijkt mee. De gebruiker ziet dat en kan het op elk moment beëindigen.", AnswerWord: "Antwoorden of stoppen",
			EndWord: "Sessie beëindigen", NoScript: "Uw werkplek heeft JavaScript nodig. Zet dat aan in uw browser.",
		},
	}
)

// frame shows the desktop and, above it, who is watching. A script of a desktop
// cannot reach out of the frame to the gateway's session: that is in a cookie
// that no script can read.
func (g *Gateway) frame(w http.ResponseWriter, r *http.Request, workplace *v1alpha1.Workplace, path, support string) {
	tag, _ := language.MatchStrings(languages, r.Header.Get("Accept-Language"))
	base, _ := tag.Base()
	said, ok := wording[language.Make(base.String())]
	if !ok {
		base, said = language.MustParseBase("en"), wording[language.English]
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Frame-Options", "DENY")
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	err := frameTemplate.Execute(w, struct {
		words
		Language, Title, Path, Portal, Support string
	}{said, base.String(), workplace.Name, path, g.PortalURL, support})
	if err != nil {
		g.Log.V(1).Info("the page around a desktop was not sent", "error", err.Error())
	}
}

// asset serves a file of the page around a desktop.
func asset(w http.ResponseWriter, r *http.Request, name string) bool {
	if name != "frame.css" && name != "frame.js" {
		return false
	}
	w.Header().Set("Cache-Control", "no-cache")
	http.ServeFileFS(w, r, frameFiles, name)
	return true
}
