// SPDX-License-Identifier: Apache-2.0

package controlplane

import (
	"context"
	"os"
	"path/filepath"

	"werkplek.dev/werkplek/hack/cluster/internal/apiclient"
)

// volumesDir is where the controller-manager's host path provisioner makes a
// directory for each volume. The path is fixed in its source.
const volumesDir = "/tmp/hostpath_pv"

// removeVolumes removes the directories of the volumes that still exist. Their
// claims would have taken them along, but nobody deletes the claims of a
// cluster that is stopped. Only empty directories go: no simulated pod writes.
func removeVolumes(ctx context.Context, client *apiclient.Client) {
	var list struct {
		Items []struct {
			Spec struct {
				HostPath struct{ Path string }
			}
		}
	}
	if err := client.Get(ctx, volumesPath, &list); err != nil {
		return // nothing worth failing for: what stays are empty directories
	}
	for _, item := range list.Items {
		if path := item.Spec.HostPath.Path; filepath.Dir(path) == volumesDir {
			_ = os.Remove(path)
		}
	}
}
