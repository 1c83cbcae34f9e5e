#!/usr/bin/env python3
"""What was printed with --json while a scenario was played, and what the hub wrote down of it, against the OpenAPI document of that
hub. usage: check.py DOCUMENT FOLDER ADMIN    the URL of the admin API; ADMIN_TOKEN is its token"""
import json
import os
import sys
import urllib.error
import urllib.request

from names import Document, check_folder


def events(admin):
    """All that are kept; none where the hub is gone."""
    request = urllib.request.Request(f"{admin}/admin/v1/events?limit=1000", headers={"Authorization": f"Bearer {os.environ['ADMIN_TOKEN']}"})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)
    except (urllib.error.URLError, OSError):
        return []


def main():
    with open(sys.argv[1]) as file:
        document = Document(file.read())
    faults, _ = check_folder(document, sys.argv[2])
    for event in events(sys.argv[3]):
        faults += [f"event {event['type']}: {fault}" for fault in document.check_told(event["type"], json.dumps(event))]
    for fault in faults:
        print(f"names: {fault}; docs/json.md has the names", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
