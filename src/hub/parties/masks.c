/* masks: what a partner says may hold a token. */
#include "masks.h"

#include <string.h>

enum {
	LEAST = 4, /* bytes of a secret: stars for less hide nothing, and spoil every text */
	KNOWN = 16 /* by so many it is known where it was cut */
};

/* So much of @secret stands at @text. */
static size_t
same_bytes(struct str text, struct str secret)
{
	size_t len = 0;

	while (len < text.len && len < secret.len && text.p[len] == secret.p[len])
		len++;
	return len;
}

static void
hide(struct str text, struct str secret)
{
	size_t known = secret.len < KNOWN ? secret.len : KNOWN, len;
	char *found;

	while (secret.p != NULL && secret.len >= LEAST && text.len >= known &&
	        (found = memmem(text.p, text.len, secret.p, known)) != NULL) {
		text = str_from(text, (size_t)(found - text.p));
		len = same_bytes(text, secret);
		memset(found, '*', len);
		text = str_from(text, len);
	}
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

static size_t
skip(struct str text, size_t at, const char *set)
{
	while (at < text.len && text.p[at] != '\0' && strchr(set, text.p[at]) != NULL)
		at++;
	return at;
}

static void
hide_value(struct str text, size_t at)
{
	static const char ends[] = "\"'\\ ,;&}<>";

	for (; at < text.len && (text.p[at] == '\0' || strchr(ends, text.p[at]) == NULL); at++)
		((char *)(uintptr_t)text.p)[at] = '*';
}

static void
hide_named(struct str text)
{
	static const char name[] = "token";
	size_t len = sizeof name - 1;

	for (size_t i = 0; i + len < text.len; i++) {
		size_t sign = i + len, value;

		if (strncasecmp(text.p + i, name, len) != 0)
			continue;
		sign = skip(text, sign, "\"'\\ ");
		if (sign == text.len || (text.p[sign] != ':' && text.p[sign] != '='))
			continue;
		value = skip(text, sign + 1, "\"'\\ ");
		/* in "token: not known" a sentence goes on */
		if (text.p[sign] == '=' || text.p[value - 1] == '"' || text.p[value - 1] == '\'')
			hide_value(text, value);
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
