// SPDX-License-Identifier: Apache-2.0

package notices

import (
	"strings"
	"unicode"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/terms/tidings"
)

// letter is what a template is executed with: its methods are the words that a
// template has.
type letter struct {
	facts   map[string]string
	customs customs
}

func newLetter(facts map[string]string, provider string, language v1alpha1.Language) letter {
	l := letter{facts: map[string]string{tidings.FactProvider: oneLine(provider)}, customs: customsOf[language]}
	for name, value := range facts {
		if value = oneLine(value); value != "" {
			l.facts[name] = value
		}
	}
	return l
}

// oneLine keeps a fact from looking like more than one: tenants choose some of them.
func oneLine(value string) string {
	value = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, value)
	return strings.Join(strings.Fields(value), " ")
}

// Has reports whether all of these facts are there.
func (l letter) Has(names ...string) bool {
	for _, name := range names {
		if l.facts[name] == "" {
			return false
		}
	}
	return true
}

// Fact returns a fact as it is.
func (l letter) Fact(name string) string { return l.facts[name] }

// Is reports whether a fact is this.
func (l letter) Is(name, value string) bool { return l.facts[name] == value }

// Yes reports whether a fact is true.
func (l letter) Yes(name string) bool { return l.Is(name, "true") }

// Date returns a date or a moment as the language writes it.
func (l letter) Date(name string) string { return l.customs.date(l.facts[name]) }

// Amount returns an amount with its currency as the language writes it.
func (l letter) Amount(amount, currency string) string {
	return l.customs.amount(l.facts[amount], l.facts[currency])
}

// Period returns a length of time in words.
func (l letter) Period(name string) string { return l.customs.period(l.facts[name]) }
