#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The gate on instruction counts passes on its own table, and fails on a dearer stage, on a cheaper
# one, on a stage that the table does not know and on one that is gone.
# usage: instructions.tests.sh REPOSITORY BUILD
set -uo pipefail
cd "$1" || exit 3
export BUILD=$2
stage=journey/emit
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failures=0

# expect CODE WORD SENTENCE EDIT: the gate on the table as EDIT (an awk program) leaves it.
expect() {
  local code=0
  awk -F'\t' -v OFS='\t' "$4" bench/instructions.tsv >"$scratch/table.tsv"
  TABLE=$scratch/table.tsv bench/instructions "$stage" >"$scratch/out" 2>&1 || code=$?
  if ((code != $1)) || ! grep -q -- "$2" "$scratch/out"; then
    echo "FAILED: $3 (exit code $code)"
    cat "$scratch/out"
    failures=$((failures + 1))
  fi
}

expect 0 '%' "the table as committed passes" '1'
expect 1 'costs more' "a stage that costs 5 % more fails" '$1 == "journey/emit" { $2 = int($2 / 1.05) } 1'
expect 1 'costs less' "a stage that costs 5 % less fails" '$1 == "journey/emit" { $2 = int($2 * 1.06) } 1'
expect 1 'not in the table' "a stage that the table does not know fails" '$1 != "journey/emit"'

code=0
bench/instructions no/such >"$scratch/out" 2>&1 || code=$?
if ((code != 4)); then
  echo "FAILED: an unknown stage is refused (exit code $code)"
  failures=$((failures + 1))
fi
((failures == 0)) && echo "5 checks hold"
exit $((failures > 0))
