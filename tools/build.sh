#!/bin/sh
# Sets up a build folder where it is missing, and builds in it.
#
# usage: tools/build.sh gcc | clang | analyse | fuzz  all | product
#
#	gcc      build/          gcc, -O2, what people run
#	clang    build-asan/     clang, address and undefined-behaviour sanitizers
#	analyse  build-analyse/  gcc -fanalyzer
#	fuzz     build-fuzz/     clang, libFuzzer and the sanitizers
#
# product: the program and the libraries it is made of, without the tests.
set -eu
cd "$(dirname "$0")/.."

usage() {
	sed -n '2,11s/^# \{0,1\}//p' "$0" >&2
	exit 2
}

# setup FOLDER COMPILER OPTION...
setup() {
	folder=$1 compiler=$2
	shift 2
	[ -e "$folder/build.ninja" ] && return
	mkdir -p "$folder"
	CC=$compiler meson setup "$folder" "$@" >"$folder/setup.log" 2>&1 || {
		cat "$folder/setup.log" >&2
		exit 1
	}
}

product() {
	ninja -C "$1" -t targets all |
		sed -n -e 's/^\(fumikura\): .*/\1/p' \
		    -e 's/^\(src\/libfumikura_[a-z]*\.a\): .*/\1/p'
}

[ $# -eq 2 ] || usage
sanitize='-Db_lundef=false -Db_sanitize=address,undefined'
# one word an option
# shellcheck disable=SC2086
case $1 in
gcc)
	folder=build
	setup $folder gcc
	;;
clang)
	folder=build-asan
	setup $folder clang $sanitize
	;;
analyse)
	folder=build-analyse
	setup $folder gcc -Dc_args=-fanalyzer
	;;
fuzz)
	folder=build-fuzz
	setup $folder clang $sanitize -Dfuzz=true
	;;
*) usage ;;
esac
case $2 in
all) ninja -C $folder -k 0 ;;
product)
	# shellcheck disable=SC2046
	ninja -C $folder -k 0 $(product $folder)
	;;
*) usage ;;
esac
