"""loads: requests to what is measured, by wrk or so many of them; and what it did for them: processor time, system calls,
instructions."""

import pathlib
import re
import shutil
import signal
import socket
import subprocess
import time

import readings
from rig import RoundFailed, die, thread_cpu_seconds, wait_until

# ---- requests: by wrk, or so many of them ----

COUNTED = "#COUNT#"   # in a body: a number, so that bodies differ
OBJECT = "#OBJECT#"   # in a body, and at the end of its path: one of so many ids in turn
DIGITS = 16           # of a number that is counted

# What differs is made before the clock runs: made in request() it would cost wrk more than the request costs a proxy.
READY_MADE = """
local thread_number, ready, at = 0, {}, 0
function setup(thread)
  thread:set("thread_number", thread_number)
  thread_number = thread_number + 1
end
function init()
  local objects, first = %d, os.time() * 1e6 + (thread_number or 0) * 1e5
  for which = 1, math.max(4 * objects, 1000) do
    local number, object, path = string.format("%%016.0f", first + which), tostring(which), wrk.path
    if objects > 0 then
      object = tostring(which %% objects)
      path = path .. object
    end
    local body = wrk.body:gsub("#COUNT#", number):gsub("#OBJECT#", object)
    ready[which] = wrk.format(nil, path, nil, body)
  end
end
function request()
  at = at %% #ready + 1
  return ready[at]
end
"""


def wrk_script(path, method, headers, body=None, objects=0, pause_ms=0):
    """@objects: the path goes on with one of so many ids in turn. @pause_ms: between an answer and the next request
    of its connection."""
    lines = [f'wrk.method = "{method}"']
    lines += [f'wrk.headers["{name}"] = "{value}"' for name, value in headers.items()]
    if body is not None:
        lines += ['wrk.headers["Content-Type"] = "application/json"', f"wrk.body = [==[{body}]==]"]
    if pause_ms > 0:
        lines += [f"function delay() return {pause_ms} end"]
    more = READY_MADE % objects if body is not None and COUNTED in body else ""
    path.write_text("\n".join(lines) + "\n" + more)
    return path


class Load:
    """One run of wrk: requests a second, latencies in seconds, and what each request cost @pids of processor time.
    Anything but 2xx fails the round, unless it is to be @told in .wrong. Where nothing was answered the latencies are
    those of the whole run."""

    def __init__(self, url, script, connections, seconds=1, told=False, pids=(), threads=1):
        before = sum(map(thread_cpu_seconds, pids))
        answer = subprocess.run(["wrk", f"-t{threads}", f"-c{connections}", f"-d{seconds}s", "--latency", "--timeout",
                                 "60s", "-s", str(script), url], capture_output=True, text=True, check=False)
        used = sum(map(thread_cpu_seconds, pids)) - before
        if answer.returncode != 0:
            raise RoundFailed(f"wrk at {url}: exit status {answer.returncode}: {answer.stderr.strip()}")
        read = readings.wrk(answer.stdout, seconds)
        self.wrong, self.requests, self.per_second, self.p50, self.p99 = read
        if not told and (self.wrong or self.requests == 0):
            raise RoundFailed(f"wrk at {url} with {connections} connections: {self.wrong or 'nothing was answered'}")
        self.cpu = used / max(self.requests, 1)


def raw_requests(port, method, path, headers, body, count, objects=0):
    """@count whole requests as bytes, like those of wrk_script()."""
    first = time.time_ns() // 10 ** 3
    head = f"Host: 127.0.0.1:{port}\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    for which in range(count):
        if body is None:
            yield f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode()
            continue
        identity = str(which % objects) if objects > 0 else str(which)
        text = body.replace(COUNTED, f"{first + which:0{DIGITS}}").replace(OBJECT, identity)
        yield (f"{method} {path}{identity if objects > 0 else ''} HTTP/1.1\r\n{head}Content-Type: application/json\r\n"
               f"Content-Length: {len(text)}\r\n\r\n{text}").encode()


def read_answer(connection):
    """Its status line; the rest is read to its end."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            raise RoundFailed("a connection was closed before its answer was complete")
        data += more
    head, _, rest = data.partition(b"\r\n\r\n")
    left = int(re.search(rb"(?i)content-length: (\d+)", head)[1]) - len(rest)
    while left > 0:
        left -= len(connection.recv(left)) or die("an answer was cut")
    return head.split(b"\r\n", 1)[0]


def send_all(port, requests, connections=16):
    """So many at once on as many connections, until all are answered; for what is much slower than this is."""
    sockets = [socket.create_connection(("127.0.0.1", port), 120) for _ in range(connections)]
    pending = list(requests)
    while pending:
        used = list(zip(sockets, pending))
        del pending[:connections]
        for connection, request in used:
            connection.sendall(request)
        for connection, _ in used:
            status = read_answer(connection)
            if b" 2" not in status:
                raise RoundFailed(f"answered {status.decode()}")
    for connection in sockets:
        connection.close()


# ---- what a process does: system calls, instructions ----


class Calls:
    """System calls of @pids until they are asked for: counted by perf, or by strace where perf cannot."""

    def __init__(self, pids, directory):
        self.kind, listed = None, [str(pid) for pid in pids]
        self.out = directory / "calls"
        for kind, command in (("perf", ["perf", "stat", "-x,", "-o", self.out, "-e", "raw_syscalls:sys_enter", "-p",
                                        ",".join(listed)]),
                              ("strace", ["strace", "-c", "-f", "-o", self.out, *(f"-p{pid}" for pid in listed)])):
            if shutil.which(kind) is None:
                continue
            self.process = subprocess.Popen([str(word) for word in command], stdout=subprocess.DEVNULL,
                                            stderr=subprocess.DEVNULL)
            time.sleep(0.5)
            if self.process.poll() is None:
                self.kind = kind
                return

    def count(self):
        """None: nothing here can count them."""
        if self.kind is None:
            return None
        self.process.send_signal(signal.SIGINT)
        self.process.wait(60)
        return getattr(readings, self.kind)(self.out.read_text())


def can_count_instructions():
    return shutil.which("valgrind") is not None and shutil.which("callgrind_control") is not None


# glibc chooses its string functions by processor: held at those that every amd64 has. Of others some clear by one instruction
# that repeats itself, and callgrind counts each byte of it: 19,000 of a GET, of which the machine feels a tenth of a microsecond.
TUNABLES = "glibc.cpu.hwcaps=" + ",".join("-" + feature for feature in (
    "AVX512F", "AVX512VL", "AVX512BW", "AVX2", "AVX_Fast_Unaligned_Load", "BMI2", "SSE4_2", "SSE4_1", "SSSE3", "ERMS",
    "FSRM", "RTM"))
CALLGRIND = ("env", f"GLIBC_TUNABLES={TUNABLES}", "valgrind", "--tool=callgrind", "--quiet")


class Instructions:
    """Of a process that runs under callgrind: what it does between two readings, so that its start is left out."""

    def __init__(self, directory, name):
        self.out = directory / f"callgrind-{name}"
        self.prefix = (*CALLGRIND, f"--callgrind-out-file={self.out}")
        self.dumps = 0

    def dump(self, pid):
        """Instructions since the last one."""
        self.dumps += 1
        asked = subprocess.run(["callgrind_control", "--dump", str(pid)], capture_output=True, text=True, check=False)
        written = pathlib.Path(f"{self.out}.{self.dumps}")
        wait_until(lambda: written.exists() and readings.callgrind(written.read_text()) is not None,
                   f"callgrind_control: {asked.stderr or asked.stdout}", 60, 0.05)
        return readings.callgrind(written.read_text())


class ThreadInstructions(Instructions):
    """The same, by thread."""

    def __init__(self, directory, name):
        super().__init__(directory, name)
        self.prefix = (*self.prefix, "--separate-threads=yes")

    def dump(self, pid):
        """{name: instructions} since the last one; the first thread has the name of callgrind and is called "first"."""
        self.dumps += 1
        asked = subprocess.run(["callgrind_control", "--dump", str(pid)], capture_output=True, text=True, check=False)
        tasks = sorted(pathlib.Path(f"/proc/{pid}/task").iterdir(), key=lambda task: int(task.name))
        names = ["first", *((task / "comm").read_text().strip() for task in tasks[1:])]
        written = [pathlib.Path(f"{self.out}.{self.dumps}-{number + 1:02}") for number in range(len(names))]
        wait_until(lambda: all(one.exists() and readings.callgrind(one.read_text()) is not None for one in written),
                   f"callgrind_control: {asked.stderr or asked.stdout}", 60, 0.05)
        return {name: readings.callgrind(one.read_text()) for name, one in zip(names, written)}
