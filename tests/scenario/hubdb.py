"""hubdb: the database of a hub as scenarios change it. What is changed gets its digests again, by the statements of the
migration that gave every row one; row_digest() is that of src/store/sqlite_digest.c."""

import hashlib
import pathlib
import re
import sqlite3
import struct

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


def connect(path):
    db = sqlite3.connect(path)
    db.create_function("row_digest", -1, row_digest, deterministic=True)
    db.execute("PRAGMA busy_timeout = 5000")
    return db


def commit(db):
    for statement in re.findall(r"(?s)^UPDATE .*?;", MIGRATION.read_text(), re.M):
        db.execute(statement)
    db.commit()
