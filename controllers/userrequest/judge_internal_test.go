// SPDX-License-Identifier: Apache-2.0

package userrequest

import (
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/outcome"
	"werkplek.dev/werkplek/internal/terms/agreement"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// jansen is a tenant within whose limits requests are approved: anna has one
// workplace of class standard, and there is room for another.
func jansen(t *testing.T, approval string) *facts {
	t.Helper()
	compiled, err := agreement.Compile(&v1alpha1.ServiceTermsSpec{TimeZone: "Europe/Amsterdam", Currency: "EUR", Requests: &v1alpha1.RequestTerms{Approval: approval}})
	if err != nil {
		t.Fatal(err)
	}
	return &facts{
		terms: compiled,
		tenant: &v1alpha1.Tenant{
			ObjectMeta: metav1.ObjectMeta{Name: "jansen"},
			Spec: v1alpha1.TenantSpec{
				Contact: &v1alpha1.Person{Username: "piet@jansen.example"},
				Limits:  &v1alpha1.TenantLimits{Workplaces: ptr.To(int32(2)), AllowedClasses: []v1alpha1.ObjectName{"standard", "large"}},
			},
		},
		class:      &v1alpha1.WorkplaceClass{},
		workplaces: []v1alpha1.Workplace{workplace("anna", "anna@jansen.example", "standard")},
	}
}

func workplace(name string, user v1alpha1.Username, class v1alpha1.ObjectName) v1alpha1.Workplace {
	return v1alpha1.Workplace{
		ObjectMeta: metav1.ObjectMeta{Name: name, CreationTimestamp: metav1.NewTime(noon.Add(-time.Hour))},
		Spec:       v1alpha1.WorkplaceSpec{User: v1alpha1.Person{Username: user}, ClassRef: v1alpha1.Reference{Name: class}},
	}
}

func ask(kind v1alpha1.UserRequestType, user, at, class string) *v1alpha1.UserRequest {
	r := &v1alpha1.UserRequest{
		ObjectMeta: metav1.ObjectMeta{UID: types.UID("uid"), CreationTimestamp: metav1.NewTime(noon)},
		Spec:       v1alpha1.UserRequestSpec{Type: kind, RequestedBy: "piet@jansen.example"},
	}
	if user != "" {
		r.Spec.User = &v1alpha1.Person{Username: v1alpha1.Username(user)}
	}
	if at != "" {
		r.Spec.WorkplaceRef = &v1alpha1.Reference{Name: v1alpha1.ObjectName(at)}
	}
	if class != "" {
		r.Spec.ClassRef = &v1alpha1.Reference{Name: v1alpha1.ObjectName(class)}
	}
	return r
}

// TestRefused: whoever asks while nobody may in hears why, and when to ask again.
func TestRefused(t *testing.T) {
	t.Parallel()
	const again = "ask again once the suspension is lifted"
	for o, want := range map[outcome.Outcome][2]string{
		outcome.Resting(v1alpha1.ReasonSuspended, "suspended by a"):         {v1alpha1.ReasonTenantSuspended, again},
		outcome.Resting(v1alpha1.ReasonResellerSuspended, "r is suspended"): {v1alpha1.ReasonTenantSuspended, again},
		outcome.Resting(v1alpha1.ReasonContractEnded, "it has ended"):       {v1alpha1.ReasonContractEnded, "RemoveUser are carried out"},
		outcome.Resting(v1alpha1.ReasonResellerEnded, "that of r has"):      {v1alpha1.ReasonResellerEnded, "RemoveUser are carried out"},
		outcome.Unknown("Unread", "it was not read"):                        {"Unread", "RemoveUser are carried out"},
	} {
		d := refused(o)
		if d == nil || d.State != outcome.StateStalled || d.Reason != want[0] ||
			!strings.HasPrefix(d.Message, o.Message+"; ") || !strings.HasSuffix(d.Message, want[1]) {
			t.Errorf("%s: %+v, want %s", o, d, want)
		}
	}
	if d := refused(outcome.Ready(v1alpha1.ReasonGranted, "")); d != nil {
		t.Errorf("refused though access is granted: %+v", *d)
	}
}

func TestJudge(t *testing.T) {
	t.Parallel()
	const anna, omar = "anna@jansen.example", "omar@jansen.example"
	add, block, unblock, remove, change := v1alpha1.RequestAddUser, v1alpha1.RequestBlockUser, v1alpha1.RequestUnblockUser, v1alpha1.RequestRemoveUser, v1alpha1.RequestChangeUser
	suspended := func(f *facts) { f.closed = deny(v1alpha1.ReasonTenantSuspended, "suspended by arrears") }
	nobody := func(f *facts) { f.tenant.Spec.Contact = nil }
	without := func(f *facts) { f.terms = nil }
	full := func(f *facts) { f.workplaces = append(f.workplaces, workplace("bo", "bo@jansen.example", "large")) }
	going := func(f *facts) { full(f); f.workplaces[1].DeletionTimestamp = &metav1.Time{} }
	same := func(*facts) {}
	for name, test := range map[string]struct {
		approval string
		request  *v1alpha1.UserRequest
		edit     func(*facts)
		reason   string
		says     string
	}{
		"add":                         {"Automatic", ask(add, omar, "", "standard"), same, v1alpha1.ReasonByTerms, ""},
		"add another class":           {"Automatic", ask(add, anna, "", "large"), same, v1alpha1.ReasonByTerms, ""},
		"add for a person to decide":  {"Manual", ask(add, omar, "", "standard"), same, v1alpha1.ReasonAwaitingApproval, "leave this to a person"},
		"add, nothing agreed":         {"", ask(add, omar, "", "standard"), same, v1alpha1.ReasonAwaitingApproval, "leave this to a person"},
		"add without terms":           {"Automatic", ask(add, omar, "", "standard"), without, v1alpha1.ReasonAwaitingApproval, "see the condition Ready"},
		"add beyond the number":       {"Automatic", ask(add, omar, "", "standard"), full, v1alpha1.ReasonAwaitingApproval, "may have 2 workplaces"},
		"add when one goes":           {"Automatic", ask(add, omar, "", "standard"), going, v1alpha1.ReasonByTerms, ""},
		"add of a class not allowed":  {"Automatic", ask(add, omar, "", "huge"), same, v1alpha1.ReasonAwaitingApproval, "may not use class huge"},
		"add of no class":             {"Automatic", ask(add, omar, "", "standard"), func(f *facts) { f.class = nil }, v1alpha1.ReasonAwaitingApproval, "does not exist"},
		"add twice":                   {"Automatic", ask(add, anna, "", "standard"), same, v1alpha1.ReasonUserExists, "has workplace anna"},
		"add twice, manual":           {"Manual", ask(add, anna, "", "standard"), same, v1alpha1.ReasonUserExists, "ChangeUser"},
		"add while suspended":         {"Automatic", ask(add, omar, "", "standard"), suspended, v1alpha1.ReasonTenantSuspended, "arrears"},
		"add by somebody else":        {"Automatic", ask(add, omar, "", "standard"), nobody, v1alpha1.ReasonNotTheContact, "spec.contact"},
		"add, interrupted":            {"Automatic", ask(add, omar, "", "standard"), func(f *facts) { full(f); f.workplaces[1].Labels = map[string]string{labelRequest: "uid"} }, v1alpha1.ReasonByTerms, ""},
		"block a user":                {"Manual", ask(block, anna, "", ""), same, v1alpha1.ReasonByTerms, "no approval"},
		"block while suspended":       {"Manual", ask(block, anna, "", ""), suspended, v1alpha1.ReasonByTerms, ""},
		"block without terms":         {"Manual", ask(block, anna, "", ""), without, v1alpha1.ReasonByTerms, ""},
		"block a workplace":           {"Manual", ask(block, "", "anna", ""), same, v1alpha1.ReasonByTerms, ""},
		"block nobody":                {"Manual", ask(block, omar, "", ""), same, v1alpha1.ReasonUserUnknown, "has no workplace"},
		"block no workplace":          {"Manual", ask(block, "", "omar", ""), same, v1alpha1.ReasonWorkplaceUnknown, "there is no workplace omar"},
		"block another's":             {"Manual", ask(block, omar, "anna", ""), same, v1alpha1.ReasonUserDiffers, "is that of " + anna},
		"block by somebody else":      {"Manual", ask(block, anna, "", ""), nobody, v1alpha1.ReasonNotTheContact, ""},
		"unblock":                     {"Automatic", ask(unblock, anna, "", ""), same, v1alpha1.ReasonByTerms, ""},
		"unblock while suspended":     {"Automatic", ask(unblock, anna, "", ""), suspended, v1alpha1.ReasonTenantSuspended, ""},
		"unblock, manual":             {"Manual", ask(unblock, anna, "", ""), same, v1alpha1.ReasonAwaitingApproval, ""},
		"remove":                      {"Automatic", ask(remove, anna, "", ""), same, v1alpha1.ReasonByTerms, ""},
		"remove while suspended":      {"Automatic", ask(remove, anna, "", ""), suspended, v1alpha1.ReasonByTerms, ""},
		"remove what came later":      {"Automatic", ask(remove, anna, "", ""), func(f *facts) { f.workplaces[0].CreationTimestamp = metav1.NewTime(noon.Add(time.Second)) }, v1alpha1.ReasonUserUnknown, ""},
		"change the class":            {"Automatic", ask(change, "", "anna", "large"), full, v1alpha1.ReasonByTerms, ""},
		"change to one not allowed":   {"Automatic", ask(change, "", "anna", "huge"), same, v1alpha1.ReasonAwaitingApproval, "may not use class huge"},
		"change within no room":       {"Automatic", ask(change, "", "anna", "large"), func(f *facts) { f.tenant.Spec.Limits.Workplaces = ptr.To(int32(0)) }, v1alpha1.ReasonByTerms, ""},
		"change the user":             {"Automatic", ask(change, omar, "anna", ""), same, v1alpha1.ReasonUserDiffers, "ask with AddUser"},
		"change the user's name":      {"Automatic", ask(change, anna, "anna", ""), same, v1alpha1.ReasonByTerms, ""},
		"a service":                   {"Automatic", ask(v1alpha1.RequestService, "", "", ""), same, v1alpha1.ReasonAwaitingApproval, "a person answers"},
		"a service while suspended":   {"Automatic", ask(v1alpha1.RequestService, "", "", ""), suspended, v1alpha1.ReasonTenantSuspended, ""},
		"a service by somebody else":  {"Automatic", ask(v1alpha1.RequestService, "", "", ""), nobody, v1alpha1.ReasonNotTheContact, ""},
		"nobody's contact, suspended": {"Automatic", ask(add, omar, "", "standard"), func(f *facts) { suspended(f); nobody(f) }, v1alpha1.ReasonNotTheContact, ""},
	} {
		f := jansen(t, test.approval)
		test.edit(f)
		got := judge(test.request, f)
		status := metav1.ConditionFalse
		switch test.reason {
		case v1alpha1.ReasonByTerms:
			status = metav1.ConditionTrue
		case v1alpha1.ReasonAwaitingApproval:
			status = metav1.ConditionUnknown
		}
		if got.Reason != test.reason || got.Status() != status || !strings.Contains(got.Message, test.says) {
			t.Errorf("%s: want %s because of %s, and %q, got %s", name, status, test.reason, test.says, got)
		}
	}
}

func TestWorkplaceName(t *testing.T) {
	t.Parallel()
	forty := strings.Repeat("t", 40)
	for _, test := range []struct {
		user   v1alpha1.Username
		tenant string
		n      int
		want   string
	}{
		{"anna@jansen.example", "jansen", 1, "anna"},
		{"anna@jansen.example", "jansen", 2, "anna-2"},
		{"anna.de_vries+x@jansen.example", "jansen", 1, "anna-de-vries-x"},
		{"anna--vries@jansen.example", "jansen", 1, "anna-vries"},
		{"-anna-@jansen.example", "jansen", 1, "anna"},
		{"oidc:9b1d_x/42|李", "jansen", 1, "oidc-9b1d-x-42"},
		{"李@jansen.example", "jansen", 1, "user"},
		{"李@jansen.example", "jansen", 11, "user-11"},
		{v1alpha1.Username(strings.Repeat("a", 60)), "jansen", 1, strings.Repeat("a", 40)},
		{v1alpha1.Username(strings.Repeat("a", 60)), "jansen", 10, strings.Repeat("a", 37) + "-10"},
		{v1alpha1.Username(strings.Repeat("a", 60)), forty, 1, strings.Repeat("a", 21)},
		{v1alpha1.Username(strings.Repeat("a", 20) + ".b"), forty, 1, strings.Repeat("a", 20)},
		{v1alpha1.Username(strings.Repeat("a", 60)), forty, 2, strings.Repeat("a", 19) + "-2"},
	} {
		if got := workplaceName(test.user, test.tenant, test.n); got != test.want {
			t.Errorf("%s, attempt %d: want %s, got %s", test.user, test.n, test.want, got)
		}
	}
}
