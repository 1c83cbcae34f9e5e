"""page: a benchmark's table as Markdown, printed, and put into docs/performance.md between the two marks of its name."""

import datetime
import pathlib
import subprocess

import rig


def add_argument(parser):
    parser.add_argument("--write", type=pathlib.Path, metavar="FILE",
                        help="put the table into FILE, between the marks of this benchmark")


def commit():
    answer = subprocess.run(["git", "describe", "--always", "--dirty", "--exclude", "*"], cwd=pathlib.Path(__file__).parent,
                            capture_output=True, text=True, check=False)
    return answer.stdout.strip() or "unknown"


def table(head, rows):
    """A cell of @head is a name, or (name,) above numbers."""
    names = [cell if isinstance(cell, str) else cell[0] for cell in head]
    lines = ["| " + " | ".join(names) + " |",
             "|" + "|".join(" --- " if isinstance(cell, str) else " ---: " for cell in head) + "|"]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


class Page:
    """One run: what it is called, where it was, and what it found."""

    def __init__(self, name):
        self.name = name
        machine = rig.machine()
        print(machine, flush=True)
        self.about = f"{datetime.date.today()}, commit {commit()}, " + machine.replace("# ", "").replace("\n", "; ")

    def publish(self, path, text, more=""):
        """Prints it, and writes it into @path unless that is None."""
        text = f"{self.about}{more}.\n\n{text}"
        print(text, flush=True)
        if path is None:
            return
        begin, end = (f"<!-- ./dev bench {self.name}: {mark} -->" for mark in ("begin", "end"))
        page = path.read_text()
        if page.count(begin) != 1 or page.count(end) != 1:
            rig.die(f"{path} has no place for the table: expected one {begin} and one {end}")
        path.write_text(page.split(begin)[0] + begin + "\n" + text + "\n" + end + page.split(end)[1])
