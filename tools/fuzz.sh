#!/bin/bash
# Runs each fuzz target for a while on inputs of its own making, beginning
# with fuzz/corpus. What it finds is left in build-fuzz/found/NOUN, and new
# inputs in build-fuzz/corpus/NOUN; take what is worth keeping into fuzz/corpus.
#
# usage: tools/fuzz.sh SECONDS [NOUN...]
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:?usage: tools/fuzz.sh SECONDS [NOUN...]}
shift
tools/build.sh fuzz all

fuzz_one() {
	local noun=$1
	local new=build-fuzz/corpus/$noun found=build-fuzz/found/$noun
	mkdir -p "$new" "$found"
	if "build-fuzz/fuzz/fuzz_$noun" -max_total_time="$seconds" \
	    -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
	    -artifact_prefix="$found/" "$new" "fuzz/corpus/$noun" \
	    >"$found/log" 2>&1; then
		echo "ok      fuzz_$noun: $(sed -n \
		    's/^stat::number_of_executed_units: *//p' "$found/log") runs"
	else
		echo "FAILED  fuzz_$noun: $found/log"
		return 1
	fi
}
export -f fuzz_one
export seconds

if [ $# -eq 0 ]; then
	for source in fuzz/fuzz_*.c; do
		noun=${source#fuzz/fuzz_}
		set -- "$@" "${noun%.c}"
	done
fi
printf '%s\n' "$@" | xargs -P 2 -I{} bash -c 'fuzz_one "$1"' - {}
