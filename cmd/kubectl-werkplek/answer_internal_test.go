// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"werkplek.dev/werkplek/api/v1alpha1"
)

const engineer = "eva@provider.example"

// wish is a request of the contact of jansen, changed by edits.
func wish(name string, edits ...func(*v1alpha1.UserRequest)) *v1alpha1.UserRequest {
	r := &v1alpha1.UserRequest{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: "tenant-jansen"},
		Spec: v1alpha1.UserRequestSpec{
			Type: v1alpha1.RequestAddUser, RequestedBy: "piet@jansen.example",
			User: &v1alpha1.Person{Username: "anna@jansen.example"}, ClassRef: &v1alpha1.Reference{Name: "standard"},
		},
		Status: v1alpha1.UserRequestStatus{Conditions: v1alpha1.Conditions{
			{Type: v1alpha1.ConditionApproved, Status: "Unknown", Reason: v1alpha1.ReasonAwaitingApproval, Message: "the terms leave this to a person"},
		}},
	}
	for _, edit := range edits {
		edit(r)
	}
	return r
}

func answeredAs(status metav1.ConditionStatus, reason, message string, by v1alpha1.Username, at *metav1.Time) func(*v1alpha1.UserRequest) {
	return func(r *v1alpha1.UserRequest) {
		r.Status.Conditions[0] = metav1.Condition{Type: v1alpha1.ConditionApproved, Status: status, Reason: reason, Message: message}
		r.Status.AnsweredBy, r.Status.AnsweredAt = by, at
	}
}

// office returns a cluster that knows the engineer by name, and how often it
// pretends that the operator wrote in between.
func office(t *testing.T, conflicts int, requests ...client.Object) client.Client {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	return fake.NewClientBuilder().WithScheme(scheme).WithObjects(requests...).WithStatusSubresource(&v1alpha1.UserRequest{}).
		WithInterceptorFuncs(interceptor.Funcs{
			Create: func(ctx context.Context, c client.WithWatch, object client.Object, options ...client.CreateOption) error {
				if review, ok := object.(*authenticationv1.SelfSubjectReview); ok {
					review.Status.UserInfo.Username = engineer
					return nil
				}
				return c.Create(ctx, object, options...)
			},
			SubResourcePatch: func(ctx context.Context, c client.Client, name string, object client.Object, patch client.Patch, options ...client.SubResourcePatchOption) error {
				if conflicts > 0 {
					conflicts--
					return apierrors.NewConflict(schema.GroupResource{Resource: "userrequests"}, object.GetName(), nil)
				}
				return c.Status().Patch(ctx, object, patch, options...)
			},
		}).Build()
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 20, 15, 0, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		approve          bool
		message, written string
		status           metav1.ConditionStatus
		edit             func(*v1alpha1.UserRequest)
		want             string
	}{
		"approve": {true, "", "approved by " + engineer, "True", func(*v1alpha1.UserRequest) {}, "approved: the operator makes a workplace of class standard for anna@jansen.example"},
		"with words": {true, "gladly", "gladly", "True", func(r *v1alpha1.UserRequest) {
			r.Spec.Type, r.Spec.ClassRef = v1alpha1.RequestRemoveUser, nil
		}, "approved: the operator removes all workplaces of anna@jansen.example; the homes are kept"},
		"a service": {true, "done on Monday", "done on Monday", "True", func(r *v1alpha1.UserRequest) {
			r.Spec = v1alpha1.UserRequestSpec{Type: v1alpha1.RequestService, Note: "a printer", RequestedBy: "piet@jansen.example"}
		}, "what is asked for is yours to do"},
		"a change": {true, "", "approved by " + engineer, "True", func(r *v1alpha1.UserRequest) {
			r.Spec.Type, r.Spec.WorkplaceRef = v1alpha1.RequestChangeUser, &v1alpha1.Reference{Name: "anna"}
		}, "approved: the operator changes workplace anna as asked"},
		"deny": {false, "too many", "too many", "False", func(*v1alpha1.UserRequest) {}, "denied: nothing changes, and piet@jansen.example reads why"},
	} {
		c := office(t, 2, wish("r", test.edit))
		var out bytes.Buffer
		key := client.ObjectKey{Namespace: "tenant-jansen", Name: "r"}
		if err := (answer{key: key, approve: test.approve, message: test.message, at: at}).give(t.Context(), c, &out); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !strings.Contains(out.String(), test.want) {
			t.Errorf("%s: should say %q, says %s", name, test.want, out.String())
		}
		var got v1alpha1.UserRequest
		if err := c.Get(t.Context(), key, &got); err != nil {
			t.Fatal(err)
		}
		said := meta.FindStatusCondition(got.Status.Conditions, v1alpha1.ConditionApproved)
		if said.Status != test.status || said.Reason != v1alpha1.ReasonByEngineer || said.Message != test.written || !said.LastTransitionTime.Time.Equal(at) ||
			got.Status.AnsweredBy != engineer || got.Status.AnsweredAt != nil {
			t.Errorf("%s: the status is %+v", name, got.Status)
		}
	}
}

func TestAnswerRefusals(t *testing.T) {
	t.Parallel()
	at := metav1.NewTime(time.Date(2026, 11, 20, 15, 0, 0, 0, time.UTC))
	for name, test := range map[string]struct {
		answer  answer
		request *v1alpha1.UserRequest
		want    string
	}{
		"no reason":          {answer{key: client.ObjectKey{Namespace: "tenant-jansen", Name: "r"}}, wish("r"), "tell the contact why, with --message"},
		"no such request":    {answer{key: client.ObjectKey{Namespace: "tenant-jansen", Name: "r"}, approve: true}, wish("other"), "there is no UserRequest r in namespace tenant-jansen"},
		"a message too long": {answer{key: client.ObjectKey{Namespace: "tenant-jansen", Name: "r"}, message: strings.Repeat("x", 40000)}, wish("r"), "shorten it"},
		"answered by the terms": {answer{key: client.ObjectKey{Namespace: "tenant-jansen", Name: "r"}, approve: true},
			wish("r", answeredAs("False", v1alpha1.ReasonUserExists, "there is one", "", &at)), "was denied already by the terms: there is one"},
		"answered by another": {answer{key: client.ObjectKey{Namespace: "tenant-jansen", Name: "r"}, message: "no"},
			wish("r", answeredAs("True", v1alpha1.ReasonByEngineer, "fine", "ed@provider.example", nil)), "was approved already by ed@provider.example: fine"},
	} {
		var out bytes.Buffer
		err := test.answer.give(t.Context(), office(t, 0, test.request), &out)
		if err == nil || !strings.Contains(err.Error(), test.want) || out.Len() > 0 {
			t.Errorf("%s: want an error with %q, got %v and %q", name, test.want, err, out.String())
		}
	}
}

func TestListRequests(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 20, 15, 0, 0, 0, time.UTC)
	due := func(at time.Time) func(*v1alpha1.UserRequest) {
		return func(r *v1alpha1.UserRequest) { r.Status.AnswerDueAt = &metav1.Time{Time: at} }
	}
	answered := metav1.NewTime(now)
	c := office(t, 0,
		wish("some-day"), wish("soon", due(now.Add(time.Hour))), wish("late", due(now.Add(-time.Hour))),
		wish("done", answeredAs("True", v1alpha1.ReasonByTerms, "", "", &answered)))
	list := func(namespace string) string {
		var out bytes.Buffer
		open, err := openRequests(t.Context(), c, namespace)
		if err != nil {
			t.Fatal(err)
		}
		if err := listRequests(open, now, &out); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	text := list("")
	if strings.Contains(text, "done") || strings.Index(text, "late") > strings.Index(text, "soon") || strings.Index(text, "soon") > strings.Index(text, "some-day") ||
		strings.Count(text, "OVERDUE") != 1 || !strings.Contains(text, "the terms leave this to a person") {
		t.Errorf("the list is\n%s", text)
	}
	if text := list("tenant-others"); text != "Every request has its answer.\n" {
		t.Errorf("another tenant has none, got %q", text)
	}
}
