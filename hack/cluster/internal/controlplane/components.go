// SPDX-License-Identifier: Apache-2.0

package controlplane

import (
	"fmt"

	"werkplek.dev/werkplek/hack/cluster/internal/assets"
	"werkplek.dev/werkplek/hack/cluster/internal/clusterdir"
)

// The components, by the names of their programs and logs.
const (
	etcd              = "etcd"
	apiserver         = "kube-apiserver"
	controllerManager = "kube-controller-manager"
	scheduler         = "kube-scheduler"
	kwok              = "kwok"
)

// serviceCIDR is where cluster IPs come from; see podCIDR for those of pods.
const serviceCIDR = "10.96.0.0/16"

// fast lifts the limits that a client of the API server sets itself; by
// default they, not what is being tested, decide how long things take.
var fast = []string{"--kube-api-qps=1000", "--kube-api-burst=1000"}

func etcdURL(p ports) string      { return fmt.Sprintf("https://127.0.0.1:%d", p.etcd) }
func apiserverURL(p ports) string { return fmt.Sprintf("https://127.0.0.1:%d", p.apiserver) }

// etcdArgs asks for certificates although it is all on one machine: whoever
// can reach etcd owns the cluster, and should a port be taken over by another
// cluster's etcd, the two must not mistake each other.
func etcdArgs(dir clusterdir.Dir, p ports) []string {
	// There is one member, so nobody connects to the peer port: any will do.
	const peerURL = "http://127.0.0.1:0"
	return []string{
		"--name=default",
		"--data-dir=" + dir.InState("etcd"),
		"--listen-client-urls=" + etcdURL(p),
		"--advertise-client-urls=" + etcdURL(p),
		"--listen-peer-urls=" + peerURL,
		"--initial-advertise-peer-urls=" + peerURL,
		"--initial-cluster=default=" + peerURL,
		"--client-cert-auth",
		"--trusted-ca-file=" + dir.InState(caFile),
		"--cert-file=" + dir.InState(etcdServing.cert),
		"--key-file=" + dir.InState(etcdServing.key),
		"--enable-grpc-gateway=false",
		"--unsafe-no-fsync", // the data does not outlive the process anyway
		"--quota-backend-bytes=4294967296",
		"--log-level=warn",
	}
}

func apiserverArgs(dir clusterdir.Dir, p ports, audit bool) []string {
	args := []string{
		"--bind-address=127.0.0.1",
		"--advertise-address=127.0.0.1", // else a machine without a network is refused
		fmt.Sprintf("--secure-port=%d", p.apiserver),
		"--tls-cert-file=" + dir.InState(apiserverServing.cert),
		"--tls-private-key-file=" + dir.InState(apiserverServing.key),

		"--etcd-servers=" + etcdURL(p),
		"--etcd-cafile=" + dir.InState(caFile),
		"--etcd-certfile=" + dir.InState(etcdClient.cert),
		"--etcd-keyfile=" + dir.InState(etcdClient.key),

		"--token-auth-file=" + dir.InState(tokensFile),
		"--authorization-mode=Node,RBAC",
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-key-file=" + dir.InState(serviceAccountKeyFile),
		"--service-account-signing-key-file=" + dir.InState(serviceAccountKeyFile),
		// Tokens expire when they say so, as on clusters set up with care.
		"--service-account-extend-token-expiration=false",

		"--service-cluster-ip-range=" + serviceCIDR,
		// A loopback address cannot be an endpoint of the kubernetes service.
		"--endpoint-reconciler-type=none",
		"--allow-privileged",
		"--max-requests-inflight=3000",
		"--max-mutating-requests-inflight=1000",
	}
	if audit {
		args = append(args,
			"--audit-policy-file="+dir.InState(auditPolicyFile),
			"--audit-log-path="+dir.AuditLog(),
			"--audit-log-maxsize=0", // one file: no rotation
		)
	}
	return args
}

func controllerManagerArgs(dir clusterdir.Dir) []string {
	return append([]string{
		"--kubeconfig=" + dir.InState(controllerManager+".kubeconfig"),
		"--leader-elect=false",
		"--secure-port=0",
		"--use-service-account-credentials",
		"--service-account-private-key-file=" + dir.InState(serviceAccountKeyFile),
		"--root-ca-file=" + dir.InState(caFile),
		"--enable-hostpath-provisioner=true",
		"--concurrent-deployment-syncs=20",
		"--concurrent-gc-syncs=50",
		"--concurrent-job-syncs=20",
		"--concurrent-namespace-syncs=50",
		"--concurrent-replicaset-syncs=20",
		"--concurrent-resource-quota-syncs=20",
		"--concurrent-service-endpoint-syncs=20",
		"--concurrent-statefulset-syncs=20",
	}, fast...)
}

func schedulerArgs(dir clusterdir.Dir) []string {
	return append([]string{
		"--kubeconfig=" + dir.InState(scheduler+".kubeconfig"),
		"--leader-elect=false",
		"--secure-port=0",
	}, fast...)
}

func kwokArgs(dir clusterdir.Dir, a assets.Assets) []string {
	return []string{
		"--kubeconfig=" + dir.InState(kwok+".kubeconfig"),
		"--config=" + a.Stages(),
		"--config=" + dir.InState(kwokConfigFile),
		"--manage-all-nodes=true",
	}
}

// kwokConfig has kwok start and end more than a few pods at a time. In a file
// like this one what is left out counts as zero, not as kwok's default.
const kwokConfig = `apiVersion: config.kwok.x-k8s.io/v1alpha1
kind: KwokConfiguration
options:
  nodeLeaseDurationSeconds: 40 # renewed, or the controller-manager takes the nodes for dead
  nodeLeaseParallelism: 4
  nodePlayStageParallelism: 4
  podPlayStageParallelism: 16
  podsOnNodeSyncParallelism: 4
`

// auditPolicy records who did what to which object, but not the probes.
const auditPolicy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: None
  nonResourceURLs: ["/healthz*", "/livez*", "/readyz*"]
- level: Metadata
`
