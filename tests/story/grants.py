"""Grants to many, to persons as one names them, and from certain places."""
import urllib.parse
import uuid

from stories import expect_refused, residents, story
from town import Refused

SURNAMES = ["仮野", "見本", "試山"]


def sections(registrar, of=None):
    """Path -> id; of: only those of the organ that this section is in."""
    return {s["path"]: s["id"] for organ in registrar.get("/organisation")["organs"]
            for s in organ["sections"]
            if of is None or of in [t["path"] for t in organ["sections"]]}


def appoint(registrar, person, section, until="R9.3.31"):
    for office in ("staff", "worker"):  # the packs name it differently
        try:
            return registrar.post("/appointments/new", person=person, office=office,
                                  section=section, until=until)["id"]
        except Refused:
            continue
    raise AssertionError("no such office")


def kana_of(number):
    """A reading that no other person has: digits as kana."""
    return "".join("アカサタナハマヤラワ"[int(d)] for d in f"{number:03d}")


def newcomers(town, registrar, body, n, section=None):
    """n persons with names of this story's own; appointed where a section is given."""
    mark = "".join("イキシチニヒミリエケ"[int(c, 16) % 10] for c in uuid.uuid4().hex[:6])
    made = []
    for i in range(n):
        name = f"{SURNAMES[i % 3]} {mark}{kana_of(i)}"
        kana = f"{mark}{kana_of(i)}"
        logon = f"s{uuid.uuid4().hex[:10]}"
        person = registrar.post("/persons/new", name=name, kana=kana, kind="staff",
                                logon=logon)["person"]
        made.append({"id": person, "name": name, "kana": kana, "logon": logon})
        if section:
            appoint(registrar, person, section)
    return mark, made


def grants_of(person, h):
    rows, after = [], {}
    while True:
        page = person.get("/grants", holding=h["id"], **after)
        rows += page["grants"]
        if "next" not in page:
            return rows
        after = {"after": page["next"]}


def day(ahead):
    import datetime
    jst = datetime.timezone(datetime.timedelta(hours=9))
    return (datetime.datetime.now(jst).date() + datetime.timedelta(days=ahead)).isoformat()


@story("for an election a list of persons has grants on named days, whole or not at all",
       ["access.grant"])
def surge(town, body):
    registrar, manager = town.log_on(body, "registrar"), town.log_on(body, "manager")
    h = residents(manager)
    there = next(i for path, i in sections(registrar, h["section"]).items()
                 if path != h["section"])
    _, made = newcomers(town, registrar, body, 4, there)
    # by name without its space, by reading in hiragana, by log-on name, by id
    hira = "".join(chr(ord(c) - 0x60) for c in made[1]["kana"])
    listed = "\n".join([made[0]["name"].replace(" ", ""), hira, made[2]["logon"]])
    ask = {"holding": h["id"], "person": [listed, made[3]["id"]], "acts": ["search", "view"],
           "days": f"{day(8)}\n{day(7)}、{day(8)}", "case": "R8-0901"}
    before = len(grants_of(manager, h))
    expect_refused(lambda: manager.post("/grants/surge", **{
        **ask, "person": [listed, "だれでもない人"]}), 422, "だれでもない人")
    expect_refused(lambda: manager.post("/grants/surge", **{
        **ask, "person": ["x"] * 201}), 422, "200件まで")
    expect_refused(lambda: manager.post("/grants/surge", **{
        **ask, "days": "\n".join(day(i) for i in range(17))}), 422, "16件まで")
    expect_refused(lambda: manager.post("/grants/surge", **{
        **ask, "days": day(-1)}), 422)
    _, other = newcomers(town, registrar, body, 1)
    expect_refused(lambda: manager.post("/grants/surge", **{
        **ask, "person": [listed, other[0]["logon"]]}), 422, other[0]["name"])
    assert len(grants_of(manager, h)) == before, "a list with a fault makes none"
    done = manager.post("/grants/surge", **ask)
    assert (done["made"], done["were_there"]) == (4, 0), done
    again = manager.post("/grants/surge", **ask)
    assert (again["made"], again["were_there"]) == (0, 4), again
    rows = [g for g in grants_of(manager, h) if g["surge"] and any(
        g["to"] == m["name"] for m in made)]
    assert len(rows) == 4, rows
    assert all(not g["in_force"] for g in rows), "the days have not come"
    assert all(g["until"] > day(8) and g["from"][:10] >= day(6) for g in rows), rows


@story("a person who holds two posts has a grant in the one that is chosen",
       ["access.grant"])
def two_posts(town, body):
    registrar, manager = town.log_on(body, "registrar"), town.log_on(body, "manager")
    h = residents(manager)
    elsewhere = [i for path, i in sections(registrar, h["section"]).items()
                 if path != h["section"]][:2]
    _, made = newcomers(town, registrar, body, 1)
    posts = [appoint(registrar, made[0]["id"], s) for s in elsewhere]
    ask = {"holding": h["id"], "person": made[0]["logon"], "acts": ["view"],
           "until": "R9.3.31"}
    expect_refused(lambda: manager.post("/grants/new", **ask), 422, made[0]["name"])
    assert manager.post("/grants/new", **ask, capacity=posts[1])["id"]
    expect_refused(lambda: manager.post("/grants/new", **ask, days=[day(9)] * 17), 422,
                   "16件まで")
    expect_refused(lambda: manager.post("/grants/new", **{**ask, "begins": 875},
                                        capacity=posts[0]), 422)
    limited = manager.post("/grants/new", **ask, capacity=posts[0], begins=830, ends=1715,
                           weekdays=["mon", "fri"])["id"]
    row = next(g for g in grants_of(manager, h) if g["id"] == limited)
    assert "月曜日" in row["limits"] and "08:30" in row["limits"], row


@story("in a large town persons are typed, and those whom it fits are offered",
       ["access.grant"])
def large_town(town, body):
    registrar, manager = town.log_on(body, "registrar"), town.log_on(body, "manager")
    h = residents(manager)
    here = sections(registrar)[h["section"]]
    mark, made = newcomers(town, registrar, body, 3)
    twins = [registrar.post("/persons/new", name=f"仮野 {mark}双子", kana=f"フタゴ{mark}",
                            kind="staff")["person"] for _ in range(2)]
    for person in twins:
        appoint(registrar, person, here)
    ask = {"holding": h["id"], "acts": ["view"], "until": "R9.3.31"}
    error = expect_refused(lambda: manager.post(
        "/grants/new", **ask, person=f"ふたご{mark}"), 422, "2人")
    assert {o["id"] for o in error["offers"]} == set(twins), error
    assert all(h["section"] in o["label"] for o in error["offers"]), error
    made_grant = manager.post("/grants/new", **ask, person=[f"ふたご{mark}", twins[1]])
    assert made_grant["id"]
    expect_refused(lambda: manager.post(
        "/grants/new", **ask, person=[f"ふたご{mark}", made[0]["id"]]), 422)
    expect_refused(lambda: manager.post("/grants/new", **ask, person="だれでもない人"), 422,
                   "だれでもない人")
    expect_refused(lambda: registrar.post(
        f"/persons/{urllib.parse.quote(mark)}/transfer", office="staff", section=here,
        until="R9.3.31"), 422, "3人")
    assert permit(town, body, account="大野拓也", count=10, until="R9.3.31")["id"]


def permit(town, body, **ask):
    """By whichever office gives permits here."""
    for office in ("manager", "chief", "security"):
        try:
            return town.log_on(body, office).post("/permits/new", **ask)
        except Refused as refused:
            assert refused.status in (401, 403), refused
    raise AssertionError("nobody permits")
