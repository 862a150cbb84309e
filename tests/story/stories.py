"""What the product must do, told as an official would tell it.

Each story runs for each of the five bodies. `controls` are those of the
catalogue that it shows at work; a provision counts as answered when stories
that passed show all of its controls.
"""
from town import Refused, holding

STORIES = []


class NotHere(Exception):
    """The demonstration of this body has not what the story is about; the
    story shows nothing there, and no control."""


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


def instruct(town, body, person, h, record):
    """A correction is asked for and instructed: the matter's number."""
    matter = person.post("/procedures/correction/new", **{
        "v.holding": h["id"], "v.record": record, "v.what": "住所の番地の誤り",
        "v.basis": "届書の写し"})["matter"]
    manager, path = town.log_on(body, "manager"), f"/matters/{matter}"
    seen = manager.get(path)
    manager.post(path + "/act", deed="approve", step=seen["step_number"],
                 version=seen["version"])
    return seen["number"]


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
       ["log.record"])
def oversee(town, body):
    import time
    clerk = town.log_on(body, "clerk")
    h = residents(clerk)
    purpose, records = find_some(clerk, h)
    clerk.get(f"/holdings/{h['id']}/records/{records[0]['id']}", purpose=purpose,
              case="R8-0150")
    manager = town.log_on(body, "manager")
    for _ in range(50):
        rows = manager.get("/accesses", holding=h["id"])["accesses"]
        if any(r.get("record") == records[0]["id"] and r["person"] == "田中 翔太"
               and r["case"] == "R8-0150" and not r["refused"] for r in rows):
            break
        time.sleep(0.2)
    else:
        raise AssertionError("the opening does not show")
    other = town.log_on(body, "other")
    expect_refused(lambda: other.get("/accesses", holding=h["id"]), 403)
    own = {g["holding"] for g in manager.get("/grants")["grants"]}
    assert h["id"] in own, "the grants of all her section's holdings"
    assert h["id"] not in {g["holding"] for g in other.get("/grants")["grants"]}
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


def number_handler(town, body):
    """Who handles 個人番号, logged on without a code, and their holding."""
    try:
        handler = town.log_on(body, "handler")
    except Refused:
        handler = town.log_on(body, "clerk")
    return handler, holding(handler, which=lambda x: x["my_number"])


@story("個人番号 does not open without a second factor",
       ["access.deny"])
def my_number_needs_a_code(town, body):
    handler, h = number_handler(town, body)
    error = expect_refused(lambda: handler.post(
        f"/holdings/{h['id']}/search", purpose=h["purposes"][0]["id"],
        v={"number": "0000000001"}), 403)
    assert error.get("article"), error


@story("the offices of the regulation are filled, each with its right",
       ["org.office", "rule"])
def offices(town, body):
    registrar = town.log_on(body, "registrar")
    shown = registrar.get("/organisation")
    assert any(o.get("person") for o in shown["offices"]), shown["offices"]
    assert registrar.get("/rules")["chapters"]
    clerk = town.log_on(body, "clerk")
    expect_refused(lambda: clerk.post("/appointments/new", person="1" * 16,
                                      office="manager", until="R9.3.31"), 403)


@story("the board counts each article once, by its worst provision, and filters by state",
       ["rule"])
def board(town, body):
    chief = town.log_on(body, "chief")
    whole = chief.get("/board")
    counts = {s["state"]: s["count"] for s in whole["states"]}
    cells = [c for chapter in whole["chapters"] for c in chapter["cells"]]
    assert sum(counts.values()) == whole["count"] == len(cells), counts
    assert sum(c["provisions"] for c in cells) == whole["provisions"]
    for state, count in counts.items():
        shown = chief.get("/board", state=state)
        cells = [c for chapter in shown["chapters"] for c in chapter["cells"]]
        assert len(cells) == count and all(c["state"] == state for c in cells)
        assert all(w["state"] == state for w in shown["wanting"])
        assert bool(shown["wanting"]) >= bool(count), state


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
    case = instruct(town, body, clerk, h, records[0]["id"])
    clerk.post(path + "/correct", purpose=purpose, case=case,
               version=before["version"], v={item: new})
    after = clerk.get(path, purpose=purpose)
    assert {v["id"]: v.get("text", "") for v in after["values"]}[item] == new
    first = clerk.get(f"{path}/versions/{before['version']}", purpose=purpose)
    assert {v["id"]: v.get("text", "") for v in first["values"]}[item] == old[item]
    expect_refused(lambda: clerk.post(path + "/correct", purpose=purpose, case=case,
                                      version=before["version"], v={item: new}), 409)
    same = expect_refused(lambda: clerk.post(path + "/correct", purpose=purpose, case=case,
                                             version=after["version"], v={item: new}), 422)
    assert "変わったところ" in same["mistakes"][0]["message"], same
    wrong = expect_refused(lambda: clerk.post(
        path + "/correct", purpose=purpose, case=case, version=after["version"],
        v={"kana": "kana?", item: new}), 422)["mistakes"]
    assert [m["item"] for m in wrong] == ["kana"] and "カタカナ" in wrong[0]["message"], wrong
    clerk.post(path + "/correct", purpose=purpose, case=case, version=after["version"],
               v={item: ""})
    cleared = clerk.get(path, purpose=purpose)
    left = {v["id"]: v.get("text", "") for v in cleared["values"]}
    assert left[item] == "" and left["name"] == old["name"], "one cleared, one kept"
    second = clerk.get(f"{path}/versions/{after['version']}", purpose=purpose)
    assert {v["id"]: v.get("text", "") for v in second["values"]}[item] == new
    clerk.post(path + "/correct", purpose=purpose, case=case, version=cleared["version"],
               v={item: old[item]})


@story("a list with errors is not taken in: row, column and what to do are told",
       ["correction"])
def import_with_errors(town, body):
    manager = town.log_on(body, "manager")
    h = residents(manager)
    names = {i["id"]: i["name"] for i in manager.get(f"/holdings/{h['id']}")["items"]}
    csv = f"{names['name']},{names['kana']},{names['birth']}\n".encode() + (
        "仮野 一郎,カリノ イチロウ,昭和50年2月33日\n仮野 二郎\n").encode()
    for lang, date, length in (("ja", "日付として読めません", "列の数が1行目と違います"),
                               ("en", "not a date", "another number of columns")):
        manager.lang = lang
        told = manager.upload(f"/holdings/{h['id']}/import", {"file": ("a.csv", csv)},
                              purpose=h["purposes"][0]["id"], dry="1")
        assert [(p["row"], p["column"]) for p in told["problems"]] == [(2, 3), (3, 0)], told
        assert date in told["problems"][0]["text"], told
        assert names["birth"] in told["problems"][0]["text"], told
        assert length in told["problems"][1]["text"], told


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


@story("a wrong password is told without saying what was wrong; log-off ends it", [])
def log_on_and_off(town, body):
    for logon, password in (("clerk", "wrong-password-here"),
                            ("nobody", "fumikura-demo-2026")):
        error = expect_refused(lambda: town.log_on(body, logon, password), 401)
    clerk = town.log_on(body, "clerk")
    clerk.post("/logoff")
    expect_refused(lambda: clerk.get("/holdings"), 401)


def documents_of(person, path, purpose):
    return {d["item"]: d for d in person.get(path, purpose=purpose)["documents"]}


def invented_record(person, h, purpose):
    made = person.post(f"/holdings/{h['id']}/new", purpose=purpose, case="R8-0400",
                       v={"name": "書類 花子", "kana": "ショルイ ハナコ"})
    return f"/holdings/{h['id']}/records/{made['record']}"


def attach(person, path, purpose, name, data, item="notice"):
    return person.upload(path + "/attach", {"file": (name, data)}, item=item,
                         purpose=purpose, case="R8-0401")


@story("a document is attached to a record, opened with a purpose, replaced and erased",
       ["access.grant", "access.purpose", "encrypt", "log.record", "disposal"])
def documents(town, body):
    import time
    clerk = town.log_on(body, "clerk")
    h = residents(clerk)
    purpose = h["purposes"][0]["id"]
    path = invented_record(clerk, h, purpose)
    assert "id" not in documents_of(clerk, path, purpose)["notice"]
    data = bytes(range(256)) * 2500  # more than two chunks
    made = attach(clerk, path, purpose, "C:\\届出\\転入届 花子.pdf", data)
    seen = documents_of(clerk, path, purpose)["notice"]
    assert seen["id"] == made["document"] and seen["bytes"] == len(data), seen
    assert seen["name"] == "転入届 花子.pdf" and seen["type"] == "application/pdf"
    one = f"{path}/documents/{seen['id']}"
    expect_refused(lambda: clerk.get(one), 422)
    expect_refused(lambda: clerk.get(one, purpose="no.such.purpose"), 403)
    assert clerk.get(one, purpose=purpose, case="R8-0402") == data
    manager = town.log_on(body, "manager")
    for _ in range(50):
        rows = manager.get(path + "/trail")["accesses"]
        acts = {r["act"] for r in rows}
        if {"文書の添付", "文書の閲覧"} <= acts:
            break
        time.sleep(0.2)
    else:
        raise AssertionError(f"the trail of the record lacks them: {acts}")
    other = attach(clerk, path, purpose, "差替え.txt", "新しい届出".encode())
    assert clerk.get(f"{path}/documents/{other['document']}", purpose=purpose) \
        == "新しい届出".encode()
    expect_refused(lambda: clerk.get(one, purpose=purpose), 404)
    assert clerk.get(one, purpose=purpose, version=made["version"]) == data
    expect_refused(lambda: clerk.post(one + "/erase", purpose=purpose, sure=True), 403)
    manager.post(one + "/erase", purpose=purpose, sure=True)
    for person in (clerk, manager):
        expect_refused(lambda: person.get(one, purpose=purpose,
                                          version=made["version"]), 404)
    old = clerk.get(f"{path}/versions/{made['version']}", purpose=purpose)
    assert [d["erased"] for d in old["documents"] if "id" in d] == [True]
    manager.post(path + "/erase", purpose=purpose, sure=True)
    expect_refused(lambda: manager.get(f"{path}/documents/{other['document']}",
                                       purpose=purpose), 404)


@story("who may not see an item sees neither the name of its document nor the document",
       ["access.deny", "access.grant"])
def documents_are_masked(town, body):
    clerk, manager = town.log_on(body, "clerk"), town.log_on(body, "manager")
    h = residents(clerk)
    purpose = h["purposes"][0]["id"]
    path = invented_record(clerk, h, purpose)
    made = attach(clerk, path, purpose, "本人確認.png", b"\x89PNG")["document"]
    one = f"{path}/documents/{made}"
    other = town.log_on(body, "other")
    for act in (lambda: other.get(one, purpose=purpose),
                lambda: attach(other, path, purpose, "x.pdf", b"x"),
                lambda: other.post(one + "/erase", purpose=purpose, sure=True)):
        error = expect_refused(act, 403)
        assert error.get("article"), error
        assert "山本 恵子" in error.get("ask", ""), error
    person = next(p for p in town.log_on(body, "registrar").get("/persons")["persons"]
                  if p["name"] == "大野 拓也")
    manager.post("/grants/new", holding=h["id"], person=person["id"], until="R9.3.31",
                 acts=["view", "create", "correct"], items=["name", "kana"])
    seen = documents_of(other, path, purpose)["notice"]
    assert seen["masked"] and "id" not in seen and "name" not in seen, seen
    error = expect_refused(lambda: other.get(one, purpose=purpose), 403)
    assert error.get("article"), error
    expect_refused(lambda: attach(other, path, purpose, "x.pdf", b"x"), 403)
    assert clerk.get(one, purpose=purpose) == b"\x89PNG"


@story("a document is handed out as a file to keep, whatever it says it is",
       ["encrypt"])
def documents_do_nothing(town, body):
    clerk = town.log_on(body, "clerk")
    h = residents(clerk)
    purpose = h["purposes"][0]["id"]
    path = invented_record(clerk, h, purpose)
    page = b"<script>alert(1)</script>"
    made = attach(clerk, path, purpose, "様式「1」.html", page)["document"]
    status, headers, data = town.send(
        "GET", f"/api/v1{path}/documents/{made}?purpose={purpose}",
        headers={"Authorization": f"Bearer {clerk.session}"})
    assert (status, data) == (200, page)
    assert headers["Content-Type"] == "application/octet-stream", headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    assert "sandbox" in headers.get_all("Content-Security-Policy")
    where = headers["Content-Disposition"]
    assert where.startswith('attachment; filename="') and where.isascii(), where
    assert where.endswith("filename*=UTF-8''%E6%A7%98%E5%BC%8F%E3%80%8C1%E3%80%8D.html")
    for name in ("a\u202efdp.exe", "..", "あ" * 86):
        error = expect_refused(lambda: attach(clerk, path, purpose, name, b"x"), 422)
        assert [m["field"] for m in error["mistakes"]] == ["file"], error
    expect_refused(lambda: attach(clerk, path, purpose, "a.pdf", b""), 422)
    expect_refused(lambda: attach(clerk, path, purpose, "a.pdf", b"x", item="name"), 422)


@story("a document of a 秘匿 record is as closed as the record",
       ["access.deny"])
def documents_of_secret_records(town, body):
    clerk, manager = town.log_on(body, "clerk"), town.log_on(body, "manager")
    h = residents(clerk)
    purpose = h["purposes"][0]["id"]
    path = invented_record(clerk, h, purpose)
    made = attach(clerk, path, purpose, "申出書.pdf", b"%PDF-")["document"]
    one = f"{path}/documents/{made}"
    assert clerk.get(one, purpose=purpose) == b"%PDF-"
    manager.post(path + "/secret", purpose=purpose, until="R9.3.31")
    error = expect_refused(lambda: clerk.get(one, purpose=purpose), 403)
    assert error.get("article"), error
    expect_refused(lambda: attach(clerk, path, purpose, "x.pdf", b"x"), 403)
    # handed out it leaves the screen: somebody else confirms that first
    error = expect_refused(lambda: manager.get(one, purpose=purpose), 403)
    assert "確認" in error["message"], error
    assert documents_of(manager, path, purpose)["notice"]["name"] == "申出書.pdf"


@story("a document of a 個人番号 file takes a second factor too",
       ["access.deny"])
def documents_with_my_number(town, body):
    handler, h = number_handler(town, body)
    path = f"/holdings/{h['id']}/records/{'1' * 16}"
    purpose = h["purposes"][0]["id"]
    error = expect_refused(lambda: handler.get(f"{path}/documents/{'2' * 16}",
                                               purpose=purpose), 403)
    assert error.get("article"), error
