"""counted: a hub under callgrind, the platforms around it, and the instructions and system calls a message costs it.

Everything the process executes counts, whichever thread it is. Messages go one after another on one connection, so that
no two of them share a turn of the loop by chance. Callgrind writes its counts down and begins anew when the hub answers
GET /healthz, which needs no ptrace and costs next to nothing, as it is counted, too: what lies between two of these is one
figure, without start, first connections and shutdown. What an idle hub executes in the same time is subtracted, as a slow machine would be charged more of it.

Readings of the clock and waits for events are not counted among the system calls: dump says why.

glibc's string functions are held at those that every amd64 has (loads.py); and MALLOC_PERTURB_, which meson sets for
its tests, is taken away, as filling what is allocated costs 2 %."""

import asyncio
import json
import os
import pathlib
import sys
import time

TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS / "bench"), str(TESTS / "soak")]

import rig
from loads import TUNABLES
from dump import counts_of
from record import Cost
from wire import Client, Server

DUMPS_AT = "health_alive*"
RECEIVERS = 20
SETTLES_S = 0.7  # answers on their way, cursors that are saved now and then
IDLE_S = 3
PAUSE_S = 0.1  # more than the trace waits for a batch to fill
WARM = 50
CPO, EMSP = ("DE", "CPO"), ("NL", "AAX")
TOKENS = {party: f"the-token-of-{'-'.join(party)}-{'x' * 16}" for party in (CPO, EMSP)}
ANSWER = rig.envelope({"allowed": "ALLOWED"}).encode()
OBJECT = "/ocpi/2.2.1/receiver/locations/DE/CPO/"
BODY_BYTES = 3400


class Rig(rig.Rig):
    """One that starts the hub under callgrind as soon as it is told to."""

    counts = False

    def start(self, arguments, env=None, **options):
        if not self.counts:
            return super().start(arguments, env=env, **options)
        callgrind = ["valgrind", "-q", "--tool=callgrind", f"--callgrind-out-file={self.dir}/counts",
                     f"--dump-before={DUMPS_AT}", "--collect-systime=yes"]
        environment = {name: value for name, value in (env or os.environ).items() if name != "MALLOC_PERTURB_"}
        return super().start([*callgrind, *arguments], env={**environment, "GLIBC_TUNABLES": TUNABLES}, **options)


class Upstream(Server):
    """All platforms: every request is answered with the same."""

    def __init__(self):
        super().__init__(self.answer)
        self.requests, self.awaited, self.all_there = 0, 0, asyncio.Event()

    async def answer(self, *_):
        self.requests += 1
        if self.requests == self.awaited:
            self.all_there.set()
        return 200, {}, ANSWER

    def expect(self, more):
        self.awaited = self.requests + more
        self.all_there.clear()


def platforms(url):
    """Lines for Hub.fill(): the CPO, the eMSP that asks it, and eMSPs that only receive."""
    yield rig.filled(*CPO, "CPO", TOKENS[CPO], url)
    yield rig.filled(*EMSP, "EMSP", TOKENS[EMSP], url)
    for letter in "BCDEFGHIJKLMNOPQRSTUVWXYZ"[:RECEIVERS - 1]:
        yield rig.filled("NL", f"{letter}AX", "EMSP", f"token-of-{letter}-{'x' * 20}", url, [("locations", "RECEIVER")])


def headers(sender, receiver=None):
    to = {} if receiver is None else {"OCPI-to-country-code": receiver[0], "OCPI-to-party-id": receiver[1]}
    return {"X-Request-ID": "a0000000-0000-4000-8000-000000000001",
            "X-Correlation-ID": "a0000000-0000-4000-8000-000000000002",
            "OCPI-from-country-code": sender[0], "OCPI-from-party-id": sender[1], **to}


class Sitting:
    """One hub with its platforms, set as @settings say."""

    def __init__(self, bench, settings):
        self.bench, self.settings = bench, settings
        self.versions = self.dumps = 0
        self.idle = [0, 0]  # of a second

    async def start(self):
        self.upstream = Upstream()
        await self.upstream.start()
        self.hub = rig.Hub(self.bench, ["http.workers=1", "push.still_alive_interval=604800", *self.settings])
        await asyncio.to_thread(self.hub.fill, platforms(self.upstream.url))
        self.bench.counts = True
        await asyncio.to_thread(self.hub.start)
        self.clients = {party: Client(self.hub.port, lambda token=token: rig.authorization(token))
                        for party, token in TOKENS.items()}
        await self.look_idle()

    async def stop(self):
        for client in self.clients.values():
            client.close()
        await asyncio.to_thread(self.hub.stop)
        self.upstream.close()

    # ---- messages ----

    async def say(self, sender, method, path, body=b"", receiver=None):
        status, _, answer = await self.clients[sender].request(method, path, body, headers(sender, receiver))
        if status not in (200, 201) or b'"status_code":1000' not in answer:
            rig.die(f"{method} {path}: HTTP {status} {answer.decode()}")

    def body(self, identity):
        """A Location of which no two are the same."""
        self.versions += 1
        text = json.dumps({**rig.location(*CPO, identity, 8), "name": f"Version {self.versions:06}"})
        return text.ljust(BODY_BYTES).encode()

    async def get(self):
        await self.say(EMSP, "GET", "/ocpi/2.2.1/sender/locations/L1", receiver=CPO)

    async def put(self):
        await self.say(CPO, "PUT", OBJECT + "L1", self.body("L1"), receiver=EMSP)

    async def share(self):
        self.upstream.expect(RECEIVERS)
        await self.say(CPO, "PUT", OBJECT + "L2", self.body("L2"))
        await asyncio.wait_for(self.upstream.all_there.wait(), 60)

    # ---- counts ----

    def dump(self):
        """Instructions and system calls since the last time."""
        rig.call(self.hub.admin_port, "GET", "/healthz", "-")
        self.dumps += 1
        counts = self.bench.dir / f"counts.{self.dumps}"
        if not counts.exists():
            rig.die(f"callgrind wrote nothing down: is there a function {DUMPS_AT} that answers GET /healthz?")
        return counts_of(counts.read_text())

    async def count(self, work):
        """What @work costs beyond what an idle hub does meanwhile."""
        await asyncio.sleep(SETTLES_S)
        await asyncio.to_thread(self.dump)
        began = time.monotonic()
        await work()
        await asyncio.sleep(SETTLES_S)
        took = time.monotonic() - began
        counts = await asyncio.to_thread(self.dump)
        return [count - idle * took for count, idle in zip(counts, self.idle)]

    async def look_idle(self):
        counts = await self.count(lambda: asyncio.sleep(IDLE_S))
        self.idle = [count / (IDLE_S + SETTLES_S) for count in counts]

    async def repeat(self, message, times, pause):
        for _ in range(times):
            await message()
            if pause > 0:
                await asyncio.sleep(pause)

    async def figure(self, message, times, rounds=1, pause=0, parts=1):
        """Cost of one of the @parts of a message, once everything is warm: the lowest of @rounds, as what other
        programs do to the turns of the loop makes it dearer, never cheaper."""
        await self.repeat(message, WARM, 0)
        counts = [await self.count(lambda: self.repeat(message, times, pause)) for _ in range(rounds)]
        return Cost(*(min(of_rounds) / times / parts for of_rounds in zip(*counts)))


async def measure_bare(sitting):
    """Back to back; of a share each delivery bears its part."""
    return {"get": await sitting.figure(sitting.get, 400, rounds=5),
            "put": await sitting.figure(sitting.put, 400, rounds=5),
            "delivery": await sitting.figure(sitting.share, 400 // RECEIVERS, rounds=5, parts=RECEIVERS)}


async def measure_default(sitting):
    """With the pause each message is a batch of its own in the trace, however fast the machine is."""
    return {"get-traced": await sitting.figure(sitting.get, 100, pause=PAUSE_S),
            "put-traced-kept": await sitting.figure(sitting.put, 100, pause=PAUSE_S)}


async def sit(settings, work):
    with Rig() as bench:
        sitting = Sitting(bench, settings)
        await sitting.start()
        figures = await work(sitting)
        await sitting.stop()
    return figures


def measure():
    """{figure: Cost}"""
    return {**asyncio.run(sit(["store.keep_addressed=false", "trace.max_rate=0"], measure_bare)),
            **asyncio.run(sit([], measure_default))}
