/* masks: what a partner says may hold a token. */
#include "masks.h"

#include <string.h>

#define UNQUOTED (SIZE_MAX / 2) /* any quote ends it */

enum {
	LEAST = 4, /* bytes of a secret: stars for less hide nothing, and spoil every text */
	KNOWN = 16 /* by so many it is known where it was cut */
};

/* ---- a secret, also in the escapes of JSON: "a\/b", "a\u002Fb", and of JSON in JSON ---- */

static size_t
backslashes(struct str text, size_t at)
{
	size_t first = at;

	while (at < text.len && text.p[at] == '\\')
		at++;
	return at - first;
}

/* "uXXXX" at @text is this byte. */
static bool
is_code(struct str text, char byte)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char code = (unsigned char)byte;

	return text.len >= 5 && text.p[0] == 'u' && text.p[1] == '0' && text.p[2] == '0' &&
	       text.p[3] == digits[code >> 4] && (text.p[4] | 0x20) == (digits[code & 15] | 0x20);
}

/* How many bytes of @text spell this one; 0 when another stands there. */
static size_t
spelling(struct str text, char byte)
{
	size_t run = backslashes(text, 0);

	if (run > 0 && is_code(str_from(text, run), byte))
		return run + 5;
	if (text.len > 0 && text.p[0] == byte)
		return 1;
	return run > 0 && run < text.len && text.p[run] == byte ? run + 1 : 0;
}

/* So many bytes of @text spell @secret, if @known of its bytes stand there. */
static size_t
spelled(struct str text, struct str secret, size_t known)
{
	size_t at = 0, len, i;

	for (i = 0; i < secret.len; i++, at += len) {
		len = spelling(str_from(text, at), secret.p[i]);
		if (len == 0)
			break;
	}
	return i >= known ? at : 0;
}

/* Where @secret begins in @text. From within a run of backslashes nothing is found that is not from
 * its first. */
static size_t
found_at(struct str text, struct str secret, size_t known, bool escapes)
{
	const char *found;
	size_t at = 0;

	if (!escapes) {
		found = memmem(text.p, text.len, secret.p, known);
		return found != NULL ? (size_t)(found - text.p) : text.len;
	}
	while (at < text.len && spelled(str_from(text, at), secret, known) == 0)
		at += text.p[at] == '\\' ? backslashes(text, at) : 1;
	return at;
}

bool
masks_blot(struct str text, struct str secret, size_t known)
{
	bool escapes = text.len > 0 && memchr(text.p, '\\', text.len) != NULL, hidden = false;

	while (known > 0 && text.len >= known) {
		size_t len;

		text = str_from(text, found_at(text, secret, known, escapes));
		if (text.len == 0)
			break;
		len = spelled(text, secret, known);
		memset((char *)(uintptr_t)text.p, '*', len);
		text = str_from(text, len);
		hidden = true;
	}
	return hidden;
}

static void
hide(struct str text, struct str secret)
{
	if (secret.p != NULL && secret.len >= LEAST)
		(void)masks_blot(text, secret, secret.len < KNOWN ? secret.len : KNOWN);
}

/* Padding may be missing, and the rest of what was encoded with it may follow. */
static void
hide_encoded(struct str text, struct str secret, struct arena *arena)
{
	struct str encoded;

	if (secret.p == NULL || secret.len < LEAST)
		return;
	encoded = rh_base64(secret, arena);
	while (encoded.len > 0 && encoded.p[encoded.len - 1] == '=')
		encoded.len--;
	hide(text, encoded);
}

/* ---- what is named like a token: "token": "...", token=..., \"token\":\"...\" ---- */

/* The bytes of a quote that stands behind @run backslashes. */
static size_t
quote_len(struct str text, size_t run)
{
	text = str_from(text, run);
	if (text.len > 0 && (text.p[0] == '"' || text.p[0] == '\''))
		return 1;
	return run > 0 && (is_code(text, '"') || is_code(text, '\'')) ? 5 : 0;
}

/* Behind spaces and quotes. @depth: the backslashes before the last quote, if there is one. */
static size_t
skip_quotes(struct str text, size_t at, size_t *depth)
{
	size_t run, len;

	for (;;) {
		while (at < text.len && text.p[at] == ' ')
			at++;
		run = backslashes(text, at);
		len = quote_len(str_from(text, at), run);
		if (len == 0)
			return at;
		*depth = run;
		at += run + len;
	}
}

/* In a string with @depth backslashes before its quotes each backslash of its text is written as
 * @depth + 1 of them. */
static bool
closes(size_t run, size_t depth)
{
	return run < depth || (run - depth) / (depth + 1) % 2 == 0;
}

static void
hide_value(struct str text, size_t at, size_t depth)
{
	static const char ends[] = " ,;&}<>";
	char *bytes = (char *)(uintptr_t)text.p;

	while (at < text.len) {
		size_t run = backslashes(text, at), len = run < text.len - at ? run + 1 : run;

		if (quote_len(str_from(text, at), run) > 0 && closes(run, depth)) {
			memset(bytes + at, '*', run > depth ? run - depth : 0);
			return;
		}
		if (run == 0 && bytes[at] != '\0' && strchr(ends, bytes[at]) != NULL)
			return;
		memset(bytes + at, '*', len);
		at += len;
	}
}

static void
hide_named(struct str text)
{
	static const char name[] = "token";
	size_t len = sizeof name - 1;

	for (size_t i = 0; i + len < text.len; i++) {
		size_t depth = UNQUOTED, sign, value;

		if (strncasecmp(text.p + i, name, len) != 0)
			continue;
		sign = skip_quotes(text, i + len, &depth);
		if (sign == text.len || (text.p[sign] != ':' && text.p[sign] != '='))
			continue;
		depth = UNQUOTED;
		value = skip_quotes(text, sign + 1, &depth);
		/* in "token: not known" a sentence goes on */
		if (text.p[sign] == '=' || depth != UNQUOTED)
			hide_value(text, value, depth);
	}
}

struct str
masks_hide(struct str text, const struct str *secrets, size_t count, struct arena *arena)
{
	struct str copy = arena_str(arena, text);

	for (size_t i = 0; copy.len > 0 && i < count; i++) {
		hide(copy, secrets[i]);
		hide_encoded(copy, secrets[i], arena);
	}
	if (copy.len > 0)
		hide_named(copy);
	return copy;
}
