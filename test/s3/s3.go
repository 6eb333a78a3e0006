// SPDX-License-Identifier: Apache-2.0

// Package s3 is a real S3 API for tests, which knows what was asked of it and
// can be made to fail.
package s3

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

// Bucket is a bucket that exists.
const Bucket = "handed-over"

// The credentials that the server takes; it takes no others.
const (
	AccessKeyID     = "AKIAEXAMPLE"
	SecretAccessKey = "secret-of-the-example"
)

// Server is a running S3 API.
type Server struct {
	URL string

	server *httptest.Server
	mu     sync.Mutex
	puts   []string
	before func(puts int)
}

// Start serves at an address of this machine, such as 127.0.0.1:0.
func Start(address string) (*Server, error) {
	backend := s3mem.New()
	if err := backend.CreateBucket(Bucket); err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	s := &Server{}
	api := gofakes3.New(backend).Server()
	s.server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.Header.Get("Authorization"), "Credential="+AccessKeyID+"/") {
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, `<?xml version="1.0"?><Error><Code>InvalidAccessKeyId</Code><Message>The access key is not known</Message></Error>`)
			return
		}
		if r.Method == http.MethodPut {
			s.count(r)
		}
		api.ServeHTTP(w, r)
	}))
	s.server.Listener.Close()
	s.server.Listener = listener
	s.server.Start()
	s.URL = s.server.URL
	return s, nil
}

// Stop ends the server.
func (s *Server) Stop() { s.server.Close() }

// BeforePut sets what is called before each PUT is answered, with how many there
// were; nil: nothing.
func (s *Server) BeforePut(call func(puts int)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.before = call
}

// TakePuts returns the paths and queries of the PUTs since it was last called.
func (s *Server) TakePuts() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	taken := s.puts
	s.puts = nil
	return taken
}

func (s *Server) count(r *http.Request) {
	s.mu.Lock()
	s.puts = append(s.puts, r.URL.RequestURI())
	call, n := s.before, len(s.puts)
	s.mu.Unlock()
	if call != nil {
		call(n)
	}
}
