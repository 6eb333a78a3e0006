// SPDX-License-Identifier: Apache-2.0

package programs

import (
	"context"
	"os"
	"path/filepath"
)

// Inputs is a hash of what decides the programs of a node, without building them.
func (b Builder) Inputs(ctx context.Context) (string, error) {
	toolchain, err := b.toolchain(ctx)
	if err != nil {
		return "", err
	}
	words := []string{toolchain}
	for _, m := range moduleProgramsOfNode {
		words = append(append(words, m.pkg, m.version), m.flags...)
	}
	for _, name := range []string{"go.mod", "go.sum"} {
		content, err := os.ReadFile(filepath.Join(b.Hack, "kubernetes", name))
		if err != nil {
			return "", err
		}
		words = append(words, string(content))
	}
	return hash(words...), nil
}
