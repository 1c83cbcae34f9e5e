/* rules: what the tables of rules have in common. */
#include "rules.h"

#include <stdio.h>
#include <string.h>

#include "../parties/words.h"

const char *
survey_level_name(enum survey_level level)
{
	static const char *const names[] = { "note", "warning", "fault" };

	return names[level];
}

static enum survey_verdict
say(struct survey_finding *finding, const char *fmt, va_list args)
{
	(void)vsnprintf(finding->found, sizeof finding->found, fmt, args);
	return SURVEY_FOUND;
}

enum survey_verdict
survey_found(struct survey_finding *finding, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void)say(finding, fmt, args);
	va_end(args);
	return SURVEY_FOUND;
}

enum survey_verdict
survey_holds_if(bool holds, struct survey_finding *finding, const char *fmt, ...)
{
	va_list args;

	if (holds)
		return SURVEY_HOLDS;
	va_start(args, fmt);
	(void)say(finding, fmt, args);
	va_end(args);
	return SURVEY_FOUND;
}

bool
survey_is_success(const struct survey_seen *seen)
{
	const struct partner_call *call = seen->call;

	return call->result == PARTNER_ANSWERED && call->net.status / 100 == 2 &&
	       call->envelope.code / 1000 == 1;
}

bool
survey_is_page(const struct survey_seen *seen)
{
	const struct ocpi_envelope *envelope = &seen->call->envelope;

	return survey_is_success(seen) && envelope->data != 0 &&
	       envelope->doc.nodes[envelope->data].type == JSON_ARRAY;
}

struct str
survey_header(const struct survey_seen *seen, size_t header)
{
	return seen->call->net.header[header];
}

uint32_t
survey_object(const struct survey_seen *seen)
{
	const struct ocpi_envelope *envelope = &seen->call->envelope;

	if (!survey_is_success(seen) || envelope->data == 0)
		return 0;
	if (envelope->doc.nodes[envelope->data].type != JSON_ARRAY)
		return envelope->doc.nodes[envelope->data].type == JSON_OBJECT ? envelope->data : 0;
	return envelope->doc.nodes[envelope->data].count > 0 ? envelope->data + 1 : 0;
}

struct str
survey_status(const struct survey_seen *seen)
{
	const struct partner_call *call = seen->call;
	struct str said = words_of(call);

	if (call->net.result != NET_DONE)
		return str_of(call->why);
	if (call->result != PARTNER_ANSWERED)
		return arena_printf(seen->arena, "HTTP %d%s%.*s", call->net.status,
		        said.len > 0 ? ": " : "", STR_ARG(said));
	return arena_printf(seen->arena, "HTTP %d, OCPI %d%s%.*s", call->net.status,
	        call->envelope.code, said.len > 0 ? ": " : "", STR_ARG(said));
}

int64_t
survey_total(const struct survey_seen *seen)
{
	uint64_t total;

	return str_to_u64(survey_header(seen, OUT_TOTAL_COUNT), INT64_MAX, &total) ? (int64_t)total
	                                                                           : -1;
}

struct str
survey_asked_url(const struct survey_seen *seen)
{
	const struct net_call *net = &seen->call->net;
	struct str path = net->target;

	path = str_cut(&path, '?');
	return arena_printf(seen->arena, "%.*s%.*s", STR_ARG(net->origin), STR_ARG(path));
}

void
survey_cure_endpoint(const struct survey_seen *seen, struct survey_finding *finding, struct str url)
{
	int len;

	if (seen->module == NULL)
		return;
	len = snprintf(finding->cure, sizeof finding->cure, "endpoint.%s.%s=%.*s", seen->module->id,
	        seen->interface == IFACE_SENDER ? "sender" : "receiver", STR_ARG(url));
	if (len < 0 || (size_t)len >= sizeof finding->cure)
		finding->cure[0] = '\0'; /* a URL that was cut would be another's */
}

enum survey_verdict
survey_of_class(const struct survey_seen *seen, const struct ocpi_class *class, unsigned flags,
        struct survey_finding *finding)
{
	const struct ocpi_envelope *envelope = &seen->call->envelope;
	struct ocpi_flaw_text text;
	struct ocpi_flaws flaws;

	if (!survey_is_success(seen))
		return SURVEY_SILENT;
	if (envelope->data == 0)
		return survey_found(finding, "no data");
	if (ocpi_check(&envelope->doc, envelope->data, class, flags, &flaws))
		return SURVEY_HOLDS;
	ocpi_flaw_text(&envelope->doc, &flaws.list[0], &text);
	return survey_found(finding, "%.80s: found %.60s, expected %.90s", text.pointer, text.found,
	        text.expected);
}
