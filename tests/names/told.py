"""What a hub tells as it happens, held against its names while a test does something."""
import http.client
import threading


class Told(threading.Thread):
    def __init__(self, document, admin, token):
        """@admin: (address, port). All that was written down before is told, too."""
        super().__init__(daemon=True)
        self.document, self.faults, self.kinds = document, [], set()
        connection = http.client.HTTPConnection(*admin)
        connection.request("GET", "/admin/v1/events", headers={"Authorization": f"Bearer {token}", "Accept": "text/event-stream", "Last-Event-ID": "0"})
        self.answer = connection.getresponse()
        assert self.answer.status == 200, self.answer.read()

    def run(self):
        kind = None
        for line in self.answer:
            name, _, text = line.decode().strip().partition(": ")
            if name == "event":
                kind = text
            elif name == "data":
                self.kinds.add(kind)
                self.faults += [f"{kind}: {fault} in {text}" for fault in self.document.check_told(kind, text)]

    def judge(self, *kinds):
        """It goes on until the hub ends: this is of what came until now, and that was some of each of @kinds."""
        assert not self.faults, self.faults
        assert self.kinds.issuperset(kinds), self.kinds
