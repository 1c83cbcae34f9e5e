// traffic: Messages, Object, Backlog.
import { h, fill, focus } from './dom.js';
import { get, listen, mayChange } from './api.js';
import { age, ask, block, clock, json, list, objectLink, part, platformLink, since, state, table } from './parts.js';
import { redrive } from './parties.js';

const outcomes = ['', 'failed', 'ok', 'unauthorised', 'refused_by_hub', 'refused_by_partner', 'partner_failed', 'unreachable', 'late', 'hub_failed'];
/** @type {import('./parts.js').Column[]} */
const columns = [['At', (r) => h('span', { class: 'mono', title: r.at }, clock(r.at))], ['Leg', (r) => r.leg ?? '–'], ['From', (r) => r.from ?? '–'], ['To', (r) => r.to ?? '–'],
	['Message', (r) => [r.method ?? '', ' ', r.module ?? '']], ['Object', (r) => objectLink(r.object)], ['Outcome', (r) => state(r.outcome)], ['Answer', (r) => (r.http ? `${r.http}/${r.ocpi ?? '–'}` : '–')],
	['Time', (r) => (r.us === undefined ? '–' : `${(r.us / 1000).toFixed(1)} ms`), 'n'], ['Story', (r) => h('a', { href: `#/messages?correlation_id=${encodeURIComponent(r.correlation_id)}`, 'aria-label': `both legs of ${r.correlation_id}` }, 'both legs')]];

/** Both lanes of one message: who asked, whom the hub asked, and why it ended so. */
const lanes = (rows) => h('div', { class: 'split' }, rows.map((r) => block(`${r.leg ?? 'leg'} · ${r.from ?? '?'} → ${r.to ?? '?'}`, list([['Outcome', state(r.outcome)], ['At', r.at], ['Message', `${r.method ?? ''} ${r.path ?? ''}`],
	['Answer', r.http && `HTTP ${r.http}, OCPI ${r.ocpi ?? '–'}`], ['Time', r.us !== undefined && `${(r.us / 1000).toFixed(2)} ms`], ['Why', r.why], ['Said', r.said], ['Flow', r.flow], ['Object', r.object && objectLink(r.object)]]),
r.body && [h('h3', {}, 'Body', r.body_bytes ? `, the first bytes of ${r.body_bytes}` : ''), json(r.body)], r.answer && [h('h3', {}, 'Answer', r.answer_bytes ? `, the first bytes of ${r.answer_bytes}` : ''), json(r.answer)],
h('details', {}, h('summary', {}, 'all that is known'), h('pre', { tabindex: 0 }, JSON.stringify(r, null, 1))))));

export function messages(page, query, go) {
	const place = h('div'), values = Object.fromEntries(query), one = values.correlation_id;
	const names = ['text', 'platform', 'party', 'object', 'module', 'until', 'correlation_id'], live = values.live === '1';
	const field = (name) => h('label', {}, name.replace('_', ' '), h('input', { id: name, name, value: values[name] ?? '', placeholder: name === 'until' ? '2026-11-23T08:00:00Z' : null }));
	const read = (form) => Object.fromEntries([...new FormData(form)].filter(([, v]) => v !== ''));
	const form = h('form', { class: 'tools', role: 'search', onsubmit: (e) => { e.preventDefault(); go(read(form)); } }, names.map(field),
		h('label', {}, 'outcome', h('select', { id: 'outcome', name: 'outcome' }, outcomes.map((o) => h('option', { value: o, selected: o === (values.outcome ?? '') }, o || 'any')))),
		h('button', { class: 'main' }, 'Search'), h('button', { type: 'button', onclick: () => go({ ...read(form), live: live ? '' : '1' }) }, live ? 'Stop the tail' : 'Live tail'));
	fill(page, h('h1', {}, 'Messages'), form, one ? place : block(null, place));
	if (live) {
		const rows = [];
		const show = () => fill(place, table(columns, rows, 'Waiting for the next message …'));
		show();
		return listen({ types: 'message', ...(values.platform ? { platform: values.platform } : {}) }, ['message'], (type, row) => {
			if (values.module && row.module !== values.module) return;
			if (values.outcome && (values.outcome === 'failed' ? row.outcome === 'ok' : row.outcome !== values.outcome)) return;
			rows.unshift(row);
			rows.length = Math.min(rows.length, 200);
			show();
		});
	}
	const asked = Object.fromEntries([...names, 'outcome'].map((n) => [n, values[n]])), newest = new Date(Date.now() + 60000).toISOString();
	const all = [];
	const ask = (cursor) => get('log', { limit: one ? 200 : 100, sample: 'true', ...asked, until: values.until || (one ? '' : newest), cursor });
	/** A page, newest first, behind those that are there. */
	const show = (answer) => {
		all.push(...answer.rows.reverse());
		const older = () => { button.disabled = true; part(place, () => ask(answer.next_cursor), show); };
		const button = /** @type {HTMLButtonElement} */ (h('button', { id: 'older', onclick: older }, 'Older'));
		return [one ? lanes(all.toReversed()) : table(columns, all, answer.next_cursor ? 'None among those that were looked at.' : 'No message of the time that the trace keeps fits.'),
			answer.sample.left_out > 0 && h('p', { class: 'quiet' }, `A sample: ${answer.sample.kept} of ${answer.sample.kept + answer.sample.left_out} legs were kept.`),
			answer.next_cursor && h('p', {}, button)];
	};
	part(place, () => ask(''), show);
	return () => {};
}

/** Whose object @id of @module is, when only these two are known. */
async function owners(module, id) {
	const found = await get(`objects/${module}/${encodeURIComponent(id)}`);
	return [...new Set(found.matches.map((o) => o.owner))];
}

function askForObject(page) {
	const told = h('div', { 'aria-live': 'polite' }), show = (module, owner, id) => { location.hash = `#/object/${module}/${owner}/${encodeURIComponent(id)}`; };
	const jump = (event) => {
		event.preventDefault();
		const [module, ...rest] = event.target.elements.name.value.trim().split('/');
		if (rest[0]?.includes('*')) return show(module, rest[0], rest.slice(1).join('/'));
		const id = rest.join('/');
		part(told, () => owners(module, id), (all) => {
			if (all.length === 1) show(module, all[0], id);
			return block(null, all.length ? all.map((owner) => h('p', {}, objectLink(`${module}/${owner}/${id}`))) : h('p', { class: 'quiet' }, `The hub keeps no object ${id} of ${module}.`));
		});
	};
	fill(page, h('h1', {}, 'Object'), h('form', { class: 'tools', onsubmit: jump }, h('label', {}, 'Module, owner if you know it, and id', h('input', { id: 'name', name: 'name', size: 44, placeholder: 'locations/DE*CPO/LOC1 or cdrs/CDR1' })), h('button', { class: 'main' }, 'Show')), told);
	focus('name');
	return () => {};
}

/** @type {import('./parts.js').Column[]} */
const earlier = [['Received', (r) => r.at], ['Until', (r) => r.until], ['From', (r) => r.sender?.name ?? '?'], ['Change', (r) => r.change], ['SHA-256', (r) => h('span', { class: 'mono' }, `${r.sha256.slice(0, 12)}…`)]];
const found = (part) => (Array.isArray(part) ? part.length : part === null ? 0 : (part.legs ?? part.agreements).length);

/** What is known of a CDR, by part; the file is the answer itself. */
function evidence(e, id, owner) {
	const parts = Object.entries(e.parts).map(([name, part]) => ({ name, count: found(part), sha256: e.digests[name] }));
	return [table([['Part', (r) => r.name], ['Found', (r) => r.count], ['SHA-256', (r) => h('span', { class: 'mono' }, `${r.sha256.slice(0, 12)}…`)]], parts, ''),
		e.missing.map((m) => h('p', { class: 'quiet' }, `${m.part} is missing: ${m.why}`)),
		h('p', {}, h('a', { href: `/admin/v1/evidence/${encodeURIComponent(id)}?party=${encodeURIComponent(owner)}`, download: `evidence-${id.replace(/\W/g, '-')}.json` }, 'The file to hand over'))];
}

export function object(page, query, go, [module, owner, ...rest]) {
	if (!module) return askForObject(page);
	const id = decodeURIComponent(rest.join('/')), [country, party] = owner.split('*'), path = `objects/${module}/${country}/${party}/${encodeURIComponent(id)}`;
	fill(page, h('h1', {}, h('span', { class: 'mono' }, `${module} / ${owner} / ${id}`)),
		ask('Receivers', () => get(`${path}/delivery`), (d) => [d.current && h('p', {}, `change ${d.current.change} · `, since(d.current.at), ` ago · from ${d.current.sender?.name ?? '?'} · `, h('span', { class: 'mono' }, `sha256 ${d.current.sha256.slice(0, 12)}…`)),
			h('p', {}, `${d.entitled} entitled: ${d.has} have it, ${d.waits} wait, ${d.refused} refused`, d.not_sent ? `, ${d.not_sent} ask for it themselves` : ''),
			table([['Delivery', (r) => state(r.delivery)], ['Party', (r) => `${r.party} ${r.role}`], ['Platform', (r) => platformLink(r.platform, r.name)], ['Since', (r) => since(r.sent ?? r.since)], ['Answer', (r) => (r.http ? `${r.http}/${r.ocpi}` : '–')], ['Why', (r) => r.why ?? '']], d.receivers, 'Nobody is entitled to it.'),
			d.addressed.map((r) => h('p', {}, `addressed to ${r.to}: `, state(r.delivery === 'has' ? 'has' : 'waits'), ` change ${r.change}`)),
			d.not_entitled.length > 0 && h('details', {}, h('summary', {}, `${d.not_entitled.length} not entitled`), table([['Party', (r) => r.party], ['Platform', (r) => platformLink(r.platform, r.name)], ['Rule', (r) => r.rule + (r.agreement ? ` (agreement ${r.agreement})` : '')]], d.not_entitled, ''))]),
		ask('As the hub keeps it', () => get(path), (o) => o.copies.map((c) => [h('p', { class: 'quiet' }, c.to ? `addressed to ${c.to}` : 'shared', ` · change ${c.change} · ${c.bytes} bytes · ${c.method} by ${c.sender?.name ?? '?'} · ${c.at}`), h('p', { class: 'mono' }, `sha256 ${c.sha256}`), json(c.body)]).concat([o.versions.length > 0 && h('details', {}, h('summary', {}, `${o.versions.length} earlier versions`), table(earlier, o.versions, ''))])),
		...(module === 'cdrs' ? [ask('Evidence', () => get(`evidence/${encodeURIComponent(id)}`, { party: owner }), (e) => evidence(e, id, owner))] : []),
		ask('Versions and messages of it', () => get('log', { object: `${module}/${owner}/${id}`, limit: 50 }), (rows) => table(columns, rows.reverse(), 'The trace has none any more.')));
	return () => {};
}

const steps = [['1m', '1 min'], ['10m', '10 min'], ['1h', '1 h'], ['1d', '1 d'], ['older', 'older']];
const causes = { queued: 'its turn comes', waits: 'asked for a pause', away: 'OFFLINE', failed: 'could not be taken', redrive: 'sent once more', introduced: 'new to it', pulled: 'from lists' };

export function backlog(page) {
	const place = h('div'), detail = h('div');
	const cell = (row, name, i) => h('td', { class: `n ${row.buckets.ages[name] ? `h${Math.min(3, i)}` : ''}` }, row.buckets.ages[name] || '');
	const why = (row) => Object.entries(row.buckets.causes).map(([name, ages]) => h('span', { title: causes[name] }, `${name} ${Object.values(ages).reduce((a, b) => a + b, 0)} · `));
	const open = (name, id) => fill(detail, block(`Redrive to ${name}`, redrive(id, show)));
	const show = () => part(place, () => get('push', { buckets: 'true' }), (rows) => {
		const behind = rows.filter((r) => r.lag || r.owed || r.parked || r.refused);
		if (behind.length === 0) return h('p', { class: 'good' }, '✔ Nobody is owed anything.');
		return [h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Backlog' }, h('table', {}, h('thead', {}, h('tr', {}, ['Receiver', ...steps.map((s) => s[1]), 'Refused', 'Cause', ''].map((t, i) => h('th', { scope: 'col', class: i > 0 && i < 7 ? 'n' : '' }, t)))),
			h('tbody', {}, behind.map((r) => h('tr', { class: 'row' }, h('td', {}, platformLink(r.platform, r.name)), steps.map(([name], i) => cell(r, name, i)), h('td', { class: 'n' }, r.refused || ''),
				h('td', {}, state(r.status), ' ', why(r), r.parked_oldest?.why ?? r.last_failure?.why ?? '', r.age_s ? h('span', { class: 'quiet' }, ` oldest ${age(r.age_s)}`) : ''),
				h('td', {}, mayChange() && (r.refused > 0 || r.parked > 0) && h('button', { 'aria-label': `redrive to ${r.name}`, onclick: () => open(r.name, r.platform) }, 'redrive…'))))))),
		behind.some((r) => r.buckets.partial) && h('p', { class: 'quiet' }, 'There is more behind it than was looked at.'),
		mayChange() && behind.some((r) => r.refused > 0 || r.parked > 0) && h('button', { onclick: () => open('all of them', null) }, 'redrive to all…')];
	});
	fill(page, h('h1', {}, 'Backlog'), block('Objects owed, by receiver and age', place), detail);
	let timer = 0, over = false;
	const again = async () => { // counting it may take longer than that
		await show();
		if (!over) timer = setTimeout(again, 5000);
	};
	again();
	return () => { over = true; clearTimeout(timer); };
}
