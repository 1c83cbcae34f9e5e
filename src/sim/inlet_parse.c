/* inlet_parse: request line, headers and Content-Length.
 * Chunked bodies are refused: a platform that we simulate is called by hubs, and hubs know the
 * length. */
#include "inlet_parse.h"

#include <string.h>

static bool
read_header(struct str line, struct inlet_head *head, const char **why)
{
	struct net_header *header = &head->headers[head->header_count];
	uint64_t length;

	if (head->header_count == INLET_HEADERS) {
		*why = "too many headers";
		return false;
	}
	header->name = str_cut(&line, ':');
	header->value = str_trim(line);
	if (line.p == NULL || header->name.len == 0) {
		*why = "a header line without a name and a colon";
		return false;
	}
	head->header_count++;
	if (str_ieq(header->name, STR("Transfer-Encoding"))) {
		*why = "Transfer-Encoding is not supported: send a Content-Length";
		return false;
	}
	if (str_ieq(header->name, STR("Expect")))
		head->expects_continue = str_ieq(header->value, STR("100-continue"));
	if (!str_ieq(header->name, STR("Content-Length")))
		return true;
	if (!str_to_u64(header->value, SIZE_MAX / 4, &length)) {
		*why = "Content-Length is not a number";
		return false;
	}
	head->body_bytes = (size_t)length;
	return true;
}

static struct str
cut_line(struct str *rest)
{
	struct str line = str_cut(rest, '\n');

	if (line.len > 0 && line.p[line.len - 1] == '\r')
		line.len--;
	return line;
}

bool
inlet_head_read(struct str text, struct inlet_head *head, const char **why)
{
	const char *end = text.len == 0 ? NULL : memmem(text.p, text.len, "\r\n\r\n", 4);
	struct str rest, line;

	*why = NULL;
	*head = (struct inlet_head){ 0 };
	if (end == NULL) {
		if (text.len > INLET_HEAD_BYTES)
			*why = "the head is too long";
		return false;
	}
	rest = (struct str){ text.p, (size_t)(end - text.p) };
	head->bytes = rest.len + 4;
	line = cut_line(&rest);
	head->method = str_cut(&line, ' ');
	head->target = str_cut(&line, ' ');
	if (head->target.len == 0 || head->target.p[0] != '/' || !str_starts(line, "HTTP/1.")) {
		*why = "the first line is not a request line";
		return false;
	}
	while (rest.p != NULL)
		if (!read_header(cut_line(&rest), head, why))
			return false;
	return true;
}

void
inlet_copy(const struct inlet_head *head, struct str text, struct inlet_request *request)
{
	struct net_header *headers =
	        arena_alloc(request->arena, (head->header_count + 1) * sizeof(*headers));

	for (size_t i = 0; i < head->header_count; i++)
		headers[i] = (struct net_header){ arena_str(request->arena, head->headers[i].name),
			arena_str(request->arena, head->headers[i].value) };
	request->headers = headers;
	request->header_count = head->header_count;
	request->method = arena_str(request->arena, head->method);
	request->target = arena_str(request->arena, head->target);
	request->body =
	        arena_str(request->arena, (struct str){ text.p + head->bytes, head->body_bytes });
}
