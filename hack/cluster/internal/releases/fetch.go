// SPDX-License-Identifier: Apache-2.0

package releases

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const (
	// dialTimeout bounds each step until a server answers: whether there is a way
	// to it is to be known within seconds.
	dialTimeout   = 4 * time.Second
	answerTimeout = 8 * time.Second
	// stallTimeout is how long a download may stand still.
	stallTimeout = 15 * time.Second
	// attempts is how often a download is taken up again where it broke off.
	attempts = 3
)

// UnreachableError says that a server does not answer, or stopped doing so.
type UnreachableError struct {
	Host string
	Err  error
}

func (e *UnreachableError) Error() string {
	return fmt.Sprintf("%s cannot be reached (%v)", e.Host, reason(e.Err))
}
func (e *UnreachableError) Unwrap() error { return e.Err }

// reason is what went wrong, without the address that stands in the sentence.
func reason(err error) error {
	var dns *net.DNSError
	if errors.As(err, &dns) {
		return errors.New(dns.Err)
	}
	var of *url.Error
	if errors.As(err, &of) {
		return of.Err
	}
	return err
}

// ChecksumError says that a file is not the one that was pinned.
type ChecksumError struct {
	URL, Want, Got string
}

func (e *ChecksumError) Error() string {
	return fmt.Sprintf("refused: %s has the sha256 %s; pinned is %s", e.URL, e.Got, e.Want)
}

// Fetcher downloads releases.
type Fetcher struct {
	mirror string
	client *http.Client
	stall  time.Duration
	read   func(n int) // is told of bytes that have come
}

// NewFetcher returns a fetcher that takes files from a mirror, where one is
// given: below its URL, by the host and path that they have at the publisher's.
func NewFetcher(mirror string, read func(n int)) *Fetcher {
	return &Fetcher{
		mirror: strings.TrimSuffix(mirror, "/"),
		client: &http.Client{Transport: &http.Transport{
			Proxy:                 http.ProxyFromEnvironment,
			DialContext:           (&net.Dialer{Timeout: dialTimeout}).DialContext,
			TLSHandshakeTimeout:   dialTimeout,
			ResponseHeaderTimeout: answerTimeout,
			MaxIdleConnsPerHost:   4,
		}},
		stall: stallTimeout,
		read:  read,
	}
}

// Address is where the file of a release is fetched from.
func (f *Fetcher) Address(release Release) string {
	if f.mirror == "" {
		return release.URL
	}
	return f.mirror + "/" + strings.TrimPrefix(release.URL, "https://")
}

// Host is the server that the file of a release is fetched from.
func (f *Fetcher) Host(release Release) string {
	address, err := url.Parse(f.Address(release))
	if err != nil {
		return ""
	}
	return address.Host
}

// Fetch puts the program of a release at path: as a whole, or not at all. What
// came of a download that broke off is kept beside it, and taken up by the next.
func (f *Fetcher) Fetch(ctx context.Context, release Release, path string) error {
	download := filepath.Join(filepath.Dir(path), "."+release.Name+"-"+release.SHA256[:12]+".download")
	if err := f.download(ctx, f.Address(release), download); err != nil {
		return err
	}
	got, err := sum(download)
	if err != nil {
		return err
	}
	if got != release.SHA256 {
		// Not to be taken up again: it would be refused for ever.
		return errors.Join(&ChecksumError{URL: f.Address(release), Want: release.SHA256, Got: got}, os.Remove(download))
	}
	if release.Member == "" {
		return errors.Join(os.Chmod(download, 0o755), os.Rename(download, path))
	}
	if err := extract(download, release.Member, path); err != nil {
		return err
	}
	return os.Remove(download)
}

// download fetches a file, from where an earlier attempt broke off.
func (f *Fetcher) download(ctx context.Context, address, path string) error {
	var err error
	for range attempts {
		var progress bool
		progress, err = f.attempt(ctx, address, path)
		if err == nil || ctx.Err() != nil || !progress {
			break
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// attempt reports whether anything came, and an error unless all did.
func (f *Fetcher) attempt(ctx context.Context, address, path string) (bool, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return false, err
	}
	defer file.Close()
	have, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return false, err
	}
	request, err := request(ctx, address, have)
	if err != nil {
		return false, err
	}
	answer, err := f.client.Do(request)
	if err != nil {
		return false, &UnreachableError{Host: request.URL.Host, Err: err}
	}
	defer answer.Body.Close()
	switch {
	case answer.StatusCode == http.StatusRequestedRangeNotSatisfiable && have > 0:
		return true, nil // it is all there; its checksum will tell
	case answer.StatusCode == http.StatusPartialContent && have > 0:
	case answer.StatusCode == http.StatusOK:
		if err := errors.Join(file.Truncate(0), seekStart(file)); err != nil {
			return false, err
		}
	default:
		return false, fmt.Errorf("%s: %s", address, answer.Status)
	}
	watchdog := time.AfterFunc(f.stall, cancel)
	defer watchdog.Stop()
	n, err := io.Copy(file, &watched{from: answer.Body, seen: func(n int) {
		watchdog.Reset(f.stall)
		f.read(n)
	}})
	if err != nil {
		return n > 0, &UnreachableError{Host: answer.Request.URL.Host, Err: fmt.Errorf("a download broke off: %w", err)}
	}
	return n > 0, nil
}

func request(ctx context.Context, address string, from int64) (*http.Request, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err == nil && from > 0 {
		request.Header.Set("Range", fmt.Sprintf("bytes=%d-", from))
	}
	return request, err
}

func seekStart(file *os.File) error {
	_, err := file.Seek(0, io.SeekStart)
	return err
}

func sum(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return "", err
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

// watched says how many bytes are read from a reader, as they are.
type watched struct {
	from io.Reader
	seen func(n int)
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.from.Read(p)
	w.seen(n)
	return n, err
}
