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

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/internal/requeue"
	"werkplek.dev/werkplek/controllers/internal/status"
	"werkplek.dev/werkplek/internal/notices"
	"werkplek.dev/werkplek/internal/outbox"
	"werkplek.dev/werkplek/internal/smtp"
)

// +kubebuilder:rbac:groups=werkplek.dev,resources=notices,verbs=get;list;watch
// +kubebuilder:rbac:groups=werkplek.dev,resources=notices/status,verbs=patch
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

const (
	// again is how soon to look again at a notice of which the cache is behind.
	again = 100 * time.Millisecond
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
	Clock  clock.PassiveClock
	Client client.Client
	Events events.EventRecorder
	Settings
}

// visit is one reconcile of one notice.
type visit struct {
	*Reconciler
	notice *v1alpha1.Notice
	was    *metav1.Condition // Sent, before
	now    time.Time
	id     string // of the message, without angle brackets
}

// Reconcile sends one notice if it was not sent, and is due for an attempt.
func (r *Reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	notice := &v1alpha1.Notice{}
	if err := r.Client.Get(ctx, request.NamespacedName, notice); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	v := &visit{Reconciler: r, notice: notice, now: r.Clock.Now()}
	if sent := meta.FindStatusCondition(notice.Status.Conditions, v1alpha1.ConditionSent); sent != nil {
		v.was = sent.DeepCopy()
	}
	switch {
	case notice.DeletionTimestamp != nil:
		return ctrl.Result{}, nil
	case r.Mail == nil:
		if notice.Status.SentAt != nil {
			return ctrl.Result{}, nil
		}
		return ctrl.Result{}, v.report(ctx, v1alpha1.ReasonNotConfigured,
			"no mail server is set: start the manager with --smtp-address, --notice-from and --outbox-dir, and this notice is sent")
	}
	v.id = messageID(notice, r.Mail.Domain())
	if notice.Status.SentAt != nil {
		return ctrl.Result{}, r.Outbox.Forget(v.id)
	}
	// The process died, or the API server failed, after the mail server took it.
	if at, ok := r.Outbox.Delivered(v.id); ok {
		return ctrl.Result{}, v.sent(ctx, at, nil)
	}
	if retry := notice.Status.RetryAt; retry != nil && v.now.Before(retry.Time) {
		return requeue.At(v.now, retry.Time), nil
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
func (v *visit) attempt(ctx context.Context) (ctrl.Result, error) {
	s := v.notice.Status
	message, err := v.Templates.Render(&v.notice.Spec, v.Provider)
	if err != nil {
		return v.failed(ctx, s.Attempts+1, v1alpha1.ReasonTemplateInvalid, fmt.Sprintf("%v; correct that template and start the manager again", err), pause(s.Attempts+1))
	}
	connection, err := v.Mail.Open(ctx)
	if err != nil {
		return v.failed(ctx, s.Attempts+1, v1alpha1.ReasonUnreachable, fmt.Sprintf("the mail server cannot be used: %v", err), pause(s.Attempts+1))
	}
	defer connection.Close()
	if begun, err := v.begin(ctx); err != nil || !begun {
		return requeue.At(v.now, v.now.Add(again)), err
	}
	refused, err := connection.Deliver(smtp.Message{
		ID: v.id, To: addresses(v.notice.Spec.To), Subject: message.Subject, Text: message.Text, Language: string(message.Language), Date: v.now,
	})
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWords)
	defer cancel()
	attempts := v.notice.Status.Attempts
	var no *smtp.Refusal
	switch {
	case errors.As(err, &no) && no.Permanent():
		return v.failed(ctx, attempts, v1alpha1.ReasonMailRefused, "the mail server refuses it, and is asked again every day: "+short(no.Error()), refusedPause)
	case errors.As(err, &no):
		return v.failed(ctx, attempts, v1alpha1.ReasonWaiting, "the mail server says to try again later: "+short(no.Error()), pause(attempts))
	case err != nil:
		return v.failed(ctx, attempts, v1alpha1.ReasonUnreachable, fmt.Sprintf("the mail server did not say whether it took it: %v", err), pause(attempts))
	}
	at := v.Clock.Now()
	if err := v.Outbox.Record(v.id, at); err != nil {
		// It was sent all the same. Only if the process dies now will it be sent again.
		log.FromContext(ctx).Error(err, "a delivery is not on disk; see to the outbox folder")
	}
	return ctrl.Result{}, v.sent(ctx, at, refused)
}

// begin records an attempt, and reports whether it may be made. What is recorded
// must not be the answer to an older state: that may have been sent since.
func (v *visit) begin(ctx context.Context) (bool, error) {
	before := v.notice.DeepCopy()
	s := &v.notice.Status
	s.Attempts++
	s.MessageID = "<" + v.id + ">"
	s.RetryAt = nil
	if v.was == nil || v.was.Reason == v1alpha1.ReasonNotConfigured {
		v.unsent(v1alpha1.ReasonWaiting, "it is being sent")
	}
	err := v.Client.Status().Patch(ctx, v.notice, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{}))
	if apierrors.IsConflict(err) || apierrors.IsNotFound(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("record the attempt: %w", err)
	}
	return true, nil
}

// sent records that a mail server took the message, for good.
func (v *visit) sent(ctx context.Context, at time.Time, refused map[string]error) error {
	before := v.notice.DeepCopy()
	s := &v.notice.Status
	moment := metav1.NewTime(at.UTC().Truncate(time.Second))
	s.SentAt, s.RetryAt, s.MessageID = &moment, nil, "<"+v.id+">"
	message := "a mail server has taken it"
	for address, err := range refused {
		message += fmt.Sprintf("; it refuses %s: %s", address, short(err.Error()))
	}
	conditions := v.conditions()
	conditions.True(v1alpha1.ConditionSent, v1alpha1.ReasonSent, message)
	conditions.True(v1alpha1.ConditionReady, v1alpha1.ReasonSent, message)
	if err := status.Patch(ctx, v.Client, before, v.notice); err != nil {
		return err
	}
	v.Events.Eventf(v.notice, nil, corev1.EventTypeNormal, v1alpha1.ReasonSent, "Send", "sent as %s", s.MessageID)
	if len(refused) > 0 {
		v.Events.Eventf(v.notice, nil, corev1.EventTypeWarning, v1alpha1.ReasonMailRefused, "Send", "the mail server refuses %d of %d recipients", len(refused), len(v.notice.Spec.To))
	}
	return nil
}

// failed records why an attempt failed and when the next is due.
func (v *visit) failed(ctx context.Context, attempts int32, reason, message string, wait time.Duration) (ctrl.Result, error) {
	before := v.notice.DeepCopy()
	retry := metav1.NewTime(v.Clock.Now().Add(wait).UTC().Truncate(time.Second))
	v.notice.Status.Attempts, v.notice.Status.RetryAt = attempts, &retry
	if err := v.write(ctx, before, reason, message); err != nil {
		return ctrl.Result{}, err
	}
	return requeue.At(v.Clock.Now(), retry.Time), nil
}

// report says why a notice was not sent, without an attempt.
func (v *visit) report(ctx context.Context, reason, message string) error {
	return v.write(ctx, v.notice.DeepCopy(), reason, message)
}

// write writes why a notice is not sent, and tells it once.
func (v *visit) write(ctx context.Context, before *v1alpha1.Notice, reason, message string) error {
	v.unsent(reason, message)
	if err := status.Patch(ctx, v.Client, before, v.notice); err != nil {
		return err
	}
	if v.was == nil || v.was.Reason != reason {
		v.Events.Eventf(v.notice, nil, corev1.EventTypeWarning, reason, "Send", "%s", message)
	}
	return nil
}

func (v *visit) unsent(reason, message string) {
	conditions := v.conditions()
	conditions.False(v1alpha1.ConditionSent, reason, message)
	conditions.False(v1alpha1.ConditionReady, reason, message)
}

func (v *visit) conditions() status.Conditions {
	v.notice.Status.ObservedGeneration = v.notice.Generation
	return status.Conditions{List: &v.notice.Status.Conditions, Generation: v.notice.Generation, Now: v.now}
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
		For(&v1alpha1.Notice{}, builder.WithPredicates(predicate.Funcs{
			UpdateFunc: func(e event.UpdateEvent) bool {
				return e.ObjectOld.(*v1alpha1.Notice).Status.SentAt == nil && e.ObjectNew.(*v1alpha1.Notice).Status.SentAt != nil
			},
			DeleteFunc: func(event.DeleteEvent) bool { return false },
		})).
		Complete(r)
}
