// SPDX-License-Identifier: Apache-2.0

// Package homecopy copies a home to an S3 bucket and back again: each file as
// one object under its own name, and beside them a manifest with what a bucket
// cannot hold.
package homecopy

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strconv"
	"time"
	"unicode"
	"unicode/utf8"
)

const (
	// ManifestName is the manifest's key below the home's prefix.
	ManifestName = "manifest.jsonl"
	filesDir     = "files/"
	oddDir       = "odd-names/"

	// longestKey is what S3 takes, in bytes.
	longestKey = 1024

	formatName    = "werkplek-home"
	formatVersion = 1
)

// Type of an entry.
type Type string

// The types. Skipped are sockets, pipes and devices: they hold no data.
const (
	TypeFile    Type = "file"
	TypeDir     Type = "dir"
	TypeSymlink Type = "symlink"
	TypeSkipped Type = "skipped"
)

// Entry is what the manifest says about one path of a home, relative to it.
type Entry struct {
	Path Name `json:"path"`
	Type Type `json:"type"`
	// Mode are the permission bits, in octal digits.
	Mode     string    `json:"mode,omitempty"`
	Modified time.Time `json:"modified"`
	// Size, SHA256 and Key, below the home's prefix, are a file's.
	Size   int64  `json:"size,omitempty"`
	SHA256 string `json:"sha256,omitempty"`
	Key    string `json:"key,omitempty"`
	// Target of a symbolic link, as it stands there.
	Target Name `json:"target,omitzero"`
}

// Name is a file's name as the file system has it: mostly text, but any bytes
// will do. JSON has text as a string, and other bytes as {"bytes": base64}.
type Name string

// MarshalJSON implements json.Marshaler.
func (n Name) MarshalJSON() ([]byte, error) {
	if utf8.ValidString(string(n)) {
		return json.Marshal(string(n))
	}
	return json.Marshal(map[string][]byte{"bytes": []byte(n)})
}

// UnmarshalJSON implements json.Unmarshaler.
func (n *Name) UnmarshalJSON(data []byte) error {
	var text string
	if json.Unmarshal(data, &text) == nil {
		*n = Name(text)
		return nil
	}
	var raw struct{ Bytes []byte }
	err := json.Unmarshal(data, &raw)
	*n = Name(raw.Bytes)
	return err
}

type header struct {
	Format  string `json:"format"`
	Version int    `json:"version"`
}

// keyOf returns the key of a file below the home's prefix: its path, or where a
// bucket, or a listing of it, could not hold that, a digest of it.
func keyOf(prefix, path string) string {
	if key := filesDir + path; fitsKey(key) && len(prefix)+len(key) <= longestKey {
		return key
	}
	sum := sha256.Sum256([]byte(path))
	return oddDir + hex.EncodeToString(sum[:])
}

// fitsKey reports whether a listing, which is XML, can name a key as it is.
func fitsKey(key string) bool {
	if !utf8.ValidString(key) {
		return false
	}
	for _, r := range key {
		if unicode.IsControl(r) || r == '\uFFFE' || r == '\uFFFF' {
			return false
		}
	}
	return true
}

// writer writes a manifest, entry by entry.
type writer struct {
	out   *bufio.Writer
	lines *json.Encoder
}

func newWriter(to io.Writer) (*writer, error) {
	out := bufio.NewWriter(to)
	w := &writer{out, json.NewEncoder(out)}
	w.lines.SetEscapeHTML(false)
	return w, w.lines.Encode(header{formatName, formatVersion})
}

func (w *writer) add(e Entry) error { return w.lines.Encode(e) }
func (w *writer) close() error      { return w.out.Flush() }

// readManifest calls back for each entry.
func readManifest(from io.Reader, entry func(Entry) error) error {
	lines := json.NewDecoder(bufio.NewReader(from))
	var h header
	if err := lines.Decode(&h); err != nil {
		return fmt.Errorf("read the manifest: %w", err)
	}
	if h.Format != formatName || h.Version != formatVersion {
		return fmt.Errorf("read the manifest: it is %s version %d; this program reads %s version %d", h.Format, h.Version, formatName, formatVersion)
	}
	for {
		var e Entry
		switch err := lines.Decode(&e); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("read the manifest: %w", err)
		}
		if err := entry(e); err != nil {
			return err
		}
	}
}

// The bits beside the permissions, where POSIX has them.
var special = map[fs.FileMode]uint32{fs.ModeSetuid: 0o4000, fs.ModeSetgid: 0o2000, fs.ModeSticky: 0o1000}

func octal(mode fs.FileMode) string {
	bits := uint32(mode.Perm())
	for flag, bit := range special {
		if mode&flag != 0 {
			bits |= bit
		}
	}
	return fmt.Sprintf("%04o", bits)
}

func modeOf(digits string) (fs.FileMode, error) {
	bits, err := strconv.ParseUint(digits, 8, 12)
	if err != nil {
		return 0, fmt.Errorf("the mode %q is not octal digits", digits)
	}
	mode := fs.FileMode(bits).Perm()
	for flag, bit := range special {
		if uint32(bits)&bit != 0 {
			mode |= flag
		}
	}
	return mode, nil
}
