// SPDX-License-Identifier: Apache-2.0

package installation

import (
	"context"
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
)

const (
	// Name of the ConfigMap in which the record stands.
	Name = "werkplek-installation"
	// KeyHold is the entry that says why the operator is held. Who takes it away
	// lets the operator act.
	KeyHold = "hold"

	keyCluster = "cluster"
	keyOwn     = "uid"
	keyAsked   = "asked"

	// fewStrays are named; that there are more is said.
	fewStrays = 5
)

// ErrNoNamespace says that there is no place for a record.
var ErrNoNamespace = errors.New("the namespace for the record of this installation does not exist")

// Store keeps the record in a namespace.
type Store struct {
	// Live reads from the API server.
	Live client.Reader
	// Client writes.
	Client client.Client
	// Namespace is the operator's own.
	Namespace string
}

// Look reads where the operator stands, brings the record up to date and returns
// it. Where two look at once, one of them fails and looks again.
func (s Store) Look(ctx context.Context, asked string) (Record, *corev1.ConfigMap, error) {
	system := &corev1.Namespace{}
	if err := s.Live.Get(ctx, client.ObjectKey{Name: metav1.NamespaceSystem}, system); err != nil {
		return Record{}, nil, fmt.Errorf("tell which cluster this is: %w", err)
	}
	object, written, err := s.read(ctx)
	if err != nil {
		return Record{}, nil, err
	}
	here := Place{Cluster: system.UID, Own: object.UID}
	if written == nil {
		if here.Strays, err = s.strays(ctx); err != nil {
			return Record{}, nil, fmt.Errorf("look for objects from elsewhere: %w", err)
		}
	}
	is := Judge(written, here, asked)
	if written != nil && is == *written {
		return is, object, nil
	}
	return is, object, s.write(ctx, object, is)
}

// Set holds the operator for a reason, or lets it act if there is none.
func (s Store) Set(ctx context.Context, hold string) error {
	object, written, err := s.read(ctx)
	if err != nil {
		return err
	}
	if written == nil {
		return fmt.Errorf("there is no ConfigMap %s in namespace %s: the operator has not run there yet", Name, s.Namespace)
	}
	was := object.DeepCopy()
	if hold == "" {
		delete(object.Data, KeyHold)
	} else {
		object.Data[KeyHold] = hold
	}
	return s.Client.Patch(ctx, object, client.MergeFromWithOptions(was, client.MergeFromWithOptimisticLock{}))
}

// Read returns the record; nil if there is none.
func (s Store) Read(ctx context.Context) (*Record, error) {
	_, written, err := s.read(ctx)
	return written, err
}

func (s Store) read(ctx context.Context) (*corev1.ConfigMap, *Record, error) {
	object := &corev1.ConfigMap{}
	err := s.Live.Get(ctx, client.ObjectKey{Namespace: s.Namespace, Name: Name}, object)
	if apierrors.IsNotFound(err) {
		return &corev1.ConfigMap{}, nil, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("read the record of this installation: %w", err)
	}
	return object, &Record{
		Cluster: types.UID(object.Data[keyCluster]), Own: types.UID(object.Data[keyOwn]),
		Hold: object.Data[KeyHold], Asked: object.Data[keyAsked],
	}, nil
}

// write writes the record. A new object learns its own UID by a second write; one
// that has none yet says nothing about a restore.
func (s Store) write(ctx context.Context, object *corev1.ConfigMap, is Record) error {
	if object.UID == "" {
		object.Name, object.Namespace = Name, s.Namespace
		object.Labels = map[string]string{
			"app.kubernetes.io/name": "werkplek", "app.kubernetes.io/component": "manager",
			v1alpha1.LabelManagedBy: v1alpha1.ManagedBy,
		}
		is.fill(object)
		if err := s.Client.Create(ctx, object); apierrors.IsNotFound(err) {
			return ErrNoNamespace
		} else if err != nil {
			return fmt.Errorf("record this installation: %w", err)
		}
		is.Own = object.UID
	}
	is.fill(object)
	if err := s.Client.Update(ctx, object); err != nil { // the version that was read is the lock
		return fmt.Errorf("record this installation: %w", err)
	}
	return nil
}

func (r Record) fill(object *corev1.ConfigMap) {
	object.Data = map[string]string{keyCluster: string(r.Cluster)}
	for key, value := range map[string]string{keyOwn: string(r.Own), KeyHold: r.Hold, keyAsked: r.Asked} {
		if value != "" {
			object.Data[key] = value
		}
	}
}

// strays names what cannot have been made here: a namespace that says it belongs to
// a Tenant of another UID than the one that there is.
func (s Store) strays(ctx context.Context) ([]string, error) {
	var tenants v1alpha1.TenantList
	if err := s.Live.List(ctx, &tenants); err != nil {
		return nil, err
	}
	var namespaces corev1.NamespaceList
	ours := client.MatchingLabels{v1alpha1.LabelManagedBy: v1alpha1.ManagedBy}
	if err := s.Live.List(ctx, &namespaces, ours); err != nil {
		return nil, err
	}
	byName := map[string]*v1alpha1.Tenant{}
	for i := range tenants.Items {
		byName[v1alpha1.NamespaceFor(tenants.Items[i].Name)] = &tenants.Items[i]
	}
	var found []string
	for i := range namespaces.Items {
		namespace := &namespaces.Items[i]
		tenant, uid := byName[namespace.Name], namespace.Annotations[v1alpha1.AnnotationTenantUID]
		if tenant == nil || uid == "" || uid == string(tenant.UID) {
			continue
		}
		if len(found) == fewStrays {
			return append(found, "and others"), nil
		}
		found = append(found, fmt.Sprintf("namespace %s was made for another Tenant %s", namespace.Name, tenant.Name))
	}
	return found, nil
}
