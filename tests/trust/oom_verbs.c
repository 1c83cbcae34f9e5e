/* oom_verbs: see oom_verbs.h. */
#include "oom_verbs.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PATIENCE_MS = 20000 };

struct page *told;
static struct hand *hand_of_op; /* one operation at a time */

static void
mark_done(struct store_op *op)
{
	(void)op;
	hand_of_op->done = true;
}

enum rh_err
verb_run(struct hand *hand, struct store_op *op)
{
	struct pollfd fd = { .fd = mailbox_fd(hand->box), .events = POLLIN };
	int64_t until_ms = rh_mono_ms() + PATIENCE_MS;

	hand_of_op = hand;
	hand->done = false;
	op->done = mark_done;
	op->arena = hand->arena;
	store_submit(hand->session, op);
	while (!hand->done && rh_mono_ms() < until_ms) {
		poll(&fd, 1, 100);
		mailbox_deliver(hand->box);
	}
	if (!hand->done) {
		snprintf(told->why, sizeof told->why, "verb %d was never answered", op->verb);
		_exit(3);
	}
	if (op->err != RH_OK && op->err != RH_NOT_FOUND)
		told->refused++;
	return op->err;
}

bool
hand_open(struct hand *hand, const char *path)
{
	char url[4096];
	struct store_conf conf = {
		.url = url, .max_waiting = 100, .trace_max_bytes = 1 << 20, .trace_max_rate = 1000
	};
	struct fault fault = { 0 };

	snprintf(url, sizeof url, "sqlite:%s", path);
	*hand = (struct hand){ .arena = arena_new(4096), .box = mailbox_new() };
	hand->store = store_open(&conf, &fault);
	if (hand->store != NULL)
		hand->session = store_session_open(hand->store, hand->box, &fault);
	return hand->session != NULL;
}

void
hand_close(struct hand *hand)
{
	if (hand->session != NULL)
		store_session_close(hand->session);
	if (hand->store != NULL)
		store_close(hand->store);
	mailbox_free(hand->box);
	arena_free(hand->arena);
}

/* ---- what is written and found again ---- */

const struct store_key verb_shared = { .scope = { "*", 1 },
	.module = { "locations", 9 },
	.owner = { "DE*CPO", 6 },
	.id = { "L1", 2 },
	.type = { "", 0 } };
const struct store_key verb_addressed = { .scope = { "NL*MSP@2", 8 },
	.module = { "sessions", 8 },
	.owner = { "DE*CPO", 6 },
	.id = { "S1", 2 },
	.type = { "", 0 } };
const struct store_key verb_held = { .scope = { "*", 1 },
	.module = { "tokens", 6 },
	.owner = { "NL*MSP", 6 },
	.id = { "T1", 2 },
	.type = { "RFID", 4 } };

static enum rh_err
make(void *ctx, struct str old, struct arena *arena, struct str *fresh, int64_t *last_updated_ns,
        struct fault *fault)
{
	char *text = arena_take(arena, *(size_t *)ctx + 2);

	(void)old, (void)fault;
	memset(text, ' ', *(size_t *)ctx + 2);
	text[0] = '{', text[*(size_t *)ctx + 1] = '}';
	*fresh = (struct str){ text, *(size_t *)ctx + 2 };
	*last_updated_ns = 1;
	return RH_OK;
}

enum rh_err
verb_share(struct hand *hand, const struct store_key *key, size_t bytes)
{
	struct store_op op = { .verb = STORE_SHARE,
		.u.share = { .key = *key,
		        .make = make,
		        .ctx = &bytes,
		        .method = STR("PUT"),
		        .suffix = STR("DE/CPO/L1"),
		        .correlation_id = STR("c-1"),
		        .sender_platform = 1,
		        .at_ms = 1 } };

	return verb_run(hand, &op);
}

enum rh_err
verb_relink(struct hand *hand)
{
	struct store_relink row = { .id = STR("R1"),
		.kind = RELINK_LINK,
		.target = STR("https://party.example/next"),
		.caller_platform = 1,
		.target_platform = 2,
		.caller_country = "DE",
		.caller_party = "CPO",
		.target_country = "NL",
		.target_party = "MSP",
		.module = STR("locations"),
		.created_ms = 1,
		.expires_ms = INT64_MAX };
	struct store_op op = { .verb = STORE_RELINK_PUT, .u.relink_put.relink = &row };

	return verb_run(hand, &op);
}

void
verbs_platforms(struct hand *hand)
{
	struct store_party party = { "DE", "CPO", 0, STATE_CONNECTED, 1, STR("{\"name\":\"C\"}") };
	struct store_endpoint endpoint = { STR("locations"), 0, STR("https://c.example/l") };
	struct store_token token = { TOKEN_CURRENT, { 1 }, 0 };
	struct store_platform platform = { .name = STR("C"),
		.state = STATE_CONNECTED,
		.parties = &party,
		.party_count = 1,
		.endpoints = &endpoint,
		.endpoint_count = 1,
		.tokens = &token,
		.token_count = 1 };
	struct store_agreement agreement = {
		.cpo_country = "DE", .cpo_party = "CPO", .emsp_country = "NL", .emsp_party = "MSP"
	};
	struct store_op save = { .verb = STORE_PLATFORM_SAVE, .u.save.platform = &platform };
	struct store_op touch = { .verb = STORE_PLATFORM_TOUCH, .u.touch = { 1, 2 } };
	struct store_op agree = { .verb = STORE_AGREEMENT_SAVE,
		.u.agreements = { .agreements = &agreement, .count = 1 } };
	struct store_op drop = { .verb = STORE_AGREEMENT_DROP, .u.agreements.id = 1 };

	(void)verb_run(hand, &save);
	(void)verb_run(hand, &touch);
	(void)verb_run(hand, &agree);
	(void)verb_run(hand, &drop);
}

void
verbs_owed(struct hand *hand)
{
	static const struct str receiver = { "platform/2", 10 }, to = { "NL*MSP", 6 };
	struct store_parked row = { .receiver = receiver,
		.to = to,
		.key = verb_shared,
		.since_ms = 1,
		.due_ms = 1,
		.change = 1,
		.why = STR("no") };
	struct store_failure failure = { .receiver = receiver,
		.to = to,
		.key = verb_shared,
		.change = 1,
		.at_ms = 1,
		.http = 400,
		.why = STR("no") };
	struct store_cursor cursor = { receiver, 1, STR("3,4") };
	struct store_pulled missed = { .key = verb_shared, .missed = 1 };
	struct store_op ops[] = {
		{ .verb = STORE_CURSORS_SAVE, .u.cursors = { &cursor, 1 } },
		{ .verb = STORE_PARK, .u.parked = { .rows = &row, .count = 1 } },
		{ .verb = STORE_FAILURE_PUT, .u.failures = { .failures = &failure, .count = 1 } },
		{ .verb = STORE_REDRIVE, .u.redrive = { .receiver = receiver, .now_ms = 9 } },
		{ .verb = STORE_UNPARK, .u.parked = { .rows = &row, .count = 1, .taken = true } },
		{ .verb = STORE_FAILURE_DROP, .u.failures = { .receiver = receiver } },
		{ .verb = STORE_RECEIVER_DROP, .u.receiver = { .receiver = receiver } },
		{ .verb = STORE_SCOPE_MOVE,
		        .u.scope = { .from = STR("NL*OLD@3"), .to = STR("NL*OLD@4") } },
		{ .verb = STORE_OWNED_DROP,
		        .u.owned = { .scope = STR("*"), .owner = STR("NL*OLD") } },
		{ .verb = STORE_PULLED_MISSED,
		        .u.pulled = { .platform = 1, .rows = &missed, .count = 1 } },
		{ .verb = STORE_HINT_PUT,
		        .u.hint.hint = { STR("profile"), STR("NL*MSP/1"), "DE", "CPO", 99 } },
		{ .verb = STORE_META_PUT, .u.meta = { STR("oom"), STR("value") } },
		{ .verb = STORE_EXPIRE, .u.expire = { .now_ms = 5 } },
		{ .verb = STORE_PROBE },
	};

	for (size_t i = 0; i < COUNT(ops); i++)
		(void)verb_run(hand, &ops[i]);
}

void
verbs_read(struct hand *hand)
{
	static const struct str receiver = { "platform/2", 10 };
	struct store_op ops[] = {
		{ .verb = STORE_PLATFORMS_LOAD },
		{ .verb = STORE_AGREEMENTS_LOAD },
		{ .verb = STORE_CURSORS_LOAD },
		{ .verb = STORE_OBJECT_PAGE,
		        .u.page = { .module = STR("locations"),
		                .viewer = STR("NL*MSP@2"),
		                .limit = 50 } },
		{ .verb = STORE_OBJECT_FIND,
		        .u.find = { .module = STR("tokens"), .id = STR("T1"), .limit = 9 } },
		{ .verb = STORE_FEED, .u.feed = { .limit = 100 } },
		{ .verb = STORE_FAILURES, .u.failures = { .receiver = receiver, .limit = 9 } },
		{ .verb = STORE_PARKED,
		        .u.parked = { .receiver = receiver, .now_ms = INT64_MAX, .limit = 9 } },
		{ .verb = STORE_PULLED,
		        .u.pulled = { .platform = 1, .module = STR("locations"), .limit = 9 } },
		{ .verb = STORE_HINT_GET,
		        .u.hint.hint = { .kind = STR("profile"), .key = STR("NL*MSP/1") } },
		{ .verb = STORE_META_GET, .u.meta.key = STR("oom") },
		{ .verb = STORE_TRACE_FIND, .u.trace = { .limit = 10 } },
	};

	for (size_t i = 0; i < COUNT(ops); i++)
		(void)verb_run(hand, &ops[i]);
}

void
verb_trace(struct hand *hand)
{
	const struct store_trace row = {
		.at_ms = 1, .correlation_id = STR("c-1"), .doc = STR("{}")
	};
	const struct store_trace_claim claim = { .rows = 1 };
	struct store_trace *copy;

	if (!store_trace_wanted(hand->store, &claim))
		return;
	copy = store_trace_new(&row);
	store_trace_put(hand->store, &copy);
}

static void
backup(struct hand *hand, const char *path)
{
	char copy[4096];
	struct store_op op = { .verb = STORE_BACKUP, .u.backup.path = copy };

	snprintf(copy, sizeof copy, "%s-copy", path);
	(void)unlink(copy);
	(void)verb_run(hand, &op);
}

void
verbs_do_all(struct hand *hand, const char *path)
{
	told->acknowledged[0] = verb_share(hand, &verb_shared, LARGE_BODY) == RH_OK;
	told->acknowledged[1] = verb_share(hand, &verb_addressed, 100) == RH_OK;
	told->acknowledged[2] = verb_relink(hand) == RH_OK;
	verbs_platforms(hand);
	verbs_owed(hand);
	verb_trace(hand);
	verbs_read(hand);
	backup(hand, path);
}
