// SPDX-License-Identifier: Apache-2.0

// Package run runs other programs and turns their failures into errors that
// say what they said.
package run

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
)

// Command is a program about to run. The zero value runs it here and as we are.
type Command struct {
	Dir   string
	Env   []string // added to ours
	Stdin io.Reader
	// Progress, if there is one, gets what the program tells on standard error.
	Progress io.Writer
}

// Output runs a program and returns its standard output.
func (c Command) Output(ctx context.Context, name string, args ...string) (string, error) {
	var stdout, stderr bytes.Buffer
	if err := c.run(ctx, &stdout, &stderr, name, args); err != nil {
		return "", err
	}
	return strings.TrimSpace(stdout.String()), nil
}

// Run runs a program. Its output is shown only if it fails.
func (c Command) Run(ctx context.Context, name string, args ...string) error {
	var output bytes.Buffer
	return c.run(ctx, &output, &output, name, args)
}

// shown is how many of the last lines of a failed program are worth reading.
const shown = 15

func (c Command) run(ctx context.Context, stdout, stderr *bytes.Buffer, name string, args []string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = c.Dir, c.Stdin, stdout, stderr
	cmd.Env = append(os.Environ(), c.Env...)
	if c.Progress != nil {
		cmd.Stderr = c.Progress
	}
	err := cmd.Run()
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	lines := strings.Split(strings.TrimSpace(stderr.String()), "\n")
	if len(lines) > shown {
		lines = lines[len(lines)-shown:]
	}
	return fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, strings.Join(lines, "\n"))
}
