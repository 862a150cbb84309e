#!/bin/bash
# Each script parses: shell by its own shell, Python by Python.
#
# usage: tools/scripts.sh
set -euo pipefail
cd "$(dirname "$0")/.."
status=0
python=()
while IFS= read -r path; do
	[ -e "$path" ] || continue
	read -r first <"$path" || true
	case $path:$first in
	*:*python* | *.py:*) python+=("$path") ;;
	*bash*) bash -n "$path" || status=1 ;;
	*) sh -n "$path" || status=1 ;;
	esac
done < <(git ls-files '*.sh' '*.py' .ci/run)
python3 -B - "${python[@]}" <<'PYTHON' || status=1
import ast, sys
for path in sys.argv[1:]:
    with open(path) as script:
        ast.parse(script.read(), path)
PYTHON
exit $status
