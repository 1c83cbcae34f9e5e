/* answer: envelope, headers and bytes of what a platform answers.
 * The ids come back as they were sent; TO and FROM come back turned round (RTE-007). */
#include "faults.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_SIGNIFICANT_DIGITS = 15 };

struct str
json_text(const json_t *json, struct arena *arena)
{
	char *text = json_dumps(json,
	        JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(MOST_SIGNIFICANT_DIGITS));
	struct str copy;

	if (text == NULL)
		return STR("null");
	copy = arena_str(arena, str_of(text));
	free(text);
	return copy;
}

void
answer_header(struct exchange *exchange, const char *name, struct str value)
{
	if (value.p == NULL || exchange->header_count == MOST_ANSWER_HEADERS)
		return;
	exchange->headers[exchange->header_count++] = (struct net_header){ str_of(name), value };
}

static struct str
id_part(struct exchange *exchange, const char *part)
{
	char *text = arena_cstr(exchange->arena, str_of(part));

	if (exchange->actor->wrong_case)
		for (char *c = text; *c != '\0'; c++)
			*c = (char)tolower((unsigned char)*c);
	return str_of(text);
}

static void
add_ids(struct exchange *exchange)
{
	const struct inlet_request *request = exchange->request;

	answer_header(exchange, "X-Request-ID", inlet_header(request, "X-Request-ID"));
	answer_header(exchange, "X-Correlation-ID", inlet_header(request, "X-Correlation-ID"));
	if (exchange->actor->no_routing_headers)
		return;
	if (exchange->has_from) {
		answer_header(exchange, "OCPI-to-country-code",
		        id_part(exchange, exchange->from.country));
		answer_header(
		        exchange, "OCPI-to-party-id", id_part(exchange, exchange->from.party));
	}
	if (exchange->has_to) {
		answer_header(exchange, "OCPI-from-country-code",
		        id_part(exchange, exchange->to.country));
		answer_header(
		        exchange, "OCPI-from-party-id", id_part(exchange, exchange->to.party));
	}
}

static const char *
reason(int http)
{
	static const struct {
		int http;
		const char *text;
	} reasons[] = { { 200, "OK" }, { 201, "Created" }, { 400, "Bad Request" },
		{ 401, "Unauthorized" }, { 404, "Not Found" }, { 405, "Method Not Allowed" } };

	for (size_t i = 0; i < COUNT(reasons); i++)
		if (reasons[i].http == http)
			return reasons[i].text;
	return "Status";
}

static void
send_answer(struct exchange *exchange)
{
	struct buf out = { .arena = exchange->arena };

	buf_printf(&out,
	        "HTTP/1.1 %d %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n",
	        exchange->http, reason(exchange->http), exchange->answer.len);
	for (size_t i = 0; i < exchange->header_count; i++)
		buf_printf(&out, "%.*s: %.*s\r\n", STR_ARG(exchange->headers[i].name),
		        STR_ARG(exchange->headers[i].value));
	buf_add(&out, STR("\r\n"));
	buf_add(&out, exchange->answer);
	fault_send(exchange, buf_str(&out));
}

void
answer_raw(struct exchange *exchange, int http, int ocpi, const char *message, struct str data)
{
	struct buf body = { .arena = exchange->arena };
	struct sim *sim = exchange->actor->sim;

	if (exchange->answered)
		return;
	exchange->answered = true;
	exchange->http = http;
	exchange->ocpi = ocpi;
	exchange->done_us = rh_mono_us();
	ocpi_envelope_write(&body, ocpi, str_of(message), data, rh_wall_ms());
	exchange->answer = buf_str(&body);
	add_ids(exchange);
	send_answer(exchange);
	if (sim->on_request != NULL)
		sim->on_request(sim, exchange);
}

void
answer(struct exchange *exchange, int http, int ocpi, const char *message, json_t *data)
{
	struct str text = { 0 };

	if (data != NULL)
		text = json_text(data, exchange->arena);
	json_decref(data);
	answer_raw(exchange, http, ocpi, message, text);
}
