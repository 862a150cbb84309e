"""A disk that is full: the ledger's, then the database's."""
import contextlib
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

from desk import Desk, Scene, expect, invented, said, wait_until
from town import Refused, Town


@contextlib.contextmanager
def small_disk(size):
    where = tempfile.mkdtemp(prefix="fumikura-full-")
    mount = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", where],
                           stderr=subprocess.DEVNULL)
    try:
        yield where if mount.returncode == 0 else None
    finally:
        if mount.returncode == 0:
            subprocess.run(["umount", where], check=True)
        os.rmdir(where)


@contextlib.contextmanager
def parted(town, small_part):
    """A copy of the town whose ledger (or database) alone is on a small disk;
    yields the running copy and that disk, or None."""
    town.close()  # a copy of a running one does not fit together
    roomy = pathlib.Path(tempfile.mkdtemp(prefix="fumikura-roomy-"))
    try:
        # the database and a little more, however large it has become
        held = (town.data / "fumikura.db").stat().st_size
        with small_disk("40m" if small_part == "ledger" else
                        f"{held // 1024 + 2048}k") as where:
            if where is None:
                print("# no mount allowed here: the full disk is not played")
                yield None
                return
            where = pathlib.Path(where)
            ledger, database = ((where, roomy) if small_part == "ledger" else
                                (roomy, where))
            shutil.copytree(town.data, ledger / "data",
                            ignore=shutil.ignore_patterns("fumikura.db*"))
            shutil.copy(town.data / "fumikura.db", database)
            with Town(data=ledger / "data",
                      store=f"sqlite:{database}/fumikura.db").open() as copy:
                yield copy, where
    finally:
        shutil.rmtree(roomy)
        town.open()


def fill(where):
    """Not a byte is free; what is freed meanwhile is taken by the next call."""
    for step in (65536, 1):
        with contextlib.suppress(OSError), \
                open(where / "ballast", "ab", buffering=0) as file:
            while True:
                file.write(bytes(step))


FULL = "空きがない"


def refused_for_want_of_room(why):
    assert why.status == 507 and FULL in why.error["message"], why


def full_ledger_disk(town):
    """Reads need entries, entries need the disk: refused, told, taken up again."""
    with parted(town, "ledger") as got:
        if got is None:
            return False
        small, where = got
        scene = Scene(small)
        desk = Desk(small, scene.body, "clerk")
        manager = small.log_on(scene.body, "manager")
        end, status, read = time.monotonic() + 240, 200, 0
        while status == 200 and time.monotonic() < end:
            fill(where)  # the ledger gives up its reserve first
            status, _, page = desk.send_raw("GET", scene.record, scene.why)
            read += status == 200
            assert (scene.secrets[0] in page.decode()) == (status == 200), status
        assert status == 507 and FULL in said(page), (status, said(page)[:200])
        expect(desk, 507, FULL, path=scene.record, text=scene.why, hidden=scene.secrets)
        expect(desk, 507, FULL, method="POST", path=scene.search, hidden=scene.secrets,
               text=desk.form({"purpose": scene.purpose, "v.kana": "ア"}))
        try:
            manager.upload(f"/holdings/{scene.holding['id']}/import",
                           {"file": ("住民.csv", invented(30))},
                           purpose=scene.purpose, case="R8-0404")
            raise AssertionError("imported without entries")
        except Refused as why:
            refused_for_want_of_room(why)
        (where / "ballast").unlink()
        wait_until(lambda: desk.send_raw("GET", scene.record, scene.why)[0] == 200)
        small.log_on(scene.body, "clerk")
        verified = small.run("ledger", "verify", str(small.data), check=False)
        assert verified.returncode == 0, verified.stderr
        small.close()  # and what was released is there after a start
        small.open()
        entry = small.log_on(scene.body, "clerk").get(scene.record,
                                                      purpose=scene.purpose)["entry"]
        assert entry > read, (entry, read)
        print(f"# {read} were read before")
    return True


def full_database_disk(town):
    """What is there is read; what is new is refused, told, taken up again."""
    with parted(town, "database") as got:
        if got is None:
            return False
        small, where = got
        scene = Scene(small)
        desk = Desk(small, scene.body, "clerk")
        registrar = small.log_on(scene.body, "registrar")
        manager = small.log_on(scene.body, "manager")
        path = f"/holdings/{scene.holding['id']}"
        before = manager.get(path)["persons"]
        person = dict(name="満杯 太郎", kana="マンパイ タロウ", kind="staff")
        upload = dict(purpose=scene.purpose, case="R8-0405")
        made = 0
        try:
            for made in range(5000):  # the log of SQLite has room of its own
                fill(where)
                registrar.post("/persons/new", **person)
            raise AssertionError("written without a disk")
        except Refused as why:
            refused_for_want_of_room(why)
        try:
            manager.upload(path + "/import", {"file": ("住民.csv", invented(300))},
                           **upload)
            raise AssertionError("imported without a disk")
        except Refused as why:
            refused_for_want_of_room(why)
        expect(desk, 200, path=scene.record, text=scene.why)
        (where / "ballast").unlink()
        assert registrar.post("/persons/new", **person)["person"]
        assert manager.get(path)["persons"] == before
        manager.upload(path + "/import", {"file": ("住民.csv", invented(300))}, **upload)
        small.close()
        small.open()
        assert small.log_on(scene.body, "manager").get(path)["persons"] == before + 300
        print(f"# {made} were written before")
    return True
