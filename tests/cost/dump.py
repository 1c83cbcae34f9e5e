"""dump: what callgrind wrote down, as two numbers.

Of system calls those count that a message needs. A reading of the clock is one under valgrind alone, and how often the
loop waits is the machine's to say: whether two things that are to come do so in one turn. Between two machines the
forwarded GET differed by 3 such calls of 23."""

import re

NOT_COUNTED = re.compile(r"(clock_gettime|epoll_wait)(@.*)?")


def counts_of(text):
    """[instructions, system calls] of a dump whose events are Ir and sysCount."""
    totals = re.search(r"(?m)^totals: (.*)$", text)[1].split()
    return [int(totals[0]), int(totals[1]) - sum(calls_left_out(text))]


def calls_left_out(text):
    """System calls in each call of a function that does not count. A name stands where its number is met first; the
    line after calls= says what the call cost."""
    names, callee, calls = {}, "", False
    for line in text.splitlines():
        if calls:
            if NOT_COUNTED.fullmatch(callee):
                yield int((line.split()[2:3] or ["0"])[0])
            calls = False
        elif (function := re.match(r"(c?)fn=\((\d+)\)(?: (.*))?", line)) is not None:
            of_callee, number, name = function.groups()
            if name is not None:
                names[number] = re.sub(r"'\d+$", "", name)
            if of_callee:
                callee = names[number]
        else:
            calls = line.startswith("calls=")
