"""tools: programs of tests/bench that fill databases and the like. They are found in $TOOLS or below $BUILD; where the
build there has no tests, they are made in that of ./dev cost and ./dev bench."""

import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def run(*command):
    done = subprocess.run([str(word) for word in command], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}:\n{done.stdout[-3000:]}")


def find(name):
    build = pathlib.Path(os.environ.get("BUILD", "build")).resolve()
    for place in (os.environ.get("TOOLS"), build / "tests/bench"):
        if place and (pathlib.Path(place) / name).exists():
            return pathlib.Path(place) / name
    made_in = ROOT / "build-cost"
    if not (made_in / "build.ninja").exists():
        made_in = ROOT / "build-bench"
    if not (made_in / "build.ninja").exists():
        run("meson", "setup", made_in, "--buildtype=release")
    run("ninja", "-C", made_in, f"tests/bench/{name}")
    return made_in / "tests/bench" / name
