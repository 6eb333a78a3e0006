// SPDX-License-Identifier: Apache-2.0

package portal

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/go-logr/logr"

	"werkplek.dev/werkplek/internal/tracing"
	"werkplek.dev/werkplek/test/cluster"
	"werkplek.dev/werkplek/test/collector"
	"werkplek.dev/werkplek/test/world"
)

// TestTraces has the real operator and the portal send traces of what they really
// do: reconciles with their steps and what these ask the API server, and a visit from
// the portal to the desktop. None of it names a person.
func TestTraces(t *testing.T) {
	received := collector.Start()
	defer received.Close()
	stop, err := tracing.Start(t.Context(), tracing.Options{
		Endpoint: received.URL(), Ratio: 1, Service: "werkplek-portal", Log: logr.Discard(),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	manage(t, "--tracing-endpoint="+received.URL(), "--tracing-sample-ratio=1")
	p := open(t)
	w := world.World{Client: cluster.Shared().Client, Name: "traces"}
	provide(t, w, "t")
	desk := host(w, "t", "anna")
	b := p.browser(t).signIn(user(w, "t", "anna"))
	b.visit("https://" + desk + "/")
	b.do(http.MethodGet, "https://"+desk+"/app", nil, func(r *http.Request) {
		r.Header.Set("Sec-Fetch-Dest", "iframe")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	})
	b.live(desk) // whose trace ends although the connection goes on

	for _, path := range [][]string{
		{"reconcile Tenant"},
		{"reconcile Workplace", "run the desktop", "POST pods"},
		{"reconcile Workplace", "PATCH workplaces/status"},
		{"reconcile UsageRecord"},
		{"visit the portal"},
		{"visit a workplace", "judge access"},
		{"visit a workplace", "find the desktop"},
		{"visit a workplace", "ask the desktop"},
	} {
		cluster.Eventually(t, soon, strings.Join(path, " > "), func(context.Context) error {
			if _, found := received.Path(path...); !found {
				return fmt.Errorf("%d spans were received, and none is that", len(received.Spans()))
			}
			return nil
		})
	}
	cluster.Eventually(t, soon, "the switch of an open connection", func(context.Context) error {
		for _, span := range received.Spans() {
			if span.Name == "ask the desktop" && span.Attributes["http.response.status_code"] == "101" {
				return nil
			}
		}
		return fmt.Errorf("%d spans were received, and none is that", len(received.Spans()))
	})
	if text := received.String(); strings.Contains(text, user(w, "t", "anna")) || strings.Contains(text, "127.0.0.1") {
		t.Errorf("somebody is named in a trace:\n%s", text)
	}
}
