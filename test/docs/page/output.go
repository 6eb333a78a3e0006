// SPDX-License-Identifier: Apache-2.0

package page

import (
	"fmt"
	"regexp"
	"strings"
)

var (
	blank = regexp.MustCompile(`\s+`)
	// passing is what differs from run to run: dates, times, ages and durations.
	passing = regexp.MustCompile(`\b\d{4}-\d{2}(?:-\d{2}(?:T[\d:.]+Z)?)?\b|\b\d+(?:\.\d+)? ?(?:s|ms)\b|\b(?:\d+[dhms])+\b`)
)

// Shows finds the lines that a page shows in what its commands printed, in their
// order. Dates, times and blanks may differ, more may stand between them, and "..."
// stands for anything.
func Shows(shown []string, printed string) error {
	lines := strings.Split(printed, "\n")
	for i := range lines {
		lines[i] = loose(lines[i])
	}
	next := 0
	for _, line := range shown {
		want, err := regexp.Compile("^" + strings.ReplaceAll(regexp.QuoteMeta(loose(line)), `\.\.\.`, ".*") + "$")
		if err != nil {
			return err
		}
		if strings.Trim(line, " .") == "" {
			continue
		}
		for next < len(lines) && !want.MatchString(lines[next]) {
			next++
		}
		if next == len(lines) {
			return fmt.Errorf("the page shows %q, which was not printed, or not in this order", line)
		}
		next++
	}
	return nil
}

func loose(line string) string {
	return passing.ReplaceAllString(blank.ReplaceAllString(strings.TrimSpace(line), " "), "…")
}
