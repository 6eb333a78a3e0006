// SPDX-License-Identifier: Apache-2.0

// Pictures draws the dashboards from real figures: it scrapes a manager or a portal
// for a while, asks Prometheus' own engine what each panel asks, and writes an SVG for
// each dashboard. They are what the panels hold, not how Grafana would show them.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/tsdb"
)

func main() {
	urls := flag.String("scrape", "http://127.0.0.1:8480/metrics", "comma-separated URLs of metrics")
	every := flag.Duration("every", time.Second, "how often to scrape")
	last := flag.Duration("for", 2*time.Minute, "for how long; an interrupt ends it sooner")
	boards := flag.String("dashboards", "../../config/monitoring/dashboards", "folder of the dashboards")
	to := flag.String("to", ".", "folder to write the pictures to")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, strings.Split(*urls, ","), *every, *last, *boards, *to); err != nil {
		fmt.Fprintln(os.Stderr, "pictures:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, urls []string, every, last time.Duration, boards, to string) error {
	dir, err := os.MkdirTemp("", "werkplek-pictures-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	db, err := tsdb.Open(dir, slog.New(slog.DiscardHandler), nil, tsdb.DefaultOptions(), nil)
	if err != nil {
		return err
	}
	defer db.Close()
	from := time.Now()
	scrapes := gather(ctx, db, urls, every, last)
	if scrapes == 0 {
		return fmt.Errorf("nothing was scraped from %s: does it run?", strings.Join(urls, ", "))
	}
	fmt.Printf("%d scrapes\n", scrapes)
	found, err := filepath.Glob(filepath.Join(boards, "*.json"))
	if err != nil {
		return err
	}
	for _, path := range found {
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var board dashboard
		if err := json.Unmarshal(data, &board); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		picture, err := draw(context.WithoutCancel(ctx), db, board, from, time.Now())
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		name := filepath.Join(to, strings.TrimSuffix(filepath.Base(path), ".json")+".svg")
		if err := os.WriteFile(name, []byte(picture), 0o644); err != nil {
			return err
		}
		fmt.Println(name)
	}
	return nil
}

// gather scrapes until it is time, and returns how often it could.
func gather(ctx context.Context, db *tsdb.DB, urls []string, every, last time.Duration) int {
	ctx, cancel := context.WithTimeout(ctx, last)
	defer cancel()
	tick := time.NewTicker(every)
	defer tick.Stop()
	done := 0
	for {
		for _, url := range urls {
			if err := scrape(ctx, db, url); err == nil {
				done++
			}
		}
		select {
		case <-ctx.Done():
			return done
		case <-tick.C:
		}
	}
}

func scrape(ctx context.Context, db *tsdb.DB, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(response.Body)
	if err != nil {
		return err
	}
	now := model.TimeFromUnixNano(time.Now().UnixNano())
	into := db.Appender(context.WithoutCancel(ctx))
	for _, family := range families {
		samples, err := expfmt.ExtractSamples(&expfmt.DecodeOptions{Timestamp: now}, family)
		if err != nil {
			continue // of a type that no panel shows
		}
		for _, sample := range samples {
			builder := labels.NewBuilder(labels.EmptyLabels())
			for name, value := range sample.Metric {
				builder.Set(string(name), string(value))
			}
			builder.Set("job", "werkplek").Set("instance", request.URL.Host)
			if _, err := into.Append(0, builder.Labels(), int64(now), float64(sample.Value)); err != nil {
				return err
			}
		}
	}
	return into.Commit()
}

// ask asks what a panel asks, from one moment to another.
func ask(
	ctx context.Context, engine *promql.Engine, db *tsdb.DB, expr string, from, to time.Time,
) (promql.Matrix, error) {
	step := max(to.Sub(from)/200, time.Second)
	query, err := engine.NewRangeQuery(ctx, db, nil, expr, from, to, step)
	if err != nil {
		return nil, err
	}
	defer query.Close()
	return query.Exec(ctx).Matrix()
}
