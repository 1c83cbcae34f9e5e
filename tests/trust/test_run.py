#!/usr/bin/env python3
"""The runner of the figures judges what a program says, and not what it would like to say."""

import contextlib
import io
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "lib"))

import importlib.machinery
import importlib.util

import report
import rows as figures

loader = importlib.machinery.SourceFileLoader("run", str(HERE / "run"))
run = importlib.util.module_from_spec(importlib.util.spec_from_loader("run", loader))
loader.exec_module(run)

LIMIT_MINUTES = 15  # of ./dev trust


class Verdicts(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.TemporaryDirectory()
        self.addCleanup(self.dir.cleanup)

    def judged(self, script, number=7, **more):
        """What the runner makes of a program."""
        path = pathlib.Path(self.dir.name, "program")
        path.write_text("#!/bin/sh\n" + script)
        path.chmod(0o755)
        row = figures.Row(number, {"program": "program", "ci": ["--short"], "seconds": 1, **more}, pathlib.Path(self.dir.name))
        return run.run(row, "ci", 5, 0)

    def test_reached(self):
        result = self.judged('echo noise; echo "verdict 7 reached all $SEED $1"\n')
        self.assertEqual((result.state, result.text, result.fails()), ("reached", "all 5 --short", False))

    def test_short_fails_only_where_it_must(self):
        short = 'echo "verdict 7 short 3 of 4"; exit 1\n'
        self.assertEqual(self.judged(short).state, "not reached")
        self.assertFalse(self.judged(short).fails())
        self.assertTrue(self.judged(short, must=True).fails())

    def test_broken(self):
        for script in ("true\n", "exit 1\n", 'echo "verdict 7 reached x"; exit 1\n', 'echo "verdict 7 short x"\n',
                       'echo "verdict 8 reached x"\n', 'echo "verdict 7 reached x"; echo more\n', "kill -9 $$\n",
                       'echo "verdict 7 reached x"; exit 3\n'):
            with self.subTest(script):
                self.assertEqual(self.judged(script).state, "broken")
                self.assertTrue(self.judged(script).fails())

    def test_what_is_not_there(self):
        self.assertEqual(run.run(figures.Row(7, None), "ci", 1, 0).state, "missing")
        self.assertTrue(run.run(figures.Row(6, None), "ci", 1, 0).fails())
        self.assertEqual(self.judged("true\n", needs=["no-such-package-anywhere"]).state,
                         "not possible here" if run.shutil.which("dpkg-query") else "broken")

    def test_bytes_that_are_no_text(self):
        self.assertEqual(self.judged("printf '\\377\\n'; echo 'verdict 7 reached x'\n").state, "reached")


    def again(self, must):
        """What a run says of a program that is short once and reached then."""
        script = ('if [ -e "$0.tried" ]; then echo "verdict 7 reached x"; exit 0; fi\n'
                  'touch "$0.tried"; echo "verdict 7 short y"; exit 1\n')
        path = pathlib.Path(self.dir.name, "program")
        path.write_text("#!/bin/sh\n" + script)
        path.chmod(0o755)
        pathlib.Path(f"{path}.tried").unlink(missing_ok=True)
        row = figures.Row(7, {"program": "program", "ci": [], "seconds": 1, "must": must}, pathlib.Path(self.dir.name))
        with contextlib.redirect_stdout(io.StringIO()):
            return run.run_short([row], 5)

    def test_what_must_be_reached_is_tried_twice(self):
        (result,) = self.again(must=True)
        self.assertEqual((result.state, result.text), ("reached", "x (second try)"))
        (result,) = self.again(must=False)
        self.assertEqual(result.state, "not reached")


    def test_nothing_is_alone_before_it_is_quiet(self):
        path, quiet = (pathlib.Path(self.dir.name, name) for name in ("program", "quiet"))
        path.write_text(f'#!/bin/sh\n[ -e "{quiet}" ] || exit 1\necho "verdict 7 reached x"\n')
        path.chmod(0o755)
        row = figures.Row(7, {"program": "program", "ci": [], "seconds": 1, "alone": True}, path.parent)
        other = threading.Timer(0.5, quiet.touch)
        other.start()
        with contextlib.redirect_stdout(io.StringIO()):
            (result,) = run.run_short([row], 5, quiet)
        other.join()
        self.assertEqual((result.state, result.text), ("reached", "x"))


class Rows(unittest.TestCase):
    def test_rows_are_sound(self):
        for row in figures.read_rows():
            if row.program:
                self.assertTrue(os.access(row.path(), os.X_OK), row.program)

    def test_short_forms_fit(self):
        self.assertLessEqual(figures.budget_seconds(figures.read_rows()) / 60, LIMIT_MINUTES)

    def test_a_faulty_row_is_named(self):
        good = 'number = 7\ntitle = "x"\npromise = "y"\nprogram = "p"\nci = []\nseconds = 1\n'
        with tempfile.TemporaryDirectory() as name:
            path = pathlib.Path(name, "07.toml")
            path.write_text(good)
            self.assertTrue(figures.read_rows(pathlib.Path(name))[6].runs("ci"))
            for text in (good.replace("7", "8"), good + "musts = true\n", good.replace("ci = []\n", ""), good + "ci",
                         good.replace('"y"', "3"), good + 'build = "best"\n'):
                path.write_text(text)
                with self.subTest(text), self.assertRaisesRegex(figures.BadRow, "07.toml"):
                    figures.read_rows(pathlib.Path(name))


class Page(unittest.TestCase):
    def test_what_was_not_run_keeps_its_date(self):
        old = {"at": "2026-01-02T03:04", "commit": "abc", "seed": 1, "machine": "m", "state": "not reached", "text": "3 of 4",
               "seconds": 2}
        text = report.page(figures.read_rows(), {6: {"soak": old}}, report.Run(9))
        self.assertIn("**not reached**: 3 of 4 (2026-01-02, abc, seed 1, 2 s)", text)
        self.assertIn("- 6 malformed HTTP, long form: not reached: 3 of 4", text)
        for number, title in figures.TITLES.items():
            self.assertRegex(text, rf"(?m)^\| {number}\*? \| {title} \|")

    def test_all_numbers_can_be_asked_for(self):
        answer = subprocess.run([HERE / "run", "--needs", "26"], capture_output=True, text=True, check=False)
        self.assertEqual(answer.returncode, 2)
        self.assertIn("no figure 26", answer.stderr)


unittest.main()
