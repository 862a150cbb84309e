"""What the product must do, told as an official would tell it.

Each story runs for each of the five bodies. `controls` are those of the
catalogue that it shows at work; a provision counts as answered when stories
that passed show all of its controls.
"""
from town import Refused, holding

STORIES = []


def story(name, controls):
    def add(function):
        STORIES.append((name, controls, function))
        return function
    return add


def expect_refused(function, status, word=None):
    try:
        function()
    except Refused as refused:
        assert refused.status == status, refused
        assert refused.error.get("message"), refused
        if word:
            assert word in str(refused.error), refused
        return refused.error
    raise AssertionError("it was let through")


def residents(person):
    return holding(person, which=lambda h: h["may_view"] and not h["my_number"]
                   and not h["second_factor"] and h["persons"] > 0)


def find_some(person, h):
    purpose = h["purposes"][0]["id"]
    for kana in "アイカキサシタナハマヤワ":
        found = person.post(f"/holdings/{h['id']}/search", purpose=purpose,
                            case="R8-0100", v={"kana": kana})
        if found.get("records"):
            return purpose, found["records"]
    raise LookupError("nobody found")


@story("a clerk finds a resident by kana, names the purpose and reads the record",
       ["access.grant", "access.purpose", "encrypt", "log.record"])
def read_a_record(town, body):
    clerk = town.log_on(body, "clerk")
    h = residents(clerk)
    purpose, records = find_some(clerk, h)
    path = f"/holdings/{h['id']}/records/{records[0]['id']}"
    seen = clerk.get(path, purpose=purpose, case="R8-0101")
    values = {v["id"]: v.get("text", "") for v in seen["values"]}
    assert values["name"] and values["kana"], values
    assert seen["entry"] > 0
    again = clerk.get(path, purpose=purpose, case="R8-0101")
    assert again["entry"] > seen["entry"], "each reading has its own entry"
    expect_refused(lambda: clerk.get(path, purpose="no.such.purpose"), 403)
    expect_refused(lambda: clerk.get(path), 422)


@story("a clerk of another section is refused, with the article and whom to ask",
       ["access.deny", "access.grant"])
def refuse_another_section(town, body):
    clerk = town.log_on(body, "clerk")
    h = residents(clerk)
    purpose, records = find_some(clerk, h)
    other = town.log_on(body, "other")
    error = expect_refused(lambda: other.get(
        f"/holdings/{h['id']}/records/{records[0]['id']}", purpose=purpose), 403)
    assert error.get("article"), error
    assert "山本 恵子" in error.get("ask", ""), error
    expect_refused(lambda: other.post(f"/holdings/{h['id']}/search", purpose=purpose,
                                      v={"kana": "ア"}), 403)


@story("the protection manager sees who opened what and why, refusals too",
       ["log.record", "handling.ledger", "log.protect"])
def oversee(town, body):
    import time
    clerk = town.log_on(body, "clerk")
    h = residents(clerk)
    purpose, records = find_some(clerk, h)
    clerk.get(f"/holdings/{h['id']}/records/{records[0]['id']}", purpose=purpose)
    manager = town.log_on(body, "manager")
    for _ in range(50):
        rows = manager.get("/accesses", holding=h["id"])["accesses"]
        if any(r.get("record") == records[0]["id"] and r["person"] == "田中 翔太"
               for r in rows):
            break
        time.sleep(0.2)
    else:
        raise AssertionError("the opening does not show")
    other = town.log_on(body, "other")
    expect_refused(lambda: other.get("/accesses", holding=h["id"]), 403)
    seen = other.get("/accesses")["accesses"]
    assert all(r["person"] == "大野 拓也" for r in seen), "only one's own"


@story("operators run the machine and see no personal information",
       ["admin.least"])
def operators_see_nothing(town, body):
    clerk = town.log_on(body, "clerk")
    h = residents(clerk)
    purpose, records = find_some(clerk, h)
    operator = town.log_on(body, "operator")
    assert operator.get("/ledger")["entries"] > 0
    error = expect_refused(lambda: operator.get(
        f"/holdings/{h['id']}/records/{records[0]['id']}", purpose=purpose), 403)
    assert error.get("article"), error
    expect_refused(lambda: operator.get("/ledger/entries/1"), 403)


@story("個人番号 does not open without a second factor",
       ["auth.identify"])
def my_number_needs_a_code(town, body):
    try:
        handler = town.log_on(body, "handler")
    except Refused:
        handler = town.log_on(body, "clerk")
    h = holding(handler, which=lambda x: x["my_number"])
    error = expect_refused(lambda: handler.post(
        f"/holdings/{h['id']}/search", purpose=h["purposes"][0]["id"],
        v={"number": "0000000001"}), 403)
    assert error.get("article"), error


@story("the offices of the regulation are filled, each with its right",
       ["org.office", "org.deputy", "rule"])
def offices(town, body):
    registrar = town.log_on(body, "registrar")
    shown = registrar.get("/organisation")
    assert any(o.get("person") for o in shown["offices"]), shown["offices"]
    assert registrar.get("/rules")["chapters"]
    clerk = town.log_on(body, "clerk")
    expect_refused(lambda: clerk.post("/appointments/new", person="1" * 16,
                                      office="manager", until="R9.3.31"), 403)


@story("a grant ends at once when its holder is transferred",
       ["access.grant", "org.handler"])
def transfer_ends_grants(town, body):
    registrar, manager = town.log_on(body, "registrar"), town.log_on(body, "manager")
    h = residents(manager)
    sections = {s["path"]: s["id"] for organ in registrar.get("/organisation")["organs"]
                for s in organ["sections"]}
    here = sections[h["section"]]
    there = next(i for path, i in sections.items() if path != h["section"])
    made = registrar.post("/persons/new", name="渡辺 空", kana="ワタナベ ソラ",
                          kind="staff")["person"]
    for office in ("staff", "worker"):
        try:
            registrar.post("/appointments/new", person=made, office=office, section=here,
                           until="R9.3.31")
            break
        except Refused:
            continue
    grant = manager.post("/grants/new", holding=h["id"], person=made,
                         acts=["view", "search", "list"], until="R9.3.31")["id"]

    def in_force():
        rows = manager.get("/grants", holding=h["id"])["grants"]
        return any(g["id"] == grant and g["in_force"] for g in rows)

    assert in_force()
    registrar.post(f"/persons/{made}/transfer", office=office, section=there,
                   until="R9.3.31")
    assert not in_force()


@story("an error in a record is corrected, the old version is kept",
       ["correction"])
def correct(town, body):
    clerk = town.log_on(body, "clerk")
    h = residents(clerk)
    purpose, records = find_some(clerk, h)
    path = f"/holdings/{h['id']}/records/{records[0]['id']}"
    before = clerk.get(path, purpose=purpose)
    old = {v["id"]: v.get("text", "") for v in before["values"]}
    item = "phone" if "phone" in old else "address"
    new = "0980-00-0001" if item == "phone" else old[item] + "1"
    clerk.post(path + "/correct", purpose=purpose, case="R8-0200",
               version=before["version"], v={item: new})
    after = clerk.get(path, purpose=purpose)
    assert {v["id"]: v.get("text", "") for v in after["values"]}[item] == new
    first = clerk.get(f"{path}/versions/{before['version']}", purpose=purpose)
    assert {v["id"]: v.get("text", "") for v in first["values"]}[item] == old[item]
    expect_refused(lambda: clerk.post(path + "/correct", purpose=purpose,
                                      version=before["version"], v={item: new}), 409)


@story("an erased record opens for nobody any more",
       ["disposal"])
def erase(town, body):
    clerk = town.log_on(body, "clerk")
    h = residents(clerk)
    purpose = h["purposes"][0]["id"]
    made = clerk.post(f"/holdings/{h['id']}/new", purpose=purpose, case="R8-0300",
                      v={"name": "仮野 一郎", "kana": "カリノ イチロウ"})
    path = f"/holdings/{h['id']}/records/{made['record']}"
    assert clerk.get(path, purpose=purpose)["values"]
    expect_refused(lambda: clerk.post(path + "/erase", purpose=purpose, sure=True), 403)
    manager = town.log_on(body, "manager")
    manager.post(path + "/erase", purpose=purpose, sure=True)
    for person in (clerk, manager):
        expect_refused(lambda: person.get(path, purpose=purpose), 404)


@story("a wrong password is told without saying what was wrong; log-off ends it",
       ["auth.password", "view.lock"])
def log_on_and_off(town, body):
    for logon, password in (("clerk", "wrong-password-here"),
                            ("nobody", "fumikura-demo-2026")):
        error = expect_refused(lambda: town.log_on(body, logon, password), 401)
    clerk = town.log_on(body, "clerk")
    clerk.post("/logoff")
    expect_refused(lambda: clerk.get("/holdings"), 401)
