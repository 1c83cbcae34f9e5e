// Every page of the console in a browser: at 1280 and 390 px, light and dark, without serious findings of axe, without a
// word on the browser's console. usage: node pages.cjs ADMIN_URL TOKEN FOLDER_OF_NODE_MODULES SCREENSHOTS
const fs = require('fs');
const { admin, check, login, modules, play, rest: [shots], settled, token } = require('./browser.cjs');
const axe = fs.readFileSync(modules + '/axe-core/axe.min.js', 'utf8');

const pages = { overview: '', parties: '', party: '/2', messages: '?party=DE*CPO', object: '/locations/DE*CPO/HUB1', backlog: '', roaming: '', hub: '' };
const tabs = ['handshake', 'owed', 'faults', 'check', 'sandbox', 'settings', 'agreements', 'history'];

async function judge(page, name) {
	await page.evaluate(axe);
	// The rows of a table are alike; axe takes a tenth of a second for each.
	const found = await page.evaluate(() => window.axe.run({ include: [['html']], exclude: [['tbody tr:nth-child(n+16)']] }, { resultTypes: ['violations'] }));
	for (const v of found.violations.filter((x) => ['serious', 'critical'].includes(x.impact)))
		check(false, `${name}: axe ${v.id}: ${v.nodes[0].html.slice(0, 120)} ${v.nodes[0].failureSummary?.replaceAll('\n', ' ').slice(0, 200)}`);
	const text = await page.evaluate(() => document.querySelector('main').innerText);
	for (const wrong of ['Missing:', 'undefined', 'NaN', '[object'])
		check(!text.includes(wrong), `${name}: shows "${wrong}": ${text.slice(Math.max(0, text.indexOf(wrong) - 80), text.indexOf(wrong) + 80).replaceAll('\n', ' ')}`);
	const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
	check(wide <= 0, `${name}: ${wide} px wider than the window`);
}

async function run(browser, width, scheme) {
	const context = await browser.newContext({ viewport: { width, height: 860 }, colorScheme: scheme });
	const page = await context.newPage();
	page.on('pageerror', (e) => check(false, `script: ${e.message}`));
	page.on('console', (m) => { if (m.type() === 'error' && !/40[14]/.test(m.text())) check(false, `browser: ${m.text()} ${m.location().url}:${m.location().lineNumber}:${m.location().columnNumber}`); });
	await login(page);
	for (const [name, rest] of Object.entries(pages)) {
		await page.goto(`${admin}/#/${name}${rest}`);
		await settled(page);
		await judge(page, `${name} ${width} ${scheme}`);
		await page.screenshot({ path: `${shots}/console-${name}-${width}-${scheme}.png` });
	}
	await page.goto(`${admin}/#/object/cdrs/DE*CPO/CDR-1`);
	await settled(page);
	await judge(page, `object of a CDR ${width} ${scheme}`);
	check(await page.locator('a[download]').count() === 1, 'the evidence of a CDR can be taken along');
	if ((width === 1280) === (scheme === 'light')) for (const tab of tabs) {
		await page.goto(`${admin}/#/party/2?tab=${tab}`);
		await settled(page);
		await judge(page, `party ${tab} ${width} ${scheme}`);
	}
	await context.close();
}

async function sandbox(browser) {
	const context = await browser.newContext();
	const page = await context.newPage();
	await login(page);
	await page.goto(`${admin}/#/party/2?tab=sandbox`);
	await page.waitForSelector('text=It has none.');
	await page.getByRole('button', { name: 'Start a CPO' }).click();
	await page.waitForSelector('td:has-text("DE*X")');
	await judge(page, 'party sandbox, with one');
	await page.getByRole('button', { name: 'Stop all' }).click();
	await page.waitForSelector('text=It has none.');
	await context.close();
}

async function trust(browser) {
	const context = await browser.newContext();
	const page = await context.newPage();
	await login(page);
	const cookies = await context.cookies();
	check(cookies.length === 1 && cookies[0].httpOnly && cookies[0].sameSite === 'Strict', 'the cookie is HttpOnly and SameSite=Strict');
	const answers = await page.evaluate(async () => {
		const status = async (headers) => (await fetch('/admin/v1/reload', { method: 'POST', headers })).status;
		const csrf = (await (await fetch('/admin/v1/login')).json()).csrf;
		return [await status({}), await status({ 'X-CSRF-Token': 'x'.repeat(32) }), await status({ 'X-CSRF-Token': csrf })];
	});
	check(answers.join() === '403,403,200', `without its word a cookie changes nothing: ${answers}`);
	check((await context.request.get(`${admin}/admin/v1/status`, { headers: { Host: 'evil.example' } })).status() === 403, 'another Host is 403');
	check((await context.request.get(`${admin}/admin/v1/status`, { headers: { Origin: 'http://evil.example' } })).status() === 403, 'another Origin is 403');
	await page.keyboard.press('2');
	await page.waitForSelector('h1:has-text("Parties")');
	await page.keyboard.press('/');
	check(await page.evaluate(() => document.activeElement.id === 'q'), 'the key / leads to the search');
	await page.getByRole('button', { name: 'Log out' }).click();
	await page.waitForSelector('#token');
	check((await context.request.get(`${admin}/admin/v1/status`)).status() === 401, 'who logged out is nobody');
	await context.close();
}

/** Messages by a text, and older ones behind them; a redrive for all is listed before it goes. */
async function work(browser) {
	const context = await browser.newContext();
	const page = await context.newPage();
	const rows = () => page.locator('main tr.row').count();
	await login(page);
	await page.goto(`${admin}/#/messages?text=LOCATIONS`);
	await settled(page);
	const first = await rows();
	check(first > 0, 'a text finds messages');
	if (await page.locator('#older').count()) {
		await page.locator('#older').click();
		await page.waitForFunction((n) => document.querySelectorAll('main tr.row').length > n, first, { timeout: 15000 });
	}
	await page.goto(`${admin}/#/backlog`);
	await settled(page);
	const all = page.getByRole('button', { name: 'redrive to all…' });
	if (await all.count()) {
		await all.click();
		await page.selectOption('select[name=module]', 'locations');
		await page.getByRole('button', { name: 'What would be sent again?' }).click();
		await page.waitForSelector('text=would be sent again:');
		const go = page.getByRole('button', { name: /^Send \d+ again$/ });
		if (await go.count()) {
			await go.click();
			await page.waitForSelector('text=are sent again now.');
		}
	}
	await context.close();
}

const guestPages = { connection: '', messages: '', faults: '', test: '' };

/** A link to the portal of the eMSP, as the console hands it out. */
async function link(browser) {
	const context = await browser.newContext();
	const page = await context.newPage();
	page.on('dialog', (dialog) => dialog.accept());
	await login(page);
	await page.goto(`${admin}/#/party/2`);
	await page.getByRole('button', { name: 'portal link', exact: true }).click();
	await page.waitForSelector('dd:has-text("/p/2-")');
	const url = (await page.innerText('dd:has-text("/p/2-")')).trim();
	await context.close();
	return url;
}

/** The partner's pages, as those of the operator. */
async function portal(browser, url, width, scheme) {
	const context = await browser.newContext({ viewport: { width, height: 860 }, colorScheme: scheme });
	const page = await context.newPage();
	page.on('pageerror', (e) => check(false, `script: ${e.message}`));
	page.on('console', (m) => { if (m.type() === 'error' && !/40[14]|429/.test(m.text())) check(false, `browser: ${m.text()} ${m.location().url}:${m.location().lineNumber}:${m.location().columnNumber}`); });
	await page.goto(url);
	for (const [name, rest] of Object.entries(guestPages)) {
		await page.goto(`${new URL(url).origin}/#/${name}${rest}`);
		await settled(page);
		await judge(page, `portal ${name} ${width} ${scheme}`);
		await page.screenshot({ path: `${shots}/portal-${name}-${width}-${scheme}.png` });
	}
	await context.close();
}

/** From a mail: what comes of a link, and what can be done there. */
async function guest(browser, url) {
	const context = await browser.newContext();
	const page = await context.newPage(), { origin, pathname } = new URL(url), bad = '<img src=x onerror="document.title=1">';
	page.on('dialog', (dialog) => check(false, `a dialog: ${dialog.message()}`));
	await page.setContent(`<a href="${url}">portal</a>`); // of another site, as a mail is
	await page.click('a');
	await page.waitForSelector('h1:has-text("Connection")');
	check(page.url().startsWith(`${origin}/`) && !page.url().includes(pathname), `the link is not in the address bar: ${page.url()}`);
	check(await page.evaluate(() => document.referrer) === '', 'and in no referrer');
	await settled(page);
	await page.getByRole('button', { name: 'Ask my interfaces now' }).click();
	await page.waitForSelector('text=/faults, .* warnings/', { timeout: 150000 });
	await page.keyboard.press('2');
	await page.waitForSelector('h1:has-text("My messages")');
	await settled(page);
	check(await page.locator('main tr.row').count() > 0, 'it has messages');
	await page.locator('a:has-text("all of it")').first().click();
	await page.waitForSelector('h1:has-text("One message")');
	await settled(page);
	await judge(page, 'portal one message');
	await page.keyboard.press('3');
	await page.waitForSelector('h1:has-text("My faults")');
	await page.waitForSelector('option:has-text("Location")', { state: 'attached' });
	await page.fill('#text', JSON.stringify({ country: bad, id: bad }));
	await page.getByRole('button', { name: 'Check it' }).click();
	await page.waitForSelector('text=/faults:/');
	check((await page.innerText('main')).includes('onerror') && await page.locator('main img').count() === 0, 'text is text');
	await judge(page, 'portal faults, with some');
	await page.keyboard.press('Escape');
	await page.keyboard.press('4');
	await page.waitForSelector('h1:has-text("Test")');
	await page.getByRole('button', { name: 'Start a CPO' }).click();
	await page.waitForSelector('td:has-text("DE*X")');
	await judge(page, 'portal test, with a sandbox');
	await page.getByRole('button', { name: 'Stop all' }).click();
	await page.waitForSelector('text=You have none.');
	await page.getByRole('button', { name: 'Log out' }).click();
	await page.waitForSelector('text=Open the link');
	await judge(page, 'portal, nobody');
	await context.close();
}

play(async (browser) => {
	fs.mkdirSync(shots, { recursive: true });
	await trust(browser);
	await work(browser);
	for (const width of [1280, 390]) await Promise.all(['light', 'dark'].map((scheme) => run(browser, width, scheme)));
	await sandbox(browser);
	const url = await link(browser);
	await guest(browser, url);
	for (const width of [1280, 390]) await Promise.all(['light', 'dark'].map((scheme) => portal(browser, url, width, scheme)));
}, 'every page is fine');
