#!/usr/bin/env python3
"""What keeps a hub from starting on a PostgreSQL names itself: start.py ROAMHUBD, run by tests/postgresql/with."""
import os
import pathlib
import subprocess
import sys
import unittest

from hubs import Hub, SERVER, sql, standby

ROAMHUBD = os.path.abspath(sys.argv.pop(1)) if len(sys.argv) > 1 else None


class Start(unittest.TestCase):
    def setUp(self):
        self.database = self._testMethodName.lower()[:60]
        sql('CREATE DATABASE %s;' % self.database)

    def url(self, user='postgres', host=SERVER):
        return 'postgresql://%s@/%s?host=%s' % (user, self.database, host)

    def start_once(self):
        hub = Hub(ROAMHUBD, self.url())
        hub.wait_ready()
        self.assertEqual(hub.stop(), 0)

    def assert_refused(self, pattern, **how):
        environment = how.pop('environment', None)
        self.assertRegex(Hub(ROAMHUBD, self.url(**how), environment).refusal(), pattern)

    def test_a_new_database_and_one_that_was_used(self):
        self.start_once()
        self.start_once()

    def test_a_database_that_is_not_there(self):
        sql('DROP DATABASE %s;' % self.database)
        self.assert_refused('database "%s" does not exist' % self.database)

    def test_a_server_that_is_not_there(self):
        self.assert_refused('/nonexistent', host='/nonexistent')

    def test_a_wrong_password(self):
        sql("CREATE ROLE guarded LOGIN PASSWORD 'right'; GRANT ALL ON DATABASE %s TO guarded;" % self.database)
        hba = pathlib.Path(SERVER, 'data/pg_hba.conf')
        lines = hba.read_text()
        hba.write_text('local all guarded scram-sha-256\n' + lines)
        sql('SELECT pg_reload_conf();')
        self.assert_refused('password authentication failed for user "guarded"', user='guarded',
                            environment={'PGPASSWORD': 'wrong'})
        self.assert_refused('no password supplied', user='guarded')
        hub = Hub(ROAMHUBD, self.url('guarded'), {'PGPASSWORD': 'right'})
        hub.wait_ready()
        self.assertEqual(hub.stop(), 0)

    def test_a_role_without_rights(self):
        sql('CREATE ROLE poor LOGIN;')
        self.assert_refused('permission denied for database', user='poor')
        self.start_once()
        self.assert_refused('permission denied for', user='poor')

    def test_nothing_may_be_written(self):
        sql('ALTER DATABASE %s SET default_transaction_read_only = on;' % self.database)
        self.assert_refused('default_transaction_read_only is on')

    def test_another_encoding(self):
        sql("DROP DATABASE %s; CREATE DATABASE %s TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C';"
            % (self.database, self.database))
        self.assert_refused('another encoding than UTF8')

    def test_a_schema_of_a_newer_hub(self):
        self.start_once()
        sql("INSERT INTO roamhub.migration VALUES (9999, '9999_future.sql', '', 0);", self.database)
        self.assert_refused('9999_future.sql.*newer roamhub')

    def test_a_migration_that_was_changed(self):
        self.start_once()
        sql("UPDATE roamhub.migration SET digest = 'x' WHERE number = 1;", self.database)
        self.assert_refused('0001_tables.sql was changed after it was applied')

    def test_a_migration_that_is_lacking(self):
        self.start_once()
        sql('DELETE FROM roamhub.migration WHERE number = 2;', self.database)
        self.assert_refused('lacks migration 0002_batches.sql')

    def test_a_schema_of_somebody_else(self):
        sql('CREATE SCHEMA roamhub; CREATE TABLE roamhub.notes (text text);', self.database)
        self.assert_refused('schema roamhub that is not a hub')
        sql('SELECT text FROM roamhub.notes;', self.database)

    def test_a_hub_that_runs_already(self):
        hub = Hub(ROAMHUBD, self.url())
        hub.wait_ready()
        self.assert_refused('in use by another hub')
        self.assertEqual(hub.stop(), 0)

    def test_backups_are_the_servers(self):
        """Neither the nightly backup of the package nor the doctor asks for what only a file has."""
        hub = Hub(ROAMHUBD, self.url())
        hub.wait_ready()
        place = {'cwd': hub.folder.name, 'text': True, 'check': True, 'stdout': subprocess.PIPE,
                 'env': {**os.environ, 'PATH': os.path.dirname(ROAMHUBD) + ':' + os.environ['PATH'], 'ROAMHUB_CONFIG': 'hub.conf'}}
        backup = pathlib.Path(__file__).resolve().parents[2] / 'config/systemd/backup'
        self.assertIn('by its own means', subprocess.run([str(backup), hub.folder.name], **place).stdout)
        place['check'] = False
        doctor = subprocess.run(['roamhubctl', '--config', 'hub.conf', 'doctor'], **place).stdout
        self.assertRegex(doctor, r"good +backups +are the database server's")
        self.assertEqual(hub.stop(), 0)

    def test_a_standby(self):
        with standby() as folder:
            self.assert_refused('the server is a standby', host=folder)


if __name__ == '__main__':
    unittest.main()
