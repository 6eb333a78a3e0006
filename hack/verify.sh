#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Fails when generated files, formatting, imports, module files or the size of what
# is tracked are not what they should be. What is quick and needs no tool goes first.
set -euo pipefail

hack/sizes.sh
hack/arrows.sh
unformatted=$(gofmt -l api cmd controllers docs hack internal test)
if [ -n "$unformatted" ]; then
  echo "not formatted; run gofmt -w on:" >&2
  echo "$unformatted" >&2
  exit 1
fi
go mod tidy -diff

generated=(
  api/v1alpha1/zz_generated.deepcopy.go config/crd/bases config/rbac/role.yaml config/monitoring/prometheusrule.yaml docs/reference/api.md
  charts/werkplek docs/reference/chart.md
)
sums() { find "${generated[@]}" -type f -print0 | sort -z | xargs -0 cksum; }

before=$(sums)
"$1" -s generate
after=$(sums)
if [ "$before" != "$after" ]; then
  echo "generated files were out of date; they are right now, commit them:" >&2
  diff <(echo "$before") <(echo "$after") >&2 || true
  exit 1
fi
