#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Fails when a package imports what its room may not: controllers import each
# other, a pure package a client, the API anything of ours.
set -euo pipefail

fail=0
forbid() { # packages, imports that they must not have (extended regexp), why
  local found
  found=$(go list -f '{{$p := .ImportPath}}{{range .Imports}}{{$p}} imports {{.}}{{"\n"}}{{end}}' "$1" | grep -E "imports ($2)" || true)
  if [ -n "$found" ]; then
    echo "$3:" >&2
    echo "$found" >&2
    fail=1
  fi
}

ours=werkplek.dev/werkplek
forbid ./api/... "$ours/(cmd|controllers|internal)" "the API imports nothing of ours"
for pure in terms forecast licensing desktop export notices outbox smtp; do
  forbid "./internal/$pure/..." "k8s.io/client-go|sigs.k8s.io/controller-runtime|$ours/(cmd|controllers)" "internal/$pure is pure"
done
for kind in controllers/*/; do
  kind=$(basename "$kind")
  [ "$kind" = internal ] && continue
  forbid "./controllers/$kind/..." "$ours/controllers/[^i]" "controllers meet through the API only"
done
forbid ./controllers/... "flag|$ours/cmd" "flags are read in cmd only"
exit $fail
