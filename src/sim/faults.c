/* faults: rules that strike an answer, by module, method, count and chance. */
#include "faults.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { ENDLESS_BYTES = 64 << 10 };

static const struct fault_kind_info kinds[] = {
	{ "delay", FAULT_DELAY, "a time" },
	{ "lose", FAULT_LOSE },
	{ "half", FAULT_HALF },
	{ "deaf", FAULT_DEAF },
	{ "hang", FAULT_HANG },
	{ "drop", FAULT_DROP },
	{ "garbage", FAULT_GARBAGE },
	{ "endless", FAULT_ENDLESS },
	{ "status", FAULT_STATUS, "an HTTP status" },
	{ "envelope", FAULT_ENVELOPE, "an OCPI status code" },
	{ "no-envelope", FAULT_NO_ENVELOPE },
	{ "redirect", FAULT_REDIRECT, "a URL" },
	{ "redirect-307", FAULT_REDIRECT_307, "a URL" },
	{ "retry-after", FAULT_RETRY_AFTER, "a number of seconds" },
	{ "detail", FAULT_DETAIL, "an HTTP status" },
	{ "no-routing-headers", FAULT_NO_ROUTING_HEADERS },
	{ "no-base64", FAULT_NO_BASE64 },
	{ "wrong-case", FAULT_WRONG_CASE },
	{ "empty-link", FAULT_EMPTY_LINK },
	{ "relative-link", FAULT_RELATIVE_LINK },
	{ "foreign-link", FAULT_FOREIGN_LINK },
	{ "dead-link", FAULT_DEAD_LINK },
	{ "no-offset", FAULT_NO_OFFSET },
	{ "endless-link", FAULT_ENDLESS_LINK },
	{ "no-dates", FAULT_NO_DATES },
	{ "slash", FAULT_SLASH },
};

const struct fault_kind_info *
fault_kind_find(struct str name)
{
	for (size_t i = 0; i < COUNT(kinds); i++)
		if (str_is(name, kinds[i].name))
			return &kinds[i];
	return NULL;
}

static bool
is_habit(enum fault_kind kind)
{
	return kind >= FAULT_NO_ROUTING_HEADERS;
}

/** The switch of a habit. */
static bool *
habit_of(struct actor *actor, enum fault_kind kind)
{
	switch (kind) {
	case FAULT_NO_ROUTING_HEADERS:
		return &actor->no_routing_headers;
	case FAULT_NO_BASE64:
		return &actor->plain_tokens;
	case FAULT_WRONG_CASE:
		return &actor->wrong_case;
	case FAULT_EMPTY_LINK:
		return &actor->empty_link;
	case FAULT_FOREIGN_LINK:
		return &actor->foreign_link;
	case FAULT_DEAD_LINK:
		return &actor->dead_link;
	case FAULT_NO_OFFSET:
		return &actor->no_offset;
	case FAULT_ENDLESS_LINK:
		return &actor->endless_link;
	case FAULT_NO_DATES:
		return &actor->no_dates;
	case FAULT_SLASH:
		return &actor->slash;
	default:
		return &actor->relative_link;
	}
}

static char *
copy(const char *text)
{
	return text == NULL ? NULL : rh_strdup(text);
}

void
fault_add(struct actor *actor, const struct fault_rule *rule)
{
	struct fault_rule *mine;

	if (is_habit(rule->kind)) {
		*habit_of(actor, rule->kind) = true;
		return;
	}
	mine = rh_alloc(sizeof(*mine));
	*mine = *rule;
	mine->url = copy(rule->url);
	mine->method = copy(rule->method);
	mine->module = copy(rule->module);
	list_add_tail(&actor->faults, &mine->node);
}

void
fault_clear(struct actor *actor)
{
	list_each_safe (node, next, &actor->faults) {
		struct fault_rule *rule = container_of(node, struct fault_rule, node);

		list_remove(node);
		free(rule->url);
		free(rule->method);
		free(rule->module);
		free(rule);
	}
	for (size_t i = 0; i < COUNT(kinds); i++)
		if (is_habit(kinds[i].kind))
			*habit_of(actor, kinds[i].kind) = false;
}

/* xorshift64*, Marsaglia 2003 and Vigna 2016: the same seed gives the same faults in every run. */
static int64_t
percent_drawn(struct sim *sim)
{
	uint64_t x = sim->chance;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	sim->chance = x;
	return (int64_t)((x * 0x2545F4914F6CDD1DULL >> 33) % 100);
}

static bool
rule_meets(const struct fault_rule *rule, const struct exchange *exchange)
{
	if (rule->times == 0)
		return false;
	if (rule->method != NULL && !str_is(exchange->request->method, rule->method))
		return false;
	if (rule->module != NULL && strcmp(rule->module, exchange->module) != 0)
		return false;
	return rule->percent >= 100 || percent_drawn(exchange->actor->sim) < rule->percent;
}

struct fault_rule *
fault_pick(struct exchange *exchange)
{
	list_each (node, &exchange->actor->faults) {
		struct fault_rule *rule = container_of(node, struct fault_rule, node);

		if (!rule_meets(rule, exchange))
			continue;
		if (rule->times > 0)
			rule->times--;
		return rule;
	}
	return NULL;
}

/* ---- answers in place of the platform's own ---- */

static void
send_page(struct exchange *exchange, int status, const char *headers, const char *type,
        struct str body)
{
	struct buf out = { .arena = exchange->arena };

	buf_printf(&out,
	        "HTTP/1.1 %d Simulated\r\n%sContent-Type: %s\r\nContent-Length: %zu\r\n\r\n%.*s",
	        status, headers, type, body.len, STR_ARG(body));
	exchange->http = status;
	exchange->answer = body;
	inlet_send(exchange->request, buf_str(&out), INLET_KEEP);
}

static void
send_html(struct exchange *exchange, int status, const char *headers)
{
	struct str body = arena_printf(exchange->arena,
	        "<html><head><title>%d</title></head><body><h1>%d</h1><hr>a simulated "
	        "gateway</body></html>\n",
	        status, status);

	send_page(exchange, status, headers, "text/html", body);
}

static void
send_redirect(struct exchange *exchange, int status, const char *url)
{
	struct str location = arena_printf(exchange->arena, "Location: %s\r\n", url);

	send_html(exchange, status, location.p);
}

/* Without a length the body lasts until the connection ends, so nothing but a bound on its size
 * ends it. The head is sent again and again, too: to the reader it is part of the body. */
static void
send_endless(struct exchange *exchange)
{
	struct buf out = { .arena = exchange->arena };

	exchange->http = 200;
	buf_add(&out, STR("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
	                  "Connection: close\r\n\r\n{\"data\":["));
	while (out.len < ENDLESS_BYTES)
		buf_add(&out,
		        STR("                                                                "));
	inlet_send(exchange->request, buf_str(&out), INLET_ENDLESS);
}

/* As web frameworks do whose route ends in a slash: an endpoint without it is redirected there. */
static bool
add_slash(struct exchange *exchange)
{
	struct str query = exchange->request->target, path = str_cut(&query, '?');

	if (!exchange->actor->slash || exchange->module[0] == '\0' || exchange->rest.len > 0 ||
	        strcmp(exchange->module, "versions") == 0 || path.p[path.len - 1] == '/')
		return false;
	send_redirect(exchange, 307,
	        arena_printf(exchange->arena, "%.*s/%s%.*s", STR_ARG(path),
	                query.p == NULL ? "" : "?", STR_ARG(query))
	                .p);
	return true;
}

bool
fault_instead(struct exchange *exchange)
{
	const struct fault_rule *rule = exchange->rule;

	if (rule == NULL && add_slash(exchange)) {
		exchange->answered = true;
		exchange->done_us = rh_mono_us();
		return true;
	}
	if (rule == NULL || rule->kind < FAULT_HANG || rule->kind == FAULT_ENVELOPE)
		return false;
	exchange->answered = true;
	exchange->done_us = rh_mono_us();
	switch (rule->kind) {
	case FAULT_HANG:
		break;
	case FAULT_DROP:
		inlet_send(exchange->request, STR(""), INLET_CLOSE);
		break;
	case FAULT_GARBAGE:
		inlet_send(exchange->request,
		        STR("\x16\x03\x01\x02 this is not HTTP\r\n\r\n\x00\xff{"), INLET_CLOSE);
		break;
	case FAULT_ENDLESS:
		send_endless(exchange);
		break;
	case FAULT_STATUS:
		send_html(exchange, (int)rule->number, "");
		break;
	case FAULT_NO_ENVELOPE:
		send_page(exchange, 200, "", "application/json",
		        STR("{\"error\":\"no envelope here\"}"));
		break;
	case FAULT_REDIRECT:
		send_redirect(exchange, 302, rule->url);
		break;
	case FAULT_REDIRECT_307:
		send_redirect(exchange, 307, rule->url);
		break;
	case FAULT_DETAIL:
		send_page(exchange, (int)rule->number, "", "application/json",
		        STR("{\"detail\":[{\"loc\":[\"body\",\"id\"],\"msg\":\"field required\","
		            "\"type\":\"value_error.missing\"}]}"));
		break;
	case FAULT_RETRY_AFTER:
		send_html(exchange, 429,
		        arena_printf(exchange->arena, "Retry-After: %" PRId64 "\r\n", rule->number)
		                .p);
		break;
	default:
		break;
	}
	return true;
}

/* ---- the platform's own answer, spoiled ---- */

static void
send_held(struct net_timer *timer)
{
	struct exchange *exchange = container_of(timer, struct exchange, timer);

	inlet_send(exchange->request, exchange->held, exchange->then);
}

void
fault_send(struct exchange *exchange, struct str bytes)
{
	const struct fault_rule *rule = exchange->rule;
	struct net_loop *loop = exchange->actor->sim->loop;

	exchange->held = bytes;
	exchange->then = INLET_KEEP;
	if (rule != NULL && rule->kind == FAULT_LOSE) {
		exchange->held = STR("");
		exchange->then = INLET_CLOSE;
	} else if (rule != NULL && rule->kind == FAULT_HALF) {
		exchange->held.len = bytes.len - exchange->answer.len / 2 - 1;
		exchange->then = INLET_CLOSE;
	} else if (rule != NULL && rule->kind == FAULT_DEAF) {
		exchange->then = INLET_DEAF;
	} else if (rule != NULL && rule->kind == FAULT_DELAY) {
		exchange->timer.fire = send_held;
		net_timer_set(loop, &exchange->timer, rh_mono_ms() + rule->number);
		return;
	}
	send_held(&exchange->timer);
}
