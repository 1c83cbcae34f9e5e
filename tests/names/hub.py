"""A hub of its own for a test: started on free ports in a folder that goes with it."""
import http.client
import os
import re
import subprocess
import tempfile
import time

from names import Document

CONFIG = """[http]
listen = 127.0.0.1:0
workers = 1
[admin]
listen = 127.0.0.1:0
[egress]
allow_private = true
[store]
url = sqlite:{dir}/hub.db
"""


class Hub:
    def __init__(self, roamhubd, roamhubctl):
        self.roamhubd, self.roamhubctl = os.path.abspath(roamhubd), os.path.abspath(roamhubctl)

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.config, self.log = f"{self.folder.name}/hub.conf", f"{self.folder.name}/log"
        with open(self.config, "w") as out:
            out.write(CONFIG.format(dir=self.folder.name))
        with open(self.log, "w") as log:
            self.process = subprocess.Popen([self.roamhubd, "--config", self.config], stderr=log)
        while not (found := re.search(r"admin on http://(\S+)", self.read(self.log))):
            assert self.process.poll() is None, self.read(self.log)
            time.sleep(0.02)
        self.admin, self.ocpi = found[1], re.search(r"ready on (http://\S+)", self.read(self.log))[1]
        self.token = self.read(f"{self.folder.name}/admin.token").strip()
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.folder.cleanup()

    @staticmethod
    def read(path):
        with open(path) as file:
            return file.read()

    def ctl(self, *words):
        return subprocess.run([self.roamhubctl, "--config", self.config, *words], capture_output=True, text=True)

    def tail(self, *words):
        """A tail that goes on until it is killed."""
        return subprocess.Popen([self.roamhubctl, "--config", self.config, "tail", *words], stdout=subprocess.PIPE, text=True)

    def stream(self):
        """(type, data) of what happens, as it happens."""
        connection = http.client.HTTPConnection(self.admin, timeout=60)
        connection.request("GET", "/admin/v1/events", headers={"Authorization": f"Bearer {self.token}", "Accept": "text/event-stream"})
        answer, kind = connection.getresponse(), None
        assert answer.status == 200, answer.read()
        try:
            while line := answer.readline().decode():
                name, _, text = line.strip().partition(": ")
                if name == "event":
                    kind = text
                elif name == "data":
                    yield kind, text
        finally:
            connection.close()

    def document(self):
        done = self.ctl("openapi")
        assert done.returncode == 0, done.stderr
        return Document(done.stdout)

    def ask(self, method, target, body=None):
        connection = http.client.HTTPConnection(self.admin, timeout=60)
        connection.request(method, target, body, {"Authorization": f"Bearer {self.token}"})
        answer = connection.getresponse()
        status, text = answer.status, answer.read().decode()
        connection.close()
        return status, text
