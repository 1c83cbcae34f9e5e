/* ctl_ask: how the arguments of a verb become its request. */
#include "roamhub/tree.h"

#include "ctl_ask.h"

#include <string.h>
#include <unistd.h>

/* ---- pieces of requests ---- */

/* An id is a number; @noun: of what. */
static bool
read_id(const char *text, struct str noun, uint64_t *id)
{
	if (str_to_u64(str_of(text), INT32_MAX, id) && *id != 0)
		return true;
	ctl_complain("'%s' is no %.*s id, expected a number: see roamhubctl %s list", text,
	        STR_ARG(noun), str_is(noun, "platform") ? "party" : "agreement");
	return false;
}

/** Of what the braces name. */
static bool
add_id(struct ctl *ctl, struct str noun, struct buf *target)
{
	uint64_t id;

	if (!read_id(ctl->operands[0], noun, &id))
		return false;
	buf_printf(target, "%llu", (unsigned long long)id);
	return true;
}

bool
ask_begin(struct ctl *ctl, struct ctl_request *request)
{
	struct buf target = { .arena = ctl->arena };
	struct str path = str_of(ctl->verb->asks), method = str_cut(&path, ' ');
	struct str before = str_cut(&path, '{'), noun = str_cut(&path, '}');

	request->method = arena_cstr(ctl->arena, method);
	buf_printf(&target, "/admin/v1/%.*s", STR_ARG(before));
	if (noun.p != NULL && !add_id(ctl, noun, &target))
		return false;
	buf_add(&target, path);
	request->target = buf_str(&target);
	return true;
}

void
ask_query(struct ctl *ctl, struct ctl_request *request, const char *name, const char *value)
{
	bool first = memchr(request->target.p, '?', request->target.len) == NULL;
	struct str encoded = ocpi_percent_encode(str_of(value), ctl->arena);

	request->target = arena_printf(ctl->arena, "%.*s%c%s=%.*s", STR_ARG(request->target),
	        first ? '?' : '&', name, STR_ARG(encoded));
}

bool
ask_party(const char *name, const char *text)
{
	struct ocpi_id id;

	if (ocpi_id_parse(str_of(text), &id))
		return true;
	ctl_complain("%s: '%s' is no party, expected CC*PID, for example DE*ABC", name, text);
	return false;
}

void
ask_body(struct ctl_request *request, const char *key, const char *value)
{
	if (request->body == NULL)
		request->body = tree_object();
	tree_set_text(request->body, key, value);
}

/** @sign: of what "10m" is from now. */
static bool
read_time(struct ctl *ctl, const char *name, const char *given, int sign, const char **out)
{
	static const struct {
		char unit;
		int64_t ms;
	} units[] = { { 's', 1000 }, { 'm', 60000 }, { 'h', 3600000 }, { 'd', 86400000 } };
	char *text = arena_alloc(ctl->arena, OCPI_DATETIME_LEN + 1);
	size_t len = strlen(given);
	int64_t ns;
	uint64_t n;

	*out = given;
	if (ocpi_datetime_parse(str_of(given), &ns))
		return true;
	for (size_t i = 0; len > 1 && i < COUNT(units); i++) {
		if (given[len - 1] != units[i].unit ||
		        !str_to_u64((struct str){ given, len - 1 }, 1000000, &n))
			continue;
		ocpi_datetime_print(rh_wall_ms() + sign * (int64_t)n * units[i].ms, text);
		*out = text;
		return true;
	}
	ctl_complain("%s: '%s' is no time, expected for example 10m, 2h, 1d or "
	             "2026-11-23T08:00:00Z",
	        name, given);
	return false;
}

bool
ask_time(struct ctl *ctl, const char *name, const char *given, const char **out)
{
	return read_time(ctl, name, given, -1, out);
}

bool
ask_time_to_come(struct ctl *ctl, const char *name, const char *given, const char **out)
{
	return read_time(ctl, name, given, 1, out);
}

/* ---- party ---- */

bool
ask_list(struct ctl *ctl, struct ctl_request *request)
{
	static const char *const names[] = { "text", "status", "limit", "after" };

	for (size_t i = 0; i < COUNT(names); i++)
		if (ctl_option(ctl, names[i]) != NULL)
			ask_query(ctl, request, names[i], ctl_option(ctl, names[i]));
	return true;
}

static bool
check_claim(const char *text)
{
	struct str role = str_of(text), id = str_cut(&role, ':');
	struct ocpi_id party;
	enum ocpi_role parsed;

	if (role.p != NULL && ocpi_id_parse(id, &party) && ocpi_role_parse(role, &parsed))
		return true;
	ctl_complain("--party: '%s' is no party with its role, expected CC*PID:ROLE, for example "
	             "DE*ABC:CPO",
	        text);
	return false;
}

static bool
ask_expiry(struct ctl *ctl, struct ctl_request *request)
{
	const char *given = ctl_option(ctl, "expires");
	uint64_t days;

	if (given == NULL)
		return true;
	if (!str_to_u64(str_of(given), 3650, &days)) {
		ctl_complain(
		        "--expires: '%s' is no number of days, expected 0 (never) to 3650", given);
		return false;
	}
	tree_set_number(request->body, "expires_days", (int64_t)days);
	return true;
}

static bool
has_flag(struct ctl *ctl, const char *name)
{
	const char *given;
	size_t cursor = 0;

	return ctl_option_each(ctl, name, &cursor, &given);
}

/* The platform has its name and parties. */
static bool
ask_replace(struct ctl *ctl, struct ctl_request *request, const char *id)
{
	uint64_t platform;

	if (ctl_option(ctl, "name") != NULL || ctl_option(ctl, "party") != NULL ||
	        has_flag(ctl, "sandbox")) {
		ctl_complain("--replace goes with --expires alone");
		return false;
	}
	if (!read_id(id, STR("platform"), &platform))
		return false;
	request->target = arena_printf(ctl->arena, "%.*s/%llu/invite", STR_ARG(request->target),
	        (unsigned long long)platform);
	request->body = tree_object();
	return ask_expiry(ctl, request);
}

bool
ask_invite(struct ctl *ctl, struct ctl_request *request)
{
	const char *claim, *replace = ctl_option(ctl, "replace");
	json_t *claims;
	size_t cursor = 0;

	if (replace != NULL)
		return ask_replace(ctl, request, replace);
	if (ctl_option(ctl, "name") == NULL) {
		ctl_complain("%s needs --name NAME", ctl->verb->words);
		return false;
	}
	claims = tree_list();
	ask_body(request, "name", ctl_option(ctl, "name"));
	tree_set(request->body, "parties", claims);
	if (!ask_expiry(ctl, request))
		return false;
	if (has_flag(ctl, "sandbox"))
		tree_set_bool(request->body, "sandbox", true);
	while (ctl_option_each(ctl, "party", &cursor, &claim)) {
		if (!check_claim(claim))
			return false;
		tree_add(claims, tree_text(claim));
	}
	return true;
}

bool
ask_connect(struct ctl *ctl, struct ctl_request *request)
{
	const char *token;

	if (!ctl_secret(ctl, ctl_option(ctl, "token"), &token))
		return false;
	ask_body(request, "name", ctl_option(ctl, "name"));
	ask_body(request, "versions_url", ctl_option(ctl, "versions-url"));
	ask_body(request, "token", token);
	return true;
}

bool
ask_release(struct ctl *ctl, struct ctl_request *request)
{
	if (!ask_party("CC*PID", ctl->operands[0]))
		return false;
	ask_body(request, "party", ctl->operands[0]);
	return true;
}

bool
ask_move(struct ctl *ctl, struct ctl_request *request)
{
	static const char *const members[] = { "from", "to" };
	uint64_t id;

	if (!ask_release(ctl, request))
		return false;
	for (size_t i = 0; i < COUNT(members); i++) {
		if (!read_id(ctl->operands[i + 1], STR("platform"), &id))
			return false;
		tree_set_number(request->body, members[i], (int64_t)id);
	}
	return true;
}

bool
ask_set(struct ctl *ctl, struct ctl_request *request)
{
	for (size_t i = 1; i < ctl->operand_count; i++) {
		struct str value = str_of(ctl->operands[i]), key = str_cut(&value, '=');

		if (value.p == NULL || key.len == 0) {
			ctl_complain("party set: '%s' is no KEY=VALUE", ctl->operands[i]);
			return false;
		}
		if (json_object_getn(request->body, key.p, key.len) != NULL) {
			ctl_complain("party set: '%.*s' is given twice", STR_ARG(key));
			return false;
		}
		ask_body(request, arena_cstr(ctl->arena, key), value.p);
	}
	return true;
}

bool
ask_suspend(struct ctl *ctl, struct ctl_request *request)
{
	const char *reason = ctl_option(ctl, "reason"), *until = ctl_option(ctl, "until");

	if (until != NULL && !ask_time_to_come(ctl, "--until", until, &until))
		return false;
	if (reason != NULL)
		ask_body(request, "reason", reason);
	if (until != NULL)
		ask_body(request, "until", until);
	return true;
}

/* ---- hub ---- */

/* The hub writes the file, and need not run in this directory. */
bool
ask_backup(struct ctl *ctl, struct ctl_request *request)
{
	const char *path = ctl->operands[0];
	char here[4096];

	if (path[0] != '/') {
		if (getcwd(here, sizeof here) == NULL) {
			ctl_complain("backup: expected an absolute path");
			return false;
		}
		path = arena_printf(ctl->arena, "%s/%s", here, path).p;
	}
	ask_body(request, "path", path);
	return true;
}

bool
ask_certificates(struct ctl *ctl, struct ctl_request *request)
{
	const char *after = ctl_option(ctl, "after");
	uint64_t number;

	if (after == NULL)
		return true;
	if (!str_to_u64(str_of(after), 1000000, &number)) {
		ctl_complain("--after: '%s' is no number", after);
		return false;
	}
	ask_query(ctl, request, "after", after);
	return true;
}

bool
ask_explain(struct ctl *ctl, struct ctl_request *request)
{
	const char *from = ctl_option(ctl, "from"), *to = ctl_option(ctl, "to");

	if (!ask_party("--from", from) || !ask_party("--to", to))
		return false;
	ask_query(ctl, request, "from", from);
	ask_query(ctl, request, "to", to);
	ask_query(ctl, request, "module", ctl_option(ctl, "module"));
	return true;
}

/* ---- log ---- */

bool
ask_is_object(const char *text)
{
	struct str id = str_of(text), module = str_cut(&id, '/'), party = str_cut(&id, '/');
	struct ocpi_id owner;

	if (module.len > 0 && party.p != NULL && ocpi_id_parse(party, &owner) && id.len > 0)
		return true;
	ctl_complain("--object: '%s' is no object, expected MODULE/CC*PID/ID, for example "
	             "tokens/DE*ABC/012345",
	        text);
	return false;
}

/* What is searched for; modules and outcomes are the hub's to know. */
static const struct {
	const char *option, *query;
} log_filters[] = {
	{ "correlation-id", "correlation_id" },
	{ "party", "party" },
	{ "object", "object" },
	{ "platform", "platform" },
	{ "module", "module" },
	{ "outcome", "outcome" },
	{ "text", "text" },
	{ "cursor", "cursor" },
};

static bool
has_filter(const struct ctl *ctl)
{
	for (size_t i = 0; i < COUNT(log_filters); i++)
		if (ctl_option(ctl, log_filters[i].option) != NULL)
			return true;
	return ctl_option(ctl, "since") != NULL || ctl_option(ctl, "until") != NULL;
}

static bool
check_filters(struct ctl *ctl)
{
	const char *party = ctl_option(ctl, "party"), *object = ctl_option(ctl, "object");
	const char *platform = ctl_option(ctl, "platform");
	uint64_t id;

	if (!has_filter(ctl)) {
		ctl_complain("log needs --correlation-id ID, --party CC*PID, --object "
		             "MODULE/CC*PID/ID, --platform ID, --module MODULE, --outcome OUTCOME, "
		             "--text TEXT, --since TIME or --until TIME");
		return false;
	}
	if (platform != NULL && !str_to_u64(str_of(platform), INT32_MAX, &id)) {
		ctl_complain("--platform: '%s' is no platform id, expected a number: see "
		             "roamhubctl party list",
		        platform);
		return false;
	}
	return (party == NULL || ask_party("--party", party)) &&
	       (object == NULL || ask_is_object(object));
}

static bool
add_log_time(struct ctl *ctl, struct ctl_request *request, const char *name)
{
	const char *time = ctl_option(ctl, name);

	if (time == NULL)
		return true;
	if (!ask_time(ctl, arena_printf(ctl->arena, "--%s", name).p, time, &time))
		return false;
	ask_query(ctl, request, name, time);
	return true;
}

bool
ask_log(struct ctl *ctl, struct ctl_request *request)
{
	const char *limit = ctl_option(ctl, "limit");
	uint64_t rows;

	if (!check_filters(ctl) || !add_log_time(ctl, request, "since") ||
	        !add_log_time(ctl, request, "until"))
		return false;
	if (limit != NULL && (!str_to_u64(str_of(limit), 10000, &rows) || rows == 0)) {
		ctl_complain("--limit: expected 1 to 10000");
		return false;
	}
	for (size_t i = 0; i < COUNT(log_filters); i++) {
		const char *given = ctl_option(ctl, log_filters[i].option);

		if (given != NULL)
			ask_query(ctl, request, log_filters[i].query, given);
	}
	if (limit != NULL)
		ask_query(ctl, request, "limit", limit);
	if (!ctl->json || ctl_option(ctl, "cursor") != NULL)
		ask_query(ctl, request, "sample", "true");
	return true;
}
