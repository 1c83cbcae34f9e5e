// console: the frame around the pages, where they are, who is logged in.
import { h, fill, focus } from './dom.js';
import { login, logout, session, whenLost } from './api.js';
import { overview, parties, party } from './parties.js';
import { backlog, messages, object } from './traffic.js';
import { hub, roaming } from './hub.js';

const pages = { overview, parties, party, messages, object, backlog, roaming, hub };
const links = [['overview', 'Overview'], ['parties', 'Parties'], ['messages', 'Messages'], ['object', 'Object'], ['backlog', 'Backlog'], ['roaming', 'Roaming'], ['hub', 'Hub']];
let leave = () => {};

function paint(theme) {
	if (theme) document.documentElement.dataset.theme = theme;
}
function turn() {
	const dark = document.documentElement.dataset.theme ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');
	localStorage.setItem('theme', dark === 'dark' ? 'light' : 'dark');
	paint(localStorage.getItem('theme'));
	show();
}

function frame(name, main) {
	return [h('header', {}, h('strong', {}, `roamhub ─ ${session.hub}`),
		h('nav', { 'aria-label': 'Pages' }, links.map(([page, title], i) => h('a', { href: `#/${page}`, title: `key ${i + 1}`, 'aria-current': page === name || (page === 'parties' && name === 'party') ? 'page' : null }, title))),
		h('button', { onclick: turn, 'aria-label': 'light or dark' }, '◐'), h('span', { class: 'quiet' }, `${session.who} (${session.role})`),
		h('button', { onclick: async () => { await logout(); ask(); } }, 'Log out')), main];
}

function show() {
	const [path, query] = (location.hash.slice(2) || 'overview').split('?'), [name, ...rest] = path.split('/');
	const page = h('main', { id: 'main', tabindex: -1 }), found = pages[name] ? name : 'overview';
	leave();
	leave = () => {};
	fill(document.body, ...frame(found, page));
	page.focus({ preventScroll: true }); // the next Tab goes into the page
	document.title = `${links.find((l) => l[0] === found)?.[1] ?? 'Party'} · ${session.hub} · roamhub`;
	const go = (values) => { location.hash = `#/${path}?${new URLSearchParams(Object.entries(values).filter(([, v]) => v !== ''))}`; };
	leave = pages[found](page, new URLSearchParams(query ?? ''), go, rest) ?? (() => {});
}

function ask() {
	leave();
	leave = () => {};
	const told = h('p', { class: 'bad', role: 'alert' });
	const enter = async (event) => {
		event.preventDefault();
		try {
			await login(event.target.elements.token.value.trim());
			show();
		} catch (fault) {
			fill(told, fault.message);
		}
	};
	document.title = 'Log in · roamhub';
	fill(document.body, h('main', { class: 'login' }, block(h('h1', {}, 'roamhub'), h('form', { onsubmit: enter },
		h('label', { for: 'token' }, 'Admin token'), h('input', { id: 'token', name: 'token', type: 'password', autocomplete: 'current-password', required: true }), h('button', { class: 'main' }, 'Log in')), told,
	h('p', { class: 'quiet' }, 'It stands in the file admin.token_file of the hub, or was made by roamhubctl admin token.'))));
	focus('token');
}
const block = (...children) => h('section', {}, children);

document.addEventListener('keydown', (event) => {
	const on = /** @type {Element} */ (event.target), field = /** @type {HTMLElement | null} */ (document.querySelector('form[role=search] input'));
	if (event.key === 'Escape') focus('main'); // out of a field, so that keys are keys again
	if (event.ctrlKey || event.altKey || event.metaKey || /^(INPUT|SELECT|TEXTAREA)$/.test(on.tagName) || !session.who) return;
	if (event.key === '/') { event.preventDefault(); if (field) field.focus(); else location.hash = '#/messages'; }
	else if (links[Number(event.key) - 1]) location.hash = `#/${links[Number(event.key) - 1][0]}`;
});
window.addEventListener('hashchange', show);
paint(localStorage.getItem('theme'));
whenLost(ask);
login().then(show, ask);
