// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"fmt"
	"time"
)

// patience is for slow machines; usually it takes half a minute.
const patience = 3 * time.Minute

// Wait returns when the node and everything that Kubernetes runs on it is ready.
func (c Cluster) Wait(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	waits := [][]string{
		{"get", "--raw", "/readyz"},
		{"wait", "--for=condition=Ready", "node", "--all", "--timeout=10s"},
		{"wait", "--for=condition=Available", "deployment", "--all", "--all-namespaces", "--timeout=10s"},
	}
	for _, wait := range waits {
		if err := c.retry(ctx, wait); err != nil {
			return fmt.Errorf("the cluster %s is not ready after %s; look at it with KUBECONFIG=%s (%w)", c.Name, patience, c.Kubeconfig(), err)
		}
	}
	return nil
}

// retry repeats a question until the answer is good: a node that starts again
// refuses connections at first.
func (c Cluster) retry(ctx context.Context, args []string) error {
	for {
		_, err := c.kubectl(ctx, args...)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(500 * time.Millisecond):
		}
	}
}
