// SPDX-License-Identifier: Apache-2.0

// Package futures lives through random histories twice: as the forecast foretells
// them, and with the real reconcilers on a real API server, on a clock that the
// test sets. What was foretold must be what was done.
package futures

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"github.com/go-logr/logr"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"werkplek.dev/werkplek/test/cluster"
)

func TestMain(m *testing.M) {
	log.SetLogger(logr.Discard()) // what the operator logs is kept for whom a test fails
	cluster.Main(m)
}

// The environment variables by which a person runs more of these tests, or one again.
const (
	seedVariable  = "WERKPLEK_SEED"  // only this one
	countVariable = "WERKPLEK_SEEDS" // so many
)

const seedsByDefault = 6

func seeds(t *testing.T) []uint64 {
	t.Helper()
	if text := os.Getenv(seedVariable); text != "" {
		seed, err := strconv.ParseUint(text, 10, 64)
		must(t, err)
		return []uint64{seed}
	}
	count := seedsByDefault
	if text := os.Getenv(countVariable); text != "" {
		var err error
		count, err = strconv.Atoi(text)
		must(t, err)
	}
	list := make([]uint64, count)
	for i := range list {
		list[i] = uint64(i + 1)
	}
	return list
}

// dice invents.
type dice struct{ *rand.Rand }

func roll(seed uint64) dice { return dice{rand.New(rand.NewPCG(seed, 1865))} }

func (d dice) chance(percent int) bool { return d.IntN(100) < percent }

func pick[T any](d dice, from ...T) T { return from[d.IntN(len(from))] }

func must(t *testing.T, faults ...error) {
	t.Helper()
	if err := errors.Join(faults...); err != nil {
		t.Fatal(err)
	}
}

// named is a name of one seed's, so that many fit one cluster.
func named(seed uint64, name string) string { return fmt.Sprintf("f%d-%s", seed, name) }
