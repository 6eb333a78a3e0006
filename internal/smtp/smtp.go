// SPDX-License-Identifier: Apache-2.0

// Package smtp hands messages to a mail server, and tells what the server
// answered from what became of the connection.
package smtp

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	netmail "net/mail"
	"net/textproto"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// Security is how a connection is protected.
type Security string

// The ways to protect a connection.
const (
	// StartTLS turns a plain connection into a protected one, or fails.
	StartTLS Security = "starttls"
	// TLS protects the connection from its start.
	TLS Security = "tls"
	// Plain does not protect it: for a relay on the same machine.
	Plain Security = "none"
)

const (
	// openWithin bounds connecting, which a server does at once.
	openWithin = 15 * time.Second
	// deliverWithin bounds one delivery. Servers look into a message before they
	// accept it; to give up too soon is to send it twice.
	deliverWithin = 2 * time.Minute
)

// Server is a mail server, and how to sign in there. The files are read at each
// connection, so that a renewed password or certificate counts at once.
type Server struct {
	Address      string // host:port
	Security     Security
	CAFile       string // of the authority to trust; empty: the system's
	UsernameFile string // empty: no sign-in
	PasswordFile string
	From         netmail.Address

	// OpenWithin and DeliverWithin bound connecting and one delivery; 0: 15 s and 2 min.
	OpenWithin, DeliverWithin time.Duration
}

// Message is what is sent.
type Message struct {
	ID       string // without angle brackets
	To       []string
	Subject  string
	Text     string
	Language string
	Date     time.Time
}

// Refusal is a server's answer that it does not take a message.
type Refusal struct {
	Code  int
	Words string
}

// Error implements error, in the server's words.
func (r *Refusal) Error() string { return strings.TrimSpace(fmt.Sprintf("%d %s", r.Code, r.Words)) }

// Permanent reports whether the server says that asking again is of no use.
func (r *Refusal) Permanent() bool { return r.Code >= 500 }

// Check reports what is wrong with the settings and the files.
func (s *Server) Check() error {
	if _, _, err := s.hostPort(); err != nil {
		return err
	}
	if _, err := s.options(nil); err != nil {
		return err
	}
	return nil
}

func (s *Server) hostPort() (string, int, error) {
	host, service, err := net.SplitHostPort(s.Address)
	if err != nil || host == "" {
		return "", 0, fmt.Errorf("%q is no address of a mail server: write host:port, such as mail.example.com:587", s.Address)
	}
	port, err := strconv.Atoi(service)
	if err != nil || port < 1 || port > 65535 {
		return "", 0, fmt.Errorf("%q is no address of a mail server: its port must be a number from 1 to 65535", s.Address)
	}
	return host, port, nil
}

// Domain returns the sender's domain.
func (s *Server) Domain() string {
	return s.From.Address[strings.LastIndexByte(s.From.Address, '@')+1:]
}

// options returns the settings of a client that takes connections from dial.
func (s *Server) options(dial func(context.Context, *tls.Config) (net.Conn, error)) ([]mail.Option, error) {
	host, port, err := s.hostPort()
	if err != nil {
		return nil, err
	}
	protection := &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12}
	if s.CAFile != "" {
		pem, err := os.ReadFile(s.CAFile)
		if err != nil {
			return nil, fmt.Errorf("read the certificate authority: %w", err)
		}
		protection.RootCAs = x509.NewCertPool()
		if !protection.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("%s holds no PEM certificate", s.CAFile)
		}
	}
	options := []mail.Option{
		mail.WithPort(port), mail.WithTLSConfig(protection), mail.WithHELO(s.Domain()), mail.WithTimeout(s.openWithin()),
		mail.WithDialContextFunc(func(ctx context.Context, _, _ string) (net.Conn, error) { return dial(ctx, protection) }),
	}
	switch s.Security {
	case StartTLS:
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	case TLS, Plain:
		options = append(options, mail.WithTLSPolicy(mail.NoTLS)) // none beyond what dial does
	default:
		return nil, fmt.Errorf("%q is no way to protect a connection: choose %s, %s or %s", s.Security, StartTLS, TLS, Plain)
	}
	switch {
	case s.UsernameFile == "" && s.PasswordFile == "":
		return options, nil
	case s.UsernameFile == "" || s.PasswordFile == "":
		return nil, errors.New("a user name and a password go together: give the files of both, or of neither")
	case s.Security == Plain:
		return nil, fmt.Errorf("a password must not travel readable: choose %s or %s, or sign in without one", StartTLS, TLS)
	}
	username, err := secret(s.UsernameFile)
	if err != nil {
		return nil, err
	}
	password, err := secret(s.PasswordFile)
	if err != nil {
		return nil, err
	}
	return append(options, mail.WithUsername(username), mail.WithPassword(password),
		mail.WithOpportunisticSMTPAuth(mail.SMTPAuthSCRAMSHA256, mail.SMTPAuthPlain, mail.SMTPAuthLogin)), nil
}

// secret reads a file that holds one line.
func secret(path string) (string, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("read the sign-in for the mail server: %w", err)
	}
	text := strings.TrimRight(string(data), "\r\n")
	if text == "" {
		return "", fmt.Errorf("%s is empty: it must hold the user name or password for the mail server", path)
	}
	return text, nil
}

func (s *Server) openWithin() time.Duration {
	if s.OpenWithin > 0 {
		return s.OpenWithin
	}
	return openWithin
}

// Connection is a connection over which one message can be delivered.
type Connection struct {
	server *Server
	raw    net.Conn
	client *smtp.Client
}

// Open connects, protects the connection and signs in. Nothing has been sent
// when it fails.
func (s *Server) Open(ctx context.Context) (*Connection, error) {
	ctx, cancel := context.WithTimeout(ctx, s.openWithin())
	defer cancel()
	c := &Connection{server: s}
	interrupt := func() bool { return true }
	options, err := s.options(func(dialing context.Context, protection *tls.Config) (net.Conn, error) {
		var dialer net.Dialer
		raw, err := dialer.DialContext(dialing, "tcp", s.Address)
		if err != nil {
			return nil, err
		}
		c.raw = raw
		interrupt = context.AfterFunc(ctx, func() { _ = raw.Close() })
		if s.Security != TLS {
			return raw, nil
		}
		protected := tls.Client(raw, protection)
		return protected, protected.HandshakeContext(dialing)
	})
	if err != nil {
		return nil, err
	}
	host, _, err := s.hostPort()
	if err != nil {
		return nil, err
	}
	client, err := mail.NewClient(host, options...)
	if err != nil {
		return nil, err
	}
	c.client, err = client.DialToSMTPClientWithContext(ctx)
	if in := interrupt(); err == nil && in {
		return c, nil
	}
	c.Close()
	if ctx.Err() != nil || errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded) {
		return nil, fmt.Errorf("%s does not answer within %s", s.Address, s.openWithin())
	}
	return nil, s.plain(err)
}

// plain says what is wrong with a connection in words that are the same each
// time: without the ports that it had here.
func (s *Server) plain(err error) error {
	var network *net.OpError
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return fmt.Errorf("%s does not answer in time", s.Address)
	case errors.Is(err, io.EOF), errors.Is(err, net.ErrClosed):
		return fmt.Errorf("%s has closed the connection", s.Address)
	case errors.As(err, &network):
		return fmt.Errorf("%s %s: %w", network.Op, s.Address, network.Err)
	}
	return fmt.Errorf("%s: %w", s.Address, err)
}

// Close ends the connection without a word: after a delivery none is owed.
func (c *Connection) Close() {
	if c.raw != nil {
		_ = c.raw.Close()
	}
}

// Deliver hands a message over, and returns the recipients that the server
// refuses for good where it takes the message for others. An error is a Refusal
// if the server said no. Any other leaves open whether it took the message, once
// the message was out.
func (c *Connection) Deliver(m Message) (refused map[string]error, err error) {
	content, recipients, err := c.server.compose(m)
	if err != nil {
		return nil, err
	}
	within := c.server.DeliverWithin
	if within == 0 {
		within = deliverWithin
	}
	if err := c.client.UpdateDeadline(within); err != nil {
		return nil, c.answer(err)
	}
	if err := c.client.Mail("<" + c.server.From.Address + ">"); err != nil {
		return nil, c.answer(err)
	}
	refused = map[string]error{}
	var last error
	for _, to := range recipients {
		err := c.answer(c.client.Rcpt("<" + to + ">"))
		var no *Refusal
		switch {
		case err == nil:
		case errors.As(err, &no) && no.Permanent():
			refused[to], last = err, err
		default:
			return nil, err
		}
	}
	if len(refused) == len(recipients) {
		return nil, last
	}
	data, err := c.client.Data()
	if err != nil {
		return nil, c.answer(err)
	}
	if _, err := data.Write(content); err != nil {
		return nil, c.answer(err)
	}
	// Only the answer to the end of the message says that the server has it.
	if err := data.Close(); err != nil {
		return nil, c.answer(err)
	}
	return refused, nil
}

// compose writes the message as it travels, and returns its recipients' bare addresses.
func (s *Server) compose(m Message) (content []byte, recipients []string, err error) {
	message := mail.NewMsg(mail.WithNoDefaultUserAgent())
	message.FromMailAddress(&s.From)
	var to []*netmail.Address
	for _, address := range m.To {
		parsed, err := netmail.ParseAddress(address)
		if err != nil {
			return nil, nil, &Refusal{Code: 553, Words: fmt.Sprintf("not sent: %q is no mail address", address)}
		}
		to = append(to, parsed)
		recipients = append(recipients, parsed.Address)
	}
	message.ToMailAddress(to...)
	message.SetMessageIDWithValue(m.ID)
	message.SetDateWithValue(m.Date)
	message.Subject(m.Subject)
	// No vacation notice or other robot is to answer.
	message.SetGenHeader("Auto-Submitted", "auto-generated")
	message.SetGenHeader("Content-Language", m.Language)
	message.SetBodyString(mail.TypeTextPlain, m.Text)
	var text bytes.Buffer
	if _, err := message.WriteTo(&text); err != nil {
		return nil, nil, fmt.Errorf("compose the message: %w", err)
	}
	return text.Bytes(), recipients, nil
}

// answer turns a server's no into a Refusal.
func (c *Connection) answer(err error) error {
	var reply *textproto.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &reply):
		return &Refusal{Code: reply.Code, Words: strings.Join(strings.Fields(reply.Msg), " ")}
	}
	return c.server.plain(err)
}
