#!/usr/bin/env python3
"""Dashboards and alerts in a Prometheus that asks a hub on which the demo was played: every variable has values, every query an answer, and
data but for what the demo does not have. usage: test_dashboards.py ROAMHUB-SIM DEMO.scn. Skipped without prometheus (PROMTOOL names one
whose server lies beside it)."""
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
BESIDE = os.path.dirname(os.environ.get("PROMTOOL", ""))
PROMETHEUS = shutil.which("prometheus", path=BESIDE + ":" + os.environ["PATH"])
BOARDS = ("hub.json", "party.json")
PATIENCE_S = 60
NOT_IN_THE_DEMO = {"Certificate", "OFFLINE", "Limits", "Refusals"}
SIM, DEMO = map(os.path.abspath, sys.argv[1:3])
del sys.argv[1:3]


def board(name):
    return json.loads((ROOT / "dashboards" / name).read_text())


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@unittest.skipIf(PROMETHEUS is None, "prometheus is not installed")
class Dashboards(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        hub = os.environ["ADMIN"].removeprefix("http://")
        conf = {"global": {"scrape_interval": "200ms", "scrape_timeout": "200ms", "evaluation_interval": "1s"},
                "rule_files": [str(ROOT / "dashboards/alerts.yml")],
                "scrape_configs": [{"job_name": "roamhub", "static_configs": [{"targets": [hub]}]}]}
        pathlib.Path(cls.folder, "prometheus.yml").write_text(json.dumps(conf))
        cls.at = f"127.0.0.1:{free_port()}"
        process = subprocess.Popen(
            [PROMETHEUS, "--config.file=prometheus.yml", "--storage.tsdb.path=data", f"--web.listen-address={cls.at}"],
            cwd=cls.folder, stderr=subprocess.DEVNULL)
        cls.addClassCleanup(process.wait)
        cls.addClassCleanup(process.terminate)
        cls.wait_until(lambda: cls.query("roamhub_requests_total"))
        subprocess.run([SIM, DEMO, "--quiet"], check=True, stdout=subprocess.DEVNULL)
        answered = cls.counted("roamhub_requests_total")
        cls.wait_until(lambda: cls.counted("sum(roamhub_platform_requests_total)") > 0 and
                       cls.counted("count_over_time(roamhub_requests_total[1m])") > 5 and
                       cls.counted("roamhub_requests_total") >= answered and cls.rules_ran())

    @classmethod
    def wait_until(cls, condition):
        until = time.monotonic() + PATIENCE_S
        while not condition():
            if time.monotonic() > until:
                raise AssertionError("Prometheus did not get there")
            time.sleep(0.1)

    @classmethod
    def get(cls, path, **parameters):
        try:
            with urllib.request.urlopen(f"http://{cls.at}/api/v1/{path}?{urllib.parse.urlencode(parameters)}") as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refused:
            text = refused.read().decode()
            return json.loads(text) if text.startswith("{") else {"status": "error", "error": text}
        except OSError:  # it is not there yet
            return {"status": "error", "error": "no answer"}

    @classmethod
    def query(cls, expression):
        answer = cls.get("query", query=expression)
        return answer["data"]["result"] if answer["status"] == "success" else None

    @classmethod
    def counted(cls, expression):
        return sum(float(row["value"][1]) for row in cls.query(expression) or [])

    @classmethod
    def rules(cls):
        groups = cls.get("rules").get("data", {"groups": []})["groups"]
        return [rule for group in groups for rule in group["rules"]]

    @classmethod
    def rules_ran(cls):
        return cls.rules() and all(rule["health"] != "unknown" for rule in cls.rules())

    def values(self, variable, chosen):
        """What Grafana offers for a variable, by its own rules."""
        asked = self.filled(variable["query"]["query"], chosen)
        named = re.fullmatch(r"label_values\((.*), (\w+)\)", asked)
        if named:
            return self.get(f"label/{named[2]}/values", **{"match[]": named[1]})["data"]
        rows = self.query(re.fullmatch(r"query_result\((.*)\)", asked)[1])
        pattern = re.sub(r"\(\?<(\w+)>", r"(?P<\1>", variable["regex"].strip("/"))
        lines = [row["metric"]["__name__"] + "{" + ",".join(f'{name}="{value}"' for name, value in row["metric"].items()
                                                            if name != "__name__") + "} " + row["value"][1] for row in rows]
        found = [re.search(pattern, line) for line in lines]
        self.assertNotIn(None, found, lines)
        self.assertTrue(all(one["text"] for one in found))
        return [one["value"] for one in found]

    @staticmethod
    def filled(text, chosen):
        for name, value in {**chosen, "__rate_interval": "1m", "datasource": "-"}.items():
            text = re.sub(rf"\$(\{{{name}\}}|{name}\b)", value, text)
        return text

    def chosen(self, of):
        """The first value of each variable."""
        chosen = {}
        for variable in of["templating"]["list"]:
            if variable["type"] == "query":
                values = self.values(variable, chosen)
                self.assertTrue(values, f"{variable['name']} has no values")
                chosen[variable["name"]] = values[0]
        return chosen

    def test_every_panel_has_what_it_shows(self):
        for name in BOARDS:
            of = board(name)
            chosen, empty = self.chosen(of), set()
            for panel in of["panels"]:
                for target in panel["targets"]:
                    asked = self.filled(target["expr"], chosen)
                    self.assertNotIn("$", asked, name)
                    answer = self.get("query", query=asked)
                    self.assertEqual(answer["status"], "success", f"{name}: {panel['title']}: {answer.get('error')}")
                    self.assertEqual(answer.get("warnings", []), [])
                    if not answer["data"]["result"]:
                        empty.add(panel["title"])
            self.assertLessEqual(empty, NOT_IN_THE_DEMO, name)

    def test_every_party_may_be_chosen(self):
        of = board("party.json")
        chosen = self.chosen(of)
        parties = self.values(of["templating"]["list"][-1], chosen)
        self.assertEqual(len(parties), int(self.counted("sum(roamhub_platforms)")))
        for party in parties:
            self.assertTrue(self.query(self.filled(of["panels"][0]["targets"][0]["expr"], {**chosen, "platform": party})))

    def test_every_alert_is_judged_and_silent(self):
        for rule in self.rules():
            self.assertEqual((rule["name"], rule["health"], rule.get("lastError", "")), (rule["name"], "ok", ""))
        self.assertEqual([alert for alert in self.get("alerts")["data"]["alerts"] if alert["state"] == "firing"], [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
