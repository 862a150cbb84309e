"""A demonstration installation that a story plays in: made, served, spoken to.

Everything listens on loopback and is ended by the process that was started.
"""
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import urllib.error
import urllib.parse
import urllib.request
import uuid

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("FUMIKURA", ROOT / "build" / "fumikura"))
PASSWORD = "fumikura-demo-2026"


class Refused(Exception):
    """The server said no: status, and what the API told."""

    def __init__(self, status, error):
        super().__init__(f"{status}: {error}")
        self.status, self.error = status, error


class Person:
    """Somebody who is logged on."""

    def __init__(self, town, session):
        self.town, self.session = town, session

    lang = "ja"

    def get(self, path, **fields):
        return self.town.ask("GET", path, fields, self.session, self.lang)

    def post(self, path, **fields):
        return self.town.ask("POST", path, fields, self.session, self.lang)

    def upload(self, path, files, **fields):
        return self.town.upload(path, files, fields, self.session, self.lang)


class Town:
    """One installation with its five bodies."""

    packs = ROOT / "packs"
    context = None  # of TLS: whom to trust, and as which terminal

    def __init__(self, residents=40, store=None, data=None):
        self.own = data is None
        self.data = pathlib.Path(data or tempfile.mkdtemp(prefix="fumikura-story-"))
        self.store, self.server = store, None
        demo = self.made()
        if self.own and demo and not store:  # a fresh one to copy: quicker
            shutil.copytree(demo, self.data, dirs_exist_ok=True)
        elif self.own:
            self.run("demo", "--residents", str(residents), *self.options(),
                     str(self.data))

    def made(self):
        """A fresh demonstration that may be copied, or None."""
        return os.environ.get("FUMIKURA_DEMO")

    def environment(self):
        """What the product's environment has besides."""
        return {}

    def run(self, *args, check=True, **kwargs):
        return subprocess.run([str(BINARY), *args], check=check, text=True,
                              env=os.environ | self.environment(),
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              stdin=subprocess.DEVNULL, timeout=600, **kwargs)

    def options(self):
        packs = ["--packs", str(self.packs)]
        return packs + (["--store", self.store] if self.store else [])

    def open(self, *options, stderr=None, is_plain=True):
        args = [str(BINARY), "serve", *(["--plain-http"] if is_plain else []),
                "--port", "0", *self.options(), *options, str(self.data)]
        self.server = subprocess.Popen(args, text=True, stdin=subprocess.DEVNULL,
                                       env=os.environ | self.environment(),
                                       stdout=subprocess.PIPE, stderr=stderr)
        line = self.server.stdout.readline()
        if "http" not in line:
            raise RuntimeError(f"the server did not start: {line!r}")
        self.url = line.split(" ", 1)[1].strip().rstrip("/")
        return self

    def close(self):
        if self.server:
            self.server.terminate()
            self.server.wait(timeout=30)
            self.server.stdout.close()
            self.server = None

    def drop(self):
        self.close()
        if self.own:
            shutil.rmtree(self.data, ignore_errors=True)

    def __enter__(self):
        return self if self.server else self.open()

    def __exit__(self, *_):
        self.drop()

    # ---- speaking to it ----

    def send(self, method, path, body=None, headers=None):
        request = urllib.request.Request(self.url + path, data=body, method=method,
                                         headers=headers or {})
        try:
            with urllib.request.urlopen(request, timeout=120,
                                        context=self.context) as reply:
                return reply.status, reply.headers, reply.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers, error.read()

    def decode(self, status, headers, data):
        is_json = headers.get("Content-Type", "").startswith("application/json")
        answer = json.loads(data) if is_json else data
        if status >= 300:
            raise Refused(status, answer["error"] if is_json else data)
        return answer

    def ask(self, method, path, fields, session=None, lang="ja"):
        headers = {"Authorization": f"Bearer {session}"} if session else {}
        headers["Accept-Language"] = lang
        path, body = "/api/v1" + path, None
        if method == "GET":
            if fields:
                path += "?" + urllib.parse.urlencode(fields, doseq=True)
        else:
            headers["Content-Type"] = "application/json"
            body = json.dumps(fields).encode()
        return self.decode(*self.send(method, path, body, headers))

    def upload(self, path, files, fields, session, lang="ja"):
        mark, parts = uuid.uuid4().hex, []
        for name, value in fields.items():
            parts.append(f'--{mark}\r\nContent-Disposition: form-data; name="{name}"'
                         f"\r\n\r\n{value}\r\n".encode())
        for name, (file_name, data) in files.items():
            parts.append(f'--{mark}\r\nContent-Disposition: form-data; name="{name}"; '
                         f'filename="{file_name}"\r\n\r\n'.encode() + data + b"\r\n")
        body = b"".join(parts) + f"--{mark}--\r\n".encode()
        headers = {"Authorization": f"Bearer {session}", "Accept-Language": lang,
                   "Content-Type": f"multipart/form-data; boundary={mark}"}
        return self.decode(*self.send("POST", "/api/v1" + path, body, headers))

    def bodies(self):
        """Name -> id, from the log-on page, as a person would see them."""
        import re
        _, _, page = self.send("GET", "/logon")
        return {name: body for body, name in re.findall(
            r'<option value="([0-9a-f]{16})"[^>]*>([^<]+)</option>', page.decode())}

    def log_on(self, body, logon, password=PASSWORD, code=""):
        fields = {"body": body, "logon": logon, "password": password}
        if code:
            fields["code"] = code
        return Person(self, self.ask("POST", "/logon", fields)["session"])


def holding(person, name=None, which=lambda h: True):
    """The first holding that fits, by a part of its name."""
    for h in person.get("/holdings")["holdings"]:
        if (name is None or name in h["name"]) and which(h):
            return h
    raise LookupError(name)
