#!/bin/sh
# Makes build/holidays.tsv, "date<TAB>name" a line, from the npm data set
# @holiday-jp/holiday_jp that tests/browser/package.json pins.
# tests/unit/test_holidays.c reads it by HOLIDAY_JP.
#
# usage: tools/holidays.sh [BUILD_FOLDER]
set -eu

cd "$(dirname "$0")/.."
build=${1:-build}
out=$build/holidays.tsv
from=tests/browser/node_modules/@holiday-jp/holiday_jp/lib/holidays.js

[ -e "$from" ] || tools/install.sh npm >&2
mkdir -p "$build"
node -e '
const holidays = require(process.argv[1]);
for (const date of Object.keys(holidays).sort())
	console.log(date + "\t" + holidays[date].name);
' "$(pwd)/$from" >"$out.new" || { rm -f "$out.new"; exit 1; }
mv "$out.new" "$out"
echo "$out"
