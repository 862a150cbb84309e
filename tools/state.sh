#!/bin/sh
# No mutable file-scope variables: lists what the product's objects hold in
# .data or .bss, and exits 1 when there is something.
#
# usage: tools/state.sh [BUILD_FOLDER]    (built without sanitizers)
set -eu
cd "$(dirname "$0")/.."
build=${1:-build}
set -- "$build"/src/libfumikura_*.a
[ -e "$1" ] || { echo "state: $build is not built" >&2; exit 1; }
# the name of a file, then its symbols: FLAGS SECTION SIZE NAME
found=$(objdump -t "$@" | awk '
	/file format/ { file = $1 }
	$2 == "l" || $2 == "g" {
		if ($3 == "O" && ($4 == ".data" || $4 == ".bss"))
			print file ": " $NF " in " $4
	}')
[ -z "$found" ] || { echo "$found"; exit 1; }
