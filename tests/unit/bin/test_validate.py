"""roamhubctl validate: what it says and how it ends. usage: test_validate.py ROAMHUBCTL"""
import copy
import json
import os
import re
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

LOCATION = {"country_code": "DE", "party_id": "ABC", "id": "L1", "publish": True, "address": "Street 1", "city": "Berlin",
            "country": "DEU", "coordinates": {"latitude": "52.52000", "longitude": "13.40500"},
            "time_zone": "Europe/Berlin", "last_updated": STAMP,
            "evses": [{"uid": "E1", "status": "AVAILABLE", "last_updated": STAMP, "connectors": [
                {"id": "1", "standard": "IEC_62196_T2", "format": "SOCKET", "power_type": "AC_3_PHASE",
                 "max_voltage": 230, "max_amperage": 16, "tariff_ids": ["T1"], "last_updated": STAMP}]}],
            "opening_times": {"twentyfourseven": False, "regular_hours": [
                {"weekday": 1, "period_begin": "08:00", "period_end": "12:00"},
                {"weekday": 1, "period_begin": "12:00", "period_end": "18:00"},
                {"weekday": 2, "period_begin": "08:00", "period_end": "18:00"}],
                "exceptional_openings": [{"period_begin": "2026-12-24T08:00:00Z", "period_end": "2026-12-24T10:00:00Z"}],
                "exceptional_closings": [{"period_begin": "2026-12-25T00:00:00Z", "period_end": "2026-12-26T00:00:00Z"}]},
            "energy_mix": {"is_green_energy": True, "energy_sources": [{"source": "WIND", "percentage": 100}]}}
CDR_TOKEN = {"country_code": "DE", "party_id": "XYZ", "uid": "012345678", "type": "RFID", "contract_id": "DE-XYZ-C1"}
PERIODS = [{"start_date_time": "2026-11-23T08:00:00Z", "tariff_id": "T1", "dimensions": [{"type": "ENERGY", "volume": 7.5}]},
           {"start_date_time": "2026-11-23T08:30:00Z", "tariff_id": "T1", "dimensions": [{"type": "ENERGY", "volume": 2.5}]}]
CDR = {"country_code": "DE", "party_id": "ABC", "id": "C1", "start_date_time": "2026-11-23T08:00:00Z",
       "end_date_time": "2026-11-23T09:00:00Z", "cdr_token": CDR_TOKEN, "auth_method": "WHITELIST",
       "cdr_location": {"id": "L1", "address": "Street 1", "city": "Berlin", "country": "DEU",
                        "coordinates": {"latitude": "52.52000", "longitude": "13.40500"}, "evse_uid": "E1",
                        "evse_id": "DE*ABC*E1", "connector_id": "1", "connector_standard": "IEC_62196_T2",
                        "connector_format": "SOCKET", "connector_power_type": "AC_3_PHASE"},
       "currency": "EUR", "tariffs": [TARIFF], "charging_periods": PERIODS, "total_energy": 10, "total_time": 1,
       "total_parking_time": 0.5, "total_cost": {"excl_vat": 3.5, "incl_vat": 4.17},
       "total_energy_cost": {"excl_vat": 2.5, "incl_vat": 2.98}, "total_parking_cost": {"excl_vat": 1, "incl_vat": 1.19},
       "last_updated": STAMP}
SESSION = {"country_code": "DE", "party_id": "ABC", "id": "S1", "start_date_time": "2026-11-23T08:00:00Z",
           "end_date_time": "2026-11-23T09:00:00Z", "kwh": 10, "cdr_token": CDR_TOKEN, "auth_method": "WHITELIST",
           "location_id": "L1", "evse_uid": "E1", "connector_id": "1", "currency": "EUR", "charging_periods": PERIODS,
           "status": "COMPLETED", "last_updated": STAMP}
EVERYTHING = [LOCATION, CDR, SESSION, TARIFF]


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
                           (["--module", "commands"], "--class"), (["--method", "DELETE"], "PATCH"),
                           (["--clas", "Token"], "--class"), (["--sense=yes"], "--sense takes no value")):
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

    # ---- envelopes, lines, files, folders ----

    def envelope(self, data):
        return {"data": data, "status_code": 1000, "timestamp": STAMP}

    def test_an_answer_is_looked_into(self):
        self.expect(0, self.envelope(TOKEN), says=["valid Token"])
        self.expect(0, self.envelope([TOKEN, TOKEN]), "--module", "tokens", says=["2 objects, all valid"])
        row, = self.rows(1, self.envelope([TOKEN, dict(TOKEN, valid=1)]))
        self.assertEqual((row["field"], row["pointer"], row["index"]), ("/data/1/valid", "/valid", 1))

    def test_the_members_of_an_answer_are_checked_too(self):
        row, = self.rows(1, without(self.envelope([TOKEN]), "timestamp"))
        self.assertEqual((row["class"], row["field"]), ("Response", "/timestamp"))
        self.expect(0, {"status_code": 2001, "timestamp": STAMP}, says=["valid Response"])

    def test_one_object_a_line(self):
        lines = [json.dumps(TOKEN), "", json.dumps(dict(TOKEN, valid=1)), "{", json.dumps(TARIFF)]
        code, out, _ = self.run_on("\n".join(lines))
        self.assertEqual(code, 1)
        for part in (f"{self.file}:3: /valid: found 1", f"{self.file}:4: no JSON", "2 of 4 valid, faults by field:"):
            self.assertIn(part, out)
        rows = self.rows(1, "\n".join(lines))
        self.assertEqual([(row["line"], row["field"]) for row in rows], [(3, "/valid"), (4, "")])

    def test_no_lines_are_no_objects(self):
        path = self.write("none.jsonl", "")
        self.assertEqual((self.run_at(path).stdout, self.run_at(path, "--json").stdout), ("0 of 0 valid\n", "[]\n"))

    def test_a_list_over_several_lines_is_one_text(self):
        self.expect(0, json.dumps([TOKEN, TOKEN], indent=1), says=["2 objects, all valid"])

    def write(self, name, content):
        path = f"{self.folder.name}/{name}"
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as out:
            out.write(content if isinstance(content, str) else json.dumps(content))
        return path

    def run_at(self, *args):
        return subprocess.run([ROAMHUBCTL, "validate", *args], capture_output=True, text=True, check=False, timeout=60,
                              env=dict(os.environ, TZDIR=self.folder.name + "/zones"))

    def test_folders_and_several_files(self):
        self.write("in/a.json", TOKEN)
        self.write("in/deep/b.jsonl", json.dumps(TARIFF))
        self.write("in/deep/c.txt", "no JSON at all")
        bad = self.write("more.json", dict(TOKEN, valid=1))
        done = self.run_at(f"{self.folder.name}/in")
        self.assertEqual((done.returncode, done.stdout), (0, "2 of 2 valid\n"), done.stderr)
        done = self.run_at(f"{self.folder.name}/in/", bad)
        self.assertEqual(done.returncode, 1)
        self.assertIn("2 of 3 valid", done.stdout)
        self.assertEqual(self.run_at(f"{self.folder.name}/in", "/nonexistent/it").returncode, 1)

    def test_a_class_that_nobody_can_tell_spoils_the_verdict_and_not_the_others(self):
        files = [self.write("a.json", {"some": 1, "thing": 2}), self.write("b.json", TOKEN)]
        done = self.run_at(*files)
        self.assertEqual(done.returncode, 2)
        self.assertIn("a.json: no class fits", done.stderr)
        done = self.run_at(*files, self.write("c.json", dict(TOKEN, valid=1)), "--json")
        self.assertEqual((done.returncode, len(json.loads(done.stdout))), (1, 1))

    def test_the_summary_counts_faults_by_class_and_field(self):
        broken = copy.deepcopy(LOCATION)
        broken["evses"] = [dict(LOCATION["evses"][0], uid=f"E{i}", status="NOPE") for i in range(3)]
        self.expect(1, [LOCATION, broken, broken], says=["1 of 3 valid, faults by field:", "/evses/*/status  6"])

    def test_findings_name_the_specification(self):
        rows = self.rows(1, dict(LOCATION, time_zone=None, last_updated="x", publish_allowed_to=[{"group_id": "1"}]))
        self.assertEqual({row["pointer"]: row.get("spec") for row in rows},
                         {"/time_zone": "TYP-015", "/last_updated": "TYP-005", "/publish_allowed_to": "LOC-018"})

    # ---- what makes sense ----

    def sense(self, *objects):
        self.write("zones/UTC", "TZif")
        self.write("zones/Europe/Berlin", "TZif")
        self.write("zones/Europe/Table", "# no zone")
        done = self.run_at(self.write("it.jsonl", "\n".join(map(json.dumps, objects))), "--sense", "--json")
        self.assertEqual(done.stderr, "")
        rows = json.loads(done.stdout)
        self.assertEqual(done.returncode, 1 if rows else 0)
        return [(row.get("rule"), row["pointer"]) for row in rows]

    def test_what_makes_sense_passes(self):
        self.assertEqual(self.sense(*EVERYTHING), [])

    def test_every_rule_of_sense(self):
        for rule, thing, change, pointer in SENSELESS:
            with self.subTest(rule=rule, pointer=pointer):
                broken = copy.deepcopy(thing)
                change(broken)
                others = [it for it in EVERYTHING if it is not thing]
                self.assertEqual(self.sense(broken, *others), [(rule, pointer)])

    def test_no_rule_is_without_a_test(self):
        source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../src/bin/validate_sense.c")
        with open(source, encoding="utf-8") as file:
            rules = set(re.findall(r'^\t\{ "([a-z-]+)", +"[A-Za-z]+", +sense_', file.read(), re.M))
        self.assertGreater(len(rules), 10)
        self.assertEqual(rules, {rule for rule, *_ in SENSELESS})

    def test_sense_is_silent_about_what_it_cannot_know(self):
        for thing in (dict(LOCATION, country="USA"), without(CDR, "tariffs"),
                      dict(CDR, start_date_time="1970-01-01T00:00:00Z"),
                      dict(CDR, total_cost={"excl_vat": 2}, tariffs=[dict(TARIFF, max_price={"excl_vat": 2})]),
                      dict(SESSION, charging_periods=None)):
            self.assertEqual(self.sense(thing), [])
        self.expect(0, dict(LOCATION, country="NLD"))
        # no tariff is in the run, or it is another party's
        self.assertEqual(self.sense(LOCATION), [])
        self.assertEqual([rule for rule, _ in self.sense(LOCATION, dict(TARIFF, party_id="ZZZ"))], ["tariff-known"])
        self.assertEqual(self.sense(LOCATION, dict(TARIFF, id="t1", party_id="abc")), [])

    def test_swapped_coordinates_are_called_so(self):
        swapped = dict(LOCATION, coordinates={"latitude": "13.40500", "longitude": "52.52000"})
        self.expect(1, swapped, "--sense", says=["swapped perhaps, expected a place in DEU", "[coordinates-country]"])


def edit(path, value):
    """What sets the member at @path, "/a/0/b", of an object to @value."""
    def change(thing):
        *steps, last = [int(step) if step.isdigit() else step for step in path[1:].split("/")]
        for step in steps:
            thing = thing[step]
        if isinstance(thing, list) and last == len(thing):
            thing.append(value)
        else:
            thing[last] = value
    return change


def span(begin, end):
    return {"period_begin": begin, "period_end": end}


HOURS, AT = "/opening_times/", "/charging_periods/1/start_date_time"
SENSELESS = [  # rule, object, what is changed in it, where it is found
    ("tariff-known", LOCATION, edit("/evses/0/connectors/0/tariff_ids/1", "T9"), "/evses/0/connectors/0/tariff_ids/1"),
    ("tariff-known", SESSION, edit("/charging_periods/1/tariff_id", "T9"), "/charging_periods/1/tariff_id"),
    ("tariff-known", CDR, edit("/charging_periods/1/tariff_id", "T9"), "/charging_periods/1/tariff_id"),
    ("hours-overlap", LOCATION, edit(HOURS + "regular_hours/1/period_begin", "11:59"), HOURS + "regular_hours/1"),
    ("exceptions-overlap", LOCATION, edit(HOURS + "exceptional_openings/1", span("2026-12-24T09:00:00Z", "2026-12-24T11:00:00Z")),
     HOURS + "exceptional_openings/1"),
    ("exceptions-overlap", LOCATION, edit(HOURS + "exceptional_closings/1", span("2026-12-25T23:00:00Z", "2026-12-27T00:00:00Z")),
     HOURS + "exceptional_closings/1"),
    ("exceptions-overlap", LOCATION, edit(HOURS + "exceptional_closings/0/period_begin", "2026-12-24T09:59:00Z"),
     HOURS + "exceptional_closings/0"),
    ("ends-behind", LOCATION, edit(HOURS + "exceptional_closings/0/period_end", "2026-12-24T12:00:00Z"),
     HOURS + "exceptional_closings/0/period_end"),
    ("ends-behind", LOCATION, edit("/evses/0/status_schedule", [dict(span("2026-12-24T12:00:00Z", STAMP), status="PLANNED")]),
     "/evses/0/status_schedule/0/period_end"),
    ("ends-behind", TARIFF, lambda it: it.update(start_date_time=STAMP, end_date_time="2026-01-01T00:00:00Z"), "/end_date_time"),
    ("ends-behind", SESSION, lambda it: it.update(end_date_time="2026-11-23T07:00:00Z", charging_periods=[]), "/end_date_time"),
    ("ends-behind", CDR, lambda it: (it.update(end_date_time="2026-11-23T07:00:00Z"),
                                     [period.pop("start_date_time") and period.update(start_date_time="1970-01-01T00:00:00Z")
                                      for period in it["charging_periods"]]), "/end_date_time"),
    ("coordinates-country", LOCATION, edit("/coordinates", {"latitude": "0.00000", "longitude": "0.00000"}), "/coordinates"),
    ("coordinates-country", LOCATION, edit("/evses/0/coordinates", {"latitude": "48.85000", "longitude": "2.35000"}),
     "/evses/0/coordinates"),
    ("coordinates-country", LOCATION, edit("/related_locations", [{"latitude": "48.85000", "longitude": "2.35000"}]),
     "/related_locations/0"),
    ("coordinates-country", CDR, edit("/cdr_location/country", "FRA"), "/cdr_location/coordinates"),
    ("zone-known", LOCATION, edit("/time_zone", "Europe/Berlim"), "/time_zone"),
    ("zone-known", LOCATION, edit("/time_zone", "Europe/Table"), "/time_zone"),
    ("period-in-time", CDR, edit(AT, "2026-11-23T09:00:01Z"), AT),
    ("period-in-time", CDR, edit("/charging_periods/0/start_date_time", "2026-11-23T07:59:59Z"), "/charging_periods/0/start_date_time"),
    ("period-in-time", SESSION, edit(AT, "2026-11-23T09:00:01Z"), AT),
    ("period-in-time", SESSION, edit("/charging_periods/0/start_date_time", "2026-11-23T08:40:00Z"), AT),
    ("cost-sum", CDR, edit("/total_cost/excl_vat", 3), "/total_cost/excl_vat"),
    ("cost-sum", CDR, edit("/total_cost/incl_vat", 9), "/total_cost/incl_vat"),
    ("energy-sum", CDR, edit("/total_energy", 11), "/total_energy"),
    ("energy-sum", SESSION, edit("/kwh", 9), "/kwh"),
    ("time-total", CDR, edit("/total_time", 1.5), "/total_time"),
    ("parking-within", CDR, edit("/total_parking_time", 1.5), "/total_parking_time"),
    ("vat-added", SESSION, edit("/total_cost", {"excl_vat": 5, "incl_vat": 4}), "/total_cost/incl_vat"),
    ("mix-whole", LOCATION, edit("/energy_mix/energy_sources/0/percentage", 40), "/energy_mix/energy_sources"),
]


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[2:])
