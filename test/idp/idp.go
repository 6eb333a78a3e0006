// SPDX-License-Identifier: Apache-2.0

// Package idp runs a real OIDC provider with a sign-in page for tests.
package idp

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
	"golang.org/x/text/language"
)

// The client that the portal is, and everybody's password.
const (
	ClientID     = "werkplek"
	ClientSecret = "not-a-secret-in-tests"
	Password     = "open sesame"
)

// Provider is a running OIDC provider.
type Provider struct {
	// Issuer is its URL.
	Issuer string
	server *http.Server
}

// Start runs a provider on an address, such as 127.0.0.1:0, that knows everybody
// by e-mail address and sends people back to a callback URL. The host in its
// issuer URL is that of the address.
func Start(address, callback string) (*Provider, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen for sign-ins: %w", err)
	}
	issuer := "http://" + listener.Addr().String()
	store := storage.NewStorageWithClients(everybody{}, map[string]*storage.Client{
		ClientID: storage.WebClient(ClientID, ClientSecret, callback),
	})
	router := exampleop.SetupServer(issuer, store, slog.New(slog.NewTextHandler(io.Discard, nil)), false)
	p := &Provider{Issuer: issuer, server: &http.Server{Handler: router, ReadHeaderTimeout: 10 * time.Second}}
	go func() { _ = p.server.Serve(listener) }()
	return p, nil
}

// Stop ends the provider.
func (p *Provider) Stop() { _ = p.server.Close() }

// everybody has an e-mail address, which is also their username and user id.
type everybody struct{}

// GetUserByID implements storage.UserStore.
func (e everybody) GetUserByID(id string) *storage.User { return e.GetUserByUsername(id) }

// GetUserByUsername implements storage.UserStore.
func (everybody) GetUserByUsername(email string) *storage.User {
	if !strings.Contains(email, "@") {
		return nil
	}
	return &storage.User{
		ID: email, Username: email, Password: Password, Email: email, EmailVerified: !strings.HasPrefix(email, "unverified"),
		PreferredLanguage: language.English,
	}
}

// ExampleClientID implements storage.UserStore.
func (everybody) ExampleClientID() string { return "nobody" }
