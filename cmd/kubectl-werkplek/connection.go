// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
	"werkplek.dev/werkplek/internal/version"
)

// connection says which cluster to ask, and by which clock.
type connection struct {
	rules     *clientcmd.ClientConfigLoadingRules
	overrides clientcmd.ConfigOverrides
	clock     clock.PassiveClock
	dial      func() (client.Client, string, error)
}

func newConnection(clock clock.PassiveClock) *connection {
	c := &connection{rules: clientcmd.NewDefaultClientConfigLoadingRules(), clock: clock}
	c.dial = c.connect
	return c
}

// bind adds kubectl's own flags about the cluster, with kubectl's names.
func (c *connection) bind(root *cobra.Command) {
	flags := root.PersistentFlags()
	flags.StringVar(&c.rules.ExplicitPath, "kubeconfig", c.rules.ExplicitPath, "path of the kubeconfig; default: as kubectl")
	flags.Lookup("kubeconfig").DefValue = "" // which rules may know already
	names := clientcmd.RecommendedConfigOverrideFlags("")
	names.ContextOverrideFlags.ClusterName.LongName = ""                                          // report verify has a --cluster of its own
	names.AuthOverrideFlags.Username.LongName, names.AuthOverrideFlags.Password.LongName = "", "" // kubectl has neither
	clientcmd.BindOverrideFlags(&c.overrides, flags, names)
	shown := []string{"kubeconfig", "context", "namespace"}
	flags.VisitAll(func(flag *pflag.Flag) { flag.Hidden = !slices.Contains(shown, flag.Name) })
	complete(root, "context", c.contexts)
	complete(root, "namespace", c.namespaces)
}

// namespace returns that of the flag, or else the kubeconfig's, as kubectl has it.
func (c *connection) namespace() (string, error) {
	name, _, err := c.config().Namespace()
	return name, err
}

func (c *connection) config() clientcmd.ClientConfig {
	return clientcmd.NewNonInteractiveDeferredLoadingClientConfig(c.rules, &c.overrides)
}

// open returns a client of the cluster, and the cluster's address.
func (c *connection) open() (client.Client, string, error) { return c.dial() }

func (c *connection) connect() (client.Client, string, error) {
	config, err := c.find()
	if err != nil {
		return nil, "", fmt.Errorf("find the cluster: %w", err)
	}
	config.QPS = -1
	config.UserAgent = version.Get().UserAgent("kubectl-werkplek")
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{v1alpha1.AddToScheme, corev1.AddToScheme, coordinationv1.AddToScheme} {
		if err := add(scheme); err != nil {
			return nil, "", err
		}
	}
	cluster, err := client.New(config, client.Options{Scheme: scheme})
	if err != nil {
		return nil, "", fmt.Errorf("reach the cluster: %w", err)
	}
	return cluster, config.Host, nil
}

// find reads the kubeconfig, and says in kubectl's words what is not in it.
func (c *connection) find() (*rest.Config, error) {
	config, err := c.config().ClientConfig()
	if err == nil {
		return config, nil
	}
	if clientcmd.IsEmptyConfig(err) {
		return nil, errors.New("no cluster is configured; set KUBECONFIG, or name a file with --kubeconfig")
	}
	if raw, fault := c.config().RawConfig(); fault == nil && c.overrides.CurrentContext != "" && raw.Contexts[c.overrides.CurrentContext] == nil {
		return nil, fmt.Errorf("%w; kubectl config get-contexts lists those there are", err)
	}
	return nil, err
}

// explain adds to an error what can be done about it.
func (c *connection) explain(err error) error {
	var network *net.OpError
	advice := ""
	switch {
	case meta.IsNoMatchError(err), apierrors.IsNotFound(err) && unknownKind(err):
		advice = "this cluster does not have Werkplek's API, or an older one: install it, or choose another with --context"
	case apierrors.IsUnauthorized(err):
		advice = "the cluster does not know who you are: sign in again, or choose other credentials with --context or --user"
	case apierrors.IsForbidden(err):
		advice = "ask an administrator for the role, such as werkplek-engineer; a contact of a tenant names its namespace with -n"
	case apierrors.IsTimeout(err), apierrors.IsServerTimeout(err), errors.Is(err, context.DeadlineExceeded):
		advice = "try again, or wait longer with --request-timeout"
	case errors.As(err, &network):
		advice = "check that the cluster runs and that this is the one: kubectl config view --minify"
	}
	if advice == "" {
		return err
	}
	return fmt.Errorf("%w; %s", err, advice)
}

// unknownKind reports whether what was not found is the kind itself, of which the
// API server says no name.
func unknownKind(err error) bool {
	var status apierrors.APIStatus
	if !errors.As(err, &status) {
		return false
	}
	details := status.Status().Details
	return details == nil || details.Name == ""
}

// pageSize is how many objects are held at a time.
const pageSize = 200

// pages lists objects a page at a time.
func pages(ctx context.Context, c client.Reader, list client.ObjectList, visit func() error, options ...client.ListOption) error {
	for next := ""; ; {
		if err := c.List(ctx, list, append(options, client.Limit(pageSize), client.Continue(next))...); err != nil {
			return err
		}
		if err := visit(); err != nil {
			return err
		}
		if next = list.GetContinue(); next == "" {
			return nil
		}
	}
}
