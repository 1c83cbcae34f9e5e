// parties: Overview, Parties, One party.
import { h, fill, focus } from './dom.js';
import { get, post, remove, listen, mayChange } from './api.js';
import { attempt, faultsByField, ms, report } from './shown.js';
import { age, ask, block, card, chart, clock, list, objectLink, part, platformLink, since, state, table } from './parts.js';

const many = (n) => (n >= 100 ? n.toFixed(0) : n.toFixed(1));
const percent = (n) => (n === null ? '–' : `${(100 * n).toFixed(1)} %`);
const roles = (row) => row.roles.map((r) => `${r.country_code}*${r.party_id} ${r.role}`).join(', ') || '–';
const told = ['party.status', 'admin.verb', 'config.reload', 'hub.start', 'hub.stop', 'handshake.step', 'store.trouble', 'push.refused', 'push.caught_up'];
const lasting = ['party.status,admin.verb,config.reload,hub.start', 'store.trouble,push.refused,push.caught_up'];
const isIncident = (event) => !['login', 'logout'].includes(event.what);
const incident = (event) => h('li', {}, h('span', { class: 'mono' }, clock(event.at)), ' ', event.platform ? platformLink(event.platform, event.name ?? event.subject) : event.subject || event.type,
	' ', h('strong', {}, event.what), ' ', h('span', { class: 'quiet' }, event.who && `by ${event.who} `, event.why ?? ''));

export function overview(page) {
	const health = h('div'), cards = h('div', { class: 'cards' }), events = h('ul');
	const refresh = () => {
		part(health, () => get('check'), (check) => [h('p', {}, state(check.status ?? ['good', 'warning', 'critical'][check.level])),
			h('ul', {}, (check.checks ?? []).filter((c) => c.status !== 'good').map((c) => h('li', {}, state(c.status ?? 'warning'), ' ', c.check, ' ', h('span', { class: 'quiet' }, c.detail ?? ''))))]);
		const last = (metric) => get('series', { metric, window: 300 }).then((s) => ({ sum: Object.values(s.series).flat().reduce((n, v) => n + (v ?? 0), 0) * s.step_s,
			seconds: s.series.in.filter((v) => v !== null).length * s.step_s })); // a slot that was not measured is null
		part(cards, () => Promise.all([get('status'), get('push'), last('requests'), last('errors')]), ([status, push, { sum: messages, seconds }, { sum: failed }]) => {
			const count = (name) => status.platforms_by_status[name] ?? 0;
			return [card('Connected', count('CONNECTED'), 'good'), card('Offline', count('OFFLINE'), count('OFFLINE') ? 'bad' : ''), card('Planned', count('PLANNED')), card('Suspended', count('SUSPENDED')),
				card('Messages, 5 min', `${many(messages / Math.max(1, seconds))}/s`), card('Errors', messages ? percent(failed / messages) : '–', failed ? 'warn' : ''),
				card('Backlog', push.reduce((n, p) => n + Math.max(p.owed, p.lag) + p.parked, 0)), card('Refused', push.reduce((n, p) => n + p.refused, 0))];
		});
	};
	fill(page, h('h1', {}, 'Overview'), cards, h('div', { class: 'split' }, block('Health', health), block('Last incidents', events),
		ask('Requests, 1/s', () => get('series', { metric: 'requests' }), (s) => chart('Requests', s)),
		ask('Latency, ms', () => get('series', { metric: 'latency' }), (s) => chart('Latency', s)),
		ask('Errors, 1/s', () => get('series', { metric: 'errors' }), (s) => chart('Errors', s))));
	refresh();
	part(events, () => Promise.all(lasting.map((types) => get('events', { limit: 40, types }))), (lists) => lists.flat().sort((a, b) => a.id - b.id).filter(isIncident).slice(-10).reverse().map(incident));
	const end = listen({ types: told.join(',') }, told, (type, event) => {
		if (isIncident(event)) events.prepend(incident(event));
		while (events.children.length > 10) events.lastElementChild?.remove();
		refresh();
	});
	const timer = setInterval(refresh, 10000);
	return () => { end(); clearInterval(timer); };
}

/** "63 probes, next in 12 s", which counts down. */
function probes({ count, next, under_way }) {
	if (!next) return null;
	const left = h('time', { datetime: next, title: next });
	const show = () => { const s = Math.ceil((Date.parse(next) - Date.now()) / 1000); left.textContent = under_way || s <= 0 ? 'one is due' : `next in ${age(s)}`; };
	const timer = setInterval(() => (left.isConnected ? show() : clearInterval(timer)), 1000);
	show();
	return h('span', {}, `${count} ${count === 1 ? 'probe' : 'probes'}, `, left);
}
const remarks = (row) => row.reason && h('tr', {}, h('td', { colspan: 8, class: 'quiet' }, '└ ', row.reason, row.suspension?.until && `, until ${row.suspension.until}`, row.status === 'OFFLINE' && [', ', probes(row.probe)]));

const invitation = (answer) => [list([['Platform', answer.platform], ['Versions URL', h('span', { class: 'mono' }, answer.versions_url)], ['Token A', h('span', { class: 'mono' }, answer.token)], ['Good until', answer.expires ?? 'for ever']]),
	h('p', { class: 'note' }, 'The token is shown this once. Hand both over on a way that nobody else can read.')];

function invite(place) {
	const send = (event) => {
		event.preventDefault();
		const { name, parties } = Object.fromEntries(new FormData(event.target)), claims = String(parties).split(/[\s,]+/).filter(Boolean);
		part(place, () => post('platforms', { name, ...(claims.length ? { parties: claims } : {}) }), (answer) => block(`${name} is invited`, invitation(answer)));
	};
	fill(place, block('Invite a platform', h('form', { class: 'tools', onsubmit: send }, h('label', {}, 'Name', h('input', { id: 'name', name: 'name', required: true })),
		h('label', {}, 'Parties it may claim, or any', h('input', { name: 'parties', placeholder: 'DE*CPO:CPO' })), h('button', { class: 'main' }, 'Invite'))));
	focus('name');
}

export function parties(page, query, go) {
	const place = h('div'), guest = h('div', { 'aria-live': 'polite' }), text = query.get('q') ?? '', wanted = query.get('status') ?? '', size = 200;
	let shown = size;
	const ask = async () => { // page by page, as many as are shown
		const rows = [];
		for (let after = 0; rows.length < shown; after = rows.at(-1).id) {
			const some = await get('platforms', { text, status: wanted, limit: size, after });
			rows.push(...some);
			if (some.length < size) return { rows, more: false };
		}
		return { rows, more: true };
	};
	const show = () => part(place, ask, ({ rows, more }) => [table([
		['Status', (r) => [state(r.status), ' ', h('span', { class: 'quiet' }, since(r.since))]], ['Platform', (r) => platformLink(r.id, r.name)], ['Parties', roles],
		['5 min', (r) => (r.recent ? `${many(r.recent.rate)}/s` : '–'), 'n'], ['Errors', (r) => (r.recent ? percent(r.recent.errors) : '–'), 'n'], ['p99', (r) => (r.recent ? ms(r.recent.p99_ms) : '–'), 'n'],
		['Version', (r) => r.version ?? '–'], ['Last contact', (r) => since(r.last_contact)],
	], rows.sort((a, b) => Number(b.status === 'OFFLINE') - Number(a.status === 'OFFLINE') || a.id - b.id), text || wanted ? 'None fits.' : 'No platform: roamhubctl party invite --name NAME', remarks),
	more && h('p', {}, h('button', { id: 'more', onclick: () => { shown += size; show(); } }, 'More'))]);
	fill(page, h('h1', {}, 'Parties'), h('form', { class: 'tools', role: 'search', onsubmit: (e) => e.preventDefault() },
		h('label', {}, 'Name or party', h('input', { id: 'q', value: text, onchange: (e) => go({ q: e.target.value, status: wanted }) })),
		h('label', {}, 'Status', h('select', { id: 'status', onchange: (e) => go({ q: text, status: e.target.value }) },
			['', 'CONNECTED', 'OFFLINE', 'PLANNED', 'SUSPENDED'].map((s) => h('option', { value: s, selected: s === wanted }, s || 'any')))),
		mayChange() && h('button', { type: 'button', onclick: () => invite(guest) }, 'Invite…')), guest, block(null, place));
	show();
	const end = listen({ types: 'party.status,admin.verb' }, ['party.status', 'admin.verb'], show), timer = setInterval(show, 10000);
	return () => { end(); clearInterval(timer); };
}

const refused = (rows) => table([['At', (r) => since(r.at)], ['Times', (r) => r.count, 'n'], ['Request', (r) => `${r.method} ${r.path}`], ['Answer', (r) => `${r.http}/${r.ocpi || '–'}`], ['Words', (r) => r.words]], rows, 'Nothing.');

const portalLink = (answer) => [list([['Link', h('span', { class: 'mono' }, answer.url)], ['Good until', answer.expires]]), 'It is shown this once. Hand it over on a way that nobody else can read.'];

/** Simulated counterparts of one platform, which it alone meets. */
function sandboxes(id, row) {
	const place = h('div'), said = h('div', { 'aria-live': 'polite' });
	if (row.sandbox_of) return block('Sandbox', h('p', {}, 'It is simulated, for ', platformLink(row.sandbox_of, `platform ${row.sandbox_of}`), ', which alone meets it.'));
	const show = () => part(place, () => get('sandboxes'), (rows) => table([['Status', (r) => state(r.status)], ['Party', (r) => (r.sandbox_platform ? platformLink(r.sandbox_platform, r.party) : '–')], ['Role', (r) => r.role],
		['Port', (r) => r.port ?? '–', 'n'], ['Last end', (r) => r.why ?? '–']], rows.filter((r) => r.platform === Number(id)), 'It has none.'));
	const button = (label, act) => h('button', { onclick: () => part(said, act, () => { show(); return []; }) }, label);
	show();
	return block('Simulated counterparts', mayChange() && h('div', { class: 'tools' }, ['CPO', 'EMSP'].map((role) => button(`Start a ${role}`, () => post(`platforms/${id}/sandbox`, { role }))),
		button('Stop all', () => remove(`platforms/${id}/sandbox`))), said, place);
}

const tabs = {
	now: (id, row) => [block('Now', list([['Status', state(row.status)], ['Since', since(row.since)], ['Why', row.reason], ['Until', row.suspension?.until], ['Probes', probes(row.probe)], ['Version', row.version], ['Versions URL', row.versions_url], ['Last contact', since(row.last_contact)],
		['Parties', roles(row)], ['Last failure', row.last_failure && `${row.last_failure.at} ${row.last_failure.why}`], ['Pushes', row.owed !== undefined && `${row.owed} owed, ${row.lag} behind, window ${row.window}`],
		['Token', row.rotation?.token_made && `made ${row.rotation.token_made}`], ['Requests', `${row.requests} (${row.refused} refused), ${row.calls} calls`]])),
	h('div', { class: 'split' }, ask('Requests, 1/s', () => get('series', { metric: 'requests', platform: id }), (s) => chart('Requests', s)),
		ask('Latency, ms', () => get('series', { metric: 'latency', platform: id }), (s) => chart('Latency', s)))],
	handshake: (id) => ask('Handshakes', () => get(`platforms/${id}/handshakes`), ({ tries }) => (tries.length ? tries.toReversed().map((one) => attempt(one)) : h('p', { class: 'quiet' }, 'None was tried yet, by neither side.'))),
	owed: (id, row) => [block('Refused for good', table([['At', (r) => since(r.at)], ['Object', (r) => objectLink(`${r.module}/${r.owner}/${r.id}`)], ['Answer', (r) => `${r.http}/${r.ocpi}`], ['Why', (r) => r.why]], row.refusals, 'It refused nothing.')),
		block('Could not take', table([['Since', (r) => since(r.since)], ['Object', (r) => objectLink(`${r.module}/${r.owner}/${r.id}`)], ['Kind', (r) => r.kind], ['Tries', (r) => r.attempts, 'n'], ['Why', (r) => r.why]], row.parked_objects, 'Nothing waits beside the feed.')),
		block('It refused lately, in its words', refused(row.it_refused)), block('The hub refused of it lately', refused(row.hub_refused)),
		mayChange() && block('Redrive', redrive(id))],
	faults: (id) => ask('Fields, since the start', () => get(`platforms/${id}/faults`), ({ faults }) => faultsByField(faults)),
	check: (id) => { const place = h('div'); part(place, () => get(`platforms/${id}/check`).catch((fault) => { if (fault.status !== 404) throw fault; return null; }), (one) => report(one)); return block('What its interfaces do', mayChange() && h('button', { onclick: () => part(place, () => post(`platforms/${id}/check`, {}), (one) => report(one)) }, 'Ask it now, reading only'), place); },
	sandbox: sandboxes,
	settings: (id, row) => [block('Settings in force', table([['Key', (r) => r.key], ['Value', (r) => String(r.value ?? '')], ['Chosen', (r) => (r.chosen ? 'yes' : '')]], row.settings_in_force, 'None.')),
		block('Quotas', table([['Key', (r) => r.key], ['Used', (r) => r.used, 'n'], ['Of', (r) => r.most || 'no limit', 'n']], row.quotas, 'None.'))],
	agreements: (id, row) => ask('Agreements', () => get('agreements'), (rows) => {
		const own = new Set(row.roles.map((p) => `${p.country_code}*${p.party_id}`.toUpperCase()));
		return table([['Id', (r) => r.id], ['CPO', (r) => r.cpo], ['eMSP', (r) => r.emsp], ['Modules', (r) => [r.modules ?? 'all'].flat().join(', ')], ['From', (r) => r.from ?? '–'], ['Until', (r) => r.until ?? '–']],
			rows.filter((r) => own.has(String(r.cpo).toUpperCase()) || own.has(String(r.emsp).toUpperCase())), 'None names it: the default of the hub holds.');
	}),
	history: (id) => [ask('What it was', () => get(`platforms/${id}/history`), (r) => table([['Since', (s) => s.since], ['Status', (s) => state(s.status)], ['For', (s) => age(s.duration_s)], ['Why', (s) => s.why ?? '']], r.history.toReversed(), 'Nothing was written down of it.')),
		ask('What happened', () => get('events', { platform: id, limit: 100 }), (rows) => table([['At', (r) => r.at], ['Type', (r) => r.type], ['What', (r) => r.what], ['By', (r) => r.who || 'the hub'], ['Why', (r) => r.why ?? '']], rows.reverse(), 'Nothing was written down of it.'))],
};
const titles = { now: 'Now', handshake: 'Handshake', owed: 'Owed and refused', faults: 'Faults by field', check: 'Check', sandbox: 'Sandbox', settings: 'Settings', agreements: 'Agreements', history: 'History' };

/**
 * What is meant, what that would be, go.
 * @param {number | null} id null: of all platforms
 * @param {(answer: any) => void} [done]
 */
export function redrive(id, done = () => {}) {
	const place = h('div', { 'aria-live': 'polite' }), path = id ? `platforms/${id}/redrive` : 'push/redrive';
	const modules = ['', 'locations', 'tariffs', 'tokens', 'sessions', 'cdrs', 'hubclientinfo'];
	const form = /** @type {HTMLFormElement} */ (h('form', { class: 'tools', onsubmit: (e) => { e.preventDefault(); run(true); } },
		h('label', {}, 'module', h('select', { name: 'module' }, modules.map((m) => h('option', { value: m }, m || 'any')))),
		h('label', {}, 'or object', h('input', { name: 'object', placeholder: 'locations/DE*CPO/LOC1' })),
		['since', 'until'].map((name) => h('label', {}, name, h('input', { name, placeholder: '2026-11-23T08:00:00Z' }))),
		h('button', {}, 'What would be sent again?')));
	/** @type {import('./parts.js').Column[]} */
	const columns = [['Object', (r) => objectLink(`${r.module}/${r.owner}/${r.id}`)], ['Kind', (r) => r.kind], ['Why', (r) => r.why]];
	if (!id) columns.unshift(['Platform', (r) => platformLink(r.platform)]);
	const run = (dry) => part(place, () => post(path, { ...Object.fromEntries([...new FormData(form)].filter(([, v]) => v !== '')), dry_run: dry }), (answer) => {
		if (!dry) done(answer);
		return [h('p', {}, dry ? `${answer.count} would be sent again:` : `${answer.count} are sent again now.`),
			answer.platforms && answer.platforms.length > 0 && h('p', {}, answer.platforms.map((p) => [platformLink(p.platform, p.name), ` ${p.count}  `])),
			table(columns, answer.objects, 'Nothing.'),
			answer.more && h('p', { class: 'quiet' }, 'There are more, which are not listed.'),
			dry && answer.count > 0 && h('button', { class: 'main', onclick: () => run(false) }, `Send ${answer.count} again`)];
	});
	return [form, place];
}

/**
 * What may be done to a platform: the question before, what is done, what is said then.
 * @type {Record<string, [string, (id: string) => Promise<any>, (answer: any) => import('./dom.js').Children]>}
 */
const verbs = {
	resume: ['It is sent what it missed, and its parties are CONNECTED for the others.', (id) => post(`platforms/${id}/resume`), () => 'It is back.'],
	'exchange tokens': ['', (id) => post(`platforms/${id}/rotate`), () => 'The tokens were exchanged.'],
	'invite anew': ['The token A that it has is dead from then on.', (id) => post(`platforms/${id}/invite`), invitation],
	'portal link': ['The link that was made before is good for nothing any more.', (id) => post(`platforms/${id}/portal`), portalLink],
	'take portal link back': ['Who came by it is out.', (id) => remove(`platforms/${id}/portal`), () => 'The link is good for nothing any more.'],
	remove: ['Its tokens are forgotten, and it is told so; its parties are SUSPENDED for the others.', (id) => remove(`platforms/${id}`), () => 'It is removed.'],
};
/** Who is told of a change of its status. */
const audience = ({ count, platforms }) => (count === 0 ? 'Nobody is told: no other platform listens to this.' : `Told: ${platforms.map((p) => p.name).join(', ')}${count > platforms.length ? ` and ${count - platforms.length} more` : ''}.`);

/** Why, and until when. @param {Element} place @param {any} row @param {(how: any) => void} run */
function suspend(place, row, run) {
	const send = (event) => {
		event.preventDefault();
		const { reason, until } = Object.fromEntries(new FormData(event.target));
		run({ ...(reason ? { reason } : {}), ...(until ? { until: new Date(String(until)).toISOString() } : {}) });
	};
	fill(place, block(`Suspend ${row.name}`, h('p', {}, 'It is refused everything and sent nothing, and its parties are SUSPENDED for the others. ', audience(row.audience)),
		h('form', { class: 'tools', onsubmit: send }, h('label', {}, 'Reason, if one is to be told', h('input', { id: 'reason', name: 'reason', maxlength: 200 })),
			h('label', {}, 'Until, or until it is resumed', h('input', { name: 'until', type: 'datetime-local' })), h('button', { class: 'main' }, 'Suspend'))));
	focus('reason');
}

/** @type {Record<string, string[]>} */
const may = { PLANNED: ['invite anew', 'portal link', 'take portal link back', 'remove'], SUSPENDED: ['resume', 'remove'] };

export function party(page, query, go, [id]) {
	const tab = query.get('tab') ?? 'now', body = h('div'), said = h('div', { 'aria-live': 'polite' });
	fill(page, body, said);
	const done = (run, tell) => part(said, async () => { const answer = await run(id); show(); return answer; }, (answer) => h('p', { class: 'note' }, tell(answer)));
	const act = (verb, row) => {
		if (verb === 'suspend') return suspend(said, row, (how) => done(() => post(`platforms/${id}/suspend`, how), (answer) => `It is suspended. ${audience(answer.audience)}`));
		const [question, run, tell] = verbs[verb], heard = ['resume', 'remove'].includes(verb) ? ` ${audience(row.audience)}` : '';
		if (!question || confirm(`${verb} ${row.name}? ${question}${heard}`)) done(run, tell);
	};
	const acts = (row) => mayChange() && h('div', { class: 'tools' }, (may[row.status] ?? ['suspend', 'exchange tokens', 'portal link', 'take portal link back', 'remove']).map((verb) => h('button', { onclick: () => act(verb, row) }, verb)),
	h('a', { href: `#/messages?platform=${id}` }, 'its messages'));
	const show = () => part(body, () => get(`platforms/${id}`), (row) => [h('h1', {}, row.name, ' ', state(row.status)), acts(row),
		h('nav', { class: 'tabs', 'aria-label': 'Of this party' }, Object.keys(tabs).map((name) => h('a', { href: `#/party/${id}?tab=${name}`, 'aria-current': name === tab ? 'page' : null }, titles[name]))),
		(tabs[tab] ?? tabs.now)(id, row)]);
	show();
	return listen({ types: 'party.status', platform: id }, ['party.status'], show);
}
