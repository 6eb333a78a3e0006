// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/access"
	"werkplek.dev/werkplek/internal/reading"
	"werkplek.dev/werkplek/internal/terms/facts"
)

// objects are those from which a tenant's future follows.
type objects struct {
	*facts.Sources
	terms   []v1alpha1.ServiceTerms // the tenant's, and those that plans refer to
	classes facts.Classes           // all, also those that no workplace has yet
}

// fromCluster reads everything from which a tenant's future follows.
func fromCluster(ctx context.Context, c client.Reader, now time.Time, name string) (*objects, error) {
	tenant := &v1alpha1.Tenant{}
	if err := c.Get(ctx, client.ObjectKey{Name: name}, tenant); err != nil {
		return nil, absent(err, name)
	}
	o := &objects{classes: facts.Classes{}}
	var (
		all     v1alpha1.ServiceTermsList
		classes v1alpha1.WorkplaceClassList
	)
	if err := pages(ctx, c, &all, func() error { o.terms = append(o.terms, all.Items...); return nil }); err != nil {
		return nil, err
	}
	keep := func() error { keepByName(o.classes, classes.Items, (*v1alpha1.WorkplaceClass).GetName); return nil }
	if err := pages(ctx, c, &classes, keep); err != nil {
		return nil, err
	}
	reader := reading.Tenants{From: c, Live: c, Children: func(ctx context.Context, reseller string) ([]v1alpha1.Tenant, error) {
		var named []v1alpha1.Tenant
		var page v1alpha1.TenantList
		err := pages(ctx, c, &page, func() error { named = append(named, naming(page.Items, reseller)...); return nil })
		return named, err
	}}
	var err error
	o.Sources, err = reader.Sources(ctx, now, tenant)
	return o, err
}

// naming returns those tenants that name one as their reseller.
func naming(tenants []v1alpha1.Tenant, reseller string) []v1alpha1.Tenant {
	var named []v1alpha1.Tenant
	for i := range tenants {
		if ref := tenants[i].Spec.ResellerRef; ref != nil && string(ref.Name) == reseller {
			named = append(named, tenants[i])
		}
	}
	return named
}

// coveredBefore reports whether the operator found a suspension of a reseller in force.
func coveredBefore(tenant *v1alpha1.Tenant) bool {
	return slices.ContainsFunc(tenant.Status.Suspensions, func(s v1alpha1.SuspensionSummary) bool { return s.Tenant != tenant.Name })
}

// keepByName keeps objects of a page, which the next page overwrites.
func keepByName[T any](into map[string]*T, items []T, name func(*T) string) {
	for _, item := range items {
		into[name(&item)] = &item
	}
}

// decodeAll reads the objects of our API from YAML or JSON documents, and from
// lists of them; others are passed over.
func decodeAll(in io.Reader) ([]client.Object, error) {
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		return nil, err
	}
	decoder := serializer.NewCodecFactory(scheme, serializer.EnableStrict).UniversalDeserializer()
	documents := yaml.NewYAMLOrJSONDecoder(in, 4096)
	var found []client.Object
	for n := 1; ; n++ {
		var raw json.RawMessage
		if err := documents.Decode(&raw); errors.Is(err, io.EOF) {
			return found, nil
		} else if err != nil {
			return nil, fmt.Errorf("document %d: %w", n, err)
		}
		objects, err := decode(decoder, raw)
		if err != nil {
			return nil, fmt.Errorf("document %d: %w", n, err)
		}
		found = append(found, objects...)
	}
}

func decode(decoder runtime.Decoder, raw json.RawMessage) ([]client.Object, error) {
	if raw = bytes.TrimSpace(raw); len(raw) == 0 || string(raw) == "null" {
		return nil, nil
	}
	var head struct {
		APIVersion string            `json:"apiVersion"`
		Kind       string            `json:"kind"`
		Items      []json.RawMessage `json:"items"`
	}
	if err := json.Unmarshal(raw, &head); err != nil {
		return nil, fmt.Errorf("is no Kubernetes object: %w", err)
	}
	if head.Kind == "" || head.APIVersion == "" {
		return nil, errors.New("is no Kubernetes object: it has no apiVersion or no kind")
	}
	if strings.HasSuffix(head.Kind, "List") {
		var found []client.Object
		for i, item := range head.Items {
			objects, err := decode(decoder, item)
			if err != nil {
				return nil, fmt.Errorf("item %d: %w", i+1, err)
			}
			found = append(found, objects...)
		}
		return found, nil
	}
	if !strings.HasPrefix(head.APIVersion, v1alpha1.GroupVersion.Group+"/") {
		return nil, nil
	}
	object, _, err := decoder.Decode(raw, nil, nil)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", head.Kind, err)
	}
	return []client.Object{object.(client.Object)}, nil
}

// readObjects reads the objects of files, or of standard input for "-".
func readObjects(stdin io.Reader, paths ...string) ([]client.Object, error) {
	var found []client.Object
	for _, path := range paths {
		in := stdin
		if path != "-" {
			file, err := os.Open(path)
			if err != nil {
				return nil, err
			}
			defer func() { _ = file.Close() }()
			in = file
		}
		objects, err := decodeAll(in)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		found = append(found, objects...)
	}
	return found, nil
}

// fromFiles sorts out what files say about a tenant; with no name, about their only one.
func fromFiles(read []client.Object, name string) (*objects, error) {
	tenants := ofKind[v1alpha1.Tenant](read, "")
	var names []string
	var tenant *v1alpha1.Tenant
	for i := range tenants {
		names = append(names, tenants[i].Name)
		if name == "" || tenants[i].Name == name {
			tenant = &tenants[i]
		}
	}
	switch {
	case len(tenants) == 0:
		return nil, errors.New("the file holds no Tenant; add one")
	case tenant == nil:
		return nil, fmt.Errorf("the file holds no Tenant %s; it holds %s", name, strings.Join(names, ", "))
	case name == "" && len(tenants) > 1:
		return nil, fmt.Errorf("the file holds several tenants; say which: %s", strings.Join(names, ", "))
	}
	in := v1alpha1.NamespaceFor(tenant.Name)
	o := &objects{terms: ofKind[v1alpha1.ServiceTerms](read, ""), classes: facts.Classes{}, Sources: &facts.Sources{Tenant: tenant}}
	keepByName(o.classes, ofKind[v1alpha1.WorkplaceClass](read, ""), (*v1alpha1.WorkplaceClass).GetName)
	licenses := facts.Licenses{}
	keepByName(licenses, ofKind[v1alpha1.License](read, ""), (*v1alpha1.License).GetName)
	workplaces := ofKind[v1alpha1.Workplace](read, in)
	slices.SortFunc(workplaces, func(a, b v1alpha1.Workplace) int { return strings.Compare(a.Name, b.Name) })
	var theirs []v1alpha1.Workplace
	below, err := access.Covered(context.Background(), tenant, func(_ context.Context, reseller string) ([]v1alpha1.Tenant, error) {
		return naming(tenants, reseller), nil
	})
	if err != nil {
		return nil, err
	}
	for _, sub := range below {
		theirs = append(theirs, ofKind[v1alpha1.Workplace](read, v1alpha1.NamespaceFor(sub))...)
	}
	var account *v1alpha1.BillingAccount
	accounts := ofKind[v1alpha1.BillingAccount](read, "")
	for i := range accounts {
		if accounts[i].Name == tenant.Name {
			account = &accounts[i]
		}
	}
	o.Account, o.ResellerSuspended = facts.Seen(account), facts.Seen(coveredBefore(tenant))
	o.Suspensions = facts.Seen(ofKind[v1alpha1.Suspension](read, in))
	o.Charges, o.Notices = facts.Seen(ofKind[v1alpha1.Charge](read, in)), facts.Seen(ofKind[v1alpha1.Notice](read, in))
	o.Workplaces, o.Classes, o.Licenses = facts.Seen(workplaces), facts.Seen(o.classes), facts.Seen(licenses)
	o.Sessions = facts.Seen(ofKind[v1alpha1.SupportSession](read, in))
	o.Requests = facts.Seen(ofKind[v1alpha1.UserRequest](read, in))
	o.Homes = facts.Seen(facts.HomesOf(workplaces)) // claims are passed over
	o.Below, o.Unreported = facts.Seen(theirs), facts.Seen("")
	return o, nil
}

// ofKind returns the objects of a kind that were read, of a namespace if they say
// in which they are.
func ofKind[T any, P interface {
	*T
	client.Object
}](read []client.Object, namespace string) []T {
	var found []T
	for _, object := range read {
		in := object.GetNamespace()
		if wanted, ok := object.(P); ok && (in == "" || namespace == "" || in == namespace) {
			found = append(found, *wanted)
		}
	}
	return found
}
