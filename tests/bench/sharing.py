"""sharing: who shares and who gets it: one nginx that plays all receivers and logs what came, and a CPO."""

import http.client
import json
import re
import subprocess
import threading
import time

import rig

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
HEADERS = {"OCPI-from-country-code": "DE", "OCPI-from-party-id": "CPO"}
DELIVERY = re.compile(rb"(?m)^(\d+\.\d+) (\S+) PUT /receiver/locations/DE/CPO/(\S+)$")
TOKEN = "the-token-of-the-CPO-that-shares"


def party_id(number):
    return ALPHABET[number // 676 % 26] + ALPHABET[number // 26 % 26] + ALPHABET[number % 26]


def the_cpo(url):
    return rig.filled("DE", "CPO", "CPO", TOKEN, url + "/cpo", ())


class Upstream:
    """The nginx behind which all platforms are, with so many origins, and its log: time, party, method and path."""

    def __init__(self, bench, origins=1, name="upstream"):
        first, *others = rig.free_ports(origins)
        self.log = bench.dir / f"{name}-deliveries"
        self.url = f"http://127.0.0.1:{first}"
        self.urls = [f"http://127.0.0.1:{port}" for port in (first, *others)]
        listens = "".join(f"listen 127.0.0.1:{port} backlog=4096; " for port in others)
        inside = rig.canned(self.url, rig.ROLES["EMSP"], rig.envelope(None))
        self.nginx = bench.nginx(name, first, listens + inside + f"access_log {self.log} hits buffer=64k flush=50ms;",
                                 "log_format hits '$msec $http_ocpi_to_party_id $request_method $request_uri';")
        self.read_to = 0

    def stop(self):
        self.nginx.stop()

    def start(self):
        self.nginx.start()

    def receivers(self, count, modules=None):
        """Lines for Hub.fill(): receivers of locations, each behind the next origin."""
        return [rig.filled("NL", party_id(number), "EMSP", f"token-of-{party_id(number)}-{'x' * 20}",
                           self.urls[number % len(self.urls)], modules) for number in range(count)]

    def forget(self):
        time.sleep(0.2)
        self.read_to = self.log.stat().st_size

    def await_deliveries(self, count, seconds=600):
        """{(party, object): times of its deliveries} since the last call or forget(), as soon as there are @count
        different ones. While they come they are counted, not read, which costs less beside what is measured."""
        until = time.monotonic() + seconds
        found, rest, lines, waiting = {}, b"", 0, []
        with open(self.log, "rb") as log:
            log.seek(self.read_to)
            while len(found) < count:
                rest += log.read()
                whole, _, rest = rest.rpartition(b"\n")
                waiting.append(whole)
                lines += whole.count(b" PUT ")
                if lines >= count:
                    for at, party, name in DELIVERY.findall(b"\n".join(waiting)):
                        found.setdefault((party, name), []).append(float(at))
                    waiting.clear()
                if time.monotonic() > until:
                    raise rig.RoundFailed(f"{lines} deliveries after {seconds} s, expected {count} different ones")
                time.sleep(0.01)
            self.read_to = log.tell() - len(rest)
        return found

    def late(self, seconds=0.5):
        """Deliveries that come although all were there."""
        time.sleep(seconds)
        with open(self.log, "rb") as log:
            log.seek(self.read_to)
            more = log.read()
        self.read_to += len(more)
        return len(DELIVERY.findall(more))


class Sender:
    """The CPO that shares, on one connection. Each body is another one."""

    shared = 0
    lock = threading.Lock()

    def __init__(self, hub):
        self.hub = hub
        self.connection = http.client.HTTPConnection("127.0.0.1", hub.port, timeout=300)

    def share(self, identity):
        """When the hub acknowledged it, and how long that took."""
        with Sender.lock:
            Sender.shared += 1
            name = f"Version {Sender.shared}"
        body = json.dumps({**rig.location("DE", "CPO", identity), "name": name})
        began = time.perf_counter()
        status, _, answer = rig.call(self.hub.port, "PUT", f"/ocpi/2.2.1/receiver/locations/DE/CPO/{identity}",
                                     TOKEN, body, HEADERS, self.connection)
        took = time.perf_counter() - began
        if status not in (200, 201) or b'"status_code":1000' not in answer.replace(b" ", b""):
            rig.die(f"share of {identity}: HTTP {status} {answer.decode()}")
        return time.time(), took


def share_all(hub, clients, identities):
    """@clients at once share their part of @identities; when the first one began."""
    senders = [Sender(hub) for _ in range(clients)]
    threads = [threading.Thread(target=lambda mine=sender, part=identities[number::clients]:
                                [mine.share(identity) for identity in part])
               for number, sender in enumerate(senders)]
    began = time.time()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return began


def fill_objects(hub, count):
    """So many shared Locations of DE*CPO, written into the database of a hub that does not run; see fill_objects.c."""
    filled = subprocess.run([rig.TOOLS / "fill_objects", hub.database, str(count)], capture_output=True, text=True,
                            check=False)
    if filled.returncode != 0:
        rig.die(filled.stderr)
    print(f"# filled: {filled.stdout.strip()}, database {hub.database.stat().st_size / 2 ** 20:.0f} MiB", flush=True)
