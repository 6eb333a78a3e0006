// SPDX-License-Identifier: Apache-2.0

package notices

import (
	"context"
	"errors"
	"io"
	"mime/quotedprintable"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/test/cluster"
	"werkplek.dev/werkplek/test/mailserver"
	"werkplek.dev/werkplek/test/operator"
)

func file(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	must(t, os.WriteFile(path, []byte(content), 0o600))
	return path
}

// Each notice arrives once, in its language, with two writes; a new start
// neither sends nor writes anything.
func TestEachOnce(t *testing.T) {
	server := mailserver.Start(t, "starttls", true)
	p := newProvider(t, server)
	p.arguments = append(p.sending(), "--smtp-username-file="+file(t, "username", mailserver.Username), "--smtp-password-file="+file(t, "password", mailserver.Password+"\n"))
	p.start(0)
	warning := func(language v1alpha1.Language) v1alpha1.NoticeSpec {
		return v1alpha1.NoticeSpec{Type: v1alpha1.NoticeSuspensionWarning, Language: language, Facts: map[string]string{
			"contact": "Piet Jansen", "tenant": "Bakkerij Jansen B.V.", "invoice": "2026-0815", "issuedOn": "2026-09-01",
			"amount": "1412.50", "currency": "EUR", "suspendsOn": "2026-11-02",
		}}
	}
	two := v1alpha1.NoticeSpec{Type: v1alpha1.NoticeWelcome, To: []v1alpha1.Email{p.piet(), "els@" + p.piet()[5:]}}
	p.give("warning-nl", warning("nl"))
	p.give("warning-en", warning("en"))
	p.give("warning-da", warning("da"))
	p.give("warning-nb", warning("nb"))
	p.give("two", two)

	for name, want := range map[string][]string{
		"warning-nl": {"nl", "Betaal vóór 2 november 2026 om toegang te houden", "Het\nopenstaande bedrag is EUR\u00a01.412,50."},
		"warning-en": {"en", "Please pay before 2 November 2026 to keep your access", "EUR\u00a01,412.50"},
		"warning-da": {"da", "Betal inden 2. november 2026 for at beholde din adgang", "1.412,50\u00a0EUR"},
		"warning-nb": {"nb", "Betal før 2. november 2026 for å beholde tilgangen", "1\u00a0412,50\u00a0EUR"},
		"two":        {"en", "Welcome to Noorderlicht Werkplekken", "Noorderlicht Werkplekken"},
	} {
		notice, got := p.sentOnce(name)
		if notice.Status.Attempts != 1 {
			t.Errorf("%s: %d attempts", name, notice.Status.Attempts)
		}
		text, err := io.ReadAll(quotedprintable.NewReader(got.Body))
		must(t, err)
		if got.Header.Get("Content-Language") != want[0] || subject(t, got) != want[1] || !strings.Contains(strings.ReplaceAll(string(text), "\r\n", "\n"), want[2]) {
			t.Errorf("%s: %v\n%s\nwant %q", name, got.Header, text, want)
		}
		if from := got.Header.Get("From"); from != `"Noorderlicht Werkplekken" <dienst@noorderlicht.example>` {
			t.Errorf("%s: from %s", name, from)
		}
		if at, err := got.Header.Date(); err != nil || time.Since(at) > time.Minute {
			t.Errorf("%s: dated %v, %v", name, at, err)
		}
	}
	if writes := p.writes(); len(writes) != 10 || p.arrived() != 5 {
		t.Errorf("%d messages with %d writes, want 5 with 10:\n%s", p.arrived(), len(writes), strings.Join(writes, "\n"))
	}

	p.proxy.Intercept(nil)
	p.start(48 * time.Hour)
	p.give("last", two) // once that has arrived, the others have had their turn
	p.sentOnce("last")
	if writes := p.writes(); len(writes) != 2 || p.arrived() != 6 {
		t.Errorf("after a new start: %d messages, writes:\n%s", p.arrived(), strings.Join(writes, "\n"))
	}
}

// No mail server is set, and one is later: nothing is lost. It speaks TLS from the start.
func TestNotConfigured(t *testing.T) {
	p := newProvider(t, mailserver.Start(t, "tls", false))
	p.start(0)
	p.give("welcome", v1alpha1.NoticeSpec{Type: v1alpha1.NoticeWelcome})
	notice := p.becomes("welcome", v1alpha1.ReasonNotConfigured, 0)
	for _, flag := range []string{"--smtp-address", "--notice-from", "--outbox-dir"} {
		if !strings.Contains(message(notice), flag) {
			t.Errorf("does not name %s: %s", flag, message(notice))
		}
	}
	p.arguments = append(p.sending(), "--smtp-tls=tls")
	p.start(0)
	p.sentOnce("welcome")
}

// A dead mail server: the notice says so, is tried after a minute and then after
// two, with one write each, and is sent once when the server is back.
func TestDeadServer(t *testing.T) {
	server := mailserver.Start(t, "starttls", false)
	p := newProvider(t, server)
	p.arguments = p.sending()
	server.Pause()
	p.start(0)
	p.give("welcome", v1alpha1.NoticeSpec{Type: v1alpha1.NoticeWelcome})
	started := time.Now()
	notice := p.becomes("welcome", v1alpha1.ReasonUnreachable, 1)
	if !strings.Contains(message(notice), "connection refused") || !strings.Contains(message(notice), server.Address) || notice.Status.SentAt != nil {
		t.Errorf("%+v", notice.Status)
	}
	within(t, notice, started, time.Minute)

	p.start(90 * time.Second)
	notice = p.becomes("welcome", v1alpha1.ReasonUnreachable, 2)
	within(t, notice, started, 90*time.Second+2*time.Minute)
	if writes := p.writes(); len(writes) != 2 {
		t.Errorf("%d writes:\n%s", len(writes), strings.Join(writes, "\n"))
	}

	server.Resume(t)
	p.start(5 * time.Minute)
	if notice, _ := p.sentOnce("welcome"); notice.Status.Attempts != 3 {
		t.Errorf("%d attempts", notice.Status.Attempts)
	}
	if p.arrived() != 1 {
		t.Errorf("%d messages", p.arrived())
	}
}

// within checks that the next attempt is due a time after another, give or take
// what the test itself took.
func within(t *testing.T, notice *v1alpha1.Notice, since time.Time, wait time.Duration) {
	t.Helper()
	if retry := notice.Status.RetryAt; retry == nil || retry.Sub(since) < wait-2*time.Second || retry.Sub(since) > wait+soon {
		t.Errorf("the next attempt is at %v, want it %s after %v", retry, wait, since)
	}
}

// The mail server says later, then no, then yes.
func TestRefusals(t *testing.T) {
	server := mailserver.Start(t, "starttls", false)
	p := newProvider(t, server)
	p.arguments = p.sending()
	say := func(at mailserver.Stage, no error) {
		server.Answer(func(stage mailserver.Stage, _ string) error {
			if stage == at {
				return no
			}
			return nil
		})
	}
	say(mailserver.OnRcpt, mailserver.No(451, "greylisted, come back"))
	p.start(0)
	p.give("welcome", v1alpha1.NoticeSpec{Type: v1alpha1.NoticeWelcome})
	started := time.Now()
	var notice *v1alpha1.Notice
	cluster.Eventually(t, soon, "the server's words", func(context.Context) error {
		if notice = p.becomes("welcome", v1alpha1.ReasonWaiting, 1); notice.Status.RetryAt == nil {
			return errors.New(message(notice))
		}
		return nil
	})
	within(t, notice, started, time.Minute)
	if !strings.Contains(message(notice), "451 greylisted, come back") {
		t.Error(message(notice))
	}

	say(mailserver.OnData, mailserver.No(554, "we do not like the words"))
	p.start(2 * time.Minute)
	notice = p.becomes("welcome", v1alpha1.ReasonMailRefused, 2)
	within(t, notice, started, 2*time.Minute+24*time.Hour)
	if !strings.Contains(message(notice), "554 we do not like the words") {
		t.Error(message(notice))
	}
	id := notice.Status.MessageID

	server.Answer(nil)
	p.start(25 * time.Hour)
	if notice, _ := p.sentOnce("welcome"); notice.Status.Attempts != 3 || notice.Status.MessageID != id {
		t.Errorf("%+v, the id was %s", notice.Status, id)
	}
	if p.arrived() != 1 {
		t.Errorf("%d messages", p.arrived())
	}
}

// A provider's own templates count; a broken one keeps the manager from starting.
func TestTemplates(t *testing.T) {
	server := mailserver.Start(t, "starttls", false)
	p := newProvider(t, server)
	folder := t.TempDir()
	own := filepath.Join(folder, "Welcome.nl.tmpl")
	must(t, os.WriteFile(own, []byte("Subject: Hallo\n\nFijn dat u er bent{{if .Has \"tenant\"}}, {{.Fact \"tenant\"}}{{end}}.\n"), 0o600))
	p.arguments = append(p.sending(), "--notice-templates="+folder)
	p.start(0)
	p.give("welcome", v1alpha1.NoticeSpec{Type: v1alpha1.NoticeWelcome, Language: "nl", Facts: map[string]string{"tenant": "Jansen"}})
	_, got := p.sentOnce("welcome")
	if text, err := io.ReadAll(got.Body); err != nil || subject(t, got) != "Hallo" || !strings.Contains(string(text), "Fijn dat u er bent, Jansen.") {
		t.Errorf("%s, %v", text, err)
	}
	p.stop()

	must(t, os.WriteFile(own, []byte("Subject: Hallo\n\n{{.Nope}}\n"), 0o600))
	refused := exec.CommandContext(t.Context(), operator.Binary(), append(p.arguments, "--metrics-bind-address=0", "--health-probe-bind-address=0")...)
	refused.Env = append(os.Environ(), "KUBECONFIG="+p.kubeconfig)
	out, err := refused.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "--notice-templates="+folder+": Welcome.nl.tmpl:3:") {
		t.Errorf("want it refused with file and line, got %v:\n%s", err, out)
	}
}
