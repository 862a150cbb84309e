#!/bin/sh
# No mutable file-scope variables: lists what the product's objects hold in
# .data or .bss besides what is named below, and exits 1 when there is some.
#
# usage: tools/state.sh [BUILD_FOLDER]    (built without sanitizers)
set -eu
cd "$(dirname "$0")/.."
build=${1:-build}

# OBJECT SYMBOL, and why
allowed='
base_json.c once	pthread_once, for the allocator of the library
store_sqlite.c once	pthread_once, for the settings of the library
base_mem.c fail_at	tests make the Nth allocation fail
base_mem.c made	counts them
'

set -- "$build"/src/libfumikura_*.a
[ -e "$1" ] || { echo "state: $build is not built" >&2; exit 1; }
found=$(objdump -t "$@" | awk -v allowed="$allowed" '
	BEGIN {
		rows = split(allowed, row, "\n")
		for (i = 1; i <= rows; i++) {
			split(row[i], word, /[ \t]+/)
			may[word[1] " " word[2]] = 1
		}
	}
	/file format/ {
		object = $1
		sub(/^.*\//, "", object)
		sub(/\.o:+$/, "", object)
	}
	/ O \.(data|bss)\t/ {
		symbol = $NF
		sub(/\.[0-9]+$/, "", symbol)
		if (!((object " " symbol) in may))
			print object ": " symbol " can change"
	}')
[ -z "$found" ] || { echo "$found"; exit 1; }
