#!/usr/bin/env python3
"""Turn the files of console and portal into the C file that src/admin/console.h declares: embed.py OUT.c FILE...

A file is named after its folder, portal/ or console/, which is also that of the chart library.

A file that is not there (a chart library that is not installed) is left out, and the console says so. Comments and
blank lines of our own files stay: what is served is what is written.
"""
import gzip
import pathlib
import sys

TYPES = {'.html': 'text/html; charset=utf-8', '.css': 'text/css; charset=utf-8',
         '.js': 'text/javascript; charset=utf-8', '.svg': 'image/svg+xml'}
BUDGET = 150 * 1024


def rows(data):
    for at in range(0, len(data), 24):
        yield '\t' + ''.join('%d,' % byte for byte in data[at:at + 24])


def main():
    out, *names = sys.argv[1:]
    parts = ['/* Made from src/console/ and src/portal/ by src/console/embed.py. */\n#include "console.h"\n\n']
    table, total = [], 0
    for number, path in enumerate(map(pathlib.Path, names)):
        if not path.exists():
            continue
        data = path.read_bytes()
        folder = 'portal' if path.parent.name == 'portal' else 'console'
        total += len(gzip.compress(data, 9, mtime=0))
        parts.append('static const unsigned char file_%d[] = {\n%s\n};\n' % (number, '\n'.join(rows(data))))
        table.append('\t{ "%s/%s", "%s", (const char *)file_%d, sizeof file_%d },\n'
                     % (folder, path.name, TYPES[path.suffix], number, number))
    if total > BUDGET:
        sys.exit('console and portal have %d bytes gzipped, their budget is %d' % (total, BUDGET))
    parts.append('\nconst struct console_file console_files[] = {\n%s\t{ 0 },\n};\n' % ''.join(table))
    pathlib.Path(out).write_text(''.join(parts), 'utf-8')


if __name__ == '__main__':
    main()
