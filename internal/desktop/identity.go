// SPDX-License-Identifier: Apache-2.0

package desktop

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"

	"werkplek.dev/werkplek/api/v1alpha1"
)

// Reader returns as whom a home of a class can be read by another pod than its
// desktop. Where desktops are restricted, all files are their one user's. Where
// they are not, files may be anybody's, and a root without other powers than to
// pass permissions by reads them. class may be nil.
func Reader(class *v1alpha1.WorkplaceClass) (*corev1.PodSecurityContext, *corev1.SecurityContext) {
	var s *v1alpha1.DesktopSecurity
	if class != nil {
		s = class.Spec.Desktop.SecurityContext
	}
	if Restricted(s) {
		container := containerSecurity(s)
		container.ReadOnlyRootFilesystem = ptr.To(true)
		return podSecurity(s), container
	}
	return &corev1.PodSecurityContext{
			RunAsUser: ptr.To(int64(0)), RunAsGroup: ptr.To(int64(0)),
			SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
		}, &corev1.SecurityContext{
			AllowPrivilegeEscalation: ptr.To(false),
			ReadOnlyRootFilesystem:   ptr.To(true),
			Capabilities:             &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}, Add: []corev1.Capability{"DAC_OVERRIDE"}},
		}
}
