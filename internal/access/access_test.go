// SPDX-License-Identifier: Apache-2.0

package access_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/access"
)

var now = time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC)

// TestJudge: each reason alone, and which of two is said.
func TestJudge(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		family string // as newWorld reads it
		want   string // reason, and a part of the message where it matters
	}{
		"nothing denies it": {"t", "Granted: the user may open"},
		"no Tenant":         {"other", "TenantNotFound: namespace tenant-t belongs to no Tenant"},
		"no Tenant, though its namespace has a suspension": {"other; t suspended a", "TenantNotFound"},

		"the contract has ended":                       {"t ended", "ContractEnded"},
		"the contract has not begun":                   {"t notstarted", "Granted"},
		"nobody could judge the contract":              {"t unjudged", "Granted"},
		"suspended":                                    {"t; t suspended a", "Suspended: the tenant is suspended by a (Manual)"},
		"suspended twice: the first by name":           {"t; t suspended b; t suspended a; t suspended c", "Suspended: the tenant is suspended by a "},
		"suspended from this very moment":              {"t; t suspended a since 0s", "Suspended"},
		"suspended from later on":                      {"t; t suspended a since 1s", "Granted"},
		"a suspension that was lifted":                 {"t; t suspended a lifted", "Granted"},
		"one that somebody asked to lift":              {"t; t suspended a lifting", "Suspended"},
		"the first was lifted":                         {"t; t suspended a lifted; t suspended b", "Suspended: the tenant is suspended by b"},
		"its reseller is suspended":                    {"t under r; r reseller; r suspended a", "ResellerSuspended: the reseller r is suspended by a"},
		"its reseller's reseller":                      {"t under r; r reseller under s; s reseller; s suspended a", "ResellerSuspended: the reseller s is suspended by a"},
		"the nearest reseller is said":                 {"t under r; r reseller under s; s reseller; s suspended a; r suspended b", "ResellerSuspended: the reseller r is suspended by b"},
		"a reseller's from later on":                   {"t under r; r reseller; r suspended a since 1h", "Granted"},
		"what lies below does not matter":              {"t reseller; c under t; c suspended a", "Granted"},
		"its reseller's contract has ended":            {"t under r; r reseller ended", "ResellerEnded: the contract of the reseller r has ended"},
		"that of its reseller's reseller":              {"t under r; r reseller under s; s reseller ended", "ResellerEnded: the contract of the reseller s"},
		"that of one not marked a reseller":            {"t under r; r ended", "Granted"},
		"that of one whom it has left":                 {"t; r reseller ended", "Granted"},
		"the reseller's contract has not begun":        {"t under r; r reseller notstarted", "Granted"},
		"that of a reseller nobody could judge":        {"t under r; r reseller unjudged", "Granted"},
		"its own suspension before its reseller's end": {"t under r; r reseller ended; t suspended a", "Suspended"},
		"a reseller's end before its suspension":       {"t under r; r reseller ended; r suspended a", "ResellerEnded"},
		"a nearer reseller's suspension before an end": {"t under r; r reseller under s; s reseller ended; r suspended a", "ResellerSuspended: the reseller r"},
		"a nearer reseller's end before a suspension":  {"t under r; r reseller ended under s; s reseller; s suspended a", "ResellerEnded: the contract of the reseller r"},
		"a reseller's end before blocked":              {"t under r; r reseller ended; blocked", "ResellerEnded"},
		"the end of both":                              {"t ended under r; r reseller ended", "ContractEnded"},
		"blocked":                                      {"t; blocked", "Blocked"},
		"being deleted":                                {"t; deleted", "Deleting"},

		"not marked a reseller":                    {"t under r; r; r suspended a", "Granted"},
		"a reseller's, not marked":                 {"t under r; r reseller under s; s; s suspended a", "Granted"},
		"beyond one that is not marked":            {"t under r; r under s; s reseller; s suspended a", "Granted"},
		"a reseller that does not exist":           {"t under r; r suspended a", "Granted"},
		"beyond one that does not exist":           {"t under r; s reseller; s suspended a", "Granted"},
		"a cycle covers all who are in it":         {"t reseller under r; r reseller under t; r suspended a", "ResellerSuspended"},
		"a cycle, itself suspended":                {"t reseller under r; r reseller under t; t suspended a", "Suspended"},
		"a cycle above":                            {"t under r; r reseller under s; s reseller under r; s suspended a", "ResellerSuspended: the reseller s"},
		"a cycle in which nobody is suspended":     {"t reseller under r; r reseller under t", "Granted"},
		"ended before its own suspension":          {"t ended; t suspended a", "ContractEnded"},
		"ended before its reseller's suspension":   {"t ended under r; r reseller; r suspended a", "ContractEnded"},
		"ended before blocked":                     {"t ended; blocked", "ContractEnded"},
		"its own suspension before its reseller's": {"t under r; r reseller; r suspended a; t suspended z", "Suspended: the tenant is suspended by z"},
		"its own suspension before blocked":        {"t; t suspended a; blocked", "Suspended"},
		"its reseller's suspension before blocked": {"t under r; r reseller; r suspended a; blocked", "ResellerSuspended"},
		"deleted before ended":                     {"t ended; deleted", "Deleting"},
		"no Tenant before deleted":                 {"other; deleted", "TenantNotFound"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(c.family)
			cover, err := access.Look(t.Context(), w, "t", now)
			if err != nil {
				t.Fatal(err)
			}
			got := cover.Judge(w.workplace)
			reason, message, _ := strings.Cut(c.want, ": ")
			if got.Reason != reason || !strings.Contains(got.Message, message) || got.OK() != (reason == "Granted") || !got.Known() {
				t.Errorf("%s: judged %s, want %s", c.family, got, c.want)
			}
			if everybody := cover.Judge(nil); reason != "Blocked" && reason != "Deleting" && everybody.Reason != reason {
				t.Errorf("%s: judged %s for everybody, want %s", c.family, everybody, reason)
			}
		})
	}
}

// TestJudgeUnread: what was not read grants nothing, and is not taken for a denial.
func TestJudgeUnread(t *testing.T) {
	t.Parallel()
	if got := (access.Cover{}).Judge(nil); got.Known() || got.OK() {
		t.Errorf("a cover that nobody read is judged %s", got)
	}
	if cover, err := (access.Line{}).Cover(t.Context(), newWorld("t"), now); err == nil {
		t.Errorf("the suspensions of a line that nobody read are %v", cover.InForce)
	}
	for _, unread := range []string{"tenant t", "tenant r", "tenant s", "suspensions t", "suspensions r", "suspensions s"} {
		w := newWorld("t under r; r reseller under s; s reseller")
		w.broken = unread
		cover, err := access.Look(t.Context(), w, "t", now)
		if got := cover.Judge(nil); !errors.Is(err, errBroken) || got.Known() {
			t.Errorf("without %s it is judged %s (%v)", unread, got, err)
		}
	}
}

// TestLine: how far it goes, and what is wrong with it.
func TestLine(t *testing.T) {
	t.Parallel()
	for family, c := range map[string]struct{ names, reason, message string }{
		"t":                                      {"t", v1alpha1.ReasonReady, ""},
		"other":                                  {"", v1alpha1.ReasonTenantNotFound, "tenant-t"},
		"t under r; r reseller":                  {"t r", v1alpha1.ReasonReady, ""},
		"t under r; r reseller under s":          {"t r", v1alpha1.ReasonResellerNotFound, "tenant r names the reseller s, which"},
		"t under r; r":                           {"t", v1alpha1.ReasonNotAReseller, "tenant t names r as its reseller, which"},
		"t reseller under t":                     {"t", v1alpha1.ReasonResellerCycle, "t -> t;"},
		"t reseller under r; r reseller under t": {"t r", v1alpha1.ReasonResellerCycle, "t -> r -> t;"},
		"t under r; r reseller under s; s reseller under r": {"t r s", v1alpha1.ReasonResellerCycle, "t -> r -> s -> r;"},
	} {
		line, err := access.LineOf(t.Context(), newWorld(family), "t")
		if names := strings.Join(line.Names(), " "); err != nil || names != c.names || line.State.Reason != c.reason ||
			!strings.Contains(line.State.Message, c.message) || line.State.OK() != (c.reason == v1alpha1.ReasonReady) {
			t.Errorf("%s: line %q, %s (%v); want %q, %s %q", family, names, line.State, err, c.names, c.reason, c.message)
		}
	}
}

// TestInForce: in the line's order and by name, whatever order they are read in.
func TestInForce(t *testing.T) {
	t.Parallel()
	w := newWorld("t under r; r reseller; r suspended a; t suspended c; t suspended b; t suspended lifted lifted; r suspended later since 1h; r suspended 0")
	line, err := access.LineOf(t.Context(), w, "t")
	if err != nil {
		t.Fatal(err)
	}
	const want = "t/b t/c r/0 r/a"
	for range 3 {
		w.rotate()
		found, err := access.InForce(t.Context(), w, line, now)
		var got []string
		for _, s := range found {
			got = append(got, s.Tenant+"/"+s.Name)
			if !s.Since.Equal(now.Add(-time.Hour)) {
				t.Errorf("%s is in force since %s, want %s", s.Name, s.Since, now.Add(-time.Hour))
			}
		}
		if strings.Join(got, " ") != want || err != nil {
			t.Errorf("in force are %v (%v), want %s", got, err, want)
		}
	}
	for family, want := range map[string]bool{
		"t": false, "t; t suspended a": false, "t under r; r reseller; r suspended a": true,
		"t under r; r reseller; r suspended a; t suspended a": true, "t under r; r; r suspended a": false,
	} {
		cover, err := access.Look(t.Context(), newWorld(family), "t", now)
		if got := cover.ByReseller(); got != want || err != nil {
			t.Errorf("%s: suspended by a reseller: %t (%v), want %t", family, got, err, want)
		}
	}
}

// TestBelow: who is covered, and who may be concerned.
func TestBelow(t *testing.T) {
	t.Parallel()
	for family, want := range map[string]struct{ covered, naming string }{
		"t; c under t":                        {"", "c"},
		"t reseller; c under t; b under t; o": {"b c", "b c"},
		"t reseller; m reseller under t; c under m; u under t; d under u": {"m c u", "m c u d"},
		"t reseller under m; m reseller under t; c under m":               {"m c", "m c"},
	} {
		w := newWorld(family)
		covered, err := access.Covered(t.Context(), w.tenants["t"], w.children)
		if got := strings.Join(covered, " "); got != want.covered || err != nil {
			t.Errorf("%s: covered are %q (%v), want %q", family, got, err, want.covered)
		}
		naming, err := access.Naming(t.Context(), "t", w.children)
		if got := strings.Join(naming, " "); got != want.naming || err != nil {
			t.Errorf("%s: it is named by %q (%v), want %q", family, got, err, want.naming)
		}
	}
	w := newWorld("t reseller; m reseller under t; c under m")
	w.broken = "children m"
	if covered, err := access.Covered(t.Context(), w.tenants["t"], w.children); !errors.Is(err, errBroken) || covered != nil {
		t.Errorf("covered are %v (%v), though not all could be read", covered, err)
	}
}

// TestJudgeAllocations: the gateway asks at every request.
func TestJudgeAllocations(t *testing.T) {
	w := newWorld("t under r; r reseller")
	got := testing.AllocsPerRun(100, func() {
		if cover, err := access.Look(context.Background(), w, "t", now); err != nil || !cover.Judge(w.workplace).OK() {
			t.Error(cover.Judge(w.workplace), err)
		}
	})
	if got > 4 { // two to list the line, and the readings' own
		t.Errorf("%v allocations for one question", got)
	}
}

var errBroken = errors.New("broken")

// world is a family of tenants and their suspensions, and a workplace with t.
type world struct {
	tenants     map[string]*v1alpha1.Tenant
	suspensions map[string][]v1alpha1.Suspension
	workplace   *v1alpha1.Workplace
	broken      string // what cannot be read
}

// newWorld reads a family: "t under r; r reseller; r suspended NAME since 1h".
func newWorld(family string) *world {
	w := &world{
		tenants: map[string]*v1alpha1.Tenant{}, suspensions: map[string][]v1alpha1.Suspension{},
		workplace: &v1alpha1.Workplace{ObjectMeta: metav1.ObjectMeta{Namespace: "tenant-t", Name: "anna"}},
	}
	for sentence := range strings.SplitSeq(family, ";") {
		words := strings.Fields(sentence)
		switch {
		case words[0] == "blocked":
			w.workplace.Spec.Access = v1alpha1.AccessBlocked
		case words[0] == "deleted":
			w.workplace.DeletionTimestamp = &metav1.Time{Time: now}
		case len(words) > 1 && words[1] == "suspended":
			w.suspensions[words[0]] = append(w.suspensions[words[0]], suspension(words[2], words[3:]))
		default:
			w.tenants[words[0]] = tenant(words[0], words[1:])
		}
	}
	return w
}

func tenant(name string, words []string) *v1alpha1.Tenant {
	t := &v1alpha1.Tenant{ObjectMeta: metav1.ObjectMeta{Name: name}}
	contract := metav1.Condition{Type: v1alpha1.ConditionContractActive, Status: metav1.ConditionTrue, Reason: v1alpha1.ReasonActive}
	for len(words) > 0 {
		word := words[0]
		words = words[1:]
		switch word {
		case "under":
			t.Spec.ResellerRef, words = &v1alpha1.Reference{Name: v1alpha1.ObjectName(words[0])}, words[1:]
		case "reseller":
			t.Spec.Reseller = new(bool)
			*t.Spec.Reseller = true
		case "ended":
			contract.Status, contract.Reason = metav1.ConditionFalse, string(v1alpha1.EndNotice)
		case "notstarted":
			contract.Status, contract.Reason = metav1.ConditionFalse, v1alpha1.ReasonNotStarted
		case "unjudged":
			contract.Status, contract.Reason = metav1.ConditionUnknown, v1alpha1.ReasonTermsNotFound
		default:
			panic(word)
		}
	}
	t.Status.Conditions = v1alpha1.Conditions{contract}
	return t
}

func suspension(name string, words []string) v1alpha1.Suspension {
	s := v1alpha1.Suspension{
		ObjectMeta: metav1.ObjectMeta{Name: name, CreationTimestamp: metav1.Time{Time: now.Add(-time.Hour)}},
		Spec:       v1alpha1.SuspensionSpec{Cause: v1alpha1.CauseManual, Reason: "a letter"},
	}
	switch strings.Join(words[:min(1, len(words))], "") {
	case "":
	case "since":
		after, err := time.ParseDuration(words[1])
		if err != nil {
			panic(err)
		}
		s.Spec.Since = &metav1.Time{Time: now.Add(after)}
	case "lifting":
		s.Spec.Lift = true
	case "lifted":
		s.Spec.Lift, s.Status.LiftedAt = true, &metav1.Time{Time: now.Add(-time.Minute)}
	default:
		panic(words)
	}
	return s
}

func (w *world) read(what string) error {
	if w.broken == what {
		return fmt.Errorf("read %s: %w", what, errBroken)
	}
	return nil
}

func (w *world) Tenant(_ context.Context, name string) (*v1alpha1.Tenant, error) {
	if w.broken != "" {
		if err := w.read("tenant " + name); err != nil {
			return nil, err
		}
	}
	return w.tenants[name], nil
}

func (w *world) Suspensions(_ context.Context, tenant string) ([]v1alpha1.Suspension, error) {
	if w.broken != "" {
		if err := w.read("suspensions " + tenant); err != nil {
			return nil, err
		}
	}
	return w.suspensions[tenant], nil
}

func (w *world) children(_ context.Context, reseller string) ([]v1alpha1.Tenant, error) {
	var found []v1alpha1.Tenant
	for _, name := range slices.Sorted(maps.Keys(w.tenants)) {
		if ref := w.tenants[name].Spec.ResellerRef; ref != nil && string(ref.Name) == reseller {
			found = append(found, *w.tenants[name])
		}
	}
	return found, w.read("children " + reseller)
}

// rotate changes the order in which suspensions are read.
func (w *world) rotate() {
	for tenant, all := range w.suspensions {
		w.suspensions[tenant] = append(slices.Clone(all[1:]), all[0])
	}
}
