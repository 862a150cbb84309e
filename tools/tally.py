#!/usr/bin/env python3
"""Counts tests for the closing line of `make test`.

usage: tools/tally.py meson TESTLOG_JSON   what `meson test` ran
       tools/tally.py tap FILE             what `node --test` ran
       tools/tally.py sum FOLDER           FOLDER/*.tally as a table and a line

The first two print "PASSED FAILED SKIPPED". A program of cmocka counts as its
cases, another program as one.
"""
import json
import pathlib
import re
import sys

CASES = {
    "passed": re.compile(r"^\[  PASSED  \] (\d+) test", re.M),
    "failed": re.compile(r"^\[  FAILED  \] (\d+) test", re.M),
    "skipped": re.compile(r"^\[  SKIPPED \] (\d+) test", re.M),
}


def cases(text, kind):
    return sum(int(number) for number in CASES[kind].findall(text))


def count_program(result, text):
    passed, failed, skipped = (cases(text, kind) for kind in CASES)
    if result == "SKIP":
        return 0, 0, 1
    if result != "OK":
        return passed, max(failed, 1), skipped
    if passed + skipped == 0:
        return 1, 0, 0
    return passed, failed, skipped


def count_meson(path):
    totals = [0, 0, 0]
    for line in pathlib.Path(path).read_text().splitlines():
        test = json.loads(line)
        text = test.get("stdout", "") + test.get("stderr", "")
        for at, number in enumerate(count_program(test["result"], text)):
            totals[at] += number
    return totals


def count_tap(path):
    text = pathlib.Path(path).read_text()
    totals = []
    for word in ("pass", "fail", "skipped"):
        found = re.findall(rf"^# {word} (\d+)$", text, re.M)
        totals.append(int(found[-1]) if found else 0)
    return totals


def print_sum(folder):
    totals = [0, 0, 0]
    print(f"{'step':<20} {'passed':>7} {'failed':>7} {'skipped':>7} seconds")
    for path in sorted(pathlib.Path(folder).glob("*.tally")):
        *numbers, seconds = (int(word) for word in path.read_text().split())
        print(f"{path.stem:<20} {numbers[0]:>7} {numbers[1]:>7} "
              f"{numbers[2]:>7} {seconds:>7}")
        totals = [a + b for a, b in zip(totals, numbers)]
    passed, failed, skipped = totals
    tail = f", {skipped} skipped" if skipped else ""
    print(f"{passed} passed, {failed} failed{tail}")
    return 0 if failed == 0 and passed > 0 else 1


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in ("meson", "tap", "sum"):
        print(__doc__, file=sys.stderr)
        return 2
    if sys.argv[1] == "sum":
        return print_sum(sys.argv[2])
    count = count_meson if sys.argv[1] == "meson" else count_tap
    print(*count(sys.argv[2]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
