#!/usr/bin/env python3
"""Hubs that share the work on one database: who holds a platform's slot sends to it, whoever comes and goes. slots.py ROAMHUBD,
run by tests/postgresql/with."""
import collections
import os
import re
import signal
import sys
import tempfile
import threading
import time
import unittest

from hubs import Hub, PATIENCE_S, SERVER, sql, wait_for
from fleet import Fleet

ROAMHUBD = os.path.abspath(sys.argv.pop(1)) if len(sys.argv) > 1 else None
PLATFORMS, OBJECTS, PAUSE_S = 40, 20, 0.05
SECTIONS = '''together = true
%s
[hub]
public_url = http://hub.invalid
[egress]
allow_private = true
[push]
offline_after = 2
retry_interval = 1
'''
# a minute is what these are true to; what a process counts is its own
INEXACT = ('last_contact', 'probe', 'requests', 'calls', 'redirects', 'refused', 'flights', 'it_refused', 'hub_refused',
           'fault_count', 'faulty_fields', 'recent')


class Member(Hub):
    """One of them; what it says is kept."""

    def __init__(self, url, key):
        super().__init__(ROAMHUBD, url, store=SECTIONS % key)
        self.said, self.ready = [], threading.Event()
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        for line in self.process.stderr:
            self.said.append(line)
            if 'ready on' in line:
                self.ready.set()
        self.ready.set()

    def wait_ready(self):
        self.ready.wait(PATIENCE_S)
        assert self.process.poll() is None, ''.join(self.said)

    def address(self):
        line = next(line for line in self.said if 'ready on' in line)
        return re.search(r'\((127\.0\.0\.1:\d+)\)', line)[1]

    def slots(self):
        held = [line for line in self.said if ' slots held=' in line]
        return int(re.search(r'held=(\d+)', held[-1])[1]) if held else 0

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.ends(0)

    def ends(self, status):
        assert self.process.wait(PATIENCE_S) == status, (self.process.returncode, ''.join(self.said[-40:]))


class Sharing:
    """Shares one object after the other, each time through another hub, until it is told to stop."""

    def __init__(self, sender, hubs, newest):
        self.sender, self.hubs, self.stopped = sender, list(hubs), False
        self.newest, self.fault = newest, None
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def share(self, number):
        version = self.newest[number]
        until, said = time.monotonic() + PATIENCE_S, ''
        while time.monotonic() < until:
            for hub in self.hubs:
                version += 1  # what became of the one before is perhaps not known
                try:
                    said = self.sender.share(hub, number, version)
                except OSError:
                    continue
                if said is None:
                    self.newest[number] = version
                    return
            time.sleep(0.1)
        self.fault = 'no hub takes it: %s' % said
        self.stopped = True

    def run(self):
        turn = 0
        while not self.stopped:
            self.hubs.append(self.hubs.pop(0))
            self.share(turn % OBJECTS)
            turn += 1
            time.sleep(PAUSE_S)

    def stop(self):
        self.stopped = True
        self.thread.join()
        assert self.fault is None, self.fault


class Slots(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.key = 'key_file = %s/key\n' % folder.name
        name = self.id().rsplit('.', 1)[1]
        sql('CREATE DATABASE "%s";' % name)
        self.database = name
        self.url = 'postgresql://postgres@/%s?host=%s' % (name, SERVER)
        self.fleet = Fleet()
        self.addCleanup(self.fleet.close)
        self.members = []

    def hub(self):
        made = Member(self.url, self.key)
        self.members.append(made)
        self.addCleanup(made.end)
        made.wait_ready()
        return made

    def settled(self):
        """Each of those that are there holds its share."""
        there = [hub for hub in self.members if hub.process.poll() is None]
        share = 64 // len(there)
        wait_for(lambda: sum(hub.slots() for hub in there) == 64 and all(hub.slots() >= share for hub in there))

    def platforms(self, count, *hubs):
        """Registered through one hub after the other."""
        sender = self.fleet.platform('CPO', 'DE', 'CPO')
        receivers = [self.fleet.platform('EMSP', 'NL', 'M%02d' % number) for number in range(count)]
        for number, platform in enumerate([sender, *receivers]):
            platform.register(hubs[number % len(hubs)])
        return sender, receivers

    def pair(self, count):
        """Two hubs, with so many receivers, that have all that was shared through both so far."""
        first, second = self.hub(), self.hub()
        self.settled()
        sender, receivers = self.platforms(count, first, second)
        newest = collections.Counter()
        self.keep(sender, receivers, newest, [first, second], lambda: None)
        return first, second, sender, receivers, newest

    # ---- what came of it ----

    def have_all(self, receivers, newest):
        wait_for(lambda: all(self.last(receiver) == dict(newest) for receiver in receivers))

    def last(self, receiver):
        """The version of each object that it got last."""
        return {number: version for number, version, _ in list(receiver.got)}

    def in_order(self, receivers):
        """How many came twice; nothing older comes after what is newer."""
        twice = 0
        for receiver in receivers:
            newest = collections.Counter()
            for number, version, _ in receiver.got:
                self.assertGreaterEqual(version, newest[number], (receiver.party, number))
                twice += version == newest[number]
                newest[number] = version
        return twice

    # ---- the tests ----

    def test_everybody_gets_everything_once_while_hubs_come_and_go(self):
        first = self.hub()
        sender, receivers = self.platforms(PLATFORMS, first)
        newest = collections.Counter()
        self.keep(sender, receivers, newest, [first], lambda: None)
        second = self.hub()
        self.keep(sender, receivers, newest, [first, second], self.settled)
        third = self.hub()
        self.keep(sender, receivers, newest, [first, second, third], self.settled)

        def leave():
            first.stop()
            self.settled()

        self.keep(sender, receivers, newest, [second, third], leave)
        self.assertEqual(self.in_order(receivers), 0)

    def keep(self, sender, receivers, newest, hubs, what):
        """Shares through @hubs while @what is done."""
        sharing = Sharing(sender, hubs, newest)
        what()
        time.sleep(0.5)
        sharing.stop()
        self.have_all(receivers, newest)

    def takes_over(self, sender, receivers, newest, hubs, end):
        """How long nobody sends to those of the hub that @end ends."""
        began = time.monotonic()
        end()
        sharing = Sharing(sender, hubs, newest)
        time.sleep(1)
        sharing.stop()
        self.have_all(receivers, newest)
        return max(min(when for _, _, when in receiver.got if when > began) for receiver in receivers) - began

    def test_the_work_of_one_that_dies_or_hangs_is_taken_over(self):
        first = self.hub()
        sender, receivers = self.platforms(PLATFORMS, first)
        newest = collections.Counter()
        second, third = self.hub(), self.hub()
        self.settled()
        self.keep(sender, receivers, newest, [first, second, third], lambda: None)
        took = self.takes_over(sender, receivers, newest, [first, third], second.process.kill)
        print('killed: taken over after %.1f s' % took, file=sys.stderr)
        second.process.wait()
        self.settled()
        hang = lambda: third.process.send_signal(signal.SIGSTOP)
        took = self.takes_over(sender, receivers, newest, [first], hang)
        print('hung: taken over after %.1f s' % took, file=sys.stderr)
        time.sleep(max(0, 6 - took))
        third.process.send_signal(signal.SIGCONT)
        third.ends(1)
        self.settled()
        self.keep(sender, receivers, newest, [first], lambda: None)
        twice = self.in_order(receivers)
        print('sent twice: %d of %d' % (twice, sum(len(receiver.got) for receiver in receivers)), file=sys.stderr)

    def test_what_one_that_died_told_nobody_is_found(self):
        *_, receivers, newest = self.pair(6)
        third = self.hub()
        self.settled()
        before = [len(receiver.got) for receiver in receivers]
        for receiver in receivers:  # all that is there, for each of them: as the third one would have written it
            sql("SET search_path = roamhub; INSERT INTO parked (receiver, party, scope, module, owner, id, type, kind, since_ms, "
                "due_ms, attempts, change, http, ocpi, why) SELECT 'platform/%d', '', '*', 'locations', '', '', '', 2, 1, 1, 0, 0, 0, 0, "
                "convert_to('what was there at change ' || newest_change(), 'UTF8');" % receiver.id, self.database)
        third.process.kill()
        wait_for(lambda: all(len(receiver.got) >= count + len(newest) for receiver, count in zip(receivers, before)))

    def test_all_say_the_same_of_a_platform(self):
        first, second, sender, receivers, newest = self.pair(6)
        for receiver in receivers:
            receiver.away = True
        self.share_once(sender, newest, first)
        for hub in (first, second):
            wait_for(lambda: {self.status_of(hub, receiver) for receiver in receivers} == {'OFFLINE'})
        wait_for(lambda: self.lists(first) == self.lists(second))
        self.assertEqual({row['reason'] is None for row in self.lists(second) if row['status'] == 'OFFLINE'}, {False})
        for receiver in receivers:
            receiver.away = False
        for receiver, hub in zip(receivers, (first, second) * 3):  # one request says that it is back, through whichever hub
            self.assertEqual(receiver.call(hub, 'GET', '/ocpi/2.2.1/hubclientinfo')[0], 200)
        for hub in (first, second):
            wait_for(lambda: {self.status_of(hub, receiver) for receiver in receivers} == {'CONNECTED'})
        self.have_all(receivers, newest)
        wait_for(lambda: self.lists(first) == self.lists(second))
        self.assertEqual(self.in_order(receivers), 0)

    def share_once(self, sender, newest, hub):
        for number in range(OBJECTS):
            self.assertIsNone(sender.share(hub, number, newest[number] + 1))
            newest[number] += 1

    def status_of(self, hub, platform):
        return hub.ask('GET', '/admin/v1/platforms/%d' % platform.id)[1]['status']

    def lists(self, hub):
        """What party list shows, without what each hub counts for itself, or knows to the minute."""
        return [{key: value for key, value in row.items() if key not in INEXACT} for row in hub.ask('GET', '/admin/v1/platforms')[1]]

    def test_whoever_is_asked_has_it_done(self):
        first, second, sender, receivers, newest = self.pair(4)
        for hub in (first, second):  # each is asked for those of both
            for receiver in receivers:
                before = len(receiver.got)
                self.assertLess(hub.ask('POST', '/admin/v1/platforms/%d/sync' % receiver.id, {'module': 'locations'})[0], 300)
                wait_for(lambda: len(receiver.got) >= before + len(newest))
                self.assertLess(hub.ask('POST', '/admin/v1/platforms/%d/rotate' % receiver.id)[0], 300)
                status, report = hub.ask('POST', '/admin/v1/platforms/%d/check' % receiver.id, {'write': False})
                self.assertLess(status, 300, report)
        self.assertEqual(self.lists(first), self.lists(second))
        for hub, other in ((first, second), (second, first)):
            for receiver in receivers:
                self.assertLess(hub.ask('POST', '/admin/v1/platforms/%d/suspend' % receiver.id)[0], 300)
                wait_for(lambda: self.status_of(other, receiver) == 'SUSPENDED')
                self.assertLess(other.ask('POST', '/admin/v1/platforms/%d/resume' % receiver.id)[0], 300)
                wait_for(lambda: self.status_of(hub, receiver) == 'CONNECTED')
        self.share_once(sender, newest, second)
        self.have_all(receivers, newest)

    def test_a_sandbox_is_begun_and_ended_through_any(self):
        first, second = self.hub(), self.hub()
        self.settled()
        sender, receivers = self.platforms(3, first, second)
        for hub, other in ((first, second), (second, first)):
            for platform in [sender, *receivers]:
                role = 'EMSP' if platform.role == 'CPO' else 'CPO'
                status, said = hub.ask('POST', '/admin/v1/platforms/%d/sandbox' % platform.id, {'role': role})
                self.assertEqual(status, 201, said)
                for asked in (first, second):
                    wait_for(lambda: [row['status'] for row in asked.ask('GET', '/admin/v1/sandboxes')[1]] == ['running'])
                status, said = other.ask('DELETE', '/admin/v1/platforms/%d/sandbox' % platform.id)
                self.assertEqual(status, 200, said)
                for asked in (first, second):
                    wait_for(lambda: asked.ask('GET', '/admin/v1/sandboxes')[1] == [])


if __name__ == '__main__':
    unittest.main()
