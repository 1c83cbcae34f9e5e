"""partner: a simulated platform for the tests of this folder, with threads: it answers what a hub asks, and asks hubs."""
import http.client
import http.server
import json
import pathlib
import sys
import threading
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'bench'))

import rig

PATIENCE_S = 30
MODULES = {'CPO': (('locations', 'SENDER'), ('sessions', 'SENDER'), ('cdrs', 'SENDER'), ('tokens', 'RECEIVER'),
                   ('commands', 'RECEIVER'), ('chargingprofiles', 'RECEIVER')),
           'EMSP': (('tokens', 'SENDER'), ('locations', 'RECEIVER'), ('sessions', 'RECEIVER'), ('cdrs', 'RECEIVER'),
                    ('commands', 'SENDER')),
           'SCSP': (('chargingprofiles', 'SENDER'),)}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def handle_any(self):
        body = self.rfile.read(int(self.headers.get('Content-Length', 0)))
        status, fields, answer = self.server.partner.answer(self.command, self.path, self.headers, body)
        answer = answer.encode()
        self.send_response(status)
        for name, value in {'Content-Type': 'application/json', 'Content-Length': len(answer), **fields}.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any


class Http(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512


class Partner:
    """One platform with one party, that takes everything. @asked(partner, path) is called when the hub asks it."""

    def __init__(self, role, country, party, asked=None):
        self.role, self.country, self.party, self.asked = role, country, party, asked
        self.token = None  # that it sends
        self.given = 0     # of its own, so many
        self.got = set()
        self.server = Http(('127.0.0.1', 0), Handler)
        self.server.partner = self
        self.url = 'http://127.0.0.1:%d' % self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def end(self):
        self.server.shutdown()
        self.server.server_close()

    def answer(self, method, target, headers, body):
        url = urllib.parse.urlsplit(target)
        parts = url.path.strip('/').split('/')
        if self.asked is not None:
            self.asked(self, url.path)
        if url.path == '/versions':
            return 200, {}, rig.envelope([{'version': '2.2.1', 'url': self.url + '/2.2.1'}])
        if url.path == '/2.2.1':
            return 200, {}, rig.envelope(rig.details(self.url, MODULES[self.role]))
        if parts[-1] == 'credentials' and method in ('POST', 'PUT'):
            self.token = json.loads(body)['token']
            return 200, {}, rig.envelope(self.credentials())
        if parts[-2:] == ['receiver', 'cdrs']:
            identity = json.loads(body)['id']
            self.got.add(('cdr', identity))
            return 200, {'Location': '%s/cdr/%s' % (self.url, identity)}, rig.envelope(None)
        if parts[:2] == ['receiver', 'commands']:
            self.got.add(('STOP', json.loads(body)['session_id']))
            return 200, {}, rig.envelope({'result': 'ACCEPTED', 'timeout': 30})
        if parts[:2] == ['receiver', 'chargingprofiles']:
            return 200, {}, rig.envelope({'result': 'ACCEPTED', 'timeout': 30})
        if parts[-1] == 'authorize':
            self.got.add(('authorize', parts[-2]))
            return 200, {}, rig.envelope({'allowed': 'ALLOWED', 'token': token_object(parts[-2])})
        self.got.add((method, parts[-1]))
        return 200, {}, rig.envelope({} if method == 'GET' else None)

    def credentials(self):
        self.given += 1
        return rig.credentials(self.country, self.party, self.role, self.url + '/versions',
                               'B-%s-%s-%d' % (self.country, self.party, self.given))

    def to(self):
        return {'OCPI-to-country-code': self.country, 'OCPI-to-party-id': self.party}

    def say(self, hub, method, path, document=None, headers=(), token=None):
        """HTTP status, OCPI status and data of a request to one of the hubs, and what came with it."""
        return say(hub, method, path, document, headers, token or self.token)

    def register(self, hub, token, method='POST'):
        """With @token; the status of both kinds."""
        http_status, ocpi_status, data, _ = self.say(hub, method, 'credentials', self.credentials(), token=token)
        if ocpi_status == 1000:
            self.token = data['token']
        return http_status, ocpi_status


def say(hub, method, path, document=None, headers=(), token='nobody'):
    connection = http.client.HTTPConnection(*hub.ocpi, timeout=PATIENCE_S)
    connection.request(method, '/ocpi/' + ('' if path.startswith('versions') else '2.2.1/') + path,
                       None if document is None else json.dumps(document),
                       {'Authorization': rig.authorization(token), 'Content-Type': 'application/json', **dict(headers)})
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    said = json.loads(text)
    return answer.status, said['status_code'], said.get('data'), answer.headers


STAMP = '2026-01-01T00:00:0%dZ'


def token_object(uid):
    return {'country_code': 'NL', 'party_id': 'MSP', 'uid': uid, 'type': 'RFID', 'contract_id': 'C-' + uid, 'issuer': 'MSP',
            'valid': True, 'whitelist': 'NEVER', 'last_updated': STAMP % 1}


def location_object(identity):
    return {'country_code': 'DE', 'party_id': 'CPO', 'id': identity, 'publish': True, 'address': 'Main street 1', 'city': 'Berlin',
            'country': 'DEU', 'coordinates': {'latitude': '52.50000', 'longitude': '13.40000'},
            'time_zone': 'Europe/Berlin', 'last_updated': STAMP % 1}


def session_object(identity):
    return {'country_code': 'DE', 'party_id': 'CPO', 'id': identity, 'start_date_time': STAMP % 0, 'kwh': 1,
            'cdr_token': cdr_token(), 'auth_method': 'WHITELIST', 'location_id': 'LOC0', 'evse_uid': 'E1',
            'connector_id': '1', 'currency': 'EUR', 'status': 'ACTIVE', 'last_updated': STAMP % 1}


def cdr_token():
    return {'country_code': 'NL', 'party_id': 'MSP', 'uid': 'TOK0', 'type': 'RFID', 'contract_id': 'C1'}


def cdr_object(identity):
    return {'country_code': 'DE', 'party_id': 'CPO', 'id': identity, 'start_date_time': STAMP % 0,
            'end_date_time': STAMP % 1, 'auth_method': 'WHITELIST', 'currency': 'EUR', 'cdr_token': cdr_token(),
            'cdr_location': {'id': 'LOC0', 'address': 'Main street 1', 'city': 'Berlin', 'country': 'DEU',
                             'coordinates': {'latitude': '52.50000', 'longitude': '13.40000'}, 'evse_uid': 'E1',
                             'evse_id': 'DE*CPO*E1', 'connector_id': '1', 'connector_standard': 'IEC_62196_T2',
                             'connector_format': 'SOCKET', 'connector_power_type': 'AC_3_PHASE'},
            'charging_periods': [{'start_date_time': STAMP % 0, 'dimensions': [{'type': 'ENERGY', 'volume': 1.5}]}],
            'total_cost': {'excl_vat': 1.0}, 'total_energy': 1.5, 'total_time': 0.4, 'last_updated': STAMP % 1}
