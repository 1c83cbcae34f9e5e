/* status_doc: the facts about a platform as a JSON object, and back. */
#include "roamhub/tree.h" /* before what includes ocpi.h */

#include "status_doc.h"

#include <stddef.h>
#include <stdio.h>

enum { HEARD_MS = 60 * 1000 }; /* so much more is said of when it was heard */

enum kind {
	INT,
	LONG,
	FLAG,
	TEXT,
	BOOT,        /* int64_t, rh_boot_ms() */
	ATOMIC_INT,  /* _Atomic unsigned */
	ATOMIC_LONG, /* _Atomic int64_t */
	ATOMIC_MONO, /* the same, rh_mono_ms() */
};
struct fact {
	const char *name;
	enum kind kind;
	size_t from, to; /* in struct live: what is told, and where it is kept by the others */
	size_t size;     /* of a text */
};
#define AT(member)         offsetof(struct live, member)
#define FACT(kind, member) kind, AT(member), AT(member), sizeof(((struct live *)0)->member)

/* Numbers of 64 bits are told as they stand, signed or not: none comes near the sign. */
static const struct fact facts[] = {
	{ "since", FACT(LONG, presence.since_ms) },
	{ "failure", FACT(TEXT, presence.last_failure) },
	{ "failed", FACT(LONG, presence.last_failure_ms) },
	{ "probes", FACT(INT, presence.probes) },
	{ "probed", FACT(BOOT, presence.probed_ms) },
	{ "probing", FLAG, AT(presence.probing), AT(status.probing), 0 },
	{ "announced", FACT(INT, presence.announced) },
	{ "announced_at", FACT(BOOT, presence.announced_ms) },
	{ "hold", FACT(LONG, presence.hold_ms) },
	{ "status_at", FACT(ATOMIC_LONG, status_ms) },
	{ "failures", FACT(ATOMIC_INT, failures) },
	{ "misses", FACT(ATOMIC_INT, misses) },
	{ "push_cursor", FACT(ATOMIC_LONG, push.cursor) },
	{ "push_oldest", FACT(ATOMIC_LONG, push.oldest_ms) },
	{ "push_owed", FACT(ATOMIC_INT, push.owed) },
	{ "push_window", FACT(ATOMIC_INT, push.window) },
	{ "push_failures", FACT(ATOMIC_INT, push.failures) },
	{ "push_wait", FACT(ATOMIC_MONO, push.wait_until_ms) },
	{ "push_syncing", FACT(ATOMIC_INT, push.syncing) },
	{ "rotation", FLAG, AT(rotation.under_way), AT(rotation.elsewhere), 0 },
	{ "rotation_failures", FACT(INT, rotation.failures) },
	{ "rotation_retry", FACT(BOOT, rotation.retry_ms) },
	{ "rotation_failure", FACT(TEXT, rotation.last_failure) },
	{ "rotation_failed", FACT(LONG, rotation.last_failure_ms) },
	{ "pull_wanted", FACT(FLAG, pull.wanted) },
	{ "pull_accepted", FACT(FLAG, pull.accepted) },
	{ "pull_tried", FACT(BOOT, pull.tried_ms) },
	{ "pull_covered", FACT(LONG, pull.covered_ms) },
	{ "pull_walks", FACT(INT, pull.walks) },
	{ "pull_at", FACT(LONG, pull.report.at_ms) },
	{ "pull_complete", FACT(FLAG, pull.report.complete) },
	{ "pull_full", FACT(FLAG, pull.report.full) },
	{ "pull_seen", FACT(LONG, pull.report.seen) },
	{ "pull_shared", FACT(LONG, pull.report.shared) },
	{ "pull_unchanged", FACT(LONG, pull.report.unchanged) },
	{ "pull_invalid", FACT(LONG, pull.report.invalid) },
	{ "pull_foreign", FACT(LONG, pull.report.foreign) },
	{ "pull_withdrawn", FACT(LONG, pull.report.withdrawn) },
	{ "pull_faults", FACT(LONG, pull.report.faults) },
	{ "pull_pages", FACT(LONG, pull.report.pages) },
	{ "pull_bytes", FACT(LONG, pull.report.bytes) },
	{ "pull_why", FACT(TEXT, pull.report.why) },
	{ "pull_held", FACT(TEXT, pull.report.held) },
	{ "pull_first_invalid", FACT(TEXT, pull.report.first_invalid) },
	{ "pull_first_foreign", FACT(TEXT, pull.report.first_foreign) },
};

/* ---- to tell ---- */

static int64_t
number_of(const struct fact *fact, const void *at, const struct status_clock *clock)
{
	int64_t value = 0, offset_ms = 0;

	switch (fact->kind) {
	case INT:
		return *(const int *)at;
	case FLAG:
		return *(const bool *)at;
	case ATOMIC_INT:
		return atomic_load((const _Atomic unsigned *)at);
	case BOOT:
		offset_ms = clock->boot_ms;
		value = *(const int64_t *)at;
		break;
	case ATOMIC_MONO:
		offset_ms = clock->mono_ms;
		value = atomic_load((const _Atomic int64_t *)at);
		break;
	case ATOMIC_LONG:
		value = atomic_load((const _Atomic int64_t *)at);
		break;
	default:
		value = *(const int64_t *)at;
	}
	return value != 0 ? value + offset_ms : 0;
}

static void
put_fact(const struct fact *fact, const struct live *live, const struct status_clock *clock,
        struct buf *doc)
{
	const void *at = (const char *)live + fact->from;
	int64_t number;

	if (fact->kind == TEXT) {
		if (*(const char *)at != '\0')
			json_put_text(doc, fact->name, str_of(at));
		return;
	}
	number = number_of(fact, at, clock);
	if (number != 0)
		json_put_number(doc, fact->name, number);
}

bool
status_doc_has_sandbox(const struct live *live)
{
	const struct live_sandbox *sandboxes = live->status.sandboxes;

	for (size_t i = 0; sandboxes != NULL && i < LIVE_SANDBOXES; i++)
		if (sandboxes[i].platform != 0)
			return true;
	return false;
}

static void
put_sandboxes(const struct live *live, struct buf *doc)
{
	const struct live_sandbox *sandboxes = live->status.sandboxes;

	json_put_list(doc, "sandboxes");
	for (size_t i = 0; i < LIVE_SANDBOXES; i++) {
		json_put_object(doc, NULL);
		json_put_number(doc, "platform", sandboxes[i].platform);
		json_put_number(doc, "role", sandboxes[i].role);
		json_put_number(doc, "pid", sandboxes[i].pid);
		json_put_number(doc, "port", sandboxes[i].port);
		json_put_number(doc, "deaths", sandboxes[i].deaths);
		json_put_text(doc, "place", str_of(sandboxes[i].place));
		json_put_text(doc, "state", str_of(sandboxes[i].state));
		json_put_text(doc, "why", str_of(sandboxes[i].why));
		json_end_object(doc);
	}
	json_end_list(doc);
}

void
status_doc_put(const struct live *live, const struct status_clock *clock, struct buf *doc)
{
	int64_t heard_ms = atomic_load(&live->heard_ms);

	json_put_object(doc, NULL);
	for (size_t i = 0; i < COUNT(facts); i++)
		put_fact(&facts[i], live, clock, doc);
	if (heard_ms != 0)
		json_put_number(doc, "heard", (heard_ms + clock->boot_ms) / HEARD_MS * HEARD_MS);
	if (atomic_load(&live->plain_token))
		json_put_number(doc, "raw", 1);
	if (status_doc_has_sandbox(live))
		put_sandboxes(live, doc);
	json_end_object(doc);
}

/* ---- to be told ---- */

static int64_t
get_number(const json_t *tree, const char *name)
{
	const json_t *value = json_object_get(tree, name);

	return json_is_integer(value) ? json_integer_value(value) : 0;
}

static void
set_number(const struct fact *fact, void *at, int64_t value, const struct status_clock *clock)
{
	switch (fact->kind) {
	case INT:
		*(int *)at = (int)value;
		break;
	case FLAG:
		*(bool *)at = value != 0;
		break;
	case ATOMIC_INT:
		atomic_store((_Atomic unsigned *)at, (unsigned)value);
		break;
	case BOOT:
		*(int64_t *)at = value != 0 ? value - clock->boot_ms : 0;
		break;
	case ATOMIC_MONO:
		atomic_store((_Atomic int64_t *)at, value != 0 ? value - clock->mono_ms : 0);
		break;
	case ATOMIC_LONG:
		atomic_store((_Atomic int64_t *)at, value);
		break;
	default:
		*(int64_t *)at = value;
	}
}

static void
take_text(char *to, size_t size, const json_t *tree, const char *name)
{
	struct str text = tree_get_str(tree, name);

	(void)snprintf(to, size, "%.*s", STR_ARG(text));
}

static void
take_fact(const struct fact *fact, struct live *live, const json_t *tree,
        const struct status_clock *clock)
{
	char *at = (char *)live + fact->to;

	if (fact->kind == TEXT)
		take_text(at, fact->size, tree, fact->name);
	else
		set_number(fact, at, get_number(tree, fact->name), clock);
}

/* This process may have heard of it later, and how its tokens look it may know better: only what is
 * new is taken over. */
static void
take_own(struct live *live, const json_t *tree, const struct status_clock *clock)
{
	int64_t wall_ms = get_number(tree, "heard"), heard_ms = wall_ms - clock->boot_ms;
	bool raw = get_number(tree, "raw") != 0;

	if (wall_ms != 0) {
		live->status.heard_ms = heard_ms;
		if (heard_ms > atomic_load(&live->heard_ms))
			atomic_store(&live->heard_ms, heard_ms);
	}
	if (raw != live->status.raw)
		atomic_store(&live->plain_token, raw);
	live->status.raw = raw;
}

static void
take_sandbox(const json_t *tree, struct live_sandbox *sandbox)
{
	sandbox->platform = get_number(tree, "platform");
	sandbox->role = (int)get_number(tree, "role");
	sandbox->pid = (int)get_number(tree, "pid");
	sandbox->port = (uint16_t)get_number(tree, "port");
	sandbox->deaths = (unsigned)get_number(tree, "deaths");
	take_text(sandbox->place, sizeof sandbox->place, tree, "place");
	take_text(sandbox->state, sizeof sandbox->state, tree, "state");
	take_text(sandbox->why, sizeof sandbox->why, tree, "why");
}

static void
take_sandboxes(struct live *live, const json_t *list)
{
	struct live_status *status = &live->status;

	if (status->sandboxes == NULL && json_array_size(list) == 0)
		return;
	if (status->sandboxes == NULL)
		status->sandboxes = rh_alloc(LIVE_SANDBOXES * sizeof *status->sandboxes);
	for (size_t i = 0; i < LIVE_SANDBOXES; i++)
		take_sandbox(json_array_get(list, i), &status->sandboxes[i]);
}

void
status_doc_take(struct live *live, struct str doc, const struct status_clock *clock)
{
	CLEANUP(tree_drop) json_t *tree = tree_read(doc, NULL);

	if (!json_is_object(tree))
		return;
	for (size_t i = 0; i < COUNT(facts); i++)
		take_fact(&facts[i], live, tree, clock);
	take_own(live, tree, clock);
	take_sandboxes(live, json_object_get(tree, "sandboxes"));
}
