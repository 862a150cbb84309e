#!/usr/bin/env python3
"""Bad input and faults, as a person meets them: each a clear message in the
person's language, nothing released, nothing lost, and a way on.

FUMIKURA_TEST_PG: a PostgreSQL that goes away in the middle too.
"""
import contextlib
import http.client
import json
import os
import pathlib
import sys
import time
import traceback
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from desk import JAPANESE, Desk, Scene, Stranger, expect, said  # noqa: E402
from faults_database import lost_postgresql  # noqa: E402
from faults_disk import full_database_disk, full_ledger_disk  # noqa: E402
from faults_keeper import keeper_that_dies_at_work, lost_keeper  # noqa: E402
from faults_wire import (stop_in_the_middle, too_many, too_much,  # noqa: E402
                         too_old, too_slow)
from town import PASSWORD, Refused, Town  # noqa: E402

FAULTS = []


def fault(function):
    FAULTS.append(function)
    return function


@fault
def wrong_password(town):
    scene = Scene(town)
    pages = []
    for logon, password in (("clerk", "wrong-password-here"), ("nobody", PASSWORD)):
        text = urllib.parse.urlencode({"body": scene.body, "logon": logon,
                                       "password": password})
        pages.append(said(expect(Stranger(town), 401, method="POST", path="/logon",
                                 text=text)))
    assert pages[0].replace("clerk", "") == pages[1].replace("nobody", "")


def try_log_on(town, body, logon, password, source, forwarded=None):
    """From an address of the loopback; the status, and what was told."""
    line = http.client.HTTPConnection(urllib.parse.urlsplit(town.url).netloc,
                                      timeout=60, source_address=(source, 0))
    headers = {"Content-Type": "application/json"}
    if forwarded:
        headers["X-Forwarded-For"] = forwarded
    line.request("POST", "/api/v1/logon", json.dumps(
        {"body": body, "logon": logon, "password": password}), headers)
    with contextlib.closing(line):
        reply = line.getresponse()
        told = json.loads(reply.read())
        return reply.status, told.get("error", {}).get("message")


def fail_until_refused(town, body, logon, source, forwarded=None):
    """How many wrong passwords it takes until one has to wait."""
    for n in range(1, 101):
        status, _ = try_log_on(town, body, logon, "wrong-password-here", source,
                               forwarded)
        if status == 503:
            return n
        assert status == 401, status
    raise AssertionError("guessing is not slowed down")


@fault
def lock_out_is_no_weapon(town):
    body = town.bodies()["沖縄市"]
    bad, other, good = "127.0.0.2", "127.0.0.3", "127.0.0.1"
    n = fail_until_refused(town, body, "clerk", bad)
    # not with the right password, nor as if from elsewhere
    for forwarded in (None, "198.51.100.7", "127.0.0.1"):
        status, told = try_log_on(town, body, "clerk", PASSWORD, bad, forwarded)
        assert status == 503 and JAPANESE.search(told), (forwarded, status, told)
    # the clerk is elsewhere, and everybody else too
    assert try_log_on(town, body, "clerk", PASSWORD, good)[0] == 200
    assert try_log_on(town, body, "manager", PASSWORD, bad)[0] == 200
    # a name that nobody has is told in the same way after as many failures
    assert fail_until_refused(town, body, "nobody", other) == n
    assert try_log_on(town, body, "nobody2", PASSWORD, other)[0] == 401
    # it is not forgotten by a restart, and a proxy tells who is who
    town.close()
    town.open("--trusted-proxy", good)
    assert try_log_on(town, body, "clerk", PASSWORD, bad)[0] == 503
    through = {"thief": "203.0.113.5", "clerk": "198.51.100.7"}
    fail_until_refused(town, body, "clerk", good, through["thief"])
    for forwarded in (through["thief"], f"{through['clerk']}, {through['thief']}"):
        assert try_log_on(town, body, "clerk", PASSWORD, good, forwarded)[0] == 503
    assert try_log_on(town, body, "clerk", PASSWORD, good, through["clerk"])[0] == 200
    # who is no proxy cannot lock another out by naming the other's address
    fail_until_refused(town, body, "clerk", "127.0.0.4", through["clerk"])
    assert try_log_on(town, body, "clerk", PASSWORD, good, through["clerk"])[0] == 200
    town.close()
    town.open()


@fault
def no_session(town):
    scene = Scene(town)
    expect(Stranger(town), 401, "ログオン", path=scene.record, text=scene.why,
           hidden=scene.secrets)


@fault
def missing_purpose(town):
    scene = Scene(town)
    desk = Desk(town, scene.body, "clerk")
    expect(desk, 422, "目的", path=scene.record, hidden=scene.secrets)
    expect(desk, 422, "目的", method="POST", path=scene.search,
           text=desk.form({"v.kana": "ア"}), hidden=scene.secrets)


@fault
def unknown_item(town):
    scene = Scene(town)
    desk = Desk(town, scene.body, "clerk")
    expect(desk, (404, 422), method="POST", path=scene.search,
           text=desk.form({"purpose": scene.purpose, "v.nosuch": "1"}),
           hidden=scene.secrets)


@fault
def over_long_field(town):
    scene = Scene(town)
    desk = Desk(town, scene.body, "clerk")
    expect(desk, 422, path=scene.record, text=f"purpose={scene.purpose}&case=" +
           "9" * 3000, hidden=scene.secrets)
    text = urllib.parse.urlencode({"body": scene.body, "logon": "x" * 65,
                                   "password": PASSWORD})
    expect(Stranger(town), 422, "64", method="POST", path="/logon", text=text)


@fault
def broken_utf8(town):
    scene = Scene(town)
    desk = Desk(town, scene.body, "clerk")
    expect(desk, (400, 422), method="POST", path=scene.search,
           text=desk.form({"purpose": scene.purpose}) + "&v.kana=%E3%81",
           hidden=scene.secrets)
    expect(Stranger(town), (400, 422), method="POST", path="/logon",
           text=f"body={scene.body}&logon=%FF%FE&password=x")


@fault
def csv_with_a_bad_row(town):
    scene = Scene(town)
    manager = town.log_on(scene.body, "manager")
    data = ("氏名,氏名カナ,生年月日\n仮野 一郎,カリノ イチロウ,昭和50年2月3日\n"
            "仮野 二郎,カリノ ジロウ,昭和50年2月33日\n").encode()
    before = manager.get("/holdings/" + scene.holding["id"])
    path = f"/holdings/{scene.holding['id']}/import"
    try:
        told = manager.upload(path, {"file": ("住民.csv", data)},
                              purpose=scene.purpose, case="R8-0401", dry="1")
    except Refused as refused:
        told = refused.error
    text = str(told)
    assert "3" in text and "生年月日" in text, text
    assert manager.get("/holdings/" + scene.holding["id"])["persons"] == before["persons"]


def upload_head(town, person, path, length, mark="m"):
    """A connection on which a document's upload has begun."""
    line = http.client.HTTPConnection(urllib.parse.urlsplit(town.url).netloc,
                                      timeout=60)
    line.putrequest("POST", "/api/v1" + path)
    line.putheader("Authorization", f"Bearer {person.session}")
    line.putheader("Content-Type", f"multipart/form-data; boundary={mark}")
    line.putheader("Content-Length", str(length))
    line.endheaders()
    return line


def upload_body(purpose, size):
    """Fields and a file of that size, and what closes them."""
    fields = "".join(f'--m\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'
                     f"{value}\r\n" for name, value in
                     (("item", "notice"), ("purpose", purpose)))
    head = (fields + '--m\r\nContent-Disposition: form-data; name="file"; '
            'filename="a.pdf"\r\n\r\n').encode()
    return head + b"x" * size, b"\r\n--m--\r\n"


@fault
def upload_that_breaks_off(town):
    scene = Scene(town)
    path, limit = scene.record + "/attach", 32 * 1024 * 1024

    def documents():
        return scene.clerk.get(scene.record, purpose=scene.purpose)["documents"]

    before = documents()
    body, end = upload_body(scene.purpose, 3_000_000)
    # the line goes away in the middle
    line = upload_head(town, scene.clerk, path, len(body) + len(end))
    line.send(body[:1_000_000])
    line.close()
    # all of it is sent, but it does not end
    line = upload_head(town, scene.clerk, path, len(body))
    line.send(body)
    with contextlib.closing(line):
        assert line.getresponse().status == 400
    assert documents() == before
    # a byte more than the limit, and far more
    at, end = upload_body(scene.purpose, limit + 1)
    line = upload_head(town, scene.clerk, path, len(at) + len(end))
    line.send(at + end)
    with contextlib.closing(line):
        reply = line.getresponse()
        told = json.loads(reply.read())["error"]
        assert reply.status == 422 and str(limit) in told["mistakes"][0]["message"]
    line = upload_head(town, scene.clerk, path, 3 * limit)
    with contextlib.closing(line):
        assert line.getresponse().status == 413
    assert documents() == before
    at, end = upload_body(scene.purpose, limit)
    line = upload_head(town, scene.clerk, path, len(at) + len(end))
    line.send(at + end)
    with contextlib.closing(line):
        reply = line.getresponse()
        made = json.loads(reply.read())
        assert reply.status == 200, made
    data = scene.clerk.get(f"{scene.record}/documents/{made['document']}",
                           purpose=scene.purpose)
    assert data == b"x" * limit
    # the machine stops in the middle of storing: all of it is there, or none
    line = upload_head(town, scene.clerk, path, len(at) + len(end))
    line.send(at + end)
    time.sleep(0.02)
    town.server.kill()
    line.close()
    town.close()
    town.open()
    scene = Scene(town)
    shown = [d for d in documents() if d["item"] == "notice"]
    assert len(shown) == 1 and not shown[0]["erased"], shown
    assert scene.clerk.get(f"{scene.record}/documents/{shown[0]['id']}",
                           purpose=scene.purpose) == b"x" * limit


def play(name, function, *args):
    begun = time.monotonic()
    try:
        if function(*args) is False:
            return None
    except Exception:  # every failure is told, none ends the others
        print(f"not ok - {name}")
        traceback.print_exc(file=sys.stdout)
        return False
    print(f"ok - {name} ({time.monotonic() - begun:.1f} s)", flush=True)
    return True


def main():
    only = sys.argv[1:]
    results = []
    with Town(residents=20) as town:
        for function in [*FAULTS, too_much, too_slow, too_many, too_old,
                         stop_in_the_middle, lost_keeper, keeper_that_dies_at_work,
                         full_ledger_disk, full_database_disk]:
            name = function.__name__.replace("_", " ")
            if not only or name in only:
                results.append(play(name, function, town))
    if os.environ.get("FUMIKURA_TEST_PG") and (not only or "lost postgresql" in only):
        results.append(play("lost postgresql", lost_postgresql))
    failed = results.count(False)
    print(f"{results.count(True)} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
