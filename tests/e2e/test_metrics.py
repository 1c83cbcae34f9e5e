#!/usr/bin/env python3
"""What /metrics says, and who counts on it: the table of docs/operations.md, dashboards and alerts name what a running hub has, and
nothing else. promtool judges names, expressions and alerts; without it that is skipped, or fails where PROMTOOL names it."""
import json
import os
import re
import shutil
import ssl
import subprocess
import tempfile
import unittest
import urllib.request

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
BOARDS = os.path.join(ROOT, "dashboards")
PROMTOOL = os.environ.get("PROMTOOL") or shutil.which("promtool")
TARGET_LABELS = {"job", "instance"}
NAME = re.compile(r"\b((?:roamhub|process)_[a-z0-9_]+)(\{[^}]*\})?")


def read(*path):
    with open(os.path.join(*path), encoding="utf-8") as file:
        return file.read()


def ask():
    request = urllib.request.Request(os.environ["ADMIN"] + "/metrics",
                                     headers={"Authorization": "Bearer " + os.environ["ADMIN_TOKEN"]})
    with urllib.request.urlopen(request) as answer:
        return answer.read().decode()


def greet():
    """One message of a platform, so that its histogram is there."""
    request = urllib.request.Request(os.environ["HUB"], headers={"Authorization": "Token " + os.environ["B64_CPO"]})
    urllib.request.urlopen(request, context=ssl._create_unverified_context()).close()


def promtool(*arguments, **options):
    if PROMTOOL is None:
        raise unittest.SkipTest("promtool, of Debian's package prometheus, is not installed")
    done = subprocess.run([PROMTOOL, *arguments], capture_output=True, text=True, **options)
    return done.returncode, done.stdout + done.stderr


def expressions():
    """(file, expression) of dashboards and alerts."""
    for name in ("hub.json", "party.json"):
        board = json.loads(read(BOARDS, name))
        for panel in board["panels"]:
            for target in panel["targets"]:
                yield name, target["expr"]
        for variable in board["templating"]["list"]:
            if variable["type"] == "query":
                yield name, variable["query"]["query"]
    for rule in re.split(r"\n +- alert: ", read(BOARDS, "alerts.yml"))[1:]:
        yield "alerts.yml", re.search(r"expr: (?:>\n)?(.*?)\n +(?:for|labels):", rule, re.DOTALL)[1]


class Metrics(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        greet()
        cls.text = ask()
        cls.types = dict(re.findall(r"^# TYPE (\S+) (\S+)$", cls.text, re.MULTILINE))
        cls.labels = {name: set() for name in cls.types}
        for name, labels in re.findall(r"^([a-z_]+)(?:\{(.*)\})? \S+$", cls.text, re.MULTILINE):
            cls.labels.setdefault(name, set()).update(re.findall(r'(\w+)="', labels or ""))
            if name not in cls.types:
                cls.labels[cls.family(name)] |= cls.labels[name]

    @classmethod
    def family(cls, name):
        return name if name in cls.types else re.sub(r"_(bucket|sum|count)$", "", name)

    def test_the_table_of_the_documentation_is_what_the_hub_has(self):
        table = read(ROOT, "docs/operations.md").partition("| metric (prefix `roamhub_`)")[2].partition("\n\n")[0]
        documented = {}
        for row in table.splitlines()[2:]:
            names, kind = [cell.strip() for cell in row.split("|")[1:3]]
            for name, labels in re.findall(r"`([a-z0-9_]+)(?:\{([a-z,]+)\})?`", names):
                name = name if name.startswith("process_") else "roamhub_" + name
                self.assertNotIn(name, documented)
                documented[name] = kind, set(labels.split(",")) if labels else set()
        for name, kind in sorted(self.types.items()):
            self.assertIn(name, documented, "is not in docs/operations.md")
            self.assertEqual(documented[name], (kind, self.labels[name] - {"le"}), name)
        self.assertEqual(set(documented) - set(self.types), set(), "are documented, and no metrics")

    def test_dashboards_and_alerts_name_what_there_is(self):
        used = set()
        for where, expression in expressions():
            found = NAME.findall(expression)
            self.assertTrue(found, f"{where}: {expression} names no metric")
            for name, matchers in found:
                used.add(self.family(name))
                self.assertIn(self.family(name), self.types, f"{where}: {expression}")
                there = self.labels.get(name) or self.labels[self.family(name)]
                for label in re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", matchers):
                    self.assertIn(label, there | TARGET_LABELS, f"{where}: {expression}")
        for name in self.types:
            if "_platform_" in name or name in ("roamhub_backlog_objects", "roamhub_certificate_expiry_timestamp_seconds"):
                self.assertIn(name, used, "stands on no dashboard")

    def test_dashboards_are_of_one_piece(self):
        for name in ("hub.json", "party.json"):
            board = json.loads(read(BOARDS, name))
            panels = [panel["id"] for panel in board["panels"]]
            self.assertEqual(len(panels), len(set(panels)), name)
            taken = set()
            for panel in board["panels"]:
                at = panel["gridPos"]
                place = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
                self.assertFalse(place & taken, f"{name}: {panel['title']} lies upon another")
                self.assertLessEqual(at["x"] + at["w"], 24)
                taken |= place

    def test_promtool_finds_nothing_in_the_metrics(self):
        self.assertEqual(promtool("check", "metrics", input=self.text), (0, ""))

    def test_promtool_takes_every_expression(self):
        rules = []
        for where, expression in expressions():
            if "(roamhub_build_info, " in expression or "query_result" in expression:
                continue
            expression = expression.replace("$__rate_interval", "5m")
            rules.append({"record": f"r:{len(rules)}", "expr": expression})
        with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
            json.dump({"groups": [{"name": "boards", "rules": rules}]}, file)
            file.flush()
            status, said = promtool("check", "rules", file.name)
        self.assertEqual(status, 0, said)

    def test_alerts_fire_when_they_should(self):
        status, said = promtool("check", "rules", os.path.join(BOARDS, "alerts.yml"))
        self.assertEqual(status, 0, said)
        status, said = promtool("test", "rules", os.path.join(BOARDS, "alerts_test.yml"))
        self.assertEqual(status, 0, said)

    def test_each_alert_is_explained_and_tried(self):
        operations, tried = read(ROOT, "docs/operations.md"), read(BOARDS, "alerts_test.yml")
        for alert in re.findall(r"- alert: (\w+)", read(BOARDS, "alerts.yml")):
            self.assertIn(f"| `{alert}` |", operations)
            self.assertRegex(tried, rf"alertname: {alert}\b")


if __name__ == "__main__":
    unittest.main()
