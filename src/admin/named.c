/* named: the tokens of people and programs, a line each in admin.tokens_file: NAME:ROLE:DIGEST.
 *
 * The digest is keyed by the hub's key file and covers name and role with the token: who may write
 * the file and nothing else can neither make a token nor a viewer an admin. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "inside.h"

enum { FILE_MAX = 65536, MOST_NAMED = 256, DIGEST_CHARS = 2 * RH_DIGEST_BYTES };

struct admin_tokens {
	size_t count;
	struct admin_named each[MOST_NAMED];
};

struct reading {
	struct admin_tokens *tokens;
	const char *path;
	int line;
	bool faulty;
	void (*tell)(void *ctx, const char *message);
	void *ctx;
};

static void PRINTF_LIKE(2, 3) complain(struct reading *reading, const char *fmt, ...)
{
	struct buf message = { 0 };
	char why[256];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(why, sizeof why, fmt, args);
	va_end(args);
	buf_printf(&message, "%s:", reading->path);
	if (reading->line > 0)
		buf_printf(&message, "%d:", reading->line);
	buf_printf(&message, " %s", why);
	reading->tell(reading->ctx, message.p);
	reading->faulty = true;
	buf_free(&message);
}

/* ---- one line ---- */

static bool
is_of_name(char c)
{
	return isalnum((unsigned char)c) != 0 || c == '-' || c == '.' || c == '_' || c == '@';
}

bool
named_name_good(struct str name)
{
	for (size_t i = 0; i < name.len; i++)
		if (!is_of_name(name.p[i]))
			return false;
	return name.len > 0 && name.len < sizeof((struct admin_named *)NULL)->name;
}

bool
named_role(struct str role, bool *viewer)
{
	*viewer = str_is(role, "viewer");
	return *viewer || str_is(role, "admin");
}

static int
digit_of(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

struct str
named_digest_text(const uint8_t digest[RH_DIGEST_BYTES], struct arena *arena)
{
	struct buf text = { .arena = arena };

	for (size_t i = 0; i < RH_DIGEST_BYTES; i++)
		buf_printf(&text, "%02x", digest[i]);
	return buf_str(&text);
}

bool
named_digest_read(struct str text, uint8_t out[RH_DIGEST_BYTES])
{
	for (size_t i = 0; text.len == DIGEST_CHARS && i < text.len; i++) {
		int digit = digit_of(text.p[i]);

		if (digit < 0)
			return false;
		out[i / 2] = (uint8_t)(i % 2 == 0 ? digit << 4 : out[i / 2] | digit);
	}
	return text.len == DIGEST_CHARS;
}

static bool
is_taken(const struct admin_tokens *tokens, struct str name)
{
	for (size_t i = 0; i < tokens->count; i++)
		if (str_is(name, tokens->each[i].name))
			return true;
	return false;
}

static bool
read_parts(struct reading *reading, struct str line, struct admin_named *out)
{
	struct str name = str_cut(&line, ':'), role = str_cut(&line, ':');

	if (!named_name_good(name))
		complain(reading, "expected NAME:ROLE:DIGEST, with a name of 1 to 32 letters, "
		                  "digits and -._@");
	else if (str_is(name, "local"))
		complain(reading, "local is the token of admin.token_file, expected another name");
	else if (is_taken(reading->tokens, name))
		complain(reading, "%.*s has a line already", STR_ARG(name));
	else if (!named_role(role, &out->viewer))
		complain(reading, "'%.*s' is no role, expected admin or viewer",
		        (int)(role.len < 40 ? role.len : 40), role.p != NULL ? role.p : "");
	else if (!named_digest_read(line, out->digest))
		complain(reading,
		        "expected a digest of %d characters, as roamhubctl admin token prints it",
		        DIGEST_CHARS);
	else
		return true;
	return false;
}

static void
read_line(struct reading *reading, struct str line)
{
	struct admin_tokens *tokens = reading->tokens;
	struct admin_named named = { 0 };
	struct str name = line;

	if (line.len == 0 || line.p[0] == '#' || !read_parts(reading, line, &named))
		return;
	if (tokens->count == MOST_NAMED) {
		complain(reading, "more than %d tokens", MOST_NAMED);
		return;
	}
	name = str_cut(&name, ':');
	memcpy(named.name, name.p, name.len);
	tokens->each[tokens->count++] = named;
}

/* ---- the file ---- */

static bool
may_be_read(struct reading *reading, int fd)
{
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0)
		complain(reading, "cannot be read: %s", strerror(errno));
	else if (!S_ISREG(st.st_mode))
		complain(reading, "is no file");
	else if ((st.st_mode & 0137) != 0)
		complain(reading, "has mode %04o, expected 0600, or 0640 for a group that may read",
		        (unsigned)st.st_mode & 07777u);
	else if (st.st_size > FILE_MAX)
		complain(reading, "is larger than %d bytes", FILE_MAX);
	else
		return true;
	return false;
}

static void
read_lines(struct reading *reading, struct str text)
{
	while (text.len > 0) {
		struct str line = str_cut(&text, '\n');

		reading->line++;
		if (line.len > 0 && line.p[line.len - 1] == '\r')
			line.len--;
		read_line(reading, str_trim(line));
	}
}

static void
read_file(struct reading *reading)
{
	int fd = open(reading->path, O_RDONLY | O_CLOEXEC);
	char *text = rh_alloc(FILE_MAX);
	ssize_t len;

	if (may_be_read(reading, fd)) {
		len = read(fd, text, FILE_MAX);
		if (len < 0)
			complain(reading, "cannot be read: %s", strerror(errno));
		else
			read_lines(reading, (struct str){ text, (size_t)len });
	}
	if (fd >= 0)
		(void)close(fd);
	free(text);
}

struct admin_tokens *
admin_tokens_read(const char *path, void (*tell)(void *ctx, const char *message), void *ctx)
{
	struct reading reading = {
		.tokens = rh_alloc(sizeof *reading.tokens), .path = path, .tell = tell, .ctx = ctx
	};

	if (path != NULL)
		read_file(&reading);
	if (!reading.faulty)
		return reading.tokens;
	admin_tokens_free(reading.tokens);
	return NULL;
}

void
admin_tokens_free(struct admin_tokens *tokens)
{
	free(tokens);
}

bool
admin_take_tokens(struct admin *admin, struct admin_tokens **tokens)
{
	struct admin_tokens *fresh = *tokens;
	bool differ =
	        admin->named == NULL || fresh->count != admin->named->count ||
	        memcmp(fresh->each, admin->named->each, fresh->count * sizeof *fresh->each) != 0;

	*tokens = NULL;
	admin_tokens_free(admin->named);
	admin->named = fresh;
	return differ;
}

/* ---- whose token ---- */

void
named_digest(const struct hub *hub, const struct admin_named *named, struct str token,
        uint8_t out[RH_DIGEST_BYTES])
{
	CLEANUP(buf_free) struct buf text = { 0 };

	/* No token of a partner has a line feed, so none of them has such a digest. */
	buf_printf(&text, "admin\n%s\n%s\n", named->name, named->viewer ? "viewer" : "admin");
	buf_add(&text, token);
	hub_digest(hub, buf_str(&text), out);
	rh_wipe(text.p, text.len);
}

/* All are looked at, so that the time tells nothing. */
const struct admin_named *
named_find(const struct admin_tokens *tokens, const struct hub *hub, struct str token)
{
	const struct admin_named *found = NULL;
	uint8_t digest[RH_DIGEST_BYTES];

	for (size_t i = 0; tokens != NULL && i < tokens->count; i++) {
		named_digest(hub, &tokens->each[i], token, digest);
		if (rh_same_bytes(digest, tokens->each[i].digest, sizeof digest))
			found = &tokens->each[i];
	}
	return found;
}

const struct admin_named *
named_of(const struct admin_tokens *tokens, const char *name)
{
	for (size_t i = 0; tokens != NULL && i < tokens->count; i++)
		if (strcmp(tokens->each[i].name, name) == 0)
			return &tokens->each[i];
	return NULL;
}
