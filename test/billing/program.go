// SPDX-License-Identifier: Apache-2.0

// Package billing runs the examples of how to join a billing system, which are in
// docs/examples/billing, against a real API server, and compares what they do.
package billing

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"werkplek.dev/werkplek/test/cluster"
)

// program is one of the examples.
type program struct {
	name string
	// needs are what it calls.
	needs []string
	// command begins the command line.
	command []string
}

// programs builds what must be built, below a folder.
func programs(dir string) ([]program, error) {
	examples := filepath.Join(cluster.Root(), "docs", "examples", "billing")
	binary := filepath.Join(dir, "billing")
	build := exec.Command("go", "build", "-C", filepath.Join(examples, "billing-go"), "-o", binary, ".")
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build the example in Go: %w\n%s", err, out)
	}
	return []program{
		{"Go", nil, []string{binary}},
		{"Python", []string{"python3"}, []string{"python3", filepath.Join(examples, "billing.py")}},
		{"curl", []string{"bash", "awk", "curl", "jq"}, []string{"bash", filepath.Join(examples, "billing.sh")}},
	}, nil
}

// missing names a program that this one calls and that is not on this machine.
func (p program) missing() string {
	for _, name := range p.needs {
		if _, err := exec.LookPath(name); err != nil {
			return name
		}
	}
	return ""
}

// run runs the program and returns what it said and its exit status.
func (p program) run(env []string, arguments ...string) (string, int, error) {
	command := exec.Command(p.command[0], append(p.command[1:], arguments...)...)
	command.Env = append(os.Environ(), env...)
	var said, problem bytes.Buffer
	command.Stdout, command.Stderr = &said, &problem
	err := command.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		err = nil
	}
	if problem.Len() > 0 {
		err = errors.Join(err, fmt.Errorf("%s complains: %s", p.name, problem.String()))
	}
	return said.String(), command.ProcessState.ExitCode(), err
}
