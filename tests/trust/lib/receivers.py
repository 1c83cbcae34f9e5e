"""receivers: platforms that take pushes, each with a port of its own: well ones, and some that misbehave, in a process of
their own. All answer the hub's probes, so that those that misbehave are tried again and again."""

import asyncio
import json
import multiprocessing
import os
import random
import signal
import socket
import struct

from live import rig

FORK = multiprocessing.get_context("fork")
WELL = "well"
KINDS = {"hang": 10, "drip": 10, "endless": 5, "reset": 5, "garbage": 5}
GOOD = rig.envelope({}).encode()


async def read_request(reader):
    """Start line and body; EOFError at the end."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    return head.split(b"\r\n", 1)[0].decode(), await reader.readexactly(length)


def whole(body):
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


class Receiver:
    def __init__(self, kind, took=None):
        self.kind, self.took, self.called = kind, took, 0

    async def start(self):
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", 0, backlog=512)
        self.port = self.server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    async def serve(self, reader, writer):
        try:
            while True:
                start, body = await read_request(reader)
                if " /versions" in start:
                    versions = [{"version": "2.2.1", "url": self.url + "/2.2.1"}]
                    writer.write(whole(rig.envelope(versions).encode()))
                elif start.startswith("GET"):
                    writer.write(whole(rig.envelope(rig.details(self.url, rig.ROLES["EMSP"])).encode()))
                else:
                    self.called += 1
                    await getattr(self, self.kind)(writer, body)
                await writer.drain()
        except (OSError, EOFError):
            pass
        finally:
            writer.close()

    async def well(self, writer, body):
        if self.took is not None:
            self.took(self, body)
        writer.write(whole(GOOD))

    async def hang(self, writer, _):
        await asyncio.sleep(3600)

    async def drip(self, writer, _):
        for byte in whole(GOOD):
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0.5)

    async def endless(self, writer, _):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
        chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
        while True:
            writer.write(chunk)
            await writer.drain()

    async def reset(self, writer, _):
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise EOFError

    async def garbage(self, writer, _):
        writer.write(os.urandom(random.randrange(1, 3000)))
        await writer.drain()
        raise EOFError


async def serve_all(pipe, kinds):
    receivers = [Receiver(kind) for kind in kinds]
    for receiver in receivers:
        await receiver.start()
    pipe.send([receiver.url for receiver in receivers])
    loop = asyncio.get_running_loop()
    try:
        while await loop.run_in_executor(None, pipe.recv):
            called = {}
            for receiver in receivers:
                called[receiver.kind] = called.get(receiver.kind, 0) + receiver.called
            pipe.send(called)
    except EOFError:
        os._exit(0)  # whoever hangs would keep the loop


class Elsewhere:
    """Receivers of these kinds; .urls of them, and how often each kind was called."""

    def __init__(self, kinds):
        self.pipe, theirs = FORK.Pipe()
        self.process = FORK.Process(target=self.run, args=(self.pipe, theirs, kinds), daemon=True)
        self.process.start()
        theirs.close()
        self.urls = self.pipe.recv()

    @staticmethod
    def run(ours, theirs, kinds):
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        ours.close()
        asyncio.run(serve_all(theirs, kinds))

    def called(self):
        self.pipe.send(True)
        return self.pipe.recv()

    def end(self):
        self.process.terminate()
        self.process.join()


def body_of(owner, identity, name):
    return json.dumps({**rig.location(*owner, identity, 1), "name": name}).encode()
