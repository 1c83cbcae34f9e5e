"""cluster: several hubs on one database, behind a proxy that asks each in turn. Of some one leads and the others stand by, others
share the work. One of them is killed, hung, stopped or cut off, or their database falls, and the others go on."""

import asyncio
import os
import pathlib
import signal
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "bench"))

import rig
from databases import pump
from wire import Turns

PATIENCE_S = 30
FALL = "fall"              # of the database
UNHEARD = ("hang", "cut")  # cut off from the database; of either a proxy finds out by its own checks


class Member(rig.Hub):
    """One of them."""

    skip = 0

    def begin(self):
        with open(self.log, "ab") as log:
            self.skip = log.tell()
            self.process = self.rig.start([self.build / "roamhubd", "--config", self.conf], stderr=log, env=self.environment)

    def has_ended(self):
        return self.process.poll() is not None

    def said(self, what):
        if self.has_ended():
            rig.die(f"a hub ended with {self.process.returncode}:\n" + self.log.read_text()[-2000:])
        return what in self.log.read_bytes()[self.skip:]

    def is_ready(self):
        """Could it commit just now?"""
        return self.said(b"ready on") and self.admin("GET", "/readyz")[0] == 200

    def wait_put_out(self):
        if self.process.wait(PATIENCE_S) != 1:
            rig.die(f"a hub that was put out ended with {self.process.returncode}:\n" + self.log.read_text()[-2000:])
        self.rig.processes.remove(self.process)


class Cluster:
    """As rig.Hub is used by soaks."""

    tls = None
    admin, metric = rig.Hub.admin, rig.Hub.metric

    def __init__(self, bench, settings, count, ledger, databases):
        self.rig = bench
        self.port, self.admin_port = rig.free_ports(2)
        self.url = f"http://127.0.0.1:{self.port}"
        self.platforms, self.ledger, self.databases = {}, ledger, databases
        self.members = [Member(bench, [*settings, f"{self.mode}=true", f"hub.public_url={self.url}",
                                       f"store.url={databases.url(number)}"], f"hub-{number}") for number in range(count)]
        self.fallen, self.writers, self.turn = None, set(), 0
        self.fell = 0.0
        self.how = None

    async def open(self):
        self.loop = asyncio.get_running_loop()
        await asyncio.start_server(self.pass_to("port"), "127.0.0.1", self.port, backlog=512)
        await asyncio.start_server(self.pass_to("admin_port"), "127.0.0.1", self.admin_port, backlog=512)

    # ---- the proxy: each connection to the next one that accepts it ----

    def asked(self):
        return [member for member in self.members if member is not self.fallen or self.how not in UNHEARD]

    async def reach(self, port):
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            self.turn += 1
            members = self.asked()
            for member in members[self.turn % len(members):] + members[:self.turn % len(members)]:
                try:
                    return await asyncio.open_connection("127.0.0.1", getattr(member, port))
                except OSError:
                    continue
            await asyncio.sleep(0.02)
        raise OSError

    def pass_to(self, port):
        return lambda reader, writer: self.pass_on(port, reader, writer)

    async def pass_on(self, port, reader, writer):
        self.writers.add(writer)
        try:
            there = await self.reach(port)
            self.writers.add(there[1])
            await asyncio.gather(pump(reader, there[1]), pump(there[0], writer))
            self.writers.discard(there[1])
        except OSError:
            pass
        self.writers.discard(writer)
        writer.close()

    def cut(self):
        for writer in list(self.writers):
            writer.close()

    def has_fallen(self):
        return self.how == FALL

    def logs(self):
        return "".join(f"{member.conf.stem}:\n{member.log.read_text()[-4000:]}" for member in self.members)

    # ---- what befalls it ----

    def start(self):
        """Seconds until all is well without who fell, who then comes back."""
        if self.how is None:
            self.fell = time.monotonic()
            self.members[0].start()  # and makes the key file
            for member in self.members[1:]:
                member.begin()
        self.wait_well()
        took = time.monotonic() - self.fell
        self.ledger.stands()
        if self.how == FALL:
            self.databases.mend()
        elif self.fallen is not None:
            self.come_back()
        for member in self.members:
            if member.process.poll() == 1:  # while the database was away others may have taken over
                self.rig.processes.remove(member.process)
                member.begin()
        self.how = ""
        return took

    def come_back(self):
        """Who was put out ends by itself, and is good again when it is started anew."""
        member = self.fallen
        if self.how == "hang":
            member.process.send_signal(signal.SIGCONT)
        if self.how == "cut":
            self.databases.heal(self.members.index(member))
        if self.how in UNHEARD:
            member.wait_put_out()
        self.fallen = None
        member.begin()

    def strike(self, how, member):
        self.how, self.fell = how, time.monotonic()
        if how == FALL:
            self.databases.fall()
            return
        self.fallen = member
        if how == "hang":
            os.kill(member.pid, signal.SIGSTOP)
        elif how == "cut":
            self.databases.cut(self.members.index(member))
        elif how == "stop":
            member.stop()
            self.fell = time.monotonic() # it drains first
        else:
            member.kill()

    def stop(self):
        for member in self.members:
            member.stop()

    def invite(self, name):
        return next(member for member in self.members if member is not self.fallen).invite(name)


class Led(Cluster):
    """One leads, the others stand by."""

    mode = "store.standby"
    strikes = ("kill", "hang", "stop", "cut", FALL)

    def leader(self):
        return next((member for member in self.members if member is not self.fallen and not member.has_ended()
                     and member.said(b"ready on")), None)

    def strike(self, how, member=None):
        leader = self.leader()
        super().strike(how, leader)
        if how != FALL:
            self.loop.call_soon_threadsafe(self.cut)

    def wait_well(self):
        until = time.monotonic() + PATIENCE_S
        while (leader := self.leader()) is None or not leader.is_ready():
            if time.monotonic() > until:
                rig.die(f"nobody leads {PATIENCE_S} s after {self.how or 'the start'}:\n" + self.logs())
            time.sleep(0.002)

    def stop(self):
        leader = self.leader()
        for member in [*[one for one in self.members if one is not leader], leader]:
            member.stop()

    def invite(self, name):
        return self.leader().invite(name)


class Together(Cluster):
    """All share the work, and parties ask each in turn. After a strike they go on with those that are there."""

    mode = "store.together"
    known_in_s = 1  # what one was told is known to all
    strikes = ("kill", "hang", "stop", "cut", FALL)
    WORKING = "SELECT count(*), sum(roamhub.slot_count(slots)), min(roamhub.slot_count(slots)) FROM roamhub.hub WHERE state = 'together'"

    def __init__(self, *what):
        super().__init__(*what)
        self.clients = set()

    def client(self, authorization):
        client = Turns(lambda: [member.port for member in self.asked()], authorization)
        self.clients.add(client)
        return client

    def strike(self, how, member):
        super().strike(how, member)
        if how in UNHEARD:
            self.loop.call_soon_threadsafe(self.leave, member)

    def leave(self, member):
        """A proxy has noticed."""
        self.cut()
        for client in self.clients:
            client.leave(member.port)

    def working(self):
        return [member for member in self.members if member is not self.fallen]

    def is_well(self):
        """Do those that are there have all slots, each its share? Whoever came last has to have them, too, before the next strike."""
        count = len(self.working())
        said = self.databases.say(self.WORKING, self.databases.NAME).split("|")
        return (said[:2] == [str(count), "64"] and int(said[2]) >= 64 // count
                and all(member.is_ready() for member in self.working()))

    def wait_well(self):
        until = time.monotonic() + PATIENCE_S
        while not self.is_well():
            if time.monotonic() > until:
                rig.die(f"they do not share all {PATIENCE_S} s after {self.how or 'the start'}:\n" + self.logs())
            time.sleep(0.02)

    def come_back(self):
        super().come_back()
        self.wait_well()
