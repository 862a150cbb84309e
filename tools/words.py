#!/usr/bin/env python3
"""Makes words.h and words.c from the catalogues po/ja.txt and po/en.txt.

A line is `key = text`; {0} to {3} are arguments; a text goes on in lines that
begin with white space. Refused: a key that one catalogue lacks, a key twice,
different arguments in the two languages, keys out of order.
"""
import re
import sys

LANGS = ("ja", "en")


def read(path):
    words, last, number = {}, None, 0
    for line in open(path, encoding="utf-8"):
        number += 1
        line = line.rstrip("\n")
        if not line.strip() or line.startswith("#"):
            continue
        if line[0] in " \t":
            if last is None:
                sys.exit(f"{path}:{number}: goes on with nothing")
            words[last] += "\n" + line.strip()
            continue
        key, mark, text = line.partition(" = ")
        if not mark or not re.fullmatch(r"[a-z][a-z0-9_.-]*", key):
            sys.exit(f"{path}:{number}: not `key = text`")
        if key in words:
            sys.exit(f"{path}:{number}: {key} stands twice")
        words[key], last = text, key
    return words


def name(key):
    return "WORD_" + re.sub(r"[^A-Z0-9]", "_", key.upper())


def quote(text):
    text = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + text.replace("\n", "\\n").replace("?", "\\?") + '"'


def main():
    ja, en, header, source = sys.argv[1:5]
    tables = [read(ja), read(en)]
    keys = sorted(set(tables[0]) | set(tables[1]))
    for key in keys:
        for lang, table in zip(LANGS, tables):
            if key not in table:
                sys.exit(f"po/{lang}.txt: {key} is missing; add it")
        slots = [sorted(set(re.findall(r"\{\d\}", t[key]))) for t in tables]
        if slots[0] != slots[1]:
            sys.exit(f"po: {key} has other arguments in ja than in en")
    names = [name(k) for k in keys]
    if len(set(names)) != len(names):
        sys.exit("po: two keys make the same name")
    with open(header, "w", encoding="utf-8") as h:
        h.write("/* Made by tools/words.py from po/. */\n")
        h.write("#ifndef WORDS_H\n#define WORDS_H\n\n")
        h.write("#include \"base/slice.h\"\n\nenum word {\n\tWORD_NONE,\n")
        h.writelines(f"\t{n},\n" for n in names)
        h.write("\tWORDS_END\n};\n\n")
        h.write("/* The text in language 0 (ja) or 1 (en). */\n")
        h.write("const char *word_text(enum word word, unsigned lang);\n\n")
        h.write("/* By its key in po/, or WORD_NONE. */\n")
        h.write("enum word word_by_key(struct slice key);\n\n#endif\n")
    with open(source, "w", encoding="utf-8") as c:
        c.write('#include "words.h"\n\n#include "base/must.h"\n\n')
        c.write("static const char *const texts[WORDS_END][2] = {\n")
        c.write('\t[WORD_NONE] = {"", ""},\n')
        for key, n in zip(keys, names):
            c.write(f"\t[{n}] = {{{quote(tables[0][key])}, "
                    f"{quote(tables[1][key])}}},\n")
        c.write("};\n\nstatic const char *const keys[WORDS_END] = {\n")
        c.write('\t[WORD_NONE] = "",\n')
        for key, n in zip(keys, names):
            c.write(f'\t[{n}] = "{key}",\n')
        c.write("""};

const char *
word_text(enum word word, unsigned lang)
{
	must((unsigned)word < WORDS_END && lang < 2);
	return texts[word][lang];
}

enum word
word_by_key(struct slice key)
{
	unsigned low = 1, high = WORDS_END;
	while (low < high) {
		unsigned mid = (low + high) / 2;
		int order = slice_compare(slice_of(keys[mid]), key);
		if (order == 0)
			return (enum word)mid;
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return WORD_NONE;
}
""")


if __name__ == "__main__":
    main()
