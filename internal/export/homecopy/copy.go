// SPDX-License-Identifier: Apache-2.0

package homecopy

import (
	"context"
	"crypto/md5" //nolint:gosec // what S3 checks parts against; nothing relies on it against an attacker
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/minio/minio-go/v7"
	"golang.org/x/sync/errgroup"
	"k8s.io/utils/clock"

	"werkplek.dev/werkplek/internal/export/report"
)

const (
	// digestKey and modifiedKey are the names of an object's metadata. Other
	// programs know the second: rclone restores times from it.
	digestKey   = "Werkplek-Sha256"
	modifiedKey = "Mtime"

	// tries is how often to begin anew with a file that changes while it is read.
	tries = 3
	// inMemory is up to which size a file is read at once, so that what is sent
	// is what was summed however often it changes.
	inMemory = 4 << 20
	// batch is how many entries are looked at together.
	batch = 256
	// sayEvery is how often to say how far it is.
	sayEvery = 30 * time.Second
)

// Copier copies one home to a bucket.
type Copier struct {
	Clock  clock.PassiveClock
	Client *minio.Core
	Bucket string
	// Prefix of all keys of this home, with a slash at its end.
	Prefix string
	// Folder is where the home is mounted.
	Folder string
	// Spool is a folder for the manifest while it is written.
	Spool string
	// Workers copy so many files at a time.
	Workers int
	// PartSize above which a file is sent in parts of that size.
	PartSize int64
	// Log says how far it is.
	Log *slog.Logger
}

// run is one run of a copier.
type run struct {
	*Copier
	root     *os.Root
	resuming bool // something is in the bucket already

	files, bytes, sent atomic.Int64
	said               time.Time
}

// Copy copies the home. What is in the bucket already, by its checksum, is not
// sent again. The report says how far it came also when it failed.
func (c *Copier) Copy(ctx context.Context) (report.Report, error) {
	r := &run{Copier: c, said: c.Clock.Now()}
	sum, err := r.copy(ctx)
	return report.Report{Files: r.files.Load(), Bytes: r.bytes.Load(), Sent: r.sent.Load(), SHA256: sum}, err
}

func (r *run) copy(ctx context.Context) (sum string, err error) {
	if r.root, err = os.OpenRoot(r.Folder); err != nil {
		return "", err
	}
	defer r.root.Close()
	if r.resuming, err = r.begun(ctx); err != nil {
		return "", err
	}
	spool, err := os.CreateTemp(r.Spool, ManifestName)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, spool.Close(), os.Remove(spool.Name())) }()
	manifest, err := newWriter(spool)
	if err != nil {
		return "", err
	}
	waiting := make([]found, 0, batch)
	flush := func() error {
		err := r.copyAll(ctx, waiting, manifest)
		waiting = waiting[:0]
		return err
	}
	if err := walk(ctx, r.root, func(f found) error {
		if waiting = append(waiting, f); len(waiting) < batch {
			return nil
		}
		return flush()
	}); err != nil {
		return "", err
	}
	if err := errors.Join(flush(), manifest.close()); err != nil {
		return "", err
	}
	// Last of all: where there is a manifest, all that it names is there.
	info, err := spool.Stat()
	if err != nil {
		return "", err
	}
	if sum, err = digest(spool, info.Size()); err != nil {
		return "", err
	}
	return sum, r.put(ctx, ManifestName, spool, info.Size(), sum, info.ModTime())
}

// begun reports whether anything of this home is in the bucket.
func (r *run) begun(ctx context.Context) (bool, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for object := range r.Client.Client.ListObjects(ctx, r.Bucket, minio.ListObjectsOptions{Prefix: r.Prefix, Recursive: true, MaxKeys: 1}) {
		return object.Err == nil, object.Err
	}
	return false, ctx.Err()
}

// copyAll copies some entries side by side, and writes them down in their order.
func (r *run) copyAll(ctx context.Context, all []found, manifest *writer) error {
	entries := make([]*Entry, len(all))
	group, within := errgroup.WithContext(ctx)
	group.SetLimit(max(r.Workers, 1))
	for i := range all {
		group.Go(func() (err error) {
			entries[i], err = r.entry(within, all[i])
			if errors.Is(err, fs.ErrNotExist) {
				return nil // gone meanwhile
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for _, e := range entries {
		if e == nil {
			continue
		}
		if err := manifest.add(*e); err != nil {
			return err
		}
	}
	if now := r.Clock.Now(); r.Log != nil && now.Sub(r.said) >= sayEvery {
		r.said = now
		r.Log.Info("copying", "files", r.files.Load(), "bytes", r.bytes.Load(), "sent", r.sent.Load())
	}
	return nil
}

// entry describes one path, and sees that its contents are in the bucket.
func (r *run) entry(ctx context.Context, f found) (*Entry, error) {
	e := &Entry{Path: Name(f.path), Mode: octal(f.info.Mode()), Modified: f.info.ModTime().UTC()}
	switch mode := f.info.Mode(); {
	case mode.IsDir():
		e.Type = TypeDir
	case mode.IsRegular():
		return e, r.file(ctx, e)
	case mode&fs.ModeSymlink != 0:
		target, err := r.root.Readlink(f.path)
		e.Type, e.Mode, e.Target = TypeSymlink, "", Name(target)
		return e, err
	default:
		e.Type = TypeSkipped
	}
	return e, nil
}

// changingError says that a file was never the same for long enough.
type changingError struct{ path string }

func (e *changingError) Error() string {
	return fmt.Sprintf("%q changes all the time: stop the desktop until the home is copied", e.path)
}

// errChanged says that a file is not what it was when it was summed.
var errChanged = errors.New("the file changed while it was copied")

// file sends one file, unless the bucket has it.
func (r *run) file(ctx context.Context, e *Entry) error {
	for range tries {
		err := r.attempt(ctx, e)
		if err == nil {
			r.files.Add(1)
			r.bytes.Add(e.Size)
			return nil
		}
		if !errors.Is(err, errChanged) && !errors.Is(err, io.ErrUnexpectedEOF) && !mismatch(err) {
			return err
		}
	}
	return &changingError{string(e.Path)}
}

func (r *run) attempt(ctx context.Context, e *Entry) error {
	file, err := r.root.OpenFile(string(e.Path), os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return errChanged
	}
	e.Type, e.Mode, e.Modified, e.Size = TypeFile, octal(info.Mode()), info.ModTime().UTC(), info.Size()
	e.Key = keyOf(r.Prefix, string(e.Path))
	var contents io.ReaderAt = file
	if e.Size <= inMemory {
		whole := make([]byte, e.Size)
		if _, err := io.ReadFull(file, whole); err != nil {
			return errors.Join(errChanged, err)
		}
		contents = bytesAt(whole)
	}
	if e.SHA256, err = digest(contents, e.Size); err != nil {
		return err
	}
	return r.put(ctx, e.Key, contents, e.Size, e.SHA256, e.Modified)
}

// put sees that an object has its contents.
func (r *run) put(ctx context.Context, key string, contents io.ReaderAt, size int64, sum string, modified time.Time) error {
	key = r.Prefix + key
	if r.resuming {
		if there, err := r.has(ctx, key, size, sum); there || err != nil {
			return err
		}
	}
	options := minio.PutObjectOptions{
		ContentType: "application/octet-stream",
		UserMetadata: map[string]string{
			digestKey:   sum,
			modifiedKey: fmt.Sprintf("%d.%09d", modified.Unix(), modified.Nanosecond()),
		},
		// It disables a digest of each chunk: the whole is signed with the digest
		// that is known, which every server checks, without TLS too.
		DisableContentSha256: true,
	}
	if size > r.PartSize {
		return r.putParts(ctx, key, contents, size, sum, options)
	}
	md5Sum, shaSum, err := sums(contents, 0, size)
	if err != nil {
		return err
	}
	if hex.EncodeToString(shaSum) != sum {
		return errChanged
	}
	_, err = r.Client.PutObject(ctx, r.Bucket, key, io.NewSectionReader(contents, 0, size), size,
		base64.StdEncoding.EncodeToString(md5Sum), sum, options)
	if err == nil {
		r.sent.Add(1)
	}
	return err
}

// has reports whether the bucket has an object with these contents.
func (r *run) has(ctx context.Context, key string, size int64, sum string) (bool, error) {
	info, err := r.Client.StatObject(ctx, r.Bucket, key, minio.StatObjectOptions{})
	if minio.ToErrorResponse(err).Code == minio.NoSuchKey {
		return false, nil
	}
	return err == nil && info.Size == size && info.UserMetadata[digestKey] == sum, err
}

// digest returns the SHA-256 of the first bytes of a file, in hexadecimal digits.
func digest(contents io.ReaderAt, size int64) (string, error) {
	_, sum, err := sums(contents, 0, size)
	return hex.EncodeToString(sum), err
}

// sums returns the MD5 and the SHA-256 of a part of a file.
func sums(contents io.ReaderAt, offset, size int64) (md5Sum, shaSum []byte, err error) {
	a, b := md5.New(), sha256.New() //nolint:gosec // see the import
	n, err := io.Copy(io.MultiWriter(a, b), io.NewSectionReader(contents, offset, size))
	if err == nil && n != size {
		err = io.ErrUnexpectedEOF // it became shorter
	}
	return a.Sum(nil), b.Sum(nil), err
}

// bytesAt are contents in memory.
type bytesAt []byte

// ReadAt implements io.ReaderAt.
func (b bytesAt) ReadAt(p []byte, offset int64) (int, error) {
	if offset >= int64(len(b)) {
		return 0, io.EOF
	}
	n := copy(p, b[offset:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}
