/* The guard: one pass over a request's head, a pure function. What is ambiguous is refused, not
 * interpreted.
 *
 * The parser before us ends a line at a bare LF, glues folded lines onto the header's name and cuts
 * a value at a NUL, all without a word. Each of these leaves a gap, or none, where CR LF should lie
 * between two lines of the buffer: comparing the pointers finds what looking at the strings cannot.
 */
#include "guard.h"

#include "bytes.h"

#include <assert.h>
#include <string.h>

enum { SINGLES = 4 };
enum single { HOST, CONTENT_LENGTH, TRANSFER_ENCODING, AUTHORIZATION };

static const struct str single_names[SINGLES] = {
	[HOST] = { "Host", 4 },
	[CONTENT_LENGTH] = { "Content-Length", 14 },
	[TRANSFER_ENCODING] = { "Transfer-Encoding", 17 },
	[AUTHORIZATION] = { "Authorization", 13 },
};

/* Most headers of a request share their length and first letter with none that is wanted. */
static unsigned
slot_of(struct str name)
{
	unsigned letter = name.len == 0 ? 0 : (unsigned char)name.p[0] | 0x20u;

	return (unsigned)(name.len * 5 + letter) % GUARD_SLOTS;
}

static void
add_name(struct guard_names *names, struct str name, unsigned index, bool single)
{
	unsigned slot = slot_of(name), at = ++names->count;

	names->entry[at] = (struct guard_name){
		.name = name, .index = index, .single = single, .next = names->first[slot]
	};
	names->first[slot] = (unsigned char)at;
}

void
guard_names_init(struct guard_names *names, const char *const *wanted)
{
	*names = (struct guard_names){ 0 };
	for (unsigned i = 0; i < SINGLES; i++)
		add_name(names, single_names[i], i, true);
	for (unsigned i = 0; wanted[i] != NULL; i++) {
		assert(i < NET_REQUEST_HEADERS);
		add_name(names, str_of(wanted[i]), i, false);
		names->entry[names->count].list = str_ieq(str_of(wanted[i]), STR("Via"));
	}
}

void
guard_names_many(struct guard_names *names, struct str name)
{
	if (name.p == NULL)
		return;
	add_name(names, name, 0, false);
	names->entry[names->count].many = true;
}

static bool
is_control(char byte, char allowed)
{
	unsigned char c = (unsigned char)byte;

	return (c < ' ' && byte != allowed) || c == 0x7f;
}

/* What is allowed is rare: byte by byte a word alone is looked at that has it, or worse. */
static bool
has_control(struct str s, char allowed)
{
	for (size_t i = 0; i < s.len; i += WORD) {
		uint64_t word = word_at(s.p + i, s.len - i);
		size_t end = s.len - i < WORD ? s.len : i + WORD;

		if ((word_below(word, ' ') | word_has(word, 0x7f)) == 0)
			continue;
		for (size_t at = i; at < end; at++)
			if (is_control(s.p[at], allowed))
				return true;
	}
	return false;
}

static bool
lines_touch(const struct guard_head *head)
{
	uintptr_t at = (uintptr_t)head->version.p + head->version.len;

	if ((uintptr_t)head->method.p + head->method.len + 1 != (uintptr_t)head->target_at)
		return false;
	if ((uintptr_t)head->target_at + head->target.len + 1 != (uintptr_t)head->version.p)
		return false;
	for (size_t i = 0; i < head->count; i++) {
		if (at + 2 != (uintptr_t)head->headers[i].name.p)
			return false;
		at = (uintptr_t)head->headers[i].value.p + head->headers[i].value.len;
	}
	return at + 4 == (uintptr_t)head->end;
}

static enum rh_err
check_target(struct str target, struct guard_found *found, struct fault *fault)
{
	struct str rest;

	if (target.len > GUARD_MAX_TARGET)
		return fault_set(fault, RH_URL_TOO_LONG, "", "target is longer than %d bytes",
		        GUARD_MAX_TARGET);
	if (target.len > 0 && memchr(target.p, ' ', target.len) != NULL)
		return fault_set(fault, RH_BAD_HTTP, "", "target contains a space");
	if (has_control(target, ' '))
		return fault_set(fault, RH_BAD_HTTP, "", "target contains a control character");
	found->target = target;
	if (str_starts(target, "/") || str_is(target, "*"))
		return RH_OK;
	if (str_starts(target, "http://") || str_starts(target, "https://")) {
		rest = str_from(target, str_starts(target, "http://") ? 7 : 8);
		while (rest.len > 0 && rest.p[0] != '/' && rest.p[0] != '?')
			rest = str_from(rest, 1);
		found->target = rest.len == 0 ? STR("/") : rest;
		if (rest.len == 0 || rest.p[0] == '/')
			return RH_OK;
	}
	return fault_set(
	        fault, RH_BAD_HTTP, "", "target must be a path or an absolute URL with one");
}

static enum rh_err
check_line(const struct guard_head *head, struct fault *fault)
{
	if (!str_is_token(head->method) || head->method.len > 32)
		return fault_set(fault, RH_BAD_HTTP, "", "method is not a token");
	if (!str_is(head->version, "HTTP/1.1") && !str_is(head->version, "HTTP/1.0"))
		return fault_set(fault, RH_BAD_HTTP, "", "HTTP version must be 1.0 or 1.1");
	if (head->count > GUARD_MAX_HEADERS)
		return fault_set(
		        fault, RH_HEADERS_TOO_LARGE, "", "more than %d headers", GUARD_MAX_HEADERS);
	if (head->end != NULL && (uintptr_t)head->end - (uintptr_t)head->method.p > GUARD_MAX_HEAD)
		return fault_set(fault, RH_HEADERS_TOO_LARGE, "", "head is larger than %d bytes",
		        GUARD_MAX_HEAD);
	return RH_OK;
}

/* Remember the value of a header that may come only once. */
static enum rh_err
take(struct str *slot, const struct net_header *header, struct fault *fault)
{
	if (slot->p != NULL)
		return fault_set(
		        fault, RH_BAD_HTTP, "", "header %.*s comes twice", STR_ARG(header->name));
	*slot = str_trim(header->value);
	return RH_OK;
}

static void
keep_line(struct guard_found *found, struct str value)
{
	if (found->line_count == GUARD_LINES)
		memmove(found->lines, found->lines + 1,
		        (size_t)--found->line_count * sizeof(found->lines[0]));
	found->lines[found->line_count++] = value;
}

/* The next one of that name from @at on, in its slot; 0: none. */
static unsigned
find_name(const struct guard_names *names, unsigned at, struct str name)
{
	while (at != 0 && !str_ieq(name, names->entry[at].name))
		at = names->entry[at].next;
	return at;
}

static enum rh_err
take_header(const struct net_header *header, const struct guard_names *names,
        struct str single[SINGLES], struct guard_found *found, struct fault *fault)
{
	unsigned at = find_name(names, names->first[slot_of(header->name)], header->name);

	if (at == 0 && !str_is_token(header->name)) /* those that are known are tokens */
		return fault_set(fault, RH_BAD_HTTP, "", "a header's name is not a token");
	if (has_control(header->value, '\t'))
		return fault_set(fault, RH_BAD_HTTP, "", "header %.*s contains a control character",
		        STR_ARG(header->name));
	for (; at != 0; at = find_name(names, names->entry[at].next, header->name)) {
		const struct guard_name *entry = &names->entry[at];
		struct str *slot =
		        entry->single ? &single[entry->index] : &found->header[entry->index];

		if (entry->many)
			keep_line(found, header->value);
		else if (entry->list) /* proxies may add lines of their own: RFC 9110 5.3 */
			*slot = str_trim(header->value);
		else if (take(slot, header, fault) != RH_OK)
			return RH_BAD_HTTP;
	}
	return RH_OK;
}

static enum rh_err
check_framing(const struct guard_head *head, const struct str single[SINGLES],
        struct guard_found *found, struct fault *fault)
{
	struct str length = single[CONTENT_LENGTH], coding = single[TRANSFER_ENCODING];
	bool modern = str_is(head->version, "HTTP/1.1");

	if (modern && single[HOST].p == NULL)
		return fault_set(fault, RH_BAD_HTTP, "", "Host header is missing");
	if (coding.p != NULL && length.p != NULL)
		return fault_set(fault, RH_BAD_HTTP, "",
		        "both Content-Length and Transfer-Encoding are given");
	if (coding.p != NULL && !modern)
		return fault_set(fault, RH_BAD_HTTP, "", "Transfer-Encoding needs HTTP/1.1");
	if (coding.p != NULL && !str_ieq(coding, STR("chunked")))
		return fault_set(fault, RH_BAD_HTTP, "", "Transfer-Encoding must be chunked");
	found->chunked = coding.p != NULL;
	found->content_length = 0;
	if (length.p != NULL && !str_to_u64(length, INT64_MAX, &found->content_length))
		return fault_set(fault, RH_BAD_HTTP, "", "Content-Length is not a number");
	return RH_OK;
}

enum rh_err
guard_check(const struct guard_head *head, const struct guard_names *names,
        struct guard_found *found, struct fault *fault)
{
	struct str single[SINGLES] = { 0 };
	enum rh_err err = check_line(head, fault);

	*found = (struct guard_found){ 0 };
	if (err == RH_OK)
		err = check_target(head->target, found, fault);
	for (size_t i = 0; err == RH_OK && i < head->count; i++)
		err = take_header(&head->headers[i], names, single, found, fault);
	if (err == RH_OK)
		err = check_framing(head, single, found, fault);
	if (err == RH_OK && head->end != NULL && !lines_touch(head))
		return fault_set(fault, RH_BAD_HTTP, "",
		        "a line of the head is folded, ends without CR LF or contains NUL");
	return err;
}

static bool
is_wanted(const struct guard_names *names, struct str name)
{
	for (unsigned at = names->first[slot_of(name)]; at != 0; at = names->entry[at].next)
		if (str_ieq(name, names->entry[at].name))
			return true;
	return false;
}

bool
guard_trailers(const struct net_header *lines, size_t count, const char *from,
        const struct guard_names *names)
{
	uintptr_t due = 0; /* where the next line starts */

	for (size_t i = 0; i < count; i++) {
		struct str name = lines[i].name, value = lines[i].value;

		if ((uintptr_t)name.p < (uintptr_t)from)
			continue;
		if (!str_is_token(name) || has_control(value, '\t') || is_wanted(names, name) ||
		        str_ieq(name, STR("Connection")) || str_ieq(name, STR("Content-Encoding")))
			return false;
		if (due != 0 && due != (uintptr_t)name.p)
			return false; /* between them is more than CR LF, or less */
		due = (uintptr_t)value.p + value.len + 2;
	}
	return true;
}
