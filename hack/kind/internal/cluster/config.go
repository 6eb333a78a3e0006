// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"bytes"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"text/template"
)

// DefaultPods is kind's own choice.
const DefaultPods = "10.244.0.0/16"

// CheckPods accepts the networks that can be given to pods: the node takes the
// first /24 of it.
func CheckPods(network string) error {
	prefix, err := netip.ParsePrefix(network)
	if err != nil || !prefix.Addr().Is4() || prefix.Bits() != 16 || prefix.Masked() != prefix {
		return fmt.Errorf("-pods=%s: want an IPv4 network like %s", network, DefaultPods)
	}
	return nil
}

// Options of a new cluster.
type Options struct {
	Image string
	Own   bool // the image is one that we built, not kind's
	Pods  string
	Ports Ports
}

// A node image built here has a network of its own, no systemd, and runs where
// kubelet would otherwise refuse to: with cgroups of version 1, and with swap.
var configTemplate = template.Must(template.New("config").Parse(`kind: Cluster
apiVersion: kind.x-k8s.io/v1alpha4
networking:
  podSubnet: {{.Pods}}
{{- if .Own}}
  disableDefaultCNI: true
{{- end}}
nodes:
- role: control-plane
{{- if .Ports}}
  extraPortMappings:
{{- range .Ports}}
  - {hostPort: {{.Host}}, containerPort: {{.Node}}, listenAddress: 127.0.0.1}
{{- end}}
{{- end}}
{{- if .Own}}
  kubeadmConfigPatches:
  - |
    kind: KubeletConfiguration
    apiVersion: kubelet.config.k8s.io/v1beta1
    failCgroupV1: false
    failSwapOn: false
    cgroupDriver: cgroupfs
    cgroupRoot: /
{{- end}}
`))

func (o Options) config() ([]byte, error) {
	var text bytes.Buffer
	err := configTemplate.Execute(&text, o)
	return text.Bytes(), err
}

// Port is one of the node's that this machine listens on for it.
type Port struct{ Host, Node uint16 }

// Ports is a flag that may be repeated.
type Ports []Port

// String is for the flag package.
func (p *Ports) String() string {
	var words []string
	for _, port := range *p {
		words = append(words, fmt.Sprintf("%d:%d", port.Host, port.Node))
	}
	return strings.Join(words, " ")
}

// Set reads PORT or HOSTPORT:NODEPORT.
func (p *Ports) Set(text string) error {
	host, node, both := strings.Cut(text, ":")
	if !both {
		node = host
	}
	var port Port
	for _, part := range []struct {
		text string
		to   *uint16
	}{{host, &port.Host}, {node, &port.Node}} {
		number, err := strconv.ParseUint(part.text, 10, 16)
		if err != nil || number == 0 {
			return fmt.Errorf("want PORT or HOSTPORT:NODEPORT")
		}
		*part.to = uint16(number)
	}
	*p = append(*p, port)
	return nil
}
