#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes the resources of the Prometheus operator from the plain rules files.
set -euo pipefail
cd "$(dirname "$0")/../config/monitoring"

{
  echo "# SPDX-License-Identifier: Apache-2.0"
  echo "# Made from the files of rules by \"make generate\"."
  for file in rules/*.yaml; do
    cat <<RESOURCE
---
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: werkplek-$(basename "$file" .yaml)
  namespace: werkplek-system
  labels: {app.kubernetes.io/name: werkplek}
spec:
RESOURCE
    sed -e '/^#/d' -e 's/^./  &/' "$file"
  done
} >prometheusrule.yaml
