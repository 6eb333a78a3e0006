// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// patience is how long an engine may take to start or to stop.
const patience = 60 * time.Second

// start runs an engine beyond the end of this process.
func (e Engine) start(ctx context.Context) error {
	log, err := e.prepare()
	if err != nil {
		return err
	}
	defer log.Close()
	options, err := e.options(ctx)
	if err != nil {
		return err
	}
	e.Say("starting the Docker engine; its log is %s", e.log())
	daemon := exec.Command("dockerd", options...)
	daemon.Dir, daemon.Stdout, daemon.Stderr = filepath.Join(e.Dir, "empty"), log, log
	daemon.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := daemon.Start(); err != nil {
		return err
	}
	if err := os.WriteFile(e.pid(), []byte(strconv.Itoa(daemon.Process.Pid)), 0o600); err != nil {
		return errors.Join(err, daemon.Process.Kill())
	}
	ended := make(chan error, 1)
	go func() { ended <- daemon.Wait() }()
	return e.await(ctx, ended)
}

func (e Engine) await(ctx context.Context, ended <-chan error) error {
	deadline := time.Now().Add(patience)
	for !e.Answers(ctx) {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-ended:
			return errors.Join(fmt.Errorf("the Docker engine ended at once; read %s", e.log()), err, os.Remove(e.pid()))
		case <-time.After(300 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("the Docker engine does not answer after %s; read %s", patience, e.log())
		}
	}
	return nil
}

// options of dockerd: a runtime of our own where root lacks what runc would give.
func (e Engine) options(ctx context.Context) ([]string, error) {
	if may, err := mayRaiseLimits(); err != nil || may {
		return nil, err
	}
	runtime, err := e.Builder.Runtime(ctx)
	if err != nil {
		return nil, err
	}
	return []string{"--add-runtime", "werkplek=" + runtime, "--default-runtime", "werkplek"}, nil
}

// mayRaiseLimits reports whether root has CAP_SYS_RESOURCE here. Small virtual
// machines take it away; then nobody can give it to a privileged container.
func mayRaiseLimits() (bool, error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return false, err
	}
	return hasCapability(string(status), sysResource)
}

const sysResource = 24

func hasCapability(status string, number uint) (bool, error) {
	for _, line := range strings.Split(status, "\n") {
		if set, found := strings.CutPrefix(line, "CapBnd:"); found {
			bits, err := strconv.ParseUint(strings.TrimSpace(set), 16, 64)
			return bits>>number&1 == 1, err
		}
	}
	return false, errors.New("/proc/self/status does not tell CapBnd")
}

// Stop ends the engine that Ensure started, and none else.
func (e Engine) Stop(ctx context.Context) error {
	content, err := os.ReadFile(e.pid())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(content)))
	if err != nil {
		return fmt.Errorf("%s holds no process number; remove it: %w", e.pid(), err)
	}
	if isDaemon(pid) {
		e.Say("stopping the Docker engine that was started here")
		if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
			return fmt.Errorf("stop the Docker engine, process %d: %w", pid, err)
		}
		if err := awaitEnd(ctx, pid); err != nil {
			return err
		}
	}
	return os.Remove(e.pid())
}

// isDaemon guards against a number that has been given to another process.
func isDaemon(pid int) bool {
	name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
	return err == nil && strings.TrimSpace(string(name)) == "dockerd"
}

func awaitEnd(ctx context.Context, pid int) error {
	for deadline := time.Now().Add(patience); isDaemon(pid); {
		if time.Now().After(deadline) {
			return fmt.Errorf("the Docker engine, process %d, does not stop", pid)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
	}
	return nil
}
