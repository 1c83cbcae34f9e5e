"""party: one simulated platform with one party, CPO or eMSP. It shares, forwards, and keeps what it gets."""

import asyncio
import json
import pathlib
import sys
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "bench"))

import rig
from ledger import State, Taken, Thing, Url, stamp, version_of
from wire import Client, Gone, Server

SHARED = {"CPO": ("locations", "tariffs"), "EMSP": ("tokens",)}
PROMPT, SLOW, DOWN = "prompt", "slow", "down"
AWAY = 4003
BARRED = 403


def envelope(data=None):
    return rig.envelope(data).encode()


def refusal(code, why):
    return json.dumps({"status_code": code, "status_message": why, "timestamp": stamp(0)}).encode()


UNKNOWN = refusal(2003, "unknown")


class Party:
    def __init__(self, ledger, role, number):
        self.ledger, self.role = ledger, role
        self.country = "DE" if role == "CPO" else "NL"
        self.party = ("CP" if role == "CPO" else "MS") + str(number)
        self.server = Server(self.handle)
        self.held = {}   # key: document, absent when deleted or never seen
        self.newest = {} # key: newest version seen, and whether a deletion came after it
        self.taken = {}  # key: the last delivery of it
        self.things = []
        self.addressed = [] # sessions, each to one receiver
        self.seldom = None  # a thing that only a story shares
        self.words = 0
        self.refuses = None # key of what is refused for good, with 2001
        self.refused = 0    # newest version of it that was
        self.poison = None  # key of what is answered 500
        self.ponders = None # key of what is taken slowly
        self.barred = False # suspended, or about to be, or not yet known to be resumed
        self.bars = 0       # times that it was: a request may have been under way through a whole one
        self.estranged = None # whom an agreement may keep it from, CDRs alone
        self.given = f"B-{self.country}-{self.party}" # token that the hub got last
        self.spoken = {self.given}                    # those that it may speak with
        self.mood, self.mood_ends, self.patience = PROMPT, 0.0, 0.0
        self.killed = asyncio.Event() # the hub is dead

    def __str__(self):
        return f"{self.country}*{self.party}"

    async def register(self, hub):
        await self.server.start()
        self.token = await asyncio.to_thread(rig.register, hub, self.country, self.party, self.role,
                                             self.server.url + "/versions")
        self.hub = hub
        self.platform = hub.platforms[str(self)]

    def client(self):
        authorization = lambda: rig.authorization(self.token)
        return self.hub.client(authorization) if hasattr(self.hub, "client") else Client(self.hub.port, authorization)

    def excuse(self, status, answer):
        """While the hub has no database, what is refused is as good as not answered."""
        refused = status // 100 != 2 or json.loads(answer)["status_code"] != 1000
        if refused and self.has_fallen():
            raise Gone("the database is away")

    def has_fallen(self):
        return getattr(self.hub, "has_fallen", bool)()

    async def say(self, client, method, path, body=b"", headers=()):
        """A token that was replaced while a request was on its way is no fault: it is said again."""
        while True:
            token = self.token
            status, fields, answer = await client.request(method, path, body, headers)
            self.excuse(status, answer)
            if status != 401 or token == self.token:
                return status, fields, answer

    def thing(self, module, identity, receiver=None):
        made = Thing(self, module, identity, receiver)
        self.ledger.things.append(made)
        return made

    def own(self, module, count):
        self.things += [self.thing(module, f"{module[:3].upper()}{number}") for number in range(count)]

    def word(self, kind):
        """One of a kind, to know a URL by."""
        self.words += 1
        return f"{kind}-{self.party}-{self.words}"

    def takes(self, thing):
        return thing.owner.role != self.role and thing.receiver is None

    # ---- what the hub sends ----

    def be(self, mood, random):
        """PROMPT, or for a while SLOW or DOWN when the hub pushes."""
        self.mood = mood
        self.mood_ends = time.monotonic() + random.random() * 3
        self.patience = 0.05 + random.random()
        self.killed.clear()

    async def is_away(self, key):
        """Is this push not to be taken? Slow: what waits when the hub is killed was sent and never taken."""
        slow = key == self.ponders
        if not slow and (self.mood == PROMPT or time.monotonic() > self.mood_ends):
            return False
        if slow or self.mood == SLOW:
            try:
                await asyncio.wait_for(self.killed.wait(), self.patience)
            except asyncio.TimeoutError:
                return False
            raise EOFError
        return True

    async def handle(self, method, target, headers, body):
        url = urllib.parse.urlsplit(target)
        parts = url.path.strip("/").split("/")
        if headers.get("authorization") not in [rig.authorization(token) for token in self.spoken]:
            self.ledger.lost.append(f"{self}: the hub speaks with {headers.get('authorization')}, not one of {self.spoken}")
        if url.path == "/versions":
            return 200, {}, envelope([{"version": "2.2.1", "url": self.server.url + "/2.2.1"}])
        if url.path == "/2.2.1":
            modules = [*rig.ROLES[self.role], ("cdrs", "SENDER" if self.role == "CPO" else "RECEIVER")]
            return 200, {}, envelope(rig.details(self.server.url, modules))
        if parts[0] == "receiver" and parts[1] in ("locations", "tariffs", "tokens"):
            key = parts[1], "/".join(parts[2:])
            if await self.is_away(key):
                return 503, {}, envelope()
            return self.take_share(method, key, headers["x-correlation-id"], body)
        return self.take_forward(method, parts, urllib.parse.parse_qs(url.query), body)

    def take_forward(self, method, parts, query, body):
        if parts[:2] == ["receiver", "commands"]:
            command = json.loads(body)
            self.ledger.urls.append(Url("response_url", command["response_url"], self, command["location_id"]))
            return 200, {}, envelope({"result": "ACCEPTED", "timeout": 30})
        if parts[:2] == ["receiver", "sessions"]:
            return 200, {}, envelope()
        if parts == ["receiver", "cdrs"]:
            return 200, {"Location": f"{self.server.url}/cdr/{json.loads(body)['id']}"}, envelope()
        if parts == ["sender", "locations"]:
            word = query["word"][0]
            if "offset" not in query:
                return 200, {"Link": f'<{self.server.url}/sender/locations?offset=1&word={word}>; rel="next"',
                             "X-Total-Count": "2", "X-Limit": "1"}, envelope([])
            self.ledger.arrived.add(word)
            return 200, {"X-Total-Count": "2", "X-Limit": "1"}, envelope([])
        if parts[0] in ("callback", "cdr"):
            self.ledger.arrived.add(parts[1])
            return 200, {}, envelope({} if method == "GET" else None)
        return 404, {}, UNKNOWN

    def take_share(self, method, key, correlation_id, body):
        if key == self.poison:
            self.ledger.count("poisoned")
            return 500, {}, envelope()
        if key == self.refuses:
            self.refused = version_of(json.loads(body))
            return 200, {}, refusal(2001, "refused")
        newest, deleted = self.newest.get(key, (-1, False))
        if method == "DELETE":
            self.held.pop(key, None)
            self.newest[key] = newest, True
            return self.took(key, correlation_id)
        document = json.loads(body)
        version = version_of(document)
        if version < newest or (deleted and version == newest):
            self.ledger.reordered.append(f"{self} got {method} {key} version {version} after {newest}")
        if method == "PATCH":
            if key not in self.held:
                return 404, {}, UNKNOWN
            document = {**self.held[key], **document}
        self.held[key] = document
        self.newest[key] = max(version, newest), False
        return self.took(key, correlation_id)

    def took(self, key, correlation_id):
        now = time.monotonic()
        self.ledger.deliver(correlation_id, self.taken.get(key), now)
        self.taken[key] = Taken(correlation_id, now)
        return 200, {}, envelope()

    # ---- what it sends, until the hub is gone ----

    def document(self, thing):
        base = {"country_code": self.country, "party_id": self.party, "last_updated": stamp(thing.version)}
        if thing.module == "locations":
            return {**rig.location(self.country, self.party, thing.identity, 2), **base, "name": f"v{thing.version}"}
        if thing.module == "tariffs":
            return {**base, "id": thing.identity, "currency": "EUR", "elements": [
                {"price_components": [{"type": "ENERGY", "price": 0.25, "step_size": thing.version}]}]}
        if thing.module == "sessions":
            return {**base, **session(thing.receiver), "id": thing.identity, "kwh": thing.version}
        return {**base, "uid": thing.identity, "type": "RFID", "contract_id": f"C{thing.version}", "issuer": "MSP",
                "valid": True, "whitelist": "ALWAYS"}

    def patch(self, thing):
        change = {"locations": {"name": f"p{thing.version}"}, "tokens": {"valid": thing.version % 2 == 0},
                  "sessions": {"kwh": thing.version}}[thing.module]
        return {**change, "last_updated": stamp(thing.version)}

    def next_state(self, thing, random):
        """Method, body and what the object is afterwards."""
        thing.version += 1
        now = thing.acknowledged.document
        if now is not None and thing.module == "tariffs" and random.random() < 0.3:
            return "DELETE", b"", State(thing.version, None)
        known = thing.receiver is None or not thing.unanswered # what the receiver of a copy has, the hub has
        if now is not None and known and thing.module != "tariffs" and random.random() < 0.5:
            change = self.patch(thing)
            return "PATCH", json.dumps(change).encode(), State(thing.version, {**now, **change})
        document = self.document(thing)
        raw = json.dumps(document, indent=random.choice((None, 1))).encode()
        return "PUT", raw, State(thing.version, document, raw)

    async def share_one(self, client, thing, random):
        method, body, state = self.next_state(thing, random)
        thing.unanswered.append(state)
        barred, bars = self.barred, self.bars
        bars_there = thing.receiver.bars if thing.receiver is not None else 0
        to = {} if thing.receiver is None else thing.receiver.as_receiver()
        away = thing.receiver is not None and (thing.receiver.barred or thing.receiver.mood == DOWN)
        status, _, answer = await self.say(client, method, thing.path, body, to)
        code = json.loads(answer)["status_code"]
        if status // 100 == 2 and code == 1000 and thing.receiver is not None and self.has_fallen():
            self.ledger.count("taken while the database was away") # by the receiver: perhaps no copy is kept
        elif status // 100 == 2 and code == 1000:
            thing.acknowledged, thing.unanswered = state, []
            self.ledger.acknowledged += 1
        elif status == BARRED and (barred or bars != self.bars):
            thing.unanswered.remove(state)
        elif code == AWAY and (away or thing.receiver is not None and thing.receiver.bars != bars_there):
            self.ledger.count("kept while away") # perhaps: the answer does not promise it
        else:
            self.ledger.refused.append(f"{self} {method} {thing.path}: HTTP {status} {answer.decode()}")

    async def share(self, things, random):
        client = self.client()
        try:
            while not self.killed.is_set():
                await self.share_one(client, random.choice(things), random)
                await asyncio.sleep(random.random() * (0.05 if self.barred else 0.01))
        except Gone:
            pass
        client.close()

    def as_receiver(self):
        return {"OCPI-to-country-code": self.country, "OCPI-to-party-id": self.party}

    async def forward_one(self, client, other):
        to, barred, bars = other.as_receiver(), (self.barred, other.barred), (self.bars, other.bars)
        if self.role == "CPO":
            word = self.word("cdr")
            body = json.dumps(cdr(self, other, word)).encode()
            status, headers, answer = await self.say(client, "POST", "/ocpi/2.2.1/receiver/cdrs", body, to)
            kind, url = "Location", headers.get("location")
        elif self.words % 2 == 0:
            word = self.word("cmd")
            body = json.dumps({"response_url": f"{self.server.url}/callback/{word}", "location_id": word,
                               "evse_uid": "E1", "connector_id": "1"}).encode()
            status, headers, answer = await self.say(client, "POST",
                                                     "/ocpi/2.2.1/receiver/commands/UNLOCK_CONNECTOR", body, to)
            kind, url = None, None # the CPO was given it
        else:
            word = self.word("link")
            status, headers, answer = await self.say(client, "GET", f"/ocpi/2.2.1/sender/locations?word={word}", b"", to)
            kind, url = "Link", headers.get("link", "").partition(">")[0].strip("<")
        if status == BARRED and (barred[0] or self.bars != bars[0]):
            return
        if (other.mood == DOWN or barred[1] or other.bars != bars[1]) and json.loads(answer)["status_code"] == AWAY:
            return
        self.ledger.answered += 1
        if kind == "Location" and not url and self.has_fallen():
            return # the receiver has it, and its answer stands
        if status // 100 != 2 or json.loads(answer)["status_code"] != 1000 or (kind and not url):
            self.ledger.refused.append(f"{self} to {other}: {word}: HTTP {status} {answer.decode()}")
        elif kind:
            self.ledger.urls.append(Url(kind, url, self, word))

    async def forward(self, others, random):
        client = self.client()
        try:
            while not self.killed.is_set():
                await self.forward_one(client, random.choice([other for other in others if other is not self.estranged]))
                await asyncio.sleep(random.random() * 0.02)
        except Gone:
            pass
        client.close()


def cdr_token(emsp):
    return {"country_code": emsp.country, "party_id": emsp.party, "uid": "TOK0", "type": "RFID", "contract_id": "C1"}


def session(emsp):
    return {"start_date_time": stamp(0), "cdr_token": cdr_token(emsp), "auth_method": "WHITELIST", "location_id": "LOC0",
            "evse_uid": "E1", "connector_id": "1", "currency": "EUR", "status": "ACTIVE"}


def cdr(cpo, emsp, identity):
    return {"country_code": cpo.country, "party_id": cpo.party, "id": identity, "start_date_time": stamp(0),
            "end_date_time": stamp(1), "auth_method": "WHITELIST", "currency": "EUR",
            "cdr_token": cdr_token(emsp),
            "cdr_location": {"id": "LOC0", "address": "Main street 1", "city": "Berlin", "country": "DEU",
                             "coordinates": {"latitude": "52.50000", "longitude": "13.40000"}, "evse_uid": "E1",
                             "evse_id": f"DE*{cpo.party}*E1", "connector_id": "1",
                             "connector_standard": "IEC_62196_T2", "connector_format": "SOCKET",
                             "connector_power_type": "AC_3_PHASE"},
            "charging_periods": [{"start_date_time": stamp(0), "dimensions": [{"type": "ENERGY", "volume": 1.5}]}],
            "total_cost": {"excl_vat": 1.0}, "total_energy": 1.5, "total_time": 0.4, "last_updated": stamp(1)}
