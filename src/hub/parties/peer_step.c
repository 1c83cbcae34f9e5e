/* peer_step: a request of a handshake to the other side, as a step of the attempt.
 *
 * The first bytes of what came are what its people need most, and where tokens stand: those that
 * are known are hidden in every spelling, and what is named like one. An exchange of credentials
 * that succeeded is the other side's token and little else, so nothing of it is shown. */
#include "peer_step.h"

#include "attempt.h"
#include "masks.h"
#include "words.h"

enum { LOOKED_AT = 4 * ATTEMPT_TEXT_MOST, MOST_NAMES = 20 };

static bool
is_success(const struct partner_call *call)
{
	return call->result == PARTNER_ANSWERED && call->net.status / 100 == 2 &&
	       call->envelope.code / 1000 == 1;
}

struct str
peer_refusal(const struct partner_call *call)
{
	struct arena *arena = call->net.arena;
	struct str said = words_of(call);

	if (call->net.result != NET_DONE)
		return arena_printf(arena, "no answer: %s", call->why);
	if (call->result != PARTNER_ANSWERED)
		return str_of(call->why);
	return arena_printf(arena, "HTTP %d, OCPI status %d%s%.*s", call->net.status,
	        call->envelope.code, said.len > 0 ? ": " : "", STR_ARG(said));
}

static struct str
hidden(const struct peer_fetch *fetch, struct str text)
{
	const struct str secrets[] = { fetch->token, fetch->call.secret };

	return masks_hide(text, secrets, COUNT(secrets), fetch->arena);
}

/* Without the query, where some put keys. */
static struct str
url_of(const struct peer_fetch *fetch)
{
	struct str query = fetch->call.net.target, path = str_cut(&query, '?');
	struct str url = arena_printf(fetch->arena, "%.*s%.*s%s", STR_ARG(fetch->call.net.origin),
	        STR_ARG(path), query.p != NULL ? "?..." : "");

	if (url.len > ATTEMPT_TEXT_MOST)
		url.len = ATTEMPT_TEXT_MOST;
	return hidden(fetch, url);
}

/* More than is shown is looked at, so that no secret is cut where it is not known any more. */
static struct str
first_of(const struct peer_fetch *fetch)
{
	const struct partner_call *call = &fetch->call;
	struct str text = call->net.answer;

	if (call->net.result != NET_DONE || text.len == 0 ||
	        (fetch->step == ADVICE_CREDENTIALS && is_success(call)))
		return (struct str){ 0 };
	if (text.len > LOOKED_AT)
		text.len = LOOKED_AT;
	return words_excerpt(hidden(fetch, text), fetch->arena);
}

/** "2.1.1, 2.2.1", of member @name in the elements of the list @node. */
static struct str
names_of(const struct peer_fetch *fetch, uint32_t list, const char *name)
{
	const struct json_doc *doc = &fetch->call.envelope.doc;
	struct buf text = { .arena = fetch->arena };
	size_t count = 0;

	if (list == 0 || doc->nodes[list].type != JSON_ARRAY)
		return (struct str){ 0 };
	for (uint32_t i = list + 1; i < doc->nodes[list].next && count < MOST_NAMES;
	        i = doc->nodes[i].next, count++) {
		struct str value = json_member_string(doc, i, name, fetch->arena);

		buf_printf(&text, "%s%.*s", text.len > 0 ? ", " : "",
		        (int)(value.len < 40 ? value.len : 40), value.len > 0 ? value.p : "?");
	}
	return text.len > 0 ? hidden(fetch, buf_str(&text)) : STR("an empty list");
}

static struct str
found_in(const struct peer_fetch *fetch)
{
	const struct ocpi_envelope *envelope = &fetch->call.envelope;

	if (!is_success(&fetch->call) || fetch->step == ADVICE_CREDENTIALS)
		return (struct str){ 0 };
	if (fetch->step == ADVICE_VERSIONS)
		return names_of(fetch, envelope->data, "version");
	return names_of(
	        fetch, json_member(&envelope->doc, envelope->data, "endpoints"), "identifier");
}

/* ---- what is wrong with it ---- */

static bool
lists(const struct peer_fetch *fetch, uint32_t list, const char *name, const char *wanted)
{
	const struct json_doc *doc = &fetch->call.envelope.doc;

	if (list == 0 || doc->nodes[list].type != JSON_ARRAY)
		return false;
	for (uint32_t i = list + 1; i < doc->nodes[list].next; i = doc->nodes[i].next)
		if (str_is(json_member_string(doc, i, name, fetch->arena), wanted))
			return true;
	return false;
}

/* A success that does not have what is looked for. */
static enum rh_err
lacking(const struct peer_fetch *fetch)
{
	const struct ocpi_envelope *envelope = &fetch->call.envelope;

	if (fetch->step == ADVICE_VERSIONS &&
	        !lists(fetch, envelope->data, "version", OCPI_VERSION))
		return RH_CLIENT_VERSION;
	if (fetch->step == ADVICE_DETAILS &&
	        !lists(fetch, json_member(&envelope->doc, envelope->data, "endpoints"),
	                "identifier", "credentials"))
		return RH_CLIENT_ENDPOINTS;
	return RH_OK;
}

struct str
peer_step_versions(const struct peer_fetch *fetch)
{
	return arena_printf(fetch->arena, "the hub speaks " OCPI_VERSION ", found: %.*s",
	        STR_ARG(found_in(fetch)));
}

/* The words of who knows no envelope are what came. */
static struct str
refusal_of(const struct peer_fetch *fetch, enum rh_err lacks)
{
	const struct partner_call *call = &fetch->call;

	if (lacks != RH_OK)
		return lacks == RH_CLIENT_VERSION ? peer_step_versions(fetch)
		                                  : STR("no credentials endpoint is listed");
	if (call->net.result == NET_DONE && call->result != PARTNER_ANSWERED &&
	        call->net.status / 100 != 2)
		return arena_printf(
		        fetch->arena, "HTTP %d without a usable envelope", call->net.status);
	return hidden(fetch, peer_refusal(call));
}

void
peer_step_note(struct peer_fetch *fetch)
{
	const struct partner_call *call = &fetch->call;
	enum rh_err lacks = is_success(call) ? lacking(fetch) : RH_OK;
	bool ok = is_success(call) && lacks == RH_OK;

	fetch->advice = lacks != RH_OK ? advice_on_error(lacks)
	                : ok           ? NULL
	                               : advice_on_call(call, fetch->step, fetch->invited);
	if (fetch->live == NULL)
		return;
	attempt_note(fetch->hub, fetch->session,
	        &(struct attempt_step){ .live = fetch->live,
	                .attempt = fetch->attempt,
	                .ours = true,
	                .ok = ok,
	                .method = call->net.method,
	                .url = url_of(fetch),
	                .token = fetch->plain ? "raw" : "Base64",
	                .http = call->net.result == NET_DONE ? call->net.status : 0,
	                .ocpi = call->envelope.code,
	                .us = call->net.done_us - call->net.start_us,
	                .found = found_in(fetch),
	                .came = first_of(fetch),
	                .concluded = ok ? (struct str){ 0 } : refusal_of(fetch, lacks),
	                .advice = str_of(fetch->advice) });
}

/* ---- attempts that the hub begins ---- */

void
peer_step_begin(struct peer_fetch *fetch)
{
	const struct platform *platform =
	        directory_platform(hub_directory(fetch->hub), fetch->platform);

	if (platform == NULL)
		return;
	fetch->live = platform->live;
	fetch->attempt = attempt_new();
	fetch->session = fetch->hub->session;
	atomic_store(&fetch->live->attempts.ours, fetch->attempt);
}

static struct str
failure_of(const struct peer_fetch *fetch, const struct fault *fault)
{
	return hidden(
	        fetch, arena_printf(fetch->arena, "%s%s%s", fault->field,
	                       fault->field[0] != '\0' ? ": " : "",
	                       fault->why[0] != '\0' ? fault->why : rh_err_info(fault->err)->text));
}

void
peer_step_end(const struct peer_fetch *fetch, const struct fault *fault, struct str success)
{
	bool ok = fault->err == RH_OK;
	const char *advice = fetch->advice != NULL ? fetch->advice : advice_on_error(fault->err);

	if (fetch->live == NULL)
		return;
	attempt_note(fetch->hub, fetch->session,
	        &(struct attempt_step){ .live = fetch->live,
	                .attempt = fetch->attempt,
	                .ours = true,
	                .ok = ok,
	                .end = true,
	                .concluded = ok ? success : failure_of(fetch, fault),
	                .advice = ok ? (struct str){ 0 } : str_of(advice) });
	attempt_over(fetch->live, fetch->attempt);
}
