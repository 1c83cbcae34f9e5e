"""cluster: several hubs on one database, of which one leads and the others stand by, behind a proxy that asks each in turn.
It is killed, hung or stopped like one hub, and the others go on."""

import asyncio
import os
import pathlib
import signal
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "bench"))

import rig

PATIENCE_S = 30
BLOCK = 65536


async def pump(reader, writer):
    try:
        while block := await reader.read(BLOCK):
            writer.write(block)
            await writer.drain()
    except OSError:
        pass
    writer.close()


class Member(rig.Hub):
    """One of them."""

    skip = 0

    def begin(self):
        with open(self.log, "ab") as log:
            self.skip = log.tell()
            self.process = self.rig.start([self.build / "roamhubd", "--config", self.conf], stderr=log, env=self.environment)

    def said(self, what):
        if self.process.poll() is not None:
            rig.die(f"a hub ended with {self.process.returncode}:\n" + self.log.read_text()[-2000:])
        return what in self.log.read_bytes()[self.skip:]


class Cluster:
    """As rig.Hub is used by soaks."""

    tls = None
    admin, metric = rig.Hub.admin, rig.Hub.metric

    def __init__(self, bench, settings, count, ledger):
        self.rig = bench
        self.port, self.admin_port = rig.free_ports(2)
        self.url = f"http://127.0.0.1:{self.port}"
        self.platforms, self.ledger = {}, ledger
        self.members = [Member(bench, [*settings, "store.standby=true", f"hub.public_url={self.url}"], f"hub-{number}")
                        for number in range(count)]
        self.leader, self.fallen, self.writers = None, None, set()
        self.fell = 0.0
        self.how = None

    async def open(self):
        await asyncio.start_server(self.pass_to("port"), "127.0.0.1", self.port, backlog=512)
        await asyncio.start_server(self.pass_to("admin_port"), "127.0.0.1", self.admin_port, backlog=512)

    # ---- the proxy: whoever accepts has it ----

    async def reach(self, port):
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            for member in self.members:
                if member is self.fallen and self.how == "hang":
                    continue  # a proxy finds that out by its own checks
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
        for writer in self.writers:
            writer.close()

    # ---- what befalls it ----

    def start(self):
        """Seconds until one leads, of those that are there."""
        if self.leader is None and self.fallen is None:
            self.fell = time.monotonic()
            self.members[0].start()  # and makes the key file
            for member in self.members[1:]:
                member.begin()
        self.leader = self.wait_for_leader()
        took = time.monotonic() - self.fell
        if self.fallen is not None:
            self.come_back()
        return took

    def wait_for_leader(self):
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            for member in self.members:
                if member is not self.fallen and member.process and member.said(b"ready on"):
                    return member
            time.sleep(0.002)
        rig.die("nobody leads:\n" + "".join(member.log.read_text()[-2000:] for member in self.members))

    def come_back(self):
        """Who was put out ends by itself, and stands by when it is started again."""
        member, self.fallen = self.fallen, None
        if self.how == "hang":
            member.process.send_signal(signal.SIGCONT)
            if member.process.wait(PATIENCE_S) != 1:
                rig.die(f"a hub that was put out ended with {member.process.returncode}")
            member.rig.processes.remove(member.process)
        member.begin()

    def kill(self, how):
        """Of who leads: kill, hang or stop."""
        self.how, self.fallen, self.leader = how, self.leader, None
        self.fell = time.monotonic()
        self.ledger.count(f"{how} of who leads")
        if how == "hang":
            os.kill(self.fallen.pid, signal.SIGSTOP)
            self.cut()
        elif how == "stop":
            self.fallen.stop()
            self.fell = time.monotonic() # it drains first
        else:
            self.fallen.kill()

    def stop(self):
        for member in [*[one for one in self.members if one is not self.leader], self.leader]:
            member.stop()

    def invite(self, name):
        return self.leader.invite(name)
