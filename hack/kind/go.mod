// What a kind cluster is made of where neither a Docker engine nor a registry is at hand.
module werkplek.dev/werkplek/hack/kind

go 1.26
