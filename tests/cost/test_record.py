#!/usr/bin/env python3
"""The comparison with the record: what fails, what is told, what is skipped. Nothing is counted here."""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.dont_write_bytecode = True

from dump import counts_of
from record import SKIPPED, Cost, judge, read, verdict, write

RECORDED = {"get": Cost(1000, 20), "put": Cost(3000, 30)}


def with_get(instructions, system_calls=20):
    return judge({**RECORDED, "get": Cost(instructions, system_calls)}, RECORDED)


class Comparison(unittest.TestCase):
    def test_what_is_as_on_record_passes_without_a_word(self):
        self.assertEqual(judge(RECORDED, RECORDED), ([], []))

    def test_what_differs_within_the_bound_passes_without_a_word(self):
        for instructions in (860, 1140):
            self.assertEqual(with_get(instructions), ([], []))

    def test_more_instructions_fail_and_name_the_figure(self):
        faults, hints = with_get(1160)
        self.assertEqual(faults, ["DEARER: get: 1,160.0 instructions, on record are 1,000.0 (+16%)"])
        self.assertEqual(hints, [])

    def test_more_system_calls_fail_although_instructions_do_not(self):
        faults, _ = with_get(1000, 24)
        self.assertEqual(faults, ["DEARER: get: 24.0 system calls, on record are 20.0 (+20%)"])

    def test_what_got_cheaper_is_told_and_does_not_fail(self):
        faults, hints = with_get(840)
        self.assertEqual(faults, [])
        self.assertEqual(len(hints), 1)
        self.assertIn("cheaper: get: 840.0 instructions", hints[0])
        self.assertIn("./dev cost --record", hints[0])

    def test_one_dearer_and_one_cheaper_fails(self):
        faults, hints = judge({"get": Cost(500, 20), "put": Cost(6000, 30)}, RECORDED)
        self.assertEqual((len(faults), len(hints)), (1, 1))

    def test_a_figure_that_is_not_on_record_fails_where_others_are(self):
        faults, _ = judge({**RECORDED, "post": Cost(1, 1)}, RECORDED)
        self.assertEqual(faults, ["NOT RECORDED: post: ./dev cost --record"])

    def test_a_figure_that_is_measured_no_more_fails(self):
        faults, _ = judge({"get": RECORDED["get"]}, RECORDED)
        self.assertEqual(faults, ["NOT MEASURED: put, which is on record"])


class Verdict(unittest.TestCase):
    tables = {("gcc-12", "x86_64"): RECORDED}

    def of(self, measured, toolchain=("gcc-12", "x86_64")):
        return verdict(measured, self.tables, toolchain)

    def test_dearer_fails_cheaper_does_not(self):
        self.assertEqual(self.of({**RECORDED, "put": Cost(6000, 30)})[0], 1)
        self.assertEqual(self.of({**RECORDED, "put": Cost(1000, 30)})[0], 0)
        self.assertEqual(self.of(RECORDED), (0, ["as on record"]))

    def test_a_toolchain_without_rows_skips_and_says_so(self):
        for toolchain in (("gcc-14", "x86_64"), ("gcc-12", "aarch64")):
            status, lines = self.of({"get": Cost(10 ** 9, 99)}, toolchain)
            self.assertEqual(status, SKIPPED)
            self.assertIn(f"nothing is on record for {' '.join(toolchain)}", lines[0])


class Record(unittest.TestCase):
    def test_what_was_written_is_read_again(self):
        tables = {("gcc-12", "x86_64"): RECORDED, ("clang-14", "aarch64"): {"get": Cost(7, 1.5)}}
        self.assertEqual(read(write(tables)), tables)

    def test_the_record_of_the_tree_can_be_read_and_is_as_it_would_be_written(self):
        text = (HERE / "recorded").read_text()
        self.assertEqual(write(read(text)), text)
        self.assertIn(("gcc-12", "x86_64"), read(text))


DUMP = """\
events: Ir sysCount sysTime

fn=(1) worker_main
0 70
cfn=(2) recv
calls=3 100
0 20 3 9
cfn=(3) epoll_wait
calls=5 200
0 8 5 7
cfn=(4) clock_gettime@@GLIBC_2.17'2
calls=4 300
0 12
fn=(5) tick
cfn=(4)
calls=4 300
0 12 4

totals: 122 12 16
"""


class Dump(unittest.TestCase):
    def test_waits_and_readings_of_the_clock_are_no_system_calls(self):
        self.assertEqual(counts_of(DUMP), [122, 3])

    def test_a_name_that_only_begins_alike_counts(self):
        self.assertEqual(counts_of(DUMP.replace("epoll_wait", "epoll_wait_for_all")), [122, 8])


class Program(unittest.TestCase):
    def count(self, **environment):
        return subprocess.run([sys.executable, "-B", str(HERE / "count")], capture_output=True, text=True, check=False,
                              env={**os.environ, **environment})

    def test_without_valgrind_it_skips_and_says_so(self):
        done = self.count(PATH="/nowhere")
        self.assertEqual((done.returncode, done.stdout), (77, "skipped: valgrind is not installed\n"))

    @unittest.skipUnless(os.path.exists("/usr/bin/valgrind"), "valgrind is not installed")
    def test_a_build_that_is_not_optimised_is_not_counted(self):
        with tempfile.TemporaryDirectory() as build:
            done = self.count(BUILD=build)
        self.assertEqual(done.returncode, 1)
        self.assertIn("no optimised build", done.stderr)


if __name__ == "__main__":
    unittest.main()
