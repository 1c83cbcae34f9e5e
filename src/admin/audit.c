/* audit: every verb that changes something is written down with who asks for it before it is done,
 * and the same row with its result before it is answered. So nothing that was done is missing,
 * whenever the hub dies: a row without a result says that this may have been done, or not.
 *
 * What is refused has a type of its own, and a rate: a flood of refusals neither fills the disk nor
 * pushes out what was done. */
#include <string.h>

#include "inside.h"

enum {
	BURST = 100,            /* refusals that are written down at once */
	TENTH_OF_ROW_MS = 1000, /* then one in ten seconds */
	MOST_DATA = 16 * 1024,  /* bytes of a row */
	MOST_TEXT = 200
};

/* ---- how much is written down ---- */

static bool
allowance_take(struct allowance *allowance, int64_t now_ms)
{
	int64_t grown = (now_ms - allowance->at_ms) / TENTH_OF_ROW_MS;

	if (allowance->at_ms == 0 || allowance->tenths + grown >= 10 * BURST) {
		allowance->tenths = 10 * BURST;
		allowance->at_ms = now_ms;
	} else {
		allowance->tenths += grown;
		allowance->at_ms += grown * TENTH_OF_ROW_MS;
	}
	if (allowance->tenths < 10) {
		allowance->left_out++;
		return false;
	}
	allowance->tenths -= 10;
	return true;
}

static struct allowance *
allowance_of(const struct inquiry *inquiry)
{
	struct audits *audits = &inquiry->admin->audits;

	if (inquiry->guest != NULL)
		return &audits->guests;
	return inquiry->who.len > 0 ? &audits->known : &audits->strangers;
}

/* ---- what is written down ---- */

/* A path of the portal that is no verb's may be a link that somebody spoiled. */
struct str
audit_target(const struct inquiry *inquiry)
{
	const struct verb *verb = inquiry->verb;
	bool secret = inquiry->desk->for_guests && (verb == NULL || verb->flags & VERB_SECRET);

	if (!secret)
		return inquiry->request->target;
	return verb != NULL ? str_of(verb->path) : STR("(not told)");
}

static bool
is_secret(const char *key)
{
	static const char *const names[] = { "key", "document" }; /* of export and import */
	size_t len = strlen(key);

	for (size_t i = 0; i < COUNT(names); i++)
		if (strcmp(key, names[i]) == 0)
			return true;
	return len >= 5 && strcmp(key + len - 5, "token") == 0;
}

/** A copy of @tree without what nobody may read here, which may be large. */
static json_t *
masked(const json_t *tree)
{
	json_t *copy, *value;
	const char *key;
	size_t at;

	if (!json_is_object(tree) && !json_is_array(tree))
		return json_deep_copy(tree);
	copy = json_is_object(tree) ? tree_object() : tree_list();
	json_object_foreach((json_t *)(uintptr_t)tree, key, value)
	{
		tree_set(copy, key, is_secret(key) ? tree_text("***") : masked(value));
	}
	json_array_foreach(tree, at, value)
	{
		tree_add(copy, masked(value));
	}
	return copy;
}

/** What was shown @before and is not so @after: the members that differ. */
static void
set_difference(json_t *data, const char *name, const json_t *one, const json_t *other)
{
	json_t *differ, *value;
	const char *key;

	if (!json_is_object(one))
		return;
	differ = tree_object();
	json_object_foreach((json_t *)(uintptr_t)one, key, value)
	{
		if (json_is_object(other) && json_equal(value, json_object_get(other, key)))
			continue;
		tree_set(differ, key, json_incref(value));
	}
	tree_set(data, name, differ);
}

static struct str
cut(struct str text)
{
	text.len = text.len < MOST_TEXT ? text.len : MOST_TEXT;
	return text;
}

/** What is too large leaves out members, in this order. */
static struct str
print(struct inquiry *inquiry, json_t *data)
{
	static const char *const large[] = { "request", "before", "after" };
	struct buf text = { .arena = inquiry->arena };

	tree_print(data, &text);
	for (size_t i = 0; text.len > MOST_DATA && i < COUNT(large); i++) {
		if (json_object_del(data, large[i]) != 0)
			continue;
		tree_set_bool(data, "cut", true);
		text.len = 0;
		tree_print(data, &text);
	}
	return buf_str(&text);
}

static int64_t
made_id(const json_t *said)
{
	int64_t id = json_integer_value(json_object_get(said, "platform"));

	return id != 0 ? id : json_integer_value(json_object_get(said, "agreement"));
}

static bool
is_of(const struct inquiry *inquiry, const char *noun)
{
	const char *path = inquiry->verb != NULL ? inquiry->verb->path : "";

	return strncmp(path, "/admin/v1/", 10) == 0 && strncmp(path + 10, noun, strlen(noun)) == 0;
}

/** "platform 7", "agreement 3", "DE*ABC" */
static void
name_subject(struct inquiry *inquiry)
{
	struct store_event *event = &inquiry->audit.event;
	int64_t id = inquiry->id != 0 ? inquiry->id : made_id(inquiry->audit.said);
	bool of_platform = is_of(inquiry, "platforms") || inquiry->guest != NULL;

	if (is_of(inquiry, "parties"))
		event->subject = cut(tree_get_str(inquiry->body, "party"));
	else if (is_of(inquiry, "erase"))
		event->subject = erase_subject(inquiry);
	else if (is_of(inquiry, "tokens"))
		event->subject = cut(tree_get_str(inquiry->body, "name"));
	else if (id != 0 && (of_platform || is_of(inquiry, "agreements")))
		event->subject = arena_printf(inquiry->arena, "%s %lld",
		        of_platform ? "platform" : "agreement", (long long)id);
	if (of_platform)
		event->platform = id;
}

static void
fill(struct inquiry *inquiry)
{
	struct audit *audit = &inquiry->audit;
	const struct net_request *request = inquiry->request;
	struct str query = audit_target(inquiry), path = str_cut(&query, '?');
	const struct verb *verb = inquiry->verb;
	bool named = verb != NULL && verb->name != NULL;

	audit->data = tree_object();
	audit->event.at_ms = rh_wall_ms();
	audit->event.who = inquiry->who;
	audit->event.address = arena_str(inquiry->arena, str_of(request->peer));
	audit->event.what =
	        named ? str_of(verb->name)
	              : arena_printf(inquiry->arena, "%.*s %s", STR_ARG(request->method),
	                        verb != NULL ? verb->path : "");
	tree_set_str(audit->data, "method", request->method);
	tree_set_str(audit->data, "path", cut(path));
	if (json_object_size(inquiry->body) > 0)
		tree_set(audit->data, "request", masked(inquiry->body));
}

/* ---- writing it ---- */

static void
written(struct store_op *op)
{
	struct audit *audit = container_of(op, struct audit, op);

	audit->running = false;
	if (op->err != RH_OK)
		LOG(LOG_ERROR, "audit", KV("error", "who did what is not written down"),
		        KVS("who", audit->event.who), KVS("what", audit->event.what),
		        KVS("subject", audit->event.subject), KV("why", op->why));
	audit->done(audit);
}

static void
write_down(struct inquiry *inquiry, const char *type, bool drop)
{
	struct audit *audit = &inquiry->audit;

	name_subject(inquiry);
	audit->event.type = str_of(type);
	audit->event.data = print(inquiry, audit->data);
	audit->op = (struct store_op){ .verb = STORE_EVENT_PUT, .done = written };
	audit->op.u.event.event = &audit->event;
	audit->op.u.event.drop = drop;
	audit->running = true;
	store_submit(hub_session(inquiry->admin->hub), &audit->op);
}

void
audit_begin(struct inquiry *inquiry)
{
	struct audit *audit = &inquiry->audit;
	const struct verb *verb = inquiry->verb;

	fill(inquiry);
	if (verb->view != NULL)
		audit->before = verb->view(inquiry, inquiry->id);
	if (audit->before != NULL)
		tree_set(audit->data, "before", json_incref(audit->before));
	tree_set_text(audit->data, "result", "begun");
	audit->step = AUDIT_BEGUN;
	write_down(inquiry, "admin.verb", false);
}

static void
add_result(struct inquiry *inquiry, int status)
{
	struct audit *audit = &inquiry->audit;
	const char *result = status < 400 ? "done" : status < 500 ? "refused" : "failed";

	tree_set_text(audit->data, "result", result);
	tree_set_number(audit->data, "http", status);
	if (status >= 400)
		tree_set_str(audit->data, "error", cut(tree_get_str(audit->said, "error")));
}

static void
add_after(struct inquiry *inquiry)
{
	struct audit *audit = &inquiry->audit;
	const struct verb *verb = inquiry->verb;
	json_t *after = NULL;

	if (verb->view == NULL && audit->said != NULL)
		tree_set(audit->data, "after", masked(audit->said));
	if (verb->view == NULL)
		return;
	after = verb->view(inquiry, inquiry->id != 0 ? inquiry->id : made_id(audit->said));
	(void)json_object_del(audit->data, "before");
	set_difference(audit->data, "before", audit->before, after);
	set_difference(audit->data, "after", after, audit->before);
	tree_drop(&after);
}

static bool
only_looks(const struct inquiry *inquiry)
{
	struct str method = inquiry->request->method;

	return str_is(method, "GET") || str_is(method, "HEAD") ||
	       (inquiry->verb != NULL && (inquiry->verb->flags & VERB_LOOKS) != 0);
}

/* A refusal of what only looks is no more than a line of the log, unless it is about who asks; so
 * is whatever a stranger at the portal asks, who may be anybody. */
static bool
is_worth_it(const struct inquiry *inquiry, int status)
{
	if (inquiry->desk->for_guests && inquiry->guest == NULL)
		return false;
	return status == 401 || status == 403 || (status >= 400 && !only_looks(inquiry));
}

static void
end(struct inquiry *inquiry, int status, bool allowed)
{
	struct audit *audit = &inquiry->audit;
	struct allowance *allowance = allowance_of(inquiry);

	audit->step = AUDIT_ENDING;
	add_result(inquiry, status);
	if (status < 400)
		add_after(inquiry);
	else
		(void)json_object_del(audit->data, "before");
	if (allowed && status >= 400 && allowance->left_out > 0) {
		tree_set_count(audit->data, "left_out", allowance->left_out);
		allowance->left_out = 0;
	}
	write_down(inquiry, status < 400 ? "admin.verb" : "admin.refused", !allowed);
}

bool
audit_end(struct inquiry *inquiry, int status, const char *content_type)
{
	struct audit *audit = &inquiry->audit;
	bool begun = audit->step == AUDIT_BEGUN, allowed = true;

	if (audit->step == AUDIT_ENDING || (!begun && !is_worth_it(inquiry, status)))
		return false;
	if (status >= 400)
		allowed = allowance_take(allowance_of(inquiry), rh_mono_ms());
	if (!allowed && audit->event.id == 0)
		return false;
	if (!begun)
		fill(inquiry);
	audit->status = status;
	audit->content_type = content_type;
	end(inquiry, status, allowed);
	return true;
}

void
audit_hear(struct audit *audit, json_t *answer)
{
	tree_drop(&audit->said);
	audit->said = json_incref(answer);
}

void
audit_drop(struct audit *audit)
{
	tree_drop(&audit->data);
	tree_drop(&audit->before);
	tree_drop(&audit->said);
}
