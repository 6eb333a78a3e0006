// SPDX-License-Identifier: Apache-2.0

package nodeimage

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// A layer is written once, compressed a little: the images are local, and
// compressing well would take longer than everything else.
type layer struct {
	file *os.File
	zip  *gzip.Writer
	tar  *tar.Writer
}

func newLayer(path string) (*layer, error) {
	file, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	zip, err := gzip.NewWriterLevel(file, gzip.BestSpeed)
	return &layer{file: file, zip: zip, tar: tar.NewWriter(zip)}, err
}

func (l *layer) close() error {
	return errors.Join(l.tar.Close(), l.zip.Close(), l.file.Close())
}

// finish closes the layer and returns it as one of an image.
func (l *layer) finish() (v1.Layer, error) {
	if err := l.close(); err != nil {
		return nil, err
	}
	return tarball.LayerFromFile(l.file.Name())
}

// add puts a file of this machine into the layer, without its time and owner.
func (l *layer) add(place, source string, mode int64) error {
	in, err := os.Open(source)
	if err != nil {
		return err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return err
	}
	if err := l.tar.WriteHeader(&tar.Header{Name: place, Mode: mode, Size: info.Size()}); err != nil {
		return err
	}
	_, err = io.Copy(l.tar, in)
	return err
}

func (l *layer) addText(place, text string) error {
	if err := l.tar.WriteHeader(&tar.Header{Name: place, Mode: 0o644, Size: int64(len(text))}); err != nil {
		return err
	}
	_, err := io.WriteString(l.tar, text)
	return err
}

func (l *layer) addLink(place, target string) error {
	return l.tar.WriteHeader(&tar.Header{Name: place, Typeflag: tar.TypeSymlink, Linkname: target, Mode: 0o777})
}

// addTree puts a folder's files into the layer; scripts stay executable.
func (l *layer) addTree(root string) error {
	return filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		place, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		mode := int64(0o644)
		if info.Mode()&0o100 != 0 {
			mode = 0o755
		}
		return l.add(filepath.ToSlash(place), path, mode)
	})
}

// addArchive copies a Debian's tar into the layer, without devices, which
// engines add themselves, and without times.
func (l *layer) addArchive(path string) error {
	in, err := os.Open(path)
	if err != nil {
		return err
	}
	defer in.Close()
	for r := tar.NewReader(in); ; {
		header, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if header = cleaned(header); header == nil {
			continue
		}
		if err := l.tar.WriteHeader(header); err != nil {
			return err
		}
		if _, err := io.Copy(l.tar, r); err != nil {
			return err
		}
	}
}

// cleaned returns nil for what is left out.
func cleaned(header *tar.Header) *tar.Header {
	header.Name = strings.TrimPrefix(header.Name, "./")
	if header.Name == "" || (strings.HasPrefix(header.Name, "dev/") && header.Name != "dev/") {
		return nil
	}
	if header.Typeflag == tar.TypeLink {
		header.Linkname = strings.TrimPrefix(header.Linkname, "./")
	}
	header.ModTime, header.AccessTime, header.ChangeTime = time.Unix(0, 0), time.Time{}, time.Time{}
	for _, record := range []string{"mtime", "atime", "ctime"} {
		delete(header.PAXRecords, record)
	}
	return header
}
