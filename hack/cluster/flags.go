// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"flag"
	"fmt"
	"os"

	"werkplek.dev/werkplek/hack/cluster/internal/clusterdir"
	"werkplek.dev/werkplek/hack/cluster/internal/controlplane"
)

// clusterFlags describe the cluster to start; run and up share them.
type clusterFlags struct {
	nodes int
	kwok  bool
	audit bool
}

func (f *clusterFlags) register(set *flag.FlagSet) {
	set.IntVar(&f.nodes, "nodes", 4, "number of simulated nodes")
	set.BoolVar(&f.kwok, "kwok", true, "simulate nodes; without it there are none")
	set.BoolVar(&f.audit, "audit", false, "write DIR/audit.log: who did what to which object")
}

func (f *clusterFlags) validate() error {
	if f.nodes < 1 || f.nodes > controlplane.MaxNodes {
		return fmt.Errorf("-nodes=%d: want 1 to %d, or -kwok=false for none", f.nodes, controlplane.MaxNodes)
	}
	return nil
}

// args renders the flags for another process.
func (f *clusterFlags) args() []string {
	return []string{
		fmt.Sprintf("-nodes=%d", f.nodes),
		fmt.Sprintf("-kwok=%t", f.kwok),
		fmt.Sprintf("-audit=%t", f.audit),
	}
}

func newFlagSet(name string) *flag.FlagSet {
	return flag.NewFlagSet("cluster "+name, flag.ContinueOnError)
}

func dirFlag(set *flag.FlagSet) *string {
	return set.String("dir", "", "directory of the cluster (default ${XDG_CACHE_HOME:-~/.cache}/werkplek/local)")
}

func hackFlag(set *flag.FlagSet) *string {
	return set.String("hack", "", "the hack directory of the checkout (default: found from the working directory)")
}

// parse parses args, of which none but flags are wanted.
func parse(set *flag.FlagSet, args []string) error {
	if err := set.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return err
		}
		return errUsage
	}
	if set.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "%s: unexpected argument %q\n", set.Name(), set.Arg(0))
		set.Usage()
		return errUsage
	}
	return nil
}

// parseDir is parse for the commands whose only flag is -dir.
func parseDir(name string, args []string) (clusterdir.Dir, error) {
	set := newFlagSet(name)
	path := dirFlag(set)
	if err := parse(set, args); err != nil {
		return "", err
	}
	return clusterdir.Open(*path)
}
