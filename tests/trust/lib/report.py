"""report: docs/trust.md, made of the rows, of what was reached, and of the budget of continuous integration."""

import datetime
import json
import pathlib
import re
import subprocess
import tomllib

from rows import HOME, MUST, REACHED, budget_seconds

ROOT = HOME.parent.parent
STEPS = ROOT / "build-ci-steps"  # seconds and name of each step, as .ci/run measured them last
KEPT = HOME / "steps.json"

HEAD = """# Trust: what is promised, and what was reached

Written by `./dev trust --write` and `./dev soak MINUTES`; by hand only rows under `tests/trust/rows` are changed.
Last written {about}.

`./dev trust` runs every figure in its short form, as CI does; `./dev trust 6 15` only those. `./dev soak MINUTES [NUMBER...]`
runs the long forms until the minutes are over, what was not run for longest first. Each prints its seed: `--seed N` runs
it again. A figure marked * must be reached: CI fails without it. What was not run keeps its older figure and its date.
"""


def git(*arguments):
    answer = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    return answer.stdout.strip()


def processor():
    try:
        text = pathlib.Path("/proc/cpuinfo").read_text()
    except OSError:
        return "an unknown machine"
    model = re.search(r"model name\s*: (.*)", text)
    return f"{text.count('processor' + chr(9))} × {model[1] if model else 'processor'}"


class Run:
    """When, of what and where it was."""

    def __init__(self, seed):
        self.seed = seed
        self.at = datetime.datetime.now().isoformat(timespec="minutes")
        self.commit = git("describe", "--always", "--dirty", "--exclude", "*") or "unknown"
        self.machine = processor()

    def entry(self, result):
        return {"at": self.at, "commit": self.commit, "seed": self.seed, "machine": self.machine, "state": result.state,
                "text": result.text, "seconds": round(result.seconds)}

    def about(self):
        return f"{self.at.replace('T', ' ')}, commit {self.commit}, seed {self.seed}, on {self.machine}"


def cell(text):
    return text.replace("|", "\\|").replace("\n", " ")


def found(entry):
    if entry is None:
        return "never run"
    return (f"**{entry['state']}**: {entry['text']} ({entry['at'][:10]}, {entry['commit']}, seed {entry['seed']}, "
            f"{entry['seconds']} s)")


def promises(rows):
    lines = ["| | figure | promise | test behind it |", "| ---: | --- | --- | --- |"]
    for row in rows:
        test = f"`tests/trust/{row.program}`" if row.program else "none"
        lines.append(cell_line(f"{row.number}{'*' if row.number in MUST else ''}", row.title, row.promise or "-", test))
    return "\n".join(lines)


def cell_line(*cells):
    return "| " + " | ".join(cell(one) for one in cells) + " |"


def figures(rows, reached):
    lines = ["| | figure | short form | long form |", "| ---: | --- | --- | --- |"]
    for row in rows:
        forms = reached.get(row.number, {})
        short, long = (found(forms[form]) if form in forms else
                       "never run" if row.runs(form) else row.reason(form) for form in ("ci", "soak"))
        lines.append(cell_line(f"{row.number}{'*' if row.number in MUST else ''}", row.title, short, long))
    return "\n".join(lines)


def not_reached(rows, reached):
    lines = []
    for row in rows:
        forms = reached.get(row.number, {})
        entries = [(form, forms[form]) for form in ("ci", "soak") if form in forms]
        if not entries:
            lines.append(f"- {row.number} {row.title}: never run{'' if row.there else '; it has no row file'}.")
        lines += [f"- {row.number} {row.title}, {'short' if form == 'ci' else 'long'} form: {entry['state']}: {entry['text']}"
                  for form, entry in entries if entry["state"] != REACHED]
    return "\n".join(lines) or "Nothing."


def remember_steps():
    """Takes over what CI measured here last; this page keeps it until CI runs here again."""
    if STEPS.exists():
        seconds = {name: int(took) for took, name in map(str.split, STEPS.read_text().splitlines())}
        KEPT.write_text(json.dumps({"at": f"{datetime.date.today()}", "seconds": seconds}) + "\n")


def budget(rows):
    plan = tomllib.loads((HOME / "budget.toml").read_text())
    last = json.loads(KEPT.read_text()) if KEPT.exists() else {"at": "", "seconds": {}}
    lines = ["| step of `.ci/run` | minutes at most | measured last" + (f" ({last['at']})" if last["at"] else "") + " |",
             "| --- | ---: | ---: |"]
    for step in plan["step"]:
        seconds = last["seconds"].get(step["name"])
        lines.append(cell_line(step["what"], str(step["minutes"]), "-" if seconds is None else f"{seconds / 60:.1f}"))
    total = last["seconds"].get("all", 0)  # some go on beside others
    lines.append(cell_line("in all", f"{plan['aim']:g}", f"{total / 60:.1f}" if total else "-"))
    spent = [f"{row.number}: {row.seconds:g}{' alone' if row.alone else ''}" for row in rows if row.runs("ci")]
    return ("\n".join(lines) + f"\n\nThe limit of all is {plan['most']} minutes on two cores. The figures' own budgets, in seconds: "
            + ", ".join(spent) + f"; two at a time and then the lone ones that is {budget_seconds(rows) / 60:.1f} minutes.")


def page(rows, reached, run):
    return "\n".join((HEAD.format(about=run.about()), "## What is promised\n", promises(rows), "\n## What was reached\n",
                      figures(rows, reached), "\n## Not reached\n", not_reached(rows, reached),
                      "\n## The time that CI takes\n", budget(rows), ""))
