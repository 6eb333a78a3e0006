// SPDX-License-Identifier: Apache-2.0

// Package operator runs the real manager as a process of its own, so that a test
// can kill it at any moment and start it again.
package operator

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"k8s.io/client-go/tools/clientcmd"

	"werkplek.dev/werkplek/test/cluster"
)

// binary is the manager that Main has built.
var binary string

// Main builds the manager, and goes on as [cluster.Main] does. It is all that the
// TestMain of a suite needs.
func Main(m *testing.M) {
	dir, err := os.MkdirTemp("", "werkplek-manager-")
	if err == nil {
		binary, err = Build(context.Background(), dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	cluster.Main(m)
}

// Binary returns the path of the manager that [Main] has built.
func Binary() string {
	if binary == "" {
		panic("operator.Binary needs: func TestMain(m *testing.M) { operator.Main(m) }")
	}
	return binary
}

// Build compiles the manager into a folder and returns the binary's path.
func Build(ctx context.Context, dir string) (string, error) {
	return BuildFrom(ctx, cluster.Root(), dir)
}

// BuildFrom compiles the manager of other sources than these.
func BuildFrom(ctx context.Context, sources, dir string) (string, error) {
	path := filepath.Join(dir, "manager")
	build := exec.CommandContext(ctx, "go", "build", "-o", path, "./cmd/manager")
	build.Dir = sources
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the manager: %w\n%s", err, out)
	}
	return path, nil
}

// Operator keeps one manager running: one that dies is started again.
type Operator struct {
	binary     string
	kubeconfig string
	arguments  []string

	mu       sync.Mutex
	process  *exec.Cmd
	log      *bytes.Buffer
	stopping bool
	restarts int
	done     chan struct{}
}

// Start runs the manager that [Main] has built against the cluster of a kubeconfig.
func Start(kubeconfig string, arguments ...string) (*Operator, error) {
	return StartFrom(Binary(), kubeconfig, arguments...)
}

// StartFrom runs another manager than that which [Main] has built.
func StartFrom(binary, kubeconfig string, arguments ...string) (*Operator, error) {
	o := &Operator{
		binary:     binary,
		kubeconfig: kubeconfig,
		arguments:  append([]string{"--metrics-bind-address=0", "--health-probe-bind-address=0"}, arguments...),
		log:        &bytes.Buffer{}, done: make(chan struct{}),
	}
	if err := o.launch(); err != nil {
		return nil, err
	}
	go o.keep()
	return o, nil
}

func (o *Operator) launch() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.stopping {
		return errors.New("stopping")
	}
	process := exec.Command(o.binary, o.arguments...)
	process.Env = append(os.Environ(), "KUBECONFIG="+o.kubeconfig)
	process.Stderr = (*locked)(o)
	process.Stdout = process.Stderr
	if err := process.Start(); err != nil {
		return fmt.Errorf("start the manager: %w", err)
	}
	o.process = process
	return nil
}

// keep starts the manager again whenever it dies.
func (o *Operator) keep() {
	defer close(o.done)
	for {
		_ = o.process.Wait()
		if err := o.launch(); err != nil {
			return
		}
		o.mu.Lock()
		o.restarts++
		o.mu.Unlock()
	}
}

// Kill ends the manager without any warning; it is started again.
func (o *Operator) Kill() {
	o.mu.Lock()
	defer o.mu.Unlock()
	_ = o.process.Process.Kill()
}

// Restarts returns how often the manager was started again.
func (o *Operator) Restarts() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.restarts
}

// PID returns the process id of the manager that runs now.
func (o *Operator) PID() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.process.Process.Pid
}

// Stop ends the manager for good.
func (o *Operator) Stop() {
	o.mu.Lock()
	o.stopping = true
	_ = o.process.Process.Kill()
	o.mu.Unlock()
	<-o.done
}

// Log returns what the manager said last.
func (o *Operator) Log() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	const tail = 16 << 10
	data := o.log.Bytes()
	return string(data[max(0, len(data)-tail):])
}

// locked collects the manager's log under the operator's lock.
type locked Operator

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.log.Write(p)
}

// Kubeconfig writes a kubeconfig with which a process has the rights of the
// manager's service account, no more.
func Kubeconfig(c *cluster.Cluster, dir string) (string, error) {
	config, err := clientcmd.LoadFromFile(c.Kubeconfig)
	if err != nil {
		return "", err
	}
	for _, user := range config.AuthInfos {
		user.Impersonate = cluster.Manager
	}
	path := filepath.Join(dir, "manager.kubeconfig")
	return path, clientcmd.WriteToFile(*config, path)
}
