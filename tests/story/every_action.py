#!/usr/bin/env python3
"""Every action, as every office, with every input missing, too long and of the
wrong type: made from the OpenAPI text, which is made from the action table.

Nothing may end in a server's fault; a refusal always says why; what is not
allowed before log-on is refused; and afterwards the server still answers.
"""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from stories import find_some, residents  # noqa: E402
from town import Person, Refused, Town  # noqa: E402

OFFICES = ["clerk", "manager", "handler", "other", "chief", "head", "auditor",
           "registrar", "operator", "security", "system"]
FINE = {200, 400, 401, 403, 404, 409, 413, 422, 429, 503}
SKIPPED = {"session.logoff", "session.logon"}  # they change who is asking
ID = "00000000000000ff"


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


def operations(spec):
    for path, methods in spec["paths"].items():
        for method, op in methods.items():
            fields = {p["name"]: (p["schema"], p["required"], p["in"])
                      for p in op["parameters"]}
            body = op.get("requestBody", {}).get("content", {})
            for content in body.values():
                schema = content["schema"]
                for name, s in schema["properties"].items():
                    fields[name] = (s, name in schema["required"], "body")
            yield op["operationId"], method.upper(), path, fields


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


def ask(town, session, method, path, fields, values):
    values = dict(values)
    for name, (_, _, where) in fields.items():
        if where == "path":
            text = values.pop(name, ID)
            path = path.replace("{" + name + "}", str(text)[:200].replace("/", "_")
                                .replace("\u0001", "%01").replace(" ", "%20"))
    try:
        town.ask(method, path, values, session)
        return 200, {}
    except Refused as refused:
        return refused.status, refused.error


def main():
    passed = failed = 0
    with Town(residents=20) as town:
        spec = json.loads(town.send("GET", "/api/v1/openapi.json")[2])
        body = town.bodies()["長岡京市"]  # it has every office
        sessions = {None: None}
        for office in OFFICES:
            sessions[office] = town.log_on(body, office).session
        clerk = Person(town, sessions["clerk"])
        h = residents(clerk)
        purpose, records = find_some(clerk, h)
        real = {"holding": h["id"], "purpose": purpose, "record": records[0]["id"]}
        for action, method, path, fields in operations(spec):
            if action in SKIPPED:
                continue
            faults = []
            for office, session in sessions.items():
                for what, values, wrong in cases(fields, real):
                    status, error = ask(town, session, method, path, fields, values)
                    told = isinstance(error, bytes) or status == 200 or error.get("message")
                    is_open = not spec["paths"][path][method.lower()].get("security", True)
                    if status not in FINE or not told:
                        faults.append(f"{office}: {what}: {status} {error}")
                    if office is None and not is_open and status not in (400, 401, 404, 413, 422):
                        faults.append(f"before log-on: {what}: {status}")
                    if wrong and status == 200:
                        faults.append(f"{office}: {what}: was taken")
            if faults:
                failed += 1
                print(f"not ok - {action}\n  " + "\n  ".join(faults[:10]))
            else:
                passed += 1
        town.bodies()  # it still answers
    print(f"{passed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
