// SPDX-License-Identifier: Apache-2.0

package tidings

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/calendar"
)

var every = []Tiding{
	Welcome{}, SuspensionWarning{}, Suspended{}, Resumed{}, TrialEnding{}, InactivityWarning{}, ClosureAnnouncement{},
	Erased{}, NoticeAccepted{}, NoticeRefused{}, PriceChange{}, TermsChange{}, PlanChanged{}, SeatsExceeded{},
	RequestReceived{}, RequestAnswered{},
}

// values are one of each kind of field, and none is zero.
var values = map[reflect.Type]any{
	reflect.TypeFor[calendar.Date]():            calendar.Date{Year: 2026, Month: 11, Day: 2},
	reflect.TypeFor[time.Time]():                time.Date(2026, 11, 20, 15, 0, 0, 0, time.UTC),
	reflect.TypeFor[string]():                   "words",
	reflect.TypeFor[[]string]():                 []string{"2026-0815", "2026-0912"},
	reflect.TypeFor[int]():                      12,
	reflect.TypeFor[bool]():                     true,
	reflect.TypeFor[v1alpha1.Amount]():          v1alpha1.Amount("412.50"),
	reflect.TypeFor[v1alpha1.Period]():          v1alpha1.Period("P3M"),
	reflect.TypeFor[v1alpha1.SuspensionCause](): v1alpha1.CauseArrears,
	reflect.TypeFor[v1alpha1.UserRequestType](): v1alpha1.RequestAddUser,
}

// TestEveryFieldIsSaid: whatever is put into a tiding, its notice says it, once,
// and by a name of its own.
func TestEveryFieldIsSaid(t *testing.T) {
	t.Parallel()
	for _, empty := range every {
		of := reflect.TypeOf(empty)
		t.Run(of.Name(), func(t *testing.T) {
			t.Parallel()
			full := reflect.New(of).Elem()
			for i := range of.NumField() {
				value, known := values[of.Field(i).Type]
				if !known {
					t.Fatalf("the test has no value for %s of type %s", of.Field(i).Name, of.Field(i).Type)
				}
				full.Field(i).Set(reflect.ValueOf(value))
			}
			said := full.Interface().(Tiding).Facts()
			if len(said) != of.NumField() {
				t.Errorf("%d fields, and %d facts: %v", of.NumField(), len(said), said)
			}
			names := map[string]bool{}
			for _, fact := range said {
				if fact.Name == "" || fact.Value == "" || names[fact.Name] {
					t.Errorf("fact %q is %q among %v", fact.Name, fact.Value, said)
				}
				names[fact.Name] = true
			}
			for i := range of.NumField() {
				without := reflect.New(of).Elem()
				without.Set(full)
				without.Field(i).SetZero()
				if slices.Equal(without.Interface().(Tiding).Facts(), said) {
					t.Errorf("%s is not said: %v", of.Field(i).Name, said)
				}
			}
		})
	}
}

// TestNothingIsNotSaid: a fact without a value is left out of the notice, and
// with it the sentence that needs it.
func TestNothingIsNotSaid(t *testing.T) {
	t.Parallel()
	about := v1alpha1.SourceReference{Kind: "Suspension", Name: "arrears-2026-11-02"}
	notice := New(ResumedName("arrears-2026-11-02"), about, Resumed{Since: calendar.Date{Year: 2026, Month: 11, Day: 20}})
	if len(notice.Facts) != 1 || notice.Facts[FactSince] != "2026-11-20" {
		t.Errorf("says %v, want since 2026-11-20 alone", notice.Facts)
	}
	if notice.Name != "resumed-arrears-2026-11-02" || notice.Type != v1alpha1.NoticeResumed || notice.About != about {
		t.Errorf("the notice is %+v", notice)
	}
}
