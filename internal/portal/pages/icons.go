// SPDX-License-Identifier: Apache-2.0

package pages

import "html/template"

// strokes are drawn on a field of 24 by 24. They stand in the page itself, as
// the content policy of desktops' hosts allows no images.
var strokes = map[string]template.HTML{
	"screen":  `<rect x="3" y="4" width="18" height="12" rx="2"/><path d="M8 20h8M12 16v4"/>`,
	"check":   `<path d="M5 12.5l4.5 4.5L19 7.5"/>`,
	"clock":   `<circle cx="12" cy="12" r="8.5"/><path d="M12 7v5l3.5 2"/>`,
	"moon":    `<path d="M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10z"/>`,
	"warn":    `<path d="M12 4L2.8 19.5h18.4z"/><path d="M12 10v4.5M12 17.2v.1"/>`,
	"lock":    `<rect x="5" y="11" width="14" height="9" rx="2"/><path d="M8 11V8a4 4 0 0 1 8 0v3"/>`,
	"eye":     `<path d="M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12z"/><circle cx="12" cy="12" r="2.8"/>`,
	"person":  `<circle cx="12" cy="8" r="4"/><path d="M4.5 20.5c.8-4 3.7-6 7.5-6s6.7 2 7.5 6"/>`,
	"mail":    `<rect x="3" y="5" width="18" height="14" rx="2"/><path d="M3.5 7l8.5 6.5L20.5 7"/>`,
	"file":    `<path d="M6 3h8l4 4v14H6z"/><path d="M14 3v4h4"/>`,
	"back":    `<path d="M15 5l-7 7 7 7"/>`,
	"go":      `<path d="M9 5l7 7-7 7"/>`,
	"line":    `<path d="M4 18.5v-2M9.3 18.5v-5M14.7 18.5v-8.5M20 18.5v-13"/>`,
	"busy":    `<path d="M12 3.5a8.5 8.5 0 1 1-8.5 8.5"/>`,
	"waiting": `<circle cx="12" cy="12" r="2"/>`,
	"no":      `<path d="M6.5 6.5l11 11M17.5 6.5l-11 11"/>`,
	"undo":    `<path d="M4.5 9.5h10a5 5 0 0 1 0 10H9"/><path d="M8.5 5.5l-4 4 4 4"/>`,
	"money":   `<rect x="2.5" y="6" width="19" height="12" rx="2"/><circle cx="12" cy="12" r="2.7"/>`,
}

// icon draws one. It says nothing that words beside it do not say.
func icon(name string) template.HTML {
	return `<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">` + strokes[name] + `</svg>`
}
