"""migrating: a database as version 0003 of the schema left it, with objects and URLs handed out; what became of it."""

import hashlib
import os
import pathlib
import shutil
import sqlite3
import subprocess

MIGRATIONS = pathlib.Path(__file__).resolve().parents[3] / "migrations"
FIRST = 3  # it has these migrations
COPY = "-before-0004"
OBJECTS_BEFORE = "seq, scope, module, owner, id, type, live, last_updated_ns, change, previous, method, suffix, " \
                 "sender_platform, correlation_id, at_ms, patch, body"


def body(number):
    return (f'{{"country_code":"DE","party_id":"OLD","id":"LOC{number}","publish":true,"address":"Main street {number}",'
            '"city":"Berlin","country":"DEU","coordinates":{"latitude":"52.50000","longitude":"13.40000"},'
            f'"time_zone":"Europe/Berlin","name":"{"x" * (number % 300)}","last_updated":"2026-01-01T00:00:00Z"}}')


def digest(text):
    return hashlib.blake2b(text.encode(), key=bytes(32), digest_size=32).digest()


def objects(count):
    for number in range(1, count + 1):
        text = body(number)
        yield (number, "*", "locations", "DE*OLD", f"LOC{number}", "", 1, 0, number, 0, "PUT", "/", 7,
               "0b7c2f9e-3d1a-4c5b-8e6f-7a8b9c0d1e2f", 1, digest(text), text)


def make(path, count):
    """One invited platform, @count shared objects, and as many URLs."""
    path.with_name(path.name + "-key").write_bytes(bytes(range(64)))
    path.with_name(path.name + "-key").chmod(0o600)
    database = sqlite3.connect(path)
    database.executescript("PRAGMA journal_mode = WAL; CREATE TABLE migration (number INTEGER PRIMARY KEY, name TEXT NOT "
                           "NULL, digest BLOB NOT NULL, applied_ms INTEGER NOT NULL)")
    for number in range(1, FIRST + 1):
        file = next(MIGRATIONS.glob(f"{number:04}_*.sql"))
        sql = "".join(line + "\n" for line in file.read_text().splitlines())
        database.executescript(sql)
        database.execute("INSERT INTO migration VALUES (?, ?, ?, 0)", (number, file.name, digest(sql)))
    database.execute("INSERT INTO platform (id, name, state, removed, created_ms, updated_ms, last_contact_ms, claims_bound) "
                     "VALUES (7, 'Old', 0, 0, 1, 1, 0, 0)")
    database.execute("INSERT INTO token VALUES (7, 0, 0, zeroblob(32), 0)")
    database.executemany("INSERT INTO object (seq, scope, module, owner, id, type, live, last_updated_ns, change, previous, "
                         "method, suffix, sender_platform, correlation_id, at_ms, digest, body) "
                         f"VALUES ({', '.join('?' * 17)})", objects(count))
    database.execute("INSERT INTO object_count VALUES ('*', 'locations', 'DE*OLD', ?, 0)", (count,))
    database.execute("UPDATE sequence SET change = ?", (count,))
    database.executemany("INSERT INTO relink VALUES (?, 0, ?, 7, 7, 'DE', 'OLD', 'DE', 'OLD', 'locations', 0, NULL, 1, 9e15)",
                         ((f"id{number:030}", f"http://127.0.0.1/{number}") for number in range(count)))
    database.commit()
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()


def copy(path, to):
    """As it lies there, log and copies included: opening it would change it."""
    to.mkdir()
    for file in path.parent.glob(path.name + "*"):
        if not file.name.endswith("-shm"):
            shutil.copy(file, to)
    return to / path.name


def rows(path, sql):
    database = sqlite3.connect(path)
    try:
        return database.execute(sql).fetchall()
    finally:
        database.close()


def is_whole(path):
    try:
        return rows(path, "PRAGMA integrity_check") == [("ok",)]
    except sqlite3.DatabaseError:
        return False


def steps(path):
    return len(rows(path, "SELECT number FROM migration"))


def content(path, columns="*"):
    """A digest of all objects and URLs."""
    said = hashlib.sha256()
    database = sqlite3.connect(path)
    for sql in (f"SELECT {columns} FROM object ORDER BY seq", f"SELECT {'*' if columns == '*' else 'id, target'} FROM relink "
                "ORDER BY id", "SELECT * FROM object_count", "SELECT change FROM sequence"):
        for row in database.execute(sql):
            said.update(repr(row).encode())
    database.close()
    return said.hexdigest()


def begin(roamhubd, path):
    conf = path.with_name("hub.conf")
    conf.write_text(f"[store]\nurl = sqlite:{path}\n[http]\nlisten = 127.0.0.1:0\n[admin]\nlisten = 127.0.0.1:0\n")
    return subprocess.Popen([roamhubd, "--config", conf, "--migrate-only"], stderr=subprocess.PIPE,
                            env={**os.environ, "ASAN_OPTIONS": "detect_leaks=0"})
