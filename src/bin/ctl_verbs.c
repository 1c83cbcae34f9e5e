/* ctl_verbs: the verbs of roamhubctl and how their arguments become a request. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl.h"

/* ---- pieces of requests ---- */

static struct str
target(struct ctl *ctl, const char *path)
{
	return arena_printf(ctl->arena, "/admin/v1/%s", path);
}

static void
add_query(struct ctl *ctl, struct ctl_request *request, const char *name, const char *value)
{
	bool first = memchr(request->target.p, '?', request->target.len) == NULL;
	struct str encoded = ocpi_percent_encode(str_of(value), ctl->arena);

	request->target = arena_printf(ctl->arena, "%.*s%c%s=%.*s", STR_ARG(request->target), first ? '?' : '&', name,
		STR_ARG(encoded));
}

static bool
check_party(const char *option, const char *text)
{
	struct ocpi_id id;

	if (ocpi_id_parse(str_of(text), &id))
		return true;
	ctl_complain("--%s: '%s' is no party, expected CC*PID, for example DE*ABC", option, text);
	return false;
}

static bool
platform_target(struct ctl *ctl, const char *text, const char *tail, struct str *out)
{
	uint64_t id;

	if (!str_to_u64(str_of(text), INT32_MAX, &id) || id == 0) {
		ctl_complain("'%s' is no platform id, expected a number: see roamhubctl party list", text);
		return false;
	}
	*out = arena_printf(ctl->arena, "/admin/v1/platforms/%llu%s", (unsigned long long)id, tail);
	return true;
}

/** One more member of the body, which is closed by its owner. */
static void
body_text(struct buf *body, const char *key, const char *value)
{
	buf_addc(body, body->len == 0 ? '{' : ',');
	json_quote(body, str_of(key));
	buf_addc(body, ':');
	json_quote(body, str_of(value));
}

/* ---- party ---- */

static bool
check_claim(const char *text)
{
	struct str role = str_of(text), id = str_cut(&role, ':');
	struct ocpi_id party;
	enum ocpi_role parsed;

	if (role.p != NULL && ocpi_id_parse(id, &party) && ocpi_role_parse(role, &parsed))
		return true;
	ctl_complain("--party: '%s' is no party with its role, expected CC*PID:ROLE, for example DE*ABC:CPO", text);
	return false;
}

static bool
request_invite(struct ctl *ctl, struct ctl_request *request)
{
	struct buf *body = &request->body;
	const char *claim;
	size_t cursor = 0, count = 0;

	request->method = "POST";
	request->target = target(ctl, "platforms");
	body_text(body, "name", ctl_option(ctl, "name"));
	buf_add(body, STR(",\"parties\":["));
	while (ctl_option_each(ctl, "party", &cursor, &claim)) {
		if (!check_claim(claim))
			return false;
		if (count++ > 0)
			buf_addc(body, ',');
		json_quote(body, str_of(claim));
	}
	buf_add(body, STR("]}"));
	return true;
}

static bool
request_connect(struct ctl *ctl, struct ctl_request *request)
{
	const char *token;

	if (!ctl_secret(ctl, ctl_option(ctl, "token"), &token))
		return false;
	request->method = "POST";
	request->target = target(ctl, "platforms/connect");
	body_text(&request->body, "name", ctl_option(ctl, "name"));
	body_text(&request->body, "versions_url", ctl_option(ctl, "versions-url"));
	body_text(&request->body, "token", token);
	buf_addc(&request->body, '}');
	return true;
}

static bool
request_list(struct ctl *ctl, struct ctl_request *request)
{
	request->method = "GET";
	request->target = target(ctl, "platforms");
	return true;
}

static bool
request_show(struct ctl *ctl, struct ctl_request *request)
{
	request->method = "GET";
	return platform_target(ctl, ctl->operands[0], "", &request->target);
}

static bool
request_suspend(struct ctl *ctl, struct ctl_request *request)
{
	request->method = "POST";
	return platform_target(ctl, ctl->operands[0], "/suspend", &request->target);
}

static bool
request_resume(struct ctl *ctl, struct ctl_request *request)
{
	request->method = "POST";
	return platform_target(ctl, ctl->operands[0], "/resume", &request->target);
}

static bool
request_remove(struct ctl *ctl, struct ctl_request *request)
{
	request->method = "DELETE";
	return platform_target(ctl, ctl->operands[0], "", &request->target);
}

static bool
request_set(struct ctl *ctl, struct ctl_request *request)
{
	request->method = "PATCH";
	for (size_t i = 1; i < ctl->operand_count; i++) {
		struct str value = str_of(ctl->operands[i]), key = str_cut(&value, '=');

		if (value.p == NULL || key.len == 0) {
			ctl_complain("party set: '%s' is no KEY=VALUE", ctl->operands[i]);
			return false;
		}
		body_text(&request->body, arena_cstr(ctl->arena, key), value.p);
	}
	buf_addc(&request->body, '}');
	return platform_target(ctl, ctl->operands[0], "/settings", &request->target);
}

/* ---- hub ---- */

static bool
request_status(struct ctl *ctl, struct ctl_request *request)
{
	request->method = "GET";
	request->target = target(ctl, "status");
	return true;
}

static bool
request_check(struct ctl *ctl, struct ctl_request *request)
{
	request->method = "GET";
	request->target = target(ctl, "check");
	return true;
}

static bool
request_config(struct ctl *ctl, struct ctl_request *request)
{
	request->method = "GET";
	request->target = target(ctl, "config");
	return true;
}

static bool
request_reload(struct ctl *ctl, struct ctl_request *request)
{
	request->method = "POST";
	request->target = target(ctl, "reload");
	return true;
}

/* The hub writes the file, and need not run in this directory. */
static bool
request_backup(struct ctl *ctl, struct ctl_request *request)
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
	request->method = "POST";
	request->target = target(ctl, "backup");
	body_text(&request->body, "path", path);
	buf_addc(&request->body, '}');
	return true;
}

static bool
request_explain(struct ctl *ctl, struct ctl_request *request)
{
	const char *from = ctl_option(ctl, "from"), *to = ctl_option(ctl, "to");

	request->method = "GET";
	request->target = target(ctl, "route");
	if (!check_party("from", from) || !check_party("to", to))
		return false;
	add_query(ctl, request, "from", from);
	add_query(ctl, request, "to", to);
	add_query(ctl, request, "module", ctl_option(ctl, "module"));
	return true;
}

/* ---- log ---- */

/** "10m" ago, or a date and time; as the API wants it. */
static bool
since_text(struct ctl *ctl, const char *given, const char **out)
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
		if (given[len - 1] != units[i].unit || !str_to_u64((struct str){ given, len - 1 }, 1000000, &n))
			continue;
		ocpi_datetime_print(rh_wall_ms() - (int64_t)n * units[i].ms, text);
		*out = text;
		return true;
	}
	ctl_complain("--since: '%s' is no time, expected for example 10m, 2h, 1d or 2026-11-23T08:00:00Z", given);
	return false;
}

static bool
check_object(const char *text)
{
	struct str id = str_of(text), module = str_cut(&id, '/'), party = str_cut(&id, '/');
	struct ocpi_id owner;

	if (module.len > 0 && party.p != NULL && ocpi_id_parse(party, &owner) && id.len > 0)
		return true;
	ctl_complain("--object: '%s' is no object, expected MODULE/CC*PID/ID, for example tokens/DE*ABC/012345", text);
	return false;
}

static bool
request_log(struct ctl *ctl, struct ctl_request *request)
{
	const char *id = ctl_option(ctl, "correlation-id"), *party = ctl_option(ctl, "party");
	const char *object = ctl_option(ctl, "object"), *since = ctl_option(ctl, "since");
	const char *limit = ctl_option(ctl, "limit");
	uint64_t rows;

	request->method = "GET";
	request->target = target(ctl, "log");
	if (id == NULL && party == NULL && object == NULL) {
		ctl_complain("log needs --correlation-id ID, --party CC*PID or --object MODULE/CC*PID/ID");
		return false;
	}
	if ((party != NULL && !check_party("party", party)) || (object != NULL && !check_object(object)) ||
		(since != NULL && !since_text(ctl, since, &since)))
		return false;
	if (limit != NULL && (!str_to_u64(str_of(limit), 10000, &rows) || rows == 0)) {
		ctl_complain("--limit: expected 1 to 10000");
		return false;
	}
	if (id != NULL)
		add_query(ctl, request, "correlation_id", id);
	if (party != NULL)
		add_query(ctl, request, "party", party);
	if (object != NULL)
		add_query(ctl, request, "object", object);
	if (since != NULL)
		add_query(ctl, request, "since", since);
	if (limit != NULL)
		add_query(ctl, request, "limit", limit);
	return true;
}

static int
level_of(struct val answer)
{
	return (int)val_number(answer, "level");
}

/* ---- the table ---- */

static const struct ctl_option log_options[] = {
	{ "correlation-id", "ID", false, false },
	{ "party", "CC*PID", false, false },
	{ "object", "MODULE/CC*PID/ID", false, false },
	{ "since", "TIME", false, false },
	{ "limit", "N", false, false },
	{ 0 },
};
static const struct ctl_option explain_options[] = {
	{ "from", "CC*PID", true, false },
	{ "to", "CC*PID", true, false },
	{ "module", "MODULE", true, false },
	{ 0 },
};

static const struct ctl_option invite_options[] = {
	{ "name", "NAME", true, false },
	{ "party", "CC*PID:ROLE", false, true },
	{ 0 },
};
static const struct ctl_option connect_options[] = {
	{ "name", "NAME", true, false },
	{ "versions-url", "URL", true, false },
	{ "token", "TOKEN_A|-|@FILE", true, false },
	{ 0 },
};

const struct ctl_verb ctl_verbs[] = {
	{ "party invite", "", 0, 0, invite_options, request_invite, ctl_print_invite,
		.help = "Create a PLANNED platform and its token A; with --party it may claim those parties alone",
		.example = "roamhubctl party invite --name 'Charge Co' --party DE*ABC:CPO --party DE*ABC:EMSP" },
	{ "party connect", "", 0, 0, connect_options, request_connect, ctl_print_connect, .wait_s = 120,
		.help = "Begin the credentials handshake with a platform, with the token A that it handed over",
		.example = "roamhubctl party connect --name 'Drive On' --versions-url https://emsp.example/ocpi/versions "
			   "--token @token-a" },
	{ "party list", "", 0, 0, NULL, request_list, ctl_print_platforms,
		.help = "List platforms with status, version, last contact and roles",
		.example = "roamhubctl party list" },
	{ "party show", "ID", 1, 1, NULL, request_show, ctl_print_platform,
		.help = "Show one platform with settings, parties, endpoints and its last failure",
		.example = "roamhubctl party show 3" },
	{ "party suspend", "ID", 1, 1, NULL, request_suspend, ctl_print_change,
		.help = "Refuse the platform's requests and send nothing to it, until party resume",
		.example = "roamhubctl party suspend 3" },
	{ "party resume", "ID", 1, 1, NULL, request_resume, ctl_print_change, .help = "End a suspension",
		.example = "roamhubctl party resume 3" },
	{ "party remove", "ID", 1, 1, NULL, request_remove, ctl_print_change,
		.help = "Forget the platform's tokens; its parties are SUSPENDED for the others",
		.example = "roamhubctl party remove 3" },
	{ "party set", "ID KEY=VALUE...", 2, 64, NULL, request_set, ctl_print_change,
		.help = "Change settings of one platform: validation=strict|lenient|off|default, "
			"token_encoding=auto|base64|plain",
		.example = "roamhubctl party set 3 validation=lenient token_encoding=plain" },
	{ "status", "", 0, 0, NULL, request_status, ctl_print_status, .help = "Show the hub on one page",
		.example = "roamhubctl status" },
	{ "log", "", 0, 0, log_options, request_log, ctl_print_log,
		.help = "Trace messages through the hub, both legs, with the reason for each decision",
		.example = "roamhubctl log --party DE*ABC --since 10m --limit 20" },
	{ "route explain", "", 0, 0, explain_options, request_explain, ctl_print_explain,
		.help = "Say what the hub would do with a message, and by which rule",
		.example = "roamhubctl route explain --from DE*ABC --to NL*XYZ --module tokens" },
	{ "config show", "", 0, 0, NULL, request_config, ctl_print_config,
		.help = "List every setting of the running hub with its value and where it came from",
		.example = "roamhubctl config show" },
	{ "check", "", 0, 0, NULL, request_check, ctl_print_check, level_of, .unreachable = 2,
		.help = "Say how the hub is; exit status 0 good, 1 warning, 2 critical or no answer",
		.example = "roamhubctl check" },
	{ "backup", "FILE", 1, 1, NULL, request_backup, ctl_print_backup, .wait_s = 3600,
		.help = "Copy the database to a new file while the hub goes on",
		.example = "roamhubctl backup /var/backups/roamhub-monday.db" },
	{ "reload", "", 0, 0, NULL, request_reload, ctl_print_reload, .wait_s = 60, .judges_config = true,
		.help = "Make the hub read its configuration again and wait for the verdict",
		.example = "roamhubctl reload" },
	{ 0 },
};
