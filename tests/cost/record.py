"""record: what messages are on record to cost, for each toolchain, and the comparison with what they cost now."""

import dataclasses

BOUND = 0.15
SKIPPED = 77
HEAD = f"""\
# What one message costs the hub: instructions (callgrind) and system calls, start, idling, waits and clock readings left
# out; see count beside this file. Above this by more than {BOUND:.0%} fails ./dev test; what is to be dearer, or got
# cheaper, is recorded by
#   ./dev cost --record
# in the commit that makes it so. Each toolchain has its own rows.
#
# compiler architecture  figure             instructions  system calls
"""


@dataclasses.dataclass(frozen=True)
class Cost:
    instructions: float
    system_calls: float

    def each(self):
        return {"instructions": self.instructions, "system calls": self.system_calls}


def read(text):
    """{toolchain: {figure: Cost}}; a toolchain is (compiler, architecture)."""
    tables = {}
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            compiler, architecture, figure, instructions, calls = line.split()
            tables.setdefault((compiler, architecture), {})[figure] = Cost(float(instructions), float(calls))
    return tables


def write(tables):
    rows = [f"{compiler:10}{architecture:15}{figure:18}{cost.instructions:14.0f}{cost.system_calls:14.1f}"
            for (compiler, architecture), figures in sorted(tables.items()) for figure, cost in figures.items()]
    return HEAD + "\n".join(rows) + "\n"


def compare(figure, cost, recorded):
    """Faults and hints of one figure."""
    faults, hints = [], []
    for (event, now), then in zip(cost.each().items(), recorded.each().values()):
        change = f"{figure}: {now:,.1f} {event}, on record are {then:,.1f} ({now / then - 1:+.0%})"
        if now > then * (1 + BOUND):
            faults.append(f"DEARER: {change}")
        elif now < then * (1 - BOUND):
            hints.append(f"cheaper: {change}; hold it there: ./dev cost --record")
    return faults, hints


def judge(measured, recorded):
    """Faults and hints of all figures, and every figure must be both measured and on record."""
    faults = [f"NOT RECORDED: {figure}: ./dev cost --record" for figure in measured if figure not in recorded]
    faults += [f"NOT MEASURED: {figure}, which is on record" for figure in recorded if figure not in measured]
    hints = []
    for figure in measured.keys() & recorded.keys():
        more_faults, more_hints = compare(figure, measured[figure], recorded[figure])
        faults += more_faults
        hints += more_hints
    return sorted(faults), sorted(hints)


def verdict(measured, tables, toolchain):
    """Exit status, and what to say."""
    if toolchain not in tables:
        return SKIPPED, [f"skipped: nothing is on record for {' '.join(toolchain)}; ./dev cost --record records it"]
    faults, hints = judge(measured, tables[toolchain])
    return (1 if faults else 0), hints + faults or ["as on record"]
