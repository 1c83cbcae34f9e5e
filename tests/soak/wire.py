"""wire: as much HTTP/1.1 as simulated platforms need, on asyncio: a server, and a client on one kept connection."""

import asyncio


class Gone(Exception):
    """The other side went away before the whole answer was there."""


class Refused(Gone):
    """There was nobody to be asked."""


async def read_head(reader):
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    fields = {}
    for line in head[1:]:
        name, _, value = line.partition(":")
        if name:
            fields[name.lower()] = value.strip()
    return head[0], fields


async def read_message(reader):
    """Start line, header fields in lower case, body."""
    start, fields = await read_head(reader)
    length = int(fields.get("content-length", 0))
    return start, fields, await reader.readexactly(length) if length else b""


class Client:
    """@authorization() gives what the next request says of who it is: it may change meanwhile."""

    def __init__(self, port, authorization):
        self.port, self.authorization = port, authorization
        self.reader = self.writer = None
        self.closed = 0  # so often

    async def request(self, method, path, body=b"", headers=(), seconds=20):
        try:
            return await asyncio.wait_for(self._exchange(method, path, body, headers), seconds)
        except ConnectionRefusedError as fault:
            raise Refused(f"{method} {path}: {fault!r}") from fault
        except (OSError, EOFError, asyncio.TimeoutError) as fault:
            self.close()
            raise Gone(f"{method} {path}: {fault!r}") from fault

    async def _connect(self):
        """One who is left meanwhile would never answer: the kernel alone has taken the connection."""
        closed = self.closed
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        if self.closed != closed:
            writer.close()
            raise ConnectionRefusedError("it was left")
        self.reader, self.writer = reader, writer

    async def _exchange(self, method, path, body, headers):
        if self.writer is None:
            await self._connect()
        fields = {"Host": f"127.0.0.1:{self.port}", "Authorization": self.authorization(), **dict(headers)}
        if body:
            fields.update({"Content-Type": "application/json", "Content-Length": str(len(body))})
        head = f"{method} {path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        self.writer.write(head.encode() + b"\r\n" + body)
        start, answered, content = await read_message(self.reader)
        if answered.get("connection", "").lower() == "close":
            self.close()
        return int(start.split()[1]), answered, content

    def close(self):
        self.closed += 1
        if self.writer is not None:
            self.writer.close()
        self.reader = self.writer = None


class Turns:
    """Clients that are asked in turn: @ports() has those of who may be."""

    def __init__(self, ports, authorization):
        self.ports, self.authorization = ports, authorization
        self.clients, self.number = {}, 0

    async def request(self, method, path, body=b"", headers=(), seconds=20):
        ports = self.ports()
        for _ in ports:
            self.number += 1
            port = ports[self.number % len(ports)]
            if port not in self.ports():
                continue  # it fell meanwhile
            if port not in self.clients:
                self.clients[port] = Client(port, self.authorization)
            try:
                return await self.clients[port].request(method, path, body, headers, seconds)
            except Refused:
                continue  # nothing was sent
        raise Refused(f"{method} {path}: nobody listens")

    def leave(self, port):
        """Whoever is asked there has not answered."""
        if port in self.clients:
            self.clients[port].close()

    def close(self):
        for client in self.clients.values():
            client.close()


class Server:
    """await @handle(method, target, headers, body) gives status, further header fields and body; EOFError: none."""

    def __init__(self, handle):
        self.handle = handle
        self.open = 0

    async def start(self):
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=512)
        self.port = self.server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    async def _serve(self, reader, writer):
        self.open += 1
        try:
            while True:
                start, fields, body = await read_message(reader)
                method, target, _ = start.split(" ")
                status, more, answer = await self.handle(method, target, fields, body)
                head = f"HTTP/1.1 {status} OK\r\nContent-Type: application/json\r\nContent-Length: {len(answer)}\r\n"
                head += "".join(f"{name}: {value}\r\n" for name, value in more.items())
                writer.write(head.encode() + b"\r\n" + answer)
                await writer.drain()
        except (OSError, EOFError):
            pass  # a kept connection ends some day, and a killed hub ends all of them
        finally:
            self.open -= 1
            writer.close()

    def close(self):
        self.server.close()
