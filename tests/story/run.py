#!/usr/bin/env python3
"""Plays the stories for every body; writes build/stories.tsv; closes with
the counts. FUMIKURA_TEST_PG: plays them on PostgreSQL too."""
import os
import pathlib
import subprocess
import sys
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import matters  # noqa: E402,F401
import organs  # noqa: E402,F401
import protected  # noqa: E402,F401
import accounts  # noqa: E402,F401
import effects  # noqa: E402,F401
import grants  # noqa: E402,F401
import papers  # noqa: E402,F401
import holdings  # noqa: E402,F401
import permits  # noqa: E402,F401
import registers  # noqa: E402,F401
import terminals  # noqa: E402,F401
import proofs  # noqa: E402,F401
import told  # noqa: E402
from engine import pack_of, towns  # noqa: E402
from stories import STORIES, NotHere  # noqa: E402
from town import BINARY, ROOT, Town  # noqa: E402

def provisions(pack):
    """ref -> controls, from the coverage that the product prints."""
    out = subprocess.run([str(BINARY), "pack", "coverage", str(ROOT / "packs" / pack)],
                         text=True, stdout=subprocess.PIPE, check=True).stdout
    rows = [line.split("\t") for line in out.splitlines()]
    return {row[0]: [c for c in row[2].split(",") if c] for row in rows}


def play(town, results, engine):
    for name, body in town.bodies().items():
        for title, controls, function in STORIES:
            key = (pack_of(name), title)
            try:
                function(town, body)
            except NotHere as why:
                print(f"skipped - {engine} - {name} - {title}: {why}")
            except Exception:  # every failure is told, none ends the others
                results[key] = False
                print(f"not ok - {engine} - {name} - {title}")
                traceback.print_exc()
            else:
                results.setdefault(key, True)
                print(f"ok - {engine} - {name} - {title}", flush=True)


def lines(results):
    """Those of stories.tsv: story, provisions, result."""
    rows = []
    for pack in sorted({p for p, _ in results}):
        shown = {c for title, controls, _ in STORIES
                 if results.get((pack, title)) for c in controls}
        refs = provisions(pack)
        for title, controls, _ in STORIES:
            if (pack, title) not in results:
                continue
            named = [f"{pack}:{ref}" for ref, has in refs.items()
                     if has and set(has) <= shown and set(has) & set(controls)]
            result = "passed" if results.get((pack, title)) else "failed"
            if named:
                rows.append(f"{title}\t{','.join(named)}\t{result}\n")
    return rows


def main():
    results, played = {}, 0
    for label, make in towns(Town):
        own = {}
        with make() as town:
            play(town, own, label)
        played += len(own)
        for key, ok in own.items():
            results[key] = results.get(key, True) and ok
    rows, told_played, told_failed = told.play_files(told.chosen([]))
    (ROOT / "build" / "stories.tsv").write_text("".join(lines(results) + rows),
                                                encoding="utf-8")
    played += told_played
    failed = sum(not ok for ok in results.values()) + told_failed
    print(f"{played - failed} passed, {failed} failed")
    return failed > 0 or played == 0


if __name__ == "__main__":
    os.environ.setdefault("PYTHONDONTWRITEBYTECODE", "1")
    sys.exit(main())
