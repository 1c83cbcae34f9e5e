/* erase: what is kept of one driver's token goes, a slice at a time: the token and what names it in
 * the database, then the trace, then what is remembered of copies. Control thread. */
#include "roamhub/erasure.h"
#include "roamhub/survey.h"

#include "erase.h"

#include "../context.h"
#include "../parties/complaints.h"
#include "../parties/faulty.h"
#include "../wish.h"
#include "hints.h"
#include "memo.h"
#include "prints.h"

#include <stdio.h>
#include <string.h>

enum { MOST_NODES = 400000, MOST_SPLICES = 2 };

/* ---- pure ---- */

static bool
is_token(const struct json_doc *doc, uint32_t node, const struct erase_token *token,
        struct arena *arena)
{
	struct ocpi_id owner;

	return ocpi_id_make(json_member_string(doc, node, "country_code", arena),
	               json_member_string(doc, node, "party_id", arena), &owner) &&
	       ocpi_id_same(&owner, &token->owner) &&
	       str_ieq(json_member_string(doc, node, "uid", arena), token->uid);
}

/* In the order in which they stand. */
static size_t
find_names(const struct json_doc *doc, uint32_t node, struct splice out[MOST_SPLICES])
{
	static const char *const names[MOST_SPLICES] = { "uid", "contract_id" };
	size_t count = 0;

	for (size_t i = 0; i < MOST_SPLICES; i++) {
		uint32_t value = json_member(doc, node, names[i]);

		if (value != 0)
			out[count++] = (struct splice){ doc->nodes[value].at, doc->nodes[value].end,
				STR("\"ERASED\"") };
	}
	if (count == 2 && out[0].at > out[1].at) {
		struct splice first = out[1];

		out[1] = out[0];
		out[0] = first;
	}
	return count;
}

bool
erase_without(const void *ctx, struct str body, struct arena *arena, struct str *without)
{
	const struct erase_token *token = ctx;
	struct splice splices[MOST_SPLICES];
	struct json_doc doc;
	struct fault fault;
	uint32_t node;

	if (json_scan(body, MOST_NODES, arena, &doc, &fault) != RH_OK)
		return false;
	node = json_member(&doc, 0, "cdr_token");
	if (node == 0 || !is_token(&doc, node, token, arena))
		return false;
	*without = splice_apply(body, splices, find_names(&doc, node, splices), arena);
	return true;
}

/* ---- acting on it ---- */

struct erasing {
	struct store_op op;
	struct hub *hub;
	struct arena *arena;
	struct hub_erasure *erasure;
	struct erase_token token;
	struct str party;
	hub_done_fn done;
	void *ctx;
};

static void
end(struct erasing *erasing, const char *what)
{
	struct fault fault = { 0 };

	if (erasing->op.err != RH_OK)
		(void)fault_set(&fault, erasing->op.err, what, "%s; do it again", erasing->op.why);
	erasing->hub->control_work--;
	erasing->done(erasing->ctx, fault.err, &fault);
	arena_free(erasing->arena); /* it lies in it */
}

static void
legs_gone(struct store_op *op)
{
	struct erasing *erasing = container_of(op, struct erasing, op);

	erasing->erasure->legs = op->u.trace_erase.count;
	end(erasing, "trace");
}

static void
begin_legs(struct erasing *erasing)
{
	struct store_op *op = &erasing->op;

	*op = (struct store_op){ .verb = STORE_TRACE_ERASE, .done = legs_gone };
	op->u.trace_erase.party = erasing->party;
	op->u.trace_erase.names[0] = erasing->token.uid;
	op->u.trace_erase.names[1] = ocpi_percent_encode(erasing->token.uid, erasing->arena);
	op->u.trace_erase.dry_run = erasing->erasure->dry_run;
	store_submit(erasing->hub->session, op);
}

static void
add(struct hub_erasure *sum, const struct store_erase_args *args)
{
	sum->tokens += args->tokens;
	sum->owed += args->owed;
	sum->sessions += args->sessions;
	sum->cdrs += args->cdrs;
	sum->remembered += args->remembered;
	sum->damaged += args->damaged;
}

/* The rest may take minutes, which a stop does not wait for; what is gone is gone. */
static void
cut_short(struct erasing *erasing)
{
	erasing->op.err = RH_BUSY;
	(void)stpcpy(erasing->op.why, "the hub stops");
	end(erasing, "hub");
}

static void
slice_gone(struct store_op *op)
{
	struct erasing *erasing = container_of(op, struct erasing, op);

	if (op->err != RH_OK) {
		end(erasing, "store");
		return;
	}
	add(erasing->erasure, &op->u.erase);
	if (!erasing->erasure->dry_run)
		prints_forget(erasing->hub->prints, op->u.erase.head);
	if (erasing->hub->stopping)
		cut_short(erasing);
	else if (op->u.erase.done)
		begin_legs(erasing);
	else
		store_submit(erasing->hub->session, op);
}

size_t
erase_shown(struct hub *hub, const struct str *names, bool dry_run)
{
	struct str key;
	void *live;
	size_t gone = 0;

	for (size_t at = 0; hub->lives != NULL && table_next(hub->lives, &at, &key, &live);)
		gone += faulty_forget(live, names, dry_run) +
		        complaints_forget(live, names, dry_run);
	return gone;
}

/* Before what is stored of it goes: it is a copy. */
static void
forget(struct erasing *erasing)
{
	bool dry_run = erasing->erasure->dry_run;

	erasing->erasure->remembered +=
	        erase_shown(erasing->hub, erasing->op.u.erase.names, dry_run);
	if (!dry_run)
		hints_forget_token(erasing->hub, erasing->op.u.erase.id, erasing->arena);
}

static void
others_forget(void *ctx, enum rh_err err, const struct fault *fault)
{
	struct erasing *erasing = ctx;

	if (err == RH_OK) {
		store_submit(erasing->hub->session, &erasing->op);
		return;
	}
	erasing->op.err = err;
	(void)snprintf(erasing->op.why, sizeof erasing->op.why, "%.*s",
	        (int)sizeof erasing->op.why - 1, fault->why);
	end(erasing, "store");
}

void
hub_erase(struct hub *hub, struct hub_erasure *erasure, hub_done_fn done, void *ctx)
{
	struct arena *arena = arena_new(1024);
	struct erasing *erasing = arena_alloc(arena, sizeof *erasing);
	char party[OCPI_ID_TEXT];

	*erasing = (struct erasing){
		.hub = hub, .arena = arena, .erasure = erasure, .done = done, .ctx = ctx
	};
	erasing->party = arena_str(arena, str_of(ocpi_id_key(&erasure->owner, party)));
	erasing->token = (struct erase_token){ erasure->owner, arena_str(arena, erasure->uid) };
	erasing->op = (struct store_op){ .verb = STORE_ERASE, .done = slice_gone };
	erasing->op.u.erase.owner = erasing->party;
	erasing->op.u.erase.id = arena_upper(arena, erasure->uid);
	erasing->op.u.erase.without = erase_without;
	erasing->op.u.erase.ctx = &erasing->token;
	erasing->op.u.erase.dry_run = erasure->dry_run;
	erasing->op.u.erase.hints = STR(HINT_TOKEN);
	erasing->op.u.erase.reports = STR(SURVEY_KEYS);
	erasing->op.u.erase.names[0] = erasing->token.uid;
	erasing->op.u.erase.names[1] = ocpi_percent_encode(erasing->token.uid, arena);
	forget(erasing);
	hub->control_work++;
	if (hub_is_together(hub) && !erasure->dry_run)
		wish_put(hub, 0, WISH_FORGET, others_forget, erasing);
	else
		store_submit(hub->session, &erasing->op);
}
