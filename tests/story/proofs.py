"""What people prove: to an outsider, what stands in the ledger; to the product,
who they are."""
import base64
import hashlib
import hmac
import io
import json
import os
import pathlib
import shutil
import subprocess
import tarfile
import tempfile
import time

from stories import NotHere, expect_refused, find_some, residents, story
from town import PASSWORD, ROOT, Refused, holding

STEP_S = 30  # RFC 6238
HANDLERS_KEY = "MZ2W22LLOVZGCLLEMVWW6LLDN5SGKLJN"  # as the demonstration tells


def unpack(data, where):
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        tar.extractall(where)


def commands(readme):
    """What a README tells its reader to type: the lines behind a tab."""
    return "".join(line[1:] + "\n" for line in readme.splitlines()
                   if line.startswith("\t"))


def follow(where):
    """Types what the README in a folder says."""
    script = commands((where / "README").read_text(encoding="utf-8"))
    env = {**os.environ, "HOME": str(where),
           "GOCACHE": str(ROOT / "build" / "go-cache")}
    return subprocess.run(["sh", "-eu", "-c", script], cwd=where, env=env, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=300)


def auditor_of(town, body):
    """Whoever may show entries: a contractor's regulation has no auditor."""
    for logon in ("auditor", "chief"):
        person = town.log_on(body, logon)
        if person.get("/ledger")["may_audit"]:
            return person
    raise LookupError("nobody may show entries")


@story("an outsider checks an entry by the bundle's README, and finds a changed one",
       ["log.protect"])
def check_a_bundle(town, body):
    clerk, auditor = town.log_on(body, "clerk"), auditor_of(town, body)
    h = residents(clerk)
    purpose, records = find_some(clerk, h)
    entry = clerk.get(f"/holdings/{h['id']}/records/{records[0]['id']}",
                      purpose=purpose, case="R8-0500")["entry"]
    expect_refused(lambda: clerk.get(f"/ledger/entries/{entry}"), 403)
    data = auditor.get(f"/ledger/entries/{entry}", case="R8-0501")
    with tempfile.TemporaryDirectory() as folder:
        where = pathlib.Path(folder)
        unpack(data, where)
        shutil.copy(ROOT / "tools" / "verifier" / "main.go", where)
        told = json.loads((where / "entry.json").read_text(encoding="utf-8"))
        assert told["records"] == [records[0]["id"]] and told["case"] == "R8-0500", told
        key = auditor.get("/ledger")["key"]
        assert (where / "vkey").read_text(encoding="utf-8") == key + "\n"
        done = follow(where)
        sealed, shown, proved = done.stdout.splitlines()
        assert done.returncode == 0 and f"entry {entry} is in the log" in proved, done
        assert sealed.split()[0] == shown and len(shown) == 64, done.stdout
        changed = (where / "entry.json").read_text(encoding="utf-8")
        (where / "entry.json").write_text(changed.replace("R8-0500", "R8-0599"),
                                          encoding="utf-8")
        sealed, shown, _ = follow(where).stdout.splitlines()
        assert sealed.split()[0] != shown, "another case passed for the sealed one"
        leaf = bytearray((where / "entry.leaf").read_bytes())
        leaf[20] ^= 1
        (where / "entry.leaf").write_bytes(leaf)
        refused = follow(where)
        assert refused.returncode == 1 and "verifier:" in refused.stderr, refused
    town.run("ledger", "verify", str(town.data))


def code_at(moment, key=HANDLERS_KEY):
    """The one-time code of a moment: RFC 6238, six digits."""
    step = int(moment) // STEP_S
    mac = hmac.digest(base64.b32decode(key), step.to_bytes(8, "big"), hashlib.sha1)
    at = mac[-1] & 15
    return f"{(int.from_bytes(mac[at:at + 4], 'big') & 0x7fffffff) % 10**6:06}"


def wrong_code(now):
    """One that is right at none of the moments around."""
    right = {code_at(now + STEP_S * i) for i in range(-3, 4)}
    return next(c for c in ("000000", "111111", "222222", "333333", "444444",
                            "555555", "666666", "777777") if c not in right)


def log_on_with_code(town, body):
    """A code counts once, and the making of the demonstration used some: the
    next one, or the one after it. Waits at most for two steps."""
    for _ in range(3):
        code = code_at(time.time() + STEP_S)
        try:
            return town.log_on(body, "handler", code=code), code
        except Refused:
            time.sleep(STEP_S - time.time() % STEP_S)
    raise AssertionError("no code is taken")


@story("a one-time code opens what a password alone does not, and only once",
       ["auth.identify"])
def log_on_by_code(town, body):
    def search(person, h):
        return person.post(f"/holdings/{h['id']}/search", v={"number": "0000000001"},
                           purpose=h["purposes"][0]["id"], case="R8-0510")

    plain = town.log_on(body, "handler")
    assert plain.get("/session")["level"] == 1
    h = holding(plain, which=lambda x: x["my_number"])
    if not h["persons"]:
        raise NotHere("the demonstration designates no handler")
    assert expect_refused(lambda: search(plain, h), 403)["article"]
    wrong = wrong_code(time.time())
    expect_refused(lambda: town.log_on(body, "handler", code=wrong), 401)
    handler, code = log_on_with_code(town, body)
    assert handler.get("/session")["level"] == 2
    purpose, records = find_some(handler, h)
    seen = handler.get(f"/holdings/{h['id']}/records/{records[0]['id']}",
                       purpose=purpose, case="R8-0511")
    assert any(v["id"] == "number" and v.get("text") for v in seen["values"]), seen
    expect_refused(lambda: town.log_on(body, "handler", code=code), 401)


# Says nothing of the rules' review, so it claims no control.
@story("guessing a password comes to a stop, and no password lies readable", [])
def guess(town, body):
    answers = set()
    for n in range(20):
        try:
            town.log_on(body, "operator2", f"wrong-password-{n}")
        except Refused as refused:
            answers.add((refused.status, refused.error["message"]))
            if refused.status != 401:
                break
    assert {status for status, _ in answers} == {401, 503}, answers
    expect_refused(lambda: town.log_on(body, "operator2"), 503)
    town.log_on(body, "operator")  # others go on
    clerk = town.log_on(body, "clerk")
    told = expect_refused(lambda: clerk.post("/password", old=PASSWORD, new="short",
                                                again="short"), 422)
    assert [m["field"] for m in told["mistakes"]] == ["new"], told
    for path in town.data.rglob("*"):
        if path.is_file():
            assert PASSWORD.encode() not in path.read_bytes(), path.name
