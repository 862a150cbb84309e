"""Rules for machines from registers, and what machines report compared."""
import uuid

from stories import NotHere, story
from town import Refused


def keeper_of(town, body, register):
    """Somebody of the demonstration who keeps the register."""
    for logon in ("system", "manager", "security", "chief", "operator"):
        try:
            person = town.log_on(body, logon)
            if any(r["id"] == register and r["may_keep"]
                   for r in person.get("/registers")["registers"]):
                return person
        except Refused:
            continue
    raise NotHere(f"nobody keeps {register}")


def rules(town, person, kind):
    status, _, data = town.send("GET", f"/api/v1/permitted/{kind}", None,
                                {"Authorization": f"Bearer {person.session}"})
    assert status == 200, data
    return data.decode()


def kinds(answer):
    return [(d["kind"], d["what"]) for d in answer["differences"]]


@story("permitted devices become rules of USBGuard and Windows; others are told",
       ["device.connect"])
def devices(town, body):
    person = keeper_of(town, body, "devices")
    serial = uuid.uuid4().hex[:12].upper()
    today = {"v.permitted_on": "R8.4.1"}
    row = person.post("/registers/devices/new", **{
        "v.model": "暗号化USBメモリ", "v.vendor_id": "0BDA", "v.product_id": "9210",
        "v.serial": serial, "v.purpose": "庁内の運搬", **today})["row"]
    person.post("/registers/devices/new", **{
        "v.model": "番号のない機器", "v.serial": "X" + serial, "v.purpose": "試験", **today})
    person.post("/registers/devices/new", **{
        "v.model": "期限切れ", "v.vendor_id": "0bda", "v.product_id": "9210",
        "v.serial": "OLD" + serial, "v.purpose": "試験", "v.until": "R8.4.2", **today})
    text = rules(town, person, "usbguard")
    assert f'allow id 0bda:9210 serial "{serial}"\n' in text, text
    assert "OLD" + serial not in text and text.endswith("block\n") and "# left out" in text
    text = rules(town, person, "windows")
    assert f'USB\\\\VID_0bda&PID_9210\\\\{serial}"' in text, text
    assert '"DenyUnspecified"=dword:00000001' in text
    report = ("ベンダーID,製品ID,製造番号,端末\r\n"
              f"0bda,9210,{serial},窓口1\r\n0781,5591,ABC,窓口1\r\n"
              f"0bda,9210,OLD{serial},窓口1\r\n")
    told = person.upload("/permitted/devices/compare",
                         {"file": ("usb.csv", report.encode("cp932"))})
    found = [w for k, w in kinds(told) if k == "not_permitted"]
    assert told["compared"] == 3 and len(found) == 2, told
    assert any("0781:5591 ABC" in w for w in found), found
    bad = person.upload("/permitted/devices/compare",
                        {"file": ("usb.csv", b"vendor_id,serial\r\n0781,\r\n")})
    assert {p["fault"] for p in bad["problems"]} == {"column_missing", "empty"}, bad
    seen = person.get(f"/registers/devices/{row}")
    person.post(f"/registers/devices/{row}/end", version=seen["version"], reason="返納")
    assert f'"{serial}"' not in rules(town, person, "usbguard")


@story("allowed connections become nftables rules; what is loaded is compared with them",
       ["net.inbound"])
def listeners(town, body):
    person = keeper_of(town, body, "listeners")
    keeper = keeper_of(town, body, "systems")
    section = keeper.get("/organisation")["organs"][0]["sections"][0]["id"]
    system = keeper.post("/registers/systems/new", **{
        "v.name": f"住民情報システム{uuid.uuid4().hex[:6]}", "v.section": section,
        "v.maker": "試験用", "v.level": "high", "v.review_by": "R9.3.31"})["row"]
    number = int(uuid.uuid4().hex[:2], 16)
    for source, port in ((f"10.{number}.3.7/16", 443), ("2001:db8::/32", 8443),
                         ("本庁のネットワーク", 443)):
        person.post("/registers/listeners/new", **{
            "v.system": system, "v.source": source, "v.port": port,
            "v.reason": "窓口の端末", "v.from": "R8.4.1"})
    text = rules(town, person, "nftables")
    assert f"ip saddr 10.{number}.0.0/16 tcp dport 443 accept" in text, text
    assert "ip6 saddr 2001:db8::/32 tcp dport 8443 accept" in text
    assert "policy drop" in text and "# left out" in text
    file = lambda t: {"file": ("ruleset.txt", t.encode())}  # noqa: E731
    told = person.upload("/permitted/listeners/compare", file(text))
    assert {k for k, _ in kinds(told)} == {"no_rule"}, told
    loaded = ("table inet filter {\n chain in {\n  type filter hook input priority filter;"
              " policy accept;\n  ct state established accept\n"
              f"  ip saddr {{ 10.{number}.0.0/16, 192.0.2.1 }} tcp dport {{ 443, 22 }} accept\n"
              "  tcp dport 22 accept\n }\n}\n")
    found = [k for k, _ in kinds(person.upload("/permitted/listeners/compare", file(loaded)))]
    assert found.count("not_in_register") == 1 and found.count("too_wide") == 1, found
    assert "no_drop" in found and "not_loaded" in found, found
