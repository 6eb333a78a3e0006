// SPDX-License-Identifier: Apache-2.0

package export

import (
	"strings"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/desktop"
	"werkplek.dev/werkplek/internal/export/report"
)

var now = time.Date(2026, 11, 26, 18, 0, 0, 0, time.UTC)

func home() Home {
	return Home{
		Tenant: "jansen", Workplace: "anna", Image: "export:1",
		Export: &v1alpha1.DataExport{
			ObjectMeta: metav1.ObjectMeta{Name: "leaving", Namespace: "tenant-jansen", UID: "u1"},
			Spec: v1alpha1.DataExportSpec{Destination: v1alpha1.ExportDestination{S3: v1alpha1.S3Destination{
				Endpoint: "https://s3.example.com", Bucket: "jansen", Prefix: "/a/", CredentialsSecretRef: v1alpha1.Reference{Name: "bucket"},
			}}},
		},
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	h := home()
	if got := Prefix(h.Export, "anna"); got != "a/anna/" {
		t.Errorf("the prefix is %s", got)
	}
	later := h.Export.DeepCopy()
	later.UID = "u2"
	name := JobName(h.Export, strings.Repeat("a", 40))
	if len(name) > 63 || name != JobName(h.Export, strings.Repeat("a", 40)) || name == JobName(later, strings.Repeat("a", 40)) {
		t.Errorf("the job's name is %s", name)
	}
}

func TestJobReadsHomesOfAnyUserWhereDesktopsMay(t *testing.T) {
	t.Parallel()
	h := home()
	if pod := Job(h).Spec.Template.Spec; *pod.SecurityContext.RunAsUser != 1000 || *pod.Containers[0].SecurityContext.AllowPrivilegeEscalation {
		t.Errorf("a restricted class's copy runs as %+v", pod.SecurityContext)
	}
	h.Class = &v1alpha1.WorkplaceClass{}
	h.Class.Spec.Desktop.SecurityContext = &v1alpha1.DesktopSecurity{Level: v1alpha1.LevelBaseline, RunAsUser: ptr.To(int64(0))}
	h.Class.Spec.Desktop.Tolerations = []corev1.Toleration{{Key: "desks"}}
	h.Node = "n1"
	pod := Job(h).Spec.Template.Spec
	c := pod.Containers[0].SecurityContext
	if *pod.SecurityContext.RunAsUser != 0 || len(c.Capabilities.Add) != 1 || c.Capabilities.Add[0] != "DAC_OVERRIDE" || c.Capabilities.Drop[0] != "ALL" {
		t.Errorf("a baseline class's copy runs as %+v with %+v", pod.SecurityContext, c)
	}
	if len(pod.Tolerations) != 1 || pod.Affinity == nil {
		t.Errorf("it is placed by %+v and %+v", pod.Tolerations, pod.Affinity)
	}
}

func TestDiagnose(t *testing.T) {
	t.Parallel()
	made := metav1.NewTime(now.Add(-time.Hour))
	job := func(kind batchv1.JobConditionType, at time.Time) *batchv1.Job {
		j := Job(home())
		j.CreationTimestamp = made
		if kind != "" {
			j.Status.Conditions = []batchv1.JobCondition{{Type: kind, Status: corev1.ConditionTrue, LastTransitionTime: metav1.NewTime(at), Reason: "DeadlineExceeded"}}
		}
		return j
	}
	pod := func(status corev1.ContainerStatus) *corev1.Pod {
		return &corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{Name: "p", Namespace: "tenant-jansen", CreationTimestamp: made},
			Spec:       Job(home()).Spec.Template.Spec, Status: corev1.PodStatus{ContainerStatuses: []corev1.ContainerStatus{status}},
		}
	}
	said := func(message string) *corev1.ContainerStateTerminated {
		return &corev1.ContainerStateTerminated{Message: message, ExitCode: 1, Reason: "Error"}
	}
	waits := func(reason string) corev1.ContainerState {
		return corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason}}
	}
	const done, refused = `{"files":1,"bytes":2,"sha256":"ab"}`, `{"reason":"CredentialsRefused","message":"make the Secret anew"}`
	for _, test := range []struct {
		name   string
		job    *batchv1.Job
		pod    *corev1.Pod
		reason string
		words  string
		want   func(State) bool
	}{
		{"done", job(batchv1.JobComplete, now), pod(corev1.ContainerStatus{State: corev1.ContainerState{Terminated: said(done)}}), "", "", func(s State) bool { return s.Done != nil && s.Done.Bytes == 2 }},
		{"done, its pod not seen yet", job(batchv1.JobComplete, now), nil, "", "", func(s State) bool { return !s.Lost && s.Recheck.After(now) }},
		{"done, its pod lost", job(batchv1.JobComplete, now.Add(-time.Hour)), nil, "", "", func(s State) bool { return s.Lost }},
		{"given up", job(batchv1.JobFailed, now), nil, v1alpha1.ReasonGaveUp, "DeadlineExceeded", func(s State) bool { return s.GaveUp }},
		{"no pod", job("", now), nil, v1alpha1.ReasonPodRefused, "quota", nil},
		{"refused, and tries again", job("", now), pod(corev1.ContainerStatus{State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}, LastTerminationState: corev1.ContainerState{Terminated: said(refused)}}), report.CredentialsRefused, "anew", nil},
		{"crashed without a word", job("", now), pod(corev1.ContainerStatus{State: waits("CrashLoopBackOff"), LastTerminationState: corev1.ContainerState{Terminated: said("")}}), report.Failed, "code 1", nil},
		{"no Secret", job("", now), pod(corev1.ContainerStatus{State: waits("CreateContainerConfigError")}), v1alpha1.ReasonCredentialsNotFound, "Secret bucket", nil},
		{"no image", job("", now), pod(corev1.ContainerStatus{State: waits("ImagePullBackOff")}), v1alpha1.ReasonImageUnavailable, "export:1", nil},
		{"running", job("", now), pod(corev1.ContainerStatus{State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}}), "", "", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := Diagnose(test.job, test.pod, now)
			if s.Trouble.Reason != test.reason || !strings.Contains(s.Trouble.Message, test.words) || test.want != nil && !test.want(s) {
				t.Errorf("it is %+v", s)
			}
		})
	}
}

func TestMisplaced(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, bound, runs, desktop string
		want                       bool
	}{
		{"nobody uses the home", "", "n1", "", false},
		{"beside the desktop", "n1", "n1", "n1", false},
		{"the desktop came to another node", "", "n1", "n2", true},
		{"the desktop is gone", "n1", "n1", "", false},
		{"it waits for a node without need", "n1", "", "", true},
		{"it waits for the desktop's node", "n1", "", "n1", false},
	} {
		h := home()
		h.Node = test.bound
		pod := &corev1.Pod{Spec: corev1.PodSpec{NodeName: test.runs}}
		if got := Misplaced(Job(h), pod, test.desktop); got != test.want {
			t.Errorf("%s: %t", test.name, got)
		}
	}
}

func TestUnreachable(t *testing.T) {
	t.Parallel()
	n := desktop.Network{EgressExcept: []string{"10.0.0.0/8", "169.254.0.0/16", "fc00::/7"}, ExportEgress: []string{"10.9.0.0/16"}}
	for endpoint, closed := range map[string]bool{
		"https://s3.example.com": false, "http://10.9.1.2:9000": false, "http://10.8.1.2:9000": true, "http://169.254.169.254": true, "http://[fd00::1]:9000": true, "https://192.0.2.1": false,
	} {
		if got := Unreachable(endpoint, n); (got != "") != closed {
			t.Errorf("%s: %q", endpoint, got)
		}
	}
}
