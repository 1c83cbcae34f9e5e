// pages: Connection, My messages, My faults, Test.
import { h, fill } from '../console/dom.js';
import { get, post, remove } from '../console/api.js';
import { ask, block, clock, json, list, part, since, state, table } from '../console/parts.js';
import { attempt, faultsByField, ms, report } from '../console/shown.js';

const roles = (row) => (row.roles ?? []).map((r) => `${r.country_code}*${r.party_id} ${r.role}`).join(', ') || '–';
const mono = (text) => h('span', { class: 'mono' }, text);

/** The last report; null: there is none. */
const lastReport = () => get('check').catch((fault) => { if (fault.status !== 404) throw fault; return null; });

/** Ask now, and what was found then. @param {string} title */
function check(title) {
	const place = h('div', { 'aria-live': 'polite' }), show = (one) => report(one, false);
	const button = /** @type {HTMLButtonElement} */ (h('button', { class: 'main', onclick: async () => {
		button.disabled = true;
		fill(place, h('p', { class: 'quiet' }, 'Asking: that takes some seconds, two minutes at most.'));
		await part(place, () => post('check'), show);
		button.disabled = false;
	} }, 'Ask my interfaces now'));
	part(place, lastReport, show);
	return block(title, h('div', { class: 'tools' }, button, h('span', { class: 'quiet' }, 'By reading alone, once a minute at most.')), place);
}

/** @type {import('../console/frame.js').Page} */
export function connection(page) {
	fill(page, h('h1', {}, 'Connection'),
		ask('How it stands', () => get('login'), ({ partner, expires, hub, ...me }) => [list([['Name', partner.name], ['Status', state(partner.status)], ['Since', since(partner.since)], ['Why', partner.reason], ['Parties', roles(partner)],
			['Last contact', since(partner.last_contact)], ['Your versions URL', me.versions_url && mono(me.versions_url)], ['The hub', hub], ['Its versions URL', mono(me.hub_versions_url)],
			['Invite until', partner.status === 'PLANNED' ? partner.invite_expires : null], ['This link is good until', expires]])]),
		ask('Handshakes', () => get('handshakes'), ({ tries }) => (tries.length ? tries.toReversed().map((one) => attempt(one, 'the hub', 'you')) : h('p', { class: 'quiet' }, 'None was tried yet, by neither side.'))),
		check('What your interfaces do'));
}

const outcomes = ['', 'failed', 'ok', 'unauthorised', 'refused_by_hub', 'refused_by_partner', 'partner_failed', 'unreachable', 'late', 'hub_failed'];
const code = (r) => (r.http || r.ocpi ? `${r.http ?? '–'}/${r.ocpi ?? '–'}` : '–');
const way = (r) => (r.leg === 'requester' ? 'you to the hub' : 'the hub to you');
/** @type {import('../console/parts.js').Column[]} */
const columns = [['At', (r) => h('span', { class: 'mono', title: r.at }, clock(r.at))], ['Way', way], ['From', (r) => r.from ?? '–'], ['To', (r) => r.to ?? '–'],
	['Message', (r) => `${r.method ?? ''} ${r.module ?? ''}`], ['Object', (r) => mono(r.object ?? '–')], ['Outcome', (r) => state(r.outcome)], ['Answer', code],
	['Time', (r) => (r.us === undefined ? '–' : ms(r.us / 1000)), 'n'], ['', (r) => h('a', { href: `#/messages?correlation_id=${encodeURIComponent(r.correlation_id)}`, 'aria-label': `all of it: ${r.correlation_id}` }, 'all of it')]];

const leg = (r) => block(`${way(r)} · ${r.from ?? '?'} → ${r.to ?? '?'}`, list([['Outcome', state(r.outcome)], ['At', r.at], ['Message', mono(`${r.method ?? ''} ${r.origin ?? ''}${r.path ?? ''}`)], ['Answer', code(r)],
	['Time', r.us !== undefined && ms(r.us / 1000)], ['Field', r.field], ['Why', r.why], ['Said', r.said], ['Object', r.object], ['X-Request-ID', r.request_id], ['X-Correlation-ID', r.correlation_id]]),
r.body && [h('h3', {}, 'Body', r.body_bytes ? `, the first bytes of ${r.body_bytes}` : ''), json(r.body)], r.answer && [h('h3', {}, 'Answer', r.answer_bytes ? `, the first bytes of ${r.answer_bytes}` : ''), json(r.answer)]);

/** What this platform refused for good, and the way to have it once more. */
function refused() {
	const place = h('div'), said = h('div', { 'aria-live': 'polite' });
	const again = (r) => part(said, () => post('redrive', { object: `${r.module}/${r.owner}/${r.id}` }), () => h('p', { class: 'good' }, `${r.module}/${r.owner}/${r.id} is sent again now.`));
	part(place, () => get('refused'), (rows) => table([['At', (r) => since(r.at)], ['Object', (r) => mono(`${r.module}/${r.owner}/${r.id}`)], ['Your answer', code], ['Why', (r) => r.why],
		['', (r) => h('button', { 'aria-label': `send ${r.module}/${r.owner}/${r.id} again`, onclick: () => again(r) }, 'send again')]], rows, 'You refused nothing for good.'));
	return block('What you refused for good', said, place);
}

/** @type {import('../console/frame.js').Page} */
export function messages(page, query, go) {
	const place = h('div'), values = Object.fromEntries(query), one = values.correlation_id, names = ['text', 'party', 'object', 'module', 'until'];
	if (one) {
		fill(page, h('h1', {}, 'One message'), place);
		part(place, () => get('messages', { correlation_id: one }), ({ rows, other_side }) => [h('div', { class: 'split' }, rows.map(leg)), rows.length === 0 && h('p', { class: 'quiet' }, 'Nothing of yours is kept of it.'),
			other_side.length > 0 && block('The other side', other_side.map((r) => h('p', {}, 'answered ', code(r))))]);
		return;
	}
	const field = (name) => h('label', {}, name, h('input', { id: name, name, value: values[name] ?? '', placeholder: name === 'until' ? '2026-11-23T08:00:00Z' : null }));
	const form = h('form', { class: 'tools', role: 'search', onsubmit: (e) => { e.preventDefault(); go(Object.fromEntries([...new FormData(e.target)].map(([k, v]) => [k, String(v)]))); } }, names.map(field),
		h('label', {}, 'outcome', h('select', { id: 'outcome', name: 'outcome' }, outcomes.map((o) => h('option', { value: o, selected: o === (values.outcome ?? '') }, o || 'any')))), h('button', { class: 'main' }, 'Search'));
	const all = [], newest = new Date(Date.now() + 60000).toISOString();
	const question = (cursor) => get('messages', { ...Object.fromEntries([...names, 'outcome'].map((n) => [n, values[n]])), limit: 100, until: values.until || newest, cursor });
	const show = ({ rows, next_cursor: next }) => {
		all.push(...rows.toReversed());
		const button = /** @type {HTMLButtonElement} */ (h('button', { id: 'older', onclick: () => { button.disabled = true; part(place, () => question(next), show); } }, 'Older'));
		return [table(columns, all, next ? 'None among those that were looked at.' : 'No message of yours fits.'), next && h('p', {}, button)];
	};
	fill(page, h('h1', {}, 'My messages'), form, block(null, place), refused());
	part(place, () => question(''), show);
}

/** @type {import('../console/parts.js').Column[]} */
const flaws = [['Pointer', (r) => mono(r.pointer || '/')], ['Found', (r) => mono(r.found)], ['Expected', (r) => r.expected], ['Class', (r) => r.class], ['Written in', (r) => [r.spec, r.rule].filter(Boolean).join(', ')]];

/** @type {import('../console/frame.js').Page} */
export function faults(page) {
	const verdict = h('div', { 'aria-live': 'polite' }), choice = h('select', { id: 'class', name: 'class' });
	const judge = (event) => {
		event.preventDefault();
		part(verdict, () => post('validate', Object.fromEntries([...new FormData(event.target)])), (r) => [h('p', { class: r.valid ? 'good' : 'bad' }, r.valid ? `A valid ${r.class}.` : `${r.count} faults:`),
			!r.valid && table(flaws, r.flaws, ''), r.tolerated.length > 0 && [h('p', { class: 'warn' }, 'Tolerated:'), table(flaws, r.tolerated, '')]]);
	};
	fill(page, h('h1', {}, 'My faults'), ask('By field, since the hub was started', () => get('faults'), (r) => faultsByField(r.faults)),
		block('Try an object', h('form', { onsubmit: judge }, h('label', {}, 'class', choice), h('label', {}, 'sent by', h('select', { name: 'method' }, ['PUT', 'PATCH'].map((m) => h('option', { value: m }, m)))), h('button', { class: 'main' }, 'Check it'),
			h('label', { class: 'wide' }, 'JSON: one object, or a list', h('textarea', { id: 'text', name: 'text', rows: 12, required: true, spellcheck: 'false' }))), verdict));
	get('classes').then((rows) => fill(choice, rows.map((r) => h('option', { value: r.name, selected: r.name === 'Location' }, r.name))));
}

/** A simulated counterpart, which this platform alone meets. */
function sandbox() {
	const place = h('div'), said = h('div', { 'aria-live': 'polite' });
	const show = () => part(place, () => get('sandbox'), (rows) => table([['Status', (r) => state(r.status)], ['Party', (r) => mono(r.party ?? '–')], ['Role', (r) => r.role], ['Last end', (r) => r.why ?? '–']], rows, 'You have none.'));
	const button = (label, act) => h('button', { onclick: () => part(said, act, () => { show(); return []; }) }, label);
	show();
	return block('A counterpart to try with', h('p', {}, 'A simulated party in the hub, which nobody else meets: it answers, shares objects of its own and charges.'),
		h('div', { class: 'tools' }, ['CPO', 'EMSP'].map((role) => button(`Start a ${role}`, () => post('sandbox', { role }))), button('Stop all', () => remove('sandbox'))), said, place);
}

/** @type {import('../console/frame.js').Page} */
export function test(page) {
	fill(page, h('h1', {}, 'Test'), check('Report of your interfaces'), h('p', {}, h('button', { onclick: () => print() }, 'Print the report')), sandbox());
}
