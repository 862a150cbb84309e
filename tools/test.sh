#!/bin/bash
# Runs the steps of a set, each to its end whatever the others did, and closes
# with the line "N passed, N failed". Logs are in build/steps/STEP.log.
#
# usage: tools/test.sh all | more | lints | stories | bench
#
#	all      the build and its tests on SQLite and PostgreSQL, lints, packs,
#	         stories, every action, faults
#	more     the same, sanitizers, analysers, browser, a thousand kills
#	lints    what needs no tests to run
set -uo pipefail
cd "$(dirname "$0")/.."
root=$PWD
steps=$root/build/steps
jobs=$(nproc)
scratch=

# step NAME COUNTER COMMAND...: COUNTER prints "passed failed skipped" after
# the command, or is - for a step that counts as one.
step() {
	local name=$1 counter=$2 begun=$SECONDS status=0 counts
	shift 2
	"$@" >"$steps/$name.log" 2>&1 </dev/null || status=$?
	if [ "$counter" = - ] || ! counts=$($counter "$name" 2>&1); then
		counts="$((status == 0)) $((status != 0)) 0"
	elif [ $status -ne 0 ] && [[ $counts == *' 0 '* ]]; then
		# it failed, yet no test did
		counts=$(awk '{ print $1, 1, $3 }' <<<"$counts")
	fi
	echo "$counts $((SECONDS - begun))" >"$steps/$name.tally"
	if [ $status -eq 0 ]; then
		echo "ok      $name ($((SECONDS - begun)) s)"
	else
		echo "FAILED  $name ($((SECONDS - begun)) s)"
		tail -n 60 "$steps/$name.log" | sed "s/^/    $name: /"
	fi
	return $status
}

count_gcc() { tools/tally.py meson build/meson-logs/testlog.json; }
count_asan() { tools/tally.py meson build-asan/meson-logs/testlog.json; }
count_tap() { tools/tally.py tap "$steps/$1.log"; }

# The closing line that the step's own program prints.
count_line() {
	grep -E '^[0-9]+ passed, [0-9]+ failed' "$steps/$1.log" | tail -n 1 |
		awk '{ print $1, $3, $5 + 0 } END { exit NR == 0 }'
}

# A PostgreSQL of its own for each lane; FUMIKURA_TEST_PG names it.
with_postgresql() {
	local dir=$scratch/$1 status=0
	shift
	FUMIKURA_TEST_PG=$(tools/pg-for-tests.sh start "$dir") || return 1
	export FUMIKURA_TEST_PG
	"$@" || status=$?
	tools/pg-for-tests.sh stop "$dir"
	return $status
}

with_holidays() {
	tools/holidays.sh build >/dev/null || return 1
	HOLIDAY_JP=$root/build/holidays.tsv "$@"
}

meson_tests() {
	meson test -C "$1" --no-rebuild --print-errorlogs \
		--num-processes "$jobs" --timeout-multiplier "$2"
}

sanitized_tests() {
	export ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1
	export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
	meson_tests build-asan 5
}

packs() {
	local pack status=0
	for pack in packs/*/; do
		build/fumikura pack check "$pack" || status=1
	done
	return $status
}

browser() {
	node tests/browser/run.mjs
}

# A fresh demonstration, that the steps below copy.
demonstration() {
	build/fumikura demo --residents 40 "$scratch/demo" || return 1
}

# A script that colleagues write, or a clear word that it is missing.
script() {
	[ -x "$1" ] || { echo "$1 is not there yet"; return 1; }
	"$@"
}

lint_steps() {
	step layers - tools/layers.py
	step style - tools/style.py
	step headers - tools/style.py --headers
	step state - tools/state.sh build
	step scripts - tools/scripts.sh
}

# What speaks to a running product; one demonstration is made for all. The
# stories take as long as all the rest, which goes on beside them.
played() {
	local beside
	step demonstration - demonstration &&
		export FUMIKURA_DEMO=$scratch/demo
	played_beside &
	beside=$!
	stories
	wait "$beside"
}

played_beside() {
	step every-action count_line with_postgresql every-action \
		script tests/story/every_action.py
	step openapi count_line node tests/browser/openapi.mjs
	step found count_line with_postgresql found \
		script tests/story/found.py
	step pack-change count_line script tests/story/pack_change.py
	step restore count_line with_postgresql restore \
		script tests/story/restore.py
	step faults count_line with_postgresql faults \
		script tests/story/faults.py
}

gcc_lane() {
	step tests-gcc count_gcc with_postgresql gcc with_holidays \
		meson_tests build 2
	played
	step browser count_line browser
}

asan_lane() {
	lint_steps
	step packs - packs
	step tests-asan count_asan with_postgresql asan with_holidays \
		sanitized_tests
	step analyse - tools/build.sh analyse product
	step tidy - tools/tidy.sh build-asan
	step many-kills - many_kills
}

# What has been seen to pass from its beginning to its end.
all() {
	step build-gcc - tools/build.sh gcc all
	lint_steps
	step packs - packs
	step tests-gcc count_gcc with_postgresql gcc with_holidays \
		meson_tests build 2
	played
}

# The same and the rest: sanitizers, analyser, browser.
more() {
	step build-gcc - tools/build.sh gcc all
	step build-clang - tools/build.sh clang all
	gcc_lane &
	local lane=$!
	asan_lane
	wait $lane
}

# Kills that no run before had: the seed is new each time, and told.
many_kills() {
	local seed
	seed=$(od -An -N7 -tu8 /dev/urandom | tr -d ' ')
	echo "keeper_crash 1000 $seed"
	timeout 3600 build/tests/keeper_crash 1000 "$seed"
}

stories() {
	step stories count_line with_postgresql stories \
		script tests/story/run.sh
}

bench() {
	[ -x tests/load/bench.sh ] || {
		echo "bench: tests/load/bench.sh is not there yet" >&2
		exit 1
	}
	exec tests/load/bench.sh
}

clean_up() {
	local dir
	[ -n "$scratch" ] || return
	for dir in "$scratch"/*/; do
		[ ! -e "$dir/data" ] || tools/pg-for-tests.sh stop "$dir"
	done
	rm -rf "$scratch"
}

main() {
	mkdir -p "$steps"
	rm -f "$steps"/*.tally
	# short, so that a socket's path fits, and open to user postgres
	scratch=$(mktemp -d /tmp/fumikura-test.XXXXXX)
	chmod 755 "$scratch"
	trap clean_up EXIT
	trap 'exit 130' INT TERM
	"$1"
	tools/tally.py sum "$steps"
}

case ${1:-} in
all) main all ;;
more) main more ;;
lints) main lint_steps ;;
stories) main stories ;;
bench) bench ;;
*)
	sed -n '2,10s/^# \{0,1\}//p' "$0" >&2
	exit 2
	;;
esac
