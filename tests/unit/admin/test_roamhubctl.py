"""roamhubctl against real hubs: every verb, its JSON, its exit status. usage: test_roamhubctl.py ROAMHUBD ROAMHUBCTL"""
import json
import os
import pty
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request

ROAMHUBD, ROAMHUBCTL = map(os.path.abspath, sys.argv[1:3])

CONFIG = """[hub]
party_id = {party}
[http]
listen = 127.0.0.1:0
workers = 1
[admin]
listen = 127.0.0.1:0
[routing]
accept_hubs = true
[egress]
allow_private = true
[store]
url = sqlite:{dir}/hub.db
"""


def read(path):
    with open(path) as text:
        return text.read()


class Hub:
    def __init__(self, party="HUB"):
        self.folder = tempfile.TemporaryDirectory()
        self.dir = self.folder.name
        self.config = f"{self.dir}/hub.conf"
        self.write(CONFIG.format(party=party, dir=self.dir))
        self.log = open(f"{self.dir}/log", "w+")
        self.process = subprocess.Popen([ROAMHUBD, "--config", self.config], stderr=self.log)
        while "ready on" not in self.text():
            if self.process.poll() is not None:
                raise AssertionError(self.text())
            time.sleep(0.02)

    def text(self):
        return read(f"{self.dir}/log")

    def write(self, text):
        with open(self.config, "w") as out:
            out.write(text)

    def append(self, text):
        with open(self.config, "a") as out:
            out.write(text)

    def get(self, path):
        address = read(f"{self.dir}/admin.token.address").strip()
        try:
            with urllib.request.urlopen(f"http://{address}{path}") as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
        status = self.process.wait()
        self.log.close()
        self.folder.cleanup()
        return status


def run(*args, stdin=None, env=None):
    return subprocess.run([ROAMHUBCTL, *args], input=stdin, capture_output=True, text=True,
                          env={**os.environ, **(env or {})})


def on_terminal(args, env):
    """What @args print on a terminal; fault T6: not every machine has one to give."""
    try:
        pid, fd = pty.fork()
    except OSError as error:
        raise unittest.SkipTest(f"no pseudo terminal here: {error}") from error
    if pid == 0:
        os.execve(ROAMHUBCTL, [ROAMHUBCTL, *args], {**os.environ, "TERM": "xterm", **env})
    text = b""
    while True:
        try:
            piece = os.read(fd, 65536)
        except OSError:
            piece = b""
        if not piece:
            break
        text += piece
    os.close(fd)
    assert os.waitpid(pid, 0)[1] == 0, text
    return text.decode()


class WithHub(unittest.TestCase):
    def setUp(self):
        self.hub = Hub()
        self.addCleanup(self.end)

    def end(self):
        self.assertEqual(self.hub.stop(), 0)

    def ctl(self, *args, **how):
        return run(*args, "--config", self.hub.config, **how)

    def json(self, *args, status=0, **how):
        result = self.ctl("--json", *args, **how)
        self.assertEqual(result.returncode, status, result.stderr)
        return json.loads(result.stdout)

    def fails(self, status, reason, *args):
        result = self.ctl(*args)
        self.assertEqual(result.returncode, status, (args, result.stderr))
        self.assertEqual(result.stdout, "")
        self.assertRegex(result.stderr.splitlines()[0], "^roamhubctl: .*" + reason, args)


class Usage(unittest.TestCase):
    def test_wrong_calls_exit_2_with_a_hint(self):
        for line, hint in [
            ("", "usage: roamhubctl"),
            ("stats", "did you mean 'status'"),
            ("party", "expected one of: party invite"),
            ("party lits", "did you mean 'party list'"),
            ("party list extra", "unexpected argument 'extra'"),
            ("party show", "party show needs ID"),
            ("party show x", "no platform id"),
            ("party show 0", "no platform id"),
            ("party set 1", "party set needs ID KEY=VALUE"),
            ("party set 1 validation", "no KEY=VALUE"),
            ("party invite", "needs --name NAME"),
            ("party invite --name", "--name needs a value"),
            ("party invite --nmae x", "did you mean --name"),
            ("party invite --name a --name b", "--name is given twice"),
            ("party invite --name a --party DE*ABC", "expected CC.PID:ROLE"),
            ("party invite --name a --party DE*ABC:CPOO", "expected CC.PID:ROLE"),
            ("party invite --name a --since 1m", "unknown option --since"),
            ("party connect --name a --token b", "needs --versions-url URL"),
            ("party connect --name a --versions-url http://x --token @/nowhere", "cannot read /nowhere"),
            ("log", "log needs --correlation-id ID"),
            ("log --party DEABC", "no party"),
            ("log --object tokens/DE*ABC", "no object"),
            ("log --party DE*ABC --since yesterday", "no time"),
            ("log --party DE*ABC --limit 0", "expected 1 to 10000"),
            ("route explain --from DE*ABC --to NL*XYZ", "needs --module MODULE"),
            ("route explain --from DE*ABC --to NLXYZ --module tokens", "no party"),
            ("agreement add DE*ABC", "agreement add needs CPO EMSP"),
            ("agreement add DE*ABC NLXYZ", "EMSP: 'NLXYZ' is no party"),
            ("agreement add DEABC NL*XYZ", "CPO: 'DEABC' is no party"),
            ("agreement remove one", "no agreement id"),
            ("agreement", "expected one of: agreement add, agreement list, agreement remove"),
            ("push redrive", "push redrive needs ID"),
            ("push redrive x", "no platform id"),
            ("push redrive 1 --since yesterday", "no time"),
            ("push redrive 1 --dry-run=no", "--dry-run takes no value"),
            ("push sync", "push sync needs ID"),
            ("push sync all", "no platform id"),
            ("push sync 1 --modules tokens", "did you mean --module"),
            ("push sync 1 --module", "--module needs a value"),
            ("party release", "party release needs CC.PID"),
            ("party release DEABC", "'DEABC' is no party, expected CC.PID"),
            ("party release DE*ABC 1", "unexpected argument '1'"),
            ("party move DE*ABC 1", "party move needs CC.PID FROM TO"),
            ("party move DEABC 1 2", "'DEABC' is no party"),
            ("party move DE*ABC one 2", "'one' is no platform id"),
            ("party move DE*ABC 1 0", "'0' is no platform id"),
            ("party pull accept", "party pull accept needs ID"),
            ("party pull accept x", "no platform id"),
            ("party pull 1", "expected one of: party invite.* party pull accept"),
            ("expiry", "expected one of: expiry resume"),
            ("expiry resume now", "unexpected argument 'now'"),
            ("backup", "backup needs FILE"),
            ("status --json=yes", "--json takes no value"),
            ("status --config /nowhere/x.conf", "cannot be read"),
            ("reload --config /nowhere/x.conf", "cannot be read"),
            ("status --set admin.lisen=1", "lisen"),
        ]:
            result = run(*line.split())
            self.assertEqual(result.returncode, 2, (line, result.stderr))
            self.assertEqual(result.stdout, "")
            self.assertRegex(result.stderr, hint, line)

    def test_help_of_every_verb_comes_from_the_table(self):
        result = run("--help")
        self.assertEqual(result.returncode, 0)
        verbs = re.findall(r"^  ([a-z]+(?: [a-z]+)*)  +[A-Z]", result.stdout, re.M)
        self.assertIn("party invite", verbs)
        self.assertGreater(len(verbs), 14)
        for verb in verbs:
            for line in ("help " + verb, verb + " --help", "-h " + verb):
                result = run(*line.split())
                self.assertEqual(result.returncode, 0, line)
                self.assertTrue(result.stdout.startswith(f"usage: roamhubctl {verb}"), line)
        self.assertRegex(run("--version").stdout, r"^roamhubctl \d")

    def test_without_a_hub_verbs_fail_and_check_is_critical(self):
        with tempfile.TemporaryDirectory() as folder:
            sets = ["--set", "admin.listen=127.0.0.1:9", "--set", f"store.url=sqlite:{folder}/hub.db"]
            result = run("status", *sets)
            self.assertEqual(result.returncode, 1)
            self.assertRegex(result.stderr, "cannot read the admin token")
            with open(f"{folder}/admin.token", "w") as out:
                out.write("some token of somebody\n")
            result = run("status", *sets)
            self.assertEqual(result.returncode, 1)
            self.assertRegex(result.stderr, "^roamhubctl: no hub answers on .*127.0.0.1:9")
            self.assertEqual(run("check", *sets).returncode, 2)


class Agreements(WithHub):
    def test_an_agreement_is_made_listed_kept_and_removed(self):
        self.assertIn("routing.default decides", self.ctl("agreement", "list").stdout)
        made = self.json("agreement", "add", "de*abc", "NL*XYZ", "--modules", "tariffs, locations,tariffs",
                         "--from", "2026-01-01", "--until", "2199-12-31T12:00:00Z")
        self.assertEqual(made, {"agreement": made["agreement"], "cpo": "de*abc", "emsp": "NL*XYZ",
                                "modules": ["tariffs", "locations"], "from": "2026-01-01T00:00:00.000Z",
                                "until": "2199-12-31T12:00:00.000Z", "status": "in force"})
        later = self.json("agreement", "add", "DE*ABC", "NL*XYZ", "--from", "2199-01-01")
        self.assertEqual((later["modules"], later["until"], later["status"]), (None, None, "later"))
        over = self.json("agreement", "add", "DE*ABC", "NL*XYZ", "--until", "2001-01-01")
        self.assertEqual(over["status"], "over")
        self.assertEqual(self.json("agreement", "list"), [made, later, over])
        self.assertEqual(self.json("agreement", "remove", str(later["agreement"])), later)
        self.assertEqual(self.json("agreement", "list"), [made, over])
        self.fails(1, "there is no agreement", "agreement", "remove", str(later["agreement"]))

    def test_a_fault_names_the_field_and_makes_nothing(self):
        both = ["agreement", "add", "DE*ABC", "NL*XYZ"]
        self.fails(1, "modules: 'lokations' is no module.* locations", *both, "--modules", "tokens,lokations")
        self.fails(1, "modules: '' is no module", *both, "--modules", "tokens,")
        self.fails(1, "from: expected a date", *both, "--from", "2026-02-30")
        self.fails(1, "until: expected a date", *both, "--until", "tomorrow")
        self.fails(1, "until: is not after from", *both, "--from", "2026-01-02", "--until", "2026-01-02")
        self.fails(1, "emsp: is the cpo itself", "agreement", "add", "DE*ABC", "de*abc")
        self.assertEqual(self.json("agreement", "list"), [])
        self.json(*both)
        self.fails(1, "agreement 1 says the same already", "agreement", "add", "de*ABC", "nl*xyz")


class Platforms(WithHub):
    def test_CRD_003_a_platform_from_invite_to_remove(self):
        invite = self.json("party", "invite", "--name", "Charge Co", "--party", "DE*ABC:CPO", "--party", "DE*ABC:EMSP")
        self.assertEqual(sorted(invite), ["expires", "platform", "token", "versions_url"])
        self.assertRegex(invite["versions_url"], "^http://127.0.0.1:[0-9]+/ocpi/versions$")
        platform = str(invite["platform"])
        rows = self.json("party", "list")
        self.assertEqual([row["name"] for row in rows], ["Charge Co"])
        self.assertEqual({role["role"] for role in rows[0]["roles"]}, {"CPO", "EMSP"})
        self.assertEqual(sorted(rows[0]["roles"][0]),
                         ["country_code", "last_updated", "party_id", "role", "status"])
        self.assertEqual(self.json("party", "suspend", platform)["status"], "SUSPENDED")
        self.assertEqual(self.json("party", "resume", platform)["status"], "PLANNED")
        self.assertEqual(self.json("party", "set", platform, "validation=off", "token_encoding=base64")["settings"],
                         {"validation": "off", "token_encoding": "base64"})
        shown = self.json("party", "show", platform)
        self.assertEqual((shown["validation"], len(shown["roles"])), ("off", 2))
        self.fails(1, "expected strict", "party", "set", platform, "validation=perhaps")
        self.fails(2, "'pull' is given twice", "party", "set", platform, "pull=60", "pull=70")
        self.fails(1, "belongs to another", "party", "invite", "--name", "Other", "--party", "DE*ABC:CPO")
        self.assertEqual(self.json("party", "remove", platform)["status"], "REMOVED")
        self.assertEqual(self.json("party", "list"), [])
        self.fails(1, "there is no platform 99", "party", "show", "99")
        for text in (self.hub.text(), json.dumps(rows), json.dumps(shown)):
            self.assertNotIn(invite["token"], text)

    def test_verbs_that_do_not_fit_fail_with_a_line_that_names_the_field(self):
        """faults M12, M4, L6, D8, P2"""
        platform = str(self.json("party", "invite", "--name", "Charge Co", "--party", "DE*ABC:CPO")["platform"])
        for reason, line in [
            ("party: no platform has DE.NON$", "party release DE*NON"),
            ("party: DE.ABC is held by its platform, expected a party that its platform dropped$",
             "party release DE*ABC"),
            ("to: is the same platform as from$", f"party move DE*ABC {platform} {platform}"),
            ("from: there is no platform 99$", f"party move DE*ABC 99 {platform}"),
            ("from: platform 1 still holds DE.ABC", f"party move DE*ABC {platform} 99"),
            ("platform: there is no platform 99$", "party pull accept 99"),
            ("pull: nothing of platform 1 waits to be withdrawn$", f"party pull accept {platform}"),
            ("platform: there is no platform 99$", "push sync 99"),
            ("module: expected one of cdrs, .*tokens$", f"push sync {platform} --module lokations"),
            ("platform: 1 is PLANNED, expected one that is registered$", f"push sync {platform} --module tokens"),
            ("platform: there is no platform 99$", "push redrive 99"),
        ]:
            self.fails(1, reason, *line.split())
        self.assertEqual(self.json("expiry", "resume"), {"was_held": False, "since": None, "why": None})
        self.assertEqual(self.ctl("expiry", "resume").stdout, "expiry is not held\n")

    def test_every_setting_is_shown_with_what_holds(self):
        platform = str(self.json("party", "invite", "--name", "Charge Co")["platform"])
        self.json("party", "set", platform, "validation.tokens=off", "catch_up=skip", "pull=60", "objects=5")
        rows = {row["key"]: (row["value"], row["chosen"])
                for row in self.json("party", "show", platform)["settings_in_force"]}
        self.assertEqual(rows, {
            "validation": ("strict", False), "validation.tokens": ("off", True), "token_encoding": ("auto", False),
            "profile": ("none", False), "catch_up": ("skip", True), "initial_sync": ("none", False),
            "pull": ("60", True), "offline_authorize": ("on", False),
            "lists_without_to": ("all", False), "datetime_offset": ("refuse", False), "endpoint_slash": ("off", False),
            "endpoints": ("roles", False), "from": ("hub", False),
            "errors_detail": ("none", False), "rotate_days": ("0", False),
            "flights": ("2000", False), "objects": ("5", True), "relinks": ("1000000", False),
            "requests_per_second": ("0", False), "sandbox": ("off", False)})
        self.assertIn("validation=(strict) validation.tokens=off", self.ctl("party", "show", platform).stdout)

    def test_CRD_035_the_hub_connects_to_another_hub(self):
        other = Hub("OTH")
        try:
            invite = json.loads(run("party", "invite", "--name", "First", "--json", "--config", other.config).stdout)
            with open(f"{self.hub.dir}/token", "w") as out:
                out.write(invite["token"] + "\n")
            ask = ["party", "connect", "--name", "Other", "--versions-url", invite["versions_url"], "--token"]
            result = self.ctl(*ask, "-", stdin="not-it\n")
            self.assertEqual(result.returncode, 1)
            self.assertRegex(result.stderr, "HTTP 401")
            self.assertEqual(self.json("party", "list"), [])
            answer = self.json(*ask, f"@{self.hub.dir}/token")
            self.assertEqual(sorted(answer), ["platform", "roles"])
            self.assertEqual((answer["roles"][0]["party_id"], answer["roles"][0]["role"]), ("OTH", "HUB"))
            shown = self.json("party", "show", str(answer["platform"]))
            self.assertEqual((shown["status"], shown["version"]), ("CONNECTED", "2.2.1"))
            self.assertIn("credentials", [endpoint["module"] for endpoint in shown["endpoints"]])
            self.assertNotIn(invite["token"], self.hub.text() + other.text())
            why = self.json("route", "explain", "--from", "DE*OTH", "--to", "NL*XYZ", "--module", "tokens")
            self.assertEqual(why["error"], "4001")
            why = self.json("route", "explain", "--from", "DE*OTH", "--to", "DE*HUB", "--module", "locations")
            self.assertEqual((why["flow"], why["shared_with"]), ("share", []))
            platform = str(answer["platform"])
            row, = self.json("push", "status")
            self.assertEqual((row["platform"], row["name"], row["status"]), (answer["platform"], "Other", "CONNECTED"))
            self.assertGreaterEqual(row["head"], row["cursor"])
            self.assertIn("pushes ", self.ctl("party", "show", platform).stdout)
            self.assertEqual(self.json("push", "redrive", platform),
                             {"platform": answer["platform"], "status": "CONNECTED", "dry_run": False, "count": 0,
                              "more": False, "objects": []})
            self.assertIn("nothing to send again", self.ctl("push", "redrive", platform, "--dry-run").stdout)
            self.json("party", "suspend", platform)
            self.assertEqual(self.json("push", "redrive", platform, "--dry-run")["count"], 0)
            self.assertEqual(self.json("push", "status"), [])
            why = self.json("route", "explain", "--from", "DE*OTH", "--to", "DE*HUB", "--module", "locations")
            self.assertEqual((why["flow"], why["error"]), ("refused", "403"))
        finally:
            self.assertEqual(other.stop(), 0)

    def test_check_and_metrics_tell_of_a_platform_that_is_away(self):
        """faults T4 and S13: rows of check and values of metrics, on what makes them move"""
        self.hub.append("[push]\nstill_alive_interval = 0.1\nretry_interval = 0.1\n")
        self.json("reload")
        other = Hub("OTH")
        invite = json.loads(run("party", "invite", "--name", "First", "--json", "--config", other.config).stdout)
        self.json("party", "connect", "--name", "Other", "--versions-url", invite["versions_url"], "--token", "-",
                  stdin=invite["token"] + "\n")
        self.assertEqual(self.metric('platforms{status="CONNECTED"}'), 1)
        self.assertEqual(self.row("platforms"), (0, "1 connected, none OFFLINE"))
        self.until(lambda: self.metric("probes_total") > 0)
        self.assertEqual(other.stop(), 0)
        self.until(lambda: self.metric('platforms{status="OFFLINE"}') == 1)
        self.assertEqual(self.row("platforms", status=1), (1, "OFFLINE: Other (1)"))
        self.assertEqual(self.metric('parties{status="OFFLINE"}'), 1)
        self.assertGreater(self.metric("probe_failures_total"), 0)
        self.assertGreaterEqual(self.metric("probes_total"), self.metric("probe_failures_total"))
        self.until(lambda: 0 < self.metric("change_head") == self.json("status")["backlog"]["head"])

    def row(self, check, status=0):
        row, = [row for row in self.json("check", status=status)["checks"] if row["check"] == check]
        return row["level"], row["detail"]

    def metric(self, name):
        line, = [line for line in self.hub.get("/metrics")[1].splitlines() if line.startswith(f"roamhub_{name} ")]
        return float(line.split()[-1])

    def until(self, true):
        end = time.monotonic() + 120
        while not true():
            self.assertLess(time.monotonic(), end, self.hub.text())
            time.sleep(0.02)

    def test_a_table_has_nothing_that_steers_a_terminal(self):
        self.ctl("party", "invite", "--name", "Evil\u009b2J Co")
        plain = self.ctl("party", "list")
        self.assertEqual(plain.returncode, 0)
        self.assertIn("Evil\ufffd2J Co", plain.stdout)
        self.assertNotRegex(plain.stdout, "[\x1b\u0080-\u009f]")

    def test_a_table_has_colours_on_a_terminal_alone(self):
        self.ctl("party", "invite", "--name", "Charge Co")
        ask = ["party", "list", "--config", self.hub.config]
        self.assertIn("\x1b[1m", on_terminal(ask, {"NO_COLOR": ""}))
        self.assertNotIn("\x1b", on_terminal(ask, {"NO_COLOR": "1"}))
        self.assertNotIn("\x1b", on_terminal(ask, {"NO_COLOR": "", "TERM": "dumb"}))


class Counters(unittest.TestCase):
    def test_fault_S13_every_counter_of_the_hub_is_a_metric(self):
        root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../..")
        names = re.search(r"enum counter \{(.*?)COUNTER_COUNT", read(f"{root}/include/roamhub/hub.h"), re.S).group(1)
        counters = re.findall(r"^\s*(COUNT_\w+)(?! =)\b,?", names, re.M)
        self.assertGreater(len(counters), 20)
        shown = re.findall(r"HUB\(total\[(COUNT_\w+)\]\)", read(f"{root}/src/admin/metrics.c"))
        self.assertEqual(sorted(set(counters) - {"COUNT_PULL_LAST"}), sorted(shown))


class Upkeep(WithHub):
    def test_status_check_and_config_say_how_the_hub_is(self):
        status = self.json("status")
        for key in ("version", "uptime_s", "store", "workers", "parties_by_status", "backlog"):
            self.assertIn(key, status)
        self.assertEqual((status["workers"], status["parties_by_status"]["OFFLINE"]), (1, 0))
        self.assertEqual(self.json("check")["status"], "good")
        rows = {row["key"]: row for row in self.json("config", "show", "--set", "list.limit=5")}
        self.assertEqual(rows["http.workers"], {"key": "http.workers", "value": "1", "origin": "file:5"})
        self.assertEqual(rows["list.limit"]["origin"], "default")
        for verb in (["status"], ["check"], ["config", "show"], ["party", "list"]):
            self.assertGreater(len(self.ctl(*verb).stdout), 20)

    def test_reload_waits_for_the_verdict(self):
        self.hub.append("[log]\nlevel = debug\n[list]\nlimit = 7\n")
        self.assertEqual(self.json("reload"), {"changed": ["log.level"], "needs_restart": ["list.limit"]})
        good = read(self.hub.config)
        self.hub.append("colour = red\nlimit = many\n")
        result = self.ctl("reload")
        self.assertEqual((result.returncode, result.stdout), (1, ""))
        self.assertRegex(result.stderr, r"hub.conf:\d+: .*colour(.|\n)*hub.conf:\d+: .*limit")
        self.hub.write(good)
        self.assertEqual(self.json("check", status=1)["status"], "warning")
        self.assertEqual(self.json("reload")["changed"], [])
        self.assertEqual(self.json("check")["status"], "good")

    def test_a_reload_by_signal_that_is_refused_shows_in_check(self):
        good = read(self.hub.config)
        self.hub.append("colour = red\n")
        self.hub.process.send_signal(signal.SIGHUP)
        while "refused" not in self.hub.text():
            time.sleep(0.02)
        self.hub.write(good)
        self.assertEqual(self.json("check", status=1)["level"], 1)

    def test_a_backup_is_a_database_and_replaces_no_file(self):
        here = os.getcwd()
        os.chdir(self.hub.dir)
        try:
            answer = self.json("backup", "copy.db")
        finally:
            os.chdir(here)
        self.assertEqual(os.path.realpath(answer["path"]), os.path.realpath(f"{self.hub.dir}/copy.db"))
        self.assertEqual(os.stat(answer["path"]).st_size, answer["bytes"])
        with open(answer["path"], "rb") as copy:
            self.assertEqual(copy.read(15), b"SQLite format 3")
        self.fails(1, "exists already", "backup", answer["path"])

    def test_log_of_nobody_is_an_empty_list(self):
        self.assertEqual(self.json("log", "--correlation-id", "nobody knows & it"), [])
        self.assertEqual(self.json("log", "--party", "DE*ABC", "--since", "10m", "--limit", "5"), [])
        self.assertEqual(self.json("log", "--object", "tokens/DE*ABC/0/1"), [])

    def test_another_token_is_refused(self):
        with open(f"{self.hub.dir}/admin.token", "w") as out:
            out.write("the token of another hub\n")
        self.fails(1, "admin.token_file", "status")

    def test_health_needs_no_token(self):
        self.assertEqual(self.hub.get("/healthz"), (200, "ok\n"))
        status, body = self.hub.get("/readyz")
        self.assertEqual(status, 200)
        self.assertEqual([sorted(row) for row in json.loads(body)], [["check", "detail", "ok", "since"]] * 2)
        self.assertIn("roamhub_build_info{", self.hub.get("/metrics")[1])
        self.assertEqual(self.hub.get("/admin/v1/status")[0], 401)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
