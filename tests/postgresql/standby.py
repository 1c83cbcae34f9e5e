#!/usr/bin/env python3
"""Two hubs on one database: one leads, the other stands by and takes its place. standby.py ROAMHUBD, run by
tests/postgresql/with."""
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import unittest

from hubs import Hub, PATIENCE_S, SERVER, sql, wait_for

ROAMHUBD = os.path.abspath(sys.argv.pop(1)) if len(sys.argv) > 1 else None


class Standby(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.key = 'key_file = %s/key\n' % folder.name
        self.name = self.id().rsplit('.', 1)[1]
        sql('CREATE DATABASE "%s";' % self.name)
        self.url = 'postgresql://postgres@/%s?host=%s' % (self.name, SERVER)

    def hub(self, store='standby = true\n'):
        made = Hub(ROAMHUBD, self.url, store=self.key + store)
        self.addCleanup(made.end)
        return made

    def pair(self):
        leader = self.hub()
        leader.wait_ready()
        other = self.hub()
        other.wait_said('standing by')
        return leader, other

    def names_of(self, hub):
        _, platforms = hub.ask('GET', '/admin/v1/platforms')
        return [row['name'] for row in platforms]

    def takes_over(self, other):
        other.wait_ready()
        self.assertEqual(self.names_of(other), ['A', 'B'])
        self.assertEqual(other.ask('GET', '/readyz')[0], 200)

    def fill(self, leader):
        for name in ('A', 'B'):
            self.assertEqual(leader.ask('POST', '/admin/v1/platforms', {'name': name})[0], 201)

    def test_both_are_listed_and_one_answers(self):
        leader, other = self.pair()
        listed = lambda: leader.ask('GET', '/admin/v1/hubs')[1]
        wait_for(lambda: len(listed()) == 2)
        self.assertEqual(sorted(row['status'] for row in listed()), ['leads', 'stands by'])
        self.assertEqual([row['is_this'] for row in listed() if row['status'] == 'leads'], [True])
        refused, = [row['address'] for row in listed() if row['status'] == 'stands by']
        host, port = refused.rsplit(':', 1)
        self.assertEqual(subprocess.run(['bash', '-c', 'exec 3<>/dev/tcp/%s/%s' % (host, port)], check=False,
                                        stderr=subprocess.DEVNULL).returncode, 1)
        self.assertEqual(other.stop(), 0)
        wait_for(lambda: len(listed()) == 1)
        self.assertEqual(leader.stop(), 0)

    def test_one_that_dies_is_replaced(self):
        leader, other = self.pair()
        self.fill(leader)
        leader.process.kill()
        self.takes_over(other)
        self.assertEqual(other.stop(), 0)

    def test_one_that_stops_is_replaced(self):
        leader, other = self.pair()
        self.fill(leader)
        self.assertEqual(leader.stop(), 0)
        self.takes_over(other)
        self.assertEqual(other.stop(), 0)

    def test_one_that_hangs_is_put_out_and_ends(self):
        leader, other = self.pair()
        self.fill(leader)
        leader.process.send_signal(signal.SIGSTOP)
        self.takes_over(other)
        leader.process.send_signal(signal.SIGCONT)
        self.assertEqual(leader.process.wait(PATIENCE_S), 1)
        self.assertEqual(other.stop(), 0)

    def test_it_waits_while_the_database_is_away(self):
        leader, other = self.pair()
        self.fill(leader)
        sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '%s';" % self.name)
        wait_for(lambda: leader.ask('GET', '/readyz')[0] == 200)
        self.assertIsNone(other.process.poll())
        leader.process.kill()
        self.takes_over(other)

    def test_another_key_is_told_before_it_is_needed(self):
        leader, _ = self.pair()
        self.fill(leader)
        self.key = 'key_file = %s-other\n' % self.key.split('= ')[1].strip()
        path = pathlib.Path(self.key.split('= ')[1].strip())
        path.write_bytes(b'k' * 64)
        path.chmod(0o600)
        self.assertIn('is not the key of this database', self.hub().refusal())

    def test_a_missing_key_is_told_before_it_is_needed(self):
        self.pair()
        self.key = self.key.strip() + '-nowhere\n'
        self.assertIn('the key file of the hub that leads', self.hub().refusal())

    def test_without_standby_it_is_refused(self):
        leader, _ = self.pair()
        self.assertIn('in use by another hub', self.hub('').refusal())
        self.assertEqual(leader.stop(), 0)

    def test_a_file_is_nobodys_to_wait_for(self):
        self.url = 'sqlite:hub.db'
        self.assertIn('store.standby', self.hub().refusal())


if __name__ == '__main__':
    unittest.main()
