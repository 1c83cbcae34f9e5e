"""rig: what the benchmarks that drive the whole daemon have in common: a hub, nginx, platforms, wrk.

The programs are found in $BUILD. Everything listens on free ports of 127.0.0.1, lives in one temporary directory and
ends with the `with` block. A figure is the median of its rounds; rounds of what is compared are run in turns, so that
whatever else the machine does meets all of it. A round that fails, as on a machine that is busy with other things, is
repeated, and that is said."""

import base64
import http.client
import json
import os
import pathlib
import random
import re
import resource
import shutil
import signal
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import time

import readings

BUILD = pathlib.Path(os.environ.get("BUILD", "build")).resolve()
TOOLS = pathlib.Path(os.environ.get("TOOLS", BUILD / "tests/bench"))
NOW = "2026-01-01T00:00:00Z"
NGINX = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin") or "nginx"
TICKS = os.sysconf("SC_CLK_TCK")


def die(why):
    sys.exit(f"{pathlib.Path(sys.argv[0]).name}: {why}")


def bound(port):
    """A socket at @port of 127.0.0.1; None: somebody has it."""
    one = socket.socket()
    try:
        one.bind(("127.0.0.1", port))
    except OSError:
        one.close()
        return None
    return one


def free_ports(count):
    """Ports that are free now, and that no connection is given meanwhile, as they lie below those that the kernel gives: who
    listens there, and stops, finds them free again. All are held until all are known, so that they differ."""
    given = int(pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    sockets = []
    while len(sockets) < count:
        one = bound(random.randrange(max(given - 20000, 1024), given) if given > 1024 else 0)
        sockets += [one] if one is not None else []
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def authorization(token):
    return "Token " + base64.b64encode(token.encode()).decode()


def envelope(data):
    return json.dumps({"data": data, "status_code": 1000, "status_message": "Success", "timestamp": NOW},
                      separators=(",", ":"))


def median(values):
    return statistics.median(values)


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def spread(values):
    """The largest to the smallest: what the rounds of one figure differ by."""
    return max(values) / max(min(values), 1e-12)


class RoundFailed(Exception):
    """What was to be measured could not be: the round is repeated, see again()."""


def again(what, work, tries=3, pause=1):
    """What @work gives; when a round of it fails it is done once more."""
    for left in reversed(range(tries)):
        try:
            return work()
        except RoundFailed as why:
            if left == 0:
                die(f"{what} failed {tries} times: {why}")
            print(f"# {what} failed and is repeated: {why}", flush=True)
            time.sleep(pause)
    return None


# ---- the machine, and what else it does ----

BUSY = 0.10  # of all processors, used by others or withheld by the host: more makes absolute figures worthless


def processor():
    model = re.search(r"model name\s*:\s*(.*)", pathlib.Path("/proc/cpuinfo").read_text())
    return f"{os.cpu_count()} cores, {model[1] if model else 'unknown processor'}"


def load_average():
    return " ".join(f"{value:.1f}" for value in os.getloadavg())


def descendants(pid):
    """Processes that are our children, and theirs."""
    try:
        children = [int(child) for task in pathlib.Path(f"/proc/{pid}/task").iterdir()
                    for child in (task / "children").read_text().split()]
    except OSError:  # it ended meanwhile
        return []
    return children + [below for child in children for below in descendants(child)]


def own_seconds():
    """Processor time of this process, of what it started, and of what those started and waited for."""
    total = sum(usage.ru_utime + usage.ru_stime for usage in map(resource.getrusage, (resource.RUSAGE_SELF,
                                                                                      resource.RUSAGE_CHILDREN)))
    for pid in descendants(os.getpid()):
        try:
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        total += sum(map(int, fields[11:15])) / TICKS
    return total


class Watch:
    """What others use of the processors from now on, and what the host of a virtual machine withholds."""

    def __init__(self):
        self.load = load_average()
        self.began = readings.processor(pathlib.Path("/proc/stat").read_text()), own_seconds()

    def shares(self):
        """(others, withheld) of all processors, 0 to 1."""
        ticks, own = readings.processor(pathlib.Path("/proc/stat").read_text()), own_seconds()
        busy, withheld, total = (now - then for now, then in zip(ticks, self.began[0]))
        others = busy - (own - self.began[1]) * TICKS
        return max(0.0, others) / max(total, 1), withheld / max(total, 1)

    def loaded(self):
        return sum(self.shares()) > BUSY

    def said(self):
        others, withheld = self.shares()
        return (f"load before: {self.load}; others used {others:.0%} of the processors meanwhile"
                + (f", the host withheld {withheld:.0%}" if withheld > 0.005 else ""))


def machine():
    """What the figures are measured on, and how idle it is: a loaded machine is told, as its figures say little."""
    watch = Watch()
    time.sleep(1)
    line = f"# {processor()}; {watch.said()}"
    return line + ("\n# LOADED MACHINE: absolute figures say nothing, ratios little" if watch.loaded() else "")


# ---- processes ----


def end_by_exit():
    """SIGTERM ends what is under way as an exception does: everything that was started is stopped."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


class Rig:
    """The temporary directory and everything that runs in it."""

    def __enter__(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="roamhub-bench-"))
        self.processes = []
        end_by_exit()
        return self

    def __exit__(self, *_):
        for process in reversed(self.processes):
            if process.poll() is None:
                process.terminate()
        for process in self.processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(self.dir, ignore_errors=True)

    def start(self, arguments, **options):
        process = subprocess.Popen([str(argument) for argument in arguments], **options)
        self.processes.append(process)
        return process

    def nginx(self, name, port, inside, http="", workers=1, tls=None, prefix=()):
        """In the foreground; @inside goes into its server, @http beside it. @tls: (certificate, key) of its listener.
        @prefix: a command to run it under, as one process."""
        paths = " ".join(f"{kind}_temp_path {self.dir}/{name}-{kind};"
                         for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        conf = self.dir / f"{name}.conf"
        conf.write_text(
            f"daemon off; worker_processes {workers}; pid {self.dir}/{name}.pid; error_log {self.dir}/{name}.log crit;\n"
            f"{'master_process off;' if prefix else ''}\n"
            f"worker_rlimit_nofile 65536; events {{ worker_connections 20000; }}\n"
            f"http {{ access_log off; keepalive_requests 100000000; keepalive_timeout 1h; {paths}\n"
            f"client_body_buffer_size 64k; default_type application/json;\n{http}\n"
            f"server {{ listen 127.0.0.1:{port} {'ssl ' if tls else ''}reuseport backlog=4096;\n"
            + (f"ssl_certificate {tls[0]}; ssl_certificate_key {tls[1]};\n" if tls else "") + f"{inside}\n}} }}\n")
        return Nginx(self, conf, port, workers, prefix, "https" if tls else "http")

    def certificate(self):
        """(certificate, key) of 127.0.0.1, made once; it is its own authority."""
        certificate, key = self.dir / "tls.crt", self.dir / "tls.key"
        if not certificate.exists():
            made = subprocess.run(
                ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
                 "30", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out",
                 certificate], capture_output=True, text=True, check=False)
            if made.returncode != 0:
                die(f"openssl: {made.stderr}")
        return certificate, key


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_until(condition, what, seconds=120.0, step=0.01):
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            die(f"{what}: waited {seconds:.0f} s in vain")
        time.sleep(step)


def thread_cpu_seconds(pid, name=None):
    """The same to the nanosecond, of its threads of this name or of all that live."""
    total = 0
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        if name is None or (task / "comm").read_text().strip() == name:
            total += int((task / "schedstat").read_text().split()[0])
    return total / 1e9


def memory_mib(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024


class Nginx:
    """One that listens; while it is stopped its connections are gone and new ones are refused."""

    def __init__(self, rig, conf, port, workers=1, prefix=(), scheme="http"):
        self.rig, self.conf, self.port, self.workers, self.prefix = rig, conf, port, workers, prefix
        self.url = f"{scheme}://127.0.0.1:{port}"
        self.start()

    def start(self):
        self.process = self.rig.start([*self.prefix, NGINX, "-c", self.conf, "-p", self.rig.dir])
        wait_until(lambda: listens(self.port), f"nginx {self.conf.stem}", 120)
        self.pids = [self.process.pid]
        if not self.prefix:
            wait_until(lambda: len(descendants(self.process.pid)) >= self.workers, "nginx workers")
            self.pids = descendants(self.process.pid)

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.rig.processes.remove(self.process)


class Hub:
    """A hub that can be killed and started again on the same database and ports."""

    def __init__(self, rig, settings=(), name="hub", build=BUILD, prefix=(), environment=None, tls=None):
        """@prefix: a command to run it under; @environment: beside our own; @tls: what its listener has, when it has."""
        self.rig, self.build, self.prefix, self.tls = rig, build, prefix, tls
        self.environment = {**os.environ, **(environment or {})}
        self.database = rig.dir / f"{name}.db"
        self.log = rig.dir / f"{name}.log"
        self.conf = rig.dir / f"{name}.conf"
        self.port, self.admin_port = free_ports(2)
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        self.process = None
        self.platforms = {}  # "DE*CPO": the number of the platform that registered it
        sections = {}
        for setting in (f"http.listen=127.0.0.1:{self.port}", f"admin.listen=127.0.0.1:{self.admin_port}",
                        f"store.url=sqlite:{self.database}", "egress.allow_private=true", "credentials.check=false",
                        "log.level=warning", *settings):
            key, value = setting.split("=", 1)
            section, key = key.split(".", 1)
            sections.setdefault(section, {})[key] = value
        self.conf.write_text("".join(
            f"[{section}]\n" + "".join(f"{key} = {value}\n" for key, value in keys.items())
            for section, keys in sections.items()))

    @property
    def pid(self):
        return self.process.pid

    @property
    def pids(self):
        return [self.process.pid]

    def start(self):
        """Seconds until it is ready."""
        began = time.monotonic()
        with open(self.log, "ab") as log:
            skip = log.tell()
            self.process = self.rig.start([*self.prefix, self.build / "roamhubd", "--config", self.conf], stderr=log,
                                          env=self.environment)
        while b"ready on" not in self.log.read_bytes()[skip:]:
            if self.process.poll() is not None or time.monotonic() - began > 300:
                die("the hub did not start:\n" + self.log.read_text()[-2000:])
            time.sleep(0.002)
        return time.monotonic() - began

    def stop(self):
        self.process.terminate()
        if self.process.wait(300) != 0:
            die("the hub did not stop cleanly:\n" + self.log.read_text()[-2000:])
        self.rig.processes.remove(self.process)

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.rig.processes.remove(self.process)

    def invite(self, name):
        """Number and token A of a new platform, as the operator gets them."""
        answer = subprocess.run([str(self.build / "roamhubctl"), "--config", str(self.conf), "party", "invite", "--name",
                                 name, "--json"], capture_output=True, text=True, check=False)
        if answer.returncode != 0:
            die(f"party invite: {answer.stderr}")
        made = json.loads(answer.stdout)
        return made["platform"], made["token"]

    def admin(self, method, path, document=None):
        """Status and document of one request to the admin API; OSError and HTTPException as they come."""
        token = (self.rig.dir / "admin.token").read_text().strip()
        connection = http.client.HTTPConnection("127.0.0.1", self.admin_port, timeout=300)
        connection.request(method, path, None if document is None else json.dumps(document),
                           {"Authorization": f"Bearer {token}", "Content-Type": "application/json"})
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return answer.status, json.loads(text)

    def metric(self, name):
        connection = http.client.HTTPConnection("127.0.0.1", self.admin_port, timeout=300)
        token = (self.rig.dir / "admin.token").read_text().strip()
        connection.request("GET", "/metrics", headers={"Authorization": f"Bearer {token}"})
        text = connection.getresponse().read().decode()
        connection.close()
        return float(re.search(rf"(?m)^roamhub_{name} (\S+)$", text)[1])

    def offline_events(self):
        """How often a platform was found OFFLINE since the database is new, as the log has it."""
        return self.log.read_text().count("state=OFFLINE")

    def fill(self, lines):
        """Platforms and agreements, written into the database of a hub that does not run; see fill_platforms.c."""
        if not self.database.exists():
            self.start()
            self.stop()
        filled = subprocess.run([str(TOOLS / "fill_platforms"), str(self.database)], input="\n".join(lines) + "\n",
                                capture_output=True, text=True, check=False)
        if filled.returncode != 0:
            die(filled.stderr)
        return filled.stdout.strip()


# ---- platforms ----

ROLES = {"CPO": (("locations", "SENDER"), ("tariffs", "SENDER"), ("sessions", "SENDER"), ("tokens", "RECEIVER"),
                 ("commands", "RECEIVER")),
         "EMSP": (("tokens", "SENDER"), ("locations", "RECEIVER"), ("tariffs", "RECEIVER"), ("sessions", "RECEIVER"),
                  ("commands", "SENDER"))}


def details(url, modules):
    """data of a version details answer; endpoints are URL/sender/MODULE and URL/receiver/MODULE."""
    endpoints = [{"identifier": "credentials", "role": "SENDER", "url": f"{url}/2.2.1/credentials"}]
    endpoints += [{"identifier": module, "role": interface, "url": f"{url}/{interface.lower()}/{module}"}
                  for module, interface in modules]
    return {"version": "2.2.1", "endpoints": endpoints}


def canned(url, modules, answer, prefix="", endpoints=None):
    """Locations of an nginx that answers a handshake, and everything else with one body. @endpoints: where the modules
    are, when that is elsewhere."""
    return (f"location = {prefix}/versions {{ return 200 "
            f"'{envelope([{'version': '2.2.1', 'url': url + prefix + '/2.2.1'}])}'; }}\n"
            f"location = {prefix}/2.2.1 {{ return 200 '{envelope(details(endpoints or url + prefix, modules))}'; }}\n"
            f"location {prefix}/ {{ return 200 '{answer}'; }}\n")


def credentials(country, party, role, versions_url, token):
    return {"token": token, "url": versions_url,
            "roles": [{"country_code": country, "party_id": party, "role": role,
                       "business_details": {"name": f"{role} {party}"}}]}


def register(hub, country, party, role, versions_url):
    """The real handshake: token A from the operator, the POST, and the hub reads our versions meanwhile."""
    platform, token = hub.invite(f"{role} {country}*{party}")
    hub.platforms[f"{country}*{party}"] = platform
    body = json.dumps(credentials(country, party, role, versions_url, f"B-{country}-{party}"))
    status, _, answer = call(hub.port, "POST", "/ocpi/2.2.1/credentials", token, body, tls=hub.tls)
    document = json.loads(answer)
    if status != 200 or document["status_code"] != 1000:
        die(f"registering {country}*{party}: HTTP {status} {answer.decode()}")
    return document["data"]["token"]


def filled(country, party, role, token, url, modules=None):
    """A line for Hub.fill(): a platform that is known by @token."""
    endpoints = " ".join("/".join(pair) for pair in (ROLES[role] if modules is None else modules))
    return f"platform {country} {party} {role} {token} {url} {endpoints}"


def connect(port, tls=None):
    """@tls: (certificate that is trusted, ...), for HTTPS."""
    if tls is None:
        return http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    return http.client.HTTPSConnection("127.0.0.1", port, timeout=120, context=ssl.create_default_context(cafile=tls[0]))


def call(port, method, path, token, body=None, headers=(), connection=None, tls=None):
    """Status, headers and body of one request, on a connection of its own unless one is given."""
    used = connection or connect(port, tls)
    sent = {"Authorization": authorization(token), **dict(headers)}
    if body is not None:
        sent["Content-Type"] = "application/json"
    used.request(method, path, body, sent)
    answer = used.getresponse()
    result = answer.status, answer.headers, answer.read()
    if connection is None:
        used.close()
    return result


def location(country, party, identity, evses=7):
    """A Location of about 2.5 kB with seven EVSEs."""
    return {"country_code": country, "party_id": party, "id": identity, "publish": True, "name": "Main street",
            "address": "Main street 1", "city": "Berlin", "country": "DEU",
            "coordinates": {"latitude": "52.50000", "longitude": "13.40000"}, "time_zone": "Europe/Berlin",
            "last_updated": NOW,
            "evses": [{"uid": f"E{i}", "evse_id": f"{country}*{party}*E{i}", "status": "AVAILABLE",
                       "connectors": [{"id": "1", "standard": "IEC_62196_T2_COMBO", "format": "CABLE",
                                       "power_type": "DC", "max_voltage": 400, "max_amperage": 300,
                                       "last_updated": NOW}],
                       "last_updated": NOW} for i in range(evses)]}
