/* share: objects put into a rig's store and taken out of it, in a line each. */
#include "share.h"

#include <check.h>
#include <stdio.h>

enum rh_err
share_make(void *ctx, struct str old, struct arena *arena, struct str *fresh,
        int64_t *last_updated_ns, struct fault *fault)
{
	struct share *share = ctx;

	share->calls++;
	snprintf(share->old, sizeof(share->old), "%.*s", STR_ARG(old.p == NULL ? STR("-") : old));
	if (share->err != RH_OK)
		return fault_set(fault, share->err, "/evse_uid", "refused by the test");
	*fresh = arena_str(arena, str_of(share->body));
	*last_updated_ns = share->last_updated_ns;
	return RH_OK;
}

struct store_key
share_key(const char *text)
{
	struct str rest = str_of(text);
	struct store_key key = { .scope = str_cut(&rest, ' ') };

	key.module = str_cut(&rest, ' ');
	key.owner = str_cut(&rest, ' ');
	key.id = str_cut(&rest, ' ');
	key.type = rest;
	return key;
}

struct store_op
share_op(const char *key, struct share *share)
{
	return (struct store_op){
		.verb = STORE_SHARE,
		.u.share = {
			.key = share_key(key),
			.make = share_make,
			.ctx = share,
			.method = share->body == NULL ? STR("DELETE") : STR("PUT"),
			.correlation_id = STR("corr"),
			.sender_platform = 7,
			.at_ms = 1000,
		},
	};
}

int64_t
share_put(struct rig *rig, const char *key, const char *body, int64_t ns)
{
	struct share share = { .body = body, .last_updated_ns = ns };
	struct store_op op = share_op(key, &share);

	ck_assert_msg(rig_do(rig, &op) == RH_OK, "%s: %s", key, op.why);
	ck_assert_uint_eq(share.calls, 1);
	return op.u.share.change;
}

enum rh_err
share_try(struct rig *rig, const char *key, const char *body)
{
	struct share share = { .body = body };
	struct store_op op = share_op(key, &share);

	return rig_do(rig, &op);
}

void
share_damaged(struct rig *rig, const char *key)
{
	rh_log_setup((enum rh_level) - 1, LOG_TEXT);
	ck_assert_int_eq(share_get(rig, key, NULL), RH_STORE_FAILED);
	rh_log_setup(LOG_ERROR, LOG_TEXT);
}

enum rh_err
share_get(struct rig *rig, const char *key, struct store_object *out)
{
	struct store_op op = { .verb = STORE_OBJECT_GET, .u.get.key = share_key(key) };
	enum rh_err err = rig_do(rig, &op);

	if (out != NULL)
		*out = op.u.get.object;
	return err;
}

static const char *
join(struct rig *rig, const struct store_object *objects, size_t count, bool bodies)
{
	struct buf buf = { .arena = rig->arena };

	buf_reserve(&buf, 1);
	buf.p[0] = '\0';
	for (size_t i = 0; i < count; i++) {
		const struct store_object *o = &objects[i];

		buf_printf(&buf, "%s%.*s", i == 0 ? "" : " ", STR_ARG(o->key.id));
		if (bodies)
			buf_printf(&buf, ":%.*s", STR_ARG(o->body.p == NULL ? STR("-") : o->body));
	}
	return buf.p;
}

const char *
share_page(struct rig *rig, struct store_page_args *args)
{
	struct store_op op = { .verb = STORE_OBJECT_PAGE, .u.page = *args };

	ck_assert_msg(rig_do(rig, &op) == RH_OK, "%s", op.why);
	*args = op.u.page;
	return join(rig, args->objects, args->count, false);
}

const char *
share_read_feed(struct rig *rig, struct store_feed_args *args)
{
	struct store_op op = { .verb = STORE_FEED, .u.feed = *args };

	ck_assert_msg(rig_do(rig, &op) == RH_OK, "%s", op.why);
	*args = op.u.feed;
	return join(rig, args->objects, args->count, true);
}

const char *
share_feed(struct rig *rig, int64_t after, size_t limit, int64_t *head)
{
	struct store_feed_args args = { .after = after, .limit = limit };
	const char *feed = share_read_feed(rig, &args);

	if (head != NULL)
		*head = args.head;
	return feed;
}
