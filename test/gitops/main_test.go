// SPDX-License-Identifier: Apache-2.0

// Package gitops holds every kind to what tools that know nothing of it, such as
// Flux, Argo CD and kubectl wait, conclude from its status.
package gitops

import (
	"testing"
	"time"

	"werkplek.dev/werkplek/test/operator"
)

// soon is how long the operator may take, on a busy machine.
const soon = 30 * time.Second

func TestMain(m *testing.M) { operator.Main(m) }

// must ends a test on an error.
func must(t *testing.T, faults ...error) {
	t.Helper()
	for _, err := range faults {
		if err != nil {
			t.Fatal(err)
		}
	}
}
