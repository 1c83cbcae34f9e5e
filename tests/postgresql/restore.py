#!/usr/bin/env python3
"""A base backup is restored, as it was or with the log that was archived since; and what a hub says whose database is replaced by an older
copy while it runs. restore.py ROAMHUBD, run by tests/postgresql/with. The commands are those of docs/postgresql.md."""
import os
import pathlib
import re
import subprocess
import sys
import unittest

from hubs import AS_USER, Hub, as_user, place, server, sql, wait_for

ROAMHUBD = os.path.abspath(sys.argv.pop(1)) if len(sys.argv) > 1 else None


class Restore(unittest.TestCase):
    """A server with an archive, and a hub that has platform P1 in the backup and P2 since."""

    def setUp(self):
        self.folder = self.enterContext(place())
        as_user('initdb', '-D', self.folder + '/data', '--no-sync', '--auth=trust', '--username=postgres', '--data-checksums')
        subprocess.run(AS_USER + ['mkdir', self.folder + '/archive'], check=True)
        with self.server('data'):
            sql("CREATE DATABASE hub ENCODING 'UTF8' TEMPLATE template0;", host=self.folder)
            hub = self.start()
            self.key = hub.key().read_bytes()
            hub.invite('P1')
            as_user('pg_basebackup', '-h', self.folder, '-U', 'postgres', '-D', self.folder + '/copy', '-c', 'fast')
            hub.invite('P2')
            self.while_both_are_there(hub)

    def while_both_are_there(self, hub):
        self.assertEqual(hub.stop(), 0)

    def server(self, data):
        return server(self.folder, data, 'archive_mode=on', f"archive_command=cp '%p' '{self.folder}/archive/%f'")

    def url(self):
        return 'postgresql://postgres@/hub?host=' + self.folder

    def start(self, key=None):
        hub = Hub(ROAMHUBD, self.url(), key=key)
        self.addCleanup(hub.end)
        hub.wait_ready()
        return hub

    def platforms(self):
        hub = self.start(self.key)
        names = hub.platforms()
        self.assertEqual(hub.stop(), 0)
        return names


class AsItWas(Restore):
    def test_it_has_what_it_had_then(self):
        with self.server('copy'):
            self.assertEqual(self.platforms(), ['P1'])

    def test_another_key_is_refused(self):
        with self.server('copy'):
            self.assertRegex(Hub(ROAMHUBD, self.url()).refusal(), 'is missing, but the database holds tokens')


class WithTheArchive(Restore):
    def test_it_has_all_that_was_acknowledged(self):
        pathlib.Path(self.folder, 'copy/recovery.signal').touch()
        with server(self.folder, 'copy', f"restore_command=cp '{self.folder}/archive/%f' '%p'"):
            wait_for(lambda: sql('SELECT pg_is_in_recovery()', host=self.folder) == 'f')
            self.assertEqual(self.platforms(), ['P1', 'P2'])


class UnderARunningHub(Restore):
    def while_both_are_there(self, hub):
        """The server dies, and the copy is put in its place."""
        self.hub = hub

    def test_it_is_not_gone_on_with(self):
        """Nor does systemd start it again."""
        unit = pathlib.Path(__file__).parents[2] / 'config/systemd/roamhub.service'
        status = int(re.search(r'^RestartPreventExitStatus=(\d+)$', unit.read_text(), re.MULTILINE)[1])
        with self.server('copy'):
            said = self.hub.refusal(status)
            self.assertIn('it lacks what was acknowledged: an older copy of the database', said)
            self.assertEqual(self.platforms(), ['P1'])


if __name__ == '__main__':
    unittest.main()
