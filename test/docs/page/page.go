// SPDX-License-Identifier: Apache-2.0

// Package page reads the pages of the documentation: what commands they hold, in
// which order, what is shown of their output, and why some cannot be run by a test.
package page

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Page is one page of the documentation.
type Page struct {
	// Name is its path from the root of the repository, with slashes.
	Name string
	// Fresh says that its commands begin on an empty cluster of their own,
	// rather than where README ends.
	Fresh bool
	// MonthOver says that its commands are run once the operator's clock is in the
	// next month.
	MonthOver bool
	// NoTest is why none of its commands is run with the others; empty: they are.
	NoTest string
	Blocks []Block
}

// Block is a fenced block.
type Block struct {
	// Line is that of the opening fence, from 1.
	Line     int
	Language string
	// NoTest is why a block of commands is not run; empty: it is.
	NoTest string
	Lines  []string
}

var (
	fence     = regexp.MustCompile("^( *)```(.*)$")
	info      = regexp.MustCompile(`^([a-z]*)(?: no-test="([^"]+)")?$`)
	directive = regexp.MustCompile(`^<!-- walk: (.*) -->$`)
	untested  = regexp.MustCompile(`^no-test="([^"]+)"$`)
	command   = regexp.MustCompile(`^(\$ |(kubectl|make|helm|go run|docker|curl) )`)
)

// All reads the pages of a repository, README first, then by their paths.
func All(root string) ([]Page, error) {
	names, err := filepath.Glob(filepath.Join(root, "*.md"))
	if err != nil {
		return nil, err
	}
	err = filepath.WalkDir(filepath.Join(root, "docs"), func(path string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(path, ".md") {
			names = append(names, path)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	readme := filepath.Join(root, "README.md")
	names = append([]string{readme}, slices.DeleteFunc(names, func(n string) bool { return n == readme })...)
	var pages []Page
	for _, path := range names {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return nil, err
		}
		page, err := Parse(filepath.ToSlash(name), string(text))
		if err != nil {
			return nil, err
		}
		pages = append(pages, page)
	}
	return pages, nil
}

// Parse reads one page. It refuses what the reader of a page would take for commands
// and this package would not.
func Parse(name, text string) (Page, error) {
	page := Page{Name: name}
	var open *Block
	indent := ""
	for i, line := range strings.Split(text, "\n") {
		found := fence.FindStringSubmatch(line)
		switch {
		case found != nil && open == nil:
			parts := info.FindStringSubmatch(strings.TrimSpace(found[2]))
			if parts == nil {
				return Page{}, fmt.Errorf("%s:%d: %q is no language, with no-test=\"why\" or without", name, i+1, found[2])
			}
			indent, open = found[1], &Block{Line: i + 1, Language: parts[1], NoTest: parts[2]}
		case found != nil:
			if err := open.check(); err != nil {
				return Page{}, fmt.Errorf("%s:%d: %w", name, open.Line, err)
			}
			page.Blocks, open = append(page.Blocks, *open), nil
		case open != nil:
			open.Lines = append(open.Lines, strings.TrimPrefix(line, indent))
		default:
			if err := page.direct(line); err != nil {
				return Page{}, fmt.Errorf("%s:%d: %w", name, i+1, err)
			}
		}
	}
	if open != nil {
		return Page{}, fmt.Errorf("%s:%d: the block does not end", name, open.Line)
	}
	return page, nil
}

// direct reads what a line of prose tells the tests about its page.
func (p *Page) direct(line string) error {
	found := directive.FindStringSubmatch(line)
	if found == nil {
		return nil
	}
	switch found[1] {
	case "fresh":
		p.Fresh = true
		return nil
	case "month-over":
		p.MonthOver = true
		return nil
	}
	reason := untested.FindStringSubmatch(found[1])
	if reason == nil {
		return fmt.Errorf("%q is neither fresh, nor month-over, nor no-test=\"why\"", found[1])
	}
	p.NoTest = reason[1]
	return nil
}

// check finds commands where they would be passed over.
func (b *Block) check() error {
	switch b.Language {
	case "sh", "bash":
		for _, line := range b.Lines {
			if strings.HasPrefix(line, "$ ") {
				return fmt.Errorf("%q: call the block console, or leave the prompt out", line)
			}
		}
	case "console":
		if len(b.Lines) == 0 || !strings.HasPrefix(b.Lines[0], "$ ") {
			return fmt.Errorf("a console begins with a prompt; call the block sh")
		}
	case "", "text":
		for _, line := range b.Lines {
			if command.MatchString(line) {
				return fmt.Errorf("%q looks like a command: call the block sh or console", line)
			}
		}
		fallthrough
	default:
		if b.NoTest != "" {
			return fmt.Errorf("a block of %q is never run", b.Language)
		}
	}
	return nil
}

// Commands says whether a block holds commands.
func (b *Block) Commands() bool {
	return b.Language == "sh" || b.Language == "bash" || b.Language == "console"
}

// Step is commands that are run together, and what is shown of their output.
type Step struct {
	Line     int
	Commands string
	// Output is what the page shows; nil: nothing.
	Output []string
}

// Steps returns what of a page is to be run, in order.
func (p *Page) Steps() []Step {
	if p.NoTest != "" {
		return nil
	}
	var steps []Step
	ran := -1 // the index of the block that was run last
	for i := range p.Blocks {
		block := &p.Blocks[i]
		switch {
		case block.NoTest != "":
		case block.Language == "console":
			steps = append(steps, block.session()...)
		case block.Commands():
			steps = append(steps, Step{Line: block.Line, Commands: strings.Join(block.Lines, "\n")})
			ran = i
		case block.Language == "text" && i > 0 && ran == i-1:
			steps[len(steps)-1].Output = block.Lines
		}
	}
	return steps
}

// session parts a console into its commands, each with its output.
func (b *Block) session() []Step {
	var steps []Step
	for i, line := range b.Lines {
		if said, ok := strings.CutPrefix(line, "$ "); ok {
			steps = append(steps, Step{Line: b.Line + 1 + i, Commands: said})
			continue
		}
		last := &steps[len(steps)-1]
		switch {
		case last.Output == nil && strings.HasSuffix(last.Commands, `\`):
			last.Commands += "\n" + line
		case line != "":
			last.Output = append(last.Output, line)
		}
	}
	return steps
}

// Untested lists what is not run: the place, and why.
func Untested(pages []Page) []string {
	var list []string
	for i := range pages {
		for j := range pages[i].Blocks {
			block := &pages[i].Blocks[j]
			why := block.NoTest
			if why == "" {
				why = pages[i].NoTest
			}
			if block.Commands() && why != "" {
				list = append(list, fmt.Sprintf("%s:%d: %s", pages[i].Name, block.Line, why))
			}
		}
	}
	return list
}
