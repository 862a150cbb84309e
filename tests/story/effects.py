"""What a decision brings about: grants, rows of registers, instructions; and
what keeps a record from being erased."""
from matters import Case, waiting
from stories import expect_refused, find_some, instruct, residents, story


def me(person):
    """Name and id of somebody who is logged on."""
    session = person.get("/session")
    return session["name"], session["person"]


def grants_of(person, h, grant):
    return [g for g in person.get("/grants", holding=h["id"])["grants"]
            if g["id"] == grant]


@story("a request for access that the manager approves is the grant, in the manager's name",
       ["access.grant", "access.deny"])
def grant_by_decision(town, body):
    manager, other = town.log_on(body, "manager"), town.log_on(body, "manager2")
    h = residents(manager)
    purpose, records = find_some(manager, h)
    path = f"/holdings/{h['id']}/records/{records[0]['id']}"
    expect_refused(lambda: other.get(path, purpose=purpose), 403)
    asking = {"v.holding": h["id"], "v.person": me(other)[1],
              "v.reason": "窓口の応援", "v.acts": "view,search", "v.items": "氏名、name",
              "v.until": "R9.3.31"}
    wrong = expect_refused(lambda: other.post("/procedures/access_request/new", **{
        **asking, "v.acts": "view,devour"}), 422)
    assert wrong["mistakes"], wrong
    matter = other.post("/procedures/access_request/new", **asking)["matter"]
    assert not grants_of(manager, h, matter)
    expect_refused(lambda: other.get(path, purpose=purpose), 403)
    case = Case(manager, matter)
    assert "権限" in case.seen["effects"], case.seen["effects"]
    stale = Case(manager, matter)
    case.act("approve")
    assert case.seen["state"] == "done", case.seen["state"]
    made = grants_of(manager, h, matter)
    assert len(made) == 1 and made[0]["made_by"] == me(manager)[0], made
    expect_refused(lambda: stale.act("approve"), 409)
    seen = other.get(path, purpose=purpose)
    masked = {v["id"] for v in seen["values"] if v.get("masked")}
    assert "name" not in masked and "kana" in masked, masked


@story("an effect that cannot be had leaves the matter at its step and says why",
       ["access.grant"])
def failed_effect(town, body):
    manager, other = town.log_on(body, "manager"), town.log_on(body, "other")
    h = residents(manager)
    matter = other.post("/procedures/access_request/new", **{
        "v.holding": h["id"], "v.person": me(other)[1],
        "v.reason": "窓口の応援", "v.acts": "view", "v.items": "年収",
        "v.until": "R9.3.31"})["matter"]
    case = Case(manager, matter)
    told = expect_refused(lambda: case.act("approve"), 422)
    assert "年収" in told["message"], told
    again = Case(manager, matter)
    assert again.seen["state"] == "open" and not grants_of(manager, h, matter)
    assert again.seen["version"] == case.seen["version"]
    # sent back and asked for rightly, it is decided after all
    again.act("send_back", back="ask", note="項目の名前を確かめてください")
    Case(other, matter).act("ask", **{
        "v.holding": h["id"], "v.person": me(other)[1],
        "v.reason": "窓口の応援", "v.acts": "view", "v.items": "氏名", "v.until": "R9.3.31"})
    assert Case(manager, matter).act("approve").seen["state"] == "done"
    assert len(grants_of(manager, h, matter)) == 1


@story("a record is corrected by the manager's instruction alone, and compared by another",
       ["correction"])
def instructed(town, body):
    clerk, manager = town.log_on(body, "clerk"), town.log_on(body, "manager")
    h = residents(clerk)
    purpose, records = find_some(clerk, h)
    record, path = records[0]["id"], f"/holdings/{h['id']}/records/{records[0]['id']}"
    before = clerk.get(path, purpose=purpose)
    name = {v["id"]: v["text"] for v in before["values"]}["name"]

    def correct(person, case, text, where=path):
        person.post(where + "/correct", purpose=purpose, case=case,
                    version=person.get(where, purpose=purpose)["version"], v={"name": text})

    is_demanded = any(p["id"] == "correction" for p in clerk.get("/procedures")["procedures"])
    if is_demanded:
        told = expect_refused(lambda: correct(clerk, "R8-9999", name + "1"), 403)
        assert "指示" in told["message"] and told["article"] and told["ask"], told
        expect_refused(lambda: correct(clerk, "", name + "1"), 403)
    case = instruct(town, body, clerk, h, record)
    matter = next(m["id"] for m in clerk.get("/matters")["matters"] if m["number"] == case)
    correct(clerk, case, name + "改")
    if is_demanded:
        # it is for this person and this record
        expect_refused(lambda: correct(manager, case, name), 403)
        made = clerk.post(f"/holdings/{h['id']}/new", purpose=purpose, case="R8-0301",
                          v={"name": "仮野 別", "kana": "カリノ ベツ"})["record"]
        other = f"/holdings/{h['id']}/records/{made}"
        expect_refused(lambda: correct(clerk, case, "別人", other), 403)
    correct(clerk, case, name)
    Case(clerk, matter).act("do", **{"v.corrected_on": "R8.10.1", "v.told": "税務課"})
    if is_demanded:
        # the step is over, and so is the instruction
        expect_refused(lambda: correct(clerk, case, name + "再"), 403)
    expect_refused(lambda: Case(clerk, matter).act("do"), 403)
    done = Case(manager, matter).tick_all().act("do")
    assert done.seen["state"] == "done"


@story("nothing is erased that a hold keeps, and the refusal says who set it",
       ["disposal"])
def held(town, body):
    clerk, manager = town.log_on(body, "clerk"), town.log_on(body, "manager")
    h = residents(clerk)
    purpose = h["purposes"][0]["id"]
    made = clerk.post(f"/holdings/{h['id']}/new", purpose=purpose, case="R8-0300",
                      v={"name": "仮野 保", "kana": "カリノ タモツ"})["record"]
    path = f"/holdings/{h['id']}/records/{made}"
    row = manager.post("/registers/holds/new", **{
        "v.title": "仮野氏の開示請求", "v.cause": "request", "v.holding": h["id"],
        "v.record": made, "v.from": "R8.10.1"})["row"]
    told = expect_refused(lambda: manager.post(path + "/erase", purpose=purpose,
                                               sure=True), 403)
    name = me(manager)[0]
    assert "仮野氏の開示請求" in told["message"] and name in told["message"], told
    assert told["article"], told
    manager.post(f"/registers/holds/{row}/end", reason="開示の決定が終わった")
    manager.post(path + "/erase", purpose=purpose, sure=True)
    expect_refused(lambda: clerk.get(path, purpose=purpose), 404)


@story("a medium that leaves is out in the register until its return is confirmed",
       ["media.carry", "media.custody"])
def medium(town, body):
    manager, clerk = town.log_on(body, "manager"), town.log_on(body, "clerk")
    row = manager.post("/registers/media/new", **{
        "v.number": "効-1", "v.kind": "usb", "v.content": "統計の作業用", "v.place": "書庫3",
        "v.lock": "cabinet", "v.holder": me(clerk)[1],
        "v.taken_on": "R8.10.1"})["row"]

    def state():
        shown = manager.get(f"/registers/media/{row}")["values"]
        return {v["id"]: v["text"] for v in shown}.get("state", "")

    matter = clerk.post("/procedures/media_carry/new", **{
        "v.medium": row, "v.purpose": "統計の提出", "v.to": "県庁", "v.carrier": "職員が運ぶ",
        "v.back_by": "R8.10.5"})["matter"]
    Case(manager, matter).act("approve")
    assert state() == ""
    leaving = Case(clerk, matter).tick_all().act("do", **{"v.left_on": "R8.10.2"})
    assert state() == "持出し中", state()
    # what was brought about is not undone by sending back or taking back
    told = expect_refused(lambda: leaving.act("withdraw", note="取りやめ"), 403)
    assert "取り下げ" in told["message"], told
    leaving.act("do", **{"v.returned_on": "R8.10.3"})
    assert matter in waiting(manager)
    expect_refused(lambda: Case(manager, matter).act("send_back", back="leave", note="x"), 403)
    assert Case(manager, matter).act("do").seen["state"] == "done"
    assert state() == "保管中", state()
    versions = manager.get(f"/registers/media/{row}")["history"]
    assert len(versions) == 3, versions
