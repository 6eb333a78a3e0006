// SPDX-License-Identifier: Apache-2.0

package assets

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
)

// recipe is a number to raise when a change to this package makes binaries
// that were built before it unusable.
const recipe = "1"

// toolchain is what, besides the sources, decides the content of a binary.
type toolchain struct {
	GoVersion string `json:"GOVERSION"`
	OS        string `json:"GOOS"`
	Arch      string `json:"GOARCH"`
}

// input is a file that decides the content of the binaries.
type input struct {
	name    string
	content []byte
}

// key names the directory of the binaries built by tc from inputs.
func key(tc toolchain, inputs []input) string {
	sum := sha256.New()
	fmt.Fprintf(sum, "recipe %q, go %q, os %q, arch %q\n", recipe, tc.GoVersion, tc.OS, tc.Arch)
	for _, in := range inputs {
		fmt.Fprintf(sum, "%q %x\n", in.name, sha256.Sum256(in.content))
	}
	return hex.EncodeToString(sum.Sum(nil))[:16]
}

// readInputs reads the files that pin what is built.
func readInputs(options Options) ([]input, error) {
	var inputs []input
	for _, dir := range []string{kubernetesDir, kwokDir} {
		for _, name := range []string{"go.mod", "go.sum"} {
			content, err := os.ReadFile(filepath.Join(options.source(dir), name))
			if err != nil {
				return nil, err
			}
			inputs = append(inputs, input{name: dir + "/" + name, content: content})
		}
	}
	return inputs, nil
}
