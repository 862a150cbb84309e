"""Stories of those who must not be found, and of doors broken in an emergency."""
import datetime

from stories import attach, expect_refused, instruct, residents, story


def pages(town, person, *paths):
    """The pages of these paths, as a browser gets them."""
    cookie = {"Cookie": f"fumikura={person.session}", "Accept-Language": "ja"}
    return [town.send("GET", path, None, cookie)[2].decode() for path in paths]


def hidden(texts, page):
    for text in texts:
        assert text not in page, f"{text} stands in the page"


def fit_address(h, clerk, purpose):
    """An address of the body, as its records have it."""
    for kana in "アイカキサシタナハマヤワ":
        found = clerk.post(f"/holdings/{h['id']}/search", purpose=purpose,
                           case="R8-0400", v={"kana": kana})
        for record in found.get("records", []):
            for value in record["values"]:
                if value["id"] == "address" and value.get("text"):
                    return value["text"]
    raise LookupError("no address")


def person_id(town, body, name):
    after = None
    registrar = town.log_on(body, "registrar")
    while True:
        page = registrar.get("/persons", **({"after": after} if after else {}))
        for p in page["persons"]:
            if p["name"] == name:
                return p["id"]
        after = page.get("next")
        assert after, name


class Flight:
    """花子 and 三郎 live at one address; 花子 has to be protected."""

    def __init__(self, town, body):
        self.town, self.body = town, body
        self.clerk = town.log_on(body, "clerk")
        self.manager = town.log_on(body, "manager")
        self.h = residents(self.clerk)
        self.purpose = self.h["purposes"][0]["id"]
        self.address = fit_address(self.h, self.clerk, self.purpose)
        self.her = self.make("避難 花子", "ヒナン ハナコ")
        self.him = self.make("避難 三郎", "ヒナン サブロウ")
        self.path = f"/holdings/{self.h['id']}/records/{self.her}"

    def make(self, name, kana):
        return self.clerk.post(
            f"/holdings/{self.h['id']}/new", purpose=self.purpose, case="R8-0401",
            v={"name": name, "kana": kana, "address": self.address})["record"]

    def mark(self, until):
        self.manager.post(self.path + "/secret", purpose=self.purpose,
                          case="R8-0402", until=until)

    def found(self, person, **terms):
        answer = person.post(f"/holdings/{self.h['id']}/search", purpose=self.purpose,
                             case="R8-0403", v=terms)
        return ([r["id"] for r in answer.get("records", [])],
                [r["id"] for r in answer.get("secrets", [])])


@story("a protected person's record is seen by nobody without a grant for such records",
       ["access.deny"])
def protect(town, body):
    f = Flight(town, body)
    old = f.clerk.get(f.path, purpose=f.purpose)
    case = instruct(town, body, f.clerk, f.h, f.her)
    f.clerk.post(f.path + "/correct", purpose=f.purpose, case=case, version=old["version"],
                 v={"name": "避難 花"})
    assert f.her in f.found(f.clerk, address=f.address)[0]
    expect_refused(lambda: f.clerk.post(f.path + "/secret", purpose=f.purpose,
                                        until="R20.3.31"), 403)
    f.mark("R20.3.31")
    error = expect_refused(lambda: f.clerk.get(f.path, purpose=f.purpose), 403)
    assert error.get("article") and "山本 恵子" in error.get("ask", ""), error
    for version in (1, 2, 3):
        expect_refused(lambda: f.clerk.get(f"{f.path}/versions/{version}",
                                           purpose=f.purpose), 403)
    # not by the address of the household, by nobody; by name for who may open it
    assert f.found(f.clerk, address=f.address)[1] == []
    assert f.her not in f.found(f.clerk, address=f.address)[0]
    assert f.found(f.manager, address=f.address)[1] == []
    assert f.found(f.clerk, kana="ヒナン ハナコ") == ([], [])
    listed, secret = f.found(f.manager, kana="ヒナン ハナコ")
    assert f.her in secret and f.her not in listed
    # no page tells where she lives, nor her name
    facts = [f.address, "避難 花"]
    ask = f"?purpose={f.purpose}"
    for page in pages(town, f.clerk, f.path + ask, f.path + "/versions/1" + ask,
                      f.path + "/correct" + ask, f.path + "/output" + ask,
                      f.path + "/secret" + ask, "/accesses", "/grants", "/home",
                      "/secrets"):
        hidden(facts, page)
    for page in pages(town, f.manager, f.path + "/trail", "/accesses", "/grants",
                      "/home", "/secrets", "/pending"):
        hidden(facts, page)
    assert f.manager.get(f.path, purpose=f.purpose)["secret"]


@story("a protection near its end is renewed with a reason; no date opens the record",
       ["access.deny"])
def renew(town, body):
    f = Flight(town, body)
    soon = datetime.date.today() + datetime.timedelta(days=10)
    f.mark(soon.isoformat())

    def due(person):
        return [s for s in person.get("/secrets")["secrets"] if s["record"] == f.her]

    assert due(f.manager) and due(f.manager)[0]["may_renew"]
    assert f.manager.get("/home")["renewals"] >= 1
    assert due(f.clerk) == [] and due(town.log_on(body, "manager2")) == []
    later = (soon + datetime.timedelta(days=365)).isoformat()
    reason = "延長の申出書を窓口で確かめた"
    expect_refused(lambda: f.manager.post(f.path + "/renew", purpose=f.purpose,
                                          until=later), 422)
    expect_refused(lambda: f.clerk.post(f.path + "/renew", purpose=f.purpose,
                                        until=later, reason=reason), 403)
    f.manager.post(f.path + "/renew", purpose=f.purpose, until=later, reason=reason)
    assert due(f.manager) == []
    expect_refused(lambda: f.clerk.get(f.path, purpose=f.purpose), 403)
    f.manager.post(f.path + "/secret", purpose=f.purpose)
    assert f.clerk.get(f.path, purpose=f.purpose)["values"]
    error = expect_refused(lambda: f.manager.post(
        f.path + "/renew", purpose=f.purpose, until=later, reason=reason), 409)
    assert "秘匿" in error["message"]


@story("a protected record is put out only after somebody else confirmed it, once",
       ["access.deny"])
def put_out(town, body):
    f = Flight(town, body)
    grant = f.manager.post(
        "/grants/new", holding=f.h["id"], until="R9.3.31",
        person=person_id(town, body, "田中 翔太"),
        acts=["view", "search", "list", "create", "correct", "print", "copy",
              "secret"])["id"]
    sent = {"purpose": f.purpose, "case": "R8-0404", "act": "print"}
    assert f.clerk.post(f.path + "/output", **sent)["values"]
    expect_refused(lambda: f.clerk.post(f.path + "/release", reason="照会", **sent), 409)
    f.mark("R20.3.31")
    assert f.clerk.get(f.path, purpose=f.purpose)["secret"]
    error = expect_refused(lambda: f.clerk.post(f.path + "/output", **sent), 403)
    assert "確認" in error["message"], error
    reason = "家庭裁判所からの照会に回答する"
    made = f.clerk.post(f.path + "/release", reason=reason, **sent)
    assert made["pending"]
    confirm = {"kind": "release", "id": made["id"]}
    expect_refused(lambda: f.clerk.post(f.path + "/output", **sent), 403)
    for other in ("clerk", "other", "manager2", "registrar", "operator"):
        expect_refused(lambda: town.log_on(body, other).post(
            "/pending/confirm", **confirm), 403)
    rows = [r for r in f.manager.get("/pending")["rows"] if r["id"] == made["id"]]
    assert rows[0]["reason"] == reason and rows[0]["case"] == "R8-0404", rows
    assert f.manager.get("/home")["pending"] >= 1
    f.manager.post("/pending/confirm", **confirm)
    # as it was confirmed: not otherwise, and not twice
    expect_refused(lambda: f.clerk.post(f.path + "/output", **{**sent, "act": "copy"}), 403)
    out = f.clerk.post(f.path + "/output", **sent)
    assert f.address in [v.get("text") for v in out["values"]]
    expect_refused(lambda: f.clerk.post(f.path + "/output", **sent), 403)
    # a file of the record is handed out so, too
    made = attach(f.clerk, f.path, f.purpose, "申出書.pdf", b"%PDF-")["document"]
    one, sent["act"] = f"{f.path}/documents/{made}", "copy"
    expect_refused(lambda: f.clerk.get(one, purpose=f.purpose), 403)
    release = f.clerk.post(f.path + "/release", reason=reason, **sent)
    f.manager.post("/pending/confirm", kind="release", id=release["id"])
    assert f.clerk.get(one, purpose=f.purpose) == b"%PDF-"
    expect_refused(lambda: f.clerk.get(one, purpose=f.purpose), 403)
    f.manager.post(f"/grants/{grant}/end")


@story("an emergency opening shows at once and is reviewed by somebody else",
       ["access.deny", "log.record"])
def emergency(town, body):
    f = Flight(town, body)
    opener, chief = town.log_on(body, "other"), town.log_on(body, "chief")
    before = f.manager.get("/home")["emergencies"]
    reason = "救急搬送された人の家族への連絡"
    path = f"/holdings/{f.h['id']}/emergency"
    expect_refused(lambda: opener.post(path, reason=reason), 422)
    expect_refused(lambda: opener.post(path, reason=reason, case="R8-0405",
                                       hours=25), 422)
    opener.post(path, reason=reason, case="R8-0405", hours=1)
    assert opener.get(f"/holdings/{f.h['id']}/records/{f.him}",
                      purpose=f.purpose)["values"]
    assert f.manager.get("/home")["emergencies"] == before + 1
    mine = f.manager.get("/emergencies")["openings"][0]
    assert mine["person"] == "大野 拓也" and not mine["reviewed"] and mine["may_review"]
    seen = f.manager.get(f"/emergencies/{mine['id']}")
    assert seen["reason"] == reason and seen["case"] == "R8-0405"
    review = f"/emergencies/{mine['id']}/review"
    expect_refused(lambda: opener.post(review, verdict="reasonable"), 403)
    expect_refused(lambda: town.log_on(body, "manager2").post(
        review, verdict="reasonable"), 404)
    expect_refused(lambda: f.manager.post(review, verdict="unreasonable"), 422)
    f.manager.post(review, verdict="unreasonable", remarks="急を要しなかった")
    expect_refused(lambda: f.manager.post(review, verdict="reasonable"), 409)
    seen = chief.get(f"/emergencies/{mine['id']}")
    assert seen["unreasonable"] and seen["reviewed_by"] == "山本 恵子"
    assert seen["remarks"] == "急を要しなかった"
    assert f.manager.get("/home")["emergencies"] == before
    # the manager's own goes to the head of protection, at once
    waiting = chief.get("/home")["emergencies"]
    f.manager.post(path, reason=reason, case="R8-0406")
    assert f.manager.get("/home")["emergencies"] == before
    assert chief.get("/home")["emergencies"] == waiting + 1
    own = next(o for o in chief.get("/emergencies")["openings"] if not o["reviewed"]
               and o["person"] == "山本 恵子")
    error = expect_refused(lambda: f.manager.post(
        f"/emergencies/{own['id']}/review", verdict="reasonable"), 403)
    assert "自分" in error["message"]
    chief.post(f"/emergencies/{own['id']}/review", verdict="reasonable")
    # an emergency never opens a protected record
    f.mark("R20.3.31")
    expect_refused(lambda: opener.get(f.path, purpose=f.purpose), 403)
