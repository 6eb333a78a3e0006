// SPDX-License-Identifier: Apache-2.0

package gitops

import (
	"context"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/test/cluster"
	"werkplek.dev/werkplek/test/world"
)

const (
	contact = "t@example.com" // of tenant t
	agent   = "sanne@provider.example"
)

var tenants = map[string]state{
	"well":      {of(provided, tenantOf), v1alpha1.ReasonReady, current},
	"suspended": {of(suspended, tenantOf), v1alpha1.ReasonReady, current},
	"ended":     {of(ended, tenantOf), v1alpha1.ReasonReady, current},
	"no terms": {func(t *testing.T, w world.World) client.Object {
		must(t, w.Tenant(t.Context(), "t"))
		return tenantOf(t, w)
	}, v1alpha1.ReasonTermsNotFound, failed},
	"no reseller": {func(t *testing.T, w world.World) client.Object {
		must(t, w.Terms(t.Context()), w.Tenant(t.Context(), "t", w.Under("nobody")))
		return tenantOf(t, w)
	}, v1alpha1.ReasonResellerNotFound, failed},
	"taken": {func(t *testing.T, w world.World) client.Object {
		must(t, w.Create(t.Context(), named(&corev1.Namespace{}, "", w.Namespace("t"))))
		must(t, w.Terms(t.Context()), w.Tenant(t.Context(), "t"))
		return tenantOf(t, w)
	}, v1alpha1.ReasonNamespaceTaken, failed},
}

var accounts = map[string]state{
	"reported": {of(provided, func(_ *testing.T, w world.World) client.Object {
		return named(&v1alpha1.BillingAccount{}, "", w.TenantName("t"))
	}), "", current},
}

var suspensions = map[string]state{
	"in force": {of(suspended, suspensionOf), v1alpha1.ReasonReady, current},
	"later": {func(t *testing.T, w world.World) client.Object {
		provide(t, w)
		return suspend(t, w, "t", ptr.To(metav1.NewTime(time.Now().Add(time.Hour))))
	}, v1alpha1.ReasonReady, current},
	"lifted": {func(t *testing.T, w world.World) client.Object {
		suspended(t, w)
		lift := client.RawPatch(types.MergePatchType, []byte(`{"spec":{"lift":true}}`))
		must(t, w.Patch(t.Context(), suspensionOf(t, w), lift))
		return suspensionOf(t, w)
	}, v1alpha1.ReasonReady, current},
	"no terms": {func(t *testing.T, w world.World) client.Object {
		provide(t, w)
		must(t, w.Delete(t.Context(), named(&v1alpha1.ServiceTerms{}, "", w.Name)))
		cluster.Eventually(t, soon, "the terms are gone",
			w.TenantCondition("t", v1alpha1.ConditionReady, v1alpha1.ReasonTermsNotFound))
		return suspend(t, w, "t", nil)
	}, v1alpha1.ReasonTermsNotFound, failed},
}

var terms = map[string]state{
	"well": {of(provided, termsOf), v1alpha1.ReasonReady, current},
	"no currency": {func(t *testing.T, w world.World) client.Object {
		must(t, w.Terms(t.Context(), func(s *v1alpha1.ServiceTermsSpec) { s.Currency = "QQQ" }))
		return termsOf(t, w)
	}, v1alpha1.ReasonTermsInvalid, failed},
}

var classes = map[string]state{
	"well": {of(provided, func(_ *testing.T, w world.World) client.Object {
		return named(&v1alpha1.WorkplaceClass{}, "", w.Name)
	}), v1alpha1.ReasonReady, current},
}

var licenses = map[string]state{
	"well": {licensed("EUR"), v1alpha1.ReasonReady, current}, "no currency": {licensed("QQQ"), v1alpha1.ReasonLicenseInvalid, failed},
}

var records = map[string]state{
	"open": {of(worked, func(_ *testing.T, w world.World) client.Object {
		return named(&v1alpha1.UsageRecord{}, w.Namespace("t"), thisMonth())
	}), v1alpha1.ReasonOpen, current},
}

// reports: the month is not over, which is no fault.
var reports = map[string]state{
	"draft": {of(worked, func(*testing.T, world.World) client.Object {
		return named(&v1alpha1.LicenseReport{}, "", thisMonth())
	}), v1alpha1.ReasonMonthOpen, current},
}

var charges = map[string]state{
	"made": {func(t *testing.T, w world.World) client.Object {
		provide(t, w)
		charge := &v1alpha1.Charge{
			ObjectMeta: metav1.ObjectMeta{Namespace: w.Namespace("t"), Name: "support-help"},
			Spec: v1alpha1.ChargeSpec{
				Type: v1alpha1.ChargeRemoteWork, On: "2026-11-20", Quantity: "1", Unit: "quarter", UnitPrice: "23.75", Amount: "23.75",
				Currency: "EUR", SourceRef: &v1alpha1.SourceReference{Kind: "SupportSession", Name: "help"},
			},
		}
		must(t, cluster.Shared().As(cluster.Manager).Create(t.Context(), charge))
		return named(&v1alpha1.Charge{}, charge.Namespace, charge.Name)
	}, "", current},
}

var requests = map[string]state{
	"unanswered": {asked(v1alpha1.RequestService, nil), v1alpha1.ReasonAwaitingApproval, failed},
	"answered":   {asked(v1alpha1.RequestBlockUser, &v1alpha1.Person{Username: user}), v1alpha1.ReasonReady, current},
	"denied":     {asked(v1alpha1.RequestBlockUser, &v1alpha1.Person{Username: "nobody@example.com"}), v1alpha1.ReasonReady, current},
}

var sessions = map[string]state{
	"asked":        {helped("anna", false), v1alpha1.ReasonConsentAwaited, inProgress},
	"ended":        {helped("anna", true), v1alpha1.ReasonReady, current},
	"no workplace": {helped("nobody", false), v1alpha1.ReasonWorkplaceUnknown, failed},
}

var exports = map[string]state{
	"copying": {of(worked, exported), v1alpha1.ReasonCopying, inProgress},
	"blocked": {of(suspended, exported), v1alpha1.ReasonBlocked, failed},
	"no home": {of(provided, exported), v1alpha1.ReasonHomeNotFound, failed},
}

// notices: no mail server is set, and a person must set one.
var notices = map[string]state{
	"no mail server": {func(t *testing.T, w world.World) client.Object {
		provide(t, w)
		notice := &v1alpha1.Notice{
			ObjectMeta: metav1.ObjectMeta{Namespace: w.Namespace("t"), Name: "welcome"},
			Spec: v1alpha1.NoticeSpec{
				Type: v1alpha1.NoticeWelcome, To: []v1alpha1.Email{"piet@jansen.example"},
				About: &v1alpha1.SourceReference{Kind: "Tenant", Name: v1alpha1.ObjectName(w.TenantName("t"))},
			},
		}
		must(t, cluster.Shared().As(cluster.Manager).Create(t.Context(), notice))
		return named(&v1alpha1.Notice{}, notice.Namespace, notice.Name)
	}, v1alpha1.ReasonNotConfigured, failed},
}

// of brings a scene about, and looks at one object in it.
func of(scene, look func(*testing.T, world.World) client.Object) func(*testing.T, world.World) client.Object {
	return func(t *testing.T, w world.World) client.Object {
		scene(t, w)
		return look(t, w)
	}
}

// provided is a tenant in which nothing has happened.
func provided(t *testing.T, w world.World) client.Object {
	provide(t, w)
	return tenantOf(t, w)
}

// worked is a tenant with a desktop that needs a licence.
func worked(t *testing.T, w world.World) client.Object {
	must(t, w.License(t.Context(), "rds"))
	work(t, w, w.Needs("rds"))
	return anna(w)
}

func tenantOf(_ *testing.T, w world.World) client.Object {
	return named(&v1alpha1.Tenant{}, "", w.TenantName("t"))
}

func termsOf(_ *testing.T, w world.World) client.Object {
	return named(&v1alpha1.ServiceTerms{}, "", w.Name)
}

func suspensionOf(_ *testing.T, w world.World) client.Object {
	return named(&v1alpha1.Suspension{}, w.Namespace("t"), "by-hand")
}

func thisMonth() string {
	zone, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		panic(err)
	}
	return time.Now().In(zone).Format("2006-01")
}

func licensed(currency v1alpha1.Currency) func(*testing.T, world.World) client.Object {
	return func(t *testing.T, w world.World) client.Object {
		must(t, w.License(t.Context(), "rds", func(s *v1alpha1.LicenseSpec) { s.Prices[0].Currency = currency }))
		return named(&v1alpha1.License{}, "", w.LicenseName("rds"))
	}
}

// asked is a request by the contact, with the contact's own rights.
func asked(kind v1alpha1.UserRequestType, about *v1alpha1.Person) func(*testing.T, world.World) client.Object {
	return func(t *testing.T, w world.World) client.Object {
		work(t, w)
		return ask(t, w, kind, about)
	}
}

func ask(t *testing.T, w world.World, kind v1alpha1.UserRequestType, about *v1alpha1.Person) client.Object {
	t.Helper()
	request := &v1alpha1.UserRequest{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.Namespace("t"), Name: "ask"},
		Spec:       v1alpha1.UserRequestSpec{Type: kind, User: about, Note: "please", RequestedBy: contact},
	}
	// The API server takes a moment to see the contact's rights.
	cluster.Eventually(t, soon, "the request", func(ctx context.Context) error {
		return cluster.Shared().As(contact).Create(ctx, request.DeepCopy())
	})
	return named(&v1alpha1.UserRequest{}, request.Namespace, request.Name)
}

// helped is a session that an agent asks for, and ends where told to.
func helped(workplace string, end bool) func(*testing.T, world.World) client.Object {
	return func(t *testing.T, w world.World) client.Object {
		work(t, w)
		session := &v1alpha1.SupportSession{
			ObjectMeta: metav1.ObjectMeta{Namespace: w.Namespace("t"), Name: "help"},
			Spec: v1alpha1.SupportSessionSpec{
				Mode: v1alpha1.SupportShadow, WorkplaceRef: v1alpha1.Reference{Name: v1alpha1.ObjectName(workplace)},
				Agent: agent, Reason: "the printer",
			},
		}
		desk := cluster.Shared().As(agent, "system:masters")
		must(t, desk.Create(t.Context(), session))
		if end {
			must(t, desk.Patch(t.Context(), session, client.RawPatch(types.MergePatchType, []byte(`{"spec":{"end":true}}`))))
		}
		return named(&v1alpha1.SupportSession{}, session.Namespace, session.Name)
	}
}

func exported(t *testing.T, w world.World) client.Object {
	export := &v1alpha1.DataExport{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.Namespace("t"), Name: "leaving"},
		Spec: v1alpha1.DataExportSpec{Destination: v1alpha1.ExportDestination{S3: v1alpha1.S3Destination{
			Endpoint: "https://s3.example.com", Bucket: "jansen", CredentialsSecretRef: v1alpha1.Reference{Name: "bucket"},
		}}},
	}
	must(t, w.Create(t.Context(), export))
	return named(&v1alpha1.DataExport{}, export.Namespace, export.Name)
}
