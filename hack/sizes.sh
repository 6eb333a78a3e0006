#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Fails when git tracks a file of more than 1 MB: what is that large was built,
# and stays in everybody's clone for good once it is pushed.
set -euo pipefail

large=$(git ls-files -s | sed 's/^[0-9]* \([0-9a-f]*\) [0-9]*	/\1 /' |
  git cat-file --batch-check='%(objectsize) %(rest)' | awk '$1 > 1000000')
if [ -n "$large" ]; then
  echo "larger than 1 MB; take them out with git rm --cached, and name them in .gitignore:" >&2
  echo "$large" >&2
  exit 1
fi
