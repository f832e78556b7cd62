#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# no_shared_functions.sh NM OBJECT OBJECT
#
# Of a function that both objects define weakly the linker keeps one, perhaps the one that the
# processor cannot run. None of lamina's may be among them.
set -euo pipefail
nm=$1
functions() { "$nm" -C --defined-only "$1" | sed -nE 's/^[0-9a-f]+ W //p' | sort -u; }

first=$(functions "$2")
second=$(functions "$3")
grep -q '^lamina::' <<<"$first$second" || { echo "no function of lamina in the objects"; exit 1; }
if [ "$(grep -o 'lamina::[a-z0-9_]*::Model' <<<"$first" | sort -u)" = \
     "$(grep -o 'lamina::[a-z0-9_]*::Model' <<<"$second" | sort -u)" ]; then
  echo "both objects are for one instruction set"
  exit 0
fi
shared=$(comm -12 <(echo "$first") <(echo "$second") | grep '^lamina::' || true)
if [ -n "$shared" ]; then
  printf 'both objects define:\n%s\n' "$shared"
  exit 1
fi
