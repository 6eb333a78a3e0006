// SPDX-License-Identifier: Apache-2.0

// Package servers says which versions run in a cluster: each program notes its own
// when it starts, in a Lease beside those that its replicas share, and whoever may
// read that Lease knows it. An image's tag says less: latest, or a digest.
package servers

import (
	"context"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	coordinationv1 "k8s.io/api/coordination/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/util/retry"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/version"
)

// The programs that run in a cluster.
const (
	Manager = "manager"
	Portal  = "portal"
)

// Programs are those that note their version.
var Programs = []string{Manager, Portal}

// Annotations of the Lease.
const (
	annotationVersion   = "werkplek.dev/version"
	annotationRevision  = "werkplek.dev/revision"
	annotationGoVersion = "werkplek.dev/go-version"
)

// LeaseName names the Lease that holds a program's version. Roles name it too.
func LeaseName(program string) string { return "version." + program + ".werkplek.dev" }

// Server is a program as it noted itself.
type Server struct {
	version.Info
	// Program is its name.
	Program string `json:"program"`
	// Host is the pod that started first with it, after another version.
	Host string `json:"host,omitempty"`
	// Since is when that was.
	Since *metav1.Time `json:"since,omitempty"`
}

// Note writes down which version of a program starts, and where. With several
// replicas the last to start is right: during an upgrade that is the new one,
// during the way back the old one.
func Note(ctx context.Context, c client.Client, namespace string, s Server) error {
	lease := &coordinationv1.Lease{}
	key := client.ObjectKey{Namespace: namespace, Name: LeaseName(s.Program)}
	again := func(err error) bool { return apierrors.IsConflict(err) || apierrors.IsAlreadyExists(err) }
	err := retry.OnError(retry.DefaultBackoff, again, func() error {
		err := c.Get(ctx, key, lease)
		if apierrors.IsNotFound(err) {
			*lease = coordinationv1.Lease{ObjectMeta: metav1.ObjectMeta{
				Name: key.Name, Namespace: key.Namespace, Labels: map[string]string{v1alpha1.LabelManagedBy: v1alpha1.ManagedBy},
			}}
			s.fill(lease)
			return c.Create(ctx, lease)
		}
		if err != nil {
			return err
		}
		if s.stands(lease) {
			return nil // a restart of the same program is no news
		}
		s.fill(lease)
		return c.Update(ctx, lease)
	})
	if err != nil {
		return fmt.Errorf("note the version in Lease %s: %w", key, err)
	}
	return nil
}

// stands reports whether a Lease says of this program what there is to say.
func (s Server) stands(lease *coordinationv1.Lease) bool {
	said := lease.Annotations
	return said[annotationVersion] == s.Version && said[annotationRevision] == s.Revision &&
		said[annotationGoVersion] == s.GoVersion
}

func (s Server) fill(lease *coordinationv1.Lease) {
	if lease.Annotations == nil {
		lease.Annotations = map[string]string{}
	}
	lease.Annotations[annotationVersion] = s.Version
	lease.Annotations[annotationRevision] = s.Revision
	lease.Annotations[annotationGoVersion] = s.GoVersion
	lease.Spec.HolderIdentity = ptr.To(s.Host)
	if s.Since != nil {
		lease.Spec.AcquireTime = ptr.To(metav1.NewMicroTime(s.Since.Time))
	}
}

// Noted returns what a program noted of itself; nil if it never did.
func Noted(ctx context.Context, c client.Reader, namespace, program string) (*Server, error) {
	lease := &coordinationv1.Lease{}
	err := c.Get(ctx, client.ObjectKey{Namespace: namespace, Name: LeaseName(program)}, lease)
	if apierrors.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	found := &Server{Program: program, Host: ptr.Deref(lease.Spec.HolderIdentity, ""), Info: version.Info{
		Version:  lease.Annotations[annotationVersion],
		Revision: lease.Annotations[annotationRevision], GoVersion: lease.Annotations[annotationGoVersion],
	}}
	if at := lease.Spec.AcquireTime; at != nil {
		found.Since = &metav1.Time{Time: at.UTC().Truncate(time.Second)}
	}
	return found, nil
}

// Metric is always 1; what counts are its labels.
func Metric(info version.Info) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name:        "werkplek_build_info",
		Help:        "Always 1; its labels say which version runs.",
		ConstLabels: prometheus.Labels{"version": info.Version, "revision": info.Revision, "goversion": info.GoVersion},
	}, func() float64 { return 1 })
}
