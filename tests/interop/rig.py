"""rig: a hub of its own, and the platform on the other side of each flow, which keeps what it is sent and says what it is asked for."""
import base64
import contextlib
import http.client
import http.server
import json
import pathlib
import re
import signal
import socket
import subprocess
import threading
import time
import urllib.parse

NOW = "2026-12-01T08:00:00Z"
MODULES = ("locations", "sessions", "cdrs", "tariffs", "tokens", "commands", "chargingprofiles")
CPO, EMSP = ("NL", "RGC"), ("NL", "RGM")  # the parties of the platform on the other side
PATIENCE = 20  # seconds


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def until(what, holds, patience=PATIENCE):
    """Wait until HOLDS() is true, and return it."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        found = holds()
        if found:
            return found
        time.sleep(0.05)
    raise TimeoutError(f"{what}: not within {patience} s")


class Answer:
    """What came back: HTTP status, OCPI status, data, headers, and the text as it came."""

    def __init__(self, response):
        self.http, self.headers = response.status, response.headers
        self.text = response.read().decode(errors="replace")
        try:
            envelope = json.loads(self.text)
        except ValueError:
            envelope = {}
        envelope = envelope if isinstance(envelope, dict) else {}
        self.ocpi, self.data = envelope.get("status_code"), envelope.get("data")
        self.message = envelope.get("status_message", "")

    @property
    def good(self):
        return 200 <= self.http < 300 and isinstance(self.ocpi, int) and 1000 <= self.ocpi < 2000

    def __str__(self):
        return f"{self.http}/{self.ocpi} {self.message or self.text[:160]}"


def ask(method, url, token=None, headers=None, body=None):
    parts = urllib.parse.urlsplit(url)
    link = http.client.HTTPConnection(parts.hostname, parts.port, timeout=PATIENCE)
    with contextlib.closing(link):
        head = dict(headers or {})
        if token is not None:
            head["Authorization"] = "Token " + base64.b64encode(token.encode()).decode()
        if body is not None:
            head["Content-Type"] = "application/json"
            body = body if isinstance(body, str) else json.dumps(body)
        link.request(method, parts.path + (f"?{parts.query}" if parts.query else ""), body, head)
        return Answer(link.getresponse())


class Hub:
    def __init__(self, build, folder, settings=()):
        self.build, self.folder = pathlib.Path(build), pathlib.Path(folder)
        self.config = self.folder / "hub.conf"
        lines = {"http": ["listen = 127.0.0.1:0"], "admin": ["listen = 127.0.0.1:0"], "egress": ["allow_private = true"],
                 "store": [f"url = sqlite:{self.folder}/hub.db"]}
        for section, line in settings:
            lines.setdefault(section, []).append(line)
        self.config.write_text("".join(f"[{name}]\n" + "".join(f"{line}\n" for line in of) for name, of in lines.items()))
        self.log = self.folder / "hub.log"
        with open(self.log, "w") as log:
            self.process = subprocess.Popen([self.build / "roamhubd", "--config", self.config], stderr=log)
        self.base = until("the hub", self._ready)[1]
        self.versions = f"{self.base}/ocpi/versions"

    def _ready(self):
        return re.search(r"ready on (\S+) ", self.log.read_text())

    def ctl(self, *words):
        """What roamhubctl prints; its last line of standard error where it fails."""
        done = subprocess.run([self.build / "roamhubctl", "--config", self.config, *words], capture_output=True, text=True)
        return done.returncode == 0, done.stdout if done.returncode == 0 else done.stderr.strip()

    def json(self, *words):
        good, text = self.ctl(*words, "--json")
        if not good:
            raise RuntimeError(text)
        return json.loads(text)

    def survey(self, platform, *more):
        """The report of `party check`; that it found faults is no failure of it."""
        done = subprocess.run([self.build / "roamhubctl", "--config", self.config, "party", "check", str(platform), "--json", *more],
                              capture_output=True, text=True)
        if not done.stdout:
            raise RuntimeError(done.stderr.strip())
        return json.loads(done.stdout)

    def invite(self, name, *parties):
        made = self.json("party", "invite", "--name", name, *(word for party in parties for word in ("--party", party)))
        return made["platform"], made["token"]

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *words):
        pass

    def answer(self, data=None, status=200, code=1000):
        text = json.dumps({"status_code": code, "timestamp": NOW, **({} if data is None else {"data": data})}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def take(self):
        length = int(self.headers.get("Content-Length", 0))
        text = self.rfile.read(length).decode()
        parts = urllib.parse.urlsplit(self.path)
        words = [word for word in parts.path.split("/") if word]
        self.server.received.append((self.command, parts.path, dict(self.headers), text))
        base = self.server.base
        if words == ["versions"]:
            self.answer([{"version": version, "url": f"{base}/{version}"} for version in self.server.versions])
        elif len(words) == 1:
            self.answer({"version": words[0], "endpoints": [
                {"identifier": "credentials", "role": "SENDER", "url": f"{base}/2.2.1/credentials"},
                *({"identifier": module, "role": role, "url": f"{base}/2.2.1/{role.lower()}/{module}"}
                  for module in MODULES for role in ("SENDER", "RECEIVER"))]})
        elif words[-1] == "authorize":
            self.answer({"allowed": "ALLOWED", "token": TOKEN | {"uid": words[-2]}})
        elif "commands" in words or "chargingprofiles" in words:
            self.answer({"result": "ACCEPTED", "timeout": 30})
        elif self.command == "GET":
            self.answer([])
        else:
            self.answer(status=201 if self.command in ("PUT", "POST") else 200)

    do_GET = do_PUT = do_PATCH = do_POST = do_DELETE = take


class Platform:
    """The other side: a CPO and an eMSP that take everything."""

    def __init__(self, versions=("2.2.1",)):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.received, self.server.versions = [], versions
        self.base = self.server.base = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def received(self):
        return self.server.received

    def register(self, hub, parties=((*CPO, "CPO"), (*EMSP, "EMSP")), name="Rig"):
        self.hub, (self.id, token_a) = hub, hub.invite(name)
        answer = ask("POST", f"{hub.base}/ocpi/2.2.1/credentials", token_a, body={
            "token": "rig-takes-this-token", "url": f"{self.base}/versions",
            "roles": [{"role": role, "country_code": country, "party_id": party, "business_details": {"name": name}}
                      for country, party, role in parties]})
        if answer.good:
            self.token = answer.data["token"]
        return answer

    def send(self, who, to, method, path, body=None):
        """One request of the party WHO to the party TO (None: everybody) by way of the hub."""
        headers = {"OCPI-from-country-code": who[0], "OCPI-from-party-id": who[1]}
        if to is not None:
            headers |= {"OCPI-to-country-code": to[0], "OCPI-to-party-id": to[1]}
        return ask(method, path if path.startswith("http") else f"{self.hub.base}/ocpi/2.2.1/{path}", self.token, headers, body)

    def wait(self, method, part):
        """The first request that came with METHOD and PART in its path."""
        return until(f"{method} {part}", lambda: next(
            (one for one in self.received if one[0] == method and part in one[1]), None))

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


# ---- objects, as strict as the tables ----

def owned(by, **more):
    return {"country_code": by[0], "party_id": by[1], **more, "last_updated": NOW}


CDR_TOKEN = {"country_code": EMSP[0], "party_id": EMSP[1], "uid": "U1", "type": "RFID", "contract_id": "NL-RGM-C1"}
TOKEN = owned(EMSP, uid="U1", type="RFID", contract_id="NL-RGM-C1", issuer="Rig", valid=True, whitelist="ALLOWED")
PLACE = {"address": "Street 1", "city": "Berlin", "country": "DEU", "coordinates": {"latitude": "52.520000", "longitude": "13.400000"}}
CONNECTOR = {"id": "1", "standard": "IEC_62196_T2", "format": "SOCKET", "power_type": "AC_3_PHASE", "max_voltage": 230,
             "max_amperage": 32, "last_updated": NOW}
EVSE = {"uid": "E1", "evse_id": "NL*RGC*E1", "status": "AVAILABLE", "connectors": [CONNECTOR], "last_updated": NOW}
ENERGY = [{"start_date_time": NOW, "dimensions": [{"type": "ENERGY", "volume": 1.5}]}]


def location(by, name="L1"):
    return owned(by, id=name, publish=True, **PLACE, evses=[EVSE], time_zone="Europe/Berlin")


def tariff(by, name="T1"):
    return owned(by, id=name, currency="EUR", elements=[{"price_components": [{"type": "ENERGY", "price": 0.4, "step_size": 1}]}])


def session(by, name="S1", token=None):
    return owned(by, id=name, start_date_time=NOW, kwh=1.5, cdr_token=token or CDR_TOKEN, auth_method="WHITELIST", location_id="L1",
                 evse_uid="E1", connector_id="1", currency="EUR", status="ACTIVE")


def cdr(by, name="C1", token=None):
    return owned(by, id=name, start_date_time=NOW, end_date_time="2026-12-01T09:00:00Z", cdr_token=token or CDR_TOKEN,
                 auth_method="WHITELIST", currency="EUR", charging_periods=ENERGY, total_cost={"excl_vat": 0.6}, total_energy=1.5,
                 total_time=1.0, cdr_location={"id": "L1", **PLACE, "evse_uid": "E1", "evse_id": "NL*RGC*E1", "connector_id": "1",
                                               "connector_standard": "IEC_62196_T2", "connector_format": "SOCKET",
                                               "connector_power_type": "AC_3_PHASE"})


def token_of(by, uid="V1"):
    return owned(by, uid=uid, type="RFID", contract_id=f"{by[0]}-{by[1]}-1", issuer="Peer", valid=True, whitelist="ALLOWED")
