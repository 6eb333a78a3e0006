// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// stopTimeout is how long a cluster may take to stop before it is killed.
const stopTimeout = time.Minute

// process is the program that runs a cluster in the foreground. It stops when
// its standard input ends: closed by stop, or by the kernel when the test
// binary dies, so that no cluster outlives its tests.
type process struct {
	command *exec.Cmd
	output  *tail
	stdin   io.Closer
	exited  chan struct{}
	err     error // of Wait; read after exited is closed
	once    sync.Once
}

func newProcess(command *exec.Cmd, progress io.Writer) *process {
	p := &process{command: command, output: &tail{to: progress}, exited: make(chan struct{})}
	command.Stderr = p.output
	return p
}

// start starts the program and returns the path of the kubeconfig, once the
// cluster is ready.
func (p *process) start(ctx context.Context) (string, error) {
	stdin, err := p.command.StdinPipe()
	if err != nil {
		return "", err
	}
	stdout, err := p.command.StdoutPipe()
	if err != nil {
		return "", err
	}
	if err := p.command.Start(); err != nil {
		return "", err
	}
	p.stdin = stdin
	ready := make(chan string, 1)
	go func() {
		for lines := bufio.NewScanner(stdout); lines.Scan(); {
			if path, ok := strings.CutPrefix(lines.Text(), "ready "); ok {
				ready <- path
			}
		}
		p.err = p.command.Wait()
		close(p.exited)
	}()
	select {
	case path := <-ready:
		return path, nil
	case <-p.exited:
		return "", fmt.Errorf("%w\n%s", errors.Join(errors.New("it ended before it was ready"), p.err), p.output)
	case <-ctx.Done():
		return "", fmt.Errorf("%w\n%s", context.Cause(ctx), p.output)
	}
}

// stop stops the program and waits for its end.
func (p *process) stop() error {
	if p.stdin == nil {
		return nil // it never started
	}
	p.once.Do(func() { _ = p.stdin.Close() })
	select {
	case <-p.exited:
		return p.err
	case <-time.After(stopTimeout):
		_ = p.command.Process.Kill()
		return fmt.Errorf("the cluster did not stop within %v and was killed\n%s", stopTimeout, p.output)
	}
}

// tail passes on what is written and remembers the end of it.
type tail struct {
	to    io.Writer
	mutex sync.Mutex
	kept  []byte
}

// tailSize is the number of bytes that a tail remembers.
const tailSize = 8 << 10

func (t *tail) Write(p []byte) (int, error) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.kept = append(t.kept, p...)
	t.kept = t.kept[max(0, len(t.kept)-tailSize):]
	if t.to != nil {
		_, _ = t.to.Write(p)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	return string(t.kept)
}
