// A party on Fastify whose client and server read everything by zod types: an answer or a body of another shape is an error, as in
// each typed client. usage: node fastify_peer.mjs CC PORT HUB_VERSIONS TOKEN_A
// GET /control/NAME plays one flow of its own; see `flows` below.
import Fastify from "fastify";
import { z } from "zod";

const [country, port, versions, tokenA] = process.argv.slice(2);
const CPO = "TSC", EMSP = "TSM", NOW = "2026-11-01T08:00:00Z", mine = "typed-token-b";
const base = `http://127.0.0.1:${port}`;
const time = z.string().datetime();
const id = z.string().min(1).max(36);
const tokenRef = z.object({ country_code: z.string().length(2), party_id: z.string().length(3), uid: id, type: z.string(), contract_id: id });
const owned = { country_code: z.string().length(2), party_id: z.string().length(3), last_updated: time };
const bodies = {
	locations: z.object({ ...owned, id, publish: z.boolean(), address: z.string(), coordinates: z.object({ latitude: z.string(), longitude: z.string() }) }),
	sessions: z.object({ ...owned, id, kwh: z.number(), cdr_token: tokenRef, status: z.enum(["ACTIVE", "COMPLETED", "INVALID", "PENDING", "RESERVATION"]) }),
	cdrs: z.object({ ...owned, id, total_energy: z.number(), total_cost: z.object({ excl_vat: z.number() }) }),
	tariffs: z.object({ ...owned, id, currency: z.string().length(3), elements: z.array(z.object({})).min(1) }),
	tokens: z.object({ ...owned, uid: id, valid: z.boolean(), issuer: z.string() }),
	commands: z.object({ response_url: z.string().url() }),
	chargingprofiles: z.object({ response_url: z.string().url() }),
	hubclientinfo: z.object({ ...owned, role: z.string(), status: z.string() }),
};
const envelope = (data) => z.object({ data, status_code: z.number().int(), status_message: z.string().optional(), timestamp: time });
const credentials = z.object({ token: z.string(), url: z.string().url(), roles: z.array(z.object({
	role: z.string(), country_code: z.string(), party_id: z.string(), business_details: z.object({ name: z.string() }) })).min(1) });
const store = {}, hub = { endpoints: [] };

// ---- the client ----

async function ask(method, url, { data = z.undefined(), body, from = CPO, to, token = hub.token } = {}) {
	const headers = { authorization: `Token ${Buffer.from(token).toString("base64")}` };
	if (from) Object.assign(headers, { "ocpi-from-country-code": country, "ocpi-from-party-id": from });
	if (to) Object.assign(headers, { "ocpi-to-country-code": to[0], "ocpi-to-party-id": to[1] });
	if (body !== undefined) headers["content-type"] = "application/json";
	const response = await fetch(url, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
	const text = await response.text();
	const read = envelope(data).safeParse(JSON.parse(text));
	if (!read.success) throw new Error(`${response.status} of another type: ${read.error.issues[0].path.join("/")} ${read.error.issues[0].message}: ${text.slice(0, 200)}`);
	return { http: response.status, ...read.data, link: response.headers.get("link") };
}

const endpoint = (module, role) => hub.endpoints.find((one) => one.identifier === module && one.role === role).url;
const good = (answer) => {
	if (answer.status_code < 1000 || answer.status_code > 1999) throw new Error(`${answer.http}/${answer.status_code} ${answer.status_message}`);
	return `${answer.http}/${answer.status_code}`;
};
const ours = (party, more) => ({ country_code: country, party_id: party, ...more, last_updated: NOW });
const place = { address: "Street 1", city: "Berlin", country: "DEU", coordinates: { latitude: "52.520000", longitude: "13.400000" } };
const cdrToken = { country_code: "NL", party_id: "RGM", uid: "U1", type: "RFID", contract_id: "NL-RGM-C1" };
const element = { price_components: [{ type: "ENERGY", price: 0.4, step_size: 1 }] };

const flows = {
	async register() {
		const list = await ask("GET", versions, { token: tokenA, from: null, data: z.array(z.object({ version: z.string(), url: z.string().url() })) });
		const details = await ask("GET", list.data.find((one) => one.version === "2.2.1").url, { token: tokenA, from: null,
			data: z.object({ version: z.string(), endpoints: z.array(z.object({ identifier: z.string(), role: z.enum(["SENDER", "RECEIVER"]), url: z.string().url() })) }) });
		hub.endpoints = details.data.endpoints;
		const role = (name, party) => ({ role: name, country_code: country, party_id: party, business_details: { name: "Typed" } });
		const answer = await ask("POST", details.data.endpoints.find((one) => one.identifier === "credentials").url, { token: tokenA, from: null, data: credentials,
			body: { token: mine, url: `${base}/versions`, roles: [role("CPO", CPO), role("EMSP", EMSP)] } });
		hub.token = answer.data.token;
		return good(answer);
	},
	location: () => ask("PUT", `${endpoint("locations", "RECEIVER")}/${country}/${CPO}/L1`, { body: ours(CPO, { id: "L1", publish: true, ...place, time_zone: "Europe/Berlin" }) }).then(good),
	tariff: () => ask("PUT", `${endpoint("tariffs", "RECEIVER")}/${country}/${CPO}/T1`, { body: ours(CPO, { id: "T1", currency: "EUR", elements: [element] }) }).then(good),
	token: () => ask("PUT", `${endpoint("tokens", "RECEIVER")}/${country}/${EMSP}/V1`, { from: EMSP, body: ours(EMSP, { uid: "V1", type: "RFID", contract_id: "T-1", issuer: "Typed", valid: true, whitelist: "ALLOWED" }) }).then(good),
	session: () => ask("PUT", `${endpoint("sessions", "RECEIVER")}/${country}/${CPO}/S1`, { to: ["NL", "RGM"], body: ours(CPO, { id: "S1", start_date_time: NOW, kwh: 1.5, cdr_token: cdrToken,
		auth_method: "WHITELIST", location_id: "L1", evse_uid: "E1", connector_id: "1", currency: "EUR", status: "ACTIVE" }) }).then(good),
	cdr: () => ask("POST", endpoint("cdrs", "RECEIVER"), { to: ["NL", "RGM"], body: ours(CPO, { id: "C1", start_date_time: NOW, end_date_time: "2026-12-01T09:00:00Z", cdr_token: cdrToken,
		auth_method: "WHITELIST", currency: "EUR", charging_periods: [{ start_date_time: NOW, dimensions: [{ type: "ENERGY", volume: 1.5 }] }], total_cost: { excl_vat: 0.6 }, total_energy: 1.5, total_time: 1,
		cdr_location: { id: "L1", ...place, evse_uid: "E1", evse_id: "DE*TSC*E1", connector_id: "1", connector_standard: "IEC_62196_T2", connector_format: "SOCKET", connector_power_type: "AC_3_PHASE" } }) }).then(good),
	authorize: () => ask("POST", `${endpoint("tokens", "SENDER")}/U1/authorize`, { to: ["NL", "RGM"], data: z.object({ allowed: z.string(), token: bodies.tokens }), body: {} }).then(good),
	list: () => ask("GET", `${endpoint("locations", "SENDER")}?limit=1`, { from: EMSP, data: z.array(bodies.locations) }).then(good),
	command: () => ask("POST", `${endpoint("commands", "RECEIVER")}/STOP_SESSION`, { from: EMSP, to: ["NL", "RGC"], data: z.object({ result: z.string(), timeout: z.number() }),
		body: { response_url: `${base}/result/stop`, session_id: "S1" } }).then(good),
	// What it cannot parse it cannot tell: a refusal has to be read as one.
	async refusal() {
		const answer = await ask("PUT", `${endpoint("tariffs", "RECEIVER")}/${country}/${CPO}/T2`, { body: ours(CPO, { id: "T2", currency: "euro", elements: [] }) });
		if (answer.status_code !== 2001 || !answer.status_message.includes("/currency")) throw new Error(`${answer.status_code} ${answer.status_message}`);
		return `${answer.http}/${answer.status_code}`;
	},
};

// ---- the server ----

const app = Fastify({ ignoreTrailingSlash: true, forceCloseConnections: true });
const reply = (data, code = 1000, message) => ({ ...(data === undefined ? {} : { data }), status_code: code, ...(message ? { status_message: message } : {}), timestamp: new Date().toISOString() });
const list = (module, role) => ({ identifier: module, role, url: `${base}/2.2.1/${role.toLowerCase()}/${module}` });
app.addHook("onRequest", async (request, response) => {
	const known = [mine, Buffer.from(mine).toString("base64")].map((token) => `Token ${token}`);
	if (/^\/(versions|2\.2\.1)/.test(request.url) && !known.includes(request.headers.authorization)) return response.code(401).send(reply(undefined, 2001, "unknown token"));
});
app.get("/versions", async () => reply([{ version: "2.2.1", url: `${base}/2.2.1` }]));
app.get("/2.2.1", async () => reply({ version: "2.2.1", endpoints: [list("credentials", "SENDER"), ...Object.keys(bodies).flatMap((module) => [list(module, "SENDER"), list(module, "RECEIVER")])] }));
app.all("/2.2.1/sender/credentials", async (request) => {
	if (request.method === "DELETE") { hub.token = undefined; return reply(); }
	if (request.method !== "GET") hub.token = credentials.parse(request.body).token;
	return reply({ token: mine, url: `${base}/versions`, roles: [{ role: "CPO", country_code: country, party_id: CPO, business_details: { name: "Typed" } }, { role: "EMSP", country_code: country, party_id: EMSP, business_details: { name: "Typed" } }] });
});
app.get("/2.2.1/:role/:module", async (request, response) => {
	const since = request.query.date_from ?? "", rows = Object.values(store[request.params.module] ?? {}).filter((row) => row.country_code === country && row.last_updated >= since), offset = Number(request.query.offset ?? 0), limit = Number(request.query.limit ?? 2);
	response.headers({ "x-total-count": rows.length, "x-limit": limit });
	if (offset + limit < rows.length) response.header("link", `<${base}${request.url.split("?")[0]}?offset=${offset + limit}&limit=${limit}>; rel="next"`);
	return reply(rows.slice(offset, offset + limit));
});
app.post("/2.2.1/sender/tokens/:uid/authorize", async (request) => reply({ allowed: "ALLOWED", token: store.tokens[request.params.uid] }));
app.get("/2.2.1/:role/:module/*", async (request) => {
	const found = store[request.params.module]?.[request.params["*"].split("/").pop()];
	return found ? reply(found) : reply(undefined, 2003, "unknown");
});
const take = (request, response) => {
	const { module } = request.params, read = request.method === "PATCH" ? z.object({}).passthrough() : bodies[module];
	const body = read.parse(request.body), key = body.id ?? body.uid ?? (request.params["*"] ?? "").split("/").pop();
	if (module === "commands" || module === "chargingprofiles") {
		setTimeout(() => ask("POST", body.response_url, { from: null, body: { result: "ACCEPTED" } }).catch((why) => console.error(why.message)), 50);
		return reply({ result: "ACCEPTED", timeout: 30 });
	}
	(store[module] ??= {})[key] = { ...store[module][key], ...request.body };
	if (request.method === "POST") response.code(201).header("location", `${base}/2.2.1/receiver/cdrs/${key}`);
	return reply();
};
app.route({ method: ["PUT", "PATCH", "POST", "DELETE"], url: "/2.2.1/:role/:module/*", handler: async (request, response) => take(request, response) });
app.post("/2.2.1/:role/:module", async (request, response) => take(request, response));
app.post("/result/*", async (request) => { (store.results ??= {})[request.params["*"]] = request.body; return reply(); });
app.get("/control/store/:module", async (request) => Object.values(store[request.params.module] ?? {}));
app.get("/control/:flow", async (request) => {
	try { return { ok: true, why: await flows[request.params.flow]() }; } catch (why) { return { ok: false, why: why.message }; }
});

store.locations = Object.fromEntries(["L1", "L2", "L3"].map((name) => [name, ours(CPO, { id: name, publish: true, ...place, time_zone: "Europe/Berlin" })]));
store.tokens = { V1: ours(EMSP, { uid: "V1", type: "RFID", contract_id: "T-1", issuer: "Typed", valid: true, whitelist: "ALLOWED" }) };
await app.listen({ host: "127.0.0.1", port: Number(port) });
