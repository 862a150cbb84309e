#!/bin/sh
# clang-tidy over the product's own C, one file per process, two at a time.
#
# usage: tools/tidy.sh [BUILD_FOLDER [FILE...]]    (build-asan: clang's own
#        flags; without files: every .c of src that the build compiles)
set -eu
cd "$(dirname "$0")/.."
build=${1:-build-asan}
[ $# -eq 0 ] || shift
[ -e "$build/compile_commands.json" ] || {
	echo "tidy: no $build/compile_commands.json: build it first" >&2
	exit 1
}

compiled() {
	python3 - "$build" <<-'PYTHON'
	import json, os, sys
	build = sys.argv[1]
	with open(build + "/compile_commands.json") as commands:
	    for command in json.load(commands):
	        path = os.path.relpath(os.path.join(build, command["file"]))
	        if path.startswith("src/"):
	            print(path)
	PYTHON
}

if [ $# -gt 0 ]; then printf '%s\n' "$@"; else compiled; fi | sort -u |
	xargs -n 1 -P 2 clang-tidy --quiet -p "$build" 2>"$build/tidy.err" || {
	grep -v 'warnings generated' "$build/tidy.err" >&2 || true
	exit 1
}
