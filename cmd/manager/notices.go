// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"net/mail"
	"os"

	"werkplek.dev/werkplek/controllers/notice"
	"werkplek.dev/werkplek/internal/notices"
	"werkplek.dev/werkplek/internal/outbox"
	"werkplek.dev/werkplek/internal/smtp"
)

// noticeOptions are the flags about writing to tenants.
type noticeOptions struct {
	server    smtp.Server
	security  string
	from      string
	provider  string
	templates string
	outbox    string
}

func (o *noticeOptions) bind(flags *flag.FlagSet) {
	flags.StringVar(&o.server.Address, "smtp-address", "", "host:port of the mail server that takes notices; empty: notices wait")
	flags.StringVar(&o.security, "smtp-tls", string(smtp.StartTLS), "how the connection to the mail server is protected: starttls, tls from its start, or none")
	flags.StringVar(&o.server.CAFile, "smtp-ca", "", "PEM file of the authority that vouches for the mail server; empty: the system's")
	flags.StringVar(&o.server.UsernameFile, "smtp-username-file", "", "file with the user name for the mail server; empty: no sign-in")
	flags.StringVar(&o.server.PasswordFile, "smtp-password-file", "", "file with the password for the mail server")
	flags.StringVar(&o.from, "notice-from", "", "mail address that notices come from, such as service@example.com")
	flags.StringVar(&o.provider, "notice-provider", "", "provider's name as notices are signed; empty: that of --notice-from")
	flags.StringVar(&o.templates, "notice-templates", "", "folder of templates, named <Type>.<language>.tmpl, that replace those of Werkplek; empty: none")
	flags.StringVar(&o.outbox, "outbox-dir", "", "folder, which must outlive this process, that remembers which notices the mail server took")
}

// settings checks the flags and all that they name.
func (o *noticeOptions) settings() (notice.Settings, error) {
	var own fs.FS
	if o.templates != "" {
		own = os.DirFS(o.templates)
	}
	templates, err := notices.Load(own)
	if err != nil {
		return notice.Settings{}, fmt.Errorf("--notice-templates=%s: %w", o.templates, err)
	}
	settings := notice.Settings{Templates: templates, Provider: o.provider}
	if o.server.Address == "" {
		return settings, nil
	}
	if o.from == "" {
		return settings, errors.New("--smtp-address needs --notice-from, the address that notices come from")
	}
	if o.outbox == "" {
		return settings, errors.New("--smtp-address needs --outbox-dir, a folder that outlives this process, so that none is sent twice")
	}
	from, err := mail.ParseAddress(o.from)
	if err != nil {
		return settings, fmt.Errorf("--notice-from=%s: %w; write an address such as service@example.com", o.from, err)
	}
	o.server.Security = smtp.Security(o.security)
	o.server.From = mail.Address{Name: cmp.Or(from.Name, o.provider), Address: from.Address}
	if err := o.server.Check(); err != nil {
		return settings, fmt.Errorf("--smtp-*: %w", err)
	}
	settings.Provider = cmp.Or(o.provider, from.Name, o.server.Domain())
	settings.Mail = &o.server
	if settings.Outbox, err = outbox.Open(o.outbox); err != nil {
		return settings, fmt.Errorf("--outbox-dir=%s: %w", o.outbox, err)
	}
	return settings, nil
}
