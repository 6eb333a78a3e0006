// SPDX-License-Identifier: Apache-2.0

package controlplane

import "net"

// ports on the loopback interface on which a cluster listens.
type ports struct {
	etcd      int
	apiserver int
}

// freePorts returns ports that are free now. Somebody may take them before
// they are used; whoever uses them must be ready to try again with others.
func freePorts() (ports, error) {
	var found [2]int
	for i := range found {
		listener, err := net.Listen("tcp4", "127.0.0.1:0")
		if err != nil {
			return ports{}, err
		}
		defer listener.Close() // only at the end, so that all are different
		found[i] = listener.Addr().(*net.TCPAddr).Port
	}
	return ports{etcd: found[0], apiserver: found[1]}, nil
}
