// SPDX-License-Identifier: Apache-2.0

package assets

import "testing"

func TestKey(t *testing.T) {
	t.Parallel()
	baseToolchain := toolchain{GoVersion: "go1.26.0", OS: "linux", Arch: "amd64"}
	baseInputs := []input{{"a/go.mod", []byte("one")}, {"a/go.sum", []byte("two")}}
	base := key(baseToolchain, baseInputs)

	tests := map[string]struct {
		toolchain toolchain
		inputs    []input
		same      bool
	}{
		"same everything": {baseToolchain, []input{{"a/go.mod", []byte("one")}, {"a/go.sum", []byte("two")}}, true},
		"Go version":      {toolchain{"go1.26.1", "linux", "amd64"}, baseInputs, false},
		"system":          {toolchain{"go1.26.0", "darwin", "amd64"}, baseInputs, false},
		"architecture":    {toolchain{"go1.26.0", "linux", "arm64"}, baseInputs, false},
		"content":         {baseToolchain, []input{{"a/go.mod", []byte("one")}, {"a/go.sum", []byte("2")}}, false},
		"name":            {baseToolchain, []input{{"b/go.mod", []byte("one")}, {"a/go.sum", []byte("two")}}, false},
		"moved content":   {baseToolchain, []input{{"a/go.mod", []byte("onetwo")}, {"a/go.sum", nil}}, false},
		"fewer files":     {baseToolchain, baseInputs[:1], false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := key(tc.toolchain, tc.inputs)
			if (got == base) != tc.same {
				t.Errorf("key = %s, base %s, want same %v", got, base, tc.same)
			}
			if len(got) != 16 {
				t.Errorf("key %q has %d characters, want 16", got, len(got))
			}
		})
	}
}
