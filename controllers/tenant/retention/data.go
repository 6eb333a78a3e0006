// SPDX-License-Identifier: Apache-2.0

package retention

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/terms/standing"
)

const (
	// provenHomes is how many homes a proof of erasure lists; it counts all.
	provenHomes = 1000
	// going is how often to look whether backups are gone.
	going = 5 * time.Second
)

// AllData erases all of a tenant's data (LS-5, EC-6..8).
type AllData struct{ Eraser }

// Erasure is how far that has come.
type Erasure struct {
	// Proof is what the Tenant's status says of it from now on.
	Proof *v1alpha1.ErasureStatus
	// Done says that all is gone, just now.
	Done bool
	// Look is when to look again for what nobody watches; zero if others bring us back.
	Look time.Time
}

// Erase takes an erasure that was ordered as far as it goes now.
func (a AllData) Erase(
	ctx context.Context, tenant *v1alpha1.Tenant, workplaces []v1alpha1.Workplace, order standing.Erasure, now time.Time,
) (Erasure, error) {
	var claims corev1.PersistentVolumeClaimList
	in := client.InNamespace(v1alpha1.NamespaceFor(tenant.Name))
	if err := a.Client.List(ctx, &claims, in, client.UnsafeDisableDeepCopy); err != nil {
		return Erasure{}, err
	}
	proof, nothing := tenant.Status.Erasure, len(claims.Items)+len(workplaces) == 0
	if nothing && proof != nil && proof.At != nil && proof.Rule == order.Rule {
		return Erasure{Proof: proof}, nil // as was said
	}
	lot := Lot{
		Why: "the data is erased under " + order.Rule, Workplaces: workplaces, Claims: claims.Items,
		Backups: client.MatchingLabels{v1alpha1.LabelManagedBy: v1alpha1.ManagedBy},
	}
	if proof == nil || proof.At != nil {
		proof = proofOf(order, claims.Items)
		lot.Prove = func(tenant *v1alpha1.Tenant) { tenant.Status.Erasure = proof.DeepCopy() }
	}
	progress, err := a.Eraser.Erase(ctx, tenant, lot)
	if err != nil || progress.Stale {
		return Erasure{Proof: tenant.Status.Erasure}, err
	}
	return said(proof.DeepCopy(), progress, nothing, now), nil
}

// said returns what there is to say of an erasure after it went so far.
func said(proof *v1alpha1.ErasureStatus, progress Progress, nothing bool, now time.Time) Erasure {
	proof.Backups = max(proof.Backups, int32(progress.Backups))
	switch {
	case !nothing:
		return Erasure{Proof: proof} // the claims' going brings us back
	case progress.Backups > 0:
		return Erasure{Proof: proof, Look: now.Add(going)}
	}
	at := metav1.NewTime(now.UTC())
	proof.At = &at
	return Erasure{Proof: proof, Done: true}
}

// proofOf writes down what is about to be erased.
func proofOf(order standing.Erasure, claims []corev1.PersistentVolumeClaim) *v1alpha1.ErasureStatus {
	proof := &v1alpha1.ErasureStatus{
		Rule: order.Rule, AnnouncedBy: v1alpha1.ObjectName(order.Announcement), Count: int32(len(claims)),
	}
	for i := range claims[:min(len(claims), provenHomes)] {
		proof.Homes = append(proof.Homes, homeOf(&claims[i]))
	}
	return proof
}

func homeOf(claim *corev1.PersistentVolumeClaim) v1alpha1.ErasedHome {
	return v1alpha1.ErasedHome{
		Workplace: claim.Labels[v1alpha1.LabelWorkplace], ClaimUID: string(claim.UID),
		Username: claim.Annotations[v1alpha1.AnnotationUsername],
	}
}

// Words says what was done, for an event.
func (e Erasure) Words() string {
	return fmt.Sprintf("%d homes were erased under %s", e.Proof.Count, e.Proof.Rule)
}
