// SPDX-License-Identifier: Apache-2.0

// Arrows fails when a package imports what its room may not: a controller
// another controller, a pure package a client, the API anything of ours. The
// rooms stand in rooms.go.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
)

func main() {
	packages, err := list(context.Background())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	faults := check(house, packages)
	for _, fault := range faults {
		fmt.Fprintln(os.Stderr, fault)
	}
	if len(faults) > 0 {
		fmt.Fprintln(os.Stderr,
			"What each room may import stands in hack/arrows/rooms.go; what two rooms need lies below both.")
		os.Exit(1)
	}
}

// pkg is what go list tells of a package.
type pkg struct {
	ImportPath   string
	Imports      []string
	TestImports  []string
	XTestImports []string
}

// list returns the packages of the working directory's module and all that they import.
func list(ctx context.Context) ([]pkg, error) {
	command := exec.CommandContext(ctx, "go", "list", "-deps",
		"-json=ImportPath,Imports,TestImports,XTestImports", "./...")
	command.Stderr = os.Stderr
	out, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, err
	}
	var packages []pkg
	for decoder := json.NewDecoder(out); ; {
		var p pkg
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return packages, command.Wait()
		} else if err != nil {
			return nil, errors.Join(fmt.Errorf("what go list says is not understood: %w", err), command.Wait())
		}
		packages = append(packages, p)
	}
}
