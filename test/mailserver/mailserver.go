// SPDX-License-Identifier: Apache-2.0

// Package mailserver is a mail server for tests, with a certificate of its own.
// It keeps what it takes, says no where a test asks for it, and can be dead for
// a while at the same address.
package mailserver

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// Username and Password let a client in, where the server asks for them.
const (
	Username = "werkplek"
	Password = "a password with spaces"
)

// Security is how connections are protected: starttls, tls or none.
type Security string

// Mail is a message that the server has taken.
type Mail struct {
	From      string
	To        []string
	Data      string
	Protected bool   // it came over TLS
	User      string // who had signed in
}

// Stage is a moment at which the server can say no.
type Stage string

// The stages.
const (
	OnMail Stage = "MAIL"
	OnRcpt Stage = "RCPT"
	OnData Stage = "DATA"
)

// Server is a running mail server.
type Server struct {
	Address string
	CAFile  string

	security Security
	auth     bool
	tls      *tls.Config

	mu       sync.Mutex
	server   *smtp.Server
	answer   func(stage Stage, argument string) error
	received []Mail
}

// Start starts a server that asks for a sign-in or not. The test's end stops it.
func Start(t testing.TB, security Security, auth bool) *Server {
	t.Helper()
	s := &Server{Address: "127.0.0.1:0", security: security, auth: auth}
	s.certify(t)
	s.Resume(t)
	t.Cleanup(s.Pause)
	return s
}

// certify makes a certificate that vouches for itself, and writes it to CAFile.
func (s *Server) certify(t testing.TB) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(err)
	certificate := &x509.Certificate{
		SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, certificate, certificate, key.Public(), key)
	must(err)
	s.CAFile = filepath.Join(t.TempDir(), "ca.crt")
	must(os.WriteFile(s.CAFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	s.tls = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
}

// Resume lets the server serve (again), at the address it had.
func (s *Server) Resume(t testing.TB) {
	t.Helper()
	listener, err := net.Listen("tcp", s.Address)
	if err != nil {
		t.Fatal(err)
	}
	s.Address = listener.Addr().String()
	server := smtp.NewServer(smtp.BackendFunc(func(conn *smtp.Conn) (smtp.Session, error) {
		_, protected := conn.TLSConnectionState()
		next := &session{server: s, mail: Mail{Protected: protected}}
		if s.auth {
			return &authSession{next}, nil
		}
		return next, nil
	}))
	server.Domain = "mx.test.example"
	server.MaxRecipients = 10
	server.ReadTimeout, server.WriteTimeout = 10*time.Second, 10*time.Second
	server.ErrorLog = log.New(io.Discard, "", 0)
	switch s.security {
	case "starttls":
		server.TLSConfig = s.tls
	case "tls":
		listener = tls.NewListener(listener, s.tls)
	}
	s.mu.Lock()
	s.server = server
	s.mu.Unlock()
	go func() { _ = server.Serve(listener) }()
}

// Pause ends the server and every connection; what it has taken stays.
func (s *Server) Pause() {
	s.mu.Lock()
	defer s.mu.Unlock()
	_ = s.server.Close()
}

// Answer sets who is told no: an error of answer is the server's answer; nil
// lets everything in again.
func (s *Server) Answer(answer func(stage Stage, argument string) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = answer
}

// No returns a server's no.
func No(code int, words string) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: smtp.NoEnhancedCode, Message: words}
}

// Received returns what the server has taken, oldest first.
func (s *Server) Received() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Mail(nil), s.received...)
}

func (s *Server) ask(stage Stage, argument string) error {
	s.mu.Lock()
	answer := s.answer
	s.mu.Unlock()
	if answer == nil {
		return nil
	}
	return answer(stage, argument)
}

// session is one client's conversation.
type session struct {
	server *Server
	mail   Mail
}

// Reset implements smtp.Session.
func (s *session) Reset() { s.mail.From, s.mail.To = "", nil }

// Logout implements smtp.Session.
func (s *session) Logout() error { return nil }

// Mail implements smtp.Session.
func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if s.server.auth && s.mail.User == "" {
		return smtp.ErrAuthRequired
	}
	s.mail.From = from
	return s.server.ask(OnMail, from)
}

// Rcpt implements smtp.Session.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if err := s.server.ask(OnRcpt, to); err != nil {
		return err
	}
	s.mail.To = append(s.mail.To, to)
	return nil
}

// Data implements smtp.Session.
func (s *session) Data(r io.Reader) error {
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if err := s.server.ask(OnData, string(data)); err != nil {
		return err
	}
	taken := s.mail
	taken.Data = string(data)
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	s.server.received = append(s.server.received, taken)
	return nil
}

// authSession also lets clients sign in.
type authSession struct{ *session }

// AuthMechanisms implements smtp.AuthSession.
func (s *authSession) AuthMechanisms() []string { return []string{sasl.Plain} }

// Auth implements smtp.AuthSession.
func (s *authSession) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, username, password string) error {
		if username != Username || password != Password {
			return errors.New("wrong user name or password")
		}
		s.mail.User = username
		return nil
	}), nil
}
