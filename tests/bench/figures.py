"""figures: what was found beside its yardstick, what is asked of it, and whether that is reached. Nothing here measures.

A figure has one value, or one for each of its places (16, 64 and 256 connections, say); the worst of them is judged. `reach`
is what the design asks for at least, `aim` what it hopes for. A figure is shaky when its rounds differ too much."""

import collections
import dataclasses
import json

SHAKY = 1.5  # rounds of one figure that differ by more tell nothing

Goal = collections.namedtuple("Goal", "reach aim below")


def at_least(reach, aim=None):
    return Goal(reach, aim, False)


def at_most(reach, aim=None):
    return Goal(reach, aim, True)


# What is judged is the ratio of the hub to the yardstick, or the hub's value where there is no yardstick.
GOALS = {
    "forward rate": at_least(0.85, 0.95),
    "forward rate of a checked PUT": at_least(0.70, 0.85),
    "rate of a kept PUT to raw batches": at_least(0.50, 0.70),
    "forward p99": at_most(1.3, 1.1),
    "forward CPU": at_most(1.2, 1.1),
    "forward CPU of a PUT": at_most(1.5, 1.3),
    "CPU while waiting, to the other build": at_most(1.0, 0.9),
    "push, of the ceiling": at_least(0.70, 0.85),
    "push, cost of writing": at_most(1.2, 1.1),
    "nothing": at_most(0, 0),
    "growth": at_most(1.2, 1.1),
    "tls rate": at_least(0.75, 0.90),
    "durable shares to raw batches": at_least(0.60, 0.75),
    "durable shares to the server's own": at_least(0.50, 0.70),
    "CPU of several to one": at_most(1.1, 1.0),
    "linear": at_most(1.1, 1.0),
    "p99 beside other work": at_most(2.0, 1.3),
    "p99 with consoles": at_most(1.1, 1.0),
    "worker with consoles": at_most(1.02),
    "idle": at_most(0.01, 0.002),
    "last page to the first": at_most(1.5, 1.1),
}

RANKS = {"no": 0, "reach": 1, "aim": 2}
FORMATS = {"/s": "{:,.0f}", "ms": "{:.2f}", "µs": "{:.1f}", "%": "{:.2%}", "count": "{:,.0f}", "instructions": "{:,.0f}"}


def grade(value, goal):
    """no, reach or aim."""
    better = (lambda bound: value <= bound) if goal.below else (lambda bound: value >= bound)
    if not better(goal.reach):
        return "no"
    return "aim" if goal.aim is not None and better(goal.aim) else "reach"


def written(value, unit):
    return FORMATS.get(unit, "{:.2f}").format(value)


def joined(values, unit):
    return " / ".join(written(value, unit) for value in values)


@dataclasses.dataclass
class Figure:
    """@hub and @yardstick: a value for each place; @yardstick is empty where there is none. @goal: of GOALS, or None for
    what is told. @spread: by what the rounds of it differ at most."""

    name: str
    unit: str
    hub: list
    yardstick: list = dataclasses.field(default_factory=list)
    goal: str = None
    spread: float = 1.0
    loaded: bool = False  # others had the machine too
    benchmark: str = ""

    def ratios(self):
        return [hub / yardstick if yardstick else float("inf") for hub, yardstick in zip(self.hub, self.yardstick)]

    def grade(self):
        """None for what is only told."""
        if self.goal is None:
            return None
        judged = self.ratios() if self.yardstick else self.hub
        return min((grade(value, GOALS[self.goal]) for value in judged), key=RANKS.get)

    def good(self):
        return self.grade() != "no"

    def verdict(self):
        """The grade as it is read, with a mark where it is not to be believed."""
        doubts = ["shaky"] * (self.spread > SHAKY) + ["loaded machine"] * self.loaded
        grades = {None: "–", "no": "**no**", "reach": "yes", "aim": "yes, and the aim"}
        return grades[self.grade()] + (f" ({', '.join(doubts)})" if doubts else "")

    def row(self):
        goal = GOALS.get(self.goal, Goal(None, None, True))
        reach, aim = ("" if bound is None else f"{'≤' if goal.below else '≥'} {written(bound, self.unit if not self.yardstick else '')}"
                      for bound in (goal.reach, goal.aim))
        unit = self.unit if self.unit not in ("%", "count", "instructions", "") else ""
        return [f"{self.name}{', ' + unit if unit else ''}", joined(self.hub, self.unit), joined(self.yardstick, self.unit),
                joined(self.ratios(), ""), reach, aim, f"{self.spread:.2f}", self.verdict()]

    def line(self):
        """For a terminal."""
        name, hub, yardstick, ratio, reach, aim, spread, said = self.row()
        asked = "; ".join(f"{what} {bound}" for what, bound in (("reach", reach), ("aim", aim)) if bound)
        return (f"{said.replace('*', '')}: {name}: {hub}" + (f" to {yardstick}: {ratio}" if yardstick else "")
                + (f" ({asked})" if asked else "") + (f", rounds differ by {spread}" if self.spread > SHAKY else ""))


HEAD = ["figure", ("hub",), ("yardstick",), ("ratio",), ("reach",), ("aim",), ("spread",), "reached"]


def summary(found):
    """The one table of many figures, and how many reach what is asked."""
    judged = [figure.grade() for figure in found if figure.goal is not None]
    counted = f"{len(judged)} figures are judged: {judged.count('aim')} reach the aim, {judged.count('reach')} what is asked, " \
              f"{judged.count('no')} do not."
    return markdown(HEAD, [figure.row() for figure in found]) + "\n\n" + counted


def markdown(head, rows):
    """A cell of @head is a name, or (name,) above numbers."""
    names = [cell if isinstance(cell, str) else cell[0] for cell in head]
    lines = ["| " + " | ".join(names) + " |",
             "|" + "|".join(" --- " if isinstance(cell, str) else " ---: " for cell in head) + "|"]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def put_between(page, name, text):
    """@page with @text between the marks of benchmark @name; None when it has not exactly one place for it."""
    begin, end = (f"<!-- ./dev bench {name}: {mark} -->" for mark in ("begin", "end"))
    if page.count(begin) != 1 or page.count(end) != 1:
        return None
    return page.split(begin)[0] + begin + "\n" + text + "\n" + end + page.split(end)[1]


def dumped(found):
    return json.dumps([dataclasses.asdict(figure) for figure in found])


def loaded(text):
    return [Figure(**fields) for fields in json.loads(text)]
