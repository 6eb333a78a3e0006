// SPDX-License-Identifier: Apache-2.0

// Package notice sends each Notice by mail, once.
package notice

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/reconciling"
	"werkplek.dev/werkplek/internal/notices"
	"werkplek.dev/werkplek/internal/outbox"
	"werkplek.dev/werkplek/internal/outcome"
	"werkplek.dev/werkplek/internal/smtp"
)

// +kubebuilder:rbac:groups=werkplek.dev,resources=notices,verbs=get;list;watch
// +kubebuilder:rbac:groups=werkplek.dev,resources=notices/status,verbs=patch
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

const (
	// lastWords bounds the writes after a message left, which are made even if
	// the manager is told to stop meanwhile: its outbox may go with its pod.
	lastWords = 20 * time.Second
	// wordsAtMost bounds what a server's words take up in a status.
	wordsAtMost = 1000
)

// Settings say how notices are sent.
type Settings struct {
	// Mail is the server that takes them; nil: none is set yet.
	Mail *smtp.Server
	// Outbox remembers what the server has taken. It goes with Mail.
	Outbox *outbox.Journal
	// Templates are the texts.
	Templates *notices.Templates
	// Provider is the name under which they are sent.
	Provider string
}

// Reconciler sends notices.
type Reconciler struct {
	*reconciling.Controller
	Settings
}

// visit is one reconcile of one notice.
type visit struct {
	*Reconciler
	*reconciling.Pass[*v1alpha1.Notice]
	notice *v1alpha1.Notice
	was    *metav1.Condition // Sent, before
	id     string            // of the message, without angle brackets
}

// Reconcile sends one notice if it was not sent, and is due for an attempt.
func (r *Reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	pass, err := reconciling.Begin(ctx, r.Controller, request, &v1alpha1.Notice{})
	if err != nil {
		return reconciling.Result(err)
	}
	if pass.Object.DeletionTimestamp != nil {
		return ctrl.Result{}, nil
	}
	if pass.Object.Status.SentAt == nil {
		if aside, result, err := pass.Aside(ctx, v1alpha1.ConditionSent); aside {
			return result, err
		}
	}
	v := &visit{
		Reconciler: r, Pass: pass, notice: pass.Object,
		was: meta.FindStatusCondition(pass.Was.Status.Conditions, v1alpha1.ConditionSent),
	}
	return pass.Run(ctx, v.steps())
}

func (v *visit) steps() reconciling.Steps {
	return reconciling.Steps{
		{Name: "send it once", Run: v.send},
	}
}

// send makes an attempt if one is due.
func (v *visit) send(ctx context.Context) error {
	s := &v.notice.Status
	if v.Mail == nil {
		if s.SentAt == nil {
			v.tellWhy(outcome.Stalled(v1alpha1.ReasonNotConfigured,
				"no mail server is set: start the manager with --smtp-address, --notice-from and --outbox-dir, and this notice is sent"))
		}
		return nil
	}
	v.id = messageID(v.notice, v.Mail.Domain())
	if s.SentAt != nil {
		return v.Outbox.Forget(v.id)
	}
	// The process died, or the API server failed, after the mail server took it.
	if at, ok := v.Outbox.Delivered(v.id); ok {
		return v.sent(ctx, at, nil)
	}
	if s.RetryAt != nil && v.Now.Before(s.RetryAt.Time) {
		v.Recheck(s.RetryAt.Time)
		return nil
	}
	return v.attempt(ctx)
}

// messageID returns the id of a notice's message. It is the same at every
// attempt, whatever the sender's domain has become since the first.
func messageID(notice *v1alpha1.Notice, domain string) string {
	if id := notice.Status.MessageID; id != "" {
		return strings.Trim(id, "<>")
	}
	digest := sha256.Sum256([]byte(notice.Namespace + "/" + notice.Name + "/" + string(notice.UID)))
	return hex.EncodeToString(digest[:16]) + "@" + domain
}

// attempt tries to send. The attempt is recorded before anything leaves, and the
// delivery before the API server hears of it.
func (v *visit) attempt(ctx context.Context) error {
	next := v.notice.Status.Attempts + 1
	message, err := v.Templates.Render(&v.notice.Spec, v.Provider)
	if err != nil {
		return v.failed(ctx, next, pause(next), outcome.Stalled(v1alpha1.ReasonTemplateInvalid,
			fmt.Sprintf("%v; correct that template and start the manager again", err)))
	}
	connection, err := v.Mail.Open(ctx)
	if err != nil {
		return v.failed(ctx, next, pause(next), outcome.Waiting(v1alpha1.ReasonUnreachable,
			fmt.Sprintf("the mail server cannot be used: %v", err)))
	}
	defer connection.Close()
	if err := v.begin(ctx); err != nil {
		return err
	}
	refused, err := connection.Deliver(smtp.Message{
		ID: v.id, To: addresses(v.notice.Spec.To), Subject: message.Subject, Text: message.Text,
		Language: string(message.Language), Date: v.Now,
	})
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWords)
	defer cancel()
	attempts := v.notice.Status.Attempts
	var no *smtp.Refusal
	switch {
	case errors.As(err, &no) && no.Permanent():
		return v.failed(ctx, attempts, refusedPause, outcome.Stalled(v1alpha1.ReasonMailRefused,
			"the mail server refuses it, and is asked again every day: "+short(no.Error())))
	case errors.As(err, &no):
		return v.failed(ctx, attempts, pause(attempts), outcome.Waiting(v1alpha1.ReasonWaiting,
			"the mail server says to try again later: "+short(no.Error())))
	case err != nil:
		return v.failed(ctx, attempts, pause(attempts), outcome.Waiting(v1alpha1.ReasonUnreachable,
			fmt.Sprintf("the mail server did not say whether it took it: %v", err)))
	}
	at := v.Clock.Now()
	if err := v.Outbox.Record(v.id, at); err != nil {
		// It was sent all the same. Only if the process dies now will it be sent again.
		log.FromContext(ctx).Error(err, "a delivery is not on disk; see to the outbox folder")
	}
	return v.sent(ctx, at, refused)
}

// begin records an attempt before it is made. What is recorded must not be the
// answer to an older state, which may have been sent since: then the pass is over.
func (v *visit) begin(ctx context.Context) error {
	s := &v.notice.Status
	s.Attempts++
	s.MessageID = "<" + v.id + ">"
	s.RetryAt = nil
	if v.was == nil || v.was.Reason == v1alpha1.ReasonNotConfigured {
		v.unsent(outcome.Waiting(v1alpha1.ReasonWaiting, "it is being sent"))
	}
	return v.write(ctx, "record the attempt")
}

// sent records that a mail server took the message, for good.
func (v *visit) sent(ctx context.Context, at time.Time, refused map[string]error) error {
	s := &v.notice.Status
	moment := metav1.NewTime(at.UTC().Truncate(time.Second))
	s.SentAt, s.RetryAt, s.MessageID = &moment, nil, "<"+v.id+">"
	message := "a mail server has taken it"
	for address, err := range refused {
		message += fmt.Sprintf("; it refuses %s: %s", address, short(err.Error()))
	}
	v.Conditions.True(v1alpha1.ConditionSent, v1alpha1.ReasonSent, message)
	v.Conditions.Summarize(outcome.Ready(v1alpha1.ReasonSent, message))
	v.Announce(false, v1alpha1.ReasonSent, "Send", "sent as "+s.MessageID)
	if len(refused) > 0 {
		v.Announce(true, v1alpha1.ReasonMailRefused, "Send",
			fmt.Sprintf("the mail server refuses %d of %d recipients", len(refused), len(v.notice.Spec.To)))
	}
	return v.write(ctx, "record the delivery")
}

// failed records why an attempt failed and when the next is due.
func (v *visit) failed(ctx context.Context, attempts int32, wait time.Duration, why outcome.Outcome) error {
	retry := metav1.NewTime(v.Clock.Now().Add(wait).UTC().Truncate(time.Second))
	v.notice.Status.Attempts, v.notice.Status.RetryAt = attempts, &retry
	v.Recheck(retry.Time)
	v.tellWhy(why)
	return v.write(ctx, "record the failure")
}

// write writes the status at once, with the context of whoever calls: what was
// done is recorded though the pass's own time is up.
func (v *visit) write(ctx context.Context, what string) error {
	v.notice.Status.ObservedGeneration = v.notice.Generation
	if err := v.Write(ctx); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// tellWhy says why a notice is not sent, and tells it once.
func (v *visit) tellWhy(why outcome.Outcome) {
	v.unsent(why)
	if v.was == nil || v.was.Reason != why.Reason {
		v.Announce(true, why.Reason, "Send", why.Message)
	}
}

func (v *visit) unsent(why outcome.Outcome) {
	v.Conditions.Report(v1alpha1.ConditionSent, why)
	v.Conditions.Summarize(why)
}

func addresses(emails []v1alpha1.Email) []string {
	list := make([]string, len(emails))
	for i, email := range emails {
		list[i] = string(email)
	}
	return list
}

// short keeps the beginning of what a server says.
func short(words string) string {
	if runes := []rune(words); len(runes) > wordsAtMost {
		return string(runes[:wordsAtMost])
	}
	return words
}

// SetupWithManager watches for notices that came, and for those that are known
// to be sent: the outbox need not remember these. They are sent one at a time, in
// the order in which they came: a slow mail server holds up nothing else.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	return ctrl.NewControllerManagedBy(mgr).
		For(&v1alpha1.Notice{}, r.Concerns(sent())).
		WithOptions(reconciling.Options(1)).
		Complete(r)
}

// sent passes notices that were sent just now.
func sent() predicate.Predicate {
	return predicate.Funcs{
		CreateFunc: func(event.CreateEvent) bool { return false },
		UpdateFunc: func(e event.UpdateEvent) bool {
			return e.ObjectOld.(*v1alpha1.Notice).Status.SentAt == nil && e.ObjectNew.(*v1alpha1.Notice).Status.SentAt != nil
		},
		DeleteFunc: func(event.DeleteEvent) bool { return false },
	}
}
