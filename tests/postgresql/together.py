#!/usr/bin/env python3
"""Two hubs share one database and the work: what was done at one holds at the other. together.py ROAMHUBD, run by
tests/postgresql/with."""
import base64
import collections
import concurrent.futures
import contextlib
import http.client
import json
import os
import re
import signal
import sys
import tempfile
import threading
import time
import unittest
import urllib.parse

from hubs import Hub, SERVER, as_user, place, server, sql, wait_for
from partner import Partner, PATIENCE_S, cdr_object, location_object, rig, say, session_object, token_object

ROAMHUBD = os.path.abspath(sys.argv.pop(1)) if len(sys.argv) > 1 else None
PAIRS = int(os.environ.get('PAIRS', '1000'))
SETTINGS = '''together = true
[hub]
public_url = http://127.0.0.1:1
[egress]
allow_private = true
[credentials]
check = false
[log]
level = error
'''


class Shared(Hub):
    """One of those that share the work."""

    def wait_ready(self):
        for line in self.process.stderr:
            found = re.search(r'ready on \S+ \((\S+):(\d+)\)', line)
            if found:
                self.ocpi = found[1], int(found[2])
                self.portal = re.search(r'portal on http://(\S+)/,', line)
                threading.Thread(target=self.process.stderr.read, daemon=True).start()
                return
        raise AssertionError('it ended with %d' % self.process.wait(PATIENCE_S))

    def did(self, method, path, document=None):
        status, answer = self.ask(method, '/admin/v1/' + path, document)
        assert status < 300, (method, path, status, answer)
        return answer

    def invited(self, name='somebody'):
        made = self.did('POST', 'platforms', {'name': name})
        return made['platform'], made['token']


def at_once(*calls):
    """What each of them returns; they begin together."""
    begin, results = threading.Barrier(len(calls)), [None] * len(calls)

    def run(at, call):
        begin.wait()
        results[at] = call()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


class Case(unittest.TestCase):
    settings = SETTINGS

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.key = 'key_file = %s/key\n' % folder.name
        self.url = self.database()
        self.a, self.b = self.hub(), self.hub()

    def database(self):
        name = self.id().rsplit('.', 1)[1]
        sql('CREATE DATABASE "%s";' % name)
        return 'postgresql://postgres@/%s?host=%s' % (name, SERVER)

    def hub(self):
        made = Shared(ROAMHUBD, self.url, store=self.key + self.settings)
        self.addCleanup(made.end)
        made.wait_ready()
        return made

    def tearDown(self):
        self.assertEqual([self.a.stop(), self.b.stop()], [0, 0])

    def partner(self, role='CPO', country='DE', party='CPO', asked=None):
        made = Partner(role, country, party, asked)
        self.addCleanup(made.end)
        return made

    def registered(self, hub, *words, **more):
        made = self.partner(*words, **more)
        made.platform, token = hub.invited(made.party)
        self.assertEqual(made.register(hub, token), (200, 1000))
        return made

    def each(self):
        return (self.a, self.b), (self.b, self.a)


class Registered(Case):
    def test_an_invite_is_good_at_any(self):
        for number in range(20):
            here, there = self.each()[number % 2]
            _, token = here.invited()
            partner = self.partner(party='C%02d' % number)
            self.assertEqual(partner.say(there, 'GET', 'versions', token=token)[:2], (200, 1000))
            self.assertEqual(partner.register(there, token), (200, 1000))
            wait_for(lambda: partner.say(here, 'GET', 'versions', token=token)[0] == 401)

    def test_a_new_token_is_good_at_once(self):
        for number in range(20):
            here, there = self.each()[number % 2]
            _, token = here.invited()
            partner = self.partner(party='C%02d' % number)
            self.assertEqual(partner.register(here, token), (200, 1000))
            self.assertEqual(partner.say(there, 'GET', 'versions')[:2], (200, 1000))
            self.assertEqual(partner.say(there, 'GET', 'hubclientinfo')[:2], (200, 1000))
            self.assertEqual(partner.register(there, partner.token, 'PUT'), (200, 1000))
            self.assertEqual(partner.say(here, 'GET', 'credentials')[:2], (200, 1000))

    def test_a_body_waits_as_well(self):
        for number in range(20):
            here, there = self.each()[number % 2]
            partner = self.registered(here, 'EMSP', 'NL', 'M%02d' % number)
            large = token_object('T1') | {'party_id': partner.party, 'visual_number': 'x' * 60, 'nothing': 'y' * 100000}
            self.assertEqual(partner.say(there, 'PUT', 'receiver/tokens/NL/%s/T1' % partner.party, large)[:2], (201, 1000))

    def test_a_handshake_of_the_hub_is_answered_at_any(self):
        """The partner reads the versions at the other one while the hub's POST is open."""
        seen = []
        for number in range(6):
            here, there = self.each()[number % 2]

            partner = self.partner(party='C%02d' % number)
            answer = partner.answer

            def called(method, target, headers, body, partner=partner, answer=answer, there=there):
                status, fields, text = answer(method, target, headers, body)
                if target.endswith('credentials') and method == 'POST':
                    seen.append(partner.say(there, 'GET', 'versions')[:2])
                return status, fields, text

            partner.answer = called
            made = here.did('POST', 'platforms/connect', {'name': partner.party, 'versions_url': partner.url + '/versions',
                                                          'token': 'theirs'})
            self.assertEqual(partner.say(there, 'GET', 'hubclientinfo')[:2], (200, 1000), made)
            self.tried(made['platform'], [('hub', True)])
        self.assertEqual(seen, [(200, 1000)] * 6)

    def tried(self, platform, wanted):
        """Handshakes as each of them tells them: who began it, and whether it went well."""
        for hub in (self.a, self.b):
            told = lambda: [(one['by'], one['ok']) for one in hub.did('GET', 'platforms/%d/handshakes' % platform)['tries']]
            wait_for(lambda: told() == wanted)

    def test_a_handshake_that_came_to_several_is_told_as_one(self):
        for number in range(4):
            here, there = self.each()[number % 2]
            platform, token = here.invited()
            partner, broken = self.partner(party='C%02d' % number), [True]
            answer = partner.answer
            partner.answer = lambda method, target, headers, body, answer=answer, broken=broken: (
                (500, {}, '{}') if broken and target == '/versions' else answer(method, target, headers, body))
            for hub in (here, there):
                self.assertEqual(partner.say(hub, 'GET', 'versions', token=token)[:2], (200, 1000))
            self.assertEqual(partner.register(here, token)[1], 3001)
            self.tried(platform, [('platform', False)])
            broken.clear()
            self.assertEqual(partner.say(here, 'GET', 'versions', token=token)[:2], (200, 1000))
            self.assertEqual(partner.register(there, token), (200, 1000))
            self.tried(platform, [('platform', False), ('platform', True)])
            self.assertEqual(partner.register(here, partner.token, 'PUT'), (200, 1000))
            self.tried(platform, [('platform', False), ('platform', True), ('platform', True)])

    def test_of_two_that_claim_a_party_at_once_one_wins(self):
        for number in range(15):
            party = 'C%02d' % number
            pair = [self.partner(party=party), self.partner(party=party)]
            tokens = [self.a.invited()[1], self.a.invited()[1]]
            self.assertEqual(pair[1].say(self.b, 'GET', 'versions', token=tokens[1])[0], 200)
            said = at_once(lambda: pair[0].register(self.a, tokens[0]), lambda: pair[1].register(self.b, tokens[1]))
            self.assertEqual(sorted(said), [(200, 1000), (200, 2001)])
            winner = pair[said.index((200, 1000))]
            for hub in (self.a, self.b):
                self.assertEqual(winner.say(hub, 'GET', 'hubclientinfo')[:2], (200, 1000))

    def test_many_at_once_all_come_in(self):
        invited = [self.each()[number % 2][0].invited()[1] for number in range(24)]
        partners = [self.partner(party='C%02d' % number) for number in range(24)]
        calls = [lambda number=number: partners[number].register(self.each()[number // 2 % 2][0], invited[number])
                 for number in range(24)]
        self.assertEqual(at_once(*calls), [(200, 1000)] * 24)
        for partner in partners:
            for hub in (self.a, self.b):
                self.assertEqual(partner.say(hub, 'GET', 'versions')[:2], (200, 1000))

    def test_strangers_are_refused_and_hold_up_nobody(self):
        stop, said = threading.Event(), []

        def flood(document):
            while not stop.is_set():
                said.append(say(self.b, 'POST' if document else 'GET', 'receiver/cdrs' if document else 'versions',
                                document, token='stranger-%d' % len(said))[0])

        threads = [threading.Thread(target=flood, args=(body,)) for body in (None, None, {'a': 1}, {'a': 'b' * 200000})]
        for thread in threads:
            thread.start()
        for number in range(10):
            partner = self.registered(self.a, party='C%02d' % number)
            self.assertEqual(partner.say(self.b, 'GET', 'versions')[:2], (200, 1000))
        stop.set()
        for thread in threads:
            thread.join()
        self.assertEqual(set(said), {401})


class Operated(Case):
    settings = SETTINGS + '[routing]\ndefault = closed\n'

    def test_verbs_act_at_any(self):
        for here, there in self.each() * 3:
            partner = self.registered(here)
            path = 'platforms/%d' % partner.platform
            there.did('PATCH', path + '/settings', {'validation': 'lenient'})
            here.did('POST', path + '/suspend', {'reason': 'a test'})
            wait_for(lambda: partner.say(there, 'GET', 'versions')[0] == 403)
            here.did('POST', path + '/resume')
            self.assertEqual(partner.say(there, 'GET', 'versions')[0], 200)
            self.assertEqual(here.did('GET', path)['settings'], {'validation': 'lenient'})
            there.did('DELETE', path)
            wait_for(lambda: partner.say(here, 'GET', 'versions')[0] == 401)
            self.assertEqual(partner.say(there, 'GET', 'versions')[0], 401)

    def test_an_agreement_holds_at_any_at_once(self):
        for number in range(10):
            here, there = self.each()[number % 2]
            cpo = self.registered(here, 'CPO', 'DE', 'C%02d' % number)
            emsp = self.registered(there, 'EMSP', 'NL', 'M%02d' % number)
            ask = lambda hub: emsp.say(hub, 'GET', 'sender/locations', headers=cpo.to())[1]
            self.assertNotEqual(ask(there), 1000)
            made = here.did('POST', 'agreements', {'cpo': 'DE*' + cpo.party, 'emsp': 'NL*' + emsp.party})
            self.assertEqual([ask(there), ask(here)], [1000, 1000])
            self.assertIn(made['agreement'], [row['agreement'] for row in there.did('GET', 'agreements')])
            there.did('DELETE', 'agreements/%d' % made['agreement'])
            wait_for(lambda: ask(here) != 1000)

    def test_an_import_is_known_at_any(self):
        origin = Shared(ROAMHUBD, 'sqlite:hub.db', store=SETTINGS.replace('together = true\n', ''))
        self.addCleanup(origin.end)
        origin.wait_ready()
        partners = [self.registered(origin, 'CPO', 'DE', 'C%02d' % number) for number in range(5)]
        key = base64.b64encode(os.urandom(32)).decode()
        document = origin.did('POST', 'export', {'key': key, 'how': {}})
        self.assertEqual(origin.stop(), 0)
        self.a.did('POST', 'import', {'document': document, 'key': key, 'dry_run': False})
        for partner in partners:
            self.assertEqual(partner.say(self.b, 'GET', 'versions')[:2], (200, 1000))
            self.assertEqual(partner.register(self.b, partner.token, 'PUT'), (200, 1000))
            self.assertEqual(partner.say(self.a, 'GET', 'versions')[:2], (200, 1000))


class Passive(Case):
    def test_who_did_not_hear_that_it_is_over_finds_out(self):
        self.assertEqual(self.b.stop(), 0)
        database = self.id().rsplit('.', 1)[1]
        sql("INSERT INTO roamhub.meta (key, value) VALUES ('passive', '1');", database)
        self.b = self.hub()
        passive = lambda: self.b.did('GET', 'status')['status'] == 'passive'
        self.assertTrue(passive())
        sql("UPDATE roamhub.meta SET value = '' WHERE key = 'passive';", database)
        wait_for(lambda: not passive())


class Portal(Case):
    settings = SETTINGS + '[portal]\nlisten = 127.0.0.1:0\n'

    def ask(self, hub, path, **headers):
        """Status, and the cookie that was set."""
        connection = http.client.HTTPConnection(hub.portal[1], timeout=PATIENCE_S)
        connection.request('GET', path, headers=headers)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer.status, (answer.headers['Set-Cookie'] or '').split(';')[0]

    def come(self, link):
        """A cookie of each hub."""
        opened = [self.ask(hub, urllib.parse.urlsplit(link).path) for hub in (self.a, self.b)]
        self.assertEqual([status for status, _ in opened], [303, 303])
        return [cookie for _, cookie in opened]

    def seen(self, cookies):
        return [self.ask(hub, '/portal/v1/login', Cookie=cookie)[0] for hub, cookie in zip((self.a, self.b), cookies)]

    def test_a_link_that_was_taken_back_is_good_at_none(self):
        path = 'platforms/%d/portal' % self.registered(self.a).platform
        for here, there in self.each():
            first = self.come(here.did('POST', path, {'days': 3})['url'])
            self.assertEqual(self.seen(first), [200, 200])
            second = self.come(there.did('POST', path, {'days': 3})['url'])
            self.assertEqual([self.seen(first), self.seen(second)], [[401, 401], [200, 200]])
            here.did('DELETE', path)
            self.assertEqual(self.seen(second), [401, 401])


class Checked(Case):
    pool = concurrent.futures.ThreadPoolExecutor()

    def test_the_result_of_a_command_is_taken_by_any(self):
        for number, (here, there) in enumerate(self.each()):
            partner, posts = self.registered(here, party='C%02d' % number), []
            answer = partner.answer

            def post(path, partner=partner, there=there):
                said = [partner.say(there, 'POST', path, {'result': 'ACCEPTED'})[:2] for _ in range(2)]
                return said + [partner.say(there, 'POST', path + '%2Fresult', {'result': 'ACCEPTED'})[0]]

            def answered(method, target, headers, body, answer=answer, post=post, posts=posts):
                """A command is taken, and its result posted twice, to the other one."""
                if target.startswith('/sender/locations'):
                    return 200, {}, rig.envelope([{'id': 'L1'}])
                if '/commands/' not in target:
                    return answer(method, target, headers, body)
                if target.endswith('RESERVE_NOW'):
                    posts.append(self.pool.submit(post, json.loads(body)['response_url'].split('/ocpi/2.2.1/')[1]))
                return 200, {}, rig.envelope({'result': 'ACCEPTED', 'timeout': 30})

            partner.answer = answered
            path = 'platforms/%d/check' % partner.platform
            report = here.did('POST', path, {'write': True, 'test_system': True})
            self.assertEqual([rung['status'] for rung in report['rungs'] if rung['id'] == 'result'], ['good'])
            self.assertEqual([post.result() for post in posts], [[(200, 1000), (200, 1000), 404]])
            self.assertEqual(there.did('GET', path), report)


class Unheard(Case):
    """What hubs tell one another is lost: a word of the operator holds everywhere all the same."""
    settings = SETTINGS + '[pull]\ninterval = 0.1\n'

    def setUp(self):
        super().setUp()
        self.name = self.id().rsplit('.', 1)[1]
        self.sql('CREATE OR REPLACE FUNCTION hub_tells(hints text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN END $$;')

    def sql(self, statement):
        sql('SET search_path = roamhub; ' + statement, self.name)

    def more(self):
        """Two more hubs, that find what stands in the database by now."""
        return self.hub(), self.hub()

    def test_a_pull_is_accepted_at_any(self):
        listed = [location_object('L%d' % number) for number in range(5)]
        partners = [self.partner(party='C%02d' % number) for number in range(4)]
        for partner in partners:
            partner.listed, answer = list(listed), partner.answer
            partner.answer = lambda method, target, headers, body, partner=partner, answer=answer: (
                (200, {}, rig.envelope([row | {'party_id': partner.party} for row in partner.listed]))
                if target.startswith('/sender/locations') else answer(method, target, headers, body))
            partner.platform, token = self.a.invited(partner.party)
            self.assertEqual(partner.register(self.a, token), (200, 1000))
        pull = lambda hub, partner: hub.did('GET', 'platforms/%d' % partner.platform)['pull'] or collections.defaultdict(str)
        for partner in partners:
            wait_for(lambda: 5 in (pull(self.a, partner)['shared'], pull(self.a, partner)['unchanged']))
            del partner.listed[1:]
        for number, partner in enumerate(partners):
            for hub in (self.a, self.b):
                wait_for(lambda: '4 of 5' in pull(hub, partner)['held'])
            self.each()[number % 2][0].did('POST', 'platforms/%d/pull/accept' % partner.platform)
        for partner in partners:
            for hub in (self.a, self.b):
                wait_for(lambda: pull(hub, partner)['held'] == '')

    def test_a_token_that_is_ended_at_once_fails_nobody(self):
        cpo, emsp = self.registered(self.a, 'CPO', 'DE', 'CPO'), self.registered(self.b, 'EMSP', 'NL', 'MSP')
        refused, answer = [], cpo.answer

        def answered(method, target, headers, body):
            if '/commands/' not in target or headers['Authorization'] == rig.authorization('B-DE-CPO-%d' % cpo.given):
                return answer(method, target, headers, body)
            refused.append(target)
            return 401, {}, json.dumps({'status_code': 2001, 'status_message': 'no such token', 'timestamp': rig.NOW})

        cpo.answer = answered
        for number in range(20):
            here, there = self.each()[number % 2]
            identity = 'S%d' % number
            self.assertEqual(cpo.say(here, 'PUT', 'receiver/sessions/DE/CPO/' + identity, session_object(identity), emsp.to())[1], 1000)
            self.assertEqual(cpo.register(here, cpo.token, 'PUT'), (200, 1000))
            stop = {'response_url': emsp.url + '/result', 'session_id': identity}
            self.assertEqual(emsp.say(there, 'POST', 'receiver/commands/STOP_SESSION', stop)[:2], (200, 1000))
            self.assertIn(('STOP', identity), cpo.got)
        self.assertGreater(len(refused), 10)

    def test_the_hub_is_passive_no_more(self):
        self.sql("INSERT INTO meta VALUES ('passive', '1');")
        pair = self.more()
        self.assertTrue(all(hub.did('GET', 'status').get('passive_since') for hub in pair))
        pair[0].did('POST', 'resume')
        wait_for(lambda: not any(hub.did('GET', 'status').get('passive_since') for hub in pair))

    def test_expiry_goes_on(self):
        held = lambda hub: [row['level'] for row in hub.did('GET', 'check')['checks'] if row['check'] == 'expiry'] == [1]
        self.sql("INSERT INTO meta VALUES ('wall_ms', '1') ON CONFLICT (key) DO UPDATE SET value = '1';")
        pair = self.more()
        wait_for(lambda: held(pair[0]) and held(pair[1]))
        self.assertTrue(pair[0].did('POST', 'expiry/resume')['was_held'])
        wait_for(lambda: not held(pair[0]) and not held(pair[1]))

    def test_a_token_that_was_erased_is_shown_by_none(self):
        """Who is told of it is not told which one it was: what may name it goes."""
        partner = self.registered(self.a, 'EMSP', 'NL', 'MSP')
        path = 'platforms/%d' % partner.platform
        names = lambda hub: [json.dumps(hub.did('GET', path + part)).count('DRIVER77') for part in ('', '/faults')]
        for hub in (self.a, self.b):
            flawed = token_object('DRIVER77') | {'type': 'none'}
            self.assertEqual(partner.say(hub, 'PUT', 'receiver/tokens/NL/MSP/DRIVER77', flawed)[1], 2001)
            self.assertTrue(all(names(hub)), names(hub))
        self.a.did('POST', 'erase/token', {'token': 'NL*MSP/DRIVER77', 'dry_run': True})
        self.assertTrue(all(names(self.a) + names(self.b)))
        self.a.did('POST', 'erase/token', {'token': 'NL*MSP/DRIVER77'})
        self.assertEqual([names(self.a), names(self.b)], [[0, 0], [0, 0]])
        self.assertEqual(self.b.did('GET', path + '/faults')['faults'][0]['count'], 2)


class Counted(Case):
    """What each hub counts for itself is told as one, whichever of them is asked."""

    def counted(self, hub, partner):
        path = 'platforms/%d' % partner.platform
        shown, faults = hub.did('GET', path), hub.did('GET', path + '/faults')
        return ({key: shown[key] for key in ('requests', 'refused', 'calls')},
                [(row['http'], row['ocpi'], row['count']) for row in shown['hub_refused']],
                [(row['field'], row['count'], len(row['samples'])) for row in faults['faults']],
                [answer.get('silent_hubs', 0) for answer in (shown, faults)])

    def test_the_whole_is_told_by_each(self):
        partner = self.registered(self.a, 'EMSP', 'NL', 'MSP')
        before = [self.counted(hub, partner) for hub in (self.a, self.b)]
        self.assertEqual(before[0], before[1])
        for number, hub in enumerate((self.a, self.a, self.b)):
            flawed = token_object('T%d' % number) | {'type': 'none'}
            self.assertEqual(partner.say(hub, 'PUT', 'receiver/tokens/NL/MSP/T%d' % number, flawed)[1], 2001)
        counts, refusals, faults, silent = self.counted(self.a, partner)
        self.assertEqual(self.counted(self.b, partner), (counts, refusals, faults, silent))
        self.assertEqual(counts, before[0][0] | {'requests': before[0][0]['requests'] + 3, 'refused': before[0][0]['refused'] + 3})
        self.assertEqual([refusals, faults, silent], [[(200, 2001, 3)], [('tokens/type', 3, 3)], [0, 0]])

    def test_many_who_ask_at_once_are_all_told(self):
        partner = self.registered(self.a, 'EMSP', 'NL', 'MSP')
        said = at_once(*[lambda hub=hub: self.counted(hub, partner) for hub in (self.a, self.b) * 6])
        self.assertEqual(said, [said[0]] * 12)
        self.assertEqual(said[0][3], [0, 0])

    def test_who_says_nothing_is_waited_for_a_second_and_told(self):
        partner = self.registered(self.a)
        self.b.process.send_signal(signal.SIGSTOP)
        began = time.monotonic()
        self.assertEqual(self.counted(self.a, partner)[3], [1, 1])
        self.assertLess(time.monotonic() - began, PATIENCE_S)
        self.b.process.send_signal(signal.SIGCONT)
        wait_for(lambda: self.counted(self.a, partner)[3] == [0, 0])
        self.assertEqual(self.counted(self.b, partner), self.counted(self.a, partner))


class Away(Case):
    """The database is lost, and with it what another process may have done."""

    def setUp(self):
        self.folder = self.enterContext(place())
        as_user('initdb', '-D', self.folder + '/data', '--no-sync', '--auth=trust', '--username=postgres',
                '--encoding=UTF8', '--locale=C')
        self.there = contextlib.ExitStack()
        self.addCleanup(self.there.close)
        self.there.enter_context(server(self.folder))
        super().setUp()

    def database(self):
        return 'postgresql://postgres@/postgres?host=' + self.folder

    def test_nobody_is_let_in_or_refused_by_what_may_have_changed(self):
        partner = self.registered(self.a)
        ask = lambda token=None, hub=self.b: partner.say(hub, 'GET', 'versions', token=token)[0]
        self.assertEqual([ask(), ask('stranger')], [200, 401])
        self.there.close()
        self.assertEqual(ask('stranger'), 503)
        wait_for(lambda: ask() == 503)
        self.assertEqual(partner.say(self.b, 'POST', 'receiver/cdrs', {'a': 1}, token='stranger')[0], 503)
        self.there.enter_context(server(self.folder))
        wait_for(lambda: ask() == 200)
        for hub in (self.b, self.a):  # each has its own connections
            wait_for(lambda: ask('stranger', hub) == 401)
        shared = lambda: partner.say(self.a, 'PUT', 'receiver/locations/DE/CPO/L1', location_object('L1'))[1]
        wait_for(lambda: shared() == 1000)
        self.assertEqual(self.registered(self.a, 'CPO', 'DE', 'TWO').say(self.b, 'GET', 'versions')[0], 200)


class Written(Case):
    """fault O16: what was answered 1000 is known to the next request, at the other one."""

    def setUp(self):
        super().setUp()
        self.cpo = self.registered(self.a, 'CPO', 'DE', 'CPO')
        self.emsp = self.registered(self.b, 'EMSP', 'NL', 'MSP')
        self.scsp = self.registered(self.a, 'SCSP', 'NL', 'SCS')

    def put_session(self, hub, identity):
        return self.cpo.say(hub, 'PUT', 'receiver/sessions/DE/CPO/' + identity, session_object(identity), self.emsp.to())

    def session(self, here, there, identity):
        return (self.put_session(here, identity),
                self.cpo.say(there, 'PATCH', 'receiver/sessions/DE/CPO/' + identity,
                             {'kwh': 2, 'last_updated': '2026-01-01T00:00:02Z'}),
                ('PATCH', identity) in self.emsp.got)

    def token(self, here, there, identity):
        return (self.emsp.say(here, 'PUT', 'receiver/tokens/NL/MSP/' + identity, token_object(identity)),
                self.cpo.say(there, 'POST', 'sender/tokens/%s/authorize' % identity),
                ('authorize', identity) in self.emsp.got)

    def polled(self, here, there, identity):
        """A token that no hub has: who allowed it once is asked again, and nobody else."""
        return (self.cpo.say(here, 'POST', 'sender/tokens/%s/authorize' % identity),
                self.cpo.say(there, 'POST', 'sender/tokens/%s/authorize' % identity),
                ('authorize', identity) in self.emsp.got)

    def stop(self, here, there, identity):
        return (self.put_session(here, identity),
                self.emsp.say(there, 'POST', 'receiver/commands/STOP_SESSION',
                              {'response_url': self.emsp.url + '/result', 'session_id': identity}),
                ('STOP', identity) in self.cpo.got)

    def profile(self, here, there, identity):
        profile = {'start_date_time': '2026-01-01T00:00:00Z', 'charging_rate_unit': 'W',
                   'charging_profile_period': [{'start_period': 0, 'limit': 11000.0}]}
        return (self.scsp.say(here, 'PUT', 'receiver/chargingprofiles/' + identity,
                              {'charging_profile': profile, 'response_url': self.scsp.url + '/result'}, self.cpo.to()),
                self.cpo.say(there, 'PUT', 'sender/chargingprofiles/' + identity,
                             {'start_date_time': '2026-01-01T00:00:00Z', 'charging_profile': profile}),
                ('PUT', identity) in self.scsp.got)

    def cdr(self, here, there, identity):
        sent = self.cpo.say(here, 'POST', 'receiver/cdrs', cdr_object(identity), self.emsp.to())
        path = sent[3]['Location'].split('/ocpi/2.2.1/')[1]
        return sent, self.cpo.say(there, 'GET', path), ('GET', identity) in self.emsp.got

    def test_what_it_needs_is_there(self):
        kinds, misses = (self.session, self.token, self.polled, self.stop, self.profile, self.cdr), []

        def lane(first):
            for number in range(first, PAIRS, 4):
                here, there = self.each()[number // len(kinds) % 2]
                written, needed, arrived = kinds[number % len(kinds)](here, there, 'ID%d' % number)
                if (written[1], needed[1], arrived) != (1000, 1000, True):
                    misses.append((kinds[number % len(kinds)].__name__, written[:3], needed[:3], arrived))

        at_once(*[lambda first=first: lane(first) for first in range(4)])
        self.assertEqual(misses, [])


if __name__ == '__main__':
    unittest.main()
