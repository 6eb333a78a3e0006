// SPDX-License-Identifier: Apache-2.0

package life

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"werkplek.dev/werkplek/test/cluster"
	"werkplek.dev/werkplek/test/operator"
)

// fromVariable names the version to upgrade from. Without it, that is the last one
// that has a tag, and the commit before this one where there is none.
const fromVariable = "WERKPLEK_UPGRADE_FROM"

// version is sources, and the manager that was built from them.
type version struct {
	name, sources, manager string
}

// these returns the version that is tested.
func these() version {
	return version{name: "these sources", sources: cluster.Root(), manager: operator.Binary()}
}

// previous returns the version before that, from the history of these sources.
func previous(t *testing.T) version {
	t.Helper()
	if _, err := git("rev-parse", "--git-dir"); err != nil {
		t.Skip("these sources are no clone: without their history there is no version to upgrade from")
	}
	from := os.Getenv(fromVariable)
	if from == "" {
		before, err := git("rev-parse", "HEAD^")
		if shallow, _ := git("rev-parse", "--is-shallow-repository"); err != nil && shallow == "true" {
			t.Skip("this clone is shallow: git fetch --unshallow brings the version to upgrade from")
		}
		if err != nil {
			t.Fatalf("there is no commit before this one: %v", err)
		}
		from = before
		if tag, err := git("describe", "--tags", "--abbrev=0", before); err == nil {
			from = tag
		}
	}
	name, err := git("log", "-1", "--format=%h %s", from)
	if err != nil {
		t.Fatalf("%s=%s is no version of these sources: %v", fromVariable, from, err)
	}
	found := version{name: name, sources: t.TempDir()}
	archive := filepath.Join(t.TempDir(), "sources.tar")
	if _, err = git("archive", "--output", archive, from); err == nil {
		err = exec.Command("tar", "-xf", archive, "-C", found.sources).Run()
	}
	if err == nil {
		found.manager, err = operator.BuildFrom(t.Context(), found.sources, t.TempDir())
	}
	if err != nil {
		t.Fatalf("make the version %s: %v", name, err)
	}
	return found
}

func git(arguments ...string) (string, error) {
	command := exec.Command("git", arguments...)
	command.Dir = cluster.Root()
	var complaint bytes.Buffer
	command.Stderr = &complaint
	out, err := command.Output()
	if err != nil {
		err = fmt.Errorf("git %s: %w: %s", arguments[0], err, strings.TrimSpace(complaint.String()))
	}
	return strings.TrimSpace(string(out)), err
}
