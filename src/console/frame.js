// frame: what is around the pages of console and portal: where one is, who it is, light or dark, keys.
import { h, fill, focus } from './dom.js';
import { login, logout, session, whenLost } from './api.js';

/**
 * @typedef {(page: HTMLElement, query: URLSearchParams, go: (values: Record<string, string>) => void, rest: any) => (() => void) | void} Page
 *   fills @page; what it returns ends it
 */

let leave = () => {};
function end() {
	leave();
	leave = () => {};
}
function paint(theme) {
	if (theme) document.documentElement.dataset.theme = theme;
}

/**
 * Show the pages to who is logged in, and @ask to who is not.
 * @param {Record<string, Page>} pages by the first word of the address
 * @param {string[][]} links name and title; the first is where one begins
 * @param {() => string} who
 * @param {() => void} ask
 * @param {Record<string, string>} [within] the page that one without a link belongs to
 */
export function start(pages, links, who, ask, within = {}) {
	const out = () => { end(); ask(); };
	const turn = () => {
		const dark = document.documentElement.dataset.theme ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');
		localStorage.setItem('theme', dark === 'dark' ? 'light' : 'dark');
		paint(localStorage.getItem('theme'));
		show();
	};
	const frame = (name, main) => [h('header', {}, h('strong', {}, `roamhub ─ ${session.hub}`),
		h('nav', { 'aria-label': 'Pages' }, links.map(([page, title], i) => h('a', { href: `#/${page}`, title: `key ${i + 1}`, 'aria-current': page === (within[name] ?? name) ? 'page' : null }, title))),
		h('button', { onclick: turn, 'aria-label': 'light or dark' }, '◐'), h('span', { class: 'quiet' }, who()),
		h('button', { onclick: async () => { await logout(); out(); } }, 'Log out')), main];
	const show = () => {
		const [path, query] = (location.hash.slice(2) || links[0][0]).split('?'), [name, ...rest] = path.split('/');
		const page = h('main', { id: 'main', tabindex: -1 }), found = pages[name] ? name : links[0][0];
		end();
		fill(document.body, ...frame(found, page));
		page.focus({ preventScroll: true }); // the next Tab goes into the page
		document.title = `${links.find((l) => l[0] === (within[found] ?? found))?.[1]} · ${session.hub} · roamhub`;
		const go = (values) => { location.hash = `#/${path}?${new URLSearchParams(Object.entries(values).filter(([, v]) => v !== ''))}`; };
		leave = pages[found](page, new URLSearchParams(query ?? ''), go, rest) ?? (() => {});
	};
	document.addEventListener('keydown', (event) => {
		const on = /** @type {Element} */ (event.target), field = /** @type {HTMLElement | null} */ (document.querySelector('form[role=search] input'));
		if (event.key === 'Escape') focus('main'); // out of a field, so that keys are keys again
		if (event.ctrlKey || event.altKey || event.metaKey || /^(INPUT|SELECT|TEXTAREA)$/.test(on.tagName) || !session.who) return;
		if (event.key === '/') { event.preventDefault(); if (field) field.focus(); else location.hash = '#/messages'; }
		else if (links[Number(event.key) - 1]) location.hash = `#/${links[Number(event.key) - 1][0]}`;
	});
	window.addEventListener('hashchange', () => session.who && show());
	paint(localStorage.getItem('theme'));
	whenLost(out);
	login().then(show, out);
	return show;
}
