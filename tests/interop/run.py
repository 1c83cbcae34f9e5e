"""Implementations that others wrote, from their registries, unpatched, against the built hub: each flow in each direction as one table.
usage: run.py BUILD [--write] [PEER...]
Installs into $INTEROP_DIR (default: ~/.cache/roamhub-interop), outside the tree, what is not there yet; --write puts the table into
docs/interop.md. What cannot be installed is a row that says so."""
import contextlib
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import page
import rig

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PLACE = pathlib.Path(os.environ.get("INTEROP_DIR", pathlib.Path.home() / ".cache/roamhub-interop"))
TLS = ROOT / "tests/data/tls"
TOKEN_A = "interop-token-a"

# name: what installs it into a folder of its own (%s), and what has to be there afterwards
PACKAGES = {
    "ocpi-kit 0.4.0": (["cargo", "install", "ocpi-kit", "--version", "0.4.0", "--features", "cli", "--locked", "--debug", "--ignore-rust-version",
                        "--root", "%s"], "bin/ocpi"),
    "extrawest-ocpi 2025.7.16": (["pip", "extrawest-ocpi==2025.7.16", "uvicorn==0.54.0"], "done"),
    "py-ocpi 0.3.1": (["pip", "py-ocpi==0.3.1", "uvicorn==0.54.0"], "done"),
    "latam-evra-ocpi 0.5.0": (["pip", "latam-evra-ocpi==0.5.0"], "done"),
    "fastify 5.12.8, zod 3.25.76": (["npm", "install", "--prefix", "%s", "--no-audit", "--no-fund", "fastify@5.12.8", "zod@3.25.76"],
                                    "node_modules/fastify/package.json"),
}


def folder_of(package):
    return PLACE / re.sub(r"\W+", "-", package)


def install(package):
    """None, or why it cannot be had here."""
    command, proof = PACKAGES[package]
    folder = folder_of(package)
    if (folder / proof).exists():
        return None
    folder.mkdir(parents=True, exist_ok=True)
    if command[0] == "pip":
        steps = [[sys.executable, "-m", "venv", folder], [folder / "bin/pip", "install", "-q", *command[1:]], ["touch", folder / "done"]]
    else:
        steps = [[word.replace("%s", str(folder)) for word in command]]
    print(f"  installing {package}", flush=True)
    for step in steps:
        try:  # what was compiled stays, for a run that is broken off
            subprocess.run(step, check=True, capture_output=True, text=True, env=os.environ | {"CARGO_TARGET_DIR": f"{folder}/target"})
        except FileNotFoundError:
            return f"{step[0]} is not here"
        except subprocess.CalledProcessError as failed:
            return (failed.stderr.strip().splitlines() or ["failed"])[-1]
    return None


class Peer:
    """One implementation as one platform or two: its processes, its parties, its row of results."""

    def __init__(self, name, package, hub, other):
        self.name, self.package, self.hub, self.other = name, package, hub, other
        self.results, self.ids, self.processes, self.surveys = {}, [], [], {}
        self.cpo = self.emsp = None  # (country, party) of its parties
        self.location, self.uid = "L1", "V1"  # what it has
        self.log = open(hub.folder / f"{name}.log", "w")

    def start(self, *command, cwd=None):
        self.processes.append(subprocess.Popen(command, stdout=self.log, stderr=self.log, cwd=cwd))

    def note(self, flow, good, why=""):
        self.results[flow] = (bool(good), str(why))

    def flow(self, name, work):
        """WORK() returns what is to be said; what it raises is why not."""
        try:
            self.note(name, True, work())
        except Exception as why:  # a row of the table, whatever it is
            self.note(name, False, f"{why}" or type(why).__name__)

    def connect(self, versions, token):
        before = {one["id"] for one in self.hub.json("party", "list")}
        good, said = self.hub.ctl("party", "connect", "--name", self.name, "--versions-url", versions, "--token", token)
        if not good:
            raise RuntimeError(said)
        self.ids += [one["id"] for one in self.hub.json("party", "list") if one["id"] not in before]
        return said.strip()

    def stop(self):
        for process in self.processes:
            process.terminate()
            process.wait(20)
        self.log.close()


def checked(answer):
    if not answer.good:
        raise RuntimeError(str(answer))
    return f"{answer.http}/{answer.ocpi}"


# ---- towards the peer: the other side asks and sends ----

def crawl(peer, module, to):
    """All pages of a list, along Link."""
    path, count, pages = f"sender/{module}?limit=2&date_from=2010-01-01T00:00:00Z", 0, 0
    while path and pages < 9:
        answer = peer.other.send(rig.EMSP if module != "tokens" else rig.CPO, to, "GET", path)
        checked(answer)
        count, pages = count + len(answer.data), pages + 1
        found = re.match(r"<([^>]+)>", answer.headers.get("Link") or "")
        path = found and found[1]
    return f"{count} in {pages} pages"


def command(peer):
    mark = f"/result/{peer.name}"
    checked(peer.other.send(rig.EMSP, peer.cpo, "POST", "receiver/commands/STOP_SESSION", {
        "response_url": peer.other.base + mark, "session_id": "S1"}))
    peer.other.wait("POST", mark)
    return "result came"


def broadcast(peer, who, module, path, body):
    """Shared with everybody; the hub owes it to nobody of the peer afterwards."""
    checked(peer.other.send(who, None, "PUT", f"receiver/{module}/{path}", body))

    def arrived():
        legs = [leg for leg in peer.hub.json("log", "--object", f"{module}/{path.replace('/', '*', 1)}")
                if leg.get("platform") in peer.ids and leg["leg"] == "push" and leg.get("http")]
        return legs and legs[-1]

    leg = rig.until("a delivery", arrived)
    if not 1000 <= leg.get("ocpi", 0) < 2000:
        raise RuntimeError(f"{leg.get('http')}/{leg.get('ocpi')} {leg.get('said', '')}")
    return f"{leg['http']}/{leg['ocpi']}"


def one_location(peer):
    return checked(peer.other.send(rig.EMSP, peer.cpo, "GET", f"sender/locations/{peer.location}"))


def towards_cpo(peer):
    send = peer.other.send
    for module in ("locations", "sessions", "cdrs", "tariffs"):
        peer.flow(f"→ CPO: list of {module}", lambda module=module: crawl(peer, module, peer.cpo))
    peer.flow("→ CPO: one location", lambda: one_location(peer))
    peer.flow("→ CPO: token", lambda: checked(send(rig.EMSP, peer.cpo, "PUT", "receiver/tokens/NL/RGM/U1", rig.TOKEN)))
    peer.flow("→ CPO: token, to everybody", lambda: broadcast(
        peer, rig.EMSP, "tokens", f"NL/RGM/{peer.cpo[1]}", rig.TOKEN | {"uid": peer.cpo[1]}))
    peer.flow("→ CPO: command and its result", lambda: command(peer))


def towards_emsp(peer):
    def put(path, body, method="PUT"):
        return lambda: checked(peer.other.send(rig.CPO, peer.emsp, method, path, body))

    cdr_token = rig.CDR_TOKEN | {"country_code": peer.emsp[0], "party_id": peer.emsp[1]}
    peer.flow("→ eMSP: location", put("receiver/locations/NL/RGC/L1", rig.location(rig.CPO)))
    peer.flow("→ eMSP: status of an EVSE", put("receiver/locations/NL/RGC/L1/E1", {"status": "CHARGING", "last_updated": rig.NOW}, "PATCH"))
    peer.flow("→ eMSP: tariff", put("receiver/tariffs/NL/RGC/T1", rig.tariff(rig.CPO)))
    peer.flow("→ eMSP: tariff, to everybody", lambda: broadcast(
        peer, rig.CPO, "tariffs", f"NL/RGC/{peer.emsp[1]}", rig.tariff(rig.CPO, peer.emsp[1])))
    peer.flow("→ eMSP: session", put("receiver/sessions/NL/RGC/S1", rig.session(rig.CPO, token=cdr_token)))
    peer.flow("→ eMSP: change of a session", put("receiver/sessions/NL/RGC/S1", {"kwh": 2, "last_updated": rig.NOW}, "PATCH"))
    peer.flow("→ eMSP: CDR", put("receiver/cdrs", rig.cdr(rig.CPO, token=cdr_token), "POST"))
    paid = rig.cdr(rig.CPO, "C2", cdr_token) | {"total_cost": {"excl_vat": 0.6, "incl_vat": 0.7}}
    peer.flow("→ eMSP: CDR with incl_vat", put("receiver/cdrs", paid, "POST"))
    peer.flow("→ eMSP: list of tokens", lambda: crawl(peer, "tokens", peer.emsp))
    for name, body in (("nothing", None), ("{}", {}), ("a location", {"location_id": "L1", "evse_uids": ["E1"]})):
        peer.flow(f"→ eMSP: authorize with {name}", put(f"sender/tokens/{peer.uid}/authorize", body, "POST"))


def checked_by_hub(peer):
    """`party check` on each platform of it, reading alone, before anything was set for it."""
    for platform in peer.ids:
        parties = "/".join(role["role"] for role in peer.hub.json("party", "show", str(platform))["roles"])

        def check(platform=platform, parties=parties):
            report = peer.surveys[parties] = peer.hub.survey(platform)
            legs = peer.hub.json("log", "--platform", str(platform))
            wrote = {leg["method"] for leg in legs if leg["leg"] == "check"} - {"GET", "HEAD"}
            if wrote or not report["complete"]:
                raise RuntimeError(f"{report.get('why')}, methods beside GET and HEAD: {wrote or 'none'}")
            return page.counts(report)

        peer.flow(f"party check ({parties.lower()})", check)


def cured(peer):
    """What `party check` says cures is set by it; nothing is left to be set then."""
    done = []
    for platform in peer.ids:
        done += peer.hub.survey(platform, "--apply")["cures"]
        left = peer.hub.survey(platform)["cures"]
        if left:
            raise RuntimeError(f"left to be set: {left}")
    return ", ".join(sorted(done)) or "nothing to be set"


def ends(peer):
    """Fresh tokens, and the farewell."""
    def each(verb):
        for one in peer.ids:
            good, said = peer.hub.ctl("party", verb, str(one))
            if not good:
                raise RuntimeError(said)
        return "done"

    peer.flow("fresh tokens, begun by the hub", lambda: each("rotate"))
    peer.flow("→ CPO: one location, afterwards", lambda: one_location(peer))
    peer.flow("farewell", lambda: each("remove"))


# ---- the peers ----

def control(base, path, **more):
    done = subprocess.run(["curl", "-sk", f"{base}/control/{path}"], capture_output=True, text=True, check=True, timeout=rig.PATIENCE)
    said = json.loads(done.stdout)
    if isinstance(said, dict) and not said["ok"]:
        raise RuntimeError(said["why"])
    return said["why"] if isinstance(said, dict) else said


def up(base):
    rig.until(base, lambda: subprocess.run(["curl", "-sk", "-o", "/dev/null", base]).returncode == 0)
    return base


def play_ocpi_kit(peer):
    tool = folder_of(peer.package) / "bin/ocpi"
    for role in ("cpo", "emsp"):
        port = rig.free_port()
        peer.start(tool, "serve-mock", "--bind", f"127.0.0.1:{port}", "--role", role, "--version", "2.2.1")
        base = up(f"http://127.0.0.1:{port}")
        peer.flow(f"handshake, begun by the hub ({role})", lambda: peer.connect(f"{base}/versions", "test-token-a"))
    peer.cpo, peer.emsp, peer.location, peer.uid = ("NL", "TNM"), ("DE", "ABC"), "LOC1", "012345678"
    checked_by_hub(peer)
    towards_cpo(peer)
    towards_emsp(peer)
    client = [tool, "--insecure"]
    tail = [peer.hub.versions, "--token", peer.other.token]
    peer.flow("peer →: conformance runner", lambda: last_line_of(peer, [*client, "conformance", *tail], -2))
    for module in ("locations", "tariffs", "tokens", "hub-client-info"):
        peer.flow(f"peer →: list of {module}", lambda module=module: pulled(peer, [*client, "pull", module, *tail, "--from", "NL/RGM"]))
    peer.flow("cures are set by party check", lambda: cured(peer))
    ends(peer)


def run_tool(peer, words):
    done = subprocess.run(words, capture_output=True, text=True, timeout=120)
    peer.log.write(f"$ {' '.join(map(str, words[1:]))}\n{done.stdout}{done.stderr}\n")
    if done.returncode != 0:
        raise RuntimeError((done.stderr.strip() or done.stdout.strip()).splitlines()[-1])
    return done.stdout


def last_line_of(peer, words, at=-1):
    return run_tool(peer, words).strip().splitlines()[at]


def pulled(peer, words):
    """It prints an object a line, and what it could not read."""
    return f"{len(run_tool(peer, words).splitlines())} lines"


def play_fastapi(peer, scheme, parties):
    python, tls = folder_of(peer.package) / "bin/python", [TLS / "certificate.pem", TLS / "key.pem"] if scheme == "https" else []
    bases = {}
    for role, party in (("CPO", parties[0]), ("EMSP", parties[1])):
        port = rig.free_port()
        peer.start(python, HERE / "peers/fastapi_peer.py", role, *party, str(port), TOKEN_A, *tls)
        bases[role] = base = up(f"{scheme}://127.0.0.1:{port}")
        peer.flow(f"handshake, begun by the hub ({role.lower()})", lambda: peer.connect(f"{base}/ocpi/versions", TOKEN_A))
    peer.cpo, peer.emsp = parties
    checked_by_hub(peer)
    for one in peer.ids:
        peer.hub.ctl("party", "set", str(one), "profile=fastapi")
    first = peer.ids[0] if peer.ids else 0
    peer.flow("→ CPO: command, as its details list it", lambda: command(peer))
    url = f"{bases['CPO']}/ocpi/cpo/2.2.1/commands/"
    peer.hub.ctl("party", "set", str(first), f"endpoint.commands.receiver={url}")
    towards_cpo(peer)
    towards_emsp(peer)
    for module, name, base in (("locations", "L1", bases["CPO"]), ("tariffs", "T1", bases["CPO"]), ("tokens", "V1", bases["EMSP"]),
                               ("sessions", "S1", bases["CPO"]), ("cdrs", "C1", bases["CPO"])):
        peer.flow(f"peer →: push of {module}", lambda module=module, name=name, base=base: control(base, f"push/{module}/{name}"))
    peer.flow("cures are set by party check", lambda: cured(peer))
    peer.flow("peer →: push of cdrs, behind the cures", lambda: control(bases["CPO"], "push/cdrs/C1"))
    ends(peer)


def play_fastify(peer):
    port, token = rig.free_port(), peer.hub.invite(peer.name)
    peer.ids, base = [token[0]], f"http://127.0.0.1:{port}"
    # modules are found from where the script lies, so it lies beside them
    script = folder_of(peer.package) / "peer.mjs"
    script.write_text((HERE / "peers/fastify_peer.mjs").read_text())
    peer.start("node", script, "DE", str(port), peer.hub.versions, token[1])
    up(base)
    peer.cpo, peer.emsp = ("DE", "TSC"), ("DE", "TSM")
    peer.flow("handshake, begun by the peer", lambda: control(base, "register"))
    checked_by_hub(peer)
    towards_cpo(peer)
    towards_emsp(peer)
    for flow in ("location", "tariff", "token", "session", "cdr", "authorize", "list", "refusal", "command"):
        peer.flow(f"peer →: {flow}", lambda flow=flow: control(base, flow))
    peer.flow("peer →: result of the command", lambda: result_of(peer, base))
    peer.flow("cures are set by party check", lambda: cured(peer))
    ends(peer)


def result_of(peer, base):
    """The other side answers a command by a result to the response_url that it was given."""
    sent = json.loads(peer.other.wait("POST", "/commands/STOP_SESSION")[3])
    checked(rig.ask("POST", sent["response_url"], peer.other.token, body={"result": "ACCEPTED"}))
    return f"{len(rig.until('the result', lambda: control(base, 'store/results')))} result"


def play_latam(peer):
    other = rig.Platform(versions=("2.3.0",))
    with contextlib.closing(contextlib.ExitStack()) as at_end:
        at_end.callback(other.stop)
        _, token = peer.hub.invite(peer.name)
        steps = subprocess.run([folder_of(peer.package) / "bin/python", HERE / "peers/latam_peer.py", peer.hub.base, token,
                                f"{other.base}/versions"], capture_output=True, text=True, timeout=60).stdout
        for step in map(json.loads, steps.splitlines()):
            peer.note(f"peer →: {step['step']}", step["ok"], step["why"])
        good, said = peer.hub.ctl("party", "connect", "--name", "2.3.0", "--versions-url", f"{other.base}/versions", "--token", TOKEN_A)
        peer.note("a party of 2.3.0 alone is connected", good, said)


PEERS = {
    "ocpi-kit": ("ocpi-kit 0.4.0", play_ocpi_kit),
    "extrawest": ("extrawest-ocpi 2025.7.16", lambda peer: play_fastapi(peer, "http", (("DE", "EXC"), ("DE", "EXM")))),
    "py-ocpi": ("py-ocpi 0.3.1", lambda peer: play_fastapi(peer, "https", (("DE", "PYC"), ("DE", "PYM")))),
    "fastify": ("fastify 5.12.8, zod 3.25.76", play_fastify),
    "latam-evra": ("latam-evra-ocpi 0.5.0", play_latam),
}


def play(build, name):
    """The results of one peer and what `party check` told of it, with a hub of its own."""
    package, player = PEERS[name]
    why = install(package)
    if why is not None:
        return {"installed from its registry": (False, f"not installable here: {why}")}, {}
    with tempfile.TemporaryDirectory() as folder:
        hub = rig.Hub(build, folder, [("egress", f"ca_file = {TLS}/certificate.pem")])
        other = rig.Platform()
        checked(other.register(hub))
        peer = Peer(name, package, hub, other)
        try:
            player(peer)
        except Exception as why:  # one peer that cannot be played hides no other
            peer.note("played to the end", False, f"{type(why).__name__}: {why}")
        finally:
            peer.stop()
            other.stop()
            peer.note("the hub stopped cleanly", hub.stop() == 0)
            keep = PLACE / "logs" / name
            keep.mkdir(parents=True, exist_ok=True)
            for log in pathlib.Path(folder).glob("*.log"):
                (keep / log.name).write_text(log.read_text(errors="replace"))
    return peer.results, peer.surveys


def main():
    words = [word for word in sys.argv[1:] if not word.startswith("--")]
    build, names = words[0], words[1:] or list(PEERS)
    results, surveys = {}, {}
    for name in names:
        print(f"{name} …", flush=True)
        results[name], surveys[name] = play(build, name)
        for flow, (good, why) in results[name].items():
            print(f"  {'yes' if good else 'NO '} {flow}: {why[:300]}", flush=True)
    text = page.text({name: PEERS[name][0] for name in names}, results, surveys)
    print(text)
    if "--write" in sys.argv:
        page.write(text, build)


if __name__ == "__main__":
    main()
