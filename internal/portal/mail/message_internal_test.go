// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"werkplek.dev/werkplek/api/v1alpha1"
)

const authserv = "mx.provider.example"

func written(lines ...string) string { return strings.Join(lines, "\r\n") }

func TestRead(t *testing.T) {
	t.Parallel()
	const ours = "Authentication-Results: mx.provider.example; dmarc=pass header.from=jansen.example"
	for name, test := range map[string]struct {
		mail string
		want Message
	}{
		"plain": {
			written(ours, "From: Piet Jansen <Piet@Jansen.example>", "Subject: =?utf-8?q?Nieuwe_collega_=F0=9F=91=8B?=", "Message-ID: <1@jansen.example>", "", "Graag een werkplek", "voor Anna."),
			Message{ID: "1@jansen.example", From: "piet@jansen.example", Subject: "Nieuwe collega 👋", Text: "Graag een werkplek\nvoor Anna.", Authentic: true},
		},
		"old encoding": {
			written(ours, "From: piet@jansen.example", "Content-Type: text/plain; charset=iso-8859-1", "Content-Transfer-Encoding: quoted-printable", "", "geblokkeerd: Ren=E9"),
			Message{From: "piet@jansen.example", Text: "geblokkeerd: René", Authentic: true},
		},
		"page only": {
			written(ours, "From: piet@jansen.example", "Content-Type: text/html", "", "<head><style>p{}</style></head><p>Hello <b>you</b><script>x()</script></p>"),
			Message{From: "piet@jansen.example", Text: "Hello you", Authentic: true},
		},
		"attachment": {
			written(ours, "From: piet@jansen.example", "Content-Type: multipart/mixed; boundary=b", "", "--b", "Content-Type: text/plain", "", "See the list.", "--b",
				"Content-Type: text/csv", "Content-Disposition: attachment; filename=l.csv", "", "anna", "--b--"),
			Message{From: "piet@jansen.example", Text: "See the list.", Attachments: 1, Authentic: true},
		},
		"out of office": {
			written(ours, "From: piet@jansen.example", "Auto-Submitted: auto-replied", "", "away"),
			Message{From: "piet@jansen.example", Text: "away", Automatic: true, Authentic: true},
		},
		"nobody vouches": {written("From: piet@jansen.example", "", "x"), Message{From: "piet@jansen.example", Text: "x"}},
		"another server vouches": {
			written("Authentication-Results: mx.evil.example; dmarc=pass header.from=jansen.example", "From: piet@jansen.example", "", "x"),
			Message{From: "piet@jansen.example", Text: "x"},
		},
		"a pass written below our server's fail": {
			written("Authentication-Results: mx.provider.example; dmarc=fail header.from=jansen.example", ours, "From: piet@jansen.example", "", "x"),
			Message{From: "piet@jansen.example", Text: "x"},
		},
		"a pass for another domain": {
			written("Authentication-Results: mx.provider.example; dmarc=pass header.from=evil.example; dkim=pass header.d=evil.example", "From: piet@jansen.example", "", "x"),
			Message{From: "piet@jansen.example", Text: "x"},
		},
		"the envelope alone": {
			written("Authentication-Results: mx.provider.example; spf=pass smtp.mailfrom=jansen.example", "From: piet@jansen.example", "", "x"),
			Message{From: "piet@jansen.example", Text: "x"},
		},
		"a signature of the domain": {
			written("Authentication-Results: mx.provider.example; dkim=pass header.d=jansen.example", "From: piet@jansen.example", "", "x"),
			Message{From: "piet@jansen.example", Text: "x", Authentic: true},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := Read(strings.NewReader(test.mail), authserv)
			if err != nil || got != test.want {
				t.Errorf("got  %+v, %v\nwant %+v", got, err, test.want)
			}
		})
	}
	for name, mail := range map[string]string{
		"no sender":       written("Subject: x", "", "x"),
		"several senders": written("From: piet@jansen.example, eve@evil.example", "", "x"),
	} {
		if _, err := Read(strings.NewReader(mail), authserv); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestNoteFits(t *testing.T) {
	t.Parallel()
	m := Message{Subject: "s", Text: strings.Repeat("é", 20000), Attachments: 3}
	if n := len([]rune(m.Note())); n > 10000 || !strings.Contains(m.Note(), "[3 attachments") {
		t.Errorf("the note has %d characters", n)
	}
	if (Message{}).Note() == "" {
		t.Error("a mail without text has no note")
	}
}

func TestNameIsTheSameForTheSameMail(t *testing.T) {
	t.Parallel()
	a := Message{ID: "1@x", From: "a@x", Text: "one"}
	if a.Name() != (Message{ID: "1@x", From: "a@x", Text: "one"}).Name() || a.Name() == (Message{ID: "2@x", From: "a@x", Text: "one"}).Name() ||
		(Message{From: "a@x", Text: "one"}).Name() == (Message{From: "a@x", Text: "two"}).Name() {
		t.Error("names do not follow the mail")
	}
}

func TestChoose(t *testing.T) {
	t.Parallel()
	tenant := func(name string) v1alpha1.Tenant { return v1alpha1.Tenant{ObjectMeta: metav1.ObjectMeta{Name: name}} }
	two := []v1alpha1.Tenant{tenant("bakery"), tenant("cafe")}
	for _, test := range []struct {
		tenants []v1alpha1.Tenant
		to      string
		want    string
	}{
		{nil, "support@x", ""}, {two[:1], "support@x", "bakery"}, {two, "support@x", ""}, {two, "Support+Cafe@x", "cafe"}, {two, "support+other@x", ""},
	} {
		got, err := choose(test.tenants, []string{test.to})
		if (err != nil) != (test.want == "") || got != nil && got.Name != test.want {
			t.Errorf("%d tenants, to %s: %v, %v; want %q", len(test.tenants), test.to, got, err, test.want)
		}
	}
}
