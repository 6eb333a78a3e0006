// SPDX-License-Identifier: Apache-2.0

// Package trail names objects in the log, in one way for all that write to it:
// events are gone after an hour, and what is left is what the log says.
package trail

import (
	"context"
	"reflect"

	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"
)

// Leave writes a line about what was done to an object, and why.
func Leave(ctx context.Context, done string, object client.Object, why string) {
	log.FromContext(ctx).Info(done, "object", Of(object), "why", why)
}

// Of returns an object's kind, namespace and name, as in Pod/tenant-jansen/desk-anna.
func Of(object client.Object) string {
	if object.GetNamespace() == "" {
		return Kind(object) + "/" + object.GetName()
	}
	return Kind(object) + "/" + object.GetNamespace() + "/" + object.GetName()
}

// Kind returns the word for an object's kind. That of its type is there also
// where the API server has left it out.
func Kind(object client.Object) string {
	if kind := object.GetObjectKind().GroupVersionKind().Kind; kind != "" {
		return kind
	}
	return reflect.TypeOf(object).Elem().Name()
}
