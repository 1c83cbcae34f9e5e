"""page: what was played as the tables of docs/interop.md."""
import datetime
import pathlib
import re
import subprocess
import sys

import findings

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs/interop.md"
LEVELS = ("fault", "warning", "note")


def plain(why):
    """WHY without what differs each time."""
    why = re.sub(r"(https?://)127\.0\.0\.1:\d+", r"\1…", why)
    why = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "…", why)
    why = re.sub(r"\d{4}-\d\d-\d\d [\d:.]+(?=\+00:00)", "YYYY-MM-DD hh:mm:ss", why)
    return why.replace("|", "\\|").replace("\n", " ")[:220]


def several(count, word):
    return f"{count} {word}{'' if count == 1 else 's'}"


def counts(report):
    """"2 faults, 1 warning, 3 notes"."""
    return ", ".join(several(report[f"{level}_count"], level) for level in LEVELS)


def flows(packages, results):
    """Each flow, by peer; why not stands below, and what `party check` told in its cell."""
    names = list(results)
    lines = [f"| flow | {' | '.join(packages[name] for name in names)} |", f"| --- |{' --- |' * len(names)}"]
    notes = []
    for flow in dict.fromkeys(flow for of in results.values() for flow in of):
        cells = []
        for name in names:
            good, why = results[name].get(flow, (None, ""))
            if good is False:
                notes.append(plain(why))
                cells.append(f"no ({len(notes)})")
            else:
                cells.append("" if good is None else why if flow.startswith("party check") else "yes")
        lines.append(f"| {flow} | {' | '.join(cells)} |")
    return "\n".join([*lines, "", *(f"{number}. `{note}`" for number, note in enumerate(notes, 1))])


def told(surveys):
    """Each finding of `party check`, and what a look at the peer said of it."""
    lines = ["| peer | finding | where | found | cure | by hand |", "| --- | --- | --- | --- | --- | --- |"]
    for name, of in surveys.items():
        for roles, report in of.items():
            rungs = [rung for rung in report["rungs"] if rung["status"] in LEVELS]
            for rung in sorted(rungs, key=lambda rung: LEVELS.index(rung["status"])):
                cure = f"`{plain(rung['cure'])}`" if rung.get("cure") else ""
                lines.append(f"| {name}, {roles} | {rung['state']} `{rung['id']}` | {rung['places']} | `{plain(rung['found'])}` | {cure} "
                             f"| {findings.by_hand(name, rung['id'])} |")
    return "\n".join(lines)


def text(packages, results, surveys):
    return f"{flows(packages, results)}\n\n### What `party check` told\n\n{told(surveys)}"


def write(tables, build):
    version = subprocess.run([pathlib.Path(build) / "roamhubd", "--version"], capture_output=True, text=True).stdout.strip()
    head = f"{datetime.date.today()}, {version}, Python {sys.version.split()[0]}."
    page = PAGE.read_text()
    begin, end = "<!-- table: ./dev interop -->\n", "<!-- end of the table -->"
    before, _, rest = page.partition(begin)
    PAGE.write_text(f"{before}{begin}\n{head}\n\n{tables}\n\n{end}{rest.partition(end)[2]}")
