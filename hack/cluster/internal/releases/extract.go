// SPDX-License-Identifier: Apache-2.0

package releases

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
)

// extract puts one file of an archive at path, as a program.
func extract(archive, member, path string) error {
	file, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		return fmt.Errorf("%s: %w", archive, err)
	}
	for files := tar.NewReader(unzipped); ; {
		header, err := files.Next()
		if errors.Is(err, io.EOF) {
			return fmt.Errorf("%s holds no %s", archive, member)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", archive, err)
		}
		if header.Name == member {
			return write(path, files)
		}
	}
}

// write makes a program of what it reads: as a whole, or not at all.
func write(path string, content io.Reader) error {
	partial, err := os.OpenFile(path+".partial", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o755)
	if err != nil {
		return err
	}
	_, err = io.Copy(partial, content)
	if err = errors.Join(err, partial.Close()); err != nil {
		return errors.Join(err, os.Remove(partial.Name()))
	}
	return os.Rename(partial.Name(), path)
}
