"""ledger: what the hub promised. It lives in a process that is never killed, and outlives every hub."""

import datetime
import json
import math
import sqlite3
import time

FIRST = datetime.datetime(2026, 1, 1)


def stamp(version):
    """last_updated of a version: one second for each, so that its order is that of the versions."""
    return (FIRST + datetime.timedelta(seconds=version)).strftime("%Y-%m-%dT%H:%M:%SZ")


def version_of(document):
    at = datetime.datetime.strptime(document["last_updated"], "%Y-%m-%dT%H:%M:%SZ")
    return int((at - FIRST).total_seconds())


def brief(held, newest):
    """Two documents in a fault: their versions alone, when these tell them apart."""
    versions = [None if document is None else version_of(document) for document in (held, newest)]
    if versions[0] == versions[1]:
        return f"{held}, expected {newest}"
    return f"{'nothing' if held is None else f'version {versions[0]}'}, " \
           f"expected {'nothing' if newest is None else f'version {versions[1]}'}"


def integrity(database):
    try:
        return database.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite3.DatabaseError as fault:
        return str(fault)


class State:
    """One version of an object. No document: deleted. No raw bytes: it came of a PATCH, so the bytes are the hub's."""

    def __init__(self, version, document, raw=None):
        self.version, self.document, self.raw = version, document, raw

    def __str__(self):
        return f"version {self.version} {self.document}"

    def is_shown_as(self, raw):
        if self.document is None or raw is None:
            return self.document is None and raw is None
        return raw == self.raw if self.raw is not None else json.loads(raw) == self.document


class Thing:
    """An object that is shared, or addressed to @receiver: what was acknowledged last, and what was sent since without
    an answer that says what became of it."""

    def __init__(self, owner, module, identity, receiver=None):
        self.owner, self.module, self.identity, self.receiver = owner, module, identity, receiver
        self.key = (module, f"{owner.country}/{owner.party}/{identity}")
        self.path = f"/ocpi/2.2.1/receiver/{module}/{self.key[1]}"
        self.version = 0
        self.acknowledged = State(0, None)
        self.unanswered = []

    def settle(self, raw):
        """What the hub shows after a crash must be acknowledged or sent later; that is true from now on."""
        for state in [*reversed(self.unanswered), self.acknowledged]:
            if state.is_shown_as(raw):
                self.acknowledged, self.unanswered = state, []
                return True
        return False

    def is_older(self, raw):
        """Does the hub show less than it acknowledged?"""
        if raw is None:
            return self.acknowledged.document is not None
        return version_of(json.loads(raw)) < self.acknowledged.version


class Taken:
    """The last delivery of an object that a receiver took."""

    def __init__(self, correlation_id, at):
        self.correlation_id, self.at = correlation_id, at


class Url:
    """A URL that the hub handed out, who may call it, and the word that then arrives at the other side."""

    def __init__(self, kind, url, caller, word):
        self.kind, self.url, self.caller, self.word = kind, url, caller, word


CURSOR_INTERVAL_S = 0.2  # what the hub may forget of its deliveries when it dies


class Ledger:
    def __init__(self):
        self.things = []
        self.urls = []       # of this round
        self.old_urls = []
        self.arrived = set() # words of URLs that were called
        self.acknowledged = self.answered = self.delivered = 0
        self.lost, self.older, self.reordered, self.skipped, self.refused = [], [], [], [], []
        self.falls = []      # of hubs: from when until when, time.monotonic()
        self.twice = self.twice_by_kill = 0
        self.counts = {}     # what the stories did

    def count(self, what):
        self.counts[what] = self.counts.get(what, 0) + 1

    def falls_now(self):
        self.falls.append([time.monotonic(), math.inf])

    def stands(self):
        """Again, or for good: from now on what was done is kept."""
        if self.falls:
            self.falls[-1][1] = min(self.falls[-1][1], time.monotonic())

    def deliver(self, correlation_id, last, now):
        """A receiver took a delivery; @last is the one of the same object before it, or None."""
        self.delivered += 1
        if last is None or last.correlation_id != correlation_id:
            return
        if any(begins - CURSOR_INTERVAL_S <= last.at <= ends for begins, ends in self.falls):
            self.twice_by_kill += 1
        else:
            self.twice += 1

    def faults(self):
        return self.lost + self.older + self.reordered + self.skipped + self.refused

    def share_twice(self):
        return self.twice / max(self.delivered, 1)

    def deliveries(self, most):
        return (f"delivered {self.delivered}: twice {self.twice} ({self.share_twice():.2%}, below {most:.0%}), "
                f"and {self.twice_by_kill} within {CURSOR_INTERVAL_S * 1e3:.0f} ms before a kill")

    def verdict(self):
        return (f"acknowledged {self.acknowledged} lost {len(self.lost)} older {len(self.older)} "
                f"reordered {len(self.reordered)} skipped {len(self.skipped)} duplicated {self.twice}")
