// SPDX-License-Identifier: Apache-2.0

package futures

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"werkplek.dev/werkplek/test/cluster"
)

// soon bounds what the operator does at one moment.
const soon = 60 * time.Second

// days is how long each history is.
const days = 400

// TestForetoldIsDone lives through random histories, all on one clock. At every
// moment at which a forecast foretells something, the operator must do just that.
func TestForetoldIsDone(t *testing.T) {
	if testing.Short() {
		t.Skip("takes minutes")
	}
	// All objects are made before the first moment, by the API server's own clock.
	start := time.Now().Add(2 * time.Minute).Truncate(time.Minute)
	o := startOperator(t, start)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the end of the operator's log:\n%s", o.lastWords())
		}
	})
	var lives []*life
	for _, seed := range seeds(t) {
		lives = append(lives, begin(t, seed, start))
	}
	for _, l := range lives {
		cluster.Eventually(t, soon, "the namespace of "+l.tenant, l.furnished)
		must(t, l.move(t.Context()))
	}
	settle(t, o, lives)
	whose := map[time.Time][]*life{}
	for _, l := range lives {
		for _, moment := range l.foretell(t, start) {
			whose[moment] = append(whose[moment], l)
		}
	}
	moments := slices.SortedFunc(maps.Keys(whose), time.Time.Compare)
	t.Logf("%d tenants, %d moments until %s", len(lives), len(moments), written(moments[len(moments)-1]))
	for _, moment := range moments {
		o.clock.SetTime(moment)
		for _, l := range whose[moment] {
			must(t, l.happens(t.Context(), moment))
		}
		settle(t, o, whose[moment])
	}
	happened := map[string]int{}
	for _, l := range lives {
		t.Run(fmt.Sprint(l.seed), func(t *testing.T) { l.compare(t, o) })
		for _, act := range o.done(l.namespace()) {
			_, act, _ = strings.Cut(act, " ")
			what, _, _ := strings.Cut(act, " ")
			happened[what]++
		}
	}
	t.Logf("what happened: %v", happened)
	if len(lives) < seedsByDefault {
		return
	}
	// What never happens is foretold well for nothing.
	for _, what := range []string{"Suspend", "Lift", "Charge", "Notice"} {
		if happened[what] == 0 {
			t.Errorf("in no history was there a %s", what)
		}
	}
}
