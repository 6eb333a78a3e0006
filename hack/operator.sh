#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs the operator in the background against a cluster, as its service account.
#   operator.sh up KUBECTL KUBECONFIG MANAGER DIR [manager flags...]
#   operator.sh down DIR
set -euo pipefail

stop() { # DIR
  local pid
  pid=$(cat "$1/pid" 2>/dev/null) || return 0
  if [ "$(cat "/proc/$pid/comm" 2>/dev/null || ps -o comm= -p "$pid" 2>/dev/null || true)" = manager ]; then
    kill "$pid" 2>/dev/null || true
    for _ in $(seq 100); do
      kill -0 "$pid" 2>/dev/null && ! grep -qs '^State:.*Z' "/proc/$pid/status" || break
      sleep 0.1
    done
    kill -9 "$pid" 2>/dev/null || true
  fi
  rm -f "$1/pid"
}

ready() { # asks with bash alone: a bare machine has no curl
  local line
  exec 3<>"/dev/tcp/127.0.0.1/${PROBES_PORT:-8481}" || return 1
  printf 'GET /readyz HTTP/1.0\r\n\r\n' >&3
  read -r line <&3 || true
  exec 3>&-
  [[ $line == *" 200 "* ]]
} 2>/dev/null

case $1 in
down)
  stop "$2"
  ;;
up)
  kubectl=$2 kubeconfig=$3 manager=$4 dir=$5
  shift 5
  mkdir -p "$dir"
  stop "$dir"
  # The manager must have no more than its role grants, on a laptop as well.
  umask 077
  token=$("$kubectl" --kubeconfig "$kubeconfig" -n werkplek-system create token werkplek-manager --duration=8760h)
  own=$dir/kubeconfig
  "$kubectl" --kubeconfig "$kubeconfig" config view --raw --flatten --minify >"$own"
  "$kubectl" --kubeconfig "$own" config set-credentials werkplek-manager --token="$token" >/dev/null
  "$kubectl" --kubeconfig "$own" config set-context --current --user=werkplek-manager >/dev/null
  KUBECONFIG=$own nohup "$manager" --metrics-bind-address="127.0.0.1:${METRICS_PORT:-8480}" \
    --health-probe-bind-address="127.0.0.1:${PROBES_PORT:-8481}" "$@" >"$dir/manager.log" 2>&1 </dev/null &
  echo $! >"$dir/pid"
  for _ in $(seq 300); do
    if ready; then exit 0; fi
    if ! kill -0 "$(cat "$dir/pid")" 2>/dev/null; then break; fi
    sleep 0.1
  done
  echo "the operator did not become ready; the end of $dir/manager.log:" >&2
  tail -20 "$dir/manager.log" >&2
  stop "$dir"
  exit 1
  ;;
*)
  echo "usage: $0 up KUBECTL KUBECONFIG MANAGER DIR [flags...] | down DIR" >&2
  exit 2
  ;;
esac
