"""Procedures, told as those who ask and decide would."""
from stories import expect_refused, residents, story


class Case:
    """One matter as somebody sees it."""

    def __init__(self, person, matter):
        self.person, self.path = person, f"/matters/{matter}"
        self.seen = person.get(self.path)

    def act(self, deed, **more):
        self.person.post(self.path + "/act", deed=deed, step=self.seen["step_number"],
                         version=self.seen["version"], **more)
        self.seen = self.person.get(self.path)
        return self

    def tick_all(self):
        for check in self.seen["checks"]:
            self.act("tick", item=check["id"])
        return self


def waiting(person):
    return [m["id"] for m in person.get("/matters")["turns"]]


@story("a restricted act is asked for, instructed, carried out and confirmed",
       ["copy.restrict"])
def restricted_act(town, body):
    clerk, manager = town.log_on(body, "clerk"), town.log_on(body, "manager")
    h = residents(clerk)
    matter = clerk.post("/procedures/restricted_act/new", **{
        "v.holding": h["id"], "v.act": "copy", "v.purpose": "統計の作成",
        "v.items": "氏名を除く20人分"})["matter"]
    asked = Case(clerk, matter)
    assert asked.seen["number"].startswith("R8-"), asked.seen
    # whoever asks does not decide, nor does somebody of another section
    expect_refused(lambda: asked.act("approve"), 403)
    other = town.log_on(body, "other")
    expect_refused(lambda: other.get(f"/matters/{matter}"), 403)
    assert matter in waiting(manager)
    decided = Case(manager, matter)
    expect_refused(lambda: decided.act("send_back", back="ask"), 422)
    decided.act("send_back", back="ask", note="人数を減らしてください")
    assert matter in waiting(clerk) and matter not in waiting(manager)
    asked = Case(clerk, matter).act("ask", **{
        "v.holding": h["id"], "v.act": "copy", "v.purpose": "統計の作成",
        "v.items": "氏名を除く10人分"})
    stale = Case(manager, matter)
    decided = Case(manager, matter).act("approve")
    expect_refused(lambda: stale.act("approve"), 409)
    # what was decided upon cannot be changed under the decision
    asked = Case(clerk, matter)
    expect_refused(lambda: asked.act("do", **{
        "v.done_on": "R8.10.1", "v.means": "暗号化した媒体"}), 422)
    asked.tick_all().act("do", **{"v.done_on": "R8.10.1", "v.means": "暗号化した媒体",
                                  "v.items": "全員"})
    items = {v["id"]: v["text"] for v in asked.seen["values"]}
    assert items["items"] == "氏名を除く10人分", items
    asked.act("do", **{"v.ended_on": "R8.10.2"})
    expect_refused(lambda: asked.act("do"), 403)
    done = Case(manager, matter).act("do")
    assert done.seen["state"] == "done", done.seen["state"]
    deeds = [d["deed"] for d in reversed(done.seen["deeds"])]
    assert len(deeds) == 10, deeds


@story("anybody reports a breach; it goes up and is closed by another person",
       ["conduct.breach"])
def report_breach(town, body):
    clerk, manager = town.log_on(body, "clerk"), town.log_on(body, "manager")
    chief = town.log_on(body, "chief")
    matter = clerk.post("/procedures/breach_report/new", **{
        "v.what": "書庫の施錠忘れ", "v.known_on": "R8.10.1"})["matter"]
    first = Case(manager, matter)
    assert first.seen["due"], first.seen
    first.act("do", **{"v.first_measure": "直ちに施錠し、中身を確かめた", "v.is_leak": "1"})
    assert matter in waiting(chief)
    Case(chief, matter).act("do")
    Case(manager, matter).act("do", **{"v.cause": "鍵の返却を記録していなかった"})
    expect_refused(lambda: Case(manager, matter).act("approve"), 403)
    assert Case(chief, matter).act("approve").seen["state"] == "done"


@story("a request for access is withdrawn by whoever asked, and by nobody else",
       ["access.grant"])
def withdraw(town, body):
    clerk, manager = town.log_on(body, "clerk"), town.log_on(body, "manager")
    h = residents(clerk)
    person = clerk.get("/persons")["persons"][0]["id"]
    matter = clerk.post("/procedures/access_request/new", **{
        "v.holding": h["id"], "v.person": person, "v.reason": "窓口の応援",
        "v.acts": "view,search", "v.until": "R9.3.31"})["matter"]
    expect_refused(lambda: Case(manager, matter).act("withdraw", note="不要"), 403)
    expect_refused(lambda: Case(clerk, matter).act("withdraw"), 422)
    ended = Case(clerk, matter).act("withdraw", note="応援がなくなった")
    assert ended.seen["state"] == "withdrawn"
    expect_refused(lambda: Case(manager, matter).act("approve"), 409)
    expect_refused(lambda: clerk.post("/procedures/no_such/new"), 404)
