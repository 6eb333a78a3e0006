// SPDX-License-Identifier: Apache-2.0

package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"io/fs"
)

type file struct {
	name string
	data []byte
	mode int64
}

// tarball packs files without times or owners, so that the same files give the same archive.
func tarball(files []file) ([]byte, error) {
	var data bytes.Buffer
	squeezed := gzip.NewWriter(&data)
	archive := tar.NewWriter(squeezed)
	for _, f := range files {
		if err := archive.WriteHeader(&tar.Header{Name: f.name, Mode: f.mode, Size: int64(len(f.data))}); err != nil {
			return nil, err
		}
		if _, err := archive.Write(f.data); err != nil {
			return nil, err
		}
	}
	err := errors.Join(archive.Close(), squeezed.Close())
	return data.Bytes(), err
}

// zipball packs the same for Windows.
func zipball(files []file) ([]byte, error) {
	var data bytes.Buffer
	archive := zip.NewWriter(&data)
	for _, f := range files {
		header := &zip.FileHeader{Name: f.name, Method: zip.Deflate}
		header.SetMode(fs.FileMode(f.mode))
		w, err := archive.CreateHeader(header)
		if err != nil {
			return nil, err
		}
		if _, err := w.Write(f.data); err != nil {
			return nil, err
		}
	}
	err := archive.Close()
	return data.Bytes(), err
}
