// SPDX-License-Identifier: Apache-2.0

package portal_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestThreatsAreTested: every test that the threat model names is there.
func TestThreatsAreTested(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..")
	model, err := os.ReadFile(filepath.Join(root, "docs", "concepts", "threat-model.md"))
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for line := range strings.Lines(string(model)) {
		if cells := strings.Split(strings.Trim(line, "| \n"), "|"); len(cells) == 3 {
			for _, name := range regexp.MustCompile("`([A-Z]\\w+)`").FindAllStringSubmatch(cells[2], -1) {
				named[name[1]] = true
			}
		}
	}
	if len(named) < 15 {
		t.Fatalf("the threat model names %d tests; its table was not understood", len(named))
	}
	for _, dir := range []string{"internal/portal", "test/portal", "test/admission"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, "_test.go") {
				return err
			}
			source, err := os.ReadFile(path)
			for name := range named {
				if strings.Contains(string(source), "func "+name+"(t ") || strings.Contains(string(source), `"`+name+`"`) {
					delete(named, name)
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for name := range named {
		t.Errorf("docs/concepts/threat-model.md names %s, which is no test", name)
	}
}
