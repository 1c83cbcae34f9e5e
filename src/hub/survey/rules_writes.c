/* rules_writes: what becomes of objects, commands and authorizations of a test party. */
#include "rules.h"

#include <string.h>

static bool
has_come(const struct survey_seen *seen)
{
	return seen->call->net.result == NET_DONE;
}

static const struct ocpi_route *
route_of(const struct survey_seen *seen, const char *path)
{
	for (const struct ocpi_route *route = seen->module->routes; route->interface != 0; route++)
		if (strcmp(route->path, path) == 0 && strcmp(route->method, "POST") == 0)
			return route;
	return NULL;
}

/* ---- objects ---- */

static enum survey_verdict
judge_created(const struct survey_seen *seen, struct survey_finding *finding)
{
	if (!survey_is_success(seen))
		return SURVEY_SILENT;
	return survey_holds_if(seen->call->net.status == 201, finding, "HTTP %d for a new object",
	        seen->call->net.status);
}

static enum survey_verdict
judge_put_owner(const struct survey_seen *seen, struct survey_finding *finding)
{
	if (!has_come(seen))
		return SURVEY_SILENT;
	return survey_holds_if(!survey_is_success(seen), finding,
	        "it refuses FROM = the hub, and takes FROM = the owner");
}

static enum survey_verdict
judge_kept(const struct survey_seen *seen, struct survey_finding *finding)
{
	const struct json_doc *doc = &seen->call->envelope.doc;
	uint32_t object = survey_object(seen);
	struct str has;

	if (object == 0)
		return SURVEY_SILENT;
	has = json_member_string(doc, object, "last_updated", seen->arena);
	return survey_holds_if(str_eq(has, seen->wrote), finding,
	        "last_updated is %.*s, sent was %.*s", STR_ARG(has), STR_ARG(seen->wrote));
}

static enum survey_verdict
judge_location(const struct survey_seen *seen, struct survey_finding *finding)
{
	if (!survey_is_success(seen))
		return SURVEY_SILENT;
	return survey_holds_if(survey_header(seen, OUT_LOCATION).len > 0, finding, "no Location");
}

/* ---- authorize ---- */

static enum survey_verdict
judge_unknown(const struct survey_seen *seen, struct survey_finding *finding)
{
	const struct partner_call *call = seen->call;
	struct str said;

	if (!has_come(seen))
		return SURVEY_SILENT;
	said = survey_status(seen);
	return survey_holds_if(call->net.status == 404 && call->result == PARTNER_ANSWERED &&
	                               call->envelope.code == 2004,
	        finding, "%.*s", STR_ARG(said));
}

static enum survey_verdict
judge_authorized(const struct survey_seen *seen, struct survey_finding *finding)
{
	return survey_of_class(
	        seen, route_of(seen, "{id}/authorize")->answer, CHECK_ANY_OFFSET, finding);
}

/* ---- commands ---- */

static enum survey_verdict
judge_response(const struct survey_seen *seen, struct survey_finding *finding)
{
	return survey_of_class(seen, route_of(seen, "RESERVE_NOW")->answer, 0, finding);
}

/* It stands there by itself, without an envelope. */
static enum survey_verdict
judge_result(const struct survey_seen *seen, struct survey_finding *finding)
{
	const struct json_doc *doc = &seen->call->envelope.doc;
	struct ocpi_flaw_text text;
	struct ocpi_flaws flaws;

	if (!has_come(seen))
		return SURVEY_SILENT;
	if (ocpi_check(doc, 0, route_of(seen, "RESERVE_NOW")->callback, 0, &flaws))
		return SURVEY_HOLDS;
	ocpi_flaw_text(doc, &flaws.list[0], &text);
	return survey_found(finding, "%.80s: found %.60s, expected %.90s", text.pointer, text.found,
	        text.expected);
}

const struct survey_rule survey_writes[] = {
	{ "from-hub-push", "an object of another party from FROM = the hub",
	        "transport_and_format.asciidoc, Party to Party Broadcast Push", "RTE-031",
	        SURVEY_FAULT, ASKED(ASK_PUT_OWNER), "from=owner", judge_put_owner },
	{ "created", "HTTP 201 for a new object", "status_codes.asciidoc, Status codes", "TRN-018",
	        SURVEY_NOTE, ASKED(ASK_PUT) | ASKED(ASK_POST), NULL, judge_created },
	{ "read-back", "the object as it was sent", "transport_and_format.asciidoc, PUT", "TRN-039",
	        SURVEY_FAULT, ASKED(ASK_GET_BACK) | ASKED(ASK_GET_PATCHED), NULL, judge_kept },
	{ "cdr-location", "Location of the CDR", "mod_cdrs.asciidoc, POST Method", "CDR-004",
	        SURVEY_WARNING, ASKED(ASK_POST), NULL, judge_location },
	{ "authorize-unknown", "HTTP 404 and 2004 for a token that is not known",
	        "mod_tokens.asciidoc, POST Method", "TOK-012", SURVEY_WARNING,
	        ASKED(ASK_AUTHORIZE_UNKNOWN), NULL, judge_unknown },
	{ "authorize", "an AuthorizationInfo", "mod_tokens.asciidoc, POST Method", "TOK-011",
	        SURVEY_FAULT, ASKED(ASK_AUTHORIZE), NULL, judge_authorized },
	{ "command", "a CommandResponse", "mod_commands.asciidoc, POST Method", "CMD-E3",
	        SURVEY_FAULT, ASKED(ASK_COMMAND), NULL, judge_response },
	{ "result", "a CommandResult at response_url", "mod_commands.asciidoc, POST Method",
	        "CMD-E6", SURVEY_FAULT, ASKED(ASK_RESULT), NULL, judge_result },
	{ 0 },
};
