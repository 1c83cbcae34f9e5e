// dom: elements are made of values; text is only ever text.

/**
 * What may stand in an element: nothing, text, elements, and lists of these.
 * @typedef {Node | string | number | false | null | undefined | any[]} Children
 */

/**
 * h('a', {href: '#/x', class: 'mono', onclick: f}, 'text', node, [more])
 * @param {string} tag
 * @param {Record<string, unknown>} [attributes] those that are null, undefined or false are left out; on... are functions
 * @param {...Children} children
 */
export function h(tag, attributes, ...children) {
	const element = document.createElement(tag);
	for (const [name, value] of Object.entries(attributes ?? {})) {
		if (value === null || value === undefined || value === false) continue;
		if (name.startsWith('on')) element.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
		else element.setAttribute(name, value === true ? '' : String(value));
	}
	add(element, children);
	return element;
}

/** @param {Element} element @param {Children[]} children */
function add(element, children) {
	for (const child of children) {
		if (child === null || child === undefined || child === false) continue;
		if (Array.isArray(child)) add(element, child);
		else element.append(child instanceof Node ? child : document.createTextNode(String(child)));
	}
}

/** By this an element is known again when it was made anew. @param {Element} element */
const mark = (element) => (element.id ? `#${element.id}` : `${element.tagName} ${element.getAttribute('href') ?? ''} ${element.getAttribute('aria-label') ?? element.textContent}`);

/**
 * The children of @element are these from now on. What has the focus keeps it.
 * @param {Element} element
 * @param {...Children} children
 */
export function fill(element, ...children) {
	const active = document.activeElement, focused = active && active !== element && element.contains(active) ? mark(active) : '';
	element.replaceChildren();
	add(element, children);
	if (focused) [.../** @type {NodeListOf<HTMLElement>} */ (element.querySelectorAll('a, button, input, select, summary, [tabindex]'))].find((e) => mark(e) === focused)?.focus();
	return element;
}

/** @param {string} id */
export const focus = (id) => document.getElementById(id)?.focus();

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
