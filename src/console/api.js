// api: what the pages ask the hub for. Who is not logged in any more sees the login page.

export const session = { who: '', role: '', csrf: '', hub: '', version: '' };
let lost = () => {};
export const whenLost = (f) => { lost = f; };
export const mayChange = () => session.role === 'admin';

async function call(method, path, body) {
	const headers = { Accept: 'application/json' };
	if (method !== 'GET') headers['X-CSRF-Token'] = session.csrf;
	if (body !== undefined) headers['Content-Type'] = 'application/json';
	const answer = await fetch('/admin/v1/' + path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
	const data = await answer.json().catch(() => ({}));
	if (answer.status === 401 && path !== 'login') lost();
	if (!answer.ok) throw Object.assign(new Error(data.error ?? `HTTP ${answer.status}`), { status: answer.status });
	return data;
}

export const get = (path, query) => call('GET', path + (query ? '?' + new URLSearchParams(Object.entries(query).filter(([, v]) => v !== '' && v != null)) : ''));
export const post = (path, body = {}) => call('POST', path, body);

export async function login(token) {
	Object.assign(session, token === undefined ? await get('login') : await post('login', { token }));
	if (!session.who) throw new Error('nobody is logged in');
}
export async function logout() {
	await post('logout').catch(() => {});
	Object.assign(session, { who: '', role: '', csrf: '' });
}

/** Events as they come; the browser comes back by itself. Returns what ends it. */
export function listen(query, types, heard, state = () => {}) {
	const source = new EventSource('/admin/v1/events?' + new URLSearchParams(query));
	for (const type of types) source.addEventListener(type, (event) => heard(type, JSON.parse(event.data)));
	source.onopen = () => state(true);
	source.onerror = () => state(false);
	return () => source.close();
}
