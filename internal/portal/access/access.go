// SPDX-License-Identifier: Apache-2.0

// Package access decides who may reach which workplace, from a watch cache and
// nothing else: a decision costs no request to the API server.
package access

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	rule "werkplek.dev/werkplek/internal/access"
	"werkplek.dev/werkplek/internal/calendar"
	"werkplek.dev/werkplek/internal/desktop"
	"werkplek.dev/werkplek/internal/outcome"
	"werkplek.dev/werkplek/internal/reading"
)

// Reasons for a refusal beside those of the condition AccessGranted.
const (
	ReasonNotFound    = "NotFound"
	ReasonNotYours    = "NotYours"
	ReasonNoConsent   = "NoConsent"
	ReasonUndecided   = "Undecided" // the operator has not said yet that access is granted
	ReasonWatchBroken = "WatchBroken"
	ReasonSignedOut   = "SignedOut"
)

// Visitor is somebody who is signed in.
type Visitor struct {
	// Username as Kubernetes knows it.
	Username string
	// Support names the SupportSession, in the workplace's namespace, under which
	// an agent visits; empty for the workplace's own user.
	Support string
}

// Verdict is a decision about one visitor and one workplace.
type Verdict struct {
	// Outcome is ready if the visitor may in, and else says why not, in words for
	// the visitor. What nobody could tell lets nobody in.
	outcome.Outcome
	// Until is when the decision ends by time alone; zero: it does not.
	Until time.Time
	// Mode of the support session, for agents.
	Mode v1alpha1.SupportMode
}

// Judge decides.
type Judge struct {
	// Cache holds what Objects names.
	Cache client.Reader
	Clock clock.PassiveClock
}

// Find returns the workplace with a host name; nil when there is none. Only the
// exact name counts: no port, no trailing dot, lower case.
func (j *Judge) Find(ctx context.Context, host string) (*v1alpha1.Workplace, error) {
	var found v1alpha1.WorkplaceList
	if err := j.Cache.List(ctx, &found, client.MatchingFields{byHost: host}, client.UnsafeDisableDeepCopy); err != nil {
		return nil, err
	}
	if len(found.Items) != 1 {
		return nil, nil
	}
	return &found.Items[0], nil
}

// Get returns a workplace by name; nil when there is none, or when it is another
// object than the one with this UID.
func (j *Judge) Get(ctx context.Context, key types.NamespacedName, uid types.UID) (*v1alpha1.Workplace, error) {
	workplace := &v1alpha1.Workplace{}
	if err := j.Cache.Get(ctx, key, workplace, client.UnsafeDisableDeepCopy); err != nil {
		return nil, client.IgnoreNotFound(err)
	}
	if uid != "" && workplace.UID != uid {
		return nil, nil
	}
	return workplace, nil
}

// Decide says whether a visitor may reach a workplace now. workplace may be nil.
// Whose it is comes first: nobody learns anything about another's workplace. Then
// the one rule (internal/access) is asked about the suspensions and blocks themselves:
// they arrive before anything that the operator makes of them.
func (j *Judge) Decide(ctx context.Context, visitor Visitor, workplace *v1alpha1.Workplace) (Verdict, error) {
	if workplace == nil || workplace.DeletionTimestamp != nil {
		return Refuse(ReasonNotFound, "there is no such workplace"), nil
	}
	verdict, err := j.may(ctx, visitor, workplace)
	if err != nil || !verdict.OK() {
		return verdict, err
	}
	cover, err := rule.Look(ctx, reading.Access{From: j.Cache}, tenantIn(workplace.Namespace), j.Clock.Now())
	if err != nil {
		return Verdict{}, err
	}
	if o := cover.Judge(workplace); !o.OK() {
		return Refuse(o.Reason, o.Message), nil
	}
	// Some of what keeps a user out only the operator looks at, such as licences.
	granted := meta.FindStatusCondition(workplace.Status.Conditions, v1alpha1.ConditionAccessGranted)
	switch {
	case granted == nil:
		return Refuse(ReasonUndecided, "the workplace is being prepared"), nil
	case granted.Status != metav1.ConditionTrue:
		return Refuse(granted.Reason, granted.Message), nil
	}
	return verdict, nil
}

// may says whether the workplace is the visitor's, or shown to the visitor.
func (j *Judge) may(ctx context.Context, visitor Visitor, workplace *v1alpha1.Workplace) (Verdict, error) {
	if visitor.Username == "" {
		return Refuse(ReasonSignedOut, "you are not signed in"), nil
	}
	if visitor.Support == "" {
		if visitor.Username != string(workplace.Spec.User.Username) {
			return Refuse(ReasonNotYours, "this workplace is not yours"), nil
		}
		return granted(), nil
	}
	session := &v1alpha1.SupportSession{}
	err := j.Cache.Get(ctx, types.NamespacedName{Namespace: workplace.Namespace, Name: visitor.Support}, session, client.UnsafeDisableDeepCopy)
	if apierrors.IsNotFound(err) {
		return Refuse(ReasonNoConsent, "there is no such support session"), nil
	}
	if err != nil {
		return Verdict{}, err
	}
	return Consented(session, visitor.Username, workplace, j.Clock.Now()), nil
}

// Consented says whether an agent may look along under a support session (TD-24).
// It reads the user's own decision, not what the operator made of it, so that
// a revocation counts at once.
func Consented(session *v1alpha1.SupportSession, agent string, workplace *v1alpha1.Workplace, now time.Time) Verdict {
	consent := session.Status.Consent
	owner := workplace.Spec.User.Username
	over := Refuse(v1alpha1.ReasonSessionEnded, "the support session has ended")
	switch {
	case string(session.Spec.Agent) != agent || string(session.Spec.WorkplaceRef.Name) != workplace.Name || session.Namespace != workplace.Namespace:
		return Refuse(ReasonNotYours, "this support session is not yours")
	case session.Spec.Mode == v1alpha1.SupportOnSite:
		return Refuse(ReasonNoConsent, "a session on site opens no screen")
	case session.DeletionTimestamp != nil:
		return over
	// The user's own words say more than that the session is over, which follows from them.
	case consent != nil && consent.Decision != "" && consent.Decision != v1alpha1.ConsentGranted:
		return Refuse(string(consent.Decision), "the user does not let you look along")
	case session.Spec.End:
		return over
	case consent == nil || consent.Decision == "":
		if session.Status.EndedAt != nil {
			return over
		}
		return Refuse(v1alpha1.ReasonConsentAwaited, "the user has not answered yet")
	case consent.By != owner || consent.AskedOf != owner || consent.At == nil:
		return Refuse(ReasonNoConsent, "the consent is not that of the workplace's user")
	}
	length, err := calendar.ParsePeriod(string(session.Spec.MaximumLength))
	if err != nil {
		return Refuse(ReasonNoConsent, "the session's maximum length cannot be read")
	}
	until := length.AfterMoment(consent.At.Time, time.UTC)
	if ends := session.Status.EndsAt; ends != nil && ends.Time.Before(until) {
		until = ends.Time
	}
	switch ended := session.Status.EndedAt; {
	case ended != nil && ended.Time.Before(until):
		return over
	case ended != nil || !now.Before(until):
		return Refuse(v1alpha1.ReasonTimeUp, "the support session's time is up")
	}
	verdict := granted()
	verdict.Until, verdict.Mode = until, session.Spec.Mode
	return verdict
}

// Line returns a tenant and its resellers.
func (j *Judge) Line(ctx context.Context, tenant string) (rule.Line, error) {
	return rule.LineOf(ctx, reading.Access{From: j.Cache}, tenant)
}

// Address is where a desktop answers.
type Address struct {
	// Pod is the very pod that answers there.
	Pod  types.UID
	IP   string
	Spec *v1alpha1.DesktopSpec
	// Spectator is true for who may only look.
	Spectator bool
}

// BasicAuth returns what the desktop demands of this visitor; nil: nothing.
func (a *Address) BasicAuth() *v1alpha1.DesktopBasicAuth {
	if along := a.Spec.LookAlong; a.Spectator && along != nil && along.BasicAuth != nil {
		return along.BasicAuth
	}
	return a.Spec.BasicAuth
}

// Reach returns where a workplace's desktop answers; nil while it does not.
func (j *Judge) Reach(ctx context.Context, workplace *v1alpha1.Workplace) (*Address, error) {
	if !meta.IsStatusConditionTrue(workplace.Status.Conditions, v1alpha1.ConditionDesktopReady) {
		return nil, nil
	}
	pod := &corev1.Pod{}
	err := j.Cache.Get(ctx, types.NamespacedName{Namespace: workplace.Namespace, Name: desktop.PodName(workplace.Name)}, pod, client.UnsafeDisableDeepCopy)
	if err != nil {
		return nil, client.IgnoreNotFound(err)
	}
	if pod.DeletionTimestamp != nil || pod.Status.PodIP == "" || !metav1.IsControlledBy(pod, workplace) || !ready(pod) {
		return nil, nil
	}
	class, err := j.Class(ctx, pod.Labels[v1alpha1.LabelClass])
	if err != nil || class == nil {
		return nil, err
	}
	return &Address{Pod: pod.UID, IP: pod.Status.PodIP, Spec: &class.Spec.Desktop}, nil
}

// Class returns a WorkplaceClass; nil while it does not exist.
func (j *Judge) Class(ctx context.Context, name string) (*v1alpha1.WorkplaceClass, error) {
	class := &v1alpha1.WorkplaceClass{}
	if err := j.Cache.Get(ctx, types.NamespacedName{Name: name}, class, client.UnsafeDisableDeepCopy); err != nil {
		return nil, client.IgnoreNotFound(err)
	}
	return class, nil
}

// Classes returns all WorkplaceClasses by name.
func (j *Judge) Classes(ctx context.Context) ([]v1alpha1.WorkplaceClass, error) {
	var list v1alpha1.WorkplaceClassList
	err := j.Cache.List(ctx, &list)
	slices.SortFunc(list.Items, func(a, b v1alpha1.WorkplaceClass) int { return strings.Compare(a.Name, b.Name) })
	return list.Items, err
}

func ready(pod *corev1.Pod) bool {
	for _, condition := range pod.Status.Conditions {
		if condition.Type == corev1.PodReady {
			return condition.Status == corev1.ConditionTrue
		}
	}
	return false
}

// Watching returns the support sessions under which somebody may see a workplace now.
func (j *Judge) Watching(ctx context.Context, workplace *v1alpha1.Workplace) ([]v1alpha1.SupportSession, error) {
	now := j.Clock.Now()
	return j.sessions(ctx, workplace, func(s *v1alpha1.SupportSession) bool {
		return Consented(s, string(s.Spec.Agent), workplace, now).OK()
	})
}

// Asking returns the support sessions whose question the workplace's user has not answered.
func (j *Judge) Asking(ctx context.Context, workplace *v1alpha1.Workplace) ([]v1alpha1.SupportSession, error) {
	return j.sessions(ctx, workplace, Awaiting)
}

// Awaiting reports whether a support session waits for the user's answer.
func Awaiting(s *v1alpha1.SupportSession) bool {
	return s.Status.Consent != nil && s.Status.Consent.AskedOf != "" && s.Status.Consent.Decision == "" &&
		!s.Spec.End && s.Status.EndedAt == nil && s.DeletionTimestamp == nil && s.Spec.Mode != v1alpha1.SupportOnSite
}

// Of returns the support sessions of an agent with a workplace.
func (j *Judge) Of(ctx context.Context, workplace *v1alpha1.Workplace, agent string) ([]v1alpha1.SupportSession, error) {
	return j.sessions(ctx, workplace, func(s *v1alpha1.SupportSession) bool { return string(s.Spec.Agent) == agent })
}

func (j *Judge) sessions(ctx context.Context, workplace *v1alpha1.Workplace, of func(*v1alpha1.SupportSession) bool) ([]v1alpha1.SupportSession, error) {
	var all v1alpha1.SupportSessionList
	err := j.Cache.List(ctx, &all, client.InNamespace(workplace.Namespace), client.MatchingFields{byTarget: workplace.Name}, client.UnsafeDisableDeepCopy)
	var found []v1alpha1.SupportSession
	for i := range all.Items {
		if of(&all.Items[i]) {
			found = append(found, all.Items[i])
		}
	}
	return found, err
}

// OfUser returns the workplaces of a user, by tenant and name.
func (j *Judge) OfUser(ctx context.Context, username string) ([]v1alpha1.Workplace, error) {
	var list v1alpha1.WorkplaceList
	err := j.Cache.List(ctx, &list, client.MatchingFields{byUser: username})
	slices.SortFunc(list.Items, func(a, b v1alpha1.Workplace) int {
		return strings.Compare(a.Namespace+"/"+a.Name, b.Namespace+"/"+b.Name)
	})
	return list.Items, err
}

// OfContact returns the tenants whose one contact somebody is (TD-23).
func (j *Judge) OfContact(ctx context.Context, username string) ([]v1alpha1.Tenant, error) {
	return j.tenants(ctx, byContact, username)
}

// OfAddress returns the tenants whose contact has a mail address, in lower case.
func (j *Judge) OfAddress(ctx context.Context, email string) ([]v1alpha1.Tenant, error) {
	return j.tenants(ctx, byAddress, email)
}

func (j *Judge) tenants(ctx context.Context, field, value string) ([]v1alpha1.Tenant, error) {
	var list v1alpha1.TenantList
	err := j.Cache.List(ctx, &list, client.MatchingFields{field: value})
	slices.SortFunc(list.Items, func(a, b v1alpha1.Tenant) int { return strings.Compare(a.Name, b.Name) })
	return list.Items, err
}

// AskedOf returns the support sessions that ask or asked for a user's consent.
func (j *Judge) AskedOf(ctx context.Context, username string) ([]v1alpha1.SupportSession, error) {
	var list v1alpha1.SupportSessionList
	err := j.Cache.List(ctx, &list, client.MatchingFields{byAsked: username})
	return list.Items, err
}

// OfAgent returns the support sessions of an agent, the newest first.
func (j *Judge) OfAgent(ctx context.Context, username string) ([]v1alpha1.SupportSession, error) {
	var list v1alpha1.SupportSessionList
	err := j.Cache.List(ctx, &list, client.MatchingFields{byAgent: username})
	slices.SortFunc(list.Items, func(a, b v1alpha1.SupportSession) int {
		return b.CreationTimestamp.Compare(a.CreationTimestamp.Time)
	})
	return list.Items, err
}

// granted is the verdict of who may in: there is nothing to explain to them.
func granted() Verdict { return Verdict{Outcome: outcome.Ready("", "")} }

// Refuse is the verdict that somebody may not in.
func Refuse(reason, message string) Verdict {
	return Verdict{Outcome: outcome.Stalled(reason, message)}
}

// String makes a verdict readable in logs and failing tests.
func (v Verdict) String() string {
	if v.OK() {
		return "let in"
	}
	return fmt.Sprintf("%s: %s", v.Reason, v.Message)
}
