/* traces: the legs of messages, both legs, by correlation id, party, object, platform, module or
 * outcome.
 *
 * A search is many reads of the store, each of which looks at a bounded number of rows; between
 * two of them other work is done. */
#include "inside.h"

enum {
	DEFAULT_LIMIT = 500,
	MOST_LIMIT = 10000,
	TEXT_MOST = 100,
	MOST_LOOKED = 50000, /* rows of a search: a read of the store looks at some of them */
	MOST_READS = MOST_LOOKED / STORE_TRACE_LOOK,
	FIRST_BYTES = 65536
};

const char *const trace_outcome_names[TRACE_OUTCOMES] = {
	[TRACE_OK] = "ok",
	[TRACE_UNAUTHORISED] = "unauthorised",
	[TRACE_REFUSED_BY_HUB] = "refused_by_hub",
	[TRACE_REFUSED_BY_PARTNER] = "refused_by_partner",
	[TRACE_PARTNER_FAILED] = "partner_failed",
	[TRACE_UNREACHABLE] = "unreachable",
	[TRACE_LATE] = "late",
	[TRACE_HUB_FAILED] = "hub_failed",
};

/** As traces have it: in upper case. */
static struct str
party_key(struct arena *arena, const struct ocpi_id *id)
{
	char key[OCPI_ID_TEXT];

	return arena_str(arena, str_of(ocpi_id_key(id, key)));
}

/** "tokens/DE*ABC/ID": module, owner in upper case, and an id that may have slashes. */
static bool
read_object(struct arena *arena, struct str text, struct str *out)
{
	struct str id = text, module = str_cut(&id, '/'), party = str_cut(&id, '/'), key;
	struct ocpi_id owner;

	if (id.len == 0 || module.len == 0 || !ocpi_id_parse(party, &owner))
		return false;
	key = party_key(arena, &owner);
	*out = arena_printf(arena, "%.*s/%.*s/%.*s", STR_ARG(module), STR_ARG(key), STR_ARG(id));
	return true;
}

static bool
read_names(struct inquiry *inquiry)
{
	struct str party = asked_query(inquiry, "party"), object = asked_query(inquiry, "object");
	struct store_op *op = &inquiry->op;
	struct ocpi_id id;

	op->u.trace.correlation_id = asked_query(inquiry, "correlation_id");
	if (party.p != NULL) {
		if (!asked_party(inquiry, "party", party, &id))
			return false;
		op->u.trace.party = party_key(inquiry->arena, &id);
	}
	if (object.p != NULL && !read_object(inquiry->arena, object, &op->u.trace.object))
		return inquiry_bad(inquiry, "object", "expected MODULE/CC*PID/ID");
	return true;
}

/* 0: what belongs to no platform, as a stranger's message. */
static bool
read_platform(struct inquiry *inquiry)
{
	struct str text = asked_query(inquiry, "platform");
	uint64_t id = 0;

	if (text.p != NULL && !str_to_u64(text, INT32_MAX, &id))
		return inquiry_bad(
		        inquiry, "platform", "expected the id of a platform, or 0 for strangers");
	inquiry->op.u.trace.of_platform = text.p != NULL;
	inquiry->op.u.trace.platform = (int64_t)id;
	return true;
}

/* Those of configuration are no modules of the hub, but traced under their names. */
static bool
read_module(struct inquiry *inquiry)
{
	static const char *const others[] = { "versions", "credentials", "hubclientinfo" };
	const struct ocpi_module *const *modules = hub_modules(inquiry->admin->hub);
	struct str name = asked_query(inquiry, "module");
	struct buf known = { .arena = inquiry->arena };

	inquiry->op.u.trace.module = name;
	if (name.p == NULL)
		return true;
	for (size_t i = 0; modules[i] != NULL; i++) {
		if (str_is(name, modules[i]->id))
			return true;
		buf_printf(&known, "%s, ", modules[i]->id);
	}
	for (size_t i = 0; i < COUNT(others); i++) {
		if (str_is(name, others[i]))
			return true;
		buf_printf(&known, "%s%s", others[i], i + 1 < COUNT(others) ? ", " : "");
	}
	return inquiry_bad(inquiry, "module", "expected one of %s", known.p);
}

static bool
read_outcome(struct inquiry *inquiry)
{
	struct str name = asked_query(inquiry, "outcome");
	unsigned all = (1U << TRACE_OUTCOMES) - 1;
	struct buf known = { .arena = inquiry->arena };

	if (name.p == NULL)
		return true;
	inquiry->op.u.trace.outcomes = all & ~(1U << TRACE_OK);
	if (str_is(name, "failed"))
		return true;
	for (unsigned i = 0; i < TRACE_OUTCOMES; i++) {
		inquiry->op.u.trace.outcomes = 1U << i;
		if (str_is(name, trace_outcome_names[i]))
			return true;
		buf_printf(&known, "%s, ", trace_outcome_names[i]);
	}
	return inquiry_bad(
	        inquiry, "outcome", "expected one of %sor failed for all but ok", known.p);
}

static bool
read_text(struct inquiry *inquiry)
{
	struct str text = asked_query(inquiry, "text");

	inquiry->op.u.trace.text = text;
	return text.p == NULL || (text.len > 0 && text.len <= TEXT_MOST) ||
	       inquiry_bad(inquiry, "text", "expected 1 to %d characters", TEXT_MOST);
}

/* "MS.ID", as an answer said it; empty: the newest. */
static bool
read_cursor(struct inquiry *inquiry)
{
	struct str id = asked_query(inquiry, "cursor"), ms = str_cut(&id, '.');
	struct store_op *op = &inquiry->op;
	uint64_t at, before;

	if (ms.len == 0 && id.len == 0)
		return true;
	if (!str_to_u64(ms, INT64_MAX, &at) || !str_to_u64(id, INT64_MAX, &before) || at == 0)
		return inquiry_bad(
		        inquiry, "cursor", "expected what an answer said in next_cursor");
	if (op->u.trace.until_ms == 0 || (int64_t)at <= op->u.trace.until_ms) {
		op->u.trace.until_ms = (int64_t)at;
		op->u.trace.before_id = (int64_t)before;
	}
	return true;
}

static bool
read_filters(struct inquiry *inquiry)
{
	const struct store_op *op = &inquiry->op;

	if (!read_names(inquiry) || !read_text(inquiry) || !read_platform(inquiry) ||
	        !read_module(inquiry) || !read_outcome(inquiry))
		return false;
	if (op->u.trace.correlation_id.p == NULL && op->u.trace.party.p == NULL &&
	        op->u.trace.object.p == NULL && !op->u.trace.of_platform &&
	        op->u.trace.module.p == NULL && op->u.trace.outcomes == 0 &&
	        op->u.trace.text.p == NULL && asked_query(inquiry, "cursor").p == NULL &&
	        asked_query(inquiry, "since").p == NULL && asked_query(inquiry, "until").p == NULL)
		return inquiry_bad(inquiry, "correlation_id",
		        "expected this, party, object, platform, module, outcome, text, since or "
		        "until");
	return true;
}

static bool
read_bounds(struct inquiry *inquiry)
{
	struct str limit = asked_query(inquiry, "limit");
	struct store_op *op = &inquiry->op;
	uint64_t rows = DEFAULT_LIMIT;

	if (limit.p != NULL && (!str_to_u64(limit, MOST_LIMIT, &rows) || rows == 0))
		return inquiry_bad(inquiry, "limit", "expected 1 to 10000");
	op->u.trace.limit = (size_t)rows;
	return asked_time(inquiry, "since", asked_query(inquiry, "since"), &op->u.trace.since_ms) &&
	       asked_time(inquiry, "until", asked_query(inquiry, "until"), &op->u.trace.until_ms) &&
	       read_cursor(inquiry);
}

bool
traces_question(struct inquiry *inquiry)
{
	return read_names(inquiry) && read_text(inquiry) && read_module(inquiry) &&
	       read_outcome(inquiry) && read_bounds(inquiry);
}

/* What is stored with a leg calls the name "platform". */
static void
name_platform(json_t *leg, int64_t platform)
{
	struct str name = tree_get_str(leg, "platform");

	if (name.p != NULL)
		tree_set_str(leg, "name", name);
	if (platform != 0)
		tree_set_number(leg, "platform", platform);
	else
		(void)json_object_del(leg, "platform");
}

/** Its own members stand beside ours. */
json_t *
trace_tree(const struct store_trace *row)
{
	CLEANUP(tree_drop) json_t *doc = tree_read(row->doc, NULL);
	json_t *object = tree_object();

	tree_set_time(object, "at", row->at_ms);
	tree_set_str(object, "correlation_id", row->correlation_id);
	tree_set_str(object, "request_id", row->request_id);
	tree_set_str(object, "from", row->from);
	tree_set_str(object, "to", row->to);
	tree_set_str(object, "object", row->object);
	tree_set_str(object, "module", row->module);
	tree_set_text(object, "outcome", trace_outcome_names[row->outcome]);
	if (json_is_object(doc))
		(void)json_object_update(object, doc);
	else
		tree_set_str(object, "doc", row->doc);
	name_platform(object, row->platform);
	return object;
}

/* ---- a search ---- */

struct search {
	size_t reads, left;     /* left: rows that are wanted still */
	uint64_t kept, dropped; /* of everybody in the time that is searched */
};

static bool
asks_sample(struct inquiry *inquiry)
{
	return str_is(asked_query(inquiry, "sample"), "true");
}

/* Absent: there is nothing older. */
struct str
traces_next(const struct inquiry *inquiry)
{
	const struct store_op *op = &inquiry->op;

	return op->u.trace.next_ms == 0
	               ? (struct str){ 0 }
	               : arena_printf(inquiry->arena, "%lld.%lld", (long long)op->u.trace.next_ms,
	                         (long long)op->u.trace.next_id);
}

/* A list, as it always was; with ?sample=true an object around it says how much was left out. */
static json_t *
with_sample(const struct inquiry *inquiry, json_t *rows)
{
	const struct search *search = inquiry->work;
	json_t *answer = tree_object(), *sample = tree_object();

	tree_set_count(sample, "kept", search->kept);
	tree_set_count(sample, "left_out", search->dropped);
	tree_set(answer, "rows", rows);
	tree_set(answer, "sample", sample);
	tree_set_str(answer, "next_cursor", traces_next(inquiry));
	return answer;
}

/* The reads went back in time; what they gave is told newest last. */
static void
answer(struct inquiry *inquiry)
{
	json_t *list = tree_list();

	for (size_t i = json_array_size(inquiry->answer); i > 0; i--)
		(void)json_array_extend(list, json_array_get(inquiry->answer, i - 1));
	inquiry_json(inquiry, 200, asks_sample(inquiry) ? with_sample(inquiry, list) : list);
}

static void
take_rows(struct inquiry *inquiry)
{
	const struct store_op *op = &inquiry->op;
	struct search *search = inquiry->work;
	json_t *list = tree_list();

	for (size_t i = 0; i < op->u.trace.count; i++)
		tree_add(list, trace_tree(&op->u.trace.rows[i]));
	tree_add(inquiry->answer, list);
	search->left -= op->u.trace.count;
	if (search->reads++ == 0) {
		search->kept = op->u.trace.kept;
		search->dropped = op->u.trace.dropped;
	}
}

static void found(struct store_op *op);

static void
look(struct inquiry *inquiry)
{
	struct store_op *op = &inquiry->op;

	op->arena = arena_new(FIRST_BYTES);
	op->u.trace.limit = ((const struct search *)inquiry->work)->left;
	inquiry_store(inquiry, STORE_TRACE_FIND, found);
}

static void
found(struct store_op *op)
{
	struct inquiry *inquiry = container_of(op, struct inquiry, op);
	struct arena *arena = op->arena;
	const struct search *search = inquiry->work;

	if (op->err == RH_OK)
		take_rows(inquiry);
	arena_free(arena);
	op->arena = NULL;
	if (!inquiry_stored(op, &inquiry))
		return;
	if (search->left == 0 || op->u.trace.next_ms == 0 || search->reads == MOST_READS) {
		answer(inquiry);
		return;
	}
	op->u.trace.until_ms = op->u.trace.next_ms;
	op->u.trace.before_id = op->u.trace.next_id;
	look(inquiry);
}

void
traces_find(struct inquiry *inquiry)
{
	struct search *search = arena_alloc(inquiry->arena, sizeof *search);

	if (!read_filters(inquiry) || !read_bounds(inquiry))
		return;
	search->left = inquiry->op.u.trace.limit;
	inquiry->work = search;
	inquiry->answer = tree_list();
	look(inquiry);
}
