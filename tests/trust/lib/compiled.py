"""compiled: judges that are C programs of the build, run once, or again and again with other seeds."""

import concurrent.futures
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

BUILD = pathlib.Path(os.environ.get("BUILD", "build-asan")).resolve()
VERDICT = re.compile(r"verdict (\d+) (reached|short) (.*)")


def seed_given():
    return int(os.environ.get("SEED") or time.time_ns() % 1_000_000_000)


def one(program, arguments, seed):
    """Exit status and what it said; its files are in memory where that is possible, as no figure needs a real disk."""
    shared = pathlib.Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=shared if os.access(shared, os.W_OK) else None) as directory:
        done = subprocess.run([str(BUILD / "tests/trust/store" / program), *arguments], text=True, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              env={**os.environ, "SEED": str(seed), "TMPDIR": directory})
    return done.returncode, done.stdout


def crashed(number, status, output):
    """A program that a signal or a sanitizer ended is a fault of what it judges."""
    if status < 0 or "Sanitizer" in output or "runtime error" in output:
        name = signal.Signals(-status).name if status < 0 else f"exit status {status}"
        return f"verdict {number} short it crashed: {name}"
    return None


def summed(texts):
    """The texts of several runs as one: their numbers are added."""
    numbers = [list(map(int, re.findall(r"\d+", text))) for text in texts]
    if len({len(found) for found in numbers}) != 1:
        return texts[0]
    total = iter(map(sum, zip(*numbers)))
    return re.sub(r"\d+", lambda _: str(next(total)), texts[0])


def run(number, program, arguments, rounds=1, at_once=1, fails=False):
    """Runs it, says what it said, and ends with its verdict. @fails: another part of the figure did already."""
    seeds = [seed_given() + i for i in range(rounds)]
    with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
        results = list(pool.map(lambda seed: one(program, arguments, seed), seeds))
    texts, bad = [], int(fails)
    for seed, (status, output) in zip(seeds, results):
        verdict = crashed(number, status, output) or output.rstrip().rpartition("\n")[2]
        said = VERDICT.fullmatch(verdict)
        if said is None or status not in (0, 1) and "crashed" not in verdict:
            print(output)
            sys.exit(f"{program}: exit status {status}, seed {seed}")
        if said[2] == "short":
            bad += 1
            print(output.rstrip())
            print(f"again: SEED={seed} BUILD={BUILD} {' '.join(sys.argv)}")
        texts.append(said[3])
    rest = f"; {bad} of {rounds} seeds fail" if bad and rounds > 1 else f" ({rounds} seeds from {seeds[0]})" if rounds > 1 else ""
    print(f"verdict {number} {'short' if bad else 'reached'} {summed(texts)}{rest}")
    sys.exit(1 if bad else 0)
