// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"werkplek.dev/werkplek/hack/kind/internal/cluster"
)

// settings are what all commands share.
type settings struct {
	cache string
	name  string
}

func (s *settings) register(set *flag.FlagSet) {
	set.StringVar(&s.cache, "cache", "", "folder for everything that can be made again (default ${XDG_CACHE_HOME:-~/.cache}/werkplek)")
	set.StringVar(&s.name, "name", cluster.DefaultName, "name of the cluster")
}

// dir is the folder of this tool within the cache.
func (s *settings) dir() string { return filepath.Join(s.cache, "kind") }

func (s *settings) cluster() cluster.Cluster { return cluster.Cluster{Name: s.name, Dir: s.dir()} }

func newFlagSet(name string) *flag.FlagSet {
	return flag.NewFlagSet("kindtool "+name, flag.ContinueOnError)
}

// parse parses args and settles where the cache is.
func parse(set *flag.FlagSet, s *settings, args []string, wantsMore bool) error {
	if err := set.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return err
		}
		return errUsage
	}
	if set.NArg() > 0 != wantsMore {
		if wantsMore {
			fmt.Fprintf(os.Stderr, "%s: no files named\n", set.Name())
		} else {
			fmt.Fprintf(os.Stderr, "%s: unexpected argument %q\n", set.Name(), set.Arg(0))
		}
		set.Usage()
		return errUsage
	}
	return s.locate()
}

func (s *settings) locate() error {
	if s.cache == "" {
		base := os.Getenv("XDG_CACHE_HOME")
		if base == "" {
			home, err := os.UserHomeDir()
			if err != nil {
				return fmt.Errorf("where to keep files: %w; name a folder with -cache", err)
			}
			base = filepath.Join(home, ".cache")
		}
		s.cache = filepath.Join(base, "werkplek")
	}
	var err error
	s.cache, err = filepath.Abs(s.cache)
	return err
}

var began = time.Now()

// say tells progress, with the seconds since the start.
func say(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "kind %4.0fs  %s\n", time.Since(began).Seconds(), fmt.Sprintf(format, args...))
}
