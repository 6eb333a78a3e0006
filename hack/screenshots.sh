#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Draws the portal's example pages into docs/images/portal, with Chromium.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
"$root/hack/kind/browser.sh"
pages=$(mktemp -d)
trap 'rm -rf "$pages"' EXIT
(cd "$root" && go test -count=1 ./internal/portal/pages -run TestWriteExamples -write "$pages" >/dev/null)
mkdir -p "$root/docs/images/portal"

# draw <page> <height> [picture] [flags...]
draw() {
  local page=$1 height=$2 picture=${3:-$1}
  shift 2
  [ $# = 0 ] || shift
  "${CHROMIUM:-/usr/bin/chromium}" --headless --no-sandbox --hide-scrollbars --disable-gpu --allow-file-access-from-files \
    --user-data-dir="$pages/profile" --window-size="1000,$height" "$@" \
    --screenshot="$root/docs/images/portal/$picture.png" "file://$pages/$page.html" >/dev/null 2>&1
  echo "docs/images/portal/$picture.png"
}

draw welcome.en 560
draw workplaces.en 1080
draw starting.en 640
draw starting-fails.en 640
draw denied-suspended.en 640
draw denied-suspended-contact.en 860
draw organisation.en 1240
draw organisation-suspended.en 1660
draw users.en 760
draw request-user.en 1180
draw block.en 900
draw change.en 1180
draw remove.en 900
draw requests.en 1130
draw request-user-from-mail.en 1360
draw signed-out.en 620
draw support.en 1640
draw workplaces.nl 1080
draw organisation-suspended.nl 1660 organisation-suspended.nl.dark --blink-settings=preferredColorScheme=0
