/* The framing of chunked bodies, see chunk.h. RFC 9112 section 7.1. */
#include "chunk.h"

#include <string.h>

static bool
cut_crlf(struct str *text)
{
	if (!str_starts(*text, "\r\n"))
		return false;
	*text = str_from(*text, 2);
	return true;
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool
is_control(char c)
{
	return ((unsigned char)c < ' ' && c != '\t') || c == 0x7f;
}

/* chunk-size [ chunk-ext ] CRLF; that the size fits the library has found out. */
static bool
cut_size(struct str *text, uint64_t *size)
{
	size_t at = 0;

	for (*size = 0; at < text->len && hex_value(text->p[at]) >= 0; at++)
		*size = *size * 16 + (uint64_t)hex_value(text->p[at]);
	if (at == 0)
		return false;
	if (at < text->len && text->p[at] == ';')
		while (at < text->len && !is_control(text->p[at]))
			at++;
	*text = str_from(*text, at);
	return cut_crlf(text);
}

static void
note_behind(struct chunked *chunked, const char *end, uint64_t run)
{
	chunked->end = end;
	chunked->run = run;
	chunked->between = false;
	memcpy(chunked->behind, end, CHUNK_NOTE);
}

/* Behind the buffer lie the library's records of the head's lines, two at least, so that the note
 * stays within its memory. */
void
chunk_begin(struct chunked *chunked, const char *buffer, uint64_t run, bool sealed)
{
	*chunked = (struct chunked){ .buffer = buffer, .sealed = sealed };
	list_init(&chunked->node);
	note_behind(chunked, buffer, run);
}

/* What stands before a piece. The end of the chunk before may have come in an earlier run. */
static bool
framing_good(struct chunked *chunked, struct str framing, bool same_run)
{
	bool crlf = chunked->pieces && cut_crlf(&framing);

	return (crlf || !chunked->pieces || !same_run) && cut_size(&framing, &chunked->left) &&
	       framing.len == 0;
}

/* A chunk begins, and its framing was consumed without a piece behind it: with the last piece, or
 * with bytes of their own that were judged when they came. */
static bool
unseen_good(struct chunked *chunked)
{
	struct str text = { chunked->behind, CHUNK_NOTE };

	if (chunked->sealed || chunked->between) {
		chunked->left = CHUNK_UNKNOWN;
		return true;
	}
	return (!chunked->pieces || cut_crlf(&text)) && cut_size(&text, &chunked->left);
}

bool
chunk_piece(struct chunked *chunked, struct str piece, uint64_t run)
{
	bool same_run = run == chunked->run && piece.p >= chunked->end, good = true;
	const char *from = same_run ? chunked->end : chunked->buffer;

	if (chunked->bad || (uintptr_t)piece.p < (uintptr_t)from)
		return false;
	if (piece.p > from)
		good = framing_good(
		        chunked, (struct str){ from, (size_t)(piece.p - from) }, same_run);
	else if (chunked->left == 0)
		good = unseen_good(chunked);
	if (chunked->left != CHUNK_UNKNOWN)
		chunked->left -= piece.len < chunked->left ? piece.len : chunked->left;
	chunked->pieces = true;
	note_behind(chunked, piece.p + piece.len, run);
	return good;
}

/* Could what was noted behind the last piece, or its start, be a line that stops before its LF? */
static bool
may_lack_lf(const struct chunked *chunked)
{
	struct str text = { chunked->behind, CHUNK_NOTE };
	size_t at = 0;

	if (chunked->pieces && text.p[0] == '\r' && text.p[1] != '\n')
		return true;
	if (chunked->pieces && !cut_crlf(&text))
		return false;
	while (at < text.len && text.p[at] != '\r' && !is_control(text.p[at]))
		at++;
	return at < text.len && text.p[at] == '\r';
}

/* Lines that came without a piece. */
static bool
lines_good(struct chunked *chunked)
{
	struct str text = { chunked->ahead, chunked->ahead_len };
	char before = chunked->between ? chunked->last : may_lack_lf(chunked) ? '\r' : ' ';

	for (size_t i = 0; i < text.len; before = text.p[i++]) {
		if ((text.p[i] == '\n') != (before == '\r') && (i > 0 || text.p[i] == '\n'))
			return false;
		if (text.p[i] != '\n' && text.p[i] != '\r' && is_control(text.p[i]))
			return false;
		if (i >= 3 && memcmp(text.p + i - 3, "\r\n\r\n", 4) == 0)
			return true; /* what follows is the next request */
	}
	chunked->between = chunked->between || text.len > 0;
	chunked->last = chunked->ahead_len < CHUNK_NOTE ? before : '\r'; /* the rest is not noted */
	return true;
}

void
chunk_ahead(struct chunked *chunked, const char *bytes, size_t len, uint64_t run)
{
	struct str before = { chunked->ahead, chunked->ahead_len };
	bool consumed = len < before.len || memcmp(bytes, before.p, before.len) != 0;

	if (consumed && chunked->ahead_run > chunked->run && !lines_good(chunked))
		chunked->bad = true;
	chunked->ahead_len = len < CHUNK_NOTE ? len : CHUNK_NOTE;
	memcpy(chunked->ahead, bytes, chunked->ahead_len);
	chunked->ahead_run = run;
}

/* The last chunk and what follows it, to its very end. */
static bool
is_tail(struct str text, bool crlf_due)
{
	uint64_t size;

	if ((crlf_due && !cut_crlf(&text)) || !cut_size(&text, &size) || size != 0)
		return false;
	while (!cut_crlf(&text)) { /* trailers */
		size_t at = 0;

		while (at < text.len && !is_control(text.p[at]))
			at++;
		text = str_from(text, at);
		if (at == 0 || !cut_crlf(&text))
			return false;
	}
	return true; /* what follows is the next request */
}

/* Does the empty line stand in it? Then what follows is the next request, however long it is. */
static bool
has_end(struct str ahead)
{
	return str_starts(ahead, "\r\n") || memmem(ahead.p, ahead.len, "\r\n\r\n", 4) != NULL;
}

/* It came in a run of its own: behind some of what was noted, nobody knows how much of it. */
static bool
parted_tail_good(struct chunked *chunked)
{
	struct str ahead = { chunked->ahead, chunked->ahead_len };
	char tail[2 * CHUNK_NOTE];

	if (chunked->between || (ahead.len == CHUNK_NOTE && !has_end(ahead)))
		return lines_good(chunked);
	memcpy(tail, chunked->behind, CHUNK_NOTE);
	for (size_t noted = 0; noted < CHUNK_NOTE; noted++) {
		memcpy(tail + noted, chunked->ahead, chunked->ahead_len);
		if (is_tail((struct str){ tail, noted + chunked->ahead_len }, chunked->pieces))
			return true;
		tail[noted] = chunked->behind[noted];
	}
	return false;
}

bool
chunk_end(struct chunked *chunked, uint64_t run)
{
	struct str text = { chunked->behind, CHUNK_NOTE };
	uint64_t size;

	if (chunked->bad)
		return false;
	if (chunked->run != run)
		return chunked->sealed || chunked->ahead_run != run || parted_tail_good(chunked);
	if (chunked->pieces && !cut_crlf(&text))
		return false;
	return cut_size(&text, &size) && size == 0;
}
