// SPDX-License-Identifier: Apache-2.0

package export

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/export/report"
	"werkplek.dev/werkplek/test/cluster"
	"werkplek.dev/werkplek/test/world"
)

var exportPromises = map[string]func(*testing.T, world.World){
	"HandedOver":      handedOver,
	"BlockedAndHeals": blockedAndHeals,
	"BlockedMidway":   blockedMidway,
	"ResellerArrears": resellerArrears,
	"SaysWhy":         saysWhy,
	"HomesAppear":     homesAppear,
	"ClosedNetwork":   closedNetwork,
	"BesideDesktop":   besideDesktop,
	"Contacts":        contacts,
}

const sum = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

// noNode keeps pods of a class from every node, so that the test alone says what
// becomes of them.
func noNode(s *v1alpha1.WorkplaceClassSpec) {
	s.Desktop.NodeSelector = map[string]string{"example.com/nowhere": "true"}
}

// provide makes a tenant with some workplaces and their homes.
func provide(t *testing.T, w world.World, terms func(*v1alpha1.ServiceTermsSpec), class func(*v1alpha1.WorkplaceClassSpec), workplaces ...string) {
	t.Helper()
	ctx := t.Context()
	must(t, w.Terms(ctx, terms), w.Class(ctx, class), w.Tenant(ctx, "t"))
	cluster.Eventually(t, soon, "the namespace", w.HasNamespace("t"))
	must(t, w.Report(ctx, "t", time.Now()))
	for _, name := range workplaces {
		must(t, w.Workplace(ctx, "t", name, name+"@example.com"))
	}
	for _, name := range workplaces {
		cluster.Eventually(t, soon, "the home of "+name, func(ctx context.Context) error {
			return w.Get(ctx, client.ObjectKey{Namespace: w.Namespace("t"), Name: "home-" + name}, &corev1.PersistentVolumeClaim{})
		})
	}
}

func asTerms(*v1alpha1.ServiceTermsSpec) {}

// request makes an export.
func request(t *testing.T, w world.World, edits ...func(*v1alpha1.DataExportSpec)) {
	t.Helper()
	e := &v1alpha1.DataExport{
		ObjectMeta: metav1.ObjectMeta{Name: "leaving", Namespace: w.Namespace("t")},
		Spec: v1alpha1.DataExportSpec{Destination: v1alpha1.ExportDestination{S3: v1alpha1.S3Destination{
			Endpoint: "https://s3.example.com", Bucket: "jansen", Prefix: "from-provider", CredentialsSecretRef: v1alpha1.Reference{Name: "bucket"},
		}}},
	}
	for _, edit := range edits {
		edit(&e.Spec)
	}
	must(t, w.Create(t.Context(), e))
}

func exportOf(ctx context.Context, w world.World) (*v1alpha1.DataExport, error) {
	e := &v1alpha1.DataExport{}
	return e, w.Get(ctx, client.ObjectKey{Namespace: w.Namespace("t"), Name: "leaving"}, e)
}

// says says what is different, if the export's conditions do not have a reason and words.
func says(w world.World, kind, reason, words string) func(context.Context) error {
	return func(ctx context.Context) error {
		e, err := exportOf(ctx, w)
		if err != nil {
			return err
		}
		if c := meta.FindStatusCondition(e.Status.Conditions, kind); c == nil || c.Reason != reason || !strings.Contains(c.Message, words) {
			return fmt.Errorf("want %s with reason %s and the words %q, got %+v", kind, reason, words, c)
		}
		return nil
	}
}

// podFor waits for the pod that copies a home.
func podFor(t *testing.T, w world.World, workplace string) *corev1.Pod {
	t.Helper()
	var found *corev1.Pod
	cluster.Eventually(t, soon, "the copy of "+workplace, func(ctx context.Context) error {
		var pods corev1.PodList
		if err := w.List(ctx, &pods, client.InNamespace(w.Namespace("t")), client.MatchingLabels{v1alpha1.LabelHomeOf: workplace}); err != nil {
			return err
		}
		for i := range pods.Items {
			if pods.Items[i].DeletionTimestamp == nil {
				found = &pods.Items[i]
				return nil
			}
		}
		return fmt.Errorf("no pod copies the home of %s", workplace)
	})
	return found
}

// leave is what a kubelet does when the program of a pod has ended.
func leave(t *testing.T, w world.World, pod *corev1.Pod, r report.Report) {
	t.Helper()
	message, err := r.Encode()
	must(t, err)
	base := pod.DeepCopy()
	ended := corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{Message: string(message)}}
	status := corev1.ContainerStatus{Name: pod.Spec.Containers[0].Name, Image: image}
	if r.Done() {
		pod.Status.Phase, status.State = corev1.PodSucceeded, ended
	} else {
		ended.Terminated.ExitCode, status.RestartCount = 1, 1
		status.State.Waiting = &corev1.ContainerStateWaiting{Reason: "CrashLoopBackOff"}
		status.LastTerminationState = ended
	}
	pod.Status.ContainerStatuses = []corev1.ContainerStatus{status}
	must(t, w.Status().Patch(t.Context(), pod, client.MergeFrom(base)))
}

func noJobs(w world.World) func(context.Context) error {
	return func(ctx context.Context) error {
		var jobs batchv1.JobList
		if err := w.List(ctx, &jobs, client.InNamespace(w.Namespace("t"))); err != nil {
			return err
		}
		if len(jobs.Items) > 0 {
			return fmt.Errorf("%d jobs are there", len(jobs.Items))
		}
		return nil
	}
}

// handedOver: each home is copied by a job of its own, some at a time; the status
// says how far it is; it is charged once; nothing is left behind.
func handedOver(t *testing.T, w world.World) {
	provide(t, w, func(s *v1alpha1.ServiceTermsSpec) {
		s.Handover = &v1alpha1.HandoverTerms{Fee: "75.00", FeePerGigabyte: "0.10"}
	}, noNode, "anna", "omar", "piet")
	request(t, w)
	looksRight(t, podFor(t, w, "anna"))
	podFor(t, w, "omar")
	must(t, says(w, v1alpha1.ConditionCompleted, v1alpha1.ReasonCopying, "0 of 3 homes")(t.Context()))
	var jobs batchv1.JobList
	must(t, w.List(t.Context(), &jobs, client.InNamespace(w.Namespace("t"))))
	if len(jobs.Items) != 2 {
		t.Errorf("%d homes are copied at a time, want 2", len(jobs.Items))
	}
	for i, name := range []string{"anna", "omar", "piet"} {
		leave(t, w, podFor(t, w, name), report.Report{Files: 3, Bytes: 700_000_000, SHA256: sum})
		if i < 2 {
			cluster.Eventually(t, soon, "progress", says(w, v1alpha1.ConditionCompleted, v1alpha1.ReasonCopying, fmt.Sprintf("%d of 3 homes", i+1)))
		}
	}
	cluster.Eventually(t, soon, "it is complete", says(w, v1alpha1.ConditionCompleted, v1alpha1.ReasonHandedOver, "3 of 3 homes"))
	cluster.Eventually(t, soon, "no job is left", noJobs(w))
	e, err := exportOf(t.Context(), w)
	must(t, err)
	s := e.Status
	if s.Done != 3 || s.Total != 3 || s.Bytes != 2_100_000_000 || s.CompletedAt == nil || s.StartedAt == nil || len(s.Objects) != 3 {
		t.Errorf("the status is %+v", s)
	}
	if o := s.Objects[0]; o.Workplace != "anna" || o.Key != "from-provider/anna/" || o.SHA256 != sum || o.Files != 3 {
		t.Errorf("the first object is %+v", o)
	}
	charges, err := w.Charges(t.Context(), "t")
	must(t, err)
	var amounts []string
	for _, charge := range charges {
		amounts = append(amounts, charge.Name+" "+string(charge.Spec.Amount))
	}
	slices.Sort(amounts)
	if want := []string{"hand-over-leaving 75.00", "hand-over-leaving-volume 0.30"}; !slices.Equal(amounts, want) || len(s.Charges) != 2 {
		t.Errorf("the charges are %q and the status names %v, want %q", amounts, s.Charges, want)
	}
	// What was handed over stays so, and writes nothing more, whatever comes.
	must(t, hold(t.Context(), w, "court order 26/1234"))
	cluster.Eventually(t, soon, "the hold is known", w.TenantCondition("t", v1alpha1.ConditionErasureAllowed, v1alpha1.ReasonLegalHold))
	after, err := exportOf(t.Context(), w)
	must(t, err)
	if after.ResourceVersion != e.ResourceVersion {
		t.Error("an export that is complete was written to")
	}
}

// looksRight checks what a copy may do.
func looksRight(t *testing.T, pod *corev1.Pod) {
	t.Helper()
	c, s := pod.Spec.Containers[0], pod.Spec.SecurityContext
	if c.Image != image || !slices.Contains(c.Args, "--prefix=from-provider/anna/") {
		t.Errorf("the container is %s %q", c.Image, c.Args)
	}
	if token := pod.Spec.AutomountServiceAccountToken; token == nil || *token {
		t.Error("it mounts a service-account token")
	}
	if s.RunAsUser == nil || *s.RunAsUser != 1000 || s.RunAsNonRoot == nil || !*s.RunAsNonRoot || len(c.SecurityContext.Capabilities.Add) > 0 {
		t.Errorf("it runs as %+v, %+v", s, c.SecurityContext)
	}
	if c.Resources.Limits.Memory().IsZero() || c.Resources.Requests.Cpu().IsZero() {
		t.Errorf("its resources are %+v", c.Resources)
	}
	if pod.Spec.Volumes[0].PersistentVolumeClaim.ClaimName != "home-anna" || !c.VolumeMounts[0].ReadOnly {
		t.Errorf("the home is mounted as %+v of %+v", c.VolumeMounts[0], pod.Spec.Volumes[0])
	}
	if pod.Labels[v1alpha1.LabelWorkplace] != "" {
		t.Error("it could be taken for a desktop")
	}
}

// hold sets or takes away a legal hold.
func hold(ctx context.Context, w world.World, reference string) error {
	tenant := &v1alpha1.Tenant{}
	if err := w.Get(ctx, client.ObjectKey{Name: w.TenantName("t")}, tenant); err != nil {
		return err
	}
	base := tenant.DeepCopy()
	tenant.Spec.LegalHold = nil
	if reference != "" {
		tenant.Spec.LegalHold = &v1alpha1.LegalHold{Reference: reference}
	}
	return w.Patch(ctx, tenant, client.MergeFrom(base))
}

// blockedAndHeals: arrears, another suspension and a legal hold each block, and
// say so; when all are gone it begins by itself.
func blockedAndHeals(t *testing.T, w world.World) {
	ctx := t.Context()
	provide(t, w, asTerms, noNode, "anna")
	must(t, hold(ctx, w, "court order 26/1234"))
	suspension := &v1alpha1.Suspension{
		ObjectMeta: metav1.ObjectMeta{Name: "abuse-1", Namespace: w.Namespace("t")},
		Spec:       v1alpha1.SuspensionSpec{Cause: v1alpha1.CauseAbuse, Reason: "mass mailing"},
	}
	must(t, w.Create(ctx, suspension))
	must(t, w.Report(ctx, "t", time.Now(), world.Invoice{Number: "2026-0815", IssuedOn: time.Now().AddDate(0, -2, -20).Format(time.DateOnly), Outstanding: "412.50"}))
	request(t, w)
	cluster.Eventually(t, soon, "held", says(w, v1alpha1.ConditionBlocked, v1alpha1.ReasonLegalHold, "court order 26/1234"))
	must(t, hold(ctx, w, ""))
	cluster.Eventually(t, soon, "in arrears", says(w, v1alpha1.ConditionBlocked, v1alpha1.ReasonArrears, "suspended by arrears-"))
	must(t, noJobs(w)(ctx))
	must(t, w.Report(ctx, "t", time.Now().Add(time.Second)))
	cluster.Eventually(t, soon, "still suspended", says(w, v1alpha1.ConditionBlocked, v1alpha1.ReasonSuspended, "abuse-1 (Abuse)"))
	must(t, says(w, v1alpha1.ConditionCompleted, v1alpha1.ReasonBlocked, "")(ctx), noJobs(w)(ctx))
	base := suspension.DeepCopy()
	suspension.Spec.Lift = true
	must(t, w.Patch(ctx, suspension, client.MergeFrom(base)))
	cluster.Eventually(t, soon, "nothing blocks", says(w, v1alpha1.ConditionBlocked, v1alpha1.ReasonNotBlocked, ""))
	leave(t, w, podFor(t, w, "anna"), report.Report{SHA256: sum})
	cluster.Eventually(t, soon, "complete", says(w, v1alpha1.ConditionCompleted, v1alpha1.ReasonHandedOver, "1 of 1"))
	charges, err := w.Charges(ctx, "t")
	must(t, err)
	for _, charge := range charges {
		if charge.Spec.Type == v1alpha1.ChargeDataExport {
			t.Errorf("charged %s, and the terms ask nothing", charge.Spec.Amount)
		}
	}
}

// blockedMidway: what is being copied when the data is held stops, and goes on
// when it is released; what is in the bucket is not copied again.
func blockedMidway(t *testing.T, w world.World) {
	ctx := t.Context()
	provide(t, w, asTerms, noNode, "anna", "omar")
	request(t, w)
	leave(t, w, podFor(t, w, "anna"), report.Report{SHA256: sum})
	podFor(t, w, "omar")
	cluster.Eventually(t, soon, "half of it", says(w, v1alpha1.ConditionCompleted, v1alpha1.ReasonCopying, "1 of 2"))
	must(t, hold(ctx, w, "order"))
	cluster.Eventually(t, soon, "held", says(w, v1alpha1.ConditionCompleted, v1alpha1.ReasonBlocked, "1 of 2"))
	cluster.Eventually(t, soon, "the copies stop", noJobs(w))
	must(t, hold(ctx, w, ""))
	leave(t, w, podFor(t, w, "omar"), report.Report{SHA256: sum})
	cluster.Eventually(t, soon, "complete", says(w, v1alpha1.ConditionCompleted, v1alpha1.ReasonHandedOver, "2 of 2"))
}

func resellerArrears(t *testing.T, w world.World) {
	ctx := t.Context()
	must(t, w.Terms(ctx), w.Class(ctx, noNode), w.Tenant(ctx, "r", world.Reseller), w.Tenant(ctx, "t", w.Under("r")))
	cluster.Eventually(t, soon, "the namespaces", w.HasNamespace("r"))
	cluster.Eventually(t, soon, "the namespaces", w.HasNamespace("t"))
	must(t, w.Workplace(ctx, "t", "anna", "anna@example.com"))
	cluster.Eventually(t, soon, "the home", func(ctx context.Context) error {
		return w.Get(ctx, client.ObjectKey{Namespace: w.Namespace("t"), Name: "home-anna"}, &corev1.PersistentVolumeClaim{})
	})
	request(t, w)
	podFor(t, w, "anna")
	must(t, w.Report(ctx, "r", time.Now(), world.Invoice{Number: "1", IssuedOn: time.Now().AddDate(0, -2, -20).Format(time.DateOnly), Outstanding: "1"}))
	cluster.Eventually(t, soon, "the reseller's arrears block", says(w, v1alpha1.ConditionBlocked, v1alpha1.ReasonArrears, "the reseller "+w.TenantName("r")))
	cluster.Eventually(t, soon, "the copy stops", noJobs(w))
}

// saysWhy: what the program said last stands until it succeeds; homes whose
// copies fail do not keep others waiting.
func saysWhy(t *testing.T, w world.World) {
	provide(t, w, asTerms, noNode, "anna", "bert", "carla")
	request(t, w)
	for _, name := range []string{"anna", "bert"} {
		leave(t, w, podFor(t, w, name), report.Report{Reason: report.CredentialsRefused, Message: "make the Secret anew"})
	}
	cluster.Eventually(t, soon, "it says why", says(w, v1alpha1.ConditionCompleted, report.CredentialsRefused, "the home of anna: make the Secret anew"))
	for _, name := range []string{"carla", "bert", "anna"} {
		leave(t, w, podFor(t, w, name), report.Report{SHA256: sum})
	}
	cluster.Eventually(t, soon, "complete", says(w, v1alpha1.ConditionCompleted, v1alpha1.ReasonHandedOver, "3 of 3"))
	must(t, says(w, v1alpha1.ConditionReady, v1alpha1.ReasonReady, "")(t.Context()))
}

// homesAppear: an export waits for the homes that it names.
func homesAppear(t *testing.T, w world.World) {
	ctx := t.Context()
	provide(t, w, asTerms, noNode, "anna")
	request(t, w, func(s *v1alpha1.DataExportSpec) { s.Workplaces = []v1alpha1.ObjectName{"omar"} })
	cluster.Eventually(t, soon, "it names what is missing", says(w, v1alpha1.ConditionCompleted, v1alpha1.ReasonHomeNotFound, "omar"))
	must(t, w.Workplace(ctx, "t", "omar", "omar@example.com"))
	leave(t, w, podFor(t, w, "omar"), report.Report{SHA256: sum})
	cluster.Eventually(t, soon, "complete", says(w, v1alpha1.ConditionCompleted, v1alpha1.ReasonHandedOver, "1 of 1"))
}

// closedNetwork: an address that the policies close is refused in words, one that
// the provider opened is not, and the policy opens it to copies alone.
func closedNetwork(t *testing.T, w world.World) {
	ctx := t.Context()
	provide(t, w, asTerms, noNode, "anna")
	request(t, w, func(s *v1alpha1.DataExportSpec) { s.Destination.S3.Endpoint = "http://169.254.169.254" })
	cluster.Eventually(t, soon, "it is closed", says(w, v1alpha1.ConditionCompleted, v1alpha1.ReasonEndpointNotAllowed, "--export-egress"))
	must(t, noJobs(w)(ctx))
	policy := &networkingv1.NetworkPolicy{}
	must(t, w.Get(ctx, client.ObjectKey{Namespace: w.Namespace("t"), Name: "allow-export"}, policy))
	if peer := policy.Spec.Egress[0].To[0]; peer.IPBlock == nil || peer.IPBlock.CIDR != "10.9.0.0/16" || policy.Spec.PodSelector.MatchExpressions[0].Key != v1alpha1.LabelExport {
		t.Errorf("the policy is %+v", policy.Spec)
	}
}

// besideDesktop: a home in use is read on the node of its desktop.
func besideDesktop(t *testing.T, w world.World) {
	ctx := t.Context()
	provide(t, w, asTerms, func(*v1alpha1.WorkplaceClassSpec) {}, "anna")
	cluster.Eventually(t, soon, "the desktop", w.AllReady("t", 1))
	desk := &corev1.Pod{}
	must(t, w.Get(ctx, client.ObjectKey{Namespace: w.Namespace("t"), Name: "anna"}, desk))
	request(t, w)
	pod := podFor(t, w, "anna")
	affinity := pod.Spec.Affinity
	if affinity == nil || affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution.NodeSelectorTerms[0].MatchFields[0].Values[0] != desk.Spec.NodeName {
		t.Errorf("the copy may run anywhere, and the home is in use on %s: %+v", desk.Spec.NodeName, affinity)
	}
}

// contacts give the credentials of a bucket and ask for their data, and can read
// neither those nor any other Secret.
func contacts(t *testing.T, w world.World) {
	ctx := t.Context()
	provide(t, w, asTerms, noNode, "anna")
	piet := cluster.Shared().As(contact)
	secret := func(edits ...func(*corev1.Secret)) *corev1.Secret {
		s := &corev1.Secret{
			ObjectMeta: metav1.ObjectMeta{Name: "bucket", Namespace: w.Namespace("t"), Labels: map[string]string{v1alpha1.LabelExportCredentials: "true"}},
			StringData: map[string]string{"accessKeyID": "A", "secretAccessKey": "S"},
		}
		for _, edit := range edits {
			edit(s)
		}
		return s
	}
	cluster.Eventually(t, soon, "the contact may give credentials", func(ctx context.Context) error {
		return piet.Create(ctx, secret(), client.DryRunAll)
	})
	for name, bad := range map[string]*corev1.Secret{
		"without the label": secret(func(s *corev1.Secret) { s.Labels = nil }),
		"of another type": secret(func(s *corev1.Secret) {
			s.Type, s.StringData = corev1.SecretTypeDockerConfigJson, map[string]string{corev1.DockerConfigJsonKey: "{}"}
		}),
		"with other keys": secret(func(s *corev1.Secret) { s.StringData["token"] = "x" }),
	} {
		if err := piet.Create(ctx, bad); err == nil {
			t.Errorf("a contact made a Secret %s", name)
		}
	}
	must(t, piet.Create(ctx, secret()))
	if err := piet.Get(ctx, client.ObjectKey{Namespace: w.Namespace("t"), Name: "bucket"}, &corev1.Secret{}); err == nil {
		t.Error("a contact read a Secret")
	}
	others := secret(func(s *corev1.Secret) { s.Name, s.Labels = "others", nil })
	must(t, w.Create(ctx, others))
	if err := piet.Delete(ctx, others); err == nil {
		t.Error("a contact removed another Secret")
	}
	e := &v1alpha1.DataExport{
		ObjectMeta: metav1.ObjectMeta{Name: "leaving", Namespace: w.Namespace("t")},
		Spec: v1alpha1.DataExportSpec{RequestedBy: "another@example.com", Destination: v1alpha1.ExportDestination{S3: v1alpha1.S3Destination{
			Endpoint: "https://s3.example.com", Bucket: "jansen", CredentialsSecretRef: v1alpha1.Reference{Name: "bucket"},
		}}},
	}
	if err := piet.Create(ctx, e.DeepCopy()); err == nil || !strings.Contains(err.Error(), "use your own name") {
		t.Errorf("under another's name: %v", err)
	}
	e.Spec.RequestedBy = contact
	must(t, piet.Create(ctx, e))
	podFor(t, w, "anna")
	must(t, piet.Delete(ctx, secret()))
}
