// A local Kubernetes control plane for development and tests; see main.go.
module werkplek.dev/werkplek/hack/cluster

go 1.26.0
