"""live: what judges of the running daemon share: a hub and what it uses of the machine, connections that are held, and
requests that never stop. The hub, the rig and wrk's loads are those of the benchmarks."""

import contextlib
import json
import os
import pathlib
import re
import resource
import socket
import ssl
import subprocess
import sys
import threading
import time

TESTS = pathlib.Path(__file__).resolve().parents[2]
for shared in ("bench", "soak"):
    sys.path.insert(0, str(TESTS / shared))

import loads
import rig
from judge import Judge

OCPI = "/ocpi/2.2.1"


class Told(Judge):
    """Remembers what it was told, so that a proof names what was broken and not found."""

    def __init__(self, number):
        super().__init__(number)
        self.texts = []

    def fault(self, text):
        self.texts.append(text)
        super().fault(text)

    def end(self, text, prove=False, broken=()):
        """The verdict; of a proof whether all that was @broken, as patterns, was found."""
        if not prove:
            self.verdict(text)
        missing = [pattern for pattern in broken if not any(re.search(pattern, told) for told in [*self.texts, text])]
        self.proved(not missing, f"not found: {missing}; {text}" if missing else text)


# ---- the machine ----


def allow_descriptors(most):
    """As many as the judge needs, or as many as there may be."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    return allowed


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def living_connections(pid):
    """Sockets of it that are connected both ways; one that the other side closed is none."""
    rows = pathlib.Path(f"/proc/{pid}/net/tcp").read_text().splitlines()[1:]
    connected = {f"socket:[{row.split()[9]}]" for row in rows if row.split()[3] == "01"}
    found = 0
    for descriptor in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        try:
            found += os.readlink(descriptor) in connected
        except OSError:  # closed meanwhile
            pass
    return found


def threads(pid):
    return len(os.listdir(f"/proc/{pid}/task"))


def processor_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return sum(map(int, fields[11:13])) / rig.TICKS


def processor_share(pid, seconds):
    """Of one processor, 0 to 1."""
    before, began = processor_seconds(pid), time.monotonic()
    time.sleep(seconds)
    return (processor_seconds(pid) - before) / (time.monotonic() - began)


# ---- a hub by inherited listeners ----

INHERIT = 'exec 20<&"$1" 21<&"$2"; shift 2; export LISTEN_PID=$$ LISTEN_FDS=2; exec "$@" 3<&20 4<&21'


class InheritingHub(rig.Hub):
    """Its listeners are ours, as systemd's are: they outlive it."""

    def __init__(self, bench, settings=(), **more):
        super().__init__(bench, settings, **more)
        self.listeners = []
        for port in (self.port, self.admin_port):
            listener = socket.socket()
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(("127.0.0.1", port))
            listener.listen(1024)
            self.listeners.append(listener)

    def start(self, inherit=True):
        numbers = [listener.fileno() for listener in self.listeners]
        began = time.monotonic()
        with open(self.log, "ab") as log:
            skip = log.tell()
            command = [self.build / "roamhubd", "--config", self.conf]
            if inherit:
                command = ["bash", "-c", INHERIT, "bash", *numbers, *command]
            self.process = self.rig.start(command, stderr=log, env=self.environment, pass_fds=numbers if inherit else ())
        while b"ready on" not in self.log.read_bytes()[skip:]:
            if self.process.poll() is not None or time.monotonic() - began > 300:
                rig.die("the hub did not start:\n" + self.log.read_text()[-2000:])
            time.sleep(0.002)
        return time.monotonic() - began


def set_key(hub, section, key, value):
    """In its configuration file; None: the key goes."""
    lines = [line for line in hub.conf.read_text().splitlines() if not line.startswith(f"{key} =")]
    if value is not None:
        lines += [f"[{section}]", f"{key} = {value}"]
    fresh = hub.conf.with_suffix(".new")
    fresh.write_text("\n".join(lines) + "\n")
    fresh.replace(hub.conf)


# ---- connections that are held ----


class Crowd:
    """So many connections; each has said something, and what becomes of them is looked at by who opened them."""

    def __init__(self):
        self.sockets = []

    def come(self, port, count, says=b"", wait=True):
        """@wait: until it is connected, as far as the backlog goes."""
        for _ in range(count):
            one = socket.socket()
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", port))
            if wait:
                one.setblocking(True)
                one.settimeout(5)
            self.sockets.append(one)
            if says and wait:
                with contextlib.suppress(OSError):  # it may be one too many
                    one.sendall(says)

    def leave(self):
        for one in self.sockets:
            one.close()
        self.sockets = []


# ---- requests without an end ----


def get(token, path=OCPI + "/sender/locations?limit=1", close=False):
    return (f"GET {path} HTTP/1.1\r\nHost: hub\r\nAuthorization: {rig.authorization(token)}\r\n"
            f"{'Connection: close' + chr(13) + chr(10) if close else ''}\r\n").encode()


class Lost(Exception):
    """A connection ended before its answer; .used: whether it had been used before."""

    def __init__(self, why, used):
        super().__init__(why)
        self.used = used


class Asker:
    """One connection at a time; @kept: as long as the hub keeps it."""

    def __init__(self, port, request, kept, tls=None, timeout=60):
        self.port, self.request, self.kept, self.timeout = port, request, kept, timeout
        self.context = None
        if tls:
            self.context = ssl.create_default_context()
            self.context.check_hostname, self.context.verify_mode = False, ssl.CERT_NONE
        self.connection, self.used = None, False

    def connect(self):
        self.connection = socket.create_connection(("127.0.0.1", self.port), timeout=self.timeout)
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.context is not None:
            self.connection = self.context.wrap_socket(self.connection)
        self.used = False

    def close(self):
        if self.connection is not None:
            self.connection.close()
        self.connection = None

    def read(self):
        data = b""
        while b"\r\n\r\n" not in data:
            more = self.connection.recv(65536)
            if not more:
                raise EOFError("closed without an answer")
            data += more
        head, _, body = data.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        length = int(fields.get("content-length", 0))
        while len(body) < length:
            more = self.connection.recv(65536)
            if not more:
                raise EOFError("an answer was cut")
            body += more
        return int(lines[0].split()[1]), fields, body

    def ask(self):
        """Status and body; Lost when there is none."""
        try:
            if self.connection is None:
                self.connect()
            self.connection.sendall(self.request)
            status, fields, body = self.read()
        except (OSError, EOFError) as why:
            used = self.used
            self.close()
            raise Lost(repr(why), used) from why
        self.used = True
        if not self.kept or fields.get("connection", "").lower() == "close":
            self.close()
        return status, body


class Asking:
    """Threads that ask without an end: what failed, and how long each took."""

    def __init__(self, askers, pause=0.0):
        self.askers, self.pause = askers, pause
        self.going = True
        self.lock = threading.Lock()
        self.taken, self.failed = [], []  # (when it was asked, seconds); texts
        self.resent = 0                   # a kept connection was closed while its next request came: any client asks again
        self.threads = [threading.Thread(target=self.run, args=(asker,), daemon=True) for asker in askers]
        for thread in self.threads:
            thread.start()

    def run(self, asker):
        while self.going:
            self.once(asker, time.monotonic())
            time.sleep(self.pause)
        asker.close()

    def once(self, asker, began):
        try:
            status, body = asker.ask()
        except Lost as why:
            if why.used and why.args[0].startswith(("EOFError('closed", "ConnectionResetError", "BrokenPipe", "SSLEOFError")):
                with self.lock:
                    self.resent += 1
                if self.going:
                    self.once(asker, began)
                return
            with self.lock:
                self.failed.append(str(why))
            return
        with self.lock:
            if status // 100 == 2 and json.loads(body).get("status_code") == 1000:
                self.taken.append((began, time.monotonic() - began))
            else:
                self.failed.append(f"HTTP {status} {body[:300].decode('latin-1')}")

    def count(self):
        with self.lock:
            return len(self.taken)

    def since(self, moment):
        """Seconds of those asked since then."""
        with self.lock:
            return [seconds for began, seconds in self.taken if began >= moment]

    def wait_for(self, more, seconds=60):
        """Until so many more were answered."""
        wanted = self.count() + more
        rig.wait_until(lambda: self.count() >= wanted or self.failed, f"{more} more answers", seconds, 0.002)

    def stop(self):
        self.going = False
        for thread in self.threads:
            thread.join()


def healthy(hub, seconds=1.0):
    """Seconds until /healthz was answered well on a connection of its own; None: it was not within @seconds."""
    began = time.monotonic()
    try:
        with socket.create_connection(("127.0.0.1", hub.admin_port), timeout=seconds) as peer:
            peer.sendall(f"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:{hub.admin_port}\r\nConnection: close\r\n\r\n".encode())
            answer = peer.recv(4096)
    except OSError:
        return None
    took = time.monotonic() - began
    return took if answer.startswith(b"HTTP/1.1 200 ") and took <= seconds else None


def ctl(hub, *words, seconds=300):
    """Exit status and what roamhubctl said; None: it said nothing in time."""
    try:
        done = subprocess.run([str(hub.build / "roamhubctl"), "--config", str(hub.conf), *words], capture_output=True,
                              text=True, check=False, timeout=seconds)
    except subprocess.TimeoutExpired:
        return None, ""
    return done.returncode, done.stdout + done.stderr


# ---- how long others wait ----


class Windows:
    """Latencies of wrk's connections in windows of a second: some beside what is judged, some without."""

    def __init__(self, bench, hub, token, connections, pause_ms, path=OCPI + "/sender/locations?limit=1"):
        self.script = loads.wrk_script(bench.dir / "active.lua", "GET", {"Authorization": rig.authorization(token)},
                                       pause_ms=pause_ms)
        self.url, self.connections = hub.url + path, connections
        self.wrong = []

    def p99(self, seconds=1):
        load = loads.Load(self.url, self.script, self.connections, seconds, told=True)
        if load.wrong or load.requests == 0:
            self.wrong.append(load.wrong or "nothing was answered")
        return load.p99

    def several(self, count, seconds=1):
        return [self.p99(seconds) for _ in range(count)]


class Ratio:
    """Of the medians of what was measured beside the disturbance and without; the best of so many rounds counts, as what
    else the machine does can only make it worse."""

    def __init__(self, most):
        self.most, self.rounds = most, []

    def add(self, without, beside):
        self.rounds.append((rig.median(beside) / rig.median(without), rig.median(without), rig.median(beside)))

    def is_good(self):
        return min(self.rounds)[0] <= self.most

    def said(self):
        ratio, without, beside = min(self.rounds)
        return (f"p99 {beside * 1e3:.2f} ms beside {without * 1e3:.2f} ms without, {ratio:.2f} × "
                f"(at most {self.most:g}; best of {len(self.rounds)})")
