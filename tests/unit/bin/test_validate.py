"""roamhubctl validate: what it says and how it ends. usage: test_validate.py ROAMHUBCTL"""
import json
import os
import subprocess
import sys
import tempfile
import unittest

ROAMHUBCTL = os.path.abspath(sys.argv[1])

STAMP = "2026-11-23T08:00:00Z"
TOKEN = {"country_code": "DE", "party_id": "ABC", "uid": "012345678", "type": "RFID", "contract_id": "DE-ABC-C1",
         "issuer": "Drive On", "valid": True, "whitelist": "ALLOWED", "last_updated": STAMP}
TARIFF = {"country_code": "DE", "party_id": "ABC", "id": "T1", "currency": "EUR",
          "elements": [{"price_components": [{"type": "ENERGY", "price": 0.25, "step_size": 1}]}],
          "last_updated": STAMP}


def without(thing, *names):
    return {name: value for name, value in thing.items() if name not in names}


class Validate(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.file = f"{self.folder.name}/it.json"

    def tearDown(self):
        self.folder.cleanup()

    def run_on(self, content, *args, stdin=False):
        text = content if isinstance(content, str) else json.dumps(content)
        with open(self.file, "w", encoding="utf-8") as out:
            out.write(text)
        done = subprocess.run([ROAMHUBCTL, "validate", "-" if stdin else self.file, *args], input=text if stdin else None,
                              capture_output=True, text=True, cwd=self.folder.name, timeout=60)
        return done.returncode, done.stdout, done.stderr

    def expect(self, status, content, *args, says=()):
        code, out, err = self.run_on(content, *args)
        self.assertEqual(code, status, out + err)
        for part in says:
            self.assertIn(part, err if status == 2 else out)

    def rows(self, status, content, *args):
        code, out, err = self.run_on(content, "--json", *args)
        self.assertEqual((code, err), (status, ""), out)
        return json.loads(out)

    def test_a_valid_object_is_valid_however_its_class_is_named(self):
        for args in ([], ["--module", "tokens"], ["--class", "Token"], ["--class=token", "--method", "PUT"]):
            self.expect(0, TOKEN, *args, says=["valid Token"])
        self.assertEqual(self.rows(0, TOKEN), [])

    def test_every_fault_has_file_pointer_found_and_expected(self):
        broken = dict(TOKEN, type="RFIID", valid="yes")
        self.expect(1, broken, "--module", "tokens", says=[
            f'{self.file}: /type: found "RFIID", expected ', f'{self.file}: /valid: found "yes", expected ', "2 faults"])
        rows = self.rows(1, broken, "--module", "tokens")
        self.assertEqual([row["field"] for row in rows], ["/type", "/valid"])
        self.assertEqual(rows[1]["found"], '"yes"')
        self.assertTrue(all(row["expected"] for row in rows))

    def test_a_fault_does_not_hide_the_class(self):
        self.expect(1, dict(TOKEN, valid=None), says=["/valid", "Token (guessed"])
        self.expect(1, without(TOKEN, "issuer"), says=["issuer"])

    def test_a_list_is_checked_element_by_element(self):
        self.expect(0, [TOKEN, TOKEN], "--module", "tokens", says=["2 objects, all valid"])
        self.expect(0, [], says=["0 objects"])
        rows = self.rows(1, [TOKEN, without(TOKEN, "uid"), dict(TOKEN, valid=1)])
        self.assertEqual([row["field"] for row in rows], ["/1/uid", "/2/valid"])
        self.assertEqual(len(self.rows(1, [{}] * 100, "--class", "GeoLocation")), 200)

    def test_patch_wants_what_is_there_and_its_stamp(self):
        change = {"valid": False, "last_updated": STAMP}
        self.expect(1, change, "--module", "tokens")
        self.expect(0, change, "--module", "tokens", "--method", "PATCH")
        self.assertEqual([row["field"] for row in self.rows(1, {"valid": 1}, "--module", "tokens", "--method", "PATCH")],
                         ["/valid", "/last_updated"])

    def test_the_class_has_to_be_named_when_it_cannot_be_told(self):
        self.expect(2, {"result": "ACCEPTED"}, says=["several classes fit", "--class"])
        self.expect(0, {"result": "ACCEPTED"}, "--class", "CommandResult")
        self.expect(2, {"some": 1, "thing": 2}, says=["no class fits"])
        self.expect(2, "1", says=["no class fits"])
        self.expect(2, [[TOKEN]], says=["expected an object"])

    def test_unknown_members_pass(self):
        self.expect(0, dict(TOKEN, vendor_extension={"a": 1}))

    def test_what_is_no_JSON_is_a_fault_with_its_line(self):
        self.expect(1, '{\n"a": 1,\n}', says=[f"{self.file}:3: no JSON"])
        self.expect(1, "", says=["no JSON"])
        self.expect(1, '{"a":1,"a":2}', says=["twice"])
        self.assertEqual(len(self.rows(1, "{")), 1)

    def test_modules_of_configuration_have_an_object_too(self):
        self.expect(0, {"version": "2.2.1", "url": "https://a.example/ocpi/2.2.1"}, "--module", "versions")
        self.expect(1, TARIFF, "--module", "credentials")
        self.expect(0, TARIFF, "--module", "tariffs")

    def test_wrong_usage_ends_with_2(self):
        for args, says in ((["--class", "Tokn"], "did you mean Token?"), (["--module", "nope"], "no module 'nope'"),
                           (["--module", "commands"], "--class"), (["--method", "DELETE"], "PATCH"), (["more"], "more"),
                           (["--clas", "Token"], "--class")):
            self.expect(2, TOKEN, *args, says=[says])
        self.assertEqual(subprocess.run([ROAMHUBCTL, "validate"], capture_output=True, check=False).returncode, 2)

    def test_a_file_that_cannot_be_read_ends_with_1(self):
        done = subprocess.run([ROAMHUBCTL, "validate", "/nonexistent/it"], capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("/nonexistent/it cannot be read: No such file", done.stderr)

    def test_standard_input_is_a_dash(self):
        code, out, _ = self.run_on(dict(TOKEN, valid=1), "--module", "tokens", stdin=True)
        self.assertEqual((code, out.split("\n")[0][:10]), (1, "-: /valid:"))

    def test_nothing_that_a_file_holds_steers_a_terminal(self):
        _, out, _ = self.run_on('{"uid":"\u009b31m"}', "--module", "tokens")
        self.assertNotIn("\u009b", out)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[2:])
