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

/* ---- the table ---- */

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
	{ 0 },
};
