// SPDX-License-Identifier: Apache-2.0

package desktop

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"werkplek.dev/werkplek/api/v1alpha1"
)

// HomeSize returns the size that a workplace's home should have.
func HomeSize(w *v1alpha1.Workplace, class *v1alpha1.WorkplaceClass) resource.Quantity {
	if w.Spec.Home != nil {
		return w.Spec.Home.Size
	}
	return class.Spec.Home.Size
}

// Claim returns the home claim of a workplace. It has no owner: data outlives
// objects until the contract says it may go.
func Claim(p Place) *corev1.PersistentVolumeClaim {
	claim := &corev1.PersistentVolumeClaim{
		ObjectMeta: metav1.ObjectMeta{
			Name:        ClaimName(p.Workplace.Name),
			Namespace:   p.Workplace.Namespace,
			Labels:      p.labels(),
			Annotations: map[string]string{v1alpha1.AnnotationUsername: string(p.Workplace.Spec.User.Username)},
		},
		Spec: corev1.PersistentVolumeClaimSpec{
			AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce},
			Resources: corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{
				corev1.ResourceStorage: HomeSize(p.Workplace, p.Class),
			}},
		},
	}
	if name := p.Class.Spec.Home.StorageClassName; name != "" {
		claim.Spec.StorageClassName = ptr.To(name)
	}
	if from := RestoreFrom(p.Workplace); from != "" {
		claim.Spec.DataSource = &corev1.TypedLocalObjectReference{APIGroup: ptr.To(snapshotGroup), Kind: snapshotKind, Name: from}
	}
	return claim
}

// What a backup is to a claim.
const (
	snapshotGroup = "snapshot.storage.k8s.io"
	snapshotKind  = "VolumeSnapshot"
)

// RestoreFrom returns the backup from which a workplace's home is made; empty: from none.
func RestoreFrom(w *v1alpha1.Workplace) string {
	if w.Spec.Home == nil {
		return ""
	}
	return w.Spec.Home.RestoreFrom
}

// RestoredFrom returns the backup from which a claim was made; empty: from none.
func RestoredFrom(claim *corev1.PersistentVolumeClaim) string {
	source := claim.Spec.DataSource
	if source == nil || source.Kind != snapshotKind || source.APIGroup == nil || *source.APIGroup != snapshotGroup {
		return ""
	}
	return source.Name
}

// OwnClaim reports whether a claim was made by the operator.
func OwnClaim(claim *corev1.PersistentVolumeClaim) bool {
	return claim.Labels[v1alpha1.LabelManagedBy] == v1alpha1.ManagedBy && claim.Labels[v1alpha1.LabelWorkplace] != ""
}

// HomeOf reports whether a claim holds this person's data. A workplace that is
// made again under the same name for somebody else must not open it.
func HomeOf(claim *corev1.PersistentVolumeClaim, user v1alpha1.Username) bool {
	return claim.Annotations[v1alpha1.AnnotationUsername] == string(user)
}
