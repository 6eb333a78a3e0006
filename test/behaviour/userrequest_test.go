// SPDX-License-Identifier: Apache-2.0

package behaviour

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/test/cluster"
	"werkplek.dev/werkplek/test/world"
)

// requestPromises are what contacts can count on when they ask (TD-1, TD-23).
var requestPromises = map[string]func(*testing.T, world.World){
	"RequestAddsUser":     requestAddsUser,
	"RequestAwaitsAnswer": requestAwaitsAnswer,
	"RequestBeyondLimits": requestBeyondLimits,
	"RequestBlocks":       requestBlocks,
	"RequestRemoves":      requestRemoves,
	"RequestChanges":      requestChanges,
	"RequestSuspended":    requestSuspended,
	"RequestOfNoContact":  requestOfNoContact,
	"RequestNotAnswered":  requestNotAnswered,
	"RequestInterrupted":  requestInterrupted,
	"RequestUnderNoTerms": requestUnderNoTerms,
}

const (
	contact  = "t@example.com" // of tenant t
	engineer = "engineer@provider.example"
)

// automatic terms approve what is within the tenant's limits.
func automatic(s *v1alpha1.ServiceTermsSpec) {
	s.Requests = &v1alpha1.RequestTerms{Approval: "Automatic"}
}

// provideUnder makes a class, one tenant, "t", and its terms.
func provideUnder(t *testing.T, w world.World, edits ...func(*v1alpha1.ServiceTermsSpec)) {
	t.Helper()
	ctx := t.Context()
	must(t, w.Terms(ctx, edits...), w.Class(ctx), w.Tenant(ctx, "t"))
	cluster.Eventually(t, soon, "the namespace", w.HasNamespace("t"))
	must(t, w.Report(ctx, "t", time.Now()))
}

// ask makes a request as the contact, with the contact's own rights.
func ask(t *testing.T, w world.World, name string, spec v1alpha1.UserRequestSpec) {
	t.Helper()
	askAs(t, w, cluster.Shared().As(contact), contact, name, spec)
}

func askAs(t *testing.T, w world.World, as client.Client, by v1alpha1.Username, name string, spec v1alpha1.UserRequestSpec) {
	t.Helper()
	spec.RequestedBy = by
	// The API server takes a moment to see the contact's rights.
	cluster.Eventually(t, soon, "the request", func(ctx context.Context) error {
		return as.Create(ctx, &v1alpha1.UserRequest{ObjectMeta: metav1.ObjectMeta{Namespace: w.Namespace("t"), Name: name}, Spec: spec})
	})
}

func about(kind v1alpha1.UserRequestType, user string) v1alpha1.UserRequestSpec {
	return v1alpha1.UserRequestSpec{Type: kind, User: &v1alpha1.Person{Username: v1alpha1.Username(user)}}
}

func adding(w world.World, user string) v1alpha1.UserRequestSpec {
	spec := about(v1alpha1.RequestAddUser, user)
	spec.ClassRef = &v1alpha1.Reference{Name: v1alpha1.ObjectName(w.Name)}
	return spec
}

func requestOf(t *testing.T, w world.World, name string) *v1alpha1.UserRequest {
	t.Helper()
	request := &v1alpha1.UserRequest{}
	must(t, w.Get(t.Context(), client.ObjectKey{Namespace: w.Namespace("t"), Name: name}, request))
	return request
}

// comes waits until a request's condition has a reason.
func comes(t *testing.T, w world.World, name, kind, reason string) {
	t.Helper()
	cluster.Eventually(t, soon, name+" "+kind+" "+reason, func(ctx context.Context) error {
		request := &v1alpha1.UserRequest{}
		if err := w.Get(ctx, client.ObjectKey{Namespace: w.Namespace("t"), Name: name}, request); err != nil {
			return err
		}
		if c := meta.FindStatusCondition(request.Status.Conditions, kind); c == nil || c.Reason != reason {
			return fmt.Errorf("request %s: want condition %s with reason %s, the status is %+v", name, kind, reason, request.Status)
		}
		return nil
	})
}

// says checks what a request's condition tells the contact.
func says(t *testing.T, w world.World, name, kind string, status metav1.ConditionStatus, words string) {
	t.Helper()
	if c := meta.FindStatusCondition(requestOf(t, w, name).Status.Conditions, kind); c == nil || c.Status != status || !strings.Contains(c.Message, words) {
		t.Errorf("request %s: want %s %s and %q, got %+v", name, kind, status, words, c)
	}
}

// answer decides on a request as an engineer does.
func answer(t *testing.T, w world.World, name string, status metav1.ConditionStatus, words string) {
	t.Helper()
	request := requestOf(t, w, name)
	base := request.DeepCopy()
	meta.SetStatusCondition((*[]metav1.Condition)(&request.Status.Conditions), metav1.Condition{
		Type: v1alpha1.ConditionApproved, Status: status, Reason: v1alpha1.ReasonByEngineer, Message: words,
	})
	request.Status.AnsweredBy = engineer
	must(t, cluster.Shared().As(engineer, "system:masters").Status().Patch(t.Context(), request, client.MergeFrom(base)))
}

func accessTo(w world.World, name string, access v1alpha1.Access) func(context.Context) error {
	return func(ctx context.Context) error {
		workplace := &v1alpha1.Workplace{}
		if err := w.Get(ctx, client.ObjectKey{Namespace: w.Namespace("t"), Name: name}, workplace); err != nil {
			return err
		}
		if workplace.Spec.Access != access {
			return fmt.Errorf("access to %s is %s, want %s", name, workplace.Spec.Access, access)
		}
		return nil
	}
}

func workplacesOf(t *testing.T, w world.World) []v1alpha1.Workplace {
	t.Helper()
	var list v1alpha1.WorkplaceList
	must(t, w.List(t.Context(), &list, client.InNamespace(w.Namespace("t"))))
	return list.Items
}

func requestAddsUser(t *testing.T, w world.World) {
	provideUnder(t, w, automatic, func(s *v1alpha1.ServiceTermsSpec) { s.Support = &v1alpha1.SupportTerms{AnswerWithin: "PT4H"} })
	spec := adding(w, "anna.de_vries@example.com")
	spec.User.Name, spec.User.Email = "Anna de Vries", "anna@example.com"
	ask(t, w, "one", spec)
	comes(t, w, "one", v1alpha1.ConditionCompleted, v1alpha1.ReasonDone)
	cluster.Eventually(t, soon, "the desktop", w.AllReady("t", 1))
	request := requestOf(t, w, "one")
	made := workplacesOf(t, w)[0]
	if made.Name != "anna-de-vries" || made.Spec.User != *spec.User || made.Spec.ClassRef != *spec.ClassRef {
		t.Errorf("the workplace is %s of %+v", made.Name, made.Spec)
	}
	s := request.Status
	if s.WorkplaceRef == nil || string(s.WorkplaceRef.Name) != made.Name || s.AnsweredAt == nil || s.AnsweredBy != "" ||
		s.ReceivedAt == nil || !s.ReceivedAt.Equal(&request.CreationTimestamp) ||
		s.AnswerDueAt == nil || s.AnswerDueAt.Sub(s.ReceivedAt.Time) != 4*time.Hour {
		t.Errorf("the status is %+v", s)
	}
	for kind, reason := range map[string]string{
		v1alpha1.ConditionReady: v1alpha1.ReasonReady, v1alpha1.ConditionApproved: v1alpha1.ReasonByTerms, v1alpha1.ConditionAnsweredInTime: v1alpha1.ReasonAnswered,
	} {
		comes(t, w, "one", kind, reason)
	}
	// Somebody else who would get the same name, and the same person again.
	ask(t, w, "two", adding(w, "anna.de_vries@example.org"))
	comes(t, w, "two", v1alpha1.ConditionCompleted, v1alpha1.ReasonDone)
	if ref := requestOf(t, w, "two").Status.WorkplaceRef; ref == nil || ref.Name != "anna-de-vries-2" {
		t.Errorf("the second workplace is %+v", ref)
	}
	ask(t, w, "again", adding(w, "anna.de_vries@example.com"))
	comes(t, w, "again", v1alpha1.ConditionApproved, v1alpha1.ReasonUserExists)
	says(t, w, "again", v1alpha1.ConditionCompleted, metav1.ConditionFalse, "denied")
	if all := workplacesOf(t, w); len(all) != 2 {
		t.Errorf("there are %d workplaces, want 2", len(all))
	}
}

func requestAwaitsAnswer(t *testing.T, w world.World) {
	provideUnder(t, w)
	ask(t, w, "yes", adding(w, "anna@example.com"))
	ask(t, w, "no", adding(w, "omar@example.com"))
	ask(t, w, "printer", v1alpha1.UserRequestSpec{Type: v1alpha1.RequestService, Note: "the printer is on fire"})
	for _, name := range []string{"yes", "no", "printer"} {
		comes(t, w, name, v1alpha1.ConditionApproved, v1alpha1.ReasonAwaitingApproval)
		says(t, w, name, v1alpha1.ConditionCompleted, metav1.ConditionFalse, "waits for its answer")
		says(t, w, name, v1alpha1.ConditionAnsweredInTime, metav1.ConditionTrue, "promise no answer")
	}
	// Nothing is written at rest, however often it is looked at.
	version := requestOf(t, w, "yes").ResourceVersion
	must(t, edit(t.Context(), w, "t", func(s *v1alpha1.TenantSpec) { s.DisplayName = "looked at again" }))
	ask(t, w, "ignored", about(v1alpha1.RequestBlockUser, "nobody@example.com"))
	comes(t, w, "ignored", v1alpha1.ConditionCompleted, v1alpha1.ReasonDenied)
	if now := requestOf(t, w, "yes").ResourceVersion; now != version {
		t.Errorf("a request at rest was written to: version %s became %s", version, now)
	}
	answer(t, w, "yes", metav1.ConditionTrue, "welcome, Anna")
	answer(t, w, "no", metav1.ConditionFalse, "Omar is not with you any more")
	answer(t, w, "printer", metav1.ConditionTrue, "somebody comes")
	comes(t, w, "yes", v1alpha1.ConditionCompleted, v1alpha1.ReasonDone)
	comes(t, w, "no", v1alpha1.ConditionCompleted, v1alpha1.ReasonDenied)
	comes(t, w, "printer", v1alpha1.ConditionCompleted, v1alpha1.ReasonDone)
	cluster.Eventually(t, soon, "the desktop", w.AllReady("t", 1))
	says(t, w, "yes", v1alpha1.ConditionApproved, metav1.ConditionTrue, "welcome, Anna")
	says(t, w, "no", v1alpha1.ConditionApproved, metav1.ConditionFalse, "Omar is not with you")
	for _, name := range []string{"yes", "no", "printer"} {
		if s := requestOf(t, w, name).Status; s.AnsweredBy != engineer || s.AnsweredAt == nil {
			t.Errorf("%s was answered by %q at %v", name, s.AnsweredBy, s.AnsweredAt)
		}
	}
}

func requestBeyondLimits(t *testing.T, w world.World) {
	ctx := t.Context()
	provideUnder(t, w, automatic)
	must(t, edit(ctx, w, "t", func(s *v1alpha1.TenantSpec) {
		s.Limits = &v1alpha1.TenantLimits{Workplaces: ptr.To(int32(1)), AllowedClasses: []v1alpha1.ObjectName{v1alpha1.ObjectName(w.Name)}}
	}))
	ask(t, w, "one", adding(w, "anna@example.com"))
	comes(t, w, "one", v1alpha1.ConditionCompleted, v1alpha1.ReasonDone)
	ask(t, w, "two", adding(w, "omar@example.com"))
	comes(t, w, "two", v1alpha1.ConditionApproved, v1alpha1.ReasonAwaitingApproval)
	says(t, w, "two", v1alpha1.ConditionApproved, metav1.ConditionUnknown, "may have 1 workplaces")
	other := adding(w, "bo@example.com")
	other.ClassRef.Name = "another"
	ask(t, w, "three", other)
	comes(t, w, "three", v1alpha1.ConditionApproved, v1alpha1.ReasonAwaitingApproval)
	must(t, edit(ctx, w, "t", func(s *v1alpha1.TenantSpec) { s.Limits.Workplaces = ptr.To(int32(2)) }))
	comes(t, w, "two", v1alpha1.ConditionApproved, v1alpha1.ReasonByTerms)
	comes(t, w, "two", v1alpha1.ConditionCompleted, v1alpha1.ReasonDone)
	// A removal makes room for one who waits.
	ask(t, w, "four", adding(w, "dee@example.com"))
	comes(t, w, "four", v1alpha1.ConditionApproved, v1alpha1.ReasonAwaitingApproval)
	ask(t, w, "gone", about(v1alpha1.RequestRemoveUser, "omar@example.com"))
	comes(t, w, "gone", v1alpha1.ConditionCompleted, v1alpha1.ReasonDone)
	comes(t, w, "four", v1alpha1.ConditionCompleted, v1alpha1.ReasonDone)
	comes(t, w, "three", v1alpha1.ConditionApproved, v1alpha1.ReasonAwaitingApproval)
}

func requestBlocks(t *testing.T, w world.World) {
	ctx := t.Context()
	provideUnder(t, w, automatic)
	must(t, w.Workplace(ctx, "t", "anna", user), w.Workplace(ctx, "t", "anna-two", user), w.Workplace(ctx, "t", "omar", "omar@example.com"))
	cluster.Eventually(t, soon, "the desktops", w.AllReady("t", 3))
	ask(t, w, "block", about(v1alpha1.RequestBlockUser, user))
	comes(t, w, "block", v1alpha1.ConditionCompleted, v1alpha1.ReasonDone)
	must(t, accessTo(w, "anna", v1alpha1.AccessBlocked)(ctx), accessTo(w, "anna-two", v1alpha1.AccessBlocked)(ctx), accessTo(w, "omar", v1alpha1.AccessAllowed)(ctx))
	cluster.Eventually(t, soon, "no desktop", w.WorkplaceCondition("t", "anna", v1alpha1.ConditionAccessGranted, v1alpha1.ReasonBlocked))
	must(t, w.WorkplaceCondition("t", "omar", v1alpha1.ConditionReady, v1alpha1.ReasonReady)(ctx))

	ask(t, w, "unblock-one", v1alpha1.UserRequestSpec{Type: v1alpha1.RequestUnblockUser, WorkplaceRef: &v1alpha1.Reference{Name: "anna"}})
	comes(t, w, "unblock-one", v1alpha1.ConditionCompleted, v1alpha1.ReasonDone)
	must(t, accessTo(w, "anna", v1alpha1.AccessAllowed)(ctx), accessTo(w, "anna-two", v1alpha1.AccessBlocked)(ctx))
	ask(t, w, "unblock", about(v1alpha1.RequestUnblockUser, user))
	comes(t, w, "unblock", v1alpha1.ConditionCompleted, v1alpha1.ReasonDone)
	must(t, accessTo(w, "anna-two", v1alpha1.AccessAllowed)(ctx))
	cluster.Eventually(t, soon, "the desktops again", w.AllReady("t", 3))

	// What is carried out never runs again: an engineer's later word stands.
	ask(t, w, "block-again", about(v1alpha1.RequestBlockUser, user))
	comes(t, w, "block-again", v1alpha1.ConditionCompleted, v1alpha1.ReasonDone)
	must(t, change(ctx, w, func(s *v1alpha1.WorkplaceSpec) { s.Access = v1alpha1.AccessAllowed }))
	must(t, edit(ctx, w, "t", func(s *v1alpha1.TenantSpec) { s.DisplayName = "looked at again" }))
	ask(t, w, "block-omar", v1alpha1.UserRequestSpec{Type: v1alpha1.RequestBlockUser, WorkplaceRef: &v1alpha1.Reference{Name: "omar"}})
	comes(t, w, "block-omar", v1alpha1.ConditionCompleted, v1alpha1.ReasonDone)
	must(t, accessTo(w, "anna", v1alpha1.AccessAllowed)(ctx), accessTo(w, "anna-two", v1alpha1.AccessBlocked)(ctx))

	ask(t, w, "nobody", about(v1alpha1.RequestBlockUser, "nobody@example.com"))
	comes(t, w, "nobody", v1alpha1.ConditionApproved, v1alpha1.ReasonUserUnknown)
	ask(t, w, "nothing", v1alpha1.UserRequestSpec{Type: v1alpha1.RequestBlockUser, WorkplaceRef: &v1alpha1.Reference{Name: "nothing"}})
	comes(t, w, "nothing", v1alpha1.ConditionApproved, v1alpha1.ReasonWorkplaceUnknown)
}

func requestRemoves(t *testing.T, w world.World) {
	ctx := t.Context()
	provideUnder(t, w, automatic, func(s *v1alpha1.ServiceTermsSpec) { s.Retention = &v1alpha1.RetentionTerms{AfterEnd: "P30D"} })
	ask(t, w, "add", adding(w, user))
	comes(t, w, "add", v1alpha1.ConditionCompleted, v1alpha1.ReasonDone)
	cluster.Eventually(t, soon, "the desktop", w.AllReady("t", 1))
	ask(t, w, "remove", about(v1alpha1.RequestRemoveUser, user))
	comes(t, w, "remove", v1alpha1.ConditionCompleted, v1alpha1.ReasonDone)
	says(t, w, "remove", v1alpha1.ConditionCompleted, metav1.ConditionTrue, "the home is kept until 20")
	cluster.Eventually(t, soon, "the workplace is gone", w.NoneReady("t", 0))
	home := &corev1.PersistentVolumeClaim{}
	must(t, w.Get(ctx, client.ObjectKey{Namespace: w.Namespace("t"), Name: "home-anna"}, home))
	if home.DeletionTimestamp != nil {
		t.Error("the home goes with its workplace")
	}
	// Somebody else of that name gets a home of the own, and Anna hers back.
	ask(t, w, "another-anna", adding(w, "anna@example.org"))
	comes(t, w, "another-anna", v1alpha1.ConditionCompleted, v1alpha1.ReasonDone)
	ask(t, w, "add-again", adding(w, user))
	comes(t, w, "add-again", v1alpha1.ConditionCompleted, v1alpha1.ReasonDone)
	for name, want := range map[string]v1alpha1.ObjectName{"another-anna": "anna-2", "add-again": "anna"} {
		if ref := requestOf(t, w, name).Status.WorkplaceRef; ref == nil || ref.Name != want {
			t.Errorf("%s made %+v, want %s", name, ref, want)
		}
	}
	cluster.Eventually(t, soon, "both desktops", w.AllReady("t", 2))
}

func requestChanges(t *testing.T, w world.World) {
	ctx := t.Context()
	provideUnder(t, w, automatic)
	large := &v1alpha1.WorkplaceClass{}
	must(t, w.Get(ctx, client.ObjectKey{Name: w.Name}, large))
	large.ObjectMeta = metav1.ObjectMeta{Name: w.Name + "-large"}
	must(t, w.Create(ctx, large), w.License(ctx, "office"), w.Workplace(ctx, "t", "anna", user, func(s *v1alpha1.WorkplaceSpec) { s.User.Email = "anna@example.com" }))
	ref := &v1alpha1.Reference{Name: "anna"}
	ask(t, w, "change", v1alpha1.UserRequestSpec{
		Type: v1alpha1.RequestChangeUser, WorkplaceRef: ref, User: &v1alpha1.Person{Username: user, Name: "Anna Smit"},
		ClassRef: &v1alpha1.Reference{Name: v1alpha1.ObjectName(large.Name)}, Licenses: []v1alpha1.LicenseName{v1alpha1.LicenseName(w.LicenseName("office"))},
	})
	comes(t, w, "change", v1alpha1.ConditionCompleted, v1alpha1.ReasonDone)
	s := workplaceOf(t, w).Spec
	if s.User.Name != "Anna Smit" || s.User.Email != "anna@example.com" || string(s.ClassRef.Name) != large.Name || len(s.Licenses) != 1 {
		t.Errorf("the workplace became %+v", s)
	}
	ask(t, w, "give-away", v1alpha1.UserRequestSpec{Type: v1alpha1.RequestChangeUser, WorkplaceRef: ref, User: &v1alpha1.Person{Username: "omar@example.com"}})
	comes(t, w, "give-away", v1alpha1.ConditionApproved, v1alpha1.ReasonUserDiffers)
}

func requestSuspended(t *testing.T, w world.World) {
	ctx := t.Context()
	provideUnder(t, w)
	must(t, w.Workplace(ctx, "t", "anna", user), w.Workplace(ctx, "t", "omar", "omar@example.com"))
	ask(t, w, "before", adding(w, "bo@example.com"))
	comes(t, w, "before", v1alpha1.ConditionApproved, v1alpha1.ReasonAwaitingApproval)
	must(t, byHand(ctx, w, "abuse-1", v1alpha1.CauseAbuse))
	comes(t, w, "before", v1alpha1.ConditionApproved, v1alpha1.ReasonTenantSuspended)
	ask(t, w, "add", adding(w, "bo@example.com"))
	comes(t, w, "add", v1alpha1.ConditionApproved, v1alpha1.ReasonTenantSuspended)
	says(t, w, "add", v1alpha1.ConditionApproved, metav1.ConditionFalse, "ask again once the suspension is lifted")
	ask(t, w, "block", about(v1alpha1.RequestBlockUser, user))
	comes(t, w, "block", v1alpha1.ConditionCompleted, v1alpha1.ReasonDone)
	must(t, accessTo(w, "anna", v1alpha1.AccessBlocked)(ctx))
	// To remove is not refused either, but these terms leave it to a person.
	ask(t, w, "remove", about(v1alpha1.RequestRemoveUser, "omar@example.com"))
	comes(t, w, "remove", v1alpha1.ConditionApproved, v1alpha1.ReasonAwaitingApproval)
	answer(t, w, "remove", metav1.ConditionTrue, "as you wish")
	comes(t, w, "remove", v1alpha1.ConditionCompleted, v1alpha1.ReasonDone)
	// An answer stays, though its cause is gone.
	must(t, lift(ctx, w, "abuse-1"))
	cluster.Eventually(t, soon, "it is lifted", suspendedBy(w, ""))
	ask(t, w, "after", adding(w, "bo@example.com"))
	comes(t, w, "after", v1alpha1.ConditionApproved, v1alpha1.ReasonAwaitingApproval)
	says(t, w, "add", v1alpha1.ConditionApproved, metav1.ConditionFalse, "suspended")
}

func requestOfNoContact(t *testing.T, w world.World) {
	ctx := t.Context()
	provideUnder(t, w, automatic)
	ask(t, w, "first", adding(w, user))
	comes(t, w, "first", v1alpha1.ConditionCompleted, v1alpha1.ReasonDone)
	must(t, edit(ctx, w, "t", func(s *v1alpha1.TenantSpec) { s.Contact.Username = "new@example.com" }))
	// Whatever rights somebody has: only the contact is answered.
	askAs(t, w, cluster.Shared().As(contact, "system:masters"), contact, "old", about(v1alpha1.RequestBlockUser, user))
	comes(t, w, "old", v1alpha1.ConditionApproved, v1alpha1.ReasonNotTheContact)
	must(t, accessTo(w, "anna", v1alpha1.AccessAllowed)(ctx))
	askAs(t, w, cluster.Shared().As("new@example.com"), "new@example.com", "new", about(v1alpha1.RequestBlockUser, user))
	comes(t, w, "new", v1alpha1.ConditionCompleted, v1alpha1.ReasonDone)
	must(t, accessTo(w, "anna", v1alpha1.AccessBlocked)(ctx))
}

func requestNotAnswered(t *testing.T, w world.World) {
	provideUnder(t, w, func(s *v1alpha1.ServiceTermsSpec) { s.Support = &v1alpha1.SupportTerms{AnswerWithin: "PT1S"} })
	ask(t, w, "late", adding(w, user))
	comes(t, w, "late", v1alpha1.ConditionAnsweredInTime, v1alpha1.ReasonAnsweredLate)
	says(t, w, "late", v1alpha1.ConditionAnsweredInTime, metav1.ConditionFalse, "not answered in time")
	answer(t, w, "late", metav1.ConditionTrue, "sorry")
	comes(t, w, "late", v1alpha1.ConditionCompleted, v1alpha1.ReasonDone)
	says(t, w, "late", v1alpha1.ConditionAnsweredInTime, metav1.ConditionFalse, "answered too late")
	cluster.Eventually(t, soon, "one event", func(ctx context.Context) error {
		var list eventsv1.EventList
		if err := w.List(ctx, &list, client.InNamespace(w.Namespace("t"))); err != nil {
			return err
		}
		var found []eventsv1.Event
		for _, event := range list.Items {
			if event.Regarding.Kind == "UserRequest" {
				found = append(found, event)
			}
		}
		if len(found) != 1 || found[0].Reason != v1alpha1.ReasonAnsweredLate || found[0].Series != nil {
			return fmt.Errorf("the events are %+v", found)
		}
		return nil
	})
}

// requestInterrupted: an operator that dies after making a workplace finds it again.
func requestInterrupted(t *testing.T, w world.World) {
	ctx := t.Context()
	provideUnder(t, w)
	ask(t, w, "add", adding(w, user))
	comes(t, w, "add", v1alpha1.ConditionApproved, v1alpha1.ReasonAwaitingApproval)
	made := &v1alpha1.Workplace{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: w.Namespace("t"), Name: "anna",
			Labels: map[string]string{"werkplek.dev/request": string(requestOf(t, w, "add").UID)},
		},
		Spec: v1alpha1.WorkplaceSpec{User: v1alpha1.Person{Username: user}, ClassRef: v1alpha1.Reference{Name: v1alpha1.ObjectName(w.Name)}},
	}
	must(t, w.Create(ctx, made))
	answer(t, w, "add", metav1.ConditionTrue, "welcome")
	comes(t, w, "add", v1alpha1.ConditionCompleted, v1alpha1.ReasonDone)
	if all := workplacesOf(t, w); len(all) != 1 || all[0].UID != made.UID {
		t.Errorf("there are %d workplaces, want the one that was made", len(all))
	}
}

// requestUnderNoTerms: without terms nothing is promised and a person decides,
// but access is taken away all the same.
func requestUnderNoTerms(t *testing.T, w world.World) {
	ctx := t.Context()
	must(t, w.Class(ctx), w.Tenant(ctx, "t"))
	cluster.Eventually(t, soon, "the namespace", func(ctx context.Context) error {
		return w.Get(ctx, client.ObjectKey{Name: w.Namespace("t")}, &corev1.Namespace{})
	})
	must(t, w.Workplace(ctx, "t", "anna", user))
	askAs(t, w, cluster.Shared().As(contact, "system:masters"), contact, "add", adding(w, "omar@example.com"))
	comes(t, w, "add", v1alpha1.ConditionReady, v1alpha1.ReasonTermsNotFound)
	comes(t, w, "add", v1alpha1.ConditionApproved, v1alpha1.ReasonAwaitingApproval)
	askAs(t, w, cluster.Shared().As(contact, "system:masters"), contact, "block", about(v1alpha1.RequestBlockUser, user))
	comes(t, w, "block", v1alpha1.ConditionCompleted, v1alpha1.ReasonDone)
	must(t, accessTo(w, "anna", v1alpha1.AccessBlocked)(ctx))
	must(t, w.Terms(ctx, automatic))
	comes(t, w, "add", v1alpha1.ConditionCompleted, v1alpha1.ReasonDone)
	comes(t, w, "add", v1alpha1.ConditionReady, v1alpha1.ReasonReady)
	if err := w.Get(ctx, client.ObjectKey{Namespace: w.Namespace("t"), Name: "omar"}, &v1alpha1.Workplace{}); apierrors.IsNotFound(err) {
		t.Error("the terms came, and the workplace did not")
	}
}
