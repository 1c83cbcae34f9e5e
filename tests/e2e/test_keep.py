"""What stays when the demo is over: the console answers, the platforms go on by themselves, and Ctrl-C leaves nothing behind.
usage: test_keep.py BUILD SCENARIO"""
import http.client
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import threading
import time
import unittest

BUILD, SCENARIO = map(os.path.abspath, (sys.argv.pop(1), sys.argv.pop(1)))
RUN = pathlib.Path(__file__).resolve().parents[1] / "scenario/run"
PATIENCE = 60


def members(session):
    """The processes of a session that are alive, by /proc."""
    found = []
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = stat.read_text().rpartition(")")
        except OSError:
            continue
        state, _, _, its = rest.split()[:4]
        if int(its) == session and state != "Z":
            found.append(name)
    return found


class Keep(unittest.TestCase):
    def setUp(self):
        ends_with_us = ["setpriv", "--pdeathsig", "TERM"]
        self.demo = subprocess.Popen([*ends_with_us, RUN, BUILD, SCENARIO, "--keep", "--quiet"], stdout=subprocess.PIPE,
                                     stderr=subprocess.STDOUT, text=True, start_new_session=True)
        self.addCleanup(self.demo.stdout.close)
        self.addCleanup(self.end)
        late = threading.Timer(PATIENCE, self.end)  # ends what is read, too
        late.start()
        self.addCleanup(late.cancel)
        said = []
        for line in self.demo.stdout:
            said.append(line)
            if "Ctrl-C" in line:
                break
        late.cancel()
        self.said = "".join(said)

    def end(self):
        for member in members(self.demo.pid):
            os.kill(int(member.split()[0]), signal.SIGKILL)
        self.demo.wait()

    def found(self, pattern):
        match = re.search(pattern, self.said)
        self.assertIsNotNone(match, self.said)
        return match[1]

    def ask(self, method, path, body=None, headers={}):
        hub = http.client.HTTPConnection(self.found(r"Console +http://(\S+)/"), timeout=PATIENCE)
        try:
            hub.request(method, path, body and json.dumps(body), {"Content-Type": "application/json", **headers})
            answer = hub.getresponse()
            return answer, answer.read().decode()
        finally:
            hub.close()

    def requests(self, cookie):
        """How many the hub had of each platform that asks."""
        answers = (self.ask("GET", f"/admin/v1/platforms/{number}", headers={"Cookie": cookie}) for number in (1, 2, 3))
        return [json.loads(said)["requests"] for _, said in answers]

    def test_the_console_is_open_and_traffic_flows_until_ctrl_c(self):
        page, said = self.ask("GET", "/")
        self.assertEqual(page.status, 200)
        self.assertIn("/console/console.js", said)
        login, said = self.ask("POST", "/admin/v1/login", {"token": self.found(r"log in +with the token (\S+)")})
        self.assertEqual(login.status, 200, said)
        cookie = login.getheader("Set-Cookie").partition(";")[0]
        before, deadline = self.requests(cookie), time.monotonic() + PATIENCE
        while not all(now > then for now, then in zip(self.requests(cookie), before)):
            self.assertLess(time.monotonic(), deadline, f"nothing flows: {before}")
            time.sleep(0.2)
        os.killpg(self.demo.pid, signal.SIGINT)
        self.assertEqual(self.demo.wait(PATIENCE), 0, self.demo.stdout.read())
        self.assertEqual(members(self.demo.pid), [])


if __name__ == "__main__":
    unittest.main()
