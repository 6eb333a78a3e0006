#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds the images of the manager, the portal, the export and the reference desktop, and loads
# them into the kind cluster under the names that config/kind uses.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for program in manager portal export; do
  echo "building the image of the $program" >&2
  go run -C "$root/hack/image" . -root "$root" -version "$("$root/hack/version.sh")" -program "$program" -tag "docker.io/werkplek/$program:kind" -output "$work/$program.tar" >/dev/null
done
echo "building the image of the reference desktop" >&2
desktop=docker.io/werkplek/desktop:kind
if [ "$(id -u)" = 0 ] && [ -e /etc/debian_version ]; then
  go run -C "$root/hack/desktop" . -tag "$desktop" -output "$work/desktop.tar" >"$work/log" 2>&1 || { tail -20 "$work/log" >&2; exit 1; }
else
  docker build -q -t "$desktop" "$root/hack/desktop" >/dev/null
  docker save -o "$work/desktop.tar" "$desktop"
fi
"$root/hack/kind/kind.sh" load "$work"/*.tar
# The samples name the desktop as it would be in a provider's registry.
"$root/hack/kind/kind.sh" tag "$desktop" registry.example.com/werkplek/desktop:1
