#!/usr/bin/env python3
"""Counts what the meson logs named on the command line say; the last line printed is "N passed, N failed".

A test program that uses Check says itself how many checks it made ("97%: Checks: 38, Failures: 1, Errors: 0"); any other
counts as one. A program that fails although its checks passed (a sanitizer spoke, or it ended early) is one more failure.
"""
import json
import os
import re
import sys

CHECKS = re.compile(r'^\d+%: Checks: (\d+), Failures: (\d+), Errors: (\d+)', re.MULTILINE)
SHOWN_LINES = 150


def count(test):
    """The passed and failed checks of one program."""
    output = test.get('stdout', '') + '\n' + test.get('stderr', '')
    good = test['result'] in ('OK', 'EXPECTEDFAIL')
    passed = failed = 0
    lines = CHECKS.findall(output)
    for checks, failures, errors in lines:
        failed += int(failures) + int(errors)
        passed += int(checks) - int(failures) - int(errors)
    if not lines and good:
        passed = 1
    if not good and failed == 0:
        failed = 1
    return passed, failed


def show(test, log):
    output = (test.get('stdout', '') + '\n' + test.get('stderr', '')).strip().splitlines()
    left_out = len(output) - SHOWN_LINES
    print(f"\n==== {test['name']}: {test['result']}, exit status {test.get('returncode')} ({os.path.dirname(log)})")
    if left_out > 0:
        print(f'... {left_out} lines before these')
    print('\n'.join(output[-SHOWN_LINES:]))


def read(log):
    try:
        with open(log, encoding='utf-8', errors='replace') as lines:
            return [json.loads(line) for line in lines]
    except OSError as error:
        print(f'\n==== no test was run: {error}')
        return [{'name': log, 'result': 'ERROR'}]


def main(logs):
    passed = failed = skipped = 0
    bad_ones = []
    for log in logs:
        for test in read(log):
            if test['result'] == 'SKIP':
                skipped += 1
                continue
            good, bad = count(test)
            passed += good
            failed += bad
            if bad > 0:
                show(test, log)
                bad_ones.append(f"{test['name']} ({os.path.dirname(os.path.dirname(log))})")
    print()
    for name in bad_ones:
        print(f'failed: {name}')
    if skipped > 0:
        print(f'{skipped} skipped')
    print(f'{passed} passed, {failed} failed')
    return 0 if passed > 0 and failed == 0 else 1


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
