// SPDX-License-Identifier: Apache-2.0

package seal_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	clocktesting "k8s.io/utils/clock/testing"

	"werkplek.dev/werkplek/internal/portal/seal"
)

// TestSeal: what is sealed opens for the same purpose, with a known secret, in
// its time and unchanged; and never otherwise.
func TestSeal(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 12, 31, 23, 59, 0, 0, time.UTC)
	first, second := bytes.Repeat([]byte{1}, seal.MinSecret), bytes.Repeat([]byte{2}, seal.MinSecret)
	sealer := func(purpose string, at time.Time, secrets ...[]byte) *seal.Sealer {
		s, err := seal.New(purpose, clocktesting.NewFakePassiveClock(at), secrets...)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	text, err := sealer("pass", now, first).Seal("anna", now.Add(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	flip := func(i int) string {
		other := byte('A')
		if text[i] == other {
			other = 'B'
		}
		return text[:i] + string(other) + text[i+1:]
	}
	for name, c := range map[string]struct {
		with  *seal.Sealer
		text  string
		opens bool
	}{
		"as sealed":                       {sealer("pass", now, first), text, true},
		"in its last second":              {sealer("pass", now.Add(59*time.Second), first), text, true},
		"when it is over":                 {sealer("pass", now.Add(time.Minute), first), text, false},
		"with a newer secret before it":   {sealer("pass", now, second, first), text, true},
		"with another secret":             {sealer("pass", now, second), text, false},
		"for another purpose":             {sealer("code", now, first), text, false},
		"its first letter changed":        {sealer("pass", now, first), flip(0), false},
		"a letter in its middle changed":  {sealer("pass", now, first), flip(len(text) / 2), false},
		"cut short":                       {sealer("pass", now, first), text[:len(text)-4], false},
		"nothing":                         {sealer("pass", now, first), "", false},
		"very long":                       {sealer("pass", now, first), strings.Repeat(text, 100), false},
		"somebody else's unsealed letter": {sealer("pass", now, first), "eyJ1Ijo5OTk5OTk5OTk5fQ", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got string
			err := c.with.Open(c.text, &got)
			switch {
			case c.opens && (err != nil || got != "anna"):
				t.Errorf("got %q, %v; want anna", got, err)
			case !c.opens && !errors.Is(err, seal.ErrInvalid):
				t.Errorf("got %q, %v; want ErrInvalid, which says nothing more", got, err)
			}
		})
	}
}

func TestSecretsAreLongEnough(t *testing.T) {
	t.Parallel()
	for name, secrets := range map[string][][]byte{
		"none":            nil,
		"too short":       {make([]byte, seal.MinSecret-1)},
		"one of two":      {make([]byte, seal.MinSecret), {1}},
		"an empty second": {make([]byte, seal.MinSecret), nil},
	} {
		if _, err := seal.New("pass", clocktesting.NewFakePassiveClock(time.Time{}), secrets...); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
