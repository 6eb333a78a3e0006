// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"
	"k8s.io/utils/clock"

	"werkplek.dev/werkplek/internal/terms/wording"
)

// progress tells how far a long export is: on a terminal in one line that is
// written over, elsewhere in a line every few seconds.
type progress struct {
	clock    clock.PassiveClock
	out      io.Writer
	terminal bool
	last     time.Time
	shown    bool
}

func (o *reportOptions) progress() *progress {
	if o.quiet {
		return &progress{}
	}
	p := &progress{clock: o.clock, out: o.err, last: o.clock.Now()}
	if file, ok := o.err.(*os.File); ok {
		p.terminal = term.IsTerminal(int(file.Fd()))
	}
	return p
}

// show is called often, and writes now and then.
func (p *progress) show(report string, rows, of int64) {
	every := 5 * time.Second
	if p.terminal {
		every = 200 * time.Millisecond
	}
	if p.out == nil || p.clock.Since(p.last) < every {
		return
	}
	p.last, p.shown = p.clock.Now(), true
	line := fmt.Sprintf("report %s: %s", report, wording.Count(int(rows), "row"))
	if of > 0 {
		line += fmt.Sprintf(" of %d (%d%%)", of, 100*rows/max(of, rows))
	}
	if p.terminal {
		line = "\r\033[K" + line
	} else {
		line += "\n"
	}
	_, _ = io.WriteString(p.out, line)
}

// done leaves the terminal's line.
func (p *progress) done() {
	if p.terminal && p.shown {
		_, _ = io.WriteString(p.out, "\r\033[K")
	}
}
