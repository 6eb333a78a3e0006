// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"time"
)

// document is what is used of SPDX 2.3 (https://spdx.github.io/spdx-spec/v2.3).
type document struct {
	SPDXVersion       string         `json:"spdxVersion"`
	DataLicense       string         `json:"dataLicense"`
	SPDXID            string         `json:"SPDXID"`
	Name              string         `json:"name"`
	DocumentNamespace string         `json:"documentNamespace"`
	CreationInfo      creationInfo   `json:"creationInfo"`
	Packages          []component    `json:"packages"`
	Relationships     []relationship `json:"relationships"`
}

type creationInfo struct {
	Created  string   `json:"created"`
	Creators []string `json:"creators"`
}

type component struct {
	SPDXID           string        `json:"SPDXID"`
	Name             string        `json:"name"`
	VersionInfo      string        `json:"versionInfo,omitempty"`
	DownloadLocation string        `json:"downloadLocation"`
	FilesAnalyzed    bool          `json:"filesAnalyzed"`
	LicenseDeclared  string        `json:"licenseDeclared"`
	LicenseConcluded string        `json:"licenseConcluded"`
	CopyrightText    string        `json:"copyrightText"`
	Purpose          string        `json:"primaryPackagePurpose,omitempty"`
	Checksums        []checksum    `json:"checksums,omitempty"`
	Comment          string        `json:"comment,omitempty"`
	ExternalRefs     []externalRef `json:"externalRefs,omitempty"`
}

type checksum struct {
	Algorithm string `json:"algorithm"`
	Value     string `json:"checksumValue"`
}

type externalRef struct {
	Category string `json:"referenceCategory"`
	Type     string `json:"referenceType"`
	Locator  string `json:"referenceLocator"`
}

type relationship struct {
	Element string `json:"spdxElementId"`
	Type    string `json:"relationshipType"`
	Related string `json:"relatedSpdxElement"`
}

// sbom says what a binary is made of, as the binary itself has it: the modules that
// were linked, and the toolchain.
func (s source) sbom(binary string) ([]byte, error) {
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		return nil, fmt.Errorf("read what %s is made of: %w", s.program, err)
	}
	data, err := os.ReadFile(binary)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(data)
	main := module(debug.Module{Path: info.Main.Path, Version: cmp.Or(s.version, "(devel)")}, 0)
	main.Name, main.LicenseDeclared, main.Purpose = "werkplek-"+s.program, "Apache-2.0", "APPLICATION"
	main.Checksums = []checksum{{"SHA256", hex.EncodeToString(sum[:])}}
	doc := document{
		SPDXVersion: "SPDX-2.3", DataLicense: "CC0-1.0", SPDXID: "SPDXRef-DOCUMENT", Name: main.Name + " " + main.VersionInfo,
		DocumentNamespace: "https://werkplek.dev/spdx/" + main.Name + "/" + hex.EncodeToString(sum[:]),
		CreationInfo:      creationInfo{s.created.Format(time.RFC3339), []string{"Tool: werkplek.dev/werkplek/hack/image"}},
		Packages:          []component{main},
		Relationships:     []relationship{{"SPDXRef-DOCUMENT", "DESCRIBES", main.SPDXID}},
	}
	std := debug.Module{Path: "stdlib", Version: strings.TrimPrefix(info.GoVersion, "go")}
	for i, dependency := range append([]debug.Module{std}, linked(info.Deps)...) {
		part := module(dependency, i+1)
		doc.Packages = append(doc.Packages, part)
		doc.Relationships = append(doc.Relationships, relationship{main.SPDXID, "DEPENDS_ON", part.SPDXID})
	}
	return json.MarshalIndent(doc, "", " ")
}

// linked are the modules that were linked: what replaced another stands for it.
func linked(deps []*debug.Module) []debug.Module {
	var all []debug.Module
	for _, dependency := range deps {
		if dependency.Replace != nil {
			dependency = dependency.Replace
		}
		all = append(all, *dependency)
	}
	return all
}

func module(m debug.Module, n int) component {
	const unknown = "NOASSERTION"
	part := component{
		SPDXID: fmt.Sprintf("SPDXRef-Package-%d", n), Name: m.Path, VersionInfo: m.Version,
		DownloadLocation: unknown, LicenseDeclared: unknown, LicenseConcluded: unknown, CopyrightText: unknown,
		ExternalRefs: []externalRef{{"PACKAGE-MANAGER", "purl", "pkg:golang/" + m.Path + "@" + m.Version}},
	}
	if m.Sum != "" {
		part.Comment = "Go checksum " + m.Sum
	}
	return part
}
