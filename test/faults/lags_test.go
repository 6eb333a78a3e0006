// SPDX-License-Identifier: Apache-2.0

package faults

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/controllers/disruption"
	"werkplek.dev/werkplek/test/cluster"
	"werkplek.dev/werkplek/test/world"
)

const (
	anna  = "anna@example.com"
	agent = "sanne@provider.example"
)

// lags has a row for each controller: how the inputs of a world change and change
// back while the controller's watch of its own kind is held.
var lags = []lag{
	{
		controller: "workplace", resource: "workplaces", make: desktop,
		there: podDeleted, back: podBack,
	},
	{
		controller: "tenant", resource: "tenants", make: desktop,
		there: steps(overdueInvoice, seen("arrears", inArrears)), back: paid,
	},
	{
		controller: "suspension", resource: "suspensions", make: desktop,
		there: steps(overdueInvoice, seen("arrears", inArrears)), back: paid,
	},
	{
		controller: "serviceterms", resource: "serviceterms", make: desktop,
		there: steps(secondTenant, seen("two tenants", tenantsUnderTerms(2))),
		back:  noSecondTenant,
	},
	{
		controller: "workplaceclass", resource: "workplaceclasses", make: desktop,
		there: steps(secondWorkplace, seen("two workplaces", workplacesOfClass(2))),
		back:  noSecondWorkplace,
	},
	{
		controller: "license", resource: "licenses", make: licensed,
		there: steps(classNeeds(false), seen("a licence that nothing needs", licenseInUse(v1alpha1.ReasonCounted))),
		back:  classNeeds(true),
	},
	{
		controller: "licensereport", resource: "licensereports", make: licensed, gathers: 7 * time.Second,
		there: steps(costs("7.10"), seen("another price", counted("7.10"))),
		back:  costs("6.10"),
	},
	{
		controller: "usagerecord", resource: "usagerecords", make: licensed,
		there: steps(access(v1alpha1.AccessBlocked), seen("the end of the use", useEnded)),
		back:  access(v1alpha1.AccessAllowed),
	},
	{
		controller: "notice", resource: "notices", make: desktop,
		there: notice("first"), back: notice("second"),
	},
	{
		controller: "charge", resource: "charges", make: desktop,
		there: charge, back: invoiced,
	},
	{
		controller: "userrequest", resource: "userrequests", make: steps(desktop, asked),
		there: steps(currency("ZZZ"), seen("a request that waits", requestHas(v1alpha1.ReasonTermsInvalid))),
		back:  currency("EUR"),
	},
	{
		controller: "supportsession", resource: "supportsessions", make: steps(desktop, helped),
		there: steps(currency("ZZZ"), seen("a session that waits for terms", sessionHas(v1alpha1.ReasonTermsInvalid))),
		back:  currency("EUR"),
	},
	{
		controller: "dataexport", resource: "dataexports", make: steps(desktop, exported),
		there: steps(legalHold(true), seen("a blocked export", exportHas(v1alpha1.ReasonLegalHold))),
		back:  legalHold(false),
	},
	{
		controller: "disruption", resource: "poddisruptionbudgets", make: desktop,
		there: steps(connected(true), seen("a budget", protected)),
		back:  connected(false),
	},
}

// connected says of the desktop whether somebody is connected, as the gateway does.
func connected(yes bool) step {
	return func(t *testing.T, w world.World) {
		t.Helper()
		workplace := &v1alpha1.Workplace{}
		must(t, w.Get(t.Context(), client.ObjectKey{Namespace: w.Namespace("t"), Name: "anna"}, workplace))
		base := workplace.DeepCopy()
		workplace.Status.Activity = nil
		if yes {
			now := metav1.NewTime(time.Now().Truncate(time.Second))
			workplace.Status.Activity = &v1alpha1.Activity{LastActive: &now}
		}
		must(t, w.Status().Patch(t.Context(), workplace, client.MergeFrom(base)))
	}
}

// protected says whether a drain would spare tenant t's desktops.
func protected(w world.World) func(context.Context) error {
	return func(ctx context.Context) error {
		key := client.ObjectKey{Namespace: w.Namespace("t"), Name: disruption.Name}
		return w.Get(ctx, key, &policyv1.PodDisruptionBudget{})
	}
}

type step = func(*testing.T, world.World)

// steps returns one step of many.
func steps(all ...step) step {
	return func(t *testing.T, w world.World) {
		t.Helper()
		for _, do := range all {
			do(t, w)
		}
	}
}

func must(t *testing.T, faults ...error) {
	t.Helper()
	if err := errors.Join(faults...); err != nil {
		t.Fatal(err)
	}
}

// edit changes an object of a world.
func edit[T client.Object](t *testing.T, w world.World, object T, namespace, name string, change func(T)) {
	t.Helper()
	must(t, w.Get(t.Context(), client.ObjectKey{Namespace: namespace, Name: name}, object))
	base := object.DeepCopyObject().(client.Object)
	change(object)
	must(t, w.Patch(t.Context(), object, client.MergeFrom(base)))
}

// check looks at an object of a world, and says what is different.
type check = func(world.World) func(context.Context) error

// has says what is different, if a condition of an object of tenant t does not have a reason.
func has(empty reports, name, kind, reason string) check {
	return func(w world.World) func(context.Context) error {
		return func(ctx context.Context) error {
			object := empty.DeepCopyObject().(reports)
			if err := w.Get(ctx, client.ObjectKey{Namespace: w.Namespace("t"), Name: name}, object); err != nil {
				return err
			}
			conditions, _ := object.Observed()
			if c := meta.FindStatusCondition(*conditions, kind); c == nil || c.Reason != reason {
				return fmt.Errorf("%T %s: want condition %s with reason %s, got %+v", object, name, kind, reason, c)
			}
			return nil
		}
	}
}

// reports is a kind whose status has conditions.
type reports interface {
	client.Object
	Observed() (*v1alpha1.Conditions, *int64)
}

// desktop makes tenant t with one running desktop.
func desktop(t *testing.T, w world.World) {
	t.Helper()
	must(t, w.Terms(t.Context()), w.Class(t.Context()))
	tenant(t, w)
}

// licensed makes tenant t with one running desktop whose class needs a licence,
// and waits until its use is in the month's report.
func licensed(t *testing.T, w world.World) {
	t.Helper()
	must(t, w.Terms(t.Context()), w.License(t.Context(), "rds"), w.Class(t.Context(), w.Needs("rds")))
	tenant(t, w)
	seen("the count", counted("6.10"))(t, w)
	seen("the licence", func(w world.World) func(context.Context) error {
		return func(ctx context.Context) error {
			license := &v1alpha1.License{}
			if err := w.Get(ctx, client.ObjectKey{Name: w.LicenseName("rds")}, license); err != nil {
				return err
			}
			if license.Status.Quantity != 1 {
				return fmt.Errorf("its quantity is %d", license.Status.Quantity)
			}
			return nil
		}
	})(t, w)
}

func tenant(t *testing.T, w world.World) {
	t.Helper()
	must(t, w.Tenant(t.Context(), "t"))
	cluster.Eventually(t, settle, "the namespace", w.HasNamespace("t"))
	must(t, w.Report(t.Context(), "t", time.Now()))
	workplace(t, w)
	cluster.Eventually(t, settle, "the desktop", w.AllReady("t", 1))
}

func workplace(t *testing.T, w world.World) {
	t.Helper()
	must(t, w.Workplace(t.Context(), "t", "anna", anna))
}

func podDeleted(t *testing.T, w world.World) {
	t.Helper()
	must(t, w.Delete(t.Context(), &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: w.Namespace("t"), Name: "anna"}}))
	cluster.Eventually(t, settle, "the end of the desktop", func(ctx context.Context) error {
		if err := w.AllReady("t", 1)(ctx); err == nil {
			return errors.New("the workplace is still Ready")
		}
		return nil
	})
}

// podBack has nothing to do: the controller starts another desktop, unless it
// waits for its cache first.
func podBack(*testing.T, world.World) {}

func inArrears(w world.World) func(context.Context) error {
	return w.TenantCondition("t", v1alpha1.ConditionInArrears, v1alpha1.ReasonInvoiceUnpaid)
}

func overdueInvoice(t *testing.T, w world.World) {
	t.Helper()
	invoice := world.Invoice{Number: "1", IssuedOn: overdue(), Outstanding: "100.00"}
	must(t, w.Report(t.Context(), "t", time.Now().Add(time.Second), invoice))
}

func paid(t *testing.T, w world.World) {
	t.Helper()
	must(t, w.Report(t.Context(), "t", time.Now().Add(2*time.Second)))
}

func currency(code v1alpha1.Currency) step {
	return func(t *testing.T, w world.World) {
		t.Helper()
		edit(t, w, &v1alpha1.ServiceTerms{}, "", w.Name, func(s *v1alpha1.ServiceTerms) { s.Spec.Currency = code })
	}
}

func secondWorkplace(t *testing.T, w world.World) {
	t.Helper()
	must(t, w.Workplace(t.Context(), "t", "bob", "bob@example.com"))
}

func noSecondWorkplace(t *testing.T, w world.World) {
	t.Helper()
	bob := metav1.ObjectMeta{Namespace: w.Namespace("t"), Name: "bob"}
	must(t, w.Delete(t.Context(), &v1alpha1.Workplace{ObjectMeta: bob}))
}

func workplacesOfClass(count int32) check {
	return func(w world.World) func(context.Context) error {
		return func(ctx context.Context) error {
			class := &v1alpha1.WorkplaceClass{}
			if err := w.Get(ctx, client.ObjectKey{Name: w.Name}, class); err != nil {
				return err
			}
			if class.Status.Workplaces != count {
				return fmt.Errorf("the class counts %d", class.Status.Workplaces)
			}
			return nil
		}
	}
}

func classNeeds(license bool) step {
	return func(t *testing.T, w world.World) {
		t.Helper()
		edit(t, w, &v1alpha1.WorkplaceClass{}, "", w.Name, func(c *v1alpha1.WorkplaceClass) {
			c.Spec.Licenses = nil
			if license {
				w.Needs("rds")(&c.Spec)
			}
		})
	}
}

func licenseInUse(reason string) check {
	return func(w world.World) func(context.Context) error {
		license := &v1alpha1.License{}
		return func(ctx context.Context) error {
			if err := w.Get(ctx, client.ObjectKey{Name: w.LicenseName("rds")}, license); err != nil {
				return err
			}
			c := meta.FindStatusCondition(license.Status.Conditions, v1alpha1.ConditionInUse)
			if c == nil || c.Reason != reason {
				return fmt.Errorf("want InUse with reason %s, got %+v", reason, c)
			}
			return nil
		}
	}
}

// costs sets the price of the licence.
func costs(amount v1alpha1.Price) step {
	return func(t *testing.T, w world.World) {
		t.Helper()
		edit(t, w, &v1alpha1.License{}, "", w.LicenseName("rds"), func(l *v1alpha1.License) {
			l.Spec.Prices[0].Amount = amount
		})
	}
}

// counted says what is different, if the month's report does not count one of the
// licence at a price.
func counted(amount string) check {
	return func(w world.World) func(context.Context) error {
		return func(ctx context.Context) error {
			report, err := w.LicenseReport(ctx, time.Now().UTC().Format("2006-01"))
			if err != nil {
				return err
			}
			for _, line := range report.Status.Lines {
				if string(line.License) == w.LicenseName("rds") && line.Quantity == 1 && string(line.UnitPrice) == amount {
					return nil
				}
			}
			return fmt.Errorf("the report does not count one of %s at %s: %+v",
				w.LicenseName("rds"), amount, report.Status.Lines)
		}
	}
}

func access(mode v1alpha1.Access) step {
	return func(t *testing.T, w world.World) {
		t.Helper()
		edit(t, w, &v1alpha1.Workplace{}, w.Namespace("t"), "anna", func(p *v1alpha1.Workplace) { p.Spec.Access = mode })
	}
}

func useEnded(w world.World) func(context.Context) error {
	return func(ctx context.Context) error {
		var records v1alpha1.UsageRecordList
		if err := w.List(ctx, &records, client.InNamespace(w.Namespace("t"))); err != nil {
			return err
		}
		for _, record := range records.Items {
			for _, use := range record.Status.Users {
				if use.LastAccessAt != nil {
					return nil
				}
			}
		}
		return fmt.Errorf("no use has ended in %d records", len(records.Items))
	}
}

// asOperator may make what only the operator makes.
func asOperator() client.Client { return cluster.Shared().As(cluster.Manager, "system:masters") }

func notice(name string) step {
	return func(t *testing.T, w world.World) {
		t.Helper()
		must(t, asOperator().Create(t.Context(), &v1alpha1.Notice{
			ObjectMeta: metav1.ObjectMeta{Namespace: w.Namespace("t"), Name: name},
			Spec:       v1alpha1.NoticeSpec{Type: v1alpha1.NoticeWelcome, To: []v1alpha1.Email{anna}},
		}))
	}
}

func charge(t *testing.T, w world.World) {
	t.Helper()
	must(t, asOperator().Create(t.Context(), &v1alpha1.Charge{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.Namespace("t"), Name: "work"},
		Spec: v1alpha1.ChargeSpec{
			Type: v1alpha1.ChargeRemoteWork, On: "2026-11-01",
			Quantity: "1", UnitPrice: "10.00", Amount: "10.00", Currency: "EUR",
		},
	}))
}

// invoiced puts the charge on an invoice: its controller tells so.
func invoiced(t *testing.T, w world.World) {
	t.Helper()
	charge := &v1alpha1.Charge{ObjectMeta: metav1.ObjectMeta{Namespace: w.Namespace("t"), Name: "work"}}
	patch := client.RawPatch(types.MergePatchType, []byte(`{"status":{"invoice":{"number":"2026-1"}}}`))
	must(t, w.Status().Patch(t.Context(), charge, patch))
}

// asked makes a request that awaits a person's answer.
func asked(t *testing.T, w world.World) {
	t.Helper()
	// The API server takes a moment to see the contact's rights.
	cluster.Eventually(t, settle, "the request", func(ctx context.Context) error {
		return cluster.Shared().As("t@example.com").Create(ctx, &v1alpha1.UserRequest{
			ObjectMeta: metav1.ObjectMeta{Namespace: w.Namespace("t"), Name: "ask"},
			Spec: v1alpha1.UserRequestSpec{
				Type: v1alpha1.RequestAddUser, User: &v1alpha1.Person{Username: "bob@example.com"},
				ClassRef: &v1alpha1.Reference{Name: v1alpha1.ObjectName(w.Name)}, RequestedBy: "t@example.com",
			},
		})
	})
	seen("the request's report", requestHas(v1alpha1.ReasonAwaitingApproval))(t, w)
}

func requestHas(reason string) check {
	return has(&v1alpha1.UserRequest{}, "ask", v1alpha1.ConditionReady, reason)
}

// helped makes a visit that was made, and for which the terms have no price.
func helped(t *testing.T, w world.World) {
	t.Helper()
	must(t, cluster.Shared().As(agent, "system:masters").Create(t.Context(), &v1alpha1.SupportSession{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.Namespace("t"), Name: "help"},
		Spec: v1alpha1.SupportSessionSpec{
			Mode: v1alpha1.SupportOnSite, WorkplaceRef: v1alpha1.Reference{Name: "anna"}, Agent: agent, Reason: "the printer",
			CoveredByAgreement: ptr.To(false),
			Work: &v1alpha1.RecordedWork{
				StartedAt: metav1.NewTime(time.Now().Add(-time.Hour)), EndedAt: metav1.NewTime(time.Now().Add(-time.Minute)),
			},
		},
	}))
	seen("the session's report", sessionHas(v1alpha1.ReasonNoRate))(t, w)
}

func sessionHas(reason string) check {
	return has(&v1alpha1.SupportSession{}, "help", v1alpha1.ConditionReady, reason)
}

// exported asks for an export of the homes.
func exported(t *testing.T, w world.World) {
	t.Helper()
	must(t, w.Create(t.Context(), &v1alpha1.DataExport{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.Namespace("t"), Name: "leaving"},
		Spec: v1alpha1.DataExportSpec{Destination: v1alpha1.ExportDestination{S3: v1alpha1.S3Destination{
			Endpoint: "https://s3.example.com", Bucket: "jansen", CredentialsSecretRef: v1alpha1.Reference{Name: "bucket"},
		}}},
	}))
	seen("the export's report", exportHas(v1alpha1.ReasonNotBlocked))(t, w)
}

func exportHas(reason string) check {
	return has(&v1alpha1.DataExport{}, "leaving", v1alpha1.ConditionBlocked, reason)
}

func legalHold(is bool) step {
	return func(t *testing.T, w world.World) {
		t.Helper()
		edit(t, w, &v1alpha1.Tenant{}, "", w.TenantName("t"), func(o *v1alpha1.Tenant) {
			o.Spec.LegalHold = nil
			if is {
				o.Spec.LegalHold = &v1alpha1.LegalHold{Reference: "court order 26/1234"}
			}
		})
	}
}

func secondTenant(t *testing.T, w world.World) {
	t.Helper()
	must(t, w.Tenant(t.Context(), "other"))
	cluster.Eventually(t, settle, "the other's namespace", w.HasNamespace("other"))
}

func noSecondTenant(t *testing.T, w world.World) {
	t.Helper()
	cluster.Eventually(t, settle, "nothing to keep of the other",
		w.TenantCondition("other", v1alpha1.ConditionErasureAllowed, v1alpha1.ReasonNoData))
	other := &v1alpha1.Tenant{ObjectMeta: metav1.ObjectMeta{Name: w.TenantName("other")}}
	must(t, w.Delete(t.Context(), other))
	cluster.Eventually(t, settle, "the other gone", func(ctx context.Context) error {
		namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: w.Namespace("other")}}
		for _, object := range []client.Object{other, namespace} {
			if err := w.Get(ctx, client.ObjectKeyFromObject(object), object); !apierrors.IsNotFound(err) {
				return fmt.Errorf("%T is still there (%v)", object, err)
			}
		}
		return nil
	})
}

func tenantsUnderTerms(count int32) check {
	return func(w world.World) func(context.Context) error {
		return func(ctx context.Context) error {
			terms := &v1alpha1.ServiceTerms{}
			if err := w.Get(ctx, client.ObjectKey{Name: w.Name}, terms); err != nil {
				return err
			}
			if terms.Status.Tenants != count {
				return fmt.Errorf("the terms count %d", terms.Status.Tenants)
			}
			return nil
		}
	}
}
