// SPDX-License-Identifier: Apache-2.0

// The runtime stands in front of runc on machines whose root may not raise
// resource limits (small virtual machines take CAP_SYS_RESOURCE away). There
// runc cannot give a container what Docker asks for; this takes out of the
// request what the machine cannot give, and hands it on. Elsewhere it hands on
// everything as it is.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// withheld is what such machines cannot give, by name and by number.
const (
	withheld       = "CAP_SYS_RESOURCE"
	withheldNumber = 24
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "runtime:", err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return err
	}
	if !hasCapability(string(status)) {
		if err := editAll(arguments); err != nil {
			return err
		}
	}
	runc, err := exec.LookPath("runc")
	if err != nil {
		return err
	}
	return syscall.Exec(runc, append([]string{"runc"}, arguments...), os.Environ())
}

// hasCapability reports whether anybody here can have the capability.
func hasCapability(status string) bool {
	for line := range strings.SplitSeq(status, "\n") {
		if set, found := strings.CutPrefix(line, "CapBnd:"); found {
			bits, err := strconv.ParseUint(strings.TrimSpace(set), 16, 64)
			return err == nil && bits>>withheldNumber&1 == 1
		}
	}
	return false
}

// editAll edits the files that the arguments of runc name.
func editAll(arguments []string) error {
	for i, argument := range arguments {
		name, value, joined := strings.Cut(argument, "=")
		if !joined && i+1 < len(arguments) {
			value = arguments[i+1]
		}
		switch name {
		case "--bundle", "-b":
			if err := edit(filepath.Join(value, "config.json"), "process"); err != nil {
				return err
			}
		case "--process", "-p":
			if err := edit(value, ""); err != nil {
				return err
			}
		}
	}
	return nil
}

// edit takes what the machine cannot give out of the process that a file describes.
func edit(path, below string) error {
	data, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return nil // some commands name a bundle that has none
	}
	if err != nil {
		return err
	}
	var document map[string]any
	if err := json.Unmarshal(data, &document); err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	process := document
	if below != "" {
		process, _ = document[below].(map[string]any)
	}
	if process == nil {
		return nil
	}
	delete(process, "oomScoreAdj")
	if sets, ok := process["capabilities"].(map[string]any); ok {
		for name, set := range sets {
			list, _ := set.([]any)
			sets[name] = slices.DeleteFunc(list, func(capability any) bool { return capability == withheld })
		}
	}
	if data, err = json.Marshal(document); err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o600)
}
