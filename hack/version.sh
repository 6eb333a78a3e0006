#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Says which version the tree is: its tag, or what follows its last tag, in the form that
# charts and module proxies take too. Without a history there is nothing to say.
set -euo pipefail
cd "$(dirname "$0")/.."
git rev-parse --verify -q HEAD >/dev/null 2>&1 || exit 0
git describe --tags --match 'v[0-9]*' --dirty 2>/dev/null && exit 0
dirty=$(git diff-index --quiet HEAD -- || echo -dirty)
echo "v0.0.0-$(git rev-list --count HEAD)-g$(git rev-parse --short=12 HEAD)$dirty"
