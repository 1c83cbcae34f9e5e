"""memory: what oom_shim refuses of a running hub, and the requests that a judge of memory sends."""

import json
import mmap
import struct

import rig

LARGE = 64 * 1024  # as in oom_shim.c: what a partner chooses the size of


class Orders:
    """The page that is shared with the shim, see oom_shim.c."""

    WORDS = {word: number for number, word in enumerate(
        ("armed", "least", "fail_at", "lasting", "seen", "failed", "failed_bytes", "tell", "room", "held"))}

    def __init__(self, path):
        path.write_bytes(bytes(4096))
        self.path = path
        with open(path, "r+b") as file:
            self.page = mmap.mmap(file.fileno(), 4096)

    def __getitem__(self, word):
        return struct.unpack_from("<Q", self.page, 8 * self.WORDS[word])[0]

    def __setitem__(self, word, value):
        struct.pack_into("<Q", self.page, 8 * self.WORDS[word], value)

    def arm(self, **words):
        self["armed"] = 0
        for word in ("fail_at", "lasting", "seen", "failed", "room"):
            self[word] = 0
        self["least"] = 1
        for word, value in words.items():
            self[word] = value
        self["armed"] = 1

    def disarm(self):
        self["armed"] = 0


def between(sender, receiver):
    return {"OCPI-from-country-code": sender.country, "OCPI-from-party-id": sender.party,
            "OCPI-to-country-code": receiver.country, "OCPI-to-party-id": receiver.party}


class Flow:
    """A request; admin ones have a document instead of a token. @checks: what is kept can be read back."""

    def __init__(self, name, method, path, token=None, document=None, headers=(), reads=None):
        self.name, self.method, self.path, self.token = name, method, path, token
        self.document, self.headers, self.reads = document, dict(headers), reads

    def send(self, hub):
        """(HTTP, OCPI status code or None)"""
        if self.token is None:
            status, _ = hub.admin(self.method, self.path, self.document)
            return status, None
        body = None if self.document is None else json.dumps(self.document)
        status, _, answer = rig.call(hub.port, self.method, self.path, self.token, body, self.headers.items())
        return status, json.loads(answer)["status_code"] if answer else None


def session(receiver_uid, energy=1.0):
    return {"country_code": "DE", "party_id": "CPO", "id": "S1", "start_date_time": rig.NOW, "kwh": energy,
            "cdr_token": {"country_code": "NL", "party_id": "MSP", "uid": receiver_uid, "type": "RFID",
                          "contract_id": "NLMSPC00000001"},
            "auth_method": "WHITELIST", "location_id": "L1", "evse_uid": "E0", "connector_id": "1", "currency": "EUR",
            "status": "ACTIVE", "last_updated": rig.NOW}


def token(uid):
    return {"country_code": "NL", "party_id": "MSP", "uid": uid, "type": "RFID", "contract_id": "NLMSPC00000001",
            "issuer": "M", "valid": True, "whitelist": "ALWAYS", "last_updated": rig.NOW}


def flows(cpo, emsp, evses):
    """One of each way through the hub; @evses makes Locations small or large."""
    location = rig.location("DE", "CPO", "L1", evses)
    there, back = between(cpo, emsp), between(emsp, cpo)
    cpo.data["/sender/locations/L9"] = rig.location("DE", "CPO", "L9", evses)
    cpo.data["/sender/locations"] = [location]
    base = "/ocpi/2.2.1"
    put = f"{base}/receiver/locations/DE/CPO/L1"
    return [
        Flow("share", "PUT", put, cpo.token, location, reads="L1"),
        Flow("patch", "PATCH", put, cpo.token, {"evses": location["evses"], "last_updated": "2026-02-01T00:00:00Z"}),
        Flow("list", "GET", f"{base}/sender/locations?limit=10", emsp.token),
        Flow("object", "GET", put, cpo.token),
        Flow("forwarded object", "GET", f"{base}/sender/locations/L9", emsp.token, None, back),
        Flow("forwarded list", "GET", f"{base}/sender/locations", emsp.token, None, back),
        Flow("kept copy", "PUT", put, cpo.token, location, there),
    ]


def small_flows(cpo, emsp):
    """Those whose size no partner chooses."""
    there, back = between(cpo, emsp), between(emsp, cpo)
    base = "/ocpi/2.2.1"
    return [
        Flow("versions", "GET", "/ocpi/versions", cpo.token),
        Flow("endpoints", "GET", base, cpo.token),
        Flow("credentials", "GET", f"{base}/credentials", cpo.token),
        Flow("parties", "GET", f"{base}/hubclientinfo", emsp.token),
        Flow("token", "PUT", f"{base}/receiver/tokens/NL/MSP/T1", emsp.token, token("T1")),
        Flow("authorization", "POST", f"{base}/sender/tokens/T1/authorize", cpo.token, {"location_id": "L1"}, there),
        Flow("session", "PUT", f"{base}/receiver/sessions/DE/CPO/S1", cpo.token, session("T1"), there),
        Flow("command", "POST", f"{base}/receiver/commands/UNLOCK_CONNECTOR", emsp.token,
             {"response_url": emsp.url + "/results/1", "location_id": "L1", "evse_uid": "E0", "connector_id": "1"},
             back),
        Flow("deletion", "DELETE", f"{base}/receiver/tariffs/DE/CPO/T1", cpo.token),
        Flow("not OCPI", "GET", "/nowhere", cpo.token),
        Flow("not JSON", "PUT", f"{base}/receiver/locations/DE/CPO/L1", cpo.token, "not an object"),
        Flow("platforms", "GET", "/admin/v1/platforms"),
        Flow("invite", "POST", "/admin/v1/platforms", document={"name": "Third"}),
        Flow("settings", "PATCH", "/admin/v1/platforms/1/settings", document={"validation": "lenient"}),
        Flow("agreement", "POST", "/admin/v1/agreements", document={"cpo": "DE*CPO", "emsp": "NL*MSP"}),
        Flow("status", "GET", "/admin/v1/status"),
        Flow("check", "GET", "/admin/v1/check"),
        Flow("push", "GET", "/admin/v1/push"),
        Flow("log", "GET", "/admin/v1/log?limit=20"),
        Flow("route", "GET", "/admin/v1/route?from=NL*MSP&to=DE*CPO&module=locations"),
        Flow("config", "GET", "/admin/v1/config"),
    ]
