#!/usr/bin/env python3
"""The examples of config/examples, each before the hub of tests/scenario/run: TLS, whose address it is, what the hub hands out, and
what becomes of requests while the hub is not ready. usage: test_proxies.py NAME...

Ports, certificate and the time between checks are the test's, all else is the example's. A proxy that is not installed is skipped."""
import http.client
import itertools
import os
import pathlib
import re
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
CERTIFICATE, KEY = ROOT / "tests/data/tls/certificate.pem", ROOT / "tests/data/tls/key.pem"
PLACES = os.environ["PATH"] + ":/usr/sbin:/usr/local/sbin"
PUBLIC = "https://hub.example.com"
PATIENCE_S = 60
CLIENTS = itertools.count(1)
NAMES = sys.argv[1:]
sys.argv[1:] = []


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(what, condition):
    until = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > until:
            raise AssertionError(f"waited in vain until {what}")
        time.sleep(0.05)


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Proxy:
    """One of the examples, in a folder of its own."""

    def __init__(self, name, folder):
        self.name, self.folder, self.port = name, pathlib.Path(folder), free_port()
        self.client = f"127.0.1.{next(CLIENTS)}"  # no proxy's, and none that was refused so often that it is not logged
        self.conf = self.folder / name
        text = (ROOT / "config/examples" / name).read_text()
        for pattern, other in ((r"127\.0\.0\.1:(8080|8443)\b", os.environ["ADDRESS"]),
                               (r"127\.0\.0\.1:8081\b", os.environ["ADMIN"].removeprefix("http://")),
                               (r"\b8081\b", os.environ["ADMIN"].rpartition(":")[2]),
                               (r"\binter 2s", "inter 100ms"), (r"health_interval 2s", "health_interval 100ms"),
                               (r"(bind|listen) :?443\b", rf"\1 127.0.0.1:{self.port}"),
                               (r"/etc/ssl/certs/hub\.pem", str(CERTIFICATE)), (r"/etc/ssl/private/hub\.key", str(KEY)),
                               (r"/etc/ssl/private/hub\.pem", str(self.folder / "both.pem"))):
            text = re.sub(pattern, other, text)
        (self.folder / "both.pem").write_text(CERTIFICATE.read_text() + KEY.read_text())
        self.conf.write_text(getattr(self, name.partition(".")[0].partition("-")[0].lower())(text))
        program = shutil.which(self.program, path=PLACES)
        if program is None:
            raise unittest.SkipTest(f"{self.program} is not installed")
        with open(self.folder / "log", "w", encoding="utf-8") as log:
            self.process = subprocess.Popen([program, *self.arguments], stdout=log, stderr=log, cwd=folder,
                                            env={**os.environ, "HOME": folder})
        wait_until(f"{name} listens", lambda: listens(self.port) or self.process.poll() is not None)
        if self.process.poll() is not None:
            raise AssertionError((self.folder / "log").read_text())

    def haproxy(self, text):
        self.program, self.arguments = "haproxy", ["-db", "-f", self.conf]
        return text

    def nginx(self, text):
        self.program, self.arguments = "nginx", ["-c", self.conf, "-p", self.folder]
        paths = "".join(f"{kind}_temp_path {self.folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        return (f"daemon off; pid {self.folder}/pid; error_log {self.folder}/log; events {{ }}\n"
                f"http {{ access_log off; {paths}\n{text}\n}}\n")

    def caddyfile(self, text):
        self.program, self.arguments = "caddy", ["run", "--adapter", "caddyfile", "--config", self.conf]
        return (f"{{\n\tadmin off\n\tauto_https disable_redirects\n\thttps_port {self.port}\n\tdefault_bind 127.0.0.1\n}}\n" +
                text.replace("{\n", f"{{\n\ttls {CERTIFICATE} {KEY}\n", 1))

    def ask(self, path="/ocpi/versions", token="B64_CPO", body=None, headers=()):
        """Status and text of an answer, from a client who says that somebody else asked."""
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with socket.create_connection(("127.0.0.1", self.port), PATIENCE_S, source_address=(self.client, 0)) as plain:
            with context.wrap_socket(plain, server_hostname="hub.example.com") as wrapped:
                connection = http.client.HTTPConnection("hub.example.com")
                connection.sock = wrapped
                connection.request("GET" if body is None else "POST", path, body,
                                   {"Authorization": "Token " + os.environ.get(token, token), "X-Forwarded-For": "203.0.113.9",
                                    "Connection": "close", **dict(headers)})
                answer = connection.getresponse()
                return answer.status, answer.read().decode()

    def status(self, *arguments, **options):
        """0: there was no answer."""
        try:
            return self.ask(*arguments, **options)[0]
        except (OSError, http.client.HTTPException):
            return 0

    def end(self):
        self.process.terminate()
        self.process.wait(PATIENCE_S)


def hub(*words):
    subprocess.run(["hub", *words], check=True)


def log_has(*words):
    lines = pathlib.Path(os.environ["LOG"]).read_text().splitlines()
    return any(all(word in line for word in words) for line in lines)


class Behind(unittest.TestCase):
    def each(self, test):
        """Test each proxy, once the hub is served by it."""
        for name in NAMES:
            with self.subTest(name), tempfile.TemporaryDirectory() as folder:
                proxy = Proxy(name, folder)
                try:
                    wait_until("it is served", lambda proxy=proxy: proxy.status() == 200)
                    test(proxy)
                finally:
                    proxy.end()

    def test_what_it_passes_on(self):
        def passed_on(proxy):
            self.assertIn(PUBLIC + "/ocpi/2.2.1", proxy.ask()[1])
            # Who is refused while it still sends may miss the answer, and so may a proxy.
            wait_until("it is refused as too large", lambda: proxy.status(body="x" * 1_200_000) == 413)
        self.each(passed_on)

    def test_whose_address_it_is(self):
        def told(proxy):
            self.assertEqual(proxy.status("/ocpi/versions/whose", token="d3Jvbmc="), 401)
            address = "127.0.0.1" if "tls" in proxy.name else proxy.client
            wait_until("it is logged", lambda: log_has(" refused ", f" address={address} ", "/whose "))
        self.each(told)

    def test_a_hub_that_is_not_ready_gets_nothing(self):
        """A passive hub answers on its port, and says on /readyz that it is none to be asked."""
        def judged(proxy):
            hub("restart", "--passive")
            if proxy.program == "nginx":
                self.assertEqual(proxy.status(), 200)
            else:
                wait_until("it gets nothing", lambda: proxy.status() in (0, 503))
            subprocess.run(["roamhubctl", "resume-hub"], check=True, stdout=subprocess.DEVNULL)
            wait_until("it is served again", lambda: proxy.status() == 200)
        self.each(judged)


if __name__ == "__main__":
    unittest.main(verbosity=2)
