// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strings"

	"werkplek.dev/werkplek/hack/kind/internal/run"
)

// CheckPorts fails if a node that is there does not listen on wanted ports:
// they are settled when it is made.
func (c Cluster) CheckPorts(ctx context.Context, wanted Ports) error {
	if len(wanted) == 0 {
		return nil
	}
	bound, err := run.Command{}.Output(ctx, "docker", "inspect", "-f",
		`{{range $port, $at := .HostConfig.PortBindings}}{{range $at}}{{.HostPort}}:{{$port}} {{end}}{{end}}`, c.Node())
	if err != nil {
		return err
	}
	for _, port := range wanted {
		if !strings.Contains(" "+bound+" ", fmt.Sprintf(" %d:%d/tcp ", port.Host, port.Node)) {
			return fmt.Errorf("the cluster %s was made without port %d:%d; remove it first (make kind-down), ports cannot be added", c.Name, port.Host, port.Node)
		}
	}
	return nil
}

// Route lets processes of this machine reach pods by their address, through the
// node. Elsewhere than on Linux the engine runs in a machine of its own, to
// which there is no way.
func (c Cluster) Route(ctx context.Context) error {
	if runtime.GOOS != "linux" {
		c.Say("pods cannot be reached by their address on this system; use ports")
		return nil
	}
	pods, via, err := c.addresses(ctx)
	if err != nil {
		return err
	}
	present, err := gateway(ctx, pods)
	if err != nil {
		return err
	}
	if present == via {
		return nil
	}
	if other := owner(ctx, present); other != "" {
		return fmt.Errorf("pods of %s have addresses of %s too: remove one of the clusters, or make this one with another -pods", other, pods)
	}
	command := []string{"route", "replace", pods, "via", via}
	if os.Geteuid() != 0 {
		c.Say("to reach pods by their address: sudo ip %s", strings.Join(command, " "))
		return nil
	}
	c.Say("pods have addresses of %s, by way of %s", pods, via)
	return run.Command{}.Run(ctx, "ip", command...)
}

// unroute removes the route; that one which leads nowhere harms nobody but the
// next cluster, whose route replaces it.
func (c Cluster) unroute(ctx context.Context) {
	if runtime.GOOS != "linux" || os.Geteuid() != 0 {
		return
	}
	via, err := c.address(ctx)
	if err != nil || via == "" {
		return
	}
	routes, err := run.Command{}.Output(ctx, "ip", "-4", "route", "show", "via", via)
	if err != nil {
		return
	}
	for line := range strings.SplitSeq(routes, "\n") {
		if network, _, _ := strings.Cut(line, " "); strings.HasSuffix(network, "/24") {
			_ = run.Command{}.Run(ctx, "ip", "route", "del", network, "via", via)
		}
	}
}

// addresses are the network of the node's pods and the address of the node.
func (c Cluster) addresses(ctx context.Context) (pods, via string, err error) {
	if pods, err = c.kubectl(ctx, "get", "node", c.Node(), "-o", "jsonpath={.spec.podCIDR}"); err != nil {
		return "", "", err
	}
	if via, err = c.address(ctx); err != nil {
		return "", "", err
	}
	if pods == "" || via == "" {
		return "", "", fmt.Errorf("the node has no network for pods (%q) or no address (%q); start it again", pods, via)
	}
	return pods, via, nil
}

func (c Cluster) address(ctx context.Context) (string, error) {
	return run.Command{}.Output(ctx, "docker", "inspect", "-f", "{{.NetworkSettings.Networks.kind.IPAddress}}", c.Node())
}

// gateway is where packets for a network are sent now, if there is a route.
func gateway(ctx context.Context, network string) (string, error) {
	routes, err := run.Command{}.Output(ctx, "ip", "-4", "route", "show", "exact", network)
	if err != nil {
		return "", err
	}
	words := strings.Fields(routes)
	for i, word := range words {
		if word == "via" && i+1 < len(words) {
			return words[i+1], nil
		}
	}
	return "", nil
}

// owner is the running node of another cluster that has an address.
func owner(ctx context.Context, address string) string {
	if address == "" {
		return ""
	}
	nodes, err := run.Command{}.Output(ctx, "docker", "network", "inspect", "kind", "-f", "{{range .Containers}}{{.Name}} {{.IPv4Address}}\n{{end}}")
	if err != nil {
		return ""
	}
	for line := range strings.SplitSeq(nodes, "\n") {
		name, at, _ := strings.Cut(strings.TrimSpace(line), " ")
		if ip, _, _ := strings.Cut(at, "/"); ip == address {
			return name
		}
	}
	return ""
}
