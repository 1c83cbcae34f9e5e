#!/usr/bin/env python3
"""What was printed with --json while a scenario was played, against the OpenAPI document of its hub.
usage: check.py DOCUMENT FOLDER"""
import sys

from names import Document, check_folder

with open(sys.argv[1]) as file:
    faults, count = check_folder(Document(file.read()), sys.argv[2])
for fault in faults:
    print(f"names: {fault}; docs/json.md has the names", file=sys.stderr)
sys.exit(1 if faults else 0)
