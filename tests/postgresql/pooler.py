#!/usr/bin/env python3
"""A hub behind pgbouncer: in session mode it works as without; in the other modes, whose sessions are nobody's own, it does not start.
pooler.py ROAMHUBD, run by tests/postgresql/with. Skipped without pgbouncer."""
import itertools
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time
import unittest

from hubs import AS_USER_BOUND, Hub, PATIENCE_S, SERVER, place, sql, wait_for

ROAMHUBD = os.path.abspath(sys.argv.pop(1)) if len(sys.argv) > 1 else None
PGBOUNCER = shutil.which('pgbouncer', path=os.environ['PATH'] + ':/usr/sbin')
SETTINGS = '''[databases]
* = host={server} user=postgres
[pgbouncer]
unix_socket_dir = {folder}
listen_addr =
auth_type = any
pool_mode = {mode}
server_round_robin = {round}
'''


@unittest.skipIf(PGBOUNCER is None, 'pgbouncer is not installed')
class Pooler(unittest.TestCase):
    def setUp(self):
        self.database = self._testMethodName.lower()[:60]
        sql('CREATE DATABASE %s;' % self.database)
        self.folder = self.enterContext(place())

    def start(self, mode, turns=0):
        settings = pathlib.Path(self.folder, 'pgbouncer.ini')
        settings.write_text(SETTINGS.format(server=SERVER, folder=self.folder, mode=mode, round=turns))
        self.process = subprocess.Popen(AS_USER_BOUND + [PGBOUNCER, '-q', str(settings)], stderr=subprocess.DEVNULL)
        self.addCleanup(self.end)
        wait_for(lambda: os.path.exists(self.folder + '/.s.PGSQL.6432'))

    def end(self):
        self.process.kill()
        self.process.wait(PATIENCE_S)

    def url(self):
        return 'postgresql://postgres@/%s?host=%s&port=6432' % (self.database, self.folder)

    def hub(self, key=None):
        hub = Hub(ROAMHUBD, self.url(), key=key)
        self.addCleanup(hub.end)
        return hub

    def test_session_mode(self):
        self.start('session')
        first = self.hub()
        first.wait_ready()
        key = first.key().read_bytes()
        first.invite('P1')
        self.assertRegex(self.hub(key).refusal(), 'in use by another hub')
        self.assertEqual(first.stop(), 0)
        second = self.hub(key)
        second.wait_ready()
        self.assertEqual(second.platforms(), ['P1'])
        self.assertEqual(second.stop(), 0)

    def test_the_pooler_dies_and_is_there_again(self):
        self.start('session')
        hub = self.hub()
        hub.wait_ready()
        self.end()
        self.assertGreaterEqual(hub.ask('POST', '/admin/v1/platforms', {'name': 'P1'})[0], 500)
        self.start('session')
        wait_for(lambda: hub.ask('POST', '/admin/v1/platforms', {'name': 'P2'})[0] < 300)
        self.assertEqual(hub.stop(), 0)

    def test_who_holds_the_lock_asleep_is_ended(self):
        """The server's number of the hub's session is not what the pooler tells its client."""
        self.start('session')
        hub = self.hub()
        hub.wait_ready()
        sleeper = subprocess.Popen([os.environ['POSTGRESQL_BIN'] + '/psql', '-qX', '-h', SERVER, '-U', 'postgres', self.database],
                                   stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.addCleanup(sleeper.communicate)
        self.addCleanup(sleeper.kill)
        sleeper.stdin.write('BEGIN; UPDATE roamhub.process SET batch = batch;\n')
        sleeper.stdin.flush()
        wait_for(lambda: sql("SELECT count(*) FROM pg_stat_activity WHERE datname = '%s' AND state = 'idle in transaction'"
                             % self.database) == '1')
        hub.invite('P1')
        self.assertEqual(hub.stop(), 0)

    def turn(self, mode):
        """The pooler is told to lend sessions otherwise while it runs."""
        settings = pathlib.Path(self.folder, 'pgbouncer.ini')
        settings.write_text(SETTINGS.format(server=SERVER, folder=self.folder, mode=mode, round=0))
        self.process.send_signal(signal.SIGHUP)

    def test_the_mode_changes_under_a_hub(self):
        """It acknowledges nothing that it does not have, and says why; it goes on when the mode is right again."""
        self.start('session')
        hub = self.hub()
        hub.wait_ready()
        done = []

        def invite():
            name = 'P%d' % next(numbers)
            status, answer = hub.ask('POST', '/admin/v1/platforms', {'name': name})
            done.extend([name] if status < 300 else [])
            return json.dumps(answer) if status >= 300 else ''

        numbers = itertools.count()
        self.assertEqual(invite(), '')
        self.turn('transaction')
        wait_for(lambda: 'pool_mode = session' in invite())
        for _ in range(40):
            invite()
            time.sleep(0.05)
        self.turn('session')
        wait_for(lambda: invite() == '')
        self.assertLessEqual(set(done), set(hub.platforms()))
        self.assertEqual(hub.stop(), 0)

    def assert_refused(self, mode, pattern, turns=0):
        self.start(mode, turns)
        self.assertRegex(self.hub().refusal(), pattern)

    def test_transaction_mode(self):
        self.assert_refused('transaction', 'pool_mode = session')

    def test_transaction_mode_in_turns(self):
        self.assert_refused('transaction', 'pool_mode = session', turns=1)

    def test_statement_mode(self):
        self.assert_refused('statement', 'pool_mode = session')


if __name__ == '__main__':
    unittest.main()
