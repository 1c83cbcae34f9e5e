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
        for arguments in (["Nope"], [], ["Token", "--seed", "x"], ["Token", "Token"]):
            self.assertEqual(generate(*arguments).returncode, 2, arguments)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
