// SPDX-License-Identifier: Apache-2.0

package docs

import (
	"testing"

	"werkplek.dev/werkplek/test/docs/page"
)

// TestCommands: whatever looks like a command on a page is run by test/walk, or says
// why it is not.
func TestCommands(t *testing.T) {
	t.Parallel()
	pages, err := page.All(root)
	if err != nil {
		t.Fatalf("%v\nHow pages are tested stands in CONTRIBUTING.md.", err)
	}
	run := 0
	for i := range pages {
		run += len(pages[i].Steps())
	}
	if run < 30 {
		t.Errorf("only %d commands are run: the pages were not understood", run)
	}
	for _, line := range page.Untested(pages) {
		t.Log(line)
	}
}
