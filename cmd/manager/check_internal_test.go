// SPDX-License-Identifier: Apache-2.0

package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// TestCheck: what starts late is waited for, and what never answers well is named.
func TestCheck(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/never", r.URL.Path == "/late" && asked.Add(1) < 3:
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	t.Cleanup(server.Close)
	for name, test := range map[string]struct {
		paths []string
		want  string // what the error says; empty: none
	}{
		"both answer":     {[]string{"/readyz", "/late"}, ""},
		"one never does":  {[]string{"/readyz", "/never"}, "/never did not answer well within 200ms: 503"},
		"nobody is there": {[]string{"0"}, "did not answer well"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var urls []string
			for _, path := range test.paths {
				urls = append(urls, server.URL+path)
			}
			err := check(t.Context(), server.Client(), urls, 200*time.Millisecond, time.Millisecond)
			if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
				t.Errorf("want an error that says %q, got %v", test.want, err)
			}
		})
	}
}
