"""What roamhubctl prints of its tables for others: manual pages and completions. usage: test_manual.py ROAMHUBCTL ROAMHUBD ROAMHUB-SIM PAGES [TEST]..."""
import os
import re
import subprocess
import sys
import unittest

ROAMHUBCTL, ROAMHUBD, ROAMHUB_SIM, PAGES = map(os.path.abspath, sys.argv[1:5])


def run(*command, **more):
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, **more)


def printed(*command):
    ran = run(*command)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def verbs():
    """As help lists them, each with its options."""
    words = re.findall(r"^  ((?:[a-z-]+ ?)+?)  +[A-Z]", printed(ROAMHUBCTL, "help"), re.M)
    return {verb.strip(): re.findall(r"--([a-z-]+)", printed(ROAMHUBCTL, "help", *verb.split()).splitlines()[0]) for verb in words}


class Manual(unittest.TestCase):
    def test_every_verb_has_its_paragraph(self):
        page = printed(ROAMHUBCTL, "man", "roamhubctl").replace("\\-", "-")
        for verb, options in verbs().items():
            paragraph = re.search(rf"^\\fB{re.escape(verb)}\\fR(.*)$", page, re.M)
            self.assertIsNotNone(paragraph, verb)
            self.assertEqual(re.findall(r"--([a-z-]+)", paragraph.group(1)), options)
        for option in re.findall(r"^  --([a-z-]+)", printed(ROAMHUBCTL, "help"), re.M):
            self.assertIn(f".B --{option}", page)

    def test_every_key_has_its_paragraph(self):
        page = printed(ROAMHUBCTL, "man", "roamhub.conf")
        sections = re.split(r"^\[(\w+)\]$", printed(ROAMHUBD, "--sample"), flags=re.M)[1:]
        for section, keys in zip(sections[::2], sections[1::2]):
            part = page.split(f".SS [{section}]\n")[1].split(".SS ")[0]
            self.assertEqual(re.findall(r"^\.B (\S+)$", part, re.M), re.findall(r"^#(\w+) =", keys, re.M))

    def test_pages_written_by_hand_have_every_option(self):
        for program, page in ((ROAMHUBD, "roamhubd.8"), (ROAMHUB_SIM, "roamhub-sim.1")):
            with open(os.path.join(PAGES, page), encoding="utf-8") as file:
                options = set(re.findall(r"--([a-z-]+)", file.read().replace("\\-", "-")))
            self.assertEqual(options - {"help"}, set(re.findall(r"--([a-z-]+)", run(program, "--help").stdout)) - {"help"})

    def test_no_line_is_a_request_by_accident(self):
        for name in ("roamhubctl", "roamhub.conf"):
            for line in printed(ROAMHUBCTL, "man", name).splitlines():
                if line[:1] in (".", "'"):
                    self.assertRegex(line, r"^\.(TH|SH|SS|TP|B|BR|PP|RS|RE|EX|EE|br)\b")

    def test_another_page_or_shell_is_refused(self):
        for verb, wrong, expected in (("man", "roamhub.cnf", "roamhub.conf"), ("completion", "bsh", "bash")):
            ran = run(ROAMHUBCTL, verb, wrong)
            self.assertEqual((ran.returncode, ran.stdout), (2, ""))
            self.assertIn(f"did you mean {expected}?", ran.stderr)


class Completion(unittest.TestCase):
    def offered(self, line):
        words = [word or "" for word in line.split(" ")]
        script = printed(ROAMHUBCTL, "completion", "bash")
        asked = ("COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); _roamhubctl; printf '%s\\n' \"${COMPREPLY[@]}\"")
        ran = run("bash", "-c", script + asked, "bash", *words)
        self.assertEqual(ran.stderr, "")
        return set(ran.stdout.split())

    def test_bash_offers_words_and_options(self):
        self.assertEqual(self.offered("roamhubctl pa"), {"party"})
        self.assertEqual(self.offered("roamhubctl party in"), {"invite"})
        self.assertEqual(self.offered("roamhubctl --config pa party in"), {"invite"})
        self.assertEqual(self.offered("roamhubctl party invite --ex"), {"--expires"})
        self.assertEqual(self.offered("roamhubctl party list --ex"), set())
        self.assertEqual(self.offered("roamhubctl --js"), {"--json"})
        self.assertEqual(self.offered("roamhubctl nonsense "), self.offered("roamhubctl nonsense --"))

    def test_every_shell_knows_every_verb(self):
        for shell in ("bash", "zsh", "fish"):
            script = printed(ROAMHUBCTL, "completion", shell)
            for verb, options in verbs().items():
                row = next((line for line in script.splitlines() if f"'{verb}'" in line), None)
                self.assertIsNotNone(row, f"{shell}: {verb}")
                self.assertEqual(re.findall(r"--([a-z-]+)", row), options)


if __name__ == "__main__":
    sys.argv[1:] = sys.argv[5:]
    unittest.main(verbosity=2)
