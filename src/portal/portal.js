// portal: a partner's own pages, for who came by a link.
import { h, fill } from '../console/dom.js';
import { session } from '../console/api.js';
import { start } from '../console/frame.js';
import { block } from '../console/parts.js';
import { connection, faults, messages, test } from './pages.js';

const links = [['connection', 'Connection'], ['messages', 'My messages'], ['faults', 'My faults'], ['test', 'Test']];

function ask() {
	document.title = 'roamhub';
	fill(document.body, h('main', { class: 'login' }, block(null, h('h1', {}, 'roamhub'),
		h('p', {}, 'These pages are for partners of a roaming hub. Open the link that its operator gave you; when it is over, ask for another one.'))));
}

session.root = '/portal/v1/';
start({ connection, messages, faults, test }, links, () => session.who, ask);
