/* evidence_parts: what was found of a CDR, as the parts of one file, and why something is not
 * among it. A digest of each part is over its bytes as they stand in the file. */
#include "evidence.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { NS_PER_MS = 1000000 };

/* ---- what is missing ---- */

void
evidence_miss(struct evidence *evidence, const char *part, const char *fmt, ...)
{
	json_t *row = tree_object();
	char why[256];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(why, sizeof why, fmt, args);
	va_end(args);
	tree_set_text(row, "part", part);
	tree_set_text(row, "why", why);
	tree_add(evidence->missing, row);
}

static const struct settings *
settings_of(const struct evidence *evidence)
{
	return hub_settings(evidence->inquiry->admin->hub);
}

/* True: there are copies of it, but they are not what was written. */
static bool
miss_damaged(struct evidence *evidence, const char *part)
{
	size_t damaged = objects_damaged(evidence->inquiry);

	if (damaged == 0)
		return false;
	evidence_miss(evidence, part,
	        "%zu of its rows are damaged, which are not told: a PUT of the owner heals them",
	        damaged);
	return true;
}

/* What there is of it is more than is told. */
static void
miss_more(struct evidence *evidence, const char *part, const char *what, size_t count)
{
	evidence_miss(evidence, part,
	        "there may be more %s than the %zu that one answer has room for", what, count);
}

static void
miss_copies(struct evidence *evidence, const char *part)
{
	size_t count;

	(void)objects_of(evidence->inquiry, &count);
	if (objects_more(evidence->inquiry))
		miss_more(evidence, part, "copies", count);
}

/* Of a CDR or a session. */
static void
miss_record(struct evidence *evidence, const char *part)
{
	const struct settings *settings = settings_of(evidence);

	if (settings->keep_addressed)
		evidence_miss(evidence, part,
		        "no copy is kept: it goes %lld days after its last change "
		        "(store.retention_days), or it never came through this hub",
		        (long long)settings->retention_days);
	else
		evidence_miss(evidence, part,
		        "no copy is kept: store.keep_addressed is false, so that only what is "
		        "shared with everybody is");
}

static void
miss_legs(struct evidence *evidence, const char *part, int64_t at_ms)
{
	int64_t days = settings_of(evidence)->trace_max_age_days;

	if (at_ms != 0 && at_ms < rh_wall_ms() - days * 86400000)
		evidence_miss(evidence, part,
		        "it was longer ago than the trace is kept: %lld days "
		        "(trace.max_age_days)",
		        (long long)days);
	else
		evidence_miss(evidence, part,
		        "the trace has none: legs go after %lld days (trace.max_age_days), above "
		        "trace.max_size, and are a sample above trace.max_rate",
		        (long long)days);
}

/* ---- the CDR ---- */

static struct str
copy_member(const struct evidence *evidence, const json_t *object, const char *name)
{
	return arena_str(evidence->inquiry->arena, tree_get_str(object, name));
}

static int64_t
time_of(struct str text)
{
	int64_t ns = 0;

	return text.p != NULL && ocpi_datetime_parse(text, &ns) ? ns / NS_PER_MS : 0;
}

/* Each once. */
static void
name_tariff(struct evidence *evidence, struct str owner, struct str id)
{
	if (id.len == 0)
		return;
	for (size_t i = 0; i < evidence->tariff_count; i++)
		if (str_ieq(evidence->tariffs[i].id, id) &&
		        str_ieq(evidence->tariffs[i].owner, owner))
			return;
	if (evidence->tariff_count < EVIDENCE_TARIFFS) {
		evidence->tariffs[evidence->tariff_count++] = (struct evidence_tariff){ owner, id };
		return;
	}
	if (!evidence->more_tariffs)
		miss_more(evidence, "tariffs", "tariffs", EVIDENCE_TARIFFS);
	evidence->more_tariffs = true;
}

static struct str
party_text(const struct evidence *evidence, const struct ocpi_id *id)
{
	char text[OCPI_ID_TEXT];

	return arena_str(evidence->inquiry->arena, str_of(ocpi_id_key(id, text)));
}

/* Of a CDR or a session: what its periods were charged by. */
static void
name_tariffs(struct evidence *evidence, const json_t *record)
{
	struct str owner = party_text(evidence, &evidence->owner);
	json_t *row;
	size_t at;

	json_array_foreach(json_object_get(record, "tariffs"), at, row)
	{
		struct ocpi_id id;
		bool named = ocpi_id_make(
		        tree_get_str(row, "country_code"), tree_get_str(row, "party_id"), &id);

		name_tariff(evidence, named ? party_text(evidence, &id) : owner,
		        copy_member(evidence, row, "id"));
	}
	json_array_foreach(json_object_get(record, "charging_periods"), at, row)
	        name_tariff(evidence, owner, copy_member(evidence, row, "tariff_id"));
}

static void
read_token(struct evidence *evidence, json_t *token)
{
	if (!ocpi_id_make(tree_get_str(token, "country_code"), tree_get_str(token, "party_id"),
	            &evidence->emsp))
		return;
	evidence->uid = copy_member(evidence, token, "uid");
	evidence->type = copy_member(evidence, token, "type");
	evidence->token = token;
}

static void
read_cdr(struct evidence *evidence, json_t *cdr)
{
	evidence->id = copy_member(evidence, cdr, "id");
	evidence->session = copy_member(evidence, cdr, "session_id");
	evidence->start = copy_member(evidence, cdr, "start_date_time");
	evidence->end = copy_member(evidence, cdr, "end_date_time");
	evidence->reference = copy_member(evidence, cdr, "authorization_reference");
	evidence->method = copy_member(evidence, cdr, "auth_method");
	evidence->start_ms = time_of(evidence->start);
	evidence->end_ms = time_of(evidence->end);
	read_token(evidence, json_object_get(cdr, "cdr_token"));
	name_tariffs(evidence, cdr);
}

/* What the newest of the copies says; it stays as a part of the answer. */
static json_t *
newest(const struct evidence *evidence, int64_t *received_ms)
{
	const struct store_object *copies, *found = NULL;
	size_t count;

	copies = objects_of(evidence->inquiry, &count);
	for (size_t i = 0; i < count; i++)
		if (found == NULL || copies[i].change > found->change)
			found = &copies[i];
	if (found == NULL)
		return NULL;
	*received_ms = found->at_ms;
	return tree_read_any(found->body);
}

static bool
is_there(const struct evidence *evidence)
{
	size_t count;

	(void)objects_of(evidence->inquiry, &count);
	return count > 0;
}

static void
set_part(struct evidence *evidence, const char *name, json_t *part)
{
	tree_set(evidence->parts, name, part);
}

void
evidence_cdr(struct evidence *evidence)
{
	json_t *cdr = newest(evidence, &evidence->received_ms);

	evidence->kept = cdr != NULL;
	set_part(evidence, "cdr", object_copies(evidence->inquiry));
	miss_copies(evidence, "cdr");
	if (!miss_damaged(evidence, "cdr") && !evidence->kept)
		miss_record(evidence, "cdr");
	if (!evidence->kept)
		return;
	read_cdr(evidence, cdr);
	if (evidence->token != NULL)
		json_incref(evidence->token);
	tree_drop(&cdr);
	tree_set(evidence->inquiry->answer, "cdr_token",
	        evidence->token != NULL ? evidence->token : json_null());
}

/* ---- its message ---- */

void
evidence_legs(struct evidence *evidence)
{
	const struct store_op *op = &evidence->inquiry->op;
	json_t *list = tree_list();

	for (size_t i = 0; i < op->u.trace.count; i++)
		tree_add(list, trace_tree(&op->u.trace.rows[i]));
	set_part(evidence, "legs", list);
	if (op->u.trace.count == 0)
		miss_legs(evidence, "legs", evidence->received_ms);
	else if (op->u.trace.count == op->u.trace.limit)
		miss_more(evidence, "legs", "legs", op->u.trace.count);
}

/* ---- the session ---- */

void
evidence_session(struct evidence *evidence)
{
	int64_t received_ms;
	json_t *session = newest(evidence, &received_ms);

	set_part(evidence, "session", object_copies(evidence->inquiry));
	miss_copies(evidence, "session");
	if (!miss_damaged(evidence, "session") && session == NULL)
		miss_record(evidence, "session");
	if (session == NULL)
		return;
	name_tariffs(evidence, session);
	tree_drop(&session);
}

/* ---- the authorization ---- */

void
evidence_token(struct evidence *evidence)
{
	json_t *part = tree_object();

	tree_set_str(part, "auth_method", evidence->method);
	tree_set_str(part, "authorization_reference", evidence->reference);
	tree_set(part, "token", object_copies(evidence->inquiry));
	evidence->legs = tree_list();
	tree_set(part, "legs", evidence->legs);
	set_part(evidence, "authorization", part);
	miss_copies(evidence, "authorization.token");
	if (!miss_damaged(evidence, "authorization.token") && !is_there(evidence))
		evidence_miss(evidence, "authorization.token",
		        "the hub has no such token: it was never shared or sent through this hub, "
		        "or it was erased");
}

static bool
is_authorize(const json_t *leg)
{
	struct str path = tree_get_str(leg, "path"), url = tree_get_str(leg, "url");
	struct str text = path.p != NULL ? path : url;

	return text.p != NULL && str_is(tree_get_str(leg, "method"), "POST") &&
	       memmem(text.p, text.len, "/authorize", sizeof "/authorize" - 1) != NULL;
}

void
evidence_asked(struct evidence *evidence)
{
	const struct store_op *op = &evidence->inquiry->op;

	for (size_t i = 0; i < op->u.trace.count; i++) {
		json_t *leg = trace_tree(&op->u.trace.rows[i]);

		if (is_authorize(leg))
			tree_add(evidence->legs, leg);
		else
			tree_drop(&leg);
	}
	if (op->u.trace.count == op->u.trace.limit)
		miss_more(evidence, "authorization.legs", "legs", op->u.trace.count);
}

/* ---- the tariffs ---- */

/* Of the one of now: it was it already when the session began, or came later. How many were. */
static size_t
mark_newest(const struct evidence *evidence, json_t *list)
{
	size_t count, at, held = 0;
	const struct store_object *copies = objects_of(evidence->inquiry, &count);
	json_t *copy;

	json_array_foreach(list, at, copy)
	{
		bool was = copies[at].at_ms <= evidence->start_ms;

		tree_set_bool(copy, "was_in_force", was);
		held += was;
	}
	return held;
}

static size_t
add_earlier(const struct evidence *evidence, json_t *list)
{
	const struct store_versions_args *found = &evidence->inquiry->op.u.versions;

	for (size_t i = 0; i < found->count; i++) {
		json_t *row = object_earlier(evidence->inquiry, &found->rows[i]);

		tree_set_str(row, "body", found->rows[i].object.body);
		tree_set_bool(row, "was_in_force", true);
		tree_add(list, row);
	}
	return found->count;
}

static void
miss_tariff(struct evidence *evidence, const struct evidence_tariff *tariff, bool there)
{
	evidence_miss(evidence, "tariffs",
	        there ? "no version of %.*s/%.*s from when the session began is kept: those that "
	                "the hub has came later, or it went with its age"
	              : "the hub has no tariff %.*s/%.*s",
	        STR_ARG(tariff->owner), STR_ARG(tariff->id));
}

static void
miss_versions(struct evidence *evidence)
{
	const struct store_versions_args *found = &evidence->inquiry->op.u.versions;

	if (found->count == found->limit)
		miss_more(evidence, "tariffs", "earlier versions", found->count);
}

/* Of one of them: what it is now, and what it was when the session began. */
void
evidence_tariff(struct evidence *evidence)
{
	const struct evidence_tariff *tariff = &evidence->tariffs[evidence->tariff_at++];
	json_t *row = tree_object(), *list = object_copies(evidence->inquiry);
	size_t held = mark_newest(evidence, list);

	held += add_earlier(evidence, list);
	miss_copies(evidence, "tariffs");
	miss_versions(evidence);
	tree_set_str(row, "owner", tariff->owner);
	tree_set_str(row, "id", tariff->id);
	tree_set(row, "versions", list);
	tree_add(evidence->tariff_list, row);
	if (!miss_damaged(evidence, "tariffs") && held == 0)
		miss_tariff(evidence, tariff, json_array_size(list) > 0);
}

/* ---- the agreement ---- */

static bool
one_was(const json_t *rows)
{
	json_t *row;
	size_t at;

	json_array_foreach(
	        rows, at, row) if (json_is_true(json_object_get(row, "was_in_force"))) return true;
	return false;
}

void
evidence_agreement(struct evidence *evidence)
{
	json_t *part = tree_object(), *rows;
	bool open = settings_of(evidence)->routing == 0;

	rows = agreements_between(evidence->inquiry, &evidence->owner, &evidence->emsp, STR("cdrs"),
	        evidence->start_ms);
	tree_set_text(part, "routing_default", open ? "open" : "closed");
	tree_set_str(part, "cpo", party_text(evidence, &evidence->owner));
	tree_set_str(part, "emsp", party_text(evidence, &evidence->emsp));
	tree_set(part, "agreements", rows);
	set_part(evidence, "agreement", part);
	if (!one_was(rows))
		evidence_miss(evidence, "agreement",
		        "none that is there now was in force when the session began; "
		        "routing.default "
		        "is %s, and what was removed since stands in the audit",
		        open ? "open" : "closed");
}

/* ---- all of it ---- */

struct evidence *
evidence_new(struct inquiry *inquiry, struct str cdr, const struct ocpi_id *owner)
{
	const struct settings *settings = hub_settings(inquiry->admin->hub);
	struct evidence *evidence = arena_alloc(inquiry->arena, sizeof *evidence);
	json_t *answer = tree_object();

	evidence->inquiry = inquiry;
	evidence->owner = *owner;
	evidence->id = cdr;
	evidence->key = (struct store_key){ .module = STR("cdrs"),
		.owner = party_text(evidence, owner),
		.id = arena_upper(inquiry->arena, cdr) };
	evidence->parts = tree_object();
	evidence->missing = tree_list();
	evidence->tariff_list = tree_list();
	tree_set_text(answer, "format", "roamhub-evidence/1");
	tree_set_time(answer, "made", rh_wall_ms());
	tree_set_text(answer, "version", inquiry->admin->conf.version);
	tree_set_str(answer, "hub",
	        arena_printf(inquiry->arena, "%s*%s", settings->country_code, settings->party_id));
	tree_set_str(answer, "cdr_id", cdr);
	tree_set_str(answer, "party", evidence->key.owner);
	tree_set(answer, "parts", evidence->parts);
	tree_set(answer, "missing", evidence->missing);
	set_part(evidence, "cdr", tree_list()); /* in the order in which they are read */
	set_part(evidence, "legs", tree_list());
	set_part(evidence, "session", tree_list());
	set_part(evidence, "authorization", json_null());
	set_part(evidence, "tariffs", evidence->tariff_list);
	set_part(evidence, "agreement", json_null());
	inquiry->answer = answer;
	return evidence;
}

static void
set_digest(json_t *digests, const char *name, const json_t *part, struct arena *arena)
{
	struct buf text = { .arena = arena };
	char digest[RH_SHA256_TEXT];

	tree_print(part, &text);
	rh_sha256(buf_str(&text), digest);
	tree_set_text(digests, name, digest);
}

void
evidence_end(struct evidence *evidence)
{
	struct inquiry *inquiry = evidence->inquiry;
	json_t *answer = inquiry->answer, *digests = tree_object(), *part;
	const char *name;

	tree_set_str(answer, "began", evidence->start);
	json_object_foreach(evidence->parts, name, part)
	        set_digest(digests, name, part, inquiry->arena);
	set_digest(digests, "missing", evidence->missing, inquiry->arena);
	tree_set(answer, "digests", digests);
	set_digest(answer, "sha256", digests, inquiry->arena);
	inquiry_json(inquiry, 200, json_incref(answer));
}
