/* rules_pages: lists: their pages, their headers, and what a filter does. */
#include "rules.h"

#include "../parties/directory.h"

#include <stdlib.h>
#include <string.h>

enum { LARGE = 1000, CAP = 1000 };

static uint32_t
count_of(const struct survey_seen *seen)
{
	const struct ocpi_envelope *envelope = &seen->call->envelope;

	return envelope->doc.nodes[envelope->data].count;
}

static uint64_t
first_of(const struct survey_seen *seen)
{
	uint32_t object = survey_object(seen);

	return object != 0 ? rh_hash64(json_raw(&seen->call->envelope.doc, object)) : 0;
}

static enum survey_verdict
judge_page(const struct survey_seen *seen, struct survey_finding *finding)
{
	const struct ocpi_envelope *envelope = &seen->call->envelope;

	if (!survey_is_success(seen))
		return SURVEY_SILENT;
	return survey_holds_if(survey_is_page(seen), finding, "data is %s",
	        envelope->data == 0                                       ? "missing"
	        : envelope->doc.nodes[envelope->data].type == JSON_OBJECT ? "an object"
	                                                                  : "no list");
}

/* ---- X-Total-Count, X-Limit, limit ---- */

static enum survey_verdict
judge_number(const struct survey_seen *seen, size_t header, const char *name,
        struct survey_finding *finding)
{
	struct str value = survey_header(seen, header);
	uint64_t number;

	if (!survey_is_page(seen))
		return SURVEY_SILENT;
	if (value.p == NULL)
		return survey_found(finding, "no %s", name);
	return survey_holds_if(str_to_u64(value, INT64_MAX, &number), finding, "%s: %.*s", name,
	        (int)(value.len > 60 ? 60 : value.len), value.p);
}

static enum survey_verdict
judge_total(const struct survey_seen *seen, struct survey_finding *finding)
{
	return judge_number(seen, OUT_TOTAL_COUNT, "X-Total-Count", finding);
}

static enum survey_verdict
judge_limit_header(const struct survey_seen *seen, struct survey_finding *finding)
{
	return judge_number(seen, OUT_LIMIT, "X-Limit", finding);
}

/* It says how many there are, not how many came. */
static enum survey_verdict
judge_total_right(const struct survey_seen *seen, struct survey_finding *finding)
{
	int64_t total = survey_total(seen);
	bool more = ocpi_link_next(survey_header(seen, OUT_LINK), seen->arena).p != NULL;

	if (!survey_is_page(seen) || total < 0)
		return SURVEY_SILENT;
	return survey_holds_if(total >= count_of(seen) + (more ? 1 : 0), finding,
	        "X-Total-Count %lld with %u object%s%s", (long long)total, count_of(seen),
	        count_of(seen) == 1 ? "" : "s", more ? " and a Link to more" : "");
}

static enum survey_verdict
judge_limit(const struct survey_seen *seen, struct survey_finding *finding)
{
	if (!survey_is_page(seen))
		return SURVEY_SILENT;
	return survey_holds_if(
	        count_of(seen) <= 1, finding, "%u objects for limit=1", count_of(seen));
}

static enum survey_verdict
judge_cap(const struct survey_seen *seen, struct survey_finding *finding)
{
	uint64_t limit;

	if (seen->call->net.result == NET_ANSWER_TOO_LARGE)
		return survey_found(
		        finding, "more than 1 MB for limit=%d: %s", LARGE, seen->call->why);
	if (!survey_is_page(seen))
		return SURVEY_SILENT;
	if (count_of(seen) > LARGE)
		return survey_found(finding, "%u objects for limit=%d", count_of(seen), LARGE);
	if (!str_to_u64(survey_header(seen, OUT_LIMIT), INT64_MAX, &limit))
		return SURVEY_SILENT;
	return survey_holds_if(count_of(seen) <= limit, finding, "%u objects with X-Limit %llu",
	        count_of(seen), (unsigned long long)limit);
}

static enum survey_verdict
judge_large(const struct survey_seen *seen, struct survey_finding *finding)
{
	if (!survey_is_page(seen))
		return SURVEY_SILENT;
	return survey_holds_if(count_of(seen) < CAP, finding, "%u objects, %zu bytes, for limit=%d",
	        count_of(seen), seen->call->net.answer.len, LARGE);
}

/* ---- Link ---- */

static bool
is_link(struct str header)
{
	return str_trim(header).len > 0;
}

static enum survey_verdict
judge_link(const struct survey_seen *seen, struct survey_finding *finding)
{
	bool more = ocpi_link_next(survey_header(seen, OUT_LINK), seen->arena).p != NULL;
	int64_t total = survey_total(seen);

	if (!survey_is_page(seen))
		return SURVEY_SILENT;
	return survey_holds_if(more || total <= (int64_t)count_of(seen), finding,
	        "no Link to the next page, although %lld of %lld are not on this one",
	        (long long)(total - count_of(seen)), (long long)total);
}

static enum survey_verdict
judge_link_last(const struct survey_seen *seen, struct survey_finding *finding)
{
	struct str header = survey_header(seen, OUT_LINK);

	if (!survey_is_page(seen))
		return SURVEY_SILENT;
	return survey_holds_if(header.p == NULL || is_link(header), finding, "an empty Link");
}

static enum survey_verdict
judge_link_form(const struct survey_seen *seen, struct survey_finding *finding)
{
	struct str header = survey_header(seen, OUT_LINK);
	struct str next = ocpi_link_next(header, seen->arena);

	if (!survey_is_page(seen) || !is_link(header))
		return SURVEY_SILENT;
	if (next.p == NULL)
		return survey_found(finding, "no rel=\"next\" in it: %.*s",
		        (int)(header.len > 120 ? 120 : header.len), header.p);
	return survey_holds_if(str_starts(next, "http://") || str_starts(next, "https://"), finding,
	        "it is not absolute: %.*s", (int)(next.len > 160 ? 160 : next.len), next.p);
}

static enum survey_verdict
judge_link_host(const struct survey_seen *seen, struct survey_finding *finding)
{
	struct str next = ocpi_link_next(survey_header(seen, OUT_LINK), seen->arena), url;
	struct str base = survey_asked_url(seen);
	struct net_url parsed;

	if (!survey_is_page(seen) || next.p == NULL)
		return SURVEY_SILENT;
	if (net_url_resolve(base, next, seen->arena, &url, NULL) != RH_OK ||
	        net_url_parse(url, seen->arena, &parsed, NULL) != RH_OK)
		return survey_found(finding, "nobody can call %.*s",
		        (int)(next.len > 160 ? 160 : next.len), next.p);
	return survey_holds_if(platform_takes_token_at(seen->platform, parsed.origin), finding,
	        "it leads to %.*s, which is not among its endpoints: the hub does not follow it",
	        STR_ARG(parsed.origin));
}

/* What is there is judged as each page is, what is not is said here. */
static enum survey_verdict
judge_next(const struct survey_seen *seen, struct survey_finding *finding)
{
	int status = seen->call->net.status;
	struct str said, url;

	if (seen->call->net.result == NET_DONE && status != 429 && !survey_is_success(seen)) {
		said = survey_status(seen);
		url = survey_asked_url(seen);
		return survey_found(
		        finding, "Link leads to %.*s: %.*s", STR_ARG(url), STR_ARG(said));
	}
	if (!survey_is_page(seen) || seen->list->count == 0)
		return SURVEY_SILENT;
	if (count_of(seen) == 0)
		return survey_found(finding, "the page that Link leads to is empty");
	return survey_holds_if(first_of(seen) != seen->list->first, finding,
	        "the page that Link leads to begins with the same object");
}

/* ---- offset, date_from ---- */

static enum survey_verdict
judge_offset(const struct survey_seen *seen, struct survey_finding *finding)
{
	if (!survey_is_page(seen) || seen->list->count == 0)
		return SURVEY_SILENT;
	return survey_holds_if(count_of(seen) == 0 || first_of(seen) != seen->list->first, finding,
	        "offset=1 gives the same first object as offset=0");
}

static enum survey_verdict
judge_past(const struct survey_seen *seen, struct survey_finding *finding)
{
	int64_t total = survey_total(seen), all = seen->list->total;

	if (!survey_is_page(seen) || seen->list->count == 0)
		return SURVEY_SILENT;
	if (count_of(seen) == 0)
		return survey_found(finding, "nothing since 2010, although there are objects");
	return survey_holds_if(total < 0 || all < 0 || total >= all, finding,
	        "%lld objects since 2010, of %lld", (long long)total, (long long)all);
}

static enum survey_verdict
judge_future(const struct survey_seen *seen, struct survey_finding *finding)
{
	if (!survey_is_page(seen) || seen->list->count == 0)
		return SURVEY_SILENT;
	return survey_holds_if(count_of(seen) == 0, finding,
	        "objects for a date_from of tomorrow: it pays no heed to it");
}

/* ---- who asks ---- */

static enum survey_verdict
judge_from_hub(const struct survey_seen *seen, struct survey_finding *finding)
{
	if (!seen->list->refused)
		return SURVEY_SILENT;
	return survey_holds_if(!survey_is_success(seen), finding,
	        "it refuses FROM = the hub, and answers FROM = a party");
}

static enum survey_verdict
judge_bare(const struct survey_seen *seen, struct survey_finding *finding)
{
	if (!seen->list->refused)
		return SURVEY_SILENT;
	return survey_holds_if(!survey_is_success(seen), finding,
	        "it answers without OCPI-to-* and OCPI-from-*, and refuses with them");
}

#define TRANSPORT "transport_and_format.asciidoc, "

const struct survey_rule survey_pages[] = {
	{ "from-hub", "an answer to FROM = the hub", TRANSPORT "GET All via Hubs", "RTE-052",
	        SURVEY_FAULT, ASKED(ASK_LIST_OTHER), NULL, judge_from_hub },
	{ "to-and-from", "an answer to requests with routing headers",
	        TRANSPORT "Message Routing Headers", "RTE-001", SURVEY_FAULT, ASKED(ASK_LIST_BARE),
	        NULL, judge_bare },
	{ "page", "a list in data, [] when it is empty", TRANSPORT "Response format", "TRN-012",
	        SURVEY_FAULT, ASKED_LISTS, NULL, judge_page },
	{ "total-count", "X-Total-Count", TRANSPORT "Paginated response", "TRN-030", SURVEY_WARNING,
	        ASKED(ASK_LIST), NULL, judge_total },
	{ "total-right", "X-Total-Count of all that match, whatever the page",
	        TRANSPORT "Paginated response", "TRN-030", SURVEY_WARNING, ASKED(ASK_LIST), NULL,
	        judge_total_right },
	{ "limit-header", "X-Limit", TRANSPORT "Paginated response", "TRN-031", SURVEY_WARNING,
	        ASKED(ASK_LIST), NULL, judge_limit_header },
	{ "limit", "as many objects as limit says, at most", TRANSPORT "Paginated request",
	        "TRN-032", SURVEY_WARNING, ASKED(ASK_LIST), NULL, judge_limit },
	{ "page-cap", "a largest page, kept and told in X-Limit", TRANSPORT "Paginated request",
	        "TRN-032", SURVEY_WARNING, ASKED(ASK_LARGE), NULL, judge_cap },
	{ "large-page", "a largest page of less than 1000 objects", TRANSPORT "Paginated request",
	        "TRN-032", SURVEY_NOTE, ASKED(ASK_LARGE), NULL, judge_large },
	{ "link", "Link to the next page, as long as there is one", TRANSPORT "Paginated response",
	        "TRN-028", SURVEY_FAULT, ASKED(ASK_LIST), NULL, judge_link },
	{ "link-last", "no Link on the last page", TRANSPORT "Paginated response", "TRN-029",
	        SURVEY_NOTE, ASKED_LISTS, NULL, judge_link_last },
	{ "link-form", "Link: <absolute URL>; rel=\"next\"", TRANSPORT "Paginated response",
	        "TRN-028", SURVEY_WARNING, ASKED_LISTS, NULL, judge_link_form },
	{ "link-host", "Link to a host of its endpoints", TRANSPORT "Paginated response", "TRN-028",
	        SURVEY_FAULT, ASKED_LISTS, NULL, judge_link_host },
	{ "next-page", "other objects on the next page", TRANSPORT "Paginated response", "TRN-034",
	        SURVEY_FAULT, ASKED(ASK_NEXT), NULL, judge_next },
	{ "offset", "other objects behind offset", TRANSPORT "Paginated request", "TRN-026",
	        SURVEY_FAULT, ASKED(ASK_OFFSET), NULL, judge_offset },
	{ "date-from-past", "everything since a date_from of long ago",
	        TRANSPORT "Paginated request", "TRN-027", SURVEY_WARNING, ASKED(ASK_PAST), NULL,
	        judge_past },
	{ "date-from-future", "an empty list for a date_from of tomorrow",
	        TRANSPORT "Paginated request", "TRN-027", SURVEY_WARNING, ASKED(ASK_FUTURE), NULL,
	        judge_future },
	{ 0 },
};
