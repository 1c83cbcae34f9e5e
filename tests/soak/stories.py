"""stories: what operators and partners do while the hub is killed: refusals redriven, suspensions, new tokens, agreements,
backups, and an object that a receiver cannot take. run() goes on until the hub is dead; settle() comes when it is up
again, and says what it forgot; after it the parties are as everybody expects them."""

import asyncio
import http.client
import json
import sqlite3
import time

from ledger import brief, integrity, version_of
from party import AWAY, cdr, rig
from wire import Gone


async def admin(hub, method, path, document=None):
    try:
        status, answer = await asyncio.to_thread(hub.admin, method, path, document)
    except (OSError, http.client.HTTPException, ValueError) as fault:
        raise Gone(f"{method} {path}: {fault!r}") from fault
    if status == 503 and "stopping" in answer["error"]:
        raise Gone(f"{method} {path}: {answer['error']}")
    if status >= 500 and getattr(hub, "has_fallen", bool)():
        raise Gone(f"{method} {path}: HTTP {status}, the database is away")
    return status, answer


async def until(condition, seconds, step=0.005):
    """Is it so before @seconds are over?"""
    ends = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > ends:
            return False
        await asyncio.sleep(step)
    return True


class Story:
    def __init__(self, hub, ledger, party, chance):
        self.hub, self.ledger, self.party, self.chance = hub, ledger, party, chance
        self.path = f"/admin/v1/platforms/{party.platform}"

    async def run(self):
        try:
            while True:
                await self.once()
        except Gone:
            pass

    async def nap(self, longest):
        await asyncio.sleep(self.chance.random() * longest)
        if self.party.killed.is_set():
            raise Gone("killed")

    def __str__(self):
        return "played"

    async def settle(self):
        """The hub is up again."""

    async def heal(self, seconds):
        """All others were checked."""

    async def redrive(self, **what):
        """Count and objects of a redrive; None: not now, as the party is away."""
        status, answer = await admin(self.hub, "POST", self.path + "/redrive", what)
        if status == 409:
            return None
        if status != 200:
            self.ledger.refused.append(f"redrive for {self.party}: HTTP {status} {answer}")
            return None
        return [f"{row['module']}/{row['owner']}/{row['id']}" for row in answer["objects"]]


class Redrive(Story):
    """A party refuses an object for good; the operator sends it again, and the party takes it."""

    def __init__(self, hub, ledger, party, chance, owner):
        super().__init__(hub, ledger, party, chance)
        self.owner, self.thing = owner, owner.seldom
        self.name = f"{self.thing.module}/{owner}/{self.thing.identity}"
        self.promised = False
        self.client = owner.client()

    async def once(self):
        thing, party = self.thing, self.party
        self.promised, party.refused, party.refuses = False, 0, thing.key
        await self.owner.share_one(self.client, thing, self.chance)
        while party.refused < thing.acknowledged.version or self.name not in (await self.redrive(dry_run=True) or ()):
            await self.nap(0.02)
        party.refuses, party.ponders = None, thing.key
        while not self.promised:
            self.promised = self.name in (await self.redrive() or ())
            await self.nap(0.05)
        self.ledger.count("redriven")
        await until(lambda: party.held.get(thing.key) == thing.acknowledged.document or party.killed.is_set(), 5)
        party.ponders = None
        await self.nap(0.1)

    def __str__(self):
        return f"{self.thing.key} " + ("redriven" if self.promised else "refused, not yet redriven")

    async def settle(self):
        self.client.close()
        self.party.refuses = self.party.ponders = None
        if not self.promised:
            await self.redrive()  # of what was refused and not yet asked for; what was, has to come by itself


class Suspension(Story):
    """The operator suspends a party and resumes it."""

    suspended = False  # None: asked for one or the other, and not answered

    async def turn(self, verb, suspended):
        self.suspended = None
        status, answer = await admin(self.hub, "POST", f"{self.path}/{verb}")
        if status != 200:
            self.ledger.refused.append(f"{verb} {self.party}: HTTP {status} {answer}")
        self.suspended = suspended

    async def once(self):
        await self.nap(0.3)
        self.party.barred = True
        self.party.bars += 1
        await self.turn("suspend", True)
        await self.nap(0.3)
        await self.turn("resume", False)
        await asyncio.sleep(getattr(self.hub, "known_in_s", 0))
        self.party.bars += 1 # there may be one who did not know yet
        self.party.barred = False
        self.ledger.count("suspended")

    def __str__(self):
        return f"suspended: {self.suspended}"

    async def settle(self):
        _, shown = await admin(self.hub, "GET", self.path)
        if self.suspended is not None and (shown["status"] == "SUSPENDED") != self.suspended:
            self.ledger.lost.append(f"{self.party} is {shown['status']}; suspended as acknowledged: {self.suspended}")
        if shown["status"] == "SUSPENDED":
            await self.turn("resume", False)
        self.party.barred = False


class Rotation(Story):
    """A party takes a new token for itself and for the hub by PUT credentials."""

    unanswered = False
    number = 0  # of tokens

    async def rotate(self):
        party, client = self.party, self.party.client()
        Rotation.number += 1
        fresh = f"B{Rotation.number}-{party.country}-{party.party}"
        body = json.dumps(rig.credentials(party.country, party.party, party.role, party.server.url + "/versions", fresh))
        self.unanswered = True
        party.spoken.add(fresh)
        status, _, answer = await client.request("PUT", "/ocpi/2.2.1/credentials", body.encode())
        client.close()
        party.excuse(status, answer)
        document = json.loads(answer)
        if status != 200 or document["status_code"] != 1000:
            self.ledger.refused.append(f"PUT credentials of {party}: HTTP {status} {answer.decode()}")
        else:
            party.token, party.given = document["data"]["token"], fresh
            self.ledger.count("rotated")
        self.unanswered = False

    async def once(self):
        await self.nap(0.4)
        await self.rotate()  # what was in the air, or waited for a free connection of a slow party, may have any of before

    async def settle(self):
        if self.unanswered:
            await self.rotate()  # with the token before, which is good until the next was used
        else:
            self.party.spoken = {self.party.given}


class Agreement(Story):
    """The operator agrees for a pair on everything but CDRs, and takes that back."""

    MODULES = "locations,tariffs,tokens,sessions,commands"
    agreed = False  # None: asked for one or the other, and not answered
    number = None

    def __init__(self, hub, ledger, party, chance, other):
        super().__init__(hub, ledger, party, chance)
        self.other, party.estranged = other, other

    async def turn(self, method, path, document, agreed, expected):
        self.agreed = None
        status, answer = await admin(self.hub, method, path, document)
        if status != expected:
            self.ledger.refused.append(f"{method} {path} {document}: HTTP {status} {answer}")
        self.agreed = agreed
        return answer

    async def once(self):
        await self.nap(0.2)
        asked = {"cpo": str(self.party), "emsp": str(self.other), "modules": self.MODULES}
        answer = await self.turn("POST", "/admin/v1/agreements", asked, True, 201)
        self.number = answer.get("agreement")
        await self.nap(0.3)
        await self.turn("DELETE", f"/admin/v1/agreements/{self.number}", None, False, 200)
        self.ledger.count("agreed")

    def __str__(self):
        return f"with {self.other}, agreed: {self.agreed}"

    async def check_rules(self, client, agreed):
        """A CDR crosses when there is no agreement that leaves CDRs out, and not when there is one."""
        word = self.party.word("cdr")
        body = json.dumps(cdr(self.party, self.other, word)).encode()
        while True:  # the hub may not yet have found out that this receiver answers again
            status, _, answer = await client.request("POST", "/ocpi/2.2.1/receiver/cdrs", body, self.other.as_receiver())
            code = json.loads(answer)["status_code"]
            if agreed or code != AWAY:
                break
            await asyncio.sleep(0.1)
        if status // 100 != 2 or (code == AWAY) != agreed or code not in (AWAY, 1000):
            self.ledger.lost.append(f"agreement of {self.party} and {self.other}: {agreed}, and a CDR is answered "
                                    f"HTTP {status} {answer.decode()}")

    async def settle(self):
        _, rows = await admin(self.hub, "GET", "/admin/v1/agreements")
        mine = [row for row in rows if (row["cpo"], row["emsp"]) == (str(self.party), str(self.other))]
        if self.agreed is not None and bool(mine) != self.agreed:
            self.ledger.lost.append(f"agreements of {self.party} and {self.other} are {mine}; acknowledged: {self.agreed}")
        client = self.party.client()
        await self.check_rules(client, bool(mine))
        for row in mine:
            await self.turn("DELETE", f"/admin/v1/agreements/{row['agreement']}", None, False, 200)
        await self.check_rules(client, False)
        client.close()
        self.party.estranged = None


class Backup(Story):
    """The operator takes a copy: one that is there is whole, and has at least what was acknowledged before it was begun."""

    def __init__(self, hub, ledger, party, chance):
        super().__init__(hub, ledger, party, chance)
        self.file, self.before = None, {}
        self.done = []
        self.asked = False

    async def once(self):
        number = self.ledger.counts.get("backed up", 0)
        self.file = self.hub.database.with_name(f"backup-{number}-{self.chance.random()}.db")
        self.before = {thing: thing.acknowledged.version for thing in self.ledger.things
                       if thing.receiver is None and thing.acknowledged.document is not None}
        self.asked = True
        status, answer = await admin(self.hub, "POST", "/admin/v1/backup", {"path": str(self.file)})
        if status != 200:
            self.ledger.refused.append(f"backup {self.file.name}: HTTP {status} {answer}")
        self.asked = False
        self.done.append((self.file, self.before))
        await self.nap(0.3)

    def __str__(self):
        return f"{len(self.done)} backups acknowledged" + (", one under way" if self.asked else "")

    def held(self, database, thing):
        """live and body of a row, or None."""
        return database.execute("SELECT live, body FROM object WHERE scope = '*' AND module = ? AND owner = ? AND id = ?",
                                (thing.module, str(thing.owner), thing.identity)).fetchone()

    def check(self, file, before):
        database = sqlite3.connect(file)
        verdict = integrity(database)
        if verdict != "ok":
            self.ledger.lost.append(f"integrity_check of the backup {file.name}: {verdict}")
            before = {}
        for thing, version in before.items():
            live, body = self.held(database, thing) or (True, None)
            if live and (body is None or version_of(json.loads(body)) < version):
                self.ledger.lost.append(f"the backup {file.name} has of {thing.key} {body}, "
                                        f"version {version} was acknowledged before it")
        database.close()

    async def settle(self):
        if self.asked:
            self.ledger.count("killed in a backup")
            if self.file.exists():  # whole, though nobody was told
                self.done.append((self.file, self.before))
        for file, before in self.done:
            await asyncio.to_thread(self.check, file, before)
            self.ledger.count("backed up")
        for left in self.hub.database.parent.glob("backup-*"):
            left.unlink()


class Poison(Story):
    """A party answers one object 500 and gets all others; the object is parked, and taken when it can be."""

    def __init__(self, hub, ledger, party, chance, thing):
        super().__init__(hub, ledger, party, chance)
        self.thing = thing
        party.poison = thing.key

    async def run(self):
        await self.party.killed.wait()

    def is_settled(self):
        return self.party.held.get(self.thing.key) == self.thing.acknowledged.document

    async def check_parked(self, seconds):
        """Only what is owed; it was not when the kill came before anything of it was shared."""
        ends = time.monotonic() + seconds
        while not self.is_settled():
            _, shown = await admin(self.hub, "GET", self.path)
            if shown["parked"] > 0:
                self.ledger.count("parked")
                return
            if time.monotonic() > ends:
                self.ledger.skipped.append(f"{self.party}: {self.thing.key} is answered 500 and not parked after {seconds} s")
                return
            await asyncio.sleep(0.05)

    async def heal(self, seconds):
        await self.check_parked(seconds)
        self.party.poison = None
        ends = time.monotonic() + seconds
        while not self.is_settled() and time.monotonic() < ends:
            await self.redrive()  # as an operator does who knows that the partner is well again
            await until(self.is_settled, 1)
        if self.is_settled():
            self.ledger.count("healed")
        else:
            held = brief(self.party.held.get(self.thing.key), self.thing.acknowledged.document)
            self.ledger.skipped.append(f"{self.party} can take {self.thing.key} again and holds {held} after {seconds} s")
            self.party.held[self.thing.key] = self.thing.acknowledged.document  # told once
