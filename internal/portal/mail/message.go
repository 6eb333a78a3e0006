// SPDX-License-Identifier: Apache-2.0

// Package mail turns mail to support into service requests (TD-2). What a mail
// says about its sender anybody can write, so it is believed only as far as the
// provider's own mail server vouches for it, and even then it never changes a
// user: it becomes a request that a person answers, and that the contact can
// turn into more only after signing in.
package mail

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset" // mail in old encodings
	gomail "github.com/emersion/go-message/mail"
	"github.com/emersion/go-msgauth/authres"
	"golang.org/x/net/html"
)

const (
	// noteLength is what a request's note may hold, in characters, less the words around the text.
	noteLength = 9500
	// readLength bounds what of a text is read at all.
	readLength = 256 << 10
)

// Message is what a request needs of a mail.
type Message struct {
	ID          string
	From        string // in lower case
	Subject     string
	Text        string
	Attachments int
	// Automatic mail is nobody's request: bounces, out-of-office replies.
	Automatic bool
	// Authentic is true when the provider's mail server vouches for the sender.
	Authentic bool
}

// Read reads a mail. authserv is the name under which the provider's own mail
// server writes what it found out about the sender.
func Read(source io.Reader, authserv string) (Message, error) {
	reader, err := gomail.CreateReader(source)
	if err != nil && !message.IsUnknownCharset(err) {
		return Message{}, fmt.Errorf("read the mail: %w", err)
	}
	var m Message
	senders, err := reader.Header.AddressList("From")
	if err != nil || len(senders) != 1 {
		return m, errors.New("the mail names no sender, or several")
	}
	m.From = strings.ToLower(senders[0].Address)
	m.Subject, _ = reader.Header.Subject()
	m.ID, _ = reader.Header.MessageID()
	automatic := reader.Header.Get("Auto-Submitted")
	m.Automatic = automatic != "" && !strings.EqualFold(automatic, "no") || reader.Header.Get("X-Auto-Response-Suppress") != "" && reader.Header.Get("In-Reply-To") != ""
	m.Authentic = vouched(reader.Header.FieldsByKey("Authentication-Results"), authserv, m.From)
	return m, m.readParts(reader)
}

// readParts takes the first plain text, else the first page's words.
func (m *Message) readParts(reader *gomail.Reader) error {
	page := ""
	for {
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil && !message.IsUnknownCharset(err) {
			return fmt.Errorf("read the mail's parts: %w", err)
		}
		header, inline := part.Header.(*gomail.InlineHeader)
		if !inline {
			m.Attachments++
			continue
		}
		kind, _, _ := header.ContentType()
		data, err := io.ReadAll(io.LimitReader(part.Body, readLength))
		if err != nil {
			return fmt.Errorf("read the mail's text: %w", err)
		}
		switch {
		case strings.HasPrefix(kind, "text/html") && page == "":
			page = wordsOf(string(data))
		case strings.HasPrefix(kind, "text/") && m.Text == "":
			m.Text = strings.TrimSpace(strings.ReplaceAll(strings.ToValidUTF8(string(data), "?"), "\r\n", "\n"))
		case !strings.HasPrefix(kind, "text/"):
			m.Attachments++
		}
	}
	if m.Text == "" {
		m.Text = page
	}
	return nil
}

// fields are header fields of one name, from the top down.
type fields interface {
	Next() bool
	Value() string
}

// vouched reports whether the topmost field of our own mail server says that the
// sender's domain sent the mail. Others, below it or of other servers, anybody
// may have written.
func vouched(all fields, authserv, from string) bool {
	_, domain, ok := strings.Cut(from, "@")
	if !ok || authserv == "" {
		return false
	}
	for all.Next() {
		server, results, err := authres.Parse(all.Value())
		if err != nil || !strings.EqualFold(strings.Fields(server + " ")[0], authserv) {
			continue
		}
		for _, result := range results {
			switch r := result.(type) {
			case *authres.DMARCResult:
				if r.Value == authres.ResultPass && strings.EqualFold(r.From, domain) {
					return true
				}
			case *authres.DKIMResult:
				if r.Value == authres.ResultPass && strings.EqualFold(r.Domain, domain) {
					return true
				}
			}
		}
		return false
	}
	return false
}

// wordsOf returns the text of a page.
func wordsOf(page string) string {
	var out strings.Builder
	tokens, hidden := html.NewTokenizer(strings.NewReader(page)), 0
	for {
		switch tokens.Next() {
		case html.ErrorToken:
			return strings.TrimSpace(out.String())
		case html.StartTagToken:
			name, _ := tokens.TagName()
			switch string(name) {
			case "script", "style", "head":
				hidden++
			case "br", "p", "div", "tr", "li":
				out.WriteString("\n")
			}
		case html.EndTagToken:
			if name, _ := tokens.TagName(); strings.Contains(" script style head ", " "+string(name)+" ") && hidden > 0 {
				hidden--
			}
		case html.TextToken:
			if hidden == 0 {
				out.WriteString(strings.TrimSpace(string(tokens.Text())) + " ")
			}
		}
	}
}

// Note returns the request's text.
func (m Message) Note() string {
	note := strings.TrimSpace(m.Subject + "\n\n" + m.Text)
	if letters := []rune(note); len(letters) > noteLength {
		note = string(letters[:noteLength]) + "\n[the mail is longer; ask the sender for the rest]"
	}
	if m.Attachments > 0 {
		note += fmt.Sprintf("\n[%d attachments are in the mailbox only]", m.Attachments)
	}
	if note == "" {
		note = "[a mail without text]"
	}
	return note
}

// Name returns the request's name: a mail that is delivered twice is one request.
func (m Message) Name() string {
	sum := sha256.Sum256([]byte(m.From + "\x00" + m.ID + "\x00" + m.Subject + "\x00" + m.Text))
	if m.ID != "" {
		sum = sha256.Sum256([]byte(m.From + "\x00" + m.ID))
	}
	return "mail-" + hex.EncodeToString(sum[:8])
}
