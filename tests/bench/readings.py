"""readings: what other programs print about a measurement, as numbers. Nothing here runs anything."""

import collections
import re

UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}

Wrk = collections.namedtuple("Wrk", "wrong requests per_second p50 p99")


def seconds_of(text):
    """Of a duration as wrk writes it."""
    number, unit = re.fullmatch(r"([\d.]+)(\w+)", text).groups()
    return float(number) * UNITS[unit]


def wrk(text, seconds):
    """Where nothing was answered the latencies are those of the whole run of @seconds. Where many were answered late wrk
    adds shorter latencies than there were, and may then find no percentile: the longest one stands for it."""
    wrong = re.search(r"Non-2xx.*|Socket errors.*", text)
    requests = int(re.search(r"(\d+) requests in", text)[1])
    longest = re.search(r"(?m)^\s+Latency\s+\S+\s+\S+\s+(\S+)", text)
    p50, p99 = ((seconds_of(re.search(rf"(?m)^\s+{percent}%\s+(\S+)", text)[1]) or seconds_of(longest[1]))
                if requests > 0 else float(seconds) for percent in (50, 99))
    return Wrk(wrong[0] if wrong else None, requests, float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1]), p50, p99)


def perf(text):
    """The events that `perf stat -x,` counted, None when it could not."""
    counts = re.findall(r"(?m)^(\d+),[^,]*,raw_syscalls:sys_enter", text)
    return sum(map(int, counts)) if counts else None


def strace(text):
    """The calls that `strace -c` counted, None when it says nothing."""
    total = re.search(r"(?m)^100\.00\s+\S+\s+\S+\s+(\d+)\s.*total$", text)
    return int(total[1]) if total else None


def callgrind(text):
    """The instructions of one dump, None when it is not whole."""
    total = re.search(r"(?m)^totals: (\d+)", text)
    return int(total[1]) if total else None


def processor(text):
    """(busy, withheld by the host, all) ticks out of /proc/stat. A kernel that measures interrupts (the hard ones are
    nought elsewhere) charges them to nobody, so they are left out there; others charge who was interrupted."""
    user, nice, system, idle, waiting, hard, soft, stolen = map(int, text.split("\n", 1)[0].split()[1:9])
    busy = user + nice + system
    return busy if hard > 0 else busy + soft, stolen, busy + idle + waiting + hard + soft + stolen


def pairs(text):
    """{"a": 1.0} of the words `a=1` in a line; what is no number is left out."""
    return {name: float(value) for name, value in re.findall(r"(\w+)=(-?[\d.]+)(?=\s|$)", text)}
