// SPDX-License-Identifier: Apache-2.0

package controlplane

import (
	"context"
	"os"

	"werkplek.dev/werkplek/hack/cluster/internal/apiclient"
	"werkplek.dev/werkplek/hack/cluster/internal/clusterdir"
)

// Healthy returns nil when the API server of the cluster in dir says that it
// is ready. Anybody may ask that, so no token is needed.
func Healthy(ctx context.Context, dir clusterdir.Dir, ready clusterdir.Ready) error {
	caPEM, err := os.ReadFile(dir.InState(caFile))
	if err != nil {
		return err
	}
	return apiclient.New(ready.Server, caPEM, "").Get(ctx, "/readyz", nil)
}
