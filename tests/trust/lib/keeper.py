"""keeper: a platform for judges: it answers handshakes, keeps what it is given, and says what it is told to say."""

import http.server
import json
import threading
import urllib.parse

import rig


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def serve(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        answer = self.server.partner.answer(self.command, urllib.parse.urlsplit(self.path).path, body)
        try:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)
        except OSError:
            self.close_connection = True

    do_GET = do_PUT = do_POST = do_PATCH = do_DELETE = serve


class Listener(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, *_):
        pass  # the hub may die in the middle of a call


class Partner:
    """Of one party. @held: what was pushed or sent to it, by the path behind its interface."""

    def __init__(self, country, party, role):
        self.country, self.party, self.role = country, party, role
        self.data, self.held, self.posts = {}, {}, []
        self.lock = threading.Lock()
        self.listener = Listener(("127.0.0.1", 0), Handler)
        self.listener.partner = self
        self.url = f"http://127.0.0.1:{self.listener.server_address[1]}"
        threading.Thread(target=self.listener.serve_forever, args=(0.05,), daemon=True).start()

    def close(self):
        self.listener.shutdown()
        self.listener.server_close()

    def register(self, hub, modules=None):
        self.modules = rig.ROLES[self.role] if modules is None else modules
        self.token = rig.register(hub, self.country, self.party, self.role, self.url + "/versions")

    def answer(self, method, path, body):
        if path == "/versions":
            return rig.envelope([{"version": "2.2.1", "url": self.url + "/2.2.1"}]).encode()
        if path == "/2.2.1":
            return rig.envelope(rig.details(self.url, self.modules)).encode()
        with self.lock:
            if method == "GET":
                return rig.envelope(self.data.get(path, [])).encode()
            if method == "POST":
                self.posts.append((path, body))
                return rig.envelope(self.data.get(path, {"result": "ACCEPTED", "timeout": 30})).encode()
            if method == "DELETE":
                self.held.pop(path, None)
            else:
                self.held[path] = body
        return rig.envelope(None).encode().replace(b'"data":null,', b"")

    def wants(self, path):
        with self.lock:
            return self.held.get(path)
