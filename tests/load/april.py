"""The figure `april`: a personnel change that moves many people at once."""
import concurrent.futures
import datetime
import json
import time
import uuid

PEOPLE = 800


def sent(server, session, path, file=None, **fields):
    """A form, with a CSV in CP932 where one is given; (answer, seconds)."""
    mark = uuid.uuid4().hex
    body = b"".join(f'--{mark}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'
                    .encode() for k, v in fields.items())
    if file:
        body += (f'--{mark}\r\nContent-Disposition: form-data; name="file"; '
                 f'filename="change.csv"\r\n\r\n').encode() + file.encode("cp932") + b"\r\n"
    begin = time.monotonic()
    reply = server.send("POST", "/api/v1" + path, body + f"--{mark}--\r\n".encode(),
                        {"Authorization": f"Bearer {session}",
                         "Content-Type": f"multipart/form-data; boundary={mark}"})
    return json.loads(reply), time.monotonic() - begin


def change(server, session, kind, day, sections, shift):
    """Rehearsed, proposed and applied, as a registrar does it; seconds."""
    rows = "利用者ID,区分,所属,役職\r\n" + "".join(
        f"april{i:04d},{kind},{sections[(i + shift) % len(sections)]},職員\r\n"
        for i in range(PEOPLE))
    asked = {"title": kind, "day": day, "until": "2090-03-31"}
    seen, a = sent(server, session, "/personnel/new", rows, **asked, dry="1")
    if seen.get("problem_count") or not seen["line_count"]:
        raise RuntimeError(f"april: {str(seen)[:1000]}")
    made, b = sent(server, session, "/personnel/new", rows, **asked)
    _, c = sent(server, session, f"/personnel/{made['change']}/apply", case="R8-0401")
    return a + b + c


def april(server, session):
    """Everybody's post ends and another begins on a day to come: 1,600 rows."""
    sections = [s["path"] for organ in server.get(session, "/organisation")["organs"]
                for s in organ["sections"]]
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda i: server.post(session, "/persons/new", {
            "name": f"試験 {i:04d}", "kana": "シケン", "kind": "staff",
            "logon": f"april{i:04d}"}), range(PEOPLE)))
    japan = datetime.timezone(datetime.timedelta(hours=9))
    change(server, session, "採用", datetime.datetime.now(japan).date().isoformat(),
           sections, 0)
    return change(server, session, "異動", "2080-04-01", sections, 1)
