// SPDX-License-Identifier: Apache-2.0

// Package releases downloads programs that their publishers have built, and
// trusts none of them: what is kept has the checksum that was pinned before.
package releases

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"
)

// Release is one program of one version for one platform.
type Release struct {
	Name     string
	Version  string
	Platform string // GOOS/GOARCH
	URL      string
	SHA256   string // of what URL leads to, in hexadecimal
	Member   string // the program's name in the archive, where URL leads to one
}

// List is every release that may be downloaded.
type List []Release

// Read reads the list in a file.
func Read(path string) (List, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	list, err := parse(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return list, nil
}

// Find returns the release of a program, if its checksum is pinned.
func (l List) Find(name, version, platform string) (Release, bool) {
	for _, r := range l {
		if r.Name == name && r.Version == version && r.Platform == platform {
			return r, true
		}
	}
	return Release{}, false
}

// parse reads a release a line: name, version, platform, checksum, URL and,
// for an archive, the program in it. Empty lines and those with # are skipped.
func parse(reader io.Reader) (List, error) {
	var list List
	lines := bufio.NewScanner(reader)
	for number := 1; lines.Scan(); number++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		release, err := parseLine(strings.Fields(line))
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		if _, twice := list.Find(release.Name, release.Version, release.Platform); twice {
			return nil, fmt.Errorf("line %d: %s %s for %s stands there twice", number, release.Name, release.Version, release.Platform)
		}
		list = append(list, release)
	}
	return list, lines.Err()
}

func parseLine(fields []string) (Release, error) {
	if len(fields) != 5 && len(fields) != 6 {
		return Release{}, fmt.Errorf("%d fields; want name, version, platform, sha256, URL and perhaps the program in the archive", len(fields))
	}
	release := Release{Name: fields[0], Version: fields[1], Platform: fields[2], SHA256: fields[3], URL: fields[4]}
	if len(fields) == 6 {
		release.Member = fields[5]
	}
	if sum, err := hex.DecodeString(release.SHA256); err != nil || len(sum) != 32 {
		return Release{}, fmt.Errorf("%q is no sha256 in hexadecimal", release.SHA256)
	}
	if address, err := url.Parse(release.URL); err != nil || address.Scheme != "https" {
		return Release{}, fmt.Errorf("%q is no https URL", release.URL)
	}
	if archive := strings.HasSuffix(release.URL, ".tar.gz"); archive != (release.Member != "") {
		return Release{}, fmt.Errorf("%s: name the program in an archive, and only there", release.URL)
	}
	return release, nil
}
