"""Every page of docs/ stands in its index, and what pages link to is there: files, and headings within them.
usage: test_links.py SOURCE"""
import pathlib
import re
import sys
import unittest

SOURCE = pathlib.Path(sys.argv.pop(1)).resolve()
INDEX = SOURCE / "docs/README.md"
PAGES = sorted([*SOURCE.glob("*.md"), *SOURCE.glob("docs/**/*.md")])
LINK = re.compile(r"(?<!`)\]\(([^)\s]+)\)")


def prose(page):
    """Without what is fenced, where brackets are no links."""
    return re.sub(r"(?ms)^```.*?^```$", "", page.read_text())


def links(page):
    """(what is linked, file, heading)"""
    for target in LINK.findall(prose(page)):
        if not re.match(r"\w+:", target):
            file, _, heading = target.partition("#")
            yield target, (page.parent / file).resolve() if file else page, heading


def anchors(page):
    """As the usual renderers make them of headings."""
    return {re.sub(r"[^\w\- ]", "", re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", heading.lower())).replace(" ", "-")
            for heading in re.findall(r"(?m)^#+ (.*?) *$", prose(page))}


class Links(unittest.TestCase):
    def test_each_leads_somewhere(self):
        for page in PAGES:
            for target, file, heading in links(page):
                with self.subTest(page=page.name, target=target):
                    self.assertTrue(file.exists(), "no such file")
                    if heading:
                        self.assertIn(heading, anchors(file))

    def test_each_page_stands_in_the_index(self):
        listed = {file for _, file, _ in links(INDEX)}
        for page in sorted(set(SOURCE.glob("docs/*.md")) - {INDEX}):
            with self.subTest(page=page.name):
                self.assertIn(page, listed)


if __name__ == "__main__":
    unittest.main()
