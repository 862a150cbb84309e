"""A PostgreSQL that goes away and comes back, and a second server on it."""
import concurrent.futures
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.parse

from desk import (JAPANESE, Desk, Scene, Stranger, expect, invented, said,
                  wait_until)
from town import PASSWORD, ROOT, Refused, Town


class Database:
    """A PostgreSQL of our own that goes away and comes back."""

    def __init__(self):
        self.helper = str(ROOT / "tools" / "pg-for-tests.sh")
        self.where = tempfile.mkdtemp(prefix="fumikura-pg-", dir="/tmp")
        os.chmod(self.where, 0o755)
        self.info = subprocess.run([self.helper, "start", self.where + "/pg"],
                                   text=True, check=True,
                                   stdout=subprocess.PIPE).stdout.strip()

    def control(self, *args):
        program = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))[-1]
        owner = (["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]
                 if os.getuid() == 0 else [])
        subprocess.run([*owner, str(program), "-D", self.where + "/pg/data", "-s", "-w",
                        *args], check=True, cwd="/", stdout=subprocess.DEVNULL)

    def go(self):
        self.control("stop", "-m", "immediate")

    def come_back(self):
        self.control("start", "-l", self.where + "/pg/server.log")

    def count(self, table):
        return int(subprocess.run(
            ["psql", "-X", "-A", "-t", "-d", self.info, "-c",
             f"SELECT count(*) FROM {table}"], check=True, text=True,
            stdout=subprocess.PIPE).stdout)

    def drop(self):
        subprocess.run([self.helper, "stop", self.where + "/pg"], check=True)
        os.rmdir(self.where)


def refused_for_now(function, *args, **fields):
    """The API's answer while the database is away."""
    try:
        function(*args, **fields)
    except Refused as why:
        assert why.status == 503 and JAPANESE.search(why.error["message"]), why
        assert "データベース" in why.error["message"], why
        return
    raise AssertionError("done without a database")


def away_between_two_clicks(town, database):
    scene = Scene(town)
    desk = Desk(town, scene.body, "clerk")
    registrar = town.log_on(scene.body, "registrar")
    manager = town.log_on(scene.body, "manager")
    path = "/holdings/" + scene.holding["id"]
    before = manager.get(path)["persons"]
    upload = dict(purpose=scene.purpose, case="R8-0402")
    database.go()
    word = "データベース"
    expect(desk, 503, word, path=scene.record, text=scene.why, hidden=scene.secrets)
    expect(desk, 503, word, method="POST", path=scene.search, hidden=scene.secrets,
           text=desk.form({"purpose": scene.purpose, "v.kana": "ア"}))
    expect(desk, 503, word, path="/holdings")
    expect(Stranger(town), 503, word, method="POST", path="/logon",
           text=urllib.parse.urlencode({"body": scene.body, "logon": "clerk",
                                        "password": PASSWORD}))
    english = desk.send_raw("GET", scene.record, scene.why, lang="en")
    assert english[0] == 503 and not JAPANESE.search(said(english[2])), english
    refused_for_now(registrar.post, "/persons/new", name="不在 花子",
                    kana="フザイ ハナコ", kind="staff")
    refused_for_now(manager.upload, path + "/import",
                    {"file": ("住民.csv", invented(30))}, **upload)
    database.come_back()
    wait_until(lambda: desk.send_raw("GET", scene.record, scene.why)[0] == 200)
    registrar.post("/persons/new", name="不在 花子", kana="フザイ ハナコ", kind="staff")
    assert manager.get(path)["persons"] == before
    manager.upload(path + "/import", {"file": ("住民.csv", invented(30))}, **upload)
    assert manager.get(path)["persons"] == before + 30
    assert town.log_on(scene.body, "clerk").get("/holdings")["holdings"]


def away_in_the_middle(town, database):
    """Under readers, writers and an import: what was answered is there once."""
    scene = Scene(town)
    manager = town.log_on(scene.body, "manager")
    registrar = town.log_on(scene.body, "registrar")
    path = "/holdings/" + scene.holding["id"]
    before = manager.get(path)["persons"]
    people = database.count("people_person")
    end = time.monotonic() + 6

    def read_on():
        desk, seen = Desk(town, scene.body, "clerk"), []
        while time.monotonic() < end:
            status, _, page = desk.send_raw("GET", scene.record, scene.why)
            assert status in (200, 503), (status, said(page)[:200])
            assert (scene.secrets[0] in page.decode()) == (status == 200), status
            seen.append(status)
        return seen

    def write_on():
        made = unsure = 0
        while time.monotonic() < end:
            try:
                registrar.post("/persons/new", name="途中 一郎",
                               kana="トチュウ イチロウ", kind="staff")
                made += 1
            except Refused as why:
                assert why.status == 503, why
                unsure += 1
        return made, unsure

    def import_once():
        try:
            return manager.upload(path + "/import",
                                  {"file": ("住民.csv", invented(2000))},
                                  purpose=scene.purpose, case="R8-0403")
        except Refused as why:
            assert why.status == 503, why
            return None

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        readers = [pool.submit(read_on) for _ in range(2)]
        writer = pool.submit(write_on)
        time.sleep(1)
        importer = pool.submit(import_once)
        time.sleep(0.4)
        database.go()
        time.sleep(0.5)
        database.come_back()
        seen = [status for reader in readers for status in reader.result()]
        made, unsure = writer.result()
        is_imported = importer.result() is not None
    assert seen[-1] == 200 and seen.count(503) > 0 and made > 0, (seen[-1], made)
    there = database.count("people_person") - people
    assert made <= there <= made + unsure, (made, unsure, there)
    wait_until(lambda: database.count("guard_outbox") == 0)
    persons = manager.get(path)["persons"] - before
    assert persons == (2000 if is_imported else 0), (is_imported, persons)
    if not is_imported:
        assert import_once() is not None
        assert manager.get(path)["persons"] - before == 2000
    verified = town.run("ledger", "verify", str(town.data), check=False)
    assert verified.returncode == 0, verified.stderr
    print(f"# {seen.count(200)} read, {seen.count(503)} refused; {made} made, "
          f"{unsure} refused, {there} there; import {'done' if is_imported else 'cut off'}")


def serve_and_end(town, data, *options):
    """A server that is expected not to stay: its status, and what it said."""
    done = town.run("serve", "--plain-http", "--port", "0", *town.options(), *options,
                    str(data), check=False)
    return done.returncode, done.stderr


def second_server(town, database):
    """One database has one server: not another's keeper, nor a copy of its own."""
    where = pathlib.Path(tempfile.mkdtemp(prefix="fumikura-second-"))
    scene = Scene(town)
    people, own = database.count("people_person"), town.data
    try:
        (where / "key").write_bytes(os.urandom(32))
        town.run("init", "--origin", "second.example/log", "--key-file",
                 str(where / "key"), str(where / "other"))
        status, told = serve_and_end(town, where / "other", "--key-file",
                                     str(where / "key"))
        assert status == 1 and "another log" in told, (status, told)
        shutil.copytree(town.data, where / "copy")
        status, told = serve_and_end(town, where / "copy")
        assert status == 1 and "another server" in told, (status, told)
        # whoever stood still for long finds the place taken, and goes
        town.close()
        town.open(stderr=subprocess.PIPE)
        town.server.send_signal(signal.SIGSTOP)
        with Town(data=where / "copy", store=town.store) as heir:
            assert heir.log_on(scene.body, "clerk").get("/holdings")["holdings"]
            town.server.send_signal(signal.SIGCONT)
            status = town.server.wait(timeout=30)
            with town.server.stderr as stream:
                told = stream.read()
            assert status == 4 and "another server" in told, (status, told)
            town.server.stdout.close()
        assert database.count("people_person") == people
        town.data = where / "copy"
        town.open()
        assert town.log_on(scene.body, "clerk").get(
            scene.record, purpose=scene.purpose)["entry"] > 0
    finally:
        town.close()
        town.data = own
        shutil.rmtree(where)


def lost_postgresql():
    database = Database()
    try:
        with Town(residents=20, store=f"postgresql:{database.info}") as town:
            away_between_two_clicks(town, database)
            away_in_the_middle(town, database)
            second_server(town, database)
    finally:
        database.drop()
