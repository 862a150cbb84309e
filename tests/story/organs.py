"""Organs: each with its head, its day, its own register of holdings."""
from grants import appoint, newcomers
from stories import NotHere, expect_refused, residents, story


def organs(person):
    return {o["name"]: o for o in person.get("/organisation")["organs"]}


@story("each organ has its head and its day of adopting; before it the board says so",
       ["org.office"])
def organs_and_days(town, body):
    registrar = town.log_on(body, "registrar")
    before = organs(registrar)
    assert all(o["head"] for o in before.values()), before
    assert any(o.get("head_person") for o in before.values()), before
    made = registrar.post("/organisation/organs/new", name="試行委員会", head="委員長",
                          adopted_on="R20.4.1")["id"]
    expect_refused(lambda: registrar.post(
        "/organisation/organs/new", name="だれの機関でもない", head="長"), 422)
    expect_refused(lambda: registrar.post(
        "/organisation/organs/new", name="議会", head="議長", adopted_on="R6.4.1",
        ordinance="見本条例"), 422)
    seen = organs(registrar)["試行委員会"]
    assert seen["bound"] is False and seen["adopted_on"] == "2038-04-01", seen
    assert made in {o["id"] for o in registrar.get("/board")["unbound"]}
    # the office of an organ names its organ, and gives the right to nothing
    person = registrar.post("/persons/new", name="見本 長子", kana="ミホン ナガコ",
                            kind="staff")["person"]
    ask = {"person": person, "office": "organ_head", "until": "R9.3.31"}
    expect_refused(lambda: registrar.post("/appointments/new", **ask), 422)
    registrar.post("/appointments/new", **ask, organ=made)
    assert organs(registrar)["試行委員会"]["head_person"] == "見本 長子"
    registrar.post(f"/organisation/organs/{made}/change", name="試行委員会", head="会長",
                   adopted_on="R8.4.1")
    seen = organs(registrar)["試行委員会"]
    assert seen["bound"] and seen["head"] == "会長", seen
    assert made not in {o["id"] for o in registrar.get("/board")["unbound"]}


@story("each organ has its own register; the assembly follows its ordinance, not the Act",
       ["org.office"])
def register_of_each_organ(town, body):
    clerk = town.log_on(body, "clerk")
    whole = clerk.get("/holdings")
    for organ in whole["organs"]:
        if organ.get("ordinance"):
            continue
        shown = clerk.get("/holdings", organ=organ["id"])["holdings"]
        assert {h["id"] for h in shown} == {
            h["id"] for h in whole["holdings"] if h["organ"] == organ["name"]}, organ
    outside = [o for o in whole["organs"] if o.get("ordinance")]
    if not outside:
        raise NotHere("no organ outside the Act")
    # what the assembly holds is in no register of article 75
    assert not outside[0]["bound"]
    shown = clerk.get("/holdings", organ=outside[0]["id"])
    assert shown["holdings"] and shown["ordinance"] == outside[0]["ordinance"], shown
    assert not {h["id"] for h in shown["holdings"]} & {h["id"] for h in whole["holdings"]}
    # and a refusal there names its ordinance, no article of the regulation
    h = shown["holdings"][0]
    error = expect_refused(lambda: clerk.post(
        f"/holdings/{h['id']}/search", purpose=h["purposes"][0]["id"], case="R8-0950",
        v={"kana": "ア"}), 403, outside[0]["ordinance"])
    assert "ref" not in error, error


@story("what passes to another organ is a provision, with its ground and its paper",
       ["access.grant", "access.deny"])
def provision(town, body):
    registrar, manager = town.log_on(body, "registrar"), town.log_on(body, "manager")
    h = residents(manager)
    others = [(o, s) for o in registrar.get("/organisation")["organs"]
              for s in o["sections"] if s["counts"] and not o.get("ordinance")
              and h["section"] not in [t["path"] for t in o["sections"]]]
    if not others:
        raise NotHere("one organ")
    organ, there = others[0]
    _, made = newcomers(town, registrar, body, 1)
    appoint(registrar, made[0]["id"], there["id"])
    ask = {"holding": h["id"], "person": made[0]["id"], "acts": ["search", "view"],
           "until": "R9.3.31"}
    # refused: with the article, and with whom to ask
    error = expect_refused(lambda: manager.post("/grants/new", **ask), 422, "法第69条")
    told = str(error)
    assert organ["name"] in told and "佐藤 誠一" in told, told
    expect_refused(lambda: manager.post("/grants/new", **ask, ground="law"), 422,
                   "case")
    expect_refused(lambda: manager.post("/grants/new", **ask, ground="my_number",
                                        case="R8-0960"), 422)
    expect_refused(lambda: manager.post("/grants/new", **ask, ground="whim",
                                        case="R8-0960"), 422)
    grant = manager.post("/grants/new", **ask, ground="law", case="R8-0960")["id"]
    row = next(g for g in manager.get("/grants", holding=h["id"])["grants"]
               if g["id"] == grant)
    assert row["ground"] == "法令に基づく提供" and "法第69条" in row["article"], row
    # within the organ there is nothing to provide
    expect_refused(lambda: manager.post("/grants/new", **{
        **ask, "person": "田中翔太"}, ground="law", case="R8-0960"), 422)
    # to an office of a section over there, the same
    by_office = {**ask, "section": there["id"]}
    del by_office["person"]
    for office in ("staff", "worker"):
        expect_refused(lambda: manager.post("/grants/new", **by_office, office=office),
                       422)
