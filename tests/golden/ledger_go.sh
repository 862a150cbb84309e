#!/bin/sh
# Goal of this test: a verifier that shares no code with us, written in Go on
# golang.org/x/mod, finds our trees and proofs right, and changed ones wrong.
#
#	ledger_go.sh LEDGER_MAKE [SOURCE_ROOT]
set -eu
make=$1
root=${2:-$(cd "$(dirname "$0")/../.." && pwd)}
if ! command -v go >/dev/null || [ ! -d /usr/share/gocode/src/golang.org/x/mod ]; then
	echo "skipped: needs golang-go and golang-golang-x-mod-dev"
	exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$root/tools/verifier" &&
	HOME=$work GOCACHE=$work/cache GOPATH=/usr/share/gocode \
	GO111MODULE=off GOFLAGS= go build -o "$work/verifier" .)

fails() {
	if "$@" >"$work/out" 2>&1; then
		echo "not found: $*"
		exit 1
	fi
}

flip() {
	printf '\377' | dd of="$1" bs=1 seek="$2" conv=notrunc 2>"$work/dd"
}

for entries in 0 1 255 256 257 70000; do
	dir=$work/$entries
	mkdir "$dir"
	"$make" "$dir" "$entries"
	key=@$dir/tree/vkey
	"$work/verifier" tree "$key" "$dir/tree"
	for proof in "$dir"/*.tlog-proof; do
		[ -e "$proof" ] || continue
		"$work/verifier" proof "$key" "$proof" "${proof%.tlog-proof}" >"$work/out"
		fails "$work/verifier" proof "$key" "$proof" "$0"
	done
done

dir=$work/70000
flip "$dir/tree/tile/entries/017" 300
fails "$work/verifier" tree "$key" "$dir/tree"
dir=$work/257
flip "$dir/tree/tile/1/000.p/1" 3
fails "$work/verifier" tree "@$dir/tree/vkey" "$dir/tree"
dir=$work/256
flip "$dir/tree/checkpoint" 30
fails "$work/verifier" tree "@$dir/tree/vkey" "$dir/tree"
echo "the independent verifier agrees"
