#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# compile_time.sh COMPILER [FLAGS...]
#
# Describing and checking the networks of three DCGANs (examples/common/networks/dcgan.hpp) takes less than half a
# second of the compiler's time on top of the standard headers that lamina/shapes.hpp includes. Best of five.
set -u
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d) || exit 1
trap 'rm -r "$folder"' EXIT

# milliseconds FILE COMPILER [FLAGS...]: user and system time of compiling FILE
milliseconds() {
  local file=$1 best=1000000 user system now TIMEFORMAT='%U %S'
  shift
  for _ in 1 2 3 4 5; do
    { time "$@" -fsyntax-only "$file" >"$folder/said" 2>&1 || touch "$folder/failed"; } 2>"$folder/time"
    [ -e "$folder/failed" ] && cat "$folder/said" && exit 1
    read -r user system <"$folder/time"
    now=$((10#${user//./} + 10#${system//./}))
    [ "$now" -lt "$best" ] && best=$now
  done
  echo "$best"
}

echo '#include "lamina/shapes.hpp"' >"$folder/all.cpp"
echo "#include \"$here/../examples/common/networks/dcgan.hpp\"" >"$folder/dcgan.cpp"
# The standard headers among all that are included, as they are written in lamina's own headers.
headers=$("$@" -M "$folder/all.cpp" | tr -s ' \\' '\n\n' | grep '/lamina/.*[.]hpp$') || exit 1
# shellcheck disable=SC2086  # one path a word
grep -hoE '^#include <[a-z_]+>' $headers | sort -u >"$folder/standard.cpp"
[ -s "$folder/standard.cpp" ] || { echo "found no standard header"; exit 1; }

standard=$(milliseconds "$folder/standard.cpp" "$@") || { echo "$standard"; exit 1; }
dcgan=$(milliseconds "$folder/dcgan.cpp" "$@") || { echo "$dcgan"; exit 1; }
echo "standard headers $standard ms, three DCGANs $dcgan ms: $((dcgan - standard)) ms more"
[ "$((dcgan - standard))" -lt 500 ]
