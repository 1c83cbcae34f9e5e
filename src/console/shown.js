// shown: what the console shows the operator of a partner, and the portal that partner of itself.
import { h } from './dom.js';
import { since, state, table } from './parts.js';

export const ms = (n) => (n === null ? '–' : n < 10 ? `${n.toFixed(1)} ms` : `${n.toFixed(0)} ms`);

/**
 * One attempt: each step with what came where it failed, what became of all, and what to do.
 * @param {any} one
 * @param {string} [hub] how the two sides are called
 * @param {string} [platform]
 */
export const attempt = (one, hub = 'we', platform = 'they') => h('section', {}, h('h3', {}, `Try ${one.number}, by the ${one.by} · ${one.at}`), table([
	['', (r) => state(r.ok ? 'ok' : 'refused')], ['Step', (r) => [`${r.by === 'hub' ? hub : platform} ${r.method ?? ''} `, h('span', { class: 'mono' }, r.url ?? '')]], ['Token', (r) => r.token ?? '–'],
	['Answer', (r) => (r.http ? `${r.http}/${r.ocpi ?? '–'}` : '–'), 'n'], ['Time', (r) => (r.us === undefined ? '–' : ms(r.us / 1000)), 'n'], ['Found', (r) => r.found ?? r.concluded ?? ''],
], one.steps.filter((r) => !r.end || r.method), 'No step was written down.', (r) => !r.ok && r.came && h('tr', {}, h('td', { colspan: 6, class: 'quiet mono' }, '└ ', r.came))),
h('p', {}, one.ended ? state(one.ok ? 'ok' : 'refused') : 'Not over yet.', ' ', one.concluded ?? ''), one.advice && h('p', { class: 'note' }, one.advice));

const ranks = ['fault', 'warning', 'note', 'good', 'not asked'];
/**
 * party check: the worst first.
 * @param {any} one null: there is none
 * @param {boolean} [cures] and what the operator can set
 */
export function report(one, cures = true) {
	if (one === null) return h('p', { class: 'quiet' }, 'It was not asked yet.');
	/** @type {import('./parts.js').Column[]} */
	const columns = [['', (r) => state(r.status)], ['What', (r) => r.id], ['Found', (r) => h('span', { class: 'mono' }, r.found ?? '')], ['Expected', (r) => r.expected ?? ''], ['Written in', (r) => [r.spec, r.rule].filter(Boolean).join(', ')], ['In', (r) => r.places ?? '']];
	if (cures) columns.push(['Cure', (r) => (r.cure ? h('span', { class: 'mono' }, r.cure) : '')]);
	return [h('p', {}, `${one.at}, by the ${one.by}: ${one.fault_count} faults, ${one.warning_count} warnings, ${one.note_count} notes${one.complete ? '' : `; left off, ${one.why}`}`),
		table(columns, one.rungs.toSorted((a, b) => ranks.indexOf(a.status) - ranks.indexOf(b.status)), 'Nothing was asked.')];
}

export const faultsByField = (faults) => table([['Field', (r) => r.field], ['Times', (r) => r.count, 'n'], ['Refused', (r) => r.refused, 'n'], ['Pointer', (r) => h('span', { class: 'mono' }, r.pointer ?? '')], ['Expected', (r) => r.expected ?? ''],
	['Written in', (r) => [r.spec, r.rule].filter(Boolean).join(', ')], ['Last', (r) => since(r.last)]], faults, 'No faults.', (r) => r.samples.length > 0 && h('tr', {}, h('td', { colspan: 7, class: 'quiet mono' }, r.samples.map((s) => h('div', {}, `└ ${s.found} in ${s.where}`)))));
