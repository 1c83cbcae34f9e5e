"""roamhub-sim generate: what it makes is what roamhubctl validate says it is. usage: test_generate.py SIM ROAMHUBCTL"""
import json
import os
import subprocess
import sys
import tempfile
import unittest

SIM, ROAMHUBCTL = (os.path.abspath(path) for path in sys.argv[1:3])
CLASSES = ["Location", "Session", "CDR", "Tariff", "Token", "StartSession", "SetChargingProfile"]


def generate(*arguments):
    return subprocess.run([SIM, "generate", *arguments], capture_output=True, text=True)


class Generate(unittest.TestCase):
    def validate(self, name, text):
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            file.write(text)
            file.flush()
            return subprocess.run([ROAMHUBCTL, "validate", file.name, "--class", name, "--json"],
                                  capture_output=True, text=True)

    def test_valid_objects_are_valid_and_varied(self):
        for name in CLASSES:
            lines = generate(name, "--count", "40").stdout.splitlines()
            self.assertEqual(len(set(lines)), 40, name)
            self.assertEqual(self.validate(name, "[" + ",".join(lines) + "]").returncode, 0, name)

    def test_the_same_seed_gives_the_same_bytes(self):
        self.assertEqual(generate("Tariff", "--seed", "5").stdout, generate("Tariff", "--seed", "5").stdout)

    def test_a_broken_object_has_the_fault_that_was_named(self):
        for seed in range(30):
            made = generate("Token", "--broken", "--seed", str(seed))
            pointer = made.stderr.split(":")[0]
            answer = self.validate("Token", made.stdout)
            self.assertEqual(answer.returncode, 1, made.stdout)
            if answer.stdout.strip():
                self.assertIn(json.dumps(pointer)[1:-1], answer.stdout)

    def test_bad_usage_ends_with_2(self):
        for arguments in (["Nope"], [], ["Token", "--seed", "x"], ["Token", "Token"], ["--sense", "EVSE"],
                          ["--sense", "CDR", "--broken"]):
            self.assertEqual(generate(*arguments).returncode, 2, arguments)

    def test_objects_with_sense_are_judged_to_make_sense(self):
        made = generate("--sense", "--count", "200").stdout
        self.assertEqual(len(set(made.splitlines())), 1000)
        judged = subprocess.run([ROAMHUBCTL, "validate", "--sense", "-"], input=made, capture_output=True, text=True)
        self.assertEqual((judged.returncode, judged.stdout), (0, "1000 of 1000 valid\n"))

    def test_a_visit_can_be_had_object_by_object(self):
        whole = generate("--sense", "--seed", "9").stdout.splitlines()
        for name, line in zip(("Location", "Tariff", "Token", "Session", "CDR"), whole, strict=True):
            self.assertEqual(generate("--sense", name, "--seed", "9").stdout, line + "\n")

    def test_a_CDR_costs_what_its_tariff_says(self):
        for line in generate("--sense", "CDR", "--count", "100").stdout.splitlines():
            cdr = json.loads(line)
            element, = cdr["tariffs"][0]["elements"]
            price = {part["type"]: part["price"] for part in element["price_components"]}
            volume = dict.fromkeys(("ENERGY", "TIME", "PARKING_TIME"), 0)
            for period in cdr["charging_periods"]:
                for dimension in period["dimensions"]:
                    volume[dimension["type"]] += dimension["volume"]
            self.assertAlmostEqual(cdr["total_energy"], volume["ENERGY"], 6)
            self.assertAlmostEqual(cdr["total_time"], volume["TIME"] + volume["PARKING_TIME"], 6)
            self.assertAlmostEqual(cdr["total_cost"]["excl_vat"], price.get("FLAT", 0) + price["ENERGY"] * volume["ENERGY"] +
                                   price["PARKING_TIME"] * volume["PARKING_TIME"], 3)
            self.assertLess(cdr["total_energy"], 110)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
