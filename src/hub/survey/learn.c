/* learn: what an answer says for what is asked next. */
#include "survey.h"

#include <string.h>

static void
keep(struct survey *survey, struct str *place, struct str text)
{
	*place = text.p != NULL ? arena_str(survey->arena, text) : (struct str){ 0 };
}

static void
learn_versions(struct survey *survey, const struct survey_seen *seen)
{
	const struct json_doc *doc = &seen->call->envelope.doc;
	uint32_t list = seen->call->envelope.data;

	if (!survey_is_page(seen))
		return;
	for (uint32_t i = list + 1; i < doc->nodes[list].next; i = doc->nodes[i].next)
		if (str_is(json_member_string(doc, i, "version", seen->arena), OCPI_VERSION))
			keep(survey, &survey->details_url,
			        json_member_string(doc, i, "url", seen->arena));
}

/* Who takes the other form alone is asked in that from then on, from the first question again. */
static void
learn_form(struct survey *survey, const struct survey_seen *seen)
{
	if (!survey->usual_refused || !survey_is_success(seen))
		return;
	survey->plain = !survey->plain;
	learn_versions(survey, seen);
}

/* ---- lists ---- */

static struct str
id_of(const struct survey_seen *seen)
{
	uint32_t object = survey_object(seen);
	const char *key = seen->module->key[0];

	if (object == 0 || key == NULL)
		return (struct str){ 0 };
	return json_member_string(&seen->call->envelope.doc, object, key, seen->arena);
}

/* One that is the platform's own, absolute; absent: there is none, or it leads elsewhere. */
static struct str
next_of(const struct survey_seen *seen)
{
	struct str link = ocpi_link_next(survey_header(seen, OUT_LINK), seen->arena), url;
	struct str base = survey_asked_url(seen), none = { 0 };
	struct net_url parsed;

	if (link.p == NULL || net_url_resolve(base, link, seen->arena, &url, NULL) != RH_OK ||
	        net_url_parse(url, seen->arena, &parsed, NULL) != RH_OK ||
	        !platform_owns_origin(seen->platform, parsed.origin))
		return none;
	return url;
}

static void
learn_page(struct survey *survey, const struct survey_seen *seen)
{
	const struct ocpi_envelope *envelope = &seen->call->envelope;
	struct survey_list *list = &survey->list;
	uint32_t object = survey_object(seen);

	list->answered = true;
	keep(survey, &list->url, survey_asked_url(seen));
	list->total = survey_total(seen);
	list->count = envelope->doc.nodes[envelope->data].count;
	list->first = object != 0 ? rh_hash64(json_raw(&envelope->doc, object)) : 0;
	keep(survey, &list->next, next_of(seen));
	keep(survey, &list->id, id_of(seen));
	if (strcmp(seen->module->id, "locations") == 0)
		survey->location_id = list->id;
	if (strcmp(seen->module->id, "tokens") == 0)
		survey->token_uid = list->id;
}

static void
learn_list(struct survey *survey, const struct survey_seen *seen)
{
	if (seen->ask == ASK_LIST)
		survey->list = (struct survey_list){ .total = -1 };
	if (survey_is_page(seen) && !survey->list.answered)
		learn_page(survey, seen);
	else if (seen->ask == ASK_LIST && seen->call->net.result == NET_DONE)
		survey->list.refused = true;
}

/* ---- what is written ---- */

static void
tell_left(struct survey *survey, const char *what)
{
	if (survey->left.len > 0)
		buf_addc(&survey->left, ',');
	json_quote(
	        &survey->left, arena_printf(survey->arena, "%s %.*s", what, STR_ARG(survey->id)));
}

static void
learn_put(struct survey *survey, const struct survey_seen *seen)
{
	bool taken = survey_is_success(seen);

	if (seen->ask == ASK_PUT) {
		survey->put_taken = taken;
		survey->put_refused = !taken && seen->call->net.result == NET_DONE;
	} else if (taken) {
		survey->put_taken = survey->from_owner = true;
	}
}

static void
learn_post(struct survey *survey, const struct survey_seen *seen)
{
	struct str location = str_trim(survey_header(seen, OUT_LOCATION)), url;
	struct net_url parsed;

	survey->cdr_taken = survey_is_success(seen);
	if (!survey->cdr_taken || location.len == 0 ||
	        net_url_resolve(survey_asked_url(seen), location, seen->arena, &url, NULL) !=
	                RH_OK ||
	        net_url_parse(url, seen->arena, &parsed, NULL) != RH_OK ||
	        !platform_owns_origin(seen->platform, parsed.origin))
		return;
	keep(survey, &survey->cdr_url, url);
}

static void
learn_command(struct survey *survey, const struct survey_seen *seen)
{
	const struct ocpi_envelope *envelope = &seen->call->envelope;

	survey->command_taken =
	        survey_is_success(seen) &&
	        str_is(json_member_string(&envelope->doc, envelope->data, "result", seen->arena),
	                "ACCEPTED");
}

/* An EVSE that is REMOVED, a token that is not valid, a session that is INVALID and a CDR with its
 * credit are there for ever. */
static void
learn_taken_back(struct survey *survey, const struct survey_seen *seen)
{
	if (strcmp(seen->module->id, "commands") == 0)
		return;
	if (!survey_is_success(seen))
		tell_left(survey,
		        arena_printf(seen->arena, "%s, not taken back:", seen->module->id).p);
	else if (strcmp(seen->module->id, "tariffs") != 0)
		tell_left(survey, arena_printf(seen->arena, "%s, withdrawn:", seen->module->id).p);
}

/* ---- all of it ---- */

void
survey_learn(struct survey *survey, const struct survey_seen *seen)
{
	if (survey->server.p == NULL && survey_header(seen, SEEN_SERVER).len > 0)
		keep(survey, &survey->server, survey_header(seen, SEEN_SERVER));
	switch (seen->ask) {
	case ASK_VERSIONS:
		survey->usual_refused =
		        seen->call->net.result == NET_DONE && seen->call->net.status == 401;
		learn_versions(survey, seen);
		break;
	case ASK_OTHER_FORM:
		learn_form(survey, seen);
		break;
	case ASK_LIST:
	case ASK_LIST_SLASH:
		learn_list(survey, seen);
		break;
	case ASK_OBJECT:
		survey->list.has_object = survey_is_success(seen);
		break;
	case ASK_PUT:
	case ASK_PUT_OWNER:
		learn_put(survey, seen);
		break;
	case ASK_POST:
		learn_post(survey, seen);
		break;
	case ASK_COMMAND:
		learn_command(survey, seen);
		break;
	case ASK_TAKE_BACK:
		learn_taken_back(survey, seen);
		break;
	default:
		break;
	}
}
