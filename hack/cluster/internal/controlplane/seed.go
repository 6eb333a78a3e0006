// SPDX-License-Identifier: Apache-2.0

package controlplane

import (
	"context"
	"errors"
	"fmt"
	"runtime"

	"werkplek.dev/werkplek/hack/cluster/internal/apiclient"
)

// MaxNodes is how many simulated nodes there are addresses for.
const MaxNodes = 2048

type object = map[string]any

// Paths of what is created and waited for.
const (
	nodesPath          = "/api/v1/nodes"
	volumesPath        = "/api/v1/persistentvolumes"
	storageClassesPath = "/apis/storage.k8s.io/v1/storageclasses"
	storageClassName   = "standard"
	defaultAccountPath = "/api/v1/namespaces/default/serviceaccounts/default"
)

// seed creates what a fresh control plane lacks to run pods with volumes.
func seed(ctx context.Context, client *apiclient.Client, nodes int) error {
	if err := client.Create(ctx, storageClassesPath, storageClass()); err != nil {
		return err
	}
	for i := range nodes {
		if err := client.Create(ctx, nodesPath, node(i)); err != nil {
			return err
		}
	}
	return nil
}

// storageClass is the default; the controller-manager itself provisions for it.
func storageClass() object {
	return object{
		"apiVersion": "storage.k8s.io/v1",
		"kind":       "StorageClass",
		"metadata": object{
			"name":        storageClassName,
			"annotations": object{"storageclass.kubernetes.io/is-default-class": "true"},
		},
		"provisioner":          "kubernetes.io/host-path",
		"volumeBindingMode":    "WaitForFirstConsumer",
		"reclaimPolicy":        "Delete",
		"allowVolumeExpansion": true,
	}
}

// node is the i-th simulated node. It has room for everything: what does not
// get scheduled has another reason than this cluster's size.
func node(i int) object {
	name := fmt.Sprintf("node-%d", i+1)
	resources := object{"cpu": "1000", "memory": "4Ti", "pods": "2000", "ephemeral-storage": "10Ti"}
	return object{
		"apiVersion": "v1",
		"kind":       "Node",
		"metadata": object{
			"name": name,
			"labels": object{
				"kubernetes.io/hostname": name,
				"kubernetes.io/os":       "linux",
				"kubernetes.io/arch":     runtime.GOARCH,
				"type":                   "kwok",
			},
		},
		"spec": object{"podCIDR": podCIDR(i), "podCIDRs": []string{podCIDR(i)}},
		"status": object{
			"capacity":    resources,
			"allocatable": resources,
			"addresses": []object{
				{"type": "InternalIP", "address": nodeIP(i)},
				{"type": "Hostname", "address": name},
			},
			"nodeInfo": object{"architecture": runtime.GOARCH, "operatingSystem": "linux"},
		},
	}
}

// podCIDR is the i-th /20 of 10.128.0.0/9: more addresses than a node may have
// pods, so that no two pods in the cluster share one.
func podCIDR(i int) string {
	return fmt.Sprintf("10.%d.%d.0/20", 128+i/16, i%16*16)
}

// nodeIP is an address of 10.64.0.0/16.
func nodeIP(i int) string {
	return fmt.Sprintf("10.64.%d.%d", i/250, i%250+1)
}

// usable returns nil once the cluster has all that a namespaced workload needs.
func usable(ctx context.Context, client *apiclient.Client, nodes int) error {
	// Created by the controller-manager, with the namespace it is in.
	if err := client.Get(ctx, defaultAccountPath, nil); err != nil {
		return err
	}
	if err := client.Get(ctx, storageClassesPath+"/"+storageClassName, nil); err != nil {
		return err
	}
	if nodes == 0 {
		return nil
	}
	return nodesReady(ctx, client)
}

// nodesReady returns nil once all nodes are ready and the controller-manager
// has taken the taints from them that new nodes have.
func nodesReady(ctx context.Context, client *apiclient.Client) error {
	var list struct {
		Items []struct {
			Metadata struct{ Name string }
			Spec     struct{ Taints []object }
			Status   struct {
				Conditions []struct{ Type, Status string }
			}
		}
	}
	if err := client.Get(ctx, nodesPath, &list); err != nil {
		return err
	}
	if len(list.Items) == 0 {
		return errors.New("there are no nodes")
	}
	for _, item := range list.Items {
		ready := false
		for _, condition := range item.Status.Conditions {
			ready = ready || condition.Type == "Ready" && condition.Status == "True"
		}
		if !ready || len(item.Spec.Taints) > 0 {
			return fmt.Errorf("node %s is not ready", item.Metadata.Name)
		}
	}
	return nil
}
