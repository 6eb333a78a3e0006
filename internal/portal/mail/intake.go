// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/go-logr/logr"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/portal/audit"
)

const (
	// messageLength is how long a mail may be.
	messageLength = 25 << 20
	// patience is how long one delivery may take.
	patience = 30 * time.Second
)

// Intake receives mail from the provider's mail server over LMTP. It accepts a
// mail only once its request exists, so that none is lost.
type Intake struct {
	// Authserv is the name under which that server vouches for senders.
	Authserv string
	// ContactOf returns the tenants whose contact has a mail address.
	ContactOf func(ctx context.Context, email string) ([]v1alpha1.Tenant, error)
	// As returns a client that acts as somebody.
	As func(username string) (client.Client, error)
	// PortalURL is where senders are sent whose mail cannot be a request.
	PortalURL string
	Log       logr.Logger
	Audit     audit.Log
}

// Serve receives mail on a listener until ctx ends.
func (i *Intake) Serve(ctx context.Context, listener net.Listener) error {
	server := smtp.NewServer(smtp.BackendFunc(func(conn *smtp.Conn) (smtp.Session, error) {
		return &session{Intake: i, ctx: ctx, from: conn.Conn().RemoteAddr().String()}, nil
	}))
	server.LMTP = true
	server.Domain = i.Authserv
	server.MaxMessageBytes = messageLength
	server.MaxRecipients = 10
	server.ReadTimeout, server.WriteTimeout = time.Minute, time.Minute
	server.EnableSMTPUTF8 = true
	go func() {
		<-ctx.Done()
		_ = server.Close()
	}()
	if err := server.Serve(listener); err != nil && ctx.Err() == nil {
		return fmt.Errorf("receive mail: %w", err)
	}
	return nil
}

// session is one delivery.
type session struct {
	*Intake
	ctx    context.Context
	from   string
	sender string
	to     []string
}

// Reset implements smtp.Session.
func (s *session) Reset() { s.sender, s.to = "", nil }

// Logout implements smtp.Session.
func (s *session) Logout() error { return nil }

// Mail implements smtp.Session.
func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.sender = from
	return nil
}

// Rcpt implements smtp.Session.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = append(s.to, to)
	return nil
}

// Data implements smtp.Session.
func (s *session) Data(source io.Reader) error {
	m, err := Read(source, s.Authserv)
	if _, drained := io.Copy(io.Discard, source); drained != nil {
		return drained
	}
	if err != nil {
		return refuse("5.6.0", err.Error())
	}
	ctx, cancel := context.WithTimeout(s.ctx, patience)
	defer cancel()
	tenant, name, err := s.file(ctx, m)
	line := audit.Line{Event: audit.Mail, Allowed: err == nil, Who: m.From, Tenant: tenant, Note: name, From: s.from}
	if err != nil {
		line.Reason = err.Error()
	}
	s.Audit.Write(line)
	return err
}

// file makes the request of a mail.
func (s *session) file(ctx context.Context, m Message) (tenant, name string, err error) {
	switch {
	case s.sender == "" || m.Automatic:
		return "", "automatic mail, no request", nil
	case !m.Authentic:
		return "", "", refuse("5.7.1", "your mail server does not prove that you sent this; sign in at "+s.PortalURL+" instead")
	}
	tenants, err := s.ContactOf(ctx, m.From)
	if err != nil {
		return "", "", later(err)
	}
	chosen, err := choose(tenants, s.to)
	if err != nil {
		return "", "", refuse("5.7.1", err.Error()+"; sign in at "+s.PortalURL)
	}
	request := &v1alpha1.UserRequest{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: v1alpha1.NamespaceFor(chosen.Name), Name: m.Name(), Labels: map[string]string{v1alpha1.LabelReceivedBy: v1alpha1.ReceivedByMail},
		},
		Spec: v1alpha1.UserRequestSpec{Type: v1alpha1.RequestService, Note: m.Note(), RequestedBy: chosen.Spec.Contact.Username},
	}
	api, err := s.As(string(chosen.Spec.Contact.Username))
	if err != nil {
		return chosen.Name, "", later(err)
	}
	err = api.Create(ctx, request)
	switch {
	case err == nil || apierrors.IsAlreadyExists(err):
		return chosen.Name, request.Name, nil
	case apierrors.IsForbidden(err) || apierrors.IsInvalid(err):
		return chosen.Name, "", refuse("5.7.1", "the request is refused: "+err.Error())
	default:
		s.Log.Error(err, "cannot file a mail as a request; the mail server tries again", "tenant", chosen.Name)
		return chosen.Name, "", later(err)
	}
}

// choose returns the tenant that a mail concerns: the sender's only one, or the
// one that the recipient's address names, as in support+jansen@.
func choose(tenants []v1alpha1.Tenant, recipients []string) (*v1alpha1.Tenant, error) {
	if len(tenants) == 0 {
		return nil, errors.New("you are not the contact of an organisation here (TD-23)")
	}
	if len(tenants) == 1 {
		return &tenants[0], nil
	}
	var names []string
	for i := range tenants {
		names = append(names, "+"+tenants[i].Name)
		for _, to := range recipients {
			local, _, _ := strings.Cut(strings.ToLower(to), "@")
			if _, tag, _ := strings.Cut(local, "+"); tag == tenants[i].Name {
				return &tenants[i], nil
			}
		}
	}
	return nil, fmt.Errorf("you are the contact of several organisations: write to the address with %s before the @", strings.Join(names, " or "))
}

// refuse tells the sender for good what is wrong.
func refuse(code, message string) error {
	var enhanced smtp.EnhancedCode
	_, _ = fmt.Sscanf(code, "%d.%d.%d", &enhanced[0], &enhanced[1], &enhanced[2])
	return &smtp.SMTPError{Code: 550, EnhancedCode: enhanced, Message: strings.ReplaceAll(message, "\n", " ")}
}

// later asks the mail server to try again.
func later(err error) error {
	return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "cannot take the mail at the moment; try again later: " + err.Error()}
}
