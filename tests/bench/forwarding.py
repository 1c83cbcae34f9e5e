"""forwarding: hubs beside nginx as reverse proxy, before the same partners: what forward and tls have in common."""

import collections
import json
import pathlib
import subprocess

import loads
import rig

Message = collections.namedtuple("Message", "method path sender receiver body objects")
Cell = collections.namedtuple("Cell", "kind delay connections")

BODY_EVSES = 11  # of a location: a body of 3.4 kB


def authorize_body(size=300):
    body = json.dumps({"location_id": "L1", "evse_uids": [f"EVSE-{i:03}" for i in range(20)]})
    return body + " " * (size - len(body))


def location_body():
    """Another one in every request."""
    return json.dumps({**rig.location("DE", "CPO", f"L{loads.OBJECT}", BODY_EVSES), "name": f"Version {loads.COUNTED}"})


def body_bytes():
    return len(location_body().replace(loads.COUNTED, "0" * loads.DIGITS).replace(loads.OBJECT, "100"))


CPO, EMSP = "CPO", "MSP"
COUNTRY = {CPO: "DE", EMSP: "NL"}
ROLE = {CPO: "CPO", EMSP: "EMSP"}
MESSAGES = {
    "GET": Message("GET", "/ocpi/2.2.1/sender/locations/L1", EMSP, CPO, None, 0),
    "POST": Message("POST", "/ocpi/2.2.1/sender/tokens/012345678/authorize", CPO, EMSP, authorize_body(), 0),
    "PUT": Message("PUT", "/ocpi/2.2.1/receiver/locations/DE/CPO/L", CPO, EMSP, location_body(), 1000),
}


def party(role, delay):
    """The id of the one that is asked and answers after @delay ms."""
    return role if delay == 0 else f"{role[0]}{delay:02}" if delay < 100 else f"{role[0]}{'ABCDEFGHI'[delay // 100 - 1]}0"


class Partners:
    """All platforms: an nginx, and who answers after so many ms what that one would."""

    def __init__(self, bench, delays, tls=None):
        self.delays, self.tls = delays, tls
        self.port, *late = rig.free_ports(len(delays) + 1)
        scheme = "https" if tls else "http"
        self.url = f"{scheme}://127.0.0.1:{self.port}"
        self.ports = {delay: self.port if delay == 0 else port for delay, port in zip(delays, late)}
        self.urls = {delay: f"{scheme if delay == 0 else 'http'}://127.0.0.1:{port}" for delay, port in self.ports.items()}
        answer = rig.envelope({"allowed": "ALLOWED"})
        modules = [module for role in rig.ROLES.values() for module in role]
        inside = rig.canned(self.url, modules, answer) + "".join(
            rig.canned(self.url, modules, answer, f"/{delay}", self.urls[delay]) for delay in delays if delay > 0)
        bench.nginx("upstream", self.port, inside, tls=tls)
        named = [f"{port}:{delay}" for delay, port in self.ports.items() if delay > 0]
        if named:
            bench.start([rig.TOOLS / "late", answer, *named])
            rig.wait_until(lambda: all(map(rig.listens, self.ports.values())), "late")

    def versions(self, delay):
        return f"{self.url}/versions" if delay == 0 else f"{self.url}/{delay}/versions"


class Side:
    """A hub or the proxy, with what was measured of it. @urls: for each delay. @processes: of its pids."""

    def __init__(self, name, process, urls):
        self.name, self.process, self.urls = name, process, urls
        self.tokens, self.scripts, self.loads, self.calls = {}, {}, {}, {}

    def headers(self, message, delay):
        sender, receiver = message.sender, party(message.receiver, delay)
        return {"Authorization": rig.authorization(self.tokens.get(sender, "x" * 32)),
                "X-Request-ID": "a0000000-0000-4000-8000-000000000001",
                "X-Correlation-ID": "a0000000-0000-4000-8000-000000000002",
                "OCPI-to-country-code": COUNTRY[message.receiver], "OCPI-to-party-id": receiver,
                "OCPI-from-country-code": COUNTRY[sender], "OCPI-from-party-id": sender}

    def make_scripts(self, directory, kinds, delays):
        for kind in kinds:
            message = MESSAGES[kind]
            for delay in delays:
                self.scripts[kind, delay] = loads.wrk_script(
                    directory / f"{self.name}-{kind}-{delay}.lua".replace(" ", "-"), message.method,
                    self.headers(message, delay), message.body, message.objects)

    def load(self, cell, seconds):
        threads = len(self.process.pids)
        return rig.again(f"{self.name}, {cell.kind}", lambda: loads.Load(
            self.urls[cell.delay] + MESSAGES[cell.kind].path, self.scripts[cell.kind, cell.delay], cell.connections,
            seconds, pids=self.process.pids, threads=threads))

    def run(self, cell, seconds):
        self.loads.setdefault(cell, []).append(self.load(cell, seconds))

    def count_calls(self, cell, directory, seconds=1):
        calls = loads.Calls(self.process.pids, directory)
        requests = self.load(cell, seconds).requests
        count = calls.count()
        self.calls[cell] = None if count is None else count / requests
        return calls.kind

    def of(self, cell, figure):
        return rig.median([getattr(load, figure) for load in self.loads[cell]])

    def spread(self, cells, figure="per_second"):
        return max(rig.spread([getattr(load, figure) for load in self.loads[cell]]) for cell in cells)


def proxy(bench, partners, workers=1, tls=None, prefix=(), name="proxy"):
    """nginx before all partners, one port for each delay."""
    ports = dict(zip(partners.delays, rig.free_ports(len(partners.delays))))
    http, servers = "", {}
    for delay, port in partners.ports.items():
        http += (f"upstream up{delay} {{ server 127.0.0.1:{port}; keepalive 512; keepalive_requests 100000000; "
                 "keepalive_time 10h; keepalive_timeout 1h; }\n")
        scheme = "https" if partners.tls and delay == 0 else "http"
        servers[delay] = (f"location / {{ proxy_pass {scheme}://up{delay}; proxy_http_version 1.1; "
                          "proxy_set_header Connection ''; }\n")
    if partners.tls:
        http += f"proxy_ssl_verify on; proxy_ssl_trusted_certificate {partners.tls[0]}; proxy_ssl_name 127.0.0.1;\n"
    first, *others = partners.delays
    http += "".join(f"server {{ listen 127.0.0.1:{ports[delay]} reuseport backlog=4096; {servers[delay]} }}\n"
                    for delay in others)
    process = bench.nginx(name, ports[first], servers[first], http, workers, tls, prefix)
    scheme = process.url.split(":")[0]
    return Side("nginx", process, {delay: f"{scheme}://127.0.0.1:{port}" for delay, port in ports.items()})


def hub(bench, partners, name, settings, tls=None, **options):
    """A hub with every partner registered."""
    settings = ["egress.timeout=60", "egress.authorize_timeout=60", "egress.connect_timeout=30", *settings]
    if partners.tls:
        settings.append(f"egress.ca_file={partners.tls[0]}")
    if tls:
        settings += [f"http.tls_certificate={tls[0]}", f"http.tls_key={tls[1]}"]
    process = rig.Hub(bench, settings, f"hub-{name}".replace(" ", "-"), tls=tls, **options)
    process.start()
    side = Side(name, process, {delay: process.url for delay in partners.delays})
    for delay in partners.delays:
        for role in (CPO, EMSP):
            token = rig.register(process, COUNTRY[role], party(role, delay), ROLE[role], partners.versions(delay))
            side.tokens.setdefault(role, token)
    return side


def check(side, kinds, delays):
    """That what is measured is what is meant: everything is answered as the partner does it."""
    for kind in kinds:
        message = MESSAGES[kind]
        for delay in delays:
            status, _, answer = rig.call(
                side.process.port, message.method, message.path + ("0" if message.objects else ""), "",
                message.body and message.body.replace(loads.COUNTED, "1").replace(loads.OBJECT, "0"),
                side.headers(message, delay), tls=side.process.tls)
            if status != 200 or json.loads(answer).get("data") != {"allowed": "ALLOWED"}:
                rig.die(f"{side.name}, {kind} after {delay} ms: HTTP {status} {answer.decode()[:300]}")


# ---- what is compared beside that ----


def raw_batches(directory, seconds, environment):
    """New versions of objects a second that a bare connection commits in batches of 512."""
    answer = subprocess.run([rig.TOOLS / "bench_store", "raw", directory, str(seconds), str(body_bytes())],
                            capture_output=True, text=True, check=False, env=environment)
    if answer.returncode != 0:
        raise rig.RoundFailed(answer.stderr)
    return float(answer.stdout.split("=")[1])


def instructions(bench, side, counted, kinds, count):
    """{kind: those of one message} of a side that runs under callgrind."""
    found = {}
    for kind in kinds:
        message = MESSAGES[kind]
        port, pid = side.process.port, side.process.pids[0]

        def send(so_many, message=message, port=port):
            loads.send_all(port, loads.raw_requests(port, message.method, message.path, side.headers(message, 0),
                                                    message.body, so_many, message.objects))
        send(count // 4)
        counted.dump(pid)
        send(count)
        found[kind] = counted.dump(pid) / count
    return found


def build_of(directory):
    """The programs of another build, for --against."""
    build = pathlib.Path(directory).resolve()
    if not (build / "roamhubd").exists():
        rig.die(f"{build} has no roamhubd: give the directory that ./dev build made in another tree")
    return build
