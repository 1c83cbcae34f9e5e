"""databases: a PostgreSQL and its synchronous standby, which change places when the first one falls, and the ways by which hubs
reach them, which can be cut. tests/postgresql/with gives the programs."""

import asyncio
import contextlib
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "postgresql"))

import hubs

BLOCK = 65536
SYNC = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'"


async def pump(reader, writer, whole=None):
    """Until one side ends; @whole: an event, without which nothing is passed on."""
    try:
        while True:
            block = await reader.read(BLOCK)
            if whole is not None:
                await whole.wait()
            if not block:
                break
            writer.write(block)
            await writer.drain()
    except OSError:
        pass
    writer.close()


class Way:
    """Of one hub to one server. What is sent while it is cut arrives when it is whole again: late, as in a network."""

    port = 0

    def __init__(self, folder):
        self.folder = folder
        self.whole = asyncio.Event()
        self.whole.set()

    async def open(self):
        """The server listens."""
        self.server = await asyncio.start_server(self.pass_on, "127.0.0.1", self.port, backlog=64)
        self.port = self.server.sockets[0].getsockname()[1]

    async def pass_on(self, reader, writer):
        await self.whole.wait()
        try:
            there = await asyncio.open_unix_connection(self.folder + "/.s.PGSQL.5432")
            await asyncio.gather(pump(reader, there[1], self.whole), pump(there[0], writer, self.whole))
        except OSError:
            writer.close()


class Pair:
    """The server that leads, the one that follows, and the hubs' database on them."""

    NAME = "crash"

    def __init__(self, stack, count):
        """They end with @stack; @count hubs."""
        self.stack, self.ways, self.running = stack, [[] for _ in range(count)], {}
        self.first, self.second = (stack.enter_context(hubs.place()) for _ in range(2))
        hubs.as_user("initdb", "-D", self.first + "/data", "--no-sync", "--auth=trust", "--username=postgres", "--encoding=UTF8",
                     "--locale=C", "--data-checksums")
        self.run(self.first)
        self.say(f"CREATE DATABASE {self.NAME};")
        self.follow()

    async def open(self):
        self.loop = asyncio.get_running_loop()
        for ways in self.ways:
            ways += [Way(self.first), Way(self.second)]
            for way in ways:
                await way.open()

    def url(self, number):
        """As hub @number reaches it, whichever leads."""
        ports = ",".join(str(way.port) for way in self.ways[number])
        return f"postgresql://postgres@/{self.NAME}?host=127.0.0.1,127.0.0.1&port={ports}&target_session_attrs=primary"

    def run(self, folder):
        self.running[folder] = self.stack.enter_context(contextlib.ExitStack())
        self.running[folder].enter_context(hubs.server(folder))

    def say(self, sql, database="postgres"):
        return hubs.sql(sql, database, self.first)

    def follow(self):
        """The second one follows the first; what is acknowledged from now on is on both."""
        hubs.as_user("pg_basebackup", "-h", self.first, "-U", "postgres", "-D", self.second + "/data", "-R", "-c", "fast")
        self.run(self.second)
        self.say("ALTER SYSTEM SET synchronous_standby_names = '*'; SELECT pg_reload_conf();")
        hubs.wait_for(lambda: self.say(SYNC) == "1")

    # ---- what befalls them ----

    def end_connections(self):
        self.say(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{self.NAME}';")

    def fall(self):
        """The first one is stopped at once, and the second takes its place."""
        self.loop.call_soon_threadsafe(lambda: [way.server.close() for way in self.ways_to(self.first)])
        hubs.as_user("pg_ctl", "stop", "-D", self.first + "/data", "-m", "immediate")
        hubs.as_user("pg_ctl", "promote", "-D", self.second + "/data")
        self.first, self.second = self.second, self.first

    def mend(self):
        """What fell becomes the one that follows."""
        self.running.pop(self.second).close()
        subprocess.run(["rm", "-r", self.second + "/data"], check=True)
        self.follow()
        for way in self.ways_to(self.second):
            asyncio.run_coroutine_threadsafe(way.open(), self.loop).result()

    def ways_to(self, folder):
        return [way for ways in self.ways for way in ways if way.folder == folder]

    def cut(self, number):
        """Hub @number is cut off from both."""
        self.loop.call_soon_threadsafe(lambda: [way.whole.clear() for way in self.ways[number]])

    def heal(self, number):
        self.loop.call_soon_threadsafe(lambda: [way.whole.set() for way in self.ways[number]])
