// SPDX-License-Identifier: Apache-2.0

package releases

import (
	"strings"
	"testing"
)

const (
	sumOfNothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	goodLine     = "kwok v0.8.0 linux/amd64 " + sumOfNothing + " https://example.com/kwok"
)

func TestParse(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text string
		want string // what the error says; empty for none
	}{
		"program":              {text: "# a comment\n\n" + goodLine},
		"archive":              {text: "etcd v3.6.8 linux/amd64 " + sumOfNothing + " https://example.com/etcd.tar.gz etcd/etcd"},
		"too few fields":       {text: "kwok v0.8.0 linux/amd64", want: "line 1: 3 fields"},
		"no checksum":          {text: "kwok v0.8.0 linux/amd64 latest https://example.com/kwok", want: "is no sha256"},
		"short checksum":       {text: "kwok v0.8.0 linux/amd64 e3b0 https://example.com/kwok", want: "is no sha256"},
		"not by https":         {text: strings.Replace(goodLine, "https", "http", 1), want: "is no https URL"},
		"archive of what":      {text: goodLine + ".tar.gz", want: "name the program in an archive"},
		"member of no archive": {text: goodLine + " kwok", want: "name the program in an archive"},
		"twice":                {text: goodLine + "\n" + goodLine, want: "line 2: kwok v0.8.0 for linux/amd64 stands there twice"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			list, err := parse(strings.NewReader(tc.text))
			if tc.want != "" {
				if err == nil || !strings.Contains(err.Error(), tc.want) {
					t.Fatalf("error %v, want one with %q", err, tc.want)
				}
				return
			}
			if err != nil || len(list) != 1 {
				t.Fatalf("got %v and error %v, want one release", list, err)
			}
		})
	}
}
