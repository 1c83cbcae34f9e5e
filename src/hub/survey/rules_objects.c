/* rules_objects: what stands in the objects of a list: fields, times, owners, ids. */
#include "rules.h"

#include <string.h>

enum { DATETIME_MOST = 25, SECONDS_LEN = 19 };

#define PAGES   (ASKED(ASK_LIST) | ASKED(ASK_NEXT) | ASKED(ASK_LARGE))
#define OBJECTS (PAGES | ASKED(ASK_OBJECT))

static const struct json_doc *
doc_of(const struct survey_seen *seen)
{
	return &seen->call->envelope.doc;
}

/* ---- fields ---- */

/* Against the class of its module; false: it has none, or nothing came. */
static bool
check(const struct survey_seen *seen, unsigned flags, struct ocpi_flaws *flaws)
{
	const struct ocpi_class *class = seen->module != NULL ? seen->module->object : NULL;

	if (class == NULL || survey_object(seen) == 0)
		return false;
	(void)ocpi_check(doc_of(seen), seen->call->envelope.data, class,
	        flags | (survey_is_page(seen) ? CHECK_LIST : 0), flaws);
	return true;
}

static enum survey_verdict
tell_flaw(const struct survey_seen *seen, const struct ocpi_flaw *flaw, size_t count,
        struct survey_finding *finding)
{
	struct ocpi_flaw_text text;

	ocpi_flaw_text(doc_of(seen), flaw, &text);
	return survey_found(finding, "%.80s: found %.50s, expected %.80s%s", text.pointer,
	        text.found, text.expected, count > 1 ? ", and more" : "");
}

static enum survey_verdict
judge_fields(const struct survey_seen *seen, struct survey_finding *finding)
{
	struct ocpi_flaws flaws;

	if (!check(seen, CHECK_ANY_ENUM | CHECK_ANY_OFFSET, &flaws))
		return SURVEY_SILENT;
	return flaws.count == 0 ? SURVEY_HOLDS
	                        : tell_flaw(seen, &flaws.list[0], flaws.count, finding);
}

static enum survey_verdict
judge_values(const struct survey_seen *seen, struct survey_finding *finding)
{
	struct ocpi_flaws flaws;

	if (!check(seen, CHECK_ANY_OFFSET, &flaws))
		return SURVEY_SILENT;
	for (size_t i = 0; i < flaws.count && i < COUNT(flaws.list); i++)
		if (flaws.list[i].kind == FLAW_VALUE)
			return tell_flaw(seen, &flaws.list[i], 1, finding);
	return SURVEY_HOLDS;
}

/* ---- times ---- */

enum time_form { TIME_ZULU, TIME_BARE, TIME_OFFSET, NO_TIME };

static enum time_form
form_of(struct str text)
{
	int64_t ns;

	if (text.len < SECONDS_LEN || text.p[10] != 'T' || !ocpi_datetime_parse(text, &ns))
		return NO_TIME;
	if (text.p[text.len - 1] == 'Z')
		return TIME_ZULU;
	for (size_t i = SECONDS_LEN; i < text.len; i++)
		if (text.p[i] == '+' || text.p[i] == '-')
			return TIME_OFFSET;
	return TIME_BARE;
}

static bool
is_long(struct str text)
{
	return text.len > DATETIME_MOST && form_of(text) != TIME_OFFSET;
}

/* The first time in `data` that @is_so; none: SURVEY_HOLDS, or silence when there are no times. */
static enum survey_verdict
look_for_time(const struct survey_seen *seen, bool (*is_so)(struct str text),
        struct survey_finding *finding)
{
	const struct json_doc *doc = doc_of(seen);
	enum survey_verdict verdict = SURVEY_SILENT;
	uint32_t data = seen->call->envelope.data;
	char pointer[100];

	if (survey_object(seen) == 0)
		return SURVEY_SILENT;
	for (uint32_t i = data; i < doc->nodes[data].next; i++) {
		struct str text = { 0 };

		if (doc->nodes[i].type == JSON_STRING)
			text = json_string(doc, i, seen->arena);
		if (form_of(text) == NO_TIME)
			continue;
		verdict = SURVEY_HOLDS;
		if (!is_so(text))
			continue;
		json_pointer(doc, i, pointer, sizeof pointer);
		return survey_found(finding, "%s: %.*s", pointer, STR_ARG(text));
	}
	return verdict;
}

static bool
has_offset(struct str text)
{
	return form_of(text) == TIME_OFFSET;
}

static bool
is_bare(struct str text)
{
	return form_of(text) == TIME_BARE;
}

static enum survey_verdict
judge_offset(const struct survey_seen *seen, struct survey_finding *finding)
{
	return look_for_time(seen, has_offset, finding);
}

static enum survey_verdict
judge_bare(const struct survey_seen *seen, struct survey_finding *finding)
{
	return look_for_time(seen, is_bare, finding);
}

static enum survey_verdict
judge_long(const struct survey_seen *seen, struct survey_finding *finding)
{
	return look_for_time(seen, is_long, finding);
}

static enum survey_verdict
judge_timestamp(const struct survey_seen *seen, struct survey_finding *finding)
{
	struct str stamp;

	if (seen->call->result != PARTNER_ANSWERED)
		return SURVEY_SILENT;
	stamp = json_member_string(doc_of(seen), 0, "timestamp", seen->arena);
	if (form_of(stamp) == NO_TIME)
		return SURVEY_SILENT;
	return survey_holds_if(
	        form_of(stamp) != TIME_OFFSET && !is_long(stamp), finding, "%.*s", STR_ARG(stamp));
}

/* ---- owners ---- */

enum owner { OWNER_NONE, OWNER_ITS, OWNER_CASE, OWNER_FOREIGN };

static enum owner
owner_of(const struct survey_seen *seen, uint32_t object, struct ocpi_id *id)
{
	const struct platform *platform = seen->platform;
	enum owner owner = OWNER_FOREIGN;

	if (!ocpi_id_make(json_member_string(doc_of(seen), object, "country_code", seen->arena),
	            json_member_string(doc_of(seen), object, "party_id", seen->arena), id))
		return OWNER_NONE;
	for (size_t i = 0; i < platform->party_count; i++) {
		const struct ocpi_id *its = &platform->parties[i].id;

		if (strcmp(its->country, id->country) == 0 && strcmp(its->party, id->party) == 0)
			return OWNER_ITS;
		if (ocpi_id_same(its, id))
			owner = OWNER_CASE;
	}
	return owner;
}

/* The first object whose owner is @wanted. */
static enum survey_verdict
look_for_owner(const struct survey_seen *seen, enum owner wanted, struct ocpi_id *id)
{
	enum survey_verdict verdict = SURVEY_SILENT;
	uint32_t list = seen->call->envelope.data;

	if (!survey_is_page(seen))
		return SURVEY_SILENT;
	for (uint32_t i = list + 1; i < doc_of(seen)->nodes[list].next;
	        i = doc_of(seen)->nodes[i].next) {
		enum owner owner = owner_of(seen, i, id);

		if (owner == wanted)
			return SURVEY_FOUND;
		if (owner != OWNER_NONE)
			verdict = SURVEY_HOLDS;
	}
	return verdict;
}

static enum survey_verdict
judge_foreign(const struct survey_seen *seen, struct survey_finding *finding)
{
	struct ocpi_id id;
	enum survey_verdict verdict = look_for_owner(seen, OWNER_FOREIGN, &id);

	if (verdict == SURVEY_FOUND)
		return survey_found(finding,
		        "objects of %s*%s, which it did not register: the hub does not take them",
		        id.country, id.party);
	return verdict;
}

static enum survey_verdict
judge_owner_case(const struct survey_seen *seen, struct survey_finding *finding)
{
	struct ocpi_id id;
	enum survey_verdict verdict = look_for_owner(seen, OWNER_CASE, &id);

	if (verdict == SURVEY_FOUND)
		return survey_found(finding, "objects of %s*%s, registered in another case",
		        id.country, id.party);
	return verdict;
}

/* ---- by id ---- */

static enum survey_verdict
judge_object(const struct survey_seen *seen, struct survey_finding *finding)
{
	if (!survey_is_success(seen) || seen->call->envelope.data == 0)
		return SURVEY_SILENT;
	return survey_holds_if(!survey_is_page(seen), finding, "data is a list of %u",
	        doc_of(seen)->nodes[seen->call->envelope.data].count);
}

static enum survey_verdict
judge_id_case(const struct survey_seen *seen, struct survey_finding *finding)
{
	if (seen->call->net.result != NET_DONE)
		return SURVEY_SILENT;
	return survey_holds_if(survey_is_success(seen), finding,
	        "%.*s is not found when its letters are in the other case: HTTP %d",
	        STR_ARG(seen->list->id), seen->call->net.status);
}

/* A 200 with 2xxx is an answer too; the object is not. */
static enum survey_verdict
judge_unknown(const struct survey_seen *seen, struct survey_finding *finding)
{
	const struct partner_call *call = seen->call;

	if (call->net.result != NET_DONE)
		return SURVEY_SILENT;
	return survey_holds_if(!survey_is_success(seen), finding,
	        "HTTP %d and 1xxx for an object that nobody sent", call->net.status);
}

static enum survey_verdict
judge_unknown_404(const struct survey_seen *seen, struct survey_finding *finding)
{
	struct str said;

	if (seen->call->net.result != NET_DONE || survey_is_success(seen))
		return SURVEY_SILENT;
	said = survey_status(seen);
	return survey_holds_if(seen->call->net.status == 404, finding, "%.*s", STR_ARG(said));
}

#define TIMES "types.asciidoc, DateTime type"

const struct survey_rule survey_objects[] = {
	{ "fields", "objects as their class says", "types.asciidoc, and the class of the module",
	        "TYP-015", SURVEY_FAULT, OBJECTS, "validation.MODULE=lenient", judge_fields },
	{ "enum-values", "values that OCPI 2.2.1 knows",
	        "types.asciidoc, and the enum of the field", "TYP-004", SURVEY_WARNING, OBJECTS,
	        "validation.MODULE=lenient", judge_values },
	{ "datetime-offset", "UTC, with Z or nothing at the end", TIMES, "TYP-006", SURVEY_FAULT,
	        OBJECTS, "datetime_offset=accept", judge_offset },
	{ "datetime-bare", "Z at the end, which says what nothing means, too", TIMES, "TYP-005",
	        SURVEY_NOTE, OBJECTS, NULL, judge_bare },
	{ "datetime-long", "at most 25 characters", TIMES, "TYP-005", SURVEY_NOTE, OBJECTS, NULL,
	        judge_long },
	{ "timestamp", "UTC with Z or nothing at the end, at most 25 characters", TIMES, "TYP-006",
	        SURVEY_NOTE, ASKED_ALL & ~(ASKED(ASK_HEAD) | ASKED(ASK_RESULT)), NULL,
	        judge_timestamp },
	{ "owner", "objects of its own parties",
	        "transport_and_format.asciidoc, Client Owned Object Pull", "TRN-048",
	        SURVEY_WARNING, PAGES, NULL, judge_foreign },
	{ "owner-case", "country_code and party_id as they were registered",
	        "types.asciidoc, CiString type", "CRD-030", SURVEY_NOTE, PAGES, NULL,
	        judge_owner_case },
	{ "object", "the object itself in data", "transport_and_format.asciidoc, Response format",
	        "TRN-012", SURVEY_WARNING, ASKED(ASK_OBJECT) | ASKED(ASK_GET_BACK), NULL,
	        judge_object },
	{ "id-case", "the same object, whatever the case of its id",
	        "types.asciidoc, CiString type", "TYP-001", SURVEY_WARNING, ASKED(ASK_OBJECT_CASE),
	        NULL, judge_id_case },
	{ "unknown-object", "a refusal for an object that it does not have",
	        "status_codes.asciidoc, Status codes", "TRN-017", SURVEY_FAULT, ASKED(ASK_UNKNOWN),
	        NULL, judge_unknown },
	{ "unknown-object-404", "HTTP 404 for an object that it does not have",
	        "status_codes.asciidoc, Status codes", "TRN-017", SURVEY_NOTE, ASKED(ASK_UNKNOWN),
	        NULL, judge_unknown_404 },
	{ 0 },
};
