// SPDX-License-Identifier: Apache-2.0

package portal

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"werkplek.dev/werkplek/test/world"
)

// slowLine: a user's line is measured once per sign-in, and the user is warned
// of one that is too slow for a workplace (TD-16).
func slowLine(t *testing.T, p *place, w world.World) {
	provide(t, w, "t")
	const measures, warning = `<form id="line"`, "Your internet connection is slow"
	anna := p.browser(t).signIn(user(w, "t", "anna"))
	seen(t, anna, portalURL+"/", measures)
	if down := anna.visit(portalURL + "/line/down"); down.status != http.StatusOK || len(down.body) < 100_000 {
		t.Errorf("too little to measure by: %d, %d bytes", down.status, len(down.body))
	}
	if up := anna.post(portalURL+"/line/up", url.Values{"x": {strings.Repeat("x", 60_000)}}); up.status != http.StatusNoContent {
		t.Errorf("measuring the way out: %s", up)
	}
	for _, c := range []struct {
		down, up string
		slow     bool
	}{{"511", "4000", true}, {"4000", "127", true}, {"512", "128", false}} {
		if page := anna.post(portalURL+"/line", url.Values{"down": {c.down}, "up": {c.up}}); page.status != http.StatusNoContent {
			t.Fatalf("telling the portal: %s", page)
		}
		page := anna.visit(portalURL + "/")
		if strings.Contains(page.body, measures) {
			t.Errorf("%s down, %s up: measured again in the same sign-in", c.down, c.up)
		}
		if warned := strings.Contains(page.body, warning) && strings.Contains(page.body, c.down+" kbit/s in and "+c.up+" kbit/s out"); warned != c.slow {
			t.Errorf("%s down, %s up: warned %t, want %t", c.down, c.up, warned, c.slow)
		}
	}
	// The next sign-in may be from elsewhere.
	anna.post(portalURL+"/signout", url.Values{})
	anna.signIn(user(w, "t", "anna"))
	seen(t, anna, portalURL+"/", measures)
	if stranger := p.browser(t).still().visit(portalURL + "/line/down"); stranger.status != http.StatusSeeOther {
		t.Errorf("somebody who is not signed in measures: %s", stranger)
	}
}
