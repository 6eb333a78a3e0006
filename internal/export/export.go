// SPDX-License-Identifier: Apache-2.0

// Package export says what a DataExport becomes: a job for each home, which
// copies it to the bucket, and what the state of such a job means in words. It is
// pure: it reads and writes no cluster and no bucket.
package export

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/desktop"
)

// AppName is the value of app.kubernetes.io/name on pods that copy.
const AppName = "export"

// The keys of the Secret with a bucket's credentials.
const (
	KeyAccessKeyID     = "accessKeyID"
	KeySecretAccessKey = "secretAccessKey"
	KeySessionToken    = "sessionToken"
	KeyCACertificate   = "caCertificate"
)

const (
	containerName = "copy"
	homeFolder    = "/home-to-copy"
	spoolFolder   = "/spool"
	terminationAt = "/dev/termination-log"

	// deadline after which a copy that never succeeded is given up: longer than
	// any home takes, and than a customer takes to mend a bucket.
	deadline = 7 * 24 * time.Hour
	// attempts within the deadline are without number: each goes on where the last stopped.
	attempts = 1<<31 - 1
)

const (
	// AtOnce is how many homes of an export are copied at a time.
	AtOnce = 2
	// MostJobs is how many jobs an export has at most: those whose copies fail
	// must not keep others waiting, nor become many.
	MostJobs = 6
	// MostHomes is how many homes one export may have.
	MostHomes = 5000
)

// Home is one home to copy, with all that its job is made from.
type Home struct {
	Tenant    string
	Export    *v1alpha1.DataExport
	Workplace string
	// Class of the workplace; nil if it is gone.
	Class *v1alpha1.WorkplaceClass
	// Node on which the desktop that uses the home runs; empty: none does. A
	// volume that one node may use must be read there.
	Node string
	// Image of the program that copies.
	Image string
}

// Prefix returns the common prefix of a home's keys in the bucket.
func Prefix(e *v1alpha1.DataExport, workplace string) string {
	prefix := strings.Trim(e.Spec.Destination.S3.Prefix, "/")
	if prefix != "" {
		prefix += "/"
	}
	return prefix + workplace + "/"
}

// JobName returns the name of the job that copies a home for an export. Another
// export of the same name, made later, has jobs of its own.
func JobName(e *v1alpha1.DataExport, workplace string) string {
	sum := sha256.Sum256([]byte(string(e.UID) + "/" + workplace))
	return "export-" + workplace + "-" + hex.EncodeToString(sum[:4])
}

// Job returns the job that copies a home, without an owner. It runs until the
// copy is done, beginning again with ever longer breaks.
func Job(h Home) *batchv1.Job {
	labels := map[string]string{
		v1alpha1.LabelManagedBy:  v1alpha1.ManagedBy,
		v1alpha1.LabelTenant:     h.Tenant,
		v1alpha1.LabelExport:     h.Export.Name,
		v1alpha1.LabelHomeOf:     h.Workplace, // the label of its own desktop is what counts licences
		"app.kubernetes.io/name": AppName,
	}
	return &batchv1.Job{
		ObjectMeta: metav1.ObjectMeta{
			Name:        JobName(h.Export, h.Workplace),
			Namespace:   h.Export.Namespace,
			Labels:      labels,
			Annotations: map[string]string{v1alpha1.AnnotationNode: h.Node},
		},
		Spec: batchv1.JobSpec{
			BackoffLimit:          ptr.To(int32(attempts)),
			ActiveDeadlineSeconds: ptr.To(int64(deadline / time.Second)),
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec:       podSpec(h),
			},
		},
	}
}

func podSpec(h Home) corev1.PodSpec {
	pod, container := desktop.Reader(h.Class)
	to := h.Export.Spec.Destination.S3
	arguments := []string{
		"copy", "--endpoint=" + to.Endpoint, "--bucket=" + to.Bucket, "--prefix=" + Prefix(h.Export, h.Workplace),
		"--folder=" + homeFolder, "--spool=" + spoolFolder, "--report=" + terminationAt,
	}
	if to.Region != "" {
		arguments = append(arguments, "--region="+to.Region)
	}
	spec := corev1.PodSpec{
		// The container starts again in its pod, where its last words stay to be read.
		RestartPolicy:                corev1.RestartPolicyOnFailure,
		AutomountServiceAccountToken: ptr.To(false),
		EnableServiceLinks:           ptr.To(false),
		SecurityContext:              pod,
		Containers: []corev1.Container{{
			Name:  containerName,
			Image: h.Image,
			Args:  arguments,
			Env: []corev1.EnvVar{
				credential("S3_ACCESS_KEY_ID", to, KeyAccessKeyID, false),
				credential("S3_SECRET_ACCESS_KEY", to, KeySecretAccessKey, false),
				credential("S3_SESSION_TOKEN", to, KeySessionToken, true),
				credential("S3_CA_CERTIFICATE", to, KeyCACertificate, true),
			},
			Resources: corev1.ResourceRequirements{
				Requests: corev1.ResourceList{
					corev1.ResourceCPU: resource.MustParse("100m"), corev1.ResourceMemory: resource.MustParse("64Mi"), corev1.ResourceEphemeralStorage: resource.MustParse("64Mi"),
				},
				Limits: corev1.ResourceList{
					corev1.ResourceCPU: resource.MustParse("1"), corev1.ResourceMemory: resource.MustParse("256Mi"), corev1.ResourceEphemeralStorage: resource.MustParse("2Gi"),
				},
			},
			SecurityContext:        container,
			TerminationMessagePath: terminationAt,
			VolumeMounts: []corev1.VolumeMount{
				{Name: "home", MountPath: homeFolder, ReadOnly: true},
				{Name: "spool", MountPath: spoolFolder},
			},
		}},
		Volumes: []corev1.Volume{
			// Read-only at the mount, not at the volume: the desktop may have it mounted to write.
			{Name: "home", VolumeSource: corev1.VolumeSource{PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: desktop.ClaimName(h.Workplace)}}},
			{Name: "spool", VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{SizeLimit: ptr.To(resource.MustParse("2Gi"))}}},
		},
	}
	if h.Class != nil {
		spec.NodeSelector, spec.Tolerations = h.Class.Spec.Desktop.NodeSelector, h.Class.Spec.Desktop.Tolerations
	}
	if h.Node != "" {
		spec.Affinity = &corev1.Affinity{NodeAffinity: &corev1.NodeAffinity{RequiredDuringSchedulingIgnoredDuringExecution: &corev1.NodeSelector{
			NodeSelectorTerms: []corev1.NodeSelectorTerm{{MatchFields: []corev1.NodeSelectorRequirement{{
				Key: metav1.ObjectNameField, Operator: corev1.NodeSelectorOpIn, Values: []string{h.Node},
			}}}},
		}}}
	}
	return spec
}

func credential(variable string, to v1alpha1.S3Destination, key string, optional bool) corev1.EnvVar {
	source := &corev1.SecretKeySelector{LocalObjectReference: corev1.LocalObjectReference{Name: string(to.CredentialsSecretRef.Name)}, Key: key}
	if optional {
		source.Optional = ptr.To(true)
	}
	return corev1.EnvVar{Name: variable, ValueFrom: &corev1.EnvVarSource{SecretKeyRef: source}}
}

// Misplaced reports whether a copy keeps a desktop from its home, or waits for a
// node in vain: the desktop goes first, and the copy goes on beside it. pod is
// the copy's, nil if there is none; desktop is the desktop's node, if any.
func Misplaced(job *batchv1.Job, pod *corev1.Pod, desktopNode string) bool {
	bound := job.Annotations[v1alpha1.AnnotationNode]
	switch {
	case pod != nil && pod.Spec.NodeName != "":
		return desktopNode != "" && desktopNode != pod.Spec.NodeName
	default:
		return bound != desktopNode
	}
}

// Unreachable says that the network policies keep a copy from an endpoint that
// is written as an address; empty: they do not, or only its name's resolution will tell.
func Unreachable(endpoint string, n desktop.Network) string {
	at, err := url.Parse(endpoint)
	if err != nil {
		return ""
	}
	address, err := netip.ParseAddr(at.Hostname())
	if err != nil {
		return ""
	}
	within := func(ranges []string) bool {
		for _, cidr := range ranges {
			if prefix, err := netip.ParsePrefix(cidr); err == nil && prefix.Contains(address) {
				return true
			}
		}
		return false
	}
	if !within(n.EgressExcept) || within(n.ExportEgress) {
		return ""
	}
	return fmt.Sprintf("%s is in a network that is closed to the tenants' pods: use an endpoint on the internet, or add its range to the manager's --export-egress", address)
}
