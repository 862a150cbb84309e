#!/bin/sh
# bench.sh: the figures of docs/performance.md in one run, into build/bench.json.
#
# Builds the product and the load programs, then has bench.py measure. What it
# prints:
#
#	setting NAME VALUE
#	figure NAME VALUE UNIT
#	ratio NAME VALUE
#
#	BENCH_SECONDS  length of each run (6)       BENCH_RECORDS  (100000)
#	BENCH_ROUNDS   at most, two at least (3)    BENCH_BUDGET   seconds (540)
#	BENCH_BINARY   a program built already; nothing is built then
#	BENCH_DEMO     a demonstration to copy, instead of making one
#	BENCH_ONLY     of "import read pg append verify decide april", what to run
set -eu
cd "$(dirname "$0")/../.."
if [ -z "${BENCH_BINARY:-}" ]; then
	tools/build.sh gcc product >&2
	ninja -C build tests/append_load tests/ledger_load tests/decide_load \
		tests/read_load >&2
	BENCH_BINARY=$PWD/build/fumikura
fi
export BENCH_BINARY
exec python3 tests/load/bench.py
