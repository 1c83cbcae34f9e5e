/* read_facts: hints, URLs handed out, facts about the hub. */
#include "parts.h"

/* ---- hints ---- */

static void
ask_hint(struct pg_read *read)
{
	const struct store_hint *hint = &read->op->u.hint.hint;

	READ_ADD(read, PGS_HINT_GET, P_KEY(hint->kind), P_KEY(hint->key), P_INT(rh_wall_ms()));
}

static void
take_hint(struct pg_read *read)
{
	struct store_hint *hint = &read->op->u.hint.hint;
	const struct pg_result *rows = read->calls[0].result;

	pg_chars(rows, 0, 0, hint->country, sizeof(hint->country));
	pg_chars(rows, 0, 1, hint->party, sizeof(hint->party));
	hint->expires_ms = pg_int(rows, 0, 2);
	op_result(read->op, RH_OK, "");
}

/* ---- URLs handed out, facts ---- */

static void
ask_relink(struct pg_read *read)
{
	READ_ADD(read, PGS_RELINK_GET, P_KEY(read->op->u.relink.id),
	        P_INT(read->op->u.relink.now_ms));
}

static void
take_relink(struct pg_read *read)
{
	struct store_op *op = read->op;
	struct store_relink *out = &op->u.relink.relink;
	const struct pg_result *rows = read->calls[0].result;

	*out = (struct store_relink){
		.id = pg_text(rows, 0, 0, op->arena),
		.kind = (enum store_relink_kind)pg_int(rows, 0, 1),
		.target = pg_text(rows, 0, 2, op->arena),
		.caller_platform = pg_int(rows, 0, 3),
		.target_platform = pg_int(rows, 0, 4),
		.module = pg_text(rows, 0, 9, op->arena),
		.interface = (int)pg_int(rows, 0, 10),
		.correlation_id = pg_text(rows, 0, 11, op->arena),
		.created_ms = pg_int(rows, 0, 12),
		.expires_ms = pg_int(rows, 0, 13),
	};
	pg_chars(rows, 0, 5, out->caller_country, sizeof(out->caller_country));
	pg_chars(rows, 0, 6, out->caller_party, sizeof(out->caller_party));
	pg_chars(rows, 0, 7, out->target_country, sizeof(out->target_country));
	pg_chars(rows, 0, 8, out->target_party, sizeof(out->target_party));
	op_result(op, RH_OK, "");
}

static void
ask_meta(struct pg_read *read)
{
	READ_ADD(read, PGS_META_GET, P_KEY(read->op->u.meta.key));
}

static void
take_meta(struct pg_read *read)
{
	struct store_op *op = read->op;

	op->u.meta.value = pg_text(read->calls[0].result, 0, 0, op->arena);
	op_result(op, RH_OK, "");
}

const struct pg_read_verb pg_read_hint = { ask_hint, take_hint,
	.none = "no such hint, or it expired" };
const struct pg_read_verb pg_read_relink = { ask_relink, take_relink,
	.none = "no such URL was handed out, or it expired" };
const struct pg_read_verb pg_read_meta = { ask_meta, take_meta, .none = "no such key" };
