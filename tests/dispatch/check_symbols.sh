#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# check_symbols.sh NM FOLDER
#
# Each level's object in the folder defines its entry for others, and nothing else.
set -euo pipefail
nm=$1
objects=("$2"/lamina_dispatch_test_main_x86_64*.o)
[ ${#objects[@]} = 3 ] || { echo "three levels, but these objects: ${objects[*]}"; exit 1; }
for object in "${objects[@]}"; do
  symbols=$("$nm" -C --defined-only --extern-only "$object" | cut -d ' ' -f 3-)
  entry=$(basename "$object" .o)
  [ "$symbols" = "${entry#lamina_dispatch_test_}(int, char**)" ] || { printf '%s:\n%s\n' "$object" "$symbols"; exit 1; }
done
