"""fleet: many simulated platforms for the tests of this folder: each has an address of its own and one party, registers, shares
locations, and notes what it is sent."""
import asyncio
import base64
import http.client
import json
import threading
import time

PATIENCE_S = 30


def stamp():
    return time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())


def authorization(token):
    return 'Token ' + base64.b64encode(token.encode()).decode()


def location(number, version):
    return {'country_code': 'DE', 'party_id': 'CPO', 'id': 'L%d' % number, 'publish': True, 'name': 'v%d' % version,
            'address': 'Street 1', 'city': 'Town', 'country': 'DEU', 'coordinates': {'latitude': '50.10000', 'longitude': '8.60000'},
            'time_zone': 'Europe/Berlin', 'last_updated': stamp()}


class Platform:
    def __init__(self, fleet, number, role, country, party):
        self.host, self.role, self.country, self.party = '127.0.%d.%d' % (1 + number // 250, 1 + number % 250), role, country, party
        self.fleet = fleet
        self.got = []      # (number of the object, version, when), in the order in which it came
        self.away = False  # it hangs up
        self.probes = 0
        self.id = self.token = None

    @property
    def base(self):
        return 'http://%s:%d' % (self.host, self.fleet.port)

    def credentials(self, token):
        return {'token': token, 'url': self.base + '/versions',
                'roles': [{'role': self.role, 'country_code': self.country, 'party_id': self.party,
                           'business_details': {'name': self.party}}]}

    def endpoints(self):
        listed = [('credentials', 'RECEIVER'), ('hubclientinfo', 'RECEIVER')]
        if self.role == 'EMSP':
            listed.append(('locations', 'RECEIVER'))
        return [{'identifier': module, 'role': role, 'url': '%s/%s' % (self.base, module)} for module, role in listed]

    def answer(self, method, path, body):
        """What it says; None: it hangs up."""
        if self.away:
            return None
        if path == '/versions':
            self.probes += 1
            return [{'version': '2.2.1', 'url': self.base + '/2.2.1'}]
        if path == '/2.2.1':
            return {'version': '2.2.1', 'endpoints': self.endpoints()}
        if path == '/credentials':
            self.token = json.loads(body)['token'] if method == 'PUT' else self.token
            return self.credentials('B-' + self.party)
        if path.startswith('/locations/') and method == 'PUT':
            document = json.loads(body)
            if document['name'].startswith('v'):  # what a sandbox shares is another matter
                self.got.append((int(document['id'][1:]), int(document['name'][1:]), time.monotonic()))
        return {}

    def call(self, hub, method, path, document=None, token=None):
        address = hub.address()
        connection = http.client.HTTPConnection(address, timeout=PATIENCE_S)
        headers = {'Authorization': authorization(token or self.token), 'Content-Type': 'application/json',
                   'OCPI-from-country-code': self.country, 'OCPI-from-party-id': self.party}
        try:
            connection.request(method, path, document and json.dumps(document), headers)
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        return answer.status, json.loads(text)

    def register(self, hub, through=None):
        """Invited by one hub, registered at the same or another one."""
        status, invited = hub.ask('POST', '/admin/v1/platforms', {'name': self.party})
        assert status == 201, invited
        self.id = invited['platform']
        status, answer = self.call(through or hub, 'POST', '/ocpi/2.2.1/credentials', self.credentials('B-' + self.party),
                                   invited['token'])
        assert (status, answer['status_code']) == (200, 1000), answer
        self.token = answer['data']['token']

    def share(self, hub, number, version):
        """None: the hub has it; else why it refused. OSError: nobody knows."""
        status, answer = self.call(hub, 'PUT', '/ocpi/2.2.1/receiver/locations/DE/CPO/L%d' % number, location(number, version))
        return None if status < 300 and answer['status_code'] == 1000 else answer


class Fleet:
    """All of them, served by one thread."""

    def __init__(self):
        self.by_host = {}
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        starting = asyncio.start_server(self.serve, '0.0.0.0', 0, backlog=512)
        self.server = asyncio.run_coroutine_threadsafe(starting, self.loop).result()
        self.port = self.server.sockets[0].getsockname()[1]

    def platform(self, role, country, party):
        made = Platform(self, len(self.by_host), role, country, party)
        self.by_host[made.host] = made
        return made

    async def serve(self, reader, writer):
        platform = self.by_host.get(writer.get_extra_info('sockname')[0])
        try:
            while await self.serve_one(platform, reader, writer):
                pass
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        writer.close()

    async def serve_one(self, platform, reader, writer):
        head = (await reader.readuntil(b'\r\n\r\n')).decode().split('\r\n')
        method, target, _ = head[0].split(' ')
        fields = dict(line.lower().split(': ', 1) for line in head[1:] if ': ' in line)
        body = await reader.readexactly(int(fields.get('content-length', 0)))
        data = platform.answer(method, target.split('?')[0], body)
        if data is None:
            return False
        text = json.dumps({'status_code': 1000, 'timestamp': stamp(), 'data': data}).encode()
        writer.write(b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n' % len(text) + text)
        await writer.drain()
        return True

    async def end(self):
        self.server.close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()

    def close(self):
        asyncio.run_coroutine_threadsafe(self.end(), self.loop).result()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()
