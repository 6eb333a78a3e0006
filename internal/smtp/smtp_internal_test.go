// SPDX-License-Identifier: Apache-2.0

package smtp

import (
	"context"
	"errors"
	"io"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"werkplek.dev/werkplek/test/mailserver"
)

var message = Message{
	ID: "1@noorderlicht.example", To: []string{"piet@jansen.example", "els@jansen.example"}, Language: "nl",
	Subject: "Betaal vóór 2 november", Text: "Beste Piet,\n\nBetaal € 3.\n.\nTot ziens.\n", Date: time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC),
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func file(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(path, []byte(content), 0o600))
	return path
}

// client returns the settings for a server.
func client(t *testing.T, server *mailserver.Server, security Security) *Server {
	return &Server{
		Address: server.Address, Security: security, CAFile: server.CAFile, OpenWithin: 5 * time.Second,
		From: netmail.Address{Name: "Noorderlicht", Address: "dienst@noorderlicht.example"},
	}
}

func (s *Server) send(t *testing.T, m Message) (map[string]error, error) {
	t.Helper()
	connection, err := s.Open(t.Context())
	if err != nil {
		return nil, err
	}
	defer connection.Close()
	return connection.Deliver(m)
}

func TestDelivery(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		security Security
		signIn   bool
	}{
		"STARTTLS": {StartTLS, false}, "STARTTLS with a sign-in": {StartTLS, true},
		"TLS": {TLS, false}, "TLS with a sign-in": {TLS, true}, "plain": {Plain, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := mailserver.Start(t, mailserver.Security(test.security), test.signIn)
			s := client(t, server, test.security)
			if test.signIn {
				s.UsernameFile, s.PasswordFile = file(t, mailserver.Username+"\n"), file(t, mailserver.Password+"\n")
			}
			must(t, s.Check())
			refused, err := s.send(t, message)
			if err != nil || len(refused) > 0 {
				t.Fatalf("%v, %v", err, refused)
			}
			received := server.Received()
			if len(received) != 1 {
				t.Fatalf("%d messages", len(received))
			}
			got := received[0]
			if got.From != "dienst@noorderlicht.example" || strings.Join(got.To, " ") != "piet@jansen.example els@jansen.example" ||
				got.Protected != (test.security != Plain) || (got.User != "") != test.signIn {
				t.Errorf("%+v", got)
			}
			parsed, err := netmail.ReadMessage(strings.NewReader(got.Data))
			must(t, err)
			for header, want := range map[string]string{
				"From": `"Noorderlicht" <dienst@noorderlicht.example>`, "To": "<piet@jansen.example>, <els@jansen.example>",
				"Subject": "=?UTF-8?q?Betaal_v=C3=B3=C3=B3r_2_november?=", "Message-Id": "<1@noorderlicht.example>",
				"Date": "Fri, 20 Nov 2026 12:00:00 +0000", "Auto-Submitted": "auto-generated", "Content-Language": "nl",
				"Content-Type": "text/plain; charset=UTF-8", "User-Agent": "",
			} {
				if value := parsed.Header.Get(header); value != want {
					t.Errorf("%s: %q, want %q", header, value, want)
				}
			}
			body, err := io.ReadAll(quotedprintable.NewReader(parsed.Body))
			must(t, err)
			if text := strings.ReplaceAll(string(body), "\r\n", "\n"); strings.TrimSpace(text) != strings.TrimSpace(message.Text) {
				t.Errorf("the text is %q", text)
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	server := mailserver.Start(t, "starttls", false)
	s := client(t, server, StartTLS)
	for _, stage := range []mailserver.Stage{mailserver.OnMail, mailserver.OnRcpt, mailserver.OnData} {
		for code, permanent := range map[int]bool{450: false, 550: true} {
			server.Answer(func(at mailserver.Stage, _ string) error {
				if at == stage {
					return mailserver.No(code, "not today\nnor tomorrow")
				}
				return nil
			})
			_, err := s.send(t, message)
			var no *Refusal
			if !errors.As(err, &no) || no.Code != code || no.Permanent() != permanent || !strings.Contains(err.Error(), "not today nor tomorrow") {
				t.Errorf("%s %d: %v", stage, code, err)
			}
		}
	}
	// One address is dead: the other still gets it. One is to wait: nobody gets it yet.
	only := func(code int) {
		server.Answer(func(at mailserver.Stage, argument string) error {
			if at == mailserver.OnRcpt && strings.HasPrefix(argument, "els@") {
				return mailserver.No(code, "no")
			}
			return nil
		})
	}
	only(450)
	if _, err := s.send(t, message); err == nil || len(server.Received()) != 0 {
		t.Errorf("%v, %d messages", err, len(server.Received()))
	}
	only(550)
	if refused, err := s.send(t, message); err != nil || len(refused) != 1 || refused["els@jansen.example"] == nil || len(server.Received()) != 1 {
		t.Errorf("%v, %v, %d messages", refused, err, len(server.Received()))
	}
	bad := message
	bad.To = []string{"<piet@jansen.example", "x@y"}
	var no *Refusal
	if _, err := s.send(t, bad); !errors.As(err, &no) || !no.Permanent() || len(server.Received()) != 1 {
		t.Errorf("%v", err)
	}
}

// Nothing is sent, and no password said, before the server has proved who it is.
func TestDistrust(t *testing.T) {
	t.Parallel()
	with := func(server, client mailserver.Security, change func(*Server)) error {
		running := mailserver.Start(t, server, false)
		s := &Server{
			Address: running.Address, Security: Security(client), CAFile: running.CAFile, OpenWithin: time.Second,
			From: netmail.Address{Address: "dienst@noorderlicht.example"},
		}
		change(s)
		_, err := s.send(t, message)
		if n := len(running.Received()); n > 0 {
			t.Errorf("%d messages", n)
		}
		return err
	}
	for name, test := range map[string]struct {
		err  error
		want string
	}{
		"unknown authority":    {with("starttls", "starttls", func(s *Server) { s.CAFile = "" }), "certificate"},
		"no STARTTLS there":    {with("none", "starttls", func(*Server) {}), "does not support STARTTLS"},
		"TLS to a plain port":  {with("none", "tls", func(*Server) {}), ""},
		"plain to a TLS port":  {with("tls", "none", func(*Server) {}), ""},
		"a name not certified": {with("starttls", "starttls", func(s *Server) { s.Address = strings.Replace(s.Address, "127.0.0.1", "localhost", 1) }), "certificate"},
	} {
		if test.err == nil || !strings.Contains(test.err.Error(), test.want) {
			t.Errorf("%s: %v", name, test.err)
		}
	}
}

func TestWrongPassword(t *testing.T) {
	t.Parallel()
	server := mailserver.Start(t, "starttls", true)
	s := client(t, server, StartTLS)
	s.UsernameFile, s.PasswordFile = file(t, mailserver.Username), file(t, "guess")
	if _, err := s.Open(t.Context()); err == nil || !strings.Contains(err.Error(), "AUTH") {
		t.Errorf("%v", err)
	}
	// A renewed password counts at the next connection.
	must(t, os.WriteFile(s.PasswordFile, []byte(mailserver.Password), 0o600))
	if _, err := s.send(t, message); err != nil {
		t.Error(err)
	}
}

// A server that is dead or silent costs no more than the time it is given.
func TestUnreachable(t *testing.T) {
	t.Parallel()
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer silent.Close()
	s := &Server{Address: silent.Addr().String(), Security: StartTLS, OpenWithin: 100 * time.Millisecond, From: netmail.Address{Address: "a@b.example"}}
	if _, err := s.Open(t.Context()); err == nil || err.Error() != s.Address+" does not answer within 100ms" {
		t.Errorf("silent: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Open(ctx); err == nil {
		t.Error("want an error when the manager stops")
	}
	must(t, silent.Close())
	var again error
	for range 2 {
		_, err := s.Open(t.Context())
		if err == nil || !strings.Contains(err.Error(), "connection refused") || again != nil && again.Error() != err.Error() {
			t.Errorf("dead: %v, then %v", again, err)
		}
		again = err
	}

	// It takes the message in and never says whether it has it.
	slow := mailserver.Start(t, "starttls", false)
	release := make(chan struct{})
	defer close(release)
	slow.Answer(func(at mailserver.Stage, _ string) error {
		if at == mailserver.OnData {
			<-release
		}
		return nil
	})
	s = client(t, slow, StartTLS)
	s.DeliverWithin = 100 * time.Millisecond
	var no *Refusal
	if _, err := s.send(t, message); err == nil || errors.As(err, &no) || !strings.Contains(err.Error(), "does not answer in time") {
		t.Errorf("slow: %v", err)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	good := Server{Address: "mail.example.com:587", Security: StartTLS, From: netmail.Address{Address: "a@b.example"}}
	for want, change := range map[string]func(*Server){
		"":                                    func(*Server) {},
		"write host:port":                     func(s *Server) { s.Address = "mail.example.com" },
		"from 1 to 65535":                     func(s *Server) { s.Address = "mail.example.com:smtp" },
		"choose starttls, tls or none":        func(s *Server) { s.Security = "ssl" },
		"no such file":                        func(s *Server) { s.CAFile = "/nonexistent" },
		"holds no PEM certificate":            func(s *Server) { s.CAFile = file(t, "x") },
		"go together":                         func(s *Server) { s.UsernameFile = file(t, "x") },
		"is empty":                            func(s *Server) { s.UsernameFile, s.PasswordFile = file(t, "x"), file(t, "\n") },
		"a password must not travel readable": func(s *Server) { s.Security, s.UsernameFile, s.PasswordFile = Plain, file(t, "x"), file(t, "x") },
	} {
		s := good
		change(&s)
		if err := s.Check(); want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
}
