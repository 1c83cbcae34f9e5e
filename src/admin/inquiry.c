/* inquiry: one request to the admin API: found in the verb table, allowed, answered once.
 *
 * An inquiry that waits for a completion outlives its connection: its memory goes when both the
 * server and the completion have let go of it. */
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "inside.h"

enum { ARENA_BYTES = 4096, MOST_ID = INT32_MAX };

void
inquiry_free(struct inquiry *inquiry)
{
	list_remove(&inquiry->node);
	list_remove(&inquiry->look.node);
	tree_drop(&inquiry->body);
	tree_drop(&inquiry->answer);
	audit_drop(&inquiry->audit);
	arena_free(inquiry->arena);
}

static void
release(struct inquiry *inquiry)
{
	if (inquiry->pending || inquiry->request != NULL)
		return;
	inquiry_free(inquiry);
}

/* ---- answers ---- */

static void
ended(struct audit *audit)
{
	inquiry_answer(
	        container_of(audit, struct inquiry, audit), audit->status, audit->content_type);
}

void
inquiry_header(struct inquiry *inquiry, const char *name, struct str value)
{
	size_t at = 2 + inquiry->more_headers++;

	assert(at < COUNT(inquiry->headers));
	inquiry->headers[at] = (struct net_header){ str_of(name), value };
}

void
inquiry_answer(struct inquiry *inquiry, int status, const char *content_type)
{
	struct net_answer answer = {
		.status = status, .headers = inquiry->headers, .header_count = 2
	};

	assert(!inquiry->answered && inquiry->request != NULL);
	inquiry->answered_as = status;
	inquiry->audit.done = ended;
	if (audit_end(inquiry, status, content_type))
		return; /* it is answered when that is on the disk */
	inquiry->answered = true;
	desk_count(inquiry->desk, status);
	inquiry->headers[0] = (struct net_header){ STR("Content-Type"), str_of(content_type) };
	inquiry->headers[1] = (struct net_header){ STR("Cache-Control"), STR("no-store") };
	if (status == 401 && !inquiry->desk->for_guests)
		inquiry_header(inquiry, "WWW-Authenticate", STR("Bearer"));
	answer.header_count += inquiry->more_headers;
	answer.body = buf_str(&inquiry->text);
	net_answer(inquiry->request, &answer);
}

void
inquiry_json(struct inquiry *inquiry, int status, json_t *answer)
{
	tree_print(answer, &inquiry->text);
	if (inquiry->audit.step == AUDIT_BEGUN || status >= 400)
		audit_hear(&inquiry->audit, answer);
	tree_drop(&answer);
	buf_addc(&inquiry->text, '\n');
	inquiry_answer(inquiry, status, "application/json");
}

void
inquiry_refuse(struct inquiry *inquiry, int status, const char *why)
{
	json_t *object = tree_object();

	tree_set_text(object, "error", why);
	inquiry->desk->refused++;
	inquiry_json(inquiry, status, object);
}

bool
inquiry_refused(struct inquiry *inquiry, int status, const char *why)
{
	inquiry_refuse(inquiry, status, why);
	return false;
}

/* The registry's HTTP statuses are those towards parties; towards the operator a refusal is one in
 * HTTP too. */
static int
status_of(enum rh_err err)
{
	switch (err) {
	case RH_NOT_FOUND:
		return 404;
	case RH_BUSY:
		return 503;
	case RH_STORE_FAILED:
	case RH_HUB_FAULT:
	case RH_SYSTEM:
		return 500;
	case RH_SUSPENDED:
	case RH_CLIENT_API:
	case RH_CLIENT_VERSION:
	case RH_CLIENT_ENDPOINTS:
		return 409;
	default:
		return rh_err_info(err)->http >= 400 && rh_err_info(err)->http < 500
		               ? rh_err_info(err)->http
		               : 400;
	}
}

void
inquiry_fail(struct inquiry *inquiry, const struct fault *fault)
{
	const char *why = fault->why[0] != '\0' ? fault->why : rh_err_info(fault->err)->text;
	char line[sizeof fault->field + sizeof fault->why + 4];

	(void)snprintf(line, sizeof line, "%s%s%s", fault->field,
	        fault->field[0] != '\0' ? ": " : "", why);
	inquiry_refuse(inquiry, status_of(fault->err), line);
}

bool
inquiry_bad(struct inquiry *inquiry, const char *field, const char *fmt, ...)
{
	struct fault fault;
	char why[sizeof fault.why];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(why, sizeof why, fmt, args);
	va_end(args);
	(void)fault_set(&fault, RH_BAD_FIELD, field, "%s", why);
	inquiry_fail(inquiry, &fault);
	return false;
}

/* ---- waiting ---- */

void
inquiry_wait(struct inquiry *inquiry)
{
	assert(!inquiry->pending && !inquiry->answered);
	inquiry->pending = true;
}

void
inquiry_store(struct inquiry *inquiry, enum store_verb verb, void (*done)(struct store_op *op))
{
	inquiry->op.verb = verb;
	inquiry->op.done = done;
	if (inquiry->op.arena == NULL)
		inquiry->op.arena = inquiry->arena;
	inquiry_wait(inquiry);
	store_submit(hub_session(inquiry->admin->hub), &inquiry->op);
}

bool
inquiry_resume(struct inquiry *inquiry)
{
	assert(inquiry->pending);
	inquiry->pending = false;
	if (!inquiry->answered)
		return true;
	release(inquiry);
	return false;
}

bool
inquiry_acted(struct inquiry *inquiry, enum rh_err err, const struct fault *fault, const char *noun,
        int64_t id)
{
	if (!inquiry_resume(inquiry))
		return false;
	if (err != RH_OK) {
		inquiry_fail(inquiry, fault);
		return false;
	}
	LOG(LOG_INFO, "admin", KV("verb", inquiry->action), KVN(noun, id), KVS("who", inquiry->who),
	        KV("peer", inquiry->request->peer));
	return true;
}

void
inquiry_acted_with(struct inquiry *inquiry, enum rh_err err, const struct fault *fault,
        const char *noun, int64_t id)
{
	json_t *answer = inquiry->answer;

	inquiry->answer = NULL;
	if (inquiry_acted(inquiry, err, fault, noun, id))
		inquiry_json(inquiry, 200, answer);
	else
		json_decref(answer);
}

bool
inquiry_stored(struct store_op *op, struct inquiry **out)
{
	struct inquiry *inquiry = container_of(op, struct inquiry, op);
	struct fault fault;

	if (!inquiry_resume(inquiry))
		return false;
	*out = inquiry;
	if (op->err == RH_OK)
		return true;
	(void)fault_set(&fault, op->err, "", "%s", op->why);
	inquiry_fail(inquiry, &fault);
	return false;
}

/* ---- what was asked ---- */

bool
inquiry_looks(const struct inquiry *inquiry)
{
	struct str method = inquiry->request->method;

	return str_is(method, "GET") || str_is(method, "HEAD");
}

static bool
path_fits(const struct verb *verb, struct inquiry *inquiry)
{
	const struct ocpi_path *path = &inquiry->path;
	struct str left = str_of(verb->path + 1);
	uint64_t id;

	for (size_t i = 0; i < path->count; i++) {
		struct str wanted = str_cut(&left, '/');

		if (wanted.p == NULL)
			return false;
		if (wanted.len == 0)
			return false; /* "/" is the first page, and no beginning of others */
		if (str_is(wanted, "{id}")) {
			if (!str_to_u64(path->decoded[i], MOST_ID, &id) || id == 0)
				return false;
			inquiry->id = (int64_t)id;
		} else if (wanted.p[0] != '{' && !str_eq(wanted, path->decoded[i])) {
			return false;
		}
	}
	return left.p == NULL || (path->count == 0 && left.len == 0);
}

/** The verb of the request; else NULL and in @allow the methods that this path has. */
static const struct verb *
find_verb(struct inquiry *inquiry, struct buf *allow)
{
	struct str method = inquiry->request->method;

	for (const struct verb *verb = inquiry->desk->verbs; verb->method != NULL; verb++) {
		if (!path_fits(verb, inquiry))
			continue;
		if (str_is(method, verb->method) ||
		        (str_is(method, "HEAD") && strcmp(verb->method, "GET") == 0))
			return verb;
		buf_printf(allow, "%s%s", allow->len > 0 ? ", " : "", verb->method);
	}
	return NULL;
}

static bool
read_body(struct inquiry *inquiry)
{
	bool none = inquiry->request->body.len == 0 && (inquiry->verb->flags & VERB_MAY_BODY) != 0;
	struct fault fault = { 0 };

	inquiry->body = none ? tree_object() : tree_read(inquiry->request->body, &fault);
	if (inquiry->body == NULL) {
		inquiry_fail(inquiry, &fault);
		return false;
	}
	if (json_is_object(inquiry->body))
		return true;
	inquiry_refuse(inquiry, 400, "expected a JSON object");
	return false;
}

static void
no_verb(struct inquiry *inquiry, const struct buf *allow)
{
	if (allow->len == 0) {
		inquiry_refuse(inquiry, 404, inquiry->desk->nothing);
		return;
	}
	inquiry_header(inquiry, "Allow", buf_str(allow));
	inquiry_refuse(inquiry, 405, "method is not allowed here");
}

void
inquiry_log_refusal(const struct inquiry *inquiry, const char *why)
{
	const struct net_request *request = inquiry->request;
	const struct refusal refusal = { .err = inquiry->desk->for_guests ? RH_NOT_FOUND
		                                : request->header[AUTHORIZATION].len > 0
		                                        ? RH_UNKNOWN_TOKEN
		                                        : RH_NO_TOKEN,
		.listener = inquiry->desk->name,
		.address = request->peer,
		.method = request->method,
		.target = audit_target(inquiry),
		.why = why,
		.http = inquiry->answered_as == 403 ? 403 : 0,
		.reason = "ELSEWHERE" };

	refusals_note(inquiry->admin->refusals, &refusal, rh_mono_ms());
}

static bool
is_stopping(const struct inquiry *inquiry)
{
	return inquiry->admin->stopping && (inquiry->verb->flags & (VERB_OPEN | VERB_NEAR)) == 0;
}

/** It is written down who does it. */
static void
begun(struct audit *audit)
{
	struct inquiry *inquiry = container_of(audit, struct inquiry, audit);

	if (audit->op.err != RH_OK && (inquiry->verb->flags & VERB_ANYWAY) == 0)
		inquiry_refuse(inquiry, status_of(audit->op.err),
		        arena_printf(inquiry->arena,
		                "nothing was done, as it cannot be written down who does it: %s",
		                audit->op.why)
		                .p);
	else if (is_stopping(inquiry))
		inquiry_refuse(inquiry, 503, "the hub is stopping");
	else
		inquiry->verb->handle(inquiry);
}

static void
perform_now(struct inquiry *inquiry)
{
	const struct verb *verb = inquiry->verb;

	if (strcmp(verb->method, "GET") == 0 || (verb->flags & VERB_LOOKS) != 0) {
		verb->handle(inquiry);
		return;
	}
	inquiry->audit.done = begun;
	audit_begin(inquiry);
}

static void
looked(struct hub_look *look)
{
	struct inquiry *inquiry = container_of(look, struct inquiry, look);

	if (!inquiry_resume(inquiry))
		return;
	if (inquiry->guest != NULL)
		inquiry->desk->look(inquiry, perform_now);
	else
		perform_now(inquiry);
}

/* What is told and done is by what all processes know, whichever is asked. */
static void
perform(struct inquiry *inquiry)
{
	inquiry->look.done = looked;
	if ((inquiry->verb->flags & (VERB_OPEN | VERB_NEAR)) == 0 &&
	        hub_look(inquiry->admin->hub, &inquiry->look))
		inquiry_wait(inquiry);
	else
		perform_now(inquiry);
}

static void
dispatch(struct inquiry *inquiry)
{
	struct buf allow = { .arena = inquiry->arena };
	struct fault fault;

	if (ocpi_path_split(inquiry->request->target, inquiry->arena, &inquiry->path, &fault) ==
	        RH_OK)
		inquiry->verb = find_verb(inquiry, &allow);
	if (!inquiry->desk->let_in(inquiry))
		return;
	if (inquiry->verb == NULL)
		no_verb(inquiry, &allow);
	else if (is_stopping(inquiry))
		inquiry_refuse(inquiry, 503, "the hub is stopping");
	else if ((inquiry->verb->flags & (VERB_BODY | VERB_MAY_BODY)) == 0 || read_body(inquiry))
		perform(inquiry);
}

void
inquiry_begin(struct desk *desk, struct net_request *request)
{
	struct admin *admin = desk->admin;
	struct arena *arena = arena_new(ARENA_BYTES);
	struct inquiry *inquiry = arena_alloc(arena, sizeof *inquiry);

	inquiry->admin = admin;
	inquiry->desk = desk;
	inquiry->arena = arena;
	inquiry->request = request;
	inquiry->text.arena = arena;
	inquiry->op.arena = arena;
	list_init(&inquiry->waiting);
	list_init(&inquiry->look.node);
	list_add_tail(&admin->inquiries, &inquiry->node);
	request->user = inquiry;
	desk->requests++;
	dispatch(inquiry);
}

void
inquiry_end(struct inquiry *inquiry)
{
	if (inquiry->left != NULL)
		inquiry->left(inquiry);
	inquiry->request = NULL;
	release(inquiry);
}
