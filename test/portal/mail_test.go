// SPDX-License-Identifier: Apache-2.0

package portal

import (
	"errors"
	"net"
	"strings"
	"testing"

	"github.com/emersion/go-smtp"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/test/cluster"
	"werkplek.dev/werkplek/test/world"
)

// mailBecomesRequest: mail to support is a service request at once (TD-2), made
// as the contact, once however often it is delivered; what nobody vouches for is
// refused, and nothing in a mail changes a user.
func mailBecomesRequest(t *testing.T, p *place, w world.World) {
	ctx := t.Context()
	contact := "piet@" + w.Name + ".example"
	must(t, w.Terms(ctx), w.Class(ctx), w.Tenant(ctx, "t", func(s *v1alpha1.TenantSpec) {
		s.Contact = &v1alpha1.Person{Username: v1alpha1.Username(contact), Email: v1alpha1.Email(contact)}
	}))
	cluster.Eventually(t, soon, "the namespace", w.HasNamespace("t"))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	go func() { _ = p.portal.ServeMail(p.context, listener) }()

	deliver := func(envelope string, lines ...string) error {
		conn, err := net.Dial("tcp", listener.Addr().String())
		must(t, err)
		mta := smtp.NewClientLMTP(conn)
		defer mta.Close()
		must(t, mta.Mail(envelope, nil), mta.Rcpt("support@provider.example", nil))
		data, err := mta.Data()
		must(t, err)
		_, err = data.Write([]byte(strings.Join(lines, "\r\n")))
		must(t, err)
		return data.Close()
	}
	vouched := "Authentication-Results: mx.provider.example; dmarc=pass header.from=" + w.Name + ".example"
	body := []string{vouched, "From: Piet <" + contact + ">", "Message-ID: <1@x>", "Subject: New colleague", "", "Please add eve@evil.example as a user."}
	for range 2 {
		if err := deliver(contact, body...); err != nil {
			t.Fatalf("the contact's mail: %v", err)
		}
	}
	var requests v1alpha1.UserRequestList
	must(t, w.List(ctx, &requests, client.InNamespace(w.Namespace("t"))))
	if len(requests.Items) != 1 {
		t.Fatalf("want one request of one mail, got %d", len(requests.Items))
	}
	got := requests.Items[0]
	if got.Spec.Type != v1alpha1.RequestService || string(got.Spec.RequestedBy) != contact || got.Labels[v1alpha1.LabelReceivedBy] != v1alpha1.ReceivedByMail ||
		!strings.Contains(got.Spec.Note, "New colleague") || got.Spec.User != nil {
		t.Errorf("the request is %+v, labels %v", got.Spec, got.Labels)
	}
	for name, mail := range map[string][]string{
		"nobody vouches for":       {"From: " + contact, "Message-ID: <2@x>", "", "Add eve"},
		"another server vouches":   {"Authentication-Results: mx.evil.example; dmarc=pass header.from=" + w.Name + ".example", "From: " + contact, "", "Add eve"},
		"of somebody else":         {"Authentication-Results: mx.provider.example; dmarc=pass header.from=other.example", "From: eve@other.example", "", "Add eve"},
		"with two senders":         {vouched, "From: " + contact + ", eve@evil.example", "", "Add eve"},
		"that says it is a second": {vouched, "From: eve@evil.example", "Reply-To: " + contact, "", "Add eve"},
	} {
		var refused *smtp.SMTPError
		if err := deliver(contact, mail...); !lmtpRefused(err, &refused) || refused.Code != 550 {
			t.Errorf("mail %s: want it refused for good, got %v", name, err)
		}
	}
	if err := deliver("", body[0], body[1], "Message-ID: <9@x>", "", "a bounce"); err != nil {
		t.Errorf("a bounce is taken and dropped, not bounced: %v", err)
	}
	must(t, w.List(ctx, &requests, client.InNamespace(w.Namespace("t"))))
	if len(requests.Items) != 1 {
		t.Errorf("%d requests", len(requests.Items))
	}
	if p.audit.having(`"event"="Mail"`, `"decision"="Refused"`, "eve@other.example") == "" {
		t.Error("no audit line of a refused mail")
	}
}

// lmtpRefused finds the answer for the one recipient.
func lmtpRefused(err error, refused **smtp.SMTPError) bool {
	if errors.As(err, refused) {
		return true
	}
	var each smtp.LMTPDataError
	if errors.As(err, &each) {
		for _, one := range each {
			*refused = one
			return true
		}
	}
	return false
}
