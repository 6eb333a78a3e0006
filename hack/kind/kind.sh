#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# A kind cluster with real nodes: kind.sh up | down | load <image.tar>... | tag <image> <name> | kubeconfig | route
#
# With a Docker engine that can pull kind's node image, that image is used. Where
# there is no engine, and this is Debian and we are root, one is installed and
# started; where there is no registry, a node image is built from Debian packages,
# releases of Kubernetes and Go modules. Both are kept in the cache.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/werkplek/kind
name=${KIND_CLUSTER:-werkplek}
node=$name-control-plane
kubeconfig=$cache/kubeconfig
homes=$cache/homes-$name

kind_version=v0.33.0
containerd_version=v2.4.2
local_path_version=v0.0.30
kubernetes_version=$(cd "$here/../kubernetes" && GOFLAGS=-mod=readonly go list -m -f '{{.Version}}' k8s.io/kubernetes)
# What kubeadm of this version asks for beside Kubernetes itself.
etcd_tag=3.6.8-0
pause_tag=3.10.2

say() { echo "kind: $*" >&2; }
fail() { say "$*"; exit 1; }

# modules builds programs of other modules into the cache, without cgo.
install_module() { # <name> <package@version> [go flags...]
  local program=$1 package=$2
  shift 2
  [ -x "$cache/bin/$program-${package##*@}" ] && return
  say "building $program ${package##*@}"
  local into
  into=$(mktemp -d)
  CGO_ENABLED=0 GOFLAGS= GOBIN=$into go install -ldflags "-s -w" "$@" "$package"
  mkdir -p "$cache/bin"
  mv "$into/$program" "$cache/bin/$program-${package##*@}"
  rmdir "$into"
}

kind() { KUBECONFIG=$kubeconfig "$cache/bin/kind-$kind_version" "$@"; }

# --- a Docker engine -----------------------------------------------------------

engine() {
  docker info >/dev/null 2>&1 && return
  [ "$(id -u)" = 0 ] && [ -e /etc/debian_version ] ||
    fail "no Docker engine answers. Start one; or run this as root on Debian, where it installs and starts one"
  if ! command -v dockerd >/dev/null; then
    say "installing a Docker engine"
    packages docker.io iptables
  fi
  say "starting the Docker engine"
  mkdir -p "$cache/engine"
  forget_dead "$cache/engine/pid" dockerd
  forget_dead /var/run/docker/containerd/containerd.pid containerd
  local options=()
  if ! may_raise_limits; then
    build_runtime
    options=(--add-runtime "werkplek=$cache/bin/werkplek-runtime" --default-runtime werkplek)
  fi
  # From a folder without binaries: containerd takes its shim from where it stands.
  (
    cd "$cache/engine"
    setsid dockerd --pidfile "$cache/engine/pid" "${options[@]}" >dockerd.log 2>&1 </dev/null &
  )
  for _ in $(seq 300); do
    docker info >/dev/null 2>&1 && return
    sleep 0.3
  done
  tail -20 "$cache/engine/dockerd.log" >&2
  fail "the Docker engine does not start; its log is $cache/engine/dockerd.log"
}

# forget_dead removes the pid file of a program that ended without doing so: its
# number may be another's by now.
forget_dead() { # <file> <program>
  local pid
  pid=$(cat "$1" 2>/dev/null) || return 0
  [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = "$2" ] || rm -f "$1"
}

packages() {
  local log=$cache/packages.log
  mkdir -p "$cache"
  { DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" ||
    { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@"; }; } >"$log" 2>&1 ||
    { tail -5 "$log" >&2; fail "cannot install $*; the log is $log"; }
}

# may_raise_limits reports whether root has CAP_SYS_RESOURCE (bit 24) here.
may_raise_limits() {
  local bounding
  bounding=$(awk '/^CapBnd/ {print $2}' /proc/self/status)
  [ $((0x$bounding >> 24 & 1)) = 1 ]
}

build_runtime() {
  mkdir -p "$cache/bin"
  (cd "$here" && CGO_ENABLED=0 GOFLAGS= go build -trimpath -ldflags "-s -w" -o "$cache/bin/werkplek-runtime" ./runtime)
}

# --- the node image ------------------------------------------------------------

# node_image prints the image to use: kind's own where it can be pulled.
node_image() {
  local own
  if [ -z "${KIND_BUILD_NODE:-}" ] && own=$(kind_default_image) && { docker image inspect "$own" >/dev/null 2>&1 || pull "$own"; }; then
    echo "$own"
    return
  fi
  local key tag
  key=$( { cat "$here"/node.Dockerfile "$here"/runtime/main.go "$here"/pause/main.go; find "$here/node" -type f | sort | xargs cat; echo "$kubernetes_version $containerd_version $local_path_version $etcd_tag $pause_tag"; } | sha256sum | cut -c1-16)
  tag=werkplek-node:$key
  if ! docker image inspect "$tag" >/dev/null 2>&1; then
    if [ -e "$cache/node-$key.tar" ]; then
      say "loading the node image"
      docker load -q -i "$cache/node-$key.tar" >/dev/null
    else
      build_node "$tag"
      rm -f "$cache"/node-*.tar
      docker save -o "$cache/node-$key.tar.partial" "$tag" && mv "$cache/node-$key.tar.partial" "$cache/node-$key.tar"
    fi
  fi
  echo "$tag"
}

# pull pulls an image, unless the registry has not even answered within seconds:
# what is built instead takes minutes, and who waits is to know at once.
pull() { # <image>
  local log=$cache/pull.log pulling
  mkdir -p "$cache"
  say "pulling ${1%@*}"
  timeout 600 docker pull "$1" >"$log" 2>&1 &
  pulling=$!
  for _ in $(seq 100); do
    if grep -q "Pulling from" "$log" || ! kill -0 $pulling 2>/dev/null; then
      ! wait $pulling || return 0
      say "${1%@*} cannot be pulled: $(tail -1 "$log")"
      return 1
    fi
    sleep 0.1
  done
  kill $pulling 2>/dev/null || true
  say "${1%@*} cannot be pulled: the registry has not answered for 10 seconds"
  return 1
}

# The image that this version of kind would take, without its digest.
kind_default_image() {
  local source
  source=$(GOFLAGS= go mod download -json "sigs.k8s.io/kind@$kind_version" | sed -n 's/.*"Dir": "\(.*\)".*/\1/p')
  sed -n 's/^const Image = "\(.*\)"/\1/p' "$source/pkg/apis/config/defaults/image.go"
}

build_node() {
  local tag=$1 work
  say "building a node image from Debian packages, releases of Kubernetes and Go modules: minutes the first time"
  command -v mmdebstrap >/dev/null || packages mmdebstrap
  install_module containerd "github.com/containerd/containerd/v2/cmd/containerd@$containerd_version" -tags "no_btrfs no_devmapper no_zfs"
  install_module containerd-shim-runc-v2 "github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2@$containerd_version" -tags "no_btrfs no_devmapper no_zfs"
  install_module ctr "github.com/containerd/containerd/v2/cmd/ctr@$containerd_version" -tags "no_btrfs no_devmapper no_zfs"
  install_module local-path-provisioner "github.com/rancher/local-path-provisioner@$local_path_version"
  build_runtime
  get_kubernetes
  work=$(mktemp -d)
  mkdir -p "$work/bin" "$work/images"
  say "gathering Debian packages"
  mmdebstrap --quiet --variant=minbase \
    --include=iproute2,iptables,conntrack,ethtool,socat,mount,kmod,procps,containernetworking-plugins,libseccomp2,ca-certificates,runc,busybox-static \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    bookworm "$work/rootfs.tar"
  say "assembling images"
  component "$work" "registry.k8s.io/kube-apiserver:$kubernetes_version" scratch kube-apiserver
  component "$work" "registry.k8s.io/kube-controller-manager:$kubernetes_version" scratch kube-controller-manager
  component "$work" "registry.k8s.io/kube-scheduler:$kubernetes_version" scratch kube-scheduler
  component "$work" "registry.k8s.io/etcd:$etcd_tag" scratch etcd
  component "$work" "registry.k8s.io/pause:$pause_tag" scratch pause
  component "$work" docker.io/werkplek/local-path-provisioner:kind scratch local-path-provisioner
  docker import "$work/rootfs.tar" werkplek-base >/dev/null
  component "$work" "registry.k8s.io/kube-proxy:$kubernetes_version" werkplek-base kube-proxy
  busybox "$work"
  docker save -o "$work/images/control-plane.tar" \
    "registry.k8s.io/kube-apiserver:$kubernetes_version" "registry.k8s.io/kube-controller-manager:$kubernetes_version" \
    "registry.k8s.io/kube-scheduler:$kubernetes_version" "registry.k8s.io/etcd:$etcd_tag" docker.io/werkplek/local-path-provisioner:kind
  docker save -o "$work/images/node.tar" \
    "registry.k8s.io/kube-proxy:$kubernetes_version" "registry.k8s.io/pause:$pause_tag" docker.io/werkplek/busybox:kind
  cp "$assets/kubelet" "$assets/kubeadm" "$assets/kubectl" "$work/bin/"
  for program in containerd containerd-shim-runc-v2 ctr; do
    cp "$cache/bin/$program-$containerd_version" "$work/bin/$program"
  done
  cp "$cache/bin/werkplek-runtime" "$work/bin/"
  echo "$kubernetes_version" >"$work/version"
  cp -r "$here/node" "$here/node.Dockerfile" "$work/"
  DOCKER_BUILDKIT=0 docker build -q -t "$tag" -f "$work/node.Dockerfile" "$work" >/dev/null
  rm -rf "$work"
}

# get_kubernetes downloads or builds the programs of a control plane and a node.
get_kubernetes() {
  (cd "$here/../cluster" && CGO_ENABLED=0 go build -trimpath -o "$cache/bin/cluster" .)
  # The images that kubeadm asks for, above, are those of the usual minor version.
  assets=$(env -u WERKPLEK_KUBERNETES "$cache/bin/cluster" assets -node -hack "$root/hack")
}

# component makes an image of one program.
component() { # <work> <tag> <base> <program>
  local work=$1/$4 tag=$2 base=$3 program=$4 source
  mkdir -p "$work"
  case $program in
    pause) (cd "$here" && CGO_ENABLED=0 GOFLAGS= go build -trimpath -ldflags "-s -w" -o "$work/pause" ./pause) ;;
    *)
      for source in "$assets/$program" "$cache/bin/$program-$local_path_version"; do
        [ -e "$source" ] && cp "$source" "$work/$program" && break
      done
      ;;
  esac
  [ -x "$work/$program" ] || fail "$program was not built"
  printf 'FROM %s\nCOPY %s /usr/local/bin/%s\nENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\nENTRYPOINT ["/usr/local/bin/%s"]\n' \
    "$base" "$program" "$program" "$program" >"$work/Dockerfile"
  DOCKER_BUILDKIT=0 docker build -q -t "$tag" "$work" >/dev/null
}

# busybox makes the image in which storage folders are made and removed.
busybox() {
  local work=$1/busybox tool
  mkdir -p "$work/bin"
  tar -xf "$1/rootfs.tar" -C "$work" --transform 's,^.*/,bin/,' ./bin/busybox 2>/dev/null || tar -xf "$1/rootfs.tar" -C "$work" --transform 's,^.*/,bin/,' ./usr/bin/busybox
  for tool in sh mkdir rm chmod chown ls cat mv cp sleep; do ln -sf busybox "$work/bin/$tool"; done
  printf 'FROM scratch\nCOPY bin /bin\nENV PATH=/bin\n' >"$work/Dockerfile"
  DOCKER_BUILDKIT=0 docker build -q -t docker.io/werkplek/busybox:kind "$work" >/dev/null
}

# --- the cluster ---------------------------------------------------------------

up() {
  install_module kind "sigs.k8s.io/kind@$kind_version"
  engine
  if [ -n "$(nodes)" ]; then
    say "the cluster $name exists"
    [ "$(nodes | wc -l)" = 3 ] || say "it has another number of nodes than three: run make kind-down first to have it made anew"
    # shellcheck disable=SC2046 # names are words
    docker start $(nodes) >/dev/null
    ready
  else
    create
  fi
  kind export kubeconfig --name "$name" --kubeconfig "$kubeconfig" >/dev/null 2>&1
  route
  say "kubeconfig: $kubeconfig"
}

create() {
  local image config=config.yaml
  image=$(node_image)
  case $image in kindest/*) config=config-own.yaml ;; esac
  mkdir -p "$homes"
  sed "s,@HOMES@,$homes," "$here/$config" >"$cache/$config"
  say "creating the cluster $name of $image"
  kind create cluster --name "$name" --image "$image" --config "$cache/$config" --wait 120s >&2 || {
    docker exec "$node" sh -c 'tail -30 /var/log/kubelet.log /var/log/containerd.log' >&2 2>/dev/null || true
    fail "the cluster was not created"
  }
  case $image in
    # Homes in the folder that all nodes have, as in the image that is built here.
    kindest/*) kubectl_inside -n local-path-storage patch configmap local-path-config --type=merge \
      -p '{"data":{"config.json":"{\"nodePathMap\": [], \"sharedFileSystemPath\": \"/var/local-path-provisioner\"}"}}' >/dev/null ;;
  esac
  ready
}

# nodes are the cluster's, the control plane first.
nodes() { docker ps -a --filter "label=io.x-k8s.kind.cluster=$name" --format '{{.Names}}' | sort; }

kubectl_inside() { docker exec "$node" kubectl --kubeconfig /etc/kubernetes/admin.conf "$@"; }

# ready waits for nodes that were started again, with their engine perhaps.
ready() {
  for _ in $(seq 200); do
    ! kubectl_inside wait --for=condition=Ready node --all --timeout=30s >/dev/null 2>&1 || return 0
    sleep 0.5
  done
  fail "a node does not become ready; look at docker exec $node tail -30 /var/log/kubelet.log, or run kind-down and kind-up"
}

# route lets this machine, and each node, reach pods by their address, as the network
# of the nodes does not by itself. Elsewhere than on Linux the engine runs in a machine
# of its own.
route() {
  local one other subnet address
  for one in $(nodes); do
    for _ in $(seq 100); do
      subnet=$(kubectl_inside get node "$one" -o 'jsonpath={.spec.podCIDR}')
      [ -z "$subnet" ] || break
      sleep 0.3
    done
    [ -n "$subnet" ] || fail "node $one has no pod network yet; run this again"
    address=$(docker inspect -f '{{.NetworkSettings.Networks.kind.IPAddress}}' "$one")
    for other in $(nodes); do
      [ "$one" = "$other" ] || docker exec "$other" ip route replace "$subnet" via "$address"
    done
    if [ "$(uname)" = Linux ] && [ "$(id -u)" = 0 ]; then
      ip route replace "$subnet" via "$address"
    fi
  done
}

load() {
  local tar one
  for tar in "$@"; do
    say "loading $(basename "$tar")"
    for one in $(nodes); do
      docker exec -i "$one" ctr -n k8s.io images import - <"$tar" >/dev/null 2>"$cache/load.log" || { cat "$cache/load.log" >&2; fail "cannot load $tar into $one"; }
    done
  done
}

tag() {
  local one
  for one in $(nodes); do
    docker exec "$one" ctr -n k8s.io images tag --force "$1" "$2" >/dev/null 2>"$cache/tag.log" || { cat "$cache/tag.log" >&2; fail "cannot name $1 $2 in $one"; }
  done
}

down() {
  if docker info >/dev/null 2>&1 && [ -x "$cache/bin/kind-$kind_version" ]; then
    kind delete cluster --name "$name" --kubeconfig "$kubeconfig" >&2 2>/dev/null || true
    rm -rf "$homes"
  fi
  forget_dead "$cache/engine/pid" dockerd
  if [ -e "$cache/engine/pid" ]; then
    say "stopping the Docker engine that was started here"
    local pid
    pid=$(cat "$cache/engine/pid")
    kill "$pid" 2>/dev/null || true
    # Until it has ended it answers, and would be taken for one that stays.
    for _ in $(seq 200); do
      kill -0 "$pid" 2>/dev/null || break
      sleep 0.3
    done
    rm -f "$cache/engine/pid"
  fi
}

case ${1:-} in
  up) up ;;
  down) down ;;
  load) shift; load "$@" ;;
  tag) shift; tag "$@" ;;
  kubeconfig) echo "$kubeconfig" ;;
  route) route ;;
  *) sed -n '4,4p' "$0" | cut -c3- >&2; exit 2 ;;
esac
