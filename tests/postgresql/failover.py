#!/usr/bin/env python3
"""The primary is stopped at once under load and its synchronous standby promoted: what was acknowledged is there, and the
hub goes on by itself. failover.py ROAMHUBD, run by tests/postgresql/with."""
import os
import sys
import threading
import time
import unittest

from hubs import Hub, SERVER, as_user, sql, standby, wait_for

ROAMHUBD = os.path.abspath(sys.argv.pop(1)) if len(sys.argv) > 1 else None
PRIMARY = SERVER + '/data'


def names(folder):
    return sql('SELECT name FROM roamhub.platform', 'hub', folder).split()


class Operator(threading.Thread):
    """Invites platforms, one after the other, and notes those that were acknowledged."""

    def __init__(self, hub):
        super().__init__()
        self.hub = hub
        self.acknowledged, self.refused, self.done = [], 0, threading.Event()

    def run(self):
        number = 0
        while not self.done.is_set():
            number += 1
            status, _ = self.hub.ask('POST', '/admin/v1/platforms', {'name': 'P%d' % number})
            if status < 300:
                self.acknowledged.append('P%d' % number)
            else:
                self.refused += 1
                time.sleep(0.02)

    def wait_for_more(self):
        before = len(self.acknowledged)
        wait_for(lambda: len(self.acknowledged) > before + 20)


class Failover(unittest.TestCase):
    def test_a_synchronous_standby_takes_over(self):
        sql('CREATE DATABASE hub;')
        with standby() as folder:
            sql("ALTER SYSTEM SET synchronous_standby_names = '*';")
            sql('SELECT pg_reload_conf();')
            hub = Hub(ROAMHUBD, 'postgresql://postgres@/hub?host=%s,%s&target_session_attrs=primary' % (SERVER, folder))
            self.addCleanup(hub.end)
            hub.wait_ready()
            operator = Operator(hub)
            operator.start()
            try:
                operator.wait_for_more()
                as_user('pg_ctl', 'stop', '-D', PRIMARY, '-m', 'immediate')
                time.sleep(0.5)
                before = len(operator.acknowledged)
                time.sleep(0.5)
                self.assertEqual(len(operator.acknowledged), before, 'acknowledged without a database')
                self.assertGreater(operator.refused, 0)
                as_user('pg_ctl', 'promote', '-D', folder + '/data')
                operator.wait_for_more()
            finally:
                operator.done.set()
                operator.join()
            kept = names(folder)
            self.assertEqual([name for name in operator.acknowledged if name not in kept], [])
            self.assertEqual(hub.stop(), 0)


if __name__ == '__main__':
    unittest.main()
