"""crowds: thousands of connections that are held, or used slowly, in a process of their own: its descriptors and its
processor time are not those of who measures."""

import errno
import multiprocessing
import select
import signal
import socket
import struct
import time

import live

FORK = multiprocessing.get_context("fork")
TICK_S = 1.0
SMALL = 2048  # bytes of a receive buffer, for who reads slowly


def connect(port, small=False):
    one = socket.socket()
    if small:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL)
    one.settimeout(20)
    one.connect(("127.0.0.1", port))
    return one


class Crowd:
    """Runs in the other process; each command is a method, and what it returns is the answer."""

    def __init__(self):
        self.held = []
        self.slow = []

    def idle(self, port, count, request):
        """Each asks once and is answered; then it waits. How many were answered."""
        fresh = [connect(port) for _ in range(count)]
        answered = 0
        for one in fresh:
            one.sendall(request)
        for one in fresh:
            try:
                answered += one.recv(4096).startswith(b"HTTP/1.1 200 ")
            except OSError:
                pass
        self.held += fresh
        return answered

    def beyond(self, port, count, request, seconds):
        """More than there may be: (served, refused, neither within @seconds, longest time of those)."""
        began = time.monotonic()
        served = refused = 0
        longest, poll, waiting = 0.0, select.poll(), {}
        for _ in range(count):
            one = connect(port)
            try:
                one.sendall(request)
            except OSError:
                pass
            waiting[one.fileno()] = one
            poll.register(one, select.POLLIN | select.POLLHUP | select.POLLERR)
        while waiting and time.monotonic() < began + seconds:
            for number, _ in poll.poll(100):
                one = waiting.pop(number)
                poll.unregister(number)
                longest = time.monotonic() - began
                try:
                    good = one.recv(4096).startswith(b"HTTP/1.1 200 ")
                except OSError:
                    good = False
                served, refused = served + good, refused + (not good)
                one.close()
        neither = len(waiting)
        for one in waiting.values():
            one.close()
        return served, refused, neither, longest

    def leave(self):
        for one in self.held + [row[1] for row in self.slow]:
            # reset: else their ports would be taken for a minute, and there are not that many
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            one.close()
        self.held, self.slow = [], []
        return 0

    def begin_slowly(self, port, count, kinds):
        """@kinds: name: (what is said at once, what is said one byte a tick). Readers say nothing more and read."""
        for name, (first, rest) in kinds.items():
            for _ in range(count):
                one = connect(port, small=not rest)
                one.sendall(first)
                one.setblocking(False)
                self.slow.append([name, one, rest, time.monotonic()])
        return len(self.slow)

    def go_on_slowly(self, seconds):
        """(kind, seconds until it was cut) of those that were cut within @seconds; the others stay. Each speaks at a moment of
        its own: all at once they would be a burst of work each second, which others wait for whatever the hub does."""
        gone, ends = [], time.monotonic() + seconds
        while self.slow and time.monotonic() < ends:
            began, rows = time.monotonic(), self.slow[:]
            for number, row in enumerate(rows):
                time.sleep(max(0.0, began + TICK_S * number / len(rows) - time.monotonic()))
                if not is_alive(row):
                    gone.append((row[0], time.monotonic() - row[3]))
                    row[1].close()
                    self.slow.remove(row)
            time.sleep(max(0.0, began + TICK_S - time.monotonic()))
        return gone


def is_alive(row):
    """Says one byte, or reads a few; whoever was cut learns it by that."""
    _, one, rest, _ = row
    try:
        if rest:
            one.send(rest[:1])
            row[2] = rest[1:] or rest
            return one.recv(4096, socket.MSG_PEEK) != b"" and not answered(one)
        return one.recv(16) != b""
    except BlockingIOError:
        return True
    except OSError as fault:
        return fault.errno == errno.EAGAIN


def answered(one):
    """An answer to what is not complete is a refusal: the connection ends behind it."""
    return b"HTTP/1.1 4" in one.recv(4096)


def serve(pipe):
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    live.allow_descriptors(20000)
    crowd = Crowd()
    while True:
        try:
            name, arguments = pipe.recv()
        except EOFError:
            return
        pipe.send(getattr(crowd, name)(*arguments))


class Elsewhere:
    """The crowd, seen from here."""

    def __enter__(self):
        self.pipe, theirs = FORK.Pipe()
        self.process = FORK.Process(target=serve, args=(theirs,), daemon=True)
        self.process.start()
        theirs.close()
        return self

    def __exit__(self, *_):
        self.pipe.close()
        self.process.terminate()
        self.process.join()

    def ask(self, name, *arguments):
        self.begin(name, *arguments)
        return self.pipe.recv()

    def begin(self, name, *arguments):
        self.pipe.send((name, arguments))

    def answer(self):
        return self.pipe.recv()
