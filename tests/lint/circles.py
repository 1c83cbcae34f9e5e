#!/usr/bin/env python3
"""Which object needs which: fails on a circle, and in src/hub on an arrow that the rooms do not allow.

usage: circles.py BUILD_DIR [DIRECTORY...]    directories of src/; without one, all of DIRECTORIES

An object needs another one when it has an undefined symbol that the other defines; calls through pointers that are handed
in are therefore no arrow, and tables of functions are. Any build will do whose objects nm can read: with sanitizers or
without, but not one that leaves everything to LTO.
"""
import collections
import json
import os
import subprocess
import sys

DIRECTORIES = ["base", "ocpi", "net", "store", "hub", "admin", "sim"]

# The rooms of src/hub: its folders, and for files that lie in it directly the room they are of. tests/lint/layers.sh has
# the same two tables for includes.
ROOM_OF = {
    "hub": "top", "worker": "top", "pull": "top", "expiry": "top", "pull_walk": "top", "pull_object": "top", "pull_sweep": "top", "load": "top", "passive": "top", "sandbox": "top", "sandbox_due": "top", "sandbox_left": "top", "sandbox_list": "top", "sandbox_process": "top", "slots": "top", "status": "top", "status_doc": "top", "tally": "top", "together": "top", "wishes": "top",
    "context": "ground", "news": "ground", "doubt": "ground", "wish": "ground", "client": "ground", "count": "ground", "certificate": "ground", "listeners": "ground", "place": "ground", "keys": "ground", "store_move": "ground", "event": "ground", "series": "ground", "refusals": "ground",
}
ARROWS = {
    "top": {"message", "push", "survey", "parties", "ground"},
    "message": {"parties", "ground"},
    "push": {"parties", "ground"},
    "survey": {"parties", "ground"},
    "parties": {"ground"},
    "ground": set(),
}


def objects_of(build, directory):
    """{name of the source below src/DIRECTORY without .c: its objects}"""
    with open(os.path.join(build, "compile_commands.json")) as file:
        commands = json.load(file)
    found = collections.defaultdict(list)
    for command in commands:
        source = os.path.normpath(os.path.join(command["directory"], command["file"]))
        parts = source.split(os.sep)
        # The last src/DIRECTORY in the path: the tree itself may lie below one.
        at = max((i for i in range(len(parts) - 2) if parts[i : i + 2] == ["src", directory]), default=None)
        if at is None:
            continue
        name = os.sep.join(parts[at + 2 :])
        found[os.path.splitext(name)[0]].append(os.path.join(command["directory"], command["output"]))
    return found


def symbols_of(paths):
    """(path, kind, symbol) of all objects. Symbols of compilers and sanitizers begin with two underscores."""
    found = set()
    listing = subprocess.run(["nm", "--print-file-name", *paths], check=True, capture_output=True, text=True).stdout
    for line in listing.splitlines():
        *_, kind, symbol = line.split()
        path = line[: line.index(".o:") + 2]
        found.add(path)
        if not symbol.startswith("__"):
            yield path, kind, symbol
    for path in set(paths) - found:
        sys.exit(f"circles: nm finds no symbols in {path}")


def arrows_of(objects):
    """{name: {name that it needs: symbols}}"""
    name_of = {path: name for name, paths in objects.items() for path in paths}
    where, needs = {}, []
    for path, kind, symbol in symbols_of(list(name_of)):
        if kind in "Uwv":
            needs.append((name_of[path], symbol))
        elif kind.isupper():
            where[symbol] = name_of[path]
    arrows = {name: collections.defaultdict(set) for name in objects}
    for name, symbol in needs:
        if where.get(symbol, name) != name:
            arrows[name][where[symbol]].add(symbol)
    return arrows


def reach(arrows, start):
    seen, left = set(), [start]
    while left:
        for name in arrows[left.pop()]:
            if name not in seen:
                seen.add(name)
                left.append(name)
    return seen


def circles_of(arrows):
    """Sets of objects that all reach each other."""
    reached = {name: reach(arrows, name) for name in arrows}
    circles = []
    for name in sorted(arrows):
        if name in reached[name] and not any(name in circle for circle in circles):
            circles.append({other for other in reached[name] if name in reached[other]})
    return circles


def describe(arrows, a, b):
    return f"{a} -> {b}: {', '.join(sorted(arrows[a][b]))}"


def faults_of_circles(directory, arrows):
    for circle in circles_of(arrows):
        yield f"src/{directory}: a circle of {len(circle)} objects"
        for a in sorted(circle):
            for b in sorted(circle & set(arrows[a])):
                yield f"    {describe(arrows, a, b)}"


def room_of(name):
    return name.split(os.sep)[0] if os.sep in name else ROOM_OF.get(name)


def faults_of_rooms(arrows):
    for a in sorted(arrows):
        if room_of(a) not in ARROWS:
            yield f"src/hub/{a}.c is in no room: name it in tests/lint/circles.py"
            continue
        for b in sorted(arrows[a]):
            if room_of(b) in ARROWS and room_of(b) != room_of(a) and room_of(b) not in ARROWS[room_of(a)]:
                yield f"src/hub: {room_of(a)} must not know {room_of(b)}: {describe(arrows, a, b)}"


def check(build, directory):
    objects = objects_of(build, directory)
    if not objects:
        return [f"src/{directory}: no objects in {build}"]
    arrows = arrows_of(objects)
    faults = list(faults_of_circles(directory, arrows))
    if directory == "hub":
        faults += faults_of_rooms(arrows)
    if not faults:
        print(f"circles: src/{directory}: {len(arrows)} objects, {sum(map(len, arrows.values()))} arrows, no circle")
    return faults


def main():
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    faults = [fault for name in sys.argv[2:] or DIRECTORIES for fault in check(sys.argv[1], name)]
    print(*faults, sep="\n", end="\n" if faults else "")
    sys.exit(1 if faults else 0)


main()
