// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"path/filepath"
	"testing"

	"go.yaml.in/yaml/v3"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	released "helm.sh/helm/v4/pkg/release/v1"
)

// TestReleaseFitsASecret: Helm keeps chart and manifests of a release in one Secret,
// which holds 1 MiB. Half of it must stay free for what is still to come.
func TestReleaseFitsASecret(t *testing.T) {
	t.Parallel()
	loaded, err := loader.Load(filepath.Join(root, chart))
	if err != nil {
		t.Fatal(err)
	}
	var manifest bytes.Buffer
	encoder := yaml.NewEncoder(&manifest)
	for _, o := range rendered(t, combinations(t)["monitoring"]) {
		if err := encoder.Encode(map[string]any(o)); err != nil {
			t.Fatal(err)
		}
	}
	data, err := json.Marshal(released.Release{Name: "werkplek", Chart: loaded, Config: needed(), Manifest: manifest.String()})
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	writer, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := writer.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	size := base64.StdEncoding.EncodedLen(packed.Len())
	t.Logf("a release takes %d bytes of %d", size, 1<<20)
	if size > 1<<19 {
		t.Errorf("a release takes %d bytes; a Secret holds %d", size, 1<<20)
	}
}
