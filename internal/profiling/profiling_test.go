// SPDX-License-Identifier: Apache-2.0

package profiling

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestLoopback: profiles are had from the machine itself, and from no other.
func TestLoopback(t *testing.T) {
	t.Parallel()
	for address, served := range map[string]bool{
		"127.0.0.1:0": true, "localhost:0": true, ":0": false, "0.0.0.0:0": false, "[::]:0": false, "nowhere": false,
	} {
		listener, err := listen(t.Context(), address)
		if err == nil {
			listener.Close()
		}
		if (err == nil) != served {
			t.Errorf("%s: served: %t, want %t (%v)", address, err == nil, served, err)
		}
	}
	err := Serve(t.Context(), "0.0.0.0:0")
	if err == nil || !strings.Contains(err.Error(), "give a loopback address") {
		t.Errorf("an open address: %v, want what to do", err)
	}
}

// TestProfiles: what a goroutine dump needs is there.
func TestProfiles(t *testing.T) {
	t.Parallel()
	answer := httptest.NewRecorder()
	handler().ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/debug/pprof/goroutine?debug=2", nil))
	if answer.Code != http.StatusOK || !strings.Contains(answer.Body.String(), "goroutine ") {
		t.Errorf("%d %.100s", answer.Code, answer.Body)
	}
}
