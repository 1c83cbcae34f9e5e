#!/usr/bin/env python3
"""The table of names and the OpenAPI document made of it: one name has one unit, every verb stands in it, and each answers as it says.
usage: test_names.py ROAMHUBD ROAMHUBCTL"""
import collections
import glob
import json
import os
import re
import sys
import threading
import time
import unittest
import urllib.error
import urllib.request

from hub import Hub
from names import Document, answer_schema
from page import type_text

ROAMHUBD, ROAMHUBCTL = sys.argv[1:3]
AT = "2026-11-23T08:00:00.000Z"
UNITS = {"us": ("us", "_us"), "ms": ("_ms",), "s": ("_s",), "days": ("days",), "bytes": ("bytes",)}
# What is called the same and is not: an id is the thing's own, and an agreement holds from a time.
SEVERAL = {"id", "from"}
# Bodies and paths that are good, to be answered 2XX; the others are refused, by name.
GOOD = [
    ("GET", "/admin/v1"), ("GET", "/admin/v1/login"), ("GET", "/admin/v1/platforms"), ("POST", "/admin/v1/platforms", {"name": "One", "parties": ["DE*ABC:CPO"]}),
    ("POST", "/admin/v1/platforms", {"name": "Two", "parties": ["NL*XYZ:EMSP"]}), ("GET", "/admin/v1/platforms"), ("POST", "/admin/v1/platforms/1/invite", {}),
    ("PATCH", "/admin/v1/platforms/1/settings", {"validation": "lenient"}), ("POST", "/admin/v1/platforms/1/suspend", {"reason": "a test", "until": "2999-01-01T00:00:00Z"}),
    ("GET", "/admin/v1/platforms/1"), ("GET", "/admin/v1/platforms/1/history"), ("GET", "/admin/v1/platforms/1/handshakes"), ("GET", "/admin/v1/platforms/1/faults"),
    ("POST", "/admin/v1/platforms/1/suspend", None), ("POST", "/admin/v1/platforms/1/resume", None), ("GET", "/admin/v1/push"), ("GET", "/admin/v1/push?buckets=true"),
    ("POST", "/admin/v1/push/redrive", {"dry_run": True}), ("POST", "/admin/v1/agreements", {"cpo": "DE*ABC", "emsp": "NL*XYZ", "modules": "locations"}),
    ("GET", "/admin/v1/agreements"), ("DELETE", "/admin/v1/agreements/1"), ("GET", "/admin/v1/series?metric=latency"), ("GET", "/admin/v1/status"), ("GET", "/admin/v1/check"),
    ("GET", "/admin/v1/doctor"), ("GET", "/admin/v1/log?since=2020-01-01"), ("GET", "/admin/v1/log?since=2020-01-01&sample=true"), ("GET", "/admin/v1/sandboxes"),
    ("POST", "/admin/v1/erase/token", {"token": "NL*XYZ/1", "dry_run": True}), ("GET", "/admin/v1/route?from=DE*ABC&to=NL*XYZ&module=tokens"), ("GET", "/admin/v1/events"),
    ("GET", "/admin/v1/audit"), ("POST", "/admin/v1/tokens", {"name": "anna", "role": "viewer"}), ("GET", "/admin/v1/certificates"), ("GET", "/admin/v1/hubs"), ("GET", "/admin/v1/config"),
    ("POST", "/admin/v1/reload", None), ("POST", "/admin/v1/expiry/resume", None), ("POST", "/admin/v1/resume", None), ("POST", "/admin/v1/export", {}),
    ("DELETE", "/admin/v1/platforms/1", None), ("GET", "/readyz"), ("GET", "/healthz"), ("GET", "/metrics"), ("GET", "/"), ("GET", "/admin/v1/openapi.json"),
]


class Names(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.hub = Hub(ROAMHUBD, ROAMHUBCTL).__enter__()
        cls.document = cls.hub.document()

    @classmethod
    def tearDownClass(cls):
        cls.hub.__exit__()

    def fields(self):
        """Of what is answered."""
        for shape, schema in self.document.shapes.items():
            if shape in self.document.bodies():
                continue
            for name, field in schema.get("properties", {}).items():
                yield shape, name, field

    def test_a_name_has_one_type_and_one_unit(self):
        types = collections.defaultdict(set)
        for _, name, field in self.fields():
            types[name].add(type_text(field))
        self.assertEqual({name for name, found in types.items() if len(found) > 1}, SEVERAL)

    def test_a_number_with_a_unit_says_it_in_its_name(self):
        for shape, name, field in self.fields():
            unit = type_text(field).removesuffix(" or null").rstrip("}").partition(", ")[2]
            if unit:
                self.assertTrue(name.endswith(UNITS[unit]) or name.startswith("days"), f"{shape}.{name} is in {unit}")
            else:
                self.assertFalse(re.search(r"_(us|ms|s|bytes)$", name) and type_text(field) == "integer", f"{shape}.{name} has no unit")

    def test_every_shape_is_told_of_and_used(self):
        text = json.dumps(self.document.whole)
        printed = {own["prints"].strip("[]") for own in self.document.whole["x-roamhubctl"].values()}
        for shape in self.document.shapes:
            self.assertTrue(shape in printed or f'"#/components/schemas/{shape}"' in text, f"{shape} is no answer")
        for used in re.findall(r'"#/components/schemas/(\w+)"', text):
            self.assertIn(used, self.document.shapes)

    def test_the_document_is_the_table_of_verbs(self):
        _, text = self.hub.ask("GET", "/admin/v1")
        verbs = {(verb["method"], verb["path"]) for verb in json.loads(text)}
        self.assertEqual({(method, path) for method, path, _ in self.document.operations()}, verbs)
        self.assertTrue(self.document.whole["openapi"].startswith("3.1."))
        self.assertEqual(json.loads(self.hub.ask("GET", "/admin/v1/status")[1])["api_version"], self.document.whole["info"]["version"])
        for method, path, operation in self.document.operations():
            self.assertEqual([one["name"] for one in operation.get("parameters", []) if one["in"] == "path"], re.findall(r"\{(\w+)\}", path))
            if path.startswith("/admin/v1"):
                self.assertIsNotNone(answer_schema(operation), f"{method} {path} does not say what it gives")

    def test_every_command_that_asks_the_hub_stands_in_it(self):
        """Of those that help lists, but for what needs no hub and prints no JSON of it."""
        told = {name for _, _, operation in self.document.operations() for name in operation.get("x-roamhubctl", [])} | set(self.document.whole["x-roamhubctl"])
        listed = set(re.findall(r"^  ([a-z][a-z-]+(?: [a-z]+){0,2})  +[A-Z]", self.hub.ctl("help").stdout, re.M))
        self.assertEqual(listed - told, {"man", "completion"})

    def test_every_name_that_roamhubctl_reads_is_told(self):
        """The evidence of a CDR is a document with a format of its own."""
        told = {name for _, name, _ in self.fields()}
        for path in glob.glob(os.path.join(os.path.dirname(__file__), "../../src/bin/ctl_*.c")):
            with open(path) as file:
                read = set(re.findall(r'val_(?:get|number|real|text|true)\((?:ctl, )?[^;"]*?, "(\w+)"\)', file.read()))
            if not path.endswith("ctl_evidence.c"):
                self.assertEqual(read - told, set(), path)

    def test_every_path_answers_and_as_it_says(self):
        asked = set()
        for method, target, *body in GOOD:
            status, text = self.hub.ask(method, target, json.dumps(body[0]) if body and body[0] is not None else None)
            self.assertLess(status, 300, f"{method} {target}: {text}")
            self.assertEqual(self.document.check_request(method, target, status, text), [], f"{method} {target}")
            asked.add(id(self.document.of_request(method, target)))
        for method, path, operation in self.document.operations():
            if id(operation) in asked:
                continue
            target = re.sub(r"\{\w+\}", "99", path)
            status, text = self.hub.ask(method, target, "{}" if "requestBody" in operation else None)
            self.assertLess(status, 500, f"{method} {target}: {text}")
            self.assertNotIn(status, (405, 411), f"{method} {target}: {text}")
            self.assertNotIn("no such resource", text, f"{method} {target}")
            self.assertEqual(self.document.check_request(method, target, status, text), [], f"{method} {target}")

    def test_what_is_told_as_it_happens_has_those_names(self):
        """An event and a message, of the stream and of tail, which tells no types."""
        stream = self.hub.stream()
        tail = self.hub.tail("--json")
        self.addCleanup(tail.stdout.close)
        self.addCleanup(tail.wait)
        self.addCleanup(tail.kill)
        wanted = {"message", "admin.verb"}
        # who listens since when is not told: it is done again until both were heard
        happens = threading.Thread(target=self.happen, daemon=True)
        self.going_on = True
        happens.start()
        while wanted:
            kind, text = next(stream)
            self.assertEqual(self.document.check_told(kind, text), [], f"{kind}: {text}")
            wanted.discard(kind)
        stream.close()
        while wanted != {"leg", "who"}:
            text = tail.stdout.readline()
            name = "leg" if "leg" in json.loads(text) else "who"
            self.assertEqual(self.document.check_line(text), [], text)
            wanted.add(name)
        self.going_on = False
        happens.join()

    def happen(self):
        while self.going_on:
            self.hub.ask("POST", "/admin/v1/expiry/resume", None)
            with self.assertRaises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(self.hub.ocpi + "/ocpi/versions")
            refused.exception.close()
            time.sleep(0.2)

    def test_validate_prints_findings(self):
        """Of one object, of a list, and of one a line: each says where it stands as far as there is more than one."""
        tariff = {"country_code": "DE", "party_id": "ABC", "id": "T1", "currency": "EURO", "elements": []}
        for text in (json.dumps(tariff), json.dumps([tariff, tariff]), f"{json.dumps(tariff)}\n{json.dumps(tariff)}\n"):
            with open(f"{self.hub.folder.name}/tariff.json", "w") as out:
                out.write(text)
            done = self.hub.ctl("validate", "--class", "Tariff", out.name, "--json")
            printed = json.loads(done.stdout)
            self.assertGreater(len(printed), 2, done.stderr)
            self.assertEqual(self.document.faults(self.document.of_words(["validate"]), printed), [], text)

    def test_top_prints_platforms(self):
        printed = json.loads(self.hub.ctl("top", "--json").stdout)
        self.assertEqual(self.document.faults(self.document.of_words(["top", "--json"]), printed), [])


class Checker(unittest.TestCase):
    """What the checker itself finds."""

    def setUp(self):
        self.document = Document(json.dumps({"paths": {}, "components": {"schemas": {"row": {"type": "object", "required": ["at"], "properties": {
            "at": {"type": "string", "format": "date-time"}, "role": {"type": "string", "enum": ["CPO", "EMSP"]}, "age_s": {"type": "integer", "x-unit": "s"}, "why": {"anyOf": [{"type": "string"}, {"type": "null"}]}}}}}}))

    def found(self, value):
        return self.document.faults({"$ref": "#/components/schemas/row"}, value)

    def test_what_is_told_passes(self):
        self.assertEqual(self.found({"at": AT, "age_s": 3, "why": None, "role": "CPO"}), [])

    def test_what_is_otherwise_is_named(self):
        for value, where in (({"age": 3}, "/age: no such name"), ({"age_s": "3"}, "/age_s: expected integer"), ({"age_s": True}, "/age_s: expected integer"),
                             ({"at": "yesterday"}, "/at: expected a time"), ({"why": 5}, "/why: expected string"), ({"role": "NSP"}, "/role: expected one of CPO, EMSP")):
            self.assertEqual(len(self.found({"at": AT} | value)), 1, value)
            self.assertTrue(self.found({"at": AT} | value)[0].startswith(where), self.found(value))
        self.assertTrue(self.found([])[0].startswith("/: expected an object"))

    def test_what_is_required_is_missed(self):
        self.assertEqual(self.found({"age_s": 3}), ["/at: is missing"])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[3:], verbosity=1)
