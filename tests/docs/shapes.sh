#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# shapes.sh PAGE COMPILER [FLAGS...]
#
# The first block of C++ in PAGE is a program that prints the block behind it; all its blocks, one after the other,
# compile; and with the page's mistake in it the compiler says what the page says.
set -u
page=$1
shift
folder=$(mktemp -d) || exit 1
trap 'rm -r "$folder"' EXIT
fail() {
  printf '%s: %s\n' "$page" "$1"
  exit 1
}

# block NUMBER: the lines of the NUMBERth fenced block; without a number, of all that are C++.
block() {
  awk -v wanted="${1:-0}" '
    /^```/ && inside { inside = 0; next }
    /^```/ { inside = 1; number++; cpp = $0 == "```cpp"; next }
    inside && (wanted ? number == wanted : cpp)' "$page"
}

block 1 >"$folder/program.cpp"
"$@" "$folder/program.cpp" -o "$folder/program" || fail "the program does not compile"
"$folder/program" >"$folder/printed" || fail "the program fails"
block 2 | diff - "$folder/printed" || fail "the program prints something else"

block >"$folder/all.cpp"
"$@" -fsyntax-only "$folder/all.cpp" || fail "the blocks do not compile"

sed 's/Conv2d<32, 64, 4/Conv2d<31, 64, 4/' "$folder/program.cpp" >"$folder/wrong.cpp"
LC_ALL=C "$@" -fsyntax-only -fdiagnostics-color=never "$folder/wrong.cpp" 2>"$folder/said" &&
  fail "31 for 32 compiles"
# Without the folders and the line numbers.
sed -n -E 's|^.*(lamina/model/diagnosis.hpp):[0-9:]*:? (error: .*)|\1: \2|p' "$folder/said" >"$folder/errors"
[ -s "$folder/errors" ] || fail "31 for 32 is an error without a sentence"
while read -r line; do
  grep -qxF -- "$line" "$page" || fail "the compiler says: $line"
done <"$folder/errors"
