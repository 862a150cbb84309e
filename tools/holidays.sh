#!/bin/sh
# Makes build/holidays.tsv, "date<TAB>name" a line, from the npm data set
# @holiday-jp/holiday_jp. tests/unit/test_holidays.c reads it by HOLIDAY_JP.
#
# usage: tools/holidays.sh [BUILD_FOLDER]
set -eu

version=2.5.1
cd "$(dirname "$0")/.."
build=${1:-build}
out=$build/holidays.tsv

mkdir -p "$build/npm"
npm install --silent --no-audit --no-fund --no-save --ignore-scripts \
	--prefix "$build/npm" "@holiday-jp/holiday_jp@$version"

node -e '
const holidays = require(process.argv[1]);
for (const date of Object.keys(holidays).sort())
	console.log(date + "\t" + holidays[date].name);
' "$(realpath "$build")/npm/node_modules/@holiday-jp/holiday_jp/lib/holidays.js" \
	>"$out.new" || { rm -f "$out.new"; exit 1; }
mv "$out.new" "$out"
echo "$out"
