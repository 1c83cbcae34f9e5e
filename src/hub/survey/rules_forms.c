/* rules_forms: the form of an answer: its type, its envelope, its ids and its clock. */
#include "rules.h"

#include <stdlib.h>
#include <string.h>

enum { CLOCK_OFF_MS = 30 * 1000 };

/* A HEAD has no body, and what a result says came as a request. */
#define WITH_BODY  (ASKED_ALL & ~(ASKED(ASK_HEAD) | ASKED(ASK_RESULT)))
#define OF_MODULES (WITH_BODY & ~(ASKED(ASK_LIST) - 1))

static bool
has_come(const struct survey_seen *seen)
{
	return seen->call->net.result == NET_DONE;
}

/* What is listed nowhere need not be there, nor be refused as OCPI has it: that is told by `slash`.
 */
static bool
is_nowhere(const struct survey_seen *seen)
{
	return (seen->ask == ASK_VERSIONS_SLASH || seen->ask == ASK_LIST_SLASH) &&
	       !survey_is_success(seen);
}

/* ---- Content-Type, Content-Encoding ---- */

static enum survey_verdict
judge_content_type(const struct survey_seen *seen, struct survey_finding *finding)
{
	struct str left = survey_header(seen, SEEN_CONTENT_TYPE), type;

	if (!has_come(seen) || seen->call->result != PARTNER_ANSWERED)
		return SURVEY_SILENT;
	if (left.p == NULL)
		return survey_found(finding, "no Content-Type");
	type = str_trim(str_cut(&left, ';'));
	return survey_holds_if(str_ieq(type, STR("application/json")), finding, "%.*s",
	        STR_ARG(survey_header(seen, SEEN_CONTENT_TYPE)));
}

static struct str
charset_of(struct str type)
{
	(void)str_cut(&type, ';');
	while (type.p != NULL) {
		struct str value = str_cut(&type, ';'), name = str_trim(str_cut(&value, '='));

		value = str_trim(value);
		if (!str_ieq(name, STR("charset")))
			continue;
		if (value.len > 1 && value.p[0] == '"')
			value = (struct str){ value.p + 1, value.len - 2 };
		return value;
	}
	return (struct str){ 0 };
}

static enum survey_verdict
judge_charset(const struct survey_seen *seen, struct survey_finding *finding)
{
	struct str charset = charset_of(survey_header(seen, SEEN_CONTENT_TYPE));

	if (!has_come(seen) || seen->call->result != PARTNER_ANSWERED)
		return SURVEY_SILENT;
	return survey_holds_if(charset.p == NULL || str_ieq(charset, STR("utf-8")), finding,
	        "charset=%.*s", STR_ARG(charset));
}

static enum survey_verdict
judge_compressed(const struct survey_seen *seen, struct survey_finding *finding)
{
	struct str encoding = survey_header(seen, SEEN_CONTENT_ENCODING);

	if (!has_come(seen))
		return SURVEY_SILENT;
	return survey_holds_if(encoding.len == 0 || str_ieq(encoding, STR("identity")), finding,
	        "Content-Encoding: %.*s, without an Accept-Encoding", STR_ARG(encoding));
}

/* ---- the envelope ---- */

static bool
is_compressed(const struct survey_seen *seen)
{
	return survey_header(seen, SEEN_CONTENT_ENCODING).len > 0;
}

static enum survey_verdict
judge_envelope(const struct survey_seen *seen, struct survey_finding *finding)
{
	const struct partner_call *call = seen->call;

	if (!has_come(seen) || call->net.status / 100 != 2 || is_compressed(seen))
		return SURVEY_SILENT;
	return survey_holds_if(call->result == PARTNER_ANSWERED, finding, "%s", call->why);
}

static enum survey_verdict
judge_refusal(const struct survey_seen *seen, struct survey_finding *finding)
{
	const struct partner_call *call = seen->call;
	struct str said;

	if (!has_come(seen) || is_nowhere(seen) || call->net.status < 400 ||
	        call->net.status == 429)
		return SURVEY_SILENT;
	said = survey_status(seen);
	return survey_holds_if(call->result == PARTNER_ANSWERED, finding, "%.*s", STR_ARG(said));
}

/* The first thing that the class of the envelope does not allow; `data` is judged by others. */
static enum survey_verdict
judge_envelope_class(const struct survey_seen *seen, struct survey_finding *finding)
{
	const struct json_doc *doc = &seen->call->envelope.doc;
	struct ocpi_flaw_text text;
	struct ocpi_flaws flaws;

	if (seen->call->result != PARTNER_ANSWERED)
		return SURVEY_SILENT;
	if (ocpi_check(doc, 0, &ocpi_class_response, CHECK_ANY_OFFSET, &flaws))
		return SURVEY_HOLDS;
	ocpi_flaw_text(doc, &flaws.list[0], &text);
	return survey_found(finding, "%.60s: %.80s", text.pointer, text.found);
}

/* ---- ids and routing headers ---- */

static enum survey_verdict
judge_echo(struct str sent, struct str came, struct survey_finding *finding)
{
	if (came.p == NULL)
		return survey_found(finding, "it is not in the answer");
	return survey_holds_if(str_ieq(sent, came), finding, "%.*s came back as %.*s",
	        STR_ARG(sent), (int)(came.len > 100 ? 100 : came.len), came.p);
}

static enum survey_verdict
judge_request_id(const struct survey_seen *seen, struct survey_finding *finding)
{
	if (!has_come(seen) || is_nowhere(seen))
		return SURVEY_SILENT;
	return judge_echo(seen->call->request_id, survey_header(seen, SEEN_REQUEST_ID), finding);
}

static enum survey_verdict
judge_correlation_id(const struct survey_seen *seen, struct survey_finding *finding)
{
	if (!has_come(seen) || is_nowhere(seen))
		return SURVEY_SILENT;
	return judge_echo(
	        seen->call->correlation_id, survey_header(seen, SEEN_CORRELATION_ID), finding);
}

static enum survey_verdict
judge_routing(const struct survey_seen *seen, struct survey_finding *finding)
{
	struct str country = survey_header(seen, SEEN_FROM_COUNTRY);
	struct str party = survey_header(seen, SEEN_FROM_PARTY);

	if (!survey_is_success(seen) || seen->to == NULL)
		return SURVEY_SILENT;
	if (country.p == NULL || party.p == NULL)
		return survey_found(finding, "OCPI-from-country-code and OCPI-from-party-id are "
		                             "not in the answer");
	return survey_holds_if(str_ieq(country, str_of(seen->to->country)) &&
	                               str_ieq(party, str_of(seen->to->party)),
	        finding, "FROM is %.*s*%.*s, which was not asked",
	        (int)(country.len > 8 ? 8 : country.len), country.p,
	        (int)(party.len > 8 ? 8 : party.len), party.p);
}

static enum survey_verdict
judge_routing_case(const struct survey_seen *seen, struct survey_finding *finding)
{
	struct str country = survey_header(seen, SEEN_FROM_COUNTRY);
	struct str party = survey_header(seen, SEEN_FROM_PARTY);

	if (seen->to == NULL || !str_ieq(country, str_of(seen->to->country)) ||
	        !str_ieq(party, str_of(seen->to->party)))
		return SURVEY_SILENT;
	return survey_holds_if(str_is(country, seen->to->country) && str_is(party, seen->to->party),
	        finding, "%s*%s answers as %.*s*%.*s", seen->to->country, seen->to->party,
	        STR_ARG(country), STR_ARG(party));
}

/* ---- its clock ---- */

static enum survey_verdict
judge_clock(const struct survey_seen *seen, struct survey_finding *finding)
{
	const struct ocpi_envelope *envelope = &seen->call->envelope;
	struct str stamp;
	int64_t ns, off_ms;

	if (seen->call->result != PARTNER_ANSWERED)
		return SURVEY_SILENT;
	stamp = json_member_string(&envelope->doc, 0, "timestamp", seen->arena);
	if (!ocpi_datetime_parse(stamp, &ns))
		return SURVEY_SILENT;
	off_ms = ns / 1000000 - seen->now_ms;
	return survey_holds_if(llabs(off_ms) <= CLOCK_OFF_MS, finding,
	        "timestamp %.*s is %lld s %s the hub's clock", STR_ARG(stamp), llabs(off_ms) / 1000,
	        off_ms > 0 ? "ahead of" : "behind");
}

#define TRANSPORT "transport_and_format.asciidoc, "

const struct survey_rule survey_forms[] = {
	{ "content-type", "application/json", TRANSPORT "Request format", "TRN-007", SURVEY_WARNING,
	        WITH_BODY, NULL, judge_content_type },
	{ "charset", "UTF-8", "RFC 8259, 8.1 Character Encoding", NULL, SURVEY_WARNING, WITH_BODY,
	        NULL, judge_charset },
	{ "compressed", "a body as it is, where no other was asked for",
	        "RFC 9110, 12.5.3 Accept-Encoding", NULL, SURVEY_FAULT, WITH_BODY, NULL,
	        judge_compressed },
	{ "envelope", "JSON {data, status_code, status_message, timestamp}",
	        TRANSPORT "Response format", "TRN-011", SURVEY_FAULT, WITH_BODY, NULL,
	        judge_envelope },
	{ "refusal", "an envelope around refusals, too", TRANSPORT "Response format", "TRN-015",
	        SURVEY_WARNING, WITH_BODY, NULL, judge_refusal },
	{ "envelope-fields", "status_code and timestamp, as their types say",
	        TRANSPORT "Response format", "TRN-011", SURVEY_WARNING, WITH_BODY, NULL,
	        judge_envelope_class },
	{ "request-id", "X-Request-ID as it was sent", TRANSPORT "Unique message IDs", "TRN-050",
	        SURVEY_WARNING, WITH_BODY, NULL, judge_request_id },
	{ "correlation-id", "X-Correlation-ID as it was sent", TRANSPORT "Unique message IDs",
	        "TRN-051", SURVEY_WARNING, WITH_BODY, NULL, judge_correlation_id },
	{ "routing-headers", "OCPI-from-* of the party that answers",
	        TRANSPORT "Party to Party via Hub", "RTE-007", SURVEY_NOTE, OF_MODULES, NULL,
	        judge_routing },
	{ "routing-case", "ids of parties in the case in which they registered",
	        "types.asciidoc, CiString type", "CRD-030", SURVEY_NOTE, OF_MODULES, NULL,
	        judge_routing_case },
	{ "clock", "a clock within 30 s of the hub's", TRANSPORT "Response format", "TRN-011",
	        SURVEY_WARNING, WITH_BODY & ~(ASKED(ASK_LIST_BARE + 1) - ASKED(ASK_LIST_SLASH)),
	        NULL, judge_clock },
	{ 0 },
};
