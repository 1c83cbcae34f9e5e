/* owed: parked rows and refusals put into a rig's store and listed, in a line each. */
#include "owed.h"

#include <check.h>

struct store_parked
owed_row(const char *receiver, const char *to, const char *key)
{
	return (struct store_parked){
		.receiver = str_of(receiver),
		.to = str_of(to),
		.key = share_key(key),
		.since_ms = 1000,
		.due_ms = 1000,
		.change = 3,
		.attempts = 3,
		.http = 500,
		.ocpi = 3000,
		.why = STR("out of order"),
	};
}

static void
write_rows(struct rig *rig, enum store_verb verb, const struct store_parked *rows, size_t count,
        bool taken)
{
	struct store_op op = { .verb = verb,
		.u.parked = { .rows = rows, .count = count, .taken = taken } };

	ck_assert_msg(rig_do(rig, &op) == RH_OK, "%s", op.why);
}

void
owed_park(struct rig *rig, const struct store_parked *rows, size_t count)
{
	write_rows(rig, STORE_PARK, rows, count, false);
}

void
owed_unpark(struct rig *rig, const struct store_parked *rows, size_t count, bool taken)
{
	write_rows(rig, STORE_UNPARK, rows, count, taken);
}

static const char *
list_parked(struct rig *rig, struct store_parked_args *args, bool due)
{
	struct store_op op = { .verb = STORE_PARKED, .u.parked = *args };
	struct buf buf = { .arena = rig->arena };

	ck_assert_msg(rig_do(rig, &op) == RH_OK, "%s", op.why);
	*args = op.u.parked;
	buf_add(&buf, STR(""));
	for (size_t i = 0; i < args->count; i++) {
		const struct store_parked *p = &args->rows[i];

		buf_printf(&buf, "%s%.*s/%.*s/%.*s", i == 0 ? "" : " ", STR_ARG(p->receiver),
		        STR_ARG(p->to), STR_ARG(p->key.id));
		if (due)
			buf_printf(&buf, "=%lld", (long long)p->due_ms);
	}
	return buf.p == NULL ? "" : buf.p;
}

const char *
owed_due(struct rig *rig, struct store_parked_args *args)
{
	return list_parked(rig, args, false);
}

const char *
owed_all(struct rig *rig, const char *receiver)
{
	struct store_parked_args args = {
		.receiver = str_of(receiver), .now_ms = INT64_MAX, .limit = 1000
	};

	return list_parked(rig, &args, true);
}

void
owed_refuse(struct rig *rig, const char *receiver, const char *to, const char *key, int64_t change,
        int64_t at_ms)
{
	struct store_failure failure = {
		.receiver = str_of(receiver),
		.to = str_of(to),
		.key = share_key(key),
		.change = change,
		.at_ms = at_ms,
		.http = 400,
		.ocpi = 2001,
		.why = STR("no such connector"),
	};
	struct store_op op = { .verb = STORE_FAILURE_PUT,
		.u.failures = { .failures = &failure, .count = 1 } };

	ck_assert_msg(rig_do(rig, &op) == RH_OK, "%s", op.why);
}

const char *
owed_refused(struct rig *rig, struct store_failures_args *args)
{
	struct store_op op = { .verb = STORE_FAILURES, .u.failures = *args };
	struct buf buf = { .arena = rig->arena };

	ck_assert_msg(rig_do(rig, &op) == RH_OK, "%s", op.why);
	buf_add(&buf, STR(""));
	for (size_t i = 0; i < op.u.failures.count; i++) {
		const struct store_failure *f = &op.u.failures.failures[i];

		buf_printf(&buf, "%s%.*s/%.*s/%.*s@%lld", i == 0 ? "" : " ", STR_ARG(f->receiver),
		        STR_ARG(f->to), STR_ARG(f->key.id), (long long)f->change);
	}
	return buf.p == NULL ? "" : buf.p;
}

const char *
owed_refusals(struct rig *rig, const char *receiver)
{
	struct store_failures_args args = { .receiver = str_of(receiver), .limit = 1000 };

	return owed_refused(rig, &args);
}
