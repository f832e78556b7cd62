#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# check_levels.sh PROGRAM
#
# Each level that this processor has runs, the highest unless told otherwise, and others are refused.
set -euo pipefail
program=$1
export LAMINA_QUIET=1

# has FLAG...: whether the processor has all of them
has() {
  local flag
  for flag in "$@"; do
    grep -qE "^flags.* $flag( |$)" /proc/cpuinfo || return 1
  done
}

fail() { echo "$*"; exit 1; }

# runs LEVEL NAME [FLAG...]
runs() {
  local level=$1 name=$2 said
  shift 2
  if has "$@"; then
    said=$(LAMINA_ISA=$level "$program" argument)
    [ "$said" = "$name, learns, argument" ] || fail "$level: $said"
    best=$name
  else
    refused "$level"
  fi
}

# refused LEVEL
refused() {
  local said
  if said=$(LAMINA_ISA=$1 "$program" 2>&1); then
    fail "$1 is not refused: $said"
  fi
  grep -q "^lamina: LAMINA_ISA in the environment is '$1', .* Name one of x86-64" <<<"$said" || fail "$1: $said"
  echo "$said"
}

runs x86-64 SSE2
runs x86-64-v3 "AVX2 + FMA" avx2 fma bmi1 bmi2 f16c movbe abm
runs x86-64-v4 AVX-512 avx512f avx512bw avx512cd avx512dq avx512vl
refused avx2

said=$(env -u LAMINA_ISA "$program")
[ "$said" = "$best, learns" ] || fail "without LAMINA_ISA: $said, and not $best"
