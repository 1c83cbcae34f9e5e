"""The runner of pages: what it takes, and that a page which promises something else fails.
usage: test_run_page.py BUILD"""
import contextlib
import io
import pathlib
import sys
import tempfile
import unittest

import run_page

BUILD = pathlib.Path(sys.argv.pop(1)).resolve()


class Reading(unittest.TestCase):
    def test_pasted_blocks_and_their_promises(self):
        text = "```sh\na\n```\n```text\nA\n```\n```\nnot run\n```\n```sh\nb\n```\n```sh\nc\n```\n"
        self.assertEqual(list(run_page.pasted(text)), [(2, "a", "A"), (11, "b", None), (14, "c", None)])

    def test_a_block_without_an_end(self):
        with self.assertRaises(SystemExit):
            run_page.blocks("```sh\na\n")

    def test_a_section_keeps_its_line_numbers(self):
        text = "## A\n```sh\na\n```\n## B\n```sh\nb\n```\n"
        self.assertEqual(list(run_page.pasted(run_page.section_of(text, "B"))), [(7, "b", None)])

    def test_what_differs_each_time(self):
        self.assertTrue(run_page.same("at 2026-12-01T08:00:00Z in 3.2 ms", "at 2026-11-30T06:44:32.688Z in    11 ms"))
        self.assertTrue(run_page.same("{\"a\": …}", "{\"a\": [1, 2]}"))
        self.assertTrue(run_page.same("one\n…\nfour", "one\ntwo\nthree\nfour"))
        self.assertFalse(run_page.same("one\nfour", "one\ntwo\nfour"))
        self.assertFalse(run_page.same("HTTP 200", "HTTP 201"))
        self.assertFalse(run_page.same("HTTP 200", "HTTP 200\nand more"))


class Playing(unittest.TestCase):
    def play(self, text):
        with tempfile.NamedTemporaryFile("w", suffix=".md") as page, contextlib.redirect_stdout(io.StringIO()):
            page.write(text)
            page.flush()
            return run_page.play(BUILD, pathlib.Path(page.name), "", False)

    def test_a_page_that_holds(self):
        self.assertEqual(self.play("```sh\nroamhubd --version | cut -d' ' -f1\n```\n```text\nroamhubd\n```\n"), [])

    def test_a_page_that_lies(self):
        self.assertIn("+roamhubd", self.play("```sh\nroamhubd --version | cut -d' ' -f1\n```\n```text\nroamhub\n```\n")[0])

    def test_a_command_that_fails(self):
        self.assertIn("exit status 3", self.play("```sh\n(exit 3)\n```\n")[0])

    def test_a_shell_that_ends(self):
        self.assertIn("the shell ended", self.play("```sh\nexit 0\n```\n")[0])

    def test_a_page_without_commands(self):
        self.assertIn("no block", self.play("# Nothing\n")[0])

    def test_ports_are_free_ones(self):
        said = self.play("```sh\necho 127.0.0.1:9000 127.0.0.1:9001\n```\n```text\n127.0.0.1:9000 127.0.0.1:9001\n```\n")
        self.assertEqual(said, [])


if __name__ == "__main__":
    unittest.main()
