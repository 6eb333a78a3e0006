// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strconv"
	"sync"
	"time"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/portal/access"
	"werkplek.dev/werkplek/internal/tracing"
)

const (
	dialTime     = 5 * time.Second
	keepIdle     = 30 * time.Second
	bufferLength = 32 << 10
)

// proxy carries requests to desktops.
type proxy struct {
	gateway *Gateway
	reverse *httputil.ReverseProxy
}

type addressKey struct{}

func newProxy(g *Gateway) *proxy {
	p := &proxy{gateway: g}
	p.reverse = &httputil.ReverseProxy{
		Rewrite: rewrite,
		Transport: tracing.Upstream(&http.Transport{
			DialContext:         g.Dial,
			TLSHandshakeTimeout: dialTime,
			IdleConnTimeout:     keepIdle,
			MaxIdleConnsPerHost: 8,
			DisableCompression:  true,
			// A desktop's certificate is its own; what is reached is known by the
			// address that the API server gives, inside the cluster's network.
			TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, //nolint:gosec // see above
		}),
		FlushInterval:  -1,
		BufferPool:     buffers{},
		ModifyResponse: modify,
		ErrorHandler:   p.failed,
	}
	return p
}

func (p *proxy) serve(w http.ResponseWriter, r *http.Request, address *access.Address) {
	p.reverse.ServeHTTP(tunnels{w}, r.WithContext(context.WithValue(r.Context(), addressKey{}, address)))
}

// rewrite turns a visitor's request into one for the desktop: the path and the
// query as they came, our cookies gone, and nothing that claims to be from a proxy
// but what this one knows.
func rewrite(p *httputil.ProxyRequest) {
	address := p.In.Context().Value(addressKey{}).(*access.Address)
	target := &url.URL{Scheme: "http", Host: net.JoinHostPort(address.IP, strconv.Itoa(int(address.Spec.Port)))}
	if address.Spec.Protocol == v1alpha1.ProtocolHTTPS {
		target.Scheme = "https"
	}
	p.SetURL(target)
	p.Out.URL.Path, p.Out.URL.RawPath, p.Out.URL.RawQuery = p.In.URL.Path, p.In.URL.RawPath, p.In.URL.RawQuery
	p.Out.Host = p.In.Host
	p.SetXForwarded()
	p.Out.Header.Set("X-Forwarded-Proto", "https")
	withoutOurs(p.Out)
	if auth := address.BasicAuth(); auth != nil {
		p.Out.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(auth.Username+":"+auth.Password)))
	}
}

// withoutOurs takes the gateway's cookies off a request.
func withoutOurs(r *http.Request) {
	cookies := r.Cookies()
	r.Header.Del("Cookie")
	for _, cookie := range cookies {
		if !ours(cookie.Name) {
			r.AddCookie(&http.Cookie{Name: cookie.Name, Value: cookie.Value, Quoted: cookie.Quoted})
		}
	}
}

// modify keeps a desktop from setting the gateway's cookies, cookies for its
// siblings, and from being embedded or read by other sites.
func modify(response *http.Response) error {
	cookies := response.Header.Values("Set-Cookie")
	response.Header.Del("Set-Cookie")
	for _, line := range cookies {
		cookie, err := http.ParseSetCookie(line)
		if err != nil || ours(cookie.Name) || cookie.Domain != "" {
			continue
		}
		response.Header.Add("Set-Cookie", line)
	}
	response.Header.Set("Cross-Origin-Resource-Policy", "same-origin")
	response.Header.Set("X-Frame-Options", "SAMEORIGIN")
	if response.Header.Get("Referrer-Policy") == "" {
		response.Header.Set("Referrer-Policy", "same-origin")
	}
	return nil
}

// failed answers when the desktop does not.
func (p *proxy) failed(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil || errors.Is(err, context.Canceled) {
		panic(http.ErrAbortHandler) // the visitor left, or was cut
	}
	p.gateway.Log.V(1).Info("the desktop does not answer", "host", r.Host, "error", err.Error())
	w.Header().Set("Retry-After", strconv.Itoa(2))
	http.Error(w, "the desktop does not answer; it may be restarting", http.StatusBadGateway)
}

// buffers lends the memory through which answers are copied.
type buffers struct{}

var pool = sync.Pool{New: func() any { b := make([]byte, bufferLength); return &b }}

// Get implements httputil.BufferPool.
func (buffers) Get() []byte { return *pool.Get().(*[]byte) }

// Put implements httputil.BufferPool.
func (buffers) Put(b []byte) { pool.Put(&b) }
