/* request: one question as a request. */
#include "survey.h"

#include <string.h>

#include "../parties/callable.h"
#include "../parties/may_hub.h"

enum { DAY_MS = 24 * 3600 * 1000, RANDOM_TOKEN = 48 };
#define LONG_AGO "2010-01-01T00:00:00Z"

/* ---- the URL ---- */

/* With a slash at the end of its path, or without the one that is there; its query stays. */
static struct str
other_slash(struct str url, struct arena *arena)
{
	struct str query = url, path = str_cut(&query, '?');

	if (path.len > 0 && path.p[path.len - 1] == '/')
		path.len--;
	else
		path = arena_printf(arena, "%.*s/", STR_ARG(path));
	return arena_printf(
	        arena, "%.*s%s%.*s", STR_ARG(path), query.p != NULL ? "?" : "", STR_ARG(query));
}

/* Of sessions and CDRs every list wants to know since when (SES-E1). */
static bool
wants_since(const struct ocpi_module *module)
{
	return strcmp(module->id, "sessions") == 0 || strcmp(module->id, "cdrs") == 0;
}

static struct str
query_of(const struct survey_step *step, struct arena *arena)
{
	const char *since = wants_since(step->module) ? "&date_from=" LONG_AGO : "";
	char stamp[OCPI_DATETIME_LEN + 1];

	switch (step->ask) {
	case ASK_OFFSET:
		return arena_printf(arena, "limit=1&offset=1%s", since);
	case ASK_PAST:
		return STR("limit=1&date_from=" LONG_AGO);
	case ASK_FUTURE:
		ocpi_datetime_print(rh_wall_ms() + DAY_MS, stamp);
		return arena_printf(arena, "limit=1&date_from=%s", stamp);
	case ASK_LARGE:
		return arena_printf(arena, "limit=1000%s", since);
	default:
		return arena_printf(arena, "limit=1%s", since);
	}
}

static struct str
in_other_case(struct str id, struct arena *arena)
{
	char *copy = arena_cstr(arena, id);

	for (size_t i = 0; i < id.len; i++)
		if ((copy[i] | 0x20) >= 'a' && (copy[i] | 0x20) <= 'z')
			copy[i] = (char)(copy[i] ^ 0x20);
	return (struct str){ copy, id.len };
}

static struct str
object_url(struct str base, struct str id, struct arena *arena)
{
	return ocpi_join(base, ocpi_percent_encode(id, arena), (struct str){ 0 }, arena);
}

static struct str
module_url(struct survey *survey, const struct survey_step *step, struct str endpoint)
{
	struct arena *arena = survey->page;
	struct str none = { 0 }, query = none, path;
	struct str list = survey->list.answered ? survey->list.url : endpoint;

	if (ASKED(step->ask) & ASKED_LISTS)
		query = query_of(step, arena);
	switch (step->ask) {
	case ASK_LIST:
		return ocpi_join(endpoint, none, query, arena);
	case ASK_LIST_SLASH:
		return ocpi_join(other_slash(endpoint, arena), none, query, arena);
	case ASK_NEXT:
		return survey->list.next;
	case ASK_OBJECT:
		return object_url(list, survey->list.id, arena);
	case ASK_OBJECT_CASE:
		return object_url(list, in_other_case(survey->list.id, arena), arena);
	case ASK_UNKNOWN:
		return ocpi_join(endpoint,
		        arena_printf(arena, "%s/%s/%.*s", survey->as.country, survey->as.party,
		                STR_ARG(survey->id)),
		        none, arena);
	case ASK_LOCATION:
		return survey->cdr_url;
	case ASK_AUTHORIZE:
		return ocpi_join(endpoint,
		        arena_printf(arena, "%.*s/authorize",
		                STR_ARG(ocpi_percent_encode(survey->token_uid, arena))),
		        none, arena);
	default:
		break;
	}
	if (ASKED(step->ask) & ASKED_LISTS)
		return ocpi_join(list, none, query, arena);
	path = survey_path(survey, step, arena);
	return ocpi_join(endpoint, path, none, arena);
}

static struct str
config_url(struct survey *survey, const struct platform *platform, enum survey_ask ask)
{
	const struct endpoint *credentials;

	switch (ask) {
	case ASK_DETAILS:
		return survey->details_url;
	case ASK_CREDENTIALS:
		credentials = platform_endpoint(platform, STR("credentials"), IFACE_SENDER);
		return credentials != NULL ? credentials->url : (struct str){ 0 };
	case ASK_VERSIONS_SLASH:
		return other_slash(platform->versions_url, survey->page);
	default:
		return platform->versions_url;
	}
}

static struct str
url_of(struct survey *survey, const struct platform *platform, const struct survey_step *step)
{
	const struct endpoint *endpoint;

	if (step->module == NULL)
		return config_url(survey, platform, step->ask);
	endpoint = platform_endpoint(platform, str_of(step->module->id), step->interface);
	return endpoint != NULL ? module_url(survey, step, endpoint->url) : (struct str){ 0 };
}

/* ---- who asks whom ---- */

static struct str
authorization_of(const struct survey *survey, const struct platform *platform, enum survey_ask ask)
{
	char random[RANDOM_TOKEN + 1];
	bool plain = survey->plain;

	if (ask == ASK_WRONG_TOKEN) {
		rh_random_text(random, RANDOM_TOKEN);
		return ocpi_authorization_write(str_of(random), plain, survey->page);
	}
	return (ask == ASK_OTHER_FORM ? !plain : plain) ? platform->auth_plain
	                                                : platform->auth_base64;
}

/* Somebody who may ask it for such objects; NULL: nobody is here. */
static const struct party *
other_party(const struct survey *survey, const struct survey_step *step)
{
	const struct directory *directory = hub_directory(survey->hub);
	const struct party *to = directory_party(directory, &step->to);
	const struct platform *platforms;
	size_t count = directory_platforms(directory, &platforms);

	for (size_t i = 0; to != NULL && i < count; i++) {
		if (platforms[i].id == survey->platform || platforms[i].removed)
			continue;
		for (size_t k = 0; k < platforms[i].party_count; k++)
			if (may_send(survey->hub, directory, platforms[i].id,
			            &platforms[i].parties[k].id, to, step->module, step->interface)
			                .reason == MAY_YES)
				return &platforms[i].parties[k];
	}
	return NULL;
}

/* What is shared comes from the hub (RTE-031), what is for one party from the other one. */
static bool
is_from_hub(const struct survey *survey, const struct survey_step *step)
{
	if (step->ask < ASK_PUT)
		return true;
	return survey_is_shared(step->module) && step->ask != ASK_AUTHORIZE &&
	       step->ask != ASK_AUTHORIZE_UNKNOWN && step->ask != ASK_PUT_OWNER &&
	       !survey->from_owner;
}

/* False: there is nobody in whose name it could be asked. */
static bool
route(struct survey *survey, const struct survey_step *step)
{
	const struct ocpi_id *from = is_from_hub(survey, step) ? &survey->hub->id : &survey->as;
	const struct party *other;

	if (step->module == NULL || step->ask == ASK_LIST_BARE)
		return true;
	if (step->ask == ASK_LIST_OTHER) {
		other = other_party(survey, step);
		if (other == NULL)
			return false;
		from = &other->id;
	}
	partner_route(&survey->call, str_of(step->to.country), str_of(step->to.party),
	        str_of(from->country), str_of(from->party));
	return true;
}

bool
survey_request(
        struct survey *survey, const struct platform *platform, const struct survey_step *step)
{
	struct partner_call *call = &survey->call;
	struct fault fault;
	struct net_url url;
	struct str text;

	arena_reset(survey->page);
	text = url_of(survey, platform, step);
	if (text.p == NULL || callable_read(survey->hub, platform->id, "", text, survey->page, &url,
	                              &fault) != RH_OK)
		return false;
	partner_prepare(call, survey->hub, NULL, PARTNER_PULL, survey->page);
	partner_address(call, url.origin, url.target, authorization_of(survey, platform, step->ask),
	        (struct str){ 0 });
	return route(survey, step);
}
