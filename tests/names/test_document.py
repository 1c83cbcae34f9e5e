#!/usr/bin/env python3
"""The OpenAPI document as a generator of clients reads it, and what it says of requests against what the hub does.
usage: test_document.py ROAMHUBD ROAMHUBCTL"""
import json
import re
import sys
import unittest

from hub import Hub
from names import answer_schema

ROAMHUBD, ROAMHUBCTL = sys.argv[1:3]
METHODS = {"get", "put", "post", "delete", "patch"}
# Of each operation that has to be told something: a request that is good, or is refused for what it asks for and not for how.
GOOD = {
    "post_login": ("/admin/v1/login", {"token": "x" * 40}),
    "post_platforms": ("/admin/v1/platforms", {"name": "One"}),
    "post_platforms_connect": ("/admin/v1/platforms/connect", {"name": "Two", "versions_url": "http://127.0.0.1:1/", "token": "abc"}),
    "post_platforms_id_sandbox": ("/admin/v1/platforms/1/sandbox", {"role": "CPO"}),
    "post_parties_release": ("/admin/v1/parties/release", {"party": "DE*ABC"}),
    "post_parties_move": ("/admin/v1/parties/move", {"party": "DE*ABC", "from": 1, "to": 2}),
    "post_agreements": ("/admin/v1/agreements", {"cpo": "DE*ABC", "emsp": "NL*XYZ"}),
    "get_series": ("/admin/v1/series", {"metric": "errors"}),
    "post_erase_token": ("/admin/v1/erase/token", {"token": "NL*XYZ/1"}),
    "get_route": ("/admin/v1/route", {"from": "DE*ABC", "to": "NL*XYZ", "module": "tokens"}),
    "post_tokens": ("/admin/v1/tokens", {"name": "anna", "role": "viewer"}),
    "post_import": ("/admin/v1/import", {"document": {}}),
    "post_backup": ("/admin/v1/backup", {"path": "/nowhere/at/all"}),
}


def walk(tree, at=""):
    """Every object in it, with its JSON Pointer."""
    if isinstance(tree, dict):
        yield at, tree
        for name, one in tree.items():
            yield from walk(one, f"{at}/{name.replace('~', '~0').replace('/', '~1')}")
    elif isinstance(tree, list):
        for i, one in enumerate(tree):
            yield from walk(one, f"{at}/{i}")


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.hub = Hub(ROAMHUBD, ROAMHUBCTL).__enter__()
        cls.document = cls.hub.document()
        cls.whole = cls.document.whole

    @classmethod
    def tearDownClass(cls):
        cls.hub.__exit__()


class Read(Case):
    def operations(self):
        return [*self.document.operations(), *self.document.portal_operations()]

    def test_each_operation_has_an_id_of_its_own_that_can_be_a_function(self):
        for operations in (self.document.operations(), self.document.portal_operations()):
            ids = [operation["operationId"] for _, _, operation in operations]
            self.assertEqual(len(ids), len(set(ids)), sorted(ids))
            for one in ids:
                self.assertRegex(one, r"^[a-z]+(_[a-z0-9]+)+$")

    def test_each_parameter_of_a_path_is_told_and_no_other_twice(self):
        for method, path, operation in self.operations():
            parameters = operation.get("parameters", [])
            at = [(one["in"], one["name"]) for one in parameters]
            self.assertEqual(len(at), len(set(at)), f"{method} {path}")
            self.assertEqual([name for where, name in at if where == "path"], re.findall(r"\{(\w+)\}", path))
            for one in parameters:
                self.assertIn(one["in"], ("path", "query"))
                self.assertIs(one["required"], True if one["in"] == "path" else one["required"])
                self.assertIn("type", one["schema"], f"{method} {path}: {one['name']}")

    def test_no_two_paths_are_the_same(self):
        for tree in (self.whole, self.whole["x-portal"]):
            paths = [re.sub(r"\{\w+\}", "{}", path) for path in tree["paths"]]
            self.assertEqual(len(paths), len(set(paths)))
            self.assertTrue(all(method in METHODS for methods in tree["paths"].values() for method in methods))

    def test_each_answer_has_its_status_and_what_it_is(self):
        for method, path, operation in self.operations():
            self.assertIn("default", operation["responses"])
            for status, response in operation["responses"].items():
                where = f"{method} {path} {status}"
                self.assertRegex(status, r"^([2-5]\d\d|default)$", where)
                self.assertTrue(response["description"], where)
                self.assertTrue(response["content"], where)
                for media in response["content"].values():
                    self.assertIn("schema", media, where)

    def test_each_reference_leads_somewhere(self):
        for at, one in walk(self.whole):
            if "$ref" in one:
                self.assertRegex(one["$ref"], r"^#/components/schemas/\w+$", at)
                self.assertIn(one["$ref"].rpartition("/")[2], self.document.shapes, at)
        for _, _, operation in self.operations():
            for one in operation.get("security", []):
                self.assertLessEqual(set(one), set(self.whole["components"]["securitySchemes"]))

    def test_what_is_required_is_a_property(self):
        for at, one in walk(self.whole["components"]):
            if isinstance(one.get("required"), list):
                self.assertTrue(one["required"], at)
                self.assertEqual(len(one["required"]), len(set(one["required"])), at)
                self.assertLessEqual(set(one["required"]), set(one["properties"]), at)

    def test_a_client_goes_on_when_there_are_more_names(self):
        """Names come with the second number of the version."""
        self.assertEqual([at for at, one in walk(self.whole) if one.get("additionalProperties") is False], [])

    def test_a_number_may_be_a_large_one(self):
        """Without a format generators of typed languages take 32 bits."""
        for at, one in walk(self.whole):
            if one.get("type") == "integer":
                self.assertEqual(one.get("format"), "int64", at)

    def test_an_example_is_one(self):
        found = [(at, one) for at, one in walk(self.whole) if isinstance(one.get("examples"), list)]
        self.assertTrue(found)
        for at, schema in found:
            for example in schema["examples"]:
                self.assertEqual(self.document.faults(schema, example), [], at)

    def test_a_validator_finds_nothing(self):
        try:
            from openapi_spec_validator import OpenAPIV31SpecValidator
        except ImportError:
            self.skipTest("openapi_spec_validator is not installed")
        self.assertEqual([f"{error.message} at {list(error.absolute_path)}" for error in OpenAPIV31SpecValidator(self.whole).iter_errors()], [])


class Asked(Case):
    """What has to be said has to be said, and what may be left out may be."""

    @classmethod
    def ask(cls, method, target, told):
        if method == "GET":
            return cls.hub.ask(method, target + "?" + "&".join(f"{name}={value}" for name, value in told.items()))
        return cls.hub.ask(method, target, json.dumps(told))

    def required(self, operation):
        body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
        shape = body.get("anyOf", [body])[0]
        query = [one["name"] for one in operation.get("parameters", []) if one["in"] == "query" and one["required"]]
        return query + (self.document.shapes[shape["$ref"].rpartition("/")[2]].get("required", []) if "$ref" in shape else [])

    def test_what_is_required_is_missed(self):
        for method, _, operation in self.document.operations():
            names = self.required(operation)
            if not names:
                self.assertNotIn(operation["operationId"], GOOD)
                continue
            target, told = GOOD[operation["operationId"]]
            self.assertEqual(set(told), set(names), f"{method} {target}")
            for name in names:
                status, text = self.ask(method, target, {key: value for key, value in told.items() if key != name})
                self.assertIn(status, (400, 401, 422), f"{method} {target} without {name}: {text}")
                if operation["operationId"] != "post_login":  # which says of no token what it says of a wrong one
                    self.assertIn(name, json.loads(text)["error"], f"{method} {target}")

    def test_no_more_is_required(self):
        """With what is required alone nothing is missed."""
        self.hub.ctl("party", "invite", "--name", "First")
        self.hub.ctl("party", "invite", "--name", "Second")
        for method, path, operation in self.document.operations():
            name = operation["operationId"]
            if "requestBody" not in operation or name in ("post_login", "patch_platforms_id_settings"):
                continue
            target, told = GOOD.get(name, (path.replace("{id}", "2"), {}))
            status, text = self.ask(method, target, told)
            self.assertIn(operation["requestBody"]["required"], (True, False))
            if status >= 400:
                schema = operation["requestBody"]["content"]["application/json"]["schema"]
                shape = self.document.shapes[schema.get("anyOf", [schema])[0]["$ref"].rpartition("/")[2]]
                missed = json.loads(text)["error"].partition(":")[0]
                self.assertNotIn(missed, set(shape["properties"]) - set(told), f"{method} {target}: {text}")

    def test_a_word_that_is_none_of_those_told_is_refused(self):
        for told in ("requests", "errors", "latency"):
            self.assertEqual(self.ask("GET", "/admin/v1/series", {"metric": told})[0], 200)
        self.assertEqual(self.ask("GET", "/admin/v1/series", {"metric": "other"})[0], 400)

    def test_answers_are_of_json_where_they_are_told_to_be(self):
        for method, path, operation in self.document.operations():
            if method == "GET" and "{" not in path and not self.required(operation) and not path.startswith("/admin/v1/log"):
                status, text = self.hub.ask(method, path)
                self.assertIn(str(status), operation["responses"], path)
                if answer_schema(operation) is not None:
                    self.assertEqual(self.document.check_request(method, path, status, text), [], path)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[3:], verbosity=1)
