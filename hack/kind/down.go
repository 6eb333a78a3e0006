// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"path/filepath"

	"werkplek.dev/werkplek/hack/kind/internal/engine"
	"werkplek.dev/werkplek/hack/kind/internal/lock"
)

func runDown(ctx context.Context, args []string) error {
	var s settings
	set := newFlagSet("down")
	s.register(set)
	if err := parse(set, &s, args, false); err != nil {
		return err
	}
	held, err := lock.Acquire(filepath.Join(s.dir(), "lock"), func() { say("another kindtool is at work; waiting for it") })
	if err != nil {
		return err
	}
	defer held.Release()

	docker := engine.Engine{Dir: filepath.Join(s.dir(), "engine"), Say: say}
	if !docker.Answers(ctx) {
		say("no Docker engine answers, so there is no cluster to remove")
		return nil
	}
	c := s.cluster()
	c.Say = say
	if err := c.Remove(ctx); err != nil {
		return err
	}
	return docker.Stop(ctx)
}
