#!/usr/bin/env python3
"""What becomes of the tokens with partners that say yes and mean something else, under tests/scenario/run.

The partner is a web server that answers as each test says, and tells what it was asked."""
import base64
import http.server
import json
import os
import socket
import subprocess
import threading
import time
import unittest
import urllib.error
import urllib.request

HUB, BASE, LOG = os.environ["HUB"], os.environ["BASE"], os.environ["LOG"]
ROLES = [{"role": "EMSP", "party_id": "XCH", "country_code": "NL", "business_details": {"name": "Exchange"}}]


class Partner:
    """Knows one token, and answers POST and PUT of credentials by SAY, a function of the body; None: it hangs up."""

    def __init__(self, roles=None):
        self.token, self.asked, self.theirs, self.say = "first", [], None, self.yes
        self.meanwhile = None  # what happens while a list is asked for
        self.roles, self.got = roles or ROLES, None
        partner = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *args):
                pass

            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                partner.serve(self, json.loads(body) if body else None)

            do_GET = do_POST = do_PUT = do_DELETE = answer

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.base = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def credentials(self, token):
        return {"token": token, "url": f"{self.base}/versions", "roles": self.roles}

    def yes(self, body):
        """Takes them and has a new token, which alone is good from now on."""
        self.got, self.token = body["token"], f"token-{len(self.asked)}"
        return self.credentials(self.token)

    def data_for(self, method, path, body):
        if path == "/versions":
            return [{"version": "2.2.1", "url": f"{self.base}/2.2.1"}]
        if path == "/2.2.1":
            return {"version": "2.2.1", "endpoints": [
                {"identifier": "credentials", "role": "RECEIVER", "url": f"{self.base}/credentials"},
                {"identifier": "tokens", "role": "SENDER", "url": f"{self.base}/tokens"}]}
        if path == "/tokens":
            return []
        if method == "GET":
            return self.credentials(self.theirs or self.token)
        return None if method == "DELETE" else self.say(body)

    def serve(self, request, body):
        given = request.headers.get("Authorization", "").removeprefix("Token ")
        try:
            token = base64.b64decode(given, validate=True).decode()
        except ValueError:
            token = given
        self.asked.append((request.command, request.path, token))
        if request.path == "/tokens" and self.meanwhile is not None:
            meanwhile, self.meanwhile = self.meanwhile, None
            meanwhile()
        if token != self.token and token != self.theirs:
            return self.send(request, 401, {"status_code": 2000, "timestamp": "2026-11-30T00:00:00Z"})
        data = self.data_for(request.command, request.path, body)
        if data is None and request.command != "DELETE":
            request.close_connection = True
            return None
        return self.send(request, 200, {"status_code": 1000, "timestamp": "2026-11-30T00:00:00Z", "data": data})

    def send(self, request, status, body):
        text = json.dumps(body).encode()
        request.send_response(status)
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", str(len(text)))
        request.end_headers()
        request.wfile.write(text)

    def ask(self, method, path, body=None, **headers):
        """Status and envelope of a request to the hub."""
        header = "Token " + base64.b64encode(self.got.encode()).decode()
        request = urllib.request.Request(f"{BASE}/ocpi/2.2.1/{path}", method=method, data=body and json.dumps(body).encode(),
                                         headers={"Authorization": header, "Content-Type": "application/json", **headers})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.loads(answer.read())

    def exchange(self):
        """New tokens on both sides; the old ones end at once."""
        self.theirs = f"token-{len(self.asked)}"
        _, answer = self.ask("PUT", "credentials", self.credentials(self.theirs))
        self.got, self.token, self.theirs = answer["data"]["token"], self.theirs, None

    def methods(self):
        return [method for method, path, _ in self.asked if path == "/credentials"]


def ctl(*words):
    done = subprocess.run(["roamhubctl", *words], capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def status_of(token):
    """Of a list that only a platform that is registered may see."""
    header = "Token " + base64.b64encode(token.encode()).decode()
    request = urllib.request.Request(f"{BASE}/ocpi/2.2.1/hubclientinfo", headers={"Authorization": header})
    try:
        return urllib.request.urlopen(request).status
    except urllib.error.HTTPError as error:
        return error.code


class Exchange(unittest.TestCase):
    number = 0

    def setUp(self):
        Exchange.number += 1
        self.partner = Partner([dict(ROLES[0], party_id=f"X{Exchange.number:02}")])
        self.addCleanup(self.partner.server.shutdown)

    def connect(self, partner=None):
        base = (partner or self.partner).base
        return ctl("party", "connect", "--name", "exchange", "--versions-url", f"{base}/versions", "--token", "first")

    def connected(self):
        status, said = self.connect()
        self.assertEqual(status, 0, said)
        return said.split()[1], self.partner.got

    def rotate(self, platform):
        """After one that failed the hub tries again by itself, and one exchange goes on at a time."""
        for _ in range(600):
            status, said = ctl("party", "rotate", platform)
            if "under way" not in said:
                break
            time.sleep(0.05)
        self.assertEqual(status, 0, said)

    def await_rotation(self, platform, what):
        for _ in range(600):
            rotation = json.loads(ctl("party", "show", platform, "--json")[1])["rotation"]
            if what(rotation):
                return rotation
            time.sleep(0.05)
        self.fail(rotation)

    def test_O8_a_yes_with_credentials_that_are_none_ends_in_DELETE(self):
        """fault O8: with the token that they hold, if it is one, else with the one that the hub came with"""
        for told, token in [({"token": "theirs", "roles": []}, "theirs"), ({"roles": []}, "first"),
                            ({"token": "not one", "roles": []}, "first")]:
            partner = self.partner
            partner.asked.clear()
            partner.token, partner.theirs = "first", "theirs"
            partner.say = lambda body, told=told: told
            status, said = self.connect()
            self.assertEqual(status, 1)
            self.assertRegex(said, "it was told, by DELETE")
            self.assertEqual(partner.methods(), ["POST", "DELETE"])
            self.assertEqual(partner.asked[-1][2], token)
        self.assertEqual(ctl("party", "list")[1].count("PLANNED"), 0)

    def test_what_was_in_the_air_when_tokens_were_exchanged_is_asked_again(self):
        asks = Partner([{"role": "CPO", "party_id": f"C{self.number:02}", "country_code": "DE",
                         "business_details": {"name": "Asks"}}])
        self.addCleanup(asks.server.shutdown)
        self.assertEqual(self.connect(asks)[0], 0)
        self.connected()
        parties = {"OCPI-from-country-code": "DE", "OCPI-from-party-id": f"C{self.number:02}",
                   "OCPI-to-country-code": "NL", "OCPI-to-party-id": f"X{self.number:02}"}
        old = self.partner.token
        self.partner.meanwhile = self.partner.exchange
        status, answer = asks.ask("GET", "sender/tokens", **parties)
        self.assertEqual((status, answer["status_code"], answer["data"]), (200, 1000, []))
        self.assertEqual([token for _, path, token in self.partner.asked if path == "/tokens"], [old, self.partner.token])
        self.partner.token = "which the hub was not told"
        _, answer = asks.ask("GET", "sender/tokens", **parties)
        self.assertEqual(answer["status_code"], 2000)  # as it was told, once
        self.assertEqual(len([1 for _, path, _ in self.partner.asked if path == "/tokens"]), 3)

    def test_what_was_turned_away_while_suspended_is_told_so(self):
        """fault H1: the head is judged when it comes, the answer waits for the body, and the platform is resumed between"""
        platform, token = self.connected()
        self.assertEqual(ctl("party", "suspend", platform)[0], 0)
        host, port = BASE.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=30) as late:
            late.sendall(b"PUT /ocpi/2.2.1/credentials HTTP/1.1\r\nHost: hub\r\nContent-Length: 2\r\nAuthorization: Token "
                         + base64.b64encode(token.encode()) + b"\r\n\r\n")
            self.assertEqual(status_of(token), 403)  # one worker: it has seen the head by now
            self.assertEqual(ctl("party", "resume", platform)[0], 0)
            self.assertEqual(status_of(token), 200)
            late.sendall(b"{}")
            self.assertEqual(late.recv(1 << 16).split()[1], b"403")

    def test_CRD_043_a_yes_to_a_PUT_with_credentials_that_are_none_shuts_nobody_out(self):
        """It took ours: they are good. Its own are asked for, and used when it tells them."""
        partner = self.partner
        platform, old = self.connected()
        partner.theirs = partner.token

        def say(body):
            partner.yes(body)
            partner.theirs, partner.old = partner.token, partner.theirs
            partner.token = partner.old
            return {"token": partner.theirs}

        partner.say = say
        status, said = ctl("party", "rotate", platform)
        self.assertEqual(status, 0, said)
        self.assertEqual(partner.methods(), ["POST", "PUT", "GET"])
        self.assertNotEqual(partner.got, old)
        self.assertEqual(status_of(partner.got), 200)
        partner.token = partner.theirs
        partner.say = partner.yes
        self.assertEqual(ctl("party", "rotate", platform)[0], 0)
        self.assertEqual(partner.asked[-1], ("PUT", "/credentials", partner.theirs))

    def test_CRD_043_an_answer_that_is_lost_with_the_token_in_it(self):
        """It is let in with either of ours; that its own is lost is said, and no DELETE is sent."""
        partner = self.partner
        platform, old = self.connected()
        partner.say = lambda body: partner.yes(body) and None
        status, said = ctl("party", "rotate", platform)
        self.assertEqual(status, 1)
        self.assertRegex(said, "its new one is lost")
        self.assertEqual(status_of(old), 200)
        self.assertEqual(status_of(partner.got), 200)
        self.assertNotIn("DELETE", partner.methods())

    def test_CRD_043_a_hub_that_died_takes_the_token_that_the_partner_tells(self):
        """SIGKILL while the answer is on its way: GET credentials with the old one tells the new one."""
        partner = self.partner
        platform, old = self.connected()
        came, go_on = threading.Event(), threading.Event()
        before = partner.token

        def say(body):
            partner.yes(body)
            partner.theirs, partner.token = partner.token, before
            came.set()
            go_on.wait(30)

        partner.say = say
        rotate = subprocess.Popen(["roamhubctl", "party", "rotate", platform], stderr=subprocess.DEVNULL)
        self.assertTrue(came.wait(30))
        self.assertEqual(status_of(partner.got), 200)
        subprocess.run(["hub", "kill"], check=True)
        go_on.set()
        self.assertEqual(rotate.wait(), 1)
        self.assertEqual(status_of(old), 200)
        self.assertEqual(status_of(partner.got), 200)
        self.await_rotation(platform, lambda rotation: rotation["failures"] == 0 and not rotation["under_way"] and
                            "GET" in partner.methods())
        partner.token, partner.say = partner.theirs, partner.yes
        self.rotate(platform)

    def test_CRD_043_a_yes_whose_roles_are_refused_changes_the_tokens_alone(self):
        partner = self.partner
        platform, old = self.connected()
        other = Partner()
        self.addCleanup(other.server.shutdown)
        status, said = ctl("party", "connect", "--name", "other", "--versions-url", f"{other.base}/versions",
                           "--token", "first")
        self.assertEqual(status, 0, said)
        mine, partner.roles = partner.roles, other.roles
        status, said = ctl("party", "rotate", platform)
        self.assertEqual(status, 1)
        self.assertRegex(said, "belongs to another platform")
        self.assertEqual(status_of(partner.got), 200)
        partner.roles = mine
        self.rotate(platform)
        self.assertNotIn("DELETE", partner.methods())


if __name__ == "__main__":
    unittest.main()
