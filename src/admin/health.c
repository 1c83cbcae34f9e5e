/* health: alive, ready, and the ladder of `roamhubctl check`: good, warning, critical, each with
 * its reason. */
#include <stdio.h>
#include <string.h>

#include "inside.h"

enum rung { GOOD, WARNING, CRITICAL };
enum { SLOW_COMMIT_US = 1000000, DETAIL = 400 };

void
health_alive(struct inquiry *inquiry)
{
	buf_add(&inquiry->text, STR("ok\n"));
	inquiry_answer(inquiry, 200, "text/plain; charset=utf-8");
}

/* ---- ready ---- */

static void
add_check(json_t *list, const char *check, bool ok, int64_t since_ms, const char *detail)
{
	json_t *object = tree_object();

	tree_set_text(object, "check", check);
	tree_set_bool(object, "ok", ok);
	tree_set_time(object, "since", since_ms);
	tree_set_text(object, "detail", detail);
	tree_add(list, object);
}

static void
answer_ready(struct inquiry *inquiry)
{
	const struct admin *admin = inquiry->admin;
	const struct pulse *pulse = &admin->pulse;
	json_t *list = tree_list();

	add_check(list, "store", pulse->ok, pulse->since_ms, pulse->why);
	add_check(list, "accepting", !admin->stopping,
	        admin->stopping ? admin->stopping_since_ms : admin->started_ms,
	        admin->stopping ? "draining: the hub is stopping" : "takes requests");
	inquiry_json(inquiry, pulse->ok && !admin->stopping ? 200 : 503, list);
}

void
health_ready(struct inquiry *inquiry)
{
	pulse_ask(inquiry, answer_ready);
}

/* ---- check ---- */

struct ladder {
	json_t *list;
	enum rung worst;
};
static const char *const rung_names[] = { "ok", "warning", "critical" };

static void
add_rung(struct ladder *ladder, const char *check, enum rung rung, const char *detail)
{
	json_t *object = tree_object();

	if (rung > ladder->worst)
		ladder->worst = rung;
	tree_set_text(object, "check", check);
	tree_set_number(object, "level", rung);
	tree_set_text(object, "status", rung_names[rung]);
	tree_set_text(object, "detail", detail);
	tree_add(ladder->list, object);
}

static void
check_store(const struct admin *admin, struct ladder *ladder)
{
	const struct pulse *pulse = &admin->pulse;

	add_rung(ladder, "store",
	        !pulse->ok                        ? CRITICAL
	        : pulse->took_us > SLOW_COMMIT_US ? WARNING
	                                          : GOOD,
	        pulse->why);
}

static void
check_accepting(const struct admin *admin, struct ladder *ladder)
{
	add_rung(ladder, "accepting", admin->stopping ? WARNING : GOOD,
	        admin->stopping ? "draining: the hub is stopping" : "takes requests");
}

static void
check_platforms(const struct admin *admin, struct ladder *ladder)
{
	const struct platform *platforms;
	size_t count = directory_platforms(hub_directory(admin->hub), &platforms), connected = 0,
	       offline = 0;
	char names[DETAIL] = "", detail[DETAIL + 64];

	for (size_t i = 0; i < count; i++) {
		size_t used = strlen(names);

		connected +=
		        !platforms[i].removed && platform_state(&platforms[i]) == STATE_CONNECTED;
		if (platforms[i].removed || platform_state(&platforms[i]) != STATE_OFFLINE)
			continue;
		(void)snprintf(names + used, sizeof names - used, "%s%.*s (%lld)",
		        offline++ > 0 ? ", " : "", STR_ARG(platforms[i].name),
		        (long long)platforms[i].id);
	}
	if (offline > 0)
		(void)snprintf(detail, sizeof detail, "OFFLINE: %s", names);
	else
		(void)snprintf(detail, sizeof detail, "%zu connected, none OFFLINE", connected);
	add_rung(ladder, "platforms", offline > 0 ? WARNING : GOOD, detail);
}

static long long
seconds_since(int64_t mono_ms)
{
	return (long long)(rh_mono_ms() - mono_ms) / 1000;
}

static void
check_flights(const struct admin *admin, struct ladder *ladder)
{
	const struct lapse *no_room = &admin->lapses.no_room;
	int64_t limit = hub_settings(admin->hub)->flights;
	bool refused = lapse_lately(no_room, rh_mono_ms());
	struct hub_counts counts;
	char detail[DETAIL];
	int used;

	hub_count(admin->hub, &counts);
	used = snprintf(detail, sizeof detail, "%zu of at most %lld messages under way",
	        counts.flights, (long long)limit);
	if (refused)
		(void)snprintf(detail + used, sizeof detail - (size_t)used,
		        "; %llu refused for want of room, the last one %lld s ago",
		        (unsigned long long)no_room->count, seconds_since(no_room->last_ms));
	add_rung(ladder, "messages",
	        refused || (int64_t)counts.flights * 10 >= limit * 8 ? WARNING : GOOD, detail);
}

/* S14: what a row of the pulse's size can do says little of what a share needs. */
static void
check_operations(const struct admin *admin, struct ladder *ladder)
{
	const struct lapse *failed = &admin->lapses.operations, *unstored = &admin->lapses.unstored;
	int64_t last_ms = failed->last_ms > unstored->last_ms ? failed->last_ms : unstored->last_ms;
	char detail[DETAIL];

	if (!lapse_lately(failed, rh_mono_ms()) && !lapse_lately(unstored, rh_mono_ms())) {
		add_rung(ladder, "operations", GOOD, "none failed in the last 5 minutes");
		return;
	}
	(void)snprintf(detail, sizeof detail,
	        "%llu of the store failed and %llu requests were refused for it, the last %lld s "
	        "ago: the log has the reason",
	        (unsigned long long)failed->count, (unsigned long long)unstored->count,
	        seconds_since(last_ms));
	add_rung(ladder, "operations", WARNING, detail);
}

static void
check_objects(const struct admin *admin, struct ladder *ladder)
{
	struct store_stats stats;
	char detail[DETAIL];

	store_stats(hub_store(admin->hub), &stats);
	(void)snprintf(detail, sizeof detail,
	        stats.damaged == 0
	                ? "none was met damaged"
	                : "%llu times one was damaged and not served: the log names it, its owner "
	                  "has to send it again",
	        (unsigned long long)stats.damaged);
	add_rung(ladder, "objects", stats.damaged == 0 ? GOOD : WARNING, detail);
}

static void
check_configuration(const struct admin *admin, struct ladder *ladder)
{
	add_rung(ladder, "configuration", admin->reload_refused ? WARNING : GOOD,
	        admin->reload_refused
	                ? "the last reload was refused, the hub runs on with what it had"
	        : admin->reloaded_ms != 0 ? "the last reload was taken over"
	                                  : "as at the start");
}

static void
answer_check(struct inquiry *inquiry)
{
	struct ladder ladder = { .list = tree_list() };
	json_t *object = tree_object();

	lapses_look(inquiry->admin);
	check_store(inquiry->admin, &ladder);
	check_operations(inquiry->admin, &ladder);
	check_objects(inquiry->admin, &ladder);
	check_accepting(inquiry->admin, &ladder);
	check_platforms(inquiry->admin, &ladder);
	check_flights(inquiry->admin, &ladder);
	check_configuration(inquiry->admin, &ladder);
	tree_set(object, "checks", ladder.list);
	tree_set_number(object, "level", ladder.worst);
	tree_set_text(object, "status", rung_names[ladder.worst]);
	inquiry_json(inquiry, 200, object);
}

void
health_check(struct inquiry *inquiry)
{
	pulse_ask(inquiry, answer_check);
}
