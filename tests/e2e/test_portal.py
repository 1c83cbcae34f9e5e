#!/usr/bin/env python3
"""The portal: what a partner sees there, what it may do, and all that it may not, under tests/scenario/run."""
import base64
import http.client
import http.server
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
import unittest
import urllib.error
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../names"))
from names import Document  # noqa: E402
from told import Told  # noqa: E402

BASE, LOG = os.environ["BASE"], os.environ["LOG"]
IDS = {name: int(os.environ[f"ID_{name.upper()}"]) for name in ("one", "two", "three", "new")}
STAMP = "2026-11-30T00:00:00Z"
LOCATION = {"country_code": "DE", "party_id": "ONE", "id": "L1", "publish": True, "address": "Ring 1", "city": "Ulm", "country": "DEU",
            "coordinates": {"latitude": "48.40100", "longitude": "9.98700"}, "time_zone": "Europe/Berlin", "last_updated": STAMP}
SESSION = {"country_code": "DE", "party_id": "ONE", "id": "S1", "start_date_time": STAMP, "kwh": 1.5, "auth_method": "WHITELIST",
           "location_id": "L1", "evse_uid": "E1", "connector_id": "1", "currency": "EUR", "status": "ACTIVE", "last_updated": STAMP}


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


class Web(http.server.BaseHTTPRequestHandler):
    """A partner: versions, details, and an answer to the rest, by default yes."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self):
        server, body = self.server, self.rfile.read(int(self.headers.get("Content-Length", 0)))
        code, data = 1000, {"/versions": [{"version": "2.2.1", "url": server.url + "/2.2.1"}],
                            "/2.2.1": {"version": "2.2.1", "endpoints": server.endpoints}}.get(self.path)
        if data is None:
            server.seen.append((self.command, self.path, body))
            code = server.say(self.command, self.path)
        text = json.dumps({"data": data, "status_code": code, "status_message": "<b>in its words</b>", "timestamp": STAMP}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer


class Partner(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, name, party, role):
        super().__init__(("127.0.0.1", 0), Web)
        self.url, self.party, self.seen, self.say = f"http://127.0.0.1:{self.server_port}", party, [], lambda *_: 1000
        side = "SENDER" if role == "CPO" else "RECEIVER"
        self.endpoints = [{"identifier": "credentials", "role": "SENDER", "url": self.url + "/credentials"}]
        self.endpoints += [{"identifier": module, "role": side, "url": f"{self.url}/{module}"} for module in ("locations", "sessions")]
        threading.Thread(target=self.serve_forever, daemon=True).start()
        self.token = os.environ[f"TOKEN_{name.upper()}"]
        said = self.send("POST", "/ocpi/2.2.1/credentials", {"token": "of-" + party, "url": self.url + "/versions", "roles": [
            {"role": role, "country_code": party[:2], "party_id": party[3:], "business_details": {"name": party}}]})
        self.token = said["data"]["token"]

    def send(self, method, path, body, to=None, correlation=None):
        headers = {"Authorization": "Token " + base64.b64encode(self.token.encode()).decode(), "Content-Type": "application/json"}
        if to:
            headers |= {"OCPI-to-country-code": to[:2], "OCPI-to-party-id": to[3:],
                        "OCPI-from-country-code": self.party[:2], "OCPI-from-party-id": self.party[3:]}
        if correlation:
            headers |= {"X-Correlation-ID": correlation, "X-Request-ID": correlation + "-r"}
        request = urllib.request.Request(BASE + path, json.dumps(body).encode(), headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as answer:
            return json.load(answer)


def ctl(*words, status=0):
    done = subprocess.run(["roamhubctl", *map(str, words)], capture_output=True, text=True, check=False)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout if status == 0 else done.stderr


def ctl_json(*words):
    return json.loads(ctl("--json", *words))


def where(name):
    found = re.findall(rf"{name} on http://([0-9.]+):(\d+)", read(LOG))[-1]
    return found[0], int(found[1])


def ask(method, path, body=None, to=None, **headers):
    """Status, headers and body; of JSON what it says."""
    connection = http.client.HTTPConnection(*(to or where("portal")), timeout=150)
    connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, answer.headers, json.loads(text) if text.startswith(("{", "[")) else text


def names():
    """The document of the hub, once."""
    if not hasattr(names, "document"):
        names.document = Document(ctl("openapi"))
    return names.document


def setUpModule():
    names.told = Told(names(), where("admin"), os.environ["ADMIN_TOKEN"])
    names.told.start()


def tearDownModule():
    """What was told meanwhile, of whatever was done here."""
    names.told.judge("message", "party.status", "handshake.step", "admin.verb")


class Guest:
    """A browser of a partner that opened a link."""

    def __init__(self, url):
        self.url, self.path = url, "/" + url.partition("//")[2].partition("/")[2]
        self.came, headers, _ = ask("GET", self.path)
        self.set_cookie = headers.get("Set-Cookie", "")
        self.location, self.cookie = headers.get("Location"), self.set_cookie.partition(";")[0]
        self.me = self.get("login") if self.came == 303 else None

    def full(self, method, what, body=None, **headers):
        if method != "GET" and "X_CSRF_Token" not in headers:
            headers["X_CSRF_Token"] = self.me["csrf"]
        path = "/portal/v1/" + what
        status, came, said = ask(method, path, None if body is None else json.dumps(body), Cookie=self.cookie, **headers)
        assert (faults := names().check_request(method, path, status, json.dumps(said))) == [], f"{method} {what}: {faults}"
        return status, came, said

    def status(self, method, what, body=None, **headers):
        return self.full(method, what, body, **headers)[0]

    def get(self, what):
        status, _, said = self.full("GET", what)
        assert status == 200, (what, said)
        return said

    def post(self, what, body=None):
        status, _, said = self.full("POST", what, body or {})
        assert status in (200, 201), (what, said)
        return said


def link(name, *options):
    return ctl_json("party", "portal", IDS[name], *options)["url"]


def until(what, true):
    """@what, when that is @true: somebody else does it, and a little later."""
    end = time.monotonic() + 60
    while not true(found := what()):
        assert time.monotonic() < end, found
        time.sleep(0.05)
    return found


class Case(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        if not hasattr(Case, "one"):
            Case.one = Partner("one", "DE*ONE", "CPO")
            Case.two = Partner("two", "NL*TWO", "EMSP")
            Case.three = Partner("three", "FR*TRE", "EMSP")

    def share(self, id, **members):
        said = self.one.send("PUT", f"/ocpi/2.2.1/receiver/locations/DE/ONE/{id}", LOCATION | {"id": id} | members)
        self.assertEqual(said["status_code"], 1000, said)

    def tell(self, to, id, correlation):
        """A session of the CPO's, addressed to an eMSP."""
        token = {"country_code": to[:2], "party_id": to[3:], "uid": "U1", "type": "RFID", "contract_id": to}
        return self.one.send("PUT", f"/ocpi/2.2.1/receiver/sessions/DE/ONE/{id}", SESSION | {"id": id, "cdr_token": token}, to, correlation)


class Links(Case):
    def test_a_link_becomes_a_cookie_and_is_in_no_address(self):
        guest = Guest(link("two"))
        self.assertEqual((guest.came, guest.location), (303, "/"))
        self.assertRegex(guest.set_cookie, "^roamhub-portal=[^;]+; Path=/; HttpOnly; SameSite=Strict$")
        _, headers, _ = ask("GET", guest.path)
        self.assertEqual((headers["Referrer-Policy"], headers["Cache-Control"]), ("no-referrer", "no-store"))
        self.assertEqual((guest.me["who"], guest.me["role"], guest.me["partner"]["id"]), ("two", "partner", IDS["two"]))
        self.assertRegex(guest.me["expires"], "^20")
        self.assertNotIn(guest.path[3:], json.dumps(guest.me))

    def test_what_is_no_good_link_is_one_page_slow_and_told_to_the_log(self):
        good = link("three")
        path = good.partition("//")[2].partition("/")[2]
        ctl("party", "portal", IDS["three"], "--revoke")
        replaced = link("one")
        link("one")
        wrong = ["/" + path, "/" + replaced.partition("//")[2].partition("/")[2], f"/p/{IDS['two']}-{'x' * 40}", f"/p/9999-{'x' * 40}",
                 "/p/nonsense", "/p/-", f"/p/{'9' * 40}-{'x' * 40}"]
        pages = set()
        for one in wrong:
            began = time.monotonic()
            status, headers, page = ask("GET", one)
            self.assertGreaterEqual(time.monotonic() - began, 1, one)
            self.assertEqual((status, headers.get("Set-Cookie")), (404, None), one)
            self.assertIn("default-src 'self'", headers["Content-Security-Policy"])
            pages.add(page)
        self.assertEqual(len(pages), 1, pages)
        self.assertNotRegex(pages.pop().lower(), "link|expire|revoke|partner|roamhub")
        self.assertRegex(read(LOG), r"refused.*listener=portal.*address=127\.0\.0\.1.*path=/p/\{token\}")

    def test_the_link_stands_in_no_log_and_no_audit(self):
        guest = Guest(link("two"))
        secret = guest.path.partition("-")[2]
        for path in (guest.path, guest.path + "/x", guest.path + "?y", "/q" + guest.path):
            for method in ("GET", "POST", "DELETE", "HEAD"):
                ask(method, path)
                ask(method, path, Cookie=guest.cookie, X_CSRF_Token=guest.me["csrf"])
                ask(method, path, Host="evil.example")
                ask(method, path, Origin="http://evil.example", Cookie=guest.cookie)
        ask("GET", "/portal/v1/login", Cookie=guest.cookie, Referer=guest.url)
        ctl("party", "portal", IDS["two"], "--revoke")
        ask("GET", guest.path)
        self.assertNotIn(secret, read(LOG))
        for words in (("audit", "--limit", "1000"), ("party", "show", IDS["two"]), ("config", "show"), ("status",)):
            self.assertNotIn(secret, ctl("--json", *words), words)
        with socket.create_connection(where("admin")) as stream:
            token = os.environ["ADMIN_TOKEN"]
            stream.sendall(f"GET /admin/v1/events?limit=1000 HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
                           "Connection: close\r\n\r\n".encode())
            events = b"".join(iter(lambda: stream.recv(65536), b"")).decode()
        self.assertIn("party portal", events)
        self.assertNotIn(secret, events)
        # nor in the database, in whatever form
        found = subprocess.run([os.environ["SCENARIO_DIR"] + "/find-secrets", os.environ["HUB_DIR"], secret], capture_output=True, text=True,
                               check=False)
        self.assertEqual(found.returncode, 0, found.stdout + found.stderr)

    def test_who_made_and_took_it_back_is_written_down(self):
        link("three", "--days", "3")
        ctl("party", "portal", IDS["three"], "--revoke")
        rows = [row for row in ctl_json("audit", "--verb", "party portal", "--platform", IDS["three"])]
        self.assertEqual([(row["what"], row["who"], row["result"]) for row in rows[-2:]],
                         [("party portal", "local", "done"), ("party portal --revoke", "local", "done")])

    def test_a_fresh_link_a_revoked_one_and_a_removed_platform_end_what_came_by_it(self):
        first = Guest(link("three"))
        self.assertEqual(first.status("GET", "login"), 200)
        second = Guest(link("three"))
        self.assertEqual((first.status("GET", "login"), second.status("GET", "login")), (401, 200))
        ctl("party", "portal", IDS["three"], "--revoke")
        self.assertEqual((second.status("GET", "login"), second.status("POST", "check")), (401, 401))
        invited = ctl_json("party", "invite", "--name", "Kurz")["platform"]
        gone = Guest(ctl_json("party", "portal", invited)["url"])
        self.assertEqual(gone.me["partner"]["status"], "PLANNED")
        ctl("party", "remove", invited)
        self.assertEqual(gone.status("GET", "login"), 401)
        self.assertEqual(Guest(gone.url).came, 404)

    def test_it_is_good_after_a_restart_and_the_cookie_is_not(self):
        guest = Guest(link("one"))
        subprocess.run(["hub", "restart"], check=True, capture_output=True)
        self.assertEqual(guest.status("GET", "login"), 401)
        self.assertEqual(Guest(guest.url).me["who"], "one")

    def test_what_makes_no_sense_is_refused(self):
        self.assertIn("1 to 365", ctl("party", "portal", IDS["two"], "--days", "0", status=2))
        self.assertIn("--days", ctl("party", "portal", IDS["two"], "--days", "3", "--revoke", status=2))
        self.assertIn("--show", ctl("party", "portal", IDS["two"], "--show", "--revoke", status=2))
        self.assertIn("no platform", ctl("party", "portal", 9999, status=1))
        for days in ('"x"', "0", "366", "-1", "1.5"):
            status, _, said = ask("POST", f"/admin/v1/platforms/{IDS['two']}/portal", f'{{"days": {days}}}', to=where("admin"),
                                  Authorization="Bearer " + os.environ["ADMIN_TOKEN"])
            self.assertEqual(status, 400, said)

    def test_sessions_are_bounded_and_no_partner_pushes_another_out(self):
        other, url = Guest(link("one")), link("two")
        guests = [Guest(url) for _ in range(10)]
        self.assertEqual([guest.status("GET", "login") for guest in guests], [401] * 2 + [200] * 8)
        self.assertEqual(other.status("GET", "login"), 200)
        self.assertEqual(guests[-1].status("POST", "logout", {}), 200)
        self.assertEqual(guests[-1].status("GET", "login"), 401)


class Door(Case):
    def test_only_its_own_name_and_its_own_pages_ask(self):
        guest, (host, port) = Guest(link("two")), where("portal")
        for name, status in ((f"{host}:{port}", 200), ("localhost", 200), ("evil.example", 403), ("127.0.0.2", 403), (f"{host}.evil", 403)):
            self.assertEqual(guest.status("GET", "login", Host=name), status, name)
            self.assertEqual(ask("GET", "/", Host=name)[0], status, name)
        for origin, status in ((f"http://{host}:{port}", 200), ("http://evil.example", 403), ("null", 403)):
            self.assertEqual(guest.status("GET", "login", Origin=origin), status, origin)
            self.assertEqual(guest.status("POST", "validate", {"class": "Location", "text": "{}"}, Origin=origin), status, origin)
        self.assertRegex(read(LOG), "refused.*listener=portal.*reason=ELSEWHERE.*Host or Origin.*http=403")

    def test_what_is_asked_is_counted_by_status_and_links_by_whether_they_were_good(self):
        def counted(what):
            text = ask("GET", "/metrics", to=where("admin"), Authorization="Bearer " + os.environ["ADMIN_TOKEN"])[2]
            return int(re.search(r"^roamhub_portal_" + re.escape(what) + r" (\d+)$", text, re.MULTILINE)[1])

        names = ['requests_total{status="403"}', 'requests_total{status="404"}', 'requests_total{status="303"}',
                 'logins_total{result="let_in"}', 'logins_total{result="turned_away"}']
        before = [counted(name) for name in names]
        Guest(link("two"))
        self.assertEqual(ask("GET", "/", Host="evil.example")[0], 403)
        self.assertEqual(ask("GET", "/p/nonsense")[0], 404)
        self.assertEqual([counted(name) - old for name, old in zip(names, before)], [1] * 5)

    def test_nothing_else_is_reached_here(self):
        guest = Guest(link("two"))
        bearer = "Bearer " + os.environ["ADMIN_TOKEN"]
        for path in ("/admin/v1", "/admin/v1/status", "/admin/v1/platforms", f"/admin/v1/platforms/{IDS['two']}", "/admin/v1/login", "/metrics",
                     "/healthz", "/readyz", "/ocpi/versions", "/ocpi/2.2.1", "/console/console.js", "/console/parties.js", "/console/index.html",
                     "/portal/v1", "/portal/v1/platforms", "/portal/v1/log", "/portal/..%2Fconsole/hub.js", "/console/..%2Fportal%2Fpages.js"):
            for method in ("GET", "POST", "DELETE"):
                for headers in ({}, {"Authorization": bearer}, {"Cookie": guest.cookie, "X_CSRF_Token": guest.me["csrf"]}):
                    status, _, said = ask(method, path, "{}" if method == "POST" else None, **headers)
                    self.assertIn(status, (404, 405), (method, path, said))
        self.assertEqual(ask("GET", "/portal/v1/login", Authorization=bearer)[0], 401)
        self.assertEqual(ask("GET", "/admin/v1/status", to=where("admin"), Cookie=guest.cookie)[0], 401)
        self.assertEqual(ask("GET", "/admin/v1/status", to=where("admin"), Cookie=guest.cookie.replace("-portal", ""))[0], 401)

    def test_a_doctor_looks_at_it(self):
        _, _, said = ask("GET", "/admin/v1/doctor", to=where("admin"), Authorization="Bearer " + os.environ["ADMIN_TOKEN"])
        row = next(row for row in said["checks"] if row["check"] == "portal")
        self.assertEqual(row["detail"], "links begin with http://%s:%d" % where("portal"))
        self.assertEqual(row["level"], 0)

    def test_who_came_by_no_link_sees_the_empty_pages(self):
        status, headers, page = ask("GET", "/")
        self.assertEqual(status, 200)
        self.assertIn("default-src 'self'", headers["Content-Security-Policy"])
        self.assertEqual(headers["X-Content-Type-Options"], "nosniff")
        self.assertNotRegex(page, "<script(?![^>]*src=)|https?://|on(load|click)=")
        names = re.findall('(?:src|href)="([^"#]+)"', page)
        for name in names:  # and what they are built of
            status, _, text = ask("GET", name)
            self.assertEqual(status, 200, name)
            folder = name.rpartition("/")[0]
            for part in re.findall("from '([^']+)'", text) if name.endswith(".js") else []:
                path = os.path.normpath(f"{folder}/{part}")
                if path not in names:
                    names.append(path)
        self.assertIn("/portal/pages.js", names)
        for what in ("login", "handshakes", "check", "messages", "refused", "faults", "classes", "sandbox"):
            self.assertEqual(ask("GET", "/portal/v1/" + what)[0], 401, what)
        for what in ("check", "redrive", "validate", "sandbox", "logout"):
            self.assertEqual(ask("POST", "/portal/v1/" + what, "{}")[0], 401, what)

    def test_a_cookie_alone_changes_nothing(self):
        guest, other = Guest(link("two")), Guest(link("one"))
        for method, what in (("POST", "check"), ("POST", "redrive"), ("POST", "sandbox"), ("DELETE", "sandbox"), ("POST", "validate"), ("POST", "logout")):
            for word in ("", "x" * 32, other.me["csrf"]):
                self.assertEqual(guest.status(method, what, {}, X_CSRF_Token=word), 403, what)
        self.assertEqual(guest.get("sandbox"), [])

    def test_a_crowd_shuts_out_nobody(self):
        guest = Guest(link("two"))
        crowd = [socket.create_connection(where("portal")) for _ in range(150)]
        for one in crowd[::2]:
            one.send(b"GET / HTTP/1.1\r\n")
        self.assertEqual(guest.status("GET", "login"), 200)
        ctl("status")
        for one in crowd:
            one.close()

    def test_who_asks_too_much_is_told_to_wait(self):
        guest, other = Guest(link("new")), Guest(link("one"))
        connection = http.client.HTTPConnection(*where("portal"), timeout=60)
        for _ in range(2000):
            connection.request("GET", "/portal/v1/sandbox", headers={"Cookie": guest.cookie})
            answer = connection.getresponse()
            answer.read()
            if answer.status == 429:
                break
        connection.close()
        self.assertEqual((answer.status, answer.headers["Retry-After"]), (429, "2"))
        self.assertEqual(other.status("GET", "login"), 200)
        searched = [other.status("GET", "messages?text=x") for _ in range(8)]
        self.assertEqual((searched[:5], 429 in searched[5:]), ([200] * 5, True))
        self.assertEqual(other.status("GET", "messages"), 200)

    def test_what_is_large_is_not_read(self):
        guest = Guest(link("two"))
        self.assertEqual(guest.status("POST", "validate", {"class": "Location", "text": "x" * 300000}), 413)


class Messages(Case):
    def own(self, guest, **query):
        text = "&".join(f"{name}={value}" for name, value in query.items())
        return guest.get("messages?" + text)

    def test_own_legs_whole_and_of_the_other_side_status_and_code(self):
        self.assertEqual(self.tell("NL*TWO", "S-own", "c-own")["status_code"], 1000)
        sides = {name: Guest(link(name)) for name in ("one", "two", "three")}
        for name, leg, party in (("one", "requester", "two"), ("two", "receiver", "one")):
            said = until(lambda name=name: self.own(sides[name], correlation_id="c-own"), lambda s: s["rows"] and s["other_side"])
            self.assertEqual([(row["leg"], row["from"], row["to"], row["http"], row["ocpi"]) for row in said["rows"]],
                             [(leg, "DE*ONE", "NL*TWO", 200, 1000)])
            self.assertEqual(said["other_side"], [{"http": 200, "ocpi": 1000}])
            self.assertNotIn(getattr(self, party).url, json.dumps(said))
        self.assertEqual(self.own(sides["three"], correlation_id="c-own"), {"rows": [], "other_side": [], "next_cursor": None})

    def test_nothing_of_other_platforms_whatever_is_asked(self):
        self.assertEqual(self.tell("FR*TRE", "S-foreign", "c-foreign")["status_code"], 1000)
        three, two = Guest(link("three")), Guest(link("two"))
        until(lambda: self.own(three, correlation_id="c-foreign"), lambda s: s["rows"])
        # its own message may have the same correlation id, and claim to be from somebody else
        self.two.send("GET", "/ocpi/2.2.1/hubclientinfo", None, correlation="c-foreign")
        said = self.two.send("PUT", "/ocpi/2.2.1/receiver/sessions/DE/ONE/S-foreign", SESSION, "FR*TRE", "c-foreign")
        self.assertNotEqual(said["status_code"], 1000)
        said = until(lambda: self.own(two, correlation_id="c-foreign"), lambda s: len(s["rows"]) > 1)
        self.assertTrue(all(row["leg"] == "requester" for row in said["rows"]))
        self.assertEqual(said["other_side"], [])
        for query in ({"party": "FR*TRE"}, {"text": "c-foreign"}, {"object": "sessions/DE*ONE/S-foreign"}, {"platform": IDS["three"]},
                      {"since": "2020-01-01", "limit": 10000}, {"outcome": "ok"}, {"module": "sessions"}, {"sample": "true"}):
            said = self.own(two, **query)
            self.assertNotIn(self.three.url, json.dumps(said), query)
            self.assertNotIn("sample", said)
            for row in said["rows"]:
                self.assertNotIn("platform", row)
                # what two sent itself, or was sent
                self.assertTrue(row["leg"] == "requester" or row.get("origin") == self.two.url or row["to"] == "NL*TWO", row)
        for what in ("handshakes", "faults", "refused", "sandbox", "check"):
            self.assertNotRegex(json.dumps(two.full("GET", what)[2]), r"FR\*TRE|TRE\b.*FR|\bthree\b|L-THREE")
        for what in (f"handshakes?platform={IDS['three']}", f"faults?id={IDS['three']}"):
            self.assertEqual(two.get(what)["platform"], IDS["two"])

    def test_pages_go_on_by_cursor(self):
        for n in range(4):
            self.tell("NL*TWO", f"S-page{n}", f"c-page{n}")
        two = Guest(link("two"))
        until(lambda: self.own(two, correlation_id="c-page3"), lambda s: s["rows"])
        found, cursor = [], ""
        while cursor is not None:
            said = self.own(two, module="sessions", limit=1, cursor=cursor)
            self.assertLessEqual(len(said["rows"]), 1)
            found += [row["correlation_id"] for row in said["rows"] if row["correlation_id"].startswith("c-page")]
            cursor = said["next_cursor"]
        self.assertEqual(found, [f"c-page{n}" for n in (3, 2, 1, 0)])
        self.assertEqual(two.status("GET", "messages?cursor=x"), 400)


class Acts(Case):
    def test_what_it_refused_it_may_have_once_more_and_nothing_else(self):
        for name, id in (("two", "L-two"), ("three", "L-three")):
            getattr(self, name).say = lambda method, path, id=id: 2001 if path.endswith(id) else 1000
        self.share("L-two")
        self.share("L-three")
        two, three = Guest(link("two")), Guest(link("three"))
        row = until(lambda: two.get("refused"), lambda rows: any(r["id"] == "L-TWO" for r in rows))[0]
        until(lambda: three.get("refused"), lambda rows: any(r["id"] == "L-THREE" for r in rows))
        self.assertEqual((row["module"], row["owner"], row["http"], row["ocpi"]), ("locations", "DE*ONE", 200, 2001))
        self.assertNotIn("L-THREE", json.dumps(two.get("refused")))
        for object, status in (("locations/DE*ONE/L-three", 404), ("locations/DE*ONE/L1", 404), ("locations/XX*YYY/L-two", 404),
                               ("locations", 400), (None, 400), (7, 400)):
            self.assertEqual(two.status("POST", "redrive", {"object": object, "platform": IDS["three"]}), status, object)
        self.assertEqual(two.status("POST", "redrive", {}), 400)
        self.two.say = self.three.say = lambda *_: 1000
        self.assertEqual(two.post("redrive", {"object": "locations/DE*ONE/L-two"})["count"], 1)
        until(lambda: two.get("refused"), lambda rows: not any(r["id"] == "L-TWO" for r in rows))
        self.assertEqual([r["id"] for r in three.get("refused")], ["L-THREE"])
        rows = ctl_json("audit", "--platform", IDS["two"], "--verb", "push redrive")
        self.assertIn((f"portal/{IDS['two']}", "done"), [(row["who"], row["result"]) for row in rows])

    def test_its_interfaces_are_asked_once_a_minute(self):
        two, again = Guest(link("two")), None
        report = two.post("check", {"write": True, "apply": True})
        self.assertEqual((report["platform"], report["write"], report["applied"]), (IDS["two"], False, False))
        self.assertEqual(two.get("check")["at"], report["at"])
        status, headers, said = two.full("POST", "check", {})
        self.assertEqual(status, 429, said)
        self.assertTrue(1 <= int(headers["Retry-After"]) <= 60)
        again = Guest(two.url)
        self.assertEqual(again.status("POST", "check", {}), 429)
        self.assertEqual(Guest(link("three")).status("GET", "check"), 404)

    def test_its_sandbox_and_no_others(self):
        two, one = Guest(link("two")), Guest(link("one"))
        made = two.post("sandbox", {"role": "CPO", "platform": IDS["one"]})
        self.assertEqual((made["platform"], made["role"]), (IDS["two"], "CPO"))
        for row in [made, *two.get("sandbox")]:
            self.assertFalse({"pid", "port"} & set(row), row)
        self.assertEqual(one.get("sandbox"), [])
        self.assertEqual(one.status("DELETE", "sandbox"), 404)
        self.assertEqual(two.status("POST", "sandbox", {"role": "HUB"}), 400)
        self.assertIn("simulated", ctl("party", "portal", made["sandbox_platform"], status=1))
        self.assertEqual(two.full("DELETE", "sandbox")[2], {"platform": IDS["two"], "stopped": 1})
        self.assertEqual(two.get("sandbox"), [])

    def test_who_is_suspended_looks_and_changes_nothing(self):
        three = Guest(link("three"))
        ctl("party", "suspend", IDS["three"])
        self.assertEqual(three.get("login")["partner"]["status"], "SUSPENDED")
        self.assertEqual(three.post("validate", {"class": "Location", "text": "{}"})["valid"], False)
        for method, what in (("POST", "check"), ("POST", "redrive"), ("POST", "sandbox"), ("DELETE", "sandbox")):
            self.assertEqual(three.status(method, what, {}), 403, what)
        ctl("party", "resume", IDS["three"])

    def test_one_that_never_registered_sees_why(self):
        new = Guest(link("new"))
        self.assertEqual((new.me["partner"]["status"], new.get("handshakes")["tries"]), ("PLANNED", []))
        request = urllib.request.Request(BASE + "/ocpi/versions", headers={
            "Authorization": "Token " + base64.b64encode(os.environ["TOKEN_NEW"].encode()).decode()})
        urllib.request.urlopen(request, timeout=30).close()
        tries = until(lambda: new.get("handshakes"), lambda said: said["tries"])["tries"]
        self.assertEqual(tries[0]["steps"][0]["method"], "GET")
        self.assertNotIn(os.environ["TOKEN_NEW"], json.dumps(tries))


class Faults(Case):
    def test_by_field_with_pointer_expectation_and_paragraph(self):
        said = self.one.send("PUT", "/ocpi/2.2.1/receiver/locations/DE/ONE/L9", LOCATION | {"id": "L9", "country": "<b>DE</b>"})
        self.assertEqual(said["status_code"], 2001)
        one, two = Guest(link("one")), Guest(link("two"))
        fault = next(f for f in one.get("faults")["faults"] if f["field"] == "locations/country")
        self.assertEqual((fault["pointer"], fault["count"], fault["spec"]), ("/country", 1, "mod_locations_location_object"))
        self.assertIn("<b>DE</b>", fault["samples"][0]["found"])
        self.assertEqual(two.get("faults")["faults"], [])

    def test_what_is_pasted_is_judged_by_the_tables(self):
        two = Guest(link("two"))
        self.assertIn({"name": "Location", "spec": "mod_locations_location_object"}, two.get("classes"))
        good = two.post("validate", {"class": "Location", "text": json.dumps(LOCATION)})
        self.assertEqual((good["valid"], good["count"], good["flaws"]), (True, 0, []))
        bad = two.post("validate", {"class": "location", "text": json.dumps(LOCATION | {"country": "<script>", "evses": [{"uid": 7}]})})
        flaws = {flaw["pointer"]: flaw for flaw in bad["flaws"]}
        self.assertFalse(bad["valid"])
        self.assertEqual((flaws["/country"]["class"], flaws["/country"]["spec"]), ("Location", "mod_locations_location_object"))
        self.assertEqual(flaws["/evses/0/uid"]["class"], "EVSE")
        part = {"class": "Location", "text": json.dumps({"city": "Ulm", "last_updated": STAMP})}
        self.assertFalse(two.post("validate", part | {"method": "PUT"})["valid"])
        self.assertTrue(two.post("validate", part | {"method": "PATCH"})["valid"])
        self.assertEqual(two.post("validate", {"class": "Location", "text": json.dumps([LOCATION, {}])})["flaws"][0]["pointer"][:2], "/1")
        for body in ({"class": "Nothing", "text": "{}"}, {"text": "{}"}, {"class": "Location"}, {"class": "Location", "text": "{"},
                     {"class": "Location", "text": "{}", "method": "GET"}, {"class": "Location", "text": 7}):
            self.assertEqual(two.status("POST", "validate", body), 400, body)
        self.assertEqual(two.full("POST", "validate", [])[0], 400)

    def test_text_of_partners_is_json_and_never_markup(self):
        two = Guest(link("two"))
        for what in ("messages", "refused", "faults", "login"):
            _, headers, _ = two.full("GET", what)
            self.assertEqual((headers["Content-Type"], headers["Cache-Control"]), ("application/json", "no-store"))
        for name in ("portal.js", "pages.js"):
            self.assertNotRegex(ask("GET", "/portal/" + name)[2], "innerHTML|outerHTML|insertAdjacentHTML|document.write|eval")


if __name__ == "__main__":
    unittest.main()
