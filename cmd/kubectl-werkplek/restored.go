// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/installation"
	"werkplek.dev/werkplek/internal/reading"
	"werkplek.dev/werkplek/internal/restored"
)

// restoredOptions are the flags of the restored command.
type restoredOptions struct {
	form      *output
	namespace string
	write     bool
}

func restoredCommand(c *connection) *cobra.Command {
	o := restoredOptions{}
	command := &cobra.Command{
		Use:   "restored [--write]",
		Short: "Say what a backup brought back without its status, and decide what it is",
		Long: `Say what a backup brought back without its status, and what is best made of it.

Notices, requests, exports and support sessions are history: they are not sent,
answered or run again. Tenants, and suspensions that are still called for, are
acted upon; which suspension for arrears that is, the billing system's report says.
Nothing is written without --write. Whoever knows better annotates an object
with werkplek.dev/restored=History or =Act first.`,
		Example: `  kubectl werkplek restored
  kubectl werkplek restored --write`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			cluster, _, err := c.open()
			if err != nil {
				return err
			}
			return o.run(command.Context(), cluster, command.OutOrStdout())
		},
	}
	o.form = outputFlag(command, asTable, asJSON, asYAML)
	command.Flags().StringVar(&o.namespace, "operator-namespace", "werkplek-system", "namespace of the operator")
	command.Flags().BoolVar(&o.write, "write", false, "write the decisions")
	return command
}

// stray is an object that was brought back, and what is best made of it.
type stray struct {
	kind     string
	object   client.Object
	decision string // empty: nobody can tell yet
	because  string
}

func (o restoredOptions) run(ctx context.Context, c client.Client, out io.Writer) error {
	record, err := installation.Store{Live: c, Client: c, Namespace: o.namespace}.Read(ctx)
	if err != nil {
		return err
	}
	find := finder{Client: c, all: record != nil && record.Hold != ""}
	strays, err := find.strays(ctx)
	if err != nil {
		return err
	}
	if err := o.form.write(out, strayRows(strays), func(out io.Writer) error { return writeStrays(out, strays) }); err != nil {
		return err
	}
	if len(strays) == 0 {
		return nil
	}
	if o.form.forPrograms() {
		out = io.Discard // what follows is for people
	}
	if !o.write {
		_, err := fmt.Fprintln(out, "\nNothing was written; --write does.")
		return err
	}
	return decide(ctx, c, strays, out)
}

// strayRow is a stray for programs.
type strayRow struct {
	Namespace string `json:"namespace,omitempty"`
	Kind      string `json:"kind"`
	Name      string `json:"name"`
	// Decision is empty where nobody can tell yet.
	Decision string `json:"decision,omitempty"`
	Because  string `json:"because,omitempty"`
}

func strayRows(strays []stray) []strayRow {
	rows := []strayRow{}
	for _, s := range strays {
		rows = append(rows, strayRow{s.object.GetNamespace(), s.kind, s.object.GetName(), s.decision, s.because})
	}
	return rows
}

func writeStrays(out io.Writer, strays []stray) error {
	if len(strays) == 0 {
		_, err := fmt.Fprintln(out, "Nothing was brought back without its status.")
		return err
	}
	return columns(out, "NAMESPACE|KIND|NAME|DECISION|BECAUSE", func(row func(...any)) {
		for _, s := range strayRows(strays) {
			row(s.Namespace, s.Kind, s.Name, dash(s.Decision), s.Because)
		}
	})
}

// decide writes what was decided. A Tenant that is acted upon gets its namespace back.
func decide(ctx context.Context, c client.Client, strays []stray, out io.Writer) error {
	written := 0
	for _, s := range strays {
		if s.decision == "" {
			continue
		}
		if tenant, is := s.object.(*v1alpha1.Tenant); is {
			if err := adopt(ctx, c, tenant); err != nil {
				return err
			}
			if len(tenant.Status.Conditions) > 0 && restored.Of(tenant) == restored.Here {
				written++ // its status came along: nothing else is to be decided
				continue
			}
		}
		if err := annotate(ctx, c, s.object, v1alpha1.AnnotationRestored, s.decision); err != nil {
			return fmt.Errorf("%s %s: %w", s.kind, s.object.GetName(), err)
		}
		written++
	}
	_, err := fmt.Fprintf(out, "\n%d of %d are decided.\n", written, len(strays))
	return err
}

// adopt gives a tenant's namespace and billing account to the Tenant that there is now.
func adopt(ctx context.Context, c client.Client, tenant *v1alpha1.Tenant) error {
	namespace, account, err := belongings(ctx, c, tenant)
	if err != nil {
		return err
	}
	if namespace != nil {
		if err := annotate(ctx, c, namespace, v1alpha1.AnnotationTenantUID, string(tenant.UID)); err != nil {
			return err
		}
	}
	if account == nil {
		return nil
	}
	was := account.DeepCopy()
	account.OwnerReferences = []metav1.OwnerReference{{
		APIVersion: v1alpha1.GroupVersion.String(), Kind: "Tenant", Name: tenant.Name, UID: tenant.UID, Controller: ptr.To(true),
	}}
	return c.Patch(ctx, account, client.MergeFrom(was))
}

// belongings returns the namespace and the billing account of a tenant, as far as
// they were made for a Tenant of the same name that there was before; nil: not so.
func belongings(
	ctx context.Context, c client.Reader, tenant *v1alpha1.Tenant,
) (*corev1.Namespace, *v1alpha1.BillingAccount, error) {
	ours := func(o client.Object) bool { return o.GetLabels()[v1alpha1.LabelTenant] == tenant.Name }
	namespace, err := reading.Maybe(ctx, c, client.ObjectKey{Name: v1alpha1.NamespaceFor(tenant.Name)}, &corev1.Namespace{})
	if err != nil {
		return nil, nil, err
	}
	if namespace != nil && (!ours(namespace) || tenant.Owns(namespace)) {
		namespace = nil
	}
	account, err := reading.Maybe(ctx, c, client.ObjectKey{Name: tenant.Name}, &v1alpha1.BillingAccount{})
	if account != nil && (!ours(account) || metav1.IsControlledBy(account, tenant)) {
		account = nil
	}
	return namespace, account, err
}

func annotate(ctx context.Context, c client.Client, object client.Object, key, value string) error {
	was := object.DeepCopyObject().(client.Object)
	annotations := map[string]string{key: value}
	for k, v := range object.GetAnnotations() {
		if k != key {
			annotations[k] = v
		}
	}
	object.SetAnnotations(annotations)
	return c.Patch(ctx, object, client.MergeFrom(was))
}

// finder finds what was brought back.
type finder struct {
	client.Client
	// all says that the operator is held: then whatever has no status was brought
	// back, also what says nothing of when it was made.
	all bool
}

// stray reports whether an object was brought back and nobody has decided about it.
func (f finder) stray(object restored.Object) bool {
	conditions, _ := object.Observed()
	verdict := restored.Of(object)
	decided := object.GetAnnotations()[v1alpha1.AnnotationRestored] != ""
	return verdict == restored.Undecided || f.all && !decided && verdict == restored.Here && len(*conditions) == 0
}

func (f finder) strays(ctx context.Context) ([]stray, error) {
	strays, err := f.tenants(ctx)
	if err != nil {
		return nil, err
	}
	suspensions, err := f.suspensions(ctx)
	if err != nil {
		return nil, err
	}
	strays = append(strays, suspensions...)
	var (
		notices  v1alpha1.NoticeList
		requests v1alpha1.UserRequestList
		exports  v1alpha1.DataExportList
		sessions v1alpha1.SupportSessionList
	)
	for _, list := range []func() ([]stray, error){
		func() ([]stray, error) {
			return history(ctx, f, &notices, &notices.Items, "Notice", "it is not sent again")
		},
		func() ([]stray, error) {
			return history(ctx, f, &requests, &requests.Items, "UserRequest", "it is not carried out again")
		},
		func() ([]stray, error) {
			return history(ctx, f, &exports, &exports.Items, "DataExport", "it is not run again")
		},
		func() ([]stray, error) {
			return history(ctx, f, &sessions, &sessions.Items, "SupportSession", "nobody is asked again")
		},
	} {
		more, err := list()
		if err != nil {
			return nil, err
		}
		strays = append(strays, more...)
	}
	return strays, nil
}

// history lists what was brought back of a kind whose objects are done once.
func history[T any, P interface {
	*T
	restored.Object
	client.Object
}](ctx context.Context, f finder, list client.ObjectList, items *[]T, kind, because string) ([]stray, error) {
	var strays []stray
	err := pages(ctx, f, list, func() error {
		for i := range *items {
			copied := (*items)[i]
			if object := P(&copied); f.stray(object) {
				strays = append(strays, stray{kind, object, v1alpha1.RestoredHistory, because})
			}
		}
		return nil
	})
	return strays, err
}

func (f finder) tenants(ctx context.Context) ([]stray, error) {
	var strays []stray
	var list v1alpha1.TenantList
	err := pages(ctx, f, &list, func() error {
		for i := range list.Items {
			tenant := list.Items[i].DeepCopy()
			namespace, account, err := belongings(ctx, f, tenant)
			if err != nil {
				return err
			}
			switch {
			case f.stray(tenant):
				strays = append(strays, stray{"Tenant", tenant, v1alpha1.RestoredAct, "its contract goes on"})
			case namespace != nil || account != nil:
				strays = append(strays, stray{"Tenant", tenant, v1alpha1.RestoredAct, "its namespace is given back to it"})
			}
		}
		return nil
	})
	return strays, err
}

// suspensions are in force if what they stand for still is.
func (f finder) suspensions(ctx context.Context) ([]stray, error) {
	var strays []stray
	newest := map[string]*v1alpha1.Suspension{} // for arrears, by namespace
	var list v1alpha1.SuspensionList
	err := pages(ctx, f, &list, func() error {
		for i := range list.Items {
			s := list.Items[i].DeepCopy()
			if s.Status.LiftedAt != nil || !f.stray(s) {
				continue
			}
			strays = append(strays, stray{kind: "Suspension", object: s})
			known := newest[s.Namespace]
			if s.Spec.Cause == v1alpha1.CauseArrears && (known == nil || since(s).After(since(known))) {
				newest[s.Namespace] = s
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for i := range strays {
		s := strays[i].object.(*v1alpha1.Suspension)
		decision, because, err := f.suspension(ctx, s, newest[s.Namespace] == s)
		if err != nil {
			return nil, err
		}
		strays[i].decision, strays[i].because = decision, because
	}
	return strays, nil
}

func since(s *v1alpha1.Suspension) time.Time {
	if s.Spec.Since == nil {
		return time.Time{}
	}
	return s.Spec.Since.Time
}

func (f finder) suspension(
	ctx context.Context, s *v1alpha1.Suspension, newest bool,
) (decision, because string, err error) {
	switch {
	case s.Spec.Cause == v1alpha1.CauseTrialEnded:
		return v1alpha1.RestoredAct, "it lasts until there is a contract", nil
	case s.Spec.Cause != v1alpha1.CauseArrears && s.Spec.Lift:
		return v1alpha1.RestoredHistory, "it was lifted by hand", nil
	case s.Spec.Cause != v1alpha1.CauseArrears:
		return v1alpha1.RestoredAct, "nobody has lifted it", nil
	case !newest:
		return v1alpha1.RestoredHistory, "a later one followed", nil
	}
	account := &v1alpha1.BillingAccount{}
	err = f.Get(ctx, client.ObjectKey{Name: tenantIn(s)}, account)
	switch {
	case client.IgnoreNotFound(err) != nil:
		return "", "", err
	case err != nil || account.Status.AsOf.IsZero():
		return "", "the billing system has not reported since: let it report, and ask again", nil
	case len(account.Status.OpenInvoices) > 0:
		return v1alpha1.RestoredAct, "invoices are unpaid", nil
	}
	return v1alpha1.RestoredHistory, "everything is paid", nil
}
