// api: what the pages of console and portal ask the hub for. Who is not logged in any more sees how to.

/** root: where the API begins that the pages ask. */
export const session = { root: '/admin/v1/', who: '', role: '', csrf: '', hub: '', version: '' };
/** @type {() => void} */
let lost = () => {};
export const whenLost = (f) => { lost = f; };
export const mayChange = () => session.role === 'admin';

/**
 * One request to the API; what it refuses is thrown, with its words and HTTP status.
 * @param {string} method
 * @param {string} path below the root
 * @param {object} [body]
 * @returns {Promise<any>}
 */
async function call(method, path, body) {
	/** @type {Record<string, string>} */
	const headers = { Accept: 'application/json' };
	if (method !== 'GET') headers['X-CSRF-Token'] = session.csrf;
	if (body !== undefined) headers['Content-Type'] = 'application/json';
	const answer = await fetch(session.root + path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
	const data = await answer.json().catch(() => ({}));
	if (answer.status === 401 && path !== 'login') lost();
	if (!answer.ok) throw Object.assign(new Error(data.error ?? `HTTP ${answer.status}`), { status: answer.status });
	return data;
}

/** @param {string} path @param {Record<string, string | number | undefined>} [query] what is empty is left out @returns {Promise<any>} */
export const get = (path, query) => call('GET', path + (query ? '?' + new URLSearchParams(Object.entries(query).filter(([, v]) => v !== '' && v != null).map(([k, v]) => [k, String(v)])) : ''));
/** @param {string} path */
export const remove = (path) => call('DELETE', path);
/** @param {string} path @param {object} [body] */
export const post = (path, body = {}) => call('POST', path, body);

/** Who has this token is logged in from now on; without one, who was. @param {string} [token] */
export async function login(token) {
	Object.assign(session, token === undefined ? await get('login') : await post('login', { token }));
	if (!session.who) throw new Error('nobody is logged in');
}
export async function logout() {
	await post('logout').catch(() => {});
	Object.assign(session, { who: '', role: '', csrf: '' });
}

/**
 * Events as they come; the browser comes back by itself. Returns what ends it.
 * @param {Record<string, string>} query
 * @param {string[]} types
 * @param {(type: string, event: any) => void} heard
 * @param {(open: boolean) => void} [state]
 */
export function listen(query, types, heard, state = () => {}) {
	const source = new EventSource(session.root + 'events?' + new URLSearchParams(query));
	for (const type of types) source.addEventListener(type, (event) => heard(type, JSON.parse(event.data)));
	source.onopen = () => state(true);
	source.onerror = () => state(false);
	return () => source.close();
}
