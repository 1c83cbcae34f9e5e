// hub: Roaming, Hub.
import { h, fill } from './dom.js';
import { get, post, mayChange } from './api.js';
import { ask, block, list, part, state, table } from './parts.js';

export function roaming(page) {
	const answer = h('div', { 'aria-live': 'polite' });
	const explain = (from, to, module) => part(answer, () => get('route', { from, to, module }), (r) => block(`${from} → ${to}, ${module}`, list([['Flow', r.flow], ['Rule', r.rule], ['Error', r.error], ['Interface', r.interface], ['Agreement', r.agreement && JSON.stringify(r.agreement)]])));
	fill(page, h('h1', {}, 'Roaming'), ask('CPO × eMSP', () => Promise.all([get('platforms'), get('agreements')]), ([platforms, agreements]) => {
		const all = platforms.flatMap((p) => p.roles.map((r) => ({ id: `${r.country_code}*${r.party_id}`, role: r.role })));
		const cpos = all.filter((p) => p.role === 'CPO').slice(0, 60), emsps = all.filter((p) => p.role === 'EMSP').slice(0, 60), same = (a, b) => String(a).toUpperCase() === b.toUpperCase();
		const text = (c, e) => { const found = agreements.filter((a) => same(a.cpo, c.id) && same(a.emsp, e.id)); return found.length ? found.map((a) => `${a.id}: ${[a.modules ?? 'all'].flat().join(', ')}${a.until ? ` until ${a.until.slice(0, 10)}` : ''}`).join('; ') : 'default'; };
		if (!cpos.length || !emsps.length) return h('p', { class: 'quiet' }, 'There is no CPO or no eMSP yet.');
		return h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Agreements' }, h('table', {}, h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, 'CPO'), emsps.map((e) => h('th', { scope: 'col' }, e.id)))),
			h('tbody', {}, cpos.map((c) => h('tr', {}, h('th', { scope: 'row' }, c.id), emsps.map((e) => h('td', {}, h('button', { 'aria-label': `${text(c, e)}: explain ${c.id} to ${e.id}`, onclick: () => explain(c.id, e.id, 'locations') }, text(c, e)))))))));
	}), answer, ask('Agreements', () => get('agreements'), (rows) => table([['Id', (r) => r.id], ['CPO', (r) => r.cpo], ['eMSP', (r) => r.emsp], ['Modules', (r) => [r.modules ?? 'all'].flat().join(', ')], ['From', (r) => r.from ?? '–'], ['Until', (r) => r.until ?? '–']], rows, 'None: routing.default decides for all.')));
	return () => {};
}

/** All of them, page after page: a file of authorities has some hundred. */
async function certificates() {
	const rows = [];
	for (;;) {
		const page = await get('certificates', { after: rows.length });
		rows.push(...page);
		if (page.length === 0 || rows.length >= page[0].of) return rows;
	}
}

export function hub(page) {
	const said = h('div', { 'aria-live': 'polite' });
	const reload = () => part(said, () => post('reload'), (r) => h('p', { class: 'good' }, `Taken over: ${(r.changed ?? []).join(', ') || 'nothing changed'}. ${(r.needs_restart ?? []).length ? `Needs a restart: ${r.needs_restart.join(', ')}` : ''}`));
	const plain = (data) => list(Object.entries(data).map(([k, v]) => [k.replaceAll('_', ' '), v !== null && typeof v === 'object' ? h('span', { class: 'mono' }, JSON.stringify(v)) : String(v)]));
	const backup = (event) => { event.preventDefault(); const path = event.target.elements.path.value; part(said, () => post('backup', { path }), (r) => h('p', { class: 'good' }, `${r.path} is a copy of ${r.bytes} bytes.`)); };
	fill(page, h('h1', {}, 'Hub'), mayChange() && h('form', { class: 'tools', onsubmit: backup }, h('button', { type: 'button', onclick: reload }, 'Reload the configuration'),
		h('label', {}, 'Back up to', h('input', { name: 'path', required: true, pattern: '/.+', placeholder: '/var/backups/roamhub/copy.db', title: 'a new file on the machine of the hub' })), h('button', {}, 'Back up')), said,
		h('div', { class: 'split' }, ask('Status', () => get('status'), plain), ask('Checks', () => get('doctor'), (c) => table([['Check', (r) => r.check], ['State', (r) => state(r.status)], ['Detail', (r) => r.detail], ['To do', (r) => r.advice ?? '']], c.checks ?? [], 'None.'))),
		ask('Certificates', certificates, (rows) => table([['Of', (r) => r.use], ['Status', (r) => state(r.status)], ['Days left', (r) => r.days_left ?? '–', 'n'], ['Until', (r) => r.not_after?.slice(0, 10) ?? '–'], ['Subject', (r) => r.subject ?? r.why ?? '–'], ['Names', (r) => (r.names ?? []).join(', ')], ['File', (r) => h('span', { class: 'mono' }, r.file ?? '–')]], rows, 'None: the OCPI listener speaks HTTP, and egress.ca_file is not set.')),
		ask('Audit', () => get('audit', { limit: 50 }), (rows) => table([['At', (r) => r.at], ['Who', (r) => r.who || '–'], ['From', (r) => r.address], ['What', (r) => r.what], ['Subject', (r) => r.subject], ['Result', (r) => r.result ?? '']], rows.reverse(), 'Nothing was done yet.')),
		ask('Configuration', () => get('config'), (rows) => table([['Key', (r) => h('span', { class: 'mono' }, r.key)], ['Value', (r) => String(r.value ?? '')], ['From', (r) => r.origin]], rows, '')));
	return () => {};
}
