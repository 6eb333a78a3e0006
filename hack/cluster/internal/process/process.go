// SPDX-License-Identifier: Apache-2.0

// Package process starts, watches and stops the components of a cluster.
package process

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// Process is a started component.
type Process struct {
	Name    string
	LogPath string

	cmd  *exec.Cmd
	done chan struct{}
	err  error // set before done is closed
}

// Start runs the program at path and sends its output to a new file at
// logPath. The process does not outlive this one.
func Start(name, logPath, path string, args ...string) (*Process, error) {
	log, err := os.Create(logPath)
	if err != nil {
		return nil, err
	}
	defer log.Close() // the child has its own copy

	cmd := exec.Command(path, args...)
	cmd.Stdout = log
	cmd.Stderr = log
	if err := start(cmd); err != nil {
		return nil, fmt.Errorf("starting %s: %w", name, err)
	}
	p := &Process{Name: name, LogPath: logPath, cmd: cmd, done: make(chan struct{})}
	go func() {
		p.err = cmd.Wait()
		close(p.done)
	}()
	return p, nil
}

// PID is the process's id.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Done is closed when the process has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Stop asks the process to end, and kills it if it is still there after grace.
// It returns when the process has ended.
func (p *Process) Stop(grace time.Duration) {
	_ = p.cmd.Process.Signal(syscall.SIGTERM) // fails only when it ended already
	select {
	case <-p.done:
	case <-time.After(grace):
		_ = p.cmd.Process.Kill()
		<-p.done
	}
}

// Failure describes the unexpected end of a process that is done.
func (p *Process) Failure() *ExitError {
	<-p.done
	status := "exit status 0"
	if p.err != nil {
		status = p.err.Error()
	}
	return &ExitError{Name: p.Name, Status: status, LogPath: p.LogPath, LogTail: Tail(p.LogPath, 15)}
}

// ExitError says that a component ended although nobody had asked it to.
type ExitError struct {
	Name    string
	Status  string
	LogPath string
	LogTail string
}

func (e *ExitError) Error() string {
	return fmt.Sprintf("%s ended unexpectedly (%s); the last lines of %s:\n%s", e.Name, e.Status, e.LogPath, e.LogTail)
}

// PortTaken says whether the process ended because somebody else listens on
// the port it was given.
func (e *ExitError) PortTaken() bool {
	return strings.Contains(e.LogTail, "address already in use")
}

// tailBytes bounds how much of a log Tail reads.
const tailBytes = 64 << 10

// Tail returns the last lines of the file at path, indented; where that fails
// it says so instead.
func Tail(path string, lines int) string {
	file, err := os.Open(path)
	if err != nil {
		return "    (" + err.Error() + ")"
	}
	defer file.Close()
	var content bytes.Buffer
	if info, err := file.Stat(); err == nil && info.Size() > tailBytes {
		_, _ = file.Seek(-tailBytes, 2)
	}
	if _, err := content.ReadFrom(file); err != nil {
		return "    (" + err.Error() + ")"
	}
	all := strings.Split(strings.TrimRight(content.String(), "\n"), "\n")
	return "    " + strings.Join(all[max(0, len(all)-lines):], "\n    ")
}
