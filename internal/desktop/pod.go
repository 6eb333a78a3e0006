// SPDX-License-Identifier: Apache-2.0

package desktop

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/utils/ptr"

	"werkplek.dev/werkplek/api/v1alpha1"
)

const (
	containerName = "desktop"
	portName      = "desktop"

	// safeToEvict lets a cluster autoscaler empty a node of desktops to which nobody
	// is connected; those in use are in their tenant's disruption budget.
	safeToEvict = "cluster-autoscaler.kubernetes.io/safe-to-evict"

	// defaultID is the user and group of desktops whose class names none.
	defaultID = 1000
)

// Pod returns the pod of a workplace, without an owner. Its annotations carry a
// digest of what it was made from, so that a later change is seen without
// comparing it with what the API server added.
func Pod(p Place) *corev1.Pod {
	spec := podSpec(p.Workplace, p.Class)
	mark := digest(spec)
	// Where it runs is no part of what it is: no desktop is outdated by that.
	spec.TopologySpreadConstraints = spread(p.Tenant)
	labels := p.labels()
	labels[v1alpha1.LabelClass] = p.Class.Name
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Name:      PodName(p.Workplace.Name),
			Namespace: p.Workplace.Namespace,
			Labels:    labels,
			Annotations: map[string]string{
				v1alpha1.AnnotationDesktop:     mark,
				v1alpha1.AnnotationRestartedAt: RestartMark(p.Workplace),
				v1alpha1.AnnotationLicenses:    strings.Join(p.Licenses, ","),
				safeToEvict:                    "true",
			},
		},
		Spec: spec,
	}
}

// spread puts the desktops of a tenant into different zones where there are several,
// so that the loss of one place leaves the others at work (TD-25). Room comes first.
func spread(tenant string) []corev1.TopologySpreadConstraint {
	return []corev1.TopologySpreadConstraint{{
		MaxSkew:           1,
		TopologyKey:       corev1.LabelTopologyZone,
		WhenUnsatisfiable: corev1.ScheduleAnyway,
		LabelSelector: &metav1.LabelSelector{MatchLabels: map[string]string{
			v1alpha1.LabelManagedBy: v1alpha1.ManagedBy, v1alpha1.LabelTenant: tenant,
		}},
	}}
}

// RestartMark identifies the restart that a pod was made for.
func RestartMark(w *v1alpha1.Workplace) string {
	if w.Spec.RestartedAt == nil {
		return ""
	}
	return w.Spec.RestartedAt.UTC().Format(time.RFC3339)
}

// RestartRequested reports whether a restart was asked for since the pod was made.
func RestartRequested(pod *corev1.Pod, w *v1alpha1.Workplace) bool {
	return pod.Annotations[v1alpha1.AnnotationRestartedAt] != RestartMark(w)
}

// Outdated reports whether the pod was made from something else than desired is.
func Outdated(pod, desired *corev1.Pod) bool {
	return pod.Annotations[v1alpha1.AnnotationDesktop] != desired.Annotations[v1alpha1.AnnotationDesktop]
}

func podSpec(w *v1alpha1.Workplace, class *v1alpha1.WorkplaceClass) corev1.PodSpec {
	d := &class.Spec.Desktop
	spec := corev1.PodSpec{
		Hostname:                     w.Name,
		AutomountServiceAccountToken: ptr.To(false),
		EnableServiceLinks:           ptr.To(false),
		SecurityContext:              podSecurity(d.SecurityContext),
		NodeSelector:                 d.NodeSelector,
		Tolerations:                  d.Tolerations,
		Containers: []corev1.Container{{
			Name:            containerName,
			Image:           d.Image,
			Env:             environment(d.Env),
			Ports:           []corev1.ContainerPort{{Name: portName, ContainerPort: d.Port, Protocol: corev1.ProtocolTCP}},
			Resources:       corev1.ResourceRequirements{Requests: d.Resources.Requests, Limits: d.Resources.Limits},
			ReadinessProbe:  readinessProbe(d),
			SecurityContext: containerSecurity(d.SecurityContext),
			VolumeMounts:    []corev1.VolumeMount{{Name: "home", MountPath: class.Spec.Home.MountPath}},
		}},
		Volumes: []corev1.Volume{{Name: "home", VolumeSource: corev1.VolumeSource{
			PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: ClaimName(w.Name)},
		}}},
	}
	if d.RuntimeClassName != "" {
		spec.RuntimeClassName = ptr.To(d.RuntimeClassName)
	}
	for _, name := range d.ImagePullSecrets {
		spec.ImagePullSecrets = append(spec.ImagePullSecrets, corev1.LocalObjectReference{Name: string(name)})
	}
	if d.SharedMemory != nil {
		spec.Volumes = append(spec.Volumes, corev1.Volume{Name: "shm", VolumeSource: corev1.VolumeSource{
			EmptyDir: &corev1.EmptyDirVolumeSource{Medium: corev1.StorageMediumMemory, SizeLimit: d.SharedMemory},
		}})
		spec.Containers[0].VolumeMounts = append(spec.Containers[0].VolumeMounts, corev1.VolumeMount{Name: "shm", MountPath: "/dev/shm"})
	}
	return spec
}

func environment(env []v1alpha1.DesktopEnv) []corev1.EnvVar {
	var vars []corev1.EnvVar
	for _, e := range env {
		vars = append(vars, corev1.EnvVar{Name: e.Name, Value: e.Value})
	}
	return vars
}

// readinessProbe asks for the class's page, or for the port alone where the class names no page.
func readinessProbe(d *v1alpha1.DesktopSpec) *corev1.Probe {
	probe := &corev1.Probe{PeriodSeconds: 2, TimeoutSeconds: 2, FailureThreshold: 3}
	if d.Readiness == nil {
		probe.TCPSocket = &corev1.TCPSocketAction{Port: intstr.FromString(portName)}
		return probe
	}
	scheme := corev1.URISchemeHTTP
	if d.Protocol == v1alpha1.ProtocolHTTPS {
		scheme = corev1.URISchemeHTTPS
	}
	probe.HTTPGet = &corev1.HTTPGetAction{Path: d.Readiness.Path, Port: intstr.FromString(portName), Scheme: scheme}
	return probe
}

// podSecurity meets the restricted Pod Security level unless the class says otherwise.
func podSecurity(s *v1alpha1.DesktopSecurity) *corev1.PodSecurityContext {
	context := &corev1.PodSecurityContext{FSGroupChangePolicy: ptr.To(corev1.FSGroupChangeOnRootMismatch)}
	if s == nil {
		s = &v1alpha1.DesktopSecurity{}
	}
	context.RunAsUser, context.RunAsGroup, context.FSGroup = s.RunAsUser, s.RunAsGroup, s.FSGroup
	if !Restricted(s) {
		return context
	}
	context.RunAsNonRoot = ptr.To(true)
	context.SeccompProfile = &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault}
	for _, id := range []**int64{&context.RunAsUser, &context.RunAsGroup, &context.FSGroup} {
		if *id == nil {
			*id = ptr.To(int64(defaultID))
		}
	}
	return context
}

func containerSecurity(s *v1alpha1.DesktopSecurity) *corev1.SecurityContext {
	if !Restricted(s) {
		return nil
	}
	return &corev1.SecurityContext{
		AllowPrivilegeEscalation: ptr.To(false),
		Capabilities:             &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
	}
}

// Restricted reports whether desktops with this security meet the restricted level.
func Restricted(s *v1alpha1.DesktopSecurity) bool {
	return s == nil || s.Level == "" || s.Level == v1alpha1.LevelRestricted
}

func digest(spec corev1.PodSpec) string {
	data, err := json.Marshal(spec)
	if err != nil {
		panic(fmt.Sprintf("a pod spec of plain values must marshal: %v", err))
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:8])
}
