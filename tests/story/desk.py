"""Somebody at a browser, for what faults look like there: cookies, forms, and
pages that say something in Japanese and give nothing away.
"""
import contextlib
import http.client
import re
import time
import urllib.parse

from stories import find_some, residents
from town import PASSWORD

JAPANESE = re.compile("[ぁ-ん]")


class Desk:
    """Somebody at a browser: cookies, forms, pages."""

    def __init__(self, town, body, logon):
        self.town = town
        status, headers, _ = self.send("POST", "/logon", body=body, logon=logon,
                                       password=PASSWORD)
        assert status in (200, 303), status
        self.cookie = headers["Set-Cookie"].split(";")[0]
        page = self.send_raw("GET", "/home", "")[2].decode()
        self.token = re.search(r'name="token" value="([^"]+)"', page).group(1)

    def send(self, method, path, **fields):
        return self.send_raw(method, path, urllib.parse.urlencode(fields))

    def form(self, fields):
        return urllib.parse.urlencode({"token": self.token, **fields})

    def send_raw(self, method, path, text, lang="ja"):
        headers = {"Accept-Language": lang}
        if getattr(self, "cookie", None):
            headers["Cookie"] = self.cookie
        if method == "GET":
            return self.town.send("GET", path + ("?" + text if text else ""), None,
                                  headers)
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        host = urllib.parse.urlsplit(self.town.url).netloc
        line = http.client.HTTPConnection(host, timeout=120)
        line.request(method, path, text.encode("latin-1"), headers)
        reply = line.getresponse()
        with contextlib.closing(line):
            return reply.status, reply.headers, reply.read()


def said(page):
    """What the page's own part says, without tags."""
    text = page.decode()
    main = text[text.find("<main"):text.find("</main>")] if "<main" in text else text
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", main)).strip()


def expect(desk, status, *words, method="GET", path, text="", hidden=()):
    """A page with this status, in Japanese, that keeps the secrets."""
    got, _, page = desk.send_raw(method, path, text)
    assert got in (status if isinstance(status, tuple) else (status,)), \
        (got, said(page)[:300])
    assert JAPANESE.search(said(page)), said(page)[:300]
    for word in words:
        assert word in said(page), (word, said(page)[:600])
    for secret in hidden:
        assert secret not in page.decode("utf-8", "replace"), "released"
    return page


class Stranger(Desk):
    def __init__(self, town):
        self.town = town


class Scene:
    """A clerk, and a record that the clerk may open."""

    def __init__(self, town, name="沖縄市"):
        self.town, self.body = town, town.bodies()[name]
        self.clerk = town.log_on(self.body, "clerk")
        self.holding = residents(self.clerk)
        self.purpose, records = find_some(self.clerk, self.holding)
        self.search = f"/holdings/{self.holding['id']}/search"
        self.record = f"/holdings/{self.holding['id']}/records/{records[0]['id']}"
        values = self.clerk.get(self.record, purpose=self.purpose)["values"]
        self.secrets = [v["text"] for v in values
                        if v["id"] in ("name", "kana", "birth", "address")]
        self.why = urllib.parse.urlencode({"purpose": self.purpose, "case": "R8-0400"})


def invented(n):
    """A register of n persons that nobody is."""
    kana = "アイウエオカキクケコサシスセソ"
    rows = [f"架空 第{i}号,カクウ {kana[i // 225 % 15]}{kana[i // 15 % 15]}"
            f"{kana[i % 15]},昭和{i % 60 + 4}年{i % 12 + 1}月{i % 28 + 1}日\n"
            for i in range(n)]
    return ("氏名,氏名カナ,生年月日\n" + "".join(rows)).encode()


def wait_until(is_so, seconds=20):
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "it does not come back"
        time.sleep(0.2)
