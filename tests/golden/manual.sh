#!/bin/sh
# Goal of this test: the manual page, made from the commands and the action
# table, is sound mdoc in both languages, bears a date, and tells of the rows.
#
#	manual.sh FUMIKURA
set -eu
if ! command -v mandoc >/dev/null; then
	echo "skipped: needs mandoc"
	exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for lang in ja en; do
	page=$work/fumikura.$lang.1
	"$1" --lang "$lang" --man >"$page"
	mandoc -T lint -W warning "$page"
	grep -Eq '^\.Dd [A-Z][a-z]{2} [ 1-3][0-9], 20[0-9]{2}$' "$page"
	mandoc -T utf8 "$page" | sed 's/.\x08//g' >"$work/shown"
	for name in record.view 'ledger verify' pending.confirm; do
		grep -q "$name" "$work/shown"
	done
done
echo "the manual is sound in both languages"
