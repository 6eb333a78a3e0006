// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
)

// quietLength is how much memory a direction of an upgraded connection keeps
// while nothing comes. Most desktops are quiet most of the time, and there are
// thousands of them; the standard copy keeps eight times as much.
const quietLength = 4 << 10

// tunnels hands out, when a connection is upgraded, one that copies sparingly.
type tunnels struct{ http.ResponseWriter }

// Unwrap lets http.ResponseController find what this does not change.
func (t tunnels) Unwrap() http.ResponseWriter { return t.ResponseWriter }

// Hijack implements http.Hijacker.
func (t tunnels) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffered, err := http.NewResponseController(t.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	return tunnel{conn}, buffered, nil
}

// tunnel is a connection whose both directions io.Copy leaves to it.
type tunnel struct{ net.Conn }

// ReadFrom implements io.ReaderFrom.
func (t tunnel) ReadFrom(source io.Reader) (int64, error) { return sparingly(t.Conn, source) }

// WriteTo implements io.WriterTo.
func (t tunnel) WriteTo(target io.Writer) (int64, error) { return sparingly(target, t.Conn) }

// sparingly copies until the source ends. It waits with a small buffer, and
// borrows a large one for as long as more comes than fits that.
func sparingly(target io.Writer, source io.Reader) (int64, error) {
	small := make([]byte, quietLength)
	var copied int64
	for {
		n, err := source.Read(small)
		if n > 0 {
			written, failed := target.Write(small[:n])
			copied += int64(written)
			if failed != nil {
				return copied, failed
			}
		}
		if errors.Is(err, io.EOF) {
			return copied, nil
		}
		if err != nil {
			return copied, err
		}
		if n < len(small) {
			continue
		}
		more, err := burst(target, source)
		copied += more
		if errors.Is(err, io.EOF) {
			return copied, nil
		}
		if err != nil {
			return copied, err
		}
	}
}

// burst copies with a large buffer until less comes than would fill a small one.
func burst(target io.Writer, source io.Reader) (int64, error) {
	large := pool.Get().(*[]byte)
	defer pool.Put(large)
	var copied int64
	for {
		n, err := source.Read(*large)
		if n > 0 {
			written, failed := target.Write((*large)[:n])
			copied += int64(written)
			if failed != nil {
				return copied, failed
			}
		}
		if err != nil || n < quietLength {
			return copied, err
		}
	}
}
