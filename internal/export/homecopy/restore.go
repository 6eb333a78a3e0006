// SPDX-License-Identifier: Apache-2.0

package homecopy

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"

	"github.com/minio/minio-go/v7"

	"werkplek.dev/werkplek/internal/export/report"
)

// Restorer brings a home back from a bucket.
type Restorer struct {
	Client *minio.Core
	Bucket string
	// Prefix of the home's keys, with a slash at its end.
	Prefix string
	// Folder is where the home comes; it must be empty.
	Folder string
	// SHA256 that the manifest must have, such as a DataExport's status says;
	// empty: whatever the bucket holds.
	SHA256 string
}

// writable lets a folder be filled before it gets the mode that it had.
const writable = 0o700

// Restore brings every file back as the manifest says, and fails where a
// checksum differs. Times of symbolic links are not brought back.
func (r *Restorer) Restore(ctx context.Context) (done report.Report, err error) {
	if done.SHA256, err = r.check(ctx); err != nil {
		return done, err
	}
	if there, err := os.ReadDir(r.Folder); err != nil || len(there) > 0 {
		return done, errors.Join(err, fmt.Errorf("%s is not empty: a home is restored into an empty folder", r.Folder))
	}
	root, err := os.OpenRoot(r.Folder)
	if err != nil {
		return done, err
	}
	defer root.Close()
	manifest, err := r.open(ctx, ManifestName)
	if err != nil {
		return done, err
	}
	defer manifest.Close()
	var folders []Entry
	if err := readManifest(manifest, func(e Entry) error {
		switch e.Type {
		case TypeDir:
			folders = append(folders, e)
			if e.Path == "." {
				return nil
			}
			return root.Mkdir(string(e.Path), writable)
		case TypeSymlink:
			return root.Symlink(string(e.Target), string(e.Path))
		case TypeFile:
			done.Files++
			done.Bytes += e.Size
			return r.file(ctx, root, e)
		}
		return nil
	}); err != nil {
		return done, err
	}
	// The innermost first, when nothing comes into them any more.
	for _, e := range slices.Backward(folders) {
		if err := finish(root, e); err != nil {
			return done, err
		}
	}
	return done, nil
}

// check returns the manifest's sum, if it is the wanted one.
func (r *Restorer) check(ctx context.Context) (string, error) {
	manifest, err := r.open(ctx, ManifestName)
	if err != nil {
		return "", err
	}
	defer manifest.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, manifest); err != nil {
		return "", err
	}
	got := hex.EncodeToString(sum.Sum(nil))
	if r.SHA256 != "" && r.SHA256 != got {
		return "", fmt.Errorf("the manifest has the SHA-256 %s, and %s is wanted: it was written by another export, or changed", got, r.SHA256)
	}
	return got, nil
}

func (r *Restorer) open(ctx context.Context, key string) (io.ReadCloser, error) {
	body, _, _, err := r.Client.GetObject(ctx, r.Bucket, r.Prefix+key, minio.GetObjectOptions{})
	if err != nil {
		return nil, fmt.Errorf("get %s%s: %w", r.Prefix, key, err)
	}
	return body, nil
}

func (r *Restorer) file(ctx context.Context, root *os.Root, e Entry) (err error) {
	body, err := r.open(ctx, e.Key)
	if err != nil {
		return err
	}
	defer body.Close()
	file, err := root.OpenFile(string(e.Path), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(file, sum), body)
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	if got := hex.EncodeToString(sum.Sum(nil)); n != e.Size || got != e.SHA256 {
		return fmt.Errorf("%q came back with %d bytes and the SHA-256 %s; the manifest says %d and %s: the object was changed", e.Path, n, got, e.Size, e.SHA256)
	}
	return finish(root, e)
}

// finish gives a file or folder its mode and time.
func finish(root *os.Root, e Entry) error {
	mode, err := modeOf(e.Mode)
	if err != nil {
		return err
	}
	if err := root.Chtimes(string(e.Path), e.Modified, e.Modified); err != nil {
		return err
	}
	if err := root.Chmod(string(e.Path), mode); err != nil && !(e.Path == "." && errors.Is(err, fs.ErrPermission)) {
		return err // the top of a volume may be another's, and is well as it is
	}
	return nil
}
