#!/bin/sh
# Plays the stories; writes build/stories.tsv. By the system's own python3,
# which has the packages that tools/install.sh puts there.
set -eu
cd "$(dirname "$0")/../.."
PATH=/usr/bin:$PATH exec python3 -B tests/story/run.py "$@"
