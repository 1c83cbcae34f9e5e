#!/usr/bin/env python3
"""Which names answers had while tests were run with NAMES_SEEN=FOLDER, against what the table says of them: of each shape what was always
there though it may be absent, and what was never met.
usage: seen.py FOLDER DOCUMENT"""
import collections
import os
import sys

from names import Document


def read(folder):
    rows = collections.defaultdict(list)
    for name in os.listdir(folder):
        with open(os.path.join(folder, name)) as file:
            for line in file:
                shape, *names = line.split()
                rows[shape].append(set(names))
    return rows


def main():
    rows = read(sys.argv[1])
    with open(sys.argv[2]) as file:
        document = Document(file.read())
    for shape, schema in sorted(document.shapes.items()):
        if shape in document.bodies():
            continue
        if shape not in rows:
            print(f"{shape}: was never met")
            continue
        optional = set(schema.get("properties", {})) - set(schema.get("required", []))
        always = sorted(optional & set.intersection(*rows[shape]))
        never = sorted(optional - set.union(*rows[shape]))
        if always or never:
            print(f"{shape} ({len(rows[shape])}): always there: {' '.join(always) or '–'}; never there: {' '.join(never) or '–'}")


if __name__ == "__main__":
    main()
