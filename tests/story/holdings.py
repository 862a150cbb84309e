"""Holdings registered, changed, moved and closed, told as those who keep them
would."""
import time
import uuid

from stories import expect_refused, find_some, instruct, residents, story

ITEMS = ("氏名 氏名\nフリガナ カナ 前方一致\n住所 住所 前方一致\n"
         "相談の種類 選択:暮らし/税/福祉\n健康の状態 文字 要配慮")


def make(manager, **more):
    purpose = manager.get("/holdings")["holdings"][0]["purposes"][0]["id"]
    form = {"name": "相談の控え " + uuid.uuid4().hex[:6], "sensitivity": "middle",
            "basis": "相談事業実施要綱第3条", "purposes": [purpose], "retention": 5,
            "place": "相談記録システム", "items": ITEMS, "scope": "相談をした人",
            "persons": 300, "collected": "本人からの申出", **more}
    return manager.post("/holdings/new", **form)["id"], form


def sections(person):
    return [s for o in person.get("/organisation")["organs"]
            for s in o["sections"]]


@story("a holding is changed; what it was before stays, with who changed it",
       ["log.record"])
def change_a_holding(town, body):
    manager = town.log_on(body, "manager")
    h, form = make(manager)
    shown = manager.get(f"/holdings/{h}")
    assert shown["persons_stated"] == 300 and shown["may_change"], shown
    assert [i["marks"] for i in shown["items"]][:2] == ["", "前方一致"], shown
    form["retention"], form["place"] = 10, "相談記録システム（新）"
    form["items"] = ITEMS.replace("住所 住所 前方一致", "住所 住所 前方一致 廃止") + "\n電話 電話"
    manager.post(f"/holdings/{h}/change", **form, version=1)
    history = manager.get(f"/holdings/{h}/history")["history"]
    assert [f["version"] for f in history] == [2, 1], history
    changed = {c["label"]: (c["before"], c["after"]) for c in history[0]["changes"]}
    assert changed["保管場所"] == ("相談記録システム", "相談記録システム（新）"), changed
    assert changed["項目「電話」"] == ("", "追加"), changed
    assert history[0]["person"] and history[1]["first"], history
    # from an old page, without an item, with an item of another type
    expect_refused(lambda: manager.post(f"/holdings/{h}/change", **form, version=1), 409)
    for items in ("氏名 氏名", form["items"].replace("氏名 氏名", "氏名 文字")):
        error = expect_refused(lambda i=items: manager.post(
            f"/holdings/{h}/change", **{**form, "items": i}), 422)
        assert error["mistakes"][0]["field"] == "items", error
    for person in ("clerk", "other"):
        expect_refused(lambda p=person: town.log_on(body, p).post(
            f"/holdings/{h}/change", **form), 403)


@story("a holding moves to another section, and what was granted on it ends",
       ["access.grant"])
def move_a_holding(town, body):
    manager, clerk = town.log_on(body, "manager"), town.log_on(body, "clerk")
    h, _ = make(manager)
    here = manager.get(f"/holdings/{h}")["section"]
    section = next(s for s in sections(manager) if s["path"] == here)
    # of the same organ
    other = next(s for o in manager.get("/organisation")["organs"]
                 if section in o["sections"] for s in o["sections"]
                 if s["counts"] and s["id"] != section["id"])
    manager.post("/grants/new", holding=h, office="staff", section=section["id"],
                 acts=["view"], until="R9.3.31")
    assert clerk.get(f"/holdings/{h}")["may_view"]
    move = f"/holdings/{h}/move"
    expect_refused(lambda: manager.post(move, section=section["id"], grants="end"), 422)
    expect_refused(lambda: town.log_on(body, "other").post(
        move, section=other["id"], grants="end"), 403)
    manager.post(move, section=other["id"], grants="end", case="R8-0901")
    assert clerk.get(f"/holdings/{h}")["section"] == other["path"]
    assert not clerk.get(f"/holdings/{h}")["may_view"]
    # it is no longer hers
    expect_refused(lambda: manager.post(move, section=section["id"], grants="end"), 403)
    expect_refused(lambda: manager.post(
        "/grants/new", holding=h, office="staff", section=section["id"],
        acts=["view"], until="R9.3.31"), 403)


@story("a holding is closed once nobody is in it, and stays to be seen",
       ["access.deny"])
def close_a_holding(town, body):
    manager, clerk = town.log_on(body, "manager"), town.log_on(body, "clerk")
    full = residents(clerk)
    if full["section"] == manager.get("/session")["post"].rsplit(" ", 1)[0]:
        expect_refused(lambda: manager.post(
            f"/holdings/{full['id']}/close", sure=True), 409, "廃棄")
    h, form = make(manager)
    manager.post(f"/holdings/{h}/close", sure=True, case="R8-0902")
    shown = clerk.get(f"/holdings/{h}")
    assert shown["closed_at"] and not shown["acts"], shown
    assert manager.get(f"/holdings/{h}/history")["closed_at"]
    for path, fields in (("close", {"sure": True}), ("change", form)):
        expect_refused(lambda p=path, f=fields: manager.post(
            f"/holdings/{h}/{p}", **f), 409)
    expect_refused(lambda: manager.post(
        "/grants/new", holding=h, office="staff", acts=["view"],
        until="R9.3.31"), 409)


@story("a holding on paper has a place, a lock and grants, and no records",
       ["access.grant"])
def keep_paper(town, body):
    manager = town.log_on(body, "manager")
    error = expect_refused(lambda: make(manager, paper=True), 422)
    assert error["mistakes"][0]["field"] == "lock", error
    h, form = make(manager, paper=True, lock="書庫Bの保管庫。鍵は課長が保管",
                   dispose_on="R13.4.1")
    shown = manager.get(f"/holdings/{h}")
    assert shown["paper"] and shown["lock"] and shown["dispose_on"] == "2031-04-01"
    manager.post("/grants/new", holding=h, office="manager", acts=["view", "create"],
                 until="R9.3.31")
    fields = {"purpose": form["purposes"][0], "v": {"item1": "架空 花子"}}
    expect_refused(lambda: manager.post(f"/holdings/{h}/new", **fields), 409, "簿冊")


@story("older versions of a record are listed with who made them, and compared",
       ["log.record"])
def compare_versions(town, body):
    clerk = town.log_on(body, "clerk")
    h = residents(clerk)
    purpose, records = find_some(clerk, h)
    path = f"/holdings/{h['id']}/records/{records[0]['id']}"
    before = clerk.get(path, purpose=purpose)
    assert "versions" not in before or before["version"] > 1
    kana = next(v["text"] for v in before["values"] if v["id"] == "kana")
    case = instruct(town, body, clerk, h, records[0]["id"])
    clerk.post(path + "/correct", purpose=purpose, case=case,
               version=before["version"], v={"kana": kana + "ホ"})
    end = time.monotonic() + 20  # who did it comes from the index, a second late
    now = clerk.get(path, purpose=purpose)
    while not now["versions"][0].get("person") and time.monotonic() < end:
        time.sleep(0.3)
        now = clerk.get(path, purpose=purpose)
    assert [v["version"] for v in now["versions"]][:2] == [
        before["version"] + 1, before["version"]], now["versions"]
    assert now["versions"][0]["reference"] == case, now["versions"]
    old = clerk.get(f"{path}/versions/{now['version']}", purpose=purpose)
    change = next(c for c in old["changes"] if c["label"] == "氏名カナ")
    assert (change["before"], change["after"]) == (kana, kana + "ホ"), change


@story("a file whose headings differ is taken in by headings that are remembered",
       ["access.grant"])
def import_by_headings(town, body):
    manager = town.log_on(body, "manager")
    h, form = make(manager)
    purpose = form["purposes"][0]
    here = manager.get(f"/holdings/{h}")["section"]
    section = next(s for s in sections(manager) if s["path"] == here)
    manager.post("/grants/new", holding=h, office="manager", section=section["id"],
                 acts=["search", "list", "view", "create"], until="R9.3.31")
    path = f"/holdings/{h}/import"

    def take(text, code="utf-8", **more):
        return manager.upload(path, {"file": ("a.csv", text.encode(code))},
                              purpose=purpose, **more)

    head = "お名前,カナ氏名,住所,備考\n"
    text = head + "架空 花子,カクウ ハナコ,見本町1番地,なし\n"
    told = take(text, dry=1)
    assert told["problem_count"] == 3, told
    assert {p["column"] for p in told["problems"]} == {1, 2, 4}, told
    assert [o["label"] for o in told["columns"][0]["options"]][:2] == ["お名前", "カナ氏名"]
    said = {"v.item1": "お名前", "v.item2": "カナ氏名"}
    told = take(text, dry=1, **said)
    assert [p["column"] for p in told["problems"]] == [4], told
    told = take(text, dry=1, rest=1, **{**said, "v.item4": "種別"})
    assert [p["fault"] for p in told["problems"]] == ["column_lacks"], told
    told = take(text, "cp932", rest=1, **said)
    assert told["rows"] == 1 and not told["problem_count"], told
    # remembered; and a file with the items' own names is taken in too
    told = take("カナ氏名,お名前\nミホン タロウ,見本 太郎\n")
    assert told["rows"] == 1 and not told["problem_count"], told
    told = take("氏名,フリガナ\n見本 次郎,ミホン ジロウ\n")
    assert told["rows"] == 1 and not told["problem_count"], told
    assert manager.get(f"/holdings/{h}")["persons"] == 3
    found = manager.post(f"/holdings/{h}/search", purpose=purpose,
                         v={"item2": "ミホン"})["records"]
    names = {v["text"] for r in found for v in r["values"] if v["id"] == "item1"}
    assert names == {"見本 太郎", "見本 次郎"}, found
