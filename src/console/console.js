// console: the operator's pages, and how he logs in.
import { h, fill, focus } from './dom.js';
import { login, session } from './api.js';
import { start } from './frame.js';
import { block } from './parts.js';
import { overview, parties, party } from './parties.js';
import { backlog, messages, object } from './traffic.js';
import { hub, roaming } from './hub.js';

const links = [['overview', 'Overview'], ['parties', 'Parties'], ['messages', 'Messages'], ['object', 'Object'], ['backlog', 'Backlog'], ['roaming', 'Roaming'], ['hub', 'Hub']];

function ask() {
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
	fill(document.body, h('main', { class: 'login' }, block(null, h('h1', {}, 'roamhub'), h('form', { onsubmit: enter },
		h('label', { for: 'token' }, 'Admin token'), h('input', { id: 'token', name: 'token', type: 'password', autocomplete: 'current-password', required: true }), h('button', { class: 'main' }, 'Log in')), told,
	h('p', { class: 'quiet' }, 'It stands in the file admin.token_file of the hub, or was made by roamhubctl admin token.'))));
	focus('token');
}

const show = start({ overview, parties, party, messages, object, backlog, roaming, hub }, links, () => `${session.who} (${session.role})`, ask, { party: 'parties' });
