/* ctl_party: platforms and their parties, printed for people. */
#include <string.h>

#include "ctl.h"

static void
line(const struct ctl *ctl, const char *label, const char *value, enum ctl_colour colour)
{
	(void)printf("%-14s %s\n", label, ctl_paint(ctl, value != NULL ? value : "-", colour));
}

void
ctl_print_invite(const struct ctl *ctl, struct val answer)
{
	const char *expires = val_text(ctl, answer, "expires");

	(void)printf("%-14s %lld\n", "platform", (long long)val_number(answer, "platform"));
	line(ctl, "versions URL", val_text(ctl, answer, "versions_url"), PLAIN);
	line(ctl, "token A", val_text(ctl, answer, "token"), BOLD);
	line(ctl, "good until", expires != NULL ? expires : "it is used", PLAIN);
	(void)puts("\nThe token is shown this once. Hand both over on a way that nobody else can "
	           "read.");
}

/** "DE*ABC CPO, NL*XYZ EMSP" */
static const char *
roles_text(const struct ctl *ctl, struct val roles)
{
	struct buf text = { .arena = ctl->arena };
	struct val party = { 0 };

	while (val_each(roles, &party)) {
		if (text.len > 0)
			buf_add(&text, STR(", "));
		buf_printf(&text, "%s*%s %s", val_text(ctl, party, "country_code"),
		        val_text(ctl, party, "party_id"), val_text(ctl, party, "role"));
	}
	return text.p;
}

void
ctl_print_connect(const struct ctl *ctl, struct val answer)
{
	const char *roles = roles_text(ctl, val_get(answer, "roles"));

	(void)printf("platform %lld is connected: %s\n", (long long)val_number(answer, "platform"),
	        roles != NULL ? roles : "no roles");
}

/** "invited until TIME"; NULL: it is registered, or the invite has no end. */
static const char *
invite_text(const struct ctl *ctl, struct val platform)
{
	const char *until = val_text(ctl, platform, "invite_expires");

	if (until == NULL)
		return NULL;
	return arena_printf(ctl->arena, "%s %s",
	        val_true(platform, "invite_expired") ? "invite expired" : "invited until", until)
	        .p;
}

void
ctl_print_platforms(const struct ctl *ctl, struct val answer)
{
	static const char *const titles[] = { "ID", "NAME", "STATUS", "VERSION", "LAST CONTACT",
		"ROLES" };
	struct ctl_grid *grid = ctl_grid_new(ctl, titles, COUNT(titles));
	struct val row = { 0 };

	if (val_count(answer) == 0) {
		(void)puts("no platforms yet: roamhubctl party invite --name NAME");
		return;
	}
	while (val_each(answer, &row)) {
		const char *status = val_text(ctl, row, "status");
		const char *invite = invite_text(ctl, row);

		ctl_grid_add(grid,
		        arena_printf(ctl->arena, "%lld", (long long)val_number(row, "id")).p,
		        PLAIN);
		ctl_grid_add(grid, val_text(ctl, row, "name"), PLAIN);
		ctl_grid_add(grid, status, ctl_status_colour(status));
		ctl_grid_add(grid, val_text(ctl, row, "version"), PLAIN);
		ctl_grid_add(grid, invite != NULL ? invite : val_text(ctl, row, "last_contact"),
		        val_true(row, "invite_expired") ? YELLOW : PLAIN);
		ctl_grid_add(grid, roles_text(ctl, val_get(row, "roles")), PLAIN);
	}
	ctl_grid_print(grid);
}

/* ---- one platform ---- */

static void
print_parties(const struct ctl *ctl, struct val parties)
{
	static const char *const titles[] = { "PARTY", "ROLE", "STATUS", "LAST UPDATED" };
	struct ctl_grid *grid = ctl_grid_new(ctl, titles, COUNT(titles));
	struct val row = { 0 };

	while (val_each(parties, &row)) {
		const char *status = val_text(ctl, row, "status");

		ctl_grid_add(grid,
		        arena_printf(ctl->arena, "%s*%s", val_text(ctl, row, "country_code"),
		                val_text(ctl, row, "party_id"))
		                .p,
		        PLAIN);
		ctl_grid_add(grid, val_text(ctl, row, "role"), PLAIN);
		ctl_grid_add(grid, status, ctl_status_colour(status));
		ctl_grid_add(grid, val_text(ctl, row, "last_updated"), PLAIN);
	}
	if (val_count(parties) == 0)
		return;
	(void)putchar('\n');
	ctl_grid_print(grid);
}

static void
print_endpoints(const struct ctl *ctl, struct val endpoints)
{
	static const char *const titles[] = { "MODULE", "INTERFACE", "URL", "" };
	struct ctl_grid *grid = ctl_grid_new(ctl, titles, COUNT(titles));
	struct val row = { 0 };

	while (val_each(endpoints, &row)) {
		ctl_grid_add(grid, val_text(ctl, row, "module"), PLAIN);
		ctl_grid_add(grid, val_text(ctl, row, "interface"), PLAIN);
		ctl_grid_add(grid, val_text(ctl, row, "url"), PLAIN);
		ctl_grid_add(grid, val_true(row, "by_hand") ? "set by hand" : "", PLAIN);
	}
	if (val_count(endpoints) == 0)
		return;
	(void)putchar('\n');
	ctl_grid_print(grid);
}

enum { MOST_FIELDS = 8 };

/** The most faulty fields of it. */
static void
print_faulty(const struct ctl *ctl, struct val fields)
{
	struct buf text = { .arena = ctl->arena };
	struct val row = { 0 };

	for (int i = 0; i < MOST_FIELDS && val_each(fields, &row); i++)
		buf_printf(&text, "%s%s %lld", i > 0 ? ", " : "", val_text(ctl, row, "field"),
		        (long long)val_number(row, "count"));
	if (text.len > 0)
		line(ctl, "faulty fields", text.p, PLAIN);
}

static void
print_life(const struct ctl *ctl, struct val platform)
{
	struct val failure = val_get(platform, "last_failure");

	(void)printf("%-14s %lld requests (%lld refused), %lld calls, %lld under way\n", "traffic",
	        (long long)val_number(platform, "requests"),
	        (long long)val_number(platform, "refused"),
	        (long long)val_number(platform, "calls"),
	        (long long)val_number(platform, "flights"));
	if (val_number(platform, "redirects") > 0)
		(void)printf("%-14s %lld to its own host followed: its endpoint URLs are not those "
		             "that it answers at\n",
		        "redirects", (long long)val_number(platform, "redirects"));
	if (val_number(platform, "fault_count") > 0)
		(void)printf("%-14s %lld in what it sent, let through or only reported\n", "faults",
		        (long long)val_number(platform, "fault_count"));
	print_faulty(ctl, val_get(platform, "faulty_fields"));
	ctl_print_silent(platform);
	if (val_count(failure) == 0)
		return;
	(void)printf("%-14s %s %s (%lld in a row)\n", "last failure", val_text(ctl, failure, "at"),
	        val_text(ctl, failure, "why"), (long long)val_number(platform, "failures"));
}

/** A line for what the last pull left out, or why it stopped. */
static void
print_pull_reason(const struct ctl *ctl, struct val pull, const char *key, const char *label)
{
	const char *text = val_text(ctl, pull, key);

	if (text != NULL && text[0] != '\0')
		line(ctl, label, text, PLAIN);
}

static void
print_pull(const struct ctl *ctl, struct val platform)
{
	struct val pull = val_get(platform, "pull");

	if (val_count(pull) == 0)
		return;
	(void)printf("%-14s %s, %s %s: %lld seen, %lld shared, %lld unchanged, %lld invalid, "
	             "%lld foreign, %lld withdrawn\n",
	        "pull", val_text(ctl, pull, "at"), val_true(pull, "full") ? "full" : "what is new",
	        val_true(pull, "complete") ? "complete" : "incomplete",
	        (long long)val_number(pull, "seen"), (long long)val_number(pull, "shared"),
	        (long long)val_number(pull, "unchanged"), (long long)val_number(pull, "invalid"),
	        (long long)val_number(pull, "foreign"), (long long)val_number(pull, "withdrawn"));
	print_pull_reason(ctl, pull, "why", "pull ended");
	print_pull_reason(ctl, pull, "held", "pull holds");
	print_pull_reason(ctl, pull, "first_invalid", "invalid");
	print_pull_reason(ctl, pull, "first_foreign", "foreign");
}

/** "validation=lenient token_encoding=(auto) endpoint_slash=on[fastapi] ...": in round brackets
 * what nobody chose, in square ones the profile that did. */
static const char *
in_force_text(const struct ctl *ctl, struct val rows)
{
	struct buf text = { .arena = ctl->arena };
	struct val row = { 0 };

	while (val_each(rows, &row)) {
		const char *key = val_text(ctl, row, "key"), *value = val_text(ctl, row, "value");
		const char *profile = val_text(ctl, row, "profile");
		bool chosen = val_true(row, "chosen");

		buf_printf(&text, "%s%s=%s%s%s", text.len > 0 ? " " : "", key != NULL ? key : "?",
		        chosen ? "" : "(", value != NULL ? value : "?", chosen ? "" : ")");
		if (profile != NULL && profile[0] != '\0')
			buf_printf(&text, "[%s]", profile);
	}
	return text.p;
}

/** "objects 3 of 1000000, ...": how much of each quota is used; what has no limit is left out. */
static void
print_quotas(const struct ctl *ctl, struct val rows)
{
	struct buf text = { .arena = ctl->arena };
	struct val row = { 0 };

	while (val_each(rows, &row)) {
		const char *key = val_text(ctl, row, "key");
		long long used = (long long)val_number(row, "used"),
		          most = (long long)val_number(row, "most");

		if (key != NULL && (most > 0 || used > 0))
			buf_printf(&text, "%s%s %lld of %lld", text.len > 0 ? ", " : "", key, used,
			        most);
	}
	if (text.len > 0)
		line(ctl, "quotas used", text.p, PLAIN);
}

static void
print_pushes(const struct ctl *ctl, struct val platform)
{
	const char *oldest = val_text(ctl, platform, "oldest");
	long long lag = (long long)val_number(platform, "lag");

	if (val_get(platform, "cursor").node == NULL)
		return;
	(void)printf(
	        "%-14s %s, cursor %lld of %lld, %lld owed, window %lld, %lld failed in a row\n",
	        "pushes",
	        lag == 0 ? "keeps up"
	                 : arena_printf(
	                           ctl->arena, "lags by %lld change%s", lag, lag == 1 ? "" : "s")
	                           .p,
	        (long long)val_number(platform, "cursor"), (long long)val_number(platform, "head"),
	        (long long)val_number(platform, "owed"), (long long)val_number(platform, "window"),
	        (long long)val_number(platform, "push_failures"));
	if (lag > 0 && oldest != NULL)
		(void)printf("%-14s %s, %s ago\n", "oldest", oldest,
		        ctl_duration(ctl, val_number(platform, "age_s")));
	if (val_number(platform, "wait_s") > 0)
		(void)printf("%-14s %s until it is tried again; roamhubctl push redrive %lld ends "
		             "the wait\n",
		        "waits", ctl_duration(ctl, val_number(platform, "wait_s")),
		        (long long)val_number(platform, "id"));
	if (val_number(platform, "syncing") > 0)
		(void)printf("%-14s %lld modules are not gone through yet\n", "sync",
		        (long long)val_number(platform, "syncing"));
}

static void
print_parked(const struct ctl *ctl, struct val platform)
{
	struct val list = val_get(platform, "parked_objects");

	if (val_count(list) == 0)
		return;
	(void)printf("\nparked, %zu of %lld; roamhubctl push redrive %lld tries them now\n",
	        val_count(list), (long long)val_number(platform, "parked"),
	        (long long)val_number(platform, "id"));
	ctl_print_parked(ctl, list);
}

static void
print_refusals(const struct ctl *ctl, struct val platform)
{
	struct val list = val_get(platform, "refusals");

	if (val_count(list) == 0)
		return;
	(void)printf("\nrefused for good, the newest %zu; roamhubctl push redrive %lld sends them "
	             "again\n",
	        val_count(list), (long long)val_number(platform, "id"));
	ctl_print_refusals(ctl, list);
}

const char *
ctl_next_exchange(const struct ctl *ctl, struct val rotation)
{
	const char *again = val_text(ctl, rotation, "again"),
	           *next = val_text(ctl, rotation, "next");

	if (val_true(rotation, "under_way"))
		return "it is exchanged now";
	if (again != NULL)
		return arena_printf(ctl->arena, "tried again %s", again).p;
	return next != NULL ? arena_printf(ctl->arena, "next %s", next).p : "not by the calendar";
}

static void
print_tokens(const struct ctl *ctl, struct val platform)
{
	struct val rotation = val_get(platform, "rotation");
	const char *made = val_text(ctl, rotation, "token_made"),
	           *why = val_text(ctl, rotation, "why"),
	           *farewell = val_text(ctl, platform, "farewell");

	if (invite_text(ctl, platform) != NULL)
		line(ctl, "invite", invite_text(ctl, platform), PLAIN);
	if (made != NULL)
		(void)printf("%-14s made %s, %s%s%s\n", "token", made,
		        ctl_next_exchange(ctl, rotation),
		        val_true(rotation, "overdue") ? ", overdue" : "",
		        val_true(rotation, "untold") ? ", it does not know the hub's new URLs"
		                                     : "");
	if (why != NULL)
		(void)printf("%-14s %s (%lld in a row)\n", "token failure", why,
		        (long long)val_number(rotation, "failures"));
	if (farewell != NULL)
		line(ctl, "farewell", farewell, PLAIN);
}

/* Since when it is what it is, why, and how it did in the last minutes. */
static void
print_standing(const struct ctl *ctl, struct val platform)
{
	const char *since = val_text(ctl, platform, "since"),
	           *reason = val_text(ctl, platform, "reason");
	struct val recent = val_get(platform, "recent");

	if (since != NULL)
		line(ctl, "since",
		        arena_printf(ctl->arena, "%s%s%s", since, reason != NULL ? ", " : "",
		                reason != NULL ? reason : "")
		                .p,
		        PLAIN);
	if (recent.node == NULL || val_number(recent, "count") == 0)
		return;
	(void)printf("%-14s %.2f messages/s in %lld s, %.1f %% failed, p99 %.1f ms\n", "recent",
	        val_real(recent, "rate"), (long long)val_number(recent, "measured_s"),
	        100 * val_real(recent, "errors"), val_real(recent, "p99_ms"));
}

/** When its suspension ends by itself; why stands beside since when. */
static void
print_suspension(const struct ctl *ctl, struct val platform)
{
	const char *until = val_text(ctl, val_get(platform, "suspension"), "until");

	if (until != NULL)
		line(ctl, "until", until, PLAIN);
}

/** "63 probes, next in 12 s" */
static void
print_probe(const struct ctl *ctl, struct val platform)
{
	struct val probe = val_get(platform, "probe");
	const char *next = val_text(ctl, probe, "next"), *text = "next now";
	int64_t ns = 0, left_s;

	if (next == NULL || !ocpi_datetime_parse(str_of(next), &ns))
		return;
	left_s = (ns / 1000000 - rh_wall_ms() + 999) / 1000;
	if (val_true(probe, "under_way"))
		text = "one is under way";
	else if (left_s >= 60)
		text = arena_printf(ctl->arena, "next in %s", ctl_duration(ctl, left_s)).p;
	else if (left_s > 0)
		text = arena_printf(ctl->arena, "next in %lld s", (long long)left_s).p;
	(void)printf("%-14s %lld, %s\n", "probes", (long long)val_number(probe, "count"), text);
}

/** The last report of party check. */
static void
print_check(const struct ctl *ctl, struct val platform)
{
	struct val check = val_get(platform, "last_check");
	const char *at = val_text(ctl, check, "at");

	if (at == NULL)
		return;
	(void)printf("%-14s %s: faults %lld, warnings %lld, notes %lld%s; roamhubctl party check "
	             "%lld --last\n",
	        "check", at, (long long)val_number(check, "fault_count"),
	        (long long)val_number(check, "warning_count"),
	        (long long)val_number(check, "note_count"),
	        val_true(check, "complete") ? "" : ", left off",
	        (long long)val_number(platform, "id"));
}

void
ctl_print_platform(const struct ctl *ctl, struct val answer)
{
	const char *status = val_text(ctl, answer, "status");

	(void)printf("%-14s %lld\n", "platform", (long long)val_number(answer, "id"));
	line(ctl, "name", val_text(ctl, answer, "name"), BOLD);
	line(ctl, "status", status, ctl_status_colour(status));
	print_standing(ctl, answer);
	print_suspension(ctl, answer);
	print_probe(ctl, answer);
	line(ctl, "version", val_text(ctl, answer, "version"), PLAIN);
	line(ctl, "versions URL", val_text(ctl, answer, "versions_url"), PLAIN);
	line(ctl, "last contact", val_text(ctl, answer, "last_contact"), PLAIN);
	line(ctl, "settings", in_force_text(ctl, val_get(answer, "settings_in_force")), PLAIN);
	print_quotas(ctl, val_get(answer, "quotas"));
	print_tokens(ctl, answer);
	print_life(ctl, answer);
	print_check(ctl, answer);
	print_pull(ctl, answer);
	print_pushes(ctl, answer);
	print_parties(ctl, val_get(answer, "roles"));
	print_endpoints(ctl, val_get(answer, "endpoints"));
	print_parked(ctl, answer);
	print_refusals(ctl, answer);
	ctl_print_complaints(ctl, answer);
}
