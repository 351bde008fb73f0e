#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Tests of ./parallax in a scratch checkout with stand-ins for cmake, ctest, npm and apt-get, so that
# they build nothing and install nothing. Usage: wrapper.tests.sh PATH-OF-THE-WRAPPER
set -uo pipefail
wrapper=$(readlink -f "$1")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
passed=0
failed=0

# check SENTENCE COMMAND...: the sentence holds when the command succeeds.
check() {
  local sentence=$1
  shift
  if "$@"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    printf 'FAILED: %s\n  command: %s\n' "$sentence" "$*"
    sed 's/^/  stderr: /' "$scratch/stderr" 2>/dev/null
  fi
}

stand_in() { # stand_in NAME: the script is on standard input.
  { printf '#!/usr/bin/env bash\n' && cat; } >"$tools/$1"
  chmod +x "$tools/$1"
}

# A checkout with one source, and tools that write down how they were called.
make_checkout() {
  checkout=$(mktemp -d "$scratch/checkout.XXXX")
  tools=$checkout.tools
  calls=$checkout.calls
  : >"$calls"
  mkdir -p "$tools" "$checkout"/{sim/core,sim/run/page,fault,assertions,scenarios}
  mkdir -p "$checkout"/build/{duckdb,node/node_modules,sdks/node_modules} "$checkout/tests/sdk"
  echo '{ "lock": 1 }' | tee "$checkout"/sim/run/page/package-lock.json \
    >"$checkout"/build/node/package-lock.json
  echo '{}' | tee "$checkout/tests/sdk/package.json" >"$checkout/sim/run/page/package.json"
  echo '{ "lock": 2 }' | tee "$checkout"/tests/sdk/package-lock.json \
    >"$checkout"/build/sdks/package-lock.json
  touch "$checkout"/{CMakeLists.txt,CMakePresets.json,README.md,sim/core/a.cpp}
  touch "$checkout"/build/duckdb/{duckdb.h,libduckdb.so}
  cp "$wrapper" "$checkout/parallax"
  stand_in cmake <<END
echo "cmake \$*" >>"$calls"
case \$1 in
  --preset) mkdir -p build/release && touch build/release/build.ninja
            echo "CMAKE_HOME_DIRECTORY:INTERNAL=$checkout" >build/release/CMakeCache.txt ;;
  --build)  [[ ! -e $checkout/broken ]] || { echo "a.cpp:1: error: no such thing"; exit 1; }
            printf '#!/bin/sh\necho "ran in \$(pwd):" "\$@"; exit 7\n' >"\$2/parallax"
            chmod +x "\$2/parallax"; [[ ! -e $checkout/slow ]] || sleep 1 ;;
esac
END
  stand_in ctest <<END
echo "ctest \$*" >>"$calls"
[[ ! -e $checkout/red ]] || exit 8
END
  stand_in npm <<END
echo "npm \$*" >>"$calls"
case \$1 in
  pack) tar -czf "\$PWD/x.tgz" -C "$checkout" sim ;;
  ci)   [[ ! -e $checkout/offline ]] && mkdir node_modules ;;
esac
END
  stand_in chromium </dev/null
  for name in fish zsh groff; do stand_in "$name" </dev/null; done
  stand_in ninja </dev/null
  stand_in apt-get <<END
echo "apt-get \$*" >>"$calls"
END
}

# run WORDS...: calls the wrapper; leaves `code`, $scratch/stdout and $scratch/stderr.
run() {
  PATH=$tools:$PATH "$checkout/parallax" "$@" >"$scratch/stdout" 2>"$scratch/stderr" </dev/null
  code=$?
}
says() { grep -qF -- "$2" "$scratch/$1"; }
called() { grep -qF -- "$1" "$calls"; }
never_called() { ! called "$1"; }
empty() { [[ ! -s $1 ]]; }
count() { [[ $(grep -cF -- "$2" "$calls") == "$1" ]]; }

make_checkout
cd "$scratch" || exit 1
run run a.json --seed 3
check "the first run configures the release preset" called "cmake --preset release"
check "the first run builds the binary alone" called "--target parallax"
check "the words and the exit code are those of the binary" [ "$code" = 7 ]
check "the binary runs where it was called, with the words" \
  says stdout "ran in $scratch: run a.json --seed 3"
check "progress goes to standard error" says stderr "parallax: building"

: >"$calls"
run --version
check "nothing is started when nothing changed" empty "$calls"
check "nothing is said when nothing changed" empty "$scratch/stderr"

ln -s "$checkout/parallax" "$scratch/link"
(cd / && PATH=$tools:$PATH "$scratch/link" hello >"$scratch/stdout" 2>"$scratch/stderr")
check "it finds its checkout through a symbolic link" says stdout "ran in /: hello"
check "a symbolic link starts no build either" empty "$calls"

touch -d '+1 minute' "$checkout/sim/core/a.cpp"
run
check "a changed source is built" count 1 "cmake --build"
check "a change does not configure again" never_called "--preset"
touch "$checkout/sim/core/a.cpp"
run # The stamp is now newer than every source.
: >"$calls"
touch -d '+1 minute' "$checkout/scenarios/mine.json"
run
check "a changed scenario starts no build" empty "$calls"
rm "$checkout/sim/core/a.cpp"
touch -d '+1 minute' "$checkout/sim/core"
run
check "a removed source is noticed" count 1 "cmake --build"

make_checkout
touch "$checkout/broken"
run run a.json
check "a failed build ends with 3" [ "$code" = 3 ]
check "a failed build shows the compiler's error" says stderr "a.cpp:1: error: no such thing"
rm "$checkout/broken"
run run a.json
check "after a failed build the next call builds again" [ "$code" = 7 ]

moved=$checkout.moved
mv "$checkout" "$moved"
: >"$calls"
checkout=$moved
run
check "a moved checkout is configured anew" called "cmake --preset release --fresh"

make_checkout
run test -R core
check "test builds everything" called "--target all"
check "test hands its words to ctest" called "-R core"
check "test passes when ctest does" [ "$code" = 0 ]
touch "$checkout/red"
run test
check "test ends with 1 when a test failed" [ "$code" = 1 ]

make_checkout
rm -r "$checkout/build/duckdb"
DUCKDB_ROOT='' PARALLAX_NO_INSTALL=1 run
if echo '#include <duckdb.h>' | c++ -x c++ -E - >/dev/null 2>&1; then
  echo "skipped: this system has a DuckDB of its own"
else
  check "PARALLAX_NO_INSTALL ends with 4 when something is missing" [ "$code" = 4 ]
  check "PARALLAX_NO_INSTALL names what is missing" says stderr "missing: DuckDB's C library"
  check "PARALLAX_NO_INSTALL installs nothing" empty "$calls"
  DUCKDB_ROOT='' run
  check "DuckDB is fetched by its pinned version" called "npm pack --loglevel=error @duckdb/node-bindings"
  check "a package with another SHA-256 is refused" says stderr "is not the one pinned"
  check "a refused package leaves no DuckDB behind" [ ! -e "$checkout/build/duckdb" ]
  check "a refused package ends with 4" [ "$code" = 4 ]
fi

make_checkout
echo '{ "lock": 2 }' >"$checkout/sim/run/page/package-lock.json"
PARALLAX_NO_INSTALL=1 run
check "packages of another lock file are missing" says stderr "missing: the report page's npm packages"
check "without them and without leave to install it ends with 4" [ "$code" = 4 ]
touch "$checkout/offline"
run
check "packages that cannot be fetched end with 4" [ "$code" = 4 ]
check "packages that cannot be fetched leave the old ones" grep -q 1 "$checkout/build/node/package-lock.json"
rm "$checkout/offline"
run
check "the page's packages are installed without running scripts of theirs" \
  called "npm ci --ignore-scripts"
check "the installed packages are those of the lock file" \
  cmp -s "$checkout/sim/run/page/package-lock.json" "$checkout/build/node/package-lock.json"
check "with the page's packages it builds" [ "$code" = 7 ]

make_checkout
rm -r "$checkout/build/sdks"
run --help
check "whoever runs no tests needs no SDKs of vendors" [ ! -e "$checkout/build/sdks" ]
run test
check "the tests fetch the SDKs that their lock file names" \
  cmp -s "$checkout/tests/sdk/package-lock.json" "$checkout/build/sdks/package-lock.json"

make_checkout
rm "$tools/chromium"
pathless=$scratch/pathless
mkdir "$pathless"
for name in bash env readlink find mkdir flock sed c++ mktemp rm cmp mv touch chmod cat; do
  ln -s "$(command -v "$name" || echo /bin/false)" "$pathless/$name"
done
PATH=$tools:$pathless PARALLAX_NO_INSTALL=1 "$checkout/parallax" test >/dev/null 2>"$scratch/stderr"
check "the tests want a browser, and name its package" says stderr "chromium"
PATH=$tools:$pathless PARALLAX_NO_INSTALL=1 "$checkout/parallax" run >/dev/null 2>"$scratch/stderr"
check "running wants no browser" bash -c "! grep -q chromium '$scratch/stderr'"

make_checkout
rm "$tools/ninja"
bare=$scratch/bare
mkdir "$bare"
for name in bash env readlink find mkdir flock sed c++ mktemp rm apt-get; do
  ln -s "$(command -v "$name" || echo /bin/false)" "$bare/$name"
done
PATH=$tools:$bare PARALLAX_NO_INSTALL=1 "$checkout/parallax" >/dev/null 2>"$scratch/stderr"
check "a missing command is named by its Debian package" says stderr "ninja-build"

make_checkout
touch "$checkout/slow"
PATH=$tools:$PATH "$checkout/parallax" one >/dev/null 2>&1 &
PATH=$tools:$PATH "$checkout/parallax" two >/dev/null 2>&1
wait
check "two calls at once build once" count 1 "cmake --build"

printf 'wrapper: %d passed, %d failed\n' "$passed" "$failed"
((failed == 0))
