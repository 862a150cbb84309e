#!/usr/bin/env python3
"""A real town from an empty folder, as its first people would go about it:
init, found, serve, log on, a password of one's own, a section, a person, an
account, an appointment, a holding, a grant, a record. For each of the five
packs, and for the invented town whose pack docs/pack-howto.md writes, on SQLite
and (FUMIKURA_TEST_PG) on PostgreSQL; and the keys' commands.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from engine import database  # noqa: E402
from stories import expect_refused  # noqa: E402
from town import BINARY, ROOT, Town  # noqa: E402

PACKS = ["nagaokakyo", "nakadomari", "koriyama", "sapporo", "okinawa", "kiritani"]
MINE = "文庫の鍵は自分だけが知る-{}"
SECTION = "みどり課"
FIRST = [("chief", "chief", "青木 一郎", "アオキ イチロウ"),
         ("registrar", "jinji1", "石川 花子", "イシカワ ハナコ"),
         ("registrar", "jinji2", "上田 三郎", "ウエダ サブロウ")]


def call(*args, text="", code=0):
    done = subprocess.run([str(BINARY), *args], input=text, text=True, timeout=120,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert done.returncode == code, (args, done.returncode, done.stdout, done.stderr)
    return done.stdout + done.stderr


class NewTown(Town):
    """An installation that was founded, not demonstrated."""

    def __init__(self, data, key, store=None):
        self.own, self.data, self.store, self.server = False, data, store, None
        self.key = key

    def open(self):
        return super().open("--key-file", str(self.key))

    def make_own(self, body, logon, once):
        """First log-on: nothing works until the password is one's own."""
        person = self.log_on(body, logon, once)
        error = expect_refused(lambda: person.get("/persons"), 403)
        assert error["code"] == "must_change", error
        mine = MINE.format(logon)
        person.post("/password", old=once, new=mine, again=mine)
        expect_refused(lambda: self.log_on(body, logon, once), 401)
        return self.log_on(body, logon, mine)


def persons():
    return [word for p in FIRST for word in ("--person", ",".join(p))]


def init(folder):
    data, key = folder / "data", folder / "key"
    key.write_bytes(os.urandom(32))
    out = call("init", "--origin", "story.example/log", "--key-file", str(key), str(data))
    assert out.count("fk1-") == 3, out
    return data, key


def found(town, pack, *more, code=0):
    out = call("found", *town.options(), "--key-file", str(town.key), "--pack", pack,
               "--section", "総務の課", *persons(), *more, str(town.data), code=code)
    lines = [line.split() for line in out.splitlines() if line.startswith("  ")]
    return {words[1]: words[2] for words in lines
            if len(words) > 3 and words[2].count("-") == 3}, out


def appoint(by, person, office, section):
    by.post("/appointments/new", person=person, office=office, section=section,
            until="2027-03-31")


def hire(town, first, second, body, name, kana, logon):
    """A person with an account; one hands out, the other confirms."""
    made = first.post("/persons/new", name=name, kana=kana, kind="staff", logon=logon)
    given = first.post(f"/accounts/{made['account']}/password")
    assert given["pending"], given
    expect_refused(lambda: town.log_on(body, logon, given["password"]), 401)
    row = {"kind": "credential", "id": made["account"]}
    expect_refused(lambda: first.post("/pending/confirm", **row), 403)
    waits = second.get("/pending")["rows"]
    assert [name] == [r["whose"] for r in waits], waits
    second.post("/pending/confirm", **row)
    return made["person"], given["password"]


def walk(town, pack, once):
    (name, body), = town.bodies().items()
    first = town.make_own(body, "jinji1", once["jinji1"])
    second = town.make_own(body, "jinji2", once["jinji2"])
    organ, = [o for o in first.get("/organisation")["organs"] if o["sections"]]
    assert [s["name"] for s in organ["sections"]] == ["総務の課"], organ
    section = first.post("/organisation/new", organ=organ["id"], name=SECTION,
                         unit="section", counts=True)["id"]
    head, head_once = hire(town, first, second, body, "江口 真", "エグチ マコト", "kacho")
    clerk, clerk_once = hire(town, second, first, body, "岡田 葵", "オカダ アオイ", "shokuin")
    appoint(first, head, "manager", section)
    staff = "worker" if pack == "sapporo" else "staff"
    appoint(second, clerk, staff, section)
    # nobody appoints themselves, and a clerk appoints nobody
    manager = town.make_own(body, "kacho", head_once)
    holding = make_holding(manager, pack)
    manager.post("/grants/new", holding=holding, office=staff, section=section,
                 acts=["search", "list", "view", "create"], until="2027-03-31",
                 case="R8-0001")
    record(town.make_own(body, "shokuin", clerk_once), holding)


def make_holding(manager, pack):
    purpose = "entrust.input" if pack == "sapporo" else "counter.inquiry"
    return manager.post("/holdings/new", name="みどりの相談記録", sensitivity="middle",
                        basis="窓口での相談の事務", purposes=[purpose], retention=5,
                        place="庁内サーバー", items="name 氏名 name\n"
                        "kana 氏名カナ kana prefix\nbirth 生年月日 date exact")["id"]


def record(clerk, holding):
    shown = clerk.get(f"/holdings/{holding}")
    purpose = shown["purposes"][0]["id"]
    made = clerk.post(f"/holdings/{holding}/new", purpose=purpose,
                      case="R8-0002", v={"name": "川上 澪", "kana": "カワカミ ミオ"})
    seen = clerk.get(f"/holdings/{holding}/records/{made['record']}", purpose=purpose)
    assert any(v.get("text") == "川上 澪" for v in seen["values"]), seen
    assert seen["entry"] > 0, seen


def every_pack(folder):
    """The packs as a body has them: its own beside those that it rests on."""
    for packs in (ROOT / "packs", ROOT / "tests" / "packs"):
        shutil.copytree(packs, folder / "packs", dirs_exist_ok=True)
    return folder / "packs"


def one_town(pack, store):
    with tempfile.TemporaryDirectory(prefix="fumikura-found-") as folder:
        town = NewTown(*init(pathlib.Path(folder)), store)
        town.packs = every_pack(pathlib.Path(folder))
        try:
            call("pack", "check", str(town.packs / pack))
            once, _ = found(town, pack)
            assert set(once) == {"chief", "jinji1", "jinji2"}, once
            _, out = found(town, pack, code=1)  # it is there: nothing is made
            assert "body of that name" in out, out
            walk(town.open(), pack, once)
            town.close()
            lost(town, once)
            town.close()
            limits(town, once)
        finally:
            town.close()
        assert "entries" in call("ledger", "verify", str(town.data))


def lost(town, once):
    """Nobody is left to reset it: in maintenance, and only then."""
    name = next(iter(names(town)))
    out = call("account", "recover", *town.options(), "--key-file", str(town.key),
               "--body", name, "--logon", "jinji1", str(town.data))
    again = next(w for line in out.splitlines() if "jinji1" in line
                 for w in line.split() if w.count("-") == 3)
    town.open()
    body = town.bodies()[name]
    expect_refused(lambda: town.log_on(body, "jinji1", MINE.format("jinji1")), 401)
    assert town.log_on(body, "jinji1", again)


def limits(town, once):
    """A changed pack changes the limits when somebody says so, not before."""
    for pack in town.packs.glob("*/parameters.yaml"):
        text = pack.read_text(encoding="utf-8")
        pack.write_text(re.sub(r"(id: logon.failures\n +value:) \d+", r"\1 1", text),
                        encoding="utf-8")
    name = next(iter(names(town)))
    mine = MINE.format("jinji2")

    def fail_once():
        town.open()
        expect_refused(lambda: town.log_on(town.bodies()[name], "jinji2", "wrong"), 401)

    fail_once()
    assert town.log_on(town.bodies()[name], "jinji2", mine)
    town.close()
    out = call("limits", *town.options(), "--key-file", str(town.key), str(town.data))
    assert name in out, out
    fail_once()
    expect_refused(lambda: town.log_on(town.bodies()[name], "jinji2", mine), 503)
    town.close()


def names(town):
    town.open()
    bodies = town.bodies()
    town.close()
    return bodies


def founding_is_checked():
    """What is wrong is said before anything is made, or asked for."""
    with tempfile.TemporaryDirectory(prefix="fumikura-found-") as folder:
        data, key = init(pathlib.Path(folder))
        some = ["found", "--lang", "ja", "--key-file", str(key)]
        for words, said in (
                ([], "--pack"),
                (["--pack", "nowhere"], "nowhere"),
                (["--pack", "../packs/okinawa"], "folder"),
                (["--pack", "law", *persons()], "body"),
                (["--pack", "okinawa", *persons()[:4]], "registrar"),
                (["--pack", "okinawa", *persons(), "--person", "king,k,王,オウ"], "king"),
                (["--pack", "okinawa", *persons(), "--person", "manager,m,林,ハヤシ"],
                 "section"),
                (["--pack", "okinawa", *persons(), "--person", "head,chief,林,ハヤシ"],
                 "log-on name"),
                (["--pack", "okinawa", "--person", "chief"], "chief")):
            done = subprocess.run([str(BINARY), *some, "--packs", str(ROOT / "packs"),
                                   *words, str(data)], text=True, timeout=60,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT)
            assert done.returncode in (1, 2) and said in done.stdout, (words, done)
        assert not (data / "fumikura.db").exists(), "something was made"


def keys_have_commands():
    with tempfile.TemporaryDirectory(prefix="fumikura-found-") as folder:
        data = pathlib.Path(folder) / "data"
        two = "一人目の人の長い言葉です。\n二人目の人の長い言葉です。\n"
        start = ["init", "--origin", "story.example/log", "--two-persons", str(data)]
        assert "fk1-" not in call(*start, text="short\n", code=1)
        out = call(*start, text=two)
        shares = [line for line in out.splitlines() if line.startswith("fk1-")]
        key = pathlib.Path(folder) / "key"
        key.write_bytes(os.urandom(32))
        call("unlock", "--add-key-file", str(key), str(data), text="違う言葉\n違う\n", code=1)
        call("unlock", "--add-key-file", str(key), str(data), text=two)
        # one person with the key file starts it, and maintains nothing
        call("passphrase", "--key-file", str(key), str(data), text=two, code=1)
        call("recover", str(data), text=f"{shares[0]}\n{shares[0]}\n{two}", code=1)
        new = "新しい一人目の人の言葉です。\n新しい二人目の人の言葉です。\n"
        call("recover", str(data), text=f"{shares[2]}\n{shares[0]}\n{new}")
        call("passphrase", str(data), text=two + two, code=1)  # the lost one is gone
        call("passphrase", str(data), text=new + two)
        call("unlock", "--remove", "key-file", str(data), text=two)
        call("unlock", "--remove", "passphrase", str(data), text=two, code=1)  # the last
        call("unlock", "--new-shares", str(data), text=two)
        call("recover", str(data), text=f"{shares[2]}\n{shares[0]}\n{new}", code=1)
        out = call("unlock", "--lang", "en", str(data))
        assert "key-file" not in out and "two persons" in out, out


def called_wrongly():
    for words, lang, said in (
            (["help", "nosuch"], "ja", "nosuch というコマンドも操作もありません"),
            (["nosuch"], "en", "there is no command or action nosuch"),
            (["serve", "--prot", "1", "x"], "ja", "--prot という指定はありません"),
            (["serve"], "en", "DATA is needed"),
            (["init", "x"], "ja", "--origin"),
            (["record.view", "--nosuch", "1"], "ja", "--holding")):
        out = call(*words, "--lang", lang, code=2)
        assert said in out, (words, out)
    man = call("--man")
    listed = call("help")
    for name in ("found", "recover", "passphrase", "unlock", "account recover", "limits",
                 "ledger export", "account.password"):
        assert name in man and name in listed, name
        assert call("help", *name.split(" ")), name


def play(name, function, *args):
    try:
        function(*args)
    except Exception:  # every failure is told, none ends the others
        print(f"not ok - {name}")
        traceback.print_exc()
        return False
    print(f"ok - {name}", flush=True)
    return True


def main():
    results = [play("called wrongly, it says how", called_wrongly),
               play("the keys have commands", keys_have_commands),
               play("a founding is checked first", founding_is_checked)]
    for pack in PACKS:
        results.append(play(f"sqlite - {pack} - from an empty folder", one_town, pack, None))
    info = os.environ.get("FUMIKURA_TEST_PG")
    for pack in PACKS if info else []:
        with database(info) as store:
            results.append(play(f"postgresql - {pack} - from an empty folder",
                                one_town, pack, store))
    print(f"{sum(results)} passed, {len(results) - sum(results)} failed")
    return not all(results)


if __name__ == "__main__":
    sys.exit(main())
