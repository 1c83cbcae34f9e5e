/* attempted: a request that belongs to a handshake is a step of it: whatever is asked with a token
 * that is for registration alone, and each change of credentials. */
#include "attempted.h"

#include "../parties/advice.h"
#include "../parties/attempt.h"
#include "auth.h"

enum { MOST_WORDS = 600 };

static bool
is_change(const struct flight *flight)
{
	return flight->local != NULL && !str_is(flight->request->method, "GET") &&
	       flight->path.count > flight->first + 2 &&
	       str_is(flight->path.decoded[flight->first + 2], "credentials");
}

/* An invite that expired is nobody's token any more: who presents it is a stranger, and most
 * probably who was invited. */
static struct live *
live_of_attempt(const struct flight *flight)
{
	if (flight->lapsed != NULL)
		return flight->lapsed;
	if (flight->live == NULL)
		return NULL;
	if (flight->token_kind == TOKEN_A || is_change(flight) ||
	        (flight->token_kind == TOKEN_PENDING && flight->flow == FLOW_LOCAL))
		return flight->live;
	return NULL;
}

static uint64_t
attempt_of_flight(const struct flight *flight, struct live *live)
{
	uint64_t ours = atomic_load(&live->attempts.ours);

	if (flight->attempt != 0)
		return flight->attempt;
	return flight->token_kind == TOKEN_PENDING && ours != 0 ? ours : attempt_of(live);
}

static struct str
refusal_of(struct flight *flight)
{
	const struct rh_err_info *info = rh_err_info(flight->fault.err);
	const char *field = flight->fault.field;
	struct str why =
	        flight->fault_text.p != NULL ? flight->fault_text : str_of(flight->fault.why);

	return arena_printf(flight->arena, "%s%s%s%s%.*s", info->text, field[0] != '\0' ? ": " : "",
	        field, why.len > 0 ? ": " : "", (int)(why.len < MOST_WORDS ? why.len : MOST_WORDS),
	        why.len > 0 ? why.p : "");
}

static const char *
advice_of(const struct flight *flight)
{
	if (flight->advice != NULL)
		return flight->advice;
	if (flight->lapsed != NULL)
		return "roamhubctl party invite --replace ID makes a fresh token A";
	return advice_on_error(flight->fault.err);
}

static struct str
path_of(struct flight *flight)
{
	struct str query = flight->shown, path = str_cut(&query, '?');

	if (path.len > ATTEMPT_TEXT_MOST)
		path.len = ATTEMPT_TEXT_MOST;
	return auth_hide(flight, path);
}

static const char *
token_of(const struct flight *flight)
{
	static const char *const texts[][2] = {
		[TOKEN_A] = { "token A, Base64", "token A, raw" },
		[TOKEN_PENDING] = { "new token, Base64", "new token, raw" },
		[TOKEN_CURRENT] = { "Base64", "raw" },
		[TOKEN_PREVIOUS] = { "old token, Base64", "old token, raw" },
	};

	return flight->lapsed != NULL ? "expired token A"
	                              : texts[flight->token_kind][flight->plain_token];
}

static void
note(struct flight *flight, struct live *live, bool end)
{
	bool ok = flight->fault.err == RH_OK;

	attempt_note(flight_hub(flight), flight->worker->session,
	        &(struct attempt_step){ .live = live,
	                .attempt = attempt_of_flight(flight, live),
	                .ok = ok,
	                .end = end,
	                .method = flight->request->method,
	                .url = path_of(flight),
	                .token = token_of(flight),
	                .http = flight->http,
	                .ocpi = ok ? 1000 : flight->ocpi,
	                .us = rh_mono_us() - flight->request->began_us,
	                .concluded = ok ? flight->concluded : refusal_of(flight),
	                .advice = ok ? (struct str){ 0 } : str_of(advice_of(flight)) });
}

void
attempted_flight(struct flight *flight)
{
	struct live *live = live_of_attempt(flight);
	bool end;

	if (live == NULL)
		return;
	end = !str_is(flight->request->method, "GET");
	if (!end && !attempt_reads(live))
		return;
	note(flight, live, end);
	if (end)
		attempt_over(live, flight->attempt != 0 ? flight->attempt : attempt_of(live));
}
