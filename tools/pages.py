#!/usr/bin/env python3
"""Compiles src/web/pages/*.html into tables of steps for src/web/page.c.

  {{path}}                 a value of the action's output, escaped
  {{plain path}}           a number for machines: no separators between digits
  {{word key a b}}         a word of the catalogues, {0} {1} filled by values
  {{each list}} ... {{/each}}        `this` scope is the item; `..name` is outside
  {{if path}} ... {{else}} ... {{/if}}   present and not empty, 0 or false
  {{is path text}} ... {{/is}}       the value is exactly this text
  {{include _name}}        another file, as if it stood here; _NAME.html is no page
  {{body}}                 in layout.html: where the page stands

A slot may stand in text, or in a double-quoted attribute. A slot in a script,
a style, an on* attribute, a style attribute or an unquoted one is refused; in
href, src, action and formaction the value must begin with a literal "/" or be
the rest of a path or query. Comments {{! ... }} are left out.
"""
import pathlib
import re
import sys

TOKEN = re.compile(r"\{\{(.*?)\}\}", re.S)
PATH = re.compile(r"(\.\.)*[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)*$")
URLS = {"href", "src", "action", "formaction"}


class Page:
    def __init__(self, folder, words):
        self.folder, self.words = folder, words
        self.steps, self.paths = [], set()

    def fail(self, name, text, at, why):
        line = text.count("\n", 0, at) + 1
        sys.exit(f"{name}.html:{line}: {why}")

    def where(self, before):
        """What a slot at the end of `before` stands in."""
        last = before.rfind("<")
        if re.search(r"<(script|style)\b[^>]*>(?:(?!</\1).)*$", before, re.S | re.I):
            return "code", ""
        if last < before.rfind(">"):
            return "text", ""
        tag = before[last:]
        m = re.search(r"""([a-zA-Z-]+)\s*=\s*("[^"]*|'[^']*|[^\s"'>]*)$""", tag)
        if not m or tag.count('"') % 2 == 0:
            return "bare", ""
        return "attr", m.group(1).lower() + "\0" + m.group(2)[1:]

    def check(self, name, text, at, before, slot):
        kind, rest = self.where(before)
        if kind in ("code", "bare"):
            self.fail(name, text, at, f"{slot}: a slot may not stand here")
        if kind == "attr":
            attr, value = rest.split("\0", 1)
            if attr.startswith("on") or attr in ("style", "srcdoc"):
                self.fail(name, text, at, f"{slot}: not in {attr}")
            if attr in URLS and not value.startswith(("/", "#", "?")):
                self.fail(name, text, at, f'{slot}: {attr} must begin with "/"')
            return "URL" if attr in URLS else "TEXT"
        return "TEXT"

    def add(self, op, text="", jump=0):
        self.steps.append([op, text, jump])
        return len(self.steps) - 1

    def compile(self, name, depth=0, plain=""):
        if depth > 8:
            sys.exit(f"{name}.html: includes itself")
        path = self.folder / f"{name}.html"
        if not path.exists():
            sys.exit(f"{name}.html does not exist")
        text = path.read_text(encoding="utf-8")
        text = re.sub(r"\n[ \t]*", "\n", text)
        if depth > 0:
            text = text.rstrip("\n")
        open_, at = [], 0
        for m in TOKEN.finditer(text):
            if m.start() > at:
                plain += text[at:m.start()]
                self.add("HTML", text[at:m.start()])
            at = m.end()
            words = m.group(1).split()
            if not words or words[0].startswith("!"):
                continue
            head, args = words[0], words[1:]
            fail = lambda why: self.fail(name, text, m.start(), why)
            for p in args if head in ("each", "if") else args[:1] if head == "is" else args[1:] if head == "word" else []:
                if not PATH.match(p):
                    fail(f"{p}: no path")
                self.paths.add(p)
            if head in ("each", "if", "is"):
                op = {"each": "EACH", "if": "IF", "is": "IS"}[head]
                arg = "\0".join([args[0], " ".join(args[1:])]) if head == "is" else args[0]
                open_.append((head, self.add(op, arg)))
            elif head == "else":
                if not open_ or open_[-1][0] not in ("if", "is"):
                    fail("else without if")
                kind, step = open_.pop()
                open_.append((kind, self.add("ELSE")))
                self.steps[step][2] = len(self.steps)
            elif head in ("/each", "/if", "/is"):
                if not open_ or open_[-1][0] != head[1:]:
                    fail(f"{head} closes nothing")
                kind, step = open_.pop()
                if kind == "each":
                    self.add("NEXT", "", step)
                self.steps[step][2] = len(self.steps)
            elif head == "word":
                if args[0] not in self.words:
                    fail(f"{args[0]}: no such word; add it to po/")
                self.check(name, text, m.start(), plain, m.group(0))
                for p in args[1:]:
                    self.add("ARG", p)
                self.add("WORD", args[0])
            elif head == "include":
                plain = self.compile(args[0], depth + 1, plain)
            elif head == "body":
                self.add("BODY")
            elif head == "plain" and len(args) == 1 and PATH.match(args[0]):
                where = self.check(name, text, m.start(), plain, m.group(0))
                self.paths.add(args[0])
                self.add("URL" if where == "URL" else "PLAIN", args[0])
            elif PATH.match(head) and not args:
                where = self.check(name, text, m.start(), plain, m.group(0))
                self.paths.add(head)
                self.add(where, head)
            else:
                fail(f"{m.group(0)}: not understood")
            if head not in ("each", "if", "is", "else", "/each", "/if", "/is", "include", "body"):
                plain += "x"
        if at < len(text):
            plain += text[at:]
            self.add("HTML", text[at:])
        if open_:
            sys.exit(f"{name}.html: {open_[-1][0]} is not closed")
        return plain


def quote(text):
    out = ""
    for byte in text.encode("utf-8"):
        c = chr(byte)
        if c in '"\\':
            out += "\\" + c
        elif c == "\n":
            out += "\\n"
        elif 32 <= byte < 127 and c != "?":
            out += c
        else:
            out += f"\\{byte:03o}"
    return '"' + out + '"'


def main():
    folder, po, target = sys.argv[1:4]
    words = {}
    for line in open(po, encoding="utf-8"):
        key, mark, _ = line.partition(" = ")
        if mark and not line.startswith(("#", " ", "\t")):
            words[key] = "WORD_" + re.sub(r"[^A-Z0-9]", "_", key.upper())
    names = sorted(p.stem for p in pathlib.Path(folder).glob("[!_]*.html"))
    with open(target, "w", encoding="utf-8") as c:
        c.write('/* Made by tools/pages.py. */\n#include "web/page.h"\n\n')
        for name in names:
            page = Page(pathlib.Path(folder), words)
            page.compile(name)
            c.write(f"static const struct page_step steps_{name.replace('-', '_')}[] = {{\n")
            for op, text, jump in page.steps:
                word = words[text] if op == "WORD" else "WORD_NONE"
                if op == "WORD":
                    text = ""
                c.write(f"\t{{PAGE_{op}, {jump}, {word}, {{{quote(text)}, {len(text.encode())}}}}},\n")
            c.write("\t{PAGE_END, 0, WORD_NONE, {\"\", 0}},\n};\n\n")
        c.write("const struct page pages[] = {\n")
        for name in names:
            c.write(f'\t{{"{name}", steps_{name.replace("-", "_")}}},\n')
        c.write("};\nconst size_t page_count = sizeof(pages) / sizeof(pages[0]);\n")


if __name__ == "__main__":
    main()
