"""processes: what an operation costs one hub on a SQLite, one on a PostgreSQL, and several that share that, with what the server
itself does with the same rows beside: for ./dev bench grow --processes.

All sides know the same platforms: a SQLite is filled, and moved to a database for each. Requests come from a wrk for each process, to
objects of its own; connections are of all of them. CPU is that of the hubs, without the server's."""

import concurrent.futures
import contextlib
import itertools
import os
import pathlib
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "postgresql"))

import figures
import hubs
import loads
import rig
import sharing

CLIENTS = (64, 256)
RECEIVERS = 10
FORWARDED = "the-token-of-who-asks-for-lists"
FORWARD = {"OCPI-from-country-code": "NL", "OCPI-from-party-id": "ASK", "OCPI-to-country-code": "DE", "OCPI-to-party-id": "TOL"}
BATCH = 512
SERVER = ("fsync=on", "shared_buffers=256MB", "max_wal_size=4GB")
NEW = 30000  # objects of a run that only makes new ones; more are overwritten


class Side:
    """So many processes on one database."""

    def __init__(self, bench, name, settings, count, workers):
        self.name, self.count = name, count
        each = [f"http.workers={workers}", "push.still_alive_interval=86400", f"admin.token_file={bench.dir}/admin.token",
                "hub.public_url=http://127.0.0.1:1", *settings]  # where nobody asks, and the same for all
        if count > 1:
            each += ["store.together=true"]
        self.hubs = [rig.Hub(bench, each, f"hub-{name}-{number}".replace(" ", "-").replace(",", "")) for number in range(count)]
        self.rates, self.cpu = {}, {}

    def start(self):
        for hub in self.hubs:
            hub.start()
        time.sleep(2)  # slots are shared
        self.pids = [hub.pid for hub in self.hubs]

    def stop(self):
        for hub in self.hubs:
            hub.stop()

    def seconds(self):
        return sum(map(rig.thread_cpu_seconds, self.pids))

    def pushed(self):
        return sum(hub.metric("pushed_total") for hub in self.hubs)

    def note(self, what, rate, cpu):
        self.rates.setdefault(what, []).append(rate)
        self.cpu.setdefault(what, []).append(cpu)

    def load(self, path, scripts, connections, seconds):
        """Requests a second and all of them, by a wrk for each process."""
        with concurrent.futures.ThreadPoolExecutor(self.count) as pool:
            done = list(pool.map(lambda pair: loads.Load(pair[0].url + path, pair[1], max(1, connections // self.count), seconds),
                                 zip(self.hubs, scripts)))
        return sum(load.per_second for load in done), sum(load.requests for load in done)

    def run(self, what, path, scripts, connections, seconds):
        before = self.seconds()
        rate, requests = rig.again(f"{self.name}, {what}", lambda: self.load(path, scripts, connections, seconds))
        self.note(what, rate, (self.seconds() - before) / requests)
        return requests

    def deliver(self, path, scripts, seconds, share):
        """What each delivery costs without the shares, of which one costs @share."""
        before, began, pushed = self.seconds(), time.monotonic(), self.pushed()
        _, requests = rig.again(f"{self.name}, delivery", lambda: self.load(path, scripts, 64, seconds))
        seen = -1
        while seen != self.pushed():
            seen, ended = self.pushed(), time.monotonic()
            time.sleep(0.3)
        self.note("delivery", (seen - pushed) / (ended - began), (self.seconds() - before - requests * share) / (seen - pushed))

    def of(self, figures_of, what):
        return rig.median(figures_of[what])


class World:
    """All sides, what they speak to, and the scripts of wrk."""

    def __init__(self, bench, args, folder):
        self.bench, self.args, self.folder = bench, args, folder
        self.upstream = sharing.Upstream(bench, 1)
        self.numbers = itertools.count()
        first = Side(bench, "SQLite, 1", [], 1, args.workers)
        first.hubs[0].fill(self.lines())
        moved = bench.dir / "moved"
        self.roamhubd(first.hubs[0], "--export", moved)
        self.sides = [first]
        for count in args.processes:
            hubs.sql(f"CREATE DATABASE hub{count};", host=folder)
            side = Side(bench, f"PostgreSQL, {count}", [f"store.url=postgresql://postgres@/hub{count}?host={folder}",
                                                        f"store.key_file={first.hubs[0].database}-key"], count, args.workers)
            self.roamhubd(side.hubs[0], "--import", moved)
            self.sides.append(side)
        most = max(side.count for side in self.sides)
        self.forward = [self.script("GET", FORWARDED, FORWARD)] * most

    @staticmethod
    def roamhubd(hub, verb, file):
        done = subprocess.run([rig.BUILD / "roamhubd", "--config", hub.conf, verb, file], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            rig.die(f"{verb}: {done.stderr}")

    def lines(self):
        url = self.upstream.url
        yield sharing.the_cpo(url)
        yield rig.filled("DE", "TOL", "CPO", "the-token-of-who-is-asked", url, [("locations", "SENDER")])
        yield rig.filled("NL", "ASK", "EMSP", FORWARDED, url, [("tokens", "SENDER")])
        yield from self.upstream.receivers(RECEIVERS, [("tariffs", "RECEIVER")])

    def script(self, method, token, headers, body=None, objects=0):
        return loads.wrk_script(self.bench.dir / f"{next(self.numbers)}.lua", method,
                                {"Authorization": rig.authorization(token), **headers}, body, objects)

    def shares(self, module, side, objects, fresh=False):
        """A script for each process: objects of its own, all of them new with @fresh."""
        scripts = []
        for number in range(side.count):
            prefix = f"{'N' + str(next(self.numbers)) + 'x' if fresh else 'P'}{number}x"
            body = document(module, f"{prefix}{loads.OBJECT}")
            path = self.script("PUT", sharing.TOKEN, sharing.HEADERS, body, objects)
            text = path.read_text().replace("local body = wrk", f'path = wrk.path .. "{prefix}" .. object\n    local body = wrk')
            path.write_text(text.replace("math.max(4 * objects, 1000)", "objects") if fresh else text)
            scripts.append(path)
        return scripts

    def round(self, side):
        side.start()
        seconds = self.args.seconds
        side.run("forward", "/ocpi/2.2.1/sender/locations/L1", self.forward[:side.count], 64, seconds)
        path = "/ocpi/2.2.1/receiver/{}/DE/CPO/".format
        for clients in CLIENTS:
            side.run(f"share, {clients} clients", path("locations"), self.shares("locations", side, 1000), clients, seconds)
        side.run("share of new objects", path("locations"), self.shares("locations", side, NEW // side.count, True), CLIENTS[-1], seconds)
        side.deliver(path("tariffs"), self.shares("tariffs", side, 1000), seconds, side.cpu[f"share, {CLIENTS[0]} clients"][-1])
        side.stop()


def document(module, identity):
    """One that differs each time. Nobody is to get locations."""
    base = {"country_code": "DE", "party_id": "CPO", "id": identity, "last_updated": rig.NOW}
    if module == "locations":
        return rig.json.dumps({**rig.location("DE", "CPO", identity, 3), "name": f"Version {loads.COUNTED}"})
    return rig.json.dumps({**base, "currency": "EUR", "tariff_alt_url": f"https://cpo.example/{loads.COUNTED}",
                           "elements": [{"price_components": [{"type": "ENERGY", "price": 0.25, "step_size": 1}]}]})


# ---- what the server does with the same rows ----


class Raw:
    """The rows of a database that was shared to: copied and upserted in batches of 512, into a table as theirs."""

    def __init__(self, folder, database, directory):
        self.folder, self.database, self.script = folder, database, directory / "copy.sql"
        self.say("CREATE TABLE raw (LIKE roamhub.object INCLUDING ALL); CREATE TABLE source AS SELECT (row_number() OVER () - 1) / "
                 f"{BATCH} AS batch, o.* FROM roamhub.object o WHERE module = 'locations' LIMIT {40 * BATCH};")
        self.columns = [name for name in self.say("SELECT attname FROM pg_attribute WHERE attrelid = 'raw'::regclass AND attnum > 0 "
                                                  "AND NOT attisdropped AND attgenerated = '' ORDER BY attnum;").split()]
        self.key = self.say("SELECT string_agg(attname, ', ' ORDER BY attnum) FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND "
                            "attnum = ANY (indkey) WHERE indrelid = 'raw'::regclass AND indisunique;")
        self.batches, self.count = map(int, self.say("SELECT max(batch) + 1, count(*) FROM source;").split("|"))
        self.say("CREATE PROCEDURE upsert() LANGUAGE plpgsql AS $$ BEGIN FOR i IN 0.." + str(self.batches - 1) + " LOOP "
                 f"INSERT INTO raw ({self.listed()}) SELECT {self.listed()} FROM source WHERE batch = i ON CONFLICT ({self.key}) DO UPDATE SET "
                 + ", ".join(f"{name} = excluded.{name}" for name in self.columns) + "; COMMIT; END LOOP; END $$;"
                 "CREATE INDEX ON source (batch);")
        self.write_script()

    def listed(self):
        return ", ".join(self.columns)

    def say(self, sql):
        return hubs.sql(sql, self.database, self.folder)

    def write_script(self):
        with open(self.script, "w", encoding="latin-1") as out:
            for batch in range(self.batches):
                rows = subprocess.run([hubs.BIN + "/psql", "-qX", "-h", self.folder, "-U", "postgres", self.database, "-c",
                                       f"COPY (SELECT {self.listed()} FROM source WHERE batch = {batch}) TO STDOUT"],
                                      check=True, stdout=subprocess.PIPE).stdout.decode("latin-1")
                out.write(f"COPY raw ({self.listed()}) FROM STDIN;\n{rows}\\.\n")

    def timed(self, *words):
        began = time.monotonic()
        subprocess.run([hubs.BIN + "/psql", "-qX", "-v", "ON_ERROR_STOP=1", "-h", self.folder, "-U", "postgres", self.database, *words],
                       check=True, stdout=subprocess.DEVNULL)
        return self.count / (time.monotonic() - began)

    def measure(self, rounds):
        """Rows a second, copied and upserted."""
        copied, upserted = [], []
        for _ in range(rounds):
            self.say("TRUNCATE raw; CHECKPOINT;")
            copied.append(self.timed("-f", self.script))
            upserted.append(self.timed("-c", "CALL upsert()"))
        return rig.median(copied), rig.median(upserted)


# ---- the table ----


def table(world, raw):
    whats = list(world.sides[0].rates)
    head = ["", *itertools.chain.from_iterable((((f"{what} /s"),), ("µs of CPU",)) for what in whats)]
    rows = [[side.name, *itertools.chain.from_iterable(
        (f"{side.of(side.rates, what):,.0f}", f"{side.of(side.cpu, what) * 1e6:.1f}") for what in whats)] for side in world.sides]
    return figures.markdown(head, rows) + f"\n\nThe server alone, batches of {BATCH} of the same rows: COPY {raw[0]:,.0f} /s, upsert " \
                                          f"{raw[1]:,.0f} /s."


def report(world, raw, run):
    run.publish(table(world, raw), f"; {world.args.rounds} rounds of {world.args.seconds} s; the rounds of a cell differ at most by "
                f"{max(rig.spread(values) for side in world.sides for values in side.rates.values()):.2f}")
    one, *others = world.sides[1:]
    most = f"share, {CLIENTS[-1]} clients"
    for what, yardstick, name in (("share of new objects", raw[0], "COPY"), (most, raw[1], "a batched upsert")):
        run.judge(f"durable shares, {CLIENTS[-1]} clients, to {name}", "/s", [one.of(one.rates, what)], [yardstick],
                  "durable shares to the server's own", rig.spread(one.rates[what]))
    for what in one.cpu:
        for side in others:
            goal = "CPU of several to one" if side.count == 2 and what in ("forward", *(f"share, {n} clients" for n in CLIENTS)) else None
            run.judge(f"CPU of {what}, {side.name} to {one.name}", "µs", [side.of(side.cpu, what) * 1e6], [one.of(one.cpu, what) * 1e6],
                      goal, rig.spread(side.cpu[what]))


def measure(bench, stack, args, run):
    folder = stack.enter_context(hubs.place())
    hubs.as_user("initdb", "-D", folder + "/data", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C", "--data-checksums")
    stack.enter_context(hubs.server(folder, "data", *SERVER))
    world = World(bench, args, folder)
    for number in range(args.rounds):
        for side in (world.sides if number % 2 == 0 else reversed(world.sides)):
            world.round(side)
        print(f"# round {number + 1} of {args.rounds} done", flush=True)
    report(world, Raw(folder, f"hub{world.sides[1].count}", bench.dir).measure(args.rounds), run)


def main(args, run):
    """The exit status."""
    hubs.BIN = str(max(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), default="", key=lambda path: int(path.parent.name)))
    if not os.path.exists(hubs.BIN + "/initdb"):
        rig.die("there is no PostgreSQL server here (Debian: postgresql-15)")
    with contextlib.ExitStack() as stack, rig.Rig() as bench:
        measure(bench, stack, args, run)
    return run.end()
