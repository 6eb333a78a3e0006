// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"path/filepath"
)

func runLoad(ctx context.Context, args []string) error {
	var s settings
	set := newFlagSet("load")
	s.register(set)
	if err := parse(set, &s, args, true); err != nil {
		return err
	}
	c := s.cluster()
	for _, tar := range set.Args() {
		say("loading %s", filepath.Base(tar))
		if err := c.Load(ctx, tar); err != nil {
			return err
		}
	}
	return nil
}

func runKubeconfig(_ context.Context, args []string) error {
	var s settings
	set := newFlagSet("kubeconfig")
	s.register(set)
	if err := parse(set, &s, args, false); err != nil {
		return err
	}
	fmt.Println(s.cluster().Kubeconfig())
	return nil
}
