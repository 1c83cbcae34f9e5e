"""rows: the figures of trust and what was reached of them: rows/NN.toml says what is promised, reached.json what was found."""

import json
import pathlib
import tomllib

HOME = pathlib.Path(__file__).resolve().parent.parent
REACHED, SHORT, BROKEN, NOT_RUN, MISSING, CANNOT = "reached", "not reached", "broken", "not run", "missing", "not possible here"
KEYS = {"number": int, "title": str, "promise": str, "program": str, "build": str, "needs": list, "soak_needs": list, "must": bool, "ci": list,
        "soak": list, "alone": bool, "seconds": (int, float), "why": str}

TITLES = {1: "kill -9 under load", 2: "power loss", 3: "faults × operations", 4: "out of memory", 5: "fuzzing",
          6: "malformed HTTP", 7: "malformed OCPI", 8: "byte fidelity", 9: "connection flood", 10: "slow clients",
          11: "descriptors exhausted", 12: "bad receivers", 13: "clock", 14: "races", 15: "rights matrix", 16: "SSRF",
          17: "token secrecy and timing", 18: "TLS", 19: "reload, restart", 20: "soak", 21: "bit rot",
          22: "backup, restore, migrate", 23: "sandbox", 24: "deterministic simulation", 25: "coverage"}
MUST = {1, 2, 3, 4, 5, 6, 8, 11, 13, 15, 16, 17, 19, 21, 22}  # the others may fall short, and say why


class BadRow(Exception):
    pass


class Row:
    """One figure: a row file, or a number that has none."""

    def __init__(self, number, found, programs=HOME):
        self.number, self.programs = number, programs
        self.there = found is not None
        found = found or {}
        self.title = found.get("title", TITLES[number])
        self.promise = found.get("promise", "")
        self.program = found.get("program")
        self.build = found.get("build", "own")
        self.needs = {"ci": found.get("needs", []), "soak": found.get("needs", []) + found.get("soak_needs", [])}
        self.must = found.get("must", False) or number in MUST
        self.arguments = {"ci": found.get("ci"), "soak": found.get("soak")}
        self.alone = found.get("alone", False)
        self.seconds = found.get("seconds", 0)
        self.why = found.get("why", "")

    def runs(self, form):
        return self.program is not None and self.arguments[form] is not None

    def path(self):
        return self.programs / self.program

    def reason(self, form):
        """Why it is not run in this form."""
        if not self.there:
            return "it has no row file"
        return self.why or f"it has no {'short' if form == 'ci' else 'long'} form"


def check(found, number, path):
    for key, value in found.items():
        if key not in KEYS or not isinstance(value, KEYS[key]):
            raise BadRow(f"{path}: {key}: unknown, or of the wrong type")
    for key in ("number", "title", "promise"):
        if key not in found:
            raise BadRow(f"{path}: {key} is missing")
    if found["number"] != number:
        raise BadRow(f"{path}: number is {found['number']}")
    if found.get("build", "own") not in ("asan", "build", "own"):
        raise BadRow(f"{path}: build is asan, build or own")
    if "ci" not in found and "why" not in found:
        raise BadRow(f"{path}: not part of CI, so it needs a why")
    if "ci" in found and ("program" not in found or "seconds" not in found):
        raise BadRow(f"{path}: a short form has a program and its seconds")


def read_rows(directory=HOME / "rows", programs=HOME):
    """All numbers in order, those without a file as well."""
    found = {}
    for path in sorted(directory.glob("*.toml")):
        try:
            number = int(path.stem)
            found[number] = tomllib.loads(path.read_text())
        except ValueError as fault:
            raise BadRow(f"{path}: {fault}") from fault
        if number not in TITLES:
            raise BadRow(f"{path}: there is no figure {number}")
        check(found[number], number, path)
    return [Row(number, found.get(number), programs) for number in TITLES]


def read_reached(path):
    """{number: {form: what was found last}}"""
    if not path.exists():
        return {}
    return {int(number): forms for number, forms in json.loads(path.read_text()).items()}


def write_reached(path, reached):
    text = json.dumps({str(number): reached[number] for number in sorted(reached)}, indent=1, ensure_ascii=False)
    path.write_text(text + "\n")


def budget_seconds(rows):
    """What the short forms may take on two cores: two at a time, then the lone ones."""
    budgets = [row for row in rows if row.runs("ci")]
    return (sum(row.seconds for row in budgets if not row.alone) / 2
            + sum(row.seconds for row in budgets if row.alone))
