"""Accounts and names of persons, as those who keep them would tell."""
import uuid

from stories import expect_refused, story


def let_in(town, body, registrar, person, account):
    """A password handed out, confirmed, and changed by its owner."""
    made = registrar.post(f"/accounts/{account}/password")["password"]
    town.log_on(body, "registrar2").post("/pending/confirm", kind="credential", id=account)
    once = town.log_on(body, person["logon"], made)
    own = f"{uuid.uuid4().hex}-{uuid.uuid4().hex[:4]}"
    once.post("/password", old=made, new=own, again=own)
    return own, town.log_on(body, person["logon"], own)


@story("an account is locked at once, unlocked by two persons, and ended for good",
       ["auth.password", "auth.identify"])
def lock_and_end(town, body):
    registrar = town.log_on(body, "registrar")
    person = {"logon": f"a{uuid.uuid4().hex[:10]}"}
    made = registrar.post("/persons/new", name="仮野 鍵子", kana="カリノ カギコ",
                          kind="staff", **person)
    account = made["account"]
    own, session = let_in(town, body, registrar, person, account)
    clerk = town.log_on(body, "clerk")
    expect_refused(lambda: clerk.post(f"/accounts/{account}/lock"), 403)
    registrar.post(f"/accounts/{account}/lock", case="R8-0921")
    expect_refused(lambda: session.get("/session"), 401)
    expect_refused(lambda: town.log_on(body, person["logon"], own), 401)
    expect_refused(lambda: registrar.post(f"/accounts/{account}/password"), 409)
    assert registrar.get(f"/accounts/{account}")["locked"]
    registrar.post(f"/accounts/{account}/unlock")
    expect_refused(lambda: town.log_on(body, person["logon"], own), 401)
    own, session = let_in(town, body, registrar, person, account)
    # a reset that waits does not keep an account from being ended
    registrar.post(f"/accounts/{account}/password")
    registrar.post(f"/accounts/{account}/end")
    expect_refused(lambda: session.get("/session"), 401)
    expect_refused(lambda: town.log_on(body, person["logon"], own), 401)
    for way in ("unlock", "lock", "end", "password"):
        expect_refused(lambda: registrar.post(f"/accounts/{account}/{way}"), 409)
    expect_refused(lambda: registrar.post("/accounts/registrar/lock"), 409)


@story("a name is changed after a marriage, with its entry",
       ["log.record"])
def change_name(town, body):
    registrar = town.log_on(body, "registrar")
    made = registrar.post("/persons/new", name="仮野 婚子", kana="カリノ コンコ",
                          kind="staff", email="old@example.jp")["person"]
    name = f"見本 {uuid.uuid4().hex[:6]}"
    before = registrar.get("/ledger")["entries"]
    registrar.post(f"/persons/{made}/change", name=name, kana="ミホン コンコ",
                   email="new@example.jp")
    assert registrar.get("/ledger")["entries"] > before
    shown = registrar.get("/persons", kana="ミホン コン")["persons"]
    assert any(p["id"] == made and p["name"] == name for p in shown), shown
    expect_refused(lambda: registrar.post(f"/persons/{made}/change", name=name), 422)


@story("a password that was used before is refused, and says how many are",
       ["auth.password"])
def used_before(town, body):
    registrar = town.log_on(body, "registrar")
    person = {"logon": f"a{uuid.uuid4().hex[:10]}"}
    account = registrar.post("/persons/new", name="仮野 再子", kana="カリノ サイコ",
                             kind="staff", **person)["account"]
    own, session = let_in(town, body, registrar, person, account)
    again = {"old": own, "new": own, "again": own}
    expect_refused(lambda: session.post("/password", **again), 422, "使えません")
    other = f"{uuid.uuid4().hex}-2"
    session.post("/password", old=own, new=other, again=other)
    expect_refused(lambda: session.post("/password", old=other, new=own, again=own), 422,
                   "使えません")
    expect_refused(lambda: session.post("/password", old=own, new=f"{other}x",
                                        again=f"{other}x"), 422)
    assert town.log_on(body, person["logon"], other).get("/session")
