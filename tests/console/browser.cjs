// What the tests of the console share: the browser, the login, waiting until a page has its data, and how findings are told.
// usage: node TEST.cjs ADMIN_URL TOKEN FOLDER_OF_NODE_MODULES [ARGUMENT]...
const [admin, token, modules, ...rest] = process.argv.slice(2);
const { chromium } = require(modules + '/playwright-core');

const faults = [];
const check = (good, why) => { if (!good && !faults.includes(why)) { faults.push(why); console.log(`FAIL ${why}`); } };

async function settled(page) {
	await page.waitForFunction(() => document.querySelector('h1') && ![...document.querySelectorAll('p.quiet')].some((p) => p.textContent === '…'), null, { timeout: 15000 });
	await page.waitForTimeout(250);
}

async function login(page) {
	await page.goto(admin + '/');
	await page.waitForSelector('#token');
	await page.keyboard.type(token);
	await page.keyboard.press('Enter');
	await page.waitForSelector('nav[aria-label=Pages]');
}

/** Run @test with a browser, say what was found, and end with 1 when it was anything. */
async function play(test, fine) {
	const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
	await test(browser).catch((fault) => check(false, fault.stack));
	await browser.close();
	console.log(faults.length ? `${faults.length} findings` : fine);
	process.exit(faults.length ? 1 : 0);
}

module.exports = { admin, check, login, modules, play, rest, settled, token };
