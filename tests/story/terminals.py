"""Registered terminals, told over real TLS with certificates of openssl's."""
import contextlib
import pathlib
import ssl
import subprocess
import tempfile

from stories import expect_refused, story
from town import Refused


def openssl(folder, *args):
    done = subprocess.run(["openssl", *args], cwd=folder, text=True, timeout=60,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    assert done.returncode == 0, done.stdout
    return done.stdout


def authority(folder):
    """Who signs terminals; as docs/operating.md says."""
    openssl(folder, "req", "-x509", "-newkey", "ec", "-pkeyopt",
            "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30", "-subj",
            "/CN=Terminals of the story", "-keyout", "ca.key", "-out", "ca.crt")


def certificate(folder, name):
    """A terminal's certificate; its fingerprint as openssl prints it."""
    openssl(folder, "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
            "-nodes", "-subj", f"/CN={name}", "-keyout", f"{name}.key",
            "-out", f"{name}.csr")
    (folder / "use").write_text("extendedKeyUsage=clientAuth\n")
    openssl(folder, "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.crt", "-CAkey",
            "ca.key", "-CAcreateserial", "-days", "30", "-extfile", "use",
            "-out", f"{name}.crt")
    return openssl(folder, "x509", "-in", f"{name}.crt", "-noout", "-fingerprint",
                   "-sha256").split("=")[1].strip()


def seat(town, folder, name=None):
    """How a browser at that place trusts and shows itself."""
    context = ssl.create_default_context(cafile=town.data / "tls.crt")
    context.check_hostname = False
    if name:
        context.load_cert_chain(folder / f"{name}.crt", folder / f"{name}.key")
    return context


@contextlib.contextmanager
def over_tls(town, folder):
    """The same town, served with TLS for a while."""
    town.close()
    try:
        town.open("--terminal-ca", str(folder / "ca.crt"), is_plain=False)
        town.context = seat(town, folder)
        yield
    finally:
        town.close()
        town.context = None
        town.open()


def section_of(person, path):
    return next(s["id"] for organ in person.get("/organisation")["organs"]
                for s in organ["sections"] if s["path"] == path)


def limited_holding(manager, section):
    """A holding for registered terminals alone, which the section's staff use."""
    purpose = manager.get("/holdings")["holdings"][0]["purposes"][0]["id"]
    made = manager.post("/holdings/new", name="窓口だけで使う記録", sensitivity="middle",
                        basis="条例", place="庁内", retention=1, purposes=[purpose],
                        terminals=True, items="name 氏名 name exact")["id"]
    for office in ("staff", "worker"):
        try:
            manager.post("/grants/new", holding=made, office=office, section=section,
                         acts=["create", "view"], until="R9.3.31")
            return made, purpose
        except Refused:
            continue
    raise AssertionError("no such office")


@story("a holding limited to registered terminals opens at one of the section's, until "
       "it is reported stolen", ["terminal.limit"])
def terminals(town, body):
    with tempfile.TemporaryDirectory(prefix="fumikura-seats-") as folder:
        folder = pathlib.Path(folder)
        authority(folder)
        prints = {name: certificate(folder, name) for name in ("counter", "stranger")}
        with over_tls(town, folder):
            play(town, body, folder, prints)


def play(town, body, folder, prints):
    manager = town.log_on(body, "manager")
    path = next(h["section"] for h in manager.get("/holdings")["holdings"]
                if h["may_view"])
    section = section_of(manager, path)
    h, purpose = limited_holding(manager, section)
    operator = town.log_on(body, "operator")
    expect_refused(lambda: manager.post("/terminals/new", name="窓口1", section=section,
                                        fingerprint=prints["counter"], until="R9.3.31"),
                   403)
    terminal = operator.post("/terminals/new", name="窓口1", section=section,
                             fingerprint=prints["counter"], until="R9.3.31")["id"]

    def create(person):
        return person.post(f"/holdings/{h}/new", purpose=purpose, v={"name": "仮野 一郎"})

    def at(name):
        town.context = seat(town, folder, name)
        return town.log_on(body, "clerk")

    clerk = at("counter")
    made = create(clerk)
    one = f"/holdings/{h}/records/{made['record']}"
    assert clerk.get(one, purpose=purpose)["values"][0]["text"] == "仮野 一郎"
    # the session goes nowhere else
    town.context = seat(town, folder)
    expect_refused(lambda: clerk.get(one, purpose=purpose), 401)
    # neither without a certificate nor with one that is not registered
    for name in (None, "stranger"):
        elsewhere = at(name)
        error = expect_refused(lambda: elsewhere.get(one, purpose=purpose), 403)
        assert error.get("article"), error
    # reported stolen: whoever sits there is out, and comes in no more
    shown = next(t for t in operator.get("/terminals")["terminals"]
                 if t["id"] == terminal)
    assert shown["fingerprint"] == prints["counter"] and shown["in_force"], shown
    operator.post(f"/terminals/{terminal}/end", case="R8-0911")
    town.context = seat(town, folder, "counter")
    expect_refused(lambda: clerk.get("/holdings"), 401)
    again = town.log_on(body, "clerk")
    expect_refused(lambda: again.get(one, purpose=purpose), 403)
    assert not next(t for t in operator.get("/terminals")["terminals"]
                    if t["id"] == terminal)["in_force"]
