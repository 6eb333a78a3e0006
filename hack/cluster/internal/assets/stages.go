// SPDX-License-Identifier: Apache-2.0

package assets

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// stageGlobs name, in the source of kwok, the rules by which it plays the
// kubelet: how a node becomes ready, a pod runs, a pod goes away.
var stageGlobs = []string{
	"kustomize/stage/node/fast/*.yaml",
	"kustomize/stage/pod/fast/*.yaml",
}

// writeStages joins kwok's stages into one file at path.
func writeStages(ctx context.Context, hack, path string) error {
	source, err := moduleDir(ctx, filepath.Join(hack, kwokDir), kwokModule)
	if err != nil {
		return err
	}
	var joined bytes.Buffer
	for _, glob := range stageGlobs {
		files, err := filepath.Glob(filepath.Join(source, filepath.FromSlash(glob)))
		if err != nil {
			return err
		}
		count := 0
		for _, file := range files {
			if filepath.Base(file) == "kustomization.yaml" {
				continue
			}
			content, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			fmt.Fprintf(&joined, "---\n%s\n", bytes.TrimSpace(content))
			count++
		}
		if count == 0 {
			return fmt.Errorf("%s has no stages in %s", kwokModule, glob)
		}
	}
	partial := path + ".partial"
	if err := os.WriteFile(partial, joined.Bytes(), 0o600); err != nil {
		return err
	}
	return os.Rename(partial, path)
}
