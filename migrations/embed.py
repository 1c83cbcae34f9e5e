#!/usr/bin/env python3
"""Turn SQL files into the C file that src/store/migrate.h declares: embed.py OUT.c FILE.sql...

NNNN_name.sql are migrations, in the order of their numbers, which begin at 1 and have no gap; trace.sql is the schema
of the trace database. Those of PostgreSQL lie in postgresql/ and have no trace.sql: their table of the trace is one of many.
"""
import pathlib
import re
import sys


def literal(text):
    """A C string literal, one line of the source for each line of the text."""
    lines = []
    for line in text.splitlines():
        escaped = line.replace('\\', '\\\\').replace('"', '\\"').replace('\t', '\\t')
        lines.append('\t\t"%s\\n"' % escaped)
    return '\n'.join(lines)


def main():
    out, *names = sys.argv[1:]
    numbered, trace = [], None
    for path in map(pathlib.Path, names):
        match = re.fullmatch(r'(\d{4})_\w+\.sql', path.name)
        if match:
            numbered.append((int(match.group(1)), path))
        elif path.name == 'trace.sql':
            trace = path
        else:
            sys.exit('%s: neither NNNN_name.sql nor trace.sql' % path)
    numbered.sort()
    postgresql = all(path.parent.name == 'postgresql' for _, path in numbered)
    if [number for number, _ in numbered] != list(range(1, len(numbered) + 1)) or (trace is None) != postgresql:
        sys.exit('migrations must be numbered 1, 2, 3 ... and trace.sql must be there')

    parts = ['/* Made from migrations/ by migrations/embed.py. */\n#include "migrate.h"\n\n']
    of = '_postgresql' if postgresql else ''
    parts.append('const struct migration migrations%s[] = {\n' % of)
    for number, path in numbered:
        parts.append('\t{ %d, "%s",\n%s },\n' % (number, path.name, literal(path.read_text('utf-8'))))
    parts.append('};\nconst size_t migration%s_count = %d;\n' % (of, len(numbered)))
    if trace is not None:
        parts.append('\nconst char *const trace_schema =\n%s;\n' % literal(trace.read_text('utf-8')))
    pathlib.Path(out).write_text(''.join(parts), 'utf-8')


if __name__ == '__main__':
    main()
