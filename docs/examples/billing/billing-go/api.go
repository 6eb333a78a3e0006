// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	api      = "/apis/werkplek.dev/v1alpha1"
	secrets  = "/var/run/secrets/kubernetes.io/serviceaccount"
	attempts = 6
)

// server is an API server.
type server struct {
	address, tokenFile string
	client             *http.Client
}

func newServer() (*server, error) {
	s := &server{
		address:   environment("API_SERVER", "https://kubernetes.default.svc"),
		tokenFile: environment("TOKEN_FILE", secrets+"/token"),
	}
	ca, err := os.ReadFile(environment("CA_FILE", secrets+"/ca.crt"))
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(ca) {
		return nil, errors.New("CA_FILE holds no certificate")
	}
	s.client = &http.Client{
		Timeout:   30 * time.Second,
		Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, Proxy: http.ProxyFromEnvironment},
	}
	return s, nil
}

func environment(name, otherwise string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return otherwise
}

// answer is what the API server says: an object, a list, or a Status with a message.
type answer struct {
	status  int
	Message string            `json:"message"`
	Items   []json.RawMessage `json:"items"`
	Meta    struct {
		Continue string `json:"continue"`
	} `json:"metadata"`
	body []byte
}

func (a answer) problem() string {
	if a.Message != "" {
		return a.Message
	}
	return strconv.Itoa(a.status)
}

// call calls the API server until it answers.
func (s *server) call(method, path string, body any) (answer, error) {
	var sent []byte
	if body != nil {
		var err error
		if sent, err = json.Marshal(body); err != nil {
			return answer{}, err
		}
	}
	var problem error
	for attempt := range attempts {
		got, wait, err := s.once(method, path, sent)
		if err == nil {
			return got, nil
		}
		problem = err
		if wait < 0 {
			wait = 1 << attempt
		}
		if attempt < attempts-1 {
			time.Sleep(time.Duration(wait) * time.Second)
		}
	}
	return answer{}, fmt.Errorf("the API server does not answer: %w", problem)
}

// once calls the API server. With an error it returns for how many seconds it asks to be left alone.
func (s *server) once(method, path string, body []byte) (answer, int, error) {
	token, err := os.ReadFile(s.tokenFile) // it is renewed while we run
	if err != nil {
		return answer{}, -1, err
	}
	request, err := http.NewRequest(method, s.address+path, bytes.NewReader(body))
	if err != nil {
		return answer{}, -1, err
	}
	request.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
	if body != nil {
		request.Header.Set("Content-Type", "application/merge-patch+json")
	}
	response, err := s.client.Do(request)
	if err != nil {
		return answer{}, -1, err
	}
	defer response.Body.Close()
	if slices.Contains([]int{429, 500, 502, 503, 504}, response.StatusCode) {
		wait, err := strconv.Atoi(response.Header.Get("Retry-After"))
		if err != nil {
			wait = -1
		}
		return answer{}, wait, fmt.Errorf("HTTP %d", response.StatusCode)
	}
	got := answer{status: response.StatusCode}
	if got.body, err = io.ReadAll(response.Body); err != nil {
		return answer{}, -1, err // half an answer
	}
	return got, 0, json.Unmarshal(got.body, &got)
}

// list decodes every object, by pages, so that no answer grows without bound.
func list[T any](s *server, resource string) ([]T, error) {
	var all []T
	token := ""
	for {
		query := url.Values{"limit": {"500"}, "continue": {token}}
		got, err := s.call("GET", api+"/"+resource+"?"+query.Encode(), nil)
		if err != nil {
			return nil, err
		}
		if got.status != http.StatusOK {
			return nil, fmt.Errorf("cannot list %s: %s", resource, got.problem())
		}
		for _, raw := range got.Items {
			var item T
			if err := json.Unmarshal(raw, &item); err != nil {
				return nil, err
			}
			all = append(all, item)
		}
		if token = got.Meta.Continue; token == "" {
			return all, nil
		}
	}
}
