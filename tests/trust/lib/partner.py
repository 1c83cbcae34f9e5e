"""partner: a simulated platform in a thread of its own, and what came to it; the hub and the rig of the benchmarks."""

import http.server
import json
import pathlib
import sys
import threading

TESTS = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(TESTS / "bench"))

import rig

OK = rig.envelope(None).encode()
EVERYTHING = {"CPO": (("locations", "SENDER"), ("tariffs", "SENDER"), ("sessions", "SENDER"), ("cdrs", "SENDER"),
                      ("tokens", "RECEIVER"), ("commands", "RECEIVER"), ("chargingprofiles", "RECEIVER"),
                      ("hubclientinfo", "RECEIVER")),
              "EMSP": (("locations", "RECEIVER"), ("tariffs", "RECEIVER"), ("sessions", "RECEIVER"), ("cdrs", "RECEIVER"),
                       ("tokens", "SENDER"), ("commands", "SENDER"), ("chargingprofiles", "SENDER"),
                       ("hubclientinfo", "RECEIVER"))}


class Heard:
    """One request that came."""

    def __init__(self, method, path, headers, body):
        self.method, self.path, self.headers, self.body = method, path, headers, body

    def text(self):
        fields = "".join(f"{name}: {value}\n" for name, value in self.headers.items())
        return f"{self.method} {self.path}\n{fields}\n".encode() + self.body


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512

    def handle_error(self, request, client_address):
        pass  # the hub goes away when it likes


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body leave together
    disable_nagle_algorithm = True

    def serve(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        status, fields, answer = self.server.partner.serve(Heard(self.command, self.path, self.headers, body))
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **fields}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)
        self.wfile.flush()

    do_GET = do_PUT = do_POST = do_PATCH = do_DELETE = serve

    def log_message(self, *_):
        pass


class Partner:
    """A platform of one party. @answer(heard) gives status, header fields and body; None: a success without data."""

    def __init__(self, country, party, role, answer=None, modules=None, address="127.0.0.1"):
        self.country, self.party, self.role = country, party, role
        self.answer, self.modules = answer, EVERYTHING[role] if modules is None else modules
        self.heard = []
        self.lock = threading.Lock()
        self.server = Server((address, 0), Handler)
        self.server.partner = self
        self.url = f"http://{address}:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __str__(self):
        return f"{self.country}*{self.party}"

    def serve(self, heard):
        path = heard.path.partition("?")[0]
        if path == "/versions":
            return 200, {}, rig.envelope([{"version": "2.2.1", "url": self.url + "/2.2.1"}]).encode()
        if path == "/2.2.1":
            return 200, {}, rig.envelope(rig.details(self.url, self.modules)).encode()
        with self.lock:
            self.heard.append(heard)
        answered = self.answer(heard) if self.answer else None
        return answered or (200, {}, OK)

    def register(self, hub):
        self.hub = hub
        self.token = rig.register(hub, self.country, self.party, self.role, self.url + "/versions")
        self.platform = hub.platforms[str(self)]
        return self

    def say(self, method, path, document=None, headers=(), connection=None):
        """Status, headers and bytes of the hub's answer; @document: bytes as they are, or what becomes JSON."""
        body = document if document is None or isinstance(document, bytes) else json.dumps(document).encode()
        return rig.call(self.hub.port, method, path, self.token, body, headers, connection)

    def to(self):
        return {"OCPI-to-country-code": self.country, "OCPI-to-party-id": self.party}

    def close(self):
        self.server.shutdown()
        self.server.server_close()
