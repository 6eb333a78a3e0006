// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"html"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/tsdb"
)

// dashboard is what is drawn of one.
type dashboard struct {
	Title  string
	Panels []panel
}

type panel struct {
	Type, Title string
	GridPos     struct{ X, Y, W, H int }
	FieldConfig struct{ Defaults struct{ Unit string } }
	Targets     []struct{ Expr, LegendFormat string }
}

const (
	column, line = 50, 30 // of the grid, in pixels
	margin, head = 10, 50
	names        = 8 // that a panel's legend shows
)

var (
	colours = []string{
		"#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2", "#7f7f7f", "#bcbd22", "#17becf",
	}
	label = regexp.MustCompile(`{{\s*(\w+)\s*}}`)
)

// series is one line of a panel.
type series struct {
	name   string
	points []promql.FPoint
}

// draw draws a dashboard as an SVG.
func draw(ctx context.Context, db *tsdb.DB, board dashboard, from, to time.Time) (string, error) {
	engine := promql.NewEngine(promql.EngineOpts{
		MaxSamples: 1e7, Timeout: time.Minute, LookbackDelta: 15 * time.Second,
	})
	defer engine.Close()
	var picture strings.Builder
	bottom := 0
	for _, p := range board.Panels {
		bottom = max(bottom, p.GridPos.Y+p.GridPos.H)
	}
	fmt.Fprintf(&picture, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" `+
		`font-family="sans-serif" font-size="12">`, 24*column+2*margin, bottom*line+head+margin)
	fmt.Fprintf(&picture, `<rect width="100%%" height="100%%" fill="#f4f5f5"/>`+
		`<text x="%d" y="32" font-size="20">%s</text>`,
		margin, html.EscapeString(board.Title))
	for _, p := range board.Panels {
		var all []series
		for _, target := range p.Targets {
			matrix, err := ask(ctx, engine, db, target.Expr, from, to)
			if err != nil {
				return "", fmt.Errorf("%s: %w", p.Title, err)
			}
			for _, found := range matrix {
				name := label.ReplaceAllStringFunc(target.LegendFormat, func(of string) string {
					return found.Metric.Get(label.FindStringSubmatch(of)[1])
				})
				all = append(all, series{name, found.Floats})
			}
		}
		p.draw(&picture, all, from, to)
	}
	picture.WriteString("</svg>\n")
	return picture.String(), nil
}

func (p panel) draw(picture *strings.Builder, all []series, from, to time.Time) {
	x, y := margin+p.GridPos.X*column, head+p.GridPos.Y*line
	w, h := p.GridPos.W*column-6, p.GridPos.H*line-6
	fmt.Fprintf(picture, `<g transform="translate(%d,%d)"><rect width="%d" height="%d" fill="#fff" stroke="#ddd"/>`+
		`<text x="8" y="18" font-weight="bold">%s</text>`, x, y, w, h, html.EscapeString(p.Title))
	switch {
	case len(all) == 0:
		fmt.Fprintf(picture, `<text x="%d" y="%d" fill="#888">No data</text>`, w/2-24, h/2+6)
	case p.Type == "stat":
		last := all[0].points[len(all[0].points)-1].F
		fmt.Fprintf(picture, `<text x="%d" y="%d" font-size="32" text-anchor="middle">%s</text>`,
			w/2, h/2+24, p.written(last))
	default:
		p.lines(picture, all, from, to, w, h)
	}
	picture.WriteString("</g>")
}

// lines draws the series of a panel, and names those of the most.
func (p panel) lines(picture *strings.Builder, all []series, from, to time.Time, w, h int) {
	least, most := 0.0, 0.0
	for _, s := range all {
		for _, point := range s.points {
			if !math.IsNaN(point.F) {
				least, most = min(least, point.F), max(most, point.F)
			}
		}
	}
	if most == least {
		most = least + 1
	}
	left, right, top, low := 70.0, float64(w-10), 30.0, float64(h-22-14*((min(len(all), names)+3)/4))
	for i := range 3 {
		value := least + (most-least)*float64(i)/2
		at := low - (low-top)*float64(i)/2
		fmt.Fprintf(picture, `<line x1="%.0f" x2="%.0f" y1="%.1f" y2="%.1f" stroke="#eee"/>`+
			`<text x="%.0f" y="%.1f" text-anchor="end" fill="#666">%s</text>`,
			left, right, at, at, left-6, at+4, p.written(value))
	}
	for i, s := range all {
		colour := colours[i%len(colours)]
		var path []string
		for _, point := range s.points {
			if !math.IsNaN(point.F) {
				gone := float64(point.T-from.UnixMilli()) / float64(to.Sub(from).Milliseconds())
				path = append(path, fmt.Sprintf("%.1f,%.1f",
					left+(right-left)*gone, low-(low-top)*(point.F-least)/(most-least)))
			}
		}
		fmt.Fprintf(picture, `<polyline points="%s" fill="none" stroke="%s" stroke-width="1.5"/>`,
			strings.Join(path, " "), colour)
		if i < names {
			fmt.Fprintf(picture, `<text x="%d" y="%.0f" fill="%s">%s</text>`,
				8+(i%4)*(w/4), low+18+float64(14*(i/4)), colour, html.EscapeString(s.name))
		}
	}
}

// written writes a value in the panel's unit.
func (p panel) written(value float64) string {
	switch p.FieldConfig.Defaults.Unit {
	case "s":
		return time.Duration(value * float64(time.Second)).Round(time.Millisecond).String()
	case "bytes":
		return strconv.FormatFloat(value/(1<<20), 'f', 0, 64) + " MiB"
	case "percentunit":
		return strconv.FormatFloat(value*100, 'f', 1, 64) + " %"
	case "ops", "reqps":
		return strconv.FormatFloat(value, 'g', 3, 64) + "/s"
	}
	return strconv.FormatFloat(value, 'g', 4, 64)
}
