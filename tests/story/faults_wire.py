"""What comes over the wire: too much, too slow, too many, too old; and a stop."""
import contextlib
import http.client
import pathlib
import re
import select
import signal
import socket
import subprocess
import tempfile
import time
import urllib.parse

from desk import Scene, invented, said, wait_until
from terminals import authority, over_tls

HEADERS = b"Host: localhost\r\nConnection: close\r\n"
CONNECTIONS = 512  # of one thread; docs/operating.md has one by default


def place(town):
    where = urllib.parse.urlsplit(town.url)
    return where.hostname, where.port


def line_to(town):
    return socket.create_connection(place(town), timeout=60)


def answer(line):
    """All that comes, until the other side ends."""
    with contextlib.closing(line):
        got = b""
        while piece := line.recv(65536):
            got += piece
        return got


def tell(town, text):
    line = line_to(town)
    line.sendall(text)
    return answer(line)


def status_of(reply):
    return int(reply.split(b" ", 2)[1])


def too_much(town):
    """One more than each limit is refused, and told in Japanese."""
    fields = b"&".join(b"a%d=1" % n for n in range(257))
    form = b"Content-Type: application/x-www-form-urlencoded\r\n"
    cases = {
        "path": (414, b"GET /" + b"a" * 1024 + b" HTTP/1.1\r\n" + HEADERS),
        "headers": (431, b"GET /logon HTTP/1.1\r\n" + HEADERS +
                    b"X-Much: " + b"a" * 16384 + b"\r\n"),
        "query": (413, b"GET /logon?" + fields + b" HTTP/1.1\r\n" + HEADERS),
        "form": (413, b"POST /logon HTTP/1.1\r\n" + HEADERS + form +
                 b"Content-Length: %d\r\n\r\n" % len(fields) + fields),
        "body": (413, b"POST /logon HTTP/1.1\r\n" + HEADERS + form +
                 b"Content-Length: 50000000\r\n"),
    }
    for name, (status, text) in cases.items():
        if b"\r\n\r\n" not in text:
            text += b"\r\n"
        reply = tell(town, text)
        assert status_of(reply) == status, (name, reply[:200])
        assert "受け付けていません" in said(reply.split(b"\r\n\r\n", 1)[1]), name
    assert status_of(tell(town, b"GET /logon HTTP/1.1\r\n" + HEADERS + b"\r\n")) == 200


def too_slow(town):
    """Who drips headers is gone after ten seconds, whoever says nothing after
    a minute; meanwhile others are served."""
    silent, dripping = line_to(town), line_to(town)
    dripping.sendall(b"GET /logon HTTP/1.1\r\n")
    begun = time.monotonic()
    ends = {}
    while len(ends) < 2:
        took = time.monotonic() - begun
        assert took < 90, ends
        if dripping not in ends:
            with contextlib.suppress(OSError):
                dripping.send(b"X-Drip: 1\r\n")
        open_ones = [line for line in (silent, dripping) if line not in ends]
        for line in select.select(open_ones, [], [], 1)[0]:
            with contextlib.suppress(ConnectionResetError):
                assert line.recv(100) == b""
            ends[line] = time.monotonic() - begun
            line.close()
        if int(took) % 10 == 0:
            assert town.send("GET", "/logon")[0] == 200
    assert 9 < ends[dripping] < 20 and 55 < ends[silent] < 80, ends.values()


def too_many(town):
    """Past the limit one waits; who is there goes on; then it is one's turn."""
    host, port = place(town)
    mine = http.client.HTTPConnection(host, port, timeout=60)

    def is_served():
        mine.request("GET", "/logon")
        reply = mine.getresponse()
        reply.read()
        return reply.status == 200

    assert is_served()
    others = [line_to(town) for _ in range(CONNECTIONS + 8)]
    late = line_to(town)
    late.sendall(b"GET /logon HTTP/1.1\r\n" + HEADERS + b"\r\n")
    for _ in range(20):
        assert is_served()
    assert not select.select([late], [], [], 0)[0], "there was no limit"
    for line in others:
        line.close()
    assert status_of(answer(late)) == 200
    mine.close()


def handshake(town, *options):
    """What openssl says of a connection."""
    host, port = place(town)
    done = subprocess.run(["openssl", "s_client", "-connect", f"{host}:{port}",
                           *options], text=True, timeout=60, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout


def too_old(town):
    """TLS 1.2 and 1.3, nothing older and no weak cipher; the client would."""
    old = [("-tls1", "-cipher", "ALL:@SECLEVEL=0"),
           ("-tls1_1", "-cipher", "ALL:@SECLEVEL=0")]
    weak = [("-tls1_2", "-cipher", f"{name}:@SECLEVEL=0")
            for name in ("aNULL", "eNULL")]
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        authority(folder)
        with over_tls(town, folder):
            for version in ("-tls1_2", "-tls1_3"):
                status, told = handshake(town, version)
                assert status == 0 and "BEGIN CERTIFICATE" in told, told[-500:]
            for options in old + weak:
                status, told = handshake(town, *options)
                assert status != 0 and "BEGIN CERTIFICATE" not in told, told[-500:]
                sent = re.search(r"written (\d+) bytes", told)
                assert sent and int(sent[1]) > 50, (options, told)


def lets_in(town):
    try:
        line_to(town).close()
    except OSError:
        return False
    return True


def upload_request(path, person, fields, data):
    """An import as it goes over the wire."""
    parts = "".join(f'--m\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'
                    f"{value}\r\n" for name, value in fields.items())
    body = (parts + '--m\r\nContent-Disposition: form-data; name="file"; '
            'filename="residents.csv"\r\n\r\n').encode() + data + b"\r\n--m--\r\n"
    return (f"POST /api/v1{path} HTTP/1.1\r\nHost: localhost\r\n"
            f"Authorization: Bearer {person.session}\r\n"
            "Content-Type: multipart/form-data; boundary=m\r\n"
            f"Content-Length: {len(body)}\r\n\r\n").encode() + body


def stop_in_the_middle(town):
    """An import and a form that is half there get their answers; who comes new
    is refused; what was answered is there after the next start."""
    scene = Scene(town)
    manager = town.log_on(scene.body, "manager")
    path = f"/holdings/{scene.holding['id']}"
    before = manager.get(path)["persons"]
    form = b"body=0&logon=x&password=y"
    half, importing = line_to(town), line_to(town)
    half.sendall(b"POST /logon HTTP/1.1\r\nHost: localhost\r\n"
                 b"Content-Type: application/x-www-form-urlencoded\r\n"
                 b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(form))
    assert half.recv(100).startswith(b"HTTP/1.1 100")
    importing.sendall(upload_request(path + "/import", manager, {
        "purpose": scene.purpose, "case": "R8-0406"}, invented(500)))
    begun = time.monotonic()
    town.server.send_signal(signal.SIGTERM)
    wait_until(lambda: not lets_in(town))
    told = answer(importing)
    assert status_of(told) == 200 and b'"rows":500' in told, told[-300:]
    half.sendall(form)
    told = answer(half)
    assert status_of(told) in (401, 422) and b"Connection: close" in told, told[:300]
    status, took = town.server.wait(timeout=30), time.monotonic() - begun
    assert status == 0 and took < 20, (status, took)
    town.server.stdout.close()
    town.open()
    manager = town.log_on(scene.body, "manager")
    assert manager.get(path)["persons"] == before + 500
    print(f"# gone in {took:.1f} s")
