#!/usr/bin/env python3
"""Every action, as every office, with every input missing, too long and of the
wrong type: made from the OpenAPI text, which is made from the action table.

Nothing may end in a server's fault; a refusal always says why; what is not
allowed before log-on is refused, and so is an office to which the regulation
gives none of the rights that the action asks for, while one that has such a
right is never told that it lacks it; an answer holds what the text says of it;
and afterwards the server still answers.
"""
import json
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from stories import find_some, residents  # noqa: E402
from town import ROOT, Person, Refused, Town  # noqa: E402

OFFICES = ["clerk", "manager", "handler", "other", "chief", "head", "auditor",
           "registrar", "operator", "security", "system"]
FINE = {200, 400, 401, 403, 404, 409, 413, 422, 429, 503}
SKIPPED = {"session.logoff", "session.logon"}  # they change who is asking
ID = "00000000000000ff"
LACKS = "いまの役職では、この操作はできません"


def good(schema):
    if schema.get("type") == "array":
        return [good(schema["items"])]
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("pattern") == "^[0-9a-f]{16}$":
        return ID
    if schema.get("format") == "date":
        return "2027-03-31"
    return {"integer": 1, "boolean": True, "object": {"x": "y"}}.get(
        schema.get("type"), "a")


def bad(schema):
    """Values that the row's type and limit must refuse."""
    if schema.get("type") == "array":
        return [[v] for v in bad(schema["items"])]
    if schema.get("type") == "boolean":
        return ["maybe"]
    if schema.get("type") == "object":
        return [{"x": "y" * (schema["additionalProperties"]["maxLength"] + 1)}]
    if schema.get("type") == "integer":
        return [-1, "x", schema["maximum"] + 1]
    if "enum" in schema:
        return ["no such choice"]
    if "pattern" in schema and "maxLength" not in schema:
        return ["zz", "0" * 17]
    if schema.get("format") == "date":
        return ["2027-02-30", "never"]
    if "contentMediaType" in schema:
        return []
    return ["x" * (schema["maxLength"] + 1), "a\u0001b"]


class Action:
    """One operation of the OpenAPI text."""

    def __init__(self, path, method, op):
        self.name, self.method, self.path = op["operationId"], method.upper(), path
        self.who, self.rights = op["x-who"], set(op["x-rights"])
        self.fields = {p["name"]: (p["schema"], p["required"], p["in"])
                       for p in op["parameters"]}
        for content in op.get("requestBody", {}).get("content", {}).values():
            schema = content["schema"]
            for name, s in schema["properties"].items():
                self.fields[name] = (s, name in schema["required"], "body")
        self.files = {n for n, (s, *_) in self.fields.items()
                      if "contentMediaType" in s}
        self.answer = next(iter(op["responses"]["200"]["content"].values()))["schema"]


def operations(spec):
    for path, methods in spec["paths"].items():
        for method, op in methods.items():
            yield Action(path, method, op)


def rights_of_posts(pack):
    """Title of an office -> its rights, as the regulation's pack has them."""
    rights = {}
    for name in ("base", pack):
        text = (ROOT / "packs" / name / "offices.yaml").read_text(encoding="utf-8")
        for office in re.split(r"^  - id: ", text, flags=re.M)[1:]:
            title = re.search(r"^    title: \{ja: ([^,}]+)", office, re.M)[1].strip()
            given = re.search(r"^    rights: \[(.*)\]", office, re.M)[1]
            rights[title] = {r.strip() for r in given.split(",") if r.strip()}
    return rights


def misfits(value, schema, where="answer"):
    """Where a value is not what its schema says."""
    kinds = {"object": dict, "array": list, "string": str, "boolean": bool,
             "integer": int}
    if not isinstance(value, kinds[schema["type"]]):
        return [f"{where}: {value!r} is no {schema['type']}"]
    if schema["type"] == "array":
        return [m for v in value for m in misfits(v, schema["items"], where)]
    if schema["type"] == "object":
        known = schema["properties"]
        return [m for name, v in value.items() for m in (
            misfits(v, known[name], f"{where}.{name}") if name in known
            else [f"{where}.{name} is not told"])]
    pattern = schema.get("pattern", "")
    return [] if re.search(pattern, str(value)) else [f"{where}: {value!r}"]


def cases(fields, real):
    """Sets of inputs: one that fits, and each single fault."""
    fit = {n: real.get(n) or good(s) for n, (s, required, _) in fields.items()
           if required or n in real}
    yield "fits", fit, None
    for name, (schema, required, where) in fields.items():
        if required and where != "path":
            yield f"{name} missing", {n: v for n, v in fit.items() if n != name}, name
        for value in bad(schema):
            yield f"{name} wrong", {**fit, name: value}, name


def as_form(values):
    """As a form sends them: the values of items as v.ITEM."""
    flat = {}
    for name, value in values.items():
        flat |= ({f"{name}.{item}": v for item, v in value.items()}
                 if isinstance(value, dict) else {name: value})
    return flat


def ask(town, session, action, values):
    """Status, the error told, and the answer."""
    values, path = dict(values), action.path
    for name, (_, _, where) in action.fields.items():
        if where == "path":
            text = values.pop(name, ID)
            path = path.replace("{" + name + "}", str(text)[:200].replace("/", "_")
                                .replace("\u0001", "%01").replace(" ", "%20"))
    files = {n: ("a.txt", str(values.pop(n)).encode()) for n in action.files
             if n in values}
    try:
        if files:
            return 200, {}, town.upload(path, files, as_form(values), session)
        return 200, {}, town.ask(action.method, path, values, session)
    except Refused as refused:
        return refused.status, refused.error, None


class Scene:
    """One body, with everybody in its offices logged on."""

    def __init__(self, town, name, pack):
        self.town, self.sessions = town, {None: None}
        body = next(b for n, b in town.bodies().items() if name in n)
        titles = rights_of_posts(pack)
        self.rights = {None: set()}
        for office in OFFICES:
            try:
                person = town.log_on(body, office)
            except Refused:
                continue  # the regulation has no such office, or wants a code
            post = person.get("/session")["post"].split()[-1]
            self.sessions[office], self.rights[office] = person.session, titles[post]
        clerk = Person(town, self.sessions["clerk"])
        h = residents(clerk)
        purpose, records = find_some(clerk, h)
        self.real = {"holding": h["id"], "purpose": purpose,
                     "record": records[0]["id"]}

    def faults_of(self, action, only_fits):
        for office, session in self.sessions.items():
            for what, values, wrong in cases(action.fields, self.real):
                if wrong and only_fits:
                    break
                status, error, answer = ask(self.town, session, action, values)
                for fault in self.judge(action, office, wrong, status, error, answer):
                    yield f"{office}: {what}: {fault}"

    def judge(self, action, office, wrong, status, error, answer):
        told = isinstance(error, bytes) or status == 200 or error.get("message")
        if status not in FINE or not told:
            yield f"{status} {error}"
        if wrong and status == 200:
            yield "was taken"
        if office is None:
            if action.who != "anyone" and status not in (400, 401, 404, 413, 422):
                yield f"before log-on: {status}"
            return
        lacks = status == 403 and LACKS in str(error)
        if action.who == "right":
            has = bool(self.rights[office] & action.rights)
            if has and lacks:
                yield "has the right and is told that it lacks it"
            if not has and not (lacks if not wrong else status in (400, 403, 422)):
                yield f"has none of {sorted(action.rights)}: {status} {error}"
        elif lacks:
            yield "is told that it lacks a right that the text does not ask for"
        if status == 200 and isinstance(answer, dict):
            yield from misfits(answer, action.answer)


def main():
    passed = failed = 0
    with Town(residents=20) as town:
        spec = json.loads(town.send("GET", "/api/v1/openapi.json")[2])
        # the first has every office; of the other, a contractor's, the rights
        scenes = [(Scene(town, "長岡京市", "nagaokakyo"), False),
                  (Scene(town, "みどり事務", "sapporo"), True)]
        for action in operations(spec):
            if action.name in SKIPPED:
                continue
            faults = [f for scene, only_fits in scenes
                      for f in scene.faults_of(action, only_fits)]
            if faults:
                failed += 1
                print(f"not ok - {action.name}\n  " + "\n  ".join(faults[:10]))
            else:
                passed += 1
        town.bodies()  # it still answers
    print(f"{passed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
