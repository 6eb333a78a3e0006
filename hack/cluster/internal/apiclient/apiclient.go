// SPDX-License-Identifier: Apache-2.0

// Package apiclient is the little of a Kubernetes client that a cluster's own
// start needs, without the dependencies of the real one.
package apiclient

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// requestTimeout bounds one request; all of them are small and local.
const requestTimeout = 5 * time.Second

// Client talks to one server over TLS.
type Client struct {
	server string
	token  string
	http   *http.Client
}

// New returns a client of the server at the given URL that trusts only caPEM.
// It shows the bearer token and the certificates, where there are any.
func New(server string, caPEM []byte, token string, certificates ...tls.Certificate) *Client {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(caPEM)
	return &Client{
		server: server,
		token:  token,
		http: &http.Client{
			Timeout: requestTimeout,
			// No proxy: the server is on this machine.
			Transport: &http.Transport{
				TLSClientConfig:   &tls.Config{RootCAs: pool, Certificates: certificates, MinVersion: tls.VersionTLS12},
				ForceAttemptHTTP2: true,
			},
		},
	}
}

// Get reads path and decodes the answer into out, unless out is nil.
func (c *Client) Get(ctx context.Context, path string, out any) error {
	return c.do(ctx, http.MethodGet, path, nil, out)
}

// Create posts object to the collection at path. An object that exists already
// is left as it is.
func (c *Client) Create(ctx context.Context, path string, object any) error {
	body, err := json.Marshal(object)
	if err != nil {
		return err
	}
	err = c.do(ctx, http.MethodPost, path, body, nil)
	var status *statusError
	if errors.As(err, &status) && status.code == http.StatusConflict {
		return nil
	}
	return err
}

func (c *Client) do(ctx context.Context, method, path string, body []byte, out any) error {
	request, err := http.NewRequestWithContext(ctx, method, c.server+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	if c.token != "" {
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode >= 300 {
		return &statusError{code: response.StatusCode, request: method + " " + path, answer: strings.TrimSpace(string(answer))}
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(answer, out)
}

// statusError is an answer other than success.
type statusError struct {
	code    int
	request string
	answer  string
}

func (e *statusError) Error() string {
	return fmt.Sprintf("%s: %d %s: %s", e.request, e.code, http.StatusText(e.code), e.answer)
}
