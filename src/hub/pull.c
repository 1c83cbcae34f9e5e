/* pull: what parties have and did not push: the hub walks their Sender interfaces and shares what
 * changed.
 *
 * One walk at a time, on the control thread: platform by platform, module by module, page by page
 * along Link. `date_from` is the last success; every tenth walk is a full one. A peer that repeats
 * a page, or ignores what it is asked, ends its walk and is marked. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "message/share.h"
#include "news.h"
#include "parties/partner.h"
#include "pull.h"

enum {
	FULL_EVERY = 10,
	PAGE_BYTES = 8 * 1024 * 1024,
	MAX_NODES = 2000000,
	MOST_PAGES = 100000,
	OVERLAP_MS = 60 * 1000, /* clocks differ */
};

struct pull {
	struct hub *hub;
	struct partner_call call;
	struct arena *arena; /* of the page in hand */
	struct str url;      /* of the page in hand; memory of its own */
	uint64_t page_hash;  /* of the page before */
	int64_t platform;
	size_t module, page;
	int64_t began_ms;
	size_t pending; /* shares of this page that are not committed yet */
	size_t shared;
	bool failed;
};

struct pulled_object {
	struct store_op op;
	struct ocpi_update update;
	struct pull *pull;
};

static void next_module(struct pull *pull);

static void
pull_end(struct pull *pull)
{
	struct hub *hub = pull->hub;
	const struct platform *platform = directory_platform(hub_directory(hub), pull->platform);

	if (platform != NULL) {
		platform->live->pull.covered_ms =
		        pull->failed ? platform->live->pull.covered_ms : pull->began_ms;
		platform->live->pull.tried_ms = rh_boot_ms();
		platform->live->pull.wanted = false;
		platform->live->pull.walks++;
	}
	LOG(LOG_INFO, "pull", KVN("platform", pull->platform), KVN("shared", pull->shared),
	        KV("result", pull->failed ? "incomplete" : "complete"));
	hub->pulling = false;
	hub->control_work--;
	arena_free(pull->arena);
	free((void *)(uintptr_t)pull->url.p);
	free(pull);
}

/* ---- objects ---- */

static void page_done(struct pull *pull);

static void
object_shared(struct store_op *op)
{
	struct pulled_object *object = container_of(op, struct pulled_object, op);
	struct pull *pull = object->pull;

	if (op->err == RH_OK) {
		pull->shared++;
		news_committed(pull->hub, op->u.share.change);
	}
	arena_free(op->arena); /* it lies in it */
	if (--pull->pending == 0)
		page_done(pull);
}

static enum rh_err
make_if_newer(void *ctx, struct str old, struct arena *arena, struct str *fresh,
        int64_t *last_updated_ns, struct fault *fault)
{
	const struct pulled_object *object = ctx;
	struct json_doc doc;
	struct ocpi_flaws flaws;
	int64_t before = INT64_MIN;

	if (old.p != NULL && json_scan(old, MAX_NODES, arena, &doc, NULL) == RH_OK)
		(void)ocpi_datetime_parse(
		        json_member_string(&doc, 0, "last_updated", arena), &before);
	if (json_scan(object->update.body, MAX_NODES, arena, &doc, fault) != RH_OK)
		return RH_BAD_JSON;
	if (!ocpi_check(&doc, 0, object->update.class, CHECK_ANY_ENUM, &flaws))
		return ocpi_flaws_fault(
		        &doc, &flaws, fault); /* TRN-036: this one is left out, the others count */
	*last_updated_ns = 0;
	(void)ocpi_datetime_parse(
	        json_member_string(&doc, 0, "last_updated", arena), last_updated_ns);
	if (old.p != NULL && *last_updated_ns <= before)
		return fault_set(fault, RH_BAD_FIELD, "", "is not newer than what the hub has");
	*fresh = object->update.body;
	return RH_OK;
}

static bool
fill_key(const struct ocpi_module *module, const struct platform *platform,
        const struct json_doc *doc, uint32_t node, struct store_share_args *args,
        struct arena *arena)
{
	struct str id = json_member_string(doc, node, module->key[0], arena);
	struct ocpi_id owner;
	char text[OCPI_ID_TEXT];

	if (id.len == 0 ||
	        !ocpi_id_make(json_member_string(doc, node, "country_code", arena),
	                json_member_string(doc, node, "party_id", arena), &owner) ||
	        !platform_has_party(platform, &owner)) /* TRN-048 */
		return false;
	args->key.scope = STR("*");
	args->key.module = str_of(module->id);
	args->key.owner = arena_str(arena, str_of(ocpi_id_key(&owner, text)));
	args->key.id = share_key(arena, id);
	args->key.type = module->key[1] == NULL
	                         ? STR("")
	                         : json_member_string(doc, node, module->key[1], arena);
	struct str raw_id = ocpi_percent_encode(id, arena);
	args->suffix = arena_printf(arena, "%s/%s/%.*s%s%.*s", owner.country, owner.party,
	        STR_ARG(raw_id), args->key.type.len > 0 ? "?type=" : "", STR_ARG(args->key.type));
	return args->key.type.p != NULL;
}

static void
share_object(struct pull *pull, const struct ocpi_module *module, const struct platform *platform,
        const struct json_doc *doc, uint32_t node)
{
	struct arena *arena = arena_new(4096);
	struct pulled_object *object = arena_alloc(arena, sizeof *object);
	struct store_share_args *args = &object->op.u.share;

	if (!fill_key(module, platform, doc, node, args, arena)) {
		arena_free(arena);
		return;
	}
	object->pull = pull;
	object->update.class = module->object;
	object->update.body = arena_str(arena, json_raw(doc, node));
	object->op.verb = STORE_SHARE;
	object->op.done = object_shared;
	object->op.arena = arena;
	args->make = make_if_newer;
	args->ctx = object;
	args->method = STR("PUT");
	args->correlation_id = arena_str(arena, pull->call.correlation_id);
	args->sender_platform = pull->platform;
	args->at_ms = rh_wall_ms();
	pull->pending++;
	store_submit(pull->hub->session, &object->op);
}

/* ---- pages ---- */

static void get_page(struct pull *pull);

static void
set_url(struct pull *pull, struct str url)
{
	char *copy = rh_alloc(url.len + 1);

	memcpy(copy, url.p, url.len);
	free((void *)(uintptr_t)pull->url.p);
	pull->url = (struct str){ copy, url.len };
}

static void
page_done(struct pull *pull)
{
	struct str next = ocpi_link_next(pull->call.net.header[OUT_LINK], pull->arena), url;
	const struct platform *platform =
	        directory_platform(hub_directory(pull->hub), pull->platform);
	struct net_url parsed;

	if (next.p == NULL || ++pull->page >= MOST_PAGES || platform == NULL ||
	        net_url_resolve(pull->url, next, pull->arena, &url, NULL) != RH_OK ||
	        net_url_parse(url, pull->arena, &parsed, NULL) != RH_OK ||
	        !platform_owns_host(platform, parsed.host)) {
		pull->module++;
		next_module(pull);
		return;
	}
	set_url(pull, url);
	get_page(pull);
}

static void
page_failed(struct pull *pull, const char *why)
{
	const struct platform *platform =
	        directory_platform(hub_directory(pull->hub), pull->platform);

	pull->failed = true;
	if (platform != NULL) {
		(void)snprintf(platform->live->presence.last_failure,
		        sizeof platform->live->presence.last_failure, "pull of %s: %s",
		        pull->hub->modules[pull->module]->id, why);
		platform->live->presence.last_failure_ms = rh_wall_ms();
	}
	pull->module++;
	next_module(pull);
}

static void
page_got(struct partner_call *call)
{
	struct pull *pull = container_of(call, struct pull, call);
	const struct platform *platform =
	        directory_platform(hub_directory(pull->hub), pull->platform);
	const struct ocpi_module *module = pull->hub->modules[pull->module];
	const struct json_doc *doc = &call->envelope.doc;
	uint32_t list = call->envelope.data;

	if (call->result != PARTNER_ANSWERED || platform == NULL || call->net.status < 200 ||
	        call->net.status > 299 || call->envelope.code / 1000 != 1 || list == 0 ||
	        doc->nodes[list].type != JSON_ARRAY) {
		page_failed(pull,
		        call->result != PARTNER_ANSWERED ? call->why : "the answer is no page");
		return;
	}
	uint64_t hash = rh_hash64(json_raw(doc, list));
	if (pull->page > 0 && hash == pull->page_hash && doc->nodes[list].count > 0) {
		page_failed(pull, "the same page came twice: it ignores offset");
		return;
	}
	pull->page_hash = hash;
	pull->pending = 1; /* this function's own */
	for (uint32_t i = list + 1; i < doc->nodes[list].next; i = doc->nodes[i].next)
		share_object(pull, module, platform, doc, i);
	if (--pull->pending == 0)
		page_done(pull);
}

static void
get_page(struct pull *pull)
{
	struct hub *hub = pull->hub;
	const struct platform *platform = directory_platform(hub_directory(hub), pull->platform);
	struct partner_call *call = &pull->call;
	struct net_url url;

	arena_reset(pull->arena);
	if (platform == NULL || net_url_parse(pull->url, pull->arena, &url, NULL) != RH_OK) {
		page_failed(pull, "its URL cannot be called");
		return;
	}
	partner_prepare(call, hub, platform->live, PARTNER_PULL, pull->arena);
	partner_address(
	        call, url.origin, url.target, platform_authorization(platform), (struct str){ 0 });
	partner_route(call, str_of(platform->parties[0].id.country),
	        str_of(platform->parties[0].id.party), str_of(hub->id.country),
	        str_of(hub->id.party));
	call->done = page_got;
	partner_start(call, hub->client, STR("GET"), (struct str){ 0 },
	        3 * hub_settings(hub)->call_ms, PAGE_BYTES, false);
}

/* ---- modules ---- */

static void
first_url(struct pull *pull, const struct platform *platform, const struct endpoint *endpoint)
{
	struct buf query = { .arena = pull->arena };
	char stamp[OCPI_DATETIME_LEN + 1];
	int64_t since = platform->live->pull.covered_ms;

	buf_printf(&query, "limit=%lld", (long long)hub_settings(pull->hub)->list_limit);
	if (since > 0 && platform->live->pull.walks % FULL_EVERY != 0) {
		ocpi_datetime_print(since - OVERLAP_MS, stamp);
		buf_printf(&query, "&date_from=%s", stamp);
	}
	set_url(pull, ocpi_join(arena_printf(pull->arena, "%.*s%.*s", STR_ARG(endpoint->origin),
	                                STR_ARG(endpoint->target)),
	                      (struct str){ 0 }, buf_str(&query), pull->arena));
}

static void
next_module(struct pull *pull)
{
	const struct platform *platform =
	        directory_platform(hub_directory(pull->hub), pull->platform);

	const struct ocpi_module *module;

	for (; platform != NULL && (module = pull->hub->modules[pull->module]) != NULL;
	        pull->module++) {
		const struct endpoint *endpoint =
		        platform_endpoint(platform, str_of(module->id), IFACE_SENDER);

		if (!module->pullable || endpoint == NULL || pull->hub->stopping)
			continue;
		first_url(pull, platform, endpoint);
		pull->page = 0;
		get_page(pull);
		return;
	}
	pull_end(pull);
}

/* ---- when ---- */

static bool
is_due(const struct hub *hub, const struct platform *platform, int64_t now_ms)
{
	int64_t interval = platform->pull_ms >= 0 ? platform->pull_ms : hub_settings(hub)->pull_ms;

	if (platform_state(platform) != STATE_CONNECTED || platform->token.p == NULL ||
	        platform->party_count == 0)
		return false;
	if (platform->live->pull.wanted)
		return true;
	return interval > 0 && now_ms - platform->live->pull.tried_ms >= interval;
}

/* Of those that are due the one that waited longest: with short intervals or long walks nobody is
 * passed over. */
static const struct platform *
next_platform(const struct hub *hub)
{
	const struct platform *platforms, *chosen = NULL;
	size_t count = directory_platforms(hub_directory(hub), &platforms);
	int64_t now_ms = rh_boot_ms();

	for (size_t i = 0; i < count; i++)
		if (is_due(hub, &platforms[i], now_ms) &&
		        (chosen == NULL ||
		                platforms[i].live->pull.tried_ms < chosen->live->pull.tried_ms))
			chosen = &platforms[i];
	return chosen;
}

void
pull_tick(struct hub *hub)
{
	const struct platform *platform = hub->pulling ? NULL : next_platform(hub);
	struct pull *pull;

	if (platform == NULL)
		return;
	pull = rh_alloc(sizeof *pull);
	pull->hub = hub;
	pull->arena = arena_new(65536);
	pull->platform = platform->id;
	pull->began_ms = rh_wall_ms();
	hub->pulling = true;
	hub->control_work++;
	next_module(pull);
}
