/* ctl_hub: status, check, configuration and what the hub would do, printed for people. */
#include <string.h>

#include "ctl.h"

static void
line(const char *label, const char *value)
{
	(void)printf("%-10s %s\n", label, value != NULL ? value : "-");
}

/* ---- status ---- */

const char *
ctl_duration(const struct ctl *ctl, int64_t seconds)
{
	int64_t days = seconds / 86400, hours = seconds / 3600 % 24, minutes = seconds / 60 % 60;

	if (days > 0)
		return arena_printf(ctl->arena, "%lld d %lld h", (long long)days, (long long)hours)
		        .p;
	if (hours > 0)
		return arena_printf(
		        ctl->arena, "%lld h %lld min", (long long)hours, (long long)minutes)
		        .p;
	return arena_printf(
	        ctl->arena, "%lld min %lld s", (long long)minutes, (long long)(seconds % 60))
	        .p;
}

static const char *
bytes_text(const struct ctl *ctl, int64_t bytes)
{
	static const char *const units[] = { "B", "kB", "MB", "GB", "TB" };
	double value = (double)bytes;
	size_t unit = 0;

	while (value >= 1000 && unit + 1 < COUNT(units)) {
		value /= 1000;
		unit++;
	}
	return arena_printf(ctl->arena, unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]).p;
}

/** "2 CONNECTED, 1 PLANNED": the states that occur. */
static const char *
states_text(const struct ctl *ctl, struct val states)
{
	struct buf text = { .arena = ctl->arena };
	struct val count = { 0 };
	const char *state;
	int64_t n;

	while (val_member(ctl, states, &count, &state)) {
		if (!val_integer(count, &n) || n == 0)
			continue;
		buf_printf(&text, "%s%lld %s", text.len > 0 ? ", " : "", (long long)n,
		        ctl_paint(ctl, state, ctl_status_colour(state)));
	}
	return text.len > 0 ? text.p : "none";
}

static void
print_behind(const struct ctl *ctl, struct val backlog)
{
	int64_t behind = val_number(backlog, "receivers_behind");
	const char *oldest = val_text(ctl, backlog, "oldest");

	if (behind == 0)
		return;
	(void)printf("%-10s %lld platform%s behind, by %lld change%s at most, the oldest of %s (%s "
	             "ago)\n",
	        "", (long long)behind, behind == 1 ? " is" : "s are",
	        (long long)val_number(backlog, "lag"), val_number(backlog, "lag") == 1 ? "" : "s",
	        oldest != NULL ? oldest : "-", ctl_duration(ctl, val_number(backlog, "age_s")));
}

static void
print_state(const struct ctl *ctl, struct val answer)
{
	const char *since = val_text(ctl, answer, "passive_since");

	if (since == NULL)
		line("status", val_text(ctl, answer, "status"));
	else
		(void)printf("%-10s %s\n", "status",
		        ctl_paint(ctl,
		                arena_printf(ctl->arena,
		                        "passive since %s: it calls and pushes nobody until "
		                        "roamhubctl resume-hub",
		                        since)
		                        .p,
		                YELLOW));
}

void
ctl_print_status(const struct ctl *ctl, struct val answer)
{
	struct val store = val_get(answer, "store"), messages = val_get(answer, "messages");
	struct val backlog = val_get(answer, "backlog");
	const char *why = val_text(ctl, store, "why");

	line("version", val_text(ctl, answer, "version"));
	print_state(ctl, answer);
	(void)printf("%-10s %s, since %s\n", "uptime",
	        ctl_duration(ctl, val_number(answer, "uptime_s")),
	        val_text(ctl, answer, "started"));
	line("URL", val_text(ctl, answer, "url"));
	(void)printf("%-10s %lld, %lld connections, %lld calls to parties under way\n", "workers",
	        (long long)val_number(answer, "workers"),
	        (long long)val_number(answer, "connections"),
	        (long long)val_number(answer, "calls"));
	line("platforms", states_text(ctl, val_get(answer, "platforms_by_status")));
	line("parties", states_text(ctl, val_get(answer, "parties_by_status")));
	(void)printf("%-10s %lld received, %lld forwarded (%lld failed), %lld refused\n",
	        "messages", (long long)val_number(messages, "requests"),
	        (long long)val_number(messages, "forwarded"),
	        (long long)val_number(messages, "forward_failed"),
	        (long long)val_number(messages, "refused"));
	(void)printf("%-10s %lld shared, %lld lists, %lld pushed (%lld failed, tried again)\n", "",
	        (long long)val_number(messages, "shared"),
	        (long long)val_number(messages, "listed"),
	        (long long)val_number(messages, "pushed"),
	        (long long)val_number(messages, "push_failed"));
	(void)printf("%-10s %lld faults let through, %lld in answers of parties\n", "checked",
	        (long long)val_number(messages, "faults_let_through"),
	        (long long)val_number(messages, "answer_faults"));
	(void)printf("%-10s %lld sent, %lld failed\n", "probes",
	        (long long)val_number(messages, "probes"),
	        (long long)val_number(messages, "probe_failures"));
	(void)printf("%-10s %lld messages under way, %lld writes waiting\n", "backlog",
	        (long long)val_number(backlog, "flights"),
	        (long long)val_number(backlog, "store_waiting"));
	print_behind(ctl, backlog);
	if (val_number(store, "damaged") > 0)
		(void)printf("%-10s %s\n", "objects",
		        ctl_paint(ctl,
		                arena_printf(ctl->arena,
		                        "%lld times one was damaged and not served",
		                        (long long)val_number(store, "damaged"))
		                        .p,
		                YELLOW));
	(void)printf("%-10s %s%s%s, %s, trace %s, last commit %.1f ms, longest %.1f ms\n", "store",
	        val_text(ctl, store, "status"), why != NULL ? ": " : "", why != NULL ? why : "",
	        bytes_text(ctl, val_number(store, "bytes")),
	        bytes_text(ctl, val_number(store, "trace_bytes")),
	        (double)val_number(store, "last_commit_us") / 1000,
	        (double)val_number(store, "max_commit_us") / 1000);
}

/* ---- check ---- */

void
ctl_print_check(const struct ctl *ctl, struct val answer)
{
	static const char *const titles[] = { "CHECK", "STATUS", "DETAIL" };
	struct ctl_grid *grid = ctl_grid_new(ctl, titles, COUNT(titles));
	struct val row = { 0 };

	while (val_each(val_get(answer, "checks"), &row)) {
		const char *status = val_text(ctl, row, "status");

		ctl_grid_add(grid, val_text(ctl, row, "check"), PLAIN);
		ctl_grid_add(grid, status, ctl_status_colour(status));
		ctl_grid_add(grid, val_text(ctl, row, "detail"), PLAIN);
	}
	ctl_grid_print(grid);
}

/* ---- certificates ---- */

static const char *
names_text(const struct ctl *ctl, struct val names)
{
	struct buf text = { .arena = ctl->arena };
	struct val name = { 0 };

	while (val_each(names, &name))
		buf_printf(&text, "%s%s", text.len > 0 ? ", " : "", val_string(ctl, name));
	return text.p;
}

static void
add_certificate(const struct ctl *ctl, struct ctl_grid *grid, struct val row)
{
	const char *state = val_text(ctl, row, "status"), *until = val_text(ctl, row, "not_after"),
	           *names = names_text(ctl, val_get(row, "names")),
	           *why = val_text(ctl, row, "why"), *subject = val_text(ctl, row, "subject");
	bool good = state != NULL && strcmp(state, "ok") == 0;

	ctl_grid_add(grid, val_text(ctl, row, "use"), PLAIN);
	ctl_grid_add(grid, state,
	        good                                          ? GREEN
	        : state != NULL && strcmp(state, "soon") == 0 ? YELLOW
	                                                      : RED);
	ctl_grid_add(grid,
	        until != NULL
	                ? arena_printf(ctl->arena, "%lld", (long long)val_number(row, "days_left"))
	                          .p
	                : NULL,
	        PLAIN);
	ctl_grid_add(
	        grid, until != NULL ? arena_printf(ctl->arena, "%.10s", until).p : NULL, PLAIN);
	ctl_grid_add(grid, why != NULL ? why : subject, PLAIN);
	ctl_grid_add(grid, names, PLAIN);
}

void
ctl_print_certificates(const struct ctl *ctl, struct val answer)
{
	static const char *const titles[] = { "USE", "STATUS", "DAYS", "UNTIL", "SUBJECT",
		"NAMES" };
	struct ctl_grid *grid = ctl_grid_new(ctl, titles, COUNT(titles));
	struct val row = { 0 };
	long long number = 0, of = 0;

	if (val_count(answer) == 0 && ctl_option(ctl, "after") != NULL) {
		(void)puts("there are no more");
		return;
	}
	if (val_count(answer) == 0) {
		(void)puts("none: the OCPI listener speaks HTTP, and egress.ca_file is not set");
		return;
	}
	while (val_each(answer, &row)) {
		add_certificate(ctl, grid, row);
		number = (long long)val_number(row, "number");
		of = (long long)val_number(row, "of");
	}
	ctl_grid_print(grid);
	if (number < of)
		(void)printf("\nthere are %lld more: --after %lld\n", of - number, number);
}

/* ---- the processes of a database ---- */

/* Of one that works together with others. */
static const char *
number_or_none(const struct ctl *ctl, struct val row, const char *key)
{
	if (val_get(row, key).node == NULL)
		return NULL;
	return arena_printf(ctl->arena, "%lld", (long long)val_number(row, key)).p;
}

void
ctl_print_hubs(const struct ctl *ctl, struct val answer)
{
	static const char *const titles[] = { "NAME", "STATUS", "SINCE", "LAST SEEN", "ADDRESS",
		"ADMIN", "VERSION", "SLOTS", "BEHIND" };
	static const char *const keys[] = { "name", "status", "since", "last_seen", "address",
		"admin", "version" };
	struct ctl_grid *grid = ctl_grid_new(ctl, titles, COUNT(titles));
	struct val row = { 0 };

	while (val_each(answer, &row)) {
		for (size_t i = 0; i < COUNT(keys); i++)
			ctl_grid_add(grid, val_text(ctl, row, keys[i]), PLAIN);
		ctl_grid_add(grid, number_or_none(ctl, row, "slots"), PLAIN);
		ctl_grid_add(grid, number_or_none(ctl, row, "behind"), PLAIN);
	}
	ctl_grid_print(grid);
}

/* ---- configuration ---- */

void
ctl_print_config(const struct ctl *ctl, struct val answer)
{
	static const char *const titles[] = { "KEY", "VALUE", "ORIGIN" };
	struct ctl_grid *grid = ctl_grid_new(ctl, titles, COUNT(titles));
	struct val row = { 0 };

	while (val_each(answer, &row)) {
		const char *origin = val_text(ctl, row, "origin");

		ctl_grid_add(grid, val_text(ctl, row, "key"), PLAIN);
		ctl_grid_add(grid, val_text(ctl, row, "value"), PLAIN);
		ctl_grid_add(grid, origin,
		        origin != NULL && strcmp(origin, "default") == 0 ? DIM : PLAIN);
	}
	ctl_grid_print(grid);
}

void
ctl_print_reload(const struct ctl *ctl, struct val answer)
{
	const char *changed = names_text(ctl, val_get(answer, "changed"));
	const char *restart = names_text(ctl, val_get(answer, "needs_restart"));

	if (changed != NULL)
		(void)printf("taken over: %s\n", changed);
	else
		(void)puts("nothing to take over");
	if (restart != NULL)
		(void)printf("needs a restart: %s\n", restart);
}

/* ---- the rest ---- */

void
ctl_print_expiry(const struct ctl *ctl, struct val answer)
{
	if (val_true(answer, "was_held"))
		(void)printf("what is old expires again; nothing did since %s: %s\n",
		        val_text(ctl, answer, "since"), val_text(ctl, answer, "why"));
	else
		(void)puts("expiry is not held");
}

void
ctl_print_resumed(const struct ctl *ctl, struct val answer)
{
	if (val_true(answer, "was_passive"))
		(void)printf("the hub calls and pushes; it was passive since %s\n",
		        val_text(ctl, answer, "since"));
	else
		(void)puts("the hub is not passive");
}

void
ctl_print_backup(const struct ctl *ctl, struct val answer)
{
	(void)printf("%s: %s\n", val_text(ctl, answer, "path"),
	        bytes_text(ctl, val_number(answer, "bytes")));
}

void
ctl_print_explain(const struct ctl *ctl, struct val answer)
{
	struct val value = { 0 };
	const char *key, *text;

	while (val_member(ctl, answer, &value, &key)) {
		text = val_count(value) > 0 ? names_text(ctl, value) : val_string(ctl, value);
		line(key, text != NULL
		                  ? ctl_paint(ctl, text, strcmp(key, "error") == 0 ? RED : PLAIN)
		                  : NULL);
	}
}
