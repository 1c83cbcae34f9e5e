/* check: the ladder of `roamhubctl check`: good, warning, critical, each with its reason. */
#include <stdio.h>
#include <string.h>

#include "inside.h"

enum { SLOW_COMMIT_US = 1000000, DETAIL = 400, PARKED_LONG_MS = 3600000 };

static void
check_store(const struct admin *admin, struct ladder *ladder)
{
	const struct pulse *pulse = &admin->pulse;

	ladder_add(ladder, "store",
	        !pulse->ok                        ? CRITICAL
	        : pulse->took_us > SLOW_COMMIT_US ? WARNING
	                                          : GOOD,
	        pulse->why);
}

/* Of a database that can be shared. */
static void
check_lease(const struct admin *admin, struct ladder *ladder)
{
	int64_t left_ms = hub_lease(admin->hub).left_ms;
	bool good = left_ms >= HUB_LEASE_LEAST_MS;

	if (left_ms != INT64_MAX)
		ladder_add(ladder, "lease", good ? GOOD : CRITICAL,
		        good ? "this hub leads, and renews its lease of the database"
		             : LEASE_DETAIL);
}

static void
check_accepting(const struct admin *admin, struct ladder *ladder)
{
	ladder_add(ladder, "accepting", admin->stopping ? WARNING : GOOD,
	        admin->stopping ? "draining: the hub is stopping" : "takes requests");
}

static void
check_listener(const struct inquiry *inquiry, struct ladder *ladder)
{
	const struct knocks *knocks = inquiry->work;
	bool good = knocks->made > 0 && knocks->taken == knocks->made;
	char detail[DETAIL];

	if (inquiry->admin->stopping)
		return;
	(void)snprintf(detail, sizeof detail,
	        good ? "%d of %d connections were taken"
	             : "%d of %d connections were taken: partners cannot connect, the log says why",
	        knocks->taken, knocks->made);
	ladder_add(ladder, "listener", good ? GOOD : CRITICAL, detail);
}

/* What there is no room for is left out. */
static void
add_name(char *names, size_t size, const struct platform *platform)
{
	size_t used = strlen(names);

	(void)snprintf(names + used, size - used, "%s%.*s (%lld)", used > 0 ? ", " : "",
	        STR_ARG(platform->name), (long long)platform->id);
}

static void
check_platforms(const struct admin *admin, struct ladder *ladder)
{
	const struct platform *platforms;
	size_t count = directory_platforms(hub_directory(admin->hub), &platforms), connected = 0,
	       offline = 0;
	char names[DETAIL] = "", detail[DETAIL + 96];

	for (size_t i = 0; i < count; i++) {
		connected +=
		        !platforms[i].removed && platform_state(&platforms[i]) == STATE_CONNECTED;
		if (platforms[i].removed || platform_state(&platforms[i]) != STATE_OFFLINE)
			continue;
		add_name(names, sizeof names, &platforms[i]);
		offline++;
	}
	if (offline > 0)
		(void)snprintf(detail, sizeof detail, "OFFLINE: %s", names);
	else
		(void)snprintf(detail, sizeof detail, "%zu connected, none OFFLINE", connected);
	ladder_add(ladder, "platforms", offline > 0 ? WARNING : GOOD, detail);
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
	ladder_add(ladder, "messages",
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
		ladder_add(ladder, "operations", GOOD, "none failed in the last 5 minutes");
		return;
	}
	(void)snprintf(detail, sizeof detail,
	        "%llu of the store failed and %llu requests were refused for it, the last %lld s "
	        "ago: the log has the reason",
	        (unsigned long long)failed->count, (unsigned long long)unstored->count,
	        seconds_since(last_ms));
	ladder_add(ladder, "operations", WARNING, detail);
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
	ladder_add(ladder, "objects", stats.damaged == 0 ? GOOD : WARNING, detail);
}

static void
check_configuration(const struct admin *admin, struct ladder *ladder)
{
	ladder_add(ladder, "configuration", admin->reload_refused ? WARNING : GOOD,
	        admin->reload_refused
	                ? "the last reload was refused, the hub runs on with what it had"
	        : admin->reloaded_ms != 0 ? "the last reload was taken over"
	                                  : "as at the start");
}

/* ---- what is owed beside the feed ---- */

struct parked_sum {
	uint64_t objects;
	size_t platforms;
	const struct backlog_row *oldest; /* NULL: none */
};

static struct parked_sum
sum_parked(const struct backlog *backlog)
{
	struct parked_sum sum = { 0 };

	for (size_t i = 0; i < backlog->count; i++) {
		const struct backlog_row *row = &backlog->rows[i];

		sum.objects += row->parked;
		sum.platforms += row->parked > 0;
		if (row->parked_oldest != NULL &&
		        (sum.oldest == NULL ||
		                row->parked_oldest->since_ms < sum.oldest->parked_oldest->since_ms))
			sum.oldest = row;
	}
	return sum;
}

static void
check_parked(const struct inquiry *inquiry, struct ladder *ladder)
{
	struct parked_sum sum = sum_parked(&inquiry->backlog);
	const struct store_parked *row;
	int64_t age_ms;
	char detail[DETAIL];

	if (sum.oldest == NULL) {
		ladder_add(ladder, "parked", GOOD, "no object waits beside the others");
		return;
	}
	row = sum.oldest->parked_oldest;
	age_ms = parked_age_ms(row);
	(void)snprintf(detail, sizeof detail,
	        "%llu object%s for %zu platform%s, the oldest for platform %lld since %lld min: "
	        "%.*s/%.*s/%.*s, %d attempts, %.*s",
	        (unsigned long long)sum.objects, sum.objects == 1 ? "" : "s", sum.platforms,
	        sum.platforms == 1 ? "" : "s", (long long)sum.oldest->platform,
	        (long long)age_ms / 60000, STR_ARG(row->key.module), STR_ARG(row->key.owner),
	        STR_ARG(row->key.id), row->attempts,
	        STR_ARG(row->why.len > 0 ? row->why : STR("not tried yet")));
	ladder_add(ladder, "parked", age_ms > PARKED_LONG_MS ? WARNING : GOOD, detail);
}

/* ---- what was not kept, and what waits for a word of the operator ---- */

static void
check_copies(const struct admin *admin, struct ladder *ladder)
{
	const struct lapse *unkept = &admin->lapses.unkept;
	bool lately = lapse_lately(unkept, rh_mono_ms());
	struct hub_counts counts;
	char detail[DETAIL] = "all that were due are kept";
	unsigned long long all;

	hub_count(admin->hub, &counts);
	all = counts.total[COUNT_UNKEPT];
	if (lately)
		(void)snprintf(detail, sizeof detail,
		        "%llu that were due could not be kept, the last %lld s ago: the receivers "
		        "have these objects, the hub has not",
		        (unsigned long long)unkept->count, seconds_since(unkept->last_ms));
	else if (all > 0)
		(void)snprintf(detail, sizeof detail,
		        "all that were due are kept, but for %llu since the start", all);
	ladder_add(ladder, "copies", lately ? WARNING : GOOD, detail);
}

static void
check_pulls(const struct admin *admin, struct ladder *ladder)
{
	const struct platform *platforms;
	size_t count = directory_platforms(hub_directory(admin->hub), &platforms);
	char names[DETAIL] = "", detail[DETAIL + 96];

	for (size_t i = 0; i < count; i++)
		if (pull_is_held(&platforms[i]))
			add_name(names, sizeof names, &platforms[i]);
	if (names[0] != '\0')
		(void)snprintf(detail, sizeof detail,
		        "much is missing, party show says what, party pull accept withdraws it: %s",
		        names);
	else
		(void)snprintf(detail, sizeof detail, "none waits for party pull accept");
	ladder_add(ladder, "pulls", names[0] != '\0' ? WARNING : GOOD, detail);
}

static bool
is_amiss(const struct hub *hub, const struct platform *platform)
{
	struct hub_rotation rotation;

	if (platform->removed || platform->token.p == NULL || platform->state == STATE_SUSPENDED)
		return false;
	hub_rotation(hub, platform, &rotation);
	return rotation.overdue || platform->live->rotation.failures > 0;
}

/* What is overdue was tried since a sixteenth of its time and more, or the platform is away. */
static void
check_tokens(const struct admin *admin, struct ladder *ladder)
{
	const struct platform *platforms;
	size_t count = directory_platforms(hub_directory(admin->hub), &platforms);
	char late[DETAIL / 2] = "", expired[DETAIL / 2] = "", detail[DETAIL + 128];

	for (size_t i = 0; i < count; i++) {
		if (is_amiss(admin->hub, &platforms[i]))
			add_name(late, sizeof late, &platforms[i]);
		if (!platforms[i].removed && platform_invite_expired(&platforms[i]))
			add_name(expired, sizeof expired, &platforms[i]);
	}
	(void)snprintf(detail, sizeof detail, "%s%s%s%s%s",
	        late[0] != '\0' ? "not exchanged, party show says why: " : "", late,
	        late[0] != '\0' && expired[0] != '\0' ? "; " : "",
	        expired[0] != '\0' ? "invites that expired, party invite --replace renews them: "
	                           : "",
	        expired);
	ladder_add(ladder, "tokens", detail[0] != '\0' ? WARNING : GOOD,
	        detail[0] != '\0' ? detail : "none is overdue");
}

static void
check_expiry(const struct admin *admin, struct ladder *ladder)
{
	struct hub_expiry expiry = hub_expiry(admin->hub);
	char detail[DETAIL];

	(void)snprintf(detail, sizeof detail,
	        expiry.held ? "nothing expires until expiry resume: %s" : "what is old goes",
	        expiry.why);
	ladder_add(ladder, "expiry", expiry.held ? WARNING : GOOD, detail);
}

static void
check_calls(const struct admin *admin, struct ladder *ladder)
{
	bool passive = hub_passive(admin->hub).is;

	ladder_add(ladder, "calls", passive ? WARNING : GOOD,
	        passive ? PASSIVE_DETAIL : "the hub calls whom it has to");
}

static void
ladder_fill(const struct inquiry *inquiry, struct ladder *ladder)
{
	const struct admin *admin = inquiry->admin;

	check_store(admin, ladder);
	check_operations(admin, ladder);
	check_objects(admin, ladder);
	check_accepting(admin, ladder);
	check_platforms(admin, ladder);
	check_flights(admin, ladder);
	check_parked(inquiry, ladder);
	check_copies(admin, ladder);
	check_pulls(admin, ladder);
	check_expiry(admin, ladder);
	check_configuration(admin, ladder);
	check_listener(inquiry, ladder);
	check_calls(admin, ladder);
	check_tokens(admin, ladder);
	check_lease(admin, ladder);
}

/* Both verbs look at the same. */
static void
answer_check(struct inquiry *inquiry)
{
	struct ladder ladder = { .list = tree_list() };

	lapses_look(inquiry->admin);
	ladder_fill(inquiry, &ladder);
	if (inquiry->verb->handle == health_doctor)
		doctor_fill(inquiry, &ladder);
	inquiry_json(inquiry, 200, ladder_tree(&ladder));
}

static void
ask_listener(struct inquiry *inquiry)
{
	knock_ask(inquiry, answer_check);
}

static void
ask_parked(struct inquiry *inquiry)
{
	backlog_rows(inquiry, 0);
	parked_ask(inquiry, ask_listener);
}

void
health_check(struct inquiry *inquiry)
{
	pulse_ask(inquiry, ask_parked);
}

static void
ask_parked_then(struct inquiry *inquiry)
{
	parked_ask(inquiry, ask_listener);
}

/* With the age of what is owed to those that are away, for whom nothing is queued. */
static void
ask_backlog(struct inquiry *inquiry)
{
	backlog_ask(inquiry, 0, ask_parked_then);
}

void
health_doctor(struct inquiry *inquiry)
{
	pulse_ask(inquiry, ask_backlog);
}
