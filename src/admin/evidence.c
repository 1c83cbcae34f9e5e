/* evidence: all that the hub still knows of one CDR, read one after the other: the record, its
 * message, its session, who allowed it, its tariffs and the agreement. */
#include "evidence.h"

enum {
	MOST_LEGS = 500,
	MOST_VERSIONS = 50,
	MOST_OWNERS = 100,
	DAY_MS = 24 * 3600 * 1000,
	CDR = 3 /* of the path */
};

static void proceed(struct evidence *evidence);

/* ---- reads ---- */

static void
read_object(struct evidence *evidence, const struct store_key *key,
        void (*ready)(struct inquiry *inquiry))
{
	objects_ask(evidence->inquiry, key, ready);
	objects_skip_damaged(evidence->inquiry);
}

static struct str
traced(const struct evidence *evidence, const char *module, struct str owner, struct str id)
{
	return arena_printf(
	        evidence->inquiry->arena, "%s/%.*s/%.*s", module, STR_ARG(owner), STR_ARG(id));
}

static void
read_legs(struct evidence *evidence, struct str object, void (*done)(struct store_op *op))
{
	struct inquiry *inquiry = evidence->inquiry;

	inquiry->op = (struct store_op){ 0 };
	inquiry->op.u.trace.object = object;
	inquiry->op.u.trace.limit = MOST_LEGS;
	inquiry_store(inquiry, STORE_TRACE_FIND, done);
}

/* ---- the record and its message ---- */

static void
cdr_came(struct inquiry *inquiry)
{
	evidence_cdr(inquiry->work);
	proceed(inquiry->work);
}

static bool
ask_cdr(struct evidence *evidence)
{
	read_object(evidence, &evidence->key, cdr_came);
	return true;
}

static void
legs_came(struct store_op *op)
{
	struct inquiry *inquiry;

	if (!inquiry_stored(op, &inquiry))
		return;
	evidence_legs(inquiry->work);
	proceed(inquiry->work);
}

/* The trace has ids as they were sent. */
static bool
ask_legs(struct evidence *evidence)
{
	read_legs(evidence, traced(evidence, "cdrs", evidence->key.owner, evidence->id), legs_came);
	return true;
}

/* ---- what led to it ---- */

static void
session_came(struct inquiry *inquiry)
{
	evidence_session(inquiry->work);
	proceed(inquiry->work);
}

static bool
ask_session(struct evidence *evidence)
{
	struct store_key key = { .module = STR("sessions"), .owner = evidence->key.owner };

	if (evidence->session.len == 0) {
		evidence_miss(evidence, "session",
		        evidence->kept ? "the CDR names none"
		                       : "the CDR would name it, and is not there");
		return false;
	}
	key.id = arena_upper(evidence->inquiry->arena, evidence->session);
	read_object(evidence, &key, session_came);
	return true;
}

static void
token_came(struct inquiry *inquiry)
{
	evidence_token(inquiry->work);
	proceed(inquiry->work);
}

static bool
ask_token(struct evidence *evidence)
{
	struct arena *arena = evidence->inquiry->arena;
	struct store_key key = { .module = STR("tokens") };
	char owner[OCPI_ID_TEXT];

	if (evidence->uid.len == 0) {
		evidence_miss(evidence, "authorization",
		        evidence->kept ? "the CDR names no token"
		                       : "the CDR would name the token, and is not there");
		return false;
	}
	key.owner = arena_str(arena, str_of(ocpi_id_key(&evidence->emsp, owner)));
	key.id = arena_upper(arena, evidence->uid);
	key.type = evidence->type;
	read_object(evidence, &key, token_came);
	return true;
}

static void
asked_came(struct store_op *op)
{
	struct inquiry *inquiry;

	if (!inquiry_stored(op, &inquiry))
		return;
	evidence_asked(inquiry->work);
	proceed(inquiry->work);
}

/* Asked of the eMSP it stands under that one, asked of whoever knows the token under who asked. In
 * the day before the session began, or while it lasted. */
static bool
ask_asked(struct evidence *evidence, const struct ocpi_id *owner)
{
	struct inquiry *inquiry = evidence->inquiry;
	char text[OCPI_ID_TEXT];

	if (evidence->uid.len == 0)
		return false;
	inquiry->op = (struct store_op){ 0 };
	inquiry->op.u.trace.object =
	        traced(evidence, "tokens", str_of(ocpi_id_key(owner, text)), evidence->uid);
	inquiry->op.u.trace.since_ms = evidence->start_ms - DAY_MS;
	inquiry->op.u.trace.until_ms =
	        evidence->end_ms > evidence->start_ms ? evidence->end_ms : evidence->received_ms;
	inquiry->op.u.trace.limit = MOST_LEGS;
	inquiry_store(inquiry, STORE_TRACE_FIND, asked_came);
	return true;
}

static bool
ask_emsp(struct evidence *evidence)
{
	return ask_asked(evidence, &evidence->emsp);
}

static bool
ask_cpo(struct evidence *evidence)
{
	return ask_asked(evidence, &evidence->owner);
}

/* ---- what it was charged by ---- */

static void
earlier_came(struct store_op *op)
{
	struct inquiry *inquiry;

	if (!inquiry_stored(op, &inquiry))
		return;
	evidence_tariff(inquiry->work);
	proceed(inquiry->work);
}

/* Of those before the one of now the one that was it when the session began, for each whom it was
 * sent to. */
static void
tariff_came(struct inquiry *inquiry)
{
	const struct evidence *evidence = inquiry->work;
	const struct evidence_tariff *tariff = &evidence->tariffs[evidence->tariff_at];

	inquiry->op = (struct store_op){ 0 };
	inquiry->op.u.versions.key = (struct store_key){ .module = STR("tariffs"),
		.owner = tariff->owner,
		.id = arena_upper(inquiry->arena, tariff->id) };
	inquiry->op.u.versions.at_ms = evidence->start_ms > 0 ? evidence->start_ms : 1;
	inquiry->op.u.versions.limit = MOST_VERSIONS;
	inquiry_store(inquiry, STORE_VERSIONS, earlier_came);
}

/* One after the other, so it is its own next step as long as there is one. */
static bool
ask_tariff(struct evidence *evidence)
{
	const struct evidence_tariff *tariff = &evidence->tariffs[evidence->tariff_at];
	struct store_key key = { .module = STR("tariffs") };

	if (evidence->tariff_count == 0)
		evidence_miss(evidence, "tariffs",
		        evidence->kept ? "neither the CDR nor its session names one"
		                       : "the CDR would name it, and is not there");
	if (evidence->tariff_at == evidence->tariff_count)
		return false;
	evidence->step--;
	key.owner = tariff->owner;
	key.id = arena_upper(evidence->inquiry->arena, tariff->id);
	read_object(evidence, &key, tariff_came);
	return true;
}

static bool
add_agreement(struct evidence *evidence)
{
	if (evidence->uid.len > 0)
		evidence_agreement(evidence);
	else
		evidence_miss(evidence, "agreement", "it is not known who the other party is");
	return false;
}

/* Each asks for something, or has nothing to ask (false). */
static bool (*const steps[])(struct evidence *evidence) = { ask_cdr, ask_legs, ask_session,
	ask_token, ask_emsp, ask_cpo, ask_tariff, add_agreement };

static void
proceed(struct evidence *evidence)
{
	while (evidence->step < COUNT(steps))
		if (steps[evidence->step++](evidence))
			return;
	evidence_end(evidence);
}

/* ---- whose CDR it is ---- */

static void
begin(struct inquiry *inquiry, const struct ocpi_id *owner)
{
	inquiry->work = evidence_new(inquiry, inquiry->path.decoded[CDR], owner);
	proceed(inquiry->work);
}

static void
refuse_several(struct inquiry *inquiry, const struct str *owners, size_t count)
{
	struct buf names = { .arena = inquiry->arena };
	json_t *answer = tree_object(), *list = tree_list();

	for (size_t i = 0; i < count; i++) {
		buf_printf(&names, "%s%.*s", i > 0 ? ", " : "", STR_ARG(owners[i]));
		tree_add(list, tree_str(owners[i]));
	}
	tree_set_str(answer, "error",
	        arena_printf(inquiry->arena,
	                "party: %zu parties have a CDR of this id: %.*s: say whose is meant", count,
	                STR_ARG(buf_str(&names))));
	tree_set(answer, "parties", list);
	inquiry_json(inquiry, 409, answer);
}

/* Rows are in the order of owners. */
static void
owners_came(struct store_op *op)
{
	const struct store_find_args args = op->u.find;
	struct str owners[MOST_OWNERS];
	struct inquiry *inquiry;
	struct ocpi_id owner;
	size_t count = 0;

	if (!inquiry_stored(op, &inquiry))
		return;
	for (size_t i = 0; i < args.count; i++)
		if (count == 0 || !str_eq(owners[count - 1], args.keys[i].owner))
			owners[count++] = args.keys[i].owner;
	if (count == 0)
		inquiry_refuse(inquiry, 404,
		        "no CDR of this id is kept; with party=CC*PID what is left of it in the "
		        "trace is told");
	else if (count > 1)
		refuse_several(inquiry, owners, count);
	else if (asked_party(inquiry, "party", owners[0], &owner))
		begin(inquiry, &owner);
}

void
evidence_show(struct inquiry *inquiry)
{
	struct str party = asked_query(inquiry, "party");
	struct ocpi_id owner;

	if (party.p != NULL) {
		if (asked_party(inquiry, "party", party, &owner))
			begin(inquiry, &owner);
		return;
	}
	inquiry->op.u.find.module = STR("cdrs");
	inquiry->op.u.find.id = arena_upper(inquiry->arena, inquiry->path.decoded[CDR]);
	inquiry->op.u.find.limit = MOST_OWNERS;
	inquiry_store(inquiry, STORE_OBJECT_FIND, owners_came);
}
