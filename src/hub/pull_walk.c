/* pull_walk: one walk over the Sender interfaces of a platform: module by module, party by party,
 * page by page along Link.
 *
 * On every page it looks whether it may go on: the platform may have been suspended or gone, the
 * hub may stop, and a peer whose Link has no end is left after so many pages, bytes or minutes. */
#include "pull_walk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parties/directory.h"
#include "parties/may_hub.h"
#include "pull_object.h"

enum {
	OVERLAP_MS = 60 * 1000, /* clocks differ */
	WINDOW = 64,            /* objects that wait for the store at once */
	DAY_MS = 24 * 3600 * 1000,
	PATIENCE = 3, /* a page may take so many times what a message may */
};

/* ---- what there is to walk ---- */

static bool
is_listed(struct str names, struct str name)
{
	while (names.p != NULL)
		if (str_eq(str_trim(str_cut(&names, ',')), name))
			return true;
	return false;
}

const struct endpoint *
pull_endpoint(
        const struct hub *hub, const struct platform *platform, const struct ocpi_module *module)
{
	if (!module->pullable ||
	        !is_listed(str_of(hub_settings(hub)->pull_modules), str_of(module->id)))
		return NULL;
	return platform_endpoint(platform, str_of(module->id), IFACE_SENDER);
}

static const struct platform *
platform_of(const struct pull *pull)
{
	return directory_platform(hub_directory(pull->hub), pull->platform);
}

static void
failed(struct pull *pull, const char *why)
{
	const struct ocpi_module *module = pull->hub->modules[pull->module];

	pull->module_failed = true;
	pull->report.complete = false;
	if (pull->report.why[0] == '\0')
		(void)snprintf(pull->report.why, sizeof pull->report.why, "%s of %s*%s: %.120s",
		        module->id, pull->to.country, pull->to.party, why);
}

static void
give_up(struct pull *pull, const char *why)
{
	if (!pull->over)
		failed(pull, why);
	pull->over = true;
}

/* NULL: the walk is over. */
static const struct platform *
may_go_on(struct pull *pull)
{
	const struct platform *platform = platform_of(pull);

	if (pull->hub->stopping)
		give_up(pull, "the hub stops");
	else if (platform == NULL || platform_state(platform) != STATE_CONNECTED ||
	         platform->token.p == NULL)
		give_up(pull, "the platform is not CONNECTED any more");
	else if (rh_mono_ms() > pull->end_by_ms)
		give_up(pull, "it takes more than an hour");
	else if (pull->report.bytes > PULL_MOST_BYTES)
		give_up(pull, "the lists have more than 1 GiB");
	return pull->over ? NULL : platform;
}

/* ---- pages ---- */

static void next_list(struct pull *pull);
static void go_on(struct pull *pull);
static void page_got(struct partner_call *call);

static void
walk_url(struct pull *pull, struct str url)
{
	char *copy = rh_alloc(url.len + 1);

	memcpy(copy, url.p, url.len);
	free((void *)(uintptr_t)pull->url.p);
	pull->url = (struct str){ copy, url.len };
}

/* False: it cannot be asked for. */
static bool
get_page(struct pull *pull, const struct platform *platform)
{
	struct hub *hub = pull->hub;
	struct partner_call *call = &pull->call;
	struct net_url url;

	arena_reset(pull->arena);
	if (net_url_parse(pull->url, pull->arena, &url, NULL) != RH_OK) {
		failed(pull, "its URL cannot be called");
		return false;
	}
	partner_prepare(call, hub, platform->live, PARTNER_PULL, pull->arena);
	partner_address(
	        call, url.origin, url.target, platform_authorization(platform), (struct str){ 0 });
	partner_route(call, str_of(pull->to.country), str_of(pull->to.party),
	        str_of(hub->id.country), str_of(hub->id.party));
	call->done = page_got;
	pull->calling = true;
	partner_start(call, hub->client, STR("GET"), (struct str){ 0 },
	        PATIENCE * hub_settings(hub)->call_ms, PULL_PAGE_BYTES, false);
	return true;
}

/* False: the list ends here. */
static bool
next_page(struct pull *pull, const struct platform *platform)
{
	struct str link = ocpi_link_next(pull->call.net.header[OUT_LINK], pull->arena), url;
	struct net_url parsed;

	if (link.p == NULL)
		return false;
	if (net_url_resolve(pull->url, link, pull->arena, &url, NULL) != RH_OK ||
	        net_url_parse(url, pull->arena, &parsed, NULL) != RH_OK)
		failed(pull, "the Link to the next page is no URL");
	else if (!platform_takes_token_at(platform, parsed.origin))
		failed(pull, "the Link to the next page leads to a foreign host");
	else if (pull->pages >= PULL_MOST_PAGES)
		failed(pull, "the list has more than 10000 pages");
	else if (pull->objects >= PULL_MOST_OBJECTS)
		failed(pull, "the list has more than 2000000 objects");
	else {
		walk_url(pull, url);
		return get_page(pull, platform);
	}
	return false;
}

/* As many objects as may wait for the store; with the last one the page is done. */
static void
go_on(struct pull *pull)
{
	const struct platform *platform = may_go_on(pull);

	while (platform != NULL && pull->pending < WINDOW && pull->at < pull->end) {
		pull_object(pull, platform);
		pull->at = pull->call.envelope.doc.nodes[pull->at].next;
	}
	if (pull->pending > 0)
		return;
	if (platform == NULL || !next_page(pull, platform))
		next_list(pull);
}

static const char *
what_is_wrong(struct pull *pull)
{
	const struct partner_call *call = &pull->call;
	const struct str message = call->envelope.message;
	const struct json_node *nodes = call->envelope.doc.nodes;

	if (call->result != PARTNER_ANSWERED)
		return call->why;
	if (call->net.status < 200 || call->net.status > 299 || call->envelope.code / 1000 != 1)
		return arena_printf(pull->arena, "HTTP %d, OCPI %d: %.*s", call->net.status,
		        call->envelope.code, (int)(message.len > 100 ? 100 : message.len),
		        message.p != NULL ? message.p : "")
		        .p;
	if (call->envelope.data == 0 || nodes[call->envelope.data].type != JSON_ARRAY)
		return "the answer is no page";
	return NULL;
}

static void
page_got(struct partner_call *call)
{
	struct pull *pull = container_of(call, struct pull, call);
	const char *wrong = what_is_wrong(pull);
	uint32_t list = call->envelope.data;
	uint64_t hash;

	pull->calling = false;
	if (call->result == PARTNER_UNREACHABLE || call->result == PARTNER_OURS)
		give_up(pull, call->why); /* nor would the next list come */
	else if (wrong != NULL)
		failed(pull, wrong);
	if (wrong != NULL) {
		next_list(pull);
		return;
	}
	hash = rh_hash64(json_raw(&call->envelope.doc, list));
	if (pull->pages > 0 && hash == pull->page_hash &&
	        call->envelope.doc.nodes[list].count > 0) {
		failed(pull, "the same page came twice: it ignores offset");
		next_list(pull);
		return;
	}
	pull->page_hash = hash;
	pull->pages++;
	pull->report.pages++;
	pull->report.bytes += call->net.answer.len;
	pull->at = list + 1;
	pull->end = call->envelope.doc.nodes[list].next;
	go_on(pull);
}

/* ---- lists: one of each module for each party that has such objects ---- */

/* Since when; 0: whatever there is. Lists of sessions and CDRs want a date_from in any case
 * (SES-E1, CDR-E1), and what is older than the hub keeps is of no use. */
static int64_t
since_ms(const struct pull *pull, const struct platform *platform)
{
	if (!pull->full)
		return platform->live->pull.covered_ms - OVERLAP_MS;
	return pull->addressed == NULL
	               ? 0
	               : pull->began_ms - hub_settings(pull->hub)->retention_days * DAY_MS;
}

static void
first_url(struct pull *pull, const struct platform *platform, const struct endpoint *endpoint)
{
	struct buf query = { .arena = pull->arena };
	int64_t since = since_ms(pull, platform);
	char stamp[OCPI_DATETIME_LEN + 1];

	arena_reset(pull->arena);
	buf_printf(&query, "limit=%lld", (long long)hub_settings(pull->hub)->list_limit);
	if (since != 0) {
		ocpi_datetime_print(since, stamp);
		buf_printf(&query, "&date_from=%s", stamp);
	}
	walk_url(pull, ocpi_join(arena_printf(pull->arena, "%.*s%.*s", STR_ARG(endpoint->origin),
	                                 STR_ARG(endpoint->target)),
	                       (struct str){ 0 }, buf_str(&query), pull->arena));
	pull->pages = pull->objects = 0;
}

/* The next party that has objects of this module. Several roles of one party are one list. */
static const struct party *
next_party(struct pull *pull, const struct platform *platform, const struct ocpi_module *module)
{
	while (pull->party < platform->party_count) {
		const struct party *party = &platform->parties[pull->party++];
		bool again = false;

		for (const struct party *before = platform->parties; before < party; before++)
			again |= ocpi_id_same(&before->id, &party->id) &&
			         may_be_called(before->role, module, IFACE_SENDER);
		if (!again && party->state != STATE_SUSPENDED &&
		        may_be_called(party->role, module, IFACE_SENDER))
			return party;
	}
	return NULL;
}

/* False: there is no more list of this module. */
static bool
begin_list(struct pull *pull, const struct platform *platform, const struct ocpi_module *module)
{
	const struct endpoint *endpoint = pull_endpoint(pull->hub, platform, module);
	const struct party *party;

	while (endpoint != NULL && (party = next_party(pull, platform, module)) != NULL) {
		pull->to = party->id;
		pull->addressed = pull_addressed(module);
		first_url(pull, platform, endpoint);
		pull->listed = true;
		if (get_page(pull, platform))
			return true;
	}
	return false;
}

static void
next_module(struct pull *pull)
{
	pull->module++;
	pull->party = 0;
	pull->module_failed = pull->listed = false;
	pull_seen_clear(&pull->sweep.seen);
}

static void
swept(struct pull *pull)
{
	next_module(pull);
	next_list(pull);
}

static void
end(struct pull *pull)
{
	pull_seen_clear(&pull->sweep.seen);
	arena_free(pull->arena);
	free((void *)(uintptr_t)pull->url.p);
	pull->ended(pull);
}

static void
next_list(struct pull *pull)
{
	const struct platform *platform;
	const struct ocpi_module *module;

	while ((module = pull->hub->modules[pull->module]) != NULL &&
	        (platform = may_go_on(pull)) != NULL) {
		if (begin_list(pull, platform, module))
			return;
		if (pull->full && pull->listed && !pull->module_failed && pull->addressed == NULL) {
			pull_sweep_begin(pull);
			return;
		}
		next_module(pull);
	}
	end(pull);
}

void
pull_walk(struct pull *pull)
{
	pull->arena = arena_new(65536);
	pull->object_done = go_on;
	pull->sweep.swept = swept;
	pull->end_by_ms = rh_mono_ms() + PULL_MOST_MS;
	pull->report.complete = true;
	next_list(pull);
}

void
pull_cancel(struct pull *pull)
{
	if (pull->calling)
		net_call_cancel(pull->hub->client, &pull->call.net);
}
