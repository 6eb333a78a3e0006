// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"testing"
	"time"
)

// startTimeout bounds the start of a shared cluster. A first start on a
// machine builds Kubernetes.
const startTimeout = 30 * time.Minute

var shared *Cluster

// Config is what Main installs: the paths, in the repository, of the CRDs, the
// roles and the admission policies.
var Config = []string{"config/crd/bases", "config/rbac", "config/admission"}

// Main starts one cluster for the test binary, installs Config in it, runs the
// tests, stops the cluster and exits. It is all that a TestMain needs.
func Main(m *testing.M) {
	flag.Parse()
	os.Exit(run(m))
}

// Shared returns the cluster that Main started.
func Shared() *Cluster {
	if shared == nil {
		panic("cluster.Shared needs: func TestMain(m *testing.M) { cluster.Main(m) }")
	}
	return shared
}

func run(m *testing.M) (code int) {
	defer removeBinary()
	var progress io.Writer
	if testing.Verbose() {
		progress = os.Stderr
	}
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	c, err := Start(ctx, Options{Progress: progress})
	if err != nil {
		return fail(err)
	}
	defer func() {
		if err := c.Stop(); err != nil {
			code = fail(fmt.Errorf("stop the cluster: %w", err))
		}
	}()
	if err := c.Install(ctx, Config...); err != nil {
		return fail(err)
	}
	shared = c
	return m.Run()
}

func fail(err error) int {
	fmt.Fprintln(os.Stderr, err)
	return 1
}
