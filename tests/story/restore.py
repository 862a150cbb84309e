#!/usr/bin/env python3
"""A lost machine: backed up, a record erased, the machine lost, the backup put
back. What was erased stays so, everybody else reads on, both logs verify; and
without a newer ledger the product says what it cannot know.

FUMIKURA_TEST_PG: on PostgreSQL too.
"""
import contextlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import io
import time
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from engine import psql, towns  # noqa: E402
from proofs import auditor_of  # noqa: E402
from stories import expect_refused, residents  # noqa: E402
from town import BINARY, Town  # noqa: E402

SHARE = re.compile(r"^fk1-.*$", re.MULTILINE)


class House:
    """An installation that is backed up, lost and put back."""

    def __init__(self, town, where):
        self.town, self.where = town, where
        self.key = where / "master.key"
        shutil.copy(town.data / "demo.key", self.key)
        self.shares = SHARE.findall(self.do("unlock", "--new-shares", "--key-file",
                                            str(self.key), str(town.data)))
        assert len(self.shares) == 3

    def call(self, *args, lines=()):
        return subprocess.run([str(BINARY), *args], text=True, timeout=300,
                              input="".join(line + "\n" for line in lines),
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def do(self, *args, lines=()):
        done = self.call(*args, lines=lines)
        assert done.returncode == 0, (args, done.stderr)
        return done.stdout

    def refused(self, word, *args, lines=()):
        done = self.call(*args, lines=lines)
        assert done.returncode == 1 and word in done.stderr, (args, done.stderr)

    def open(self):
        return self.town.open("--key-file", str(self.key))

    @property
    def info(self):
        return self.town.store.split(":", 1)[1] if self.town.store else None

    def back_up(self, name):
        out = self.where / name
        told = self.do("backup", *(["--store", self.town.store] if self.info else []),
                       str(self.town.data), str(out))
        assert ("pg_dump" in told) == bool(self.info), told
        if self.info:
            subprocess.run(["pg_dump", "-Fc", "-f", str(out / "database"), "-d",
                            self.info], check=True)
        return out

    def put_back(self, backup):
        """Everything of the machine is lost; its backup is put in its place."""
        shutil.rmtree(self.town.data)
        shutil.copytree(backup, self.town.data)
        if self.info:
            psql(self.info, "SET client_min_messages = error; "
                 "DROP SCHEMA public CASCADE; CREATE SCHEMA public")
            subprocess.run(["pg_restore", "--no-owner", "-d", self.info,
                            str(backup / "database")], check=True)

    def restore(self, *options):
        return self.do("restore", "--shares", *options, str(self.town.data),
                       lines=self.shares[:2])

    def verify(self):
        """origin -> entries, of each log."""
        told = self.do("ledger", "verify", str(self.town.data))
        return dict(zip(re.findall(r"^log +(\S+)", told, re.MULTILINE),
                        map(int, re.findall(r"^entries +(\d+)", told, re.MULTILINE))))


class Desk:
    """Of one body: who reads, who erases, who looks into the ledger."""

    def __init__(self, town):
        body = town.bodies()["沖縄市"]
        self.clerk, self.manager = town.log_on(body, "clerk"), town.log_on(body, "manager")
        self.auditor = auditor_of(town, body)
        self.holding = residents(self.clerk)
        self.purpose = self.holding["purposes"][0]["id"]

    def make(self, name):
        made = self.clerk.post(f"/holdings/{self.holding['id']}/new", case="R8-0700",
                               purpose=self.purpose, v={"name": name, "kana": "カリノ"})
        return f"/holdings/{self.holding['id']}/records/{made['record']}"

    def read(self, path):
        seen = self.clerk.get(path, purpose=self.purpose, case="R8-0701")
        return {v["id"]: v.get("text") for v in seen["values"]}["name"], seen["entry"]

    def erase(self, path):
        self.manager.post(path + "/erase", purpose=self.purpose, sure=True)

    def entry(self, number):
        """An entry in the clear, and the log that it stands in."""
        data = self.auditor.get(f"/ledger/entries/{number}", case="R8-0702")
        with tarfile.open(fileobj=io.BytesIO(data)) as tar:
            files = {m.name: tar.extractfile(m).read() for m in tar.getmembers()}
        return json.loads(files["entry.json"]), files["vkey"].decode().split("+")[0]


def exported_while_served(house):
    """A running server's ledger is fetched by two persons, and for an hour."""
    town = house.open()
    body = town.bodies()["沖縄市"]
    operator, auditor = town.log_on(body, "operator"), auditor_of(town, body)
    clerk, part = town.log_on(body, "clerk"), "/ledger/export/parts/1"
    expect_refused(lambda: clerk.post("/ledger/export/ask"), 403)
    expect_refused(lambda: operator.get(part), 404)
    expect_refused(lambda: auditor.post("/ledger/export/confirm"), 404)
    asked = operator.post("/ledger/export/ask", case="R8-0703")
    assert asked["export_own"] and not asked["export_confirmed"], asked
    expect_refused(lambda: auditor.post("/ledger/export/ask"), 409)
    expect_refused(lambda: operator.post("/ledger/export/confirm"), 403)
    expect_refused(lambda: operator.get(part), 404)
    told = auditor.post("/ledger/export/confirm", case="R8-0703")
    assert told["export_confirmed"] and told["export_entries"] > 0, told
    expect_refused(lambda: clerk.get(part), 403)
    out = house.where / "fetched"
    for number in range(1, len(told["export_parts"]) + 1):
        data = operator.get(f"/ledger/export/parts/{number}")
        with tarfile.open(fileobj=io.BytesIO(data)) as tar:
            tar.extractall(out)
    assert auditor.get(part)
    expect_refused(lambda: operator.get("/ledger/export/parts/999"), 404)
    verified = house.do("ledger", "verify", str(out))
    assert f"entries  {told['export_entries']}" in verified, verified
    auditor.post("/ledger/export/end")
    expect_refused(lambda: operator.get(part), 404)
    # nor does a restart keep what was confirmed
    operator.post("/ledger/export/ask")
    auditor.post("/ledger/export/confirm")
    town.close()
    house.open()
    operator = town.log_on(body, "operator")
    expect_refused(lambda: operator.get(part), 404)
    assert not operator.get("/ledger")["export_asked"]
    town.close()


def lost_machine(house):
    town, data = house.town, str(house.town.data)
    house.open()
    desk = Desk(town)
    kept, erased = desk.make("仮野 残"), desk.make("仮野 消")
    early = desk.read(erased)[1]
    town.close()
    before = house.verify()
    backup = house.back_up("backup")
    assert any((backup / "packs").iterdir()), "packs that matters began with"

    house.open()
    desk = Desk(town)
    desk.erase(erased)
    late = desk.make("仮野 後")
    desk.read(late)
    expect_refused(lambda: desk.read(erased), 404)
    town.close()
    exported = str(house.where / "exported")
    house.do("ledger", "export", data, exported)
    (origin, entries), = house.verify().items()

    house.put_back(backup)
    house.refused("restore` comes first", "serve", "--plain-http", "--port", "0",
                  "--key-file", str(house.key), *town.options(), data)
    # one person does not restore, nor two shares of something else
    house.refused("two persons", "restore", "--key-file", str(house.key), data)
    house.refused("share", "restore", "--shares", data,
                  lines=[house.shares[0], house.shares[0]])
    # a ledger that was changed, or is older, or another's, tells nothing
    bad = house.where / "bad"
    shutil.copytree(exported, bad)
    bundle = next(p for p in sorted(bad.glob("tile/entries/**/*")) if p.is_file())
    changed = bytearray(bundle.read_bytes())
    changed[-1] ^= 1
    bundle.write_bytes(changed)
    house.refused("newer ledger", "restore", "--shares", "--newer-ledger", str(bad), data,
                  lines=house.shares[1:])
    told = house.restore("--newer-ledger", exported)
    assert "Erased again, because it was erased after the backup: 1" in told, told
    assert f"up to entry {entries}" in told, told

    house.open()
    desk = Desk(town)
    for person in (desk.clerk, desk.manager):
        expect_refused(lambda: person.get(erased, purpose=desk.purpose), 404)
    expect_refused(lambda: desk.read(late), 404)
    name, number = desk.read(kept)
    assert name == "仮野 残" and number > 1_000_000, (name, number)
    # the new log begins with what is known of the old one
    first, log = desk.entry(1_000_000)
    cited = (pathlib.Path(exported) / "checkpoint").read_text(encoding="utf-8").split("\n")
    assert log == origin + ".2" and first["verb"] == "keeper.restore", (log, first)
    assert first["detail"]["origin"] == origin == cited[0], first
    assert first["detail"]["checkpoint"]["entries"] == int(cited[1]), (first, cited)
    assert first["detail"]["kept"] == sum(before.values()), first
    assert first["detail"]["by"] == "shares" and first["detail"]["newer"], first
    # and an entry of the old log is still shown, out of the old log
    told, log = desk.entry(early)
    assert log == origin and told["verb"] == "record.open", told
    # what was opened before the backup is still found
    wait_for(lambda: {early, number} <= {a["entry"] for a in desk.manager.get(
        "/accesses", holding=desk.holding["id"])["accesses"]})
    desk.read(desk.make("仮野 新"))
    town.close()
    logs = house.verify()
    assert logs[origin] == sum(before.values()) and len(logs) == 2, logs
    # it starts again, and remembers
    house.open()
    desk = Desk(town)
    assert desk.read(kept)[0] == "仮野 残"
    expect_refused(lambda: desk.read(erased), 404)
    town.close()
    return backup, kept, erased, exported


def wait_for(is_so, seconds=20):
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "it does not come"
        time.sleep(0.3)


def without_a_newer_ledger(house, backup, kept, erased, exported):
    """The same machine lost again: nothing newer is there, and it says so."""
    house.put_back(backup)
    told = house.restore("--origin", "another.example/log")
    assert "No newer ledger was given" in told and "nothing here can tell" in told, told
    house.open()
    desk = Desk(house.town)
    assert desk.read(kept)[0] == "仮野 残" and desk.read(erased)[0] == "仮野 消"
    first, log = desk.entry(1_000_000)
    assert log == "another.example/log" and not first["detail"]["newer"], first
    house.town.close()
    assert "another.example/log" in house.verify()
    # a restored house is backed up and lost like any other
    again = house.back_up("again")
    house.put_back(again)
    house.refused("another origin", "restore", "--shares", "--newer-ledger", exported,
                  str(house.town.data), lines=house.shares[:2])
    house.restore()
    house.open()
    desk = Desk(house.town)
    assert desk.read(kept)[1] > 2_000_000
    house.town.close()
    assert len(house.verify()) == 3


def a_new_master_key(house):
    """The key file was lost: two persons make a new master key."""
    data, other = str(house.town.data), house.where / "other.key"
    other.write_bytes(os.urandom(32))
    house.refused("two persons", "rotate", "--key-file", str(house.key),
                  "--add-key-file", str(other), data)
    told = house.do("rotate", "--shares", "--add-key-file", str(other), data,
                    lines=house.shares[1:])
    assert len(SHARE.findall(told)) == 3, told
    for way in (["--key-file", str(house.key)], ["--shares"]):
        done = house.call("serve", "--plain-http", "--port", "0", *way,
                          *house.town.options(), data, lines=house.shares[:2])
        assert done.returncode == 1 and "wrong" in done.stderr, done.stderr
    house.key, house.shares = other, SHARE.findall(told)
    house.open()
    Desk(house.town).make("仮野 鍵")
    house.town.close()
    house.verify()


def main():
    failed = passed = 0
    for engine, make in towns(Town):
        where = pathlib.Path(tempfile.mkdtemp(prefix="fumikura-restore-"))
        try:
            with contextlib.ExitStack() as stack:
                town = stack.enter_context(make() if engine != "sqlite" else make(residents=5))
                town.close()
                house = House(town, where)
                exported_while_served(house)
                without_a_newer_ledger(house, *lost_machine(house))
                a_new_master_key(house)
        except Exception:  # told; the other engine is still played
            failed += 1
            print(f"not ok - {engine} - a lost machine")
            traceback.print_exc(file=sys.stdout)
        else:
            passed += 1
            print(f"ok - {engine} - a lost machine", flush=True)
        finally:
            shutil.rmtree(where, ignore_errors=True)
    print(f"{passed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
