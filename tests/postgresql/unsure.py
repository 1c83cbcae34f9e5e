#!/usr/bin/env python3
"""A batch is committed, and its answer lost with the connection: who shared is told 3000, and who is to get it gets it nevertheless,
though nobody shares anything any more. unsure.py, run by tests/postgresql/with; the hub is that of $BUILD."""
import asyncio
import pathlib
import random
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "soak"))

import hubs
from databases import Way, pump
from ledger import Ledger, stamp
from party import PROMPT, Party, rig

PATIENCE_S = 30
LOCK = "1380472130, 1"  # of the numbers
HOLDS = "SELECT {} FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%';"
WAITS = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND wait_event = 'advisory';"
NEWEST = "SELECT count(*) FROM roamhub.object WHERE convert_from(body, 'UTF8') LIKE '%\"v{}\"%';"


class Muted(Way):
    """What the server says is kept back while @heard is not set."""

    def __init__(self, folder):
        super().__init__(folder)
        self.heard = asyncio.Event()
        self.heard.set()
        self.writers = []

    async def pass_on(self, reader, writer):
        there = await asyncio.open_unix_connection(self.folder + "/.s.PGSQL.5432")
        self.writers += [writer, there[1]]
        await asyncio.gather(pump(reader, there[1]), pump(there[0], writer, self.heard))

    async def fall(self):
        """All connections end, and nobody listens."""
        self.server.close()
        for writer in self.writers:
            writer.transport.abort()
        self.writers = []
        self.heard.set()


async def until(condition, what):
    ends = time.monotonic() + PATIENCE_S
    while not await asyncio.to_thread(condition):
        if time.monotonic() > ends:
            rig.die(f"{what}: waited {PATIENCE_S} s in vain")
        await asyncio.sleep(0.02)


def hold_up():
    """Every batch, until it is ended."""
    holder = subprocess.Popen([hubs.BIN + "/psql", "-qX", "-h", hubs.SERVER, "-U", "postgres", "-c",
                               f"SELECT pg_advisory_lock({LOCK})", "-c", "SELECT pg_sleep(600)", "unsure"],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    hubs.wait_for(lambda: hubs.sql(HOLDS.format("count(*)"), "unsure") == "1")
    return holder


async def share_unheard(way, owner, thing, client):
    """False: the batch that was held up was another one, and this one was heard of."""
    holder = await asyncio.to_thread(hold_up)
    owner.patch = lambda thing: {"name": f"v{thing.version}", "last_updated": stamp(thing.version)}
    sharing = asyncio.create_task(owner.share_one(client, thing, random.Random(1)))
    await until(lambda: hubs.sql(WAITS, "unsure") == "1", "a batch that waits")
    way.heard.clear()
    hubs.sql(HOLDS.format("pg_terminate_backend(pid)"), "unsure")
    holder.wait()
    for _ in range(50):
        if hubs.sql(NEWEST.format(thing.version), "unsure") == "1":
            await way.fall()
            await sharing
            return True
        await asyncio.sleep(0.02)
    way.heard.set()
    await sharing
    return False


async def play(bench):
    hubs.sql("CREATE DATABASE unsure;")
    way, ledger, chance = Muted(hubs.SERVER), Ledger(), random.Random(1)
    await way.open()
    hub = rig.Hub(bench, [f"store.url=postgresql://postgres@/unsure?host=127.0.0.1&port={way.port}", f"store.key_file={bench.dir}/key",
                          f"admin.token_file={bench.dir}/admin.token"])
    await asyncio.to_thread(hub.start)
    owner, receiver = Party(ledger, "CPO", 0), Party(ledger, "EMSP", 0)
    for party in (owner, receiver):
        await party.register(hub)
        party.be(PROMPT, chance)
    thing, client = owner.thing("locations", "L1"), owner.client()
    await owner.share_one(client, thing, chance)
    await until(lambda: receiver.held, "the first version")

    while not await share_unheard(way, owner, thing, client):
        pass
    told, = ledger.refused
    assert '"status_code":3000' in told, told
    name = f"v{thing.version}"
    assert receiver.held[thing.key]["name"] != name
    await way.open()
    await until(lambda: receiver.held[thing.key]["name"] == name, "what nobody was told of")
    client.close()
    await asyncio.to_thread(hub.stop)


with rig.Rig() as folder:
    asyncio.run(play(folder))
