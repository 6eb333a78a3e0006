// SPDX-License-Identifier: Apache-2.0

package walk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"werkplek.dev/werkplek/test/docs/page"
)

// patience is how long the commands of one page may take.
const patience = 8 * time.Minute

// reader is somebody with a copy of the sources, a home and a cluster, who does what
// pages say.
type reader struct {
	sources string
	env     []string
}

// newReader gives a reader an empty home below dir. What is expensive to build or to
// download is shared with whoever runs the tests: modules, what Go has compiled, and
// the programs of the local cluster.
func newReader(sources, dir, kubeconfig string) (*reader, error) {
	kept, err := exec.Command("go", "env", "GOCACHE", "GOMODCACHE").Output()
	if err != nil {
		return nil, fmt.Errorf("go env: %w", err)
	}
	caches := strings.Fields(string(kept))
	home, cache := filepath.Join(dir, "home"), filepath.Join(dir, "cache", "werkplek")
	for _, folder := range []string{home, cache} {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return nil, err
		}
	}
	user, err := os.UserCacheDir()
	if err != nil {
		return nil, err
	}
	for _, shared := range []string{"assets", "downloads"} {
		real := filepath.Join(user, "werkplek", shared)
		if err := os.MkdirAll(real, 0o755); err != nil {
			return nil, err
		}
		if err := os.Symlink(real, filepath.Join(cache, shared)); err != nil && !os.IsExist(err) {
			return nil, err
		}
	}
	metrics, probes, err := freePorts()
	if err != nil {
		return nil, err
	}
	r := &reader{sources: sources, env: append(os.Environ(),
		"HOME="+home, "XDG_CACHE_HOME="+filepath.Dir(cache), "GOCACHE="+caches[0], "GOMODCACHE="+caches[1],
		"KUBECONFIG="+kubeconfig, "METRICS_PORT="+metrics, "PROBES_PORT="+probes, "GOFLAGS=-trimpath",
	)}
	tools := filepath.Join(cache, "tools")
	kubectl, err := r.run("make -s assets && " + tools + "/cluster assets -hack hack 2>/dev/null")
	if err != nil {
		return nil, fmt.Errorf("find kubectl: %w\n%s", err, kubectl)
	}
	r.env = append(r.env, "PATH="+tools+":"+strings.TrimSpace(kubectl)+":"+os.Getenv("PATH"))
	return r, nil
}

func freePorts() (string, string, error) {
	var ports [2]string
	for i := range ports {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return "", "", err
		}
		defer listener.Close()
		ports[i] = strconv.Itoa(listener.Addr().(*net.TCPAddr).Port)
	}
	return ports[0], ports[1], nil
}

// separator stands in the output before that of each step.
const separator = "\x1e"

// follow runs the commands of a page in one shell, and compares what they print with
// what the page shows. An error names the place.
func (r *reader) follow(p page.Page) error {
	steps := p.Steps()
	var script strings.Builder
	script.WriteString("set -e\n")
	for _, step := range steps {
		fmt.Fprintf(&script, "printf '\\036'\n%s\n", step.Commands)
	}
	out, err := r.run(script.String())
	printed := strings.Split(out, separator)[1:]
	if err != nil {
		if len(printed) == 0 {
			return fmt.Errorf("%s: %w\n%s", p.Name, err, out)
		}
		step := steps[len(printed)-1]
		return fmt.Errorf("%s:%d: %w\n%s\nprinted:\n%s", p.Name, step.Line, err, step.Commands, printed[len(printed)-1])
	}
	var wrong []error
	for i, step := range steps {
		if err := page.Shows(step.Output, printed[i]); err != nil {
			wrong = append(wrong, fmt.Errorf("%s:%d: %w\n%s\nprinted:\n%s", p.Name, step.Line, err, step.Commands, printed[i]))
		}
	}
	return errors.Join(wrong...)
}

// run runs a script at the root of the sources and returns what it printed.
func (r *reader) run(script string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	shell := exec.CommandContext(ctx, "bash", "-c", script)
	shell.Dir, shell.Env = r.sources, r.env
	var out bytes.Buffer
	shell.Stdout, shell.Stderr = &out, &out
	// With what it started: a command that waits for ever is no child of the test.
	shell.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	shell.Cancel = func() error { return syscall.Kill(-shell.Process.Pid, syscall.SIGKILL) }
	shell.WaitDelay = time.Second
	err := shell.Run()
	if ctx.Err() != nil {
		err = fmt.Errorf("it did not end within %s", patience)
	}
	return out.String(), err
}
