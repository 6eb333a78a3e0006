// SPDX-License-Identifier: Apache-2.0

package installation_test

import (
	"strings"
	"testing"

	"werkplek.dev/werkplek/internal/installation"
)

// TestJudge: an operator is held where its record or its objects come from
// elsewhere, and where somebody asks for it; once for each time.
func TestJudge(t *testing.T) {
	t.Parallel()
	here := installation.Place{Cluster: "cluster-a", Own: "object-a"}
	there := installation.Record{Cluster: "cluster-a", Own: "object-a"}
	record := func(edit func(*installation.Record)) *installation.Record {
		r := there
		edit(&r)
		return &r
	}
	stray := installation.Place{Cluster: "cluster-a", Strays: []string{"namespace tenant-x was made for another Tenant x"}}
	for what, row := range map[string]struct {
		written *installation.Record
		here    installation.Place
		asked   string
		hold    string // what the reason says; empty: it is not held
	}{
		"a fresh installation":                 {nil, installation.Place{Cluster: "cluster-a"}, "", ""},
		"no record, objects from elsewhere":    {nil, stray, "", "namespace tenant-x"},
		"no record, asked":                     {nil, installation.Place{Cluster: "cluster-a"}, "restore", "--hold=restore"},
		"as it was":                            {&there, here, "", ""},
		"strays are no reason where it worked": {&there, installation.Place{Cluster: "cluster-a", Own: "object-a", Strays: stray.Strays}, "", ""},
		"another cluster":                      {&there, installation.Place{Cluster: "cluster-b", Own: "object-b"}, "", "another cluster"},
		"the same cluster, restored":           {&there, installation.Place{Cluster: "cluster-a", Own: "object-b"}, "", "restored from a backup"},
		"it died before it knew its own UID":   {record(func(r *installation.Record) { r.Own = "" }), here, "", ""},
		"asked":                                {&there, here, "restore", "--hold=restore"},
		"asked, and let go since":              {record(func(r *installation.Record) { r.Asked = "restore" }), here, "restore", ""},
		"asked for another reason":             {record(func(r *installation.Record) { r.Asked = "restore" }), here, "again", "--hold=again"},
		"held by a person":                     {record(func(r *installation.Record) { r.Hold = "I say so" }), here, "", "I say so"},
		"the first reason stands":              {record(func(r *installation.Record) { r.Hold = "I say so" }), installation.Place{Cluster: "b", Own: "b"}, "x", "I say so"},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			is := installation.Judge(row.written, row.here, row.asked)
			if (is.Hold == "") != (row.hold == "") || !strings.Contains(is.Hold, row.hold) {
				t.Errorf("held because %q, want %q", is.Hold, row.hold)
			}
			if is.Cluster != row.here.Cluster || is.Own != row.here.Own {
				t.Errorf("it is recorded as %+v, and is in %+v", is, row.here)
			}
			// Who lets it act takes the reason away: it must not be held for the same again.
			is.Hold = ""
			if again := installation.Judge(&is, row.here, row.asked); again.Hold != "" {
				t.Errorf("let go, it is held again: %q", again.Hold)
			}
		})
	}
}
