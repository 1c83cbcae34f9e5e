"""What the daemon tells systemd: ready, alive as long as its threads are, stopping. usage: test_service.py ROAMHUBD [TEST]...

A thread that hangs is one that is stopped by ptrace in the middle of a turn of its loop."""
import contextlib
import ctypes
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import unittest

ROAMHUBD = os.path.abspath(sys.argv[1])
BEAT_S = 0.2
WATCHDOG_US = int(3 * BEAT_S * 1e6)
PATIENCE_S = 60
LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
SEIZE, INTERRUPT, SYSCALL, DETACH, SYSCALL_INFO = 0x4206, 0x4207, 24, 17, 0x420e
TRACE_SYSCALLS = 1  # PTRACE_O_TRACESYSGOOD
SYSCALL_STOP = signal.SIGTRAP | 0x80
ENTERED = 1  # PTRACE_SYSCALL_INFO_ENTRY
WALL = 0x40000000
WAITS = {232, 281, 441} if os.uname().machine == "x86_64" else {22, 441}  # epoll_wait(), epoll_pwait(), epoll_pwait2()


def trace(request, thread, address=0, data=0):
    if LIBC.ptrace(request, thread, address, data) < 0:
        raise OSError(ctypes.get_errno(), "ptrace")


def name_of(thread):
    return pathlib.Path(f"/proc/{thread}/comm").read_text().strip()


def entered(thread):
    """The number of the system call that it is about to make; None: it comes out of one."""
    info = ctypes.create_string_buffer(96)
    LIBC.ptrace(SYSCALL_INFO, thread, len(info), ctypes.addressof(info))
    return int.from_bytes(info.raw[24:32], "little") if info.raw[0] == ENTERED else None


@contextlib.contextmanager
def hung(thread, poke):
    """The thread stands still before a system call that it makes in a turn, which poke() gives it a reason for."""
    trace(SEIZE, thread, 0, TRACE_SYSCALLS)
    trace(INTERRUPT, thread)
    os.waitpid(thread, WALL)
    poke()
    numbers = []
    while True:  # out of the wait, or once more into it and out of it, then into something else
        trace(SYSCALL, thread)
        _, status = os.waitpid(thread, WALL)
        if os.WSTOPSIG(status) != SYSCALL_STOP:
            continue
        numbers.append(entered(thread))
        if numbers[-1] not in (None, *WAITS) and (numbers[0] is None or WAITS.intersection(numbers)):
            break
    try:
        yield
    finally:
        trace(DETACH, thread)


class Service(unittest.TestCase):
    def setUp(self):
        folder = self.enterContext(tempfile.TemporaryDirectory())
        self.heard = self.enterContext(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
        self.heard.bind(f"{folder}/notify")
        self.heard.settimeout(PATIENCE_S)
        environment = {**os.environ, "NOTIFY_SOCKET": f"{folder}/notify", "WATCHDOG_USEC": str(WATCHDOG_US)}
        environment.pop("WATCHDOG_PID", None)
        sets = ("http.listen=127.0.0.1:0", "admin.listen=127.0.0.1:0", "http.workers=1", f"store.url=sqlite:{folder}/hub.db")
        self.log = self.enterContext(open(f"{folder}/log", "w+", encoding="utf-8"))
        self.hub = subprocess.Popen([ROAMHUBD] + [word for s in sets for word in ("--set", s)], stderr=self.log, env=environment)
        self.addCleanup(self.end)

    def end(self):
        self.hub.kill()
        self.hub.wait()

    def tells(self):
        return self.heard.recv(4096).decode()

    def next_not(self, told):
        while (new := self.tells()) == told:
            pass
        return new

    def address(self):
        self.log.seek(0)
        return re.search(r"ready on \S+ \((\S+):(\d+)\)", self.log.read()).groups()

    def poke(self):
        self.enterContext(socket.create_connection(self.address())).sendall(b"GET / HTTP/1.1\r\nHost: hub\r\n\r\n")

    def silence(self, seconds):
        """True when nothing is told for so long."""
        self.heard.settimeout(seconds)
        try:
            self.tells()
            return False
        except TimeoutError:
            return True
        finally:
            self.heard.settimeout(PATIENCE_S)

    def test_ready_alive_stopping(self):
        self.assertEqual(self.tells(), "READY=1")
        self.address()
        self.assertEqual([self.tells() for _ in range(3)], ["WATCHDOG=1"] * 3)
        self.hub.send_signal(signal.SIGTERM)
        self.assertEqual(self.next_not("WATCHDOG=1"), "STOPPING=1")
        self.assertEqual(self.hub.wait(PATIENCE_S), 0)

    def test_not_alive_while_a_worker_hangs(self):
        self.assertEqual(self.tells(), "READY=1")
        self.assertEqual(self.tells(), "WATCHDOG=1")
        worker = None
        while worker is None:  # it names itself when it has begun
            threads = [int(name) for name in os.listdir(f"/proc/{self.hub.pid}/task")]
            worker = next((thread for thread in threads if name_of(thread).startswith("worker")), None)
        with hung(worker, self.poke):
            for _ in range(20):  # those told before, and the first that finds the turn
                if self.silence(5 * BEAT_S):
                    break
            else:
                self.fail("it said that it lives, and its worker did not go on")
        self.assertEqual(self.tells(), "WATCHDOG=1")


if __name__ == "__main__":
    sys.argv[1:] = sys.argv[2:]
    unittest.main(verbosity=2)
