#!/usr/bin/env python3
"""A pack changes while a matter is open: the matter finishes under the pack it
began with, and says so; a new one goes by the new pack."""
import pathlib
import shutil
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from matters import Case  # noqa: E402
from stories import residents  # noqa: E402
from town import ROOT, Town  # noqa: E402


class OtherTown(Town):
    """A town with packs of its own, that can be changed."""

    def __init__(self, packs):
        self.packs = packs
        super().__init__()


def change(packs):
    """The second look goes, and whoever asks says more."""
    path = packs / "base" / "procedures.yaml"
    text = path.read_text(encoding="utf-8")
    start = text.index("  - id: correction\n")
    end = text.index("\n  - id: ", start + 1)
    new = text[start:end]
    assert "      - id: compare\n" in new
    new = new[:new.index("      - id: compare\n")]
    path.write_text(text[:start] + new + text[end:], encoding="utf-8")


def ask(person, h):
    return person.post("/procedures/correction/new", **{
        "v.holding": h["id"], "v.record": "0000000000000123", "v.what": "番地の誤り",
        "v.basis": "届書の写し"})["matter"]


def go_on(town, body, matter):
    Case(town.log_on(body, "manager"), matter).act("approve")
    return Case(town.log_on(body, "clerk"), matter).act(
        "do", **{"v.corrected_on": "R8.10.1"})


def play(packs):
    town = OtherTown(packs)
    try:
        town.open()
        body = next(b for name, b in town.bodies().items() if "沖縄" in name)
        clerk = town.log_on(body, "clerk")
        h = residents(clerk)
        matter = ask(clerk, h)
        assert "of_before" not in clerk.get(f"/matters/{matter}")
        town.close()
        change(packs)
        town.open()
        case = go_on(town, body, matter)
        assert case.seen["state"] == "open", "the step that went is still to be taken"
        assert "始めたときの規程" in case.seen["of_before"], case.seen
        assert case.seen["step"] == "compare", case.seen["step"]
        manager = town.log_on(body, "manager")
        done = Case(manager, matter).tick_all().act("do")
        assert done.seen["state"] == "done" and done.seen["of_before"], done.seen
        new = go_on(town, body, ask(town.log_on(body, "clerk"), h))
        assert new.seen["state"] == "done" and "of_before" not in new.seen, new.seen
    finally:
        town.drop()


def main():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="fumikura-packs-"))
    try:
        packs = folder / "packs"
        shutil.copytree(ROOT / "packs", packs)
        play(packs)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print("ok - a matter finishes under the pack it began with\n1 passed, 0 failed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
