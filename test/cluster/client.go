// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"werkplek.dev/werkplek/api/v1alpha1"
)

// Manager is the username of the operator in the cluster.
const Manager = "system:serviceaccount:werkplek-system:werkplek-manager"

// Scheme returns a new scheme with the kinds of Kubernetes, of Werkplek, and
// CustomResourceDefinition.
func Scheme() *runtime.Scheme {
	scheme := runtime.NewScheme()
	utilruntime.Must(clientgoscheme.AddToScheme(scheme))
	utilruntime.Must(apiextensionsv1.AddToScheme(scheme))
	utilruntime.Must(v1alpha1.AddToScheme(scheme))
	return scheme
}

// As returns a client that acts as a user. A service account's own groups are
// added when none are given.
func (c *Cluster) As(user string, groups ...string) client.Client {
	as, err := client.New(c.ConfigAs(user, groups...), client.Options{Scheme: c.Client.Scheme(), Mapper: c.Client.RESTMapper()})
	if err != nil {
		panic(err) // the configuration is that of a client that works
	}
	return as
}

// ConfigAs returns a configuration with which to act as a user.
func (c *Cluster) ConfigAs(user string, groups ...string) *rest.Config {
	config := rest.CopyConfig(c.Config)
	config.Impersonate = rest.ImpersonationConfig{UserName: user, Groups: groups}
	return config
}
