#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# check.sh [--twin] SOURCE COMPILER [FLAGS...]
#
# SOURCE must not compile, and what the compiler says first must be what a reader needs; with --twin it
# must compile with -DTWIN. SOURCE announces what is expected in comment lines:
#   // expect: REGEX    an extended regular expression that the first error, with the lines that lead
#                       to it and the notes attached to it, matches (all of them, at least one)
#   // errors: N        how many errors there are in all
set -u
twin=
[ "$1" = --twin ] && twin=yes && shift
source=$1
shift
# The compiler's messages without the lines of source that it quotes.
compile() {
  local all status
  all=$(LC_ALL=C "$@" -fsyntax-only -fdiagnostics-color=never "$source" 2>&1)
  status=$?
  grep -vE '^ *[0-9]* \|' <<<"$all"
  return $status
}
fail() {
  printf '%s: %s\n--- the compiler said:\n%s\n' "$source" "$1" "$output"
  exit 1
}

output=$(compile "$@") && fail "must not compile, but does"

# Everything up to the second error, less the lines that lead to that one.
first=$(awk '
  / error: / && ++errors == 2 { exit }
  / (note|warning): | error: / { print held $0; held = ""; next }
  errors { held = held $0 "\n"; next }
  { print }
  END { if (errors < 2) printf "%s", held }' <<<"$output")
grep -q ' error: ' <<<"$first" || fail "fails without an error of the compiler"

expectations=0
while read -r regex; do
  expectations=$((expectations + 1))
  grep -qE -- "$regex" <<<"$first" || fail "the first error does not match: $regex"
done < <(sed -n 's|^// expect: *||p' "$source")
[ "$expectations" -gt 0 ] || fail "has no line '// expect: REGEX'"

errors=$(sed -n 's|^// errors: *||p' "$source")
counted=$(grep -c ' error: ' <<<"$output")
[ -z "$errors" ] || [ "$errors" = "$counted" ] || fail "$errors errors announced, $counted counted"

[ -z "$twin" ] || output=$(compile "$@" -DTWIN) || fail "the twin (-DTWIN) must compile, but does not"
