#!/bin/sh
# Plays the stories; writes build/stories.tsv.
set -eu
cd "$(dirname "$0")/../.."
exec python3 -B tests/story/run.py "$@"
