#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs Chromium where it is missing and can be: as root on Debian.
set -euo pipefail
[ ! -x "${CHROMIUM:-/usr/bin/chromium}" ] || exit 0
if [ "$(id -u)" != 0 ] || [ ! -e /etc/debian_version ]; then
  echo "e2e: there is no Chromium at ${CHROMIUM:-/usr/bin/chromium}; install one, or name it in CHROMIUM" >&2
  exit 1
fi
echo "e2e: installing Chromium" >&2
log=$(mktemp)
{ DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends chromium fonts-dejavu-core ||
  { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends chromium fonts-dejavu-core; }; } >"$log" 2>&1 ||
  { tail -5 "$log" >&2; echo "e2e: cannot install Chromium; the log is $log" >&2; exit 1; }
rm -f "$log"
