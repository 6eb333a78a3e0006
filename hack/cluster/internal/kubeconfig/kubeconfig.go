// SPDX-License-Identifier: Apache-2.0

// Package kubeconfig renders a kubeconfig for one user of one cluster.
package kubeconfig

import (
	"encoding/base64"
	"fmt"
)

// Config is what a client needs to reach the cluster as one user.
type Config struct {
	Server string // https URL
	CAPEM  []byte
	Token  string
}

// name of the cluster, the user and the context in the file.
const name = "werkplek-local"

const layout = `apiVersion: v1
kind: Config
current-context: %[1]s
clusters:
- name: %[1]s
  cluster:
    server: %[2]q
    certificate-authority-data: %[3]s
users:
- name: %[1]s
  user:
    token: %[4]q
contexts:
- name: %[1]s
  context:
    cluster: %[1]s
    user: %[1]s
    namespace: default
`

// Render returns the file's content. It refers to no other file, so it works
// from any directory and can be copied.
func (c Config) Render() []byte {
	ca := base64.StdEncoding.EncodeToString(c.CAPEM)
	return fmt.Appendf(nil, layout, name, c.Server, ca, c.Token)
}
