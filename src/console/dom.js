// dom: elements are made of values; text is only ever text.

/** h('a', {href: '#/x', class: 'mono', onclick: f}, 'text', node, [more]) */
export function h(tag, attributes, ...children) {
	const element = document.createElement(tag);
	for (const [name, value] of Object.entries(attributes ?? {})) {
		if (value === null || value === undefined || value === false) continue;
		if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
		else element.setAttribute(name, value === true ? '' : String(value));
	}
	add(element, children);
	return element;
}

function add(element, children) {
	for (const child of children) {
		if (child === null || child === undefined || child === false) continue;
		if (Array.isArray(child)) add(element, child);
		else element.append(child instanceof Node ? child : document.createTextNode(String(child)));
	}
}

/** The children of @element are these from now on. What has the focus keeps it, by id. */
export function fill(element, ...children) {
	const focused = element.contains(document.activeElement) ? document.activeElement.id : '';
	element.replaceChildren();
	add(element, children);
	if (focused) document.getElementById(focused)?.focus();
	return element;
}

/** Rows that stay the same elements as long as their key does. */
export function keyed(parent, items, key, make) {
	const old = new Map([...parent.children].map((child) => [child.dataset.key, child]));
	parent.replaceChildren(...items.map((item) => {
		const name = String(key(item)), print = JSON.stringify(item), was = old.get(name);
		if (was && was.print === print) return was;
		const made = make(item);
		made.dataset.key = name;
		made.print = print;
		return made;
	}));
}
