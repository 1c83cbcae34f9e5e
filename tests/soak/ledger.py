"""ledger: what the hub promised. It lives in a process that is never killed, and outlives every hub."""

import datetime
import json

FIRST = datetime.datetime(2026, 1, 1)


def stamp(version):
    """last_updated of a version: one second for each, so that its order is that of the versions."""
    return (FIRST + datetime.timedelta(seconds=version)).strftime("%Y-%m-%dT%H:%M:%SZ")


def version_of(document):
    at = datetime.datetime.strptime(document["last_updated"], "%Y-%m-%dT%H:%M:%SZ")
    return int((at - FIRST).total_seconds())


class State:
    """One version of an object. No document: deleted. No raw bytes: it came of a PATCH, so the bytes are the hub's."""

    def __init__(self, version, document, raw=None):
        self.version, self.document, self.raw = version, document, raw

    def is_shown_as(self, raw):
        if self.document is None or raw is None:
            return self.document is None and raw is None
        return raw == self.raw if self.raw is not None else json.loads(raw) == self.document


class Thing:
    """A shared object: what was acknowledged last, and what was sent since without an answer."""

    def __init__(self, owner, module, identity):
        self.owner, self.module, self.identity = owner, module, identity
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


class Url:
    """A URL that the hub handed out, who may call it, and the word that then arrives at the other side."""

    def __init__(self, kind, url, caller, word):
        self.kind, self.url, self.caller, self.word = kind, url, caller, word


class Ledger:
    def __init__(self):
        self.things = []
        self.urls = []       # of this round
        self.old_urls = []
        self.arrived = set() # words of URLs that were called
        self.acknowledged = self.answered = 0
        self.lost, self.reordered, self.skipped, self.refused = [], [], [], []
        self.duplicated = 0

    def faults(self):
        return self.lost + self.reordered + self.skipped + self.refused

    def verdict(self):
        return (f"acknowledged {self.acknowledged} lost {len(self.lost)} reordered {len(self.reordered)} "
                f"skipped {len(self.skipped)} duplicated {self.duplicated}")
