"""hubdb: the database of a hub as scenarios look at it and change it, whichever it is: connect().execute(), with ? for values,
and commit(). In a SQLite what was changed gets its digests again, by the statements of the migration that gave every row one;
row_digest() is that of src/store/sqlite_digest.c. A PostgreSQL is asked by psql."""

import hashlib
import json
import os
import pathlib
import re
import sqlite3
import struct
import subprocess

ROOM, VALUE_MOST, LONG = 1024, 73, 64
MIGRATION, = (pathlib.Path(__file__).resolve().parents[2] / "migrations").glob("*_digests.sql")


def blake(text):
    return hashlib.blake2b(text, digest_size=32, key=bytes(32)).digest()


def packed(value):
    if isinstance(value, int):
        return b"i" + struct.pack("<q", value)
    if value is None:
        return b"t" + struct.pack("<q", -1)
    text = value.encode() if isinstance(value, str) else value
    return b"t" + struct.pack("<q", len(text)) + (blake(text) if len(text) > LONG else text)


def row_digest(*values):
    row = b""
    for value in values:
        row += packed(value)
        if len(row) + VALUE_MOST > ROOM:
            row = blake(row)
    return blake(row)[:8]


class Rows(list):
    """What a cursor of sqlite3 is good for."""
    rowcount = -1

    def fetchall(self):
        return self

    def fetchone(self):
        return self[0] if self else None


class Postgresql:
    def __init__(self, name):
        self.psql = [os.environ["POSTGRESQL_BIN"] + "/psql", "-qXAt", "-v", "ON_ERROR_STOP=1", "-h", os.environ["POSTGRESQL_DIR"], "-U", "postgres", name]

    def ask(self, queries):
        said = "SET search_path = roamhub; SET bytea_output = 'escape';\n\\set QUIET off\n" + "".join(q + ";\n" for q in queries)
        return subprocess.run(self.psql, input=said, text=True, check=True, stdout=subprocess.PIPE).stdout.splitlines()

    @staticmethod
    def filled(sql, values):
        parts = sql.split("?")
        for value in values:
            text = "NULL" if value is None else str(value) if not isinstance(value, str) else "'%s'" % value.replace("'", "''")
            parts[0:2] = [parts[0] + text + parts[1]]
        return parts[0]

    def execute(self, sql, values=()):
        query = self.filled(sql, values)
        if query.lstrip().upper().startswith("SELECT"):
            query = "SELECT row_to_json(q)::text FROM (%s) q" % query
        out = self.ask([query])
        rows = Rows(tuple(json.loads(line).values()) for line in out if line.startswith("{"))
        for line in out:
            if re.fullmatch(r"(INSERT 0|UPDATE|DELETE) \d+", line):
                rows.rowcount = int(line.split()[-1])
        return rows

    def executemany(self, sql, rows):
        self.ask(self.filled(sql, row) for row in rows)

    def commit(self):
        pass


def connect(path=None):
    """Of the hub that the scenario is played against; @path is that of a SQLite."""
    if os.environ.get("HUB_DATABASE"):
        return Postgresql(os.environ["HUB_DATABASE"])
    db = sqlite3.connect(path or os.environ["HUB_DIR"] + "/hub.db", timeout=10)
    db.create_function("row_digest", -1, row_digest, deterministic=True)
    db.execute("PRAGMA busy_timeout = 5000")
    return db


def commit(db):
    if isinstance(db, sqlite3.Connection):
        for statement in re.findall(r"(?s)^UPDATE .*?;", MIGRATION.read_text(), re.M):
            db.execute(statement)
    db.commit()
