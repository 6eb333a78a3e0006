// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"slices"
	"strings"
)

const module = "werkplek.dev/werkplek"

// cluster is what every test that starts a cluster imports.
const cluster = module + "/test/cluster"

var (
	clients = []string{"k8s.io/client-go", "sigs.k8s.io/controller-runtime"}
	devices = []string{"net", "net/http", "os", "os/exec", "syscall"}
	flags   = []string{"flag", "github.com/spf13/pflag", "github.com/spf13/cobra"}
)

// check returns what the packages import against the rules of the house, a line each.
func check(house []room, packages []pkg) []string {
	b := building{house: house, imports: map[string][]string{}}
	for _, p := range packages {
		b.imports[p.ImportPath] = p.Imports
	}
	var faults []string
	for _, p := range packages {
		if name, ours := inside(p.ImportPath); ours {
			faults = append(faults, b.checkPackage(name, p)...)
		}
	}
	return faults
}

type building struct {
	house   []room
	imports map[string][]string
}

func (b building) checkPackage(name string, p pkg) []string {
	r, found := b.room(name)
	if !found {
		return []string{name + " lies in no room: name its room, and what it may import"}
	}
	var faults []string
	for _, imported := range p.Imports {
		if why := b.forbidden(r, imported); why != "" {
			faults = append(faults, fmt.Sprintf("%s imports %s: %s", name, short(imported), why))
		}
	}
	if r.touch < client {
		if chain := b.reach(p.ImportPath, p.Imports, clients); chain != "" {
			faults = append(faults, name+" reaches a client of a cluster: "+chain)
		}
	}
	if r.path != "test" {
		tests := slices.Concat(p.TestImports, p.XTestImports)
		if chain := b.reach(p.ImportPath, tests, []string{cluster}); chain != "" {
			faults = append(faults, "the tests of "+name+" need a cluster, and belong in test: "+chain)
		}
	}
	return faults
}

// forbidden says why a room's packages may not import a package themselves.
func (b building) forbidden(from room, imported string) string {
	if name, ours := inside(imported); ours {
		to, found := b.room(name)
		if found && to.path != from.path && !slices.Contains(from.imports, to.path) {
			return fmt.Sprintf("there is no arrow from %s to %s", from.path, to.path)
		}
		return ""
	}
	if !from.flags && slices.ContainsFunc(flags, within(imported)) {
		return "flags are read in cmd only"
	}
	if from.touch == values && slices.Contains(devices, imported) {
		return from.path + " knows values only, neither files nor sockets"
	}
	return ""
}

// room returns the room that a package lies in: of those around it, the innermost.
func (b building) room(name string) (room, bool) {
	var best room
	for _, r := range b.house {
		if (name == r.path || r.all && within(name)(r.path)) && len(r.path) > len(best.path) {
			best = r
		}
	}
	return best, best.path != ""
}

// reach returns the shortest chain of imports from a package to one of the
// targets or what lies below it, or "" when there is none.
func (b building) reach(start string, imports, targets []string) string {
	from := map[string]string{start: ""}
	var queue []string
	see := func(importer string, imports []string) {
		for _, imported := range imports {
			if _, seen := from[imported]; !seen {
				from[imported] = importer
				queue = append(queue, imported)
			}
		}
	}
	for see(start, imports); len(queue) > 0; queue = queue[1:] {
		if slices.ContainsFunc(targets, within(queue[0])) {
			var chain []string
			for step := queue[0]; step != ""; step = from[step] {
				chain = append(chain, short(step))
			}
			slices.Reverse(chain)
			return strings.Join(chain, " -> ")
		}
		see(queue[0], b.imports[queue[0]])
	}
	return ""
}

// inside returns a package's path within the module.
func inside(path string) (string, bool) { return strings.CutPrefix(path, module+"/") }

func short(path string) string { return strings.TrimPrefix(path, module+"/") }

// within returns a test of whether a path is a folder's or below it.
func within(path string) func(folder string) bool {
	return func(folder string) bool { return path == folder || strings.HasPrefix(path, folder+"/") }
}
