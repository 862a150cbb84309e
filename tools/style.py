#!/usr/bin/env python3
"""What of the house style a program can check (docs/hacking.md says why).

usage: tools/style.py [--headers]
       without: banned calls, names, lengths, guards, SQL in C, unfinished
       --headers: compiles each header of src alone (after make build,
       which makes some of them)
       exit 1 when something is found, one line each
"""
import concurrent.futures
import pathlib
import re
import subprocess
import sys
import unicodedata

ROOT = pathlib.Path(__file__).resolve().parent.parent
C_FOLDERS = ("src", "tests", "fuzz")
COLUMNS = 80
FILE_LINES = 600
FUNCTION_LINES = 70
TEST_LINES = 80  # a test tells its story in one piece
REASON = "/* Long because:"  # within the first REASON_LINES lines
REASON_LINES = 40
BAD_STEMS = {"util", "utils", "helper", "helpers", "common", "misc",
             "manager"}

# (functions, why, path patterns where they may stand)
BANNED = [
    ("strcpy strcat sprintf vsprintf strtok strtok_r gets strncpy strncat "
     "alloca", "no bound", ()),
    ("atoi atol atoll atof", "hides what it could not read", ()),
    ("rand srand random srandom drand48", "not random enough", ()),
    ("malloc calloc realloc reallocarray free strdup strndup asprintf "
     "vasprintf", "memory comes from base/mem.h",
     (r"src/base/(mem|fiber)\.c$", r"tests/load/")),
    ("time gettimeofday clock_gettime ftime localtime localtime_r gmtime "
     "gmtime_r", "time comes from base/clock.h",
     (r"src/base/clock\.c$", r"tests/load/")),
    ("sleep usleep nanosleep", "a test or a product that sleeps is late",
     (r"tests/load/",)),
    ("getenv secure_getenv", "only main and cli look around",
     (r"src/main\.c$", r"src/cli/", r"tests/", r"fuzz/")),
    ("getrandom arc4random getentropy", "chance comes from crypto/random.h",
     (r"src/crypto/random\.c$",)),
    ("system popen", "no shell", (r"tests/",)),
]
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX)\b")
SQL = re.compile(r"\b(SELECT\b.*\bFROM|INSERT\s+INTO|UPDATE\b.*\bSET"
                 r"|DELETE\s+FROM|CREATE\s+(TABLE|INDEX))\b", re.S)
# Where Meson leaves headers that it makes.
GENERATED = [word for folder in sorted((ROOT / "src").iterdir())
             if folder.is_dir() for word in ("-I", f"build/src/{folder.name}")]
TOKEN = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"'
                   r"|'(?:\\.|[^'\\\n])*'", re.S)


class Source:
    """A C file: its lines, its code without comments and strings, and runs
    of adjacent string literals with the place where each begins."""

    def __init__(self, path):
        self.path = path
        self.name = str(path.relative_to(ROOT))
        self.text = path.read_text()
        self.lines = self.text.splitlines()
        self.strings = []
        parts = []
        at = 0
        for match in TOKEN.finditer(self.text):
            between = self.text[at:match.start()]
            parts.append(between)
            token = match[0]
            if token[0] == '"':
                self.add_string(match.start(), token[1:-1], between)
            parts.append(re.sub(r"[^\n]", " ", token))
            at = match.end()
        parts.append(self.text[at:])
        self.code = "".join(parts)

    def add_string(self, at, token, between):
        if self.strings and not between.strip():
            self.strings[-1][1] += token
        else:
            self.strings.append([at, token])

    def line_of(self, at):
        return self.text.count("\n", 0, at) + 1


def c_files():
    for folder in C_FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.[ch]")):
            if path.is_file() and "node_modules" not in path.parts:
                yield path


def banned_calls(source):
    for names, why, homes in BANNED:
        if any(re.search(home, source.name) for home in homes):
            continue
        call = re.compile(r"(?<![\w.>])(%s)\s*\(" % names.replace(" ", "|"))
        for match in call.finditer(source.code):
            yield source.line_of(match.start()), f"{match[1]}(): {why}"


def bad_name(source):
    words = set(re.split(r"[_\W]", source.path.stem))
    if words & BAD_STEMS:
        yield 1, "name the noun that it holds"


def columns(line):
    width = 0
    for char in line:
        if char == "\t":
            width += 8 - width % 8
        elif unicodedata.combining(char) == 0:
            wide = unicodedata.east_asian_width(char) in "WF"
            width += 2 if wide else 1
    return width


def long_lines(source):
    for number, line in enumerate(source.lines, 1):
        is_exempt = not line.isascii() and '"' in line or "://" in line
        if not is_exempt and columns(line) > COLUMNS:
            yield number, f"{columns(line)} columns, not {COLUMNS}"


def long_file(source):
    head = "\n".join(source.lines[:REASON_LINES])
    if not source.name.startswith("src/") or REASON in head:
        return
    if len(source.lines) > FILE_LINES:
        yield 1, (f"{len(source.lines)} lines, not {FILE_LINES}: find the "
                  f"missing noun, or say {REASON} ... */")


def long_functions(source):
    begin = None
    for number, line in enumerate(source.code.splitlines(), 1):
        if line.startswith("{"):
            begin = number
        elif line.startswith("}") and begin is not None:
            most = FUNCTION_LINES if source.name.startswith("src/") \
                else TEST_LINES
            if number - begin - 1 > most:
                yield begin, (f"a function of {number - begin - 1} lines, "
                              f"not {most}")
            begin = None


def sql_in_c(source):
    if not source.name.startswith("src/") or \
            source.name.startswith("src/store/"):
        return
    for at, text in source.strings:
        if SQL.search(text):
            yield source.line_of(at), "SQL lives in .sql files"


def guard(source):
    if source.path.suffix != ".h":
        return
    top, *between = pathlib.Path(source.name).parts
    folder = between[0] if top == "src" and len(between) > 1 else top
    want = re.sub(r"\W", "_", f"{folder}_{source.path.name}").upper()
    found = re.search(r"^#ifndef (\w+)\n#define (\w+)$", source.code, re.M)
    if not found or found[1] != found[2]:
        yield 1, f"no include guard {want}"
    elif found[1] != want:
        yield source.line_of(found.start()), f"guard {found[1]}, not {want}"


def unfinished(source):
    for match in UNFINISHED.finditer(source.text):
        yield source.line_of(match.start()), f"{match[0]}: finish it"


CHECKS = (banned_calls, bad_name, long_lines, long_file, long_functions,
          sql_in_c, guard, unfinished)


def check_sources():
    files = faults = 0
    for path in c_files():
        source = Source(path)
        files += 1
        for check in CHECKS:
            for line, fault in check(source):
                print(f"{source.name}:{line}: {fault}")
                faults += 1
    print(f"style: {files} files, {faults} faults")
    return faults


def library_flags():
    """Where the headers of libraries are, as far as not in /usr/include."""
    command = ["pkg-config", "--cflags", "libpq", "libsodium", "gnutls",
               "libmicrohttpd", "p11-kit-1", "libcurl"]
    return subprocess.run(command, capture_output=True, text=True,
                          check=True).stdout.split()


def compile_header(path, flags):
    name = path.relative_to(ROOT / "src")
    command = ["gcc", "-std=gnu17", "-D_GNU_SOURCE", "-Wall", "-Wextra",
               "-Wno-unused-parameter", "-Werror", "-fsyntax-only",
               "-I", "src", "-I", f"src/{name.parent}", *GENERATED,
               *flags, "-include", str(name), "-x", "c", "/dev/null"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True,
                            check=False)
    return name, result.returncode, result.stderr


def check_headers():
    headers = sorted((ROOT / "src").rglob("*.h"))
    faults = 0
    flags = library_flags()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        results = pool.map(lambda path: compile_header(path, flags), headers)
        for name, status, text in results:
            if status != 0:
                print(f"src/{name}: does not compile alone\n{text}", end="")
                faults += 1
    print(f"headers: {len(headers)} compiled alone, {faults} faults")
    return faults


def main():
    if sys.argv[1:] not in ([], ["--headers"]):
        print(__doc__, file=sys.stderr)
        return 2
    faults = check_headers() if sys.argv[1:] else check_sources()
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
