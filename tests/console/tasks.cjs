// The ten tasks of an operator, by keyboard alone. A click is a key that does something: Enter, Space on a button, the key of a
// page, the answer to a question; none may need more than four. Tab and what is typed are counted beside.
// usage: node tasks.cjs ADMIN_URL TOKEN FOLDER_OF_NODE_MODULES FILE_FOR_A_COPY_OF_THE_DATABASE
const { admin, check, login, play, rest: [copy], settled } = require('./browser.cjs');
const MOST_CLICKS = 4, MOST_TABS = 80;

class Hands {
	constructor(page) {
		this.page = page;
		this.clicks = this.keys = 0;
		page.on('dialog', async (dialog) => { this.asked = dialog.message(); this.click(); await dialog.accept(); });
	}
	click() { this.clicks++; this.keys++; }
	/** A key that does something. */
	async act(key) {
		this.click();
		await this.page.keyboard.press(key);
		await settled(this.page);
	}
	async type(text) {
		this.keys += text.length;
		await this.page.keyboard.type(text);
	}
	/** Tab to what is called @name: a link, button or field, by its text, label or place. */
	async reach(name) {
		for (let tabs = 0; tabs < MOST_TABS; tabs++) {
			this.keys++;
			await this.page.keyboard.press('Tab');
			const on = await this.page.evaluate(() => {
				const e = document.activeElement;
				return e.getAttribute('aria-label') ?? e.labels?.[0]?.firstChild.textContent ?? e.textContent;
			});
			if (name instanceof RegExp ? name.test(on) : on.trim() === name) return;
		}
		throw new Error(`no ${name} within ${MOST_TABS} tabs of ${this.page.url()}`);
	}
	/** What the task is for: each of @words is read on the page, sooner or later. */
	async sees(...words) {
		for (const word of words)
			await this.page.waitForFunction((w) => new RegExp(w).test(document.querySelector('main').innerText), word, { timeout: 15000 })
				.catch(async () => { throw new Error(`"${word}" is not seen: ${(await this.page.innerText('main')).slice(0, 900)}`); });
	}
}

const tasks = {
	'1 why is a partner OFFLINE, since when': async (me) => {
		await me.act('2');
		await me.sees('OFFLINE \\d+ (s|min)', '└ .*(refused|connect|probe)');
		await me.reach('Alte Post Mobil');
		await me.act('Enter');
		await me.sees('Since', 'Why');
		await me.reach('History');
		await me.act('Enter');
		await me.sees('What it was', 'OFFLINE', 'CONNECTED');
	},
	'2 what happened to CDR-1': async (me) => {
		await me.act('4');
		await me.type('cdrs/CDR-1');
		await me.act('Enter');
		await me.sees('addressed to NL\\*MSP', 'sha256', 'POST cdrs', 'total_energy');
	},
	'3 which eMSP lacks location HUB1, and why': async (me) => {
		await me.act('4');
		await me.type('locations/HUB1');
		await me.act('Enter');
		await me.sees('entitled', 'has', 'waits|OFFLINE', 'refused');
	},
	'4 send again what was refused': async (me) => {
		await me.act('5');
		await me.reach(/^redrive/);
		await me.act('Enter');
		await me.reach('What would be sent again?');
		await me.act('Enter');
		await me.sees('would be sent again');
		await me.reach(/^Send \d+ again/);
		await me.act('Enter');
		await me.sees('are sent again now');
	},
	'5 invite a partner': async (me) => {
		await me.act('2');
		await me.reach('Invite…');
		await me.act('Enter');
		await me.type('Neu AG');
		await me.act('Enter');
		await me.sees('Token A', 'Versions URL', '/ocpi/versions');
	},
	'6 exchange a partner\'s tokens': async (me) => {
		await me.act('2');
		await me.reach('Polder Mobility');
		await me.act('Enter');
		await me.reach('exchange tokens');
		await me.act('Enter');
		await me.sees('were exchanged');
	},
	'7 suspend a partner': async (me) => {
		await me.act('2');
		await me.reach('Laadnet');
		await me.act('Enter');
		await me.reach('suspend');
		await me.act('Enter');
		await me.sees('SUSPENDED for the others. (Told: |Nobody is told)');
		await me.type('unpaid since May');
		await me.act('Enter');
		await me.sees('It is suspended', 'suspended by the operator: unpaid since May');
	},
	'8 the backlog by age': async (me) => {
		await me.act('5');
		await me.sees('1 min\\s+10 min', 'Alte Post Mobil', 'oldest \\d+ (s|min)');
	},
	'9 p99 and errors of a partner': async (me) => {
		await me.act('2');
		await me.sees('p99', 'Polder Mobility\\s+NL\\*MSP EMSP\\s+[\\d.]+/s\\s+[\\d.]+ %\\s+[\\d.]+ ms');
	},
	'10 back up the database': async (me) => {
		await me.act('7');
		await me.reach('Back up to');
		await me.type(copy);
		await me.act('Enter');
		await me.sees('bytes');
	},
};

play(async (browser) => {
	const page = await (await browser.newContext({ viewport: { width: 1280, height: 860 } })).newPage();
	page.on('pageerror', (fault) => check(false, `script: ${fault.message}`));
	await login(page);
	for (const [title, task] of Object.entries(tasks)) {
		const me = new Hands(page);
		await page.goto(`${admin}/#/overview`);
		await settled(page);
		await task(me).catch((fault) => check(false, `${title}: ${fault.message}`));
		page.removeAllListeners('dialog');
		console.log(`${title}: ${me.clicks} clicks, ${me.keys} keys`);
		check(me.clicks <= MOST_CLICKS, `${title}: ${me.clicks} clicks, expected ${MOST_CLICKS} at most`);
	}
}, 'every task is within four clicks');
