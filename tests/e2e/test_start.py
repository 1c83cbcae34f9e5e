"""How a hub starts, refuses to start and stops, told by its exit status and what it leaves behind.
usage: test_start.py ROAMHUBD ROAMHUBCTL MIGRATIONS [TEST]..."""
import os
import pathlib
import re
import shutil
import signal
import socket
import sqlite3
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import older
from older import write_key

ROAMHUBD, ROAMHUBCTL, MIGRATIONS = map(os.path.abspath, sys.argv[1:4])

CONFIG = """[http]
listen = 127.0.0.1:0
workers = 1
[admin]
listen = 127.0.0.1:0
[egress]
allow_private = true
[store]
url = sqlite:{dir}/hub.db
"""
NEWEST = sorted(path.name for path in pathlib.Path(MIGRATIONS).glob("[0-9]*.sql"))[-1]


def old_database(path, last=3):
    older.old_database(path, MIGRATIONS, last)


def read(path):
    with open(path, "rb") as file:
        return file.read()


def rows(path, sql):
    db = sqlite3.connect(path)
    try:
        return db.execute(sql).fetchall()
    finally:
        db.close()


def migrations(path):
    return [name for name, in rows(path, "SELECT name FROM migration ORDER BY number")]


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.dir = folder.name
        self.db = f"{self.dir}/hub.db"
        self.config = f"{self.dir}/hub.conf"
        with open(self.config, "w") as out:
            out.write(CONFIG.format(dir=self.dir))

    def files(self):
        """What lies beside the database, but for what every trial of a start may make."""
        return sorted(set(os.listdir(self.dir)) - {"hub.conf", "admin.token", "admin.token.address", "log"})

    def begin(self, *options, config=None):
        log = open(f"{self.dir}/log", "w+")
        self.addCleanup(log.close)
        hub = subprocess.Popen([ROAMHUBD, "--config", config or self.config, *options], stderr=log)
        hub.log = f"{self.dir}/log"
        self.addCleanup(self.end, hub)
        return hub

    def end(self, hub):
        if hub.poll() is None:
            hub.kill()
            hub.wait()

    def start(self, *options, **more):
        hub = self.begin(*options, **more)
        while b"ready on" not in read(hub.log):
            self.assertIsNone(hub.poll(), read(hub.log).decode())
            time.sleep(0.02)
        hub.address = re.search(r"ready on \S+ \((\S+):(\d+)\)", read(hub.log).decode()).groups()
        return hub

    def stop(self, hub, status=0):
        hub.send_signal(signal.SIGTERM)
        self.assertEqual(hub.wait(), status, read(hub.log).decode())

    def refused(self, *options, status=1, why="", **more):
        """The start fails with STATUS, for a reason that matches WHY."""
        hub = self.begin(*options, **more)
        self.assertEqual(hub.wait(), status, read(hub.log).decode())
        self.assertRegex(read(hub.log).decode().splitlines()[-1], why)

    def ctl(self, *words, status=0):
        done = subprocess.run([ROAMHUBCTL, "--config", self.config, *words], capture_output=True, text=True)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout + done.stderr


class Order(Case):
    """fault S4: what keeps a hub from starting is found out before its database is touched."""

    def untouched(self, *options, why):
        old_database(self.db)
        before = read(self.db), self.files()
        self.refused(*options, why=why)
        after = read(self.db), self.files()
        self.assertEqual(before[1], after[1])
        self.assertTrue(before[0] == after[0], "the database was changed")

    def test_a_port_that_is_taken(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            self.untouched("--set", f"http.listen=127.0.0.1:{taken.getsockname()[1]}", why="cannot listen")

    def test_an_admin_port_that_is_taken(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            self.untouched("--set", f"admin.listen=127.0.0.1:{taken.getsockname()[1]}", why="cannot listen")

    def test_a_certificate_that_is_none(self):
        with open(f"{self.dir}/pem", "w") as out:
            out.write("-----BEGIN CERTIFICATE-----\nnonsense\n")
        self.addCleanup(os.remove, f"{self.dir}/pem")
        self.untouched("--set", f"http.tls_certificate={self.dir}/pem", "--set", f"http.tls_key={self.dir}/pem",
                       why="bad certificate")

    def test_a_token_file_that_holds_no_token(self):
        with open(f"{self.dir}/short", "w") as out:
            out.write("short\n")
        self.untouched("--set", f"admin.token_file={self.dir}/short", why="holds no admin token")

    def test_a_file_cannot_be_shared(self):
        self.untouched("--set", "store.together=true", why="store.together: .*postgresql")

    def test_what_is_shared_has_one_public_url(self):
        self.untouched("--set", "store.together=true", "--set", "store.url=postgresql://127.0.0.1:1/hub",
                       "--set", f"admin.token_file={self.dir}/admin.token", why="hub.public_url")

    def test_who_shares_the_work_does_not_stand_by(self):
        self.untouched("--set", "store.together=true", "--set", "store.standby=true", why="no store.standby")

    def test_a_key_file_that_is_empty(self):
        open(f"{self.dir}/empty", "w").close()
        self.untouched("--set", f"store.key_file={self.dir}/empty", why="holds 0 bytes")

    @unittest.skipIf(os.geteuid() == 0, "root may write everywhere")
    def test_a_folder_that_may_not_be_written(self):
        os.chmod(self.dir, 0o500)
        self.addCleanup(os.chmod, self.dir, 0o700)
        self.untouched("--set", "admin.token_file=/dev/shm/none", why="denied")


class Migration(Case):
    """fault S4: a copy is there before anything is migrated."""

    def test_a_copy_is_made_before(self):
        old_database(self.db)
        self.stop(self.start())
        copy = self.db + "-before-0004"
        self.assertEqual(len(migrations(copy)), 3)
        self.assertEqual(rows(copy, "SELECT id FROM platform"), [(7,)])
        self.assertEqual(os.stat(copy).st_mode & 0o777, 0o600)
        self.assertEqual(migrations(self.db)[-1], NEWEST)
        self.assertEqual(rows(self.db, "SELECT id FROM platform"), [(7,)])
        os.remove(copy)
        self.stop(self.start())
        self.assertFalse([name for name in self.files() if "before" in name])

    def test_a_fresh_database_needs_none(self):
        self.stop(self.start())
        self.assertFalse([name for name in self.files() if "before" in name])

    def test_a_copy_of_what_the_log_alone_has(self):
        old_database(self.db)
        db = sqlite3.connect(self.db)
        db.execute("UPDATE platform SET name = 'Newer'")
        db.commit()
        for suffix in "", "-wal":
            shutil.copy(self.db + suffix, f"{self.dir}/kept{suffix}")
        db.close()
        for suffix in "", "-wal":
            os.replace(f"{self.dir}/kept{suffix}", self.db + suffix)
        self.stop(self.start())
        self.assertEqual(rows(self.db + "-before-0004", "SELECT name FROM platform"), [("Newer",)])

    def test_without_a_copy_nothing_is_migrated(self):
        old_database(self.db)
        os.mkdir(self.db + "-before-0004")
        before = read(self.db)
        self.refused(why="before-0004")
        self.assertTrue(before == read(self.db), "the database was changed")

    def test_a_migration_that_fails_leaves_both(self):
        old_database(self.db)
        db = sqlite3.connect(self.db)
        db.execute("CREATE TABLE parked (in_the_way)")
        db.commit()
        db.close()
        self.refused(why="0004_owed.sql")
        self.assertEqual(len(migrations(self.db)), 3)
        self.assertEqual(len(migrations(self.db + "-before-0004")), 3)
        self.refused(why="0004_owed.sql")

    def test_migrate_only_needs_no_port_and_ends(self):
        old_database(self.db)
        with socket.create_server(("127.0.0.1", 0)) as taken:
            listen = "--set", f"http.listen=127.0.0.1:{taken.getsockname()[1]}"
            self.refused("--migrate-only", *listen, status=0, why="is migrated")
            self.refused("--migrate-only", *listen, status=0, why="needs no migration")
        self.assertEqual(len(migrations(self.db + "-before-0004")), 3)
        self.assertEqual(migrations(self.db)[-1], NEWEST)
        self.assertFalse([name for name in self.files() if name.endswith("-wal")])

    def test_fault_H6_what_a_platform_had_before_is_counted(self):
        old_database(self.db)
        db = sqlite3.connect(self.db)
        for seq, live, platform in (1, 1, 7), (2, 1, 7), (3, 0, 7), (4, 1, 8):
            db.execute("INSERT INTO object (seq, scope, module, owner, id, type, live, last_updated_ns, change, previous, "
                       "sender_platform, at_ms) VALUES (?, '*', 'tariffs', 'DE*CPO', ?, '', ?, 1, ?, 0, ?, 1)",
                       (seq, f"T{seq}", live, seq, platform))
        for relink, kind, caller, target in ("a", 0, 8, 7), ("b", 1, 7, 8), ("c", 2, 7, 8), ("d", 0, 7, 9):
            db.execute("INSERT INTO relink VALUES (?, ?, 'http://x.example/', ?, ?, 'DE', 'CPO', 'NL', 'MSP', 'tariffs', 1, "
                       "'c', 1, 2)", (relink, kind, caller, target))
        db.commit()
        db.close()
        self.refused("--migrate-only", status=0, why="is migrated")
        self.assertEqual(rows(self.db, "SELECT * FROM platform_count ORDER BY platform"), [(7, 2, 3), (8, 1, 0), (9, 0, 1)])

    def test_migrate_only_says_why_not(self):
        old_database(self.db)
        db = sqlite3.connect(self.db)
        db.execute("INSERT INTO migration VALUES (9999, '9999_flying.sql', x'00', 0)")
        db.commit()
        db.close()
        self.refused("--migrate-only", why="9999_flying.sql|newer")


class Key(Case):
    """fault S2: a hub never runs with another key than the one of its database."""

    def setUp(self):
        super().setUp()
        self.key = self.db + "-key"

    def invite(self):
        hub = self.start()
        self.ctl("party", "invite", "--name", "Charge Co")
        self.stop(hub)

    def test_a_fresh_one_is_for_its_owner_alone(self):
        old = os.umask(0)
        self.addCleanup(os.umask, old)
        self.stop(self.start())
        self.assertEqual((os.stat(self.key).st_mode & 0o777, len(read(self.key))), (0o600, 64))

    def test_a_missing_one_is_not_made_anew(self):
        self.invite()
        key = read(self.key)
        os.remove(self.key)
        before = read(self.db)
        self.refused(why="hub.db-key: is missing, but .* tokens: put the key file back .*--new-key")
        self.assertFalse(os.path.exists(self.key))
        self.assertTrue(before == read(self.db))
        write_key(self.key, key)
        self.stop(self.start())

    def test_a_database_of_before_without_one(self):
        old_database(self.db)
        os.remove(self.key)
        self.refused("--migrate-only", why="is missing")
        self.assertEqual(len(migrations(self.db)), 3)

    def test_a_wrong_one_is_refused(self):
        self.invite()
        key = read(self.key)
        write_key(self.key)
        self.refused(why="hub.db-key: is not the key of this database: put the key file back .*--new-key")
        write_key(self.key, key[:32] + os.urandom(32))
        self.refused(why="is not the key of this database")
        write_key(self.key, key)
        self.stop(self.start())

    def test_a_database_that_holds_no_token_takes_any(self):
        self.stop(self.start())
        os.remove(self.key)
        self.stop(self.start())
        write_key(self.key)
        self.stop(self.start())
        self.stop(self.start())

    def test_a_new_one_for_who_means_it(self):
        self.invite()
        key = read(self.key)
        os.remove(self.key)
        self.stop(self.start("--new-key"))
        self.assertNotEqual(read(self.key), key)
        self.stop(self.start())
        fresh = read(self.key)
        write_key(self.key, key)
        self.refused(why="is not the key of this database")
        self.stop(self.start("--new-key"))
        self.assertEqual(read(self.key), key)
        self.stop(self.start())
        write_key(self.key, fresh)
        self.refused(why="is not the key of this database")

    def test_one_that_others_may_read_is_refused(self):
        self.invite()
        for mode in 0o644, 0o640, 0o660, 0o604:
            os.chmod(self.key, mode)
            self.refused(why=f"hub.db-key: others may use this key \\(mode 0{mode:o}\\): chmod 600")
        os.chmod(self.key, 0o400)
        self.stop(self.start())


class Foreign(Case):
    """fault S3: a database of another program is refused, and not a byte of it changes."""

    def refuse(self, why="hub.db is a database of another program"):
        before = {name: read(f"{self.dir}/{name}") for name in self.files()}
        for option in [], ["--new-key"], ["--migrate-only"]:
            self.refused(*option, why=why)
        self.assertTrue({name: read(f"{self.dir}/{name}") for name in self.files()} == before)

    def make(self, *statements):
        db = sqlite3.connect(self.db)
        for statement in statements:
            db.execute(statement)
        db.commit()
        return db

    def test_one_with_tables(self):
        self.make("CREATE TABLE mine (a)").close()
        self.refuse()

    def test_one_with_a_number_and_no_table(self):
        self.make("PRAGMA application_id = 77").close()
        self.refuse("application_id 77")

    def test_one_with_a_log(self):
        self.make("PRAGMA journal_mode = WAL", "CREATE TABLE mine (a)").close()
        self.refuse()

    def test_one_in_use_whose_log_alone_has_it(self):
        db = self.make("PRAGMA journal_mode = WAL", "CREATE TABLE mine (a)")
        self.addCleanup(db.close)
        self.assertGreater(os.stat(self.db + "-wal").st_size, 0)
        kept = read(self.db), read(self.db + "-wal")
        self.refused(why="another program")
        self.assertTrue(kept == (read(self.db), read(self.db + "-wal")))

    def test_one_with_migrations_of_its_own(self):
        self.make("CREATE TABLE migration (id, at)").close()
        self.refuse("migrations: no such column")

    def test_one_whose_writer_died(self):
        db = self.make("CREATE TABLE mine (a)", "INSERT INTO mine VALUES (zeroblob(100000))")
        db.execute("PRAGMA cache_size = 1")
        db.execute("BEGIN IMMEDIATE")
        db.execute("UPDATE mine SET a = randomblob(100000)")
        for suffix in "", "-journal":
            shutil.copy(self.db + suffix, f"{self.dir}/kept{suffix}")
        db.close()
        for suffix in "", "-journal":
            os.replace(f"{self.dir}/kept{suffix}", self.db + suffix)
        self.refuse("hub.db")

    def test_ours_says_so(self):
        open(self.db, "w").close()
        self.stop(self.start())
        self.assertEqual(rows(self.db, "PRAGMA application_id"), [(0x52485542,)])

    def test_ours_of_before_is_taken(self):
        old_database(self.db, 4)
        self.stop(self.start())
        self.assertEqual(rows(self.db, "PRAGMA application_id"), [(0x52485542,)])

    def test_ours_that_was_just_begun_is_taken(self):
        self.make("PRAGMA journal_mode = WAL").close()
        self.stop(self.start())


class OneProcess(Case):
    """fault S5: two hubs never share a database, by whatever name, and none goes on without its own."""

    def setUp(self):
        super().setUp()
        self.other = f"{self.dir}/other.db"
        self.as_other = "--set", f"store.url=sqlite:{self.other}", "--set", f"store.key_file={self.db}-key"

    def test_by_a_symbolic_link(self):
        hub = self.start()
        os.symlink(self.db, self.other)
        log = f"{self.dir}/second"
        for options in self.as_other, [*self.as_other, "--migrate-only"]:
            with open(log, "w") as out:
                done = subprocess.run([ROAMHUBD, "--config", self.config, *options], stderr=out)
            self.assertEqual(done.returncode, 1)
            self.assertRegex(read(log).decode(), f"other.db is in use by process {hub.pid}:")
        self.stop(hub)

    def test_by_a_hard_link(self):
        self.stop(self.start())
        os.link(self.db, self.other)
        self.refused(*self.as_other, why="other.db: has several names")
        self.refused(why="hub.db: has several names")

    def test_one_that_vanished(self):
        hub = self.start()
        self.ctl("party", "invite", "--name", "Charge Co")
        for suffix in "", "-wal", "-shm":
            os.remove(self.db + suffix)
        self.assertIn("removed or replaced", self.ctl("party", "invite", "--name", "Lost", status=1))
        self.assertEqual(hub.wait(), 1)
        self.assertIn(b"not where it was", read(hub.log))

    def test_a_start_that_fails_leaves_no_empty_one(self):
        with open(f"{self.db}-key", "w") as out:
            out.write("short")
        self.refused(why="holds 5 bytes")
        self.assertEqual(self.files(), ["hub.db-key"])


class Stop(Case):
    """fault S7: a stop ends within http.stop_timeout, whoever is waited for, and well. Each of these took half a minute or
    more and ended with 1."""

    SHORT = "--set", "http.stop_timeout=2", "--set", "egress.timeout=600"

    def read_nothing(self, address, request):
        """Ask until the hub cannot get rid of its answers."""
        peer = socket.socket()
        self.addCleanup(peer.close)
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        peer.connect(address)
        peer.settimeout(1)
        try:
            while True:
                peer.sendall(request)
        except TimeoutError:
            return

    def admin(self):
        host, port = read(f"{self.dir}/admin.token.address").decode().strip().rsplit(":", 1)
        return host, int(port)

    def ends(self, hub):
        hub.send_signal(signal.SIGTERM)
        self.assertEqual(hub.wait(timeout=25), 0, read(hub.log).decode())

    def test_an_answer_that_nobody_reads(self):
        hub = self.start(*self.SHORT)
        token = re.search(r"token A +(\S+)", self.ctl("party", "invite", "--name", "Charge Co")).group(1)
        self.read_nothing((hub.address[0], int(hub.address[1])),
                          f"GET /ocpi/2.2.1 HTTP/1.1\r\nHost: h\r\nAuthorization: Token {token}\r\n\r\n".encode() * 50)
        self.ends(hub)

    def test_an_answer_of_the_admin_api_that_nobody_reads(self):
        hub = self.start(*self.SHORT)
        self.read_nothing(self.admin(), b"GET /metrics HTTP/1.1\r\nHost: h\r\n\r\n" * 50)
        self.ends(hub)

    def test_a_handshake_with_who_never_answers(self):
        hub = self.start(*self.SHORT)
        with socket.create_server(("127.0.0.1", 0)) as partner:
            ctl = subprocess.Popen([ROAMHUBCTL, "--config", self.config, "party", "connect", "--name", "Slow", "--token", "-",
                                    "--versions-url", f"http://127.0.0.1:{partner.getsockname()[1]}/ocpi/versions"],
                                   stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            ctl.stdin.write("a-token\n")
            ctl.stdin.close()
            held = partner.accept()[0]
            self.addCleanup(held.close)
            held.recv(1)
            self.ends(hub)
            self.assertEqual(ctl.wait(), 1)
            self.assertIn("the hub stops", ctl.stderr.read())
            ctl.stderr.close()


class Inherited(Case):
    """A restart by inherited listeners (LISTEN_FDS, as systemd's socket units do): nobody is refused meanwhile."""

    def setUp(self):
        super().setUp()
        self.sockets = [socket.create_server(("127.0.0.1", 0), backlog=1024) for _ in range(2)]
        for listening in self.sockets:
            self.addCleanup(listening.close)
        self.ports = [listening.getsockname()[1] for listening in self.sockets]

    def begin(self, *options, count=2, pid="$$", names=("http", "admin")):
        log = open(f"{self.dir}/log", "w+")
        self.addCleanup(log.close)
        fds = [listening.fileno() for listening in self.sockets]
        moved = " ".join(f"{3 + i}<&{20 + i}" for i in range(count))
        kept = " ".join(f"{20 + i}<&{fd}" for i, fd in enumerate(fds[:count]))
        places = [word for name, port in zip(names, self.ports) for word in ("--set", f"{name}.listen=127.0.0.1:{port}")]
        hub = subprocess.Popen(
            ["bash", "-c", f'exec {kept}; export LISTEN_PID={pid} LISTEN_FDS={count}; exec "$@" {moved}', "bash",
             ROAMHUBD, "--config", self.config, *places, *options], stderr=log, pass_fds=fds)
        hub.log = f"{self.dir}/log"
        self.addCleanup(self.end, hub)
        return hub

    def ask(self, port=None, timeout=60):
        with socket.create_connection(("127.0.0.1", port or self.ports[0]), timeout=timeout) as peer:
            peer.sendall(b"GET /ocpi/versions HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
            return b"".join(iter(lambda: peer.recv(4096), b"")).split(b" ", 2)[1]

    def test_nobody_is_refused_while_it_restarts(self):
        answers, failed, on = [], [], [True]

        def keep_asking():
            while on[0]:
                try:
                    answers.append(self.ask())
                except OSError as error:
                    failed.append(repr(error))

        askers = [threading.Thread(target=keep_asking) for _ in range(4)]
        hub = self.start("--set", "http.workers=3")
        for asker in askers:
            asker.start()
        for _ in range(3):
            asked = len(answers)
            while len(answers) < asked + 20:
                time.sleep(0.01)
            self.stop(hub)
            waiting = socket.create_connection(("127.0.0.1", self.ports[0]))
            self.addCleanup(waiting.close)
            hub = self.start("--set", "http.workers=3")
        asked = len(answers)
        while len(answers) < asked + 20:
            time.sleep(0.01)
        on[0] = False
        for asker in askers:
            asker.join()
        self.stop(hub)
        self.assertEqual((failed, set(answers)), ([], {b"401"}))

    def test_who_came_before_it_is_served(self):
        peer = socket.create_connection(("127.0.0.1", self.ports[0]), timeout=60)
        self.addCleanup(peer.close)
        peer.sendall(b"GET /ocpi/versions HTTP/1.1\r\nHost: h\r\n\r\n")
        hub = self.start()
        self.assertIn(b" 401 ", peer.recv(100))
        self.assertIn("running", self.ctl("--set", f"admin.listen=127.0.0.1:{self.ports[1]}", "status"))
        self.stop(hub)

    def test_a_new_certificate_is_taken_on_the_same_socket(self):
        tls = os.path.join(os.path.dirname(MIGRATIONS), "tests/data/tls")
        for name in "certificate.pem", "key.pem":
            shutil.copy(f"{tls}/{name}", self.dir)
        with open(self.config, "a") as out:
            out.write(f"[http]\ntls_certificate = {self.dir}/certificate.pem\ntls_key = {self.dir}/key.pem\n")
        hub = self.start()
        with open(f"{self.dir}/certificate.pem", "a") as out:
            out.write("\n")
        self.ctl("--set", f"admin.listen=127.0.0.1:{self.ports[1]}", "reload")
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        for _ in range(10):
            with context.wrap_socket(socket.create_connection(("127.0.0.1", self.ports[0]), timeout=60)) as peer:
                peer.sendall(b"GET /ocpi/versions HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
                self.assertIn(b" 401 ", peer.recv(100))
        self.assertNotIn(b"cannot be used", read(hub.log))
        self.stop(hub)

    def test_that_of_the_portal_is_served(self):
        self.sockets.append(socket.create_server(("127.0.0.1", 0)))
        self.addCleanup(self.sockets[2].close)
        self.ports.append(self.sockets[2].getsockname()[1])
        hub = self.start(names=("http", "admin", "portal"), count=3)
        self.assertIn(b"portal on http://127.0.0.1:%d/" % self.ports[2], read(hub.log))
        self.assertEqual(self.ask(self.ports[2]), b"403")  # it is not called "h"
        self.stop(hub)

    def test_one_that_is_not_in_the_configuration_is_refused(self):
        self.refused(names=("http",), why="is neither http.listen .* nor admin.listen")

    def test_more_than_there_are_workers_are_refused(self):
        self.sockets[1].close()
        self.sockets[0].close()
        self.sockets = [socket.socket() for _ in range(2)]
        for listening in self.sockets:
            self.addCleanup(listening.close)
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            listening.bind(("127.0.0.1", self.sockets[0].getsockname()[1]))
            listening.listen()
        self.ports[0] = self.sockets[0].getsockname()[1]
        self.refused(names=("http",), why="2 sockets on .* for 1 workers")

    def test_those_of_another_process_are_left_alone(self):
        for listening in self.sockets[:]:
            listening.close()
        self.sockets = [socket.create_server(("127.0.0.1", 0))]
        self.addCleanup(self.sockets[0].close)
        self.stop(self.start(count=1, pid="1"))


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[4:]], verbosity=2)
