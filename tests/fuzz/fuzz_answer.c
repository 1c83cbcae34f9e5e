/* fuzz_answer: what a party answers, read as the hub's client reads it, then as its caller does.
 *
 * The first byte says how it comes: the method, and the size of the pieces. This file stands in the
 * place of net/connect.c: a wire gives the input and then its end. */
#include "../../src/net/client.h"
#include "fuzz.h"
#include "roamhub/ocpi.h"

#include <sys/epoll.h>

enum { MAX_ANSWER = 4096, MAX_NODES = 20000, WAYS_BYTES = 1 };

static struct str input;
static size_t piece;
static int ends;
static bool answered, kept;

bool
wire_open(struct wire *wire, struct door *door, const char *origin, bool tls)
{
	(void)wire, (void)door, (void)origin, (void)tls;
	return false;
}

void
wire_close(struct wire *wire)
{
	(void)wire;
}

ssize_t
wire_send(struct wire *wire, struct str first, struct str second)
{
	(void)wire;
	return (ssize_t)(first.len + second.len);
}

ssize_t
wire_recv(struct wire *wire, char *bytes, size_t size)
{
	size_t n = input.len < piece ? input.len : piece;

	(void)wire;
	n = n < size ? n : size;
	if (n > 0)
		memcpy(bytes, input.p, n);
	input = str_from(input, n);
	return (ssize_t)n;
}

static void
on_done(struct link *link, bool keep)
{
	(void)link;
	ends++;
	answered = true;
	kept = keep;
}

static void
on_failed(struct link *link, enum net_result result, const char *why)
{
	(void)link;
	ends++;
	must(result == NET_BROKEN || result == NET_GARBAGE || result == NET_ANSWER_TOO_LARGE,
	        "it fails as an answer can");
	must(why != NULL && why[0] != '\0', "and says why");
}

static void
read_on(struct link *link)
{
	for (size_t i = 0; i < MAX_ANSWER * 64 && ends == 0; i++)
		link_ready(&link->wire, EPOLLIN);
	must(ends == 1, "an answer ends once");
}

static void
check_answer(const struct net_call *call, struct arena *arena)
{
	struct ocpi_envelope envelope;
	struct fault fault;

	must(call->status >= 200 && call->status <= 999, "the status is a final one");
	must(call->answer.len <= MAX_ANSWER, "the body is within its bound");
	for (size_t i = 0; i < NET_ANSWER_HEADERS; i++)
		for (size_t at = 0; at < call->header[i].len; at++)
			must(call->header[i].p[at] != '\n', "no header has a line end");
	if (ocpi_envelope_read(call->answer, MAX_NODES, arena, &envelope, &fault) != RH_OK)
		must(fault.err != RH_OK && fault.why[0] != '\0', "a refused envelope has a reason");
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static const char *const methods[] = { "GET", "HEAD", "PUT", "POST" };
	struct arena *arena = arena_new(1024);
	struct net_client client = { .headers = { STR("Link"), STR("Retry-After") },
		.header_count = 2 };
	struct pool pool = { .client = &client, .host = STR("party.example") };
	struct net_call call = {
		.target = STR("/2.2.1"), .max_answer = MAX_ANSWER, .arena = arena
	};
	struct link link = { .pool = &pool, .call = &call, .done = on_done, .failed = on_failed };
	uint8_t ways = size > 0 ? bytes[0] : 0;

	call.method = str_of(methods[ways & 3]);
	piece = ways < 64 ? WIRE_RECORD_BYTES : (size_t)(ways >> 2) - 15;
	input = input_of(bytes + (size > 0), size - (size > 0));
	ends = 0, answered = false, kept = false;
	link.exchange = exchange_new();
	link_begin(&link);
	read_on(&link);
	if (answered)
		check_answer(&call, arena);
	must(!kept || input.len == 0 || piece < WIRE_RECORD_BYTES,
	        "what follows an answer is nobody's");
	exchange_free(link.exchange);
	arena_free(arena);
	return 0;
}
