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

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/forecast"
	"werkplek.dev/werkplek/internal/terms"
)

// fromCluster reads everything from which a tenant's future follows.
func fromCluster(ctx context.Context, c client.Reader, name string) (*forecast.Objects, error) {
	o := &forecast.Objects{Tenant: &v1alpha1.Tenant{}, Account: &v1alpha1.BillingAccount{}, Classes: terms.Classes{}, Licenses: terms.Licenses{}}
	if err := c.Get(ctx, client.ObjectKey{Name: name}, o.Tenant); err != nil {
		if apierrors.IsNotFound(err) {
			return nil, fmt.Errorf("there is no Tenant %s; kubectl get tenants lists those there are", name)
		}
		return nil, err
	}
	if err := c.Get(ctx, client.ObjectKey{Name: name}, o.Account); apierrors.IsNotFound(err) {
		o.Account = nil
	} else if err != nil {
		return nil, err
	}
	in := client.InNamespace(v1alpha1.NamespaceFor(name))
	var (
		all         v1alpha1.ServiceTermsList
		suspensions v1alpha1.SuspensionList
		charges     v1alpha1.ChargeList
		notices     v1alpha1.NoticeList
		workplaces  v1alpha1.WorkplaceList
		sessions    v1alpha1.SupportSessionList
		requests    v1alpha1.UserRequestList
		classes     v1alpha1.WorkplaceClassList
		licenses    v1alpha1.LicenseList
	)
	for _, read := range []struct {
		list client.ObjectList
		keep func()
		in   []client.ListOption
	}{
		{&all, func() { o.Terms = append(o.Terms, all.Items...) }, nil},
		{&classes, func() { keepByName(o.Classes, classes.Items, (*v1alpha1.WorkplaceClass).GetName) }, nil},
		{&licenses, func() { keepByName(o.Licenses, licenses.Items, (*v1alpha1.License).GetName) }, nil},
		{&suspensions, func() { o.Suspensions = append(o.Suspensions, suspensions.Items...) }, []client.ListOption{in}},
		{&charges, func() { o.Charges = append(o.Charges, charges.Items...) }, []client.ListOption{in}},
		{&notices, func() { o.Notices = append(o.Notices, notices.Items...) }, []client.ListOption{in}},
		{&workplaces, func() { o.Workplaces = append(o.Workplaces, workplaces.Items...) }, []client.ListOption{in}},
		{&sessions, func() { o.Sessions = append(o.Sessions, sessions.Items...) }, []client.ListOption{in}},
		{&requests, func() { o.Requests = append(o.Requests, requests.Items...) }, []client.ListOption{in}},
	} {
		if err := pages(ctx, c, read.list, func() error { read.keep(); return nil }, read.in...); err != nil {
			return nil, err
		}
	}
	return o, nil
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
func fromFiles(objects []client.Object, name string) (*forecast.Objects, error) {
	o := &forecast.Objects{Classes: terms.Classes{}, Licenses: terms.Licenses{}}
	var tenants []string
	for _, object := range objects {
		if tenant, ok := object.(*v1alpha1.Tenant); ok {
			tenants = append(tenants, tenant.Name)
			if name == "" || tenant.Name == name {
				o.Tenant = tenant
			}
		}
	}
	switch {
	case len(tenants) == 0:
		return nil, errors.New("the file holds no Tenant; add one")
	case o.Tenant == nil:
		return nil, fmt.Errorf("the file holds no Tenant %s; it holds %s", name, strings.Join(tenants, ", "))
	case name == "" && len(tenants) > 1:
		return nil, fmt.Errorf("the file holds several tenants; say which: %s", strings.Join(tenants, ", "))
	}
	namespace := v1alpha1.NamespaceFor(o.Tenant.Name)
	for _, object := range objects {
		if in := object.GetNamespace(); in != "" && in != namespace {
			continue
		}
		switch object := object.(type) {
		case *v1alpha1.BillingAccount:
			if object.Name == o.Tenant.Name {
				o.Account = object
			}
		case *v1alpha1.ServiceTerms:
			o.Terms = append(o.Terms, *object)
		case *v1alpha1.Suspension:
			o.Suspensions = append(o.Suspensions, *object)
		case *v1alpha1.Charge:
			o.Charges = append(o.Charges, *object)
		case *v1alpha1.Notice:
			o.Notices = append(o.Notices, *object)
		case *v1alpha1.Workplace:
			o.Workplaces = append(o.Workplaces, *object)
		case *v1alpha1.SupportSession:
			o.Sessions = append(o.Sessions, *object)
		case *v1alpha1.UserRequest:
			o.Requests = append(o.Requests, *object)
		case *v1alpha1.WorkplaceClass:
			o.Classes[object.Name] = object
		case *v1alpha1.License:
			o.Licenses[object.Name] = object
		}
	}
	slices.SortFunc(o.Workplaces, func(a, b v1alpha1.Workplace) int { return strings.Compare(a.Name, b.Name) })
	return o, nil
}
