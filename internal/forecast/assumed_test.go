// SPDX-License-Identifier: Apache-2.0

package forecast_test

import (
	"strings"
	"testing"

	"werkplek.dev/werkplek/internal/forecast"
)

// TestAssumed: what somebody says otherwise is not assumed beside it.
func TestAssumed(t *testing.T) {
	t.Parallel()
	const paid = "What is charged is taken to be invoiced at once, and paid"
	for name, test := range map[string]struct {
		ifs           string
		want, without string
	}{
		"nothing said":       {"", paid + ".", "--if"},
		"from today on":      {"nothing paid", "The billing system is taken to report every day.", "paid."},
		"from a day on":      {"nothing paid from 2030-01-01", paid + ", until --if says otherwise on 2030-01-01.", paid + "."},
		"an open invoice":    {"all paid on 2030-01-02", "stays open (1 invoice), until --if says otherwise on 2030-01-02.", "(1 invoice)."},
		"silence":            {"billing silent from 2030-01-01 to 2030-02-01", "report every day, until --if says otherwise on 2030-01-01.", "every day."},
		"no mail":            {"mail dead from 2030-01-01 to 2030-02-01", "sent at once, until --if says otherwise on 2030-01-01.", "at once."},
		"nobody works there": {"unused", paid + ".", "to stay in use"},
		"something else":     {"notice on 2030-01-01", paid + ".", "--if"},
	} {
		sim, err := forecast.Of(morning, hostedObject(), owing())
		if err != nil {
			t.Fatal(err)
		}
		if test.ifs != "" {
			if err := forecast.If(sim, nil, test.ifs); err != nil {
				t.Fatal(err)
			}
		}
		said := strings.Join(sim.Assumed(), "\n")
		if !strings.Contains(said, test.want) || strings.Contains(said, test.without) {
			t.Errorf("%s: want %q and not %q, it says:\n%s", name, test.want, test.without, said)
		}
	}
}
