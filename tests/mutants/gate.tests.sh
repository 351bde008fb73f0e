#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The hunt for mutants can fail: where the test that kills one is left out, and where a written one
# has lost its place in the source.
#   gate.tests.sh TEST_MUTANTS
set -uo pipefail
hunt=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
fail() {
  printf 'gate: %s\n%s\n' "$1" "$2" >&2
  exit 1
}

# expect CODE TEXT WHAT WORDS...
expect() {
  local code=0 output want=$1 text=$2 what=$3
  shift 3
  output=$("$hunt" "$@" 2>&1) || code=$?
  ((code == want)) || fail "$what ended with $code, not $want" "$output"
  grep -qF -- "$text" <<<"$output" || fail "$what does not tell \"$text\"" "$output"
}

name="share: the allowance is ignored"
expect 0 "| $name |" "one mutant and all tests" "$name"
expect 1 "failed: $name: LIVES" "one mutant without the test that kills it" "$name" \
  --tests "order passes right sessions"
printf -- '-1\tassertions/x.cpp\t0\twritten\tlost\ta\tb\n' >"$scratch/list.tsv"
expect 1 "failed: lost: ITS TEXT IS NOT IN assertions/x.cpp" "a mutant without a place" --list "$scratch/list.tsv"
expect 1 "no mutants" "a text that is in no name" "nowhere at all"
echo "the hunt can fail"
