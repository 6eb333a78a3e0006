// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
)

// BinaryVariable is the environment variable with the path of a built
// hack/cluster. Without it, the first start builds one.
const BinaryVariable = "WERKPLEK_CLUSTER"

// Root returns the root directory of this repository's checkout.
func Root() string {
	_, file, _, ok := runtime.Caller(0)
	if !ok {
		panic("the path of this source file is unknown")
	}
	return filepath.Join(filepath.Dir(file), "..", "..")
}

// built remembers the program that this process built.
var built struct {
	sync.Mutex
	dir string
}

// binary returns the path of the program that runs clusters.
func binary(ctx context.Context) (string, error) {
	if path := os.Getenv(BinaryVariable); path != "" {
		return path, nil
	}
	built.Lock()
	defer built.Unlock()
	if built.dir != "" {
		return filepath.Join(built.dir, "cluster"), nil
	}
	dir, err := os.MkdirTemp("", "werkplek-cluster-build-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "cluster")
	build := exec.CommandContext(ctx, "go", "build", "-C", filepath.Join(Root(), "hack", "cluster"), "-o", path, ".")
	if output, err := build.CombinedOutput(); err != nil {
		_ = os.RemoveAll(dir)
		return "", fmt.Errorf("build hack/cluster: %w\n%s", err, output)
	}
	built.dir = dir
	return path, nil
}

// removeBinary removes the program that this process built, if it did.
func removeBinary() {
	built.Lock()
	defer built.Unlock()
	if built.dir != "" {
		_ = os.RemoveAll(built.dir)
		built.dir = ""
	}
}

// Kubectl returns the path of the kubectl that was built with the clusters.
func Kubectl(ctx context.Context) (string, error) {
	program, err := binary(ctx)
	if err != nil {
		return "", err
	}
	find := exec.CommandContext(ctx, program, "assets", "-hack", filepath.Join(Root(), "hack"))
	find.Stderr = os.Stderr
	dir, err := find.Output()
	if err != nil {
		return "", fmt.Errorf("find kubectl: %w", err)
	}
	return filepath.Join(strings.TrimSpace(string(dir)), "kubectl"), nil
}
