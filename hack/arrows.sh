#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Fails when a package imports what its room may not: see hack/arrows/rooms.go.
set -euo pipefail
cd "$(dirname "$0")/.."
exec go run ./hack/arrows
