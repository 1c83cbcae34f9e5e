"""page: one run of a benchmark: its table as Markdown, its figures with their verdicts, and where both are kept."""

import datetime
import pathlib
import subprocess

import figures
import rig


def add_argument(parser):
    parser.add_argument("--write", type=pathlib.Path, metavar="FILE",
                        help="put the table into FILE, between the marks of this benchmark")
    parser.add_argument("--figures", type=pathlib.Path, metavar="FILE", help="write what is judged into FILE, as JSON")


def commit():
    answer = subprocess.run(["git", "describe", "--always", "--dirty", "--exclude", "*"], cwd=pathlib.Path(__file__).parent,
                            capture_output=True, text=True, check=False)
    return answer.stdout.strip() or "unknown"


class Page:
    """What the run is called, where it was, how busy the machine was with other things, and what was found."""

    def __init__(self, name, args):
        self.name, self.args = name, args
        self.put("")  # so that a page without a place for it is known before, not after
        print(rig.machine(), flush=True)
        self.watch = rig.Watch()
        self.found = []

    def about(self, more=""):
        text = f"{datetime.date.today()}, commit {commit()}, {rig.processor()}; {self.watch.said()}{more}."
        if self.watch.loaded():
            text += " **Loaded machine: absolute figures say nothing, ratios little.**"
        return text

    def publish(self, text, more=""):
        """Prints it, and writes it where it was asked for."""
        text = f"{self.about(more)}\n\n{text}"
        print(text, flush=True)
        page = self.put(text)
        if page is not None:
            self.args.write.write_text(page)

    def put(self, text):
        """The page that is to be written with @text in its place, None when nothing is to be written."""
        if self.args.write is None:
            return None
        page = figures.put_between(self.args.write.read_text(), self.name, text)
        if page is None:
            rig.die(f"{self.args.write} has no place for the table: expected the marks of ./dev bench {self.name} once")
        return page

    def judge(self, *arguments, **fields):
        """One figure, see figures.Figure."""
        figure = figures.Figure(*arguments, **fields, loaded=self.watch.loaded(), benchmark=self.name)
        self.found.append(figure)
        print(figure.line(), flush=True)

    def end(self):
        """The exit status."""
        if self.args.figures is not None:
            self.args.figures.write_text(figures.dumped(self.found))
        if self.watch.loaded():
            print("# LOADED MACHINE: " + self.watch.said())
        return 0 if all(figure.good() for figure in self.found) else 1
