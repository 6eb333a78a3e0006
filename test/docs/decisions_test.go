// SPDX-License-Identifier: Apache-2.0

package docs

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

var standing = regexp.MustCompile(`^# \d{4}: .+\n\n` +
	`Status: (?:proposed|accepted|rejected|superseded by \[\d{4}\]\(.+\.md\))\nDate: (\d{4}-\d{2}-\d{2})\n\n`)

// TestDecisions: every decision says below its title whether it holds and since
// when, and is found from the list of all documentation.
func TestDecisions(t *testing.T) {
	t.Parallel()
	decisions, err := filepath.Glob(filepath.Join(root, "docs", "adr", "*.md"))
	if err != nil || len(decisions) == 0 {
		t.Fatalf("no decisions were found: %v", err)
	}
	list := read(t, filepath.Join(root, "docs", "README.md"))
	for _, decision := range decisions {
		found := standing.FindStringSubmatch(read(t, decision))
		if found == nil {
			t.Errorf("%s: write below the title when it was decided, such as:\nStatus: accepted\nDate: 2026-11-21", decision)
		} else if _, err := time.Parse(time.DateOnly, found[1]); err != nil {
			t.Errorf("%s: %v", decision, err)
		}
		if name := filepath.Base(decision); !strings.Contains(list, "(adr/"+name+")") {
			t.Errorf("docs/README.md does not list %s", name)
		}
	}
}
