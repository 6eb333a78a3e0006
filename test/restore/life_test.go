// SPDX-License-Identifier: Apache-2.0

package restore

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/export/report"
	"werkplek.dev/werkplek/test/cluster"
	"werkplek.dev/werkplek/test/mailserver"
	"werkplek.dev/werkplek/test/world"
)

const image = "registry.example.com/werkplek/export:test"

// provider is a provider with two tenants: payer, who was suspended once, has had a
// user removed and taken the data home, and debtor, who is suspended.
type provider struct {
	world.World
	mail    *mailserver.Server
	tenants []string
}

func (p provider) on(c *cluster.Cluster) provider {
	p.World = world.World{Client: c.Client, Name: p.Name}
	return p
}

// arguments are those of an operator that sends mail, with an outbox of its own: it
// is gone with the cluster that it was in.
func (p provider) arguments(t *testing.T) []string {
	t.Helper()
	return []string{
		"--export-image=" + image, "--notice-from=dienst@noorderlicht.example",
		"--smtp-address=" + p.mail.Address, "--smtp-ca=" + p.mail.CAFile, "--outbox-dir=" + filepath.Join(t.TempDir(), "outbox"),
	}
}

// issued returns the date of an invoice because of which access ends so many days ago.
func issued(days int) string { return time.Now().AddDate(0, -2, -days).Format(time.DateOnly) }

// live lets the provider live: everything that is done once is done.
func (p provider) live(t *testing.T, c *cluster.Cluster) {
	t.Helper()
	ctx := t.Context()
	must(t, p.Terms(ctx, func(s *v1alpha1.ServiceTermsSpec) {
		s.Requests = &v1alpha1.RequestTerms{Approval: "Automatic"}
		s.Handover = &v1alpha1.HandoverTerms{Fee: "75.00"}
		s.Notices = []v1alpha1.NoticeType{
			v1alpha1.NoticeSuspended, v1alpha1.NoticeResumed, v1alpha1.NoticeRequestReceived, v1alpha1.NoticeRequestAnswered,
		}
	}))
	must(t, p.Class(ctx, func(s *v1alpha1.WorkplaceClassSpec) {
		s.Desktop.NodeSelector = map[string]string{"example.com/nowhere": "true"} // the test says what becomes of pods
	}))
	for _, tenant := range p.tenants {
		must(t, p.Tenant(ctx, tenant, func(s *v1alpha1.TenantSpec) { s.Contact.Email = v1alpha1.Email(s.Contact.Username) }))
		cluster.Eventually(t, soon, "the namespace of "+tenant, p.HasNamespace(tenant))
		for _, user := range []string{"anna", "bert"} {
			must(t, p.Workplace(ctx, tenant, user, user+"@example.com"))
		}
		must(t, p.Report(ctx, tenant, time.Now(), world.Invoice{Number: "2026-1", IssuedOn: issued(3), Outstanding: "80.00"}))
	}
	cluster.Eventually(t, soon, "payer is suspended", p.suspended("payer", 1, 1))
	cluster.Eventually(t, soon, "debtor is suspended", p.suspended("debtor", 1, 1))
	p.sent(t, "payer", v1alpha1.NoticeSuspended)
	must(t, p.Report(ctx, "payer", time.Now()))
	cluster.Eventually(t, soon, "payer is let in", p.suspended("payer", 1, 0))
	p.sent(t, "payer", v1alpha1.NoticeResumed)

	remove := &v1alpha1.UserRequest{
		ObjectMeta: metav1.ObjectMeta{Namespace: p.Namespace("payer"), Name: "remove-bert"},
		Spec: v1alpha1.UserRequestSpec{
			Type: v1alpha1.RequestRemoveUser, User: &v1alpha1.Person{Username: "bert@example.com"}, RequestedBy: "payer@example.com",
		},
	}
	contact := c.As("payer@example.com")
	cluster.Eventually(t, soon, "the request", func(ctx context.Context) error { return contact.Create(ctx, remove.DeepCopy()) })
	bert := client.ObjectKey{Namespace: p.Namespace("payer"), Name: "bert"}
	cluster.Eventually(t, soon, "bert is removed", func(ctx context.Context) error {
		if err := p.Get(ctx, bert, &v1alpha1.Workplace{}); !apierrors.IsNotFound(err) {
			return fmt.Errorf("looking for a workplace gives %v", err)
		}
		return nil
	})
	p.sent(t, "payer", v1alpha1.NoticeRequestAnswered)
	// He is back since: who carries the request out again removes him once more.
	must(t, p.Workplace(ctx, "payer", "bert", "bert@example.com"))
	p.export(t)
	p.invoice(t)
}

// suspended says what is different, if a tenant does not have so many suspensions,
// and so many in force.
func (p provider) suspended(tenant string, all, inForce int) func(context.Context) error {
	return func(ctx context.Context) error {
		list, err := p.Suspensions(ctx, tenant)
		force := 0
		for i := range list {
			if meta.IsStatusConditionTrue(list[i].Status.Conditions, v1alpha1.ConditionInForce) {
				force++
			}
		}
		if err != nil || len(list) != all || force != inForce {
			return errors.Join(err, fmt.Errorf("%d suspensions, %d in force; want %d, %d", len(list), force, all, inForce))
		}
		return nil
	}
}

// sent waits until a tenant has a notice of a type, and all of its notices are sent.
func (p provider) sent(t *testing.T, tenant string, kind v1alpha1.NoticeType) {
	t.Helper()
	cluster.Eventually(t, soon, fmt.Sprintf("%s is told: %s", tenant, kind), func(ctx context.Context) error {
		var list v1alpha1.NoticeList
		if err := p.List(ctx, &list, client.InNamespace(p.Namespace(tenant))); err != nil {
			return err
		}
		told := false
		for _, notice := range list.Items {
			if notice.Status.SentAt == nil {
				return fmt.Errorf("notice %s is not sent", notice.Name)
			}
			told = told || notice.Spec.Type == kind
		}
		if !told {
			return fmt.Errorf("there is no such notice among %d", len(list.Items))
		}
		return nil
	})
}

// export hands the data of payer over. The test is the kubelet of the copies.
func (p provider) export(t *testing.T) {
	t.Helper()
	in := p.Namespace("payer")
	must(t, p.Create(t.Context(), &v1alpha1.DataExport{
		ObjectMeta: metav1.ObjectMeta{Namespace: in, Name: "home"},
		Spec: v1alpha1.DataExportSpec{
			Workplaces: []v1alpha1.ObjectName{"anna"},
			Destination: v1alpha1.ExportDestination{S3: v1alpha1.S3Destination{
				Endpoint: "https://s3.example.com", Bucket: "payer", CredentialsSecretRef: v1alpha1.Reference{Name: "bucket"},
			}},
		},
	}))
	cluster.Eventually(t, soon, "the copy", func(ctx context.Context) error {
		var pods corev1.PodList
		err := p.List(ctx, &pods, client.InNamespace(in), client.MatchingLabels{v1alpha1.LabelHomeOf: "anna"})
		if err != nil || len(pods.Items) == 0 {
			return errors.Join(err, errors.New("no pod copies the home"))
		}
		pod := &pods.Items[0]
		message, err := report.Report{Files: 3, Bytes: 700, SHA256: fmt.Sprintf("%064d", 1)}.Encode()
		if err != nil {
			return err
		}
		base := pod.DeepCopy()
		ended := &corev1.ContainerStateTerminated{Message: string(message)}
		pod.Status.Phase = corev1.PodSucceeded
		pod.Status.ContainerStatuses = []corev1.ContainerStatus{{
			Name: pod.Spec.Containers[0].Name, Image: image, State: corev1.ContainerState{Terminated: ended},
		}}
		return p.Status().Patch(ctx, pod, client.MergeFrom(base))
	})
	cluster.Eventually(t, soon, "the data is handed over", func(ctx context.Context) error {
		export := &v1alpha1.DataExport{}
		if err := p.Get(ctx, client.ObjectKey{Namespace: in, Name: "home"}, export); err != nil || export.Status.CompletedAt == nil {
			return errors.Join(err, fmt.Errorf("it says %+v", export.Status.Conditions))
		}
		return nil
	})
}

// invoice puts every charge on an invoice, as a billing system does.
func (p provider) invoice(t *testing.T) {
	t.Helper()
	charges, err := p.Charges(t.Context(), "payer")
	if err != nil || len(charges) != 2 {
		t.Fatalf("%d charges, %v; want that for resuming and that for the export", len(charges), err)
	}
	for i := range charges {
		patch := client.RawPatch(types.MergePatchType, []byte(`{"status":{"invoice":{"number":"2026-77"}}}`))
		must(t, p.Status().Patch(t.Context(), &charges[i], patch))
	}
}

// records are what was done for the provider's tenants, by name, which none of what
// follows may add to.
func (p provider) records(t *testing.T) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	for _, tenant := range p.tenants {
		for kind, list := range map[string]client.ObjectList{
			"suspension": &v1alpha1.SuspensionList{}, "charge": &v1alpha1.ChargeList{}, "notice": &v1alpha1.NoticeList{},
			"workplace": &v1alpha1.WorkplaceList{},
		} {
			must(t, p.List(t.Context(), list, client.InNamespace(p.Namespace(tenant))))
			must(t, meta.EachListItem(list, func(o runtime.Object) error {
				found[fmt.Sprintf("%s %s of %s", kind, o.(client.Object).GetName(), tenant)] = true
				return nil
			}))
		}
	}
	return found
}

// same fails the test where what was done differs from what was done before.
func (p provider) same(t *testing.T, when string, before map[string]bool, mails int) {
	t.Helper()
	if now := p.records(t); !maps.Equal(now, before) {
		t.Errorf("%s there are\n%q, and before there were\n%q", when,
			slices.Sorted(maps.Keys(now)), slices.Sorted(maps.Keys(before)))
	}
	p.noCopies(t, when)
	if received := p.mail.Received(); len(received) != mails {
		t.Errorf("%s there are %d mails, and before there were %d; the last is\n%s", when, len(received), mails, received[len(received)-1].Data)
	}
}

// noCopies fails the test where homes are copied for an export.
func (p provider) noCopies(t *testing.T, when string) {
	t.Helper()
	var jobs batchv1.JobList
	must(t, p.List(t.Context(), &jobs, client.InNamespace(p.Namespace("payer")), client.HasLabels{v1alpha1.LabelHomeOf}))
	if len(jobs.Items) > 0 {
		t.Errorf("%s homes are copied again", when)
	}
}
