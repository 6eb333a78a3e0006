// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestNoticeFlags(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	broken := filepath.Join(dir, "templates")
	if err := errors.Join(os.Mkdir(broken, 0o700), os.WriteFile(filepath.Join(broken, "Welcome.nl.tmpl"), []byte("Subject: x\n\n{{if}}\n"), 0o600)); err != nil {
		t.Fatal(err)
	}
	outbox := "--outbox-dir=" + filepath.Join(dir, "outbox")
	const server, from = "--smtp-address=mail.example.com:587", "--notice-from=service@example.com"
	for name, test := range map[string]struct {
		flags []string
		want  string // what the error says; empty: none
	}{
		"none at all":         {nil, ""},
		"all that is needed":  {[]string{server, from, outbox}, ""},
		"a sender's name":     {[]string{server, "--notice-from=Service <service@example.com>", outbox + "-of-another"}, ""},
		"no sender":           {[]string{server, outbox}, "needs --notice-from"},
		"no outbox":           {[]string{server, from}, "needs --outbox-dir"},
		"no address":          {[]string{server, "--notice-from=service", outbox}, "write an address such as"},
		"no port":             {[]string{"--smtp-address=mail.example.com", from, outbox}, "--smtp-*: \"mail.example.com\" is no address"},
		"unknown protection":  {[]string{server, from, outbox, "--smtp-tls=ssl"}, "choose starttls, tls or none"},
		"a name, no password": {[]string{server, from, outbox, "--smtp-username-file=/x"}, "go together"},
		"a broken template":   {[]string{"--notice-templates=" + broken}, "Welcome.nl.tmpl:3: missing value for if"},
		"no such folder":      {[]string{"--notice-templates=/nonexistent"}, "--notice-templates=/nonexistent: read the notice templates"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var o noticeOptions
			flags := flag.NewFlagSet("manager", flag.ContinueOnError)
			o.bind(flags)
			if err := flags.Parse(test.flags); err != nil {
				t.Fatal(err)
			}
			settings, err := o.settings()
			if test.want != "" {
				if err == nil || !strings.Contains(err.Error(), test.want) {
					t.Errorf("want an error that says %q, got %v", test.want, err)
				}
				return
			}
			if err != nil || (settings.Mail != nil) != (len(test.flags) > 0) || (settings.Mail == nil) != (settings.Outbox == nil) || settings.Templates == nil {
				t.Errorf("%+v, %v", settings, err)
			}
			if name == "a sender's name" && (settings.Provider != "Service" || settings.Mail.From.Name != "Service") || name == "all that is needed" && settings.Provider != "example.com" {
				t.Errorf("the provider is %q, from %q", settings.Provider, settings.Mail.From.Name)
			}
		})
	}
}
