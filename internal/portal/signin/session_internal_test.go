// SPDX-License-Identifier: Apache-2.0

package signin

import (
	"errors"
	"slices"
	"testing"
	"time"
)

// TestSession: an identity becomes the person that the API server would name,
// or nobody.
func TestSession(t *testing.T) {
	t.Parallel()
	now := time.Date(2028, 2, 29, 20, 0, 0, 0, time.UTC)
	settings := Settings{UsernameClaim: "email", GroupsClaim: "groups", StaffGroups: []string{"support", "system:masters"}, Length: 10 * time.Hour}
	for name, c := range map[string]struct {
		settings func(*Settings)
		claims   map[string]any
		username string // empty: refused
		shown    string
		groups   []string
	}{
		"an address": {
			claims:   map[string]any{"email": "anna@jansen.example", "email_verified": true, "name": " Anna Bakker "},
			username: "anna@jansen.example", shown: "Anna Bakker",
		},
		"no word of verification": {claims: map[string]any{"email": "anna@jansen.example"}, username: "anna@jansen.example", shown: "anna@jansen.example"},
		"not verified":            {claims: map[string]any{"email": "anna@jansen.example", "email_verified": false}},
		"verified as a word":      {claims: map[string]any{"email": "anna@jansen.example", "email_verified": "true"}},
		"no address":              {claims: map[string]any{"sub": "1"}},
		"an address that is none": {claims: map[string]any{"email": 7}},
		"the cluster's own name":  {claims: map[string]any{"email": "system:masters"}},
		"another claim, unverified address": {
			settings: func(s *Settings) { s.UsernameClaim = "sub" },
			claims:   map[string]any{"sub": "u1", "email_verified": false}, username: "u1", shown: "u1",
		},
		"a prefix": {
			settings: func(s *Settings) { s.UsernameClaim, s.UsernamePrefix = "sub", "oidc:" },
			claims:   map[string]any{"sub": "system:admin"}, username: "oidc:system:admin", shown: "oidc:system:admin",
		},
		"the cluster's own name by its prefix": {
			settings: func(s *Settings) { s.UsernameClaim, s.UsernamePrefix = "sub", "system:" },
			claims:   map[string]any{"sub": "masters"},
		},
		"groups of staff alone": {
			claims:   map[string]any{"email": "s@p.example", "groups": []any{"support", "system:masters", "cooks", 1}},
			username: "s@p.example", shown: "s@p.example", groups: []string{"support"},
		},
		"groups without a claim for them": {
			settings: func(s *Settings) { s.GroupsClaim = "" },
			claims:   map[string]any{"email": "s@p.example", "groups": []any{"support"}}, username: "s@p.example", shown: "s@p.example",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			settings := settings
			if c.settings != nil {
				c.settings(&settings)
			}
			got, err := settings.session(c.claims, now)
			if c.username == "" {
				var refusal *Refusal
				if !errors.As(err, &refusal) {
					t.Errorf("got %+v, %v; want a refusal", got, err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got.Username != c.username || got.Name != c.shown || !slices.Equal(got.Groups, c.groups) || !got.Until.Equal(now.Add(10*time.Hour)) || got.ID == "" {
				t.Errorf("got %+v; want %s, shown as %s, with %v, for 10 hours", got, c.username, c.shown, c.groups)
			}
		})
	}
}

// TestLocalPath: nobody is led elsewhere after signing in.
func TestLocalPath(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/tenants/jansen?month=2026-11": "/tenants/jansen?month=2026-11",
		"/":                             "/",
		"":                              "/",
		"tenants":                       "/",
		"//evil.example/":               "/",
		"https://evil.example/":         "/",
		"/\\evil.example":               "/",
		"/a\r\nSet-Cookie: x=y":         "/",
		"javascript:alert(1)":           "/",
		"\t//evil.example":              "/",
	} {
		if got := LocalPath(path); got != want {
			t.Errorf("%q leads to %q; want %q", path, got, want)
		}
	}
}
