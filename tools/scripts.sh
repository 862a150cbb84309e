#!/bin/bash
# Each script parses: shell by its own shell, Python by compiling it.
#
# usage: tools/scripts.sh
set -euo pipefail
cd "$(dirname "$0")/.."
status=0
while IFS= read -r path; do
	[ -e "$path" ] || continue
	case $(head -n 1 "$path") in
	*bash*) bash -n "$path" || status=1 ;;
	'#!/bin/sh'*) sh -n "$path" || status=1 ;;
	*python*)
		python3 -c 'import ast, sys; ast.parse(open(sys.argv[1]).read())' \
		    "$path" || status=1
		;;
	esac
done < <(git ls-files '*.sh' '*.py' .ci/run)
exit $status
