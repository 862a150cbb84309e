"""Papers and files: what is printed, and what is filled in and taken in again."""
import csv
import io
import re
import subprocess
import zipfile

from desk import wait_until
from registers import medium, number
from stories import NotHere, expect_refused, find_some, residents, story
from town import Refused

NAMES = "髙﨑𠮷 葛\U000E0100城"
FORMULA = "=cmd|' /C calc'!A0"


def text_of(pdf):
    return subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf,
                          capture_output=True, check=True, timeout=60).stdout.decode()


def holder_of(person):
    return person.get("/persons")["persons"][0]


def table(rows):
    to = io.StringIO()
    csv.writer(to, lineterminator="\r\n").writerows(rows)
    return to.getvalue().encode("utf-8-sig")


def rows_of(data):
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))


def take(person, data, **fields):
    return person.upload("/registers/media/import", {"file": ("rows", data)},
                         **fields)


@story("a register is printed with who took it out, and no formula leaves it",
       ["media.custody"])
def print_register(town, body):
    manager = town.log_on(body, "manager")
    name, holder = number(), holder_of(manager)
    row = medium(manager, holder["id"], **{
        "v.number": name, "v.content": FORMULA, "v.place": NAMES})["row"]
    pdf = manager.get("/registers/media/paper", format="pdf", q=name)
    text = text_of(pdf)
    assert name in text and re.search(r"1 ?/ ?1$", text, re.M), text
    assert f"出力者：{manager.get('/session')['name']}" in text, text
    assert "髙﨑𠮷" in text, text
    fonts = subprocess.run(["pdffonts", "-"], input=pdf, capture_output=True,
                           check=True, timeout=60).stdout.decode()
    listed = [line.split() for line in fonts.splitlines()[2:]]
    assert listed and all("IPAmjMincho" in f[0] and "yes" in f for f in listed), fonts
    paper = text_of(manager.get(f"/registers/media/{row}/paper", format="pdf"))
    assert holder["name"] in paper and "新しく記載" in paper, paper
    cells = rows_of(manager.get("/registers/media/paper", format="csv", q=name))
    assert "'" + FORMULA in cells[1] and FORMULA not in cells[1], cells
    book = zipfile.ZipFile(io.BytesIO(
        manager.get("/registers/media/paper", format="xlsx", q=name)))
    sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet and "<v>" in sheet, sheet
    clerk = town.log_on(body, "clerk")
    expect_refused(lambda: clerk.get("/registers/media/paper", format="pdf"), 403)
    expect_refused(lambda: clerk.get(f"/registers/media/{row}/paper",
                                     format="xlsx"), 403)


@story("rows are filled in by the template and taken in whole or not at all",
       ["media.custody"])
def take_in(town, body):
    manager = town.log_on(body, "manager")
    holder, one, two = holder_of(manager)["name"], number(), number()
    head = rows_of(manager.get("/registers/media/template", format="csv"))[0]
    book = zipfile.ZipFile(io.BytesIO(
        manager.get("/registers/media/template", format="xlsx")))
    assert b"dataValidation" in book.read("xl/worksheets/sheet1.xml")
    fill = {"管理番号": one, "種類": "USBメモリ", "記録の内容": "届出の控え",
            "保管場所": "書庫", "施錠等": "耐火金庫", "持っている人": holder,
            "受け入れた日": "令和8年4月1日"}
    def rows(*more):
        return table([head, *([{**fill, **m}.get(h, "") for h in head] for m in more)])
    bad = take(manager, rows({}, {"管理番号": two, "種類": "ない物",
                                  "受け入れた日": "昭和70年1月1日"}))
    wrong = [chr(ord("A") + head.index(h)) for h in ("種類", "受け入れた日")]
    assert [(p["row"], p["column"]) for p in bad["problems"]] == [
        (3, c) for c in wrong], bad
    assert not manager.get("/registers/media", q=one)["rows"]
    good = rows({}, {"管理番号": two})
    assert take(manager, good, dry="1")["made"] == 2
    assert not manager.get("/registers/media", q=one)["rows"]
    done = take(manager, good)
    assert done["made"] == 2 and done["import"], done
    assert take(manager, good)["problem_count"] == 2  # the keys are taken
    # what was given out comes back changed
    out = manager.get("/registers/media/paper", format="xlsx", q=one)
    assert take(manager, out, dry="1")["same"] == 1
    again = rows_of(manager.get("/registers/media/paper", format="csv", q=one))
    again[1][again[0].index("保管場所")] = "別の書庫"
    expect_refused(lambda: take(manager, table(again)), 422)
    assert take(manager, table(again), reason="移した")["changed"] == 1
    row = manager.get("/registers/media", q=one)["rows"][0]["id"]
    history = manager.get(f"/registers/media/{row}")["history"]
    assert done["import"] in history[1]["reason"], history
    assert "移した" in history[0]["reason"], history
    clerk = town.log_on(body, "clerk")
    expect_refused(lambda: take(clerk, good), 403)


@story("an application is printed with its row of stamps, a certificate only when done",
       ["disposal"])
def print_matter(town, body):
    clerk, manager = town.log_on(body, "clerk"), town.log_on(body, "manager")
    held = next(h for h in clerk.get("/holdings")["holdings"]
                if h["section"] == clerk.get("/session")["post"].rsplit(" ", 1)[0])
    matter = clerk.post("/procedures/disposal/new", **{
        "v.holding": held["id"], "v.what": "令和2年度の異動届",
        "v.reason": "保存期間の満了", "v.method": "shred"})["matter"]
    path = f"/matters/{matter}"
    text = text_of(clerk.get(path + "/paper", format="pdf"))
    seen = clerk.get(path)
    assert seen["number"] in text and "令和2年度の異動届" in text, text
    assert seen["asker"] in text and "経過" in text, text
    assert not seen["forms"], seen["forms"]
    expect_refused(lambda: clerk.get(path + "/paper", format="pdf",
                                     form="disposal_certificate"), 409)
    expect_refused(lambda: clerk.get(path + "/paper", format="pdf",
                                     form="no_such_form"), 404)
    lines = rows_of(manager.get("/matters/paper", format="csv", scope="section"))
    assert any(seen["number"] in line for line in lines), lines
    ledger = text_of(clerk.get("/matters/paper", format="pdf",
                               procedure="restricted_act", form="handling_ledger"))
    assert "取扱台帳" in ledger and seen["number"] not in ledger, ledger
    listed = clerk.get("/matters", procedure="disposal")["matters"]
    assert {m["procedure"] for m in listed} == {seen["procedure_title"]}, listed


@story("the register of files and the accesses go out as papers", ["log.record"])
def print_lists(town, body):
    manager = town.log_on(body, "manager")
    one = manager.get("/holdings")["holdings"][0]
    text = text_of(manager.get(f"/holdings/{one['id']}/paper", format="pdf"))
    assert one["name"] in text and "記録項目" in text, text
    head = rows_of(manager.get("/holdings/paper", format="csv"))[0]
    assert head[:2] == ["個人情報ファイルの名称", "行政機関等の名称"], head
    wait_until(lambda: len(rows_of(
        manager.get("/accesses/paper", format="csv"))) > 1)
    assert "出力者" in text_of(manager.get("/accesses/paper", format="pdf"))


@story("the five forms of the standard are printed from what stands in the registers",
       ["flow", "audit.plan", "org.handler", "training.plan"])
def print_forms(town, body):
    manager = town.log_on(body, "manager")
    forms = {f["id"] for f in manager.get("/registers/handlers")["forms"]}
    if forms != {"form1", "form2"}:
        raise NotHere("this body has no such forms")
    me, held = manager.get("/session"), manager.get("/holdings")["holdings"][0]
    work = f"交付の事務 {number()}"
    manager.post("/registers/handlers/new", **{
        "v.person": me["person"], "v.holding": held["id"], "v.work": work,
        "v.role": "lead", "v.from": "R8.4.1"})
    text = text_of(manager.get("/registers/handlers/paper", format="pdf", form="form1"))
    assert "様式第1号（第8条関係）" in text and me["name"] in text, text
    text = text_of(manager.get("/registers/handlers/paper", format="pdf", form="form2"))
    assert "部署単位" in text and work in text.replace("\n", ""), text
    chief = town.log_on(body, "chief")
    course = f"研修 {number()}"
    chief.post("/registers/planned_courses/new", **{
        "v.position": 1, "v.timing": "10月", "v.course": course,
        "v.audience": "事務取扱担当者", "v.method": "集合研修"})
    text = text_of(chief.get("/registers/planned_courses/paper", format="pdf",
                             form="form3"))
    assert "年度" in text and course in text, text
    for stage in ["dispose", "obtain"]:
        manager.post("/registers/flows/new", **{
            "v.work": work, "v.stage": stage, "v.position": 1,
            "v.done": f"行うこと{stage}", "v.who": "担当者", "v.measures": "施錠"})
    text = text_of(manager.get("/registers/flows/paper", format="pdf", form="form5"))
    assert text.index("行うことobtain") < text.index("行うことdispose"), text
    auditor = town.log_on(body, "auditor")
    matter = auditor.post("/procedures/audit_plan/new", **{
        f"v.{field}": "特定個人情報の事務" for field in (
            "title", "purpose", "range", "audited", "method", "schedule", "team",
            "criteria")})["matter"]
    path = f"/matters/{matter}"
    seen = chief.get(path)
    chief.post(path + "/act", deed=seen["finish"], step=seen["step_number"],
               version=seen["version"])
    text = text_of(auditor.get(path + "/paper", format="pdf", form="form4"))
    assert "適用基準" in text and chief.get("/session")["name"] in text, text


@story("one record goes on paper through the door, entered as a print",
       ["copy.restrict", "log.record"])
def print_record(town, body):
    clerk = town.log_on(body, "clerk")
    h = residents(clerk)
    purpose, records = find_some(clerk, h)
    path = f"/holdings/{h['id']}/records/{records[0]['id']}/paper"
    try:
        pdf = clerk.get(path, purpose=purpose, case="R8-0931", format="pdf")
    except Refused as refused:  # no grant to print: told with its article
        assert refused.status == 403 and refused.error["article"], refused.error
        raise NotHere("this clerk may not print") from None
    text = text_of(pdf)
    assert "R8-0931" in text and "出力者" in text, text
    wait_until(lambda: ("R8-0931", "印刷") in {
        (a["case"], a["act"]) for a in clerk.get("/accesses")["accesses"]})
    stranger = town.log_on(body, "other")
    expect_refused(lambda: stranger.get(path, purpose=purpose, case="R8-0932",
                                        format="pdf"), 403)
