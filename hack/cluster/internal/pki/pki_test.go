// SPDX-License-Identifier: Apache-2.0

package pki

import (
	"crypto/tls"
	"crypto/x509"
	"testing"
)

func newTestAuthority(t *testing.T) (*Authority, *x509.CertPool) {
	t.Helper()
	authority, err := NewAuthority("test")
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(authority.CertPEM) {
		t.Fatal("the authority's certificate is not PEM")
	}
	return authority, pool
}

func leafOf(t *testing.T, pair Pair) *x509.Certificate {
	t.Helper()
	loaded, err := tls.X509KeyPair(pair.CertPEM, pair.KeyPEM)
	if err != nil {
		t.Fatal(err)
	}
	return loaded.Leaf
}

func TestServingCertificateNames(t *testing.T) {
	t.Parallel()
	authority, pool := newTestAuthority(t)
	pair, err := authority.Serving("server", "127.0.0.1", "::1", "localhost", "kubernetes.default.svc")
	if err != nil {
		t.Fatal(err)
	}
	leaf := leafOf(t, pair)

	tests := map[string]struct {
		host  string
		valid bool
	}{
		"IPv4":                       {"127.0.0.1", true},
		"IPv6":                       {"::1", true},
		"localhost":                  {"localhost", true},
		"service name":               {"kubernetes.default.svc", true},
		"other address":              {"127.0.0.2", false},
		"other name":                 {"example.com", false},
		"common name is not a host":  {"server", false},
		"name below a certified one": {"x.kubernetes.default.svc", false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := leaf.Verify(x509.VerifyOptions{Roots: pool, DNSName: tc.host})
			if (err == nil) != tc.valid {
				t.Errorf("Verify(%q) = %v, want valid %v", tc.host, err, tc.valid)
			}
		})
	}
}

func TestCertificatePurpose(t *testing.T) {
	t.Parallel()
	authority, pool := newTestAuthority(t)
	_, otherPool := newTestAuthority(t)
	serving, err := authority.Serving("server", "localhost")
	if err != nil {
		t.Fatal(err)
	}
	client, err := authority.Client("client")
	if err != nil {
		t.Fatal(err)
	}

	tests := map[string]struct {
		pair  Pair
		roots *x509.CertPool
		usage x509.ExtKeyUsage
		valid bool
	}{
		"serving serves":            {serving, pool, x509.ExtKeyUsageServerAuth, true},
		"serving is no client":      {serving, pool, x509.ExtKeyUsageClientAuth, false},
		"client is a client":        {client, pool, x509.ExtKeyUsageClientAuth, true},
		"client does not serve":     {client, pool, x509.ExtKeyUsageServerAuth, false},
		"other cluster's authority": {serving, otherPool, x509.ExtKeyUsageServerAuth, false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := leafOf(t, tc.pair).Verify(x509.VerifyOptions{Roots: tc.roots, KeyUsages: []x509.ExtKeyUsage{tc.usage}})
			if (err == nil) != tc.valid {
				t.Errorf("Verify = %v, want valid %v", err, tc.valid)
			}
		})
	}
}
