// SPDX-License-Identifier: Apache-2.0

// Package proxy stands between the operator and the API server: it counts the
// operator's requests, breaks them where a test asks for it, and holds back what
// watches say.
package proxy

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// Request is a request of the operator.
type Request struct {
	Verb string // GET, POST, PATCH, ...
	Path string
	Body string // of writes only
}

// Write reports whether the request changes something. Leases and events apart:
// neither is part of the state that the operator keeps.
func (r Request) Write() bool {
	return r.Verb != http.MethodGet && !strings.Contains(r.Path, "/leases") && !strings.Contains(r.Path, "/events")
}

// Watch reports whether the request is a watch.
func (r Request) Watch() bool {
	return strings.Contains(r.Path, "watch=true") || strings.Contains(r.Path, "watch=1")
}

// Site names the kind of write, without names: POST pods, PATCH workplaces/status.
func (r Request) Site() string {
	path, _, _ := strings.Cut(r.Path, "?")
	parts := strings.Split(strings.Trim(path, "/"), "/")
	parts = parts[2:] // api/v1 or apis/group
	if len(parts) > 0 && strings.HasPrefix(r.Path, "/apis/") {
		parts = parts[1:]
	}
	if len(parts) > 2 && parts[0] == "namespaces" && parts[2] != "status" && parts[2] != "finalize" {
		parts = parts[2:]
	}
	site := r.Verb + " " + parts[0]
	if len(parts) > 2 {
		site += "/" + parts[2]
	}
	return site
}

// Fault breaks a request: it may forward it, and answers or not.
type Fault func(w http.ResponseWriter, r *http.Request, forward http.Handler)

// Proxy is a running proxy.
type Proxy struct {
	// Intercept is asked about each request before it is forwarded; nil lets it pass.
	intercept func(Request) Fault

	mu       sync.Mutex
	requests []Request

	holds holds

	server *http.Server
	target http.Handler
	URL    string
}

// Start starts a proxy to the API server, with the rights of config.
func Start(config *rest.Config) (*Proxy, error) {
	transport, err := rest.TransportFor(config)
	if err != nil {
		return nil, err
	}
	host, err := url.Parse(config.Host)
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &Proxy{URL: "http://" + listener.Addr().String()}
	p.target = &httputil.ReverseProxy{
		Rewrite:       func(r *httputil.ProxyRequest) { r.SetURL(host); r.Out.Host = host.Host },
		Transport:     transport,
		FlushInterval: -1, // watches must arrive as they happen
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			http.Error(w, err.Error(), http.StatusBadGateway)
		},
	}
	p.server = &http.Server{Handler: p}
	go func() { _ = p.server.Serve(listener) }()
	return p, nil
}

// Stop closes the proxy and all connections through it.
func (p *Proxy) Stop() { _ = p.server.Close() }

// Kubeconfig writes a kubeconfig for the proxy into a folder and returns its path.
func (p *Proxy) Kubeconfig(dir string) (string, error) {
	path := filepath.Join(dir, "proxy.kubeconfig")
	config := clientcmdapi.NewConfig()
	config.Clusters["proxy"] = &clientcmdapi.Cluster{Server: p.URL}
	config.Contexts["proxy"] = &clientcmdapi.Context{Cluster: "proxy"}
	config.CurrentContext = "proxy"
	data, err := clientcmd.Write(*config)
	if err != nil {
		return "", err
	}
	return path, os.WriteFile(path, data, 0o600)
}

// Intercept sets what is asked about each request, and forgets those seen so far.
func (p *Proxy) Intercept(f func(Request) Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.intercept, p.requests = f, nil
}

// Requests returns the requests since the last call of Intercept.
func (p *Proxy) Requests() []Request {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]Request(nil), p.requests...)
}

// ServeHTTP implements http.Handler.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	request := Request{Verb: r.Method, Path: r.URL.RequestURI()}
	if request.Verb != http.MethodGet {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		request.Body = string(body)
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	p.mu.Lock()
	p.requests = append(p.requests, request)
	var fault Fault
	if p.intercept != nil {
		fault = p.intercept(request)
	}
	p.mu.Unlock()
	if resource, ok := watched(r.URL); ok {
		w = held{w, r.Context(), &p.holds, resource}
	}
	if fault != nil {
		fault(w, r, p.target)
		return
	}
	p.target.ServeHTTP(w, r)
}

// Crash kinds: the moment at which the operator dies around one write.
type Crash string

// The three moments of a crash.
const (
	BeforeWrite Crash = "before the write"
	AfterWrite  Crash = "after the write"
	AnswerLost  Crash = "after the write, its answer lost"
)

// Crashes lists the three moments.
var Crashes = []Crash{BeforeWrite, AfterWrite, AnswerLost}

// Fault returns the fault that kills the operator at this moment.
func (c Crash) Fault(kill func()) Fault {
	return func(w http.ResponseWriter, r *http.Request, forward http.Handler) {
		// The write must reach the API server although the operator is dying.
		r = r.WithContext(context.WithoutCancel(r.Context()))
		switch c {
		case BeforeWrite:
			kill()
		case AfterWrite:
			forward.ServeHTTP(w, r)
			kill()
		case AnswerLost:
			forward.ServeHTTP(discard{}, r)
			kill()
		default:
			panic(fmt.Sprintf("no such crash: %q", c))
		}
		panic(http.ErrAbortHandler) // closes the connection without another word
	}
}

// discard is an answer that nobody reads.
type discard struct{}

func (discard) Header() http.Header         { return http.Header{} }
func (discard) Write(b []byte) (int, error) { return len(b), nil }
func (discard) WriteHeader(int)             {}
