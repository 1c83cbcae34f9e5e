#!/usr/bin/env python3
"""Custom modules (RTE-062, VER-015, fault O13): two partners that both list one reach each other through the hub."""
import base64
import http.server
import json
import os
import subprocess
import threading
import unittest
import urllib.error
import urllib.request

BASE, HUB = os.environ["BASE"], os.environ["HUB"]
STAMP = "2026-11-30T00:00:00Z"


class Partner(http.server.BaseHTTPRequestHandler):
    """Versions and details as the server has them; everything else is noted and answered with what came."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self):
        server, body = self.server, self.rfile.read(int(self.headers.get("Content-Length", 0)))
        data = {"/versions": [{"version": "2.2.1", "url": server.url + "/2.2.1"}],
                "/2.2.1": {"version": "2.2.1", "endpoints": server.endpoints}}.get(self.path)
        if data is None:
            server.seen.append((self.command, self.path, body, self.headers))
            data = {"got": json.loads(body) if body else None}
        text = json.dumps({"data": data, "status_code": 1000, "timestamp": STAMP}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer


def start(party, role, customs, token):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Partner)
    server.daemon_threads = True
    server.url, server.seen, server.party = f"http://127.0.0.1:{server.server_port}", [], party
    server.endpoints = [{"identifier": "credentials", "role": "SENDER", "url": server.url + "/credentials"}]
    server.endpoints += [{"identifier": name, "role": side, "url": f"{server.url}/{side}/{name}"} for name, side in customs]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    server.token = token
    _, said = ask(server, "POST", BASE + "/ocpi/2.2.1/credentials", {
        "token": "of-" + party, "url": server.url + "/versions", "roles": [
            {"role": role, "country_code": party[:2], "party_id": party[3:], "business_details": {"name": party}}]})
    server.token = said["data"]["token"]
    return server


def ask(server, method, url, body=None, to=None):
    headers = {"Authorization": "Token " + base64.b64encode(server.token.encode()).decode(), "Content-Type": "application/json"}
    if to:
        headers |= {"OCPI-to-country-code": to[:2], "OCPI-to-party-id": to[3:],
                    "OCPI-from-country-code": server.party[:2], "OCPI-from-party-id": server.party[3:]}
    request = urllib.request.Request(url, None if body is None else json.dumps(body).encode(), headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as answer:
        return answer.code, json.load(answer)


class Custom(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        many = [(f"de-m{i}", "RECEIVER") for i in range(20)]
        cls.one = start("DE*ONE", "CPO", [("nltnm-things", "SENDER"), ("nltnm-things", "RECEIVER")], os.environ["TOKEN_ONE"])
        cls.two = start("NL*TWO", "EMSP", [("nltnm-things", "RECEIVER"), ("a/b", "RECEIVER"), ("x" * 65, "RECEIVER")] + many,
                        os.environ["TOKEN_TWO"])
        cls.three = start("FR*TRE", "EMSP", [], os.environ["TOKEN_THREE"])

    def customs(self, partner):
        _, said = ask(partner, "GET", BASE + "/ocpi/2.2.1")
        return [e["identifier"] for e in said["data"]["endpoints"] if "-" in e["identifier"] or "/" in e["identifier"]
                or e["identifier"].startswith("xx")]

    def test_it_is_shown_to_who_lists_it(self):
        self.assertEqual(self.customs(self.one), ["nltnm-things"] * 2)
        self.assertEqual(self.customs(self.three), [])
        self.assertEqual(len(self.customs(self.two)), 16)

    def test_what_is_sent_arrives_as_it_was(self):
        self.two.seen.clear()
        url = BASE + "/ocpi/2.2.1/receiver/nltnm-things/a/b%2Fc?d=e"
        status, said = ask(self.one, "PUT", url, {"f": 1.50}, "NL*TWO")
        self.assertEqual((status, said["status_code"], said["data"]), (200, 1000, {"got": {"f": 1.5}}))
        method, path, body, headers = self.two.seen[0]
        self.assertEqual((method, path, body), ("PUT", "/RECEIVER/nltnm-things/a/b%2Fc?d=e", b'{"f": 1.5}'))
        self.assertEqual((headers["OCPI-to-party-id"], headers["OCPI-from-party-id"]), ("TWO", "ONE"))
        for method in ("GET", "POST", "PATCH", "DELETE"):
            status, said = ask(self.one, method, BASE + "/ocpi/2.2.1/receiver/nltnm-things", to="NL*TWO",
                               body={} if method in ("POST", "PATCH") else None)
            self.assertEqual((status, said["status_code"], self.two.seen[-1][0]), (200, 1000, method))

    def test_who_does_not_list_it_neither_sends_nor_gets_it(self):
        url = BASE + "/ocpi/2.2.1/receiver/nltnm-things"
        self.assertEqual(ask(self.three, "GET", url, to="NL*TWO")[0], 404)
        self.assertEqual(ask(self.one, "GET", url, to="FR*TRE")[1]["status_code"], 4000)
        sender = BASE + "/ocpi/2.2.1/sender/nltnm-things"
        self.assertEqual(ask(self.one, "GET", sender, to="NL*TWO")[1]["status_code"], 4000)
        self.assertEqual(ask(self.one, "GET", BASE + "/ocpi/2.2.1/receiver/nltnm-other", to="NL*TWO")[0], 404)

    def test_nobody_is_found_without_to(self):
        url = BASE + "/ocpi/2.2.1/receiver/nltnm-things"
        for to in (None, "XX*YYY", "DE*ONE", "DE*HUB"):
            status, said = ask(self.one, "GET", url, to=to)
            self.assertEqual((status, said["status_code"]), (200, 4001), to)

    def test_a_sandbox_is_there_for_its_owner_alone(self):
        done = subprocess.run(["roamhubctl", "--json", "sandbox", "start", os.environ["ID_TWO"], "--role", "CPO"],
                              capture_output=True, text=True, check=True)
        party = json.loads(done.stdout)["party"]
        url = BASE + "/ocpi/2.2.1/receiver/nltnm-things"
        absent = ask(self.one, "GET", url, to="XX*YYY")[1]["status_message"]
        status, said = ask(self.one, "GET", url, to=party)
        self.assertEqual((status, said["status_code"], said["status_message"]), (200, 4001, absent.replace("XX*YYY", party)))
        self.assertNotEqual(ask(self.two, "GET", url, to=party)[1]["status_code"], 4001)


unittest.main()
