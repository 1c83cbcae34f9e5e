/* rules_reach: does it answer at all, on which URLs and connections, and to which token? */
#include "rules.h"

#include <string.h>

/* Of the page that Link leads to its own rule tells. */
static const uint64_t must_succeed =
        ASKED(ASK_VERSIONS) | ASKED(ASK_VERSIONS_AGAIN) | ASKED(ASK_DETAILS) | ASKED(ASK_LIST) |
        ASKED(ASK_OFFSET) | ASKED(ASK_PAST) | ASKED(ASK_FUTURE) | ASKED(ASK_LARGE) |
        ASKED(ASK_OBJECT) | ASKED(ASK_PUT) | ASKED(ASK_GET_BACK) | ASKED(ASK_PATCH) |
        ASKED(ASK_GET_PATCHED) | ASKED(ASK_POST) | ASKED(ASK_LOCATION) | ASKED(ASK_AUTHORIZE) |
        ASKED(ASK_COMMAND) | ASKED(ASK_TAKE_BACK);

static bool
has_come(const struct survey_seen *seen)
{
	return seen->call->net.result == NET_DONE;
}

static int
http_of(const struct survey_seen *seen)
{
	return seen->call->net.status;
}

/* ---- does it answer? ---- */

/* Of a large page that is too large its own rule tells. */
static enum survey_verdict
judge_reached(const struct survey_seen *seen, struct survey_finding *finding)
{
	const struct partner_call *call = seen->call;

	if (call->result == PARTNER_OURS ||
	        (seen->ask == ASK_LARGE && call->net.result == NET_ANSWER_TOO_LARGE))
		return SURVEY_SILENT;
	return survey_holds_if(has_come(seen), finding, "%s%s",
	        call->net.result == NET_GARBAGE ? "what came is no HTTP: " : "", call->why);
}

static enum survey_verdict
judge_pace(const struct survey_seen *seen, struct survey_finding *finding)
{
	struct str after = survey_header(seen, OUT_RETRY_AFTER);

	if (!has_come(seen))
		return SURVEY_SILENT;
	return survey_holds_if(http_of(seen) != 429, finding, "HTTP 429, %s%.*s",
	        after.len > 0 ? "Retry-After " : "without Retry-After", STR_ARG(after));
}

static enum survey_verdict
judge_status(const struct survey_seen *seen, struct survey_finding *finding)
{
	struct str said;

	if (!has_come(seen) || http_of(seen) == 429 ||
	        (http_of(seen) / 100 == 2 && seen->call->result != PARTNER_ANSWERED))
		return SURVEY_SILENT;
	said = survey_status(seen);
	return survey_holds_if(survey_is_success(seen), finding, "%.*s", STR_ARG(said));
}

/* ---- URLs ---- */

static enum survey_verdict
judge_https(const struct survey_seen *seen, struct survey_finding *finding)
{
	struct str origin = seen->call->net.origin;

	return survey_holds_if(
	        str_starts(origin, "https://"), finding, "it is called at %.*s", STR_ARG(origin));
}

static enum survey_verdict
judge_redirect(const struct survey_seen *seen, struct survey_finding *finding)
{
	struct str from = seen->call->redirected_from;

	if (!has_come(seen))
		return SURVEY_SILENT;
	if (from.p == NULL)
		return SURVEY_HOLDS;
	/* Where Link leads, no setting rules. */
	if (ASKED(seen->ask) & ASKED_LISTS & ~ASKED(ASK_NEXT))
		survey_cure_endpoint(seen, finding, survey_asked_url(seen));
	return survey_found(finding, "%.*s is redirected to %.*s", STR_ARG(from),
	        STR_ARG(seen->call->net.target));
}

/* What is listed does not answer, and the other spelling of it does. */
static enum survey_verdict
judge_listed_url(const struct survey_seen *seen, struct survey_finding *finding)
{
	struct str url;

	if (!seen->list->refused)
		return seen->list->answered ? SURVEY_HOLDS : SURVEY_SILENT;
	if (!survey_is_success(seen))
		return SURVEY_SILENT;
	url = survey_asked_url(seen);
	survey_cure_endpoint(seen, finding, url);
	return survey_found(finding, "it answers at %.*s alone", STR_ARG(url));
}

static enum survey_verdict
judge_slash(const struct survey_seen *seen, struct survey_finding *finding)
{
	struct str from = seen->call->redirected_from, said, url;

	if (!has_come(seen) || (seen->list != NULL && seen->list->refused))
		return SURVEY_SILENT;
	if (from.p != NULL)
		return survey_found(finding, "%.*s is redirected to %.*s", STR_ARG(from),
		        STR_ARG(seen->call->net.target));
	said = survey_status(seen);
	url = survey_asked_url(seen);
	return survey_holds_if(
	        survey_is_success(seen), finding, "%.*s: %.*s", STR_ARG(url), STR_ARG(said));
}

/* ---- connections ---- */

/* Some work on behind an answer, and read nothing meanwhile (fault O18). */
static enum survey_verdict
judge_kept(const struct survey_seen *seen, struct survey_finding *finding)
{
	struct str says = survey_header(seen, SEEN_CONNECTION);

	if (!has_come(seen) && seen->call->net.connected_anew)
		return SURVEY_SILENT;
	if (!has_come(seen))
		return survey_found(finding,
		        "behind an answer the next request on its connection gets none: %s",
		        seen->call->why);
	return survey_holds_if(!seen->call->net.connected_anew, finding,
	        "the connection was closed behind an answer, %s",
	        str_ieq(says, STR("close")) ? "and that was said" : "and nothing said so");
}

static enum survey_verdict
judge_head(const struct survey_seen *seen, struct survey_finding *finding)
{
	int status = http_of(seen);

	if (!has_come(seen))
		return survey_found(finding, "%s", seen->call->why);
	return survey_holds_if(
	        status / 100 == 2 || status == 405 || status == 501, finding, "HTTP %d", status);
}

/* ---- tokens ---- */

static const char *
form_name(bool plain)
{
	return plain ? "raw" : "in Base64";
}

static enum survey_verdict
judge_token_form(const struct survey_seen *seen, struct survey_finding *finding)
{
	if (!has_come(seen))
		return SURVEY_SILENT;
	if (!seen->usual_refused || !survey_is_success(seen))
		return SURVEY_HOLDS;
	(void)strcpy(finding->cure, seen->plain ? "token_encoding=plain" : "token_encoding=base64");
	return survey_found(finding, "401 to the token %s, which it takes %s",
	        form_name(seen->plain_before), form_name(seen->plain));
}

/* The hub found it out already; a restart, or a handshake, finds it out again. */
static enum survey_verdict
judge_token_base64(const struct survey_seen *seen, struct survey_finding *finding)
{
	if (!has_come(seen))
		return SURVEY_SILENT;
	if (seen->plain || !seen->plain_before || seen->usual_refused)
		return SURVEY_HOLDS;
	return survey_holds_if(
	        survey_is_success(seen), finding, "HTTP %d to the token in Base64", http_of(seen));
}

static enum survey_verdict
judge_stranger(const struct survey_seen *seen, struct survey_finding *finding)
{
	if (!has_come(seen))
		return SURVEY_SILENT;
	return survey_holds_if(!survey_is_success(seen), finding,
	        "a token that it does not know was let in, HTTP %d", http_of(seen));
}

static enum survey_verdict
judge_stranger_401(const struct survey_seen *seen, struct survey_finding *finding)
{
	if (!has_come(seen) || survey_is_success(seen))
		return SURVEY_SILENT;
	return survey_holds_if(http_of(seen) == 401, finding, "HTTP %d", http_of(seen));
}

#define TRANSPORT "transport_and_format.asciidoc, "

const struct survey_rule survey_reach[] = {
	{ "reached", "a complete HTTP answer in time", TRANSPORT "JSON / HTTP implementation guide",
	        NULL, SURVEY_FAULT, ASKED_ALL & ~ASKED(ASK_HEAD), NULL, judge_reached },
	{ "https", "https", TRANSPORT "Security and authentication", "TRN-001", SURVEY_WARNING,
	        ASKED(ASK_VERSIONS), NULL, judge_https },
	{ "status", "HTTP 200 and a status_code of 1xxx", "status_codes.asciidoc, 1xxx: Success",
	        "TRN-020", SURVEY_FAULT, must_succeed, NULL, judge_status },
	{ "pace", "answers, as long as one request is asked after the other",
	        "RFC 6585, 429 Too Many Requests", NULL, SURVEY_NOTE, ASKED_ALL, NULL, judge_pace },
	{ "listed-url", "an answer at the URL that the version details list",
	        "version_information_endpoint.asciidoc, Endpoint class", "VER-020", SURVEY_FAULT,
	        ASKED(ASK_LIST_SLASH), NULL, judge_listed_url },
	{ "redirect", "an answer at the URL that is listed, without a detour",
	        "version_information_endpoint.asciidoc, Endpoint class", "VER-020", SURVEY_WARNING,
	        ASKED_ALL & ~(ASKED(ASK_VERSIONS_SLASH) | ASKED(ASK_LIST_SLASH)), NULL,
	        judge_redirect },
	{ "slash", "the same with a slash at the end of the path and without",
	        TRANSPORT "Interface endpoints", "VER-021", SURVEY_NOTE,
	        ASKED(ASK_VERSIONS_SLASH) | ASKED(ASK_LIST_SLASH), NULL, judge_slash },
	{ "kept", "a connection that stays open for the next request", "RFC 9112, 9.3 Persistence",
	        NULL, SURVEY_NOTE, ASKED(ASK_VERSIONS_AGAIN), NULL, judge_kept },
	{ "head", "an answer to HEAD, or 405", "RFC 9110, 9.3.2 HEAD", NULL, SURVEY_NOTE,
	        ASKED(ASK_HEAD), NULL, judge_head },
	{ "token-form", "the token in the form in which it is sent let in",
	        TRANSPORT "Authorization header", "TRN-002", SURVEY_FAULT, ASKED(ASK_OTHER_FORM),
	        NULL, judge_token_form },
	{ "token-base64", "the token in Base64 let in", TRANSPORT "Authorization header", "TRN-002",
	        SURVEY_WARNING, ASKED(ASK_OTHER_FORM), "token_encoding=plain", judge_token_base64 },
	{ "unknown-token", "no answer to a token that is not known",
	        TRANSPORT "Authorization header", "TRN-005", SURVEY_FAULT, ASKED(ASK_WRONG_TOKEN),
	        NULL, judge_stranger },
	{ "unknown-token-401", "401 to a token that is not known", TRANSPORT "Authorization header",
	        "TRN-005", SURVEY_WARNING, ASKED(ASK_WRONG_TOKEN), NULL, judge_stranger_401 },
	{ 0 },
};
