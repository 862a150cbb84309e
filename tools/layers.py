#!/usr/bin/env python3
"""The law of layers: compares the table of docs/architecture.md with
folder_layers in meson.build and with every #include of src.

usage: tools/layers.py      exit 1 when something differs, one line each
"""
import fnmatch
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
DOCUMENT = "docs/architecture.md"
CLIENT = "keeper_client"

# Which library a header belongs to; a folder needs it in its table row.
LIBRARY_HEADERS = {
    "openssl/*": "openssl", "sodium.h": "sodium", "liboath/*": "oath",
    "sqlite3.h": "sqlite3", "libpq-fe.h": "libpq", "libpq/*": "libpq",
    "microhttpd.h": "microhttpd", "gnutls/*": "gnutls", "yaml.h": "yaml",
    "jansson.h": "jansson", "seccomp.h": "seccomp", "unicode/*": "icu",
    "p11-kit/*": "p11-kit", "curl/*": "curl",
    "pango/*": "pango", "cairo*.h": "cairo", "xlsxwriter.h": "xlsxwriter",
    "archive*.h": "libarchive", "libxml/*": "libxml2",
}
# C and the system: open to all folders. Anything else is asked about.
SYSTEM_HEADERS = set("""
assert ctype dirent dlfcn endian errno fcntl ftw fnmatch getopt inttypes libgen
limits locale math netdb poll pthread pwd grp sched setjmp signal spawn stdalign
stdarg stdatomic stdbool stddef stdint stdio stdlib stdnoreturn string strings
syslog termios threads time ucontext unistd
""".split())
SYSTEM_FOLDERS = ("sys/", "linux/", "net/", "netinet/", "arpa/", "sanitizer/")
INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]', re.M)


class Folder:
    def __init__(self, text, may, libraries):
        self.text = text
        self.may = may
        self.libraries = libraries  # library: file pattern


def code_words(cell):
    return re.findall(r"`([^`]+)`", cell)


def library_patterns(cell):
    """`icu`, `jansson` in `json*`  ->  {icu: *, jansson: json*}"""
    found = re.findall(r"`([^`]+)`(?:\s+in\s+`([^`]+)`)?", cell)
    return {library: pattern or "*" for library, pattern in found}


def read_table():
    table = {}
    row = re.compile(r"^\|\s*`(\w+)`\s*\|([^|]*)\|([^|]*)\|([^|]*)\|$")
    for line in (ROOT / DOCUMENT).read_text().splitlines():
        match = row.match(line)
        if match:
            name, text, may, libraries = match.groups()
            table[name] = Folder(text, code_words(may),
                                 library_patterns(libraries))
    return table


def meson_layers():
    text = (ROOT / "meson.build").read_text()
    body = re.search(r"folder_layers = \{(.*?)\n\}", text, re.S).group(1)
    rows = re.findall(r"'(\w+)':\s*\[([^\]]*)\]", body)
    return {name: re.findall(r"'(\w+)'", may) for name, may in rows}


def shown_headers():
    """What tools/include_tree.sh shows of the keeper."""
    text = (ROOT / "tools/include_tree.sh").read_text()
    names = re.search(r"for h in ([\w ]+); do", text).group(1)
    return [name + ".h" for name in names.split()]


def compare_with_meson(table):
    built = meson_layers()
    for name in sorted(set(table) - {CLIENT} | set(built)):
        if name not in built:
            yield f"{DOCUMENT}: {name}: not in folder_layers of meson.build"
        elif name not in table:
            yield f"meson.build: {name}: has no row in {DOCUMENT}"
        elif sorted(built[name]) != sorted(table[name].may):
            yield (f"{DOCUMENT}: {name}: may include {table[name].may}, "
                   f"but meson.build says {built[name]}")
    if sorted(code_words(table[CLIENT].text)) != sorted(shown_headers()):
        yield f"{DOCUMENT}: {CLIENT}: not what tools/include_tree.sh shows"


def find_cycle(table):
    def visit(name, path):
        if name in path:
            return path[path.index(name):] + [name]
        for other in table[name].may:
            other = "keeper" if other == CLIENT else other
            cycle = visit(other, path + [name])
            if cycle:
                return cycle
        return None
    for name in table:
        cycle = visit(name, [])
        if cycle:
            return [f"{DOCUMENT}: a circle: {' > '.join(cycle)}"]
    return []


def is_generated(path, header):
    recipe = path.parent / "meson.build"
    return recipe.exists() and header in recipe.read_text()


def quoted_fault(table, folder, path, header):
    other, slash, name = header.partition("/")
    if not slash:
        if (path.parent / header).exists() or is_generated(path, header):
            return None
        return f'"{header}": neither beside it nor made by its meson.build'
    if folder is None or other in (folder, "base"):
        return None
    may = table[folder].may
    if other in may:
        return None
    if other == "keeper" and CLIENT in may:
        if name in shown_headers():
            return None
        return f'"{header}": the keeper shows only {shown_headers()}'
    return f'"{header}": {folder} may not include {other}'


def angled_fault(table, folder, path, header):
    stem = header[:-2] if header.endswith(".h") else header
    if stem in SYSTEM_HEADERS or header.startswith(SYSTEM_FOLDERS):
        return None
    library = next((name for pattern, name in LIBRARY_HEADERS.items()
                    if fnmatch.fnmatch(header, pattern)), None)
    if library is None:
        return f"<{header}>: unknown; add it to tools/layers.py"
    may = table[folder].libraries if folder else {}
    if library not in may:
        return f"<{header}>: {library} is not for {folder or 'main.c'}"
    if not fnmatch.fnmatch(path.name, may[library]):
        return f"<{header}>: {library} is only for {may[library]}"
    return None


def check_client(table):
    """What the keeper shows may not drag in what it hides."""
    for name in shown_headers():
        path = ROOT / "src/keeper" / name
        if not path.exists():
            continue
        for mark, header in INCLUDE.findall(path.read_text()):
            folder, _, other = header.partition("/")
            is_open = folder == "base" or folder in table[CLIENT].may
            if mark == '"' and not is_open and not (
                    folder == "keeper" and other in shown_headers()):
                yield f'src/keeper/{name}: shown, so not "{header}"'


def check_includes(table):
    files = [path for path in (ROOT / "src").rglob("*")
             if path.suffix in (".c", ".h") and path.is_file()]
    for path in sorted(files):
        parts = path.relative_to(ROOT / "src").parts
        folder = parts[0] if len(parts) > 1 else None
        name = path.relative_to(ROOT)
        if folder is not None and folder not in table:
            yield f"{name}: {folder} has no row in {DOCUMENT}"
            continue
        text = path.read_text()
        for match in INCLUDE.finditer(text):
            check = quoted_fault if match[1] == '"' else angled_fault
            fault = check(table, folder, path, match[2])
            if fault:
                line = text.count("\n", 0, match.start(1)) + 1
                yield f"{name}:{line}: {fault}"


def main():
    table = read_table()
    faults = list(compare_with_meson(table))
    faults += find_cycle(table)
    faults += check_client(table)
    faults += check_includes(table)
    for fault in faults:
        print(fault)
    print(f"layers: {len(table)} rows, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
