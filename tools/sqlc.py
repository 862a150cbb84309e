#!/usr/bin/env python3
"""Turns .sql files into C tables; refuses what the house does not allow.

    sqlc.py statements FOLDER OUT.h OUT.c FILE.sql...
    sqlc.py migrations OUT.c MIGRATION.sql...

src/store/README.md tells how the .sql files are written.
"""
import hashlib
import os
import re
import sys

# A folder's number is the upper part of its statement ids. Add at the end.
FOLDERS = [
    'test', 'store', 'people', 'vault', 'guard', 'register', 'procedure',
    'watch', 'report', 'regulation', 'keeper', 'action', 'scan', 'mask', 'cli',
    'ledger',
]
DIALECTS = ('sqlite', 'postgresql')
MAX_STATEMENTS = 256
# C promises only 4095 bytes for a string; both compilers take more.
OVERLENGTH = '#pragma GCC diagnostic ignored "-Woverlength-strings"'
MAX_COLUMNS = 64

TOKEN = re.compile(r"""
      (?P<text>'(?:[^']|'')*')
    | (?P<quoted>"(?:[^"]|"")*")
    | (?P<note>--[^\n]*)
    | (?P<cast>::)
    | (?P<param>:[a-z_][a-z0-9_]*)
    | (?P<word>[A-Za-z_][A-Za-z0-9_]*)
    | (?P<space>\s+)
    | (?P<other>.)
    """, re.X | re.S)


class Refusal(Exception):
    """What is wrong, and where."""

    def __init__(self, path, line, text):
        super().__init__(f'{path}:{line}: {text}')


def tokens(text):
    """(kind, text) of each token; notes left out, white space made one."""
    for m in TOKEN.finditer(text):
        kind = m.lastgroup
        if kind in ('note', 'space'):
            yield 'space', ' '
        else:
            yield kind, m.group()


def joined(parts):
    """Joins tokens with single spaces, texts kept byte for byte."""
    out = []
    for kind, t in parts:
        if kind == 'space' and (not out or out[-1] == ' '):
            continue
        out.append(t)
    return ''.join(out).strip()


def c_string(s):
    out = []
    for b in s.encode():
        c = chr(b)
        if c in '"\\':
            out.append('\\' + c)
        elif c == '\n':
            out.append('\\n')
        elif c == '\t':
            out.append('\\t')
        elif 32 <= b < 127:
            out.append(c)
        else:
            out.append(f'\\{b:03o}')
    return ''.join(out)


def c_text(s, indent):
    """A C string in lines of at most some 60 characters, or NULL."""
    if s is None:
        return 'NULL'
    parts = re.findall(r'.{1,58}(?: |$)|.{1,58}', s, re.S)
    return ('\n' + indent).join(f'"{c_string(p)}"' for p in parts)


# ---- statements ----

NAME = re.compile(r'^-- name: (?P<name>[a-z][a-z0-9_]*)'
                  r'(?: (?P<dialect>sqlite|postgresql))?'
                  r'(?P<params> \([a-z0-9_, ]*\))?'
                  r'(?: -> (?P<columns>[a-z0-9_, ]+))?$')


class Block:
    def __init__(self, path, line, m):
        self.path, self.line = path, line
        self.name, self.dialect = m['name'], m['dialect']
        self.params = self.columns = None
        if m['params'] is not None:
            self.params = words(m['params'].strip(' ()'))
        if m['columns'] is not None:
            self.columns = words(m['columns'])
        self.is_one = False
        self.all_bodies = None
        self.lines = []

    def refuse(self, text):
        raise Refusal(self.path, self.line, f'{self.name}: {text}')

    def text(self):
        return '\n'.join(self.lines)


def words(s):
    return [w for w in (w.strip() for w in s.split(',')) if w]


def read_blocks(path):
    block = None
    with open(path, encoding='utf-8') as f:
        for number, line in enumerate(f, 1):
            line = line.rstrip('\n')
            if re.match(r'^--\s*name', line):
                m = NAME.match(line)
                if m is None:
                    raise Refusal(path, number, 'write: -- name: the_name '
                                  '[sqlite|postgresql] (a, b) -> c, d')
                if block is not None:
                    yield block
                block = Block(path, number, m)
            elif block is None:
                if line.strip() and not line.startswith('--'):
                    raise Refusal(path, number, 'text before the first name')
            elif line.strip() == '-- one':
                block.is_one = True
            elif line.startswith('-- all bodies:'):
                block.all_bodies = line[len('-- all bodies:'):].strip()
                if not block.all_bodies:
                    block.refuse('say why: -- all bodies: why')
            else:
                block.lines.append(line)
    if block is not None:
        yield block


def check_tables(block, folder, sql):
    """The fence: only tables of one's own folder."""
    toks = [(k, t) for k, t in tokens(sql) if k not in ('space',)]
    own = set()
    for i, (kind, t) in enumerate(toks[:-2]):
        if kind == 'word' and toks[i + 1][1].upper() == 'AS' \
                and toks[i + 2][1].upper() in ('(', 'MATERIALIZED', 'NOT'):
            own.add(t)
        # WITH name (columns) AS (
        if kind == 'word' and toks[i + 1][1] == '(' and i > 0 \
                and toks[i - 1][1].upper() in ('WITH', 'RECURSIVE', ','):
            j = i + 1
            while j < len(toks) and toks[j][1] != ')':
                j += 1
            if j + 2 < len(toks) and toks[j + 1][1].upper() == 'AS' \
                    and toks[j + 2][1] == '(':
                own.add(t)
    found = []
    depth_from = {}  # parenthesis depth -> inside a FROM list
    depth = 0
    expects = False
    for i, (kind, t) in enumerate(toks):
        up = t.upper()
        before = toks[i - 1][1].upper() if i else ''
        if t == '(':
            depth += 1
            depth_from[depth] = expects  # FROM (a JOIN b) / FROM (SELECT
            continue
        if t == ')':
            depth_from.pop(depth, None)
            depth -= 1
            expects = False
            continue
        if kind == 'quoted':
            block.refuse('no quoted names')
        if up in ('FROM', 'JOIN', 'INTO') or (
                up == 'UPDATE' and before not in ('DO', 'FOR', 'ON')):
            if up == 'FROM' and before == 'DISTINCT':  # IS DISTINCT FROM
                continue
            depth_from[depth] = up == 'FROM'
            expects = True
            continue
        if up == 'USING' and i + 1 < len(toks) and toks[i + 1][1] != '(':
            depth_from[depth] = expects = True  # DELETE ... USING table
            continue
        if up in ('WHERE', 'SET', 'ON', 'USING', 'GROUP', 'ORDER', 'LIMIT',
                  'VALUES', 'SELECT', 'RETURNING', 'UNION', 'EXCEPT',
                  'INTERSECT'):
            depth_from[depth] = False
            expects = False
            continue
        if t == ',' and depth_from.get(depth):
            expects = True
            continue
        if expects and kind == 'word':
            if up in ('LATERAL', 'ONLY'):
                continue
            found.append(t)
            expects = False
    for table in found:
        if table not in own and not table.startswith(folder + '_'):
            block.refuse(f'table {table} is not of folder {folder}: names '
                         f'begin with {folder}_')


def check_body(block, sql, verb):
    if block.all_bodies is not None:
        return
    flat = joined(tokens(sql))
    if verb == 'INSERT':
        m = re.search(r'\bINTO\s+\w+(?: AS \w+)?\s*\(([^)]*)\)', flat, re.I)
        if m is None:
            block.refuse('INSERT needs its list of columns')
        if 'body' not in words(m[1]):
            block.refuse('INSERT without the body column; or say '
                         '"-- all bodies: why"')
        return
    m = re.search(r'\bWHERE\b(.*)', flat, re.I | re.S)
    if m is None or not re.search(r'\bbody\s*=\s*:body\b'
                                  r'|\(\s*(?:\w+\.)?body\s*,[^)]*\)\s*'
                                  r'(?:=|<|>|<=|>=|IN)\s*\(+\s*:body\b',
                                  m[1]):
        block.refuse('WHERE without body = :body; or say '
                     '"-- all bodies: why"')


def rewritten(block, sql, params, mark):
    out = []
    used = set()
    for kind, t in tokens(sql):
        if kind == 'param':
            name = t[1:]
            if name not in params:
                block.refuse(f'{t} is not among the parameters')
            used.add(name)
            t = f'{mark}{params.index(name) + 1}'
        out.append((kind, t))
    for p in params:
        if p not in used:
            block.refuse(f'parameter {p} is not used')
    return joined(out)


def verb_of(block, sql):
    toks = [t.upper() for k, t in tokens(sql) if k == 'word']
    if not toks:
        block.refuse('no text')
    verb = toks[0]
    if verb == 'WITH':
        depth, verb = 0, None
        for kind, t in tokens(sql):
            if t == '(':
                depth += 1
            elif t == ')':
                depth -= 1
            elif kind == 'word' and depth == 0 and t.upper() in (
                    'SELECT', 'INSERT', 'UPDATE', 'DELETE'):
                verb = t.upper()
                break
    if verb not in ('SELECT', 'INSERT', 'UPDATE', 'DELETE'):
        block.refuse('only SELECT, INSERT, UPDATE, DELETE (WITH before them)')
    return verb


class Statement:
    """A name with its text in both dialects."""

    def __init__(self, folder, first):
        self.folder, self.first = folder, first
        self.texts = {}
        self.params = first.params or []
        self.columns = first.columns or []
        self.is_one = first.is_one
        self.verb = None

    def add(self, block):
        for d in DIALECTS if block.dialect is None else (block.dialect,):
            if d in self.texts:
                block.refuse(f'defined twice ({d})')
            self.texts[d] = self.compile(block, d)

    def compile(self, block, dialect):
        sql = block.text().strip().rstrip(';').rstrip()
        if ';' in [t for _, t in tokens(sql)]:
            block.refuse('one statement a block')
        for mine, its, what in ((self.params, block.params, 'parameters'),
                                (self.columns, block.columns, 'columns')):
            if its is not None and its != mine:
                block.refuse(f'other {what} than in the other dialect')
        verb = verb_of(block, sql)
        if self.verb not in (None, verb):
            block.refuse('another verb than in the other dialect')
        self.verb = verb
        self.is_one = self.is_one or block.is_one
        has = {t.upper() for k, t in tokens(sql) if k == 'word'}
        if verb == 'SELECT' and not self.is_one and 'LIMIT' not in has:
            block.refuse('SELECT without LIMIT; or "-- one" for one row by key')
        if bool(self.columns) != (verb == 'SELECT' or 'RETURNING' in has):
            block.refuse('declare result columns, "-> a, b", exactly where '
                         'there are any')
        if len(self.params) > MAX_COLUMNS or len(self.columns) > MAX_COLUMNS:
            block.refuse(f'more than {MAX_COLUMNS} parameters or columns')
        for what in (self.params, self.columns):
            if len(set(what)) != len(what):
                block.refuse('a name twice')
        check_tables(block, self.folder, sql)
        check_body(block, sql, verb)
        return rewritten(block, sql, self.params,
                         '?' if dialect == 'sqlite' else '$')


def read_statements(folder, paths):
    found = {}
    for path in paths:
        for block in read_blocks(path):
            if block.name not in found:
                found[block.name] = Statement(folder, block)
            elif found[block.name].first.path != path:
                block.refuse(f'is also in {found[block.name].first.path}')
            found[block.name].add(block)
    for st in found.values():
        for d in DIALECTS:
            if d not in st.texts:
                st.first.refuse(f'no text for {d}')
    return found


def write_header(folder, number, found):
    up = folder.upper()
    out = [f'/* Made by tools/sqlc.py from src/{folder}: do not edit. */',
           f'#ifndef {up}_SQL_H', f'#define {up}_SQL_H', '',
           '#include "store/store.h"', '',
           '/* Statements: parameters in this order -> columns. */', 'enum {']
    for i, (name, st) in enumerate(found.items()):
        note = f'({", ".join(st.params)})'
        if st.columns:
            note += f' -> {", ".join(st.columns)}'
        out.append(f'\t/* {note} */')
        out.append(f'\t{up}_{name.upper()} = {number << 8 | i:#06x},')
    out += ['};', '', '/* Columns of each. */']
    for name, st in found.items():
        if st.columns:
            out.append('enum {')
            out += [f'\t{up}_{name.upper()}__{c.upper()},' for c in st.columns]
            out.append('};')
    out += ['', f'extern const struct store_module {folder}_sql;', '',
            '#endif', '']
    return '\n'.join(out)


def write_source(folder, number, found):
    out = [f'/* Made by tools/sqlc.py from src/{folder}: do not edit. */',
           f'#include "{folder}.sql.h"', '', OVERLENGTH, '',
           'static const struct store_statement statements[] = {']
    for name, st in found.items():
        out += ['\t{', f'\t\t.name = "{name}",']
        for d in DIALECTS:
            out.append(f'\t\t.text[STORE_{d.upper()}] =')
            out.append('\t\t    ' + c_text(st.texts[d], '\t\t    ') + ',')
        out.append(f'\t\t.params = {len(st.params)},')
        out.append(f'\t\t.columns = {len(st.columns)},')
        if st.verb != 'SELECT':
            out.append('\t\t.is_write = true,')
        if st.is_one:
            out.append('\t\t.is_one = true,')
        out.append('\t},')
    out += ['};', '', f'const struct store_module {folder}_sql = {{',
            f'\t.name = "{folder}",', f'\t.number = {number},',
            '\t.statements = statements,',
            f'\t.count = {len(found)},', '};', '']
    return '\n'.join(out)


def statements(folder, out_h, out_c, paths):
    if folder not in FOLDERS:
        raise Refusal(sys.argv[0], 0, f'folder {folder} has no number: add it '
                      'at the end of FOLDERS')
    found = read_statements(folder, paths)
    if not 0 < len(found) <= MAX_STATEMENTS:
        raise Refusal(paths[0], 0, f'{len(found)} statements, 1 to '
                      f'{MAX_STATEMENTS} allowed')
    number = FOLDERS.index(folder) + 1
    write(out_h, write_header(folder, number, found))
    write(out_c, write_source(folder, number, found))


# ---- migrations ----

def translated(path, sql, dialect):
    """Common text in one dialect: types, STRICT, WITHOUT ROWID."""
    out = []
    in_table = False
    toks = list(tokens(sql))
    i = 0
    for i, (kind, t) in enumerate(toks):
        up = t.upper() if kind == 'word' else t
        if kind == 'word' and up == 'TABLE':
            before = [x.upper() for k, x in toks[:i] if k == 'word'][-1:]
            in_table = before == ['CREATE']
        if kind == 'word' and t == 'BIGINT' and dialect == 'sqlite':
            t = 'INTEGER'
        elif kind == 'word' and t == 'BLOB' and dialect == 'postgresql':
            t = 'BYTEA'
        elif kind == 'word' and t == 'TEXT' and dialect == 'postgresql':
            t = 'TEXT COLLATE "C"'
        elif kind == 'word' and t in ('INTEGER', 'INT', 'SMALLINT', 'REAL',
                                      'BOOLEAN', 'VARCHAR', 'BYTEA',
                                      'TIMESTAMP', 'SERIAL'):
            raise Refusal(path, 0, f'{t}: common text knows BIGINT, TEXT, BLOB')
        elif t == ';' and in_table:
            tail = joined(out)
            has = tail.endswith(') WITHOUT ROWID')
            if has:
                tail = tail[:-len(' WITHOUT ROWID')]
            if dialect == 'sqlite':
                tail += ' STRICT, WITHOUT ROWID' if has else ' STRICT'
            out = [('other', tail)]
            in_table = False
        out.append((kind, t))
        if t == ';':
            out.append(('other', '\n'))
    return joined(out).replace('\n ', '\n')


def read_migration(path):
    m = re.match(r'^([0-9]{4})-([a-z0-9-]+)\.sql$', os.path.basename(path))
    if m is None:
        raise Refusal(path, 0, 'name it NNNN-name.sql')
    with open(path, 'rb') as f:
        raw = f.read()
    parts = [('both', [])]
    for line in raw.decode().split('\n'):
        s = line.strip()
        if s in ('-- sqlite', '-- postgresql', '-- both'):
            parts.append((s[3:], []))
        else:
            parts[-1][1].append(line)
    texts = {}
    for d in DIALECTS:
        out = []
        for who, lines in parts:
            text = '\n'.join(lines)
            if who == 'both':
                out.append(translated(path, text, d))
            elif who == d:
                out.append(joined(tokens(text)))
        texts[d] = '\n'.join(t for t in (x.strip() for x in out) if t)
        if not texts[d]:
            raise Refusal(path, 0, f'no text for {d}')
    for kind, t in tokens(raw.decode()):
        if kind == 'word' and t.upper() in ('BEGIN', 'COMMIT', 'ROLLBACK'):
            raise Refusal(path, 0, f'{t}: each migration is one transaction')
    return int(m[1]), m[2], hashlib.sha256(raw).hexdigest(), texts


def migrations(out_c, paths):
    found = sorted(read_migration(p) for p in paths)
    out = ['/* Made by tools/sqlc.py from migrations/: do not edit. */',
           '#include "store/store.h"', '', OVERLENGTH, '',
           'const struct store_migration store_migrations[] = {']
    for i, (version, name, digest, texts) in enumerate(found):
        if version != i + 1:
            raise Refusal(paths[0], 0, f'migration {i + 1:04} is missing or '
                          'there twice')
        out += ['\t{', f'\t\t.version = {version},', f'\t\t.name = "{name}",',
                f'\t\t.hash = "{digest}",']
        for d in DIALECTS:
            out.append(f'\t\t.text[STORE_{d.upper()}] =')
            out.append('\t\t    ' + c_text(texts[d], '\t\t    ') + ',')
        out.append('\t},')
    out += ['};', '', 'const size_t store_migration_count =',
            '    sizeof(store_migrations) / sizeof(store_migrations[0]);', '']
    write(out_c, '\n'.join(out))


def write(path, text):
    with open(path, 'w', encoding='utf-8') as f:
        f.write(text)


def main(args):
    try:
        if len(args) >= 5 and args[0] == 'statements':
            statements(args[1], args[2], args[3], args[4:])
        elif len(args) >= 3 and args[0] == 'migrations':
            migrations(args[1], args[2:])
        else:
            print(__doc__, file=sys.stderr)
            return 2
    except Refusal as e:
        print(e, file=sys.stderr)
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
