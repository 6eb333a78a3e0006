// SPDX-License-Identifier: Apache-2.0

package life

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"

	"werkplek.dev/werkplek/test/cluster"
	"werkplek.dev/werkplek/test/docs/page"
	"werkplek.dev/werkplek/test/world"
)

// TestRecover: the definitions are deleted in spite of all, while an operator runs.
// What docs/how-to/recover-records.md says brings records and tenants back as they
// were; homes never went.
func TestRecover(t *testing.T) {
	t.Parallel()
	c, err := cluster.Start(t.Context(), cluster.Options{})
	must(t, err)
	t.Cleanup(func() {
		if err := c.Stop(); err != nil {
			t.Error(err)
		}
	})
	s := newSite(t, c)
	s.do(t, "apply", "--server-side", "-k", "config/default")
	s.do(t, "wait", "--for=condition=Established", "-f", "config/crd/bases")
	o := s.operate(t)
	w := world.World{Client: s.Client, Name: "life"}
	fill(t, w)
	before, err := s.look(t.Context())
	must(t, err)

	save, rest := recipe(t)
	folder := t.TempDir()
	must(t, os.Symlink(filepath.Join(cluster.Root(), "config"), filepath.Join(folder, "config")))
	s.follow(t, folder, save)

	s.do(t, "delete", "--wait=false", "-k", "config/admission")
	s.do(t, "patch", "validatingadmissionpolicy", "werkplek-definitions", "--type=merge", "-p", `{"metadata": {"finalizers": null}}`)
	cluster.Eventually(t, soon, "the definitions deleted", func(ctx context.Context) error {
		if out, err := s.run(ctx, "delete", "crd", "--all", "--wait=false"); err != nil {
			return fmt.Errorf("%w: %s", err, out)
		}
		var left apiextensionsv1.CustomResourceDefinitionList
		if err := s.Client.List(ctx, &left); err != nil {
			return err
		}
		if len(left.Items) != 1 || left.Items[0].Name != "tenants.werkplek.dev" {
			return fmt.Errorf("%d definitions are left", len(left.Items))
		}
		return nil
	})
	o.Stop() // which the recipe does with its Deployment
	s.follow(t, folder, rest)

	s.operate(t)
	cluster.Eventually(t, soon, "the billing account", w.HasNamespace("t"))
	must(t, w.Report(t.Context(), "t", time.Now()))
	cluster.Eventually(t, soon, "all desktops", w.AllReady("t", 2))
	after, err := s.look(t.Context())
	must(t, err)
	for name, was := range before {
		is, found := after[name]
		kind, _, _ := strings.Cut(name, " ")
		switch {
		case !found || is.going:
			t.Errorf("%s is gone", name)
		case is.says != was.says:
			t.Errorf("%s says\n  %s\nand said\n  %s", name, is.says, was.says)
		case (kind == "Namespace" || kind == "PersistentVolumeClaim") && is.uid != was.uid:
			t.Errorf("%s is another one", name)
		}
	}
	for _, kind := range records {
		if was, is := before.count(kind), after.count(kind); was != is {
			t.Errorf("there are %d of %s, and there were %d", is, kind, was)
		}
	}
}

// recipe returns the commands of docs/how-to/recover-records.md: what is to be done
// before it happens, and what after that.
func recipe(t *testing.T) (save, rest string) {
	t.Helper()
	const name = "docs/how-to/recover-records.md"
	text, err := os.ReadFile(filepath.Join(cluster.Root(), name))
	must(t, err)
	recover, err := page.Parse(name, string(text))
	must(t, err)
	for i := range recover.Blocks {
		if block := &recover.Blocks[i]; !block.Commands() {
			continue
		} else if save == "" {
			save = strings.Join(block.Lines, "\n")
		} else {
			rest += strings.Join(block.Lines, "\n") + "\n"
		}
	}
	if !strings.Contains(save, "get werkplek") || !strings.Contains(rest, "finalizers") {
		t.Fatalf("%s is not understood", name)
	}
	return save, rest
}
