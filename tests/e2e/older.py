"""older: a database as a version before this one left it, with its key file."""
import hashlib
import os
import pathlib
import sqlite3


def write_key(path, key=None):
    with open(path, "wb") as out:
        out.write(key or os.urandom(64))
    os.chmod(path, 0o600)


def old_database(path, migrations, last=3):
    """With those of the folder MIGRATIONS up to LAST, and one invited platform."""
    write_key(f"{path}-key")
    db = sqlite3.connect(path)
    db.execute("PRAGMA journal_mode = WAL")
    db.create_function("migrated_digest", -1, lambda *_: None)
    db.create_function("relink_digest", -1, lambda *_: None)
    db.execute("CREATE TABLE migration (number INTEGER PRIMARY KEY, name TEXT NOT NULL, digest BLOB NOT NULL, "
               "applied_ms INTEGER NOT NULL)")
    for number in range(1, last + 1):
        file = next(pathlib.Path(migrations).glob(f"{number:04}_*.sql"))
        sql = "".join(line + "\n" for line in file.read_text().splitlines())
        db.executescript(sql)
        digest = hashlib.blake2b(sql.encode(), key=bytes(32), digest_size=32).digest()
        db.execute("INSERT INTO migration VALUES (?, ?, ?, 0)", (number, file.name, digest))
    db.execute("INSERT INTO platform (id, name, state, removed, created_ms, updated_ms, last_contact_ms, claims_bound) "
               "VALUES (7, 'Old', 0, 0, 1, 1, 0, 0)")
    db.execute("INSERT INTO token VALUES (7, 0, 0, zeroblob(32), 0)")
    db.commit()
    db.close()
