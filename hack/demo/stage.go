// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/yaml"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
)

const patience = 3 * time.Minute

// stage is the cluster, and what the story remembers between chapters.
type stage struct {
	client client.Client
	before census
	homes  map[string]string // claim name to UID, before the suspension
	since  string            // date of the unpaid invoice
}

func newStage(context.Context) (*stage, error) {
	config, err := ctrl.GetConfig()
	if err != nil {
		return nil, fmt.Errorf("find the cluster (run make up, or set KUBECONFIG): %w", err)
	}
	config.QPS = -1
	scheme := runtime.NewScheme()
	if err := errors.Join(clientgoscheme.AddToScheme(scheme), v1alpha1.AddToScheme(scheme)); err != nil {
		return nil, err
	}
	c, err := client.New(config, client.Options{Scheme: scheme})
	return &stage{client: c}, err
}

// apply applies every object of a sample file, as kubectl apply --server-side does.
func (s *stage) apply(ctx context.Context, file string) error {
	data, err := os.ReadFile(filepath.Join("config", "samples", file))
	if err != nil {
		return fmt.Errorf("%w (run the demo from the root of the source tree)", err)
	}
	decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(data), 4096)
	for {
		object := &unstructured.Unstructured{}
		if err := decoder.Decode(object); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		if len(object.Object) == 0 {
			continue
		}
		if err := s.client.Apply(ctx, client.ApplyConfigurationFromUnstructured(object), client.FieldOwner("demo"), client.ForceOwnership); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		say("applied %s %s", object.GetKind(), object.GetName())
	}
}

// wait polls until the check passes, and reports what was still wrong if it does not.
func wait(ctx context.Context, what string, check func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	for {
		err := check(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s, waited %s: %w", what, patience, err)
		case <-ticker.C:
		}
	}
}
