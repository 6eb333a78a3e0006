// SPDX-License-Identifier: Apache-2.0

package monitoring

import (
	"encoding/json"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// dashboard is what Grafana reads, as far as these tests look at it.
type dashboard struct {
	UID, Title, Description string
	Tags                    []string
	Templating              struct {
		List []struct{ Name, Type, Query string }
	}
	Panels []panel
}

type panel struct {
	ID                       int
	Type, Title, Description string
	Datasource               struct{ UID string }
	GridPos                  struct{ X, Y, W, H int }
	FieldConfig              struct{ Defaults struct{ Unit string } }
	Targets                  []struct {
		RefID, Expr, LegendFormat string
		Datasource                struct{ UID string }
	}
}

var legend = regexp.MustCompile(`{{\s*(\w+)\s*}}`)

// TestDashboards: each panel asks for what is served, says in which unit it is and
// what it means, and finds its data source by the variable; none lies on another.
func TestDashboards(t *testing.T) {
	t.Parallel()
	found, err := filepath.Glob(filepath.Join(root, "config", "monitoring", "dashboards", "*.json"))
	if err != nil || len(found) != 4 {
		t.Fatalf("%d dashboards were found: %v", len(found), err)
	}
	known := served(t)
	titles := map[string]bool{}
	for _, path := range found {
		var d dashboard
		if err := json.Unmarshal([]byte(read(t, path)), &d); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if d.UID != strings.TrimSuffix(filepath.Base(path), ".json") || d.Description == "" || titles[d.Title] || !slices.Contains(d.Tags, "werkplek") {
			t.Errorf("%s: uid %q, title %q, tags %q: the uid is the file's name, the title its own", path, d.UID, d.Title, d.Tags)
		}
		titles[d.Title] = true
		if v := d.Templating.List; len(v) != 1 || v[0].Name != "datasource" || v[0].Type != "datasource" || v[0].Query != "prometheus" {
			t.Errorf("%s: its variables are %+v, want the data source", path, v)
		}
		if len(d.Panels) < 5 {
			t.Errorf("%s has %d panels: it was not understood", path, len(d.Panels))
		}
		for i := range d.Panels {
			d.Panels[i].check(t, d.Title, known)
			for _, other := range d.Panels[:i] {
				if other.ID == d.Panels[i].ID || other.Title == d.Panels[i].Title || other.overlaps(d.Panels[i]) {
					t.Errorf("%s: %q and %q have an id, a title or a place in common", d.Title, other.Title, d.Panels[i].Title)
				}
			}
		}
	}
}

func (p panel) overlaps(q panel) bool {
	a, b := p.GridPos, q.GridPos
	return a.X < b.X+b.W && b.X < a.X+a.W && a.Y < b.Y+b.H && b.Y < a.Y+a.H
}

func (p panel) check(t *testing.T, board string, known metrics) {
	t.Helper()
	where := board + ", " + p.Title
	if p.Title == "" || p.Description == "" || p.FieldConfig.Defaults.Unit == "" || len(p.Targets) == 0 {
		t.Errorf("%s: it needs a title, a description, a unit and something to show", where)
	}
	if p.GridPos.W <= 0 || p.GridPos.H <= 0 || p.GridPos.X+p.GridPos.W > 24 {
		t.Errorf("%s: it lies at %+v, of 24 columns", where, p.GridPos)
	}
	for _, target := range p.Targets {
		if target.Datasource.UID != "${datasource}" || p.Datasource.UID != "${datasource}" {
			t.Errorf("%s: it asks %q, want the variable", where, target.Datasource.UID)
		}
		known.check(t, where, target.Expr)
		for _, label := range legend.FindAllStringSubmatch(target.LegendFormat, -1) {
			if !strings.Contains(target.Expr, label[1]) && label[1] != "instance" {
				t.Errorf("%s: its legend shows %s, by which %q is not summed up", where, label[1], target.Expr)
			}
		}
	}
}
