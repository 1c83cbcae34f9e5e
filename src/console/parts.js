// parts: what all pages are built of: times, states, tables, charts, JSON as it came.
import { h, fill } from './dom.js';

export const clock = (text) => (text ? text.slice(11, 19) : '–');
export function since(text) {
	if (!text) return '–';
	const s = Math.max(0, (Date.now() - Date.parse(text)) / 1000);
	const short = s < 60 ? `${s | 0} s` : s < 3600 ? `${(s / 60) | 0} min` : s < 172800 ? `${(s / 3600) | 0} h` : `${(s / 86400) | 0} d`;
	return h('time', { datetime: text, title: text }, short);
}
export const age = (s) => (s < 60 ? `${s} s` : s < 3600 ? `${(s / 60) | 0} min` : s < 172800 ? `${(s / 3600) | 0} h` : `${(s / 86400) | 0} d`);

const looks = { CONNECTED: ['●', 'good'], OFFLINE: ['●', 'bad'], SUSPENDED: ['■', 'warn'], PLANNED: ['○', 'quiet'], REMOVED: ['×', 'quiet'],
	running: ['●', 'good'], starting: ['○', 'quiet'], waiting: ['…', 'warn'], stopping: ['■', 'quiet'], has: ['✔', 'good'], waits: ['…', 'warn'], refused: ['✘', 'bad'], 'not sent': ['–', 'quiet'], ok: ['✔', 'good'], note: ['·', 'quiet'], 'not asked': ['–', 'quiet'], good: ['✔', 'good'], warning: ['▲', 'warn'], soon: ['▲', 'warn'], 'not yet': ['▲', 'warn'], critical: ['✘', 'bad'] };
export function state(name) {
	const [sign, look] = looks[name] ?? ['✘', 'bad'];
	return h('span', { class: `status ${look}` }, h('span', { 'aria-hidden': 'true' }, sign), ' ', name);
}

/**
 * @typedef {import('./dom.js').Children} Children
 * @typedef {[string, (row: any) => Children, string?]} Column title, value of a row, 'n' for numbers
 */

/**
 * @param {Column[]} columns
 * @param {any[]} rows
 * @param {string} empty what is said without any
 * @param {(row: any) => Children} [more] rows below one
 */
export function table(columns, rows, empty, more = () => null) {
	if (rows.length === 0) return h('p', { class: 'quiet' }, empty);
	return h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': columns[0][0] },
		h('table', {}, h('thead', {}, h('tr', {}, columns.map(([title, , look]) => h('th', { scope: 'col', class: look }, title)))),
			h('tbody', {}, rows.map((row) => [
				h('tr', { class: 'row' }, columns.map(([, value, look]) => h('td', { class: look }, value(row)))), more(row)]))));
}

/** @param {string} title @param {Children} value @param {string} [look] */
export const card = (title, value, look) => h('div', { class: 'card' }, h('span', { class: 'quiet' }, title), h('b', { class: look }, value));
/** @param {[string, Children][]} pairs those without a value are left out */
export const list = (pairs) => h('dl', {}, pairs.filter(([, v]) => v !== null && v !== undefined && v !== '').map(([k, v]) => [h('dt', {}, k), h('dd', {}, v)]));
/** @param {string | null} title @param {...Children} children */
export const block = (title, ...children) => h('section', {}, title && h('h2', {}, title), children);

/**
 * What a part of a page shows when it is there, and what is missing when it is not; the rest of the page stays.
 * @param {Element} place
 * @param {() => Promise<any>} ask
 * @param {(answer: any) => Children} show
 */
export async function part(place, ask, show) {
	try {
		fill(place, show(await ask()));
	} catch (fault) {
		fill(place, h('p', { class: 'note' }, `Missing: ${fault.message.startsWith('no such resource') ? 'this hub does not tell this' : fault.message}`));
	}
}
/** A section of its own for that. @param {string} title @param {() => Promise<any>} question @param {(answer: any) => Children} show */
export function ask(title, question, show) {
	const place = h('div', {}, h('p', { class: 'quiet' }, '…'));
	part(place, question, show);
	return block(title, place);
}

/** The bytes as they came, coloured and never printed again. @param {string} text */
export function json(text) {
	const pre = h('pre', { tabindex: 0, 'aria-label': 'JSON' });
	let last = 0;
	for (const match of text.matchAll(/("(?:[^"\\]|\\.)*")(\s*:)?|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g)) {
		pre.append(text.slice(last, match.index));
		const look = match[2] ? 'key' : match[1] ? 'string' : 'number', word = match[1] ?? match[0];
		pre.append(h('span', { class: look }, word), match[2] ?? '');
		last = match.index + match[0].length;
	}
	pre.append(text.slice(last));
	return pre;
}

export const objectLink = (name) => {
	if (!name) return '–';
	const [module, owner, ...id] = name.split('/');
	return h('a', { href: `#/object/${module}/${owner}/${encodeURIComponent(id.join('/'))}`, class: 'mono' }, name);
};
export const platformLink = (id, name) => (id ? h('a', { href: `#/party/${id}` }, name ?? `platform ${id}`) : '–');

/**
 * A chart of /series; without the library a line of words.
 * @param {string} title
 * @param {{ step_s: number, until: string, series: Record<string, (number | null)[]> }} series
 */
export function chart(title, series) {
	const place = h('div', { class: 'chart', role: 'img', 'aria-label': `${title} of the last hour` });
	const names = Object.keys(series.series), until = Date.parse(series.until);
	const points = names.length && series.until ? series.series[names[0]].map((_, i, all) =>
		[new Date(until - (all.length - 1 - i) * series.step_s * 1000), ...names.map((n) => series.series[n][i])]) : [];
	const Dygraph = window.Dygraph;
	if (!Dygraph) return h('p', { class: 'note' }, 'This hub was built without the chart library (Debian: libjs-dygraphs).');
	while (points.length > 1 && points[0].slice(1).every((v) => v === null)) points.shift(); // before the hub was there
	if (points.every((p) => p.slice(1).every((v) => v === null))) return h('p', { class: 'quiet' }, 'Nothing was measured yet: the first slot takes ten seconds.');
	const style = getComputedStyle(document.documentElement), look = (n) => style.getPropertyValue(n).trim();
	requestAnimationFrame(() => place.isConnected && new Dygraph(place, points, {
		labels: ['time', ...names], colors: [look('--link'), look('--warn'), look('--good'), look('--bad')], gridLineColor: look('--line'), axisLineColor: look('--line'),
		strokeWidth: 1.6, includeZero: true, connectSeparatedPoints: false, legend: 'never', ylabel: '', axes: { y: { axisLabelWidth: 44 } } }));
	return [place, h('p', { class: 'legend' }, names.map((n, i) => h('span', { class: `l${i}` }, `— ${n.replace('_', ' ')}`)))];
}
