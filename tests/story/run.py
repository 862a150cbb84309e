#!/usr/bin/env python3
"""Plays the stories for every body; writes build/stories.tsv; closes with
the counts. FUMIKURA_TEST_PG: plays them on PostgreSQL too."""
import contextlib
import os
import pathlib
import subprocess
import sys
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import matters  # noqa: E402,F401
import protected  # noqa: E402,F401
import accounts  # noqa: E402,F401
import grants  # noqa: E402,F401
import registers  # noqa: E402,F401
import terminals  # noqa: E402,F401
import proofs  # noqa: E402,F401
from stories import STORIES, NotHere  # noqa: E402
from town import BINARY, ROOT, Town  # noqa: E402

PACKS = {"長岡京市": "nagaokakyo", "中泊町": "nakadomari", "郡山市": "koriyama",
         "沖縄市": "okinawa"}


def pack_of(name):
    return next((p for n, p in PACKS.items() if n in name), "sapporo")


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


def write(results, path):
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
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(rows), encoding="utf-8")


def psql(info, statement):
    subprocess.run(["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", info, "-c",
                    statement], check=True, stdin=subprocess.DEVNULL)


@contextlib.contextmanager
def database(info):
    """A database of its own; yields the store's address."""
    name = f"fumikura_story_{os.getpid()}"
    psql(info, f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
    try:
        yield f"postgresql:{info} dbname={name}"
    finally:
        psql(info, f"DROP DATABASE {name} WITH (FORCE)")


def main():
    results, played = {}, 0
    with Town() as town:
        play(town, results, "sqlite")
        played += len(results)
    info = os.environ.get("FUMIKURA_TEST_PG")
    if info:
        on_pg = {}
        with database(info) as store, Town(store=store) as town:
            play(town, on_pg, "postgresql")
        played += len(on_pg)
        for key, ok in on_pg.items():
            results[key] = results.get(key, False) and ok
    write(results, ROOT / "build" / "stories.tsv")
    failed = sum(not ok for ok in results.values())
    print(f"{played - failed} passed, {failed} failed")
    return failed > 0 or played == 0


if __name__ == "__main__":
    os.environ.setdefault("PYTHONDONTWRITEBYTECODE", "1")
    sys.exit(main())
