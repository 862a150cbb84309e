"""Registers, told as those who keep them would."""
import uuid

from stories import expect_refused, story


def number():
    return f"M-{uuid.uuid4().hex[:8]}"

def medium(person, holder, **more):
    return person.post("/registers/media/new", **{
        "v.kind": "usb", "v.content": "窓口で受け取った届出の控え",
        "v.place": "市民課の書庫", "v.lock": "cabinet", "v.holder": holder,
        "v.taken_on": "R8.4.1", **more})


@story("a medium is entered, moved and ended; what was stays in the history",
       ["media.custody"])
def keep_media(town, body):
    manager = town.log_on(body, "manager")
    holder = manager.get("/persons")["persons"][0]["id"]
    name = number()
    row = medium(manager, holder, **{"v.number": name})["row"]
    path = f"/registers/media/{row}"
    error = expect_refused(lambda: medium(manager, holder,
                                          **{"v.number": name}), 422)
    assert error["mistakes"][0]["field"] == "v.number", error
    now = {f"v.{v['id']}": v["value"] for v in manager.get(path)["values"]
           if v["value"]}
    now["v.place"] = "耐火金庫"
    expect_refused(lambda: manager.post(path + "/change", **now), 422)
    manager.post(path + "/change", **now, version=1, reason="置き場所を移した")
    expect_refused(lambda: manager.post(path + "/change", **now, version=1,
                                        reason="古い画面から"), 409)
    history = manager.get(path)["history"]
    assert [h["version"] for h in history] == [2, 1], history
    assert history[0]["changes"][0]["before"] == "市民課の書庫", history
    found = manager.get("/registers/media", q=name)["rows"]
    assert [r["id"] for r in found] == [row], found
    manager.post(path + "/end", reason="廃棄した", version=2)
    assert not manager.get("/registers/media", q=name)["rows"]
    assert manager.get("/registers/media", q=name, ended=1)["rows"]
    expect_refused(lambda: manager.post(path + "/change", **now, version=3,
                                        reason="終わった行"), 409)


@story("a register is read and kept by the offices that the pack names",
       ["media.custody"])
def keep_to_offices(town, body):
    manager = town.log_on(body, "manager")
    holder = manager.get("/persons")["persons"][0]["id"]
    row = medium(manager, holder, **{"v.number": number()})["row"]
    clerk = town.log_on(body, "clerk")
    expect_refused(lambda: clerk.get("/registers/media"), 403)
    expect_refused(lambda: clerk.get(f"/registers/media/{row}"), 403)
    expect_refused(lambda: medium(clerk, holder, **{"v.number": "M-X"}), 403)
    expect_refused(lambda: manager.get("/registers/no_such_list"), 404)
    expect_refused(lambda: medium(manager, holder, **{
        "v.number": number(), "v.taken_on": "R9.4.1"}), 422)
    expect_refused(lambda: manager.get("/registers/media",
                                       **{"f.content": "控え"}), 422)


@story("a row names its person by name where there are too many for a list",
       ["media.custody"])
def name_a_person(town, body):
    registrar, manager = town.log_on(body, "registrar"), town.log_on(body, "manager")
    family = "架空" + uuid.uuid4().hex[:4]
    for i in range(102):
        registrar.post("/persons/new", name=f"{family} {'一' if i < 2 else i}",
                       kana="カクウ", kind="staff")
    name = number()
    row = medium(manager, f"{family} 7", **{"v.number": name})["row"]
    values = {v["id"]: v for v in manager.get(f"/registers/media/{row}")["values"]}
    assert values["holder"]["text"] == f"{family} 7", values
    for typed, said in ((f"{family} 一", "その中から"), ("だれでもない", "登録されていません")):
        error = expect_refused(lambda t=typed: medium(
            manager, t, **{"v.number": number()}), 422)
        assert said in error["mistakes"][0]["message"], error
