#!/usr/bin/env python3
"""What waits to be read by platforms that do not read (fault H2): pages end at list.max_bytes, what waits is counted and
bounded for each platform and in all, and who does not read is gone.

tests/scenario/run starts the hub with --invite cpo --invite msp --invite third and the limits that stand in meson.build."""
import base64
import http.client
import http.server
import json
import os
import re
import socket
import threading
import time
import unittest
import urllib.request

HOST, PORT = os.environ["ADDRESS"].rsplit(":", 1)
PORT = int(PORT)
NOW = "2026-01-01T00:00:00Z"
MB = 1 << 20
OBJECTS, OBJECT_BYTES = 30, 900_000
PAGE_BYTES, OF_PLATFORM, OF_ALL = 6 * MB, 16 * MB, 24 * MB
LIST = "/ocpi/2.2.1/sender/locations"
PATIENCE_S = 60
SLACK = 256 * 1024  # of heads, and of refusals


class Partner:
    """A platform: it registers, serves its versions and answers everything else with what it was given."""

    def __init__(self, invitation, country, party, role, endpoints=()):
        self.country, self.party, self.answer = country, party, b"{}"
        partner = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                body = partner.serve(self.path)
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.endpoints = [{"identifier": "credentials", "role": "SENDER", "url": f"{self.url}/credentials"}] + [
            {"identifier": module, "role": side, "url": f"{self.url}/{side}/{module}"}
            for module, side in endpoints]
        self.authorization = "Token " + os.environ[f"B64_{invitation}"]
        credentials = {"token": f"of-{invitation}-" + "0" * 32, "url": self.url + "/versions", "roles": [
            {"role": role, "country_code": country, "party_id": party, "business_details": {"name": party}}]}
        status, _, body = self.ask("POST", "/ocpi/2.2.1/credentials", json.dumps(credentials), {})
        assert status == 200, body
        self.authorization = "Token " + base64.b64encode(json.loads(body)["data"]["token"].encode()).decode()

    def serve(self, path):
        if path == "/versions":
            data = [{"version": "2.2.1", "url": self.url + "/details"}]
        elif path == "/details":
            data = {"version": "2.2.1", "endpoints": self.endpoints}
        else:
            return self.answer
        return json.dumps({"status_code": 1000, "timestamp": NOW, "data": data}).encode()

    def headers(self, to=("DE", "HUB")):
        return {"OCPI-from-country-code": self.country, "OCPI-from-party-id": self.party,
                "OCPI-to-country-code": to[0], "OCPI-to-party-id": to[1], "Authorization": self.authorization}

    def ask(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection(HOST, PORT, timeout=PATIENCE_S)
        connection.request(method, path, body, self.headers() if headers is None else
                           {"Authorization": self.authorization, **headers})
        answer = connection.getresponse()
        out = answer.status, answer.headers, answer.read()
        connection.close()
        return out

    def ask_without_reading(self, path, to=("DE", "HUB")):
        """A connection whose answer is left where it is, but for its first bytes, which say that it is there."""
        waiting = socket.socket()
        waiting.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        waiting.settimeout(PATIENCE_S)
        waiting.connect((HOST, PORT))
        head = "".join(f"{name}: {value}\r\n" for name, value in self.headers(to).items())
        waiting.sendall(f"GET {path} HTTP/1.1\r\nHost: hub\r\n{head}\r\n".encode())
        return waiting, waiting.recv(256).decode("latin-1")


def location(n):
    return {"country_code": "DE", "party_id": "CPO", "id": f"L{n:03}", "publish": True, "address": "Road 1",
            "city": "Town", "country": "DEU", "coordinates": {"latitude": "50.10000", "longitude": "8.60000"},
            "time_zone": "Europe/Berlin", "last_updated": NOW, "x": "x" * OBJECT_BYTES}


def metric(name):
    with urllib.request.urlopen(urllib.request.Request(os.environ["ADMIN"] + "/metrics", headers={
            "Authorization": "Bearer " + os.environ["ADMIN_TOKEN"]})) as answer:
        return float(re.search(rf"^roamhub_{name} (\S+)$", answer.read().decode(), re.M)[1])


def await_nothing_unread():
    until = time.monotonic() + PATIENCE_S
    while metric("unread_bytes") > 0:
        assert time.monotonic() < until, f"{metric('unread_bytes')} bytes are still unread"
        time.sleep(0.1)


class Unread(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cpo = Partner("CPO", "DE", "CPO", "CPO", [("locations", "SENDER")])
        cls.msp = Partner("MSP", "NL", "MSP", "EMSP")
        cls.third = Partner("THIRD", "FR", "MSP", "EMSP")
        for n in range(OBJECTS):
            status, _, body = cls.cpo.ask("PUT", f"/ocpi/2.2.1/receiver/locations/DE/CPO/L{n:03}", json.dumps(location(n)))
            assert status in (200, 201), body[:500]

    def setUp(self):
        await_nothing_unread()

    def leave_unread(self, partner, path, to, most=12):
        """Ask until the hub refuses; how many answers wait, and the refusal."""
        waiting = []
        self.addCleanup(lambda: [one.close() for one in waiting])
        while len(waiting) < most:
            connection, head = partner.ask_without_reading(path, to)
            waiting.append(connection)
            if not head.startswith("HTTP/1.1 200 "):
                return len(waiting) - 1, head
        self.fail(f"{most} answers wait, and none was refused")

    def test_a_page_ends_at_max_bytes_and_its_link_leads_on(self):
        path, seen, pages = LIST + "?limit=25", [], 0
        while path is not None:
            status, headers, body = self.msp.ask("GET", path)
            self.assertEqual((status, headers["X-Limit"], headers["X-Total-Count"]), (200, "25", str(OBJECTS)))
            ids = [one["id"] for one in json.loads(body)["data"]]
            self.assertEqual(len(ids), min(PAGE_BYTES // OBJECT_BYTES, OBJECTS - len(seen)))
            seen += ids
            pages += 1
            link = headers["Link"]
            path = link and re.fullmatch(r'<http://[^/]+(/.*)>; rel="next"', link)[1]
        self.assertEqual(seen, [f"L{n:03}" for n in range(OBJECTS)])
        self.assertEqual(pages, OBJECTS // (PAGE_BYTES // OBJECT_BYTES))

    def test_pages_that_wait_are_bounded_for_a_platform_and_gone_when_nobody_reads(self):
        refused = metric("unread_refused_total")
        count, head = self.leave_unread(self.msp, LIST, ("DE", "HUB"))
        self.assertEqual(count, OF_PLATFORM // (PAGE_BYTES // OBJECT_BYTES * OBJECT_BYTES))
        self.assertTrue(head.startswith("HTTP/1.1 429 "), head)
        self.assertIn("\r\nRetry-After: ", head)
        self.assertLess(metric("unread_bytes"), SLACK + OF_PLATFORM)
        self.assertGreater(metric("unread_bytes"), OF_PLATFORM // 2)
        self.assertEqual(metric("unread_refused_total"), refused + 1)
        status, _, body = self.msp.ask("GET", LIST + "?limit=1&offset=29")
        self.assertEqual((status, json.loads(body)["status_code"]), (429, 2000))
        status, _, body = self.msp.ask("GET", "/ocpi/2.2.1/hubclientinfo")
        self.assertEqual(status, 200, "what is small is answered")
        status, _, body = self.cpo.ask("GET", "/ocpi/2.2.1/receiver/locations/DE/CPO/L001")
        self.assertEqual(status, 200, "others are not held")
        await_nothing_unread()
        self.assertEqual(self.msp.ask("GET", LIST + "?limit=1")[0], 200)

    def test_all_that_waits_is_bounded(self):
        self.leave_unread(self.msp, LIST, ("DE", "HUB"))
        _, head = self.leave_unread(self.third, LIST, ("DE", "HUB"))
        self.assertTrue(head.startswith("HTTP/1.1 503 "), head)
        self.assertIn("\r\nRetry-After: ", head)
        self.assertLess(metric("unread_bytes"), SLACK + OF_ALL)

    def test_answers_of_partners_that_wait_are_bounded_as_well(self):
        self.cpo.answer = json.dumps({"status_code": 1000, "timestamp": NOW, "data": [
            location(n) for n in range(6)]}).encode()
        count, head = self.leave_unread(self.msp, LIST, ("DE", "CPO"))
        self.assertEqual(count, 3, "each waits as it came, without what it was made of")
        self.assertTrue(head.startswith("HTTP/1.1 429 "), head)
        self.assertLess(metric("unread_bytes"), SLACK + OF_PLATFORM)


if __name__ == "__main__":
    unittest.main(verbosity=2)
