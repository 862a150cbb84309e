#!/usr/bin/env python3
"""Embeds files: embed.py NAME OUT.c FILE... makes a table of struct asset
with the content, its type and a name that carries a hash of the content."""
import hashlib
import pathlib
import sys

TYPES = {".css": "text/css; charset=utf-8", ".svg": "image/svg+xml",
         ".js": "text/javascript; charset=utf-8"}


def main():
    target, files = sys.argv[1], sys.argv[2:]
    with open(target, "w", encoding="utf-8") as c:
        c.write('/* Made by tools/embed.py. */\n#include "web/asset.h"\n\n')
        rows = []
        for i, name in enumerate(sorted(files)):
            path = pathlib.Path(name)
            data = path.read_bytes()
            digest = hashlib.sha256(data).hexdigest()[:16]
            c.write(f"static const unsigned char bytes_{i}[] = {{")
            c.write(",".join(str(b) for b in data))
            c.write("};\n")
            rows.append(f'\t{{"{path.name}", "{path.stem}.{digest}{path.suffix}", '
                        f'"{TYPES[path.suffix]}", {{(const char *)bytes_{i}, '
                        f"sizeof(bytes_{i})}}}},\n")
        c.write("\nconst struct asset assets[] = {\n" + "".join(rows) + "};\n")
        c.write("const size_t asset_count = sizeof(assets) / sizeof(assets[0]);\n")


if __name__ == "__main__":
    main()
