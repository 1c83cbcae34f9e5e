"""hubs: hubs, statements and standbys for the tests of this folder, which tests/postgresql/with runs."""
import contextlib
import http.client
import json
import os
import pathlib
import signal
import subprocess
import tempfile
import time

SERVER = os.environ.get('POSTGRESQL_DIR')
BIN = os.environ.get('POSTGRESQL_BIN')
AS_USER = ['setpriv', '--reuid', 'postgres', '--regid', 'postgres', '--clear-groups'] if os.getuid() == 0 else []
AS_USER_BOUND = ['setpriv', '--pdeathsig', 'KILL'] + AS_USER[1:]
PATIENCE_S = 30


def sql(statements, database='postgres', host=SERVER):
    """What they say, without what stands around it."""
    return subprocess.run([BIN + '/psql', '-qXAt', '-v', 'ON_ERROR_STOP=1', '-h', host, '-U', 'postgres', database],
                          input=statements, text=True, check=True, stdout=subprocess.PIPE).stdout.strip()


def as_user(*words):
    """A program of PostgreSQL's, as the user who owns its files."""
    subprocess.run(AS_USER + [f'{BIN}/{words[0]}', *words[1:]], check=True, stdout=subprocess.DEVNULL)


@contextlib.contextmanager
def place():
    """A folder for the files of a server and its socket."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        if AS_USER:
            subprocess.run(['chown', 'postgres:', folder], check=True)
        yield folder


@contextlib.contextmanager
def server(folder, data='data', *settings):
    """A server of the files in folder/data, with its socket in folder."""
    options = [word for setting in ('listen_addresses=', 'fsync=off', 'max_connections=400', *settings) for word in ('-c', setting)]
    process = subprocess.Popen(AS_USER_BOUND + [BIN + '/postgres', '-D', f'{folder}/{data}', '-k', folder, *options],
                               stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        wait_for(lambda: subprocess.run([BIN + '/pg_isready', '-q', '-h', folder], check=False).returncode == 0)
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(PATIENCE_S)


@contextlib.contextmanager
def standby():
    """A copy of the server that follows it: the folder that has its socket and its data."""
    with place() as folder:
        as_user('pg_basebackup', '-h', SERVER, '-U', 'postgres', '-D', folder + '/data', '-R', '-c', 'fast')
        with server(folder):
            yield folder


def wait_for(true):
    for _ in range(PATIENCE_S * 20):
        if true():
            return
        time.sleep(0.05)
    raise AssertionError('it did not come')


class Hub:
    """A roamhubd in a folder of its own."""

    def __init__(self, roamhubd, url, environment=None, store='', key=None):
        """@store: more lines of its section [store]."""
        self.folder = tempfile.TemporaryDirectory()
        if key is not None:
            self.key().write_bytes(key)
            self.key().chmod(0o600)
        conf = pathlib.Path(self.folder.name) / 'hub.conf'
        conf.write_text('[http]\nlisten = 127.0.0.1:0\n[admin]\nlisten = 127.0.0.1:0\n[store]\nurl = %s\n%s' % (url, store))
        self.process = subprocess.Popen([roamhubd, '--config', str(conf)], cwd=self.folder.name, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.PIPE,
                                        text=True, env={**os.environ, **(environment or {})})

    def wait_ready(self):
        self.wait_said('ready on')

    def wait_said(self, what):
        for line in self.process.stderr:
            if what in line:
                return
        raise AssertionError('it ended with %d' % self.process.wait(PATIENCE_S))

    def key(self):
        """The file that seals tokens."""
        return pathlib.Path(self.folder.name) / 'roamhub-key'

    def ask(self, method, path, document=None):
        """Status and answer of its admin API."""
        address, token = self.admin()
        connection = http.client.HTTPConnection(address, timeout=PATIENCE_S)
        connection.request(method, path, document and json.dumps(document),
                           {'Authorization': 'Bearer ' + token, 'Content-Type': 'application/json'})
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return answer.status, json.loads(text)

    def invite(self, name):
        status, answer = self.ask('POST', '/admin/v1/platforms', {'name': name})
        assert status < 300, answer

    def platforms(self):
        return [platform['name'] for platform in self.ask('GET', '/admin/v1/platforms')[1]]

    def admin(self):
        """Address and token of its admin API."""
        return [(pathlib.Path(self.folder.name) / name).read_text().strip() for name in ('admin.token.address', 'admin.token')]

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=PATIENCE_S)
        self.folder.cleanup()
        return self.process.returncode

    def end(self):
        """Whatever became of it."""
        self.process.kill()
        self.process.wait()
        self.process.stderr.close()
        self.folder.cleanup()

    def refusal(self, status=1):
        """The reason, of one that does not start, or that ends by itself."""
        _, said = self.process.communicate(timeout=PATIENCE_S)
        self.folder.cleanup()
        assert self.process.returncode == status, (self.process.returncode, said)
        return said
