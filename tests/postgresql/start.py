#!/usr/bin/env python3
"""What keeps a hub from starting on a PostgreSQL names itself: start.py ROAMHUBD, run by tests/postgresql/with."""
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest

ROAMHUBD = os.path.abspath(sys.argv.pop(1)) if len(sys.argv) > 1 else None
SERVER = os.environ['POSTGRESQL_DIR']
BIN = os.environ['POSTGRESQL_BIN']
AS_USER = ['setpriv', '--reuid', 'postgres', '--regid', 'postgres', '--clear-groups'] if os.getuid() == 0 else []
AS_USER_BOUND = ['setpriv', '--pdeathsig', 'KILL'] + AS_USER[1:]
PATIENCE_S = 30


def sql(statements, database='postgres', host=SERVER):
    subprocess.run([BIN + '/psql', '-qX', '-v', 'ON_ERROR_STOP=1', '-h', host, '-U', 'postgres', database],
                   input=statements, text=True, check=True, stdout=subprocess.DEVNULL)


class Hub:
    """A roamhubd in a folder of its own."""

    def __init__(self, url, environment=None):
        self.folder = tempfile.TemporaryDirectory()
        conf = pathlib.Path(self.folder.name) / 'hub.conf'
        conf.write_text('[http]\nlisten = 127.0.0.1:0\n[admin]\nlisten = 127.0.0.1:0\n[store]\nurl = %s\n' % url)
        self.process = subprocess.Popen([ROAMHUBD, '--config', str(conf)], cwd=self.folder.name, stderr=subprocess.PIPE,
                                        text=True, env={**os.environ, **(environment or {})})

    def wait_ready(self):
        for line in self.process.stderr:
            if 'ready on' in line:
                return
        raise AssertionError('it ended with %d' % self.process.wait(PATIENCE_S))

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=PATIENCE_S)
        self.folder.cleanup()
        return self.process.returncode

    def refusal(self):
        """The reason, of one that does not start."""
        _, said = self.process.communicate(timeout=PATIENCE_S)
        self.folder.cleanup()
        assert self.process.returncode == 1, (self.process.returncode, said)
        return said


class Start(unittest.TestCase):
    def setUp(self):
        self.database = self._testMethodName.lower()[:60]
        sql('CREATE DATABASE %s;' % self.database)

    def url(self, user='postgres', host=SERVER):
        return 'postgresql://%s@/%s?host=%s' % (user, self.database, host)

    def start_once(self):
        hub = Hub(self.url())
        hub.wait_ready()
        self.assertEqual(hub.stop(), 0)

    def assert_refused(self, pattern, **how):
        environment = how.pop('environment', None)
        self.assertRegex(Hub(self.url(**how), environment).refusal(), pattern)

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
        hub = Hub(self.url('guarded'), {'PGPASSWORD': 'right'})
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
        hub = Hub(self.url())
        hub.wait_ready()
        self.assert_refused('in use by another hub')
        self.assertEqual(hub.stop(), 0)

    def test_a_standby(self):
        """A copy of the server, one that follows it."""
        with tempfile.TemporaryDirectory() as folder:
            os.chmod(folder, 0o755)
            if AS_USER:
                subprocess.run(['chown', 'postgres:', folder], check=True)
            subprocess.run(AS_USER + [BIN + '/pg_basebackup', '-h', SERVER, '-U', 'postgres', '-D', folder + '/data', '-R', '-c',
                                      'fast'], check=True)
            standby = subprocess.Popen(AS_USER_BOUND + [BIN + '/postgres', '-D', folder + '/data', '-k', folder, '-c',
                                                        'listen_addresses=', '-c', 'fsync=off'],
                                       stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
            try:
                for _ in range(PATIENCE_S * 10):
                    if subprocess.run([BIN + '/pg_isready', '-q', '-h', folder], check=False).returncode == 0:
                        break
                    time.sleep(0.1)
                self.assert_refused('the server is a standby', host=folder)
            finally:
                standby.send_signal(signal.SIGINT)
                standby.wait(PATIENCE_S)


if __name__ == '__main__':
    unittest.main()
