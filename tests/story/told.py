#!/usr/bin/env python3
"""Plays the stories told in words: tests/story/BODY/SUBJECT.story,
and tests/story/shared for what bodies have in common.

usage: told.py [BODY | shared | FILE.story ...]

A story is Japanese that an official can read; README.md beside this file says
the sentences that are understood. All are played in one demonstration, each
sentence at its time, on a clock that the stories set: the server is the
product as it is, on a machine whose clock libfaketime moves.
FUMIKURA_TEST_PG: played on PostgreSQL too. FUMIKURA_FOUNDED: a demonstration
founded on 令和8年4月1日 to copy.
"""
import datetime
import functools
import heapq
import os
import pathlib
import re
import sys
import time
import traceback

import yaml

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import engine  # noqa: E402
from stories import find_some  # noqa: E402
from town import ROOT, Refused, Town, holding  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
BODIES = ("nagaokakyo", "nakadomari", "koriyama", "sapporo", "okinawa")
JST = datetime.timezone(datetime.timedelta(hours=9))
FOUNDED = datetime.datetime(2026, 4, 1, 9, tzinfo=JST)  # the demonstration

# Who is who in the demonstration; the handler logs on with a code.
ACCOUNTS = {
    "田中 翔太": "clerk", "山本 恵子": "manager", "鈴木 直子": "handler",
    "大野 拓也": "other", "小川 誠": "manager2", "佐藤 誠一": "chief",
    "高橋 和夫": "head", "黒田 修": "auditor", "原 美咲": "registrar",
    "木村 蓮": "registrar2", "中村 亮": "operator", "林 千尋": "operator2",
    "藤井 京": "security", "石田 学": "system"}

WILL = (  # verb as done, as tried in vain, what it is
    ("始める", "始めようとするが、断られる", "begin"),
    ("書く", "書こうとするが、断られる", "write"),
    ("直す", "直そうとするが、断られる", "change"),
    ("終わりにする", "終わりにしようとするが、断られる", "end"),
    ("承認する", "承認しようとするが、断られる", "approve"),
    ("不承認にする", "不承認にしようとするが、断られる", "refuse"),
    ("実施する", "実施しようとするが、断られる", "do"),
    ("後閲する", "後閲しようとするが、断られる", "read_after"),
    ("差し戻す", "差し戻そうとするが、断られる", "send_back"),
    ("取り下げる", "取り下げようとするが、断られる", "withdraw"),
    ("出し直す", "出し直そうとするが、断られる", "ask"),
    ("確かめる", "確かめようとするが、断られる", "tick"),
    ("見る", "見ようとするが、断られる", "see"),
    ("開く", "開こうとするが、断られる", "open"),
)
VERBS = {done: (what, False) for done, _, what in WILL} | {
    tried: (what, True) for _, tried, what in WILL}

DEED = re.compile(r"(?P<name>[^（は]+)（(?P<title>[^）]+)）は、(?P<object>.+?(?:[をに]|すべて))(?P<verb>"
                  + "|".join(sorted(VERBS, key=len, reverse=True))
                  + r")。(?:これを「(?P<alias>[^」]+)」と呼ぶ。)?$")
TIME = re.compile(r"(?P<day>令和\d+年\d+月\d+日)(?P<hour>\d+)時になる。$")
STATE = re.compile(r"「(?P<alias>[^」]+)」は「(?P<state>[^」]+)」である。$")
TURN = re.compile(r"「(?P<alias>[^」]+)」は(?P<name>[^「」]+)の番で(?P<not>はない|ある)。$")
DUE = re.compile(r"「(?P<alias>[^」]+)」の期限は(?P<day>令和\d+年\d+月\d+日)である。$")
DUTY = re.compile(r"(?P<name>[^（は]+)（(?P<title>[^）]+)）の義務「(?P<duty>[^」]+)」は"
                  r"「(?P<state>[^」]+)」である。$")
THEN = re.compile(r"(?P<day>令和\d+年\d+月\d+日)の時点で、規程の「(?P<caption>[^」]+)」は"
                  r"「(?P<state>[^」]+)」であった。$")
BOARD = re.compile(r"規程の「(?P<caption>[^」]+)」は「(?P<state>[^」]+)」である。$")
HISTORY = re.compile(r"「(?P<alias>[^」]+)」の履歴は(?P<count>\d+)件である。$")
OBJECT = re.compile(r"(手続|登録簿|(?:目的を言わずに)?個人情報ファイル)?「([^」]+)」"
                    r"(?:に|の記録|の確認事項をすべて|の「([^」]+)」)?$")
APPOINT = re.compile(r"(?P<name>[^（は]+)（(?P<title>[^）]+)）は、(?P<who>[^「は]+?)"
                     r"(?P<deed>に|の)「(?P<office>[^」]+)」を(?P<verb>命じる|解く|"
                     r"命じようとするが、断られる)。$")
PERSONNEL = re.compile(r"(?P<name>[^（は]+)（(?P<title>[^）]+)）は、人事異動「(?P<alias>[^」]+)」を"
                       r"(?P<verb>提案する|登録する|取り下げる|提案しようとするが、断られる|"
                       r"登録しようとするが、断られる)。$")
VACANT = re.compile(r"人事異動「(?P<alias>[^」]+)」で「(?P<post>[^」]+)」が空席になる。$")
SEEN = re.compile(r"(?P<name>[^（は]+)（(?P<title>[^）]+)）には、(?P<who>[^（が]+)が個人情報ファイル"
                  r"「(?P<holding>[^」]+)」の記録を開いたことが見える。$")


class Untold(Exception):
    """The story says something that is not understood, or that is not so."""


def day_of(text):
    """令和8年4月1日 or R8.4.1"""
    year, month, day = map(int, re.findall(r"\d+", text))
    return datetime.date(2018 + year, month, day)


# ---- reading ----

class Line:
    def __init__(self, number, text):
        self.number, self.text, self.fields = number, text, {}

    def said_by(self, words):
        """The same in the words of a body."""
        def put(text):
            for ours, theirs in words:
                text = text.replace(ours, theirs)
            return text

        line = Line(self.number, put(self.text))
        line.fields = {put(k): put(v) for k, v in self.fields.items()}
        return line


class Story:
    def __init__(self, path, title, number):
        self.path, self.title, self.number = path, title, number
        self.provisions, self.begins, self.lines = {}, None, []
        self.words = {}  # of a body, for words that it does not use

    def place(self, line):
        return f"{self.path.relative_to(ROOT)}:{line.number}"


def read(path):
    """The stories of a file. Fields are indented under their sentence; those
    that bodies share say for each the provisions that they show there."""
    stories, folder = [], path.parent.name
    for number, raw in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        text = raw.strip()
        if not text or text.startswith("#"):
            continue
        where = f"{path.relative_to(ROOT)}:{number}"
        head, colon, rest = text.partition(":")
        if head == "物語" and colon:
            stories.append(Story(path, rest.strip(), number))
        elif not stories:
            raise Untold(f"{where}: a story begins with its name, as 物語: NAME")
        elif raw[0].isspace():
            if not colon or not stories[-1].lines:
                raise Untold(f"{where}: a field is LABEL: VALUE under a sentence")
            stories[-1].lines[-1].fields[head.strip()] = rest.strip()
        elif head.split()[0] == "provisions" and colon:
            for body in head.split()[1:] or [folder]:
                stories[-1].provisions[body] = rest.split()
        elif head.split()[0] == "言い換え" and colon:
            stories[-1].words[head.split()[1]] = [w.split("=") for w in rest.split()]
        elif head == "時" and colon:
            day, hour = re.fullmatch(r"(.+日)(\d+)時", rest.strip()).groups()
            stories[-1].begins = moment(day, hour)
        else:
            stories[-1].lines.append(Line(number, text))
    for s in stories:
        if not s.provisions or not s.begins or not s.lines:
            raise Untold(f"{path.relative_to(ROOT)}:{s.number}: a story names its "
                         "provisions and its 時, and something happens in it")
    return stories


def moment(day, hour):
    return datetime.datetime.combine(day_of(day), datetime.time(int(hour)), JST)


@functools.cache
def parse(path):
    return yaml.load(path.read_text(encoding="utf-8"), yaml.CBaseLoader)


def load(pack, name):
    """What a pack and those under it declare, the body's own last."""
    folder = ROOT / "packs" / pack
    manifest = parse(folder / "pack.yaml")
    found = {}
    for under in manifest.get("extends", []):
        found |= load(under, name)
    for file in sorted(folder.glob("*.yaml")):
        listed = parse(file) or {}
        for thing in listed.get(name) or []:
            found[thing.get("id") or thing.get("ref")] = thing
    return found


# ---- playing ----

class Clocked(Town):
    """A town on a machine whose clock the story sets."""

    clock = FOUNDED

    def environment(self):
        library = next(pathlib.Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
        utc = self.clock.astimezone(datetime.timezone.utc)
        return {"LD_PRELOAD": str(library), "FAKETIME": utc.strftime("@%Y-%m-%d %H:%M:%S"),
                "FAKETIME_DONT_FAKE_MONOTONIC": "1", "TZ": "UTC"}

    def made(self):
        return os.environ.get("FUMIKURA_FOUNDED")  # not one founded today

    def turn_to(self, clock):
        if clock == self.clock and self.server:
            return
        self.close()
        self.clock = clock
        self.open()


class Scene:
    """What one story sees of its body; who is logged on, all of them share."""

    def __init__(self, town, body_pack, sessions):
        self.town, self.pack = town, body_pack
        self.registers = load(body_pack, "registers")
        self.procedures = load(body_pack, "procedures")
        self.offices = load(body_pack, "offices")
        name = engine.body_name(body_pack)
        self.body = next(i for n, i in town.bodies().items() if name in n)
        self.sessions, self.called = sessions, {}

    def person(self, name):
        logon = ACCOUNTS.get(name)
        if logon is None:
            raise Untold(f"{name} has no account in the demonstration")
        if (logon, self.town.clock) not in self.sessions:
            self.sessions[logon, self.town.clock] = self.town.log_on(self.body, logon)
        return self.sessions[logon, self.town.clock]

    def people(self):
        registrar = self.person("原 美咲")
        return {p["name"]: p for p in registrar.get("/persons")["persons"]}

    def actor(self, name, title):
        """Somebody, acting in the capacity that the story says."""
        person = self.person(name)
        held = person.get("/capacity")["capacities"]
        meant = [c for c in held if title in c["post"]]
        if not meant:
            raise Untold(f"{name} is {[c['post'] for c in held]}, not {title}")
        if not any(c.get("current") for c in meant):
            person.post("/capacity", capacity=meant[0]["id"])
        return person

    # A field as the official writes it, made what the product asks for.
    def value(self, person, field, text):
        kind = field["type"]
        if kind == "choice":
            for choice in field["choices"]:
                if choice["label"]["ja"] == text:
                    return choice["id"]
            raise Untold(f"「{text}」 is no choice of {field['label']['ja']}")
        if kind == "flag":
            return "1" if text == "はい" else ""
        if kind == "person":
            return self.people()[text]["id"]
        if kind == "holding":
            return holding(person, text)["id"]
        if kind == "office":
            return next(o["id"] for o in self.offices.values()
                        if o["title"]["ja"] == text)
        if kind == "section":
            tree = self.person("原 美咲").get("/organisation")["organs"]
            return next(s["id"] for o in tree for s in o["sections"]
                        if s["path"].endswith(text))
        if kind == "record":  # the one that was opened in that file
            return self.called["file " + text][2]
        if kind == "row":
            return self.called[text][1]
        return text

    def values(self, person, declared, fields):
        known = {f["label"]["ja"]: f for f in declared}
        sent = {}
        for label, text in fields.items():
            if label in known:
                field = known[label]
                sent["v." + field["id"]] = self.value(person, field, text)
            elif label not in ("理由", "戻す先", "断り"):
                raise Untold(f"there is no field 「{label}」 here")
        return sent

    def declared(self, things, title):
        for thing in things.values():
            if thing["title"]["ja"] == title:
                return thing
        raise Untold(f"the pack has no 「{title}」")

    # ---- deeds ----

    def do(self, line, found):
        verb, is_refused = VERBS[found["verb"]]
        if not is_refused:
            person = self.actor(found["name"], found["title"])
            made = self.act(person, verb, found, line.fields)
            if found["alias"]:
                self.called[found["alias"]] = made
            return
        try:
            person = self.actor(found["name"], found["title"])
            self.act(person, verb, found, line.fields)
        except Refused as refused:
            said = str(refused.error)
            if not refused.error.get("message") or line.fields.get("断り", "") not in said:
                raise Untold(f"it was refused in other words: {said}") from None
        else:
            raise Untold("it was let through")

    def act(self, person, verb, found, fields):
        match = OBJECT.match(found["object"].rstrip("を"))
        if not match:
            raise Untold(f"「{found['object']}」 is not understood")
        kind, name, item = match.groups()
        if verb == "begin":
            p = self.declared(self.procedures, name)
            made = person.post(f"/procedures/{p['id']}/new",
                               **self.values(person, p["fields"], fields))
            return p, made["matter"]
        if verb == "write":
            r = self.declared(self.registers, name)
            made = person.post(f"/registers/{r['id']}/new",
                               **self.values(person, r["fields"], fields))
            return r, made["row"]
        if verb == "open":
            return self.open_record(person, name, kind.startswith("目的"))
        if verb == "see" and kind == "登録簿":
            r = self.declared(self.registers, name)
            return r, person.get(f"/registers/{r['id']}")
        if name not in self.called:
            raise Untold(f"nothing is called 「{name}」")
        thing, number = self.called[name]
        if thing["id"] in self.registers and "steps" not in thing:
            return self.act_on_row(person, verb, thing, number, fields)
        return self.act_in_matter(person, verb, thing, number, item, fields)

    def act_on_row(self, person, verb, register, row, fields):
        path = f"/registers/{register['id']}/{row}"
        seen = person.get(path)
        if verb == "see":
            return register, row
        sent = {"version": seen["version"], "reason": fields.get("理由", "")}
        if verb == "change":
            sent |= {f"v.{v['id']}": v["value"] for v in seen["values"] if v["value"]}
            sent |= self.values(person, register["fields"], fields)
        elif verb != "end":
            raise Untold("a row is changed or ended")
        person.post(f"{path}/{verb}", **sent)
        return register, row

    def act_in_matter(self, person, verb, procedure, matter, item, fields):
        path = f"/matters/{matter}"
        seen = person.get(path)
        if verb == "see":
            return procedure, matter
        sent = {"note": fields["理由"]} if "理由" in fields else {}
        if verb == "send_back":
            sent["back"] = next(s["id"] for s in procedure["steps"]
                                if s["title"]["ja"] == fields["戻す先"])
        sent |= self.values(person, procedure["fields"], fields)
        if verb != "tick":
            person.post(path + "/act", deed=verb, step=seen["step_number"],
                        version=seen["version"], **sent)
            return procedure, matter
        for check in seen["checks"]:
            if check["label"] == item or (item is None and not check["ticked"]):
                seen = person.get(path)
                person.post(path + "/act", deed="tick", item=check["id"],
                            step=seen["step_number"], version=seen["version"])
        return procedure, matter

    def open_record(self, person, name, is_purposeless):
        """Finds somebody and opens their record; who may not even search uses
        the record that was opened last."""
        last = self.called.get("file " + name)
        if last is None:
            h = holding(person, name)
            purpose, records = find_some(person, h)
            last = self.called["file " + name] = (h, purpose, records[0]["id"])
        h, purpose, record = last
        said = {} if is_purposeless else {"purpose": purpose, "case": "R8-0001"}
        person.get(f"/holdings/{h['id']}/records/{record}", **said)
        return last

    def appoint(self, line, found):
        person, who = self.actor(found["name"], found["title"]), found["who"]
        tree = person.get("/organisation")
        if found["verb"] == "解く":
            held = [o for o in tree["offices"] + [
                o for organ in tree["organs"] for s in organ["sections"]
                for o in s.get("offices", [])]
                if o.get("person") == who and o["title"] == found["office"]]
            if not held:
                raise Untold(f"{who} is no {found['office']}")
            return person.post(f"/appointments/{held[0]['id']}/end")
        sent = {"person": self.people()[who]["id"], "until": line.fields["終わりの日"],
                "office": self.value(person, {"type": "office"}, found["office"])}
        if "課等" in line.fields:
            sent["section"] = self.value(person, {"type": "section"}, line.fields["課等"])
        try:
            person.post("/appointments/new", **sent)
        except Refused:
            if found["verb"] == "命じる":
                raise
        else:
            self.expect(found["verb"] == "命じる", "it was let through")

    def personnel(self, line, found):
        """A personnel change: PERSON: 区分、所属、役職、旧所属、旧役職"""
        person, alias = self.actor(found["name"], found["title"]), found["alias"]
        verb = found["verb"]
        try:
            if verb.startswith("提案"):
                self.called[alias] = self.propose(person, alias, line.fields)
            else:
                deed = "withdraw" if verb.startswith("取り下げ") else "apply"
                person.post(f"/personnel/{self.called[alias]}/{deed}")
        except Refused as refused:
            said = str(refused.error)
            if verb.endswith("る。") or "断られる" not in verb:
                raise
            if line.fields.get("断り", "") not in said:
                raise Untold(f"it was refused in other words: {said}") from None
        else:
            self.expect("断られる" not in verb, "it was let through")

    def propose(self, person, title, fields):
        """First the rehearsal, which changes nothing; in CP932, as offices have it."""
        rows = ["利用者ID,氏名,区分,所属,役職,旧所属,旧役職"]
        for name, told in fields.items():
            if name in ACCOUNTS:
                cells = (told.split("、") + [""] * 5)[:5]
                rows.append(",".join([ACCOUNTS[name], name, *cells]))
        sent = {"title": title, "day": fields["異動の日"], "until": fields["任期の末日"]}
        file = {"file": ("jinji.csv", "\r\n".join(rows).encode("cp932"))}
        seen = person.upload("/personnel/new", file, **sent, dry="1")
        if seen.get("problem_count"):
            raise Refused(422, {"message": "、".join(
                f"{p['row']}行{p['column']}列{p['text']}" for p in seen["problems"])})
        return person.upload("/personnel/new", file, **sent)["change"]

    # ---- what is so ----

    def check_vacant(self, found):
        seen = self.person("木村 蓮").get(f"/personnel/{self.called[found['alias']]}")
        posts = [v["post"] for v in seen["vacancies"]]
        self.expect(any(found["post"] in post for post in posts), f"vacant are {posts}")

    def matter(self, alias):
        """As somebody sees it who may: the head of the section, or above."""
        _, number = self.called[alias]
        for name in ACCOUNTS:
            try:
                return self.person(name).get(f"/matters/{number}")
            except Refused as refused:
                if refused.status not in (401, 403):
                    raise
        raise Untold(f"nobody may see 「{alias}」")

    def expect(self, so, what):
        if not so:
            raise Untold(what)

    def check_state(self, found):
        seen = self.matter(found["alias"])
        self.expect(found["state"] in (seen["state_word"], seen["step_title"]),
                    f"it is {seen['state_word']} at {seen['step_title']}")

    def check_turn(self, found):
        _, number = self.called[found["alias"]]
        turns = self.person(found["name"]).get("/matters")["turns"]
        self.expect((number in [t["id"] for t in turns]) == (found["not"] == "ある"),
                    f"what waits for them is {[t['id'] for t in turns]}, not {number}")

    def check_due(self, found):
        due = self.matter(found["alias"]).get("due", "")
        self.expect(due and datetime.date.fromisoformat(due[:10]) == day_of(found["day"]),
                    f"it is due {due}")

    def check_duty(self, found):
        person = self.actor(found["name"], found["title"])
        shown = person.get("/duties", duty=next(
            i for i, d in load(self.pack, "duties").items()
            if d["title"]["ja"] == found["duty"]))["duties"]
        states = {d["state_word"] for d in shown} or {"なし"}
        self.expect(states == {found["state"]}, f"it is {states}")

    def check_then(self, found):
        self.check_board(found, at=found["day"])

    def check_board(self, found, **day):
        shown = self.person("佐藤 誠一").get("/board", **day)
        states = {c["state_word"] for chapter in shown["chapters"]
                  for c in chapter["cells"] if c["caption"] == found["caption"]}
        self.expect(states == {found["state"]}, f"it is {states}")

    def check_history(self, found):
        register, row = self.called[found["alias"]]
        for name in ACCOUNTS:
            try:
                seen = self.person(name).get(f"/registers/{register['id']}/{row}")
            except Refused:
                continue
            self.expect(len(seen["history"]) == int(found["count"]),
                        f"it has {len(seen['history'])}")
            return
        raise Untold("nobody may see it")

    def check_seen(self, found):
        """The index of accesses follows the ledger within a second or two."""
        person = self.actor(found["name"], found["title"])
        h, _, record = self.called["file " + found["holding"]]
        for _ in range(100):
            rows = person.get("/accesses", holding=h["id"])["accesses"]
            if any(r.get("record") == record and r["person"] == found["who"]
                   for r in rows):
                return
            time.sleep(0.1)
        raise Untold("it does not show")

    def play_line(self, line):
        for pattern, run in ((STATE, self.check_state), (TURN, self.check_turn),
                             (DUE, self.check_due), (BOARD, self.check_board),
                             (DUTY, self.check_duty), (THEN, self.check_then),
                             (HISTORY, self.check_history), (SEEN, self.check_seen),
                             (VACANT, self.check_vacant)):
            found = pattern.match(line.text)
            if found:
                return run(found)
        for pattern, run in ((APPOINT, self.appoint), (PERSONNEL, self.personnel)):
            found = pattern.match(line.text)
            if found:
                return run(line, found)
        found = DEED.match(line.text)
        if not found:
            raise Untold("this sentence is not understood; tests/story/README.md "
                         "has those that are")
        return self.do(line, found)


def play(scene, s, label, results):
    """Plays a story; yields each time that the clock must show next."""
    line, pack = Line(s.number, "時"), scene.pack
    yield s.begins
    try:
        for line in s.lines:
            line = line.said_by(s.words.get(pack, []))
            found = TIME.match(line.text)
            if found:
                yield moment(found["day"], found["hour"])
            else:
                scene.play_line(line)
    except Exception as why:  # every failure is told, none ends the others
        results[pack, s.title] = False
        print(f"not ok - {label} - {pack} - {s.title}\n{s.place(line)}: {line.text}: {why}")
        if not isinstance(why, (Untold, Refused)):
            traceback.print_exc(file=sys.stdout)
    else:
        results[pack, s.title] = True
        print(f"ok - {label} - {pack} - {s.title}", flush=True)


def play_all(town, stories, label):
    """All stories of all bodies in one town, whose clock never goes back."""
    results, waiting, sessions = {}, [], {}
    for s in stories:
        for pack in s.provisions:
            scene = Scene(town, pack, sessions.setdefault(pack, {}))
            player = play(scene, s, label, results)
            waiting.append((next(player), len(waiting), player))
    heapq.heapify(waiting)
    while waiting:
        clock, number, player = heapq.heappop(waiting)
        town.turn_to(clock)
        then = next(player, None)
        if then:
            heapq.heappush(waiting, (max(then, clock), number, player))
    return results


def chosen(args):
    files = [pathlib.Path(a).resolve() for a in args if a.endswith(".story")]
    for body in [a for a in args if not a.endswith(".story")] or (
            [] if files else [*BODIES, "shared"]):
        files += sorted((HERE / body).glob("*.story"))
    return files


def checked(files):
    """The stories of the files; every ref is one of its body's pack."""
    stories = [s for file in files for s in read(file)]
    for s in stories:
        for body, refs in s.provisions.items():
            missing = [ref for ref in refs if ref not in load(body, "provisions")]
            if missing:
                raise Untold(f"{s.path.relative_to(ROOT)}:{s.number}: {body} has no "
                             f"{' '.join(missing)}")
    return stories


def play_files(files):
    """(lines for stories.tsv, how many were played, how many failed)"""
    stories, results, played = checked(files), {}, 0
    for label, make in engine.towns(Clocked):
        with make() as town:
            own = play_all(town, stories, label)
        played += len(own)
        for key, ok in own.items():
            results[key] = results.get(key, True) and ok
    rows = [f"{s.title}\t{','.join(f'{body}:{ref}' for ref in refs)}\t"
            f"{'passed' if results[body, s.title] else 'failed'}\n"
            for s in stories for body, refs in s.provisions.items()]
    return rows, played, sum(not ok for ok in results.values())


def main(args):
    _, played, failed = play_files(chosen(args))
    print(f"{played - failed} passed, {failed} failed")
    return failed > 0 or played == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
