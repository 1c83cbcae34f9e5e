"""The admin listener: whom it lets in, who is who, and what is written down of it.
usage: test_desk.py ROAMHUBD ROAMHUBCTL [TEST]..."""
import http.client
import json
import os
import pty
import re
import resource
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../names"))
from names import Document

ROAMHUBD, ROAMHUBCTL = map(os.path.abspath, sys.argv[1:3])

CONFIG = """[http]
listen = 127.0.0.1:0
workers = 1
[admin]
listen = 127.0.0.1:0
tokens_file = {dir}/tokens
hosts = hub.example, Hub.lan
[egress]
allow_private = true
[store]
url = sqlite:{dir}/hub.db
"""


def read(path):
    with open(path) as file:
        return file.read()


def write(path, text, mode=0o600):
    with open(path, "w") as out:
        out.write(text)
    os.chmod(path, mode)


class Case(unittest.TestCase):
    names = None  # of the hub: each answer is held against them

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.dir = folder.name
        self.config = f"{self.dir}/hub.conf"
        write(self.config, CONFIG.format(dir=self.dir))
        self.name_tokens("# nobody is named yet\n\n")

    def name_tokens(self, text, mode=0o600):
        write(f"{self.dir}/tokens", text, mode)

    def end(self, hub):
        if hub.poll() is None:
            hub.kill()
            hub.wait()

    def start(self, *options, files=None):
        log = open(f"{self.dir}/log", "w")
        self.addCleanup(log.close)
        limit = (lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))) if files else None
        hub = subprocess.Popen([ROAMHUBD, "--config", self.config, *options], stderr=log, preexec_fn=limit)
        self.addCleanup(self.end, hub)
        while "ready on" not in self.log():
            self.assertIsNone(hub.poll(), self.log())
            time.sleep(0.02)
        ocpi, admin = re.search(r"ready on \S+ \((\S+)\), admin on http://(\S+)", self.log()).groups()
        self.ocpi, self.admin = [(where.rpartition(":")[0], int(where.rpartition(":")[2])) for where in (ocpi, admin)]
        if Case.names is None:
            Case.names = Document(self.ctl("openapi"))
        return hub

    def stop(self, hub, status=0):
        hub.send_signal(signal.SIGTERM)
        self.assertEqual(hub.wait(), status, self.log())

    def log(self):
        return read(f"{self.dir}/log")

    def run_ctl(self, *words):
        return subprocess.run([ROAMHUBCTL, "--config", self.config, *words], capture_output=True, text=True)

    def ctl(self, *words, status=0):
        done = self.run_ctl(*words)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def ctl_json(self, *words):
        answer = json.loads(self.ctl(*words, "--json"))
        schema = Case.names.of_words(words)
        self.assertEqual(Case.names.faults(schema, answer) if schema is not None else [], [], words)
        return answer

    def ask(self, path, token=None, host=None, method="GET", body=None, to=None):
        connection = http.client.HTTPConnection(*(to or self.admin), timeout=60)
        connection.putrequest(method, path, skip_host=True)
        connection.putheader("Host", host or "%s:%d" % self.admin)
        if token:
            connection.putheader("Authorization", f"Bearer {token}")
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        status, text = answer.status, answer.read().decode()
        answer.close()
        connection.close()
        if path.startswith("/admin/v1") and text.startswith(("{", "[")):
            self.assertEqual(Case.names.check_request(method, path, status, text), [], path)
        return status, text

    def local(self):
        return read(f"{self.dir}/admin.token").strip()

    def named(self, name, role):
        """A token, and its line in the file."""
        made = self.ctl_json("admin", "token", name, "--role", role)
        write(f"{self.dir}/{name}", made["token"] + "\n")
        return made["token"], made["line"] + "\n"


class Door(Case):
    """fault H5"""

    def crowd(self, where, count, say=b""):
        sockets = []
        for _ in range(count):
            one = socket.create_connection(where)
            self.addCleanup(one.close)
            if say:
                one.send(say)
            sockets.append(one)
        return sockets

    def test_silent_connections_shut_out_nobody(self):
        hub = self.start()
        for say in (b"", b"GET /healthz HTTP/1.1\r\n"):
            crowd = self.crowd(self.admin, 200, say)
            self.assertEqual(self.ask("/healthz"), (200, "ok\n"))
            self.ctl("status")
            for one in crowd:
                one.close()
        self.stop(hub)

    def test_a_request_that_is_answered_is_not_pushed_out(self):
        hub = self.start()
        slow = http.client.HTTPConnection(*self.admin, timeout=60)
        slow.request("GET", "/admin/v1/check", headers={"Authorization": f"Bearer {self.local()}"})
        self.crowd(self.admin, 200)
        with slow.getresponse() as answer:
            self.assertEqual(answer.status, 200)
        slow.close()
        self.stop(hub)

    def test_the_crowd_at_the_other_door_leaves_descriptors(self):
        hub = self.start(files=256)
        self.crowd(self.ocpi, 400)
        while "accept-paused" not in self.log():
            time.sleep(0.02)
        for _ in range(5):
            self.assertEqual(self.ask("/healthz"), (200, "ok\n"))
            self.ctl("status")
        self.ctl("backup", f"{self.dir}/copy.db")
        self.assertIn("0 of 4 connections were taken", self.ctl("check", status=2))
        self.stop(hub)

    def test_only_its_own_names_are_answered(self):
        hub = self.start()
        token, port = self.local(), self.admin[1]
        for host in (f"127.0.0.1:{port}", "127.0.0.1", "localhost:9000", "LOCALHOST", "hub.example", "hub.LAN:80", "hub.lan."):
            self.assertEqual(self.ask("/admin/v1/status", token, host)[0], 200, host)
        for host in ("evil.example", f"evil.example:{port}", "127.0.0.1.evil.example", "127.0.0.2", "[::1]", "localhost.evil",
                     "hub.example.evil", "0.0.0.0", "a" * 300):
            status, text = self.ask("/admin/v1/status", token, host)
            self.assertEqual(status, 403, host)
            self.assertIn("admin.hosts", json.loads(text)["error"])
            self.assertEqual(self.ask("/metrics", None, host)[0], 403, host)
            self.assertEqual(self.ask("/healthz", None, host)[0], 200, host)
            self.assertEqual(self.ask("/readyz", None, host)[0], 200, host)
        write(self.config, CONFIG.format(dir=self.dir).replace("hub.example", "desk.example"))
        self.ctl("reload")
        self.assertEqual(self.ask("/admin/v1/status", token, "desk.example")[0], 200)
        self.assertEqual(self.ask("/admin/v1/status", token, "hub.example")[0], 403)
        self.stop(hub)

    def test_who_listens_everywhere_answers_to_every_address(self):
        hub = self.start("--set", "admin.listen=0.0.0.0:0")
        for host in ("127.0.0.1", "192.0.2.7:8081", "[2001:db8::1]:80", "localhost"):
            self.assertEqual(self.ask("/admin/v1/status", self.local(), host)[0], 200, host)
        self.assertEqual(self.ask("/admin/v1/status", self.local(), "evil.example")[0], 403)
        self.stop(hub)

    def test_metrics_are_for_this_machine_and_for_who_has_a_token(self):
        hub = self.start("--set", "admin.listen=0.0.0.0:0")
        near = ("127.0.0.1", self.admin[1])
        self.assertEqual(self.ask("/metrics", to=near)[0], 200)
        try:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
                probe.connect(("192.0.2.1", 9))
                far = (probe.getsockname()[0], self.admin[1])
        except OSError:
            far = near
        if far[0].startswith("127."):
            self.stop(hub)
            self.skipTest("this machine has no other address than that of loopback")
        self.assertEqual(self.ask("/metrics", to=far)[0], 401)
        self.assertEqual(self.ask("/metrics", "wrong", to=far)[0], 401)
        self.assertEqual(self.ask("/metrics", self.local(), to=far)[0], 200)
        self.assertEqual(self.ask("/healthz", to=far)[0], 200)
        self.stop(hub)


class Console(Case):
    """A browser: a cookie instead of the token, and a word beside it for what changes something."""

    def send(self, method, path, body=None, **headers):
        connection = http.client.HTTPConnection(*self.admin, timeout=60)
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer, json.loads(text) if text.startswith(("{", "[")) else text

    def login(self, token):
        answer, told = self.send("POST", "/admin/v1/login", json.dumps({"token": token}))
        self.assertEqual(answer.status, 200, told)
        cookie = answer.getheader("Set-Cookie")
        self.assertRegex(cookie, "^roamhub=[^;]+; Path=/; HttpOnly; SameSite=Strict$")
        return cookie.partition(";")[0], told["csrf"], told["role"]

    def test_a_login_stands_for_its_token_as_long_as_that_is_good(self):
        hub = self.start()
        anna, anna_line = self.named("anna", "admin")
        vera, vera_line = self.named("vera", "viewer")
        self.name_tokens(anna_line + vera_line)
        self.ctl("reload")
        cookies = {}
        for name, token in (("local", self.local()), ("anna", anna), ("vera", vera)):
            cookie, csrf, role = cookies[name] = self.login(token)
            self.assertEqual(role, "viewer" if name == "vera" else "admin")
            self.assertEqual(self.send("GET", "/admin/v1/status", Cookie=cookie)[0].status, 200)
            invite = json.dumps({"name": "By " + name})
            self.assertEqual(self.send("POST", "/admin/v1/platforms", invite, Cookie=cookie)[0].status, 403)
            self.assertEqual(self.send("POST", "/admin/v1/platforms", invite, Cookie=cookie, X_CSRF_Token="x" * 32)[0].status, 403)
            status = self.send("POST", "/admin/v1/platforms", invite, Cookie=cookie, X_CSRF_Token=csrf)[0].status
            self.assertEqual(status, 403 if name == "vera" else 201, name)
        done = self.ctl_json("audit", "--verb", "party")  # what was refused for want of the word as well
        self.assertEqual([row["who"] for row in done], ["local"] * 3 + ["anna"] * 3 + ["vera"] * 3)

        # another role is another line, another token another digest, no line none: each ends the login
        self.name_tokens(anna_line + self.named("vera", "admin")[1])
        self.ctl("reload")
        self.assertEqual(self.send("GET", "/admin/v1/status", Cookie=cookies["vera"][0])[0].status, 401)
        self.assertEqual(self.send("GET", "/admin/v1/status", Cookie=cookies["anna"][0])[0].status, 200)
        self.name_tokens("# nobody\n")
        self.ctl("reload")
        self.assertEqual(self.send("GET", "/admin/v1/status", Cookie=cookies["anna"][0])[0].status, 401)
        self.assertEqual(self.send("GET", "/admin/v1/status", Cookie=cookies["local"][0])[0].status, 200)

        cookie, csrf, _ = cookies["local"]
        self.assertEqual(self.send("POST", "/admin/v1/logout", "{}", Cookie=cookie, X_CSRF_Token=csrf)[0].status, 200)
        self.assertEqual(self.send("GET", "/admin/v1/status", Cookie=cookie)[0].status, 401)
        self.stop(hub)

    def test_a_wrong_login_is_slow_and_told_to_the_log_alone(self):
        hub = self.start()
        began = time.monotonic()
        answer, told = self.send("POST", "/admin/v1/login", json.dumps({"token": "wrong wrong wrong wrong"}))
        self.assertGreaterEqual(time.monotonic() - began, 1)
        self.assertEqual((answer.status, answer.getheader("Set-Cookie")), (401, None))
        self.assertNotIn("wrong", json.dumps(told))
        self.assertRegex(self.log(), "refused.*127.0.0.1.*/admin/v1/login")
        self.stop(hub)

    def test_pages_of_other_sites_get_nothing(self):
        hub = self.start()
        cookie, csrf, _ = self.login(self.local())
        here = "%s:%d" % self.admin
        for origin, status in ((f"http://{here}", 200), ("http://evil.example", 403), (f"http://{here}.evil.example", 403), ("null", 403)):
            self.assertEqual(self.send("GET", "/admin/v1/status", Cookie=cookie, Origin=origin)[0].status, status, origin)
            self.assertEqual(self.send("POST", "/admin/v1/reload", "{}", Cookie=cookie, X_CSRF_Token=csrf, Origin=origin)[0].status,
                             status, origin)
        self.stop(hub)

    def test_nothing_is_loaded_from_elsewhere(self):
        hub = self.start()
        answer, page = self.send("GET", "/")
        self.assertEqual(answer.status, 200)
        self.assertIn("default-src 'self'", answer.getheader("Content-Security-Policy"))
        self.assertNotRegex(page, "<script(?![^>]*src=)|https?://|on(load|click)=")
        for source in re.findall('(?:src|href)="([^"#]+)"', page):
            self.assertEqual(self.send("GET", source)[0].status, 200, source)
        self.stop(hub)


class Tokens(Case):
    def test_names_have_roles(self):
        hub = self.start()
        anna, anna_line = self.named("anna", "viewer")
        bob, bob_line = self.named("bob", "admin")
        self.assertEqual(self.ask("/admin/v1/status", anna)[0], 401)
        self.name_tokens("# people\n\n" + anna_line + bob_line, 0o640)
        self.assertIn("admin.tokens_file", self.ctl("reload"))
        self.assertIn("nothing to take over", self.ctl("reload"))
        self.assertEqual(self.ask("/admin/v1/status", anna)[0], 200)
        for method, path in (("POST", "platforms"), ("DELETE", "platforms/1"), ("PATCH", "platforms/1/settings"),
                             ("POST", "reload"), ("PUT", "status")):
            status, text = self.ask(f"/admin/v1/{path}", anna, method=method, body=b"{}")
            self.assertEqual(status, 403, path)
            self.assertIn("viewer", json.loads(text)["error"])
        self.assertIn("running", self.ctl("--token-file", f"{self.dir}/anna", "status"))
        self.ctl("--token-file", f"{self.dir}/bob", "party", "invite", "--name", "By Bob")
        self.assertIn("viewer", self.ctl("--token-file", f"{self.dir}/anna", "party", "remove", "1", status=1))
        self.assertEqual([row["who"] for row in self.ctl_json("audit", "--verb", "party")], ["anna", "anna", "anna", "bob", "anna"])
        # who may write the file and nothing else makes nobody an admin, and nobody somebody else
        for line in (anna_line.replace("viewer", "admin"), anna_line.replace("anna", "carl")):
            self.name_tokens(line)
            self.ctl("reload")
            self.assertEqual(self.ask("/admin/v1/status", anna)[0], 401)
        self.assertEqual(self.ask("/admin/v1/status", bob)[0], 401)
        self.assertEqual(self.ask("/admin/v1/status", self.local())[0], 200)
        self.stop(hub)

    def test_a_signal_takes_the_file_over(self):
        hub = self.start()
        anna, line = self.named("anna", "viewer")
        self.name_tokens(line)
        hub.send_signal(signal.SIGHUP)
        while self.ask("/admin/v1/status", anna)[0] != 200:
            time.sleep(0.02)
        rows = []
        while not rows:
            rows = json.loads(self.ask("/admin/v1/events?types=config.reload", anna)[1])
        self.assertEqual([(row["who"], row["what"], row["changed"]) for row in rows],
                         [("SIGHUP", "taken over", ["admin.tokens_file"])])
        self.stop(hub)

    def test_every_fault_has_its_file_and_line(self):
        tokens, digest = f"{self.dir}/tokens", "0123456789abcdef" * 4
        self.name_tokens("\n".join((f"a:admin:{digest}", "# b", "b", f"c d:viewer:{digest}", f"e:owner:{digest}",
                                    f"f:viewer:{digest}0", f"g:admin:{digest.upper()}", f"local:admin:{digest}",
                                    f"a:viewer:{digest}", f"h:viewer:{digest}:x", "x" * 33 + f":admin:{digest}")))
        done = subprocess.run([ROAMHUBD, "--config", self.config, "--check"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 2)
        faults = done.stderr.splitlines()
        self.assertEqual([line.split(": ")[0] for line in faults], [f"{tokens}:{n}" for n in (3, 4, 5, 6, 7, 8, 9, 10, 11)])
        self.assertIn("has a line already", faults[6])
        self.assertNotIn(digest, done.stderr)
        done = subprocess.run([ROAMHUBD, "--config", self.config], capture_output=True, text=True)
        self.assertEqual((done.returncode, len(done.stderr.splitlines())), (2, 9))
        self.assertFalse(os.path.exists(f"{self.dir}/hub.db"))

    def test_a_file_that_others_may_use_is_refused(self):
        tokens = f"{self.dir}/tokens"
        for mode in (0o644, 0o660, 0o700):
            self.name_tokens("", mode)
            done = subprocess.run([ROAMHUBD, "--config", self.config, "--check"], capture_output=True, text=True)
            self.assertEqual(done.returncode, 2)
            self.assertRegex(done.stderr, f"^{tokens}: has mode {mode:04o}")
        os.remove(tokens)
        done = subprocess.run([ROAMHUBD, "--config", self.config, "--check"], capture_output=True, text=True)
        self.assertRegex(done.stderr, f"^{tokens}: cannot be read: No such file")

    def test_a_reload_with_a_faulty_file_changes_nothing(self):
        hub = self.start()
        anna, line = self.named("anna", "viewer")
        self.name_tokens(line)
        self.ctl("reload")
        self.name_tokens(line + "bob\n")
        self.assertIn(f"{self.dir}/tokens:2: ", self.ctl("reload", status=1))
        self.assertEqual(self.ask("/admin/v1/status", anna)[0], 200)
        rows = []
        while len(rows) < 2:
            rows = json.loads(self.ask("/admin/v1/events?types=config.reload", anna)[1])
        self.assertEqual((rows[1]["what"], rows[1]["who"]), ("refused", "local"))
        self.assertIn("tokens:2", rows[1]["config_faults"][0])
        self.stop(hub)

    def test_a_token_is_made_for_a_name_and_a_role(self):
        hub = self.start()
        self.assertIn("role", self.ctl("admin", "token", "anna", "--role", "owner", status=1))
        self.assertIn("name", self.ctl("admin", "token", "a b", "--role", "admin", status=1))
        self.assertIn("name", self.ctl("admin", "token", "local", "--role", "admin", status=1))
        self.ctl("admin", "token", "anna", status=2)
        self.assertIn("cannot read", self.ctl("--token-file", f"{self.dir}/nobody", "status", status=1))
        self.stop(hub)


class Audit(Case):
    def rows(self, *words):
        return self.ctl_json("audit", *words)

    def test_a_verb_has_who_what_before_and_after(self):
        hub = self.start()
        self.ctl("party", "invite", "--name", "One", "--party", "DE*ABC:CPO")
        self.ctl("party", "set", "1", "validation=lenient")
        self.ctl("party", "suspend", "1")
        self.ctl("party", "resume", "1")
        self.ctl("party", "resume", "1", status=1)
        self.ctl("agreement", "add", "DE*ABC", "NL*XYZ")
        self.ctl("agreement", "remove", "1")
        self.ctl("party", "remove", "1")
        rows = self.rows()
        self.assertEqual([(row["what"], row["subject"], row["result"]) for row in rows], [
            ("party invite", "platform 1", "done"), ("party set", "platform 1", "done"),
            ("party suspend", "platform 1", "done"), ("party resume", "platform 1", "done"),
            ("party resume", "platform 1", "refused"), ("agreement add", "agreement 1", "done"),
            ("agreement remove", "agreement 1", "done"), ("party remove", "platform 1", "done")])
        self.assertEqual({(row["who"], row["address"]) for row in rows}, {("local", "127.0.0.1")})
        self.assertEqual(rows[0]["after"]["parties"], ["DE*ABC CPO"])
        self.assertNotIn("before", rows[0])
        self.assertEqual((rows[1]["before"], rows[1]["after"]),
                         ({"settings": {}}, {"settings": {"validation": "lenient"}}))
        self.assertEqual((rows[2]["before"], rows[2]["after"]), ({"status": "PLANNED"}, {"status": "SUSPENDED"}))
        self.assertIn("is not suspended", rows[4]["error"])
        self.assertEqual(rows[5]["after"]["emsp"], "NL*XYZ")
        self.assertEqual(rows[6]["before"]["emsp"], "NL*XYZ")
        self.assertNotIn("after", rows[6])
        self.assertEqual(rows[7]["after"]["status"], "REMOVED")
        self.assertEqual([row["what"] for row in self.rows("--verb", "agreement")], ["agreement add", "agreement remove"])
        self.assertEqual(len(self.rows("--platform", "1")), 6)
        self.assertEqual([row["what"] for row in self.rows("--limit", "2")], ["agreement remove", "party remove"])
        self.assertEqual(self.rows("--who", "nobody"), [])
        self.assertEqual(len(self.rows("--since", "1h")), 8)
        self.assertEqual(self.rows("--since", "2999-01-01T00:00:00Z"), [])
        self.assertRegex(self.ctl("audit"), r"local +127\.0\.0\.1 +party suspend +platform 1 +done +status: PLANNED -> SUSPENDED")
        self.ctl("audit", "--limit", "0", status=2)
        self.stop(hub)

    def answer_on_a_terminal(self, answer, *words):
        """What a command that asks is answered; its exit status, and what stood on the terminal."""
        ours, theirs = pty.openpty()
        asked = subprocess.Popen([ROAMHUBCTL, "--config", self.config, *words], stdin=theirs, stdout=subprocess.DEVNULL, stderr=theirs)
        os.close(theirs)
        said = b""
        while b"[y/N]" not in said:
            said += os.read(ours, 4096)
        os.write(ours, answer)
        status = asked.wait()
        os.close(ours)
        return status, said.decode()

    def test_a_removal_is_asked_about_on_a_terminal(self):
        hub = self.start()
        self.ctl("party", "invite", "--name", "One")
        for answer in (b"n\n", b"\n", b"maybe\n"):
            status, said = self.answer_on_a_terminal(answer, "party", "remove", "1")
            self.assertEqual(status, 1)
            self.assertIn("remove platform 1 (One), which is PLANNED?", said)
            self.assertIn("Told: nobody", said)
        self.assertEqual(len(self.ctl_json("party", "list")), 1)
        self.assertEqual(self.answer_on_a_terminal(b"y\n", "party", "remove", "1")[0], 0)
        self.assertEqual(self.ctl_json("party", "list"), [])
        self.stop(hub)

    def test_what_happened_is_found_beside_it(self):
        hub = self.start()
        self.ctl("party", "invite", "--name", "One")
        self.ctl("party", "suspend", "1")
        self.stop(hub)
        hub = self.start()
        events = []
        while len(events) < 7:  # nobody waits for what is not a verb
            events = json.loads(self.ask("/admin/v1/events", self.local())[1])
        self.assertEqual([row["type"] for row in events], ["hub.start", "admin.verb", "party.status", "admin.verb",
                                                           "party.status", "hub.stop", "hub.start"])
        self.assertEqual([(row["what"], row["status_before"]) for row in events if row["type"] == "party.status"],
                         [("PLANNED", "UNKNOWN"), ("SUSPENDED", "PLANNED")])
        after = json.loads(self.ask(f"/admin/v1/events?after={events[4]['id']}&limit=1", self.local())[1])
        self.assertEqual([row["type"] for row in after], ["hub.stop"])
        some = json.loads(self.ask("/admin/v1/events?types=hub.start,hub.stop&limit=2", self.local())[1])
        self.assertEqual([row["type"] for row in some], ["hub.stop", "hub.start"])
        for query in ("limit=0", "limit=9999", "after=x", "platform=-1", "types=a,b,c,d,e", "since=yesterday"):
            self.assertEqual(self.ask(f"/admin/v1/events?{query}", self.local())[0], 400, query)
        self.stop(hub)

    def test_what_was_begun_when_the_hub_died_is_there(self):
        hub = self.start("--set", "egress.timeout=60")
        with socket.create_server(("127.0.0.1", 0)) as mute:
            url = f"http://127.0.0.1:{mute.getsockname()[1]}/versions"
            ctl = subprocess.Popen([ROAMHUBCTL, "--config", self.config, "party", "connect", "--name", "Mute",
                                    "--versions-url", url, "--token", "a-token-of-theirs"],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            called = mute.accept()[0]
            self.addCleanup(called.close)
            called.recv(1)
            hub.kill()
            hub.wait()
            ctl.wait()
        hub = self.start()
        row = self.rows()[0]
        self.assertEqual((row["what"], row["who"], row["result"]), ("party connect", "local", "begun"))
        self.assertEqual(row["request"], {"name": "Mute", "versions_url": url, "token": "***"})
        self.stop(hub)

    def test_no_secret_is_written_down(self):
        hub = self.start()
        made = self.ctl_json("party", "invite", "--name", "One")["token"], self.named("anna", "admin")[0]
        self.ctl("party", "connect", "--name", "Two", "--versions-url", "http://127.0.0.1:9/", "--token",
                 "a-token-of-theirs", status=1)
        self.ask("/admin/v1/status?token=a-token-of-theirs", "a-token-of-theirs")
        self.stop(hub)
        for name in os.listdir(self.dir):
            if name.startswith("hub.db"):
                with open(f"{self.dir}/{name}", "rb") as file:
                    text = file.read()
                for secret in (*made, "a-token-of-theirs", self.local()):
                    self.assertNotIn(secret.encode(), text, name)

    def test_a_flood_of_refusals_fills_nothing(self):
        hub = self.start()
        self.ctl("party", "invite", "--name", "One")
        for _ in range(150):
            self.assertEqual(self.ask("/admin/v1/status", "wrong")[0], 401)
            self.assertEqual(self.ask("/admin/v1/platforms/1/resume", self.local(), method="POST")[0], 400)
        rows = self.rows("--limit", "1000")
        self.assertEqual([row["what"] for row in rows if row["type"] == "admin.verb"], ["party invite"])
        for who in ("", "local"):
            count = sum(row["type"] == "admin.refused" and row["who"] == who for row in rows)
            self.assertGreaterEqual(count, 100)
            self.assertLess(count, 150)
        self.stop(hub)

    def test_nothing_is_done_that_cannot_be_written_down(self):
        hub = self.start()
        other = sqlite3.connect(f"{self.dir}/hub.db")
        other.execute("DROP TABLE event")
        other.commit()
        other.close()
        self.assertIn("nothing was done", self.ctl("party", "invite", "--name", "One", status=1))
        self.assertEqual(self.ctl_json("party", "list"), [])
        self.ctl("reload")  # may be what helps
        self.stop(hub)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])
