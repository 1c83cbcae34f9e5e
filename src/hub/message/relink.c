/* relink: a call of a URL that the hub handed out. The mapping says who may call it and where it
 * leads. */
#include "relink.h"

#include "check.h"
#include "leg.h"
#include "rewrite.h"

#include <stdio.h>
#include <string.h>

static enum next
relink_answered(struct flight *flight)
{
	if (leg_verdict(flight) != RH_OK)
		return REPLY;
	return rewrite_answer(flight, flight->relink.kind == RELINK_LINK, false);
}

static enum next
relink_send(struct flight *flight, const struct platform *to)
{
	struct net_url url;
	bool posts = flight->relink.kind == RELINK_RESPONSE_URL;

	if (net_url_parse(flight->relink.target, flight->arena, &url, &flight->fault) != RH_OK)
		return flight_refuse(flight, RH_BAD_ANSWER, "",
		        "the URL that this one stands for cannot be called");
	/* a stranger's host never gets a platform's token (TRP-65) */
	leg_prepare(flight, to, url.origin, url.target, platform_owns_origin(to, url.origin));
	return leg_start(flight, flight->request->method,
	        posts ? flight->request->body : (struct str){ 0 }, relink_answered);
}

/* ---- the result of a command of the hub's own ---- */

static enum next
result_taken(struct flight *flight)
{
	return flight_answer(flight, 200, (struct str){ 0 });
}

static enum next
result_kept(struct flight *flight)
{
	return flight->op.err == RH_OK ? result_taken(flight) : flight_refuse_store(flight);
}

static enum next
result_looked_for(struct flight *flight)
{
	const struct store_op *op = &flight->op;
	struct store_relink *result;

	if (op->err == RH_OK) /* it came before */
		return result_taken(flight);
	if (op->err != RH_NOT_FOUND)
		return flight_refuse_store(flight);
	result = arena_alloc(flight->arena, sizeof *result);
	*result = flight->relink;
	result->id = op->u.relink.id;
	result->target = flight->request->body;
	result->caller_platform = 0; /* it is no URL that anybody may call */
	memset(&flight->op, 0, sizeof flight->op);
	flight->op.u.relink_put.relink = result;
	return flight_store(flight, STORE_RELINK_PUT, result_kept);
}

/* Another process may be who waits for it: it is kept beside its URL, and as long. */
static enum next
keep_result(struct flight *flight)
{
	struct str id = hub_result_id(flight->path.decoded[flight->first + 3], flight->arena);

	memset(&flight->op, 0, sizeof flight->op);
	flight->op.u.relink.id = id;
	flight->op.u.relink.now_ms = rh_wall_ms();
	return flight_store(flight, STORE_RELINK_GET, result_looked_for);
}

/* Its URL was handed out by survey/walk.c. */
static enum next
relink_to_hub(struct flight *flight)
{
	struct hub *hub = flight_hub(flight);

	hub->result(hub, flight->platform_id, flight->request->body);
	return hub_is_together(hub) ? keep_result(flight) : result_taken(flight);
}

static void
take_parties(struct flight *flight, const struct store_relink *relink)
{
	memcpy(flight->from.country, relink->caller_country, sizeof flight->from.country);
	memcpy(flight->from.party, relink->caller_party, sizeof flight->from.party);
	memcpy(flight->to.country, relink->target_country, sizeof flight->to.country);
	memcpy(flight->to.party, relink->target_party, sizeof flight->to.party);
	flight->has_from = flight->has_to = true;
}

/* Both parties are still those whom it was handed out for: neither left its platform since. */
static enum next
check_parties(struct flight *flight)
{
	const struct store_relink *relink = &flight->relink;
	const struct platform *from = directory_platform(flight->directory, flight->platform_id);
	const struct platform *to = directory_platform(flight->directory, relink->target_platform);
	bool holds = to != NULL && platform_has_party(to, &flight->to);
	enum store_state state = holds ? platform_state(to) : STATE_SUSPENDED;
	char text[OCPI_ID_TEXT];

	if (from == NULL || !platform_has_party(from, &flight->from))
		return flight_refuse(flight, RH_BAD_FIELD, "URL",
		        "was handed out for %s*%s, which is no party of this platform any more",
		        flight->from.country, flight->from.party);
	if (state != STATE_CONNECTED)
		return flight_refuse_gone(flight, ocpi_id_text(&flight->to, text), state);
	return NEXT;
}

static enum next
relink_found(struct flight *flight)
{
	const struct store_relink *relink = &flight->op.u.relink.relink;
	bool posts = relink->kind == RELINK_RESPONSE_URL;

	if (flight->op.err != RH_OK && flight->op.err != RH_NOT_FOUND)
		return flight_refuse_store(flight);
	if (flight->op.err != RH_OK || relink->caller_platform != flight->platform_id)
		return flight_refuse(flight, RH_NOT_FOUND, "URL",
		        "is not known to the hub for this platform, or expired");
	flight->relink = *relink;
	flight->module = ocpi_module_find(flight_hub(flight)->modules, relink->module);
	if (flight->module == NULL) /* it was handed out by another build */
		return flight_refuse(
		        flight, RH_NOT_FOUND, "URL", "belongs to a module that is not served here");
	flight->interface = (enum ocpi_interface)relink->interface;
	take_parties(flight, relink);
	if (!str_is(flight->request->method, posts ? "POST" : "GET")) {
		(void)snprintf(flight->allow, sizeof flight->allow, "%s", posts ? "POST" : "GET");
		return flight_refuse(flight, RH_METHOD, "", "allowed: %s", flight->allow);
	}
	if (posts && check_result(flight, rewrite_callback(flight)) != NEXT)
		return REPLY;
	if (relink->target_platform == 0)
		return relink_to_hub(flight);
	if (check_parties(flight) != NEXT)
		return REPLY;
	return relink_send(flight, directory_platform(flight->directory, relink->target_platform));
}

enum next
flight_relink(struct flight *flight)
{
	memset(&flight->op, 0, sizeof flight->op);
	flight->op.u.relink.id = flight->path.decoded[flight->first + 3];
	flight->op.u.relink.now_ms = rh_wall_ms();
	return flight_store(flight, STORE_RELINK_GET, relink_found);
}
