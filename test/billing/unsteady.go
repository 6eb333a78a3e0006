// SPDX-License-Identifier: Apache-2.0

package billing

import (
	"crypto/tls"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"sync"

	"k8s.io/client-go/rest"
)

// unsteady stands before an API server that has a bad day: of the first three calls of
// each method one is carried out and not answered, one is answered by 429, one by 503.
type unsteady struct {
	*httptest.Server
	to *httputil.ReverseProxy

	mu    sync.Mutex
	calls map[string]int
}

// newUnsteady starts one, and writes its certificate to a file.
func newUnsteady(config *rest.Config, certificate string) (*unsteady, error) {
	target, err := url.Parse(config.Host)
	if err != nil {
		return nil, err
	}
	// Without the certificate of the administrator: the token that comes with a call must do.
	anonymous := rest.AnonymousClientConfig(config)
	transport, err := rest.TransportFor(anonymous)
	if err != nil {
		return nil, err
	}
	u := &unsteady{to: httputil.NewSingleHostReverseProxy(target), calls: map[string]int{}}
	u.to.Transport = transport
	u.Server = httptest.NewUnstartedServer(u)
	u.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	u.StartTLS()
	block := &pem.Block{Type: "CERTIFICATE", Bytes: u.Certificate().Raw}
	return u, os.WriteFile(certificate, pem.EncodeToMemory(block), 0o600)
}

// begin begins another bad day.
func (u *unsteady) begin() {
	u.mu.Lock()
	defer u.mu.Unlock()
	clear(u.calls)
}

func (u *unsteady) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	u.mu.Lock()
	u.calls[r.Method]++
	call := u.calls[r.Method]
	u.mu.Unlock()
	switch call {
	case 1:
		u.to.ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler) // the connection ends
	case 2, 3:
		w.Header().Set("Retry-After", "0")
		w.WriteHeader(map[int]int{2: http.StatusTooManyRequests, 3: http.StatusServiceUnavailable}[call])
	default:
		u.to.ServeHTTP(w, r)
	}
}
