#!/usr/bin/env python3
"""Of the benchmarks what measures nothing: readings, figures and verdicts, marks in a page."""

import unittest

import figures
import loads
import readings
import rig

WRK = """Running 1s test @ http://127.0.0.1:1/x
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   556.78us    1.04ms  30.52ms   96.49%
    Req/Sec   112.44k    10.24k  120.17k    90.00%
  Latency Distribution
     50%  292.00us
     75%    1.10ms
     90%    2.00ms
     99%    1.04s
  111900 requests in 1.10s, 20.00MB read
{}Requests/sec: 111895.71
Transfer/sec:     18.11MB
"""
STRACE = """% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ----------------
 60.00    0.000600           1       600           recvfrom
 40.00    0.000400           1       400        20 epoll_wait
------ ----------- ----------- --------- --------- ----------------
100.00    0.001000           1      1000        20 total
"""


class Readings(unittest.TestCase):
    def test_wrk(self):
        self.assertEqual(readings.wrk(WRK.format(""), 1), (None, 111900, 111895.71, 292e-6, 1.04))

    def test_wrk_says_what_was_wrong(self):
        read = readings.wrk(WRK.format("  Socket errors: connect 0, read 0, write 0, timeout 3\n"), 1)
        self.assertIn("timeout 3", read.wrong)

    def test_wrk_that_loses_a_percentile(self):
        read = readings.wrk(WRK.format("").replace("1.04s", "0.00us"), 1)
        self.assertEqual((read.p50, read.p99), (292e-6, 30.52e-3))

    def test_wrk_without_an_answer(self):
        read = readings.wrk("  0 requests in 2.00s, 0B read\nRequests/sec:      0.00\n", 2)
        self.assertEqual((read.requests, read.p50, read.p99), (0, 2.0, 2.0))

    def test_calls(self):
        self.assertEqual(readings.strace(STRACE), 1000)
        self.assertEqual(readings.strace(STRACE.replace("        20 total", "           total")), 1000)
        self.assertIsNone(readings.strace(""))
        self.assertEqual(readings.perf("# started\n\n8123,,raw_syscalls:sys_enter,2000,100.00,,\n"), 8123)
        self.assertIsNone(readings.perf("<not supported>,,raw_syscalls:sys_enter,0,100.00,,\n"))

    def test_callgrind(self):
        self.assertEqual(readings.callgrind("events: Ir\nfn=x\n1 2\ntotals: 123456\n"), 123456)
        self.assertIsNone(readings.callgrind("events: Ir\nfn=x\n"))

    def test_processor_counts_interrupts_where_processes_are_charged_for_them(self):
        self.assertEqual(readings.processor("cpu  100 10 30 800 20 7 5 28 0 0\ncpu0 1 2 3\n"), (140, 28, 1000))
        self.assertEqual(readings.processor("cpu  100 10 30 800 20 0 5 28 0 0\ncpu0 1 2 3\n"), (145, 28, 993))

    def test_pairs(self):
        self.assertEqual(readings.pairs("shares in_flight=512 ratio=0.87 path=/x ok"), {"in_flight": 512.0, "ratio": 0.87})


class Figures(unittest.TestCase):
    def test_grades(self):
        at_least, at_most = figures.at_least(0.85, 0.95), figures.at_most(1.3, 1.1)
        self.assertEqual([figures.grade(value, at_least) for value in (0.84, 0.85, 0.95)], ["no", "reach", "aim"])
        self.assertEqual([figures.grade(value, at_most) for value in (1.31, 1.3, 1.1)], ["no", "reach", "aim"])
        self.assertEqual(figures.grade(1, figures.at_most(1)), "reach")

    def test_the_worst_place_is_judged(self):
        figure = figures.Figure("x", "/s", [95, 80], [100, 100], "forward rate")
        self.assertEqual((figure.ratios(), figure.grade(), figure.good()), ([0.95, 0.8], "no", False))
        self.assertEqual(figures.Figure("x", "/s", [95, 86], [100, 100], "forward rate").grade(), "reach")

    def test_without_a_yardstick_the_value_is_judged(self):
        self.assertEqual(figures.Figure("x", "%", [0.009], [], "idle").grade(), "reach")
        self.assertEqual(figures.Figure("x", "count", [1], [], "nothing").grade(), "no")

    def test_what_is_told_is_good(self):
        figure = figures.Figure("x", "ms", [1], [0])
        self.assertEqual((figure.grade(), figure.good(), figure.ratios()), (None, True, [float("inf")]))

    def test_a_doubt_is_said(self):
        self.assertEqual(figures.Figure("x", "/s", [9], [10], "forward rate", 1.6).verdict(), "yes (shaky)")
        loaded = figures.Figure("x", "/s", [1], [10], "forward rate", loaded=True)
        self.assertEqual(loaded.verdict(), "**no** (loaded machine)")

    def test_row(self):
        figure = figures.Figure("GET, 16 / 64", "/s", [48013.4, 900], [50000, 1000], "forward rate")
        self.assertEqual(figure.row(), ["GET, 16 / 64, /s", "48,013 / 900", "50,000 / 1,000", "0.96 / 0.90", "≥ 0.85",
                                        "≥ 0.95", "1.00", "yes"])
        self.assertEqual(figures.Figure("idle", "%", [0.0015], [], "idle").row()[1:6], ["0.15%", "", "", "≤ 1.00%", "≤ 0.20%"])

    def test_summary_counts(self):
        found = [figures.Figure("a", "/s", [value], [100], "forward rate") for value in (96, 86, 10)]
        text = figures.summary([*found, figures.Figure("told", "ms", [1])])
        self.assertTrue(text.endswith("3 figures are judged: 1 reach the aim, 1 what is asked, 1 do not."))
        self.assertEqual(text.count("\n| "), 6 - 1)

    def test_figures_survive_a_file(self):
        found = [figures.Figure("a", "ms", [1.5, 2], [1], "linear", 1.1, True, "away")]
        self.assertEqual(figures.loaded(figures.dumped(found)), found)

    def test_between_marks(self):
        page = "a\n<!-- ./dev bench x: begin -->\nold\n<!-- ./dev bench x: end -->\nb\n"
        self.assertEqual(figures.put_between(page, "x", "new"), page.replace("old", "new"))
        self.assertIsNone(figures.put_between(page, "y", "new"))
        self.assertIsNone(figures.put_between(page + page, "x", "new"))


class Requests(unittest.TestCase):
    def test_bodies_differ(self):
        body = f'{{"id":"{loads.OBJECT}","name":"{loads.COUNTED}"}}'
        made = list(loads.raw_requests(80, "PUT", "/x/", {"A": "b"}, body, 3, 2))
        self.assertEqual(len(set(made)), 3)
        self.assertEqual([request.split()[1] for request in made], [b"/x/0", b"/x/1", b"/x/0"])
        head, _, text = made[0].partition(b"\r\n\r\n")
        self.assertIn(f"Content-Length: {len(text)}".encode(), head)

    def test_a_failed_round_is_repeated(self):
        rounds = []

        def work():
            rounds.append(1)
            if len(rounds) < 2:
                raise rig.RoundFailed("busy")
            return "done"
        self.assertEqual((rig.again("this", work, pause=0), len(rounds)), ("done", 2))


if __name__ == "__main__":
    unittest.main()
